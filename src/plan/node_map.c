/*
 * Nodes made of nodes: over other inputs, with other expressions, or taken over from another plan.
 */
#include "plan/plan_priv.h"

#include "base/alloc.h"

/* ---- expressions ---------------------------------------------------------------------------- */

typedef struct node_mapper {
    gbx__plan_builder *b;
    gbx__expr_rewrite *rewrite;
    void *ctx;
} node_mapper;

static const gbx__expr *map_expr(const node_mapper *m, const gbx__expr *expr)
{
    if (!expr || m->b->failed) return expr;
    const gbx__expr *mapped = gbx__expr_map(&m->b->arena, expr, m->rewrite, m->ctx);
    return mapped ? mapped : gbx__plan_nomem(m->b);
}

static const gbx__expr *const *map_exprs(const node_mapper *m, uint32_t n,
                                         const gbx__expr *const *exprs)
{
    if (n == 0 || !exprs) return exprs;
    const gbx__expr **mapped = gbx__plan_array(m->b, n, sizeof(*mapped));
    for (uint32_t i = 0; mapped && i < n; i++) mapped[i] = map_expr(m, exprs[i]);
    return mapped;
}

static const gbx__sort_key *map_keys(const node_mapper *m, uint32_t n, const gbx__sort_key *keys)
{
    gbx__sort_key *mapped = n ? gbx__plan_array(m->b, n, sizeof(*mapped)) : NULL;
    for (uint32_t i = 0; mapped && i < n; i++) {
        mapped[i] = keys[i];
        mapped[i].expr = map_expr(m, keys[i].expr);
    }
    return mapped;
}

static void map_rows(const node_mapper *m, gbx__node *shape)
{
    const uint32_t n = shape->values.n_rows;
    const gbx__expr *const **rows = n ? gbx__plan_array(m->b, n, sizeof(*rows)) : NULL;
    for (uint32_t i = 0; rows && i < n; i++) {
        rows[i] = map_exprs(m, shape->n_cols, shape->values.rows[i]);
    }
    shape->values.rows = rows;
}

/* Of a copied node, all expressions in their places. */
static void map_payload(const node_mapper *m, gbx__node *shape)
{
    switch (shape->kind) {
    case GBX_NODE_VALUES: map_rows(m, shape); break;
    case GBX_NODE_FILTER:
        shape->filter.conjuncts = map_exprs(m, shape->filter.n, shape->filter.conjuncts);
        break;
    case GBX_NODE_PROJECT:
        shape->project.exprs = map_exprs(m, shape->n_cols, shape->project.exprs);
        break;
    case GBX_NODE_AGGREGATE:
        shape->aggregate.groups = map_exprs(m, shape->aggregate.n_groups, shape->aggregate.groups);
        shape->aggregate.aggs = map_exprs(m, shape->aggregate.n_aggs, shape->aggregate.aggs);
        break;
    case GBX_NODE_JOIN: shape->join.on = map_exprs(m, shape->join.n_on, shape->join.on); break;
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
        shape->sort.keys = map_keys(m, shape->sort.n_keys, shape->sort.keys);
        shape->sort.limit = map_expr(m, shape->sort.limit);
        shape->sort.offset = map_expr(m, shape->sort.offset);
        break;
    case GBX_NODE_DISTINCT:
        shape->distinct.on = map_exprs(m, shape->distinct.n_on, shape->distinct.on);
        shape->distinct.order = map_keys(m, shape->distinct.n_order, shape->distinct.order);
        break;
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST:
        shape->window.exprs = map_exprs(m, shape->window.n_exprs, shape->window.exprs);
        break;
    case GBX_NODE_PIVOT:
        shape->pivot.defaults = map_exprs(m, shape->pivot.n_aggs, shape->pivot.defaults);
        break;
    case GBX_NODE_TABLE_FN:
        shape->table_fn.args = map_exprs(m, shape->table_fn.n_args, shape->table_fn.args);
        break;
    default: break;
    }
}

/* ---- other inputs --------------------------------------------------------------------------- */

static bool map_same_inputs(const gbx__node *node, const gbx__node *const *inputs)
{
    for (uint32_t i = 0; inputs && i < node->n_inputs; i++) {
        if (inputs[i] != node->inputs[i]) return false;
    }
    return true;
}

