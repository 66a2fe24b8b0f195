/*
 * Files, with errors that name them. Paths are UTF-8 or raw bytes, NUL-terminated.
 */
#ifndef GBX_BASE_FS_H
#define GBX_BASE_FS_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct gbx__file_info {
    int64_t size_bytes;
    int64_t mtime_ns;
    uint64_t inode;
    bool is_dir;
    bool is_regular;
} gbx__file_info;

/* NOT_FOUND, or IO with the reason. */
gbx_status gbx__fs_stat(const char *path, gbx__file_info *out, gbx_error *err);
/* The readers append to `out`; on failure it is as it was. */
/* Up to `max_len` bytes from the start of a file. */
gbx_status gbx__fs_read_head(const char *path, size_t max_len, gbx__buf *out, gbx_error *err);
/* A whole file; INVALID when it is larger than `max_len`. */
gbx_status gbx__fs_read(const char *path, size_t max_len, gbx__buf *out, gbx_error *err);
/* Bytes [offset, offset+len); CORRUPT when the file ends before. */
gbx_status gbx__fs_read_at(const char *path, int64_t offset, size_t len, gbx__buf *out,
                           gbx_error *err);

typedef struct gbx__paths {
    const char **items; /* sorted by bytes */
    size_t len;
} gbx__paths;

/* A glob with *, ?, [..], {a,b} and ** (any depth); a plain path gives itself without a look at the
 * disk, and so does one that braces gave. Each file comes once. Hidden files are skipped as shells
 * do, a backslash takes its meaning from the next character, folders are matched only by a pattern
 * that ends in "/", and ** does not enter linked folders. Nothing found is OK with len 0; a folder
 * that cannot be read is a failure. At most `max_paths` (INVALID past it). */
gbx_status gbx__fs_glob(gbx__arena *arena, const char *pattern, size_t max_paths, gbx__paths *out,
                        gbx_error *err);
bool gbx__fs_is_glob(const char *path);
/* All regular files below a folder, sorted; names that begin with '.' or '_' are skipped. Links to
 * files count, linked folders are not entered. */
gbx_status gbx__fs_walk(gbx__arena *arena, const char *dir, size_t max_paths, gbx__paths *out,
                        gbx_error *err);

/* mkdir -p with mode 0700 for what is new. */
gbx_status gbx__fs_make_dirs(const char *path, gbx_error *err);
/* Removes a folder and all below it; absent is fine. Never follows links. */
gbx_status gbx__fs_remove_tree(const char *path, gbx_error *err);
/* The path with links, "." and ".." resolved; for a file that is not there yet, its folder is. */
gbx_status gbx__fs_real_path(gbx__arena *arena, const char *path, const char **out, gbx_error *err);

/*
 * A file that appears whole or not at all: written beside its name, synced, then renamed.
 *   open → write … → commit  (or abort: nothing is left)
 * A link is followed first, and a file that is replaced gives its mode to the new one. What is no
 * regular file (a FIFO, /dev/null, /dev/stdout) is written straight; temp_path is NULL then.
 */
typedef struct gbx__fs_out {
    int fd; /* -1 when closed */
    char *path;
    char *temp_path;
} gbx__fs_out;

gbx_status gbx__fs_out_open(gbx__fs_out *out, const char *path, gbx_error *err);
gbx_status gbx__fs_out_commit(gbx__fs_out *out, gbx_error *err);
void gbx__fs_out_abort(gbx__fs_out *out); /* also after commit: does nothing then */

/* write(2) until all is written; EPIPE and the rest as IO with errno in native_code. */
gbx_status gbx__fs_write_all(int fd, const char *bytes, size_t len, const char *name,
                             gbx_error *err);

#endif
