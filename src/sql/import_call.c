/*
 * Function calls: scalar functions, casts, comparisons, lambdas and aggregates. Windows are in
 * import_window.c.
 */
#include "sql/import_priv.h"

#include <string.h>

#define CALL_KEYS                                                                                  \
    {"expression_class", GBX_KEY_USED}, {"type", GBX_KEY_USED}, {"alias", GBX_KEY_NOISE},          \
        {"query_location", GBX_KEY_USED}, {"query_location_length", GBX_KEY_USED},                 \
        {"return_type", GBX_KEY_USED}, {"children", GBX_KEY_USED}, {"arguments", GBX_KEY_NOISE},   \
        {"qname", GBX_KEY_USED}, {"has_serialize", GBX_KEY_NOISE},                                 \
    {                                                                                              \
        "function_data", GBX_KEY_USED                                                              \
    }

static void *call_nomem(gbx__importer *im)
{
    return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

gbx__str gbx__import_qname(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"path", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    yyjson_val *qname = gbx__import_member(im, json, "qname");
    if (qname == NULL || !gbx__import_keys(im, qname, keys, "a function's name"))
        return GBX_STR("");
    size_t n = 0;
    yyjson_val *path = gbx__import_array(im, qname, "path", &n);
    yyjson_val *last = n > 0 ? yyjson_arr_get_last(path) : NULL;
    if (!yyjson_is_str(last)) {
        gbx__import_refuse(im, GBX_NO_POS, "a function without a name");
        return GBX_STR("");
    }
    return gbx__json_str(last);
}

const gbx__function *gbx__import_find(gbx__importer *im, gbx__function_kind kind, gbx__str name,
                                      gbx__pos pos)
{
    const gbx__function *fn = gbx__function_find(kind, name);
    if (fn == NULL) gbx__import_refuse(im, pos, "the function %.*s", GBX_STR_ARG(name));
    return fn;
}

const gbx__expr *gbx__import_call(gbx__importer *im, const char *name, const gbx__type *type,
                                  gbx__pos pos, uint32_t n, const gbx__expr *const *args)
{
    const gbx__function *fn = gbx__import_find(im, GBX_FN_SCALAR, gbx__str_of(name), pos);
    if (fn == NULL || type == NULL) return NULL;
    const gbx__expr *call = gbx__expr_call(&im->b->arena, fn, type, pos, n, args);
    return call != NULL ? call : call_nomem(im);
}

static const gbx__type *call_type(gbx__importer *im, yyjson_val *json)
{
    yyjson_val *type = gbx__import_member(im, json, "return_type");
    return type == NULL ? NULL : gbx__import_type(im, type);
}

/* --- casts and comparisons -------------------------------------------------------------------- */

static const struct {
    const char *type;
    const char *function;
} call_comparisons[] = {
    {"COMPARE_EQUAL", "="},
    {"COMPARE_NOTEQUAL", "<>"},
    {"COMPARE_LESSTHAN", "<"},
    {"COMPARE_GREATERTHAN", ">"},
    {"COMPARE_LESSTHANOREQUALTO", "<="},
    {"COMPARE_GREATERTHANOREQUALTO", ">="},
    {"COMPARE_DISTINCT_FROM", "is_distinct_from"},
    {"COMPARE_NOT_DISTINCT_FROM", "is_not_distinct_from"},
};

static const char *call_comparison(gbx__str type)
{
    for (size_t i = 0; i < sizeof(call_comparisons) / sizeof(call_comparisons[0]); i++) {
        if (gbx__str_is(type, call_comparisons[i].type)) return call_comparisons[i].function;
    }
    return NULL;
}

/* Is the argument an aggregate's state (import_type.c)? */
static bool call_casts_state(yyjson_val *json)
{
    yyjson_val *child = yyjson_arr_get_first(yyjson_obj_get(json, "children"));
    yyjson_val *info = yyjson_obj_get(yyjson_obj_get(child, "return_type"), "type_info");
    return yyjson_equals_str(yyjson_obj_get(info, "alias"), "AGGREGATE_STATE");
}

static const gbx__expr *call_cast(gbx__importer *im, yyjson_val *json, gbx__env env, gbx__pos pos)
{
    static const gbx__key keys[] = {
        {"try_cast", GBX_KEY_USED}, {"is_default_cast", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}};
    yyjson_val *data = gbx__import_member(im, json, "function_data");
    bool is_try = false;
    uint32_t n = 0;
    const gbx__expr *const *args = gbx__import_exprs(im, json, "children", env, &n);
    const gbx__type *type = call_type(im, json);
    if (args == NULL || type == NULL || data == NULL ||
        !gbx__import_keys(im, data, keys, "a cast") ||
        !gbx__import_bool(im, data, "try_cast", &is_try))
        return NULL;
    if (n != 1) return gbx__import_refuse(im, pos, "a cast of %u values", n);
    if (call_casts_state(json)) { /* to what it holds: the same here, not for the engine */
        gbx__expr *cast = gbx__expr_new(&im->b->arena, GBX_EX_CAST, type, pos, 1, args);
        if (cast == NULL) return call_nomem(im);
        cast->is_try = is_try;
        return cast;
    }
    return gbx__import_cast(im, args[0], type, is_try, pos);
}

static bool call_is_stable(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->fn == NULL || expr->fn->volatility != GBX_VOLATILITY_ROW;
}

/* --- lambdas ---------------------------------------------------------------------------------- */

/* The scope of a lambda's body: parameters in reverse order, then captures. */
static bool lambda_scope(gbx__importer *im, yyjson_val *lambda, const gbx__expr *const *captures,
                         uint32_t n_captures, gbx__col_id *params, size_t n_params,
                         gbx__slot *slots)
{
    size_t n_names = 0;
    gbx__import_array(im, lambda, "parameter_names", &n_names);
    for (size_t i = 0; i < n_params; i++) {
        params[i] = gbx__plan_new_col(im->b);
        /* the type is that of the first use: BOUND_REFs state it */
        slots[n_params - 1 - i] = (gbx__slot){params[i], NULL, NULL};
    }
    for (uint32_t i = 0; i < n_captures; i++)
        slots[n_params + i] = (gbx__slot){0, NULL, captures[i]};
    return !gbx__import_failed(im);
}

/* Lambda parameters get their type from the references to them in the body's JSON. */
static void lambda_find_types(gbx__importer *im, yyjson_val *json, gbx__slot *slots, size_t n)
{
    if (yyjson_is_arr(json)) {
        yyjson_arr_iter iter = yyjson_arr_iter_with(json);
        yyjson_val *item = NULL;
        while ((item = yyjson_arr_iter_next(&iter)) != NULL) lambda_find_types(im, item, slots, n);
        return;
    }
    if (!yyjson_is_obj(json)) return;
    if (yyjson_equals_str(yyjson_obj_get(json, "expression_class"), "BOUND_REF")) {
        const uint64_t index = yyjson_get_uint(yyjson_obj_get(json, "index"));
        if (index < n && slots[index].type == NULL && slots[index].expr == NULL)
            slots[index].type = gbx__import_type(im, yyjson_obj_get(json, "return_type"));
        return;
    }
    /* an inner lambda's body has its own numbering; its captures are its siblings */
    if (yyjson_equals_str(yyjson_obj_get(json, "expression_class"), "BOUND_LAMBDA")) return;
    yyjson_obj_iter iter = yyjson_obj_iter_with(json);
    yyjson_val *key = NULL;
    while ((key = yyjson_obj_iter_next(&iter)) != NULL) {
        if (yyjson_equals_str(key, "function_data")) continue;
        lambda_find_types(im, yyjson_obj_iter_get_val(key), slots, n);
    }
}

static const gbx__expr *call_lambda(gbx__importer *im, yyjson_val *lambda,
                                    const gbx__expr *const *captures, uint32_t n_captures)
{
    static const gbx__key keys[] = {{"expression_class", GBX_KEY_USED},
                                    {"type", GBX_KEY_NOISE},
                                    {"alias", GBX_KEY_NOISE},
                                    {"query_location", GBX_KEY_USED},
                                    {"query_location_length", GBX_KEY_USED},
                                    {"return_type", GBX_KEY_NOISE},
                                    {"lambda_expr", GBX_KEY_USED},
                                    {"captures", GBX_KEY_EMPTY},
                                    {"parameter_count", GBX_KEY_NOISE},
                                    {"parameter_names", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    size_t n_params = 0;
    if (!gbx__import_keys(im, lambda, keys, "a lambda")) return NULL;
    gbx__import_array(im, lambda, "parameter_names", &n_params);
    gbx__slot *slots = GBX_ARENA_ARRAY(&im->b->arena, n_params + n_captures + 1, gbx__slot);
    gbx__col_id *params = GBX_ARENA_ARRAY(&im->b->arena, n_params + 1, gbx__col_id);
    if (slots == NULL || params == NULL) return call_nomem(im);
    if (!lambda_scope(im, lambda, captures, n_captures, params, n_params, slots)) return NULL;
    yyjson_val *body_json = gbx__import_member(im, lambda, "lambda_expr");
    lambda_find_types(im, body_json, slots, n_params);
    for (size_t i = 0; i < n_params; i++) {
        if (slots[i].type == NULL) slots[i].type = gbx__type_plain(GBX_TYPE_NULL); /* unused */
    }
    const gbx__expr *body =
        gbx__import_expr(im, body_json, (gbx__env){n_params + n_captures, slots});
    if (body == NULL) return NULL;
    gbx__expr *expr = gbx__expr_new(&im->b->arena, GBX_EX_LAMBDA, body->type,
                                    gbx__import_pos(im, lambda), 1, &body);
    if (expr == NULL) return call_nomem(im);
    expr->lambda.n_params = (uint32_t)n_params;
    expr->lambda.params = params;
    return expr;
}

/* children: list, lambda, [initial,] captures…: becomes fn(list, lambda[, initial]). */
static const gbx__expr *call_with_lambda(gbx__importer *im, yyjson_val *json, gbx__env env,
                                         gbx__str name, gbx__pos pos)
{
    static const gbx__key data_keys[] = {{"return_type", GBX_KEY_NOISE},
                                         {"lambda_expr", GBX_KEY_NOISE},
                                         {"has_index", GBX_KEY_NOISE},
                                         {"has_initial", GBX_KEY_USED},
                                         {NULL, GBX_KEY_USED}};
    yyjson_val *data = yyjson_obj_get(json, "function_data");
    const gbx__function *fn = gbx__import_find(im, GBX_FN_SCALAR, name, pos);
    const gbx__type *type = call_type(im, json);
    if (fn == NULL || type == NULL || !gbx__import_keys(im, data, data_keys, "a lambda call"))
        return NULL;
    if ((fn->flags & GBX_FN_LAMBDA) == 0)
        return gbx__import_refuse(im, pos, "a lambda for %.*s", GBX_STR_ARG(name));
    const bool has_initial = yyjson_is_true(yyjson_obj_get(data, "has_initial"));
    size_t n = 0;
    yyjson_val *children = gbx__import_array(im, json, "children", &n);
    const uint32_t n_fixed = has_initial ? 3 : 2;
    const gbx__expr **args = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (args == NULL) return call_nomem(im);
    if (n < n_fixed) return gbx__import_refuse(im, pos, "a lambda call without a list");
    yyjson_val *lambda = yyjson_arr_get(children, 1);
    for (size_t i = 0; i < n; i++) {
        if (i == 1) continue;
        args[i] = gbx__import_expr(im, yyjson_arr_get(children, i), env);
        if (args[i] == NULL) return NULL;
    }
    args[1] = call_lambda(im, lambda, args + n_fixed, (uint32_t)n - n_fixed);
    if (args[1] == NULL) return NULL;
    const gbx__expr *call = gbx__expr_call(&im->b->arena, fn, type, pos, n_fixed, args);
    return call != NULL ? call : call_nomem(im);
}

static bool call_is_lambda(yyjson_val *json, size_t index)
{
    yyjson_val *child = yyjson_arr_get(yyjson_obj_get(json, "children"), index);
    return yyjson_equals_str(yyjson_obj_get(child, "expression_class"), "BOUND_LAMBDA");
}

/* invoke(lambda, arguments…, captures…): the lambda's body with the arguments in it. */
static const gbx__expr *call_invoke(gbx__importer *im, yyjson_val *json, gbx__env env, gbx__pos pos)
{
    size_t n = 0;
    size_t n_params = 0;
    yyjson_val *children = gbx__import_array(im, json, "children", &n);
    yyjson_val *lambda = yyjson_arr_get_first(children);
    gbx__import_array(im, lambda, "parameter_names", &n_params);
    if (gbx__import_failed(im)) return NULL;
    if (n < n_params + 1)
        return gbx__import_refuse(im, pos, "a lambda called with too few arguments");
    gbx__slot *slots = GBX_ARENA_ARRAY(&im->b->arena, n, gbx__slot);
    if (slots == NULL) return call_nomem(im);
    for (size_t i = 1; i < n; i++) {
        const gbx__expr *arg = gbx__import_expr(im, yyjson_arr_get(children, i), env);
        if (arg == NULL) return NULL;
        if (!gbx__expr_walk(arg, call_is_stable, NULL))
            return gbx__import_refuse(im, pos,
                                      "a lambda over a value that changes from call to call");
        const size_t slot = i <= n_params ? n_params - i : i - 1;
        slots[slot] = (gbx__slot){0, arg->type, arg};
    }
    return gbx__import_expr(im, gbx__import_member(im, lambda, "lambda_expr"),
                            (gbx__env){n - 1, slots});
}

/* --- scalar functions ------------------------------------------------------------------------- */

/* Names of arguments: the fields of a struct constructor, or what "named_arguments" says. */
static bool call_arg_names(gbx__importer *im, yyjson_val *json, gbx__str name,
                           const gbx__type *type, uint32_t n_args, const gbx__str **out)
{
    if (gbx__str_is(name, "struct_pack")) {
        if (type->kind != GBX_TYPE_STRUCT || type->n_fields != n_args) return false;
        gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, n_args + 1, gbx__str);
        if (names == NULL) return call_nomem(im) != NULL;
        for (uint32_t i = 0; i < n_args; i++) names[i] = type->fields[i].name;
        *out = names;
        return true;
    }
    yyjson_val *named = yyjson_obj_get(json, "named_arguments");
    const size_t n_named = yyjson_arr_size(named);
    if (n_named == 0) return true;
    if (n_named > n_args) return false;
    gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, n_args + 1, gbx__str);
    if (names == NULL) return call_nomem(im) != NULL;
    for (size_t i = 0; i < n_named; i++) {
        yyjson_val *item = yyjson_arr_get(named, i);
        if (!yyjson_is_str(item)) return false;
        names[n_args - n_named + i] =
            gbx__arena_str(&im->b->arena, gbx__json_str(item));
    }
    *out = names;
    return true;
}

/* x BETWEEN low AND high: two comparisons, where x may be computed twice. */
static const gbx__expr *call_between(gbx__importer *im, yyjson_val *json, gbx__env env,
                                     gbx__pos pos)
{
    static const gbx__key keys[] = {
        {"lower_inclusive", GBX_KEY_TRUE}, {"upper_inclusive", GBX_KEY_TRUE}, {NULL, GBX_KEY_USED}};
    yyjson_val *data = gbx__import_member(im, json, "function_data");
    uint32_t n = 0;
    const gbx__expr *const *args = gbx__import_exprs(im, json, "children", env, &n);
    if (args == NULL || data == NULL || !gbx__import_keys(im, data, keys, "BETWEEN")) return NULL;
    if (n != 3 || !gbx__expr_walk(args[0], call_is_stable, NULL))
        return gbx__import_refuse(im, pos, "BETWEEN of a value that changes from call to call");
    const gbx__type *boolean = gbx__type_plain(GBX_TYPE_BOOL);
    const gbx__expr *low[] = {args[0], args[1]};
    const gbx__expr *high[] = {args[0], args[2]};
    const gbx__expr *both[] = {gbx__import_call(im, ">=", boolean, pos, 2, low),
                               gbx__import_call(im, "<=", boolean, pos, 2, high)};
    if (both[0] == NULL || both[1] == NULL) return NULL;
    return gbx__import_call(im, "and", boolean, pos, 2, both);
}

static const gbx__expr *call_scalar(gbx__importer *im, yyjson_val *json, gbx__env env,
                                    gbx__str name, gbx__pos pos)
{
    if (gbx__str_is(name, "invoke") && call_is_lambda(json, 0))
        return call_invoke(im, json, env, pos);
    if (call_is_lambda(json, 1)) return call_with_lambda(im, json, env, name, pos);
    uint32_t n = 0;
    const gbx__expr *const *children = gbx__import_exprs(im, json, "children", env, &n);
    const gbx__type *type = call_type(im, json);
    if (children == NULL || type == NULL) return NULL;
    const gbx__expr **args = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (args == NULL) return call_nomem(im);
    if (n > 0) memcpy(args, children, n * sizeof(*args));
    const gbx__str *names = NULL;
    if (!gbx__import_function_data(im, json, name, pos, args, n)) return NULL;
    if (!call_arg_names(im, json, name, type, n, &names))
        return gbx__import_refuse(im, pos, "named arguments of %.*s", GBX_STR_ARG(name));
    const gbx__function *fn = gbx__import_find(im, GBX_FN_SCALAR, name, pos);
    if (fn == NULL) return NULL;
    gbx__expr *call = gbx__expr_new(&im->b->arena, GBX_EX_CALL, type, pos, n, args);
    if (call == NULL) return call_nomem(im);
    call->fn = fn;
    call->arg_names = names;
    return call;
}

const gbx__expr *gbx__import_function(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {CALL_KEYS,
                                    {"is_operator", GBX_KEY_NOISE},
                                    {"positional_arguments", GBX_KEY_NOISE},
                                    {"named_arguments", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    const gbx__pos pos = gbx__import_pos(im, json);
    const gbx__str type = gbx__import_text(im, json, "type");
    if (!gbx__import_keys(im, json, keys, "a function call")) return NULL;
    if (gbx__str_is(type, "OPERATOR_CAST")) return call_cast(im, json, env, pos);
    const char *comparison = call_comparison(type);
    if (comparison != NULL) {
        uint32_t n = 0;
        const gbx__expr *const *args = gbx__import_exprs(im, json, "children", env, &n);
        if (args == NULL) return NULL;
        return gbx__import_call(im, comparison, gbx__type_plain(GBX_TYPE_BOOL), pos, n, args);
    }
    if (gbx__str_is(type, "COMPARE_BETWEEN")) return call_between(im, json, env, pos);
    if (!gbx__str_is(type, "BOUND_FUNCTION"))
        return gbx__import_refuse(im, pos, "%.*s", GBX_STR_ARG(type));
    const gbx__str name = gbx__import_qname(im, json);
    if (gbx__import_failed(im)) return NULL;
    return call_scalar(im, json, env, name, pos);
}

/* --- aggregates ------------------------------------------------------------------------------- */

const gbx__sort_key *gbx__import_orders(gbx__importer *im, yyjson_val *array, gbx__env env,
                                        uint32_t *out_n)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"null_order", GBX_KEY_USED},
                                    {"expression", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!yyjson_is_arr(array))
        return gbx__import_refuse(im, GBX_NO_POS, "orders that are not a list");
    const size_t n = yyjson_arr_size(array);
    gbx__sort_key *out = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__sort_key);
    if (out == NULL) return call_nomem(im);
    yyjson_arr_iter iter = yyjson_arr_iter_with(array);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *item = yyjson_arr_iter_next(&iter);
        if (!gbx__import_keys(im, item, keys, "an order")) return NULL;
        const gbx__str type = gbx__import_text(im, item, "type");
        const gbx__str nulls = gbx__import_text(im, item, "null_order");
        out[i].descending = gbx__str_is(type, "DESCENDING");
        out[i].nulls_first = gbx__str_is(nulls, "NULLS FIRST");
        if ((!out[i].descending && !gbx__str_is(type, "ASCENDING")) ||
            (!out[i].nulls_first && !gbx__str_is(nulls, "NULLS LAST")))
            return gbx__import_refuse(im, GBX_NO_POS, "the order %.*s %.*s", GBX_STR_ARG(type),
                                      GBX_STR_ARG(nulls));
        out[i].expr = gbx__import_expr(im, gbx__import_member(im, item, "expression"), env);
        if (out[i].expr == NULL) return NULL;
    }
    *out_n = (uint32_t)n;
    return out;
}

