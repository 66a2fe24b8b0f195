/*
 * The files of a scan as one Arrow stream, one after the other. All must have the columns of the
 * first one: names, types, order.
 */
#ifndef GBX_SOURCE_CHAIN_PRIV_H
#define GBX_SOURCE_CHAIN_PRIV_H

#include "plan/scan.h"
#include "gearbox/arrow.h"

/* Opens one file. */
typedef gbx_status gbx__chain_opener(const char *path, struct ArrowArrayStream *out,
                                     gbx_error *err);

/* Opens all files to compare their columns: INVALID, naming two files and the column. */
gbx_status gbx__chain_check(const gbx__scan *scan, gbx__chain_opener *opener, gbx_error *err);
/* The scan must outlive the stream. */
gbx_status gbx__chain_open(const gbx__scan *scan, gbx__chain_opener *opener,
                           struct ArrowArrayStream *out, gbx_error *err);

#endif
