/*
 * Engines in other processes that die, hang and lie. After each fault: the right code, a message
 * that says what it was, no process, no file, and a next job that goes well.
 *
 *   host_faults [ROUNDS [SEED]]   how often each fault that comes at a random moment is tried (3)
 */
#include "fake_engine.h"

#include "arrow/arrow.h"
#include "base/clock.h"
#include "base/fault.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int n_rounds = 3;
static unsigned seed = 1;

static double random_s(double max)
{
    seed = seed * 1103515245u + 12345u;
    return max * (double)(seed >> 8 & 0xFFFF) / 65536.0;
}

static void must_run(fake *f, int64_t n_rows)
{
    gbx_error err;
    int64_t found = -1;
    fake_command(f, "{}");
    if (fake_run(f, NULL, &found, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(found, n_rows);
}

static void must_fail(fake *f, gbx_status status, const char *words)
{
    gbx_error err = {0};
    const gbx_status found = fake_run(f, NULL, NULL, &err);
    if (found != status || !strstr(err.message, words))
        fail_msg("%d: %s; expected %d: %s", found, err.message, status, words);
}

/* ---- when all goes well ---------------------------------------------------------------------- */

static void rows_come_and_the_host_stays_warm(void **state)
{
    fake f;
    (void)state;
    fake_init(&f);
    gbx__engine_info info = f.vtable->info;
    gbx_error err;
    assert_int_equal(f.vtable->probe(f.vtable, &info, &err), GBX_OK);
    assert_string_equal(info.version, "9.9");
    fake_open(&f);
    assert_int_equal(fake_starts(&f), 0); /* nothing is started before it is needed */
    for (int i = 0; i < 5; i++) must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 1);
    f.n_batches = 0;
    must_run(&f, 0);
    f.n_batches = 5000;
    must_run(&f, 5000000);
    assert_int_equal(fake_starts(&f), 1);
    assert_int_equal(fake_alive(&f), 1);
    fake_done(&f);
}

static void two_results_have_two_hosts(void **state)
{
    fake f;
    gbx_error err;
    struct ArrowArrayStream in[2], out[2];
    gbx__job *jobs[2];
    (void)state;
    fake_init(&f);
    fake_open(&f);
    for (int i = 0; i < 2; i++) {
        rows_stream(&f.input, 100, 0, &in[i]);
        assert_int_equal(fake_prepare(&f, &in[i], &jobs[i], &err), GBX_OK);
        assert_int_equal(f.vtable->run(jobs[i], NULL, &out[i], &err), GBX_OK);
    }
    for (int i = 0; i < 2; i++) {
        int64_t n_rows = 0;
        gbx__engine_usage usage = {0};
        assert_int_equal(fake_drain(&f, jobs[i], &out[i], &n_rows, &err), GBX_OK);
        assert_int_equal(n_rows, 100000);
        out[i].release(&out[i]);
        f.vtable->usage(jobs[i], &usage);
        assert_true(usage.cpu_s > 0);
        assert_int_equal(usage.peak_rss_bytes, 1000);
        f.vtable->job_close(jobs[i]);
    }
    assert_int_equal(fake_starts(&f), 2);
    must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 2); /* one of them was kept */
    fake_done(&f);
}

static void a_result_may_be_left_early(void **state)
{
    fake f;
    gbx_error err;
    (void)state;
    fake_init(&f);
    fake_open(&f);
    for (int i = 0; i < n_rounds; i++) {
        struct ArrowArrayStream in, out;
        struct ArrowArray batch = {0};
        gbx__job *job = NULL;
        fake_command(&f, "{\"repeat\":200}");
        rows_stream(&f.input, 1000, 0, &in);
        assert_int_equal(fake_prepare(&f, &in, &job, &err), GBX_OK);
        assert_int_equal(f.vtable->run(job, NULL, &out, &err), GBX_OK);
        for (int n = 0; n < i; n++) {
            assert_int_equal(out.get_next(&out, &batch), 0);
            assert_non_null(batch.release);
            batch.release(&batch);
        }
        out.release(&out);
        f.vtable->job_close(job);
    }
    must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 1);
    fake_done(&f);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static void a_cancelled_job_leaves_the_host_warm(void **state)
{
    fake f;
    gbx_error err;
    (void)state;
    fake_init(&f);
    fake_open(&f);
    f.n_batches = 100000;
    for (int i = 0; i < n_rounds; i++) {
        gbx__cancel token;
        gbx__cancel_init(&token);
        gbx__cancel_deadline(&token, gbx__mono_ns() + (int64_t)(random_s(0.1) * 1e9));
        assert_int_equal(fake_run(&f, &token, NULL, &err), GBX_TIMEOUT);
    }
    f.n_batches = 3;
    must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 1);
    fake_done(&f);
}

