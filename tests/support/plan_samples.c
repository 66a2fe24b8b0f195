#include "support/plan_samples.h"

#include <math.h>
#include <string.h>

const char plan_sample_text[] = "SELECT carrier,\n  sum(dep_delay) FROM 'flights.csv' GROUP BY 1";

#define NO_POS GBX_NO_POS

/* ---- short forms ----------------------------------------------------------------------------- */

const gbx__type *sample_int64(void)
{
    return gbx__type_plain(GBX_TYPE_INT64);
}

const gbx__type *sample_utf8(void)
{
    return gbx__type_plain(GBX_TYPE_UTF8);
}

const gbx__type *sample_bool(void)
{
    return gbx__type_plain(GBX_TYPE_BOOL);
}

const gbx__type *sample_float64(void)
{
    return gbx__type_plain(GBX_TYPE_FLOAT64);
}

const gbx__type *sample_type(gbx__plan_builder *b, const char *text)
{
    const gbx__type *type = NULL;
    const gbx_status status = gbx__type_parse(&b->arena, gbx__str_of(text), &type, NULL);
    if (status != GBX_OK) gbx__plan_fail(b, status, NO_POS, "a type of a sample: %s", text);
    return type;
}

const gbx__expr *sample_col(gbx__plan_builder *b, const gbx__node *node, uint32_t i)
{
    if (!node) return NULL;
    return gbx__expr_column(&b->arena, node->cols[i].id, node->cols[i].type, (gbx__pos){7, 7});
}

const gbx__expr *sample_int(gbx__plan_builder *b, int64_t value)
{
    return gbx__expr_int64(&b->arena, value);
}

const gbx__expr *sample_text(gbx__plan_builder *b, const char *value)
{
    const gbx__value text = {.text = gbx__str_of(value)};
    return gbx__expr_const(&b->arena, sample_utf8(), &text, NO_POS);
}

#define SAMPLE_MAX_ARGS 8

static gbx__expr *make_called(gbx__plan_builder *b, gbx__expr_kind kind, gbx__function_kind fn_kind,
                              const char *name, const gbx__type *type, uint32_t n, va_list list)
{
    const gbx__expr *args[SAMPLE_MAX_ARGS];
    for (uint32_t i = 0; i < n; i++) args[i] = va_arg(list, const gbx__expr *);
    gbx__expr *expr = gbx__expr_new(&b->arena, kind, type, (gbx__pos){18, 3}, n, args);
    if (expr) expr->fn = gbx__function_find(fn_kind, gbx__str_of(name));
    return expr;
}

const gbx__expr *sample_call(gbx__plan_builder *b, const char *name, const gbx__type *type,
                             uint32_t n, ...)
{
    va_list list;
    va_start(list, n);
    const gbx__expr *expr = make_called(b, GBX_EX_CALL, GBX_FN_SCALAR, name, type, n, list);
    va_end(list);
    return expr;
}

gbx__expr *sample_agg(gbx__plan_builder *b, const char *name, const gbx__type *type, uint32_t n,
                      ...)
{
    va_list list;
    va_start(list, n);
    gbx__expr *expr = make_called(b, GBX_EX_AGG, GBX_FN_AGGREGATE, name, type, n, list);
    va_end(list);
    return expr;
}

gbx__expr *sample_window(gbx__plan_builder *b, gbx__function_kind kind, const char *name,
                         const gbx__type *type, uint32_t n, ...)
{
    va_list list;
    va_start(list, n);
    gbx__expr *expr = make_called(b, GBX_EX_WINDOW, kind, name, type, n, list);
    va_end(list);
    return expr;
}

static void *sample_alloc(gbx__plan_builder *b, const void *from, size_t size)
{
    void *copy = gbx__arena_alloc(&b->arena, size);
    return copy ? memcpy(copy, from, size) : NULL;
}

/* ---- sources --------------------------------------------------------------------------------- */

static const gbx__scan *make_scan(gbx__plan_builder *b, const gbx__scan *scan,
                                  const gbx__field *fields)
{
    gbx__scan with_fields = *scan;
    with_fields.fields = sample_alloc(b, fields, scan->n_fields * sizeof(*fields));
    const gbx__scan *copy = sample_alloc(b, &with_fields, sizeof(with_fields));
    if (!copy || !with_fields.fields) {
        gbx__plan_fail(b, GBX_NOMEM, NO_POS, "out of memory");
        return NULL;
    }
    return copy;
}

