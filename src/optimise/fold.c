#include "optimise/fold.h"

#include "base/vec.h"
#include "optimise/pass_priv.h"

#include <stdlib.h>
#include <string.h>

typedef struct folder {
    gbx__pass pass;
    GBX_VEC(const gbx__expr *) found; /* the largest that are constant */
    const gbx__expr **folded;         /* beside `found`: what takes its place, or NULL */
    bool is_short;                    /* of memory */
} folder;

/* --- age(x) counts from today: age(today, x) -------------------------------------------------- */

static const gbx__expr *age_from_today(const gbx__expr *expr, void *ctx)
{
    gbx__arena *arena = &((folder *)ctx)->pass.b.arena;
    if (!gbx__expr_is_call(expr, "age") || expr->n_args != 1) return expr;
    const gbx__function *today = gbx__function_find(GBX_FN_SCALAR, GBX_STR("current_date"));
    const gbx__expr *date =
        gbx__expr_call(arena, today, gbx__type_plain(GBX_TYPE_DATE), expr->pos, 0, NULL);
    const gbx__expr *const args[] = {
        gbx__expr_cast(arena, date, expr->args[0]->type, false, expr->pos), expr->args[0]};
    return gbx__expr_call(arena, expr->fn, expr->type, expr->pos, 2, args);
}

/* The node over what takes its inputs' places, its expressions rewritten. */
static const gbx__node *fold_node(folder *f, const gbx__node *node, gbx__expr_rewrite *rewrite)
{
    const gbx__node **inputs = gbx__pass_array(&f->pass, node->n_inputs, sizeof(*inputs));
    for (uint32_t i = 0; inputs && i < node->n_inputs; i++) {
        inputs[i] = gbx__pass_made(&f->pass, node->inputs[i]);
    }
    return inputs ? gbx__node_map(&f->pass.b, node, inputs, rewrite, f) : NULL;
}

static void fold_nodes(folder *f, gbx__expr_rewrite *rewrite)
{
    for (size_t i = 0; i < f->pass.n && !f->pass.b.failed; i++) {
        gbx__pass_set(&f->pass, f->pass.nodes[i], fold_node(f, f->pass.nodes[i], rewrite));
    }
}

static bool is_no_age(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return !gbx__expr_is_call(expr, "age") || expr->n_args != 1;
}

static bool has_no_age(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, is_no_age, ctx);
}

static bool node_has_no_age(const gbx__node *node, void *ctx)
{
    return gbx__node_exprs(node, has_no_age, ctx);
}

static gbx_status fold_ages(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    folder f = {0};
    if (gbx__plan_walk(plan->root, node_has_no_age, NULL)) {
        *out = gbx__plan_ref(plan);
        return GBX_OK;
    }
    GBX_TRY(gbx__pass_begin(&f.pass, plan, err));
    fold_nodes(&f, age_from_today);
    return gbx__pass_end(&f.pass, out, err);
}

/* --- what is constant ------------------------------------------------------------------------- */

static bool is_steady(const gbx__function *fn)
{
    return !fn || (fn->volatility != GBX_VOLATILITY_ROW && !(fn->flags & GBX_FN_SIDE_EFFECTS) &&
                   strcmp(fn->name, "in_list") != 0); /* its list is long: as good as a table */
}

static bool may_be_constant(const gbx__expr *expr)
{
    switch (expr->kind) {
    case GBX_EX_CONST:
    case GBX_EX_CAST:
    case GBX_EX_CALL:
    case GBX_EX_CASE: return is_steady(expr->fn);
    default: return false;
    }
}

typedef struct find_step {
    folder *f;
    bool is_constant; /* of what was looked at last; of all children so far */
} find_step;

static bool find_children(const gbx__expr *expr, void *ctx);

/* Is it constant? If not, those below it that are have been noted. */
static bool find_in(folder *f, const gbx__expr *expr)
{
    const size_t before = f->found.len;
    find_step step = {f, may_be_constant(expr)};
    gbx__expr_children(expr, find_children, &step);
    if (step.is_constant) f->found.len = before;
    return step.is_constant;
}

static void find_note(folder *f, const gbx__expr *expr)
{
    if (expr->kind != GBX_EX_CONST && !gbx__vec_push(&f->found, expr)) f->is_short = true;
}

static bool find_children(const gbx__expr *expr, void *ctx)
{
    find_step *step = ctx;
    if (find_in(step->f, expr)) {
        find_note(step->f, expr);
    } else {
        step->is_constant = false;
    }
    return true;
}

static bool find_root(const gbx__expr *expr, void *ctx)
{
    folder *f = ctx;
    if (find_in(f, expr)) find_note(f, expr);
    return true;
}

/* --- all -------------------------------------------------------------------------------------- */

static int expr_compare(const void *a, const void *b)
{
    const uintptr_t x = (uintptr_t) * (const gbx__expr *const *)a;
    const uintptr_t y = (uintptr_t) * (const gbx__expr *const *)b;
    return (x > y) - (x < y);
}

