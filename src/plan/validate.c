/*
 * Does a plan hold together? One walk, inputs first; what is known of columns and ctes is kept by
 * id.
 */
#include "plan/validate_priv.h"

#include "base/alloc.h"

/* The bodies of ctes and the steps of recursions around a node, innermost first. */
typedef struct cte_scope {
    const struct cte_scope *up;
    const gbx__node *cte;
    uint32_t level; /* 1 for the outermost */
} cte_scope;

#define NEEDS_NOTHING UINT32_MAX

typedef struct node_state {
    const gbx__node *node;
    const gbx__node *scope; /* the cte around it when it was looked at */
    uint32_t needs;         /* the outermost scope that a CteRef in it goes to */
} node_state;

typedef struct validator {
    gbx__check c;
    node_state *nodes; /* by node id */
} validator;

/* ---- failures and columns ------------------------------------------------------------------- */

gbx_status gbx__check_fail(gbx__check *c, gbx_status status, gbx__pos pos, const char *format, ...)
{
    const gbx__str text = c->plan->text;
    const gbx__pos at = pos.offset >= 0 ? pos : c->node_pos;
    va_list args;
    va_start(args, format);
    gbx__error_vset(c->err, status, format, args);
    va_end(args);
    if (at.offset >= 0 && text.len > 0 && (uint64_t)at.offset <= text.len) {
        gbx__error_locate(c->err, text.ptr, text.len, (size_t)at.offset);
    }
    return status;
}

gbx_status gbx__check_make(gbx__check *c, gbx__col_id id, const gbx__type *type, gbx__pos pos)
{
    if (id == 0 || id >= c->plan->next_col) {
        return gbx__check_fail(c, GBX_INTERNAL, pos, "column #%u is outside the plan's ids", id);
    }
    if (c->cols[id].type) {
        return gbx__check_fail(c, GBX_INTERNAL, pos, "column #%u is made twice", id);
    }
    c->cols[id].type = type;
    return GBX_OK;
}

static gbx_status see_cols(gbx__check *c, const gbx__node *input)
{
    for (uint32_t i = 0; i < input->n_cols; i++) {
        gbx__check_col *col = &c->cols[input->cols[i].id];
        if (col->visible_at == c->stamp) {
            return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "column #%u comes from two inputs",
                                   input->cols[i].id);
        }
        col->visible_at = c->stamp;
    }
    return GBX_OK;
}

static gbx_status check_col(validator *v, const gbx__col *col)
{
    GBX_TRY(gbx__check_type(&v->c, col->type, GBX_NO_POS));
    return gbx__check_make(&v->c, col->id, col->type, GBX_NO_POS);
}

static bool makes_cols(const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_DISTINCT:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_CTE: return false;
    case GBX_NODE_JOIN: return node->join.kind == GBX_JOIN_MARK;
    default: return true;
    }
}

/* The columns passed on are the inputs', those behind them are new. */
static gbx_status check_cols(validator *v, const gbx__node *node)
{
    const gbx__node_passed passed = gbx__node_passes(node);
    const gbx__node *const from[2] = {passed.first, passed.second};
    uint32_t at = 0;
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; from[k] && i < from[k]->n_cols; i++, at++) {
            if (at < node->n_cols && node->cols[at].id == from[k]->cols[i].id &&
                gbx__type_equal(node->cols[at].type, from[k]->cols[i].type)) {
                continue;
            }
            return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS,
                                   "an operator does not pass its input's columns on");
        }
    }
    if (gbx__node_is_select(node)) return GBX_OK; /* check_select looks at these */
    if (at < node->n_cols && !makes_cols(node)) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS,
                               "an operator that makes no columns has more than its input");
    }
    for (; at < node->n_cols; at++) GBX_TRY(check_col(v, &node->cols[at]));
    return GBX_OK;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static gbx_status visit(validator *v, const gbx__node *node, const cte_scope *scope, uint32_t level,
                        uint32_t *needs);

static gbx_status visit_ref(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t *needs)
{
    while (scope && scope->cte->cte.id != node->cte_ref.id) scope = scope->up;
    if (!scope) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS,
                               "a cte is read outside of its query");
    }
    if (scope->level < *needs) *needs = scope->level;
    return GBX_OK;
}

