#include "plan/plan_priv.h"
#include "support/plan_samples.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HERE ((gbx__pos){18, 3}) /* what sample_call says */

typedef struct wrong_plan {
    const char *name;
    const gbx__node *(*build)(gbx__plan_builder *b);
    gbx_status status;
    const char *message;
    int64_t offset; /* -1: nowhere */
} wrong_plan;

/* ---- columns --------------------------------------------------------------------------------- */

static const gbx__node *invisible_column(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__node *airlines = sample_airlines(b);
    const gbx__expr *exprs[] = {sample_col(b, airlines, 0)};
    return gbx__node_project(b, flights, 1, exprs, NULL, HERE);
}

static const gbx__node *column_below_a_project(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *one = sample_int(b, 1);
    const gbx__node *project = gbx__node_project(b, flights, 1, &one, NULL, HERE);
    const gbx__sort_key key = {.expr = sample_col(b, flights, 1)};
    return gbx__node_sort(b, project, 1, &key, HERE);
}

static const gbx__node *column_zero(gbx__plan_builder *b)
{
    const gbx__expr *expr = gbx__expr_column(&b->arena, 0, sample_int64(), GBX_NO_POS);
    return gbx__node_project(b, sample_flights(b), 1, &expr, NULL, HERE);
}

static const gbx__node *column_past_the_end(gbx__plan_builder *b)
{
    const gbx__expr *expr = gbx__expr_column(&b->arena, 4000000000, sample_int64(), GBX_NO_POS);
    return gbx__node_project(b, sample_flights(b), 1, &expr, NULL, HERE);
}

static const gbx__node *column_of_another_type(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *expr =
        gbx__expr_column(&b->arena, flights->cols[0].id, sample_int64(), GBX_NO_POS);
    return gbx__node_project(b, flights, 1, &expr, NULL, HERE);
}

static const gbx__node *self_join(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return gbx__node_join(b, GBX_JOIN_CROSS, false, flights, flights, 0, NULL, HERE);
}

static const gbx__node *select_twice(gbx__plan_builder *b)
{
    const uint32_t positions[] = {1, 1};
    return gbx__node_select(b, sample_flights(b), 2, positions);
}

static const gbx__node *select_past_the_end(gbx__plan_builder *b)
{
    const uint32_t positions[] = {3};
    return gbx__node_select(b, sample_flights(b), 1, positions);
}

static const gbx__node *id_made_twice(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *exprs[] = {sample_col(b, flights, 0), sample_int(b, 1)};
    gbx__col cols[] = {flights->cols[0], flights->cols[1]};
    cols[1].id = gbx__plan_new_col(b);
    cols[0].type = exprs[0]->type;
    cols[1].type = exprs[1]->type;
    gbx__node shape = {.kind = GBX_NODE_PROJECT, .pos = HERE, .n_inputs = 1, .n_cols = 2};
    shape.inputs = gbx__plan_dup(b, &flights, 1, sizeof(flights));
    shape.cols = gbx__plan_dup(b, cols, 2, sizeof(cols[0]));
    shape.project.exprs = gbx__plan_dup(b, exprs, 2, sizeof(exprs[0]));
    return gbx__node_new(b, &shape);
}

static const gbx__node *filter_that_makes_a_column(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *yes = gbx__expr_bool(&b->arena, true);
    const gbx__col col = {gbx__plan_new_col(b), sample_int64(), GBX_STR("x")};
    gbx__node shape = {.kind = GBX_NODE_FILTER, .pos = HERE, .n_inputs = 1, .n_cols = 1};
    shape.inputs = gbx__plan_dup(b, &flights, 1, sizeof(flights));
    shape.cols = gbx__plan_dup(b, &col, 1, sizeof(col));
    shape.filter.n = 1;
    shape.filter.conjuncts = gbx__plan_dup(b, &yes, 1, sizeof(yes));
    return gbx__node_new(b, &shape);
}

static const gbx__node *project_of_another_type(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *one = sample_int(b, 1);
    const gbx__col col = {gbx__plan_new_col(b), sample_utf8(), GBX_STR("x")};
    gbx__node shape = {.kind = GBX_NODE_PROJECT, .pos = HERE, .n_inputs = 1, .n_cols = 1};
    shape.inputs = gbx__plan_dup(b, &flights, 1, sizeof(flights));
    shape.cols = gbx__plan_dup(b, &col, 1, sizeof(col));
    shape.project.exprs = gbx__plan_dup(b, &one, 1, sizeof(one));
    return gbx__node_new(b, &shape);
}

