/*
 * IN over many literals: which lists are cut out before binding, and that all of them come back.
 */
#include "base/clock.h"
#include "sql/import_priv.h"
#include "support/sql.h"
#include "support/torture.h"

#include <string.h>
#include <sys/resource.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MANY 130

static int tables_open(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    duck_exec(&d,
              "CREATE TABLE t AS SELECT i::INTEGER AS a, 'x' || i AS b, (i / 4)::DECIMAL(9, 2) AS "
              "c, DATE '2020-01-01' + i::INTEGER AS d, i / 2.0 AS f FROM range(-5, 300) r(i)");
    duck_exec(&d, "INSERT INTO t VALUES (NULL, NULL, NULL, NULL, NULL)");
    *state = &d;
    return 0;
}

static int tables_close(void **state)
{
    duck_close(*state);
    return 0;
}

/* "before (item 0, item 1, …, last) after"; %d in `item` counts from 0. NULL `last`: none. */
static char *with_list(const char *before, const char *item, int n, const char *last,
                       const char *after)
{
    gbx__buf sql = {0};
    const char *hole = strstr(item, "%d");
    gbx__buf_puts(&sql, before);
    for (int i = 0; i < n; i++) {
        gbx__buf_puts(&sql, i == 0 ? "(" : ", ");
        gbx__buf_append(&sql, item, hole ? (size_t)(hole - item) : strlen(item));
        if (hole) gbx__buf_printf(&sql, "%d%s", i, hole + 2);
    }
    if (last) gbx__buf_printf(&sql, ", %s", last);
    gbx__buf_puts(&sql, ")");
    gbx__buf_puts(&sql, after);
    assert_false(sql.failed);
    return gbx__buf_take(&sql);
}

/* What the binder is given for a list. */
static void check_lifted(const char *item, const char *last, const char *bound)
{
    gbx__arena arena;
    gbx__edits edits = {0};
    gbx__literal_list *lists = NULL;
    size_t n_lists = 0;
    gbx__buf out = {0};
    gbx_error err = {0};
    char *sql = with_list("x IN ", item, MANY, last, " AND y");
    gbx__arena_init(&arena);
    assert_int_equal(
        gbx__literal_lists_lift(&arena, gbx__str_of(sql), &edits, &lists, &n_lists, &err), GBX_OK);
    gbx__edits_apply(&edits, gbx__str_of(sql), &out);
    assert_int_equal(n_lists, bound != NULL);
    if (bound) {
        assert_string_equal(out.data, bound);
        assert_int_equal(lists[0].start, 5);
        assert_int_equal(lists[0].end, strlen(sql) - 6);
    } else {
        assert_string_equal(out.data, sql);
    }
    gbx__buf_done(&out);
    gbx__edits_done(&edits);
    gbx__arena_done(&arena);
    gbx__alloc_free(sql);
}

static void test_representatives(void **state)
{
    (void)state;
    check_lifted("%d", NULL, "x IN (129) AND y");
    check_lifted("%d", "99999999999", "x IN (99999999999) AND y");
    check_lifted("%d", "-7", "x IN (129,-7) AND y");
    check_lifted("-%d", NULL, "x IN (-129) AND y");
    check_lifted("%d.25", "1.005", "x IN (129.25,1.005) AND y");
    check_lifted("%d", "1e300", "x IN (129,1e300) AND y");
    check_lifted("%d", ".5", "x IN (129,.5) AND y");
    check_lifted("'a%d'", "'it''s'", "x IN ('a0') AND y");
    check_lifted("/* c */ %d -- d\n", NULL, "x IN (129) AND y");
}

