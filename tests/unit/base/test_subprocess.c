#include "base/subprocess.h"

#include "base/env.h"
#include "base/process_tree.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A shell with a command; what it writes to stderr is read from *words. */
static pid_t start_shell(const char *command, const char *const *env, int *words)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    int in[2], out[2];
    pid_t pid = -1;
    gbx_error err;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    const gbx__subprocess how = {.argv = argv, .env = env, .stdin_fd = in[0], .stderr_fd = out[1]};
    if (gbx__subprocess_start(&how, &pid, &err) != GBX_OK) fail_msg("%s", err.message);
    close(in[0]);
    close(in[1]);
    close(out[1]);
    *words = out[0];
    return pid;
}

static int wait_for(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void read_all(int fd, char *out, size_t size)
{
    size_t len = 0;
    ssize_t n;
    while (len < size - 1 && (n = read(fd, out + len, size - 1 - len)) > 0) len += (size_t)n;
    out[len] = '\0';
    close(fd);
}

static void a_program_gets_what_it_is_given(void **state)
{
    static const char *const env[] = {"A=1", "B=x y", NULL};
    char words[256];
    int fd;
    (void)state;
    const pid_t pid =
        start_shell("echo \"$A|$B|$HOME|$(ls /proc/self/fd | wc -l)\" >&2; exit 7", env, &fd);
    read_all(fd, words, sizeof(words));
    assert_string_equal(words, "1|x y||4\n"); /* ls has the folder open, too */
    assert_int_equal(WEXITSTATUS(wait_for(pid)), 7);
}

static void it_leads_a_session_and_no_signal_is_ignored(void **state)
{
    static const char *const env[] = {NULL};
    char words[256];
    char expected[64];
    int fd;
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    const pid_t pid = start_shell("cut -d ' ' -f 6 /proc/$$/stat >&2; "
                                  "grep SigIgn /proc/$$/status | cut -f 2 >&2",
                                  env, &fd);
    signal(SIGPIPE, SIG_DFL);
    read_all(fd, words, sizeof(words));
    snprintf(expected, sizeof(expected), "%ld\n", (long)pid);
    assert_memory_equal(words, expected, strlen(expected));
    /* 32 and 33 are the C library's own: nobody can set them, and some start with them ignored. */
    const unsigned long long own = 3ULL << 31;
    assert_int_equal(strtoull(words + strlen(expected), NULL, 16) & ~own, 0);
    assert_int_equal(wait_for(pid), 0);
}

static void what_is_not_there_is_told(void **state)
{
    static const char *const argv[] = {"/no/such/program", NULL};
    static const char *const env[] = {NULL};
    const gbx__subprocess how = {.argv = argv, .env = env, .stdin_fd = 0, .stderr_fd = 2};
    pid_t pid = -1;
    gbx_error err;
    (void)state;
    assert_int_equal(gbx__subprocess_start(&how, &pid, &err), GBX_NOT_FOUND);
    assert_string_equal(err.message, "cannot start '/no/such/program': No such file or directory");
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* One that left its session and lost its parent has but the mark. */
static void a_tree_is_found_and_killed(void **state)
{
    static const char *const env[] = {"MARK=test_subprocess_7", "PATH=/usr/bin:/bin", NULL};
    char words[256] = "";
    int fd;
    gbx__pids pids = {0};
    (void)state;
    const pid_t pid = start_shell("sleep 1000 & echo $! >&2; "
                                  "(setsid sh -c 'echo $$ >&2; exec sleep 1000' &); "
                                  "sleep 0.2; echo end >&2; wait",
                                  env, &fd);
    for (size_t len = 0; !strstr(words, "end");) {
        const ssize_t n = read(fd, words + len, sizeof(words) - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
    }
    close(fd);
    char *next = NULL;
    const pid_t child = (pid_t)strtol(words, &next, 10);
    const pid_t other = (pid_t)strtol(next, NULL, 10);
    assert_true(gbx__process_tree_find(pid, &pids));
    assert_true(pids.len >= 2);
    assert_true(gbx__process_rss_bytes(pids.items, pids.len) > 100000);
    assert_int_equal(kill(child, 0), 0);
    assert_int_equal(kill(other, 0), 0);
    gbx__process_tree_kill(pid, "MARK=test_subprocess_7");
    assert_int_equal(WTERMSIG(wait_for(pid)), SIGKILL);
    /* Entries that nobody has waited for may be left. */
    const pid_t gone[] = {pid, child, other};
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
        assert_true(gbx__process_tree_find(gone[i], &pids));
        assert_int_equal(pids.len, 0);
    }
    gbx__vec_done(&pids);
}

static void an_environment_is_selected(void **state)
{
    static const char *const names[] = {"TEST_SUB_A", "TEST_SUB_P*", NULL};
    static const char *const more[] = {"TEST_SUB_PX=new", "OTHER=1", NULL};
    gbx__arena arena;
    gbx__buf all = {0};
    (void)state;
    gbx__arena_init(&arena);
    setenv("TEST_SUB_A", "a", 1);
    setenv("TEST_SUB_AB", "no", 1);
    setenv("TEST_SUB_PX", "old", 1);
    setenv("TEST_SUB_PY", "y", 1);
    const char **env = gbx__env_select(&arena, names, more);
    assert_non_null(env);
    for (size_t i = 0; env[i]; i++) gbx__buf_printf(&all, "%s ", env[i]);
    assert_non_null(strstr(all.data, "TEST_SUB_A=a "));
    assert_non_null(strstr(all.data, "TEST_SUB_PY=y "));
    assert_non_null(strstr(all.data, "TEST_SUB_PX=new OTHER=1 "));
    assert_null(strstr(all.data, "old"));
    assert_null(strstr(all.data, "no"));
    assert_null(strstr(all.data, "PATH="));
    gbx__buf_done(&all);
    gbx__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_gets_what_it_is_given),
        cmocka_unit_test(it_leads_a_session_and_no_signal_is_ignored),
        cmocka_unit_test(what_is_not_there_is_told),
        cmocka_unit_test(a_tree_is_found_and_killed),
        cmocka_unit_test(an_environment_is_selected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
