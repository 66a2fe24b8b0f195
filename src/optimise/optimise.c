#include "optimise/optimise.h"

typedef gbx_status pass(gbx_plan *plan, gbx_plan **out, gbx_error *err);

/* In the order in which they run. Pruning comes twice: a mark that nobody carries can become a semi
 * join, and then less is carried. Merging finds what pruning has left. */
static const struct {
    uint32_t bits;   /* any of them */
    uint32_t unless; /* these do it too */
    pass *run;
} passes_in_order[] = {
    {GBX_PASS_PRUNE_COLUMNS, 0, gbx__pass_prune_columns},
    {GBX_PASS_PUSH_FILTERS, GBX_PASS_JOIN_ORDER, gbx__pass_push_filters},
    {GBX_PASS_JOIN_ORDER, 0, gbx__pass_join_order},
    {GBX_PASS_PUSH_FILTERS | GBX_PASS_JOIN_ORDER, 0, gbx__pass_prune_columns},
    {GBX_PASS_MERGE, 0, gbx__pass_merge},
    {GBX_PASS_NULL_SAFE, 0, gbx__pass_null_safe},
};

gbx_status gbx__optimise(gbx_plan *plan, uint32_t passes, gbx_plan **out, gbx_error *err)
{
    gbx_plan *now = gbx__plan_ref(plan);
    for (size_t i = 0; i < sizeof(passes_in_order) / sizeof(passes_in_order[0]); i++) {
        gbx_plan *next = NULL;
        const bool is_wanted = (passes & passes_in_order[i].bits) != 0;
        if (!is_wanted || (passes & passes_in_order[i].unless) != 0) continue;
        const gbx_status status = passes_in_order[i].run(now, &next, err);
        gbx__plan_unref(now);
        if (status != GBX_OK) return status;
        now = next;
    }
    *out = now;
    return GBX_OK;
}
