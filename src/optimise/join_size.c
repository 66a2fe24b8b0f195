/*
 * How many rows come out of something: rows of the tables, and a guess for each condition. Good
 * enough to put joins into an order (which needs only to know large from small), and no data is
 * read for it.
 */
#include "optimise/push_priv.h"

#include <math.h>
#include <string.h>

#define UNKNOWN_ROWS 1000.0
#define BYTES_A_ROW 100.0

static double at_least_one(double rows)
{
    return rows > 1 ? rows : 1;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static double kept_share(const gbx__expr *expr)
{
    double share = 0;
    if (gbx__expr_is_call(expr, "or")) {
        for (uint32_t i = 0; i < expr->n_args; i++) share += kept_share(expr->args[i]);
        return share < 1 ? share : 1;
    }
    if (gbx__expr_is_call(expr, "and")) {
        share = 1;
        for (uint32_t i = 0; i < expr->n_args; i++) share *= kept_share(expr->args[i]);
        return share;
    }
    if (gbx__expr_is_call(expr, "=")) return 0.1;
    if (gbx__expr_is_call(expr, "<>") || gbx__expr_is_call(expr, "is_not_null")) return 0.9;
    if (gbx__expr_is_call(expr, "in")) return fmin(0.5, 0.1 * (expr->n_args - 1));
    static const char *const ranges[] = {"<", "<=", ">", ">="};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (gbx__expr_is_call(expr, ranges[i])) return 0.35;
    }
    static const char *const patterns[] = {"~~", "prefix", "contains", "suffix"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        if (gbx__expr_is_call(expr, patterns[i])) return 0.1;
    }
    return 0.5;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static double *domain_of(gbx__pusher *p, gbx__col_id id)
{
    static double nowhere;
    nowhere = 0;
    return id < p->pass->plan->next_col ? &p->domain[id] : &nowhere;
}

static double scan_size(gbx__pusher *p, const gbx__node *node)
{
    const gbx__scan *scan = node->scan.scan;
    double rows = (double)scan->row_count;
    if (scan->row_count < 0) {
        rows = scan->size_bytes > 0 ? (double)scan->size_bytes / BYTES_A_ROW : UNKNOWN_ROWS;
    }
    for (uint32_t i = 0; i < node->n_cols; i++) *domain_of(p, node->cols[i].id) = rows;
    return rows;
}

static void copy_domain(gbx__pusher *p, const gbx__expr *from, gbx__col_id to, double otherwise)
{
    const double known = from->kind == GBX_EX_COLUMN ? *domain_of(p, from->col) : 0;
    *domain_of(p, to) = known > 0 ? known : otherwise;
}

static double aggregate_size(gbx__pusher *p, const gbx__node *node, double input)
{
    double groups = 1;
    if (node->aggregate.n_groups == 0) return 1;
    for (uint32_t i = 0; i < node->aggregate.n_groups; i++) {
        copy_domain(p, node->aggregate.groups[i], node->cols[i].id, input / 3);
        groups *= at_least_one(*domain_of(p, node->cols[i].id));
    }
    return groups < input ? groups : input;
}

static double join_size(const gbx__node *node, double left, double right)
{
    switch ((int)node->join.kind) {
    case GBX_JOIN_SEMI:
    case GBX_JOIN_ANTI: return left * 0.3;
    case GBX_JOIN_MARK:
    case GBX_JOIN_SINGLE:
    case GBX_JOIN_LEFT: return left;
    case GBX_JOIN_CROSS: return left * right;
    default: return node->join.n_on > 0 ? fmax(left, right) : left * right;
    }
}

static double setop_size(const gbx__node *node, const double *inputs)
{
    double rows = inputs[0];
    for (uint32_t i = 1; node->setop.kind == GBX_SETOP_UNION && i < node->n_inputs; i++) {
        rows += inputs[i];
    }
    return rows;
}

static double ref_size(gbx__pusher *p, const gbx__node *node)
{
    const gbx__node *definition =
        node->cte_ref.id < p->pass->plan->next_cte ? p->ctes[node->cte_ref.id] : NULL;
    if (!definition) return UNKNOWN_ROWS;
    const double rows = gbx__join_size(p, definition);
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const double known = *domain_of(p, definition->cols[node->cte_ref.fields[i]].id);
        *domain_of(p, node->cols[i].id) = known;
    }
    return rows;
}

static double limit_size(const gbx__node *node, double input)
{
    const gbx__expr *limit = node->sort.limit;
    const bool is_number = limit && limit->kind == GBX_EX_CONST && !limit->value->is_null &&
                           !node->sort.is_percent && limit->type->kind == GBX_TYPE_INT64;
    return is_number ? fmin(input, (double)limit->value->i64) : input;
}

static double node_size(gbx__pusher *p, const gbx__node *node, const double *inputs)
{
    double rows = node->n_inputs > 0 ? inputs[0] : UNKNOWN_ROWS;
    switch ((int)node->kind) {
    case GBX_NODE_SCAN: return scan_size(p, node);
    case GBX_NODE_VALUES: return node->values.n_rows;
    case GBX_NODE_FILTER:
        for (uint32_t i = 0; i < node->filter.n; i++) rows *= kept_share(node->filter.conjuncts[i]);
        return rows;
    case GBX_NODE_PROJECT:
        for (uint32_t i = 0; i < node->n_cols && !gbx__node_is_select(node); i++) {
            copy_domain(p, node->project.exprs[i], node->cols[i].id, 0);
        }
        return rows;
    case GBX_NODE_AGGREGATE: return aggregate_size(p, node, rows);
    case GBX_NODE_JOIN: return join_size(node, inputs[0], inputs[1]);
    case GBX_NODE_SETOP: return setop_size(node, inputs);
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: return limit_size(node, rows);
    case GBX_NODE_CTE: return inputs[1];
    case GBX_NODE_CTE_REF: return ref_size(p, node);
    default: return rows;
    }
}

double gbx__join_size(gbx__pusher *p, const gbx__node *node)
{
    double few[4];
    double *inputs = few;
    if (node->n_inputs > 4) inputs = gbx__pass_scratch(p->pass, node->n_inputs, sizeof(*inputs));
    if (!inputs) return 1;
    for (uint32_t i = 0; i < node->n_inputs; i++) inputs[i] = gbx__join_size(p, node->inputs[i]);
    return at_least_one(node_size(p, node, inputs));
}
