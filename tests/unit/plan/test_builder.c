#include "support/plan_samples.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_plan *finish(gbx__plan_builder *b, const gbx__node *root)
{
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    if (gbx__plan_finish(b, root, GBX_STR(""), &plan, &err)) fail_msg("%s", err.message);
    return plan;
}

static void test_columns_of_each_kind(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    const gbx__node *flights = sample_flights(&b);
    const gbx__node *airlines = sample_airlines(&b);
    assert_int_equal(flights->depth, 1);
    assert_int_equal(flights->n_cols, 3);
    assert_true(gbx__str_is(flights->cols[1].name, "dep_delay"));
    assert_int_equal(gbx__node_n_passed(flights), 0);

    const gbx__expr *on = sample_call(&b, "=", sample_bool(), 2, sample_col(&b, flights, 0),
                                      sample_col(&b, airlines, 0));
    const gbx__node *inner =
        gbx__node_join(&b, GBX_JOIN_INNER, false, flights, airlines, 1, &on, GBX_NO_POS);
    const gbx__node *semi =
        gbx__node_join(&b, GBX_JOIN_SEMI, false, flights, airlines, 1, &on, GBX_NO_POS);
    const gbx__node *mark =
        gbx__node_join(&b, GBX_JOIN_MARK, false, flights, airlines, 1, &on, GBX_NO_POS);
    assert_int_equal(inner->n_cols, 5);
    assert_int_equal(inner->depth, 2);
    assert_true(inner->id > airlines->id);
    assert_int_equal(inner->cols[3].id, airlines->cols[0].id);
    assert_int_equal(gbx__node_n_passed(inner), 5);
    assert_ptr_equal(semi->cols, flights->cols);
    assert_int_equal(mark->n_cols, 4);
    assert_int_equal(mark->cols[3].id, mark->join.mark);
    assert_int_equal(gbx__node_n_passed(mark), 3);
    assert_ptr_equal(gbx__node_col(inner, airlines->cols[1].id), &inner->cols[4]);
    assert_null(gbx__node_col(semi, airlines->cols[1].id));

    const gbx__expr *bare[] = {sample_col(&b, inner, 4), sample_int(&b, 1)};
    const gbx__node *project = gbx__node_project(&b, inner, 2, bare, NULL, GBX_NO_POS);
    assert_true(gbx__str_is(project->cols[0].name, "name"));
    assert_true(project->cols[0].id > inner->cols[4].id);
    assert_int_equal(project->cols[1].name.len, 0);
    assert_false(gbx__node_is_select(project));

    const uint32_t last[] = {4, 0};
    const gbx__node *select = gbx__node_select(&b, inner, 2, last);
    assert_true(gbx__node_is_select(select));
    assert_int_equal(select->cols[0].id, inner->cols[4].id);
    assert_int_equal(gbx__node_n_passed(select), 2);
    assert_ptr_equal(gbx__node_filter(&b, select, 0, NULL, GBX_NO_POS), select);
    assert_ptr_equal(gbx__node_sort(&b, select, 0, NULL, GBX_NO_POS), select);
    gbx__plan_unref(finish(&b, select));
    gbx__plan_builder_done(&b);
}

static void test_the_first_failure_stays(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__plan_builder_init(&b);
    const gbx__node *scan = sample_flights(&b);
    assert_null(gbx__plan_fail(&b, GBX_UNSUPPORTED, (gbx__pos){10, 2}, "no %s", "way"));
    assert_null(gbx__plan_fail(&b, GBX_INVALID, (gbx__pos){20, 2}, "later"));
    assert_null(gbx__node_limit(&b, scan, sample_int(&b, 1), NULL, false, GBX_NO_POS));
    assert_int_equal(gbx__plan_new_col(&b), 0);
    assert_int_equal(gbx__plan_finish(&b, scan, GBX_STR("SELECT\n  what FROM t"), &plan, &err),
                     GBX_UNSUPPORTED);
    assert_string_equal(err.message, "no way");
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 4);
    assert_int_equal(gbx__plan_finish(&b, scan, GBX_STR("short"), &plan, &err), GBX_UNSUPPORTED);
    assert_int_equal(err.offset, -1);
    assert_int_equal(gbx__plan_finish(&b, scan, GBX_STR(""), &plan, NULL), GBX_UNSUPPORTED);
    assert_null(plan);
    gbx__plan_builder_done(&b);
    gbx__plan_builder_done(NULL);

    gbx__plan_builder_init(&b);
    assert_int_equal(gbx__plan_finish(&b, NULL, GBX_STR(""), &plan, &err), GBX_INTERNAL);
    gbx__plan_builder_done(&b);
}