const gbx__node *sample_flights(gbx__plan_builder *b)
{
    const gbx__field fields[] = {{GBX_STR("carrier"), sample_utf8()},
                                 {GBX_STR("dep_delay"), sample_int64()},
                                 {GBX_STR("distance"), sample_float64()}};
    const gbx__scan scan = {.format = GBX_SCAN_CSV,
                            .name = GBX_STR("flights"),
                            .location = GBX_STR("flights.csv"),
                            .n_fields = 3,
                            .is_bounded = true,
                            .row_count = 336776,
                            .size_bytes = -1};
    const uint32_t used[] = {0, 1, 2};
    const gbx__scan *copy = make_scan(b, &scan, fields);
    return copy ? gbx__node_scan(b, copy, 3, used, (gbx__pos){38, 13}) : NULL;
}

const gbx__node *sample_airlines(gbx__plan_builder *b)
{
    const gbx__field fields[] = {{GBX_STR("carrier"), sample_utf8()},
                                 {GBX_STR("name"), sample_utf8()}};
    const gbx__scan scan = {.format = GBX_SCAN_STREAM,
                            .name = GBX_STR("airlines"),
                            .n_fields = 2,
                            .is_bounded = true,
                            .row_count = -1,
                            .size_bytes = -1};
    const uint32_t used[] = {0, 1};
    const gbx__scan *copy = make_scan(b, &scan, fields);
    return copy ? gbx__node_scan(b, copy, 2, used, NO_POS) : NULL;
}

/* ---- the samples ----------------------------------------------------------------------------- */

/* The picture of plan/node.h. */
static const gbx__node *build_query(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__node *airlines = sample_airlines(b);
    if (!flights || !airlines) return NULL;
    const gbx__expr *late =
        sample_call(b, ">", sample_bool(), 2, sample_col(b, flights, 1), sample_int(b, 60));
    const gbx__node *filter = gbx__node_filter(b, flights, 1, &late, NO_POS);
    const gbx__expr *on = sample_call(b, "=", sample_bool(), 2, sample_col(b, flights, 0),
                                      sample_col(b, airlines, 0));
    const gbx__node *join =
        gbx__node_join(b, GBX_JOIN_INNER, false, filter, airlines, 1, &on, NO_POS);
    const gbx__expr *group = sample_col(b, airlines, 1);
    const gbx__expr *sum = sample_agg(b, "sum", sample_int64(), 1, sample_col(b, flights, 1));
    const gbx__str names[] = {GBX_STR("name"), GBX_STR("delay")};
    const gbx__node *agg =
        gbx__node_aggregate(b, join, 1, &group, 1, &sum, 0, NULL, 0, NULL, names, NO_POS);
    const gbx__sort_key key = {.expr = sample_col(b, agg, 1), .descending = true};
    const gbx__node *sort = gbx__node_sort(b, agg, 1, &key, NO_POS);
    const gbx__node *limit =
        gbx__node_limit(b, sort, sample_int(b, 10), sample_int(b, 5), false, NO_POS);
    const uint32_t positions[] = {1, 0};
    return gbx__node_select(b, limit, 2, positions);
}

typedef struct constant {
    const char *type;
    gbx__value value;
} constant;

static const gbx__value two_ints[] = {{.i64 = 1}, {.is_null = true}};
static const gbx__value three_floats[] = {{.f64 = 0.1}, {.f64 = -2.5}, {.f64 = 1e300}};
static const gbx__value pair[] = {{.i64 = 7}, {.text = SAMPLE_STR("seven")}};
static const gbx__value entries[] = {
    {.text = SAMPLE_STR("a")}, {.i64 = 1}, {.text = SAMPLE_STR("b")}, {.is_null = true}};
static const gbx__value lists[] = {{.n_items = 2, .items = two_ints}, {.is_null = true}, {0}};

