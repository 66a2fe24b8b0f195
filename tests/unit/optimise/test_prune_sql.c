/*
 * Which columns are left of plans that come from SQL, operator by operator.
 */
#include "optimise/optimise.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct prune_case {
    const char *sql;
    const char *tree;
} prune_case;

/* clang-format off */
static const prune_case sources[] = {
    {"SELECT b FROM t WHERE a > 5",
     "Project b\n"
     "└─ Filter a > 5\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a, b\n"},
    {"SELECT count(*) FROM t",
     "Project \"count_star()\" = #2\n"
     "└─ Aggregate #2 = count_star()\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → rowid\n"},
    {"SELECT count(*) FROM t WHERE a > 5",
     "Project \"count_star()\" = #2\n"
     "└─ Aggregate #2 = count_star()\n"
     "   └─ Filter a > 5\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT x FROM (VALUES (1, 'one'), (2, 'two')) v(x, y)",
     "Project x = col0\n"
     "└─ Project col0 = #1\n"
     "   └─ Values 2 rows → #1\n"},
    {"SELECT a, b, c, d FROM t",
     "Project a, b, c, d\n"
     "└─ Scan \"memory\".\"main\".\"t\" → a, b, c, d\n"},
    {"SELECT i FROM range(5) r(i)",
     "Project i\n"
     "└─ TableFn range(5) → i\n"},
    {"SELECT count(*) FROM range(5) r(i)",
     "Project \"count_star()\" = #2\n"
     "└─ Aggregate #2 = count_star()\n"
     "   └─ TableFn range(5) → i\n"},
};

static const prune_case projections[] = {
    {"SELECT count(*) FROM (SELECT upper(b), a, 1 AS one FROM t)",
     "Project \"count_star()\" = #6\n"
     "└─ Aggregate #6 = count_star()\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT count(*) FROM (SELECT upper(b) AS x, a FROM t)",
     "Project \"count_star()\" = #5\n"
     "└─ Aggregate #5 = count_star()\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT y FROM (SELECT upper(b) AS x, list_transform([a], lambda e: e + c) AS y FROM t)",
     "Project y\n"
     "└─ Project y = list_transform(list_value(a), (#4) -> cast(#4 as float64) + c)\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a, c\n"},
};

static const prune_case aggregates[] = {
    {"SELECT s FROM (SELECT a, sum(c) AS s, max(b) AS m FROM t GROUP BY a)",
     "Project s\n"
     "└─ Project s = #5\n"
     "   └─ Aggregate by a, #5 = sum(c)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a, c\n"},
    {"SELECT 1 FROM (SELECT sum(c) AS s, max(a) AS m FROM t)",
     "Project \"1\" = 1\n"
     "└─ Aggregate #4 = max(a)\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT 1 FROM (SELECT b, sum(c) FROM t GROUP BY b)",
     "Project \"1\" = 1\n"
     "└─ Aggregate by b\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → b\n"},
    {"SELECT s FROM (SELECT a, b, sum(c) AS s, grouping(a) AS g, count(*) AS n FROM t GROUP BY "
     "ROLLUP (a, b))",
     "Project s\n"
     "└─ Project s = #6\n"
     "   └─ Aggregate by a, b sets (), (a), (a, b), #6 = sum(c)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a, b, c\n"},
    {"SELECT s FROM (SELECT sum(c) FILTER (a > 1) AS s, string_agg(b, ',' ORDER BY d) AS l FROM "
     "t)",
     "Project s\n"
     "└─ Project s = #5\n"
     "   └─ Aggregate #5 = sum(c) filter (a > 1)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a, c\n"},
};

static const prune_case windows[] = {
    {"SELECT a FROM (SELECT a, upper(b) AS x, sum(c) OVER (PARTITION BY d) AS s FROM t)",
     "Project a\n"
     "└─ Project a\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT s FROM (SELECT a, sum(c) OVER (PARTITION BY d) AS s, rank() OVER (ORDER BY b) AS r "
     "FROM t)",
     "Project s\n"
     "└─ Project s = #5\n"
     "   └─ Window #5 = sum(c) over (partition by d)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → c, d\n"},
    {"SELECT b FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY c) = 1",
     "Project b\n"
     "└─ Filter #4 = cast(1 as int64)\n"
     "   └─ Window #4 = row_number() over (partition by a order by c)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a, c, b\n"},
};

