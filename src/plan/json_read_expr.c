#include "plan/json_reader_priv.h"

/* X(NAME, key) */
#define EXPR_KEYS(X)                                                                               \
    X(EX, "ex")                                                                                    \
    X(TYPE, "type")                                                                                \
    X(POS, "pos")                                                                                  \
    X(FN, "fn")                                                                                    \
    X(ARGS, "args")                                                                                \
    X(ARG_NAMES, "arg_names")                                                                      \
    X(COL, "col")                                                                                  \
    X(VALUE, "value")                                                                              \
    X(NAME, "name")                                                                                \
    X(TRY, "try")                                                                                  \
    X(PARAMS, "params")                                                                            \
    X(DISTINCT, "distinct")                                                                        \
    X(FILTER, "filter")                                                                            \
    X(ORDER, "order")                                                                              \
    X(AGGREGATE, "aggregate")                                                                      \
    X(PARTITIONS, "partitions")                                                                    \
    X(UNIT, "unit")                                                                                \
    X(START, "start")                                                                              \
    X(END, "end")                                                                                  \
    X(START_OFFSET, "start_offset")                                                                \
    X(END_OFFSET, "end_offset")                                                                    \
    X(EXCLUDE, "exclude")                                                                          \
    X(IGNORE_NULLS, "ignore_nulls")                                                                \
    X(ARG_ORDER, "arg_order")                                                                      \
    X(STATE, "state")

enum {
#define EXPR_KEY_ENUM(name, text) KEY_##name,
    EXPR_KEYS(EXPR_KEY_ENUM)
#undef EXPR_KEY_ENUM
    N_KEYS
};

static const char *const key_names[N_KEYS] = {
#define EXPR_KEY_NAME(name, text) [KEY_##name] = (text),
    EXPR_KEYS(EXPR_KEY_NAME)
#undef EXPR_KEY_NAME
};

#define BIT(name) (UINT64_C(1) << KEY_##name)
#define ALWAYS (BIT(EX) | BIT(TYPE))
#define CALLED (BIT(FN) | BIT(ARGS) | BIT(ARG_NAMES) | BIT(DISTINCT) | BIT(FILTER) | BIT(ORDER))

/* Which keys a kind must and may have, besides ALWAYS and "pos". */
static const uint64_t keys_needed[GBX_EX_KINDS] = {
    [GBX_EX_COLUMN] = BIT(COL),
    [GBX_EX_CONST] = BIT(VALUE),
    [GBX_EX_PARAM] = BIT(NAME),
    [GBX_EX_CAST] = BIT(ARGS),
    [GBX_EX_CALL] = BIT(FN),
    [GBX_EX_CASE] = BIT(ARGS),
    [GBX_EX_LAMBDA] = BIT(PARAMS) | BIT(ARGS),
    [GBX_EX_AGG] = BIT(FN),
    [GBX_EX_WINDOW] = BIT(FN) | BIT(UNIT) | BIT(START) | BIT(END),
    [GBX_EX_UNNEST] = BIT(ARGS),
};
static const uint64_t keys_allowed[GBX_EX_KINDS] = {
    [GBX_EX_CAST] = BIT(TRY),
    [GBX_EX_CALL] = BIT(ARGS) | BIT(ARG_NAMES),
    [GBX_EX_AGG] = CALLED | BIT(STATE),
    [GBX_EX_WINDOW] = CALLED | BIT(AGGREGATE) | BIT(PARTITIONS) | BIT(START_OFFSET) |
                      BIT(END_OFFSET) | BIT(EXCLUDE) | BIT(IGNORE_NULLS) | BIT(ARG_ORDER),
};

typedef struct expr_parts {
    gbx__pj *r;
    const gbx__pj_path *path;
    yyjson_val *members[N_KEYS];
} expr_parts;

static const char *kind_text(int kind)
{
    return gbx__expr_kind_text((gbx__expr_kind)kind);
}

static const char *unit_text(int unit)
{
    return gbx__frame_unit_text((gbx__frame_unit)unit);
}

static const char *bound_text(int kind)
{
    return gbx__bound_kind_text((gbx__bound_kind)kind);
}