/* The second input of a cte (its body) or of a recursion (its step) may read it. */
static gbx_status visit_cte(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t level, uint32_t *needs)
{
    const uint32_t id = node->cte.id;
    if (id == 0 || id >= v->c.plan->next_cte || v->c.ctes[id]) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS, "the id of a cte is not its own");
    }
    GBX_TRY(visit(v, node->inputs[0], scope, level + 1, needs));
    v->c.ctes[id] = node;
    const cte_scope inner = {.up = scope, .cte = node, .level = scope ? scope->level + 1 : 1};
    return visit(v, node->inputs[1], &inner, level + 1, needs);
}

static gbx_status visit_inputs(validator *v, const gbx__node *node, const cte_scope *scope,
                               uint32_t level, uint32_t *needs)
{
    if (node->kind == GBX_NODE_CTE_REF) return visit_ref(v, node, scope, needs);
    if (node->kind == GBX_NODE_CTE || node->kind == GBX_NODE_RECURSIVE) {
        return visit_cte(v, node, scope, level, needs);
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        GBX_TRY(visit(v, node->inputs[i], scope, level + 1, needs));
    }
    return GBX_OK;
}

/* A node that is met again: the same ctes must be meant. */
static gbx_status visit_again(validator *v, const node_state *state, const gbx__node *node,
                              const cte_scope *scope, uint32_t *needs)
{
    if (state->node != node) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS, "two operators have one id");
    }
    if (state->needs != NEEDS_NOTHING && state->scope != (scope ? scope->cte : NULL)) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS,
                               "an operator that reads a cte is shared over its border");
    }
    if (state->needs < *needs) *needs = state->needs;
    return GBX_OK;
}

static gbx_status visit_new(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t level, uint32_t *needs)
{
    const gbx__node_arity arity = gbx__node_arity_of(node->kind);
    if (node->n_inputs < arity.min_inputs || node->n_inputs > arity.max_inputs) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS,
                               "an operator has too many or too few inputs");
    }
    GBX_TRY(visit_inputs(v, node, scope, level, needs));

    v->c.node_pos = node->pos;
    v->c.stamp++;
    const bool sees_inputs = node->kind != GBX_NODE_SETOP && node->kind != GBX_NODE_CTE &&
                             node->kind != GBX_NODE_RECURSIVE;
    for (uint32_t i = 0; sees_inputs && i < node->n_inputs; i++) {
        GBX_TRY(see_cols(&v->c, node->inputs[i]));
    }
    GBX_TRY(check_cols(v, node));
    return gbx__check_node(&v->c, node);
}

static gbx_status visit(validator *v, const gbx__node *node, const cte_scope *scope, uint32_t level,
                        uint32_t *needs)
{
    v->c.node_pos = node->pos;
    if (level > GBX_MAX_DEPTH) {
        return gbx__check_fail(&v->c, GBX_INVALID, GBX_NO_POS, "the query is nested too deeply");
    }
    if (node->id == 0 || node->id >= v->c.plan->next_node ||
        (unsigned)node->kind >= GBX_NODE_KINDS) {
        return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS, "an operator is not sound");
    }
    node_state *state = &v->nodes[node->id];
    if (state->node) return visit_again(v, state, node, scope, needs);

    uint32_t own = NEEDS_NOTHING;
    const uint32_t scope_level = scope ? scope->level : 0;
    GBX_TRY(visit_new(v, node, scope, level, &own));
    if (own > scope_level) own = NEEDS_NOTHING; /* all that it reads lies within */
    *state = (node_state){.node = node, .scope = scope ? scope->cte : NULL, .needs = own};
    if (own < *needs) *needs = own;
    return GBX_OK;
}

gbx_status gbx__plan_validate(const gbx_plan *plan, gbx_error *err)
{
    validator v = {
        .c = {.plan = plan, .err = err, .node_pos = GBX_NO_POS},
        .nodes = gbx__alloc_zero(plan->next_node * sizeof(node_state)),
    };
    v.c.ctes = gbx__alloc_zero(plan->next_cte * sizeof(gbx__node *));
    v.c.cols = gbx__alloc_zero(plan->next_col * sizeof(gbx__check_col));
    gbx_status status = GBX_OK;
    uint32_t needs = NEEDS_NOTHING;
    if (v.nodes && v.c.ctes && v.c.cols) {
        status = visit(&v, plan->root, NULL, 1, &needs);
    } else {
        status = GBX_FAIL_NOMEM(err);
    }
    gbx__alloc_free(v.nodes);
    gbx__alloc_free(v.c.ctes);
    gbx__alloc_free(v.c.cols);
    return status;
}
