#include "base/subprocess.h"

#include <stdbool.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where close_range is missing. */
#define FDS_MAX 65536

/* What goes on between vfork and exec shares the memory of the parent, whose thread waits: only
 * calls to the system, and `failure` to tell what went wrong. */
typedef struct child_start {
    const gbx__subprocess *how;
    pid_t parent;
    int null_fd;
    volatile int failure;
} child_start;

/* A signal that somebody has set to be ignored stays so through exec. */
static void child_signals(void)
{
    sigset_t none;
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) (void)signal(number, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_close_rest(void)
{
    if (syscall(SYS_close_range, 3, ~0U, 0) == 0) return;
    for (int fd = 3; fd < FDS_MAX; fd++) (void)close(fd);
}

/* The descriptors are all above 2: they were opened by a process that has the first three. */
static bool child_fds(const child_start *start)
{
    return dup2(start->how->stdin_fd, 0) == 0 && dup2(start->null_fd, 1) == 1 &&
           dup2(start->how->stderr_fd, 2) == 2;
}

static void child_limits(const gbx__subprocess *how)
{
    const struct rlimit no_core = {0, 0};
    const struct rlimit data = {(rlim_t)how->data_bytes, (rlim_t)how->data_bytes};
    (void)setrlimit(RLIMIT_CORE, &no_core);
    if (how->data_bytes > 0) (void)setrlimit(RLIMIT_DATA, &data);
}

static void child_run(child_start *start)
{
    char **argv = (char **)(uintptr_t)start->how->argv;
    char **env = (char **)(uintptr_t)start->how->env;
    child_signals();
    (void)setsid();
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != start->parent) _exit(127); /* it died before */
    if (child_fds(start)) {
        child_close_rest();
        child_limits(start->how);
        (void)execve(argv[0], argv, env);
    }
    start->failure = errno;
    _exit(127);
}

static pid_t spawn(child_start *start)
{
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* a handler must not run in the child */
    const pid_t pid = vfork();
    if (pid == 0) child_run(start);
    const int failure = errno;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    return pid;
}

gbx_status gbx__subprocess_start(const gbx__subprocess *how, pid_t *out, gbx_error *err)
{
    child_start start = {.how = how, .parent = getpid()};
    start.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (start.null_fd < 0) return gbx__error_errno(err, errno, "cannot open '/dev/null'");
    const pid_t pid = spawn(&start);
    const int failure = pid < 0 ? errno : start.failure;
    close(start.null_fd);
    if (failure == 0) {
        *out = pid;
        return GBX_OK;
    }
    if (pid > 0) (void)TEMP_FAILURE_RETRY(waitpid(pid, NULL, 0));
    return gbx__error_errno(err, failure, "cannot start '%s'", how->argv[0]);
}
