/*
 * Constant expressions, computed by the binder's engine.
 */
#include "optimise/fold.h"
#include "optimise/optimise.h"
#include "support/plan_samples.h"
#include "support/sql.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fold_case {
    const char *sql;
    const char *tree;
} fold_case;

/* clang-format off */
static const fold_case cases[] = {
    {"SELECT a + 1 AS x FROM t",
     "Project x = a + 1\n"
     "└─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT a FROM t WHERE d < DATE '1998-12-01' - INTERVAL 90 DAY",
     "Project a\n"
     "└─ Filter d < DATE 1998-09-02\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → d, a\n"},
    {"SELECT a FROM t WHERE d >= TIMESTAMP '1998-09-02 00:00:01' AND TIMESTAMP '2024-02-29' = "
     "d AND d < DATE '1969-12-31' - INTERVAL 1 YEAR",
     "Project a\n"
     "└─ Filter (cast(d as timestamp(us)) >= TIMESTAMP 1998-09-02 00:00:01) and (DATE 2024-02-29 = "
     "d) and (d < DATE 1968-12-31)\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → d, a\n"},
    {"SELECT sqrt(2.25) AS r, 'a' || 'b' AS s, [1, 2 + 3] AS l, {'k': 1} AS k, 5::HUGEINT "
     "AS h, CAST(NULL AS DATE) AS n, INTERVAL 3 MONTH AS i, '1.50'::DECIMAL(5,2) AS d, "
     "'nan'::FLOAT AS f",
     "Project r = 1.5, s = 'ab', l = [1, 5], k = {\"k\": 1}, h = 5, n = NULL, i = "
     "INTERVAL 3 months, d = 1.50, f = nan\n"
     "└─ Values (NULL) → #1\n"},
    /* What fails stays, and fails when it runs; what differs from row to row stays. */
    {"SELECT CAST('x' AS INTEGER) AS e, random() AS r, upper('a') AS u FROM t",
     "Project e = cast('x' as int32), r = random(), u = 'A'\n"
     "└─ Scan \"memory\".\"main\".\"t\" → rowid\n"},
    {"SELECT sum(a * (2 + 3)) FILTER (a > 1 + 1) AS s, lag(a, 1 + 1) OVER (ORDER BY a + "
     "(3 - 1)) AS w FROM t GROUP BY a",
     "Project s = #3, w = #4\n"
     "└─ Window #4 = lag(a, 2, NULL) over (order by a + 2)\n"
     "   └─ Aggregate by a, #3 = sum(a * 5) filter (a > 2)\n"
     "      └─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT list_transform([a, 1 + 1], lambda x: x + (2 * 3)) AS l FROM t",
     "Project l = list_transform(list_value(a, 2), (#2) -> #2 + 6)\n"
     "└─ Scan \"memory\".\"main\".\"t\" → a\n"},
    {"SELECT i FROM range(1 + 1, 10) r(i)",
     "Project i\n"
     "└─ TableFn range(2, 10) → i\n"},
};
/* clang-format on */

typedef struct compute_ctx {
    duck *d;
    gbx_plan *plan;
} compute_ctx;

static gbx_status compute(void *ctx, gbx__arena *arena, size_t n, const gbx__expr *const *exprs,
                          const gbx__expr **out, gbx_error *err)
{
    compute_ctx *c = ctx;
    int64_t now_us = 0;
    const gbx_status status =
        gbx__sql_compute(c->d->conn, c->plan, arena, n, exprs, out, &now_us, err);
    if (status == GBX_OK) assert_true(now_us > 0);
    return status;
}

static gbx_status fold(duck *d, gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    compute_ctx c = {d, plan};
    return gbx__pass_fold(plan, compute, &c, out, err);
}

static void test_plans_from_sql(void **state)
{
    duck d;
    (void)state;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx_plan *plan = sql_plan(&d, cases[i].sql);
        gbx_plan *folded = NULL;
        gbx_error err = {0};
        if (fold(&d, plan, &folded, &err) != GBX_OK) fail_msg("%s", err.message);
        assert_string_equal(sql_tree(folded), cases[i].tree);
        gbx__plan_unref(folded);
        gbx__plan_unref(plan);
    }
    duck_close(&d);
}

static bool is_no_call(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_CALL || expr->fn->volatility == GBX_VOLATILITY_PURE;
}

