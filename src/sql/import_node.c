/*
 * Operators: LOGICAL_… → nodes. Inputs, joins, set operations and shared subplans have files of
 * their own.
 */
#include "sql/import_priv.h"

#include <string.h>

static void *node_nomem(gbx__importer *im)
{
    return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

const gbx__node *gbx__import_child(gbx__importer *im, yyjson_val *json, size_t index)
{
    yyjson_val *child = yyjson_arr_get(yyjson_obj_get(json, "children"), index);
    if (child == NULL) return gbx__import_refuse(im, GBX_NO_POS, "an operator without its input");
    return gbx__import_node(im, child);
}

gbx__env gbx__import_env(gbx__importer *im, const gbx__node *left, const gbx__node *right)
{
    const size_t n_left = left != NULL ? left->n_cols : 0;
    const size_t n_right = right != NULL ? right->n_cols : 0;
    gbx__slot *slots = GBX_ARENA_ARRAY(&im->b->arena, n_left + n_right + 1, gbx__slot);
    if (slots == NULL) {
        node_nomem(im);
        return (gbx__env){0, NULL};
    }
    for (size_t i = 0; i < n_left; i++)
        slots[i] = (gbx__slot){left->cols[i].id, left->cols[i].type, NULL};
    for (size_t i = 0; i < n_right; i++)
        slots[n_left + i] = (gbx__slot){right->cols[i].id, right->cols[i].type, NULL};
    return (gbx__env){n_left + n_right, slots};
}

const gbx__node *gbx__import_narrow(gbx__importer *im, const gbx__node *node, yyjson_val *json,
                                    const char *key)
{
    size_t n = 0;
    yyjson_val *map = gbx__import_array(im, json, key, &n);
    if (node == NULL || map == NULL) return NULL;
    if (n == 0) return node;
    uint32_t *positions = GBX_ARENA_ARRAY(&im->b->arena, n, uint32_t);
    if (positions == NULL) return node_nomem(im);
    bool is_identity = n == node->n_cols;
    for (size_t i = 0; i < n; i++) {
        const uint64_t at = yyjson_get_uint(yyjson_arr_get(map, i));
        if (at >= node->n_cols) return gbx__import_refuse(im, GBX_NO_POS, "a column of no input");
        positions[i] = (uint32_t)at;
        is_identity = is_identity && at == i;
    }
    return is_identity ? node : gbx__node_select(im->b, node, (uint32_t)n, positions);
}

const gbx__node *gbx__import_retype(gbx__importer *im, const gbx__node *node,
                                    const gbx__type *const *types)
{
    if (node == NULL) return NULL;
    bool is_same = true;
    for (uint32_t i = 0; i < node->n_cols; i++)
        is_same = is_same && gbx__type_equal(node->cols[i].type, types[i]);
    if (is_same) return node;
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, node->n_cols, const gbx__expr *);
    gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, node->n_cols, gbx__str);
    if (exprs == NULL || names == NULL) return node_nomem(im);
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const gbx__col *col = &node->cols[i];
        names[i] = col->name;
        exprs[i] =
            gbx__import_cast(im, gbx__expr_column(&im->b->arena, col->id, col->type, GBX_NO_POS),
                             types[i], false, GBX_NO_POS);
        if (exprs[i] == NULL) return node_nomem(im);
    }
    return gbx__node_project(im->b, node, node->n_cols, exprs, names, GBX_NO_POS);
}

/* Column names by the aliases of expressions. */
static gbx__str *node_aliases(gbx__importer *im, yyjson_val *json, const char *key, size_t n)
{
    gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__str);
    if (names == NULL) return node_nomem(im);
    yyjson_val *list = yyjson_obj_get(json, key);
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *alias = yyjson_obj_get(yyjson_arr_iter_next(&iter), "alias");
        if (!yyjson_is_str(alias)) continue;
        names[i] =
            gbx__arena_str(&im->b->arena, gbx__json_str(alias));
    }
    return names;
}

/* Remembers the columns of an operator that has a table_index. */
static const gbx__node *node_remember(gbx__importer *im, yyjson_val *json, const gbx__node *node)
{
    yyjson_val *index = yyjson_obj_get(json, "table_index");
    if (node == NULL || !yyjson_is_uint(index)) return node;
    const gbx__import_table table = {yyjson_get_uint(index), node->n_cols, node->cols};
    return gbx__vec_push(&im->tables, table) ? node : node_nomem(im);
}