static void test_missing_and_foreign_inputs(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx__plan_builder other;
    gbx__plan_builder_init(&b);
    gbx__plan_builder_init(&other);
    assert_null(gbx__node_limit(&b, NULL, sample_int(&b, 1), NULL, false, GBX_NO_POS));
    assert_int_equal(b.failed, GBX_INTERNAL);
    gbx__plan_builder_done(&b);

    sample_flights(&other);
    const gbx__node *far = sample_flights(&other);
    assert_null(gbx__node_limit(&b, far, sample_int(&b, 1), NULL, false, GBX_NO_POS));
    assert_int_equal(b.failed, GBX_INTERNAL);
    gbx__plan_builder_done(&b);

    const gbx__node *scan = sample_flights(&b);
    const gbx__expr *missing = NULL;
    assert_null(gbx__node_filter(&b, scan, 1, &missing, GBX_NO_POS));
    assert_int_equal(b.failed, GBX_NOMEM);
    gbx__plan_builder_done(&b);
    gbx__plan_builder_done(&other);
}

static void test_deep_plans_are_refused(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__plan_builder_init(&b);
    const gbx__node *node = sample_flights(&b);
    for (int i = 1; i < GBX_MAX_DEPTH; i++) {
        node = gbx__node_distinct(&b, node, 0, NULL, 0, NULL, GBX_NO_POS);
    }
    gbx__plan_unref(finish(&b, node));

    node = sample_flights(&b);
    for (int i = 0; i < 10000; i++) {
        node = gbx__node_distinct(&b, node, 0, NULL, 0, NULL, GBX_NO_POS);
    }
    assert_null(node);
    assert_int_equal(gbx__plan_finish(&b, node, GBX_STR(""), &plan, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "1000 operators deep"));
    gbx__plan_builder_done(&b);

    const gbx__node *scan = sample_flights(&b);
    const gbx__expr *deep = sample_col(&b, scan, 1);
    for (int i = 0; i < 10000; i++) deep = sample_call(&b, "-", sample_int64(), 1, deep);
    node = gbx__node_project(&b, scan, 1, &deep, NULL, GBX_NO_POS);
    assert_int_equal(gbx__plan_finish(&b, node, GBX_STR(""), &plan, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "more than 1000 deep"));
    gbx__plan_builder_done(&b);
}

static void test_sharing_a_base(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *base = NULL;
    assert_int_equal(plan_sample_make(0, &base, &err), GBX_OK);
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    assert_true(gbx__plan_builder_share(&b, base));
    assert_true(gbx__plan_builder_share(&b, base));
    assert_int_equal(b.next_col, base->next_col);
    const gbx__node *limit =
        gbx__node_limit(&b, base->root, sample_int(&b, 1), NULL, false, GBX_NO_POS);
    assert_true(limit->id > base->root->id);
    gbx_plan *plan = finish(&b, limit);
    assert_ptr_equal(plan->root->inputs[0], base->root);
    gbx__plan_unref(base); /* the plan keeps it */
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__plan_print(&out, plan);
    assert_true(gbx__str_starts(gbx__buf_view(&out), "Limit 1\n└─ Select"));
    gbx__buf_done(&out);

    assert_int_not_equal(gbx__plan_new_col(&b), 0);
    assert_false(gbx__plan_builder_share(&b, plan)); /* too late: ids were made */
    gbx__plan_builder_done(&b);
    gbx__plan_unref(plan);
    gbx__plan_unref(NULL);
}

static void test_a_long_chain_of_bases_is_freed(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *plan = NULL;
    assert_int_equal(plan_sample_make(0, &plan, &err), GBX_OK);
    for (int i = 0; i < 5000; i++) {
        gbx__plan_builder b;
        gbx__plan_builder_init(&b);
        assert_true(gbx__plan_builder_share(&b, plan));
        gbx_plan *next = finish(&b, plan->root);
        gbx__plan_unref(plan);
        plan = next;
    }
    assert_ptr_equal(gbx__plan_ref(plan), plan);
    gbx__plan_unref(plan);
    gbx__plan_unref(plan);
}

static void test_import_renumbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_error err = {0};
        gbx_plan *original = NULL;
        if (plan_sample_make(i, &original, &err)) fail_msg("%s", err.message);
        gbx__plan_builder b;
        gbx__plan_builder_init(&b);
        const gbx__node *first = gbx__plan_import(&b, original);
        assert_non_null(first);
        assert_int_equal(first->pos.offset, -1);
        const bool is_sink = first->kind == GBX_NODE_SINK;
        const gbx__node *second = gbx__plan_import(&b, original);
        for (uint32_t k = 0; k < first->n_cols; k++) {
            assert_int_not_equal(first->cols[k].id, second->cols[k].id);
        }
        /* The first of several plans is as good as the only one. */
        gbx_plan *copy = finish(&b, second);
        assert_true(gbx__plan_equal(original, copy));
        gbx__plan_unref(copy);
        gbx__plan_builder_done(&b);

        const gbx__node *const both[] = {gbx__plan_import(&b, original),
                                         gbx__plan_import(&b, original)};
        gbx_plan *twice = NULL;
        const gbx__node *all = gbx__node_setop(&b, GBX_SETOP_UNION, true, 2, both, GBX_NO_POS);
        assert_int_equal(gbx__plan_finish(&b, all, GBX_STR(""), &twice, &err),
                         is_sink ? GBX_INVALID : GBX_OK);
        gbx__plan_unref(original); /* whatever holds its nodes holds it */
        gbx__plan_builder_done(&b);
        gbx__plan_unref(twice);
    }
}

