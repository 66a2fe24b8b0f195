#include "base/fs.h"

#include "base/fs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Bytes of new room when a file has more than it told (a pipe, /proc). */
#define FS_CHUNK ((size_t)64 * 1024)

gbx_status gbx__fs_stat(const char *path, gbx__file_info *out, gbx_error *err)
{
    struct stat st;
    if (gbx__sys_stat(path, &st) != 0) {
        return gbx__error_errno(err, errno, "cannot look at '%s'", path);
    }
    *out = (gbx__file_info){
        .size_bytes = st.st_size,
        .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
        .inode = st.st_ino,
        .is_dir = S_ISDIR(st.st_mode),
        .is_regular = S_ISREG(st.st_mode),
    };
    return GBX_OK;
}

static gbx_status fs_open_for_reading(const char *path, int *out_fd, gbx_error *err)
{
    const int fd = gbx__sys_open(path, O_RDONLY, 0);
    if (fd < 0) return gbx__error_errno(err, errno, "cannot open '%s'", path);
    *out_fd = fd;
    return GBX_OK;
}

static void fs_buf_restore(gbx__buf *buf, size_t len)
{
    buf->len = len;
    if (buf->data) buf->data[len] = '\0';
}

/* What the file says it holds, and a byte more: the read that meets the end then needs no new room.
 * 0 when it says nothing. */
static size_t fs_size_hint(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size + 1
                                                                        : 0;
}

/* Reads to the end or to `max_len` bytes. */
static gbx_status fs_read_some(int fd, const char *path, size_t max_len, gbx__buf *out,
                               gbx_error *err)
{
    const size_t hint = fs_size_hint(fd);
    if (!gbx__buf_reserve(out, hint < max_len ? hint : max_len)) return GBX_FAIL_NOMEM(err);
    for (size_t left = max_len; left > 0;) {
        size_t chunk = out->capacity - out->len - 1;
        if (chunk == 0) chunk = FS_CHUNK;
        if (chunk > left) chunk = left;
        char *room = gbx__buf_reserve(out, chunk);
        if (!room) return GBX_FAIL_NOMEM(err);
        const ssize_t got = gbx__sys_read(fd, room, chunk);
        if (got < 0) return gbx__error_errno(err, errno, "cannot read '%s'", path);
        if (got == 0) break;
        out->len += (size_t)got;
        left -= (size_t)got;
    }
    return GBX_OK;
}

gbx_status gbx__fs_read_head(const char *path, size_t max_len, gbx__buf *out, gbx_error *err)
{
    int fd;
    GBX_TRY(fs_open_for_reading(path, &fd, err));
    const size_t before = out->len;
    const gbx_status status = fs_read_some(fd, path, max_len, out, err);
    close(fd);
    fs_buf_restore(out, status == GBX_OK ? out->len : before);
    return status;
}

gbx_status gbx__fs_read(const char *path, size_t max_len, gbx__buf *out, gbx_error *err)
{
    const size_t before = out->len;
    const size_t probe = max_len < SIZE_MAX ? max_len + 1 : max_len;
    GBX_TRY(gbx__fs_read_head(path, probe, out, err));
    if (out->len - before <= max_len) return GBX_OK;
    fs_buf_restore(out, before);
    return GBX_FAIL(err, GBX_INVALID, "'%s' is larger than the %zu bytes allowed", path, max_len);
}

static gbx_status fs_read_exact(int fd, const char *path, int64_t offset, size_t len, gbx__buf *out,
                                gbx_error *err)
{
    char *room = gbx__buf_reserve(out, len);
    if (!room) return GBX_FAIL_NOMEM(err);
    size_t done = 0;
    while (done < len) {
        const ssize_t got =
            gbx__sys_read_at(fd, room + done, len - done, (off_t)offset + (off_t)done);
        if (got < 0) return gbx__error_errno(err, errno, "cannot read '%s'", path);
        if (got == 0) {
            return GBX_FAIL(err, GBX_CORRUPT, "'%s' ends before byte %lld", path,
                            (long long)offset + (long long)len);
        }
        done += (size_t)got;
    }
    out->len += len;
    return GBX_OK;
}

gbx_status gbx__fs_read_at(const char *path, int64_t offset, size_t len, gbx__buf *out,
                           gbx_error *err)
{
    if (offset < 0 || len > (uint64_t)(INT64_MAX - offset)) {
        return GBX_FAIL(err, GBX_INVALID, "no file has %zu bytes at offset %lld", len,
                        (long long)offset);
    }
    int fd;
    GBX_TRY(fs_open_for_reading(path, &fd, err));
    const size_t before = out->len;
    const gbx_status status = fs_read_exact(fd, path, offset, len, out, err);
    close(fd);
    fs_buf_restore(out, status == GBX_OK ? out->len : before);
    return status;
}

gbx_status gbx__fs_write_all(int fd, const char *bytes, size_t len, const char *name,
                             gbx_error *err)
{
    while (len > 0) {
        const ssize_t n = gbx__sys_write(fd, bytes, len);
        if (n < 0) return gbx__error_errno(err, errno, "cannot write '%s'", name);
        bytes += n;
        len -= (size_t)n;
    }
    return GBX_OK;
}
