/*
 * Plan JSON from a stranger: refused, or a plan that reads back to an equal one.
 */
#include "plan/plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

/* What a plan is put to: none of it may fail but for memory. */
static void use(const gbx_plan *plan)
{
    gbx_error err;
    gbx_plan *copy = NULL;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__plan_print(&out, plan);
    gbx__buf_clear(&out);
    gbx__plan_to_json(&out, plan);
    must(!out.failed);
    must(gbx__plan_from_json(gbx__buf_view(&out), &copy, &err) == GBX_OK);
    const gbx__hash128 a = gbx__plan_hash(plan);
    const gbx__hash128 b = gbx__plan_hash(copy);
    must(a.hi == b.hi && a.lo == b.lo && gbx__plan_equal(plan, copy));
    gbx__plan_unref(copy);
    gbx__buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    const gbx__str json = {(const char *)data, size};
    const gbx_status status = gbx__plan_from_json(json, &plan, &err);
    if (status == GBX_OK) {
        use(plan);
    } else {
        must(status != GBX_INTERNAL && err.status == status && err.message[0]);
    }
    gbx__plan_unref(plan);
    return 0;
}
