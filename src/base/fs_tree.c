/* Folders: made, removed, and paths through links resolved. */
#include "base/fs.h"
#include "base/fs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define FS_LINKS_MAX 40 /* as the kernel's own bound */

/* ---- make ---------------------------------------------------------------------------------- */

static gbx_status tree_make_one(const char *path, gbx_error *err)
{
    if (gbx__sys_make_dir(path, 0700) == 0) return GBX_OK;
    const int errnum = errno;
    struct stat st;
    if (errnum == EEXIST && gbx__sys_stat(path, &st) == 0 && S_ISDIR(st.st_mode)) return GBX_OK;
    return gbx__error_errno(err, errnum, "cannot make the folder '%s'", path);
}

gbx_status gbx__fs_make_dirs(const char *path, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf parent;
    gbx__buf_init(&parent, 0);
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        if (slash == path || slash[1] == '\0') continue;
        gbx__buf_clear(&parent);
        gbx__buf_append(&parent, path, (size_t)(slash - path));
        if (parent.failed) return GBX_FAIL_NOMEM(err);
        GBX_TRY(tree_make_one(parent.data, err));
    }
    return tree_make_one(path, err);
}

/* ---- remove -------------------------------------------------------------------------------- */

static gbx_status tree_remove_at(int dir_fd, const char *name, int depth, const char *top,
                                 gbx_error *err);

/* Everything in the folder `fd`, which is closed. */
static gbx_status tree_empty(int fd, int depth, const char *top, gbx_error *err)
{
    DIR *dir = fdopendir(fd);
    if (!dir) {
        const int errnum = errno;
        close(fd);
        return gbx__error_errno(err, errnum, "cannot read below '%s'", top);
    }
    gbx_status status = GBX_OK;
    while (status == GBX_OK) {
        const struct dirent *entry = gbx__sys_read_dir(dir);
        if (!entry) {
            if (errno) status = gbx__error_errno(err, errno, "cannot read below '%s'", top);
            break;
        }
        status = tree_remove_at(dirfd(dir), entry->d_name, depth + 1, top, err);
    }
    closedir(dir);
    return status;
}

/* By descriptors and O_NOFOLLOW: a folder that is swapped for a link while this runs does not lead
 * the removal out of the tree. */
static gbx_status tree_remove_at(int dir_fd, const char *name, int depth, const char *top,
                                 gbx_error *err)
{
    if (depth > GBX_FS_DEPTH_MAX) {
        return GBX_FAIL(err, GBX_INVALID, "cannot remove '%s': folders nest deeper than %d", top,
                        GBX_FS_DEPTH_MAX);
    }
    const int fd = gbx__sys_open_at(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const int errnum = errno;
    if (fd < 0 && errnum == ENOENT) return GBX_OK;
    const bool is_dir = fd >= 0;
    if (!is_dir && errnum != ENOTDIR && errnum != ELOOP) {
        return gbx__error_errno(err, errnum, "cannot open '%s' below '%s'", name, top);
    }
    if (is_dir) GBX_TRY(tree_empty(fd, depth, top, err));
    if (unlinkat(dir_fd, name, is_dir ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT) {
        return gbx__error_errno(err, errno, "cannot remove '%s' below '%s'", name, top);
    }
    return GBX_OK;
}

gbx_status gbx__fs_remove_tree(const char *path, gbx_error *err)
{
    return tree_remove_at(AT_FDCWD, path, 0, path, err);
}

/* ---- real path ----------------------------------------------------------------------------- */

/* "a/b//" → folder "a/", name "b"; "b" → folder "", name "b". */
static void tree_split(gbx__str path, gbx__str *folder, gbx__str *name)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/') path.len--;
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/') start--;
    *folder = (gbx__str){path.ptr, start};
    *name = (gbx__str){path.ptr + start, path.len - start};
}

/* The folder resolved and the name behind it; NULL with errno. */
static const char *tree_resolve_folder(gbx__arena *arena, const char *path)
{
    gbx__str folder;
    gbx__str name;
    tree_split(gbx__str_of(path), &folder, &name);
    if (name.len == 0 || gbx__str_is(name, ".") || gbx__str_is(name, "..")) {
        errno = ENOENT;
        return NULL;
    }
    char real[PATH_MAX];
    const gbx__str copy = gbx__arena_str(arena, folder.len ? folder : GBX_STR("."));
    errno = ENOMEM;
    if (!copy.ptr || !gbx__sys_real_path(copy.ptr, real)) return NULL;
    const char *slash = real[1] ? "/" : "";
    errno = ENOMEM;
    return gbx__arena_printf(arena, "%s%s%.*s", real, slash, GBX_STR_ARG(name));
}

/* Where the link at `path` (its folder resolved) leads; NULL with errno, EINVAL or ENOENT when it
 * is no link. */
static const char *tree_follow(gbx__arena *arena, const char *path)
{
    char target[PATH_MAX];
    const ssize_t len = readlink(path, target, sizeof(target) - 1);
    if (len < 0) return NULL;
    target[len] = '\0';
    const int folder_len = target[0] == '/' ? 0 : (int)(strrchr(path, '/') - path + 1);
    errno = ENOMEM;
    return gbx__arena_printf(arena, "%.*s%s", folder_len, path, target);
}

/* A link to a file that is not there yet is followed by hand: whoever writes through it makes the
 * file at its far end, so that is the place to be checked. */
static const char *tree_real_path(gbx__arena *arena, const char *path)
{
    for (int links = 0; links < FS_LINKS_MAX; links++) {
        char real[PATH_MAX];
        if (gbx__sys_real_path(path, real)) {
            errno = ENOMEM;
            return gbx__arena_cstr(arena, real);
        }
        if (errno != ENOENT) return NULL;
        const char *resolved = tree_resolve_folder(arena, path);
        if (!resolved) return NULL;
        path = tree_follow(arena, resolved);
        if (!path) return errno == EINVAL || errno == ENOENT ? resolved : NULL;
    }
    errno = ELOOP;
    return NULL;
}

gbx_status gbx__fs_real_path(gbx__arena *arena, const char *path, const char **out, gbx_error *err)
{
    const char *real = tree_real_path(arena, path);
    if (!real && errno == ENOMEM) return GBX_FAIL_NOMEM(err);
    if (!real) return gbx__error_errno(err, errno, "cannot resolve '%s'", path);
    *out = real;
    return GBX_OK;
}