static void test_what_stays(void **state)
{
    (void)state;
    check_lifted("%d", "NULL", NULL);
    check_lifted("%d", "'text'", NULL);
    check_lifted("%d", "1 + 1", NULL);
    check_lifted("%d", "$p", NULL);
    check_lifted("%d", "f(1)", NULL);
    check_lifted("%d", "(1)", NULL);
    check_lifted("%d", "- 1", NULL);
    check_lifted("%d", "1_000", NULL);
    check_lifted("%d", "0xff", NULL);
    check_lifted("%d", "TRUE", NULL);
    check_lifted("%d", "E'x'", NULL);
    check_lifted("'a%d'", "$$x$$", NULL);
    check_lifted("%d", "", NULL);
    check_lifted("x%d", NULL, NULL);
    check_lifted("DATE '2020-01-01'", NULL, NULL);
}

static void test_short_lists_stay(void **state)
{
    gbx__arena arena;
    gbx__edits edits = {0};
    gbx__literal_list *lists = NULL;
    size_t n = 0;
    gbx_error err = {0};
    (void)state;
    char *sql = with_list("x IN ", "%d", GBX_LITERAL_LIST_MIN - 1, NULL, "");
    gbx__arena_init(&arena);
    assert_int_equal(gbx__literal_lists_lift(&arena, gbx__str_of(sql), &edits, &lists, &n, &err),
                     GBX_OK);
    assert_int_equal(n, 0);
    assert_int_equal(edits.list.len, 0);
    gbx__edits_done(&edits);
    gbx__arena_done(&arena);
    gbx__alloc_free(sql);
}

/* ---- all the way ----------------------------------------------------------------------------- */

/* The rows of the printed plan are those of the text; `part` stands in the printed text. */
static void check_rows(duck *d, char *sql, const char *part)
{
    gbx_plan *plan = sql_plan(d, sql);
    const char *text = sql_text(plan);
    if (!strstr(text, part)) fail_msg("%.200s", text);
    assert_string_equal(duck_rows(d, text), duck_rows(d, sql));
    gbx__plan_unref(plan);
    gbx__alloc_free(sql);
}

static void test_rows(void **state)
{
    static const struct {
        const char *before, *item, *last;
    } cases[] = {
        {"SELECT count(*) FROM t WHERE a IN ", "%d", "-3"},
        {"SELECT count(*) FROM t WHERE a NOT IN ", "%d", "99999999999"},
        {"SELECT count(*) FROM t WHERE b IN ", "'x%d'", "'it''s'"},
        {"SELECT count(*) FROM t WHERE c IN ", "%d.25", "-1.005"},
        {"SELECT count(*) FROM t WHERE f IN ", "%d.5", "1e300"},
        {"SELECT count(*) FROM t WHERE d IN ", "'2020-01-20'", "'2021-02-03'"},
        {"SELECT count(*) FROM t WHERE a::VARCHAR IN ", "'%d'", "'none'"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_rows(*state, with_list(cases[i].before, cases[i].item, MANY, cases[i].last, ""),
                   "unnest(");
    check_rows(*state,
               with_list("SELECT q, count(*) FROM (SELECT a IN ", "%d", MANY, NULL,
                         " AS q FROM t) GROUP BY q ORDER BY q"),
               "unnest(");
    check_rows(
        *state,
        with_list("SELECT count(*) FROM t JOIN t u ON t.a = u.a AND u.a IN ", "%d", MANY, NULL, ""),
        "unnest(");
    check_rows(*state,
               with_list("SELECT sum(a) FROM t GROUP BY b HAVING sum(a) IN ", "%d", MANY, NULL,
                         " ORDER BY 1"),
               "unnest(");
}

static void test_places_of_an_expression(void **state)
{
    static const char *const around[][2] = {
        {"SELECT sum(a) FILTER (a IN ", ") AS s FROM t"},
        {"SELECT count(DISTINCT a IN ", ") AS n FROM t"},
        {"SELECT a, rank() OVER (PARTITION BY a IN ", " ORDER BY a) AS r FROM t ORDER BY a"},
        {"SELECT a, sum(a) FILTER (a IN ", ") OVER (ORDER BY a) AS s FROM t ORDER BY a"},
        {"SELECT a FROM t ORDER BY a IN ", ", a LIMIT 20"},
        {"SELECT CASE WHEN a IN ",
         " THEN 1 ELSE 2 END AS q, count(*) FROM t GROUP BY q ORDER BY q"},
        {"SELECT a FROM t x WHERE EXISTS (SELECT 1 FROM t y WHERE y.a = x.a AND y.a + x.a IN ",
         ") ORDER BY a"},
        {"SELECT count(*) FROM t WHERE (SELECT max(a) FROM t) IN ", ""},
        {"SELECT count(*) FROM t LEFT JOIN t u ON t.a = u.a AND u.a IN ", " WHERE u.a IS NULL"},
    };
    for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++)
        check_rows(*state, with_list(around[i][0], "%d", MANY, NULL, around[i][1]), "unnest(");
}

/* An IN that is no IN of an expression, or has no place in the text, is bound as it is written. */
static void test_lists_that_would_be_lost(void **state)
{
    check_rows(
        *state,
        with_list("SELECT list_filter([1, 7, 500], lambda x: x IN ", "%d", MANY, NULL, ") AS l"),
        "128, 129");
    check_rows(*state, with_list("SELECT a IN ", "%d", MANY, NULL, " FROM t ORDER BY a LIMIT 9"),
               "128, 129");
    gbx_error err = {0};
    char *pivot = with_list("FROM (PIVOT t ON a IN ", "%d", MANY, NULL, " USING sum(c))");
    assert_int_equal(sql_status(*state, pivot, &err), GBX_UNSUPPORTED);
    gbx__alloc_free(pivot);
    pivot = with_list("FROM (PIVOT t ON a IN ", "%d", 3, NULL, " USING count(*))");
    assert_int_equal(sql_status(*state, pivot, &err), GBX_OK);
    gbx__alloc_free(pivot);
}

static void test_places_behind_lists(void **state)
{
    gbx_error err = {0};
    char *sql = with_list("SELECT a\nFROM t WHERE a IN ", "%d", MANY, NULL, "\n  AND nope = 1");
    assert_int_equal(sql_status(*state, sql, &err), GBX_BIND);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 7);
    gbx__alloc_free(sql);
}