/* ---- expressions ----------------------------------------------------------------------------- */

static const gbx__node *project_one(gbx__plan_builder *b, const gbx__node *input,
                                    const gbx__expr *expr)
{
    return gbx__node_project(b, input, 1, &expr, NULL, GBX_NO_POS);
}

static const gbx__node *predicate_is_a_number(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *delay = sample_call(b, "-", sample_int64(), 1, sample_col(b, flights, 1));
    return gbx__node_filter(b, flights, 1, &delay, GBX_NO_POS);
}

static const gbx__node *and_of_numbers(gbx__plan_builder *b)
{
    return project_one(b, sample_flights(b),
                       sample_call(b, "and", sample_bool(), 2, sample_int(b, 1), sample_int(b, 2)));
}

static const gbx__node *comparison_gives_a_number(gbx__plan_builder *b)
{
    return project_one(b, sample_flights(b),
                       sample_call(b, "=", sample_int64(), 2, sample_int(b, 1), sample_int(b, 2)));
}

static const gbx__node *too_many_arguments(gbx__plan_builder *b)
{
    return project_one(b, sample_flights(b),
                       sample_call(b, "not", sample_bool(), 2, sample_int(b, 1), sample_int(b, 2)));
}

static const gbx__node *unknown_function(gbx__plan_builder *b)
{
    return project_one(b, sample_flights(b), sample_call(b, "no_such", sample_bool(), 0));
}

static const gbx__node *aggregate_in_a_project(gbx__plan_builder *b)
{
    return project_one(b, sample_flights(b), sample_agg(b, "count_star", sample_int64(), 0));
}

static const gbx__node *window_in_a_call(gbx__plan_builder *b)
{
    const gbx__expr *rank = sample_window(b, GBX_FN_WINDOW, "rank", sample_int64(), 0);
    return project_one(b, sample_flights(b), sample_call(b, "-", sample_int64(), 1, rank));
}

static const gbx__node *scalar_in_an_aggregate(gbx__plan_builder *b)
{
    const gbx__expr *one = sample_call(b, "-", sample_int64(), 1, sample_int(b, 1));
    return gbx__node_aggregate(b, sample_flights(b), 0, NULL, 1, &one, 0, NULL, 0, NULL, NULL,
                               GBX_NO_POS);
}

static const gbx__node *scalar_function_as_aggregate(gbx__plan_builder *b)
{
    gbx__expr *agg = sample_agg(b, "sum", sample_int64(), 1, sample_int(b, 1));
    agg->fn = gbx__function_find(GBX_FN_SCALAR, GBX_STR("-"));
    const gbx__expr *aggs[] = {agg};
    return gbx__node_aggregate(b, sample_flights(b), 0, NULL, 1, aggs, 0, NULL, 0, NULL, NULL,
                               GBX_NO_POS);
}

static const gbx__node *filter_of_an_aggregate(gbx__plan_builder *b)
{
    gbx__agg_spec *spec = gbx__plan_array(b, 1, sizeof(*spec));
    spec->filter = sample_call(b, "-", sample_int64(), 1, sample_int(b, 1));
    gbx__expr *count = sample_agg(b, "count_star", sample_int64(), 0);
    count->agg = spec;
    const gbx__expr *aggs[] = {count};
    return gbx__node_aggregate(b, sample_flights(b), 0, NULL, 1, aggs, 0, NULL, 0, NULL, NULL,
                               GBX_NO_POS);
}

static const gbx__node *cast_of_two(gbx__plan_builder *b)
{
    const gbx__expr *args[] = {sample_int(b, 1), sample_int(b, 2)};
    return project_one(b, sample_flights(b),
                       gbx__expr_new(&b->arena, GBX_EX_CAST, sample_utf8(), HERE, 2, args));
}

