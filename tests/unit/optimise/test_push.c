/*
 * Filters pushed down and joins put into order: the trees of plans from SQL.
 */
#include "optimise/optimise.h"
#include "support/sql.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct push_case {
    const char *sql;
    const char *tree;
} push_case;

/* clang-format off */
static const push_case cases[] = {
    {"SELECT t.b FROM t, u WHERE t.a = u.a AND t.c > 5 AND u.x > DATE "
     "'2020-01-01'",
     "Project b\n"
     "└─ Filter x > cast('2020-01-01' as date)\n"
     "   └─ Join inner on a#1 = a#4\n"
     "      ├─ Scan \"memory\".\"main\".\"u\" → a#4, x\n"
     "      └─ Select a#1, b\n"
     "         └─ Filter c > 5\n"
     "            └─ Scan \"memory\".\"main\".\"t\" → a#1, c, b\n"},
    {"SELECT t.b FROM t, u, v WHERE t.a = u.a AND v.c = t.c AND (t.b = 'x' "
     "AND u.x IS NULL OR t.b = 'y' AND u.x IS NOT NULL)",
     "Project b\n"
     "└─ Join inner on c#6 = c#2\n"
     "   ├─ Scan \"memory\".\"main\".\"v\" → c#6\n"
     "   └─ Select c#2, b\n"
     "      └─ Join inner on (a#1 = a#4) and (((b = 'x') and (x is null)) or ((b = 'y') "
     "and (x is not null)))\n"
     "         ├─ Filter (x is null) or (x is not null)\n"
     "         │  └─ Scan \"memory\".\"main\".\"u\" → a#4, x\n"
     "         └─ Filter (b = 'x') or (b = 'y')\n"
     "            └─ Scan \"memory\".\"main\".\"t\" → a#1, c#2, b\n"},
    {"SELECT t.b FROM t, u WHERE (t.a = u.a AND t.c = 1) OR (t.a = u.a AND "
     "t.c = 2)",
     "Project b\n"
     "└─ Join inner on a#1 = a#4\n"
     "   ├─ Scan \"memory\".\"main\".\"u\" → a#4\n"
     "   └─ Select a#1, b\n"
     "      └─ Filter (c = 1) or (c = 2)\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → a#1, c, b\n"},
    {"SELECT b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) AND c > "
     "3",
     "Project b\n"
     "└─ Join semi on a#1 is not distinct from a#6\n"
     "   ├─ Select a#1, b\n"
     "   │  └─ Filter c > 3\n"
     "   │     └─ Scan \"memory\".\"main\".\"t\" → a#1, c, b\n"
     "   └─ Project a#6 = a#4\n"
     "      └─ Filter a#4 is not null\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → a#4\n"},
    {"SELECT b FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
     "Project b\n"
     "└─ Join anti on a#1 is not distinct from a#5\n"
     "   ├─ Scan \"memory\".\"main\".\"t\" → a#1, b\n"
     "   └─ Project a#5 = a#3\n"
     "      └─ Filter a#3 is not null\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → a#3\n"},
    {"SELECT b FROM t WHERE a IN (SELECT a FROM u)",
     "Project b\n"
     "└─ Join semi on a#1 = a#4\n"
     "   ├─ Scan \"memory\".\"main\".\"t\" → a#1, b\n"
     "   └─ Project a#4 = a#3\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → a#3\n"},
    {"SELECT b FROM t WHERE a NOT IN (SELECT a FROM u)",
     "Project b\n"
     "└─ Filter not #5\n"
     "   └─ Join mark → #5 on a#1 = a#4\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a#1, b\n"
     "      └─ Project a#4 = a#3\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → a#3\n"},
    {"SELECT * FROM (SELECT b, count(*) n FROM t GROUP BY b) WHERE b > 'x' "
     "AND n > 3",
     "Project b, n = #3\n"
     "└─ Filter #3 > cast(3 as int64)\n"
     "   └─ Aggregate by b, #3 = count_star()\n"
     "      └─ Filter b > 'x'\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → b\n"},
    {"SELECT * FROM (SELECT a + 1 AS q, b FROM t) WHERE q > 3",
     "Project q = a + 1, b\n"
     "└─ Filter (a + 1) > 3\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a, b\n"},
    {"SELECT * FROM (SELECT a FROM t UNION ALL SELECT a FROM u) WHERE a > 3",
     "Project a#6 = a#5\n"
     "└─ Union all → a#5\n"
     "   ├─ Project a#2 = a#1\n"
     "   │  └─ Filter a#1 > 3\n"
     "   │     └─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "   └─ Project a#4 = a#3\n"
     "      └─ Filter a#3 > 3\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → a#3\n"},
    {"SELECT t.b, u.x FROM t LEFT JOIN u ON t.a = u.a AND u.x > DATE "
     "'2020-01-01' WHERE t.c > 3 AND u.x IS NULL",
     "Project b, x\n"
     "└─ Filter x is null\n"
     "   └─ Join left on a#1 = a#4\n"
     "      ├─ Select a#1, b\n"
     "      │  └─ Filter c > 3\n"
     "      │     └─ Scan \"memory\".\"main\".\"t\" → a#1, c, b\n"
     "      └─ Filter x > cast('2020-01-01' as date)\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → a#4, x\n"},
    {"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY b ORDER BY a) "
     "AS n FROM t) WHERE b = 'x' AND n = 1",
     "Project a, b, c, n = #4\n"
     "└─ Filter #4 = cast(1 as int64)\n"
     "   └─ Window #4 = row_number() over (partition by b order by a)\n"
     "      └─ Filter b = 'x'\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → a, b, c\n"},
    {"SELECT * FROM (SELECT * FROM t ORDER BY a LIMIT 5) WHERE c > 1",
     "Project a, b, c\n"
     "└─ Filter c > 1\n"
     "   └─ TopN 5 [a]\n"
     "      └─ Project a, b, c\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → a, b, c\n"},
    {"SELECT t.b FROM t, u WHERE t.a = u.a AND t.c // t.a = 1",
     "Project b\n"
     "└─ Filter (c // a#1) = 1\n"
     "   └─ Join inner on a#1 = a#4\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a#1, c, b\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → a#4\n"},
    {"WITH q AS MATERIALIZED (SELECT * FROM t) SELECT * FROM q p, q r WHERE "
     "p.a = r.a AND p.c > 3",
     "Cte q #1 materialized\n"
     "├─ Project a#4 = a#1, b#5 = b#2, c#6 = c#3\n"
     "│  └─ Scan \"memory\".\"main\".\"t\" → a#1, b#2, c#3\n"
     "└─ Project a#13 = a#7, b#14 = b#8, c#15 = c#9, a#16 = a#10, b#17 = b#11, c#18 = c#12\n"
     "   └─ Join inner on a#7 = a#10\n"
     "      ├─ CteRef q #1 → a#10, b#11, c#12\n"
     "      └─ Filter c#9 > 3\n"
     "         └─ CteRef q #1 → a#7, b#8, c#9\n"},
};
/* clang-format on */