static const prune_case joins[] = {
    {"SELECT t.a, u.w FROM t JOIN u ON t.a = u.k WHERE t.c > 1 AND u.v = 'x'",
     "Project a, w\n"
     "└─ Filter (c > cast(1 as float64)) and (v = 'x')\n"
     "   └─ Join inner on a = k\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a, c\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT count(*) FROM t, u WHERE t.c > 1",
     "Project \"count_star()\" = #3\n"
     "└─ Aggregate #3 = count_star()\n"
     "   └─ Filter c > cast(1 as float64)\n"
     "      └─ Join cross\n"
     "         ├─ Scan \"memory\".\"main\".\"t\" → c\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → rowid\n"},
    {"SELECT t.b FROM (SELECT * FROM t WHERE c > 1) t LEFT JOIN (SELECT * FROM u WHERE w > 1) u "
     "ON t.a = u.k",
     "Project b\n"
     "└─ Join left on a = k\n"
     "   ├─ Project a, b\n"
     "   │  └─ Filter c > cast(1 as float64)\n"
     "   │     └─ Scan \"memory\".\"main\".\"t\" → c, a, b\n"
     "   └─ Project k\n"
     "      └─ Filter w > cast(1 as int64)\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → w, k\n"},
    {"SELECT a FROM t WHERE EXISTS (SELECT * FROM u WHERE u.k = t.a)",
     "Project a#12 = a#10\n"
     "└─ Project a#10 = a#1\n"
     "   └─ Join semi on a#1 is not distinct from a#8\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "      └─ Project a#8 = k\n"
     "         └─ Filter k is not null\n"
     "            └─ Scan \"memory\".\"main\".\"u\" → k\n"},
    {"SELECT b FROM t WHERE a NOT IN (SELECT k FROM u)",
     "Project b\n"
     "└─ Filter not #5\n"
     "   └─ Join mark → #5 on a = k\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a, b\n"
     "      └─ Project k\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → k\n"},
    {"SELECT a FROM (SELECT a, b, a IN (SELECT k FROM u) AS e FROM t)",
     "Project a\n"
     "└─ Project a\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT a, (SELECT max(w) FROM u WHERE u.k = t.a) AS m FROM t",
     "Project a#8 = a#1, m = \"max(w)\"\n"
     "└─ Select a#1, \"max(w)\"\n"
     "   └─ Join left on a#1 is not distinct from a#7\n"
     "      ├─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "      └─ Project \"max(w)\" = #5, a#7 = k\n"
     "         └─ Aggregate by k, #5 = max(w)\n"
     "            └─ Filter k is not null\n"
     "               └─ Scan \"memory\".\"main\".\"u\" → k, w\n"},
    {"SELECT b FROM t POSITIONAL JOIN u",
     "Project b\n"
     "└─ Join positional\n"
     "   ├─ Scan \"memory\".\"main\".\"t\" → b\n"
     "   └─ Scan \"memory\".\"main\".\"u\" → rowid\n"},
    {"SELECT t.b FROM t ASOF JOIN u ON t.a = u.k AND t.c >= u.w",
     "Project b\n"
     "└─ Join asof inner on (a = k) and (c >= cast(w as float64))\n"
     "   ├─ Scan \"memory\".\"main\".\"t\" → a, c, b\n"
     "   └─ Scan \"memory\".\"main\".\"u\" → k, w\n"},
};