static const gbx__node *frame_without_an_offset(gbx__plan_builder *b)
{
    static const gbx__window_spec spec = {.start = GBX_BOUND_PRECEDING,
                                          .end = GBX_BOUND_CURRENT_ROW};
    gbx__expr *rank = sample_window(b, GBX_FN_WINDOW, "rank", sample_int64(), 0);
    rank->window = &spec;
    const gbx__expr *exprs[] = {rank};
    return gbx__node_window(b, sample_flights(b), 1, exprs, NULL, GBX_NO_POS);
}

static const gbx__node *case_without_else(gbx__plan_builder *b)
{
    const gbx__expr *args[] = {gbx__expr_bool(&b->arena, true), sample_int(b, 1)};
    return project_one(b, sample_flights(b),
                       gbx__expr_new(&b->arena, GBX_EX_CASE, sample_int64(), HERE, 2, args));
}

static const gbx__node *case_of_two_types(gbx__plan_builder *b)
{
    const gbx__expr *args[] = {gbx__expr_bool(&b->arena, true),
                               sample_call(b, "-", sample_int64(), 1, sample_int(b, 1)),
                               sample_text(b, "x")};
    return project_one(b, sample_flights(b),
                       gbx__expr_new(&b->arena, GBX_EX_CASE, sample_utf8(), HERE, 3, args));
}

static const gbx__node *constant_out_of_range(gbx__plan_builder *b)
{
    const gbx__value large = {.i64 = 1000};
    return project_one(b, sample_flights(b),
                       gbx__expr_const(&b->arena, gbx__type_plain(GBX_TYPE_INT8), &large, HERE));
}

static const gbx__node *lambda_alone(gbx__plan_builder *b)
{
    const gbx__expr *one = sample_int(b, 1);
    return project_one(b, sample_flights(b),
                       gbx__expr_new(&b->arena, GBX_EX_LAMBDA, sample_int64(), HERE, 1, &one));
}

static const gbx__expr *make_transform(gbx__plan_builder *b, gbx__col_id param,
                                       const gbx__expr *body)
{
    const gbx__type *list = sample_type(b, "list<int64>");
    gbx__expr *lambda = gbx__expr_new(&b->arena, GBX_EX_LAMBDA, body->type, HERE, 1, &body);
    gbx__col_id *params = gbx__plan_array(b, 1, sizeof(*params));
    *params = param;
    lambda->lambda.n_params = 1;
    lambda->lambda.params = params;
    return sample_call(b, "list_transform", list, 2, gbx__expr_null(&b->arena, list, GBX_NO_POS),
                       lambda);
}

static const gbx__node *parameter_outside_its_lambda(gbx__plan_builder *b)
{
    const gbx__col_id param = gbx__plan_new_col(b);
    const gbx__expr *use = gbx__expr_column(&b->arena, param, sample_int64(), HERE);
    const gbx__expr *exprs[] = {make_transform(b, param, use), use};
    return gbx__node_project(b, sample_flights(b), 2, exprs, NULL, GBX_NO_POS);
}

static const gbx__node *parameter_of_two_types(gbx__plan_builder *b)
{
    const gbx__col_id param = gbx__plan_new_col(b);
    const gbx__expr *number = gbx__expr_column(&b->arena, param, sample_int64(), HERE);
    const gbx__expr *text = gbx__expr_column(&b->arena, param, sample_utf8(), HERE);
    const gbx__expr *body = sample_call(b, "+", sample_int64(), 2, number, text);
    return project_one(b, sample_flights(b), make_transform(b, param, body));
}

static const gbx__node *unnest_of_a_number(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *arg = sample_col(b, flights, 1);
    const gbx__expr *expr = gbx__expr_new(&b->arena, GBX_EX_UNNEST, sample_int64(), HERE, 1, &arg);
    return gbx__node_unnest(b, flights, 1, &expr, NULL, GBX_NO_POS);
}

static const gbx__node *type_too_deep(gbx__plan_builder *b)
{
    const gbx__type *type = sample_int64();
    for (int i = 0; i < 10000; i++) type = gbx__type_list(&b->arena, type);
    return project_one(b, sample_flights(b), gbx__expr_null(&b->arena, type, HERE));
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static const gbx__node *setop_of_two_widths(gbx__plan_builder *b)
{
    const gbx__node *const inputs[] = {sample_flights(b), sample_airlines(b)};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 2, inputs, HERE);
}

