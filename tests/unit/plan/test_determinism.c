#include "support/plan_samples.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct classified {
    const char *name;
    const gbx__node *(*build)(gbx__plan_builder *b);
    gbx__determinism class;
    const char *reason;
} classified;

/* ---- parts ----------------------------------------------------------------------------------- */

static const gbx__node *sort_by(gbx__plan_builder *b, const gbx__node *input, uint32_t n)
{
    gbx__sort_key keys[3];
    for (uint32_t i = 0; i < n; i++) keys[i] = (gbx__sort_key){.expr = sample_col(b, input, i)};
    return gbx__node_sort(b, input, n, keys, GBX_NO_POS);
}

static const gbx__node *limit_to(gbx__plan_builder *b, const gbx__node *input, int64_t n)
{
    return gbx__node_limit(b, input, sample_int(b, n), NULL, false, GBX_NO_POS);
}

static const gbx__node *group_by_carrier(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *group = sample_col(b, flights, 0);
    const gbx__expr *sum = sample_agg(b, "sum", sample_int64(), 1, sample_col(b, flights, 1));
    return gbx__node_aggregate(b, flights, 1, &group, 1, &sum, 0, NULL, 0, NULL, NULL, GBX_NO_POS);
}

static const gbx__node *aggregate(gbx__plan_builder *b, const gbx__node *input,
                                  const gbx__expr *group, const gbx__expr *agg)
{
    return gbx__node_aggregate(b, input, group ? 1 : 0, &group, 1, &agg, 0, NULL, 0, NULL, NULL,
                               GBX_NO_POS);
}

static const gbx__expr *list_of(gbx__plan_builder *b, const gbx__node *input, uint32_t arg,
                                uint32_t order)
{
    gbx__expr *list =
        sample_agg(b, "list", sample_type(b, "list<int64>"), 1, sample_col(b, input, arg));
    if (order == UINT32_MAX) return list;
    gbx__sort_key *key = gbx__arena_alloc(&b->arena, sizeof(*key));
    gbx__agg_spec *spec = gbx__arena_alloc(&b->arena, sizeof(*spec));
    key->expr = sample_col(b, input, order);
    *spec = (gbx__agg_spec){.n_order = 1, .order = key};
    list->agg = spec;
    return list;
}

static const gbx__node *windowed(gbx__plan_builder *b, gbx__function_kind kind, const char *name,
                                 const gbx__node *input, gbx__frame_unit unit, uint32_t n_order)
{
    gbx__sort_key *keys = gbx__arena_array(&b->arena, 3, sizeof(*keys));
    gbx__window_spec *spec = gbx__arena_alloc(&b->arena, sizeof(*spec));
    for (uint32_t i = 0; i < n_order; i++) keys[i].expr = sample_col(b, input, i);
    *spec = (gbx__window_spec){
        .n_order = n_order, .order = keys, .unit = unit, .end = GBX_BOUND_CURRENT_ROW};
    gbx__expr *expr = kind == GBX_FN_WINDOW ? sample_window(b, kind, name, sample_int64(), 0)
                                            : sample_window(b, kind, name, sample_int64(), 1,
                                                            sample_col(b, input, 1));
    expr->window = spec;
    const gbx__expr *exprs[] = {expr};
    return gbx__node_window(b, input, 1, exprs, NULL, GBX_NO_POS);
}

/* ---- plans ----------------------------------------------------------------------------------- */

static const gbx__node *plain(gbx__plan_builder *b)
{
    return sample_flights(b);
}

static const gbx__node *sorted(gbx__plan_builder *b)
{
    const gbx__node *sort = sort_by(b, sample_flights(b), 1);
    const gbx__expr *first = sample_col(b, sort, 0);
    return gbx__node_project(b, sort, 1, &first, NULL, GBX_NO_POS);
}

static const gbx__node *sorted_below_a_group(gbx__plan_builder *b)
{
    const gbx__node *sort = sort_by(b, sample_flights(b), 1);
    return gbx__node_distinct(b, sort, 0, NULL, 0, NULL, GBX_NO_POS);
}

