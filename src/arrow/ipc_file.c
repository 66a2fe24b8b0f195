#include "arrow/ipc_file_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IPC_MAGIC "ARROW1"
#define IPC_MAGIC_LEN 6
#define IPC_HEAD_LEN 8 /* the magic and two zeros */
#define IPC_TAIL_LEN 10 /* the footer's length and the magic */

static bool read_at(int fd, void *bytes, int64_t len, int64_t offset, int64_t *out_len)
{
    int64_t done = 0;
    while (done < len) {
        const ssize_t n = pread(fd, (char *)bytes + done, (size_t)(len - done), offset + done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        if (n == 0) break;
        done += n;
    }
    *out_len = done;
    return true;
}

bool gbx__ipc_file_read(gbx__ipc_file *file, void *bytes, int64_t len, int64_t *out_len)
{
    const int64_t left = file->end - file->at;
    if (len > left) len = left;
    if (!read_at(file->fd, bytes, len, file->at, out_len)) return false;
    file->at += *out_len;
    return true;
}

void gbx__ipc_file_close(gbx__ipc_file *file)
{
    if (file->fd >= 0) close(file->fd);
    file->fd = -1;
}

static uint32_t little_endian(const unsigned char *b)
{
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Takes the magic and the footer off a file of the file form. */
static gbx_status find_bounds(gbx__ipc_file *file, const char *path, gbx_error *err)
{
    char head[IPC_HEAD_LEN];
    unsigned char tail[IPC_TAIL_LEN];
    int64_t n = 0;
    if (!read_at(file->fd, head, IPC_HEAD_LEN, 0, &n)) {
        return gbx__error_errno(err, errno, "cannot read '%s'", path);
    }
    if (n < IPC_HEAD_LEN) return GBX_FAIL(err, GBX_CORRUPT, "'%s' is no Arrow file", path);
    if (memcmp(head, IPC_MAGIC, IPC_MAGIC_LEN) != 0) return GBX_OK;
    const bool is_long = file->end >= IPC_HEAD_LEN + IPC_TAIL_LEN;
    if (is_long && !read_at(file->fd, tail, IPC_TAIL_LEN, file->end - IPC_TAIL_LEN, &n)) {
        return gbx__error_errno(err, errno, "cannot read '%s'", path);
    }
    const bool has_tail = is_long && n == IPC_TAIL_LEN &&
                          memcmp(tail + 4, IPC_MAGIC, IPC_MAGIC_LEN) == 0;
    const int64_t footer_len = has_tail ? little_endian(tail) : 0;
    if (!has_tail || footer_len > file->end - IPC_HEAD_LEN - IPC_TAIL_LEN) {
        return GBX_FAIL(err, GBX_CORRUPT, "'%s': the Arrow file's end is missing or damaged",
                        path);
    }
    file->at = IPC_HEAD_LEN;
    file->end -= IPC_TAIL_LEN + footer_len;
    return GBX_OK;
}

gbx_status gbx__ipc_file_open(gbx__ipc_file *file, const char *path, gbx_error *err)
{
    struct stat st;
    *file = (gbx__ipc_file){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (file->fd < 0) return gbx__error_errno(err, errno, "cannot open '%s'", path);
    gbx_status status = GBX_OK;
    if (fstat(file->fd, &st) != 0) {
        status = gbx__error_errno(err, errno, "cannot look at '%s'", path);
    } else {
        file->end = st.st_size;
        status = find_bounds(file, path, err);
    }
    if (status != GBX_OK) gbx__ipc_file_close(file);
    return status;
}
