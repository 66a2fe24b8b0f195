/*
 * BOUND_WINDOW: window functions, and aggregates over a window, with their frames.
 */
#include "sql/import_priv.h"

#include <string.h>

static const struct {
    const char *type;
    const char *function; /* NULL: an aggregate, named by qname */
} window_functions[] = {
    {"WINDOW_AGGREGATE", NULL},
    {"WINDOW_ROW_NUMBER", "row_number"},
    {"WINDOW_RANK", "rank"},
    {"WINDOW_RANK_DENSE", "dense_rank"},
    {"WINDOW_DENSE_RANK", "dense_rank"},
    {"WINDOW_PERCENT_RANK", "percent_rank"},
    {"WINDOW_CUME_DIST", "cume_dist"},
    {"WINDOW_NTILE", "ntile"},
    {"WINDOW_LEAD", "lead"},
    {"WINDOW_LAG", "lag"},
    {"WINDOW_FIRST_VALUE", "first_value"},
    {"WINDOW_LAST_VALUE", "last_value"},
    {"WINDOW_NTH_VALUE", "nth_value"},
    {"WINDOW_FILL", "fill"},
};

static const struct {
    const char *text;
    gbx__bound_kind kind;
    bool has_unit;
    gbx__frame_unit unit;
} window_bounds[] = {
    {"UNBOUNDED_PRECEDING", GBX_BOUND_UNBOUNDED_PRECEDING, false, GBX_FRAME_RANGE},
    {"UNBOUNDED_FOLLOWING", GBX_BOUND_UNBOUNDED_FOLLOWING, false, GBX_FRAME_RANGE},
    {"CURRENT_ROW_ROWS", GBX_BOUND_CURRENT_ROW, true, GBX_FRAME_ROWS},
    {"CURRENT_ROW_RANGE", GBX_BOUND_CURRENT_ROW, true, GBX_FRAME_RANGE},
    {"CURRENT_ROW_GROUPS", GBX_BOUND_CURRENT_ROW, true, GBX_FRAME_GROUPS},
    {"EXPR_PRECEDING_ROWS", GBX_BOUND_PRECEDING, true, GBX_FRAME_ROWS},
    {"EXPR_PRECEDING_RANGE", GBX_BOUND_PRECEDING, true, GBX_FRAME_RANGE},
    {"EXPR_PRECEDING_GROUPS", GBX_BOUND_PRECEDING, true, GBX_FRAME_GROUPS},
    {"EXPR_FOLLOWING_ROWS", GBX_BOUND_FOLLOWING, true, GBX_FRAME_ROWS},
    {"EXPR_FOLLOWING_RANGE", GBX_BOUND_FOLLOWING, true, GBX_FRAME_RANGE},
    {"EXPR_FOLLOWING_GROUPS", GBX_BOUND_FOLLOWING, true, GBX_FRAME_GROUPS},
};

static const struct {
    const char *text;
    gbx__frame_exclude exclude;
} window_excludes[] = {
    {"NO_OTHER", GBX_EXCLUDE_NO_OTHERS},
    {"CURRENT_ROW", GBX_EXCLUDE_CURRENT_ROW},
    {"GROUP", GBX_EXCLUDE_GROUP},
    {"TIES", GBX_EXCLUDE_TIES},
};

/* One end of the frame; a unit that both ends name must be the same. */
static bool window_bound(gbx__importer *im, yyjson_val *json, const char *key,
                         gbx__bound_kind *kind, gbx__frame_unit *unit, bool *has_unit)
{
    const gbx__str text = gbx__import_text(im, json, key);
    for (size_t i = 0; i < sizeof(window_bounds) / sizeof(window_bounds[0]); i++) {
        if (!gbx__str_is(text, window_bounds[i].text)) continue;
        *kind = window_bounds[i].kind;
        if (!window_bounds[i].has_unit) return true;
        if (*has_unit && *unit != window_bounds[i].unit) break;
        *unit = window_bounds[i].unit;
        *has_unit = true;
        return true;
    }
    gbx__import_refuse(im, GBX_NO_POS, "the window frame %.*s", GBX_STR_ARG(text));
    return false;
}

