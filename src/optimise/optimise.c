#include "optimise/optimise.h"

typedef gbx_status pass(gbx_plan *plan, gbx_plan **out, gbx_error *err);

/* In the order in which they run: merging finds what pruning has left. */
static const struct {
    uint32_t bit;
    pass *run;
} passes_in_order[] = {
    {GBX_PASS_PRUNE_COLUMNS, gbx__pass_prune_columns},
    {GBX_PASS_MERGE, gbx__pass_merge},
    {GBX_PASS_NULL_SAFE, gbx__pass_null_safe},
};

gbx_status gbx__optimise(gbx_plan *plan, uint32_t passes, gbx_plan **out, gbx_error *err)
{
    gbx_plan *now = gbx__plan_ref(plan);
    for (size_t i = 0; i < sizeof(passes_in_order) / sizeof(passes_in_order[0]); i++) {
        gbx_plan *next = NULL;
        if (!(passes & passes_in_order[i].bit)) continue;
        const gbx_status status = passes_in_order[i].run(now, &next, err);
        gbx__plan_unref(now);
        if (status != GBX_OK) return status;
        now = next;
    }
    *out = now;
    return GBX_OK;
}
