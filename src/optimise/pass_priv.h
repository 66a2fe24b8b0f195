/*
 * What passes share: a plan rebuilt node by node, inputs first.
 *
 *   gbx__pass p;
 *   gbx_status status = gbx__pass_begin(&p, plan, err);
 *   for (size_t i = 0; i < p.n; i++) gbx__pass_set(&p, p.nodes[i], what takes its place);
 *   return gbx__pass_end(&p, out, err);
 *
 * A failure of the builder makes every later node NULL and is told at the end.
 */
#ifndef GBX_OPTIMISE_PASS_PRIV_H
#define GBX_OPTIMISE_PASS_PRIV_H

#include "optimise/optimise.h"

/* Where a column stands among the inputs of the node that is looked at. */
typedef struct gbx__pass_slot {
    uint32_t stamp; /* of the last look; 0: never seen */
    uint32_t position;
    const gbx__node *input;
} gbx__pass_slot;

typedef struct gbx__pass {
    gbx__plan_builder b; /* shares the plan */
    gbx__arena scratch;  /* what does not outlive the pass */
    gbx_plan *plan;
    size_t n;
    const gbx__node **nodes; /* of the plan, inputs first, each once */
    const gbx__node **made;  /* by the id of the plan's node: what takes its place */
    gbx__pass_slot *slots;   /* by the id of a column of the plan */
    uint32_t stamp;
} gbx__pass;

gbx_status gbx__pass_begin(gbx__pass *p, gbx_plan *plan, gbx_error *err);
/* The plan over what takes the root's place, or the same plan with a new reference. Frees all. */
gbx_status gbx__pass_end(gbx__pass *p, gbx_plan **out, gbx_error *err);

void gbx__pass_set(gbx__pass *p, const gbx__node *node, const gbx__node *made);
/* What takes a node's place; NULL after a failure. */
const gbx__node *gbx__pass_made(const gbx__pass *p, const gbx__node *node);
/* The node over what takes its inputs' places. */
const gbx__node *gbx__pass_again(gbx__pass *p, const gbx__node *node);
/* A zeroed array in the new plan, or for the time of the pass; NULL only after a failure, which is
 * recorded. */
void *gbx__pass_array(gbx__pass *p, size_t count, size_t size);
void *gbx__pass_scratch(gbx__pass *p, size_t count, size_t size);

/* Forget all columns seen, see those of a node, and where a column was seen (NULL: nowhere). */
void gbx__pass_look(gbx__pass *p);
void gbx__pass_see(gbx__pass *p, const gbx__node *input);
const gbx__pass_slot *gbx__pass_find(const gbx__pass *p, gbx__col_id id);

#endif