static const gbx__node *node_project(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"table_index", GBX_KEY_USED},
                                    {"expressions", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "PROJECTION")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    uint32_t n = 0;
    const gbx__env env = gbx__import_env(im, input, NULL);
    const gbx__expr *const *exprs = gbx__import_exprs(im, json, "expressions", env, &n);
    const gbx__str *names = node_aliases(im, json, "expressions", n);
    if (exprs == NULL || names == NULL) return NULL;
    /* a widened sum that is only passed on stays int64 */
    const gbx__expr **plain = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (plain == NULL) return node_nomem(im);
    for (uint32_t i = 0; i < n; i++) {
        const gbx__expr *e = exprs[i];
        const bool is_widened =
            e->kind == GBX_EX_CAST && e->pos.offset < 0 && e->type->kind == GBX_TYPE_INT128 &&
            e->args[0]->kind == GBX_EX_COLUMN && e->args[0]->type->kind == GBX_TYPE_INT64;
        plain[i] = is_widened ? e->args[0] : e;
    }
    return gbx__node_project(im->b, input, n, plain, names, GBX_NO_POS);
}

static bool node_is_null_safe(const gbx__node *join)
{
    for (uint32_t i = 0; i < join->join.n_on; i++) {
        const gbx__expr *on = join->join.on[i];
        if (on->kind != GBX_EX_CALL || (strcmp(on->fn->name, "is_not_distinct_from") != 0 &&
                                        strcmp(on->fn->name, "is_distinct_from") != 0))
            return false;
    }
    return true;
}

/* The semi or anti join, with the mark as the constant that it is for the rows that are left. */
static const gbx__node *node_unmark(gbx__importer *im, const gbx__node *join, const gbx__node *left,
                                    bool is_semi)
{
    const gbx__node *half =
        gbx__node_join(im->b, is_semi ? GBX_JOIN_SEMI : GBX_JOIN_ANTI, false, left, join->inputs[1],
                       join->join.n_on, join->join.on, join->pos);
    const uint32_t n = join->n_cols;
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, n, const gbx__expr *);
    gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, n, gbx__str);
    if (half == NULL || exprs == NULL || names == NULL) return NULL;
    for (uint32_t i = 0; i < n; i++) {
        const gbx__col *col = &join->cols[i];
        names[i] = col->name;
        exprs[i] = col->id == join->join.mark
                       ? gbx__expr_bool(&im->b->arena, is_semi)
                       : gbx__expr_column(&im->b->arena, col->id, col->type, GBX_NO_POS);
        if (exprs[i] == NULL) return node_nomem(im);
    }
    return gbx__node_project(im->b, half, n, exprs, names, join->pos);
}

/* The mark that a conjunct is (or NOT of one), of this join; 0: it is something else. */
static gbx__col_id node_mark_of(const gbx__node *input, const gbx__expr *conjunct, bool *is_not)
{
    *is_not = conjunct->kind == GBX_EX_CALL && strcmp(conjunct->fn->name, "not") == 0;
    const gbx__expr *mark = *is_not ? conjunct->args[0] : conjunct;
    if (mark->kind != GBX_EX_COLUMN || mark->col != input->join.mark) return 0;
    return *is_not && !node_is_null_safe(input) ? 0 : mark->col;
}

static bool node_avoids(const gbx__expr *expr, void *ctx)
{
    const gbx__col_id *id = ctx;
    return expr->kind != GBX_EX_COLUMN || expr->col != *id;
}

/*
 * A filter over a join's mark, or NOT of one, is what semi and anti joins are for: every engine has
 * them, and a mark is a subquery in each of their SQLs. NOT is an anti join only where no
 * comparison can answer NULL. Other conjuncts go below, to the join's left side, whose columns
 * they are over.
 */
