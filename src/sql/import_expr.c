/*
 * Expressions, but for function calls (import_call.c).
 */
#include "sql/import_priv.h"

#include <string.h>

gbx__pos gbx__import_pos(const gbx__importer *im, yyjson_val *expr)
{
    yyjson_val *at = yyjson_obj_get(expr, "query_location");
    if (!yyjson_is_uint(at) || yyjson_get_uint(at) == GBX_IMPORT_UNSET) return GBX_NO_POS;
    const size_t start = yyjson_get_uint(at);
    const size_t len = yyjson_get_uint(yyjson_obj_get(expr, "query_location_length"));
    if (start > INT32_MAX || len > INT32_MAX) return GBX_NO_POS; /* no text is as long */
    const size_t from = gbx__edits_map_back(im->edits, start);
    const size_t to = gbx__edits_map_back(im->edits, start + len);
    return (gbx__pos){(int64_t)from, to > from ? (int64_t)(to - from) : 0};
}

static const gbx__expr *expr_check(gbx__importer *im, const gbx__expr *expr)
{
    if (expr == NULL) gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    return expr;
}

static const gbx__type *expr_return_type(gbx__importer *im, yyjson_val *json)
{
    yyjson_val *type = gbx__import_member(im, json, "return_type");
    return type == NULL ? NULL : gbx__import_type(im, type);
}

#define EXPR_KEYS                                                                                  \
    {"expression_class", GBX_KEY_USED}, {"type", GBX_KEY_USED}, {"alias", GBX_KEY_NOISE},          \
        {"query_location", GBX_KEY_USED},                                                          \
    {                                                                                              \
        "query_location_length", GBX_KEY_USED                                                      \
    }

/* The widened integer sum: int64 here, HUGEINT for the binder (plan-and-semantics: sums are
 * int64). */
static bool expr_is_widened(const gbx__type *have, const gbx__type *want)
{
    return have->kind == GBX_TYPE_INT64 && want->kind == GBX_TYPE_INT128;
}

const gbx__expr *gbx__import_cast(gbx__importer *im, const gbx__expr *arg, const gbx__type *type,
                                  bool is_try, gbx__pos pos)
{
    if (arg == NULL || type == NULL) return NULL;
    if (arg->kind == GBX_EX_CAST && expr_is_widened(arg->args[0]->type, arg->type) &&
        type->kind == GBX_TYPE_INT64)
        return arg->args[0];
    return expr_check(im, gbx__expr_cast(&im->b->arena, arg, type, is_try, pos));
}

