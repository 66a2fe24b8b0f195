#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_status open_with(gbx_session_options options, gbx_error *err)
{
    gbx_session *session = NULL;
    const gbx_status status = gbx_session_open(&options, &session, err);
    gbx_session_close(session);
    return status;
}

static void test_options(void **state)
{
    (void)state;
    gbx_error err;
    const gbx_session_options defaults = GBX_SESSION_OPTIONS_INIT;
    gbx_session_options o = defaults;
    assert_int_equal(open_with(o, &err), GBX_OK);
    o.memory_bytes = -1;
    assert_int_equal(open_with(o, &err), GBX_INVALID);
    o = defaults;
    o.threads = -2;
    assert_int_equal(open_with(o, &err), GBX_INVALID);
    o = defaults;
    o.temp_dir = "/proc/self/exe";
    assert_int_equal(open_with(o, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "/proc/self/exe"));
    o = defaults;
    o.engine = "spork";
    assert_int_equal(open_with(o, &err), GBX_NOT_FOUND);
    assert_non_null(strstr(err.message, "duckdb"));
    o.engine = "auto";
    assert_int_equal(open_with(o, &err), GBX_OK);
    o.engine = "duckdb";
    assert_int_equal(open_with(o, NULL), GBX_OK);
    o.struct_size = 0;
    assert_int_equal(open_with(o, &err), GBX_MISUSE);
    o.struct_size = sizeof(size_t); /* an older caller, who knows no option at all */
    o.engine = "spork";
    assert_int_equal(open_with(o, &err), GBX_OK);
    assert_int_equal(gbx_session_open(NULL, NULL, &err), GBX_MISUSE);
    gbx_session_close(NULL);
    gbx_session_cancel(NULL);
}

static gbx_status open_with_option(const char *engine, const char *name, const char *value,
                                   gbx_error *err)
{
    const gbx_engine_option option = {engine, name, value};
    gbx_session_options o = GBX_SESSION_OPTIONS_INIT;
    o.engine_options = &option;
    o.n_engine_options = 1;
    return open_with(o, err);
}

static void test_engine_options(void **state)
{
    (void)state;
    gbx_error err;
    assert_int_equal(open_with_option(NULL, "what", "ever", &err), GBX_OK); /* no engine yet */
    assert_int_equal(open_with_option("duckdb", "what", "", &err), GBX_OK);
    assert_int_equal(open_with_option("duckdb", "", "x", &err), GBX_INVALID);
    assert_int_equal(open_with_option("duckdb", NULL, "x", &err), GBX_INVALID);
    assert_int_equal(open_with_option("duckdb", "what", NULL, &err), GBX_INVALID);
    assert_int_equal(open_with_option("spork", "what", "x", &err), GBX_NOT_FOUND);

    char name[] = "what";
    const gbx_engine_option option = {NULL, name, "hush"};
    gbx_session_options o = GBX_SESSION_OPTIONS_INIT;
    o.engine_options = &option;
    o.n_engine_options = 1;
    gbx_session *s = NULL;
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_open(&o, &s, &err), GBX_OK);
    name[0] = 'W'; /* it was copied */
    assert_int_equal(gbx_session_sql(s, "SELECT 1", NULL, &frame, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "'what'"));
    assert_null(strstr(err.message, "hush"));
    gbx_session_close(s);
}

