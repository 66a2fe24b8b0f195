/*
 * Columns that nobody uses are not read, computed or carried.
 *
 *   before  Join on #1 = #5                       after  Join on #1 = #5
 *           ├─ Filter #2 > 9                             ├─ Project #1      (carried no further)
 *           │  └─ Scan → #1, #2, #3                      │  └─ Filter #2 > 9
 *           └─ Scan → #5, #6                             │     └─ Scan → #1, #2
 *                                                        └─ Scan → #5
 *
 * What makes columns makes those that are used; ids stay. A node passes on what its input has, so
 * its output may hold a column that only the node itself has used: it ends before the next operator
 * that keeps rows. Who reads by position (the root, arms of set operations, definitions of ctes,
 * recursions) gets exactly the columns that it needs, in their old order.
 */
#include "base/error.h"
#include "optimise/needs_priv.h"

typedef struct pruner {
    gbx__pass pass;
    gbx__needs needs;
} pruner;

/* ---- narrowing what takes an input's place --------------------------------------------------- */

/* Where a node has a column; n_cols: nowhere. Those that this pass made are not among the slots. */
static uint32_t position_of(const pruner *p, const gbx__node *made, gbx__col_id id)
{
    const gbx__pass_slot *slot = gbx__pass_find(&p->pass, id);
    if (slot) return slot->position;
    uint32_t i = 0;
    while (i < made->n_cols && made->cols[i].id != id) i++;
    return i;
}

/* These columns, which `made` has; itself when it has no others and the same order. */
static const gbx__node *select_cols(pruner *p, const gbx__node *made, uint32_t n,
                                    const gbx__col *const *cols)
{
    uint32_t *positions = gbx__pass_scratch(&p->pass, n, sizeof(*positions));
    if (!made || !positions) return NULL;
    bool is_same = n == made->n_cols;
    for (uint32_t i = 0; is_same && i < n; i++) is_same = cols[i]->id == made->cols[i].id;
    if (is_same) return made;
    gbx__pass_look(&p->pass);
    gbx__pass_see(&p->pass, made);
    for (uint32_t i = 0; i < n; i++) {
        positions[i] = position_of(p, made, cols[i]->id);
        if (positions[i] == made->n_cols) {
            return gbx__plan_fail(&p->pass.b, GBX_INTERNAL, made->pos,
                                  "column #%u was lost when columns were pruned", cols[i]->id);
        }
    }
    return gbx__node_select(&p->pass.b, made, n, positions);
}

/* What takes an input's place, with its columns in their old order: all, or those that `user` uses
 * by position. */
static const gbx__node *by_position(pruner *p, const gbx__node *input, const gbx__node *user)
{
    const gbx__node *made = gbx__pass_made(&p->pass, input);
    const gbx__col **cols = gbx__pass_scratch(&p->pass, input->n_cols, sizeof(*cols));
    uint32_t n = 0;
    for (uint32_t i = 0; cols && i < input->n_cols; i++) {
        if (!user || gbx__needs_has(&p->needs, user, i)) cols[n++] = &input->cols[i];
    }
    return cols ? select_cols(p, made, n, cols) : NULL;
}

/* What takes the place of a node's input. */
typedef const gbx__node *take(pruner *p, const gbx__node *node, uint32_t i);

static const gbx__node *take_it(pruner *p, const gbx__node *node, uint32_t i)
{
    return gbx__pass_made(&p->pass, node->inputs[i]);
}

static const gbx__node *take_all(pruner *p, const gbx__node *node, uint32_t i)
{
    return by_position(p, node->inputs[i], NULL);
}

static const gbx__node *take_arm(pruner *p, const gbx__node *node, uint32_t i)
{
    return by_position(p, node->inputs[i], node);
}

