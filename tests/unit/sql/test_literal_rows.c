/*
 * Long VALUES: which are lifted out of the text, and that types and rows are those of the text.
 */
#include "sql/literal_rows.h"

#include "base/alloc.h"
#include "support/sql.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 130

static int duck_setup(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    *state = &d;
    return 0;
}

static int duck_teardown(void **state)
{
    duck_close(*state);
    return 0;
}

/* "before VALUES (row), (row), … after"; %d in `row` counts from 0. `last`, when set, is the last
 * row. */
static char *with_rows(const char *before, const char *row, const char *last, const char *after)
{
    gbx__buf sql = {0};
    gbx__buf_printf(&sql, "%sVALUES ", before);
    for (int i = 0; i < MANY; i++) {
        const char *rest = row;
        gbx__buf_puts(&sql, i == 0 ? "(" : ", (");
        for (const char *hole; (hole = strstr(rest, "%d")) != NULL; rest = hole + 2) {
            gbx__buf_append(&sql, rest, (size_t)(hole - rest));
            gbx__buf_printf(&sql, "%d", i);
        }
        gbx__buf_printf(&sql, "%s)", rest);
    }
    if (last) gbx__buf_printf(&sql, ", (%s)", last);
    gbx__buf_puts(&sql, after);
    assert_false(sql.failed);
    return gbx__buf_take(&sql);
}

static size_t count_lifted(const char *text)
{
    gbx__arena arena;
    gbx__literal_rows *rows = NULL;
    size_t n = 0;
    gbx_error err = {0};
    gbx__arena_init(&arena);
    assert_int_equal(gbx__literal_rows_find(&arena, gbx__str_of(text), &rows, &n, &err), GBX_OK);
    for (size_t i = 0; i < n; i++) {
        assert_true(rows[i].n_rows >= GBX_LITERAL_ROWS_MIN);
        assert_memory_equal(rows[i].text.ptr, "VALUES", 6);
        assert_int_equal(text[rows[i].end - 1], ')');
    }
    gbx__arena_done(&arena);
    return n;
}

static void check_lifted(const char *before, const char *row, const char *last, size_t n)
{
    char *sql = with_rows(before, row, last, ") t");
    if (count_lifted(sql) != n) fail_msg("%s%s %s", before, row, last ? last : "");
    gbx__alloc_free(sql);
}

static void test_what_is_lifted(void **state)
{
    (void)state;
    check_lifted("FROM (", "%d", NULL, 1);
    check_lifted("FROM (", "%d, 'x', 1.5, NULL, true", "-1, 'it''s', 1e5, 7, false", 1);
    check_lifted("FROM (", "%d", "1.5", 1);
    check_lifted("FROM (", "%d", "NULL", 1);
    check_lifted("SELECT 1 UNION ALL ", "%d", NULL, 1);
    check_lifted("", "%d /* c */", "7 -- d\n", 1);
}

