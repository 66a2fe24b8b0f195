/*
 * What a query may name, and what becomes of it: relations, sources, parameters, opaque text.
 */
#include "support/sql.h"
#include "support/temp.h"
#include "support/torture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct setting {
    duck d;
    char dir[TEMP_DIR_SIZE];
    char before[4096];
} setting;

static int setting_open(void **state)
{
    static setting s;
    duck_open(&s.d, NULL);
    duck_exec(&s.d, "CREATE TABLE t AS SELECT 1 AS a, 'x' AS b");
    temp_dir_make(s.dir);
    temp_write(s.dir, "a.csv", "x,y\n1,one\n2,two\n");
    temp_write(s.dir, "b c.csv", "x,z\n1,uno\n3,tre\n");
    temp_write(s.dir, "j.jsonl", "{\"x\": 1}\n{\"x\": 4}\n");
    assert_non_null(getcwd(s.before, sizeof(s.before)));
    assert_int_equal(chdir(s.dir), 0);
    *state = &s;
    return 0;
}

static int setting_close(void **state)
{
    setting *s = *state;
    assert_int_equal(chdir(s->before), 0);
    temp_dir_remove(s->dir);
    duck_close(&s->d);
    return 0;
}

/* Nothing that binding made is left. */
static int setting_check(void **state)
{
    setting *s = *state;
    assert_string_equal(duck_rows(&s->d, "SELECT table_name FROM duckdb_tables()"), "t\n");
    duck_exec(&s->d, "BEGIN");
    duck_exec(&s->d, "ROLLBACK");
    return 0;
}

static void check_rows(setting *s, gbx__sql_request *request, const char *sql, const char *rows)
{
    gbx_plan *plan = sql_plan_of(&s->d, request, sql);
    assert_string_equal(duck_rows(&s->d, sql_text(plan)), rows);
    gbx__plan_unref(plan);
}

/* ---- relations ------------------------------------------------------------------------------- */

static void test_names_of_sources(void **state)
{
    setting *s = *state;
    const gbx__relation relations[] = {
        {.name = GBX_STR("numbers"), .location = GBX_STR("a.csv")},
        {.name = GBX_STR("Odd \"name\""), .location = GBX_STR("b c.csv")},
        {.name = GBX_STR("absent"), .location = GBX_STR("nope.csv")},
        {.name = GBX_STR("select"), .location = GBX_STR("j.jsonl")},
    };
    gbx__sql_request request = {.n_relations = 4, .relations = relations};
    gbx_error err = {0};
    check_rows(s, &request, "SELECT y FROM numbers WHERE x = 2", "two\n");
    check_rows(s, &request, "SELECT NUMBERS.y FROM Numbers ORDER BY 1", "one\ntwo\n");
    check_rows(s, &request, "SELECT n.y, m.y FROM numbers n JOIN numbers m ON n.x + 1 = m.x",
               "one|two\n");
    check_rows(s, &request, "SELECT z FROM \"odd \"\"NAME\"\"\" WHERE x = 3", "tre\n");
    check_rows(s, &request, "SELECT sum(x) FROM \"select\"", "5\n");
    check_rows(s, &request, "WITH numbers AS (SELECT 7 AS x) SELECT x FROM numbers", "7\n");
    check_rows(s, &request, "SELECT numbers FROM (SELECT 1 AS numbers)", "1\n");
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT 1 FROM\n  absent", &err),
                     GBX_NOT_FOUND);
    assert_string_equal(err.message, "no such file: 'nope.csv'");
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT 1 FROM main.numbers", &err),
                     GBX_NOT_FOUND);
}

