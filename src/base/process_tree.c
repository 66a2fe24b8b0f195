#include "base/process_tree.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define KILL_ROUNDS 1500
#define KILL_PAUSE_NS 2000000
#define ENVIRON_MAX (256 * 1024)

typedef struct process {
    pid_t pid, parent, session;
    bool is_dead; /* only its entry is left */
    bool is_member;
} process;

typedef GBX_VEC(process) process_list;

/* ---- what the kernel says -------------------------------------------------------------------- */

static ssize_t read_proc(pid_t pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    size_t len = 0;
    ssize_t n = 1;
    while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0) len += (size_t)n;
    close(fd);
    out[len] = '\0';
    return n < 0 ? -1 : (ssize_t)len;
}

/* "123 (any (name) ) S parent group session …" */
static bool read_stat(pid_t pid, process *out)
{
    char text[512];
    if (read_proc(pid, "stat", text, sizeof(text)) <= 0) return false;
    const char *at = strrchr(text, ')');
    char state = 0;
    int parent = 0, group = 0, session = 0;
    if (!at || sscanf(at + 1, " %c %d %d %d", &state, &parent, &group, &session) != 4) return false;
    *out = (process){
        .pid = pid, .parent = parent, .session = session, .is_dead = state == 'Z' || state == 'X'};
    return true;
}

static bool list_all(process_list *out)
{
    DIR *dir = opendir("/proc");
    bool is_whole = dir != NULL;
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e && is_whole; e = readdir(dir)) {
        process one;
        if (!isdigit((unsigned char)e->d_name[0])) continue;
        if (read_stat((pid_t)strtol(e->d_name, NULL, 10), &one)) is_whole = gbx__vec_push(out, one);
    }
    if (dir) closedir(dir);
    return is_whole;
}

int64_t gbx__process_rss_bytes(const pid_t *pids, size_t n)
{
    const int64_t page = sysconf(_SC_PAGESIZE);
    int64_t bytes = 0;
    for (size_t i = 0; i < n; i++) {
        char text[128];
        long long all = 0, resident = 0;
        if (read_proc(pids[i], "statm", text, sizeof(text)) <= 0) continue;
        if (sscanf(text, "%lld %lld", &all, &resident) == 2) bytes += resident * page;
    }
    return bytes;
}

/* ---- who belongs to it ----------------------------------------------------------------------- */

static bool is_member(const process_list *list, pid_t pid)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i].pid == pid) return list->items[i].is_member;
    return false;
}

/* Children may stand before their parents: until nobody is added. */
static void mark_members(process_list *list, pid_t root)
{
    for (bool is_more = true; is_more;) {
        is_more = false;
        for (size_t i = 0; i < list->len; i++) {
            process *one = &list->items[i];
            if (one->is_member) continue;
            one->is_member = one->pid == root || one->session == root ||
                             (one->parent > 1 && is_member(list, one->parent));
            is_more = is_more || one->is_member;
        }
    }
}

bool gbx__process_tree_find(pid_t root, gbx__pids *out)
{
    process_list list = {0};
    bool is_whole = list_all(&list);
    out->len = 0;
    mark_members(&list, root);
    for (size_t i = 0; i < list.len && is_whole; i++)
        if (list.items[i].is_member && !list.items[i].is_dead)
            is_whole = gbx__vec_push(out, list.items[i].pid);
    gbx__vec_done(&list);
    return is_whole;
}

/* ---- its end --------------------------------------------------------------------------------- */

static bool has_mark(pid_t pid, const char *mark, char *room)
{
    const ssize_t len = read_proc(pid, "environ", room, ENVIRON_MAX);
    return len > 0 && memmem(room, (size_t)len, mark, strlen(mark));
}

/* Only a process of ours shows its environment. */
static void mark_by_environment(process_list *list, const char *mark)
{
    char *room = gbx__alloc(ENVIRON_MAX);
    if (!room) return;
    for (size_t i = 0; i < list->len; i++) {
        process *one = &list->items[i];
        if (!one->is_dead && !one->is_member && has_mark(one->pid, mark, room))
            one->is_member = true;
    }
    gbx__alloc_free(room);
}

/* How many were alive. */
static size_t kill_members(const process_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->len; i++) {
        const process *one = &list->items[i];
        if (!one->is_member || one->is_dead || one->pid == getpid()) continue;
        n += kill(one->pid, SIGKILL) == 0;
    }
    return n;
}

void gbx__process_tree_kill(pid_t root, const char *mark)
{
    static const struct timespec pause = {0, KILL_PAUSE_NS};
    (void)kill(root, SIGSTOP); /* so that it starts nobody while we count */
    for (int round = 0; round < KILL_ROUNDS; round++) {
        process_list list = {0};
        const bool is_whole = list_all(&list);
        mark_members(&list, root);
        if (mark) mark_by_environment(&list, mark);
        const size_t n = kill_members(&list);
        gbx__vec_done(&list);
        if (!is_whole) (void)kill(root, SIGKILL);
        if (n == 0) return;
        nanosleep(&pause, NULL);
    }
}

/* ---- what others have left ------------------------------------------------------------------- */

/* When it was started, in ticks since the machine was; -1: it is gone. */
static long long read_start(pid_t pid)
{
    char text[512];
    if (read_proc(pid, "stat", text, sizeof(text)) <= 0) return -1;
    const char *at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
    return at ? strtoll(at, NULL, 10) : -1;
}

/* The namespace of process numbers: what is seen from outside of one has other numbers in it. */
static bool read_namespace(char *out, size_t size)
{
    const ssize_t len = readlink("/proc/self/ns/pid", out, size - 1);
    if (len <= 0) return false;
    out[len] = '\0';
    return true;
}

bool gbx__process_name(pid_t pid, char out[GBX_PROCESS_NAME_SIZE])
{
    char space[32];
    const long long start = read_start(pid);
    if (start < 0 || !read_namespace(space, sizeof(space))) return false;
    snprintf(out, GBX_PROCESS_NAME_SIZE, "%s.%ld.%lld", space, (long)pid, start);
    return true;
}

/* Does it belong to a process that is gone? `key` is up to the number of that one. */
static bool is_left(pid_t pid, const char *key, char *room)
{
    char *end = NULL;
    const ssize_t len = read_proc(pid, "environ", room, ENVIRON_MAX);
    const char *at = len > 0 ? memmem(room, (size_t)len, key, strlen(key)) : NULL;
    if (!at) return false;
    const long owner = strtol(at + strlen(key), &end, 10);
    if (owner <= 0 || *end != '.') return false;
    return read_start((pid_t)owner) != strtoll(end + 1, NULL, 10);
}

void gbx__process_tree_sweep(const char *variable)
{
    char key[128];
    char space[32];
    process_list list = {0};
    char *room = gbx__alloc(ENVIRON_MAX);
    if (room && read_namespace(space, sizeof(space)) && list_all(&list)) {
        snprintf(key, sizeof(key), "%s=%s.", variable, space);
        for (size_t i = 0; i < list.len; i++) {
            const process *one = &list.items[i];
            if (!one->is_dead && one->pid != getpid() && is_left(one->pid, key, room))
                (void)kill(one->pid, SIGKILL);
        }
    }
    gbx__vec_done(&list);
    gbx__alloc_free(room);
}
