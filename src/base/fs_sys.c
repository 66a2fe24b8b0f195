#include "base/fs_priv.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool sys_fault(void)
{
    if (!gbx__fault_hit(GBX_FAULT_IO)) return false;
    errno = EIO;
    return true;
}

int gbx__sys_open(const char *path, int flags, mode_t mode)
{
    return sys_fault() ? -1 : (int)TEMP_FAILURE_RETRY(open(path, flags | O_CLOEXEC, mode));
}

int gbx__sys_open_at(int dir_fd, const char *name, int flags)
{
    return sys_fault() ? -1 : (int)TEMP_FAILURE_RETRY(openat(dir_fd, name, flags | O_CLOEXEC));
}

/* Never repeated: Linux has closed the descriptor even when it says EINTR. A fault closes too, or
 * the test would leak. */
int gbx__sys_close(int fd)
{
    const int rc = close(fd);
    if (sys_fault()) return -1;
    return rc != 0 && errno == EINTR ? 0 : rc;
}

ssize_t gbx__sys_read(int fd, void *bytes, size_t len)
{
    return sys_fault() ? -1 : TEMP_FAILURE_RETRY(read(fd, bytes, len));
}

ssize_t gbx__sys_read_at(int fd, void *bytes, size_t len, off_t offset)
{
    return sys_fault() ? -1 : TEMP_FAILURE_RETRY(pread(fd, bytes, len, offset));
}

ssize_t gbx__sys_write(int fd, const void *bytes, size_t len)
{
    return sys_fault() ? -1 : TEMP_FAILURE_RETRY(write(fd, bytes, len));
}

int gbx__sys_sync(int fd)
{
    return sys_fault() ? -1 : (int)TEMP_FAILURE_RETRY(fsync(fd));
}

int gbx__sys_rename(const char *from, const char *to)
{
    return sys_fault() ? -1 : rename(from, to);
}

int gbx__sys_stat(const char *path, struct stat *out)
{
    return sys_fault() ? -1 : stat(path, out);
}

int gbx__sys_stat_link(const char *path, struct stat *out)
{
    return sys_fault() ? -1 : lstat(path, out);
}

char *gbx__sys_real_path(const char *path, char *out)
{
    return sys_fault() ? NULL : realpath(path, out);
}

int gbx__sys_make_dir(const char *path, mode_t mode)
{
    return sys_fault() ? -1 : mkdir(path, mode);
}

DIR *gbx__sys_open_dir(const char *path)
{
    return sys_fault() ? NULL : opendir(path);
}

struct dirent *gbx__sys_read_dir(DIR *dir)
{
    for (;;) {
        if (sys_fault()) return NULL;
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (!entry || (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)) {
            return entry;
        }
    }
}