static const constant constants[] = {
    {"null", {.is_null = true}},
    {"bool", {.boolean = true}},
    {"int8", {.i64 = -128}},
    {"int16", {.i64 = 32767}},
    {"int32", {.i64 = INT32_MIN}},
    {"int64", {.i64 = INT64_MIN}},
    {"int64", {.i64 = INT64_MAX}},
    {"int64", {.i64 = INT64_C(1) << 53}},
    {"int128", {.i128 = {.lo = 0, .hi = INT64_MIN}}},
    {"int128", {.i128 = {.lo = UINT64_MAX, .hi = INT64_MAX}}},
    {"uint8", {.i64 = 255}},
    {"uint16", {.i64 = 65535}},
    {"uint32", {.i64 = UINT32_MAX}},
    {"uint64", {.u64 = UINT64_MAX}},
    {"uint64", {.u64 = 5}},
    {"uint128", {.i128 = {.lo = UINT64_MAX, .hi = -1}}},
    {"float32", {.f64 = 0.1000000014901161193847656}},
    {"float64", {.f64 = 0.1}},
    {"float64", {.f64 = -0.0}},
    {"float64", {.f64 = 5e-324}},
    {"float64", {.f64 = (double)NAN}},
    {"float64", {.f64 = (double)INFINITY}},
    {"float32", {.f64 = (double)-INFINITY}},
    {"decimal(15,2)", {.i128 = {.lo = (uint64_t)-5, .hi = -1}}},
    {"decimal(38,38)", {.i128 = {.lo = 1, .hi = 0}}},
    {"decimal(38,0)", {.i128 = {.lo = 687399551400673279U, .hi = 5421010862427522170}}},
    {"utf8", {.text = SAMPLE_STR("it's \"ü\" \n\t\0 end")}},
    {"utf8", {.text = SAMPLE_STR("")}},
    {"binary", {.text = SAMPLE_STR("\x00\xff\x7f")}},
    {"date", {.i64 = -719162}},
    {"date", {.i64 = INT32_MAX}},
    {"time(us)", {.i64 = 86399999999}},
    {"time(ns)", {.i64 = 1}},
    {"timetz", {.i64 = 57599}},
    {"timestamp(s)", {.i64 = 1700000000}},
    {"timestamp(ms)", {.i64 = -1}},
    {"timestamp(us)", {.i64 = INT64_MAX}},
    {"timestamp(ns)", {.i64 = 1700000000123456789}},
    {"timestamp(us, zone)", {.i64 = 1700000000000000}},
    {"interval", {.interval = {.months = 14, .days = -3, .micros = INT64_MIN}}},
    {"uuid", {.i128 = {.lo = 0x8000000000000001, .hi = -2}}},
    {"bit", {.text = SAMPLE_STR("0101")}},
    {"bignum", {.text = SAMPLE_STR("123456789012345678901234567890123456789012345")}},
    {"json", {.text = SAMPLE_STR("{\"a\":[1]}")}},
    {"enum<'small', 'it''s'>", {.text = SAMPLE_STR("it's")}},
    {"list<int64>", {.n_items = 2, .items = two_ints}},
    {"list<list<int64>>", {.n_items = 3, .items = lists}},
    {"array<float64, 3>", {.n_items = 3, .items = three_floats}},
    {"struct<\"a\": int64, \"b \"\"q\": utf8>", {.n_items = 2, .items = pair}},
    {"struct<int64, utf8>", {.n_items = 2, .items = pair}},
    {"map<utf8, int64>", {.n_items = 4, .items = entries}},
    {"union<\"n\": utf8, \"i\": int64>", {.n_items = 1, .items = pair, .union_tag = 1}},
    {"variant", {.text = SAMPLE_STR("42")}},
    {"geometry", {.text = SAMPLE_STR("POINT (1 2)")}},
    {"struct<\"l\": list<struct<int64, utf8>>>", {.is_null = true}},
};
#define N_CONSTANTS (sizeof(constants) / sizeof(constants[0]))

/* Every type and a constant of each. */
static const gbx__node *build_constants(gbx__plan_builder *b)
{
    gbx__field cols[N_CONSTANTS];
    const gbx__expr *row[N_CONSTANTS];
    for (size_t i = 0; i < N_CONSTANTS; i++) {
        const gbx__type *type = sample_type(b, constants[i].type);
        cols[i] = (gbx__field){.name = gbx__str_of(constants[i].type), .type = type};
        row[i] = gbx__expr_const(&b->arena, type, &constants[i].value, NO_POS);
    }
    const gbx__expr *const *const rows[] = {row, row};
    return gbx__node_values(b, N_CONSTANTS, cols, 2, rows, NO_POS);
}

