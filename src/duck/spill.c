#include "duck/spill.h"

#include "base/alloc.h"
#include "base/fs.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPILL_PREFIX "gearbox-spill-"
#define SPILL_MAX_TRIES 100

static atomic_uint spill_serial;

/* ---- those that are open, for a program that ends without closing them ----------------------- */

static pthread_mutex_t spill_list_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t spill_list_once = PTHREAD_ONCE_INIT;
static gbx__spill *spill_list;

/* A child of fork has the list too, and other threads may be in the middle of changing it. */
static void spill_list_remove_folders(void)
{
    if (pthread_mutex_trylock(&spill_list_lock) != 0) return;
    for (const gbx__spill *spill = spill_list; spill; spill = spill->next) {
        if (spill->owner == getpid()) (void)gbx__fs_remove_tree(spill->path, NULL);
    }
    pthread_mutex_unlock(&spill_list_lock);
}

static void spill_list_register(void)
{
    (void)atexit(spill_list_remove_folders);
    (void)at_quick_exit(spill_list_remove_folders);
}

static void spill_list_add(gbx__spill *spill)
{
    pthread_once(&spill_list_once, spill_list_register);
    pthread_mutex_lock(&spill_list_lock);
    spill->owner = getpid();
    spill->next = spill_list;
    spill_list = spill;
    pthread_mutex_unlock(&spill_list_lock);
}

static void spill_list_take(const gbx__spill *spill)
{
    pthread_mutex_lock(&spill_list_lock);
    gbx__spill **at = &spill_list;
    while (*at && *at != spill) at = &(*at)->next;
    if (*at) *at = spill->next;
    pthread_mutex_unlock(&spill_list_lock);
}

/* ---- the folder ------------------------------------------------------------------------------ */

static bool spill_is_still(const char *path, int fd)
{
    struct stat named;
    struct stat opened;
    return lstat(path, &named) == 0 && fstat(fd, &opened) == 0 && named.st_dev == opened.st_dev &&
           named.st_ino == opened.st_ino;
}

/* Takes the lock of a folder; -1 when somebody else has it, it is no folder, or it has been removed
 * before we had the lock (ENOENT). */
static int spill_lock(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    const bool is_busy = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!is_busy && spill_is_still(path, fd)) return fd;
    close(fd);
    errno = is_busy ? EWOULDBLOCK : ENOENT;
    return -1;
}

/* By its name: the process that made it is gone. */
static bool spill_is_of_the_dead(const char *name)
{
    char *end = NULL;
    const long pid = strtol(name + strlen(SPILL_PREFIX), &end, 10);
    return pid > 0 && *end == '-' && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

/* The lock is held until the folder is gone: so two sweepers don't take away one of the same name
 * that was made since they looked. */
static void spill_remove_abandoned(const char *path)
{
    struct stat info;
    const int fd = spill_lock(path);
    if (fd < 0) return;
    if (fstat(fd, &info) == 0 && info.st_uid == geteuid()) (void)gbx__fs_remove_tree(path, NULL);
    close(fd);
}

/* Best effort: what can't be removed is left to the next one. */
static void spill_sweep(const char *parent)
{
    DIR *dir = opendir(parent);
    if (!dir) return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strncmp(entry->d_name, SPILL_PREFIX, strlen(SPILL_PREFIX)) != 0) continue;
        gbx__buf path = {0};
        gbx__buf_printf(&path, "%s/%s", parent, entry->d_name);
        if (!path.failed && spill_is_of_the_dead(entry->d_name)) spill_remove_abandoned(path.data);
        gbx__buf_done(&path);
    }
    closedir(dir);
}

static gbx_status spill_make_folder(gbx__buf *path, const char *parent, gbx_error *err)
{
    do {
        gbx__buf_clear(path);
        gbx__buf_printf(path, "%s/" SPILL_PREFIX "%ld-%u", parent, (long)getpid(),
                        atomic_fetch_add(&spill_serial, 1));
        if (path->failed) return GBX_FAIL_NOMEM(err);
        if (mkdir(path->data, 0700) == 0) return GBX_OK;
    } while (errno == EEXIST);
    return gbx__error_errno(err, errno, "cannot make the folder '%s'", path->data);
}

/* In another container a sweeper may take ours away before it is locked, because it knows no
 * process of this number: then there is another one. */
static gbx_status spill_make(gbx__spill *spill, const char *parent, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf path = {0};
    int fd = -1;
    for (int tries = 0; fd < 0 && tries < SPILL_MAX_TRIES; tries++) {
        GBX_TRY(spill_make_folder(&path, parent, err));
        fd = spill_lock(path.data);
        if (fd < 0 && errno != ENOENT && errno != EWOULDBLOCK) break;
    }
    if (fd < 0) return gbx__error_errno(err, errno, "cannot lock the folder '%s'", path.data);
    spill->lock_fd = fd;
    spill->path = gbx__buf_take(&path);
    spill_list_add(spill);
    return GBX_OK;
}

gbx_status gbx__spill_open(gbx__spill *spill, const char *parent, gbx_error *err)
{
    GBX_TRY(gbx__fs_make_dirs(parent, err));
    spill_sweep(parent);
    return spill_make(spill, parent, err);
}

void gbx__spill_close(gbx__spill *spill)
{
    if (!spill->path) return;
    spill_list_take(spill);
    (void)gbx__fs_remove_tree(spill->path, NULL);
    close(spill->lock_fd);
    gbx__alloc_free(spill->path);
    spill->path = NULL;
}