static void test_names_of_plans(void **state)
{
    setting *s = *state;
    gbx_plan *inner = sql_plan(&s->d, "SELECT x + 1 AS n, y FROM 'a.csv' WHERE x > 1");
    const gbx__relation relations[] = {{.name = GBX_STR("frame"), .plan = inner}};
    gbx__sql_request request = {.n_relations = 1, .relations = relations};
    check_rows(s, &request, "SELECT * FROM frame", "3|two\n");
    check_rows(s, &request, "SELECT a.n + b.n FROM frame a, frame b", "6\n");
    check_rows(s, &request, "SELECT count(*) FROM frame", "1\n");
    gbx_plan *outer = sql_plan_of(&s->d, &request, "SELECT upper(y) AS u FROM frame");
    gbx__plan_unref(inner); /* the outer one holds what it shares */
    assert_string_equal(duck_rows(&s->d, sql_text(outer)), "TWO\n");
    gbx__plan_unref(outer);
}

static void test_scans_that_are_known(void **state)
{
    setting *s = *state;
    const gbx__field fields[] = {{GBX_STR("id"), gbx__type_plain(GBX_TYPE_INT64)},
                                 {GBX_STR("v"), gbx__type_timestamp(GBX_UNIT_US, true)}};
    const gbx__scan scan = {.format = GBX_SCAN_STREAM,
                            .name = GBX_STR("s"),
                            .n_fields = 2,
                            .fields = fields,
                            .is_bounded = true,
                            .row_count = -1,
                            .size_bytes = -1};
    const gbx__relation relations[] = {{.name = GBX_STR("s"), .scan = &scan}};
    gbx__sql_request request = {.n_relations = 1, .relations = relations};
    gbx_plan *plan = sql_plan_of(&s->d, &request, "SELECT v, id FROM s WHERE id > 3");
    assert_string_equal(sql_tree(plan), "Project v, id\n"
                                        "└─ Filter id > cast(3 as int64)\n"
                                        "   └─ Scan s → id, v\n");
    gbx__plan_unref(plan);
}

static void test_this_table(void **state)
{
    setting *s = *state;
    const gbx__relation relations[] = {{.name = GBX_STR("table"), .location = GBX_STR("a.csv")}};
    gbx__sql_request request = {.n_relations = 1, .relations = relations};
    gbx_error err = {0};
    check_rows(s, &request, "SELECT y FROM table WHERE x = 1", "one\n");
    check_rows(s, &request, "SELECT y WHERE x = 2", "two\n");
    check_rows(s, &request, "SELECT count(*)", "2\n");
    check_rows(s, &request, "SELECT a.y FROM table a JOIN table b ON a.x = b.x + 1", "two\n");
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT y,\n  nope WHERE x = 2", &err),
                     GBX_BIND);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
    request.n_relations = 0;
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT y FROM table", &err), GBX_PARSE);
}

/* ---- sources --------------------------------------------------------------------------------- */

static void test_paths(void **state)
{
    setting *s = *state;
    gbx__sql_request request = {0};
    check_rows(s, &request, "SELECT y FROM 'a.csv' WHERE x = 2", "two\n");
    check_rows(s, &request, "SELECT a.y FROM \"a.csv\" WHERE a.x = 2", "two\n");
    check_rows(s, &request, "SELECT z FROM './b c.csv' WHERE x = 3", "tre\n");
    check_rows(s, &request, "SELECT read_csv.y FROM read_csv('a.csv') WHERE x = 1", "one\n");
    check_rows(s, &request,
               "SELECT y, z FROM 'a.csv' AS a\nJOIN read_csv('b c.csv', header = true) b USING (x)",
               "one|uno\n");
    check_rows(s, &request, "SELECT count(*) FROM 'a.csv', 'a.csv' AS b", "4\n");
    check_rows(s, &request, "SELECT sum(x) FROM read_json(['j.jsonl', 'j.jsonl'])", "10\n");
    check_rows(s, &request,
               "SELECT max(c) FROM read_csv('a.csv', columns = {'c': 'VARCHAR', "
               "'d': 'VARCHAR'}, skip = 1, header = false)",
               "2\n");
    check_rows(s, &request, "FROM 'a.csv' WHERE x IN (SELECT x FROM 'b c.csv')", "1|one\n");
    check_rows(s, &request, "WITH q AS (FROM 'a.csv') SELECT count(*) FROM q", "2\n");
    check_rows(s, &request, "SELECT 'FROM ''a.csv''' AS c", "FROM 'a.csv'\n");
}

