#include "plan/plan_priv.h"

#include "base/alloc.h"

/* ---- a set of nodes ------------------------------------------------------------------------- */

bool gbx__node_set_init(gbx__node_set *set, const gbx__node *root)
{
    *set = (gbx__node_set){0};
    const size_t n_words = (size_t)root->id / 64 + 1;
    if (n_words > GBX_NODE_SET_WORDS) set->more = gbx__alloc_zero(n_words * sizeof(uint64_t));
    return n_words <= GBX_NODE_SET_WORDS || set->more;
}

void gbx__node_set_done(gbx__node_set *set)
{
    gbx__alloc_free(set->more);
    set->more = NULL;
}

bool gbx__node_set_has(const gbx__node_set *set, const gbx__node *node)
{
    const uint64_t *words = set->more ? set->more : set->words;
    return words[node->id / 64] >> node->id % 64 & 1;
}

bool gbx__node_set_add(gbx__node_set *set, const gbx__node *node)
{
    uint64_t *words = set->more ? set->more : set->words;
    if (gbx__node_set_has(set, node)) return false;
    words[node->id / 64] |= UINT64_C(1) << node->id % 64;
    return true;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

typedef struct node_walker {
    gbx__node_visit *visit;
    void *ctx;
    gbx__node_set seen;
} node_walker;

static bool walk_node(node_walker *walker, const gbx__node *node)
{
    if (!gbx__node_set_add(&walker->seen, node)) return true;
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        if (!walk_node(walker, node->inputs[i])) return false;
    }
    return walker->visit(node, walker->ctx);
}

bool gbx__plan_walk(const gbx__node *root, gbx__node_visit *visit, void *ctx)
{
    node_walker walker = {.visit = visit, .ctx = ctx};
    if (!gbx__node_set_init(&walker.seen, root)) return false;
    const bool is_done = walk_node(&walker, root);
    gbx__node_set_done(&walker.seen);
    return is_done;
}

/* ---- expressions of a node ------------------------------------------------------------------ */

static bool exprs_all(uint32_t n, const gbx__expr *const *exprs, gbx__expr_visit *visit, void *ctx)
{
    for (uint32_t i = 0; exprs && i < n; i++) {
        if (!visit(exprs[i], ctx)) return false;
    }
    return true;
}

static bool exprs_keys(uint32_t n, const gbx__sort_key *keys, gbx__expr_visit *visit, void *ctx)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!visit(keys[i].expr, ctx)) return false;
    }
    return true;
}

static bool exprs_values(const gbx__node *node, gbx__expr_visit *visit, void *ctx)
{
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        if (!exprs_all(node->n_cols, node->values.rows[i], visit, ctx)) return false;
    }
    return true;
}

bool gbx__node_exprs(const gbx__node *node, gbx__expr_visit *visit, void *ctx)
{
    switch (node->kind) {
    case GBX_NODE_VALUES: return exprs_values(node, visit, ctx);
    case GBX_NODE_FILTER: return exprs_all(node->filter.n, node->filter.conjuncts, visit, ctx);
    case GBX_NODE_PROJECT: return exprs_all(node->n_cols, node->project.exprs, visit, ctx);
    case GBX_NODE_AGGREGATE:
        return exprs_all(node->aggregate.n_groups, node->aggregate.groups, visit, ctx) &&
               exprs_all(node->aggregate.n_aggs, node->aggregate.aggs, visit, ctx);
    case GBX_NODE_JOIN: return exprs_all(node->join.n_on, node->join.on, visit, ctx);
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
        return exprs_keys(node->sort.n_keys, node->sort.keys, visit, ctx) &&
               (!node->sort.limit || visit(node->sort.limit, ctx)) &&
               (!node->sort.offset || visit(node->sort.offset, ctx));
    case GBX_NODE_DISTINCT:
        return exprs_all(node->distinct.n_on, node->distinct.on, visit, ctx) &&
               exprs_keys(node->distinct.n_order, node->distinct.order, visit, ctx);
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST: return exprs_all(node->window.n_exprs, node->window.exprs, visit, ctx);
    case GBX_NODE_PIVOT: return exprs_all(node->pivot.n_aggs, node->pivot.defaults, visit, ctx);
    case GBX_NODE_TABLE_FN:
        return exprs_all(node->table_fn.n_args, node->table_fn.args, visit, ctx);
    default: return true;
    }
}