static const gbx__node *node_semi_join(gbx__importer *im, const gbx__node *input, uint32_t n,
                                       const gbx__expr *const *conjuncts)
{
    if (input->kind != GBX_NODE_JOIN || input->join.kind != GBX_JOIN_MARK) return NULL;
    const gbx__expr **rest = GBX_ARENA_ARRAY(&im->b->arena, n, const gbx__expr *);
    if (rest == NULL) return node_nomem(im);
    gbx__col_id mark = 0;
    bool is_anti = false;
    uint32_t n_rest = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool is_not = false;
        const gbx__col_id id = mark == 0 ? node_mark_of(input, conjuncts[i], &is_not) : 0;
        if (id == 0) {
            rest[n_rest++] = conjuncts[i];
        } else {
            mark = id;
            is_anti = is_not;
        }
    }
    if (mark == 0) return NULL;
    for (uint32_t i = 0; i < n_rest; i++) {
        if (!gbx__expr_walk(rest[i], node_avoids, &mark)) return NULL;
    }
    const gbx__node *left = input->inputs[0];
    if (n_rest > 0) left = gbx__node_filter(im->b, left, n_rest, rest, GBX_NO_POS);
    return left == NULL ? NULL : node_unmark(im, input, left, !is_anti);
}

static const gbx__node *node_filter(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"expressions", GBX_KEY_USED},
                                    {"projection_map", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "FILTER")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    uint32_t n = 0;
    const gbx__expr *const *conjuncts =
        gbx__import_exprs(im, json, "expressions", gbx__import_env(im, input, NULL), &n);
    if (conjuncts == NULL) return NULL;
    const gbx__node *half = node_semi_join(im, input, n, conjuncts);
    if (half != NULL) return gbx__import_narrow(im, half, json, "projection_map");
    if (gbx__import_failed(im)) return NULL;
    return gbx__import_narrow(im, gbx__node_filter(im->b, input, n, conjuncts, GBX_NO_POS), json,
                              "projection_map");
}

/* [[0, 1], [0], []] */
static const gbx__grouping_set *node_sets(gbx__importer *im, yyjson_val *json, const char *key,
                                          uint32_t n_groups, uint32_t *out_n)
{
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, json, key, &n);
    gbx__grouping_set *sets = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__grouping_set);
    if (list == NULL || sets == NULL) return NULL;
    for (size_t i = 0; i < n; i++) {
        yyjson_val *set = yyjson_arr_get(list, i);
        const size_t n_keys = yyjson_arr_size(set);
        uint32_t *positions = GBX_ARENA_ARRAY(&im->b->arena, n_keys + 1, uint32_t);
        if (positions == NULL) return node_nomem(im);
        for (size_t k = 0; k < n_keys; k++) {
            const uint64_t at = yyjson_get_uint(yyjson_arr_get(set, k));
            if (at >= n_groups)
                return gbx__import_refuse(im, GBX_NO_POS, "a grouping set of no key");
            positions[k] = (uint32_t)at;
        }
        sets[i] = (gbx__grouping_set){(uint32_t)n_keys, positions};
    }
    *out_n = (uint32_t)n;
    return sets;
}

static const gbx__node *node_aggregate(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"expressions", GBX_KEY_USED},
                                    {"group_index", GBX_KEY_NOISE},
                                    {"aggregate_index", GBX_KEY_NOISE},
                                    {"groupings_index", GBX_KEY_NOISE},
                                    {"groups", GBX_KEY_USED},
                                    {"grouping_sets", GBX_KEY_USED},
                                    {"grouping_functions", GBX_KEY_USED},
                                    {"distinct_validity", GBX_KEY_NOISE},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "AGGREGATE")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    const gbx__env env = gbx__import_env(im, input, NULL);
    uint32_t n_groups = 0;
    uint32_t n_aggs = 0;
    uint32_t n_sets = 0;
    uint32_t n_grouping = 0;
    const gbx__expr *const *groups = gbx__import_exprs(im, json, "groups", env, &n_groups);
    const gbx__expr *const *aggs = gbx__import_exprs(im, json, "expressions", env, &n_aggs);
    const gbx__grouping_set *sets = node_sets(im, json, "grouping_sets", n_groups, &n_sets);
    const gbx__grouping_set *grouping =
        node_sets(im, json, "grouping_functions", n_groups, &n_grouping);
    if (groups == NULL || aggs == NULL || sets == NULL || grouping == NULL) return NULL;
    if (n_sets == 1 && sets[0].n == n_groups)
        n_sets = 0; /* one set of all keys: a plain group by */
    return gbx__node_aggregate(im->b, input, n_groups, groups, n_aggs, aggs, n_sets, sets,
                               n_grouping, grouping, NULL, GBX_NO_POS);
}