static const gbx__expr *folded(const folder *f, const gbx__expr *expr)
{
    const gbx__expr *const *at =
        bsearch(&expr, f->found.items, f->found.len, sizeof(expr), expr_compare);
    const gbx__expr *made = at ? f->folded[at - f->found.items] : NULL;
    return made && gbx__type_equal(made->type, expr->type) ? made : expr;
}

/* --- CAST(day AS TIMESTAMP) < TIMESTAMP '1998-09-02 00:00' compares days --------------------- */

#define MICROS_PER_DAY INT64_C(86400000000)

static bool is_comparison(const gbx__expr *expr)
{
    static const char *const names[] = {"=", "<>", "<", "<=", ">", ">="};
    if (expr->kind != GBX_EX_CALL || expr->n_args != 2) return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(expr->fn->name, names[i]) == 0) return true;
    }
    return false;
}

static bool is_plain_timestamp(const gbx__type *type)
{
    return gbx__type_equal(type, gbx__type_timestamp(GBX_UNIT_US, false));
}

static bool is_day_as_time(const gbx__expr *expr)
{
    return expr->kind == GBX_EX_CAST && !expr->is_try && is_plain_timestamp(expr->type) &&
           expr->args[0]->type->kind == GBX_TYPE_DATE;
}

static bool is_midnight(const gbx__expr *expr)
{
    return expr->kind == GBX_EX_CONST && is_plain_timestamp(expr->type) && !expr->value->is_null &&
           expr->value->i64 % MICROS_PER_DAY == 0;
}

static const gbx__expr *day_of(gbx__arena *arena, const gbx__expr *expr)
{
    if (expr->kind == GBX_EX_CAST) return expr->args[0];
    const gbx__value day = {.i64 = expr->value->i64 / MICROS_PER_DAY};
    return gbx__expr_const(arena, gbx__type_plain(GBX_TYPE_DATE), &day, expr->pos);
}

/* It is what a date and an interval make of each other, and no engine looks into files for it. */
static const gbx__expr *compare_days(folder *f, const gbx__expr *expr)
{
    gbx__arena *arena = &f->pass.b.arena;
    const gbx__expr *a = expr->args[0];
    const gbx__expr *b = expr->args[1];
    const bool is_one =
        (is_day_as_time(a) && is_midnight(b)) || (is_midnight(a) && is_day_as_time(b));
    if (!is_one) return expr;
    const gbx__expr *const days[] = {day_of(arena, a), day_of(arena, b)};
    return gbx__expr_call(arena, expr->fn, expr->type, expr->pos, 2, days);
}

static const gbx__expr *fold_expr(const gbx__expr *expr, void *ctx)
{
    const gbx__expr *made = folded(ctx, expr);
    return is_comparison(made) ? compare_days(ctx, made) : made;
}

static gbx_status fold_compute(folder *f, gbx__fold_compute *compute, void *ctx, gbx_error *err)
{
    for (size_t i = 0; i < f->pass.n; i++) gbx__node_exprs(f->pass.nodes[i], find_root, f);
    f->folded = gbx__pass_scratch(&f->pass, f->found.len, sizeof(*f->folded));
    if (f->is_short || !f->folded) return GBX_FAIL_NOMEM(err);
    if (f->found.len == 0) return GBX_OK;
    qsort(f->found.items, f->found.len, sizeof(*f->found.items), expr_compare);
    return compute(ctx, &f->pass.b.arena, f->found.len, f->found.items, f->folded, err);
}

static gbx_status fold_constants(gbx_plan *plan, gbx__fold_compute *compute, void *ctx,
                                 gbx_plan **out, gbx_error *err)
{
    folder f = {0};
    GBX_TRY(gbx__pass_begin(&f.pass, plan, err));
    gbx_plan *made = NULL;
    gbx_status status = fold_compute(&f, compute, ctx, err);
    if (f.found.len > 0 && status == GBX_OK) {
        fold_nodes(&f, fold_expr);
    } else {
        gbx__pass_set(&f.pass, plan->root, plan->root); /* nothing to do */
    }
    const gbx_status ended = gbx__pass_end(&f.pass, &made, status == GBX_OK ? err : NULL);
    gbx__vec_done(&f.found);
    if (status == GBX_OK) status = ended;
    if (status == GBX_OK)
        *out = made;
    else if (ended == GBX_OK)
        gbx__plan_unref(made);
    return status;
}

gbx_status gbx__pass_fold(gbx_plan *plan, gbx__fold_compute *compute, void *ctx, gbx_plan **out,
                          gbx_error *err)
{
    gbx_plan *aged = NULL;
    GBX_TRY(fold_ages(plan, &aged, err));
    const gbx_status status = fold_constants(aged, compute, ctx, out, err);
    gbx__plan_unref(aged);
    return status;
}
