/*
 * The dictionaries of an Arrow IPC schema: how many parts the message of each must have.
 */
#ifndef GBX_ARROW_IPC_SHAPE_PRIV_H
#define GBX_ARROW_IPC_SHAPE_PRIV_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gbx__ipc_dictionary gbx__ipc_dictionary;

typedef struct gbx__ipc_shape {
    gbx__ipc_dictionary *dictionaries;
    size_t n_dictionaries;
} gbx__ipc_shape;

typedef struct gbx__ipc_parts {
    uint64_t n_nodes, n_buffers;
    uint64_t n_unions; /* each had a buffer more before version 5 of the format */
} gbx__ipc_parts;

/* A schema message with its prefix. CORRUPT or UNSUPPORTED, in nanoarrow's words. */
gbx_status gbx__ipc_shape_init(gbx__ipc_shape *shape, const void *message, size_t len,
                               gbx_error *err);
void gbx__ipc_shape_done(gbx__ipc_shape *shape);
/* False when there is no such dictionary. */
bool gbx__ipc_shape_find(const gbx__ipc_shape *shape, int64_t id, gbx__ipc_parts *out);

#endif