const gbx__node *gbx__node_map(gbx__plan_builder *b, const gbx__node *node,
                               const gbx__node *const *inputs, gbx__expr_rewrite *rewrite,
                               void *ctx)
{
    if (b->failed || !node) return NULL;
    if (!rewrite && map_same_inputs(node, inputs)) return node;
    const node_mapper mapper = {.b = b, .rewrite = rewrite, .ctx = ctx};
    const uint32_t n_passed = gbx__node_is_select(node) ? 0 : gbx__node_n_passed(node);
    gbx__node shape = *node;
    shape.n_cols = node->n_cols - n_passed;
    shape.cols = shape.n_cols ? node->cols + n_passed : NULL;
    if (inputs) shape.inputs = gbx__plan_dup(b, inputs, node->n_inputs, sizeof(*inputs));
    if (rewrite) map_payload(&mapper, &shape);
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_with_inputs(gbx__plan_builder *b, const gbx__node *node,
                                       const gbx__node *const *inputs)
{
    return gbx__node_map(b, node, inputs, NULL, NULL);
}

/* ---- another plan --------------------------------------------------------------------------- */

typedef struct importer {
    gbx__plan_builder *b;
    uint32_t *cols;           /* the new id of each old one; 0: not met yet */
    uint32_t *ctes;           /* the same */
    const gbx__node **copies; /* by the old node's id */
} importer;

/* Whatever is met first, the use or the making, gets the new id. */
static gbx__col_id import_col(importer *im, gbx__col_id old)
{
    if (!im->cols[old]) im->cols[old] = gbx__plan_new_col(im->b);
    return im->cols[old];
}

static uint32_t import_cte(importer *im, uint32_t old)
{
    if (!im->ctes[old]) im->ctes[old] = gbx__plan_new_cte(im->b);
    return im->ctes[old];
}

static const gbx__expr *import_expr(const gbx__expr *expr, void *ctx)
{
    importer *im = ctx;
    gbx__expr *copy = gbx__plan_array(im->b, 1, sizeof(*copy));
    if (!copy) return NULL;
    *copy = *expr;
    copy->pos = GBX_NO_POS;
    if (expr->kind == GBX_EX_COLUMN) copy->col = import_col(im, expr->col);
    if (expr->kind == GBX_EX_LAMBDA) {
        const uint32_t n = expr->lambda.n_params;
        gbx__col_id *params = gbx__plan_array(im->b, n, sizeof(*params));
        for (uint32_t i = 0; params && i < n; i++) {
            params[i] = import_col(im, expr->lambda.params[i]);
        }
        copy->lambda.params = params;
    }
    return im->b->failed ? NULL : copy;
}

static void import_cols(importer *im, gbx__node *shape)
{
    gbx__col *cols = shape->n_cols ? gbx__plan_array(im->b, shape->n_cols, sizeof(*cols)) : NULL;
    for (uint32_t i = 0; cols && i < shape->n_cols; i++) {
        cols[i] = shape->cols[i];
        cols[i].id = import_col(im, cols[i].id);
    }
    shape->cols = cols;
}

static void import_ids(importer *im, gbx__node *shape)
{
    switch (shape->kind) {
    case GBX_NODE_JOIN:
        if (shape->join.kind == GBX_JOIN_MARK) shape->join.mark = import_col(im, shape->join.mark);
        break;
    case GBX_NODE_CTE:
    case GBX_NODE_RECURSIVE: shape->cte.id = import_cte(im, shape->cte.id); break;
    case GBX_NODE_CTE_REF: shape->cte_ref.id = import_cte(im, shape->cte_ref.id); break;
    default: break;
    }
}

/* Its inputs were imported before: the walk is inputs first. */
static bool import_node(const gbx__node *node, void *ctx)
{
    importer *im = ctx;
    const node_mapper mapper = {.b = im->b, .rewrite = import_expr, .ctx = im};
    const uint32_t n_passed = gbx__node_is_select(node) ? 0 : gbx__node_n_passed(node);
    gbx__node shape = *node;
    shape.pos = GBX_NO_POS;
    shape.n_cols = node->n_cols - n_passed;
    shape.cols = shape.n_cols ? node->cols + n_passed : NULL;
    if (node->n_inputs) {
        const gbx__node **inputs = gbx__plan_array(im->b, node->n_inputs, sizeof(*inputs));
        if (!inputs) return false;
        for (uint32_t i = 0; i < node->n_inputs; i++) inputs[i] = im->copies[node->inputs[i]->id];
        shape.inputs = inputs;
    }
    import_cols(im, &shape);
    import_ids(im, &shape);
    map_payload(&mapper, &shape);
    im->copies[node->id] = gbx__node_new(im->b, &shape);
    return im->copies[node->id];
}

const gbx__node *gbx__plan_import(gbx__plan_builder *b, const gbx_plan *plan)
{
    if (b->failed || !gbx__plan_hold(b, plan)) return NULL;
    importer im = {
        .b = b,
        .cols = gbx__alloc_zero(plan->next_col * sizeof(uint32_t)),
        .ctes = gbx__alloc_zero(plan->next_cte * sizeof(uint32_t)),
        .copies = gbx__alloc_zero(plan->next_node * sizeof(gbx__node *)),
    };
    const gbx__node *root = NULL;
    if (im.cols && im.ctes && im.copies && gbx__plan_walk(plan->root, import_node, &im)) {
        root = im.copies[plan->root->id];
    }
    gbx__alloc_free(im.cols);
    gbx__alloc_free(im.ctes);
    gbx__alloc_free(im.copies);
    return root ? root : gbx__plan_nomem(b); /* which says nothing after an earlier failure */
}
