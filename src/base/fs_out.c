#include "base/alloc.h"
#include "base/fs.h"
#include "base/fs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OUT_TRIES_MAX 100
#define OUT_NAME_SHOWN 180 /* of the target's name in the temporary one: NAME_MAX is 255 */

static gbx_status out_fail(gbx_error *err, int errnum, const char *path)
{
    return gbx__error_errno(err, errnum, "cannot write '%s'", path);
}

/* "/dev/stdout" and its kin name a descriptor that is open already: opened anew, a regular file
 * behind it would be cut to nothing and lose its place. -1 for other paths. */
static int out_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        const size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) != 0) continue;
        char *end;
        const long fd = strtol(path + len, &end, 10);
        if (end != path + len && *end == '\0' && fd >= 0 && fd < 1 << 20) return (int)fd;
    }
    return -1;
}

static gbx_status out_open_straight(gbx__fs_out *out, gbx_error *err)
{
    const int inherited = out_descriptor(out->path);
    out->fd = inherited >= 0 ? fcntl(inherited, F_DUPFD_CLOEXEC, 3)
                             : gbx__sys_open(out->path, O_WRONLY | O_NOCTTY, 0);
    return out->fd < 0 ? out_fail(err, errno, out->path) : GBX_OK;
}

/* "dir/.name.gearbox-<pid>-<n>.tmp": hidden from globs, and never taken for another's. */
static char *out_temp_path(const char *path)
{
    static atomic_uint counter;
    const char *slash = strrchr(path, '/');
    const size_t dir_len = slash ? (size_t)(slash - path) + 1 : 0;
    gbx__str name = gbx__str_of(path + dir_len);
    if (name.len > OUT_NAME_SHOWN) name.len = OUT_NAME_SHOWN;

    GBX_AUTO(gbx__buf_done) gbx__buf temp;
    gbx__buf_init(&temp, 0);
    gbx__buf_append(&temp, path, dir_len);
    gbx__buf_printf(&temp, ".%.*s.gearbox-%ld-%u.tmp", GBX_STR_ARG(name), (long)getpid(),
                    atomic_fetch_add(&counter, 1));
    return gbx__buf_take(&temp);
}

/* `mode` is what a new file would get, less the umask. */
static gbx_status out_open_temp(gbx__fs_out *out, mode_t mode, gbx_error *err)
{
    for (int tries = 0; tries < OUT_TRIES_MAX; tries++) {
        out->temp_path = out_temp_path(out->path);
        if (!out->temp_path) return GBX_FAIL_NOMEM(err);
        out->fd = gbx__sys_open(out->temp_path, O_WRONLY | O_CREAT | O_EXCL, mode);
        if (out->fd >= 0) return GBX_OK;
        /* Left there by a process that was killed, or no file of ours: not to be removed. */
        const int errnum = errno;
        gbx__alloc_free(out->temp_path);
        out->temp_path = NULL;
        if (errnum != EEXIST) return out_fail(err, errnum, out->path);
    }
    return out_fail(err, EEXIST, out->path);
}

/* Sets out->path to where the bytes go in the end: a link to a file is replaced at its far end. */
static gbx_status out_set_path(gbx__fs_out *out, const char *path, bool is_link, gbx_error *err)
{
    gbx__arena arena;
    gbx__arena_init(&arena);
    gbx_status status = GBX_OK;
    if (is_link) status = gbx__fs_real_path(&arena, path, &path, err);
    if (status == GBX_OK) {
        out->path = gbx__alloc_dup(path, strlen(path));
        if (!out->path) status = GBX_FAIL_NOMEM(err);
    }
    gbx__arena_done(&arena);
    return status;
}

