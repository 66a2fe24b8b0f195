#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_error err;

/* Runs for minutes when nobody stops it. */
static const char endless[] = "SELECT sum(sqrt(a.x * b.x + 1)) AS s "
                              "FROM range(3000000) a(x), range(3000000) b(x)";

static gbx_result *run(gbx_session *s, const char *sql, int64_t timeout_ms)
{
    gbx_frame *frame = query_frame(s, sql);
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = timeout_ms;
    gbx_result *result = NULL;
    if (gbx_frame_run(frame, &options, &result, &err) != GBX_OK) fail_msg("%s", err.message);
    gbx_frame_free(frame); /* the result keeps what it needs */
    return result;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Pulls all rows; the errno that ended them. */
static int drain(struct ArrowArrayStream *stream, int64_t *rows)
{
    for (;;) {
        struct ArrowArray batch = {0};
        const int rc = stream->get_next(stream, &batch);
        if (rc != 0) return rc;
        if (!batch.release) return 0;
        *rows += batch.length;
        batch.release(&batch);
    }
}

static void test_stream(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_result *result = run(s, "SELECT x FROM range(5000) t(x)", 0);
    struct ArrowArrayStream stream;
    struct ArrowArrayStream again;
    assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_OK);
    assert_int_equal(gbx_result_stream(result, &again, &err), GBX_MISUSE);
    assert_int_equal(gbx_result_write_fd(result, 1, NULL, &err), GBX_MISUSE);
    struct ArrowSchema schema;
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_string_equal(schema.children[0]->name, "x");
    schema.release(&schema);
    int64_t rows = 0;
    assert_int_equal(drain(&stream, &rows), 0);
    assert_int_equal(rows, 5000);
    assert_int_equal(drain(&stream, &rows), 0); /* the end stays the end */
    assert_null(gbx_result_error(result));
    assert_null(stream.get_last_error(&stream));
    gbx_stats stats = GBX_STATS_INIT;
    gbx_result_stats(result, &stats);
    assert_int_equal(stats.rows, 5000);
    assert_string_equal(stats.engine, "duckdb");
    assert_string_equal(stats.via, "plan");
    assert_true(stats.wall_s > 0 && stats.peak_rss_bytes > 0);
    char *text = NULL;
    assert_int_equal(gbx_result_stats_json(result, &text, &err), GBX_OK);
    assert_non_null(strstr(text, "\"rows\":5000,"));
    assert_non_null(strstr(text, "\"attempts\":[{\"engine\":\"duckdb\",\"status\":\"ok\""));
    gbx_text_free(text);
    stream.release(&stream);
    gbx_result_free(result);
    gbx_session_close(s);
}

/* The session goes first, then the result, and the rows still come. */
static void test_drop_orders(void **state)
{
    (void)state;
    static const char orders[][5] = {"sfra", "rsfa", "frsa", "arfs", "sarf", "fsar"};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        gbx_session *s = query_session();
        gbx_frame *frame = query_frame(s, "SELECT x FROM range(5000) t(x)");
        gbx_result *result = NULL;
        struct ArrowArrayStream stream;
        assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
        assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_OK);
        for (const char *what = orders[i]; *what != '\0'; what++) {
            int64_t rows = 0;
            if (*what == 's') gbx_session_close(s);
            if (*what == 'f') gbx_frame_free(frame);
            if (*what == 'r') gbx_result_free(result);
            if (*what != 'a') continue;
            assert_int_equal(drain(&stream, &rows), 0);
            assert_int_equal(rows, 5000);
            stream.release(&stream);
        }
    }
    /* Half the rows are enough. */
    gbx_session *s = query_session();
    gbx_result *result = run(s, "SELECT x FROM range(500000) t(x)", 0);
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_OK);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    stream.release(&stream);
    gbx_result_free(result);
    gbx_session_close(s);
    assert_true(batch.length > 0);
    batch.release(&batch); /* batches belong to whoever holds them */
    gbx_result_free(NULL);
}