/* {"orders": […]} or null */
static const gbx__sort_key *aggregate_order(gbx__importer *im, yyjson_val *json, gbx__env env,
                                            uint32_t *out_n)
{
    static const gbx__key keys[] = {
        {"orders", GBX_KEY_USED}, {"type", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}};
    yyjson_val *orders = gbx__import_member(im, json, "order_bys");
    *out_n = 0;
    if (orders == NULL || yyjson_is_null(orders)) return NULL;
    if (!gbx__import_keys(im, orders, keys, "an aggregate's order")) return NULL;
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, orders, "orders", &n);
    return list == NULL ? NULL : gbx__import_orders(im, list, env, out_n);
}

static gbx__agg_spec *aggregate_spec(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    gbx__agg_spec *spec = GBX_ARENA_NEW(&im->b->arena, gbx__agg_spec);
    if (spec == NULL) return call_nomem(im);
    const gbx__str kind = gbx__import_text(im, json, "aggregate_type");
    spec->distinct = gbx__str_is(kind, "DISTINCT");
    if (!spec->distinct && !gbx__str_is(kind, "NON_DISTINCT"))
        return gbx__import_refuse(im, GBX_NO_POS, "a %.*s aggregate", GBX_STR_ARG(kind));
    const gbx__str state = gbx__import_text(im, json, "state_export");
    spec->is_state = gbx__str_is(state, "STATE_EXPORT");
    if (!spec->is_state && !gbx__str_is(state, "NONE"))
        return gbx__import_refuse(im, GBX_NO_POS, "an aggregate's %.*s", GBX_STR_ARG(state));
    yyjson_val *filter = gbx__import_member(im, json, "filter");
    if (filter != NULL && !yyjson_is_null(filter)) spec->filter = gbx__import_expr(im, filter, env);
    spec->order = aggregate_order(im, json, env, &spec->n_order);
    return gbx__import_failed(im) ? NULL : spec;
}