static const gbx__expr *build_lambda(gbx__plan_builder *b, const gbx__expr *captured)
{
    const gbx__col_id params[] = {gbx__plan_new_col(b), gbx__plan_new_col(b)};
    const gbx__expr *x = gbx__expr_column(&b->arena, params[0], sample_int64(), NO_POS);
    const gbx__expr *i = gbx__expr_column(&b->arena, params[1], sample_int64(), NO_POS);
    const gbx__expr *sum = sample_call(b, "+", sample_int64(), 2, x, i);
    const gbx__expr *body = sample_call(b, "+", sample_int64(), 2, sum, captured);
    gbx__expr *lambda = gbx__expr_new(&b->arena, GBX_EX_LAMBDA, sample_int64(), NO_POS, 1, &body);
    const gbx__type *list = sample_type(b, "list<int64>");
    if (!lambda) return NULL;
    lambda->lambda.n_params = 2;
    lambda->lambda.params = sample_alloc(b, params, sizeof(params));
    if (!lambda->lambda.params) return NULL;
    return sample_call(b, "list_transform", list, 2, gbx__expr_null(&b->arena, list, NO_POS),
                       lambda);
}

static const gbx__expr *build_named(gbx__plan_builder *b, const gbx__expr *a, const gbx__expr *c)
{
    static const gbx__str names[] = {SAMPLE_STR("a"), SAMPLE_STR("the \"c\"")};
    const gbx__expr *args[] = {a, c};
    const gbx__type *type = sample_type(b, "struct<\"a\": int64, \"the \"\"c\"\"\": utf8>");
    gbx__expr *expr = gbx__expr_new(&b->arena, GBX_EX_CALL, type, NO_POS, 2, args);
    if (!expr) return NULL;
    expr->fn = gbx__function_find(GBX_FN_SCALAR, GBX_STR("struct_pack"));
    expr->arg_names = names;
    return expr;
}

/* Every kind of scalar expression. */
static const gbx__node *build_expressions(gbx__plan_builder *b)
{
    const gbx__node *scan = sample_flights(b);
    const gbx__expr *text = sample_col(b, scan, 0);
    const gbx__expr *delay = sample_col(b, scan, 1);
    const gbx__expr *is_null = sample_call(b, "is_null", sample_bool(), 1, delay);
    const gbx__expr *in = sample_call(b, "in", sample_bool(), 4, text, sample_text(b, "AA"),
                                      sample_text(b, "it's"), sample_text(b, "\n"));
    const gbx__expr *param =
        gbx__expr_param(&b->arena, GBX_STR("low"), sample_int64(), (gbx__pos){1, 2});
    const gbx__expr *branches[] = {is_null, sample_int(b, 0), in, param, delay};
    const gbx__expr *either[] = {is_null, in};
    const gbx__expr *exprs[] = {
        text,
        gbx__expr_cast(&b->arena, delay, sample_utf8(), false, NO_POS),
        gbx__expr_cast(&b->arena, text, sample_type(b, "decimal(10,3)"), true, NO_POS),
        gbx__expr_new(&b->arena, GBX_EX_CASE, sample_int64(), NO_POS, 5, branches),
        build_lambda(b, delay),
        build_named(b, delay, text),
        gbx__expr_and(&b->arena, 2, either),
        sample_call(b, "not", sample_bool(), 1, is_null),
        sample_call(b, "~~", sample_bool(), 2, text, sample_text(b, "A%")),
        sample_call(b, "now", sample_type(b, "timestamp(us, zone)"), 0),
    };
    const uint32_t n = sizeof(exprs) / sizeof(exprs[0]);
    return gbx__node_project(b, scan, n, exprs, NULL, NO_POS);
}

static const gbx__expr *with_spec(gbx__plan_builder *b, gbx__expr *expr,
                                  const gbx__window_spec *spec)
{
    if (!expr) return NULL;
    expr->window = sample_alloc(b, spec, sizeof(*spec));
    return expr->window ? expr : NULL;
}