static void test_runtime_failure(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_result *result =
        run(s, "SELECT CAST(t.v AS INTEGER) AS n FROM (VALUES ('1'), ('x')) AS t(v)", 0);
    struct ArrowArrayStream stream;
    int64_t rows = 0;
    assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_OK);
    assert_int_not_equal(drain(&stream, &rows), 0);
    assert_non_null(gbx_result_error(result));
    assert_int_equal(gbx_result_error(result)->line, 0); /* no place in a text nobody wrote */
    assert_string_equal(stream.get_last_error(&stream), gbx_result_error(result)->message);
    struct ArrowArray batch;
    assert_int_not_equal(stream.get_next(&stream, &batch), 0); /* it stays failed */
    char *text = NULL;
    assert_int_equal(gbx_result_stats_json(result, &text, &err), GBX_OK);
    assert_null(strstr(text, "\"status\":\"ok\""));
    gbx_text_free(text);
    stream.release(&stream);
    gbx_result_free(result);
    gbx_session_close(s);
}

static void test_timeout(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_result *result = run(s, endless, 200);
    const double start = now_s();
    assert_int_equal(gbx_result_write_fd(result, 1, NULL, &err), GBX_TIMEOUT);
    assert_true(now_s() - start < 2.0);
    assert_non_null(strstr(err.message, "0.2 s"));
    gbx_result_free(result);
    gbx_frame *frame = query_frame(s, "SELECT 1 AS a");
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = -1;
    assert_int_equal(gbx_frame_run(frame, &options, &result, &err), GBX_INVALID);
    gbx_frame_free(frame);
    assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n"); /* the session goes on */
    gbx_session_close(s);
}

typedef struct canceller {
    gbx_session *session;
    gbx_result *result;
} canceller;

static void *cancel_soon(void *arg)
{
    canceller *c = arg;
    const struct timespec pause = {0, 100000000};
    nanosleep(&pause, NULL);
    if (c->result) {
        gbx_result_cancel(c->result);
    } else {
        gbx_session_cancel(c->session);
    }
    return NULL;
}

static void test_cancel(void **state)
{
    (void)state;
    for (int by_session = 0; by_session < 2; by_session++) {
        gbx_session *s = query_session();
        gbx_result *result = run(s, endless, 0);
        canceller c = {s, by_session ? NULL : result};
        pthread_t thread;
        struct ArrowArrayStream stream;
        int64_t rows = 0;
        assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &c), 0);
        const double start = now_s();
        assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_OK);
        assert_int_equal(drain(&stream, &rows), ECANCELED);
        assert_true(now_s() - start < 1.0);
        pthread_join(thread, NULL);
        assert_int_equal(gbx_result_error(result)->status, GBX_CANCELLED);
        stream.release(&stream);
        gbx_result_free(result);
        assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n");
        gbx_session_close(s);
    }
    /* Before it starts. */
    gbx_session *s = query_session();
    gbx_result *result = run(s, "SELECT 1", 0);
    gbx_result_cancel(result);
    struct ArrowArrayStream stream;
    assert_int_equal(gbx_result_stream(result, &stream, &err), GBX_CANCELLED);
    gbx_result_free(result);
    gbx_session_close(s);
    gbx_result_cancel(NULL);
}

/* A text that takes the binder some time, within the limits of texts. */
static char *long_text(void)
{
    const size_t n_terms = 4000;
    char *text = malloc(100 + n_terms * 20);
    assert_non_null(text);
    size_t len = (size_t)sprintf(text, "SELECT x FROM range(3) t(x) WHERE false");
    for (size_t i = 0; i < n_terms; i++) len += (size_t)sprintf(text + len, " OR x = %zu", i);
    return text;
}

typedef struct often_canceller {
    gbx_session *session;
    atomic_bool is_done;
} often_canceller;