static gbx_status out_open(gbx__fs_out *out, const char *path, gbx_error *err)
{
    if (out_descriptor(path) >= 0) {
        GBX_TRY(out_set_path(out, path, false, err));
        return out_open_straight(out, err);
    }
    const size_t len = strlen(path);
    if (len == 0 || path[len - 1] == '/') return out_fail(err, len ? EISDIR : ENOENT, path);

    struct stat st;
    const bool is_there = gbx__sys_stat_link(path, &st) == 0;
    if (!is_there && errno != ENOENT) return out_fail(err, errno, path);
    GBX_TRY(out_set_path(out, path, is_there && S_ISLNK(st.st_mode), err));
    if (gbx__sys_stat(out->path, &st) != 0) {
        if (errno != ENOENT) return out_fail(err, errno, path);
        return out_open_temp(out, 0666, err);
    }
    if (S_ISDIR(st.st_mode)) return out_fail(err, EISDIR, path);
    if (!S_ISREG(st.st_mode)) return out_open_straight(out, err);
    GBX_TRY(out_open_temp(out, 0600, err));
    if (fchmod(out->fd, st.st_mode & 07777) != 0) return out_fail(err, errno, path);
    return GBX_OK;
}

gbx_status gbx__fs_out_open(gbx__fs_out *out, const char *path, gbx_error *err)
{
    gbx__fs_out opened = {.fd = -1};
    const gbx_status status = out_open(&opened, path, err);
    if (status == GBX_OK) {
        *out = opened;
    } else {
        gbx__fs_out_abort(&opened);
    }
    return status;
}

/* The folder of a path, to be synced; *out is -1 where it may be written but not read. */
static gbx_status out_open_folder(const char *path, int *out, gbx_error *err)
{
    const char *slash = strrchr(path, '/');
    const size_t len = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    char *folder = slash ? gbx__alloc_dup(path, len) : gbx__alloc_dup(".", 1);
    if (!folder) return GBX_FAIL_NOMEM(err);
    *out = gbx__sys_open(folder, O_RDONLY | O_DIRECTORY, 0);
    const int errnum = *out < 0 ? errno : 0;
    gbx__alloc_free(folder);
    return errnum == 0 || errnum == EACCES ? GBX_OK : out_fail(err, errnum, path);
}

/* Some file systems cannot sync a folder. */
static gbx_status out_sync_folder(int fd, const char *path, gbx_error *err)
{
    if (fd < 0 || gbx__sys_sync(fd) == 0 || errno == EINVAL) return GBX_OK;
    return gbx__error_errno(err, errno, "'%s' is written, but its folder cannot be synced", path);
}

/* The name is only safe on the disk once its folder is. All that may fail for want of something
 * comes before the name is there. */
static gbx_status out_finish(gbx__fs_out *out, gbx_error *err)
{
    const bool is_straight = out->temp_path == NULL;
    int folder = -1;
    if (!is_straight && gbx__sys_sync(out->fd) != 0) return out_fail(err, errno, out->path);
    const int fd = out->fd;
    out->fd = -1;
    if (gbx__sys_close(fd) != 0) return out_fail(err, errno, out->path);
    if (is_straight) return GBX_OK;

    GBX_TRY(out_open_folder(out->path, &folder, err));
    gbx_status status = GBX_OK;
    if (gbx__sys_rename(out->temp_path, out->path) != 0) {
        status = out_fail(err, errno, out->path);
    } else {
        gbx__alloc_free(out->temp_path);
        out->temp_path = NULL;
        status = out_sync_folder(folder, out->path, err);
    }
    if (folder >= 0) close(folder);
    return status;
}

gbx_status gbx__fs_out_commit(gbx__fs_out *out, gbx_error *err)
{
    if (out->fd < 0) return GBX_FAIL(err, GBX_MISUSE, "the output file is not open");
    const gbx_status status = out_finish(out, err);
    gbx__fs_out_abort(out);
    return status;
}

void gbx__fs_out_abort(gbx__fs_out *out)
{
    if (!out || !out->path) return;
    if (out->fd >= 0) close(out->fd);
    if (out->temp_path) unlink(out->temp_path);
    gbx__alloc_free(out->temp_path);
    gbx__alloc_free(out->path);
    *out = (gbx__fs_out){.fd = -1};
}