static void a_host_that_is_late_to_cancel_is_ended(void **state)
{
    fake f;
    gbx_error err;
    gbx__cancel token;
    (void)state;
    fake_init(&f);
    fake_open(&f);
    must_run(&f, 3000);
    fake_command(&f, "{\"fault\":\"late\",\"at\":\"run\"}");
    gbx__cancel_init(&token);
    gbx__cancel_deadline(&token, gbx__mono_ns() + 300000000);
    const int64_t start_ns = gbx__mono_ns();
    assert_int_equal(fake_run(&f, &token, NULL, &err), GBX_TIMEOUT);
    const double took_s = (double)(gbx__mono_ns() - start_ns) / 1e9;
    assert_true(took_s > 1.9 && took_s < 8);
    must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 2);
    fake_done(&f);
}

/* ---- faults at a known moment ---------------------------------------------------------------- */

static void faults_at_known_moments(void **state)
{
    static const struct {
        const char *command;
        gbx_status status;
        const char *words;
    } cases[] = {
        {"{\"fault\":\"exit\",\"at\":\"start\"}", GBX_ENGINE,
         "the host of polars ended with status 3; its last words: RuntimeError: these are"},
        {"{\"fault\":\"kill9\",\"at\":\"start\"}", GBX_ENGINE, "killed by signal 9"},
        {"{\"fault\":\"garbage\",\"at\":\"hello\"}", GBX_ENGINE, "what came is no frame"},
        {"{\"fault\":\"cut\",\"at\":\"hello\"}", GBX_ENGINE, "a message was cut short"},
        {"{\"fault\":\"version\",\"at\":\"hello\"}", GBX_ENGINE,
         "it speaks version 2 of the protocol, Gearbox version 1: gearbox engines install polars"},
        {"{\"fault\":\"engine\",\"at\":\"hello\"}", GBX_ENGINE, "the host of another engine"},
        {"{\"fault\":\"caps\",\"at\":\"hello\"}", GBX_ENGINE, "its semantics are version 2"},
        {"{\"fault\":\"exit\",\"at\":\"prepare\"}", GBX_ENGINE, "these are the last words"},
        {"{\"fault\":\"garbage\",\"at\":\"prepare\"}", GBX_ENGINE, "what came is no frame"},
        {"{\"fault\":\"failed\",\"at\":\"prepare\",\"code\":\"unsupported\"}", GBX_UNSUPPORTED,
         "polars: asked to fail"},
        {"{\"fault\":\"kill9\",\"at\":\"run\"}", GBX_ENGINE, "killed by signal 9"},
        {"{\"fault\":\"failed\",\"at\":\"run\",\"code\":\"out_of_memory\"}", GBX_NOMEM, "asked to"},
        {"{\"fault\":\"failed\",\"at\":\"run\",\"code\":\"invalid\"}", GBX_INVALID, "asked to"},
        {"{\"fault\":\"full\",\"at\":\"run\"}", GBX_IO, "cannot spill: No space left on device"},
        {"{\"fault\":\"cut\",\"at\":\"rows\",\"n\":1}", GBX_ENGINE, "a message was cut short"},
        {"{\"fault\":\"crowd\",\"at\":\"rows\",\"n\":1}", GBX_ENGINE, "killed by signal 9"},
        {"{\"fault\":\"schema\",\"at\":\"never\"}", GBX_ENGINE,
         "column 1 of its result is int32 where the plan has int64"},
        {"{\"fault\":\"lost\",\"at\":\"never\"}", GBX_ENGINE, "it lost rows of its result"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake f;
        fake_init(&f);
        fake_open(&f);
        fake_command(&f, "%s", cases[i].command);
        must_fail(&f, cases[i].status, cases[i].words);
        must_run(&f, 3000);
        fake_done(&f);
    }
}

static void a_stranger_on_the_socket_is_sent_away(void **state)
{
    fake f;
    gbx_error err;
    (void)state;
    fake_init(&f);
    fake_open(&f);
    fake_command(&f, "{\"fault\":\"token\",\"at\":\"hello\"}");
    if (fake_run(&f, NULL, NULL, &err) != GBX_OK) fail_msg("%s", err.message);
    fake_done(&f);
}

static void a_silent_host_is_ended(void **state)
{
    static const char *const commands[] = {"{\"fault\":\"silent\",\"at\":\"prepare\"}",
                                           "{\"fault\":\"silent\",\"at\":\"rows\",\"n\":1}",
                                           "{\"fault\":\"stop\",\"at\":\"run\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        fake f;
        fake_init(&f);
        setenv("GEARBOX_HOST_SILENCE", "500ms", 1);
        fake_open(&f);
        fake_command(&f, "%s", commands[i]);
        must_fail(&f, GBX_ENGINE, "it has said nothing for 0.5 s");
        fake_done(&f);
    }
}

static void a_host_over_its_memory_is_ended(void **state)
{
    fake f;
    (void)state;
    fake_init(&f);
    f.config.memory_bytes = 200000000;
    fake_open(&f);
    must_run(&f, 3000);
    fake_command(&f, "{\"fault\":\"eat\",\"at\":\"run\"}");
    must_fail(&f, GBX_NOMEM, "polars went over its memory limit of 200 MB and was stopped");
    must_run(&f, 3000);
    fake_done(&f);
}

static void a_failing_input_is_the_jobs_failure(void **state)
{
    fake f;
    (void)state;
    fake_init(&f);
    fake_open(&f);
    f.errnum = EINVAL;
    must_fail(&f, GBX_INVALID, "");
    f.errnum = 0;
    must_run(&f, 3000);
    assert_int_equal(fake_starts(&f), 1);
    fake_done(&f);
}

/* ---- broken environments --------------------------------------------------------------------- */

static void a_broken_environment_is_told(void **state)
{
    static const struct {
        const char *file, *text; /* NULL: removed */
        gbx_status status;
        const char *words;
    } cases[] = {
        {"engines/polars/gearbox-engine.json", NULL, GBX_NOT_FOUND,
         "polars is not installed: gearbox engines install polars"},
        {"engines/polars/gearbox-engine.json", "{", GBX_ENGINE,
         "the environment of polars is broken: its gearbox-engine.json is no JSON: gearbox"},
        {"engines/polars/gearbox-engine.json", "{\"gearbox_engine\":1,\"protocol\":2}", GBX_ENGINE,
         "another version of Gearbox made it: gearbox engines install polars"},
        {"engines/polars/bin/python", NULL, GBX_ENGINE, "it has no bin/python"},
        {"hosts/python/host.py", NULL, GBX_NOT_FOUND, "the host program python/host.py is missing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake f;
        gbx_error err = {0};
        gbx__engine_info info;
        fake_init(&f);
        info = f.vtable->info;
        assert_int_equal(unlink(temp_path(f.dir, cases[i].file)), 0);
        if (cases[i].text) temp_write(f.dir, cases[i].file, cases[i].text);
        assert_int_equal(f.vtable->probe(f.vtable, &info, &err), cases[i].status);
        if (!strstr(err.message, cases[i].words)) fail_msg("%s", err.message);
        assert_int_equal(f.vtable->open(f.vtable, &f.config, &f.engine, &err), cases[i].status);
        fake_done(&f);
    }
}

/* ---- at random moments ----------------------------------------------------------------------- */

static void faults_at_random_moments(void **state)
{
    static const struct {
        const char *fault;
        const char *words;
    } cases[] = {
        {"kill9", "killed by signal 9"},      {"stop", "it has said nothing for"},
        {"garbage", "the host of polars"},    {"cut", "the host of polars"},
        {"exit", "these are the last words"}, {"silent", "it has said nothing for"},
        {"crowd", "killed by signal 9"},
    };
    fake f;
    (void)state;
    fake_init(&f);
    setenv("GEARBOX_HOST_SILENCE", "1s", 1);
    fake_open(&f);
    for (int i = 0; i < n_rounds; i++) {
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
            gbx_error err = {0};
            fake_command(&f, "{\"fault\":\"%s\",\"at\":\"time\",\"after_s\":%g,\"repeat\":1000}",
                         cases[c].fault, random_s(0.15));
            f.n_batches = 100000;
            const gbx_status status = fake_run(&f, NULL, NULL, &err);
            if (status != GBX_ENGINE || !strstr(err.message, cases[c].words))
                fail_msg("%s: %d %s", cases[c].fault, status, err.message);
            fake_check_clean(&f);
            f.n_batches = 3;
        }
        must_run(&f, 3000);
        fake_close(&f);
        fake_open(&f);
    }
    fake_done(&f);
}

/* ---- memory that runs out here --------------------------------------------------------------- */

static gbx_status whole_job(fake *f, gbx_error *err)
{
    const gbx_status status = f->vtable->open(f->vtable, &f->config, &f->engine, err);
    const gbx_status run = status == GBX_OK ? fake_run(f, NULL, NULL, err) : status;
    fake_close(f);
    return run;
}

/* An allocation of ours fails, some that a job goes on without. */
static void allocations_that_fail(void **state)
{
    fake f;
    gbx_error err;
    (void)state;
    fake_init(&f);
    gbx__fault_arm(GBX_FAULT_ALLOC, INT64_MAX);
    assert_int_equal(whole_job(&f, &err), GBX_OK);
    const int64_t n_all = gbx__fault_count(GBX_FAULT_ALLOC);
    int n_failed = 0;
    for (int i = 0; i < 10 * n_rounds; i++) {
        gbx__fault_arm(GBX_FAULT_ALLOC, 1 + (int64_t)random_s((double)n_all));
        const gbx_status status = whole_job(&f, &err);
        gbx__fault_arm(GBX_FAULT_ALLOC, 0);
        if (status != GBX_OK && status != GBX_NOMEM) fail_msg("%d: %s", status, err.message);
        n_failed += status == GBX_NOMEM;
        fake_check_clean(&f);
    }
    assert_true(n_failed > 0);
    fake_done(&f);
}

/* ---- two at once, and one that is killed ----------------------------------------------------- */

static void other_process(fake *f, int n_jobs)
{
    gbx_error err;
    int64_t n_rows = 0;
    f->engine = NULL;
    bool is_well = f->vtable->open(f->vtable, &f->config, &f->engine, &err) == GBX_OK;
    for (int i = 0; i < n_jobs && is_well; i++)
        is_well = fake_run(f, NULL, &n_rows, &err) == GBX_OK && n_rows == 3000;
    f->vtable->close(f->engine);
    _exit(is_well ? 0 : 1);
}

static void two_processes_do_not_meet(void **state)
{
    fake f;
    int status = -1;
    (void)state;
    fake_init(&f);
    const pid_t pid = fork();
    if (pid == 0) other_process(&f, 5);
    fake_open(&f);
    for (int i = 0; i < 5; i++) {
        gbx_error err;
        int64_t n_rows = 0;
        assert_int_equal(fake_run(&f, NULL, &n_rows, &err), GBX_OK);
        assert_int_equal(n_rows, 3000);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    fake_done(&f);
}

/* The host of a Gearbox that is killed ends; what it had started is swept by the next one. */
static void a_killed_gearbox_leaves_nothing(void **state)
{
    fake f;
    (void)state;
    fake_init(&f);
    fake_command(&f, "{\"fault\":\"family\",\"at\":\"prepare\"}");
    for (int i = 0; i < n_rounds; i++) {
        const int n_before = fake_starts(&f);
        const struct timespec pause = {0, 10000000 + (long)(random_s(0.2) * 1e9)};
        int status = 0;
        const pid_t pid = fork();
        if (pid == 0) other_process(&f, 1000000);
        while (fake_starts(&f) == n_before) nanosleep(&(struct timespec){0, 1000000}, NULL);
        nanosleep(&pause, NULL);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
    }
    fake_open(&f);
    must_run(&f, 3000);
    fake_done(&f);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_and_the_host_stays_warm),
        cmocka_unit_test(two_results_have_two_hosts),
        cmocka_unit_test(a_result_may_be_left_early),
        cmocka_unit_test(a_cancelled_job_leaves_the_host_warm),
        cmocka_unit_test(a_host_that_is_late_to_cancel_is_ended),
        cmocka_unit_test(faults_at_known_moments),
        cmocka_unit_test(a_stranger_on_the_socket_is_sent_away),
        cmocka_unit_test(a_silent_host_is_ended),
        cmocka_unit_test(a_host_over_its_memory_is_ended),
        cmocka_unit_test(a_failing_input_is_the_jobs_failure),
        cmocka_unit_test(a_broken_environment_is_told),
        cmocka_unit_test(faults_at_random_moments),
        cmocka_unit_test(allocations_that_fail),
        cmocka_unit_test(two_processes_do_not_meet),
        cmocka_unit_test(a_killed_gearbox_leaves_nothing),
    };
    if (argc > 1) n_rounds = atoi(argv[1]);
    if (argc > 2) seed = (unsigned)atoi(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
