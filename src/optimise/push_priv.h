/*
 * Filters on their way down, and the joins that they meet.
 *
 *   Filter a.k = b.k and a.x > 5 and b.y < 2
 *   └─ Join cross                                  Join inner on a.k = b.k
 *      ├─ Scan a                            ═→     ├─ Filter a.x > 5 ─ Scan a
 *      └─ Scan b                                   └─ Filter b.y < 2 ─ Scan b
 *
 *   push.c        one node: what of the pending conjuncts goes below it
 *   push_pred.c   what a conjunct is: its columns, may it fail, OR taken apart
 *   push_join.c   inner joins taken apart into relations and conjuncts, and put together again
 *   join_size.c   how many rows come out of something, by row counts alone
 */
#ifndef GBX_OPTIMISE_PUSH_PRIV_H
#define GBX_OPTIMISE_PUSH_PRIV_H

#include "optimise/pass_priv.h"

/* Conjuncts, in the pass's scratch memory. */
typedef struct gbx__preds {
    uint32_t n, room;
    const gbx__expr **items;
} gbx__preds;

typedef struct gbx__pusher {
    gbx__pass *pass;
    uint32_t *readers;      /* by node id: how many have it as an input */
    uint32_t *uses;         /* by column id: how often it is named, or handed on by position */
    const gbx__node **ctes; /* by cte id: what it is defined as, once that is known */
    double *domain;         /* by column id: rows of the table that it comes from; 0: unknown */
    bool orders;            /* joins may change their order */
} gbx__pusher;

/* ---- push_pred.c ----------------------------------------------------------------------------- */

void gbx__preds_add(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr);
/* The conjuncts of a condition, with what all arms of an OR have in common before it. */
void gbx__preds_split(gbx__pusher *p, gbx__preds *preds, const gbx__expr *expr);
/* Is the column one of `node`'s output? All of an expression's, of those that are no lambda's. */
bool gbx__pred_is_over(const gbx__expr *expr, const gbx__node *node);
typedef bool gbx__pred_col(void *ctx, gbx__col_id id);
/* Stops and returns false when `col` does. */
bool gbx__pred_cols(const gbx__expr *expr, gbx__pred_col *col, void *ctx);
bool gbx__pred_is_volatile(const gbx__expr *expr);
/* Could it end the query for some row? Then rows that others would have dropped must not meet
 * it. */
bool gbx__pred_may_fail(const gbx__expr *expr);
/* Of an OR: the OR of what each arm says of `node`'s columns alone; NULL: some arm says nothing. */
const gbx__expr *gbx__pred_derive(gbx__pusher *p, const gbx__expr *expr, const gbx__node *node);
/* With columns replaced: exprs[i] for cols[i]. NULL after a failure. */
const gbx__expr *gbx__pred_replace(gbx__pusher *p, const gbx__expr *expr, uint32_t n,
                                   const gbx__col *cols, const gbx__expr *const *exprs);

/* ---- push.c ---------------------------------------------------------------------------------- */

/* What takes the node's place when only rows that meet `preds` are wanted: the same columns, but
 * for marks that nobody names. */
const gbx__node *gbx__push(gbx__pusher *p, const gbx__node *node, gbx__preds preds);
/* Without those that are there already. */
gbx__preds gbx__preds_once(gbx__pusher *p, gbx__preds preds);
const gbx__node *gbx__push_filter(gbx__pusher *p, const gbx__node *input, gbx__preds preds);

/* ---- push_join.c ----------------------------------------------------------------------------- */

/* `node` is an inner or cross join. */
const gbx__node *gbx__push_inner(gbx__pusher *p, const gbx__node *node, gbx__preds preds);

/* ---- join_size.c ----------------------------------------------------------------------------- */

/* Rows, at least 1. Notes the domains of its columns. */
double gbx__join_size(gbx__pusher *p, const gbx__node *node);

#endif
