/*
 * Batches in the plainest form of Arrow, which every reader understands and the IPC writer can
 * hold: dictionaries and run ends become their values, views of text and lists become offsets,
 * slices become whole arrays. Columns that are so already are passed on as they are, not copied.
 */
#ifndef GBX_RESULT_PLAIN_PRIV_H
#define GBX_RESULT_PLAIN_PRIV_H

#include "result/column.h"

/* The schema of such batches, in the arena. */
gbx_status result_plain_schema(gbx__arena *arena, const struct ArrowSchema *schema,
                               struct ArrowSchema *out, gbx_error *err);

typedef struct result_plain result_plain;

/* One maker for a stream; `columns` are bound by it. */
gbx_status result_plain_open(gbx__arena *arena, gbx__column *columns, size_t n_columns,
                             result_plain **out, gbx_error *err);
/* The first n_rows of a batch; *out is valid until the next call and never released. */
gbx_status result_plain_batch(result_plain *plain, const struct ArrowArray *batch, int64_t n_rows,
                              const struct ArrowArray **out, gbx_error *err);
void result_plain_done(result_plain *plain);

#endif
