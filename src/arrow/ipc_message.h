/*
 * One Arrow IPC message at a time, from memory: what nanoarrow takes on trust is looked at before
 * nanoarrow sees it. The first message is the schema; dictionaries and batches follow.
 *
 *   0xFFFFFFFF │ length │ head, padded to 8 bytes │ body
 */
#ifndef GBX_ARROW_IPC_MESSAGE_H
#define GBX_ARROW_IPC_MESSAGE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

typedef enum gbx__ipc_kind {
    GBX_IPC_SCHEMA,
    GBX_IPC_DICTIONARY,
    GBX_IPC_BATCH
} gbx__ipc_kind;

typedef struct gbx__ipc_message {
    gbx__ipc_kind kind;
    size_t head_len; /* where the body begins */
    size_t body_len;
} gbx__ipc_message;

typedef struct gbx__ipc_checker gbx__ipc_checker;

/* NULL when memory is short. */
gbx__ipc_checker *gbx__ipc_checker_new(void);
/* `bytes` is one whole message, aligned to 8 bytes. CORRUPT unless it is sane; UNSUPPORTED for a
 * compressed body. After a failure the checker is of no use. */
gbx_status gbx__ipc_checker_look(gbx__ipc_checker *checker, const void *bytes, size_t len,
                                 gbx__ipc_message *out, gbx_error *err);
void gbx__ipc_checker_free(gbx__ipc_checker *checker);

#endif