static const char *exclude_text(int exclude)
{
    return gbx__frame_exclude_text((gbx__frame_exclude)exclude);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static gbx_status read_flag(expr_parts *p, int key, bool *out)
{
    return gbx__pj_bool(p->r, p->path, key_names[key], p->members[key], out);
}

static gbx_status read_enum(expr_parts *p, int key, int n, gbx__pj_text_of *text_of, int *out)
{
    return gbx__pj_enum(p->r, p->path, key_names[key], p->members[key], n, text_of, out);
}

static gbx_status read_sub(expr_parts *p, int key, const gbx__expr **out)
{
    return gbx__pj_expr(p->r, p->path, key_names[key], p->members[key], out);
}

static gbx_status read_keys(expr_parts *p, int key, uint32_t *out_n, const gbx__sort_key **out)
{
    return gbx__pj_keys(p->r, p->path, key_names[key], p->members[key], out_n, out);
}

static gbx_status read_fn(expr_parts *p, gbx__function_kind kind, const gbx__function **out)
{
    gbx__str name = GBX_STR("");
    GBX_TRY(gbx__pj_str(p->r, p->path, "fn", p->members[KEY_FN], &name));
    *out = gbx__function_find(kind, name);
    if (*out) return GBX_OK;
    return gbx__pj_fail(p->r, GBX_UNSUPPORTED, p->path, "fn", "there is no function '%.60s' here",
                        name.ptr);
}

static gbx_status read_const(expr_parts *p, gbx__expr *expr)
{
    gbx__value *value = GBX_ARENA_NEW(&p->r->b.arena, gbx__value);
    if (!value) return GBX_FAIL_NOMEM(p->r->err);
    expr->value = value;
    return gbx__pj_value(p->r, p->path, "value", expr->type, p->members[KEY_VALUE], value);
}

static gbx_status read_lambda(expr_parts *p, gbx__expr *expr)
{
    gbx__col_id *params;
    yyjson_val *val = p->members[KEY_PARAMS];
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = p->path, .key = "params"}};
    GBX_TRY(gbx__pj_array(p->r, p->path, "params", val, sizeof(*params), &expr->lambda.n_params,
                          &params));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < expr->lambda.n_params; item.index++) {
        yyjson_val *id = yyjson_arr_iter_next(&iter);
        GBX_TRY(gbx__pj_col_id(p->r, &item, NULL, id, &params[item.index]));
    }
    expr->lambda.params = params;
    return GBX_OK;
}

static gbx_status read_agg(expr_parts *p, gbx__expr *expr)
{
    gbx__agg_spec *spec = GBX_ARENA_NEW(&p->r->b.arena, gbx__agg_spec);
    if (!spec) return GBX_FAIL_NOMEM(p->r->err);
    expr->agg = spec;
    GBX_TRY(read_fn(p, GBX_FN_AGGREGATE, &expr->fn));
    GBX_TRY(read_flag(p, KEY_DISTINCT, &spec->distinct));
    GBX_TRY(read_flag(p, KEY_STATE, &spec->is_state));
    GBX_TRY(read_sub(p, KEY_FILTER, &spec->filter));
    return read_keys(p, KEY_ORDER, &spec->n_order, &spec->order);
}

static gbx_status read_frame(expr_parts *p, gbx__window_spec *spec)
{
    int unit = 0;
    int start = 0;
    int end = 0;
    int exclude = GBX_EXCLUDE_NO_OTHERS;
    GBX_TRY(read_enum(p, KEY_UNIT, GBX_FRAME_GROUPS + 1, unit_text, &unit));
    GBX_TRY(read_enum(p, KEY_START, GBX_BOUND_UNBOUNDED_FOLLOWING + 1, bound_text, &start));
    GBX_TRY(read_enum(p, KEY_END, GBX_BOUND_UNBOUNDED_FOLLOWING + 1, bound_text, &end));
    GBX_TRY(read_enum(p, KEY_EXCLUDE, GBX_EXCLUDE_TIES + 1, exclude_text, &exclude));
    spec->unit = (gbx__frame_unit)unit;
    spec->start = (gbx__bound_kind)start;
    spec->end = (gbx__bound_kind)end;
    spec->exclude = (gbx__frame_exclude)exclude;
    GBX_TRY(read_sub(p, KEY_START_OFFSET, &spec->start_offset));
    return read_sub(p, KEY_END_OFFSET, &spec->end_offset);
}

static gbx_status read_window(expr_parts *p, gbx__expr *expr)
{
    bool is_aggregate = false;
    gbx__window_spec *spec = GBX_ARENA_NEW(&p->r->b.arena, gbx__window_spec);
    if (!spec) return GBX_FAIL_NOMEM(p->r->err);
    expr->window = spec;
    GBX_TRY(read_flag(p, KEY_AGGREGATE, &is_aggregate));
    GBX_TRY(read_fn(p, is_aggregate ? GBX_FN_AGGREGATE : GBX_FN_WINDOW, &expr->fn));
    GBX_TRY(gbx__pj_exprs(p->r, p->path, "partitions", p->members[KEY_PARTITIONS],
                          &spec->n_partitions, &spec->partitions));
    GBX_TRY(read_keys(p, KEY_ORDER, &spec->n_order, &spec->order));
    GBX_TRY(read_frame(p, spec));
    GBX_TRY(read_flag(p, KEY_DISTINCT, &spec->distinct));
    GBX_TRY(read_flag(p, KEY_IGNORE_NULLS, &spec->ignore_nulls));
    GBX_TRY(read_sub(p, KEY_FILTER, &spec->filter));
    return read_keys(p, KEY_ARG_ORDER, &spec->n_arg_order, &spec->arg_order);
}