/* Windows of all parts of a spec. */
static const gbx__node *build_windows(gbx__plan_builder *b)
{
    const gbx__node *scan = sample_flights(b);
    if (!scan) return NULL;
    const gbx__expr **partition =
        sample_alloc(b, &(const gbx__expr *){sample_col(b, scan, 0)}, sizeof(gbx__expr *));
    const gbx__sort_key key = {.expr = sample_col(b, scan, 1), .nulls_first = true};
    const gbx__sort_key *order = sample_alloc(b, &key, sizeof(key));
    if (!partition || !order) {
        gbx__plan_fail(b, GBX_NOMEM, NO_POS, "out of memory");
        return NULL;
    }
    const gbx__window_spec whole = {.unit = GBX_FRAME_RANGE,
                                    .n_partitions = 1,
                                    .partitions = partition,
                                    .n_order = 1,
                                    .order = order,
                                    .end = GBX_BOUND_CURRENT_ROW};
    const gbx__window_spec frame = {
        .unit = GBX_FRAME_ROWS,
        .start = GBX_BOUND_PRECEDING,
        .end = GBX_BOUND_FOLLOWING,
        .start_offset = sample_int(b, 3),
        .end_offset = sample_int(b, 1),
        .exclude = GBX_EXCLUDE_TIES,
        .distinct = true,
        .filter = sample_call(b, ">", sample_bool(), 2, sample_col(b, scan, 1), sample_int(b, 0)),
        .n_arg_order = 1,
        .arg_order = order};
    const gbx__window_spec lag = {.unit = GBX_FRAME_GROUPS,
                                  .start = GBX_BOUND_CURRENT_ROW,
                                  .end = GBX_BOUND_UNBOUNDED_FOLLOWING,
                                  .n_order = 1,
                                  .order = order,
                                  .ignore_nulls = true};
    const gbx__expr *exprs[] = {
        with_spec(b, sample_window(b, GBX_FN_WINDOW, "rank", sample_int64(), 0), &whole),
        with_spec(
            b,
            sample_window(b, GBX_FN_AGGREGATE, "sum", sample_float64(), 1, sample_col(b, scan, 2)),
            &frame),
        with_spec(b,
                  sample_window(b, GBX_FN_WINDOW, "lag", sample_int64(), 2, sample_col(b, scan, 1),
                                sample_int(b, 1)),
                  &lag),
    };
    const gbx__str names[] = {GBX_STR("place"), GBX_STR("near"), GBX_STR("before")};
    return gbx__node_window(b, scan, 3, exprs, names, NO_POS);
}

/* Aggregates of all parts of a spec, grouping sets, grouping(). */
static const gbx__node *build_groups(gbx__plan_builder *b)
{
    const gbx__node *scan = sample_flights(b);
    const gbx__expr *groups[] = {sample_col(b, scan, 0), sample_col(b, scan, 1)};
    const gbx__sort_key key = {.expr = sample_col(b, scan, 2), .descending = true};
    const gbx__agg_spec spec = {
        .distinct = true,
        .filter = sample_call(b, ">", sample_bool(), 2, groups[1], sample_int(b, 0)),
        .n_order = 1,
        .order = sample_alloc(b, &key, sizeof(key))};
    gbx__expr *list =
        sample_agg(b, "list", sample_type(b, "list<float64>"), 1, sample_col(b, scan, 2));
    if (!list || !spec.order) return gbx__plan_fail(b, GBX_NOMEM, NO_POS, "out of memory");
    list->agg = sample_alloc(b, &spec, sizeof(spec));
    if (!list->agg) return gbx__plan_fail(b, GBX_NOMEM, NO_POS, "out of memory");
    const gbx__expr *aggs[] = {list, sample_agg(b, "count_star", sample_int64(), 0)};
    static const uint32_t both[] = {0, 1};
    const gbx__grouping_set sets[] = {{2, both}, {1, both}, {0, NULL}};
    return gbx__node_aggregate(b, scan, 2, groups, 2, aggs, 3, sets, 1, sets, NULL, NO_POS);
}

