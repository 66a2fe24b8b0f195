/*
 * The thread of a host's process. Every 50 ms, more often near the limit, it adds up the resident
 * sets; every quarter of a second, or always near the limit, it looks who belongs to the host.
 */
#include "engine/host/process_priv.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_MS 50
#define TICK_NEAR_MS 10
#define TICK_UNLIMITED_MS 250
#define FIND_NS INT64_C(250000000)
#define NEAR_PART 2 /* near the limit: above a half of it */

int64_t gbx__host_oom_kills(void)
{
    static const char key[] = "\noom_kill ";
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    if (gbx__fs_read_head("/proc/vmstat", 65536, &text, NULL) != GBX_OK || text.len == 0) return -1;
    const char *at = strstr(text.data, key);
    return at ? strtoll(at + sizeof(key) - 1, NULL, 10) : -1;
}

typedef struct host_watch {
    gbx__host_process *process;
    gbx__pids pids;
    int64_t found_ns; /* when `pids` were looked for */
    bool is_near;
    bool is_deaf; /* stderr has ended */
} host_watch;

/* ---- memory ---------------------------------------------------------------------------------- */

static void watch_memory(host_watch *watch)
{
    gbx__host_process *process = watch->process;
    const int64_t now = gbx__mono_ns();
    if (watch->is_near || now - watch->found_ns > FIND_NS) {
        (void)gbx__process_tree_find(process->pid, &watch->pids);
        watch->found_ns = now;
    }
    const int64_t rss = gbx__process_rss_bytes(watch->pids.items, watch->pids.len);
    const int64_t limit = process->memory_bytes;
    watch->is_near = limit > 0 && rss > limit / NEAR_PART;
    pthread_mutex_lock(&process->lock);
    if (rss > process->peak_rss_bytes) process->peak_rss_bytes = rss;
    if (limit > 0 && rss > limit && !process->must_end) {
        process->is_over_limit = true;
        process->must_end = true;
    }
    pthread_mutex_unlock(&process->lock);
}

/* ---- last words ------------------------------------------------------------------------------ */

static void keep_words(gbx__host_process *process, const char *bytes, size_t len)
{
    pthread_mutex_lock(&process->lock);
    const size_t over =
        process->n_words + len > HOST_WORDS_MAX ? process->n_words + len - HOST_WORDS_MAX : 0;
    memmove(process->words, process->words + over, process->n_words - over);
    process->n_words -= over;
    memcpy(process->words + process->n_words, bytes, len);
    process->n_words += len;
    pthread_mutex_unlock(&process->lock);
}

/* What there is, without waiting for more. */
static void hear(host_watch *watch)
{
    char bytes[HOST_WORDS_MAX / 2];
    while (!watch->is_deaf) {
        const ssize_t n = read(watch->process->stderr_fd, bytes, sizeof(bytes));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return;
        if (n == 0) watch->is_deaf = true;
        keep_words(watch->process, bytes, (size_t)n);
    }
}

/* ---- its life -------------------------------------------------------------------------------- */

static void set_state(gbx__host_process *process, host_state state)
{
    pthread_mutex_lock(&process->lock);
    process->state = state;
    pthread_cond_broadcast(&process->changed);
    pthread_mutex_unlock(&process->lock);
}

static bool must_end(gbx__host_process *process)
{
    pthread_mutex_lock(&process->lock);
    const bool must = process->must_end;
    pthread_mutex_unlock(&process->lock);
    return must;
}

/* Has it ended? It is not waited for yet: while it lies there its number is nobody else's. */
static bool has_ended(const gbx__host_process *process)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == process->pid;
}

static void wait_a_little(host_watch *watch)
{
    const gbx__host_process *process = watch->process;
    struct pollfd fds[] = {{.fd = process->wake_fd, .events = POLLIN},
                           {.fd = watch->is_deaf ? -1 : process->stderr_fd, .events = POLLIN}};
    const int tick = watch->is_near              ? TICK_NEAR_MS
                     : process->memory_bytes > 0 ? TICK_MS
                                                 : TICK_UNLIMITED_MS;
    (void)poll(fds, 2, tick);
}

static void watch_life(host_watch *watch)
{
    gbx__host_process *process = watch->process;
    while (!has_ended(process) && !must_end(process)) {
        wait_a_little(watch);
        hear(watch);
        watch_memory(watch);
    }
    gbx__process_tree_kill(process->pid, process->mark);
    hear(watch);
    int status = 0;
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR) continue;
    process->wait_status = status; /* read by others once the state says so */
}

void *gbx__host_watch(void *arg)
{
    gbx__host_process *process = arg;
    host_watch watch = {.process = process};
    process->start_status =
        gbx__subprocess_start(&process->how, &process->pid, &process->start_error);
    close(process->how.stdin_fd);
    close(process->how.stderr_fd);
    process->how.stdin_fd = process->how.stderr_fd = -1;
    if (process->start_status == GBX_OK) {
        set_state(process, HOST_RUNNING);
        watch_life(&watch);
    }
    gbx__vec_done(&watch.pids);
    set_state(process, HOST_ENDED);
    return NULL;
}
