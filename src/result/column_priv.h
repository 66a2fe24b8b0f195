/* What the files of columns share. */
#ifndef GBX_RESULT_COLUMN_PRIV_H
#define GBX_RESULT_COLUMN_PRIV_H

#include "result/column.h"

/* The name of a column's extension type, in the words below; NULL when there is none or an unknown
 * one.
 *   uuid, json, bool8, variant, geometry, hugeint, uhugeint, time_tz, bit, bignum */
const char *result_extension(const struct ArrowSchema *schema);

#endif
