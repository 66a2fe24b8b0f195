/*
 * Which columns a node passes on from its inputs:
 *
 *   scan, values, project, aggregate, set operation, …   none: all are new
 *   filter, sort, limit, distinct, sample                the input's
 *   window, unnest, table function                       the input's, then new ones
 *   join                                                 left, right (then a mark) or only left
 *   cte                                                  the body's
 */
#include "plan/plan_priv.h"

gbx__node_arity gbx__node_arity_of(gbx__node_kind kind)
{
    switch (kind) {
    case GBX_NODE_SCAN:
    case GBX_NODE_CTE_REF: return (gbx__node_arity){0, 0};
    case GBX_NODE_VALUES:
    case GBX_NODE_TABLE_FN:
    case GBX_NODE_CALL: return (gbx__node_arity){0, 1};
    case GBX_NODE_JOIN:
    case GBX_NODE_CTE:
    case GBX_NODE_RECURSIVE: return (gbx__node_arity){2, 2};
    case GBX_NODE_SETOP: return (gbx__node_arity){2, UINT32_MAX};
    default: return (gbx__node_arity){1, 1};
    }
}

static gbx__node_passed passed_by_join(const gbx__node *join)
{
    const gbx__join_kind kind = join->join.kind;
    const bool is_left_only =
        kind == GBX_JOIN_SEMI || kind == GBX_JOIN_ANTI || kind == GBX_JOIN_MARK;
    return (gbx__node_passed){join->inputs[0], is_left_only ? NULL : join->inputs[1]};
}

gbx__node_passed gbx__node_passes(const gbx__node *shape)
{
    switch (shape->kind) {
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_DISTINCT:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST:
    case GBX_NODE_TABLE_FN:
        return (gbx__node_passed){shape->n_inputs ? shape->inputs[0] : NULL, NULL};
    case GBX_NODE_CTE: return (gbx__node_passed){shape->inputs[1], NULL};
    case GBX_NODE_JOIN: return passed_by_join(shape);
    default: return (gbx__node_passed){NULL, NULL};
    }
}

bool gbx__node_is_select(const gbx__node *node)
{
    if (node->kind != GBX_NODE_PROJECT) return false;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const gbx__expr *expr = node->project.exprs[i];
        if (expr->kind != GBX_EX_COLUMN || expr->col != node->cols[i].id) return false;
    }
    return true;
}

uint32_t gbx__node_n_passed(const gbx__node *node)
{
    if (gbx__node_is_select(node)) return node->n_cols;
    const gbx__node_passed passed = gbx__node_passes(node);
    return (passed.first ? passed.first->n_cols : 0) + (passed.second ? passed.second->n_cols : 0);
}

const gbx__col *gbx__node_col(const gbx__node *node, gbx__col_id id)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->cols[i].id == id) return &node->cols[i];
    }
    return NULL;
}
