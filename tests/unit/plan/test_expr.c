#include "plan/expr.h"

#include "support/plan_samples.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx__plan_builder b;

static int setup(void **state)
{
    (void)state;
    gbx__plan_builder_init(&b);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gbx__plan_builder_done(&b);
    return 0;
}

static const gbx__expr *column(gbx__col_id id)
{
    return gbx__expr_column(&b.arena, id, sample_int64(), GBX_NO_POS);
}

static const gbx__expr *lambda(gbx__col_id param, const gbx__expr *body)
{
    gbx__expr *expr = gbx__expr_new(&b.arena, GBX_EX_LAMBDA, body->type, GBX_NO_POS, 1, &body);
    gbx__col_id *params = gbx__arena_array(&b.arena, 1, sizeof(*params));
    *params = param;
    expr->lambda.n_params = 1;
    expr->lambda.params = params;
    return expr;
}

static void assert_printed(const gbx__expr *expr, const char *expected)
{
    const gbx__str names[] = {GBX_STR(""), GBX_STR("one"), GBX_STR(""), GBX_STR("three")};
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__expr_print(&out, expr, names, 4);
    assert_string_equal(out.data, expected);
    gbx__buf_done(&out);
}

static void test_print(void **state)
{
    (void)state;
    const gbx__expr *sum = sample_call(&b, "+", sample_int64(), 2, column(1), column(2));
    const gbx__expr *less = sample_call(&b, "<", sample_bool(), 2, sum, column(9));
    const gbx__expr *both[] = {less, sample_call(&b, "is_not_null", sample_bool(), 1, column(3))};
    assert_printed(sum, "(one + #2)");
    assert_printed(gbx__expr_and(&b.arena, 2, both), "(((one + #2) < #9) and (three is not null))");
    assert_printed(gbx__expr_and(&b.arena, 1, both), "((one + #2) < #9)");
    assert_printed(gbx__expr_and(&b.arena, 0, NULL), "true");
    assert_printed(sample_call(&b, "not_in", sample_bool(), 3, column(1), sample_int(&b, 1),
                               sample_int(&b, 2)),
                   "(one not in (1, 2))");
    assert_printed(sample_call(&b, "coalesce", sample_int64(), 2, sum, column(2)),
                   "coalesce(one + #2, #2)");
    assert_printed(sample_call(&b, "not", sample_bool(), 1, both[1]), "not (three is not null)");
    assert_printed(sample_call(&b, "-", sample_int64(), 1, column(1)), "-(one)");
    assert_printed(
        sample_call(&b, "~~", sample_bool(), 2, sample_text(&b, "x"), sample_text(&b, "it's")),
        "('x' like 'it''s')");
    assert_printed(gbx__expr_cast(&b.arena, column(1), sample_utf8(), true, GBX_NO_POS),
                   "try_cast(one as utf8)");
    assert_printed(lambda(5, column(5)), "(#5) -> #5");
    assert_printed(gbx__expr_param(&b.arena, GBX_STR("low"), sample_int64(), GBX_NO_POS), "$low");
    assert_printed(sample_agg(&b, "sum", sample_int64(), 1, column(1)), "sum(one)");
    assert_printed(sample_window(&b, GBX_FN_WINDOW, "rank", sample_int64(), 0),
                   "rank() over (rows between unbounded preceding and unbounded following)");
}

static void test_long_lists_are_cut(void **state)
{
    (void)state;
    const gbx__expr *args[1000];
    for (int i = 0; i < 1000; i++) args[i] = sample_int(&b, i);
    const gbx__expr *in = gbx__expr_call(&b.arena, gbx__function_find(GBX_FN_SCALAR, GBX_STR("in")),
                                         sample_bool(), GBX_NO_POS, 1000, args);
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__expr_print(&out, in, NULL, 0);
    assert_true(out.len < 300);
    assert_non_null(strstr(out.data, "… (999 in all)"));
    gbx__buf_done(&out);
}

static void test_constructors_pass_failures_on(void **state)
{
    (void)state;
    assert_null(gbx__expr_cast(&b.arena, NULL, sample_utf8(), false, GBX_NO_POS));
    assert_null(sample_call(&b, "+", sample_int64(), 2, column(1), NULL));
    assert_null(gbx__expr_column(&b.arena, 1, NULL, GBX_NO_POS));
    const gbx__expr *same = column(1);
    assert_ptr_equal(gbx__expr_cast(&b.arena, same, sample_int64(), false, GBX_NO_POS), same);
}

