/*
 * The operating system's calls with a fault point before each: as the calls they are named after,
 * errno included; interrupted ones are repeated.
 */
#ifndef GBX_BASE_FS_PRIV_H
#define GBX_BASE_FS_PRIV_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* How deep folders may nest below the start of a glob, a walk or a removal. */
#define GBX_FS_DEPTH_MAX 128

int gbx__sys_open(const char *path, int flags, mode_t mode);
int gbx__sys_open_at(int dir_fd, const char *name, int flags);
int gbx__sys_close(int fd);
ssize_t gbx__sys_read(int fd, void *bytes, size_t len);
ssize_t gbx__sys_read_at(int fd, void *bytes, size_t len, off_t offset);
ssize_t gbx__sys_write(int fd, const void *bytes, size_t len);
int gbx__sys_sync(int fd);
int gbx__sys_rename(const char *from, const char *to);
int gbx__sys_stat(const char *path, struct stat *out);
int gbx__sys_stat_link(const char *path, struct stat *out); /* of the link itself */
char *gbx__sys_real_path(const char *path, char *out);      /* PATH_MAX bytes */
int gbx__sys_make_dir(const char *path, mode_t mode);
DIR *gbx__sys_open_dir(const char *path);
/* The next entry but "." and ".."; NULL at the end with errno 0, or on failure. */
struct dirent *gbx__sys_read_dir(DIR *dir);

#endif