/* The used columns in whatever order they come; where none is used, one, so that there are rows. */
static const gbx__node *take_used(pruner *p, const gbx__node *node, uint32_t i)
{
    const gbx__node *input = node->inputs[i];
    const gbx__node *made = gbx__pass_made(&p->pass, input);
    if (!made || made->n_cols == 0) return made;
    const gbx__col **cols = gbx__pass_scratch(&p->pass, made->n_cols, sizeof(*cols));
    uint32_t n = 0;
    gbx__pass_look(&p->pass);
    gbx__pass_see(&p->pass, input);
    for (uint32_t c = 0; cols && c < made->n_cols; c++) {
        const gbx__pass_slot *slot = gbx__pass_find(&p->pass, made->cols[c].id);
        if (slot && gbx__needs_has(&p->needs, input, slot->position)) cols[n++] = &made->cols[c];
    }
    if (cols && n == 0) cols[n++] = &made->cols[0];
    return cols ? select_cols(p, made, n, cols) : NULL;
}

static const gbx__node *const *prune_inputs(pruner *p, const gbx__node *node, take *how)
{
    const gbx__node **inputs = gbx__pass_array(&p->pass, node->n_inputs, sizeof(*inputs));
    for (uint32_t i = 0; inputs && i < node->n_inputs; i++) inputs[i] = how(p, node, i);
    return p->pass.b.failed ? NULL : inputs;
}

/* The node with all its own columns. */
static const gbx__node *prune_whole(pruner *p, const gbx__node *node, take *how)
{
    const gbx__node *const *inputs = prune_inputs(p, node, how);
    return inputs ? gbx__node_with_inputs(&p->pass.b, node, inputs) : NULL;
}

/* ---- some of the columns that a node makes --------------------------------------------------- */

/* Which ones: positions behind `first`, ascending. */
typedef struct kept {
    uint32_t n;
    uint32_t *at;
    bool is_all;
} kept;

static kept keep_used(pruner *p, const gbx__node *node, uint32_t first, uint32_t count)
{
    kept k = {.at = gbx__pass_scratch(&p->pass, count, sizeof(uint32_t))};
    for (uint32_t i = 0; k.at && i < count; i++) {
        if (gbx__needs_has(&p->needs, node, first + i)) k.at[k.n++] = i;
    }
    k.is_all = k.n == count;
    return k;
}

static const gbx__col *keep_cols(pruner *p, const gbx__col *cols, const kept *k)
{
    gbx__col *copy = gbx__pass_array(&p->pass, k->n, sizeof(*copy));
    for (uint32_t i = 0; copy && i < k->n; i++) copy[i] = cols[k->at[i]];
    return copy;
}

static const gbx__expr *const *keep_exprs(pruner *p, const gbx__expr *const *exprs, const kept *k)
{
    const gbx__expr **copy = gbx__pass_array(&p->pass, k->n, sizeof(*copy));
    for (uint32_t i = 0; copy && i < k->n; i++) copy[i] = exprs[k->at[i]];
    return copy;
}

static const uint32_t *keep_fields(pruner *p, const uint32_t *fields, const kept *k)
{
    uint32_t *copy = gbx__pass_array(&p->pass, k->n, sizeof(*copy));
    for (uint32_t i = 0; copy && i < k->n; i++) copy[i] = fields[k->at[i]];
    return copy;
}

/* A copy of the node over its new inputs that makes only some of its columns; the payload is the
 * caller's. False after a failure. */
static bool prune_shape(pruner *p, const gbx__node *node, uint32_t first, const kept *k, take *how,
                        gbx__node *shape)
{
    *shape = *node;
    shape->inputs = prune_inputs(p, node, how);
    shape->n_cols = k->n;
    shape->cols = keep_cols(p, node->cols + first, k);
    return !p->pass.b.failed;
}

/* Only counted: the least of it is read. A row id would not do, since files have none. */
static const gbx__node *prune_to_rows(pruner *p, const gbx__node *node)
{
    const uint32_t field = gbx__needs_cheapest_field(node->scan.scan);
    if (field == node->scan.scan->n_fields) return node;
    return gbx__node_scan(&p->pass.b, node->scan.scan, 1, &field, node->pos);
}

static const gbx__node *prune_scan(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const kept k = keep_used(p, node, 0, node->n_cols);
    if (k.is_all) return node;
    if (k.n == 0) return prune_to_rows(p, node);
    if (!prune_shape(p, node, 0, &k, take_it, &shape)) return NULL;
    shape.scan.fields = keep_fields(p, node->scan.fields, &k);
    return gbx__node_new(&p->pass.b, &shape);
}

