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

static const gbx__expr *fold_expr(const gbx__expr *expr, void *ctx)
{
    const folder *f = ctx;
    const gbx__expr *const *at =
        bsearch(&expr, f->found.items, f->found.len, sizeof(expr), expr_compare);
    const gbx__expr *folded = at ? f->folded[at - f->found.items] : NULL;
    return folded && gbx__type_equal(folded->type, expr->type) ? folded : expr;
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