static const gbx__node *setop_of_two_types(gbx__plan_builder *b)
{
    const uint32_t first[] = {1, 2};
    const gbx__node *const inputs[] = {sample_airlines(b),
                                       gbx__node_select(b, sample_flights(b), 2, first)};
    return gbx__node_setop(b, GBX_SETOP_EXCEPT, false, 2, inputs, HERE);
}

static const gbx__node *setop_of_one(gbx__plan_builder *b)
{
    const gbx__node *const inputs[] = {sample_airlines(b)};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 1, inputs, HERE);
}

static const gbx__node *cross_join_on(gbx__plan_builder *b)
{
    const gbx__expr *on = gbx__expr_bool(&b->arena, true);
    return gbx__node_join(b, GBX_JOIN_CROSS, false, sample_flights(b), sample_airlines(b), 1, &on,
                          HERE);
}

static const gbx__node *asof_semi_join(gbx__plan_builder *b)
{
    const gbx__expr *on = gbx__expr_bool(&b->arena, true);
    return gbx__node_join(b, GBX_JOIN_SEMI, true, sample_flights(b), sample_airlines(b), 1, &on,
                          HERE);
}

static const gbx__node *limit_below_zero(gbx__plan_builder *b)
{
    return gbx__node_limit(b, sample_flights(b), sample_int(b, -1), NULL, false, HERE);
}

static const gbx__node *limit_of_a_text(gbx__plan_builder *b)
{
    return gbx__node_limit(b, sample_flights(b), sample_text(b, "x"), NULL, false, HERE);
}

static const gbx__node *limit_of_nothing(gbx__plan_builder *b)
{
    return gbx__node_limit(b, sample_flights(b), NULL, NULL, false, HERE);
}

static const gbx__node *percent_above_100(gbx__plan_builder *b)
{
    const gbx__value much = {.f64 = 101};
    const gbx__expr *limit = gbx__expr_const(&b->arena, sample_float64(), &much, GBX_NO_POS);
    return gbx__node_limit(b, sample_flights(b), limit, NULL, true, HERE);
}

static const gbx__node *topn_by_an_expression(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__sort_key key = {.expr = sample_col(b, flights, 1)};
    const gbx__expr *limit = sample_call(b, "-", sample_int64(), 1, sample_int(b, 1));
    return gbx__node_topn(b, flights, 1, &key, limit, NULL, GBX_NO_POS);
}

static const gbx__node *sample_above_100(gbx__plan_builder *b)
{
    return gbx__node_sample(b, sample_flights(b), GBX_SAMPLE_SYSTEM, true, 100.5, false, 0, HERE);
}

static const gbx__node *grouping_past_the_groups(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__expr *group = sample_col(b, flights, 0);
    static const uint32_t keys[] = {1};
    const gbx__grouping_set set = {1, keys};
    return gbx__node_aggregate(b, flights, 1, &group, 0, NULL, 1, &set, 0, NULL, NULL, HERE);
}

static const gbx__node *value_of_another_type(gbx__plan_builder *b)
{
    const gbx__field col = {GBX_STR("x"), sample_int64()};
    const gbx__expr *text = sample_text(b, "x");
    const gbx__expr *const *const rows[] = {&text};
    return gbx__node_values(b, 1, &col, 1, rows, HERE);
}

static const gbx__node *sink_in_the_middle(gbx__plan_builder *b)
{
    const gbx__node *sink =
        gbx__node_sink(b, sample_flights(b), GBX_STR("csv"), GBX_STR("out.csv"));
    return gbx__node_distinct(b, sink, 0, NULL, 0, NULL, GBX_NO_POS);
}

static const gbx__node *call_without_an_entry(gbx__plan_builder *b)
{
    gbx__node shape = {.kind = GBX_NODE_CALL};
    shape.call.language = GBX_STR("python");
    return gbx__node_call(b, sample_flights(b), &shape, 0, NULL, HERE);
}

static const gbx__node *pivot_without_lists(gbx__plan_builder *b)
{
    const gbx__field cols[] = {{GBX_STR("a"), sample_utf8()}, {GBX_STR("b"), sample_int64()}};
    const gbx__str label = GBX_STR("b");
    return gbx__node_pivot(b, sample_flights(b), 1, 1, 1, &label, NULL, cols, HERE);
}

