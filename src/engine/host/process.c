#include "engine/host/process_priv.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/env.h"
#include "wire/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOST_MARK "GEARBOX_HOST"
#define ACCEPT_TICK_MS 20
#define GOODBYE_NS INT64_C(2000000000) /* for an end without being killed */
#define WHY_NS INT64_C(500000000)      /* between a broken connection and the end of the process */

static const char *const usual_names[] = {"PATH", "HOME", "LANG", "LC_*", "JAVA_HOME", NULL};

/* ---- what it is given ------------------------------------------------------------------------ */

static gbx_status make_token(gbx__host_process *process, gbx_error *err)
{
    unsigned char bytes[HOST_TOKEN_LEN / 2];
    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return gbx__error_errno(err, errno, "no random numbers");
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(process->token + 2 * i, 3, "%02x", (unsigned)bytes[i]);
    return GBX_OK;
}

static const char **join_names(gbx__arena *arena, const char *const *more)
{
    size_t n = 0, n_more = 0;
    while (usual_names[n]) n++;
    while (more && more[n_more]) n_more++;
    const char **out = GBX_ARENA_ARRAY(arena, n + n_more + 1, const char *);
    if (!out) return NULL;
    memcpy(out, usual_names, n * sizeof(*out));
    if (n_more > 0) memcpy(out + n, more, n_more * sizeof(*out));
    return out;
}

