#include "base/alloc.h"
#include "base/error.h"
#include "plan/plan_priv.h"

gbx_plan *gbx__plan_ref(gbx_plan *plan)
{
    atomic_fetch_add_explicit(&plan->refs, 1, memory_order_relaxed);
    return plan;
}

static bool plan_is_last_ref(gbx_plan *plan)
{
    return atomic_fetch_sub_explicit(&plan->refs, 1, memory_order_acq_rel) == 1;
}

/* A chain of plans, each built on the one before, may be long: the dead wait in a list instead of
 * on the stack. */
void gbx__plan_unref(gbx_plan *plan)
{
    gbx_plan *dead = plan && plan_is_last_ref(plan) ? plan : NULL;
    while (dead) {
        gbx_plan *next = dead->next_dead;
        for (uint32_t i = 0; i < dead->n_bases; i++) {
            gbx_plan *base = dead->bases[i];
            if (!plan_is_last_ref(base)) continue;
            base->next_dead = next;
            next = base;
        }
        gbx__arena_done(&dead->arena);
        gbx__alloc_free(dead);
        dead = next;
    }
}

/* The builder's failure, with line and column now that the text is known. */
static gbx_status plan_report(const gbx__plan_builder *b, gbx__str text, gbx_error *err)
{
    if (!err) return b->failed;
    const int64_t offset = b->error.offset;
    *err = b->error;
    err->offset = -1;
    if (offset >= 0 && text.len > 0 && (uint64_t)offset <= text.len) {
        gbx__error_locate(err, text.ptr, text.len, (size_t)offset);
    }
    return b->failed;
}

static gbx_status plan_check(gbx__arena *arena, gbx_plan *plan, gbx_error *err)
{
    GBX_TRY(gbx__plan_validate(plan, err));
    if (!gbx__plan_classify(arena, plan->root, &plan->determinism, &plan->loose_reason,
                            &plan->volatility)) {
        return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

gbx_status gbx__plan_finish(gbx__plan_builder *b, const gbx__node *root, gbx__str text,
                            gbx_plan **out, gbx_error *err)
{
    /* An optional expression that there was no memory for looks like none. */
    if (b->arena.failed) gbx__plan_nomem(b);
    if (!root && !b->failed) gbx__plan_fail(b, GBX_INTERNAL, GBX_NO_POS, "a plan without a root");
    if (b->failed) return plan_report(b, text, err);

    const gbx__str copy = gbx__plan_str(b, text);
    gbx_plan *plan = gbx__alloc_zero(sizeof(*plan));
    if (b->failed || !plan) {
        gbx__alloc_free(plan);
        return GBX_FAIL_NOMEM(err);
    }
    atomic_init(&plan->refs, 1);
    plan->root = root;
    plan->next_col = b->next_col;
    plan->next_cte = b->next_cte;
    plan->next_node = b->next_node;
    plan->text = copy;
    const gbx_status status = plan_check(&b->arena, plan, err);
    if (status != GBX_OK) {
        gbx__alloc_free(plan);
        return status;
    }
    plan->arena = b->arena;
    plan->n_bases = b->n_bases;
    plan->bases = b->bases;
    gbx__plan_builder_init(b);
    *out = plan;
    return GBX_OK;
}
