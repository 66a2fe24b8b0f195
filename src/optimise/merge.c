/*
 * Two operators that one can do become one.
 *
 *   Project #5 = #3, #6 = #4                       Project #5 = #1 + 1, #6 = #2
 *   └─ Project #3 = #1 + 1, #4 = #2        ═→      └─ …
 *      └─ …
 *   Limit 5 ─ Sort [#1]                    ═→      TopN 5 [#1]
 *
 * What more than one operator reads stays as it is: it would be done twice.
 */
#include "base/error.h"
#include "optimise/pass_priv.h"

typedef struct merger {
    gbx__pass pass;
    uint32_t *uses; /* by node id: how many inputs it is */
} merger;

static bool is_used_once(const merger *m, const gbx__node *node)
{
    return m->uses[node->id] == 1;
}

/* ---- projections ----------------------------------------------------------------------------- */

static bool is_bare(const gbx__node *project)
{
    for (uint32_t i = 0; i < project->n_cols; i++) {
        if (project->project.exprs[i]->kind != GBX_EX_COLUMN) return false;
    }
    return true;
}

static bool is_plain(const gbx__expr *expr)
{
    return expr->kind == GBX_EX_COLUMN || expr->kind == GBX_EX_CONST;
}

/* For each column of a bare projection the inner one's expression; NULL where one would be computed
 * twice, and so might differ. */
static const gbx__expr *const *compose(merger *m, const gbx__node *outer, const gbx__node *inner)
{
    const gbx__expr **exprs = gbx__pass_array(&m->pass, outer->n_cols, sizeof(*exprs));
    bool *is_taken = gbx__pass_scratch(&m->pass, inner->n_cols, sizeof(*is_taken));
    if (!exprs || !is_taken) return NULL;
    gbx__pass_look(&m->pass);
    gbx__pass_see(&m->pass, inner);
    for (uint32_t i = 0; i < outer->n_cols; i++) {
        const gbx__pass_slot *slot = gbx__pass_find(&m->pass, outer->project.exprs[i]->col);
        if (!slot) return NULL;
        exprs[i] = inner->project.exprs[slot->position];
        if (is_taken[slot->position] && !is_plain(exprs[i])) return NULL;
        is_taken[slot->position] = true;
    }
    return exprs;
}

/* A selection passes ids on, so whoever reads it may read its input. */
static const gbx__node *merge_project(merger *m, const gbx__node *node, const gbx__node *old)
{
    const gbx__node *inner = node->inputs[0];
    if (inner->kind != GBX_NODE_PROJECT) return node;
    if (gbx__node_is_select(inner)) {
        return gbx__node_with_inputs(&m->pass.b, node, inner->inputs);
    }
    if (!is_used_once(m, old->inputs[0]) || !is_bare(node)) return node;
    const gbx__expr *const *exprs = compose(m, node, inner);
    if (!exprs) return m->pass.b.failed ? NULL : node;
    gbx__node shape = *node;
    shape.inputs = inner->inputs;
    shape.project.exprs = exprs;
    return gbx__node_new(&m->pass.b, &shape);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static bool is_count(const gbx__expr *expr)
{
    return !expr || (expr->kind == GBX_EX_CONST && expr->type->kind == GBX_TYPE_INT64);
}

static const gbx__node *merge_limit(merger *m, const gbx__node *node, const gbx__node *old)
{
    const gbx__node *sort = node->inputs[0];
    if (sort->kind != GBX_NODE_SORT || !is_used_once(m, old->inputs[0])) return node;
    if (!node->sort.limit || node->sort.is_percent || !is_count(node->sort.limit) ||
        !is_count(node->sort.offset)) {
        return node;
    }
    return gbx__node_topn(&m->pass.b, sort->inputs[0], sort->sort.n_keys, sort->sort.keys,
                          node->sort.limit, node->sort.offset, node->pos);
}

/* ---- all ------------------------------------------------------------------------------------- */

static const gbx__node *merge_node(merger *m, const gbx__node *old)
{
    const gbx__node *node = gbx__pass_again(&m->pass, old);
    if (!node) return NULL;
    if (node->kind == GBX_NODE_PROJECT) return merge_project(m, node, old);
    if (node->kind == GBX_NODE_LIMIT) return merge_limit(m, node, old);
    return node;
}

gbx_status gbx__pass_merge(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    merger m = {0};
    GBX_TRY(gbx__pass_begin(&m.pass, plan, err));
    m.uses = gbx__pass_scratch(&m.pass, plan->next_node, sizeof(*m.uses));
    for (size_t i = 0; m.uses && i < m.pass.n; i++) {
        const gbx__node *node = m.pass.nodes[i];
        for (uint32_t k = 0; k < node->n_inputs; k++) m.uses[node->inputs[k]->id]++;
    }
    for (size_t i = 0; i < m.pass.n && !m.pass.b.failed; i++) {
        gbx__pass_set(&m.pass, m.pass.nodes[i], merge_node(&m, m.pass.nodes[i]));
    }
    return gbx__pass_end(&m.pass, out, err);
}