/* Files for a while go where they are found when the host is gone. */
static gbx_status make_environment(gbx__host_process *process, const char *const *names,
                                   gbx_error *err)
{
    gbx__arena *arena = &process->arena;
    const char *temp = process->spill.path ? process->spill.path : gbx__env_get("TMPDIR");
    char own[GBX_PROCESS_NAME_SIZE] = "";
    (void)gbx__process_name(getpid(), own);
    process->mark = gbx__arena_printf(arena, HOST_MARK "=%s.%.16s", own, process->token);
    const char *more[] = {process->mark, "TZ=UTC", NULL, NULL};
    if (temp) more[2] = gbx__arena_printf(arena, "TMPDIR=%s", temp);
    const char **all = join_names(arena, names);
    if (!process->mark || (temp && !more[2]) || !all) return GBX_FAIL_NOMEM(err);
    process->how.env = gbx__env_select(arena, all, more);
    return process->how.env ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status make_arguments(gbx__host_process *process, const gbx__host_launch *launch,
                                 gbx_error *err)
{
    gbx__arena *arena = &process->arena;
    const char **argv = GBX_ARENA_ARRAY(arena, 4, const char *);
    if (!argv) return GBX_FAIL_NOMEM(err);
    process->engine = gbx__arena_cstr(arena, launch->engine);
    argv[0] = gbx__arena_cstr(arena, launch->python);
    argv[1] = gbx__arena_cstr(arena, launch->program);
    argv[2] = process->engine;
    process->how.argv = argv;
    process->how.data_bytes = launch->data_bytes;
    process->memory_bytes = launch->memory_bytes;
    return argv[0] && argv[1] && argv[2] ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* ---- the socket ------------------------------------------------------------------------------ */

/* A path that fits the address, in a folder that only we may enter. */
static gbx_status open_folder(gbx__host_process *process, struct sockaddr_un *address,
                              gbx_error *err)
{
    const char *const parents[] = {gbx__env_get("XDG_RUNTIME_DIR"), gbx__env_get("TMPDIR"), "/tmp"};
    gbx_status status = GBX_IO;
    address->sun_family = AF_UNIX;
    for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
        if (!parents[i] || strlen(parents[i]) + 48 > sizeof(address->sun_path)) continue;
        if (access(parents[i], W_OK) != 0 && i + 1 < sizeof(parents) / sizeof(parents[0])) continue;
        status = gbx__spill_open(&process->folder, parents[i], err);
        if (status != GBX_OK) continue;
        snprintf(address->sun_path, sizeof(address->sun_path), "%s/host", process->folder.path);
        return GBX_OK;
    }
    return status;
}

static gbx_status open_socket(gbx__host_process *process, struct sockaddr_un *address,
                              gbx_error *err)
{
    GBX_TRY(open_folder(process, address, err));
    process->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (process->listen_fd < 0) return gbx__error_errno(err, errno, "cannot make a socket");
    const struct sockaddr *name = (const struct sockaddr *)address;
    if (bind(process->listen_fd, name, sizeof(*address)) != 0 || listen(process->listen_fd, 4) != 0)
        return gbx__error_errno(err, errno, "cannot listen on '%s'", address->sun_path);
    return GBX_OK;
}

/* stdin is a socket too: writing to one that has gone gives an error, not a signal. */
static gbx_status open_pipes(gbx__host_process *process, gbx_error *err)
{
    int in[2] = {-1, -1};
    int words[2] = {-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0)
        return gbx__error_errno(err, errno, "cannot make a socket");
    process->stdin_fd = in[0];
    process->how.stdin_fd = in[1];
    if (pipe2(words, O_CLOEXEC) != 0) return gbx__error_errno(err, errno, "cannot make a pipe");
    process->stderr_fd = words[0];
    process->how.stderr_fd = words[1];
    (void)fcntl(words[0], F_SETFL, O_NONBLOCK);
    process->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (process->wake_fd < 0) return gbx__error_errno(err, errno, "cannot make an eventfd");
    return GBX_OK;
}

/* ---- starting -------------------------------------------------------------------------------- */

static gbx_status start_thread(gbx__host_process *process, gbx_error *err)
{
    sigset_t all, before;
    sigfillset(&all); /* signals are for the program's own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int code = pthread_create(&process->thread, NULL, gbx__host_watch, process);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0) return gbx__error_errno(err, code, "cannot start a thread");
    process->has_thread = true;
    pthread_mutex_lock(&process->lock);
    while (process->state == HOST_STARTING) pthread_cond_wait(&process->changed, &process->lock);
    pthread_mutex_unlock(&process->lock);
    if (process->start_status == GBX_OK) return GBX_OK;
    if (err) *err = process->start_error;
    return process->start_status;
}

static gbx_status tell_start(gbx__host_process *process, const struct sockaddr_un *address,
                             gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf line = {0};
    gbx__wire_put_start(&line, address->sun_path, process->token, process->engine);
    if (line.failed) return GBX_FAIL_NOMEM(err);
    /* It fits the socket's buffer; a host that is gone is noticed when it does not connect. */
    (void)!send(process->stdin_fd, line.data, line.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    return GBX_OK;
}

static gbx_status process_fill(gbx__host_process *process, const gbx__host_launch *launch,
                               gbx_error *err)
{
    struct sockaddr_un address = {0};
    gbx__process_tree_sweep(HOST_MARK);
    GBX_TRY(make_token(process, err));
    if (launch->spill_dir) GBX_TRY(gbx__spill_open(&process->spill, launch->spill_dir, err));
    GBX_TRY(make_arguments(process, launch, err));
    GBX_TRY(make_environment(process, launch->env_names, err));
    GBX_TRY(open_socket(process, &address, err));
    GBX_TRY(open_pipes(process, err));
    process->oom_kills = gbx__host_oom_kills();
    GBX_TRY(start_thread(process, err));
    return tell_start(process, &address, err);
}

gbx_status gbx__host_process_start(const gbx__host_launch *launch, gbx__host_process **out,
                                   gbx_error *err)
{
    gbx__host_process *process = gbx__alloc_zero(sizeof(*process));
    if (!process) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&process->arena);
    process->listen_fd = process->stdin_fd = process->stderr_fd = process->wake_fd = -1;
    process->how.stdin_fd = process->how.stderr_fd = -1;
    pthread_mutex_init(&process->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&process->changed, &attr);
    pthread_condattr_destroy(&attr);
    const gbx_status status = process_fill(process, launch, err);
    if (status != GBX_OK) {
        gbx__host_process_end(process, false);
        return status;
    }
    *out = process;
    return GBX_OK;
}

const char *gbx__host_process_spill_dir(const gbx__host_process *process)
{
    return process->spill.path;
}

bool gbx__host_process_is_token(const gbx__host_process *process, const char *text, size_t len)
{
    unsigned char difference = 0;
    if (len != HOST_TOKEN_LEN) return false;
    for (size_t i = 0; i < len; i++)
        difference = (unsigned char)(difference | (text[i] ^ process->token[i]));
    return difference == 0;
}

/* ---- its connection -------------------------------------------------------------------------- */

/* -1: nobody, or somebody else. */
static int accept_one(const gbx__host_process *process)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    const int fd = accept4(process->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -1;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == geteuid())
        return fd;
    close(fd);
    return -1;
}

gbx_status gbx__host_process_accept(gbx__host_process *process, int64_t deadline_mono_ns,
                                    const gbx__cancel *cancel, int *out, gbx_error *err)
{
    for (;;) {
        struct pollfd fd = {.fd = process->listen_fd, .events = POLLIN};
        (void)poll(&fd, 1, ACCEPT_TICK_MS);
        const int peer = accept_one(process);
        if (peer >= 0) {
            *out = peer;
            return GBX_OK;
        }
        GBX_TRY(gbx__cancel_check_err(cancel, err));
        if (!gbx__host_process_is_running(process))
            return gbx__host_process_why(process, NULL, err);
        if (gbx__mono_ns() > deadline_mono_ns)
            return gbx__host_process_why(process, "it did not connect in time", err);
    }
}

void gbx__host_process_accepted(gbx__host_process *process)
{
    if (process->listen_fd >= 0) close(process->listen_fd);
    process->listen_fd = -1;
    gbx__spill_close(&process->folder);
}