static const gbx__node *limit_unordered(gbx__plan_builder *b)
{
    return limit_to(b, sample_flights(b), 5);
}

static const gbx__node *limit_zero(gbx__plan_builder *b)
{
    return limit_to(b, sample_flights(b), 0);
}

static const gbx__node *limit_of_one_row(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return limit_to(b, aggregate(b, flights, NULL, sample_agg(b, "count_star", sample_int64(), 0)),
                    1);
}

static const gbx__node *limit_with_ties(gbx__plan_builder *b)
{
    return limit_to(b, sort_by(b, sample_flights(b), 2), 5);
}

static const gbx__node *limit_by_all_columns(gbx__plan_builder *b)
{
    return limit_to(b, sort_by(b, sample_flights(b), 3), 5);
}

static const gbx__node *limit_of_what_is_sorted_by(gbx__plan_builder *b)
{
    const gbx__node *sort = sort_by(b, sample_flights(b), 2);
    const gbx__expr *exprs[] = {sample_col(b, sort, 1), sample_col(b, sort, 0)};
    return limit_to(b, gbx__node_project(b, sort, 2, exprs, NULL, GBX_NO_POS), 5);
}

static const gbx__node *limit_by_a_group(gbx__plan_builder *b)
{
    return limit_to(b, sort_by(b, group_by_carrier(b), 1), 5);
}

static const gbx__node *limit_by_a_group_below_a_project(gbx__plan_builder *b)
{
    const gbx__node *group = group_by_carrier(b);
    const gbx__expr *exprs[] = {sample_col(b, group, 0), sample_int(b, 1), sample_col(b, group, 1)};
    const gbx__node *project = gbx__node_project(b, group, 3, exprs, NULL, GBX_NO_POS);
    return limit_to(b, sort_by(b, project, 1), 5);
}

static const gbx__node *limit_by_a_sum(gbx__plan_builder *b)
{
    const gbx__node *group = group_by_carrier(b);
    const gbx__sort_key key = {.expr = sample_col(b, group, 1)};
    return gbx__node_topn(b, group, 1, &key, sample_int(b, 5), NULL, GBX_NO_POS);
}

static const gbx__node *distinct_on(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *on = sample_col(b, flights, 0);
    const gbx__sort_key key = {.expr = sample_col(b, flights, 1)};
    return gbx__node_distinct(b, flights, 1, &on, 1, &key, GBX_NO_POS);
}

static const gbx__node *distinct_on_a_group(gbx__plan_builder *b)
{
    const gbx__node *group = group_by_carrier(b);
    const gbx__expr *on = sample_col(b, group, 0);
    return gbx__node_distinct(b, group, 1, &on, 0, NULL, GBX_NO_POS);
}

static const gbx__node *row_number(gbx__plan_builder *b)
{
    return windowed(b, GBX_FN_WINDOW, "row_number", sample_flights(b), GBX_FRAME_RANGE, 2);
}

static const gbx__node *row_number_total(gbx__plan_builder *b)
{
    return windowed(b, GBX_FN_WINDOW, "row_number", group_by_carrier(b), GBX_FRAME_RANGE, 1);
}

static const gbx__node *rank(gbx__plan_builder *b)
{
    return windowed(b, GBX_FN_WINDOW, "rank", sample_flights(b), GBX_FRAME_RANGE, 1);
}

static const gbx__node *running_sum(gbx__plan_builder *b)
{
    return windowed(b, GBX_FN_AGGREGATE, "sum", sample_flights(b), GBX_FRAME_ROWS, 1);
}

static const gbx__node *sum_of_peers(gbx__plan_builder *b)
{
    return windowed(b, GBX_FN_AGGREGATE, "sum", sample_flights(b), GBX_FRAME_RANGE, 1);
}

static const gbx__node *list_unordered(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return aggregate(b, flights, sample_col(b, flights, 0), list_of(b, flights, 1, UINT32_MAX));
}

static const gbx__node *list_ordered_by_itself(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return aggregate(b, flights, sample_col(b, flights, 0), list_of(b, flights, 1, 1));
}