static gbx_status only_a(void *ctx, const char *path, gbx_error *err)
{
    int *asked = ctx;
    (*asked)++;
    if (strstr(path, "a.csv")) return GBX_OK;
    return GBX_FAIL(err, GBX_DENIED, "reading is not allowed here");
}

static void test_reading_may_be_denied(void **state)
{
    setting *s = *state;
    int asked = 0;
    gbx_error err = {0};
    gbx__sql_request request = {.may_read = only_a, .may_read_ctx = &asked};
    check_rows(s, &request, "SELECT count(*) FROM 'a.csv'", "2\n");
    assert_true(asked > 0);
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT 1 FROM 'b c.csv'", &err), GBX_DENIED);
    assert_string_equal(err.message, "reading is not allowed here");
}

static void test_tables_of_the_engine(void **state)
{
    setting *s = *state;
    gbx_error err = {0};
    gbx__sql_request request = {.engine_tables = true};
    check_rows(s, &request, "SELECT b FROM t", "x\n");
    check_rows(s, &request, "SELECT b FROM main.t", "x\n");
    request.engine_tables = false;
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT b FROM t", &err), GBX_UNSUPPORTED);
    assert_string_equal(err.message, "not in the plan: the table t");
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void test_parameters(void **state)
{
    setting *s = *state;
    gbx_error err = {0};
    const gbx__duck_param params[] = {{GBX_STR("path"), GBX_STR("a.csv"), false},
                                      {GBX_STR("1"), GBX_STR("b c.csv"), false},
                                      {GBX_STR("none"), GBX_STR(""), true}};
    gbx__sql_request request = {.n_params = 3, .params = params, .engine_tables = true};
    check_rows(s, &request, "SELECT y FROM read_csv($path) WHERE x = 2", "two\n");
    check_rows(s, &request, "SELECT z FROM read_csv_auto(?) WHERE x = 3", "tre\n");
    check_rows(s, &request, "SELECT count(*) FROM read_csv([$path, $path])", "4\n");
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT 1 FROM read_csv($none)", &err),
                     GBX_BIND);
    assert_int_equal(sql_status_of(&s->d, &request, "SELECT 1 FROM read_csv($else)", &err),
                     GBX_BIND);
    assert_string_equal(err.message,
                        "a reader's parameter has no value: give it with --param NAME=VALUE");
    gbx_plan *plan = sql_plan_of(
        &s->d, &request, "SELECT a + CAST($n AS INTEGER) AS s FROM t WHERE b = $b LIMIT $limit");
    assert_string_equal(sql_text(plan), "SELECT (t1.\"a\" + CAST($n AS INTEGER)) AS \"s\" FROM "
                                        "\"memory\".\"main\".\"t\" AS t1 WHERE (t1.\"b\" = "
                                        "CAST($b AS VARCHAR)) LIMIT CAST($limit AS BIGINT)");
    gbx__plan_unref(plan);
}

/* ---- what no plan holds ---------------------------------------------------------------------- */

static void check_opaque(setting *s, const char *sql, const char *why, const char *rows)
{
    gbx__sql_request request = {.text = gbx__str_of(sql), .conn = s->d.conn, .engine_tables = true};
    gbx__sql_result result = {0};
    gbx_error err = {0};
    if (gbx__sql_import(&request, &result, &err) != GBX_OK) fail_msg("%s: %s", sql, err.message);
    assert_null(result.plan);
    assert_int_equal(result.why_not.status, GBX_UNSUPPORTED);
    assert_string_equal(result.why_not.message, why);
    assert_non_null(result.opaque_text);
    assert_string_equal(duck_rows(&s->d, result.opaque_text), rows);
    gbx__sql_result_done(&result);
    gbx__sql_result_done(&result);
}

#define WHY_SETTING "not in the plan: the function current_setting"

