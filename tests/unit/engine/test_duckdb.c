/* The contract as DuckDB keeps it: plans and texts in, streams out, failures without places. */
#include "engine/duckdb/engine_duckdb.h"
#include "sql/sql.h"
#include "support/duck.h"
#include "support/temp.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const gbx__engine_vtable *const vtable = &gbx__engine_duckdb;
static gbx__engine *engine;
static gbx__duck_conn *binder;
static char folder[TEMP_DIR_SIZE];

static int open_engine(void **state)
{
    (void)state;
    gbx_error err = {0};
    temp_dir_make(folder);
    const gbx__engine_config config = {
        .memory_bytes = 700000000, .threads = 2, .spill_dir = folder};
    if (vtable->open(vtable, &config, &engine, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(gbx__duck_connect(gbx__engine_duckdb_instance(engine), &binder, &err), GBX_OK);
    return 0;
}

static int close_engine(void **state)
{
    (void)state;
    gbx__duck_disconnect(binder);
    vtable->close(engine);
    assert_int_equal(temp_count(folder), 0);
    temp_dir_remove(folder);
    return 0;
}

static gbx_plan *plan_of(const char *text)
{
    const gbx__sql_request request = {.text = gbx__str_of(text), .conn = binder};
    gbx__sql_result result = {0};
    gbx_error err = {0};
    if (gbx__sql_import(&request, &result, &err) != GBX_OK) fail_msg("%s: %s", text, err.message);
    if (!result.plan) fail_msg("%s: %s", text, result.why_not.message);
    gbx_plan *plan = gbx__plan_ref(result.plan);
    gbx__sql_result_done(&result);
    return plan;
}

/* Rows of the first column, of int64, added up; the job is closed. */
static gbx_status run_sum(const gbx__fragment *fragment, gbx__cancel *cancel, int64_t *sum,
                          gbx_error *err)
{
    gbx__job *job = NULL;
    struct ArrowArrayStream rows = {0};
    struct ArrowArray batch;
    *sum = 0;
    gbx_status status = vtable->prepare(engine, fragment, &job, err);
    if (status == GBX_OK) status = vtable->run(job, cancel, &rows, err);
    while (status == GBX_OK) {
        if (rows.get_next(&rows, &batch) != 0) {
            const gbx_error *error = vtable->stream_error(job);
            assert_non_null(error);
            assert_string_equal(rows.get_last_error(&rows), error->message);
            *err = *error;
            status = error->status;
            break;
        }
        if (!batch.release) break;
        const int64_t *values = batch.children[0]->buffers[1];
        for (int64_t i = 0; i < batch.length; i++) *sum += values[i];
        batch.release(&batch);
    }
    if (rows.release) rows.release(&rows);
    vtable->job_close(job);
    return status;
}

/* ---- plans and texts ------------------------------------------------------------------------- */

static void test_a_plan(void **state)
{
    (void)state;
    gbx_plan *plan =
        plan_of("SELECT x * 2 AS y FROM (VALUES (1::BIGINT), (2), (3)) t(x) WHERE x > 1");
    const gbx__fragment fragment = {.plan = plan};
    gbx_error err = {0};
    gbx__buf shown = {0};
    int64_t sum = 0;
    if (vtable->can(engine, plan, &err) != GBX_OK) fail_msg("%s", err.message);
    if (run_sum(&fragment, NULL, &sum, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(sum, 10);
    assert_int_equal(vtable->show(engine, plan, &shown, &err), GBX_OK);
    assert_non_null(strstr(shown.data, "SELECT"));
    gbx__buf_done(&shown);
    gbx__plan_unref(plan);
}

static void test_a_function_that_it_lacks(void **state)
{
    (void)state;
    gbx_plan *plan = plan_of("SELECT 1 + x FROM (VALUES (1)) t(x)");
    /* A plan over the same nodes, with a function of another engine. */
    static gbx__function other;
    gbx__plan_builder b;
    gbx_plan *changed = NULL;
    gbx_error err = {0};
    gbx__plan_builder_init(&b);
    assert_true(gbx__plan_builder_share(&b, plan));
    other = *gbx__function_find(GBX_FN_SCALAR, GBX_STR("+"));
    other.name = "strange";
    other.engines = 1u << 20;
    const gbx__col *col = &plan->root->cols[0];
    const gbx__expr *arg = gbx__expr_column(&b.arena, col->id, col->type, GBX_NO_POS);
    const gbx__expr *args[] = {arg, arg};
    const gbx__expr *call = gbx__expr_call(&b.arena, &other, col->type, (gbx__pos){7, 5}, 2, args);
    const gbx__node *root = gbx__node_project(&b, plan->root, 1, &call, &GBX_STR("c"), GBX_NO_POS);
    if (gbx__plan_finish(&b, root, plan->text, &changed, &err) != GBX_OK)
        fail_msg("%s", err.message);
    assert_int_equal(vtable->can(engine, changed, &err), GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "strange"));
    assert_int_equal(err.column, 8);
    gbx__plan_builder_done(&b);
    gbx__plan_unref(changed);
    gbx__plan_unref(plan);
}

static void test_a_text_with_parameters(void **state)
{
    (void)state;
    const gbx__param_value params[] = {{.name = GBX_STR("n"), .text = GBX_STR("1000")}};
    const gbx__fragment fragment = {
        .opaque_sql = "SELECT i FROM range(CAST($n AS INT)) t(i)", .n_params = 1, .params = params};
    gbx_error err = {0};
    int64_t sum = 0;
    if (run_sum(&fragment, NULL, &sum, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(sum, 499500);
}

static void test_streams_as_inputs(void **state)
{
    (void)state;
    duck other;
    struct ArrowArrayStream streams[2];
    gbx_error err = {0};
    int64_t sum = 0;
    duck_open(&other, NULL);
    gbx__duck_conn *second = NULL;
    assert_int_equal(gbx__duck_connect(other.instance, &second, &err), GBX_OK);
    duck_query(&other, "SELECT i FROM range(100) t(i)", &streams[0]);
    assert_int_equal(
        gbx__duck_query(second, "SELECT i FROM range(50) t(i)", 0, NULL, NULL, &streams[1], &err),
        GBX_OK);
    gbx__stream_input inputs[] = {{GBX_STR("left one"), &streams[0]},
                                  {GBX_STR("right"), &streams[1]}};
    const gbx__fragment fragment = {
        .opaque_sql = "SELECT l.i FROM \"left one\" l JOIN \"right\" r ON l.i = r.i",
        .n_inputs = 2,
        .inputs = inputs};
    if (run_sum(&fragment, NULL, &sum, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(sum, 1225);
    assert_null(streams[0].release);
    assert_null(streams[1].release);
    gbx__duck_disconnect(second);
    duck_close(&other);
}

/* ---- failures -------------------------------------------------------------------------------- */

static void test_failures_have_no_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        gbx_status status;
    } cases[] = {{"SELECT nope FROM range(1)", GBX_BIND},
                 {"SELEC", GBX_PARSE},
                 {"FROM '/no/such.csv'", GBX_NOT_FOUND},
                 {"SELECT CAST('x' || i AS INT) FROM range(10) t(i)", GBX_INVALID}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const gbx__fragment fragment = {.opaque_sql = cases[i].text};
        gbx_error err = {0};
        int64_t sum = 0;
        assert_int_equal(run_sum(&fragment, NULL, &sum, &err), cases[i].status);
        assert_int_equal(err.line, 0);
        assert_int_equal(err.column, 0);
        assert_int_equal(err.offset, -1);
        assert_true(strlen(err.message) > 0);
    }
}

static void test_a_job_runs_once(void **state)
{
    (void)state;
    const gbx__fragment fragment = {.opaque_sql = "SELECT 1"};
    gbx__job *job = NULL;
    struct ArrowArrayStream rows;
    gbx_error err = {0};
    assert_int_equal(vtable->prepare(engine, &fragment, &job, &err), GBX_OK);
    assert_int_equal(vtable->run(job, NULL, &rows, &err), GBX_OK);
    rows.release(&rows);
    assert_int_equal(vtable->run(job, NULL, &rows, &err), GBX_MISUSE);
    vtable->job_close(job);
    vtable->job_close(NULL);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static const char *const endless =
    "SELECT count(*) FROM range(10000000) a, range(100000) b WHERE (a.range + b.range) % 3 = 1";

static void *cancel_job_later(void *job)
{
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    vtable->cancel(job);
    return NULL;
}

static void test_cancel_from_another_thread(void **state)
{
    (void)state;
    const gbx__fragment fragment = {.opaque_sql = endless};
    gbx__job *job = NULL;
    struct ArrowArrayStream rows;
    struct ArrowArray batch;
    gbx_error err = {0};
    pthread_t thread;
    assert_int_equal(vtable->prepare(engine, &fragment, &job, &err), GBX_OK);
    assert_int_equal(vtable->run(job, NULL, &rows, &err), GBX_OK);
    assert_null(vtable->stream_error(job));
    assert_int_equal(pthread_create(&thread, NULL, cancel_job_later, job), 0);
    const int64_t start = gbx__mono_ns();
    assert_int_equal(rows.get_next(&rows, &batch), ECANCELED);
    assert_true(gbx__mono_ns() - start < duck_patience_ns(1500000000));
    assert_int_equal(vtable->stream_error(job)->status, GBX_CANCELLED);
    pthread_join(thread, NULL);
    rows.release(&rows);
    assert_int_equal(vtable->stream_error(job)->status, GBX_CANCELLED); /* after release too */
    vtable->job_close(job);
}

static void test_cancel_before_the_run(void **state)
{
    (void)state;
    const gbx__fragment fragment = {.opaque_sql = "SELECT 1"};
    gbx__job *job = NULL;
    struct ArrowArrayStream rows = {0};
    gbx_error err = {0};
    assert_int_equal(vtable->prepare(engine, &fragment, &job, &err), GBX_OK);
    assert_true(vtable->progress(job) < 0);
    vtable->cancel(job);
    assert_int_equal(vtable->run(job, NULL, &rows, &err), GBX_CANCELLED);
    assert_null(rows.release);
    vtable->job_close(job);
}

static void test_time_limit(void **state)
{
    (void)state;
    const gbx__fragment fragment = {.opaque_sql = endless};
    gbx__cancel token;
    gbx_error err = {0};
    int64_t sum = 0;
    gbx__cancel_init(&token);
    gbx__cancel_deadline(&token, gbx__mono_ns() + 200000000);
    assert_int_equal(run_sum(&fragment, &token, &sum, &err), GBX_TIMEOUT);
}

/* ---- memory and access ----------------------------------------------------------------------- */

static void test_too_little_memory(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 64000000, 250000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const gbx__engine_config config = {.memory_bytes = sizes[i], .threads = 2};
        gbx__engine *small = NULL;
        gbx_error err = {0};
        assert_int_equal(vtable->open(vtable, &config, &small, &err), GBX_NOMEM);
        assert_null(small);
        if (!strstr(err.message, "too small for DuckDB") || !strstr(err.message, "it needs"))
            fail_msg("%s", err.message);
    }
}

static void test_fewer_threads_for_little_memory(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__engine *one = NULL;
    gbx__duck_conn *conn = NULL;
    gbx__buf text = {0};
    const gbx__engine_config config = {.memory_bytes = gbx__peak_rss_bytes() + 330000000};
    if (vtable->open(vtable, &config, &one, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(gbx__duck_connect(gbx__engine_duckdb_instance(one), &conn, &err), GBX_OK);
    assert_int_equal(
        gbx__duck_text(conn, "SELECT current_setting('threads') <= 4", 0, NULL, &text, NULL, &err),
        GBX_OK);
    assert_string_equal(text.data, "true");
    gbx__buf_done(&text);
    gbx__duck_disconnect(conn);
    vtable->close(one);
}

/* Of an engine with one option, what the setting of that name has come to. */
static gbx_status setting_of(const char *name, const char *value, gbx__buf *out, gbx_error *err)
{
    static const char *const usr[] = {"/usr"};
    const gbx__engine_option option = {name, value};
    const gbx__engine_config config = {.threads = 1,
                                       .spill_dir = "/tmp",
                                       .restricted = true,
                                       .allowed_dirs = usr,
                                       .n_allowed_dirs = 1,
                                       .options = &option,
                                       .n_options = 1};
    char sql[200];
    gbx__engine *one = NULL;
    gbx__duck_conn *conn = NULL;
    GBX_TRY(vtable->open(vtable, &config, &one, err));
    snprintf(sql, sizeof(sql), "SELECT current_setting('%s')", name);
    assert_int_equal(gbx__duck_connect(gbx__engine_duckdb_instance(one), &conn, err), GBX_OK);
    assert_int_equal(gbx__duck_text(conn, sql, 0, NULL, out, NULL, err), GBX_OK);
    gbx__duck_disconnect(conn);
    vtable->close(one);
    return GBX_OK;
}

static void test_options(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__buf text = {0};
    static const char *const good[][3] = {{"max_temp_directory_size", "1GiB", "1.0 GiB"},
                                          {"parquet_metadata_cache", "true", "true"},
                                          {"enable_external_file_cache", "false", "false"}};
    for (size_t i = 0; i < 3; i++) {
        gbx__buf_clear(&text);
        if (setting_of(good[i][0], good[i][1], &text, &err) != GBX_OK) fail_msg("%s", err.message);
        assert_string_equal(text.data, good[i][2]);
    }
    /* each of these would change an answer, a limit or what may be read */
    static const char *const bad[] = {"threads",
                                      "memory_limit",
                                      "enable_external_access",
                                      "temp_directory",
                                      "TimeZone",
                                      "default_null_order",
                                      "extension_directory",
                                      "",
                                      "Parquet_metadata_cache"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(setting_of(bad[i], "hush", &text, &err), GBX_INVALID);
        assert_null(strstr(err.message, "hush"));
        assert_non_null(strstr(err.message, bad[i]));
    }
    assert_non_null(strstr(err.message, "did you mean parquet_metadata_cache?"));
    assert_int_equal(setting_of("max_temp_directory_size", "hush", &text, &err), GBX_INVALID);
    assert_string_equal(err.message,
                        "duckdb refuses the value of its option 'max_temp_directory_size'");
    gbx__buf_done(&text);
}

static gbx_status read_hostname(const gbx__engine_config *config)
{
    gbx_error err = {0};
    gbx__engine *one = NULL;
    gbx__duck_conn *conn = NULL;
    if (vtable->open(vtable, config, &one, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(gbx__duck_connect(gbx__engine_duckdb_instance(one), &conn, &err), GBX_OK);
    const gbx_status status =
        gbx__duck_exec(conn, "SELECT * FROM read_text('/etc/hostname')", &err);
    gbx__duck_disconnect(conn);
    vtable->close(one);
    return status;
}

static void test_restricted(void **state)
{
    (void)state;
    static const char *const etc[] = {"/etc"};
    static const char *const usr[] = {"/usr"};
    gbx__engine_config config = {.threads = 1};
    assert_int_equal(read_hostname(&config), GBX_OK);
    config.restricted = true;
    assert_int_equal(read_hostname(&config), GBX_DENIED);
    config.allowed_dirs = usr;
    config.n_allowed_dirs = 1;
    assert_int_equal(read_hostname(&config), GBX_DENIED);
    config.allowed_dirs = etc;
    assert_int_equal(read_hostname(&config), GBX_OK);
}

static void test_a_stream_outlives_its_engine(void **state)
{
    (void)state;
    const gbx__engine_config config = {.threads = 1};
    const gbx__fragment fragment = {.opaque_sql = "SELECT i FROM range(100000) t(i)"};
    gbx__engine *one = NULL;
    gbx__job *job = NULL;
    struct ArrowArrayStream rows;
    struct ArrowArray batch;
    gbx_error err = {0};
    int64_t n = 0;
    assert_int_equal(vtable->open(vtable, &config, &one, &err), GBX_OK);
    assert_int_equal(vtable->prepare(one, &fragment, &job, &err), GBX_OK);
    assert_int_equal(vtable->run(job, NULL, &rows, &err), GBX_OK);
    vtable->close(one);
    for (;;) {
        assert_int_equal(rows.get_next(&rows, &batch), 0);
        if (!batch.release) break;
        n += batch.length;
        batch.release(&batch);
    }
    assert_int_equal(n, 100000);
    rows.release(&rows);
    vtable->job_close(job);
    vtable->close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plan),
        cmocka_unit_test(test_a_function_that_it_lacks),
        cmocka_unit_test(test_a_text_with_parameters),
        cmocka_unit_test(test_streams_as_inputs),
        cmocka_unit_test(test_failures_have_no_place),
        cmocka_unit_test(test_a_job_runs_once),
        cmocka_unit_test(test_cancel_from_another_thread),
        cmocka_unit_test(test_cancel_before_the_run),
        cmocka_unit_test(test_time_limit),
        cmocka_unit_test(test_too_little_memory),
        cmocka_unit_test(test_fewer_threads_for_little_memory),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_restricted),
        cmocka_unit_test(test_a_stream_outlives_its_engine),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
