/*
 * Reading Arrow IPC from files, in both of its forms:
 *
 *   stream   schema │ batch │ batch │ … │ mark
 *   file     "ARROW1" and two zeros │ such a stream │ footer │ its length │ "ARROW1"
 *
 * Bodies may be compressed, with LZ4 or zstd. The footer is not needed, as batches are read in
 * order; a file without its end is refused.
 */
#ifndef GBX_ARROW_IPC_READ_H
#define GBX_ARROW_IPC_READ_H

#include "base/error.h"
#include "gearbox/arrow.h"

#include <stdbool.h>
#include <stdint.h>

/* The heads of all messages have been looked at when this returns. CORRUPT when it is no Arrow IPC,
 * or damaged; UNSUPPORTED for files of Arrow 0.14 and before. Failures later are told by get_next:
 * EINVAL for damage, ENOTSUP for what is not supported. */
gbx_status gbx__ipc_open_file(const char *path, struct ArrowArrayStream *out, gbx_error *err);

/* What the messages' heads tell, without their bodies. */
typedef struct gbx__ipc_summary {
    int64_t n_rows; /* of all batches */
    int64_t n_batches;
} gbx__ipc_summary;

/* As above. */
gbx_status gbx__ipc_summarise_file(const char *path, gbx__ipc_summary *out, gbx_error *err);

#endif
