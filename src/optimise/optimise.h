/*
 * Passes over plans, each plan → plan. An engine names the passes that it wants (engine.h, GBX_PASS_*);
 * one that optimises by itself asks for pruning only.
 */
#ifndef GBX_OPTIMISE_OPTIMISE_H
#define GBX_OPTIMISE_OPTIMISE_H

#include "plan/plan.h"

/* Bits as in engine/engine.h; they run in a fixed order. The same plan with a new reference when no
 * pass found anything to do. */
gbx_status gbx__optimise(gbx_plan *plan, uint32_t passes, gbx_plan **out, gbx_error *err);

/* Columns that nobody uses are not read or carried. */
gbx_status gbx__pass_prune_columns(gbx_plan *plan, gbx_plan **out, gbx_error *err);

#endif