static duck d;

static int setup(void **state)
{
    (void)state;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c INTEGER)");
    duck_exec(&d, "CREATE TABLE u (a INTEGER, x DATE)");
    duck_exec(&d, "CREATE TABLE v (a INTEGER, c INTEGER, y DOUBLE)");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    duck_close(&d);
    return 0;
}

static const char *pushed(const char *sql, uint32_t passes)
{
    gbx_plan *plan = sql_plan(&d, sql);
    gbx_plan *better = NULL;
    gbx_error err;
    if (gbx__optimise(plan, passes | GBX_PASS_PRUNE_COLUMNS | GBX_PASS_MERGE, &better, &err) !=
        GBX_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    const char *tree = sql_tree(better);
    gbx__plan_unref(better);
    gbx__plan_unref(plan);
    return tree;
}

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(pushed(cases[i].sql, GBX_PASS_JOIN_ORDER), cases[i].tree);
    }
}

/* Without row counts joins stay in the order of the text, but for cross products. */
static void test_order_of_the_text(void **state)
{
    (void)state;
    const char *sql = "SELECT t.b FROM t, u, v WHERE v.c = t.c AND u.a = v.a";
    assert_string_equal(pushed(sql, GBX_PASS_PUSH_FILTERS),
                        "Project b\n"
                        "└─ Join inner on a#3 = a#5\n"
                        "   ├─ Select b, a#5\n"
                        "   │  └─ Join inner on c#4 = c#1\n"
                        "   │     ├─ Scan \"memory\".\"main\".\"t\" → c#1, b\n"
                        "   │     └─ Scan \"memory\".\"main\".\"v\" → c#4, a#5\n"
                        "   └─ Scan \"memory\".\"main\".\"u\" → a#3\n");
}

/* What is there already is left alone. */
static void test_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx_plan *plan = sql_plan(&d, cases[i].sql), *once = NULL, *twice = NULL;
        gbx_error err;
        assert_int_equal(gbx__pass_push_filters(plan, &once, &err), GBX_OK);
        assert_int_equal(gbx__pass_push_filters(once, &twice, &err), GBX_OK);
        if (once != twice) fail_msg("%s\n%s", sql_tree(once), sql_tree(twice));
        gbx__plan_unref(twice);
        gbx__plan_unref(once);
        gbx__plan_unref(plan);
    }
}