/* Sums of integers are int64 with an overflow error, on every engine. */
static const gbx__type *aggregate_type(gbx__str name, const gbx__type *type, uint32_t n,
                                       const gbx__expr *const *args)
{
    if (gbx__str_is(name, "sum") && type->kind == GBX_TYPE_INT128 && n == 1 &&
        args[0]->type->kind != GBX_TYPE_INT128 && args[0]->type->kind != GBX_TYPE_UINT128)
        return gbx__type_plain(GBX_TYPE_INT64);
    return type;
}

const gbx__expr *gbx__import_aggregate(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {CALL_KEYS,
                                    {"aggregate_type", GBX_KEY_USED},
                                    {"filter", GBX_KEY_USED},
                                    {"order_bys", GBX_KEY_USED},
                                    {"state_export", GBX_KEY_USED},
                                    {"positional_arguments", GBX_KEY_NOISE},
                                    {"named_arguments", GBX_KEY_EMPTY},
                                    {NULL, GBX_KEY_USED}};
    const gbx__pos pos = gbx__import_pos(im, json);
    if (!gbx__import_keys(im, json, keys, "an aggregate")) return NULL;
    const gbx__str name = gbx__import_qname(im, json);
    uint32_t n = 0;
    const gbx__expr *const *children = gbx__import_exprs(im, json, "children", env, &n);
    const gbx__type *type = call_type(im, json);
    const gbx__agg_spec *spec = aggregate_spec(im, json, env);
    const gbx__expr *args[8];
    if (children == NULL || type == NULL || spec == NULL) return NULL;
    if (n > 4) return gbx__import_refuse(im, pos, "an aggregate of %u arguments", n);
    if (n > 0) memcpy(args, children, n * sizeof(args[0]));
    if (!gbx__import_function_data(im, json, name, pos, args, n)) return NULL;
    const gbx__function *fn = gbx__import_find(im, GBX_FN_AGGREGATE, name, pos);
    if (fn == NULL) return NULL;
    if (!spec->is_state) type = aggregate_type(name, type, n, args);
    gbx__expr *call = gbx__expr_new(&im->b->arena, GBX_EX_AGG, type, pos, n, args);
    if (call == NULL) return call_nomem(im);
    call->fn = fn;
    call->agg = spec;
    return call;
}