/* Every kind of join, one on another. */
static const gbx__node *build_joins(gbx__plan_builder *b)
{
    const gbx__node *tree = sample_flights(b);
    for (int kind = 0; kind < GBX_JOIN_KINDS && tree; kind++) {
        const gbx__node *right = sample_airlines(b);
        const bool is_bare = kind == GBX_JOIN_CROSS || kind == GBX_JOIN_POSITIONAL;
        const gbx__expr *on =
            sample_call(b, "=", sample_bool(), 2, sample_col(b, tree, 0), sample_col(b, right, 0));
        tree = gbx__node_join(b, (gbx__join_kind)kind, false, tree, right, is_bare ? 0 : 1, &on,
                              NO_POS);
    }
    if (!tree) return NULL;
    const gbx__node *right = sample_flights(b);
    const gbx__expr *on[] = {
        sample_call(b, "=", sample_bool(), 2, sample_col(b, tree, 0), sample_col(b, right, 0)),
        sample_call(b, ">=", sample_bool(), 2, sample_col(b, tree, 1), sample_col(b, right, 1))};
    return gbx__node_join(b, GBX_JOIN_LEFT, true, tree, right, 2, on, NO_POS);
}

/* Set operations, a shared node, distinct, samples, top-n and a limit in percent. */
static const gbx__node *build_sets(gbx__plan_builder *b)
{
    const gbx__node *scan = sample_airlines(b);
    const gbx__node *const twice[] = {scan, scan};
    const gbx__node *all = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, twice, NO_POS);
    const gbx__node *const parts[] = {all, sample_airlines(b)};
    const gbx__node *both = gbx__node_setop(b, GBX_SETOP_INTERSECT, false, 2, parts, NO_POS);
    const gbx__node *const rest[] = {both, all};
    const gbx__node *except = gbx__node_setop(b, GBX_SETOP_EXCEPT, true, 2, rest, NO_POS);
    const gbx__expr *on = sample_col(b, except, 0);
    const gbx__sort_key key = {.expr = sample_col(b, except, 1)};
    const gbx__node *distinct = gbx__node_distinct(b, except, 1, &on, 1, &key, NO_POS);
    const gbx__node *plain = gbx__node_distinct(b, distinct, 0, NULL, 0, NULL, NO_POS);
    const gbx__node *seeded =
        gbx__node_sample(b, plain, GBX_SAMPLE_RESERVOIR, false, 100, true, -7, NO_POS);
    const gbx__node *percent =
        gbx__node_sample(b, seeded, GBX_SAMPLE_BERNOULLI, true, 12.5, false, 0, NO_POS);
    const gbx__node *top =
        gbx__node_topn(b, percent, 1, &key, sample_int(b, 3), sample_int(b, 1), NO_POS);
    const gbx__value half = {.f64 = 50};
    const gbx__expr *limit = gbx__expr_const(&b->arena, sample_float64(), &half, NO_POS);
    return gbx__node_limit(b, top, limit, NULL, true, NO_POS);
}

/* A cte in the body of another, and a recursion. */
static const gbx__node *build_ctes(gbx__plan_builder *b)
{
    const uint32_t outer = gbx__plan_new_cte(b);
    const uint32_t steps = gbx__plan_new_cte(b);
    const gbx__field fields[] = {{GBX_STR("n"), sample_int64()}};
    const uint32_t first[] = {0};
    const gbx__expr *one = sample_int(b, 1);
    const gbx__expr *const *const rows[] = {&one};
    const gbx__node *anchor = gbx__node_values(b, 1, fields, 1, rows, NO_POS);
    const gbx__col cols[] = {{gbx__plan_new_col(b), sample_int64(), GBX_STR("n")}};
    const gbx__node *ref = gbx__node_cte_ref(b, steps, 1, fields, first, NO_POS);
    const gbx__expr *next = sample_call(b, "+", sample_int64(), 2, sample_col(b, ref, 0), one);
    const gbx__node *step = gbx__node_project(b, ref, 1, &next, NULL, NO_POS);
    const gbx__expr *less =
        sample_call(b, "<", sample_bool(), 2, sample_col(b, step, 0), sample_int(b, 10));
    const gbx__node *bounded = gbx__node_filter(b, step, 1, &less, NO_POS);
    const gbx__node *counter =
        gbx__node_recursive(b, steps, GBX_STR("counter"), true, 1, cols, anchor, bounded, NO_POS);
    const gbx__node *left = gbx__node_cte_ref(b, outer, 1, fields, first, NO_POS);
    const gbx__node *right = gbx__node_cte_ref(b, outer, 1, fields, first, NO_POS);
    const gbx__node *cross = gbx__node_join(b, GBX_JOIN_CROSS, false, left, right, 0, NULL, NO_POS);
    return gbx__node_cte(b, outer, GBX_STR("numbers"), true, counter, cross, NO_POS);
}

