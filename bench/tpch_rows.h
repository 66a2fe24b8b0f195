/*
 * Rows of a query as typed text, from both sides, and whether they are the same as multisets.
 *
 * Types are compared by class: Gearbox answers int64 where DuckDB says HUGEINT (a sum of integers),
 * which is its contract; decimals have to have the same scale. Floats may differ by 1e-9 of their
 * size, since sums of them depend on the order.
 */
#ifndef GBX_BENCH_TPCH_ROWS_H
#define GBX_BENCH_TPCH_ROWS_H

#include "gearbox/gearbox.h"

#include <duckdb.h>

typedef struct tpch_rows {
    size_t n_cols, n_rows, capacity;
    char **types; /* "integer", "decimal(2)", "float", "text", "date" … */
    char **cells; /* row by row; NULL: NULL */
} tpch_rows;

void tpch_rows_done(tpch_rows *rows);
/* Takes the stream's rows and releases it. */
void tpch_rows_of_stream(struct ArrowArrayStream *stream, tpch_rows *out);
void tpch_rows_of_duckdb(duckdb_connection connection, const char *sql, tpch_rows *out);
/* NULL: the same; else the first difference, in a buffer of its own. Sorts both. */
const char *tpch_rows_compare(tpch_rows *a, tpch_rows *b);

#endif
