/*
 * Sessions on an engine in another process: the embedded one reads a CSV file, and the host, a fake
 * one, gives back what it was fed.
 */
#include "fake_engine.h"

#include "gearbox/gearbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define N_ROWS 500000
#define LINE_SIZE 32

/* Its columns are those that the stream has: c1, c2. */
static const char question[] = "SELECT a AS c1, b AS c2 FROM t WHERE a >= 10";

static fake host;
static gbx_error err;

static void write_table(const char *name, const char *last_line)
{
    char *text = malloc((size_t)N_ROWS * LINE_SIZE);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "a,b\n");
    for (int i = 0; i < N_ROWS; i++) len += (size_t)sprintf(text + len, "%d,text %d\n", i, i);
    sprintf(text + len, "%s", last_line);
    temp_write(host.dir, name, text);
    free(text);
}

static int set_up(void **state)
{
    (void)state;
    fake_init(&host);
    write_table("t.csv", "");
    write_table("bad.csv", "1,2,3,4\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fake_done(&host);
    return 0;
}

static gbx_session *session_with(const char *file, const gbx_engine_option *option)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.engine = "polars";
    options.engine_options = option;
    options.n_engine_options = option ? 1 : 0;
    options.threads = 1;
    options.temp_dir = host.spill;
    gbx_session *session = NULL;
    fake_command(&host, "{}");
    if (gbx_session_open(&options, &session, &err) != GBX_OK ||
        gbx_session_add_table(session, "t", temp_path(host.dir, file), &err) != GBX_OK)
        fail_msg("%s", err.message);
    return session;
}

static gbx_session *session_over(const char *file)
{
    return session_with(file, NULL);
}

static gbx_result *start(gbx_session *session, int64_t timeout_ms)
{
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = timeout_ms;
    if (gbx_session_sql(session, question, NULL, &frame, &err) != GBX_OK ||
        gbx_frame_run(frame, &options, &result, &err) != GBX_OK)
        fail_msg("%s", err.message);
    gbx_frame_free(frame);
    return result;
}

/* Takes batches until they end, or so many; what came is checked. */
static gbx_status take(gbx_result *result, int most, int64_t *out_rows)
{
    struct ArrowArrayStream stream;
    int64_t n = 0;
    GBX_TRY(gbx_result_stream(result, &stream, &err));
    for (int i = 0; i < most; i++) {
        struct ArrowArray batch = {0};
        if (stream.get_next(&stream, &batch) != 0 || !batch.release) break;
        const int64_t *values = batch.children[0]->buffers[1];
        for (int64_t k = 0; k < batch.length; k++)
            assert_int_equal(values[batch.children[0]->offset + k], 10 + n + k);
        n += batch.length;
        batch.release(&batch);
    }
    stream.release(&stream);
    *out_rows = n;
    if (!gbx_result_error(result)) return GBX_OK;
    err = *gbx_result_error(result);
    return err.status;
}

static gbx_status run(gbx_session *session, int64_t *out_rows)
{
    gbx_result *result = start(session, 0);
    const gbx_status status = take(result, INT32_MAX, out_rows);
    gbx_result_free(result);
    return status;
}

static void test_rows(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_session *s = session_over("t.csv");
    gbx_result *result = start(s, 0);
    assert_int_equal(take(result, INT32_MAX, &n), GBX_OK);
    assert_int_equal(n, N_ROWS - 10);
    gbx_stats stats = GBX_STATS_INIT;
    gbx_result_stats(result, &stats);
    assert_string_equal(stats.engine, "polars");
    assert_int_equal(stats.rows, N_ROWS - 10);
    assert_true(stats.cpu_s > 0);
    gbx_result_free(result);
    assert_int_equal(run(s, &n), GBX_OK); /* the same host again */
    assert_int_equal(fake_starts(&host), 1);
    gbx_session_close(s);
}

/* Not all rows are wanted: neither the host nor the reading is waited for. */
static void test_some_rows(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_session *s = session_over("t.csv");
    gbx_result *result = start(s, 0);
    assert_int_equal(take(result, 1, &n), GBX_OK);
    assert_true(n > 0 && n < N_ROWS - 10);
    gbx_result_free(result);
    assert_int_equal(run(s, &n), GBX_OK);
    assert_int_equal(n, N_ROWS - 10);
    gbx_session_close(s);
}

static void test_reading_fails(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_session *s = session_over("bad.csv");
    const gbx_status status = run(s, &n);
    assert_true(status == GBX_INVALID || status == GBX_CORRUPT);
    assert_non_null(strstr(err.message, "bad.csv"));
    assert_non_null(strstr(err.message, "Line"));
    gbx_session_close(s);
}

static void test_host_fails(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_session *s = session_over("t.csv");
    fake_command(&host,
                 "{\"fault\": \"failed\", \"at\": \"rows\", \"n\": 2, \"code\": \"invalid\"}");
    assert_int_equal(run(s, &n), GBX_INVALID);
    assert_string_equal(err.message, "polars: asked to fail");
    fake_command(&host, "{\"fault\": \"kill9\", \"at\": \"rows\", \"n\": 2}");
    assert_int_equal(run(s, &n), GBX_ENGINE);
    fake_command(&host, "{}");
    assert_int_equal(run(s, &n), GBX_OK); /* another one is started */
    assert_int_equal(n, N_ROWS - 10);
    gbx_session_close(s);
}

static void test_stopped(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_session *s = session_over("t.csv");
    gbx_result *result = start(s, 0);
    gbx_result_cancel(result);
    assert_int_equal(take(result, INT32_MAX, &n), GBX_CANCELLED);
    gbx_result_free(result);
    fake_command(&host, "{\"fault\": \"deaf\", \"at\": \"run\"}");
    result = start(s, 300);
    assert_int_equal(take(result, INT32_MAX, &n), GBX_TIMEOUT);
    assert_string_equal(err.message, "the time limit of 0.3 s was reached");
    gbx_result_free(result);
    gbx_session_close(s);
}

/* Reach the host, which says which it does not know. */
static void test_options(void **state)
{
    (void)state;
    int64_t n = 0;
    gbx_engine_option option = {"polars", "known.key", "\"hush\""};
    gbx_session *session = session_with("t.csv", &option);
    assert_int_equal(run(session, &n), GBX_OK);
    assert_int_equal(n, N_ROWS - 10);
    gbx_session_close(session);

    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    option.name = "what";
    session = session_with("t.csv", &option);
    assert_int_equal(gbx_session_sql(session, question, NULL, &frame, &err), GBX_OK);
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "fake has no option 'what'"));
    assert_null(strstr(err.message, "hush"));
    gbx_frame_free(frame);
    gbx_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_some_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reading_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_host_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