/* ---- its state ------------------------------------------------------------------------------- */

bool gbx__host_process_is_running(gbx__host_process *process)
{
    pthread_mutex_lock(&process->lock);
    const bool is_running = process->state == HOST_RUNNING;
    pthread_mutex_unlock(&process->lock);
    return is_running;
}

int64_t gbx__host_process_peak_rss_bytes(gbx__host_process *process)
{
    pthread_mutex_lock(&process->lock);
    const int64_t bytes = process->peak_rss_bytes;
    pthread_mutex_unlock(&process->lock);
    return bytes;
}

/* ---- its end --------------------------------------------------------------------------------- */

/* True when it ended in time. */
static bool wait_for_end(gbx__host_process *process, int64_t ns)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ns / 1000000000;
    until.tv_nsec += ns % 1000000000;
    if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    pthread_mutex_lock(&process->lock);
    int code = 0;
    while (process->state != HOST_ENDED && code == 0)
        code = pthread_cond_timedwait(&process->changed, &process->lock, &until);
    const bool has_ended = process->state == HOST_ENDED;
    pthread_mutex_unlock(&process->lock);
    return has_ended;
}

/* Afterwards there is no process, and nothing of it changes any more. */
static void stop(gbx__host_process *process)
{
    if (!process->has_thread) return;
    pthread_mutex_lock(&process->lock);
    process->must_end = true;
    pthread_mutex_unlock(&process->lock);
    (void)eventfd_write(process->wake_fd, 1);
    pthread_join(process->thread, NULL);
    process->has_thread = false;
}

static void close_fd(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

void gbx__host_process_end(gbx__host_process *process, bool is_asked)
{
    if (!process) return;
    close_fd(&process->stdin_fd);
    if (is_asked && process->has_thread) (void)wait_for_end(process, GOODBYE_NS);
    stop(process);
    gbx__host_process_accepted(process);
    close_fd(&process->how.stdin_fd);
    close_fd(&process->how.stderr_fd);
    close_fd(&process->stderr_fd);
    close_fd(&process->wake_fd);
    gbx__spill_close(&process->spill);
    pthread_cond_destroy(&process->changed);
    pthread_mutex_destroy(&process->lock);
    gbx__arena_done(&process->arena);
    gbx__alloc_free(process);
}

/* ---- why ------------------------------------------------------------------------------------- */

/* The last line that it wrote; for an uncaught exception that is the exception. */
static gbx__str last_words(const gbx__host_process *process)
{
    size_t end = process->n_words;
    while (end > 0 && (unsigned char)process->words[end - 1] <= ' ') end--;
    size_t start = end;
    while (start > 0 && process->words[start - 1] != '\n') start--;
    if (end - start > 300) start = end - 300;
    return (gbx__str){process->words + start, end - start};
}

/* Did the system kill it for want of memory? It counts such ends. */
static bool is_oom_kill(const gbx__host_process *process)
{
    return process->oom_kills >= 0 && gbx__host_oom_kills() > process->oom_kills;
}

static gbx_status say_memory(const gbx__host_process *process, gbx_error *err)
{
    if (process->is_over_limit)
        return GBX_FAIL(err, GBX_NOMEM,
                        "%s went over its memory limit of %lld MB and was stopped; give it more "
                        "with --memory",
                        process->engine, (long long)(process->memory_bytes / 1000000));
    return GBX_FAIL(err, GBX_NOMEM,
                    "the system was out of memory and killed %s; give it less with --memory",
                    process->engine);
}

static gbx_status say_end(const gbx__host_process *process, bool was_gone, const char *otherwise,
                          gbx_error *err)
{
    const int status = process->wait_status;
    const gbx__str words = last_words(process);
    const bool is_killed = was_gone && WIFSIGNALED(status);
    if (process->is_over_limit ||
        (is_killed && WTERMSIG(status) == SIGKILL && is_oom_kill(process)))
        return say_memory(process, err);
    char how[160];
    if (is_killed)
        snprintf(how, sizeof(how), "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else if (otherwise)
        snprintf(how, sizeof(how), "was stopped: %s", otherwise);
    else if (was_gone && WIFEXITED(status))
        snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
    else
        snprintf(how, sizeof(how), "was stopped");
    gbx__error_set(err, GBX_ENGINE, "the host of %s %s%s%.*s", process->engine, how,
                   words.len > 0 ? "; its last words: " : "", GBX_STR_ARG(words));
    return GBX_ENGINE;
}

gbx_status gbx__host_process_why(gbx__host_process *process, const char *otherwise, gbx_error *err)
{
    const bool was_gone = wait_for_end(process, otherwise ? 0 : WHY_NS);
    stop(process);
    return say_end(process, was_gone, otherwise, err);
}