static void test_equal(void **state)
{
    (void)state;
    const gbx__expr *a = sample_call(&b, "+", sample_int64(), 2, column(1), column(2));
    gbx__expr *moved = gbx__arena_alloc(&b.arena, sizeof(*moved));
    *moved = *a;
    moved->pos = (gbx__pos){77, 3};
    assert_true(gbx__expr_equal(a, moved));
    assert_false(gbx__expr_equal(a, column(1)));
    assert_false(gbx__expr_equal(a, sample_call(&b, "+", sample_int64(), 2, column(2), column(1))));
    assert_false(gbx__expr_equal(a, sample_call(&b, "-", sample_int64(), 2, column(1), column(2))));
    assert_false(
        gbx__expr_equal(a, sample_call(&b, "+", sample_float64(), 2, column(1), column(2))));
    assert_false(gbx__expr_equal(sample_int(&b, 1), sample_int(&b, 2)));
    assert_true(gbx__expr_equal(sample_text(&b, "x"), sample_text(&b, "x")));
}

static void test_equal_lambdas(void **state)
{
    (void)state;
    const gbx__expr *a = lambda(5, sample_call(&b, "+", sample_int64(), 2, column(5), column(1)));
    const gbx__expr *same =
        lambda(6, sample_call(&b, "+", sample_int64(), 2, column(6), column(1)));
    const gbx__expr *captures =
        lambda(7, sample_call(&b, "+", sample_int64(), 2, column(5), column(1)));
    assert_true(gbx__expr_equal(a, same));
    assert_false(gbx__expr_equal(a, captures));
    assert_true(gbx__expr_equal(lambda(5, lambda(6, column(5))), lambda(8, lambda(9, column(8)))));
    assert_false(gbx__expr_equal(lambda(5, lambda(6, column(5))), lambda(8, lambda(9, column(9)))));
}

static void test_equal_specs(void **state)
{
    (void)state;
    const gbx__sort_key key = {.expr = column(1)};
    const gbx__sort_key other_key = {.expr = column(1), .descending = true};
    const gbx__agg_spec ordered = {.n_order = 1, .order = &key};
    const gbx__agg_spec other = {.n_order = 1, .order = &other_key};
    gbx__expr *x = sample_agg(&b, "list", sample_int64(), 1, column(2));
    gbx__expr *y = sample_agg(&b, "list", sample_int64(), 1, column(2));
    assert_true(gbx__expr_equal(x, y));
    x->agg = &ordered;
    assert_false(gbx__expr_equal(x, y));
    y->agg = &other;
    assert_false(gbx__expr_equal(x, y));
    y->agg = &ordered;
    assert_true(gbx__expr_equal(x, y));

    const gbx__window_spec groups = {.unit = GBX_FRAME_GROUPS, .end = GBX_BOUND_CURRENT_ROW};
    gbx__expr *v = sample_window(&b, GBX_FN_WINDOW, "rank", sample_int64(), 0);
    gbx__expr *w = sample_window(&b, GBX_FN_WINDOW, "rank", sample_int64(), 0);
    assert_true(gbx__expr_equal(v, w));
    w->window = &groups;
    assert_false(gbx__expr_equal(v, w));
}

/* Made twice, every expression of a sample is equal to itself and to no other. */
static void test_equal_samples(void **state)
{
    (void)state;
    gbx__plan_builder other;
    gbx__plan_builder_init(&other);
    const gbx__node *a = plan_samples[2].build(&b);
    const gbx__node *c = plan_samples[2].build(&other);
    assert_int_equal(a->kind, GBX_NODE_PROJECT);
    for (uint32_t i = 0; i < a->n_cols; i++) {
        for (uint32_t j = 0; j < c->n_cols; j++) {
            assert_int_equal(gbx__expr_equal(a->project.exprs[i], c->project.exprs[j]), i == j);
        }
    }
    gbx__plan_builder_done(&other);
}

static bool count_one(const gbx__expr *expr, void *ctx)
{
    (void)expr;
    ++*(int *)ctx;
    return true;
}

static bool is_not_two(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_COLUMN || expr->col != 2;
}

static void test_walk(void **state)
{
    (void)state;
    const gbx__sort_key key = {.expr = column(3)};
    const gbx__expr *partition = column(2);
    const gbx__window_spec spec = {.n_partitions = 1,
                                   .partitions = &partition,
                                   .n_order = 1,
                                   .order = &key,
                                   .start_offset = column(4),
                                   .end_offset = column(5),
                                   .filter = column(6),
                                   .n_arg_order = 1,
                                   .arg_order = &key};
    gbx__expr *expr = sample_window(&b, GBX_FN_AGGREGATE, "sum", sample_int64(), 1, column(1));
    expr->window = &spec;
    int count = 0;
    assert_true(gbx__expr_walk(expr, count_one, &count));
    assert_int_equal(count, 8);
    assert_false(gbx__expr_walk(expr, is_not_two, NULL));
    count = 0;
    assert_true(gbx__expr_children(expr, count_one, &count));
    assert_int_equal(count, 7);
}

