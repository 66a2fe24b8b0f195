/*
 * Shared subplans for engines in other processes. These put a WITH into each place that names it,
 * so what is not the same rows each time becomes a table, computed once.
 */
#include "sql/host_priv.h"

typedef struct cte_walk {
    uint32_t id;
    uint32_t n_refs;
} cte_walk;

static bool cte_count(const gbx__node *node, void *ctx)
{
    cte_walk *walk = ctx;
    if (node->kind == GBX_NODE_CTE_REF && node->cte_ref.id == walk->id) walk->n_refs++;
    return true;
}

static bool cte_is_plain(const gbx__node *node, void *ctx)
{
    (void)ctx;
    switch (node->kind) {
    case GBX_NODE_SCAN:
    case GBX_NODE_VALUES:
    case GBX_NODE_FILTER:
    case GBX_NODE_PROJECT:
    case GBX_NODE_CTE_REF: return true;
    case GBX_NODE_JOIN:
        return node->join.kind == GBX_JOIN_INNER || node->join.kind == GBX_JOIN_CROSS;
    default: return false;
    }
}

typedef struct cte_weight {
    uint32_t id;
    uint32_t n;
    const struct cte_weight *outer;
} cte_weight;

/* How often the text of a node will read what `known` begins with: definitions are put into each
 * place that names them. */
static uint32_t cte_reads(const gbx__node *node, const cte_weight *known)
{
    if (node->kind == GBX_NODE_CTE_REF) {
        while (known != NULL && known->id != node->cte_ref.id) known = known->outer;
        return known == NULL ? 0 : known->n;
    }
    if (node->kind == GBX_NODE_CTE) {
        const cte_weight inner = {node->cte.id, cte_reads(node->inputs[0], known), known};
        return cte_reads(node->inputs[1], &inner);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->n_inputs && n < 2; i++) n += cte_reads(node->inputs[i], known);
    return n;
}

bool gbx__host_recursion(gbx__printer *p, const gbx__node *node)
{
    const cte_weight self = {node->cte.id, 1, NULL};
    if (cte_reads(node->inputs[1], &self) > 1)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a recursion that reads itself twice on %s",
                               p->dialect->name);
    if (p->dialect->words->recursion_is_plain &&
        (!node->cte.union_all || !gbx__plan_walk(node->inputs[1], cte_is_plain, NULL)))
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a recursion of this kind on %s",
                               p->dialect->name);
    return true;
}

static bool cte_expr_is_steady(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    const gbx__function *fn = expr->fn;
    if (fn == NULL) return true;
    if (fn->volatility == GBX_VOLATILITY_ROW) return false;
    if (expr->kind != GBX_EX_AGG && expr->kind != GBX_EX_WINDOW) return true;
    if ((fn->flags & (GBX_FN_ORDER_SENSITIVE | GBX_FN_APPROXIMATE)) != 0) return false;
    if ((fn->flags & GBX_FN_FLOAT_SUM) == 0) return true;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (gbx__type_is_float(expr->args[i]->type)) return false;
    }
    return true;
}

static bool cte_root_is_steady(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, cte_expr_is_steady, ctx);
}

static bool cte_is_steady(const gbx__node *node, void *ctx)
{
    switch (node->kind) {
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_CALL: return false;
    case GBX_NODE_DISTINCT:
        if (node->distinct.n_on > 0) return false;
        break;
    default: break;
    }
    return gbx__node_exprs(node, cte_root_is_steady, ctx);
}

bool gbx__host_cte_is_table(gbx__printer *p, const gbx__node *cte)
{
    cte_walk walk = {.id = cte->cte.id};
    if (p->host->in_recursion > 0) return false;
    gbx__plan_walk(cte->inputs[1], cte_count, &walk);
    return walk.n_refs > 1 && !gbx__plan_walk(cte->inputs[0], cte_is_steady, NULL);
}

bool gbx__host_cte_note(gbx__printer *p, gbx__str text)
{
    return gbx__vec_push(&p->host->ctes, text) || gbx__print_fail(p, GBX_NOMEM, "out of memory");
}

bool gbx__host_make_table(gbx__printer *p, gbx__str name, const gbx__block *block,
                          const gbx__node *node)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (p->host->in_recursion > 0)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "rows kept within a recursion on %s",
                               p->dialect->name);
    for (size_t i = 0; i < p->host->ctes.len; i++) {
        gbx__buf_puts(&text, i > 0 ? ", " : "WITH ");
        gbx__buf_str(&text, p->host->ctes.items[i]);
    }
    gbx__buf_puts(&text, p->host->ctes.len > 0 ? " SELECT * FROM (" : "");
    gbx__block_render(p, &text, block, node, false);
    gbx__buf_puts(&text, p->host->ctes.len > 0 ? ") AS t0" : "");
    const gbx__host_table table = {.name = name,
                                   .text = gbx__print_keep(p, &text),
                                   .n_cols = node->n_cols,
                                   .cols = node->cols};
    if (!gbx__vec_push(&p->host->tables, table))
        return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return p->failed == GBX_OK;
}