static const gbx__node *node_sort(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"orders", GBX_KEY_USED},
                                    {"projections", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "ORDER_BY")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    size_t n_json = 0;
    yyjson_val *orders = gbx__import_array(im, json, "orders", &n_json);
    if (input == NULL || orders == NULL) return NULL;
    uint32_t n = 0;
    const gbx__sort_key *sort =
        gbx__import_orders(im, orders, gbx__import_env(im, input, NULL), &n);
    if (sort == NULL) return NULL;
    return gbx__import_narrow(im, gbx__node_sort(im->b, input, n, sort, GBX_NO_POS), json,
                              "projections");
}

static bool node_is_no_column(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_COLUMN;
}

/* As a count; decimals by way of a float, which rounds halves to even as the binder's own
 * constants do. */
static const gbx__expr *node_limit_expr(gbx__importer *im, yyjson_val *json, gbx__env env,
                                        bool is_percent)
{
    const gbx__type *as_float = gbx__type_plain(GBX_TYPE_FLOAT64);
    const gbx__expr *expr = gbx__import_expr(im, gbx__import_member(im, json, "expression"), env);
    if (expr == NULL) return NULL;
    if (is_percent || expr->type->kind == GBX_TYPE_DECIMAL)
        expr = gbx__import_cast(im, expr, as_float, false, GBX_NO_POS);
    if (is_percent && expr != NULL && !gbx__expr_walk(expr, node_is_no_column, NULL))
        return gbx__import_refuse(im, GBX_NO_POS, "a percentage that is computed from the rows");
    if (is_percent) return expr;
    return gbx__import_cast(im, expr, gbx__type_plain(GBX_TYPE_INT64), false, GBX_NO_POS);
}

/* {"type": "CONSTANT_VALUE", …}: *out stays NULL when unset. */
static bool node_limit_value(gbx__importer *im, yyjson_val *json, gbx__env env,
                             const gbx__expr **out, bool *is_percent)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"constant_integer", GBX_KEY_USED},
                                    {"constant_percentage", GBX_KEY_USED},
                                    {"expression", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "LIMIT")) return false;
    const gbx__str type = gbx__import_text(im, json, "type");
    if (gbx__str_is(type, "UNSET")) return true;
    if (gbx__str_is(type, "CONSTANT_VALUE")) {
        uint64_t rows = 0;
        if (!gbx__import_index(im, json, "constant_integer", &rows)) return false;
        if (rows > INT64_MAX) rows = INT64_MAX;
        *out = gbx__expr_int64(&im->b->arena, (int64_t)rows);
    } else if (gbx__str_is(type, "CONSTANT_PERCENTAGE")) {
        gbx__value value = {0};
        yyjson_val *percent = gbx__import_member(im, json, "constant_percentage");
        if (percent != NULL && !yyjson_is_num(percent))
            gbx__import_refuse(im, GBX_NO_POS, "LIMIT by a percentage that is not a number");
        if (gbx__import_failed(im)) return false;
        value.f64 = yyjson_get_num(percent);
        *out =
            gbx__expr_const(&im->b->arena, gbx__type_plain(GBX_TYPE_FLOAT64), &value, GBX_NO_POS);
        *is_percent = true;
    } else if (gbx__str_is(type, "EXPRESSION_VALUE") ||
               gbx__str_is(type, "EXPRESSION_PERCENTAGE")) {
        *is_percent = gbx__str_is(type, "EXPRESSION_PERCENTAGE");
        *out = node_limit_expr(im, json, env, *is_percent);
    } else {
        gbx__import_refuse(im, GBX_NO_POS, "LIMIT by %.*s", GBX_STR_ARG(type));
        return false;
    }
    if (*out == NULL && !gbx__import_failed(im)) node_nomem(im);
    return *out != NULL;
}

static const gbx__node *node_limit(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"limit_val", GBX_KEY_USED},
                                    {"offset_val", GBX_KEY_USED},
                                    {"unpruned_offset", GBX_KEY_EMPTY},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "LIMIT")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    const gbx__env env = gbx__import_env(im, input, NULL);
    const gbx__expr *limit = NULL;
    const gbx__expr *offset = NULL;
    bool is_percent = false;
    bool offset_percent = false;
    if (!node_limit_value(im, gbx__import_member(im, json, "limit_val"), env, &limit,
                          &is_percent) ||
        !node_limit_value(im, gbx__import_member(im, json, "offset_val"), env, &offset,
                          &offset_percent))
        return NULL;
    if (offset_percent) return gbx__import_refuse(im, GBX_NO_POS, "an offset in percent");
    return gbx__node_limit(im->b, input, limit, offset, is_percent, GBX_NO_POS);
}