static const gbx__expr *renumber(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    if (expr->kind != GBX_EX_COLUMN || expr->col != 1) return expr;
    return gbx__expr_column(&b.arena, 100, expr->type, expr->pos);
}

static const gbx__expr *refuse(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind == GBX_EX_COLUMN ? NULL : expr;
}

static void test_map(void **state)
{
    (void)state;
    const gbx__expr *kept = sample_call(&b, "-", sample_int64(), 2, column(2), column(3));
    const gbx__expr *sum = sample_call(&b, "+", sample_int64(), 2, column(1), kept);
    const gbx__expr *mapped = gbx__expr_map(&b.arena, sum, renumber, NULL);
    assert_printed(mapped, "(#100 + (#2 - three))");
    assert_printed(sum, "(one + (#2 - three))");
    assert_ptr_equal(mapped->args[1], kept);
    assert_ptr_equal(gbx__expr_map(&b.arena, kept, renumber, NULL), kept);
    assert_null(gbx__expr_map(&b.arena, sum, refuse, NULL));
}

static void test_map_changes_specs(void **state)
{
    (void)state;
    const gbx__sort_key key = {.expr = column(1), .descending = true};
    const gbx__agg_spec spec = {.filter = column(1), .n_order = 1, .order = &key};
    gbx__expr *agg = sample_agg(&b, "list", sample_int64(), 1, column(2));
    agg->agg = &spec;
    const gbx__expr *mapped = gbx__expr_map(&b.arena, agg, renumber, NULL);
    assert_printed(mapped, "list(#2 order by #100 desc) filter (#100)");
    assert_printed(agg, "list(#2 order by one desc) filter (one)");

    const gbx__expr *partition = column(1);
    const gbx__window_spec window = {.n_partitions = 1,
                                     .partitions = &partition,
                                     .unit = GBX_FRAME_RANGE,
                                     .end = GBX_BOUND_CURRENT_ROW};
    gbx__expr *rank = sample_window(&b, GBX_FN_WINDOW, "rank", sample_int64(), 0);
    rank->window = &window;
    assert_printed(gbx__expr_map(&b.arena, rank, renumber, NULL),
                   "rank() over (partition by #100)");
}

/* -(-(-(… #1))) */
static const gbx__expr *nested(int depth)
{
    const gbx__expr *expr = column(1);
    for (int i = 1; i < depth; i++) expr = sample_call(&b, "-", sample_int64(), 1, expr);
    return expr;
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    int count = 0;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    assert_true(gbx__expr_walk(nested(GBX_MAX_DEPTH), count_one, &count));
    assert_int_equal(count, GBX_MAX_DEPTH);
    assert_true(gbx__expr_equal(nested(GBX_MAX_DEPTH), nested(GBX_MAX_DEPTH)));
    assert_non_null(gbx__expr_map(&b.arena, nested(GBX_MAX_DEPTH), renumber, NULL));
    const gbx__expr *deep = nested(100000);
    assert_false(gbx__expr_walk(deep, count_one, &count));
    assert_false(gbx__expr_equal(deep, nested(100000)));
    assert_null(gbx__expr_map(&b.arena, deep, renumber, NULL));
    gbx__expr_print(&out, deep, NULL, 0);
    assert_non_null(strstr(out.data, "-(…)"));
    gbx__buf_done(&out);
}

static void test_texts_of_enums(void **state)
{
    (void)state;
    assert_string_equal(gbx__expr_kind_text(GBX_EX_UNNEST), "unnest");
    assert_string_equal(gbx__expr_kind_text(GBX_EX_KINDS), "?");
    assert_string_equal(gbx__frame_unit_text(GBX_FRAME_GROUPS), "groups");
    assert_string_equal(gbx__bound_kind_text(GBX_BOUND_UNBOUNDED_FOLLOWING), "unbounded_following");
    assert_string_equal(gbx__frame_exclude_text(GBX_EXCLUDE_TIES), "ties");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_print),
        TEST(test_long_lists_are_cut),
        TEST(test_constructors_pass_failures_on),
        TEST(test_equal),
        TEST(test_equal_lambdas),
        TEST(test_equal_specs),
        TEST(test_equal_samples),
        TEST(test_walk),
        TEST(test_map),
        TEST(test_map_changes_specs),
        TEST(test_depth_is_bounded),
        TEST(test_texts_of_enums),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
