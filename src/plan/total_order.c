#include "plan/total_order_priv.h"

/* Most nodes that one proof looks at; shared nodes would be met again and again. */
#define PROOF_MAX_NODES 1000

/* ---- which columns are fixed ----------------------------------------------------------------- */

static bool is_column(const gbx__expr *expr, gbx__col_id id)
{
    return expr->kind == GBX_EX_COLUMN && expr->col == id;
}

static bool condition_fixes(const gbx__expr *condition, gbx__col_id id)
{
    if (condition->kind != GBX_EX_CALL) return false;
    for (uint32_t i = 0; i < condition->n_args; i++) {
        if (is_column(condition->args[i], id)) return true;
    }
    return false;
}

bool gbx__ties_fix(const gbx__tie_keys *keys, gbx__col_id id)
{
    for (uint32_t i = 0; i < keys->n_exprs; i++) {
        if (is_column(keys->exprs[i], id)) return true;
    }
    for (uint32_t i = 0; i < keys->n_order; i++) {
        if (is_column(keys->order[i].expr, id)) return true;
    }
    for (uint32_t i = 0; i < keys->n_on; i++) {
        if (condition_fixes(keys->on[i], id)) return true;
    }
    for (uint32_t i = 0; keys->project && i < keys->project->n_cols; i++) {
        if (is_column(keys->project->project.exprs[i], id) &&
            gbx__ties_fix(keys->above, keys->project->cols[i].id)) {
            return true;
        }
    }
    return false;
}

static bool keys_fix_cols(const gbx__tie_keys *keys, const gbx__node *node, uint32_t n_cols)
{
    for (uint32_t i = 0; i < n_cols; i++) {
        if (!gbx__ties_fix(keys, node->cols[i].id)) return false;
    }
    return true;
}

bool gbx__ties_fix_exprs(const gbx__tie_keys *keys, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) {
        if (exprs[i]->kind != GBX_EX_CONST &&
            !(exprs[i]->kind == GBX_EX_COLUMN && gbx__ties_fix(keys, exprs[i]->col))) {
            return false;
        }
    }
    return true;
}

/* ---- proofs ---------------------------------------------------------------------------------- */

bool gbx__is_at_most(const gbx__expr *limit, int64_t most)
{
    return limit && limit->kind == GBX_EX_CONST && !limit->value->is_null &&
           limit->type->kind == GBX_TYPE_INT64 && limit->value->i64 <= most;
}

static bool has_one_row(const gbx__node *node, int *fuel)
{
    if (--*fuel < 0) return false;
    switch (node->kind) {
    case GBX_NODE_VALUES: return node->n_inputs == 0 && node->values.n_rows <= 1;
    case GBX_NODE_AGGREGATE: return node->aggregate.n_groups == 0 && node->aggregate.n_sets <= 1;
    case GBX_NODE_SINK: return true;
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
        return gbx__is_at_most(node->sort.limit, 1) || has_one_row(node->inputs[0], fuel);
    case GBX_NODE_FILTER:
    case GBX_NODE_PROJECT:
    case GBX_NODE_SORT:
    case GBX_NODE_DISTINCT:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_WINDOW: return has_one_row(node->inputs[0], fuel);
    case GBX_NODE_CTE: return has_one_row(node->inputs[1], fuel);
    case GBX_NODE_JOIN:
        return has_one_row(node->inputs[0], fuel) &&
               (gbx__node_passes(node).second == NULL || node->join.kind == GBX_JOIN_SINGLE ||
                (node->join.kind != GBX_JOIN_FULL && has_one_row(node->inputs[1], fuel)));
    default: return false;
    }
}

static bool is_total(const gbx__node *node, const gbx__tie_keys *keys, int *fuel);

static bool is_total_in_join(const gbx__node *node, const gbx__tie_keys *keys, int *fuel)
{
    const bool is_left_only =
        gbx__node_passes(node).second == NULL || node->join.kind == GBX_JOIN_SINGLE;
    return is_total(node->inputs[0], keys, fuel) &&
           (is_left_only || is_total(node->inputs[1], keys, fuel));
}

static bool is_total_in_scan(const gbx__node *node, const gbx__tie_keys *keys)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->scan.fields[i] == GBX_SCAN_ROWID && gbx__ties_fix(keys, node->cols[i].id))
            return true;
    }
    return false;
}

/* Are rows of `node` that tie in `keys` the same row, or all alike? */
static bool is_total(const gbx__node *node, const gbx__tie_keys *keys, int *fuel)
{
    if (--*fuel < 0) return false;
    if (keys_fix_cols(keys, node, node->n_cols) || has_one_row(node, fuel)) return true;
    switch (node->kind) {
    case GBX_NODE_SCAN: return is_total_in_scan(node, keys);
    case GBX_NODE_AGGREGATE:
        return node->aggregate.n_sets <= 1 && keys_fix_cols(keys, node, node->aggregate.n_groups);
    case GBX_NODE_DISTINCT:
        return (node->distinct.n_on > 0 &&
                gbx__ties_fix_exprs(keys, node->distinct.n_on, node->distinct.on)) ||
               is_total(node->inputs[0], keys, fuel);
    case GBX_NODE_PROJECT: {
        const gbx__tie_keys below = {.project = node, .above = keys};
        return is_total(node->inputs[0], &below, fuel);
    }
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_WINDOW: return is_total(node->inputs[0], keys, fuel);
    case GBX_NODE_CTE: return is_total(node->inputs[1], keys, fuel);
    case GBX_NODE_JOIN: return is_total_in_join(node, keys, fuel);
    default: return false;
    }
}

bool gbx__ties_are_alike(const gbx__node *node, gbx__tie_keys keys)
{
    int fuel = PROOF_MAX_NODES;
    return is_total(node, &keys, &fuel);
}

bool gbx__has_one_row(const gbx__node *node)
{
    int fuel = PROOF_MAX_NODES;
    return has_one_row(node, &fuel);
}