static const gbx__node *build_range(gbx__plan_builder *b, const gbx__node *input)
{
    static const gbx__str names[] = {SAMPLE_STR(""), SAMPLE_STR("step")};
    const gbx__field fields[] = {{GBX_STR("unused"), sample_utf8()},
                                 {GBX_STR("range"), sample_int64()}};
    const uint32_t used[] = {1};
    const gbx__expr *args[] = {sample_int(b, 3), sample_int(b, 2)};
    gbx__node shape = {.kind = GBX_NODE_TABLE_FN};
    shape.table_fn.fn = gbx__function_find(GBX_FN_TABLE, GBX_STR("range"));
    shape.table_fn.n_args = 2;
    shape.table_fn.args = args;
    shape.table_fn.arg_names = names;
    shape.table_fn.n_fields = 2;
    shape.table_fn.fields = fields;
    shape.table_fn.n_used = 1;
    shape.table_fn.used = used;
    shape.table_fn.with_ordinality = true;
    return gbx__node_table_fn(b, input, &shape, NO_POS);
}

/* Table functions, values over an input, unnest, a user's functions. */
static const gbx__node *build_functions(gbx__plan_builder *b)
{
    const gbx__node *range = build_range(b, NULL);
    const gbx__node *lateral = build_range(b, range);
    const gbx__field cols[] = {{GBX_STR("l"), sample_type(b, "list<utf8>")},
                               {GBX_STR("n"), sample_int64()}};
    const gbx__expr *row[] = {gbx__expr_null(&b->arena, cols[0].type, NO_POS),
                              sample_col(b, lateral, 0)};
    const gbx__expr *const *const rows[] = {row, row, row};
    const gbx__node *values = gbx__node_values_of(b, lateral, 2, cols, 3, rows, NO_POS);
    const gbx__expr *list = sample_col(b, values, 0);
    const gbx__expr *item =
        gbx__expr_new(&b->arena, GBX_EX_UNNEST, sample_utf8(), NO_POS, 1, &list);
    const gbx__str name = GBX_STR("item");
    const gbx__node *unnest = gbx__node_unnest(b, values, 1, &item, &name, NO_POS);
    const gbx__field made[] = {{GBX_STR("y"), sample_float64()}};
    gbx__node by_name = {.kind = GBX_NODE_CALL};
    by_name.call.language = GBX_STR("python");
    by_name.call.entry = GBX_STR("models:predict");
    by_name.call.batch_form = GBX_STR("pandas");
    const gbx__node *call = gbx__node_call(b, unnest, &by_name, 1, made, NO_POS);
    gbx__node by_code = {.kind = GBX_NODE_CALL};
    by_code.call.language = GBX_STR("c");
    by_code.call.code = GBX_STR("\x7f"
                                "ELF\x00\x01");
    by_code.call.is_pure = true;
    return gbx__node_call(b, call, &by_code, 1, made, NO_POS);
}

static const gbx__node *build_pivot(gbx__plan_builder *b)
{
    const gbx__field cols[] = {{GBX_STR("carrier"), sample_utf8()},
                               {GBX_STR("keys"), sample_type(b, "list<utf8>")},
                               {GBX_STR("counts"), sample_type(b, "list<int64>")}};
    const gbx__field out[] = {{GBX_STR("carrier"), sample_utf8()},
                              {GBX_STR("2013"), sample_int64()},
                              {GBX_STR("it's"), sample_int64()}};
    const gbx__str labels[] = {GBX_STR("2013"), GBX_STR("it's")};
    const gbx__expr *none = sample_int(b, 0);
    const gbx__node *folded = gbx__node_values(b, 3, cols, 0, NULL, NO_POS);
    return gbx__node_pivot(b, folded, 1, 1, 2, labels, &none, out, NO_POS);
}

