/*
 * Joins and set operations.
 */
#include "sql/import_priv.h"

#include <string.h>

static void *join_nomem(gbx__importer *im)
{
    return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

static const struct {
    const char *text;
    gbx__join_kind kind;
} join_kinds[] = {
    {"INNER", GBX_JOIN_INNER}, {"LEFT", GBX_JOIN_LEFT},     {"RIGHT", GBX_JOIN_RIGHT},
    {"FULL", GBX_JOIN_FULL},   {"OUTER", GBX_JOIN_FULL},    {"SEMI", GBX_JOIN_SEMI},
    {"ANTI", GBX_JOIN_ANTI},   {"SINGLE", GBX_JOIN_SINGLE}, {"MARK", GBX_JOIN_MARK},
};

static bool join_kind(gbx__importer *im, yyjson_val *json, gbx__join_kind *out)
{
    const gbx__str text = gbx__import_text(im, json, "join_type");
    for (size_t i = 0; i < sizeof(join_kinds) / sizeof(join_kinds[0]); i++) {
        if (!gbx__str_is(text, join_kinds[i].text)) continue;
        *out = join_kinds[i].kind;
        return true;
    }
    gbx__import_refuse(im, GBX_NO_POS, "the join %.*s", GBX_STR_ARG(text));
    return false;
}

static const struct {
    const char *text;
    const char *function;
} join_comparisons[] = {
    {"COMPARE_EQUAL", "="},
    {"COMPARE_NOTEQUAL", "<>"},
    {"COMPARE_LESSTHAN", "<"},
    {"COMPARE_GREATERTHAN", ">"},
    {"COMPARE_LESSTHANOREQUALTO", "<="},
    {"COMPARE_GREATERTHANOREQUALTO", ">="},
    {"COMPARE_DISTINCT_FROM", "is_distinct_from"},
    {"COMPARE_NOT_DISTINCT_FROM", "is_not_distinct_from"},
};

/* {left, right, comparison}: left over the left input, right over the right one. A residual
 * predicate has comparison INVALID, no right, and left over both. */
static const gbx__expr *join_condition(gbx__importer *im, yyjson_val *json, const gbx__env *left,
                                       const gbx__env *right, const gbx__env *both)
{
    static const gbx__key keys[] = {{"left", GBX_KEY_USED},
                                    {"right", GBX_KEY_USED},
                                    {"comparison", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a join condition")) return NULL;
    const gbx__str comparison = gbx__import_text(im, json, "comparison");
    yyjson_val *right_json = yyjson_obj_get(json, "right");
    if (gbx__str_is(comparison, "INVALID")) {
        if (right_json != NULL && !yyjson_is_null(right_json))
            return gbx__import_refuse(im, GBX_NO_POS, "a join condition without a comparison");
        return gbx__import_expr(im, gbx__import_member(im, json, "left"), *both);
    }
    const char *function = NULL;
    for (size_t i = 0; i < sizeof(join_comparisons) / sizeof(join_comparisons[0]); i++) {
        if (gbx__str_is(comparison, join_comparisons[i].text))
            function = join_comparisons[i].function;
    }
    if (function == NULL)
        return gbx__import_refuse(im, GBX_NO_POS, "a join on %.*s", GBX_STR_ARG(comparison));
    const gbx__expr *args[] = {gbx__import_expr(im, gbx__import_member(im, json, "left"), *left),
                               gbx__import_expr(im, right_json, *right)};
    if (args[0] == NULL || args[1] == NULL) return NULL;
    return gbx__import_call(im, function, gbx__type_plain(GBX_TYPE_BOOL), GBX_NO_POS, 2, args);
}

static const gbx__expr *const *join_conditions(gbx__importer *im, yyjson_val *json,
                                               const gbx__node *left, const gbx__node *right,
                                               uint32_t *out_n)
{
    const gbx__env env_left = gbx__import_env(im, left, NULL);
    const gbx__env env_right = gbx__import_env(im, right, NULL);
    const gbx__env env_both = gbx__import_env(im, left, right);
    yyjson_val *any = yyjson_obj_get(json, "condition");
    size_t n = 1;
    yyjson_val *list = any == NULL ? gbx__import_array(im, json, "conditions", &n) : NULL;
    const gbx__expr **on = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (on == NULL) return join_nomem(im);
    for (size_t i = 0; i < n; i++) {
        on[i] = any != NULL
                    ? gbx__import_expr(im, any, env_both)
                    : join_condition(im, yyjson_arr_get(list, i), &env_left, &env_right, &env_both);
        if (on[i] == NULL) return NULL;
    }
    *out_n = (uint32_t)n;
    return gbx__import_failed(im) ? NULL : on;
}

/* left_projection_map ++ right_projection_map (or the mark), each [] for all. */
static const gbx__node *join_narrow(gbx__importer *im, yyjson_val *json, const gbx__node *join,
                                    uint32_t n_left, uint32_t n_right)
{
    size_t n_l = 0;
    size_t n_r = 0;
    yyjson_val *left = gbx__import_array(im, json, "left_projection_map", &n_l);
    yyjson_val *right = gbx__import_array(im, json, "right_projection_map", &n_r);
    if (join == NULL || left == NULL || right == NULL) return NULL;
    const bool has_right =
        join->n_cols == n_left + n_right && n_right > 0 && join->join.kind != GBX_JOIN_MARK;
    if (!has_right) n_r = 0;
    if (n_l == 0 && n_r == 0) return join;
    uint32_t *positions = GBX_ARENA_ARRAY(&im->b->arena, join->n_cols + 1, uint32_t);
    if (positions == NULL) return join_nomem(im);
    uint32_t n = 0;
    for (uint32_t i = 0; i < (n_l > 0 ? n_l : n_left); i++) {
        const uint64_t at = n_l > 0 ? yyjson_get_uint(yyjson_arr_get(left, i)) : i;
        if (at >= n_left || n >= join->n_cols)
            return gbx__import_refuse(im, GBX_NO_POS, "a column of no input");
        positions[n++] = (uint32_t)at;
    }
    const uint32_t rest = join->n_cols - n_left; /* right columns, a mark, or nothing */
    for (uint32_t i = 0; i < (n_r > 0 ? n_r : rest); i++) {
        const uint64_t at = n_r > 0 ? yyjson_get_uint(yyjson_arr_get(right, i)) : i;
        if (at >= rest || n >= join->n_cols)
            return gbx__import_refuse(im, GBX_NO_POS, "a column of no input");
        positions[n++] = n_left + (uint32_t)at;
    }
    if (n == join->n_cols) return join;
    return gbx__node_select(im->b, join, n, positions);
}

const gbx__node *gbx__import_join(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"join_type", GBX_KEY_USED},
                                    {"mark_index", GBX_KEY_NOISE},
                                    {"left_projection_map", GBX_KEY_USED},
                                    {"right_projection_map", GBX_KEY_USED},
                                    {"conditions", GBX_KEY_USED},
                                    {"condition", GBX_KEY_USED},
                                    {"mark_types", GBX_KEY_NOISE},
                                    {"duplicate_eliminated_columns", GBX_KEY_EMPTY},
                                    {"delim_flipped", GBX_KEY_EMPTY},
                                    {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "JOIN")) return NULL;
    const gbx__str type = gbx__import_text(im, json, "type");
    const gbx__node *left = gbx__import_child(im, json, 0);
    const gbx__node *right = left == NULL ? NULL : gbx__import_child(im, json, 1);
    if (left == NULL || right == NULL) return NULL;
    if (gbx__str_is(type, "LOGICAL_CROSS_PRODUCT"))
        return gbx__node_join(im->b, GBX_JOIN_CROSS, false, left, right, 0, NULL, GBX_NO_POS);
    if (gbx__str_is(type, "LOGICAL_POSITIONAL_JOIN"))
        return gbx__node_join(im->b, GBX_JOIN_POSITIONAL, false, left, right, 0, NULL, GBX_NO_POS);
    gbx__join_kind kind = GBX_JOIN_INNER;
    uint32_t n = 0;
    if (!join_kind(im, json, &kind)) return NULL;
    const gbx__expr *const *on = join_conditions(im, json, left, right, &n);
    if (on == NULL) return NULL;
    const bool is_asof = gbx__str_is(type, "LOGICAL_ASOF_JOIN");
    const gbx__node *join = gbx__node_join(im->b, kind, is_asof, left, right, n, on, GBX_NO_POS);
    return join_narrow(im, json, join, left->n_cols, right->n_cols);
}

/* The type that all arms of a set operation have at a position: the binder cast them, but for our
 * int64 sums, which its HUGEINT brings together again. */
static const gbx__type *setop_type(const gbx__type *a, const gbx__type *b)
{
    if (gbx__type_equal(a, b)) return a;
    if (a->kind == GBX_TYPE_INT64 && b->kind == GBX_TYPE_INT128) return b;
    if (a->kind == GBX_TYPE_INT128 && b->kind == GBX_TYPE_INT64) return a;
    return NULL;
}

static bool setop_unify(gbx__importer *im, const gbx__node **inputs, size_t n)
{
    const uint32_t n_cols = inputs[0]->n_cols;
    const gbx__type **types = GBX_ARENA_ARRAY(&im->b->arena, n_cols + 1, const gbx__type *);
    if (types == NULL) return join_nomem(im) != NULL;
    for (size_t i = 1; i < n; i++) {
        if (inputs[i]->n_cols == n_cols) continue;
        gbx__import_refuse(im, GBX_NO_POS, "a set operation over different columns");
        return false;
    }
    for (uint32_t c = 0; c < n_cols; c++) {
        types[c] = inputs[0]->cols[c].type;
        for (size_t i = 1; i < n; i++) {
            types[c] = setop_type(types[c], inputs[i]->cols[c].type);
            if (types[c] == NULL) {
                gbx__import_refuse(im, GBX_NO_POS, "a set operation over different types");
                return false;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        inputs[i] = gbx__import_retype(im, inputs[i], types);
        if (inputs[i] == NULL) return false;
    }
    return true;
}

const gbx__node *gbx__import_setop(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {
        {"type", GBX_KEY_USED},        {"children", GBX_KEY_USED},
        {"table_index", GBX_KEY_USED}, {"column_count", GBX_KEY_NOISE},
        {"setop_all", GBX_KEY_USED},   {"allow_out_of_order", GBX_KEY_NOISE},
        {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "a set operation")) return NULL;
    const gbx__str type = gbx__import_text(im, json, "type");
    size_t n = 0;
    bool all = false;
    gbx__import_array(im, json, "children", &n);
    const gbx__node **inputs = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__node *);
    if (inputs == NULL) return join_nomem(im);
    if (n < 2) return gbx__import_refuse(im, GBX_NO_POS, "a set operation over one input");
    if (!gbx__import_bool(im, json, "setop_all", &all)) return NULL;
    for (size_t i = 0; i < n; i++) {
        inputs[i] = gbx__import_child(im, json, i);
        if (inputs[i] == NULL) return NULL;
    }
    if (!setop_unify(im, inputs, n)) return NULL;
    const gbx__setop_kind kind = gbx__str_is(type, "LOGICAL_UNION")       ? GBX_SETOP_UNION
                                 : gbx__str_is(type, "LOGICAL_INTERSECT") ? GBX_SETOP_INTERSECT
                                                                          : GBX_SETOP_EXCEPT;
    return gbx__node_setop(im->b, kind, all, (uint32_t)n, inputs, GBX_NO_POS);
}