static void test_other_inputs(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    const gbx__node *flights = sample_flights(&b);
    const gbx__node *airlines = sample_airlines(&b);
    const gbx__expr *on = sample_call(&b, "=", sample_bool(), 2, sample_col(&b, flights, 0),
                                      sample_col(&b, airlines, 0));
    const gbx__node *join =
        gbx__node_join(&b, GBX_JOIN_MARK, false, flights, airlines, 1, &on, GBX_NO_POS);
    const gbx__expr *mark = sample_col(&b, join, 3);
    const gbx__node *filter = gbx__node_filter(&b, join, 1, &mark, GBX_NO_POS);
    assert_ptr_equal(gbx__node_with_inputs(&b, filter, filter->inputs), filter);

    const uint32_t only[] = {0};
    const gbx__node *const narrow[] = {gbx__node_select(&b, flights, 1, only), airlines};
    const gbx__node *pruned = gbx__node_with_inputs(&b, join, narrow);
    assert_int_equal(pruned->n_cols, 2);
    assert_int_equal(pruned->cols[1].id, join->join.mark);
    const gbx__node *top = gbx__node_with_inputs(&b, filter, &pruned);
    assert_int_equal(top->n_cols, 2);
    assert_ptr_equal(top->filter.conjuncts, filter->filter.conjuncts);
    gbx__plan_unref(finish(&b, top));
    gbx__plan_builder_done(&b);
}

static const gbx__expr *double_numbers(const gbx__expr *expr, void *ctx)
{
    gbx__plan_builder *b = ctx;
    if (expr->kind != GBX_EX_CONST || expr->type->kind != GBX_TYPE_INT64) return expr;
    return gbx__expr_int64(&b->arena, expr->value->i64 * 2);
}

static void test_map_over_expressions(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *base = NULL;
    assert_int_equal(plan_sample_make(0, &base, &err), GBX_OK);
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    assert_true(gbx__plan_builder_share(&b, base));
    const gbx__node *limit = base->root->inputs[0];
    const gbx__node *twice = gbx__node_map(&b, limit, NULL, double_numbers, &b);
    gbx_plan *plan = finish(&b, twice);
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__plan_print(&out, plan);
    assert_true(gbx__str_starts(gbx__buf_view(&out), "Limit 20 offset 10\n└─ Sort"));
    gbx__buf_done(&out);
    gbx__plan_unref(plan);
    gbx__plan_unref(base);
    gbx__plan_builder_done(&b);
}

static bool note_node(const gbx__node *node, void *ctx)
{
    uint32_t *last = ctx;
    for (uint32_t i = 0; i < node->n_inputs; i++) assert_true(node->inputs[i]->id < node->id);
    last[0]++;
    last[1] = node->id;
    return true;
}

static bool count_expr(const gbx__expr *expr, void *ctx)
{
    (void)expr;
    ++*(uint32_t *)ctx;
    return true;
}

static bool count_exprs(const gbx__node *node, void *ctx)
{
    return gbx__node_exprs(node, count_expr, ctx);
}

static bool stop(const gbx__node *node, void *ctx)
{
    (void)node;
    (void)ctx;
    return false;
}

static void test_walk(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *plan = NULL;
    uint32_t seen[2] = {0};
    uint32_t n_exprs = 0;
    assert_int_equal(plan_sample_make(6, &plan, &err), GBX_OK); /* sets: a shared node */
    assert_true(gbx__plan_walk(plan->root, note_node, seen));
    assert_int_equal(seen[0], 11);
    assert_int_equal(seen[1], plan->root->id);
    assert_false(gbx__plan_walk(plan->root, stop, NULL));
    assert_true(gbx__plan_walk(plan->root, count_exprs, &n_exprs));
    assert_int_equal(n_exprs, 6);
    gbx__plan_unref(plan);
}

static void test_ids_are_bounded(void **state)
{
    (void)state;
    gbx__plan_builder b;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__plan_builder_init(&b);
    for (uint32_t i = 1; i < GBX_MAX_IDS; i++) assert_int_equal(gbx__plan_new_col(&b), i);
    assert_int_equal(gbx__plan_new_col(&b), 0);
    assert_int_equal(gbx__plan_finish(&b, NULL, GBX_STR(""), &plan, &err), GBX_INVALID);
    assert_string_equal(err.message, "more than 1048575 columns in a plan");
    gbx__plan_builder_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_of_each_kind),
        cmocka_unit_test(test_the_first_failure_stays),
        cmocka_unit_test(test_missing_and_foreign_inputs),
        cmocka_unit_test(test_deep_plans_are_refused),
        cmocka_unit_test(test_sharing_a_base),
        cmocka_unit_test(test_a_long_chain_of_bases_is_freed),
        cmocka_unit_test(test_import_renumbers),
        cmocka_unit_test(test_other_inputs),
        cmocka_unit_test(test_map_over_expressions),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_ids_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
