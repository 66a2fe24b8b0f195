#include "optimise/push_priv.h"

#include "base/vec.h"

#include <string.h>

void gbx__preds_add(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr)
{
    if (preds->n == preds->room) {
        const uint32_t room = preds->room > 0 ? preds->room * 2 : 8;
        const gbx__expr **items = gbx__pass_scratch(p->pass, room, sizeof(*items));
        if (!items) return;
        if (preds->n > 0) memcpy(items, preds->items, preds->n * sizeof(*items));
        preds->items = items;
        preds->room = room;
    }
    preds->items[preds->n++] = expr;
}

/* ---- columns --------------------------------------------------------------------------------- */

typedef struct col_walk {
    gbx__pred_col *col;
    void *ctx;
    GBX_VEC(gbx__col_id) bound; /* by lambdas */
    bool is_short;
} col_walk;

static bool col_is_bound(const col_walk *walk, gbx__col_id id)
{
    for (size_t i = 0; i < walk->bound.len; i++) {
        if (walk->bound.items[i] == id) return true;
    }
    return false;
}

static bool col_visit(const gbx__expr *expr, void *ctx)
{
    col_walk *walk = ctx;
    if (expr->kind == GBX_EX_LAMBDA) {
        for (uint32_t i = 0; i < expr->lambda.n_params; i++) {
            if (!gbx__vec_push(&walk->bound, expr->lambda.params[i])) return false;
        }
    }
    if (expr->kind != GBX_EX_COLUMN || col_is_bound(walk, expr->col)) return true;
    return walk->col(walk->ctx, expr->col);
}

bool gbx__pred_cols(const gbx__expr *expr, gbx__pred_col *col, void *ctx)
{
    col_walk walk = {.col = col, .ctx = ctx};
    const bool is_whole = gbx__expr_walk(expr, col_visit, &walk);
    gbx__vec_done(&walk.bound);
    return is_whole;
}

static bool col_is_of(void *ctx, gbx__col_id id)
{
    return gbx__node_col(ctx, id) != NULL;
}

bool gbx__pred_is_over(const gbx__expr *expr, const gbx__node *node)
{
    const void *ctx = node;
    void *walk = NULL;
    memcpy(&walk, &ctx, sizeof(walk)); /* col_is_of only reads */
    return gbx__pred_cols(expr, col_is_of, walk);
}

/* ---- what it may do -------------------------------------------------------------------------- */

static bool is_steady(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return !expr->fn ||
           (expr->fn->volatility != GBX_VOLATILITY_ROW && !(expr->fn->flags & GBX_FN_SIDE_EFFECTS));
}

bool gbx__pred_is_volatile(const gbx__expr *expr)
{
    return !gbx__expr_walk(expr, is_steady, NULL);
}

static int integer_bits(const gbx__type *type)
{
    switch ((int)type->kind) {
    case GBX_TYPE_INT8:
    case GBX_TYPE_UINT8: return 8;
    case GBX_TYPE_INT16:
    case GBX_TYPE_UINT16: return 16;
    case GBX_TYPE_INT32:
    case GBX_TYPE_UINT32: return 32;
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT64: return 64;
    default: return 128;
    }
}

static bool is_signed(const gbx__type *type)
{
    return type->kind >= GBX_TYPE_INT8 && type->kind <= GBX_TYPE_INT128;
}

/* Digits before the point that a value may have. */
static int whole_digits(const gbx__type *type)
{
    if (type->kind == GBX_TYPE_DECIMAL) return type->precision - type->scale;
    const int bits = integer_bits(type);
    return bits == 8 ? 3 : bits == 16 ? 5 : bits == 32 ? 10 : bits == 64 ? 20 : 39;
}

/* Every value has a place in the other type. */
static bool cast_is_safe(const gbx__type *from, const gbx__type *to)
{
    const bool from_exact = gbx__type_is_integer(from) || from->kind == GBX_TYPE_DECIMAL;
    if (gbx__type_equal(from, to) || from->kind == GBX_TYPE_NULL) return true;
    if (to->kind == GBX_TYPE_UTF8) return !gbx__type_is_nested(from);
    if (gbx__type_is_float(to)) return from_exact || to->kind == GBX_TYPE_FLOAT64;
    if (from->kind == GBX_TYPE_DATE) return to->kind == GBX_TYPE_TIMESTAMP;
    if (to->kind == GBX_TYPE_DECIMAL && from_exact) {
        return whole_digits(to) >= whole_digits(from);
    }
    if (!gbx__type_is_integer(from) || !gbx__type_is_integer(to)) return false;
    if (is_signed(from) && !is_signed(to)) return false;
    const bool same = is_signed(from) == is_signed(to);
    return same ? integer_bits(to) >= integer_bits(from) : integer_bits(to) > integer_bits(from);
}

static bool is_safe(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    if (expr->kind == GBX_EX_CAST && !expr->is_try) {
        return cast_is_safe(expr->args[0]->type, expr->type);
    }
    return !expr->fn || !(expr->fn->flags & GBX_FN_MAY_ERROR);
}

bool gbx__pred_may_fail(const gbx__expr *expr)
{
    return !gbx__expr_walk(expr, is_safe, NULL);
}

/* ---- OR -------------------------------------------------------------------------------------- */

