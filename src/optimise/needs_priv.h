/*
 * Which output columns of each node somebody uses: asked from the root downwards.
 *
 *   Project #9 = upper(#3)          needs #3
 *   └─ Filter #4 > 5                needs #3 and, for itself, #4
 *      └─ Scan → #3 name, #4 age, #5 city        #5: nobody
 *
 * A node with no needs at all may be alive all the same: its rows are counted. A source then keeps
 * its cheapest column, since a table without columns has lost its rows on most engines.
 * Dead is what no longer counts: the right side of a mark that nobody reads, and what only that
 * reads.
 */
#ifndef GBX_OPTIMISE_NEEDS_PRIV_H
#define GBX_OPTIMISE_NEEDS_PRIV_H

#include "optimise/pass_priv.h"

typedef struct gbx__needs {
    gbx__pass *pass;
    uint64_t **bits;        /* by node id: one for each output column; NULL: dead */
    const gbx__node **ctes; /* by cte id: the CTE or RECURSIVE */
} gbx__needs;

/* False after a failure, which the pass's builder has. */
bool gbx__needs_find(gbx__needs *needs, gbx__pass *pass);

bool gbx__needs_is_alive(const gbx__needs *needs, const gbx__node *node);
/* Is the output column at this position used? */
bool gbx__needs_has(const gbx__needs *needs, const gbx__node *node, uint32_t position);
/* How many of the output columns before this position are used. */
uint32_t gbx__needs_rank(const gbx__needs *needs, const gbx__node *node, uint32_t position);
/* The field of a source that is the least to read; n_fields when there is none. */
uint32_t gbx__needs_cheapest_field(const gbx__scan *scan);

#endif