static const gbx__node *list_ordered_by_another(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return aggregate(b, flights, sample_col(b, flights, 0), list_of(b, flights, 1, 2));
}

static const gbx__node *list_of_groups_by_their_key(gbx__plan_builder *b)
{
    const gbx__node *group = group_by_carrier(b);
    return aggregate(b, group, NULL, list_of(b, group, 1, 0));
}

static const gbx__node *first_of_a_group(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *key = sample_col(b, flights, 0);
    return aggregate(b, flights, key, sample_agg(b, "first", sample_utf8(), 1, key));
}

/* What an uncorrelated scalar subquery is bound to. */
static const gbx__node *scalar_subquery(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *aggs[] = {sample_agg(b, "first", sample_int64(), 1, sample_col(b, flights, 1)),
                               sample_agg(b, "count_star", sample_int64(), 0)};
    const gbx__node *agg =
        gbx__node_aggregate(b, flights, 0, NULL, 2, aggs, 0, NULL, 0, NULL, NULL, GBX_NO_POS);
    const gbx__expr *error =
        sample_call(b, "error", sample_int64(), 1, sample_text(b, "more than one row"));
    const gbx__expr *args[] = {
        sample_call(b, ">", sample_bool(), 2, sample_col(b, agg, 1), sample_int(b, 1)), error,
        sample_col(b, agg, 0)};
    const gbx__expr *guard =
        gbx__expr_new(&b->arena, GBX_EX_CASE, sample_int64(), GBX_NO_POS, 3, args);
    return gbx__node_project(b, agg, 1, &guard, NULL, GBX_NO_POS);
}

static const gbx__node *first_of_all(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return aggregate(b, flights, NULL,
                     sample_agg(b, "first", sample_int64(), 1, sample_col(b, flights, 1)));
}

static const gbx__node *approximation(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *agg =
        sample_agg(b, "approx_count_distinct", sample_int64(), 1, sample_col(b, flights, 1));
    return aggregate(b, flights, NULL, agg);
}

static const gbx__node *random_number(gbx__plan_builder *b)
{
    const gbx__expr *expr = sample_call(b, "random", sample_float64(), 0);
    return gbx__node_project(b, sample_flights(b), 1, &expr, NULL, GBX_NO_POS);
}

static const gbx__node *sample(gbx__plan_builder *b)
{
    return gbx__node_sample(b, sample_flights(b), GBX_SAMPLE_RESERVOIR, false, 10, true, 1,
                            GBX_NO_POS);
}

static const gbx__node *positional(gbx__plan_builder *b)
{
    return gbx__node_join(b, GBX_JOIN_POSITIONAL, false, sample_flights(b), sample_airlines(b), 0,
                          NULL, GBX_NO_POS);
}

static const gbx__node *asof(gbx__plan_builder *b, const gbx__node *right)
{
    const gbx__node *left = sample_flights(b);
    const gbx__expr *on =
        sample_call(b, ">=", sample_bool(), 2, sample_col(b, left, 0), sample_col(b, right, 0));
    return gbx__node_join(b, GBX_JOIN_INNER, true, left, right, 1, &on, GBX_NO_POS);
}

static const gbx__node *asof_with_ties(gbx__plan_builder *b)
{
    return asof(b, sample_airlines(b));
}

static const gbx__node *asof_of_groups(gbx__plan_builder *b)
{
    return asof(b, group_by_carrier(b));
}

/* Two groupings joined, sorted by the keys of `n` of them. */
static const gbx__node *limit_of_a_join(gbx__plan_builder *b, gbx__join_kind kind, bool by_both)
{
    const gbx__node *left = group_by_carrier(b);
    const gbx__node *right = group_by_carrier(b);
    const gbx__expr *on =
        sample_call(b, "=", sample_bool(), 2, sample_col(b, left, 0), sample_col(b, right, 0));
    const gbx__node *join = gbx__node_join(b, kind, false, left, right, 1, &on, GBX_NO_POS);
    const gbx__sort_key keys[] = {{.expr = sample_col(b, left, 0)},
                                  {.expr = by_both ? sample_col(b, right, 0) : NULL}};
    return limit_to(b, gbx__node_sort(b, join, by_both ? 2 : 1, keys, GBX_NO_POS), 5);
}