static const gbx__expr *pred_join(gbx__pusher *p, const char *word, const gbx__preds *preds)
{
    if (preds->n == 1) return preds->items[0];
    const gbx__function *fn = gbx__function_find(GBX_FN_SCALAR, gbx__str_of(word));
    const gbx__expr *made = gbx__expr_call(&p->pass->b.arena, fn, gbx__type_plain(GBX_TYPE_BOOL),
                                           preds->items[0]->pos, preds->n, preds->items);
    return made ? made : gbx__plan_fail(&p->pass->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

static void flatten(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr, const char *word)
{
    if (!gbx__expr_is_call(expr, word)) {
        gbx__preds_add(p, preds, expr);
        return;
    }
    for (uint32_t i = 0; i < expr->n_args; i++) flatten(p, preds, expr->args[i], word);
}

static bool has_equal(const gbx__preds *preds, const gbx__expr *expr)
{
    for (uint32_t i = 0; i < preds->n; i++) {
        if (gbx__expr_equal(preds->items[i], expr)) return true;
    }
    return false;
}

/* The conjuncts of each arm; NULL after a failure. */
static gbx__preds *arms_of(gbx__pusher *p, const gbx__expr *expr, uint32_t *n)
{
    gbx__preds flat = {0};
    flatten(p, &flat, expr, "or");
    gbx__preds *arms = gbx__pass_scratch(p->pass, flat.n, sizeof(*arms));
    for (uint32_t i = 0; arms && i < flat.n; i++) flatten(p, &arms[i], flat.items[i], "and");
    *n = flat.n;
    return arms;
}

#define MAX_ARMS 64u /* more are a list, not a condition that somebody wrote */

/* (a and b) or (a and c)  ═→  a, b or c */
static void split_or(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr)
{
    uint32_t n = 0;
    gbx__preds *arms = arms_of(p, expr, &n);
    gbx__preds common = {0}, rest = {0};
    if (!arms || n > MAX_ARMS) {
        gbx__preds_add(p, preds, expr);
        return;
    }
    for (uint32_t k = 0; k < arms[0].n; k++) {
        bool is_common = !gbx__pred_is_volatile(arms[0].items[k]);
        for (uint32_t i = 1; i < n && is_common; i++) {
            is_common = has_equal(&arms[i], arms[0].items[k]);
        }
        if (is_common) gbx__preds_add(p, &common, arms[0].items[k]);
    }
    if (common.n == 0) {
        gbx__preds_add(p, preds, expr);
        return;
    }
    bool is_all = false; /* an arm that is nothing but what is common */
    for (uint32_t i = 0; i < n; i++) {
        gbx__preds left = {0};
        for (uint32_t k = 0; k < arms[i].n; k++) {
            if (!has_equal(&common, arms[i].items[k])) gbx__preds_add(p, &left, arms[i].items[k]);
        }
        is_all = is_all || left.n == 0;
        if (left.n > 0) gbx__preds_add(p, &rest, pred_join(p, "and", &left));
    }
    for (uint32_t k = 0; k < common.n; k++) gbx__preds_add(p, preds, common.items[k]);
    if (!is_all) gbx__preds_add(p, preds, pred_join(p, "or", &rest));
}

void gbx__preds_split(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr)
{
    gbx__preds flat = {0};
    flatten(p, &flat, expr, "and");
    for (uint32_t i = 0; i < flat.n; i++) {
        if (gbx__expr_is_call(flat.items[i], "or")) {
            split_or(p, preds, flat.items[i]);
        } else {
            gbx__preds_add(p, preds, flat.items[i]);
        }
    }
}

const gbx__expr *gbx__pred_derive(gbx__pusher *p, const gbx__expr *expr, const gbx__node *node)
{
    uint32_t n = 0;
    gbx__preds *arms = arms_of(p, expr, &n);
    gbx__preds said = {0};
    if (!arms || n > MAX_ARMS) return NULL;
    for (uint32_t i = 0; i < n; i++) {
        gbx__preds arm = {0};
        for (uint32_t k = 0; k < arms[i].n; k++) {
            const gbx__expr *one = arms[i].items[k];
            if (gbx__pred_is_over(one, node) && !gbx__pred_may_fail(one)) {
                gbx__preds_add(p, &arm, one);
            }
        }
        if (arm.n == 0) return NULL;
        gbx__preds_add(p, &said, pred_join(p, "and", &arm));
    }
    return pred_join(p, "or", &said);
}

/* ---- replacing columns ----------------------------------------------------------------------- */

typedef struct replacement {
    uint32_t n;
    const gbx__col *cols;
    const gbx__expr *const *exprs;
} replacement;

static const gbx__expr *replace_col(const gbx__expr *expr, void *ctx)
{
    const replacement *r = ctx;
    for (uint32_t i = 0; expr->kind == GBX_EX_COLUMN && i < r->n; i++) {
        if (r->cols[i].id == expr->col) return r->exprs[i];
    }
    return expr;
}

const gbx__expr *gbx__pred_replace(gbx__pusher *p, const gbx__expr *expr, uint32_t n,
                                   const gbx__col *cols, const gbx__expr *const *exprs)
{
    replacement r = {n, cols, exprs};
    const gbx__expr *made = gbx__expr_map(&p->pass->b.arena, expr, replace_col, &r);
    return made ? made : gbx__plan_fail(&p->pass->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}
