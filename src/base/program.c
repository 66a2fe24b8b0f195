#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_LINE ((size_t)64 * 1024)

extern char **environ;

/* Gives whole lines and keeps the rest; `is_end`: the rest too. */
static void lines_give(gbx__buf *text, bool is_end, gbx__program_line *line, void *ctx)
{
    size_t start = 0;
    for (size_t i = 0; i < text->len; i++) {
        const bool is_break = text->data[i] == '\n';
        if (!is_break && i + 1 - start < MAX_LINE) continue;
        line(ctx, (gbx__str){text->data + start, i - start + !is_break});
        start = i + 1;
    }
    if (is_end && start < text->len) {
        line(ctx, (gbx__str){text->data + start, text->len - start});
        start = text->len;
    }
    if (start == 0) return;
    memmove(text->data, text->data + start, text->len - start);
    text->len -= start;
}

static gbx_status lines_read(int fd, gbx__program_line *line, void *ctx, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    for (;;) {
        char *room = gbx__buf_reserve(&text, 4096);
        if (!room) return GBX_FAIL_NOMEM(err);
        const ssize_t n = read(fd, room, 4096);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return gbx__error_errno(err, errno, "cannot read from a program");
        text.len += (size_t)n;
        lines_give(&text, n == 0, line, ctx);
        if (n == 0) return GBX_OK;
    }
}

static int program_spawn(const char *const argv[], int out, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0) return code;
    code = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (code == 0) code = posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    char **arguments = NULL;
    memcpy(&arguments, &argv, sizeof(arguments)); /* posix_spawnp does not write to them */
    if (code == 0) code = posix_spawnp(pid, argv[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static int program_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

gbx_status gbx__program_run(const char *const argv[], gbx__program_line *line, void *ctx,
                            int *exit_code, gbx_error *err)
{
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) != 0) {
        return gbx__error_errno(err, errno, "cannot start '%s'", argv[0]);
    }
    pid_t pid = 0;
    const int code = program_spawn(argv, pipe_fds[1], &pid);
    close(pipe_fds[1]);
    if (code != 0) {
        close(pipe_fds[0]);
        return gbx__error_errno(err, code, "cannot start '%s'", argv[0]);
    }
    const gbx_status status = lines_read(pipe_fds[0], line, ctx, err);
    close(pipe_fds[0]);
    *exit_code = program_wait(pid);
    return status;
}