static const prune_case set_operations[] = {
    {"SELECT a FROM (SELECT a, b, c FROM t UNION ALL SELECT k, v, w FROM u)",
     "Project a#16 = a#13\n"
     "└─ Union all → a#13\n"
     "   ├─ Project a#4 = a#1\n"
     "   │  └─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "   └─ Project k\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → k\n"},
    {"SELECT a FROM (SELECT a, b, c FROM t UNION SELECT k, v, w FROM u)",
     "Project a#16 = a#13\n"
     "└─ Distinct\n"
     "   └─ Union all → a#13, b#14, c#15\n"
     "      ├─ Project a#4 = a#1, b#5 = b#2, c#6 = c#3\n"
     "      │  └─ Scan \"memory\".\"main\".\"t\" → a#1, b#2, c#3\n"
     "      └─ Project k, v, w#12 = cast(w#9 as float64)\n"
     "         └─ Scan \"memory\".\"main\".\"u\" → k, v, w#9\n"},
    {"SELECT count(*) FROM (SELECT a, b FROM t INTERSECT SELECT k, v FROM u)",
     "Project \"count_star()\" = #11\n"
     "└─ Aggregate #11 = count_star()\n"
     "   └─ Distinct\n"
     "      └─ Intersect → a#9, b#10\n"
     "         ├─ Project a#3 = a#1, b#4 = b#2\n"
     "         │  └─ Scan \"memory\".\"main\".\"t\" → a#1, b#2\n"
     "         └─ Project k, v\n"
     "            └─ Scan \"memory\".\"main\".\"u\" → k, v\n"},
    {"SELECT count(*) FROM (SELECT b, a FROM t UNION ALL SELECT v, k FROM u WHERE w > 1)",
     "Project \"count_star()\" = #12\n"
     "└─ Aggregate #12 = count_star()\n"
     "   └─ Union all → a#11\n"
     "      ├─ Project a#4 = a#2\n"
     "      │  └─ Scan \"memory\".\"main\".\"t\" → a#2\n"
     "      └─ Project k\n"
     "         └─ Filter w > cast(1 as int64)\n"
     "            └─ Scan \"memory\".\"main\".\"u\" → w, k\n"},
    {"SELECT b FROM (FROM t UNION ALL FROM t WHERE c > 1)",
     "Project b#21 = b#18\n"
     "└─ Union all → b#18\n"
     "   ├─ Project b#6 = b#2\n"
     "   │  └─ Scan \"memory\".\"main\".\"t\" → b#2\n"
     "   └─ Project b#14 = b#11\n"
     "      └─ Filter c > cast(1 as float64)\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → c, b#11\n"},
};

static const prune_case ctes[] = {
    {"WITH x AS (SELECT a, b, c, d FROM t) SELECT p.a, q.c FROM x p JOIN x q ON p.a = q.a WHERE "
     "q.b = 'y'",
     "Cte x #1\n"
     "├─ Project a#5 = a#1, b#6 = b#2, c#7 = c#3\n"
     "│  └─ Scan \"memory\".\"main\".\"t\" → a#1, b#2, c#3\n"
     "└─ Project a#17 = a#9, c#18 = c#15\n"
     "   └─ Filter b#14 = 'y'\n"
     "      └─ Join inner on a#9 = a#13\n"
     "         ├─ CteRef x #1 → a#9\n"
     "         └─ CteRef x #1 → a#13, b#14, c#15\n"},
    {"WITH x AS (SELECT a, b FROM t), y AS (SELECT * FROM u) SELECT a FROM x",
     "Cte x #1\n"
     "├─ Project a#3 = a#1\n"
     "│  └─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "└─ Project a#7 = a#5\n"
     "   └─ CteRef x #1 → a#5\n"},
    {"WITH x AS (SELECT a, b, c FROM t), y AS (SELECT c, b, a FROM x WHERE a > 1) SELECT b FROM y",
     "Cte x #1\n"
     "├─ Project a#4 = a#1, b#5 = b#2\n"
     "│  └─ Scan \"memory\".\"main\".\"t\" → a#1, b#2\n"
     "└─ Cte y #2\n"
     "   ├─ Project b#11 = b#8\n"
     "   │  └─ Filter a#7 > 1\n"
     "   │     └─ CteRef x #1 → a#7, b#8\n"
     "   └─ Project b#16 = b#14\n"
     "      └─ CteRef y #2 → b#14\n"},
    {"WITH x AS (SELECT * FROM t WHERE a > 1) SELECT count(*) FROM x",
     "Cte x #1\n"
     "├─ Project a#5 = a#1\n"
     "│  └─ Filter a#1 > 1\n"
     "│     └─ Scan \"memory\".\"main\".\"t\" → a#1\n"
     "└─ Project \"count_star()\" = #13\n"
     "   └─ Aggregate #13 = count_star()\n"
     "      └─ CteRef x #1 → a#9\n"},
    {"WITH RECURSIVE r AS (SELECT 1 AS n, 'x' AS s UNION ALL SELECT n + 1, s || 'x' FROM r WHERE "
     "n < 5) SELECT n FROM r",
     "Cte r #2\n"
     "├─ Select n#4\n"
     "│  └─ Recursive r #1 union all → n#4, s#5\n"
     "│     ├─ Project n#2 = 1, s#3 = 'x'\n"
     "│     │  └─ Values (NULL) → #1\n"
     "│     └─ Project #8 = n#6 + 1, #9 = s#7 || 'x'\n"
     "│        └─ Filter n#6 < 5\n"
     "│           └─ CteRef r #1 → n#6, s#7\n"
     "└─ Project n#12 = n#10\n"
     "   └─ CteRef r #2 → n#10\n"},
};

static const prune_case order[] = {
    {"SELECT a FROM t ORDER BY c LIMIT 3",
     "Project a\n"
     "└─ Limit 3\n"
     "   └─ Sort [c]\n"
     "      └─ Project a, c\n"
     "         └─ Scan \"memory\".\"main\".\"t\" → a, c\n"},
    {"SELECT b FROM (SELECT DISTINCT a, b FROM t)",
     "Project b\n"
     "└─ Distinct\n"
     "   └─ Project a, b\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a, b\n"},
    {"SELECT b FROM (SELECT DISTINCT ON (a) a, b, c FROM t ORDER BY a, d)",
     "Project b#12 = #10\n"
     "└─ Project #10 = b#6\n"
     "   └─ Sort [a, d]\n"
     "      └─ Distinct on a [a, d]\n"
     "         └─ Project a, b#6 = b#2, d\n"
     "            └─ Scan \"memory\".\"main\".\"t\" → a, b#2, d\n"},
    {"SELECT x FROM (SELECT a, b, unnest([a, a + 1]) AS x FROM t WHERE c > 1)",
     "Project x\n"
     "└─ Project x = #4\n"
     "   └─ Unnest #4 = unnest(list_value(a, a + 1))\n"
     "      └─ Select a\n"
     "         └─ Filter c > cast(1 as float64)\n"
     "            └─ Scan \"memory\".\"main\".\"t\" → c, a\n"},
    {"SELECT a FROM t USING SAMPLE 10 ROWS",
     "Project a\n"
     "└─ Sample reservoir 10 rows\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT a FROM (FROM t WHERE c > 1) ORDER BY b",
     "Project a\n"
     "└─ Sort [b]\n"
     "   └─ Project a, b\n"
     "      └─ Project a, b\n"
     "         └─ Filter c > cast(1 as float64)\n"
     "            └─ Scan \"memory\".\"main\".\"t\" → c, a, b\n"},
    {"SELECT a FROM t LIMIT (SELECT max(w) FROM u)",
     "Project a\n"
     "└─ Limit SUBQUERY\n"
     "   └─ Project a, SUBQUERY = \"max(w)\"\n"
     "      └─ Join cross\n"
     "         ├─ Scan \"memory\".\"main\".\"t\" → a\n"
     "         └─ Project \"max(w)\" = #3\n"
     "            └─ Aggregate #3 = max(w)\n"
     "               └─ Scan \"memory\".\"main\".\"u\" → w\n"},
};
/* clang-format on */

static int open_tables(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE)");
    duck_exec(&d, "CREATE TABLE u (k INTEGER, v VARCHAR, w BIGINT)");
    *state = &d;
    return 0;
}

