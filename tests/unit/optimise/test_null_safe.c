/*
 * Joins that match NULL with NULL, and when they need not.
 */
#include "optimise/optimise.h"
#include "support/sql.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct safe_case {
    const char *sql;
    bool stays; /* null-safe */
} safe_case;

/* t has a NULL in a, u in k; s has one inside its struct. */
static const safe_case cases[] = {
    /* flattened by the binder, which knows that NULL matches nothing */
    {"SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE k = a)", false},
    {"SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE k = a)", false},
    {"SELECT a, (SELECT max(v) FROM u WHERE k = a) FROM t", false},
    {"SELECT a, EXISTS (SELECT 1 FROM u WHERE k IS NOT DISTINCT FROM a) FROM t", true},

    /* where it comes from */
    {"SELECT a FROM t JOIN u ON a IS NOT DISTINCT FROM k", true},
    {"SELECT a FROM t JOIN (SELECT k FROM u WHERE k IS NOT NULL) ON a IS NOT DISTINCT FROM k",
     false},
    {"SELECT a FROM (SELECT a FROM t WHERE a < 9) JOIN u ON a IS NOT DISTINCT FROM k", false},
    {"SELECT a FROM t JOIN (SELECT k FROM u WHERE k IS NULL OR k > 2) ON a IS NOT DISTINCT FROM k",
     true},
    {"SELECT a FROM t JOIN (SELECT k + 1 AS k FROM u WHERE k > 0) ON a IS NOT DISTINCT FROM k",
     true},
    {"SELECT a FROM t JOIN (SELECT k, count(*) FROM u WHERE k > 0 GROUP BY k) ON a IS NOT "
     "DISTINCT FROM k",
     false},
    {"SELECT a FROM t JOIN (SELECT k, count(*) FROM u WHERE k > 0 GROUP BY ROLLUP (k)) ON a IS "
     "NOT DISTINCT FROM k",
     true},
    {"SELECT a FROM t JOIN (SELECT max(v) AS k FROM u WHERE v > 0) ON a IS NOT DISTINCT FROM k",
     true},
    {"SELECT a FROM t JOIN (SELECT k FROM u WHERE k > 0 ORDER BY v LIMIT 3) ON a IS NOT DISTINCT "
     "FROM k",
     false},
    {"SELECT a FROM t JOIN (SELECT k, row_number() OVER (ORDER BY v) FROM u WHERE k > 0) ON a IS "
     "NOT DISTINCT FROM k",
     false},
    {"SELECT a FROM t JOIN (SELECT k FROM u WHERE k > 0 UNION ALL SELECT NULL) ON a IS NOT "
     "DISTINCT FROM k",
     true},

    /* joins below: what meets their condition, and what they fill with NULL */
    {"SELECT t.a FROM t JOIN (SELECT k FROM u JOIN t ON k = a) ON t.a IS NOT DISTINCT FROM k",
     false},
    {"SELECT t.a FROM t JOIN (SELECT k FROM u LEFT JOIN t ON k = a) ON t.a IS NOT DISTINCT FROM k",
     true},
    {"SELECT t.a FROM t JOIN (SELECT k FROM u RIGHT JOIN t ON k = a WHERE a > 0) ON t.a IS NOT "
     "DISTINCT FROM k",
     true},
    {"SELECT t.a FROM t JOIN (SELECT k FROM t LEFT JOIN (SELECT k FROM u WHERE k > 0) ON k = a) "
     "ON t.a IS NOT DISTINCT FROM k",
     true},
    {"SELECT t.a FROM t JOIN (SELECT k FROM t FULL JOIN (SELECT k FROM u WHERE k > 0) ON k = a) "
     "ON t.a IS NOT DISTINCT FROM k",
     true},
    {"SELECT t.a FROM t JOIN (SELECT k FROM t RIGHT JOIN (SELECT k FROM u WHERE k > 0) ON k = a) "
     "ON t.a IS NOT DISTINCT FROM k",
     false},
    {"SELECT t.a FROM t JOIN (SELECT k FROM u WHERE k IN (SELECT a FROM t)) ON t.a IS NOT "
     "DISTINCT FROM k",
     false},

    /* the joins themselves */
    {"SELECT a, k FROM t LEFT JOIN (SELECT k FROM u WHERE k > 0) ON a IS NOT DISTINCT FROM k",
     false},
    {"SELECT a, k FROM t FULL JOIN (SELECT k FROM u WHERE k > 0) ON a IS NOT DISTINCT FROM k",
     false},
    {"SELECT a FROM t ANTI JOIN (SELECT k FROM u WHERE k > 0) ON a IS NOT DISTINCT FROM k", false},
    {"SELECT a FROM t JOIN (SELECT k, v FROM u WHERE k > 0) ON a IS NOT DISTINCT FROM k AND b IS "
     "NOT DISTINCT FROM v",
     true},
    {"SELECT s1.x FROM s s1 JOIN (SELECT x FROM s WHERE x IS NOT NULL) s2 ON s1.x IS NOT DISTINCT "
     "FROM s2.x",
     true},
    {"SELECT a FROM t JOIN (SELECT k FROM u WHERE k > 0) ON a IS DISTINCT FROM k", false},
};

static void check(duck *d, const safe_case *c)
{
    char sql[1024];
    gbx_plan *plain = NULL;
    gbx_error err = {0};
    gbx_plan *plan = sql_plan(d, c->sql);
    if (gbx__optimise(plan, GBX_PASS_NULL_SAFE, &plain, &err) != GBX_OK)
        fail_msg("%s: %s", c->sql, err.message);
    const char *tree = sql_tree(plain);
    const bool is_safe = strstr(tree, "is not distinct from") != NULL;
    if (is_safe != c->stays) fail_msg("%s\n%s", c->sql, tree);
    snprintf(sql, sizeof(sql), "FROM (%s) ORDER BY ALL", c->sql);
    const char *want = duck_rows(d, sql);
    char text[4096];
    snprintf(text, sizeof(text), "FROM (%s) ORDER BY ALL", sql_text(plain));
    assert_string_equal(duck_rows(d, text), want);
    gbx__plan_unref(plan);
    gbx__plan_unref(plain);
}

static void test_joins(void **state)
{
    duck d;
    (void)state;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t AS FROM (VALUES (1, 1), (2, NULL), (NULL, 3), (4, 4)) t(a, b)");
    duck_exec(&d, "CREATE TABLE u AS FROM (VALUES (1, 1), (1, 2), (NULL, 3), (4, NULL)) u(k, v)");
    duck_exec(&d, "CREATE TABLE s AS FROM (VALUES ({'i': 1}), ({'i': NULL}), (NULL)) s(x)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) check(&d, &cases[i]);
    duck_close(&d);
}

static void test_nothing_to_do(void **state)
{
    duck d;
    gbx_plan *same = NULL;
    (void)state;
    duck_open(&d, NULL);
    gbx_plan *plan = sql_plan(&d, "SELECT 1");
    assert_int_equal(gbx__pass_null_safe(plan, &same, NULL), GBX_OK);
    assert_ptr_equal(plan, same);
    gbx__plan_unref(plan);
    gbx__plan_unref(same);
    duck_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins),
        cmocka_unit_test(test_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
