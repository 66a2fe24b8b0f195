/*
 * Passes over plans, each plan → plan. An engine names the passes that it wants; one that optimises
 * by itself asks for pruning only.
 *
 *   gbx_plan *better = NULL;
 *   GBX_TRY(gbx__optimise(plan, vtable->info.passes, &better, err));
 *
 * The answer of a plan is the same after every pass: its rows, and its root's columns with their
 * ids, order and names. A plan that a pass made shares what stayed with the plan it came from.
 */
#ifndef GBX_OPTIMISE_OPTIMISE_H
#define GBX_OPTIMISE_OPTIMISE_H

#include "plan/plan.h"

/* The bits of engine/engine.h, as far as there are passes for them. To the letter: where both are
 * included the compiler compares them. */
#define GBX_PASS_PRUNE_COLUMNS 1u
#define GBX_PASS_PUSH_FILTERS 4u
#define GBX_PASS_JOIN_ORDER 8u
#define GBX_PASS_MERGE 128u
#define GBX_PASS_NULL_SAFE 256u

/* The passes of these bits in a fixed order; bits without a pass say nothing. The same plan with a
 * new reference when none found anything to do. */
gbx_status gbx__optimise(gbx_plan *plan, uint32_t passes, gbx_plan **out, gbx_error *err);

/* Columns that nobody uses are not read, computed or carried. */
gbx_status gbx__pass_prune_columns(gbx_plan *plan, gbx_plan **out, gbx_error *err);
/* Rows are dropped as early as they can be: conjuncts go down into joins and sources, a cross
 * product with a condition becomes a join, EXISTS and IN become semi and anti joins. */
gbx_status gbx__pass_push_filters(gbx_plan *plan, gbx_plan **out, gbx_error *err);
/* The same, and inner joins begin with those that leave few rows, by the tables' row counts. */
gbx_status gbx__pass_join_order(gbx_plan *plan, gbx_plan **out, gbx_error *err);
/* Two operators that one can do become one: a projection of a projection, a limit of a sort. */
gbx_status gbx__pass_merge(gbx_plan *plan, gbx_plan **out, gbx_error *err);
/* Joins that match NULL with NULL where one side has none become plain ones. */
gbx_status gbx__pass_null_safe(gbx_plan *plan, gbx_plan **out, gbx_error *err);

#endif