static void test_what_stays(void **state)
{
    static const struct {
        const char *row, *last;
    } cases[] = {
        {"NULL", NULL},
        {"%d", "'text'"},
        {"%d", "true"},
        {"%d", "1 + 1"},
        {"%d", "f(1)"},
        {"%d", "$p"},
        {"%d", "(1)"},
        {"%d", "1, 2"},
        {"%d", "0xff"},
        {"%d", "1_000"},
        {"%d", "007"},
        {"%d", "DEFAULT"},
        {"%d", "5."},
        {"%d", "- 1"},
        {"DATE '2020-01-01'", NULL},
        {"%d", "1234567890123456789"},
        {"%d", "0.1234567890123456"},
        {"%d", ""},
        {"'a%d'", "$$x$$"},
        {"'a%d'", "E'x'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_lifted("FROM (", cases[i].row, cases[i].last, 0);
    check_lifted("INSERT INTO t ", "%d", NULL, 0);
    check_lifted("FROM ", "%d", NULL, 0);
    check_lifted("SELECT 1 AS ", "%d", NULL, 0);
    assert_int_equal(count_lifted("FROM (VALUES (1), (2)) t"), 0);
}

/* ---- all the way ----------------------------------------------------------------------------- */

/* The rows of the printed plan are those of the text, and the text was short. */
static void check_rows(duck *d, char *sql, bool is_lifted)
{
    gbx_plan *plan = sql_plan(d, sql);
    const char *text = sql_text(plan);
    if ((strstr(text, "unnest(") != NULL) != is_lifted) fail_msg("%.300s\n%.300s", sql, text);
    assert_string_equal(duck_rows(d, text), duck_rows(d, sql));
    gbx__plan_unref(plan);
    gbx__alloc_free(sql);
}

static void test_types(void **state)
{
    static const struct {
        const char *row, *last;
    } cases[] = {
        {"%d", NULL},
        {"%d", "3000000000"},
        {"%d", "-3000000000"},
        {"%d", "2147483648"},
        {"%d", "-2147483648"},
        {"%d.25", "5"},
        {"0.5", "1000000"},
        {"%d.5", "-0.125"},
        {"-%d.75", "12345.5"},
        {".5", "NULL"},
        {"%d", "1e300"},
        {"%d.1", "-2.5e-7"},
        {"%d", "0.1"},
        {"'x%d'", "'it''s'"},
        {"'x%d'", "NULL"},
        {"'%d'", "'é ☃'"},
        {"''", "' '"},
        {"'a\"b\\c\n'", "'[1,2]'"},
        {"true", "false"},
        {"NULL", "true"},
        {"123456789012345678", "-1"},
        {"'NULL'", "NULL"},
        {"1.10", "123456789012.5"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_rows(*state,
                   with_rows("SELECT typeof(x), x, count(*) FROM (", cases[i].row, cases[i].last,
                             ") t(x) GROUP BY ALL ORDER BY ALL"),
                   true);
}

static void test_places(void **state)
{
    static const char *const around[][2] = {
        {"", ""},
        {"", " ORDER BY col0 DESC LIMIT 3"},
        {"", " EXCEPT SELECT 3, 'b' ORDER BY 1"},
        {"SELECT 1000 AS a, 'x' AS b UNION ALL ", " ORDER BY a"},
        {"FROM (", ")"},
        {"FROM (", ") t(a) WHERE a > 120"},
        {"SELECT count(*), max(y) FROM (", ") t(x, y)"},
        {"SELECT x FROM (SELECT 3 AS z), (", ") t(x, y) WHERE x < z"},
        {"WITH v(a, b) AS (", ") SELECT v.a, w.b FROM v JOIN v w ON v.a = w.a + 1 ORDER BY 1"},
        {"SELECT sum((SELECT max(a) FROM (", ") t(a, b) WHERE a < x)) AS s FROM range(9) r(x)"},
        {"SELECT a FROM range(200) r(a) WHERE (a, 'b') IN (", ") ORDER BY a"},
    };
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
        check_rows(*state, with_rows(around[i][0], "%d, 'b'", NULL, around[i][1]), true);
}

/* A label that would show what took the place of VALUES. */
static void test_labels_are_of_the_text(void **state)
{
    check_rows(*state, with_rows("SELECT 3 IN (", "%d", NULL, ")"), false);
}

static void test_errors_are_of_the_text(void **state)
{
    gbx_error err = {0};
    char *sql = with_rows("SELECT a\nFROM (", "%d", NULL, ") t(a)\nWHERE nope = 1");
    assert_int_equal(sql_status(*state, sql, &err), GBX_BIND);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 7);
    assert_null(strstr(err.message, "gbx#"));
    gbx__alloc_free(sql);
    sql = with_rows("SELECT a FROM (", "%d", NULL, ") t(a, b)");
    assert_int_equal(sql_status(*state, sql, &err), GBX_BIND);
    assert_null(strstr(err.message, "gbx#"));
    gbx__alloc_free(sql);
}

static gbx_status find_once(void *ctx, gbx_error *err)
{
    gbx__arena arena;
    gbx__literal_rows *rows = NULL;
    size_t n = 0;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__literal_rows_find(&arena, gbx__str_of(ctx), &rows, &n, err);
    gbx__arena_done(&arena);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    char *sql = with_rows("FROM (", "%d, 'x'", "-1, NULL", ")");
    assert_true(torture_run(GBX_FAULT_ALLOC, find_once, sql) > 2);
    gbx__alloc_free(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_lifted),
        cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_labels_are_of_the_text),
        cmocka_unit_test(test_errors_are_of_the_text),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, duck_setup, duck_teardown);
}
