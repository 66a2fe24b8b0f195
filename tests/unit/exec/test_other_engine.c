/*
 * A session on an engine that is not the embedded one: what reaches it, and what comes of it. The
 * engine here is a second DuckDB that says it reads nothing but Parquet.
 */
#include "gearbox/gearbox.h"

#include "engine/duckdb/engine_duckdb.h"
#include "support/query.h"
#include "support/temp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TREE_SIZE 4096
#define ALL_OF_IT INT64_C(4000000000)

/* What the engine saw last. */
static struct {
    int n_open, n_prepared;
    gbx__engine_config config;
    char allowed[TEMP_PATH_SIZE];
    char options[200];
    char tree[TREE_SIZE];
    size_t n_inputs, n_params;
    char input[64];
    char param[64]; /* name: type = value */
    int64_t now_us, seed;
} seen;

static gbx_error err;
static char dir[TEMP_DIR_SIZE];

static gbx_status mirror_open(const gbx__engine_vtable *self, const gbx__engine_config *config,
                              gbx__engine **out, gbx_error *e)
{
    assert_string_equal(self->info.name, "mirror");
    seen.n_open++;
    seen.config = *config;
    gbx__buf options = {0};
    gbx__buf_puts(&options, "");
    for (size_t i = 0; i < config->n_options; i++)
        gbx__buf_printf(&options, "%s=%s ", config->options[i].name, config->options[i].value);
    snprintf(seen.options, sizeof(seen.options), "%s", options.data);
    gbx__buf_done(&options);
    seen.allowed[0] = '\0';
    if (config->n_allowed_dirs > 0)
        snprintf(seen.allowed, sizeof(seen.allowed), "%s", config->allowed_dirs[0]);
    gbx__engine_config inner = *config;
    inner.n_options = 0; /* they are the mirror's, not DuckDB's */
    return gbx__engine_duckdb.open(&gbx__engine_duckdb, &inner, out, e);
}

static bool mirror_reads(gbx__engine *engine, const gbx__node *scan)
{
    assert_non_null(engine);
    return scan->scan.scan->format == GBX_SCAN_PARQUET;
}

static void mirror_see_param(const gbx__param_value *param)
{
    gbx__buf text = {0};
    gbx__buf_printf(&text, "%.*s: ", GBX_STR_ARG(param->name));
    if (param->type) {
        gbx__type_print(&text, param->type);
        gbx__buf_puts(&text, " = ");
        gbx__value_print(&text, param->type, param->value);
    }
    snprintf(seen.param, sizeof(seen.param), "%s", text.data);
    gbx__buf_done(&text);
}

static gbx_status mirror_prepare(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                                 gbx_error *e)
{
    gbx__buf tree = {0};
    gbx__plan_print(&tree, fragment->plan);
    snprintf(seen.tree, sizeof(seen.tree), "%s", tree.data);
    gbx__buf_done(&tree);
    seen.n_prepared++;
    seen.n_inputs = fragment->n_inputs;
    seen.n_params = fragment->n_params;
    seen.now_us = fragment->now_us;
    seen.seed = fragment->seed;
    if (fragment->n_inputs > 0)
        snprintf(seen.input, sizeof(seen.input), "%.*s", GBX_STR_ARG(fragment->inputs[0].name));
    if (fragment->n_params > 0) mirror_see_param(&fragment->params[0]);
    return gbx__engine_duckdb.prepare(engine, fragment, out, e);
}

static gbx_status mirror_can(gbx__engine *engine, const gbx_plan *plan, gbx_error *e)
{
    if (plan->root->kind == GBX_NODE_DISTINCT)
        return GBX_FAIL(e, GBX_UNSUPPORTED, "mirror does not declare the operator distinct");
    return gbx__engine_duckdb.can(engine, plan, e);
}

static void mirror_usage(const gbx__job *job, gbx__engine_usage *out)
{
    assert_non_null(job);
    *out = (gbx__engine_usage){.cpu_s = 1000, .peak_rss_bytes = ALL_OF_IT};
}

static gbx__engine_vtable mirror;