static const gbx__node *scan_of_a_missing_field(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const uint32_t field[] = {3};
    return gbx__node_scan(b, flights->scan.scan, 1, field, HERE);
}

static const gbx__node *option_of_another_type(gbx__plan_builder *b)
{
    static const gbx__str label = {"b", 1};
    gbx__scan_option *option = gbx__plan_array(b, 1, sizeof(*option));
    option->name = GBX_STR("mode");
    option->type = gbx__type_enum(&b->arena, &label, 1);
    option->value.text = GBX_STR("a");
    gbx__scan *scan = gbx__plan_array(b, 1, sizeof(*scan));
    scan->n_options = 1;
    scan->options = option;
    return gbx__node_scan(b, scan, 0, NULL, HERE);
}

/* ---- ctes ------------------------------------------------------------------------------------ */

static const gbx__node *ref_to(gbx__plan_builder *b, uint32_t id)
{
    const gbx__field cols[] = {{GBX_STR("carrier"), sample_utf8()}};
    const uint32_t fields[] = {0};
    return gbx__node_cte_ref(b, id, 1, cols, fields, HERE);
}

static const gbx__node *ref_without_a_cte(gbx__plan_builder *b)
{
    return ref_to(b, gbx__plan_new_cte(b));
}

static const gbx__node *ref_past_the_end(gbx__plan_builder *b)
{
    return ref_to(b, 4000000000);
}

static const gbx__node *ref_in_its_definition(gbx__plan_builder *b)
{
    const uint32_t id = gbx__plan_new_cte(b);
    return gbx__node_cte(b, id, GBX_STR("c"), false, ref_to(b, id), ref_to(b, id), HERE);
}

static const gbx__node *ref_beside_the_body(gbx__plan_builder *b)
{
    const uint32_t id = gbx__plan_new_cte(b);
    const gbx__node *cte =
        gbx__node_cte(b, id, GBX_STR("c"), false, sample_airlines(b), ref_to(b, id), HERE);
    return gbx__node_join(b, GBX_JOIN_CROSS, false, cte, ref_to(b, id), 0, NULL, HERE);
}

static const gbx__node *two_ctes_of_one_id(gbx__plan_builder *b)
{
    const uint32_t id = gbx__plan_new_cte(b);
    const gbx__node *inner =
        gbx__node_cte(b, id, GBX_STR("c"), false, sample_airlines(b), ref_to(b, id), HERE);
    return gbx__node_cte(b, id, GBX_STR("c"), false, sample_airlines(b), inner, HERE);
}

static const gbx__node *ref_of_another_type(gbx__plan_builder *b)
{
    const uint32_t id = gbx__plan_new_cte(b);
    const uint32_t only[] = {1};
    const gbx__node *number = gbx__node_select(b, sample_flights(b), 1, only);
    return gbx__node_cte(b, id, GBX_STR("c"), false, number, ref_to(b, id), HERE);
}

static const gbx__node *recursion_of_two_widths(gbx__plan_builder *b)
{
    const uint32_t id = gbx__plan_new_cte(b);
    const gbx__col cols[] = {{gbx__plan_new_col(b), sample_utf8(), GBX_STR("carrier")}};
    return gbx__node_recursive(b, id, GBX_STR("c"), true, 1, cols, sample_airlines(b),
                               ref_to(b, id), HERE);
}

/* One node that reads a cte, inside the cte's body and inside another's. */
static const gbx__node *shared_over_a_border(gbx__plan_builder *b)
{
    const uint32_t outer = gbx__plan_new_cte(b);
    const uint32_t inner = gbx__plan_new_cte(b);
    const gbx__node *ref = ref_to(b, outer);
    const gbx__node *const both[] = {ref, ref};
    const gbx__node *same = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, both, HERE);
    const gbx__node *nested =
        gbx__node_cte(b, inner, GBX_STR("i"), false, sample_airlines(b), ref, HERE);
    const gbx__node *const parts[] = {same, nested};
    const gbx__node *body = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, parts, HERE);
    return gbx__node_cte(b, outer, GBX_STR("o"), false, sample_airlines(b), body, HERE);
}