static bool has_no_call(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, is_no_call, ctx);
}

static bool node_has_no_call(const gbx__node *node, void *ctx)
{
    return gbx__node_exprs(node, has_no_call, ctx);
}

/* All that tells the time of the job is a constant; but for age(x), which counts from today. */
static void test_times(void **state)
{
    duck d;
    gbx_error err = {0};
    (void)state;
    duck_open(&d, NULL);
    gbx_plan *plan = sql_plan(&d, "SELECT now() = get_current_timestamp() AS same, current_date, "
                                  "today(), current_localtime(), current_localtimestamp(), "
                                  "transaction_timestamp(), now() - now()");
    gbx_plan *folded = NULL;
    if (fold(&d, plan, &folded, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_false(gbx__plan_walk(plan->root, node_has_no_call, NULL));
    assert_true(gbx__plan_walk(folded->root, node_has_no_call, NULL));
    assert_true(folded->root->project.exprs[0]->value->boolean);
    assert_int_equal(folded->volatility, GBX_VOLATILITY_PURE);
    gbx__plan_unref(folded);
    gbx__plan_unref(plan);

    duck_exec(&d, "CREATE TABLE s (a TIMESTAMP, b TIMESTAMPTZ)");
    plan = sql_plan(&d, "SELECT age(a), age(b), age(a, a) FROM s");
    if (fold(&d, plan, &folded, &err) != GBX_OK) fail_msg("%s", err.message);
    for (int i = 0; i < 3; i++) {
        const gbx__expr *expr = folded->root->project.exprs[i];
        assert_string_equal(expr->fn->name, "age");
        assert_int_equal(expr->n_args, 2);
        assert_int_equal(expr->args[0]->kind, i < 2 ? GBX_EX_CONST : GBX_EX_COLUMN);
    }
    gbx__plan_unref(folded);
    gbx__plan_unref(plan);
    duck_close(&d);
}

static gbx_status nothing(void *ctx, gbx__arena *arena, size_t n, const gbx__expr *const *exprs,
                          const gbx__expr **out, gbx_error *err)
{
    (void)arena;
    (void)err;
    size_t *count = ctx;
    for (size_t i = 0; i < n; i++) {
        assert_int_not_equal(exprs[i]->kind, GBX_EX_CONST);
        assert_int_not_equal(exprs[i]->kind, GBX_EX_COLUMN);
        assert_null(out[i]);
    }
    *count += n;
    return GBX_OK;
}

static gbx_status fold_sample(void *ctx, gbx_error *err)
{
    gbx_plan *folded = NULL;
    size_t n = 0;
    GBX_TRY(gbx__pass_fold(ctx, nothing, &n, &folded, err));
    gbx__plan_unref(folded);
    return GBX_OK;
}

/* With nobody who computes anything plans stay what they are. */
static void test_samples(void **state)
{
    (void)state;
    gbx_error err = {0};
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = NULL;
        gbx_plan *folded = NULL;
        size_t n = 0;
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        assert_int_equal(gbx__pass_fold(plan, nothing, &n, &folded, &err), GBX_OK);
        if (n == 0) assert_ptr_equal(plan, folded);
        assert_true(gbx__plan_equal(plan, folded));
        gbx__plan_unref(folded);
        assert_true(torture_run(GBX_FAULT_ALLOC, fold_sample, plan) > 0);
        gbx__plan_unref(plan);
    }
}

static gbx_status refuse(void *ctx, gbx__arena *arena, size_t n, const gbx__expr *const *exprs,
                         const gbx__expr **out, gbx_error *err)
{
    (void)ctx;
    (void)arena;
    (void)n;
    (void)exprs;
    (void)out;
    return GBX_FAIL(err, GBX_CANCELLED, "stopped");
}

static void test_stopped(void **state)
{
    duck d;
    gbx_error err = {0};
    gbx_plan *folded = NULL;
    (void)state;
    duck_open(&d, NULL);
    gbx_plan *plan = sql_plan(&d, "SELECT 1 + 1");
    assert_int_equal(gbx__pass_fold(plan, refuse, NULL, &folded, &err), GBX_CANCELLED);
    assert_null(folded);
    assert_string_equal(err.message, "stopped");
    gbx__plan_unref(plan);
    duck_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans_from_sql),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