static const gbx__node *prune_values(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const kept k = keep_used(p, node, 0, node->n_cols);
    if (k.is_all) return prune_whole(p, node, take_it);
    if (!prune_shape(p, node, 0, &k, take_it, &shape)) return NULL;
    const gbx__expr *const **rows = gbx__pass_array(&p->pass, node->values.n_rows, sizeof(*rows));
    for (uint32_t i = 0; rows && i < node->values.n_rows; i++) {
        rows[i] = keep_exprs(p, node->values.rows[i], &k);
    }
    shape.values.rows = rows;
    return gbx__node_new(&p->pass.b, &shape);
}

/* Where only its rows count, they are its input's. */
static const gbx__node *prune_project(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const kept k = keep_used(p, node, 0, node->n_cols);
    if (k.is_all) return prune_whole(p, node, take_it);
    if (k.n == 0) return gbx__pass_made(&p->pass, node->inputs[0]);
    if (!prune_shape(p, node, 0, &k, take_it, &shape)) return NULL;
    shape.project.exprs = keep_exprs(p, node->project.exprs, &k);
    return gbx__node_new(&p->pass.b, &shape);
}

/* Groups, then the used of the aggregates, then the used of the grouping() columns. */
static const gbx__node *prune_aggregate(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const uint32_t n_groups = node->aggregate.n_groups;
    const uint32_t n_aggs = node->aggregate.n_aggs;
    const kept aggs = keep_used(p, node, n_groups, n_aggs);
    const kept masks = keep_used(p, node, n_groups + n_aggs, node->aggregate.n_grouping);
    if (aggs.is_all && masks.is_all) return prune_whole(p, node, take_it);
    kept k = {.at = gbx__pass_scratch(&p->pass, node->n_cols, sizeof(uint32_t))};
    if (!k.at || !aggs.at || !masks.at) return NULL;
    while (k.n < n_groups) {
        k.at[k.n] = k.n;
        k.n++;
    }
    for (uint32_t i = 0; i < aggs.n; i++) k.at[k.n++] = n_groups + aggs.at[i];
    for (uint32_t i = 0; i < masks.n; i++) k.at[k.n++] = n_groups + n_aggs + masks.at[i];
    if (!prune_shape(p, node, 0, &k, take_it, &shape)) return NULL;
    gbx__grouping_set *sets = gbx__pass_array(&p->pass, masks.n, sizeof(*sets));
    for (uint32_t i = 0; sets && i < masks.n; i++) {
        sets[i] = node->aggregate.grouping[masks.at[i]];
    }
    shape.aggregate.n_aggs = aggs.n;
    shape.aggregate.aggs = keep_exprs(p, node->aggregate.aggs, &aggs);
    shape.aggregate.n_grouping = masks.n;
    shape.aggregate.grouping = sets;
    return gbx__node_new(&p->pass.b, &shape);
}

static const gbx__node *prune_window(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const uint32_t n_passed = node->inputs[0]->n_cols;
    const kept k = keep_used(p, node, n_passed, node->window.n_exprs);
    if (k.is_all) return prune_whole(p, node, take_used);
    if (k.n == 0) return gbx__pass_made(&p->pass, node->inputs[0]);
    if (!prune_shape(p, node, n_passed, &k, take_used, &shape)) return NULL;
    shape.window.n_exprs = k.n;
    shape.window.exprs = keep_exprs(p, node->window.exprs, &k);
    return gbx__node_new(&p->pass.b, &shape);
}

/* Only UNION ALL: rows that are compared are compared in all columns. */
static const gbx__node *prune_setop(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const bool is_bag = node->setop.kind == GBX_SETOP_UNION && node->setop.all;
    const kept k = keep_used(p, node, 0, node->n_cols);
    if (k.is_all || !is_bag) return prune_whole(p, node, take_all);
    if (!prune_shape(p, node, 0, &k, take_arm, &shape)) return NULL;
    return gbx__node_new(&p->pass.b, &shape);
}

