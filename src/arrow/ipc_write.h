/*
 * Writing the Arrow IPC stream format: a message with the schema, one for each batch, a mark at the
 * end. Bytes go to a function of the caller's.
 *
 *   new (writes the schema) → batch … → finish → free
 *
 * Batches must be plain: no dictionaries, no offsets in any array, columns as long as the batch;
 * UNSUPPORTED else.
 */
#ifndef GBX_ARROW_IPC_WRITE_H
#define GBX_ARROW_IPC_WRITE_H

#include "base/error.h"
#include "gearbox/arrow.h"

typedef struct gbx__ipc_writer gbx__ipc_writer;

typedef gbx_status gbx__ipc_output(void *ctx, const char *bytes, size_t len, gbx_error *err);

/* The schema is read now; `output` must work until free. */
gbx_status gbx__ipc_writer_new(const struct ArrowSchema *schema, gbx__ipc_output *output, void *ctx,
                               gbx__ipc_writer **out, gbx_error *err);
gbx_status gbx__ipc_writer_batch(gbx__ipc_writer *writer, const struct ArrowArray *batch,
                                 gbx_error *err);
gbx_status gbx__ipc_writer_finish(gbx__ipc_writer *writer, gbx_error *err);
void gbx__ipc_writer_free(gbx__ipc_writer *writer);

#endif