static void test_tables(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a,b\n1,x\n2,y\n");
    gbx_session *s = query_session();
    gbx_error err;
    const char *path = temp_path(dir, "t.csv");
    assert_int_equal(gbx_session_add_table(s, "t", path, &err), GBX_OK);
    assert_int_equal(gbx_session_add_table(s, "T", path, &err), GBX_EXISTS);
    assert_int_equal(gbx_session_add_table(s, "", path, &err), GBX_INVALID);
    assert_int_equal(gbx_session_add_table(s, "u", "", &err), GBX_INVALID);
    assert_int_equal(gbx_session_add_table(s, NULL, path, &err), GBX_MISUSE);
    /* Nothing is read before it is used. */
    assert_int_equal(gbx_session_add_table(s, "gone", "/nowhere/x.csv", &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT sum(a) AS s FROM t"), "s\n3\n");
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_sql(s, "FROM gone", NULL, &frame, &err), GBX_NOT_FOUND);
    assert_null(frame);
    gbx_session_close(s);
    temp_dir_remove(dir);
}

static void test_sql_failures(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_frame *frame = NULL;
    gbx_error err;
    assert_int_equal(gbx_session_sql(s, "SELEC 1", NULL, &frame, &err), GBX_PARSE);
    assert_int_equal(err.line, 1);
    assert_int_equal(err.column, 1);
    assert_int_equal(gbx_session_sql(s, "SELECT\n  nope", NULL, &frame, &err), GBX_BIND);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
    assert_int_equal(err.offset, 9);
    assert_int_not_equal(gbx_session_sql(s, "", NULL, &frame, &err), GBX_OK);
    assert_int_equal(gbx_session_sql(s, NULL, NULL, &frame, &err), GBX_MISUSE);
    assert_int_equal(gbx_session_sql(NULL, "SELECT 1", NULL, &frame, &err), GBX_MISUSE);
    assert_int_not_equal(gbx_session_sql(s, "SELECT 1; SELECT 2", NULL, &frame, NULL), GBX_OK);
    assert_null(frame);
    gbx_session_close(s);
}

static void test_opaque(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a\n1\n");
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.no_opaque = true;
    gbx_session *strict = NULL;
    gbx_session *s = query_session();
    gbx_error err;
    gbx_frame *frame = NULL;
    gbx_frame *next = NULL;
    char sql[TEMP_PATH_SIZE + 64];
    snprintf(sql, sizeof(sql), "SELECT content FROM read_text('%s')", temp_path(dir, "t.csv"));

    assert_int_equal(gbx_session_open(&options, &strict, &err), GBX_OK);
    assert_int_equal(gbx_session_sql(strict, sql, NULL, &frame, &err), GBX_UNSUPPORTED);
    assert_string_not_equal(err.message, "");

    frame = query_frame(s, sql);
    assert_string_equal(gbx_frame_via(frame), "opaque");
    assert_non_null(gbx_frame_why_opaque(frame));
    assert_string_equal(query_rows(frame), "content\n\"a\n1\n\"\n");
    assert_int_equal(gbx_frame_filter(frame, "true", &next, &err), GBX_UNSUPPORTED);
    assert_int_equal(gbx_frame_limit(frame, 1, 0, &next, &err), GBX_UNSUPPORTED);
    char *text = NULL;
    assert_int_equal(gbx_frame_to_json(frame, &text, &err), GBX_UNSUPPORTED);
    struct ArrowSchema schema;
    assert_int_equal(gbx_frame_schema(frame, &schema, &err), GBX_OK);
    assert_int_equal(schema.n_children, 1);
    schema.release(&schema);
    gbx_frame_free(frame);

    frame = query_frame(s, "SELECT 1");
    assert_string_equal(gbx_frame_via(frame), "plan");
    assert_null(gbx_frame_why_opaque(frame));
    gbx_frame_free(frame);
    gbx_session_close(s);
    gbx_session_close(strict);
    temp_dir_remove(dir);
}

static void test_params(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_error err;
    gbx_frame *frame = NULL;
    const gbx_param items[] = {{"n", "41"}, {"t", "it's"}, {"z", NULL}};
    const gbx_params params = {3, items};
    const char *sql = "SELECT CAST($n AS INTEGER) + 1 AS n, $t || '!' AS t, $z IS NULL AS z";
    assert_int_equal(gbx_session_sql(s, sql, &params, &frame, &err), GBX_OK);
    assert_string_equal(query_take(frame), "n,t,z\n42,it's!,true\n");

    /* A value may also come with the run, and must come at all. */
    assert_int_equal(gbx_session_sql(s, "SELECT CAST($n AS INTEGER) AS n", NULL, &frame, &err),
                     GBX_OK);
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_BIND);
    assert_non_null(strstr(err.message, "$n"));
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.params = &params;
    assert_int_equal(gbx_frame_run(frame, &options, &result, &err), GBX_OK);
    gbx_result_free(result);
    gbx_frame_free(frame);

    const gbx_param twice[] = {{"n", "1"}, {"n", "2"}};
    const gbx_params bad = {2, twice};
    assert_int_equal(gbx_session_sql(s, "SELECT $n", &bad, &frame, &err), GBX_CONFLICT);
    gbx_session_close(s);
}

static void log_note(void *ctx, gbx_log_level level, const char *message)
{
    int *calls = ctx;
    if (level == GBX_LOG_INFO && strstr(message, "opaque")) (*calls)++;
}

static void test_log(void **state)
{
    (void)state;
    int calls = 0;
    gbx_error err;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.log = log_note;
    options.log_ctx = &calls;
    gbx_session *s = NULL;
    assert_int_equal(gbx_session_open(&options, &s, &err), GBX_OK);
    gbx_frame_free(query_frame(s, "SELECT 1"));
    assert_int_equal(calls, 0);
    gbx_frame_free(query_frame(s, "SELECT name FROM duckdb_settings()"));
    assert_int_equal(calls, 1);
    gbx_session_close(s);
}

static void test_engines(void **state)
{
    (void)state;
    gbx_error err;
    assert_true(gbx_engine_count() >= 1);
    gbx_engine_info info = GBX_ENGINE_INFO_INIT;
    assert_int_equal(gbx_engine_get(0, &info, &err), GBX_OK);
    assert_string_equal(info.name, "duckdb");
    assert_string_equal(info.status, "ready");
    assert_non_null(info.version);
    assert_non_null(info.best_for);
    assert_int_equal(gbx_engine_get(gbx_engine_count(), &info, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_engine_get(0, NULL, &err), GBX_MISUSE);
}

static void test_parsers(void **state)
{
    (void)state;
    gbx_error err;
    int64_t n = 0;
    assert_int_equal(gbx_parse_bytes("4GB", &n, &err), GBX_OK);
    assert_int_equal(n, 4000000000);
    assert_int_equal(gbx_parse_bytes("4 lumps", &n, &err), GBX_PARSE);
    assert_int_equal(gbx_parse_duration_ms("1.5s", &n, &err), GBX_OK);
    assert_int_equal(n, 1500);
    assert_int_equal(gbx_parse_duration_ms("soon", &n, &err), GBX_PARSE);
    assert_int_equal(gbx_parse_duration_ms(NULL, &n, &err), GBX_MISUSE);
    gbx_format format;
    assert_int_equal(gbx_format_parse("jsonl", &format, &err), GBX_OK);
    assert_int_equal(format, GBX_FORMAT_KIND_JSONL);
    assert_int_not_equal(gbx_format_parse("xls", &format, &err), GBX_OK);
    assert_int_equal(gbx_format_of_path("a/b.parquet", GBX_FORMAT_KIND_CSV),
                     GBX_FORMAT_KIND_PARQUET);
    assert_int_equal(gbx_format_of_path("a/b", GBX_FORMAT_KIND_JSON), GBX_FORMAT_KIND_JSON);
    assert_string_not_equal(gbx_version(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options), cmocka_unit_test(test_engine_options),
        cmocka_unit_test(test_tables),  cmocka_unit_test(test_sql_failures),
        cmocka_unit_test(test_opaque),  cmocka_unit_test(test_params),
        cmocka_unit_test(test_engines), cmocka_unit_test(test_parsers),
        cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