static int set_up(void **state)
{
    (void)state;
    mirror = gbx__engine_duckdb;
    mirror.info.name = "mirror";
    mirror.info.speaks_sql = false;
    mirror.open = mirror_open;
    mirror.reads = mirror_reads;
    mirror.can = mirror_can;
    mirror.prepare = mirror_prepare;
    mirror.usage = mirror_usage;
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a,b,c\n1,x,10\n2,y,20\n3,x,30\n");
    temp_write(dir, "u.csv", "k,v\n1,one\n3,three\n");
    return gbx__engine_register(&mirror, &err) == GBX_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(dir);
    return 0;
}

static gbx_session *session_on(const char *engine)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.threads = 1;
    options.engine = engine;
    gbx_session *session = NULL;
    memset(&seen, 0, sizeof(seen));
    if (gbx_session_open(&options, &session, &err) != GBX_OK) fail_msg("%s", err.message);
    if (gbx_session_add_table(session, "t", temp_path(dir, "t.csv"), &err) != GBX_OK ||
        gbx_session_add_table(session, "u", temp_path(dir, "u.csv"), &err) != GBX_OK)
        fail_msg("%s", err.message);
    return session;
}

/* --- what reaches it -------------------------------------------------------------------------- */

static void test_fed(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    assert_string_equal(query_text(s, "SELECT b, sum(c) AS s FROM t WHERE a > 1 GROUP BY b "
                                      "ORDER BY b"),
                        "b,s\nx,30\ny,20\n");
    assert_string_equal(seen.tree, "Sort [b]\n"
                                   "└─ Project b, s = #5\n"
                                   "   └─ Aggregate by b, #5 = sum(c)\n"
                                   "      └─ Scan 'gearbox input 1' → b, c, about 3 rows\n");
    assert_int_equal(seen.n_inputs, 1);
    assert_string_equal(seen.input, "gearbox input 1");
    assert_string_equal(query_text(s, "SELECT v, b FROM t JOIN u ON a = k ORDER BY v"),
                        "v,b\none,x\nthree,x\n");
    assert_int_equal(seen.n_inputs, 2);
    assert_string_equal(query_text(s, "SELECT count(*) AS n FROM t x, t y"), "n\n9\n");
    assert_string_equal(query_text(s, "WITH q AS (SELECT a FROM t) SELECT count(*) AS n FROM q x "
                                      "JOIN q y ON x.a < y.a"),
                        "n\n3\n");
    assert_int_equal(seen.n_open, 1);
    gbx_session_close(s);
}