static const wrong_plan wrong_plans[] = {
    {"invisible column", invisible_column, GBX_INTERNAL, "not visible", 7},
    {"column below a project", column_below_a_project, GBX_INTERNAL, "not visible", 7},
    {"column zero", column_zero, GBX_INTERNAL, "not visible", 18},
    {"column past the end", column_past_the_end, GBX_INTERNAL, "not visible", 18},
    {"column of another type", column_of_another_type, GBX_INTERNAL, "another type", 18},
    {"self join", self_join, GBX_INTERNAL, "two inputs", 18},
    {"select twice", select_twice, GBX_INTERNAL, "kept twice", 38},
    {"select past the end", select_past_the_end, GBX_INTERNAL, "no column 3", 38},
    {"id made twice", id_made_twice, GBX_INTERNAL, "made twice", 18},
    {"filter that makes a column", filter_that_makes_a_column, GBX_INTERNAL, "makes no", 18},
    {"project of another type", project_of_another_type, GBX_INTERNAL, "another type", 18},
    {"predicate is a number", predicate_is_a_number, GBX_INVALID, "not a boolean", 18},
    {"and of numbers", and_of_numbers, GBX_INVALID, "and takes booleans", -1},
    {"comparison gives a number", comparison_gives_a_number, GBX_INVALID, "= gives a boolean", 18},
    {"too many arguments", too_many_arguments, GBX_INVALID, "not does not take 2", 18},
    {"unknown function", unknown_function, GBX_INVALID, "no known function", 18},
    {"aggregate in a project", aggregate_in_a_project, GBX_INVALID, "an aggregate can't", 18},
    {"window in a call", window_in_a_call, GBX_INVALID, "a window function can't", 18},
    {"scalar in an aggregate", scalar_in_an_aggregate, GBX_INVALID, "agg expected", 18},
    {"scalar as aggregate", scalar_function_as_aggregate, GBX_INVALID, "can't be called here", 18},
    {"filter of an aggregate", filter_of_an_aggregate, GBX_INVALID, "a filter is not", 18},
    {"cast of two", cast_of_two, GBX_INVALID, "not sound", 18},
    {"frame without an offset", frame_without_an_offset, GBX_INVALID, "frame", 18},
    {"case without else", case_without_else, GBX_INVALID, "without an else", 18},
    {"case of two types", case_of_two_types, GBX_INVALID, "another type than the case", 18},
    {"constant out of range", constant_out_of_range, GBX_INVALID, "does not fit", 18},
    {"lambda alone", lambda_alone, GBX_INVALID, "a lambda can't", 18},
    {"parameter outside", parameter_outside_its_lambda, GBX_INTERNAL, "not visible", 18},
    {"parameter of two types", parameter_of_two_types, GBX_INTERNAL, "another type", 18},
    {"unnest of a number", unnest_of_a_number, GBX_INVALID, "unnest takes a list", 18},
    {"type too deep", type_too_deep, GBX_INVALID, "nested too deeply", -1},
    {"setop of two widths", setop_of_two_widths, GBX_INVALID, "as many columns", 18},
    {"setop of two types", setop_of_two_types, GBX_INVALID, "differ in types", 18},
    {"setop of one", setop_of_one, GBX_INTERNAL, "can't have 1 inputs", 18},
    {"cross join on", cross_join_on, GBX_INVALID, "no condition", 18},
    {"asof semi join", asof_semi_join, GBX_INVALID, "asof", 18},
    {"limit below zero", limit_below_zero, GBX_INVALID, "can't be that number", 18},
    {"limit of a text", limit_of_a_text, GBX_INVALID, "a limit is an int64", 18},
    {"limit of nothing", limit_of_nothing, GBX_INVALID, "a limit has a count", 18},
    {"percent above 100", percent_above_100, GBX_INVALID, "can't be that number", 18},
    {"topn by an expression", topn_by_an_expression, GBX_INVALID, "top-n is a constant", 18},
    {"sample above 100", sample_above_100, GBX_INVALID, "sample", 18},
    {"grouping past the groups", grouping_past_the_groups, GBX_INVALID, "grouping set", 18},
    {"value of another type", value_of_another_type, GBX_INVALID, "another type", 18},
    {"sink in the middle", sink_in_the_middle, GBX_INVALID, "root", -1},
    {"call without an entry", call_without_an_entry, GBX_INVALID, "an entry or code", 18},
    {"pivot without lists", pivot_without_lists, GBX_INVALID, "a list of keys", 18},
    {"scan of a missing field", scan_of_a_missing_field, GBX_INTERNAL, "no field 3", 18},
    {"option of another type", option_of_another_type, GBX_INVALID, "option", 18},
    {"ref without a cte", ref_without_a_cte, GBX_INTERNAL, "outside of its query", 18},
    {"ref past the end", ref_past_the_end, GBX_INTERNAL, "outside of its query", 18},
    {"ref in its definition", ref_in_its_definition, GBX_INTERNAL, "outside of its query", 18},
    {"ref beside the body", ref_beside_the_body, GBX_INTERNAL, "outside of its query", 18},
    {"two ctes of one id", two_ctes_of_one_id, GBX_INTERNAL, "not its own", 18},
    {"ref of another type", ref_of_another_type, GBX_INTERNAL, "does not fit", 18},
    {"recursion of two widths", recursion_of_two_widths, GBX_INVALID, "anchor and step", 18},
    {"shared over a border", shared_over_a_border, GBX_INTERNAL, "shared over its border", 18},
};

