#include "plan/expr.h"

#include "base/error.h"

#include <string.h>

/* So that nobody has to ask whether there is a spec. */
static const gbx__agg_spec expr_plain_agg;
static const gbx__window_spec expr_whole_partition = {.end = GBX_BOUND_UNBOUNDED_FOLLOWING};

gbx__expr *gbx__expr_new(gbx__arena *arena, gbx__expr_kind kind, const gbx__type *type,
                         gbx__pos pos, uint32_t n_args, const gbx__expr *const *args)
{
    if (!type) return NULL;
    gbx__expr *expr = GBX_ARENA_NEW(arena, gbx__expr);
    const gbx__expr **copy = n_args ? GBX_ARENA_ARRAY(arena, n_args, const gbx__expr *) : NULL;
    if (!expr || (n_args && !copy)) return NULL;
    for (uint32_t i = 0; i < n_args; i++) {
        if (!args[i]) return NULL;
        copy[i] = args[i];
    }
    expr->kind = kind;
    expr->type = type;
    expr->pos = pos;
    expr->n_args = n_args;
    expr->args = copy;
    if (kind == GBX_EX_AGG) expr->agg = &expr_plain_agg;
    if (kind == GBX_EX_WINDOW) expr->window = &expr_whole_partition;
    return expr;
}

const gbx__expr *gbx__expr_column(gbx__arena *arena, gbx__col_id col, const gbx__type *type,
                                  gbx__pos pos)
{
    gbx__expr *expr = gbx__expr_new(arena, GBX_EX_COLUMN, type, pos, 0, NULL);
    if (expr) expr->col = col;
    return expr;
}

const gbx__expr *gbx__expr_const(gbx__arena *arena, const gbx__type *type, const gbx__value *value,
                                 gbx__pos pos)
{
    gbx__expr *expr = gbx__expr_new(arena, GBX_EX_CONST, type, pos, 0, NULL);
    gbx__value *copy = GBX_ARENA_NEW(arena, gbx__value);
    if (!expr || !copy || !value) return NULL;
    *copy = *value;
    expr->value = copy;
    return expr;
}

const gbx__expr *gbx__expr_bool(gbx__arena *arena, bool value)
{
    const gbx__value constant = {.boolean = value};
    return gbx__expr_const(arena, gbx__type_plain(GBX_TYPE_BOOL), &constant, GBX_NO_POS);
}

const gbx__expr *gbx__expr_int64(gbx__arena *arena, int64_t value)
{
    const gbx__value constant = {.i64 = value};
    return gbx__expr_const(arena, gbx__type_plain(GBX_TYPE_INT64), &constant, GBX_NO_POS);
}

const gbx__expr *gbx__expr_null(gbx__arena *arena, const gbx__type *type, gbx__pos pos)
{
    const gbx__value constant = {.is_null = true};
    return gbx__expr_const(arena, type, &constant, pos);
}

const gbx__expr *gbx__expr_param(gbx__arena *arena, gbx__str name, const gbx__type *type,
                                 gbx__pos pos)
{
    gbx__expr *expr = gbx__expr_new(arena, GBX_EX_PARAM, type, pos, 0, NULL);
    if (!expr) return NULL;
    expr->name = gbx__arena_str(arena, name);
    return expr->name.ptr ? expr : NULL;
}

const gbx__expr *gbx__expr_cast(gbx__arena *arena, const gbx__expr *arg, const gbx__type *type,
                                bool is_try, gbx__pos pos)
{
    if (!arg || !type) return NULL;
    if (gbx__type_equal(arg->type, type)) return arg;
    gbx__expr *expr = gbx__expr_new(arena, GBX_EX_CAST, type, pos, 1, &arg);
    if (expr) expr->is_try = is_try;
    return expr;
}

const gbx__expr *gbx__expr_call(gbx__arena *arena, const gbx__function *fn, const gbx__type *type,
                                gbx__pos pos, uint32_t n_args, const gbx__expr *const *args)
{
    gbx__expr *expr = gbx__expr_new(arena, GBX_EX_CALL, type, pos, n_args, args);
    if (expr) expr->fn = fn;
    return expr;
}

const gbx__expr *gbx__expr_and(gbx__arena *arena, uint32_t n, const gbx__expr *const *conjuncts)
{
    if (n == 0) return gbx__expr_bool(arena, true);
    if (n == 1) return conjuncts[0];
    return gbx__expr_call(arena, gbx__function_find(GBX_FN_SCALAR, GBX_STR("and")),
                          gbx__type_plain(GBX_TYPE_BOOL), GBX_NO_POS, n, conjuncts);
}

bool gbx__expr_is_call(const gbx__expr *expr, const char *name)
{
    return expr->kind == GBX_EX_CALL && expr->fn && strcmp(expr->fn->name, name) == 0;
}