/* What it reads by itself is its own. */
static void test_parquet(void **state)
{
    (void)state;
    gbx_session *duck = session_on("duckdb");
    gbx_frame *frame = query_frame(duck, "FROM t");
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_PARQUET;
    const char *path = temp_path(dir, "t.parquet");
    assert_int_equal(gbx_result_write_file(result, path, &options, &err), GBX_OK);
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_session_close(duck);

    gbx_session *s = session_on("mirror");
    assert_int_equal(gbx_session_add_table(s, "p", path, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT max(c) AS m FROM p"), "m\n30\n");
    assert_int_equal(seen.n_inputs, 0);
    assert_string_equal(query_text(s, "SELECT v, p.b FROM p JOIN u ON a = k WHERE v > 'p'"),
                        "v,b\nthree,x\n");
    assert_int_equal(seen.n_inputs, 1);
    gbx_session_close(s);
}

static void test_stream(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    struct ArrowArrayStream stream;
    query_stream(1000, &stream);
    assert_int_equal(gbx_session_add_stream(s, "numbers", &stream, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT count(*) AS n, sum(x) AS s FROM numbers WHERE x > 9"),
                        "n,s\n990,499455\n");
    gbx_session_close(s);
    assert_int_equal(query_stream_count(), 0);
}

static void test_columns_without_it(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    gbx_frame *frame = query_frame(s, "SELECT b, c FROM t");
    struct ArrowSchema schema;
    assert_int_equal(gbx_frame_schema(frame, &schema, &err), GBX_OK);
    assert_int_equal(schema.n_children, 2);
    assert_string_equal(schema.children[1]->name, "c");
    schema.release(&schema);
    assert_int_equal(seen.n_open, 0);
    gbx_frame_free(frame);
    gbx_session_close(s);
}

static gbx_frame *frame_with(gbx_session *s, const char *sql, const char *name, const char *text)
{
    const gbx_param param = {name, text};
    const gbx_params params = {1, &param};
    gbx_frame *frame = NULL;
    if (gbx_session_sql(s, sql, &params, &frame, &err) != GBX_OK) fail_msg("%s", err.message);
    return frame;
}

static void test_params(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    const char *by_day =
        "SELECT DATE '2024-02-29' + CAST($n AS INTEGER) AS d, count(*) AS n FROM t";
    assert_string_equal(query_take(frame_with(s, by_day, "n", "1")), "d,n\n2024-03-01,3\n");
    assert_string_equal(seen.param, "n: int32 = 1");
    /* One that only what is read for it names has no type for it. */
    const char *pushed = "SELECT sum(a) AS s FROM t WHERE b = $b";
    assert_string_equal(query_take(frame_with(s, pushed, "b", "x")), "s\n4\n");
    assert_string_equal(seen.param, "b: ");
    gbx_frame *frame = frame_with(s, "SELECT CAST($d AS DATE) AS d FROM t", "d", NULL);
    assert_string_equal(query_rows(frame), "d\n\n\n\n");
    gbx_frame_free(frame);

    /* A text that is no value of the type; the text itself is not told. */
    frame = frame_with(s, "SELECT CAST($d AS DATE) AS d FROM t", "d", "secret");
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "$d"));
    assert_null(strstr(err.message, "secret"));
    gbx_frame_free(frame);
    gbx_session_close(s);
}

static void test_time_of_the_job(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    assert_string_equal(query_text(s,
                                   "SELECT count(DISTINCT now()) AS n, min(now()) = max(now()) "
                                   "AS same FROM t WHERE now() > TIMESTAMPTZ '2020-01-01 00:00Z'"),
                        "n,same\n1,true\n");
    assert_true(seen.now_us > INT64_C(1577836800000000));
    const int64_t seed = seen.seed;
    assert_true(seed >= 0 && seed < INT64_C(1) << 53);
    assert_string_equal(query_text(s, "SELECT count(*) AS n FROM t"), "n\n3\n");
    assert_int_not_equal(seen.seed, seed);
    gbx_session_close(s);
}

/* --- what comes of it ------------------------------------------------------------------------- */

static void test_figures(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    gbx_frame *frame = query_frame(s, "SELECT a FROM t LIMIT 1");
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
    struct ArrowArrayStream rows;
    assert_int_equal(gbx_result_stream(result, &rows, &err), GBX_OK);
    struct ArrowArray batch = {0};
    assert_int_equal(rows.get_next(&rows, &batch), 0);
    assert_int_equal(batch.length, 1);
    batch.release(&batch);
    rows.release(&rows);
    gbx_stats stats = GBX_STATS_INIT;
    gbx_result_stats(result, &stats);
    assert_string_equal(stats.engine, "mirror");
    assert_string_equal(stats.why, "asked for by --engine");
    assert_string_equal(stats.via, "plan");
    assert_true(stats.cpu_s >= 1000);
    assert_true(stats.peak_rss_bytes > ALL_OF_IT);
    assert_int_equal(stats.bytes_read, 27);
    char *json = NULL;
    assert_int_equal(gbx_result_stats_json(result, &json, &err), GBX_OK);
    assert_non_null(strstr(json, "\"attempts\":[{\"engine\":\"mirror\",\"status\":\"ok\""));
    gbx_text_free(json);
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_session_close(s);
}

static void test_explain(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    gbx_frame *frame = query_frame(s, "SELECT b FROM t WHERE a > 1");
    char *text = NULL;
    assert_int_equal(gbx_frame_explain(frame, GBX_EXPLAIN_TEXT, &text, &err), GBX_OK);
    assert_non_null(strstr(text, "plan\n"
                                 "  Project b\n"
                                 "  └─ Scan 'gearbox input 1' → b, about 3 rows\n"
                                 "gearbox input 1: read by duckdb\n"
                                 "  Select c2\n"
                                 "  └─ Filter c1 > 1\n"
                                 "     └─ Scan "));
    assert_non_null(strstr(text, "t.csv → c1, c2, about 3 rows\nsources\n"));
    assert_non_null(strstr(text, "engine\n  mirror: asked for by --engine\n"));
    gbx_text_free(text);
    assert_int_equal(gbx_frame_explain(frame, GBX_EXPLAIN_JSON, &text, &err), GBX_OK);
    assert_non_null(strstr(text, "\"feeds\":[{\"name\":\"gearbox input 1\",\"engine\":\"duckdb\""));
    gbx_text_free(text);
    gbx_frame_free(frame);

    frame = query_frame(s, "SELECT DISTINCT b FROM t");
    assert_int_equal(gbx_frame_explain(frame, GBX_EXPLAIN_TEXT, &text, &err), GBX_OK);
    assert_non_null(strstr(text, "but it can't run this: mirror does not declare the operator "
                                 "distinct\n"));
    gbx_text_free(text);
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_UNSUPPORTED);
    assert_string_equal(err.message, "mirror does not declare the operator distinct");
    gbx_frame_free(frame);
    gbx_session_close(s);
}

