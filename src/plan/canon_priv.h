/*
 * The canonical bytes of one node: what its question is, in a form that says nothing of ids.
 *
 *   column of an input   its position among the columns of all inputs
 *   lambda parameter     how many lambdas further out, and its position
 *   cte                  how many ctes further out
 *
 * Numbers are little-endian, texts have their length before them, kinds are texts: the bytes are
 * the same on every machine and as long as GBX_SEMANTICS stays.
 */
#ifndef GBX_PLAN_CANON_PRIV_H
#define GBX_PLAN_CANON_PRIV_H

#include "plan/plan_priv.h"

/* Takes the bytes: a hash, or a buffer to compare. */
typedef void gbx__canon_put(void *ctx, const void *bytes, size_t len);

/* The ctes whose bodies are around a node, innermost first. */
typedef struct gbx__canon_scope {
    const struct gbx__canon_scope *up;
    uint32_t cte;
} gbx__canon_scope;

/* All of the node but its inputs. */
void gbx__canon_node(const gbx__node *node, const gbx__canon_scope *scope, gbx__canon_put *put,
                     void *ctx);
/* What else counts at the root: the names of the columns. */
void gbx__canon_names(const gbx__node *node, gbx__canon_put *put, void *ctx);

#endif