static int close_tables(void **state)
{
    duck_close(*state);
    return 0;
}

static void check_same_output(const gbx_plan *a, const gbx_plan *b)
{
    assert_int_equal(a->root->n_cols, b->root->n_cols);
    for (uint32_t i = 0; i < a->root->n_cols; i++) {
        assert_int_equal(a->root->cols[i].id, b->root->cols[i].id);
        assert_true(gbx__str_equal(a->root->cols[i].name, b->root->cols[i].name));
    }
    assert_true(gbx__str_equal(a->text, b->text));
}

static void check_case(duck *d, const prune_case *c)
{
    gbx_plan *plan = sql_plan(d, c->sql);
    gbx_plan *pruned = NULL;
    gbx_plan *again = NULL;
    gbx_error err = {0};
    assert_int_equal(gbx__pass_prune_columns(plan, &pruned, &err), GBX_OK);
    assert_string_equal(sql_tree(pruned), c->tree);
    check_same_output(plan, pruned);
    assert_int_equal(gbx__plan_validate(pruned, &err), GBX_OK);
    assert_int_equal(gbx__pass_prune_columns(pruned, &again, &err), GBX_OK);
    assert_ptr_equal(again, pruned); /* nothing is left to do */
    gbx__plan_unref(again);
    gbx__plan_unref(plan); /* what is shared lives on */
    assert_string_equal(sql_tree(pruned), c->tree);
    gbx__plan_unref(pruned);
}

static void test_sources(void **state)
{
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        check_case(*state, &sources[i]);
}

static void test_projections(void **state)
{
    for (size_t i = 0; i < sizeof(projections) / sizeof(projections[0]); i++)
        check_case(*state, &projections[i]);
}

static void test_aggregates(void **state)
{
    for (size_t i = 0; i < sizeof(aggregates) / sizeof(aggregates[0]); i++)
        check_case(*state, &aggregates[i]);
}

static void test_windows(void **state)
{
    for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
        check_case(*state, &windows[i]);
}

static void test_joins(void **state)
{
    for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) check_case(*state, &joins[i]);
}

static void test_set_operations(void **state)
{
    for (size_t i = 0; i < sizeof(set_operations) / sizeof(set_operations[0]); i++)
        check_case(*state, &set_operations[i]);
}

static void test_ctes(void **state)
{
    for (size_t i = 0; i < sizeof(ctes) / sizeof(ctes[0]); i++) check_case(*state, &ctes[i]);
}

static void test_order(void **state)
{
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) check_case(*state, &order[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sources),    cmocka_unit_test(test_projections),
        cmocka_unit_test(test_aggregates), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_joins),      cmocka_unit_test(test_set_operations),
        cmocka_unit_test(test_ctes),       cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, open_tables, close_tables);
}