static const gbx__node *limit_of_an_inner_join(gbx__plan_builder *b)
{
    return limit_of_a_join(b, GBX_JOIN_INNER, true);
}

static const gbx__node *limit_of_half_a_join(gbx__plan_builder *b)
{
    return limit_of_a_join(b, GBX_JOIN_INNER, false);
}

static const gbx__node *limit_of_a_single_join(gbx__plan_builder *b)
{
    return limit_of_a_join(b, GBX_JOIN_SINGLE, false);
}

static const gbx__node *count_all(gbx__plan_builder *b)
{
    return aggregate(b, sample_flights(b), NULL, sample_agg(b, "count_star", sample_int64(), 0));
}

static const gbx__node *limit_of_two_rows_joined(gbx__plan_builder *b)
{
    const gbx__node *full =
        gbx__node_join(b, GBX_JOIN_FULL, false, count_all(b), count_all(b), 0, NULL, GBX_NO_POS);
    return limit_to(b, full, 1);
}

static const gbx__node *limit_of_one_row_joined(gbx__plan_builder *b)
{
    const gbx__node *cross =
        gbx__node_join(b, GBX_JOIN_CROSS, false, count_all(b), count_all(b), 0, NULL, GBX_NO_POS);
    const gbx__field col = {GBX_STR("x"), sample_int64()};
    const gbx__expr *one = sample_int(b, 1);
    const gbx__expr *const *const rows[] = {&one};
    const gbx__node *values = gbx__node_values(b, 1, &col, 1, rows, GBX_NO_POS);
    const gbx__node *single =
        gbx__node_join(b, GBX_JOIN_SINGLE, false, cross, values, 0, NULL, GBX_NO_POS);
    const gbx__node *cte = gbx__node_cte(b, gbx__plan_new_cte(b), GBX_STR("c"), false,
                                         sample_flights(b), single, GBX_NO_POS);
    return limit_to(b, cte, 5);
}

static const gbx__node *limit_in_a_cte(gbx__plan_builder *b)
{
    const gbx__node *cte = gbx__node_cte(b, gbx__plan_new_cte(b), GBX_STR("c"), false,
                                         sample_airlines(b), group_by_carrier(b), GBX_NO_POS);
    return limit_to(b, sort_by(b, cte, 1), 5);
}

static const gbx__node *limit_by_a_row_id(gbx__plan_builder *b)
{
    const uint32_t fields[] = {GBX_SCAN_ROWID, 0, 1};
    const gbx__node *flights = sample_flights(b);
    const gbx__node *scan = gbx__node_scan(b, flights->scan.scan, 3, fields, GBX_NO_POS);
    return limit_to(b, sort_by(b, scan, 1), 5);
}

static const gbx__node *limit_of_distinct_rows(gbx__plan_builder *b)
{
    const gbx__node *group = group_by_carrier(b);
    const gbx__expr *on = sample_col(b, group, 0);
    const gbx__node *distinct = gbx__node_distinct(b, group, 1, &on, 0, NULL, GBX_NO_POS);
    return limit_to(b, sort_by(b, distinct, 1), 5);
}

