/*
 * Constant expressions become constants: CAST('1998-09-02' AS DATE), now().
 *
 * Who asks says how they are computed (an engine does it); what fails when computed stays as it is,
 * and fails when the plan runs. now() and its like are computed too: after this pass the time of
 * the job is in the plan, the same for every engine that runs a part of it.
 * What is then compared as a point in time but is a day is compared as a day.
 */
#ifndef GBX_OPTIMISE_FOLD_H
#define GBX_OPTIMISE_FOLD_H

#include "plan/plan.h"

/* out[i]: what exprs[i] is, in `arena`; NULL: it stays. Called once for a plan, if at all. */
typedef gbx_status gbx__fold_compute(void *ctx, gbx__arena *arena, size_t n,
                                     const gbx__expr *const *exprs, const gbx__expr **out,
                                     gbx_error *err);

gbx_status gbx__pass_fold(gbx_plan *plan, gbx__fold_compute *compute, void *ctx, gbx_plan **out,
                          gbx_error *err);

#endif