/* More relations than are put into order at once. */
static void test_many_joins(void **state)
{
    (void)state;
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "SELECT count(*) FROM u");
    for (int i = 0; i < 90; i++) gbx__buf_printf(&sql, ", u AS u%d", i);
    gbx__buf_puts(&sql, " WHERE u.a > 1");
    for (int i = 0; i < 90; i++) gbx__buf_printf(&sql, " AND u.a = u%d.a", i);
    gbx_plan *plan = sql_plan(&d, sql.data), *better = NULL;
    gbx_error err;
    assert_int_equal(gbx__pass_join_order(plan, &better, &err), GBX_OK);
    assert_ptr_equal(strstr(sql_tree(better), "cross"), NULL);
    gbx__plan_unref(better);
    gbx__plan_unref(plan);
}

static void put_scan(gbx__buf *json, const char *name, int rows, int first, const char *key,
                     const char *other)
{
    gbx__buf_printf(json,
                    "{\"op\":\"scan\",\"scan\":{\"format\":\"parquet\",\"location\":\"%s\","
                    "\"fields\":[{\"name\":\"%s\",\"type\":\"int64\"},"
                    "{\"name\":\"%s\",\"type\":\"int64\"}],\"row_count\":%d},\"fields\":[0,1],"
                    "\"cols\":[{\"id\":%d,\"name\":\"%s\",\"type\":\"int64\"},"
                    "{\"id\":%d,\"name\":\"%s\",\"type\":\"int64\"}]}",
                    name, key, other, rows, first, key, first + 1, other);
}

static void put_equal(gbx__buf *json, int a, int b)
{
    gbx__buf_printf(json,
                    "{\"ex\":\"call\",\"type\":\"bool\",\"fn\":\"=\",\"args\":["
                    "{\"ex\":\"column\",\"type\":\"int64\",\"col\":%d},"
                    "{\"ex\":\"column\",\"type\":\"int64\",\"col\":%d}]}",
                    a, b);
}

/* Customers and suppliers of one nation are many pairs, though neither has few rows: nations do. */
static void test_equal_columns_share_a_domain(void **state)
{
    (void)state;
    static const char cross[] = "{\"op\":\"join\",\"join\":\"cross\",\"inputs\":[";
    GBX_AUTO(gbx__buf_done) gbx__buf json = {0};
    gbx__buf_puts(&json, "{\"gearbox_plan\":1,\"semantics\":1,\"root\":"
                         "{\"op\":\"filter\",\"conjuncts\":[");
    put_equal(&json, 3, 1);
    gbx__buf_puts(&json, ",");
    put_equal(&json, 5, 3);
    gbx__buf_puts(&json, ",");
    put_equal(&json, 7, 4);
    gbx__buf_puts(&json, ",");
    put_equal(&json, 8, 6);
    gbx__buf_printf(&json, "],\"inputs\":[%s%s%s", cross, cross, cross);
    put_scan(&json, "nation.parquet", 25, 1, "nation", "region");
    gbx__buf_puts(&json, ",");
    put_scan(&json, "supplier.parquet", 10000, 3, "s_nation", "supplier");
    gbx__buf_puts(&json, "]},");
    put_scan(&json, "customer.parquet", 150000, 5, "c_nation", "customer");
    gbx__buf_puts(&json, "]},");
    put_scan(&json, "line.parquet", 6000000, 7, "l_supplier", "l_customer");
    gbx__buf_puts(&json, "]}]}}");
    gbx_plan *plan = NULL, *better = NULL;
    gbx_error err;
    if (gbx__plan_from_json(gbx__str_of(json.data), &plan, &err) != GBX_OK)
        fail_msg("%s", err.message);
    assert_int_equal(gbx__pass_join_order(plan, &better, &err), GBX_OK);
    const char *tree = sql_tree(better);
    if (!strstr(tree, "(c_nation = s_nation) and (l_customer = customer)")) fail_msg("%s", tree);
    gbx__plan_unref(better);
    gbx__plan_unref(plan);
}

static gbx_status push_once(void *ctx, gbx_error *err)
{
    gbx_plan *better = NULL;
    const gbx_status status = gbx__pass_join_order(ctx, &better, err);
    if (status == GBX_OK) gbx__plan_unref(better);
    return status;
}

static void test_short_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx_plan *plan = sql_plan(&d, cases[i].sql);
        assert_true(torture_run(GBX_FAULT_ALLOC, push_once, plan) > 0);
        gbx__plan_unref(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_order_of_the_text),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_many_joins),
        cmocka_unit_test(test_equal_columns_share_a_domain),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