static const classified plans[] = {
    {"limit of an inner join", limit_of_an_inner_join, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit of half a join", limit_of_half_a_join, GBX_LOOSE, "LIMIT without a total order"},
    {"limit of a single join", limit_of_a_single_join, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit of two rows joined", limit_of_two_rows_joined, GBX_LOOSE, "LIMIT without an order"},
    {"limit of one row joined", limit_of_one_row_joined, GBX_EXACT, ""},
    {"limit in a cte", limit_in_a_cte, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit by a row id", limit_by_a_row_id, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit of distinct rows", limit_of_distinct_rows, GBX_ORDERED_UP_TO_TIES, ""},
    {"plain", plain, GBX_EXACT, ""},
    {"sorted", sorted, GBX_ORDERED_UP_TO_TIES, ""},
    {"sorted below a group", sorted_below_a_group, GBX_EXACT, ""},
    {"limit unordered", limit_unordered, GBX_LOOSE, "LIMIT without an order"},
    {"limit zero", limit_zero, GBX_EXACT, ""},
    {"limit of one row", limit_of_one_row, GBX_EXACT, ""},
    {"limit with ties", limit_with_ties, GBX_LOOSE, "LIMIT without a total order"},
    {"limit by all columns", limit_by_all_columns, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit of what is sorted by", limit_of_what_is_sorted_by, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit by a group", limit_by_a_group, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit by a projected group", limit_by_a_group_below_a_project, GBX_ORDERED_UP_TO_TIES, ""},
    {"limit by a sum", limit_by_a_sum, GBX_LOOSE, "LIMIT without a total order"},
    {"distinct on", distinct_on, GBX_LOOSE, "DISTINCT ON without a total order"},
    {"distinct on a group", distinct_on_a_group, GBX_EXACT, ""},
    {"row_number", row_number, GBX_LOOSE, "row_number without a total order"},
    {"row_number over groups", row_number_total, GBX_EXACT, ""},
    {"rank", rank, GBX_EXACT, ""},
    {"running sum", running_sum, GBX_LOOSE, "sum without a total order"},
    {"sum of peers", sum_of_peers, GBX_EXACT, ""},
    {"list", list_unordered, GBX_LOOSE, "list without a total order"},
    {"list ordered by itself", list_ordered_by_itself, GBX_EXACT, ""},
    {"list ordered by another", list_ordered_by_another, GBX_LOOSE, "list without a total order"},
    {"list of groups", list_of_groups_by_their_key, GBX_EXACT, ""},
    {"first of a group's key", first_of_a_group, GBX_EXACT, ""},
    {"scalar subquery", scalar_subquery, GBX_EXACT, ""},
    {"first", first_of_all, GBX_LOOSE, "first without a total order"},
    {"approximation", approximation, GBX_LOOSE, "approx_count_distinct is an approximation"},
    {"random", random_number, GBX_LOOSE, "random differs from run to run"},
    {"sample", sample, GBX_LOOSE, "engines draw other rows for a sample"},
    {"positional join", positional, GBX_LOOSE, "a positional join"},
    {"asof join", asof_with_ties, GBX_LOOSE, "an asof join over ties"},
    {"asof join of groups", asof_of_groups, GBX_EXACT, ""},
};

static void test_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
        gbx_error err = {0};
        gbx_plan *plan = NULL;
        if (plan_sample_finish(plans[i].build, &plan, &err)) {
            fail_msg("%s: %s", plans[i].name, err.message);
        }
        if (plan->determinism != plans[i].class ||
            !gbx__str_is(plan->loose_reason, plans[i].reason)) {
            fail_msg("%s: class %d, '%.*s'", plans[i].name, plan->determinism,
                     GBX_STR_ARG(plan->loose_reason));
        }
        gbx__plan_unref(plan);
    }
}

static const gbx__node *the_time(gbx__plan_builder *b)
{
    const gbx__expr *expr = sample_call(b, "now", sample_type(b, "timestamp(us, zone)"), 0);
    return gbx__node_project(b, sample_flights(b), 1, &expr, NULL, GBX_NO_POS);
}

static void assert_volatility(const gbx__node *(*build)(gbx__plan_builder *b),
                              gbx__volatility volatility)
{
    gbx_error err;
    gbx_plan *plan = NULL;
    assert_int_equal(plan_sample_finish(build, &plan, &err), GBX_OK);
    assert_int_equal(plan->volatility, volatility);
    gbx__plan_unref(plan);
}

static void test_volatility(void **state)
{
    (void)state;
    assert_volatility(plain, GBX_VOLATILITY_PURE);
    assert_volatility(the_time, GBX_VOLATILITY_JOB);
    assert_volatility(random_number, GBX_VOLATILITY_ROW);
    assert_volatility(plan_samples[8].build, GBX_VOLATILITY_ROW); /* a user's function */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_volatility),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
