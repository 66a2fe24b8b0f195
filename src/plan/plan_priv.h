/*
 * What the files of plan/ share and nobody else needs.
 */
#ifndef GBX_PLAN_PRIV_H
#define GBX_PLAN_PRIV_H

#include "plan/plan.h"

#include <stdatomic.h>

/* ---- builder.c ------------------------------------------------------------------------------ */

/* Records NOMEM; returns NULL. */
void *gbx__plan_nomem(gbx__plan_builder *b);
/* A zeroed array in the arena, a copy of one (NULL for none), a copy of a text. Failures are
 * recorded. */
void *gbx__plan_array(gbx__plan_builder *b, size_t count, size_t size);
const void *gbx__plan_dup(gbx__plan_builder *b, const void *from, size_t count, size_t size);
gbx__str gbx__plan_str(gbx__plan_builder *b, gbx__str text);
/* Keeps `plan` alive as long as the plan that is built. */
bool gbx__plan_hold(gbx__plan_builder *b, const gbx_plan *plan);

/* ---- node_cols.c: how many inputs a kind has, and which columns it passes on ---------------- */

typedef struct gbx__node_arity {
    uint32_t min_inputs, max_inputs;
} gbx__node_arity;
gbx__node_arity gbx__node_arity_of(gbx__node_kind kind);

/* The columns of the inputs that a node of this shape passes on, first those of `first`, then those
 * of `second`; either may be NULL. */
typedef struct gbx__node_passed {
    const gbx__node *first, *second;
} gbx__node_passed;
gbx__node_passed gbx__node_passes(const gbx__node *shape);

/* ---- determinism.c -------------------------------------------------------------------------- */

/* The class of the plan below `root`; the reason lies in `arena`. False when memory is short. */
bool gbx__plan_classify(gbx__arena *arena, const gbx__node *root, gbx__determinism *out_class,
                        gbx__str *out_reason, gbx__volatility *out_volatility);

/* ---- walk.c --------------------------------------------------------------------------------- */

/* A set of nodes by id, on the stack as long as the ids are small. */
#define GBX_NODE_SET_WORDS 128
typedef struct gbx__node_set {
    uint64_t words[GBX_NODE_SET_WORDS];
    uint64_t *more; /* instead of words, on the heap */
} gbx__node_set;
bool gbx__node_set_init(gbx__node_set *set, const gbx__node *root); /* false: no memory */
void gbx__node_set_done(gbx__node_set *set);
bool gbx__node_set_add(gbx__node_set *set, const gbx__node *node); /* false: it was there */
bool gbx__node_set_has(const gbx__node_set *set, const gbx__node *node);

#endif
