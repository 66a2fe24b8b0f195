/*
 * Projections of projections, limits of sorts.
 */
#include "optimise/optimise.h"
#include "support/plan_samples.h"
#include "support/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NO_POS GBX_NO_POS

typedef struct merge_case {
    const char *sql;
    const char *tree;
} merge_case;

/* After pruning, so that there are selections. */
/* clang-format off */
static const merge_case cases[] = {
    {"SELECT x FROM (SELECT b AS x, a AS y FROM t)",
     "Project x = b\n"
     "└─ Scan \"memory\".\"main\".\"t\" → b\n"},
    {"SELECT y, x FROM (SELECT upper(b) AS x, a + 1 AS y FROM t)",
     "Project y = a + 1, x = upper(b)\n"
     "└─ Scan \"memory\".\"main\".\"t\" → b, a\n"},
    {"SELECT x AS p, x AS q FROM (SELECT upper(b) AS x FROM t)",
     "Project p = x, q = x\n"
     "└─ Project x = upper(b)\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → b\n"},
    {"SELECT x AS p, x AS q FROM (SELECT b AS x FROM t)",
     "Project p = b, q = b\n"
     "└─ Scan \"memory\".\"main\".\"t\" → b\n"},
    {"SELECT y + 1 FROM (SELECT upper(b) AS x, a + 1 AS y FROM t)",
     "Project \"(y + 1)\" = y + 1\n"
     "└─ Project y = a + 1\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT p, q FROM (SELECT x AS p, y AS q FROM (SELECT b AS x, a AS y FROM t))",
     "Project p = b, q = a\n"
     "└─ Scan \"memory\".\"main\".\"t\" → b, a\n"},
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
    {"SELECT * FROM u ORDER BY w LIMIT 3",
     "TopN 3 [w]\n"
     "└─ Project k, v, w\n"
     "   └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT * FROM u ORDER BY w DESC LIMIT 3 OFFSET 2",
     "TopN 3 offset 2 [w desc]\n"
     "└─ Project k, v, w\n"
     "   └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT * FROM u ORDER BY w OFFSET 2",
     "Limit offset 2\n"
     "└─ Sort [w]\n"
     "   └─ Project k, v, w\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT * FROM u ORDER BY w LIMIT 10%",
     "Limit 10.0%\n"
     "└─ Sort [w]\n"
     "   └─ Project k, v, w\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT * FROM u ORDER BY w LIMIT (SELECT 3)",
     "Project k, v, w\n"
     "└─ Limit cast(SUBQUERY as int64)\n"
     "   └─ Sort [w]\n"
     "      └─ Project k, v, w, SUBQUERY = #5\n"
     "         └─ Join cross\n"
     "            ├─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"
     "            └─ Project #5 = 3\n"
     "               └─ Values (NULL) → #4\n"},
    {"SELECT * FROM u ORDER BY w LIMIT $n",
     "Limit $n\n"
     "└─ Sort [w]\n"
     "   └─ Project k, v, w\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → k, v, w\n"},
    {"SELECT v FROM u ORDER BY w LIMIT 3",
     "Project v\n"
     "└─ TopN 3 [w]\n"
     "   └─ Project v, w\n"
     "      └─ Scan \"memory\".\"main\".\"u\" → v, w\n"},
};
/* clang-format on */

static void test_plans_from_sql(void **state)
{
    duck d;
    (void)state;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE)");
    duck_exec(&d, "CREATE TABLE u (k INTEGER, v VARCHAR, w BIGINT)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx_plan *plan = sql_plan(&d, cases[i].sql);
        gbx_plan *merged = NULL;
        gbx_error err = {0};
        const uint32_t passes = GBX_PASS_PRUNE_COLUMNS | GBX_PASS_MERGE;
        assert_int_equal(gbx__optimise(plan, passes, &merged, &err), GBX_OK);
        assert_string_equal(sql_tree(merged), cases[i].tree);
        assert_int_equal(plan->root->cols[0].id, merged->root->cols[0].id);
        gbx__plan_unref(plan);
        gbx__plan_unref(merged);
    }
    duck_close(&d);
}

static void check_stays(const gbx__node *(*build)(gbx__plan_builder *b))
{
    gbx_plan *plan = NULL;
    gbx_plan *merged = NULL;
    gbx_error err = {0};
    if (plan_sample_finish(build, &plan, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_int_equal(gbx__pass_merge(plan, &merged, &err), GBX_OK);
    assert_ptr_equal(plan, merged);
    gbx__plan_unref(plan);
    gbx__plan_unref(merged);
}

/* Both arms project the same projection. */
static const gbx__node *shared_project(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__expr *upper = sample_call(b, "upper", sample_utf8(), 1, sample_col(b, flights, 0));
    const gbx__node *inner = gbx__node_project(b, flights, 1, &upper, NULL, NO_POS);
    if (!inner) return NULL;
    const gbx__expr *col = sample_col(b, inner, 0);
    const gbx__node *arms[] = {gbx__node_project(b, inner, 1, &col, NULL, NO_POS),
                               gbx__node_project(b, inner, 1, &col, NULL, NO_POS)};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 2, arms, NO_POS);
}

static const gbx__node *shared_sort(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__sort_key key = {.expr = sample_col(b, flights, 1)};
    const gbx__node *sort = gbx__node_sort(b, flights, 1, &key, NO_POS);
    const gbx__node *arms[] = {gbx__node_limit(b, sort, sample_int(b, 1), NULL, false, NO_POS),
                               sort};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 2, arms, NO_POS);
}

static void test_shared_operators_stay(void **state)
{
    (void)state;
    check_stays(shared_project);
    check_stays(shared_sort);
}

static void test_only_what_is_asked_for(void **state)
{
    (void)state;
    gbx_error err = {0};
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = NULL;
        gbx_plan *same = NULL;
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        const uint32_t none = UINT32_C(1) << 31; /* a bit that no pass has */
        assert_int_equal(gbx__optimise(plan, none, &same, &err), GBX_OK);
        assert_ptr_equal(plan, same);
        assert_int_equal(gbx__optimise(plan, 0, &same, NULL), GBX_OK);
        assert_ptr_equal(plan, same);
        for (int k = 0; k < 3; k++) gbx__plan_unref(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans_from_sql),
        cmocka_unit_test(test_shared_operators_stay),
        cmocka_unit_test(test_only_what_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