static gbx_status read_payload(expr_parts *p, gbx__expr *expr)
{
    switch (expr->kind) {
    case GBX_EX_COLUMN:
        return gbx__pj_col_id(p->r, p->path, "col", p->members[KEY_COL], &expr->col);
    case GBX_EX_CONST: return read_const(p, expr);
    case GBX_EX_PARAM: return gbx__pj_str(p->r, p->path, "name", p->members[KEY_NAME], &expr->name);
    case GBX_EX_CAST: return read_flag(p, KEY_TRY, &expr->is_try);
    case GBX_EX_CALL: return read_fn(p, GBX_FN_SCALAR, &expr->fn);
    case GBX_EX_LAMBDA: return read_lambda(p, expr);
    case GBX_EX_AGG: return read_agg(p, expr);
    case GBX_EX_WINDOW: return read_window(p, expr);
    case GBX_EX_CASE:
    case GBX_EX_UNNEST:
    case GBX_EX_KINDS: break;
    }
    return GBX_OK;
}

static gbx_status read_args(expr_parts *p, gbx__expr *expr)
{
    uint32_t n_names = 0;
    GBX_TRY(gbx__pj_exprs(p->r, p->path, "args", p->members[KEY_ARGS], &expr->n_args, &expr->args));
    if (!p->members[KEY_ARG_NAMES]) return GBX_OK;
    GBX_TRY(gbx__pj_strs(p->r, p->path, "arg_names", p->members[KEY_ARG_NAMES], &n_names,
                         &expr->arg_names));
    if (n_names == expr->n_args) return GBX_OK;
    return gbx__pj_fail(p->r, GBX_INVALID, p->path, "arg_names",
                        "one name for each argument expected");
}

/* ---- expressions ----------------------------------------------------------------------------- */

static gbx_status read_expr(expr_parts *p, gbx__expr *expr)
{
    int kind = 0;
    GBX_TRY(gbx__pj_members(p->r, p->path, key_names, N_KEYS, p->members, ~UINT64_C(0), ALWAYS));
    GBX_TRY(read_enum(p, KEY_EX, GBX_EX_KINDS, kind_text, &kind));
    const uint64_t needed = ALWAYS | keys_needed[kind];
    const uint64_t allowed = needed | keys_allowed[kind] | BIT(POS);
    GBX_TRY(gbx__pj_members(p->r, p->path, key_names, N_KEYS, p->members, allowed, needed));
    expr->kind = (gbx__expr_kind)kind;
    expr->pos = GBX_NO_POS;
    GBX_TRY(gbx__pj_type(p->r, p->path, "type", p->members[KEY_TYPE], &expr->type));
    GBX_TRY(gbx__pj_pos(p->r, p->path, p->members[KEY_POS], &expr->pos));
    GBX_TRY(read_payload(p, expr));
    return read_args(p, expr);
}

gbx_status gbx__pj_expr(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__expr **out)
{
    if (!val) return GBX_OK;
    if (r->depth >= GBX_MAX_DEPTH) {
        return gbx__pj_fail(r, GBX_INVALID, path, key, "nested more than %d deep", GBX_MAX_DEPTH);
    }
    const gbx__pj_path member = {.up = path, .key = key};
    expr_parts parts = {.r = r, .path = key ? &member : path};
    gbx__expr *expr = GBX_ARENA_NEW(&r->b.arena, gbx__expr);
    if (!expr) return GBX_FAIL_NOMEM(r->err);
    GBX_TRY(gbx__pj_object(r, parts.path, val, key_names, N_KEYS, parts.members));
    r->depth++;
    GBX_TRY(read_expr(&parts, expr));
    r->depth--;
    *out = expr;
    return GBX_OK;
}

gbx_status gbx__pj_exprs(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                         uint32_t *out_n, const gbx__expr *const **out)
{
    const gbx__expr **exprs;
    const gbx__pj_path member = {.up = path, .key = key};
    gbx__pj_path item = {.up = key ? &member : path};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*exprs), out_n, &exprs));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        GBX_TRY(gbx__pj_expr(r, &item, NULL, yyjson_arr_iter_next(&iter), &exprs[item.index]));
    }
    *out = exprs;
    return GBX_OK;
}

static gbx_status read_key(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                           gbx__sort_key *out)
{
    static const char *const names[] = {"expr", "desc", "nulls_first"};
    yyjson_val *members[3];
    GBX_TRY(gbx__pj_object(r, path, val, names, 3, members));
    GBX_TRY(gbx__pj_members(r, path, names, 3, members, 7, 1));
    GBX_TRY(gbx__pj_expr(r, path, "expr", members[0], &out->expr));
    GBX_TRY(gbx__pj_bool(r, path, "desc", members[1], &out->descending));
    return gbx__pj_bool(r, path, "nulls_first", members[2], &out->nulls_first);
}

gbx_status gbx__pj_keys(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t *out_n, const gbx__sort_key **out)
{
    gbx__sort_key *keys;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = key}};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*keys), out_n, &keys));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        GBX_TRY(read_key(r, &item, yyjson_arr_iter_next(&iter), &keys[item.index]));
    }
    *out = keys;
    return GBX_OK;
}