static gbx_status run_to_end(gbx_session *s, const char *sql)
{
    gbx_frame *frame = query_frame(s, sql);
    gbx_result *result = NULL;
    struct ArrowArrayStream rows = {0};
    gbx_status status = gbx_frame_run(frame, NULL, &result, &err);
    gbx_frame_free(frame);
    if (status == GBX_OK) status = gbx_result_stream(result, &rows, &err);
    int rc = 0;
    while (status == GBX_OK && rc == 0) {
        struct ArrowArray batch = {0};
        rc = rows.get_next(&rows, &batch);
        if (rc == 0 && !batch.release) break;
        if (batch.release) batch.release(&batch);
    }
    if (rc != 0) {
        err = *gbx_result_error(result);
        status = err.status;
    }
    if (rows.release) rows.release(&rows);
    gbx_result_free(result);
    return status;
}

/* The failure is that of the reading, in its own words: the engine only saw a stream end. */
static void test_feed_fails(void **state)
{
    (void)state;
    gbx_session *duck = session_on("duckdb");
    char text[200000];
    size_t len = (size_t)snprintf(text, sizeof(text), "a,b\n");
    while (len + 64 < sizeof(text))
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%zu,1\n", len);
    snprintf(text + len, sizeof(text) - len, "1,2,3,4\n");
    temp_write(dir, "bad.csv", text);
    const char *path = temp_path(dir, "bad.csv");
    const char *sql = "SELECT sum(a) FROM bad";
    assert_int_equal(gbx_session_add_table(duck, "bad", path, &err), GBX_OK);
    const gbx_status status = run_to_end(duck, sql);
    const gbx_error own = err;
    assert_int_not_equal(status, GBX_OK);
    gbx_session_close(duck);

    gbx_session *s = session_on("mirror");
    assert_int_equal(gbx_session_add_table(s, "bad", path, &err), GBX_OK);
    assert_int_equal(run_to_end(s, sql), status);
    assert_string_equal(err.message, own.message);
    /* The session goes on. */
    assert_string_equal(query_text(s, "SELECT count(*) AS n FROM t"), "n\n3\n");
    gbx_session_close(s);
}

static void test_engine_fails(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    assert_int_equal(run_to_end(s, "SELECT CAST(b AS INTEGER) FROM t"), GBX_INVALID);
    assert_non_null(strstr(err.message, "INT32"));
    gbx_session_close(s);
}

static void test_stopped(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    const char *sql = "SELECT count(*) AS n FROM t, range(100000) x(i), range(100000) y(j)";
    gbx_frame *frame = query_frame(s, sql);
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = 200;
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, &options, &result, &err), GBX_OK);
    struct ArrowArrayStream rows;
    struct ArrowArray batch;
    if (gbx_result_stream(result, &rows, &err) == GBX_OK) {
        assert_int_not_equal(rows.get_next(&rows, &batch), 0);
        rows.release(&rows);
    }
    assert_int_equal(gbx_result_error(result)->status, GBX_TIMEOUT);
    gbx_result_free(result);

    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
    gbx_result_cancel(result);
    assert_int_equal(gbx_result_stream(result, &rows, &err), GBX_CANCELLED);
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_session_close(s);
}

