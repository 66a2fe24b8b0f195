/*
 * Arrow batches from text, and what a writer makes of them.
 *
 *   rows r;
 *   rows_make(&r, "a=i;b=u;c=+l(item=l)", "[[1, \"x\", [1, null]], [null, \"\", []]]");
 *   assert_string_equal(rows_write(&r, &options), "a,b,c\n…");
 *   rows_done(&r);
 *
 * Columns: `name=format`, separated by ';', with the children of nested formats in (…) and the
 * values of a dictionary in {…}; formats are those of the Arrow C data interface. Values: JSON,
 * one array for each row. Integers, booleans, texts, lists and structs as arrays; decimals as
 * text; binary as hexadecimal text; float NaN and infinities as text; intervals as [months, days,
 * nanoseconds]; maps as arrays of [key, value]; unions as [type id, value]; dictionaries as the
 * index. Failures end the test.
 */
#ifndef GBX_TESTS_SUPPORT_ROWS_H
#define GBX_TESTS_SUPPORT_ROWS_H

#include "gearbox/arrow.h"
#include "result/result.h"

typedef struct rows {
    struct ArrowSchema schema;
    struct ArrowArray batch;
} rows;

void rows_make(rows *r, const char *columns, const char *values);
void rows_done(rows *r);
/* The values of a column's dictionary, as a JSON array; after rows_make. */
void rows_set_dictionary(rows *r, size_t column, const char *values);
/* Metadata of a column: an extension type. */
void rows_set_extension(rows *r, size_t column, const char *name, const char *metadata);

/* A stream that gives the batch `times` times, then ends, or fails with `errnum` when that is not
 * 0. Borrows the rows. */
void rows_stream(const rows *r, int times, int errnum, struct ArrowArrayStream *out);

/* Options of a format with everything else at its default; all rows. */
gbx__write_options rows_options(gbx__format format);
/* What is written of the batch; freed at the next call. */
const char *rows_write(const rows *r, const gbx__write_options *options);
/* The same with a stream, which is released; *len may be NULL. */
gbx_status rows_write_stream(struct ArrowArrayStream *stream, const gbx__write_options *options,
                             const char **text, size_t *len, gbx__write_stats *stats,
                             gbx_error *err);

#endif