static int64_t peak_bytes(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return (int64_t)usage.ru_maxrss * 1024;
}

static void test_100000_literals(void **state)
{
    char *sql = with_list("SELECT count(*) FROM t WHERE a IN ", "%d", 100000, NULL, "");
    const int64_t bytes = peak_bytes();
    const int64_t start = gbx__mono_ns();
    gbx_plan *plan = sql_plan(*state, sql);
    const char *text = sql_text(plan);
    const double seconds = (double)(gbx__mono_ns() - start) / 1e9;
    assert_string_equal(duck_rows(*state, text), "300\n");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (seconds > 1.0) print_message("slow: %.2f s\n", seconds);
    assert_true(seconds < 5.0); /* a machine may be busy */
    assert_true(peak_bytes() - bytes < 100000000);
#endif
    (void)seconds;
    (void)bytes;
    gbx__plan_unref(plan);
    gbx__alloc_free(sql);
}

static gbx_status lift_once(void *ctx, gbx_error *err)
{
    gbx__arena arena;
    gbx__edits edits = {0};
    gbx__literal_list *lists = NULL;
    size_t n = 0;
    gbx__arena_init(&arena);
    const gbx_status status =
        gbx__literal_lists_lift(&arena, gbx__str_of(ctx), &edits, &lists, &n, err);
    gbx__edits_done(&edits);
    gbx__arena_done(&arena);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    char *sql = with_list("x IN ", "%d.5", MANY, "-1e5", "");
    assert_true(torture_run(GBX_FAULT_ALLOC, lift_once, sql) > 2);
    gbx__alloc_free(sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_representatives),
        cmocka_unit_test(test_what_stays),
        cmocka_unit_test(test_short_lists_stay),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_places_of_an_expression),
        cmocka_unit_test(test_lists_that_would_be_lost),
        cmocka_unit_test(test_places_behind_lists),
        cmocka_unit_test(test_100000_literals),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, tables_open, tables_close);
}
