/*
 * Proofs that rows which tie in some keys are the same in all that matters: the keys hold all
 * columns, or a unique key (a group's columns, a DISTINCT's, a row id), or there is one row.
 * What can't be proved counts as open.
 */
#ifndef GBX_PLAN_TOTAL_ORDER_PRIV_H
#define GBX_PLAN_TOTAL_ORDER_PRIV_H

#include "plan/plan_priv.h"

/* Expressions that are equal where rows tie: over a node's columns, seen from a node below it. */
typedef struct gbx__tie_keys {
    uint32_t n_exprs;
    const gbx__expr *const *exprs;
    uint32_t n_order;
    const gbx__sort_key *order;
    uint32_t n_on;
    const gbx__expr *const *on; /* conditions of a join: columns in them count */
    const gbx__node *project;   /* between the keys and here: a column below is fixed when … */
    const struct gbx__tie_keys *above; /* … one that holds it is fixed by these */
} gbx__tie_keys;

/* Is the column the same in all rows that tie? */
bool gbx__ties_fix(const gbx__tie_keys *keys, gbx__col_id id);
/* Are these, each a constant or such a column? */
bool gbx__ties_fix_exprs(const gbx__tie_keys *keys, uint32_t n, const gbx__expr *const *exprs);
/* Are rows of `node` that tie the same row, or all alike? */
bool gbx__ties_are_alike(const gbx__node *node, gbx__tie_keys keys);
bool gbx__has_one_row(const gbx__node *node);
/* A constant limit of no more than `most` rows. */
bool gbx__is_at_most(const gbx__expr *limit, int64_t most);

#endif
