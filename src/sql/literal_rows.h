/*
 * VALUES (1, 'a'), (2, 'b'), … with many rows of plain literals: lifted out of the text before it
 * is parsed, as a relation whose plan holds one list of constants for each column.
 *
 *   text   FROM (VALUES (1, 'a'), (2, NULL), …) t(x, y)
 *   bound  FROM (SELECT * FROM "gbx#values0") t(x, y)
 *   plan   unnest(cast(['1', '2', …] as list<int32>)), unnest(['a', NULL, …])
 *
 * The types are the binder's, for a VALUES of the few rows that settle them. Numbers and texts in
 * one column, columns of nothing but NULL, and what is no plain literal stay as they are.
 */
#ifndef GBX_SQL_LITERAL_ROWS_H
#define GBX_SQL_LITERAL_ROWS_H

#include "duck/duck.h"
#include "plan/plan.h"

#define GBX_LITERAL_ROWS_MIN 128
#define GBX_LITERAL_ROWS_TABLE "gbx#values"

typedef struct gbx__literal_rows {
    size_t start, end; /* of VALUES and its rows, in the user's text */
    gbx__str text;     /* that */
    gbx__str sample;   /* VALUES with the few rows that the types depend on; ends with a NUL */
    uint32_t n_cols, n_rows;
} gbx__literal_rows;

/* All such VALUES of the text, in the arena. */
gbx_status gbx__literal_rows_find(gbx__arena *arena, gbx__str text, gbx__literal_rows **out,
                                  size_t *out_n, gbx_error *err);
/* The rows as a plan of its own; *out stays NULL when their types are not those of plain
 * literals. */
gbx_status gbx__literal_rows_plan(gbx__duck_conn *conn, const gbx__literal_rows *rows,
                                  gbx_plan **out, gbx_error *err);

#endif
