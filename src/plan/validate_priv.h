/*
 * What the parts of validation share: validate.c walks the plan and minds ids, validate_node.c says
 * what each kind of node asks, validate_expr.c what expressions do.
 */
#ifndef GBX_PLAN_VALIDATE_PRIV_H
#define GBX_PLAN_VALIDATE_PRIV_H

#include "base/error.h"
#include "plan/plan_priv.h"

typedef struct gbx__check_col {
    const gbx__type *type; /* NULL: not made yet */
    uint32_t visible_at;   /* the stamp of the node that sees it */
} gbx__check_col;

typedef struct gbx__check {
    const gbx_plan *plan;
    gbx_error *err;
    gbx__check_col *cols;   /* by column id */
    const gbx__node **ctes; /* by cte id: those met so far */
    uint32_t stamp;         /* of the node that is looked at */
    gbx__pos node_pos;      /* where a failure is when the expression does not know */
} gbx__check;

/* Sets the error with its place in the plan's text (GBX_NO_POS: that of the node); returns
 * `status`. */
gbx_status gbx__check_fail(gbx__check *c, gbx_status status, gbx__pos pos, const char *format, ...)
    GBX_PRINTF(4, 5);
/* What the kind asks of a node whose inputs are checked and visible. */
gbx_status gbx__check_node(gbx__check *c, const gbx__node *node);
/* A column is made: once, by one node or lambda. */
gbx_status gbx__check_make(gbx__check *c, gbx__col_id id, const gbx__type *type, gbx__pos pos);
gbx_status gbx__check_type(gbx__check *c, const gbx__type *type, gbx__pos pos);
/* An expression whose root may be of the special kind `root` (AGG, WINDOW, UNNEST); nothing below
 * it may. GBX_EX_COLUMN: no special kind. */
gbx_status gbx__check_expr(gbx__check *c, const gbx__expr *expr, gbx__expr_kind root);
/* The same, and it is a boolean. */
gbx_status gbx__check_predicate(gbx__check *c, const gbx__expr *expr);
/* May a value of type `have` stand where `want` is said? A bare NULL fits all; JSON is text. */
bool gbx__check_type_fits(const gbx__type *want, const gbx__type *have);

#endif