/* The offset of PRECEDING or FOLLOWING. For RANGE the binder has made it the border's value (key
 * - offset or key + offset): the offset is the second argument. */
static const gbx__expr *window_offset(gbx__importer *im, yyjson_val *json, const char *key,
                                      gbx__bound_kind kind, gbx__frame_unit unit, gbx__env env)
{
    yyjson_val *offset = gbx__import_member(im, json, key);
    const bool wants = kind == GBX_BOUND_PRECEDING || kind == GBX_BOUND_FOLLOWING;
    if (offset == NULL || wants == yyjson_is_null(offset))
        return gbx__import_refuse(im, GBX_NO_POS, "a window frame %s its distance",
                                  wants ? "without" : "that does not need");
    if (!wants) return NULL;
    const gbx__expr *expr = gbx__import_expr(im, offset, env);
    if (expr == NULL || unit != GBX_FRAME_RANGE) return expr;
    while (expr->kind == GBX_EX_CAST) expr = expr->args[0];
    if (expr->kind == GBX_EX_CALL && expr->n_args == 2 &&
        (strcmp(expr->fn->name, "+") == 0 || strcmp(expr->fn->name, "-") == 0))
        return expr->args[1];
    return gbx__import_refuse(im, GBX_NO_POS, "a window frame over a range of this kind");
}

static const gbx__sort_key *window_orders(gbx__importer *im, yyjson_val *json, const char *key,
                                          gbx__env env, uint32_t *out_n)
{
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, json, key, &n);
    return list == NULL ? NULL : gbx__import_orders(im, list, env, out_n);
}

static bool window_exclude(gbx__importer *im, yyjson_val *json, gbx__frame_exclude *out)
{
    const gbx__str text = gbx__import_text(im, json, "exclude_clause");
    for (size_t i = 0; i < sizeof(window_excludes) / sizeof(window_excludes[0]); i++) {
        if (!gbx__str_is(text, window_excludes[i].text)) continue;
        *out = window_excludes[i].exclude;
        return true;
    }
    gbx__import_refuse(im, GBX_NO_POS, "the window's EXCLUDE %.*s", GBX_STR_ARG(text));
    return false;
}