static const gbx__node *node_distinct(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {
        {"type", GBX_KEY_USED},          {"children", GBX_KEY_USED},
        {"distinct_type", GBX_KEY_USED}, {"distinct_targets", GBX_KEY_USED},
        {"order_by", GBX_KEY_USED},      {NULL, GBX_KEY_USED}};
    static const gbx__key order_keys[] = {
        {"type", GBX_KEY_NOISE}, {"orders", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "DISTINCT")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    const gbx__env env = gbx__import_env(im, input, NULL);
    const gbx__str type = gbx__import_text(im, json, "distinct_type");
    uint32_t n_on = 0;
    uint32_t n_order = 0;
    const gbx__sort_key *order = NULL;
    const gbx__expr *const *on = gbx__import_exprs(im, json, "distinct_targets", env, &n_on);
    yyjson_val *order_by = gbx__import_member(im, json, "order_by");
    if (order_by != NULL && !yyjson_is_null(order_by)) {
        if (!gbx__import_keys(im, order_by, order_keys, "DISTINCT")) return NULL;
        order = gbx__import_orders(im, gbx__import_member(im, order_by, "orders"), env, &n_order);
    }
    if (on == NULL || gbx__import_failed(im)) return NULL;
    const bool is_on = gbx__str_is(type, "DISTINCT_ON");
    if (!is_on && !gbx__str_is(type, "DISTINCT"))
        return gbx__import_refuse(im, GBX_NO_POS, "%.*s", GBX_STR_ARG(type));
    /* fewer targets than columns (a hidden sort key): the first row of each, as DISTINCT ON */
    if (!is_on && n_on >= input->n_cols) n_on = 0;
    return gbx__node_distinct(im->b, input, n_on, on, n_order, order, GBX_NO_POS);
}

static const gbx__node *node_window(gbx__importer *im, yyjson_val *json)
{
    const bool is_unnest = gbx__str_is(gbx__import_text(im, json, "type"), "LOGICAL_UNNEST");
    static const gbx__key keys[] = {
        {"type", GBX_KEY_USED},          {"children", GBX_KEY_USED},
        {"window_index", GBX_KEY_NOISE}, {"unnest_index", GBX_KEY_NOISE},
        {"expressions", GBX_KEY_USED},   {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, is_unnest ? "UNNEST" : "WINDOW")) return NULL;
    const gbx__node *input = gbx__import_child(im, json, 0);
    if (input == NULL) return NULL;
    uint32_t n = 0;
    const gbx__expr *const *exprs =
        gbx__import_exprs(im, json, "expressions", gbx__import_env(im, input, NULL), &n);
    const gbx__str *names = node_aliases(im, json, "expressions", n);
    if (exprs == NULL || names == NULL) return NULL;
    return is_unnest ? gbx__node_unnest(im->b, input, n, exprs, names, GBX_NO_POS)
                     : gbx__node_window(im->b, input, n, exprs, names, GBX_NO_POS);
}

static const gbx__node *node_sample(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"sample_options", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key option_keys[] = {
        {"sample_size", GBX_KEY_USED}, {"is_percentage", GBX_KEY_USED},
        {"method", GBX_KEY_USED},      {"seed", GBX_KEY_USED},
        {"repeatable", GBX_KEY_USED},  {"sample_rate", GBX_KEY_NOISE},
        {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "SAMPLE")) return NULL;
    yyjson_val *options = gbx__import_member(im, json, "sample_options");
    const gbx__node *input = gbx__import_child(im, json, 0);
    bool is_percent = false;
    if (input == NULL || !gbx__import_keys(im, options, option_keys, "SAMPLE") ||
        !gbx__import_bool(im, options, "is_percentage", &is_percent))
        return NULL;
    gbx__value value;
    const gbx__type *type = NULL;
    if (!gbx__import_value(im, yyjson_obj_get(options, "sample_size"), NULL, &type, &value))
        return NULL;
    const double amount = gbx__type_is_float(type) ? value.f64 : (double)value.i64;
    const gbx__str method = gbx__import_text(im, options, "method");
    gbx__sample_method kind = GBX_SAMPLE_SYSTEM;
    if (gbx__str_is_nocase(method, "bernoulli"))
        kind = GBX_SAMPLE_BERNOULLI;
    else if (gbx__str_is_nocase(method, "reservoir"))
        kind = GBX_SAMPLE_RESERVOIR;
    else if (!gbx__str_is_nocase(method, "system"))
        return gbx__import_refuse(im, GBX_NO_POS, "SAMPLE by %.*s", GBX_STR_ARG(method));
    uint64_t seed = GBX_IMPORT_UNSET;
    yyjson_val *seed_json = gbx__import_member(im, options, "seed");
    const bool has_none = yyjson_is_null(seed_json) || yyjson_is_sint(seed_json); /* −1 */
    if (!has_none && !gbx__import_index(im, options, "seed", &seed)) return NULL;
    const bool has_seed = seed <= INT64_MAX;
    return gbx__node_sample(im->b, input, kind, is_percent, amount, has_seed,
                            has_seed ? (int64_t)seed : 0, GBX_NO_POS);
}

static const struct {
    const char *type;
    size_t max_children;
    const gbx__node *(*import)(gbx__importer *im, yyjson_val *json);
} node_importers[] = {
    {"LOGICAL_GET", 1, gbx__import_get},
    {"LOGICAL_DUMMY_SCAN", 0, gbx__import_get},
    {"LOGICAL_EXPRESSION_GET", 1, gbx__import_get},
    {"LOGICAL_EMPTY_RESULT", 0, gbx__import_get},
    {"LOGICAL_CHUNK_GET", 0, gbx__import_get},
    {"LOGICAL_PROJECTION", 1, node_project},
    {"LOGICAL_FILTER", 1, node_filter},
    {"LOGICAL_AGGREGATE_AND_GROUP_BY", 1, node_aggregate},
    {"LOGICAL_COMPARISON_JOIN", 2, gbx__import_join},
    {"LOGICAL_ANY_JOIN", 2, gbx__import_join},
    {"LOGICAL_ASOF_JOIN", 2, gbx__import_join},
    {"LOGICAL_CROSS_PRODUCT", 2, gbx__import_join},
    {"LOGICAL_POSITIONAL_JOIN", 2, gbx__import_join},
    {"LOGICAL_ORDER_BY", 1, node_sort},
    {"LOGICAL_LIMIT", 1, node_limit},
    {"LOGICAL_DISTINCT", 1, node_distinct},
    {"LOGICAL_UNION", SIZE_MAX, gbx__import_setop},
    {"LOGICAL_EXCEPT", SIZE_MAX, gbx__import_setop},
    {"LOGICAL_INTERSECT", SIZE_MAX, gbx__import_setop},
    {"LOGICAL_SAMPLE", 1, node_sample},
    {"LOGICAL_MATERIALIZED_CTE", 2, gbx__import_cte_def},
    {"LOGICAL_CTE_REF", 0, gbx__import_cte_use},
    {"LOGICAL_RECURSIVE_CTE", 2, gbx__import_recursive},
    {"LOGICAL_WINDOW", 1, node_window},
    {"LOGICAL_UNNEST", 1, node_window},
};

static const gbx__node *node_dispatch(gbx__importer *im, yyjson_val *json)
{
    const gbx__str type = gbx__import_text(im, json, "type");
    if (gbx__import_failed(im)) return NULL;
    const size_t n_children = yyjson_arr_size(yyjson_obj_get(json, "children"));
    for (size_t i = 0; i < sizeof(node_importers) / sizeof(node_importers[0]); i++) {
        if (!gbx__str_is(type, node_importers[i].type)) continue;
        if (n_children > node_importers[i].max_children)
            return gbx__import_refuse(im, GBX_NO_POS, "the operator %.*s over %zu inputs",
                                      GBX_STR_ARG(type), n_children);
        return node_importers[i].import(im, json);
    }
    return gbx__import_refuse(im, GBX_NO_POS, "the operator %.*s", GBX_STR_ARG(type));
}

const gbx__node *gbx__import_node(gbx__importer *im, yyjson_val *json)
{
    if (gbx__import_failed(im) || !gbx__import_enter(im)) return NULL;
    const gbx__node *node = node_remember(im, json, node_dispatch(im, json));
    gbx__import_leave(im);
    return node;
}