/* A sink over a scan that says all that a scan can say. */
static const gbx__node *build_sink(gbx__plan_builder *b)
{
    static const gbx__str paths[] = {SAMPLE_STR("a/x.csv"), SAMPLE_STR("a/\xff.csv")};
    static const gbx__str nulls[] = {SAMPLE_STR(""), SAMPLE_STR("NA")};
    static const gbx__csv_dialect csv = {.delimiter = ";",
                                         .quote = '"',
                                         .escape = '\\',
                                         .comment = '#',
                                         .has_header = true,
                                         .skip_rows = 2,
                                         .newline = SAMPLE_STR("\r\n"),
                                         .date_format = SAMPLE_STR("%d.%m.%Y"),
                                         .timestamp_format = SAMPLE_STR("%c"),
                                         .decimal_separator = ',',
                                         .n_null_texts = 2,
                                         .null_texts = nulls,
                                         .encoding = SAMPLE_STR("latin-1"),
                                         .all_varchar = true,
                                         .ignore_errors = true,
                                         .null_padding = true,
                                         .strict = true,
                                         .max_line_size = 1000000};
    const gbx__scan_option option = {GBX_STR("sample_size"), sample_int64(), {.i64 = -1}};
    const gbx__col_stats stats[] = {
        {.null_count = -1},
        {.null_count = 3, .has_min_max = true, .min = {.i64 = -5}, .max = {.i64 = INT64_MAX}}};
    const gbx__field fields[] = {{GBX_STR("a"), sample_utf8()}, {GBX_STR("b"), sample_int64()}};
    const gbx__scan scan = {.format = GBX_SCAN_CSV,
                            .name = GBX_STR("x"),
                            .n_paths = 2,
                            .paths = paths,
                            .location = GBX_STR("a/*.csv"),
                            .n_fields = 2,
                            .n_partitions = 1,
                            .csv = &csv,
                            .compression = GBX_STR("gzip"),
                            .json_layout = GBX_STR("array"),
                            .inner_name = GBX_STR("Sheet 1"),
                            .n_options = 1,
                            .options = sample_alloc(b, &option, sizeof(option)),
                            .union_by_name = true,
                            .files_differ = true,
                            .hive_partitioning = true,
                            .filename_column = GBX_STR("file"),
                            .row_count = 12,
                            .row_count_exact = true,
                            .size_bytes = 345,
                            .stats = sample_alloc(b, stats, sizeof(stats)),
                            .fingerprint = GBX_STR("abc")};
    const uint32_t used[] = {1, GBX_SCAN_ROWID};
    if (!scan.options || !scan.stats) return gbx__plan_fail(b, GBX_NOMEM, NO_POS, "out of memory");
    const gbx__scan *copy = make_scan(b, &scan, fields);
    const gbx__node *node = copy ? gbx__node_scan(b, copy, 2, used, NO_POS) : NULL;
    return gbx__node_sink(b, node, GBX_STR("parquet"), GBX_STR("out/\xfe.parquet"));
}

const plan_sample plan_samples[] = {
    {"query", build_query},     {"constants", build_constants}, {"expressions", build_expressions},
    {"windows", build_windows}, {"groups", build_groups},       {"joins", build_joins},
    {"sets", build_sets},       {"ctes", build_ctes},           {"functions", build_functions},
    {"pivot", build_pivot},     {"sink", build_sink},
};
const size_t plan_sample_count = sizeof(plan_samples) / sizeof(plan_samples[0]);

gbx_status plan_sample_finish(const gbx__node *(*build)(gbx__plan_builder *b), gbx_plan **out,
                              gbx_error *err)
{
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    const gbx__node *root = build(&b);
    /* NULL without a reason: an expression that there was no memory for. */
    if (!root) gbx__plan_fail(&b, GBX_NOMEM, NO_POS, "out of memory");
    const gbx_status status = gbx__plan_finish(&b, root, gbx__str_of(plan_sample_text), out, err);
    gbx__plan_builder_done(&b);
    return status;
}

gbx_status plan_sample_make(size_t index, gbx_plan **out, gbx_error *err)
{
    return plan_sample_finish(plan_samples[index].build, out, err);
}