static void test_opaque_text(void **state)
{
    setting *s = *state;
    duck_exec(&s->d, "SET errors_as_json = false");
    check_opaque(s, "SELECT current_setting('errors_as_json')", WHY_SETTING, "false\n");
    check_opaque(s, "SELECT current_setting('errors_as_json'), y\n FROM 'a.csv' WHERE x = 2 -- end",
                 WHY_SETTING, "false|two\n");
    check_opaque(s,
                 "WITH q AS (FROM read_csv('b c.csv')) SELECT current_setting('errors_as_json'), z "
                 "FROM q JOIN 'a.csv' AS a USING (x)",
                 WHY_SETTING, "false|uno\n");
    check_opaque(s,
                 "/* x */ with recursive q AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM q WHERE "
                 "n < 2) SELECT current_setting('errors_as_json'), n, y FROM q JOIN 'a.csv' a ON "
                 "a.x = n ORDER BY n",
                 WHY_SETTING, "false|1|one\nfalse|2|two\n");
    check_opaque(s, "SELECT count(*) FROM duckdb_tables()",
                 "not in the plan: the function duckdb_tables", "1\n");
    check_opaque(s, "(SELECT y, current_setting('errors_as_json') FROM 'a.csv') ORDER BY y LIMIT 1",
                 WHY_SETTING, "one|false\n");
}

static void test_where_it_was(void **state)
{
    setting *s = *state;
    gbx_error err = {0};
    assert_int_equal(
        sql_status(&s->d, "SELECT x,\n  current_setting('threads')\nFROM 'a.csv'", &err),
        GBX_UNSUPPORTED);
    assert_string_equal(err.message, WHY_SETTING);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static gbx_status import_once(void *ctx, gbx_error *err)
{
    setting *s = ctx;
    const gbx__relation relations[] = {{.name = GBX_STR("rel"), .location = GBX_STR("b c.csv")}};
    const gbx__duck_param params[] = {{GBX_STR("path"), GBX_STR("a.csv"), false}};
    gbx__sql_request request = {.conn = s->d.conn,
                                .n_relations = 1,
                                .relations = relations,
                                .n_params = 1,
                                .params = params};
    gbx__sql_result result = {0};
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx__buf text = {0};
    request.text = GBX_STR("WITH q AS (SELECT x, count(*) AS n FROM read_csv($path) GROUP BY x)\n"
                           "SELECT y, n, sum(n) OVER (ORDER BY y) AS s FROM q JOIN 'a.csv' USING "
                           "(x) WHERE x IN (SELECT x FROM rel) ORDER BY y LIMIT 2");
    gbx_status status = gbx__sql_import(&request, &result, err);
    if (status == GBX_OK && result.plan) status = gbx__sql_print(result.plan, &options, &text, err);
    gbx__buf_done(&text);
    gbx__sql_result_done(&result);
    return status;
}

static void test_memory_runs_out(void **state)
{
    assert_true(torture_run(GBX_FAULT_ALLOC, import_once, *state) > 50);
}

static void test_reading_fails(void **state)
{
    torture_run(GBX_FAULT_IO, import_once, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_names_of_sources, setting_check),
        cmocka_unit_test_teardown(test_names_of_plans, setting_check),
        cmocka_unit_test_teardown(test_scans_that_are_known, setting_check),
        cmocka_unit_test_teardown(test_this_table, setting_check),
        cmocka_unit_test_teardown(test_paths, setting_check),
        cmocka_unit_test_teardown(test_reading_may_be_denied, setting_check),
        cmocka_unit_test_teardown(test_tables_of_the_engine, setting_check),
        cmocka_unit_test_teardown(test_parameters, setting_check),
        cmocka_unit_test_teardown(test_opaque_text, setting_check),
        cmocka_unit_test_teardown(test_where_it_was, setting_check),
        cmocka_unit_test_teardown(test_memory_runs_out, setting_check),
        cmocka_unit_test_teardown(test_reading_fails, setting_check),
    };
    return cmocka_run_group_tests(tests, setting_open, setting_close);
}
