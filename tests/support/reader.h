/*
 * A resolved input as the call of DuckDB's reader that gives its rows without finding anything by
 * itself: the test of what source/ promises.
 */
#ifndef GBX_TESTS_SUPPORT_READER_H
#define GBX_TESTS_SUPPORT_READER_H

#include "source/source.h"

/* "read_csv(['a.csv'], auto_detect := false, columns := {…}, …)" */
void reader_print(gbx__buf *out, const gbx__scan *scan);

#endif
