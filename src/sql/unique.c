/*
 * Is a combination of columns unique by construction? Decides whether a single join (a scalar
 * subquery) may be printed as a left join, which would multiply rows where it must fail.
 */
#include "sql/print_priv.h"

static bool unique_has(const gbx__col_id *ids, size_t n, gbx__col_id id)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id) return true;
    }
    return false;
}

static bool unique_aggregate(const gbx__node *node, const gbx__col_id *ids, size_t n)
{
    if (node->aggregate.n_sets > 0) return false;
    for (uint32_t i = 0; i < node->aggregate.n_groups; i++) {
        if (!unique_has(ids, n, node->cols[i].id)) return false;
    }
    return true;
}

/* Columns of the output that are the input's, by the input's ids. */
static bool unique_project(const gbx__node *node, const gbx__col_id *ids, size_t n)
{
    gbx__col_id inner[64];
    size_t n_inner = 0;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const gbx__expr *expr = node->project.exprs[i];
        if (expr->kind == GBX_EX_COLUMN && unique_has(ids, n, node->cols[i].id) && n_inner < 64)
            inner[n_inner++] = expr->col;
    }
    return gbx__node_is_unique(node->inputs[0], inner, n_inner);
}

/* The left side's rows are not multiplied when each finds at most one match. */
static bool unique_join(const gbx__node *node, const gbx__col_id *ids, size_t n)
{
    const gbx__join_kind kind = node->join.kind;
    if (!gbx__node_is_unique(node->inputs[0], ids, n)) return false;
    if (kind == GBX_JOIN_SEMI || kind == GBX_JOIN_ANTI || kind == GBX_JOIN_MARK ||
        kind == GBX_JOIN_SINGLE)
        return true;
    if (kind != GBX_JOIN_LEFT && kind != GBX_JOIN_INNER) return false;
    gbx__col_id keys[64];
    size_t n_keys = 0;
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        const gbx__expr *on = node->join.on[i];
        const bool is_equal = on->kind == GBX_EX_CALL && on->n_args == 2 &&
                              (gbx__str_is(GBX_STR("="), on->fn->name) ||
                               gbx__str_is(GBX_STR("is_not_distinct_from"), on->fn->name));
        if (is_equal && on->args[1]->kind == GBX_EX_COLUMN && n_keys < 64)
            keys[n_keys++] = on->args[1]->col;
        if (is_equal && on->args[0]->kind == GBX_EX_COLUMN && n_keys < 64)
            keys[n_keys++] = on->args[0]->col;
    }
    return gbx__node_is_unique(node->inputs[1], keys, n_keys);
}

bool gbx__node_is_unique(const gbx__node *node, const gbx__col_id *ids, size_t n)
{
    switch (node->kind) {
    case GBX_NODE_AGGREGATE: return unique_aggregate(node, ids, n);
    case GBX_NODE_PROJECT: return unique_project(node, ids, n);
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_WINDOW: return gbx__node_is_unique(node->inputs[0], ids, n);
    case GBX_NODE_CTE: return gbx__node_is_unique(node->inputs[1], ids, n);
    case GBX_NODE_JOIN: return unique_join(node, ids, n);
    case GBX_NODE_DISTINCT:
        for (uint32_t i = 0; node->distinct.n_on == 0 && i < node->n_cols; i++) {
            if (!unique_has(ids, n, node->cols[i].id))
                return gbx__node_is_unique(node->inputs[0], ids, n);
        }
        return node->distinct.n_on == 0 || gbx__node_is_unique(node->inputs[0], ids, n);
    case GBX_NODE_VALUES: return node->values.n_rows <= 1;
    case GBX_NODE_SCAN:
    case GBX_NODE_SETOP:
    case GBX_NODE_UNNEST:
    case GBX_NODE_PIVOT:
    case GBX_NODE_CTE_REF:
    case GBX_NODE_RECURSIVE:
    case GBX_NODE_TABLE_FN:
    case GBX_NODE_CALL:
    case GBX_NODE_SINK:
    case GBX_NODE_KINDS: break;
    }
    return false;
}