static void test_wrong_plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong_plans) / sizeof(wrong_plans[0]); i++) {
        const wrong_plan *wrong = &wrong_plans[i];
        gbx_error err = {0};
        gbx_plan *plan = NULL;
        const gbx_status status = plan_sample_finish(wrong->build, &plan, &err);
        if (status != wrong->status || err.status != status ||
            !strstr(err.message, wrong->message) || err.offset != wrong->offset) {
            fail_msg("%s: status %d at %d: %s", wrong->name, status, (int)err.offset, err.message);
        }
        if (wrong->offset >= 0) assert_int_equal(err.line, wrong->offset < 16 ? 1 : 2);
        assert_null(plan);
    }
}

static void test_samples_are_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_error err = {0};
        gbx_plan *plan = NULL;
        if (plan_sample_make(i, &plan, &err)) fail_msg("%s: %s", plan_samples[i].name, err.message);
        assert_int_equal(gbx__plan_validate(plan, &err), GBX_OK);
        gbx__plan_unref(plan);
    }
}

/* Nodes of two builders in one plan: ids do not tell them apart. */
static void test_two_builders(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__plan_builder a;
    gbx__plan_builder b;
    gbx__plan_builder_init(&a);
    gbx__plan_builder_init(&b);
    const gbx__node *const both[] = {sample_flights(&a), sample_flights(&b)};
    const gbx__node *all = gbx__node_setop(&a, GBX_SETOP_UNION, true, 2, both, HERE);
    assert_int_equal(gbx__plan_finish(&a, all, GBX_STR(""), &plan, &err), GBX_INTERNAL);
    assert_string_equal(err.message, "two operators have one id");
    gbx__plan_builder_done(&a);
    gbx__plan_builder_done(&b);
}

/* A shared node may stand on both sides where it reads nothing from outside. */
static const gbx__node *closed_and_shared(gbx__plan_builder *b)
{
    const uint32_t outer = gbx__plan_new_cte(b);
    const uint32_t inner = gbx__plan_new_cte(b);
    const gbx__node *closed =
        gbx__node_cte(b, inner, GBX_STR("i"), false, sample_airlines(b), ref_to(b, inner), HERE);
    const gbx__node *const both[] = {closed, ref_to(b, outer)};
    const gbx__node *body = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, both, HERE);
    return gbx__node_cte(b, outer, GBX_STR("o"), false, closed, body, HERE);
}

static const gbx__node *limit_by_a_column(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    return gbx__node_limit(b, flights, sample_col(b, flights, 1), NULL, false, HERE);
}

static void test_what_is_allowed(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    assert_int_equal(plan_sample_finish(closed_and_shared, &plan, &err), GBX_OK);
    gbx__plan_unref(plan);
    assert_int_equal(plan_sample_finish(limit_by_a_column, &plan, &err), GBX_OK);
    gbx__plan_unref(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_plans),
        cmocka_unit_test(test_samples_are_valid),
        cmocka_unit_test(test_two_builders),
        cmocka_unit_test(test_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
