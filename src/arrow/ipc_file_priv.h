/*
 * The part of a file that holds the messages of an Arrow IPC stream.
 */
#ifndef GBX_ARROW_IPC_FILE_PRIV_H
#define GBX_ARROW_IPC_FILE_PRIV_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gbx__ipc_file {
    int fd; /* -1 when closed */
    int64_t at, end;
} gbx__ipc_file;

gbx_status gbx__ipc_file_open(gbx__ipc_file *file, const char *path, gbx_error *err);
void gbx__ipc_file_close(gbx__ipc_file *file);
/* Up to `len` bytes at file->at, which moves on; fewer only at the end. False with errno. */
bool gbx__ipc_file_read(gbx__ipc_file *file, void *bytes, int64_t len, int64_t *out_len);

#endif
