/*
 * What nanoarrow takes on trust in a message's head: that fields have a type and dictionaries an
 * index type, that metadata has keys and values, that lengths can be multiplied and buffers lie in
 * the body. Found by fuzzing it.
 */
#ifndef GBX_ARROW_IPC_CHECK_PRIV_H
#define GBX_ARROW_IPC_CHECK_PRIV_H

#include "arrow/ipc_flat_priv.h"

/* The members of the tables that are looked up. */
enum { BATCH_LENGTH = 0, BATCH_NODES = 1, BATCH_BUFFERS = 2, BATCH_COMPRESSION = 3 };

bool gbx__ipc_check_schema(const flat_bytes *flat, size_t schema);
/* Also says how many parts the batch has. */
bool gbx__ipc_check_batch(const flat_bytes *flat, size_t batch, int64_t body_len,
                          uint64_t *n_nodes, uint64_t *n_buffers);

#endif
