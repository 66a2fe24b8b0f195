/*
 * Comparing results: each engine's rows go to a file, numbered, and the embedded engine compares
 * the files.
 *
 *   engine ─→ rows ─→ compare_spool.c: columns c0 … c<n-1>, and o, the row's number ─→ <i>.arrow
 *                                                                      │
 *              compare.c: who runs, what it means   ←── compare_sql.c: the rows without an equal
 */
#ifndef GBX_EXEC_COMPARE_PRIV_H
#define GBX_EXEC_COMPARE_PRIV_H

#include "duck/spill.h"
#include "exec/compose.h"

typedef enum gbx__compared_by {
    GBX_COMPARED_EXACTLY,
    GBX_COMPARED_AS_FLOAT, /* within the tolerance */
    GBX_COMPARED_AS_FLOAT32,
    GBX_COMPARED_AS_TEXT /* intervals: a month equals 30 days for SQL, but is another value */
} gbx__compared_by;

typedef struct gbx__compared_col {
    gbx__str label;
    gbx__str type; /* for messages */
    gbx__compared_by by;
} gbx__compared_col;

typedef struct gbx__compared_cols {
    size_t n;
    const gbx__compared_col *items;
} gbx__compared_cols;

/* Pulls `rows` to its end into a file. `out_cols` and what they hold are in the arena. */
gbx_status gbx__compare_spool(struct ArrowArrayStream *rows, const char *path, gbx__cancel *cancel,
                              gbx__arena *arena, gbx__compared_cols *out_cols, int64_t *out_rows,
                              gbx_error *err);

/* What one file is compared with. The texts are over the inputs "ref" and "other". */
typedef struct gbx__compare_request {
    gbx__compared_cols cols;
    size_t n_keys; /* columns that the rows are sorted by, as far as that shows */
    const size_t *keys;
    double tolerance;
    const char *ref_engine, *other_engine;
} gbx__compare_request;

/* One row, one int64: how many rows have no equal on the other side. */
void gbx__compare_count_sql(const gbx__compare_request *request, gbx__compose *out);
/* Those rows: "engine", then the columns. */
void gbx__compare_rows_sql(const gbx__compare_request *request, gbx__compose *out);

#endif