/* Whenever the binding begins, and however short it is, one of these meets it. */
static void *cancel_often(void *arg)
{
    often_canceller *c = arg;
    const struct timespec pause = {0, 1000000};
    while (!atomic_load(&c->is_done)) {
        gbx_session_cancel(c->session);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void test_cancel_while_binding(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n");
    char *text = long_text();
    often_canceller c = {.session = s};
    pthread_t thread;
    gbx_frame *frame = NULL;
    assert_int_equal(pthread_create(&thread, NULL, cancel_often, &c), 0);
    const double start = now_s();
    const gbx_status status = gbx_session_sql(s, text, NULL, &frame, &err);
    const double seconds = now_s() - start;
    atomic_store(&c.is_done, true);
    pthread_join(thread, NULL);
    free(text);
    if (status != GBX_CANCELLED) fail_msg("%d: %s", status, err.message);
    assert_true(seconds < 5.0);
    assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n");
    gbx_session_close(s);
}

typedef struct progress_log {
    int calls;
    int ends;
} progress_log;

static void progress_note(void *ctx, double fraction)
{
    progress_log *log = ctx;
    log->calls++;
    if (fraction >= 1.0) log->ends++;
}

static void test_progress(void **state)
{
    (void)state;
    progress_log log = {0};
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.progress = progress_note;
    options.progress_ctx = &log;
    gbx_session *s = NULL;
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    gbx_result *result = run(s, endless, 450);
    assert_int_equal(gbx_result_write_fd(result, 1, NULL, &err), GBX_TIMEOUT);
    assert_true(log.calls >= 3 && log.calls <= 10);
    assert_int_equal(log.ends, 1);
    gbx_result_free(result);
    gbx_session_close(s);
    assert_int_equal(log.ends, 1);
}

static void test_write_file(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    gbx_session *s = query_session();
    gbx_write_options csv = GBX_WRITE_OPTIONS_INIT;
    csv.format = GBX_FORMAT_KIND_CSV;
    gbx_result *result = run(s, "SELECT 1 AS a", 0);
    assert_int_equal(gbx_result_write_file(result, temp_path(dir, "a.csv"), &csv, &err), GBX_OK);
    gbx_result_free(result);
    assert_string_equal(temp_read(dir, "a.csv"), "a\n1\n");

    /* What fails leaves what was there, and nothing else. */
    static const gbx_format formats[] = {GBX_FORMAT_KIND_CSV, GBX_FORMAT_KIND_PARQUET};
    for (size_t i = 0; i < 2; i++) {
        gbx_write_options options = csv;
        options.format = formats[i];
        result = run(s, endless, 100);
        assert_int_equal(gbx_result_write_file(result, temp_path(dir, "a.csv"), &options, &err),
                         GBX_TIMEOUT);
        gbx_result_free(result);
        assert_string_equal(temp_read(dir, "a.csv"), "a\n1\n");
        assert_int_equal(temp_count(dir), 1);
    }
    result = run(s, "SELECT 1 AS a", 0);
    assert_int_equal(gbx_result_write_file(result, "/nowhere/a.csv", &csv, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_result_write_file(result, dir, &csv, &err), GBX_IO);
    csv.format = GBX_FORMAT_KIND_PARQUET;
    assert_int_equal(gbx_result_write_fd(result, 1, &csv, &err), GBX_UNSUPPORTED);
    csv.format = (gbx_format)77;
    assert_int_equal(gbx_result_write_fd(result, 1, &csv, &err), GBX_MISUSE);
    gbx_result_free(result);
    gbx_session_close(s);
    temp_dir_remove(dir);
}

static void test_epipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    gbx_session *s = query_session();
    gbx_result *result = run(s, "SELECT x FROM range(100000) t(x)", 0);
    gbx_write_options csv = GBX_WRITE_OPTIONS_INIT;
    csv.format = GBX_FORMAT_KIND_CSV;
    assert_int_equal(gbx_result_write_fd(result, ends[1], &csv, &err), GBX_IO);
    assert_int_equal(err.native_code, EPIPE);
    close(ends[1]);
    gbx_result_free(result);
    gbx_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream),          cmocka_unit_test(test_drop_orders),
        cmocka_unit_test(test_runtime_failure), cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_cancel),          cmocka_unit_test(test_cancel_while_binding),
        cmocka_unit_test(test_progress),        cmocka_unit_test(test_write_file),
        cmocka_unit_test(test_epipe),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