static const gbx__expr *expr_ref(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {
        EXPR_KEYS, {"return_type", GBX_KEY_USED}, {"index", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    uint64_t index = 0;
    if (!gbx__import_keys(im, json, keys, "a column") ||
        !gbx__import_index(im, json, "index", &index))
        return NULL;
    const gbx__type *want = expr_return_type(im, json);
    if (want == NULL) return NULL;
    if (index >= env.n) return gbx__import_refuse(im, GBX_NO_POS, "a column of no input");
    const gbx__slot *slot = &env.slots[index];
    const gbx__expr *column =
        slot->expr != NULL
            ? slot->expr
            : expr_check(im, gbx__expr_column(&im->b->arena, slot->id, slot->type, GBX_NO_POS));
    if (column == NULL || gbx__type_equal(column->type, want)) return column;
    if (expr_is_widened(column->type, want))
        return gbx__import_cast(im, column, want, false, GBX_NO_POS);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 200);
    gbx__type_print(&text, column->type);
    gbx__buf_puts(&text, " read as ");
    gbx__type_print(&text, want);
    return gbx__import_refuse(im, GBX_NO_POS, "a column of type %s", text.failed ? "?" : text.data);
}

/* A column by (table, column), where the binder left one: only of operators that were imported. */
static const gbx__expr *expr_column_ref(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {EXPR_KEYS,
                                    {"return_type", GBX_KEY_NOISE},
                                    {"binding", GBX_KEY_USED},
                                    {"depth", GBX_KEY_EMPTY},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key binding_keys[] = {
        {"table_index", GBX_KEY_USED}, {"column_index", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    yyjson_val *binding = yyjson_obj_get(json, "binding");
    uint64_t table = 0;
    uint64_t column = 0;
    if (!gbx__import_keys(im, json, keys, "a column") ||
        !gbx__import_keys(im, binding, binding_keys, "a column's binding") ||
        !gbx__import_index(im, binding, "table_index", &table) ||
        !gbx__import_index(im, binding, "column_index", &column))
        return NULL;
    for (size_t i = im->tables.len; i-- > 0;) {
        const gbx__import_table *found = &im->tables.items[i];
        if (found->table_index != table || column >= found->n_cols) continue;
        const gbx__col *col = &found->cols[column];
        return expr_check(im, gbx__expr_column(&im->b->arena, col->id, col->type, GBX_NO_POS));
    }
    return gbx__import_refuse(im, gbx__import_pos(im, json), "a column of an outer query");
}

static const gbx__expr *expr_constant(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {EXPR_KEYS, {"value", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a constant")) return NULL;
    yyjson_val *value_json = gbx__import_member(im, json, "value");
    gbx__value value;
    const gbx__type *type = NULL;
    if (value_json == NULL || !gbx__import_value(im, value_json, NULL, &type, &value)) return NULL;
    return expr_check(im, gbx__expr_const(&im->b->arena, type, &value, gbx__import_pos(im, json)));
}

static const gbx__expr *expr_parameter(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {EXPR_KEYS,
                                    {"return_type", GBX_KEY_USED},
                                    {"identifier", GBX_KEY_USED},
                                    {"parameter_data", GBX_KEY_NOISE},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a parameter")) return NULL;
    const gbx__type *type = NULL;
    yyjson_val *type_json = gbx__import_member(im, json, "return_type");
    const char *id = yyjson_get_str(yyjson_obj_get(type_json, "id"));
    if (id != NULL && (strcmp(id, "UNKNOWN") == 0 || strcmp(id, "ANY") == 0))
        type = gbx__type_plain(GBX_TYPE_UTF8); /* nothing around it asks for another */
    else if (type_json != NULL)
        type = gbx__import_type(im, type_json);
    const gbx__str name = gbx__import_text(im, json, "identifier");
    if (type == NULL || gbx__import_failed(im)) return NULL;
    gbx__expr *expr =
        gbx__expr_new(&im->b->arena, GBX_EX_PARAM, type, gbx__import_pos(im, json), 0, NULL);
    if (expr != NULL) expr->name = gbx__arena_str(&im->b->arena, name);
    return expr_check(im, expr);
}

const gbx__expr *const *gbx__import_exprs(gbx__importer *im, yyjson_val *object, const char *key,
                                          gbx__env env, uint32_t *out_n)
{
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, object, key, &n);
    if (list == NULL) return NULL;
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (exprs == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n; i++) {
        exprs[i] = gbx__import_expr(im, yyjson_arr_iter_next(&iter), env);
        if (exprs[i] == NULL) return NULL;
    }
    *out_n = (uint32_t)n;
    return exprs;
}

static const gbx__expr *expr_conjunction(gbx__importer *im, yyjson_val *json, gbx__env env,
                                         gbx__str type)
{
    static const gbx__key keys[] = {EXPR_KEYS, {"children", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a conjunction")) return NULL;
    const bool is_and = gbx__str_is(type, "CONJUNCTION_AND");
    if (!is_and && !gbx__str_is(type, "CONJUNCTION_OR"))
        return gbx__import_refuse(im, gbx__import_pos(im, json), "%.*s", GBX_STR_ARG(type));
    uint32_t n = 0;
    const gbx__expr *const *args = gbx__import_exprs(im, json, "children", env, &n);
    if (args == NULL) return NULL;
    return gbx__import_call(im, is_and ? "and" : "or", gbx__type_plain(GBX_TYPE_BOOL),
                            gbx__import_pos(im, json), n, args);
}

static const gbx__expr *expr_case(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {EXPR_KEYS,
                                    {"return_type", GBX_KEY_USED},
                                    {"case_checks", GBX_KEY_USED},
                                    {"else_expr", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key check_keys[] = {
        {"when_expr", GBX_KEY_USED}, {"then_expr", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a case")) return NULL;
    size_t n = 0;
    yyjson_val *checks = gbx__import_array(im, json, "case_checks", &n);
    const gbx__type *type = expr_return_type(im, json);
    const gbx__expr **args = GBX_ARENA_ARRAY(&im->b->arena, 2 * n + 1, const gbx__expr *);
    if (checks == NULL || type == NULL || args == NULL) return NULL;
    yyjson_arr_iter iter = yyjson_arr_iter_with(checks);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *check = yyjson_arr_iter_next(&iter);
        if (!gbx__import_keys(im, check, check_keys, "a case")) return NULL;
        args[2 * i] = gbx__import_expr(im, yyjson_obj_get(check, "when_expr"), env);
        args[2 * i + 1] = gbx__import_expr(im, yyjson_obj_get(check, "then_expr"), env);
        if (args[2 * i] == NULL || args[2 * i + 1] == NULL) return NULL;
    }
    args[2 * n] = gbx__import_expr(im, yyjson_obj_get(json, "else_expr"), env);
    if (args[2 * n] == NULL) return NULL;
    return expr_check(im, gbx__expr_new(&im->b->arena, GBX_EX_CASE, type, gbx__import_pos(im, json),
                                        (uint32_t)(2 * n + 1), args));
}

static const struct {
    const char *type;
    const char *function;
} expr_operators[] = {
    {"OPERATOR_NOT", "not"},
    {"OPERATOR_IS_NULL", "is_null"},
    {"OPERATOR_IS_NOT_NULL", "is_not_null"},
    {"COMPARE_IN", "in"},
    {"COMPARE_NOT_IN", "not_in"},
    {"OPERATOR_COALESCE", "coalesce"},
    {"OPERATOR_TRY", "try"},
    {"GROUPING_FUNCTION", "grouping"},
};

static const gbx__expr *expr_operator(gbx__importer *im, yyjson_val *json, gbx__env env,
                                      gbx__str type)
{
    static const gbx__key keys[] = {
        EXPR_KEYS, {"return_type", GBX_KEY_USED}, {"children", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "an operator")) return NULL;
    const gbx__pos pos = gbx__import_pos(im, json);
    const char *name = NULL;
    for (size_t i = 0; i < sizeof(expr_operators) / sizeof(expr_operators[0]); i++) {
        if (gbx__str_is(type, expr_operators[i].type)) name = expr_operators[i].function;
    }
    if (name == NULL) return gbx__import_refuse(im, pos, "the operator %.*s", GBX_STR_ARG(type));
    uint32_t n = 0;
    const gbx__expr *const *args = gbx__import_exprs(im, json, "children", env, &n);
    const gbx__type *result = expr_return_type(im, json);
    if (args == NULL || result == NULL) return NULL;
    if (strcmp(name, "in") == 0 || strcmp(name, "not_in") == 0) {
        const gbx__expr *lifted = gbx__literal_lists_expand(im, pos, args, n);
        if (lifted != NULL && name[0] == 'i') return lifted;
        if (lifted != NULL) return gbx__import_call(im, "not", result, pos, 1, &lifted);
        if (gbx__import_failed(im)) return NULL;
    }
    return gbx__import_call(im, name, result, pos, n, args);
}

static const gbx__expr *expr_unnest(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    static const gbx__key keys[] = {
        EXPR_KEYS, {"return_type", GBX_KEY_USED}, {"child", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "unnest")) return NULL;
    const gbx__expr *child = gbx__import_expr(im, gbx__import_member(im, json, "child"), env);
    const gbx__type *type = expr_return_type(im, json);
    if (child == NULL || type == NULL) return NULL;
    return expr_check(im, gbx__expr_new(&im->b->arena, GBX_EX_UNNEST, type,
                                        gbx__import_pos(im, json), 1, &child));
}

/* The type that a class always has; functions, operators and windows look at theirs. */
static const struct {
    const char *class;
    const char *type;
} expr_types[] = {
    {"BOUND_REF", "BOUND_REF"},
    {"BOUND_CONSTANT", "VALUE_CONSTANT"},
    {"BOUND_CASE", "CASE_EXPR"},
    {"BOUND_AGGREGATE", "BOUND_AGGREGATE"},
    {"BOUND_UNNEST", "BOUND_UNNEST"},
    {"BOUND_COLUMN_REF", "BOUND_COLUMN_REF"},
    {"BOUND_PARAMETER", "VALUE_PARAMETER"},
};

static bool expr_check_type(gbx__importer *im, gbx__str class, gbx__str type)
{
    for (size_t i = 0; i < sizeof(expr_types) / sizeof(expr_types[0]); i++) {
        if (!gbx__str_is(class, expr_types[i].class) || gbx__str_is(type, expr_types[i].type))
            continue;
        gbx__import_refuse(im, GBX_NO_POS, "%s of type %.*s", expr_types[i].class,
                           GBX_STR_ARG(type));
        return false;
    }
    return true;
}

static const gbx__expr *expr_dispatch(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    const gbx__str class = gbx__import_text(im, json, "expression_class");
    const gbx__str type = gbx__import_text(im, json, "type");
    if (gbx__import_failed(im) || !expr_check_type(im, class, type)) return NULL;
    if (gbx__str_is(class, "BOUND_REF")) return expr_ref(im, json, env);
    if (gbx__str_is(class, "BOUND_CONSTANT")) return expr_constant(im, json);
    if (gbx__str_is(class, "BOUND_FUNCTION")) return gbx__import_function(im, json, env);
    if (gbx__str_is(class, "BOUND_CONJUNCTION")) return expr_conjunction(im, json, env, type);
    if (gbx__str_is(class, "BOUND_CASE")) return expr_case(im, json, env);
    if (gbx__str_is(class, "BOUND_OPERATOR")) return expr_operator(im, json, env, type);
    if (gbx__str_is(class, "BOUND_AGGREGATE")) return gbx__import_aggregate(im, json, env);
    if (gbx__str_is(class, "BOUND_WINDOW")) return gbx__import_window(im, json, env);
    if (gbx__str_is(class, "BOUND_UNNEST")) return expr_unnest(im, json, env);
    if (gbx__str_is(class, "BOUND_COLUMN_REF")) return expr_column_ref(im, json);
    if (gbx__str_is(class, "BOUND_PARAMETER")) return expr_parameter(im, json);
    return gbx__import_refuse(im, gbx__import_pos(im, json), "the expression %.*s",
                              GBX_STR_ARG(class));
}

const gbx__expr *gbx__import_expr(gbx__importer *im, yyjson_val *json, gbx__env env)
{
    if (gbx__import_failed(im) || !gbx__import_enter(im)) return NULL;
    if (json == NULL) return gbx__import_refuse(im, GBX_NO_POS, "an expression that is missing");
    const gbx__expr *expr = expr_dispatch(im, json, env);
    gbx__import_leave(im);
    return expr;
}