/* --- what it may do --------------------------------------------------------------------------- */

static void test_opaque(void **state)
{
    (void)state;
    gbx_session *s = session_on("mirror");
    gbx_frame *frame = NULL;
    char sql[TEMP_PATH_SIZE + 64];
    snprintf(sql, sizeof(sql), "SELECT size FROM read_text('%s')", temp_path(dir, "t.csv"));
    assert_int_equal(gbx_session_sql(s, sql, NULL, &frame, &err), GBX_UNSUPPORTED);
    assert_null(frame);
    assert_non_null(strstr(err.message, "mirror runs plans only, no SQL text: not in the plan: "));
    gbx_session_close(s);
}

static void test_policy(void **state)
{
    (void)state;
    const char *readable[] = {dir};
    const char *engines[] = {"duckdb"};
    gbx_policy policy = GBX_POLICY_INIT;
    policy.readable = readable;
    policy.n_readable = 1;
    policy.engines = engines;
    policy.n_engines = 1;
    gbx_session *s = session_on("mirror");
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_OK);
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_sql(s, "FROM t", NULL, &frame, &err), GBX_DENIED);
    assert_non_null(strstr(err.message, "forbids the engine mirror"));
    gbx_session_close(s);

    engines[0] = "mirror";
    s = session_on("mirror");
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT count(*) AS n FROM t"), "n\n3\n");
    assert_true(seen.config.restricted);
    assert_int_equal(seen.config.n_allowed_dirs, 1);
    assert_string_equal(seen.allowed, dir);
    assert_int_equal(gbx_session_sql(s, "FROM '/etc/passwd'", NULL, &frame, &err), GBX_DENIED);
    gbx_session_close(s);
}

/* The limit is of both together. */
static void test_memory(void **state)
{
    (void)state;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.engine = "mirror";
    options.threads = 8;
    options.memory_bytes = INT64_C(8000000000);
    gbx_session *s = NULL;
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT 42 AS x"), "x\n42\n");
    assert_int_equal(seen.config.memory_bytes, INT64_C(7000000000));
    assert_int_equal(seen.config.threads, 8);
    gbx_session_close(s);

    options.memory_bytes = INT64_C(500000000);
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    assert_int_equal(run_to_end(s, "SELECT 42 AS x"), GBX_NOMEM);
    assert_non_null(strstr(err.message, "a memory limit of 500 MB is too small for mirror"));
    gbx_session_close(s);
}

/* The engine gets those that name it or none, each once; DuckDB beside it those that name it. */
static void test_options(void **state)
{
    (void)state;
    const gbx_engine_option list[] = {{"mirror", "a", "1"},
                                      {"duckdb", "max_temp_directory_size", "1GiB"},
                                      {NULL, "b.c", "two"},
                                      {"mirror", "b.c", "2"},
                                      {NULL, "a", "3"}};
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.engine = "mirror";
    options.engine_options = list;
    options.n_engine_options = 5;
    gbx_session *s = NULL;
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT 42 AS x"), "x\n42\n");
    assert_string_equal(seen.options, "a=3 b.c=2 ");
    gbx_session_close(s);

    options.engine = "duckdb"; /* for which b.c and a are meant then */
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_sql(s, "SELECT 42 AS x", NULL, &frame, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "duckdb has no option 'b.c'"));
    gbx_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fed),        cmocka_unit_test(test_parquet),
        cmocka_unit_test(test_stream),     cmocka_unit_test(test_columns_without_it),
        cmocka_unit_test(test_params),     cmocka_unit_test(test_time_of_the_job),
        cmocka_unit_test(test_figures),    cmocka_unit_test(test_explain),
        cmocka_unit_test(test_feed_fails), cmocka_unit_test(test_engine_fails),
        cmocka_unit_test(test_stopped),    cmocka_unit_test(test_opaque),
        cmocka_unit_test(test_policy),     cmocka_unit_test(test_memory),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