static const gbx__node *prune_table_fn(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const uint32_t n_passed = node->n_inputs ? node->inputs[0]->n_cols : 0;
    const kept k = keep_used(p, node, n_passed, node->table_fn.n_used);
    if (k.is_all || k.n == 0 || node->table_fn.with_ordinality) {
        return prune_whole(p, node, take_used);
    }
    if (!prune_shape(p, node, n_passed, &k, take_used, &shape)) return NULL;
    shape.table_fn.n_used = k.n;
    shape.table_fn.used = keep_fields(p, node->table_fn.used, &k);
    return gbx__node_new(&p->pass.b, &shape);
}

/* ---- joins and ctes -------------------------------------------------------------------------- */

static const gbx__node *prune_join(pruner *p, const gbx__node *node)
{
    if (!gbx__needs_is_alive(&p->needs, node->inputs[1])) { /* a mark that nobody reads */
        return gbx__pass_made(&p->pass, node->inputs[0]);
    }
    return prune_whole(p, node, take_used);
}

static const gbx__node *prune_cte(pruner *p, const gbx__node *node)
{
    const gbx__node *body = gbx__pass_made(&p->pass, node->inputs[1]);
    if (!gbx__needs_is_alive(&p->needs, node->inputs[0])) return body;
    const gbx__node *inputs[] = {by_position(p, node->inputs[0], node->inputs[0]), body};
    return p->pass.b.failed ? NULL : gbx__node_with_inputs(&p->pass.b, node, inputs);
}

/* Positions in the definition move up by what is no longer there. */
static const gbx__node *prune_cte_ref(pruner *p, const gbx__node *node)
{
    gbx__node shape;
    const gbx__node *cte = p->needs.ctes[node->cte_ref.id];
    const kept k = keep_used(p, node, 0, node->n_cols);
    if (!k.at || !prune_shape(p, node, 0, &k, take_it, &shape)) return NULL;
    uint32_t *fields = gbx__pass_array(&p->pass, k.n, sizeof(*fields));
    bool is_same = k.is_all;
    for (uint32_t i = 0; fields && i < k.n; i++) {
        const uint32_t field = node->cte_ref.fields[k.at[i]];
        const bool is_recursion = cte->kind == GBX_NODE_RECURSIVE;
        fields[i] = is_recursion ? field : gbx__needs_rank(&p->needs, cte->inputs[0], field);
        is_same = is_same && fields[i] == field;
    }
    shape.cte_ref.fields = fields;
    return is_same ? node : gbx__node_new(&p->pass.b, &shape);
}

/* ---- all ------------------------------------------------------------------------------------- */

static const gbx__node *prune_node(pruner *p, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN: return prune_scan(p, node);
    case GBX_NODE_VALUES: return prune_values(p, node);
    case GBX_NODE_PROJECT: return prune_project(p, node);
    case GBX_NODE_AGGREGATE: return prune_aggregate(p, node);
    case GBX_NODE_WINDOW: return prune_window(p, node);
    case GBX_NODE_SETOP: return prune_setop(p, node);
    case GBX_NODE_TABLE_FN: return prune_table_fn(p, node);
    case GBX_NODE_JOIN: return prune_join(p, node);
    case GBX_NODE_CTE: return prune_cte(p, node);
    case GBX_NODE_CTE_REF: return prune_cte_ref(p, node);
    case GBX_NODE_FILTER:
    case GBX_NODE_LIMIT: return prune_whole(p, node, take_it);
    case GBX_NODE_DISTINCT:
    case GBX_NODE_SORT:
    case GBX_NODE_TOPN:
    case GBX_NODE_UNNEST:
    case GBX_NODE_SAMPLE: return prune_whole(p, node, take_used);
    default: return prune_whole(p, node, take_all);
    }
}

gbx_status gbx__pass_prune_columns(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    pruner p = {0};
    GBX_TRY(gbx__pass_begin(&p.pass, plan, err));
    if (gbx__needs_find(&p.needs, &p.pass)) {
        for (size_t i = 0; i < p.pass.n && !p.pass.b.failed; i++) {
            const gbx__node *node = p.pass.nodes[i];
            if (gbx__needs_is_alive(&p.needs, node)) {
                gbx__pass_set(&p.pass, node, prune_node(&p, node));
            }
        }
        if (!p.pass.b.failed) {
            gbx__pass_set(&p.pass, plan->root, by_position(&p, plan->root, NULL));
        }
    }
    return gbx__pass_end(&p.pass, out, err);
}