static gbx__window_spec *window_spec(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    gbx__window_spec *spec = GBX_ARENA_NEW(&im->b->arena, gbx__window_spec);
    if (spec == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    bool has_unit = false;
    spec->unit = GBX_FRAME_RANGE;
    spec->partitions = gbx__import_exprs(im, json, "partitions", env, &spec->n_partitions);
    spec->order = window_orders(im, json, "orders", env, &spec->n_order);
    spec->arg_order = window_orders(im, json, "arg_orders", env, &spec->n_arg_order);
    if (!window_bound(im, json, "start", &spec->start, &spec->unit, &has_unit) ||
        !window_bound(im, json, "end", &spec->end, &spec->unit, &has_unit) ||
        !window_exclude(im, json, &spec->exclude) ||
        !gbx__import_bool(im, json, "distinct", &spec->distinct) ||
        !gbx__import_bool(im, json, "ignore_nulls", &spec->ignore_nulls))
        return NULL;
    spec->start_offset = window_offset(im, json, "start_expr", spec->start, spec->unit, env);
    spec->end_offset = window_offset(im, json, "end_expr", spec->end, spec->unit, env);
    yyjson_val *filter = gbx__import_member(im, json, "filters");
    if (filter != NULL && !yyjson_is_null(filter)) spec->filter = gbx__import_expr(im, filter, env);
    return gbx__import_failed(im) ? NULL : spec;
}

static const gbx__function *window_function(gbx__importer *im, yyjson_val *json, gbx__pos pos,
                                            gbx__str *name)
{
    const gbx__str type = gbx__import_text(im, json, "type");
    for (size_t i = 0; i < sizeof(window_functions) / sizeof(window_functions[0]); i++) {
        if (!gbx__str_is(type, window_functions[i].type)) continue;
        if (window_functions[i].function != NULL) {
            *name = gbx__str_of(window_functions[i].function);
            return gbx__import_find(im, GBX_FN_WINDOW, *name, pos);
        }
        *name = gbx__import_qname(im, json);
        if (gbx__import_failed(im)) return NULL;
        return gbx__import_find(im, GBX_FN_AGGREGATE, *name, pos);
    }
    return gbx__import_refuse(im, pos, "the window function %.*s", GBX_STR_ARG(type));
}

/* As for aggregates: integer sums are int64. */
static const gbx__type *window_type(gbx__str name, const gbx__type *type, uint32_t n,
                                    const gbx__expr *const *args)
{
    if (gbx__str_is(name, "sum") && type->kind == GBX_TYPE_INT128 && n == 1 &&
        args[0]->type->kind != GBX_TYPE_INT128 && args[0]->type->kind != GBX_TYPE_UINT128)
        return gbx__type_plain(GBX_TYPE_INT64);
    return type;
}

const gbx__expr *gbx__import_window(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {
        {"expression_class", GBX_KEY_USED},
        {"type", GBX_KEY_USED},
        {"alias", GBX_KEY_NOISE},
        {"query_location", GBX_KEY_USED},
        {"query_location_length", GBX_KEY_USED},
        {"return_type", GBX_KEY_USED},
        {"children", GBX_KEY_USED},
        {"arguments", GBX_KEY_NOISE},
        {"qname", GBX_KEY_USED},
        {"has_serialize", GBX_KEY_NOISE},
        {"function_data", GBX_KEY_USED},
        {"partitions", GBX_KEY_USED},
        {"orders", GBX_KEY_USED},
        {"filters", GBX_KEY_USED},
        {"ignore_nulls", GBX_KEY_USED},
        {"start", GBX_KEY_USED},
        {"end", GBX_KEY_USED},
        {"start_expr", GBX_KEY_USED},
        {"end_expr", GBX_KEY_USED},
        {"offset_expr", GBX_KEY_EMPTY},
        {"default_expr", GBX_KEY_EMPTY},
        {"exclude_clause", GBX_KEY_USED},
        {"distinct", GBX_KEY_USED},
        {"arg_orders", GBX_KEY_USED},
        /* how the binder came from the written range to start_expr and end_expr: the latter say
         * it */
        {"sql_range_start", GBX_KEY_NOISE},
        {"sql_range_end", GBX_KEY_NOISE},
        {"sql_range_order_type", GBX_KEY_NOISE},
        {"sql_range_start_boundary", GBX_KEY_NOISE},
        {"sql_range_end_boundary", GBX_KEY_NOISE},
        {"sql_range_order_casts", GBX_KEY_NOISE},
        {"positional_arguments", GBX_KEY_NOISE},
        {"named_arguments", GBX_KEY_EMPTY},
        {NULL, GBX_KEY_USED}};
    const gbx__pos pos = gbx__import_pos(im, json);
    if (!gbx__import_keys(im, json, keys, "a window function")) return NULL;
    gbx__str name = {0};
    const gbx__function *fn = window_function(im, json, pos, &name);
    if (fn == NULL) return NULL;
    uint32_t n = 0;
    const gbx__expr *const *children = gbx__import_exprs(im, json, "children", env, &n);
    yyjson_val *type_json = gbx__import_member(im, json, "return_type");
    const gbx__type *type = type_json == NULL ? NULL : gbx__import_type(im, type_json);
    const gbx__window_spec *spec = window_spec(im, json, env);
    const gbx__expr *args[8];
    if (children == NULL || type == NULL || spec == NULL) return NULL;
    if (n > 8) return gbx__import_refuse(im, pos, "a window function of %u arguments", n);
    if (n > 0) memcpy(args, children, n * sizeof(args[0]));
    if (!gbx__import_function_data(im, json, name, pos, args, n)) return NULL;
    gbx__expr *call =
        gbx__expr_new(&im->b->arena, GBX_EX_WINDOW, window_type(name, type, n, args), pos, n, args);
    if (call == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    call->fn = fn;
    call->window = spec;
    return call;
}
