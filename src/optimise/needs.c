#include "optimise/needs_priv.h"

/* ---- what is cheap --------------------------------------------------------------------------- */

static uint32_t type_cost(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_NULL:
    case GBX_TYPE_BOOL:
    case GBX_TYPE_INT8:
    case GBX_TYPE_UINT8: return 1;
    case GBX_TYPE_INT16:
    case GBX_TYPE_UINT16: return 2;
    case GBX_TYPE_INT32:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_DATE:
    case GBX_TYPE_ENUM: return 4;
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT64:
    case GBX_TYPE_FLOAT64:
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMETZ:
    case GBX_TYPE_TIMESTAMP: return 8;
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_INTERVAL:
    case GBX_TYPE_UUID: return 16;
    default: return gbx__type_is_nested(type) ? 64 : 32;
    }
}

/* Columns that come from folder or file names are no part of what is stored: to read nothing but
 * them is not what readers are made for. */
static bool field_is_stored(const gbx__scan *scan, uint32_t field)
{
    return field < scan->n_fields - scan->n_partitions &&
           !(scan->filename_column.len &&
             gbx__str_equal(scan->fields[field].name, scan->filename_column));
}

/* In a file of text, text is what needs no reading of numbers, and can't be wrong. */
static uint32_t field_cost(const gbx__scan *scan, uint32_t field)
{
    if (field == GBX_SCAN_ROWID) return scan->format == GBX_SCAN_TABLE ? 0 : UINT32_MAX;
    const gbx__type *type = scan->fields[field].type;
    const bool is_text = scan->format == GBX_SCAN_CSV || scan->format == GBX_SCAN_JSON;
    const uint32_t cost = is_text ? type->kind != GBX_TYPE_UTF8 : type_cost(type);
    return cost + (field_is_stored(scan, field) ? 0 : 100);
}

uint32_t gbx__needs_cheapest_field(const gbx__scan *scan)
{
    uint32_t best = scan->n_fields;
    for (uint32_t i = 0; i < scan->n_fields; i++) {
        if (best == scan->n_fields || field_cost(scan, i) < field_cost(scan, best)) best = i;
    }
    return best;
}

/* Of an output column that the node makes itself. UINT32_MAX: not to be kept for its rows alone. */
static uint32_t col_cost(const gbx__node *node, uint32_t i)
{
    if (node->kind == GBX_NODE_SCAN) return field_cost(node->scan.scan, node->scan.fields[i]);
    return type_cost(node->cols[i].type);
}

/* ---- bits ------------------------------------------------------------------------------------ */

bool gbx__needs_is_alive(const gbx__needs *needs, const gbx__node *node)
{
    return needs->bits[node->id];
}

bool gbx__needs_has(const gbx__needs *needs, const gbx__node *node, uint32_t position)
{
    const uint64_t *bits = needs->bits[node->id];
    return bits && bits[position / 64] >> position % 64 & 1;
}

uint32_t gbx__needs_rank(const gbx__needs *needs, const gbx__node *node, uint32_t position)
{
    const uint64_t *bits = needs->bits[node->id];
    uint32_t rank = 0;
    for (uint32_t i = 0; i < position / 64; i++) rank += (uint32_t)__builtin_popcountll(bits[i]);
    const uint64_t below = (UINT64_C(1) << position % 64) - 1;
    return rank + (uint32_t)__builtin_popcountll(bits[position / 64] & below);
}

static void needs_live(gbx__needs *needs, const gbx__node *node)
{
    uint64_t **bits = &needs->bits[node->id];
    if (!*bits) *bits = gbx__pass_scratch(needs->pass, (size_t)node->n_cols / 64 + 1, 8);
}

static void needs_set(gbx__needs *needs, const gbx__node *node, uint32_t position)
{
    needs_live(needs, node);
    uint64_t *bits = needs->bits[node->id];
    if (bits) bits[position / 64] |= UINT64_C(1) << position % 64;
}

static void needs_all(gbx__needs *needs, const gbx__node *node)
{
    needs_live(needs, node);
    for (uint32_t i = 0; i < node->n_cols; i++) needs_set(needs, node, i);
}

/* At least one of the columns [first, n_cols) stays. */
static void needs_one(gbx__needs *needs, const gbx__node *node, uint32_t first)
{
    uint32_t best = node->n_cols;
    for (uint32_t i = first; i < node->n_cols; i++) {
        if (gbx__needs_has(needs, node, i)) return;
        if (best == node->n_cols || col_cost(node, i) < col_cost(node, best)) best = i;
    }
    if (best < node->n_cols && col_cost(node, best) < UINT32_MAX) needs_set(needs, node, best);
}

/* ---- from a node to its inputs --------------------------------------------------------------- */

static void use_col(gbx__needs *needs, gbx__col_id id)
{
    const gbx__pass_slot *slot = gbx__pass_find(needs->pass, id);
    if (slot) needs_set(needs, slot->input, slot->position);
}

/* Parameters of lambdas are columns of no input. */
static bool use_in_expr(const gbx__expr *expr, void *ctx)
{
    if (expr->kind == GBX_EX_COLUMN) use_col(ctx, expr->col);
    return true;
}

static bool use_expr(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, use_in_expr, ctx);
}

/* Expressions whose columns, from `first` on, are used. */
static void use_made(gbx__needs *needs, const gbx__node *node, uint32_t first, uint32_t n,
                     const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) {
        if (gbx__needs_has(needs, node, first + i)) use_expr(exprs[i], needs);
    }
}

static void use_inputs(gbx__needs *needs, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_inputs; i++) needs_live(needs, node->inputs[i]);
}

/* What is used of the output and comes from an input. */
static void use_passed(gbx__needs *needs, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (gbx__needs_has(needs, node, i)) use_col(needs, node->cols[i].id);
    }
}

static void use_values(gbx__needs *needs, const gbx__node *node)
{
    needs_one(needs, node, 0);
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        use_made(needs, node, 0, node->n_cols, node->values.rows[i]);
    }
}

/* Groups say which rows there are, so they stay in any case. */
static void use_aggregate(gbx__needs *needs, const gbx__node *node)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    if (n_groups == 0) needs_one(needs, node, 0);
    for (uint32_t i = 0; i < n_groups; i++) use_expr(node->aggregate.groups[i], needs);
    use_made(needs, node, n_groups, node->aggregate.n_aggs, node->aggregate.aggs);
}

static void use_join(gbx__needs *needs, const gbx__node *node)
{
    use_passed(needs, node);
    if (node->join.kind == GBX_JOIN_MARK && !gbx__needs_has(needs, node, node->n_cols - 1)) {
        needs_live(needs, node->inputs[0]);
        return;
    }
    use_inputs(needs, node);
    gbx__node_exprs(node, use_expr, needs);
}

static void use_window(gbx__needs *needs, const gbx__node *node)
{
    const uint32_t n_passed = node->inputs[0]->n_cols;
    use_passed(needs, node);
    use_made(needs, node, n_passed, node->window.n_exprs, node->window.exprs);
}

static bool setop_keeps_rows(const gbx__node *node)
{
    return node->setop.kind == GBX_SETOP_UNION && node->setop.all;
}

static void use_setop(gbx__needs *needs, const gbx__node *node)
{
    if (!setop_keeps_rows(node)) {
        for (uint32_t i = 0; i < node->n_inputs; i++) needs_all(needs, node->inputs[i]);
        return;
    }
    needs_one(needs, node, 0);
    for (uint32_t c = 0; c < node->n_cols; c++) {
        if (!gbx__needs_has(needs, node, c)) continue;
        for (uint32_t i = 0; i < node->n_inputs; i++) needs_set(needs, node->inputs[i], c);
    }
}

static void use_cte(gbx__needs *needs, const gbx__node *node)
{
    const gbx__node *body = node->inputs[1];
    needs->ctes[node->cte.id] = node;
    needs_live(needs, body);
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (gbx__needs_has(needs, node, i)) needs_set(needs, body, i);
    }
}

/* A recursion feeds all its columns into its next step. */
static void use_cte_ref(gbx__needs *needs, const gbx__node *node)
{
    const gbx__node *cte = needs->ctes[node->cte_ref.id];
    needs_one(needs, node, 0);
    if (!cte || cte->kind != GBX_NODE_CTE) return;
    needs_live(needs, cte->inputs[0]);
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (gbx__needs_has(needs, node, i))
            needs_set(needs, cte->inputs[0], node->cte_ref.fields[i]);
    }
}

static void use_all(gbx__needs *needs, const gbx__node *node)
{
    if (node->kind == GBX_NODE_RECURSIVE) needs->ctes[node->cte.id] = node;
    for (uint32_t i = 0; i < node->n_inputs; i++) needs_all(needs, node->inputs[i]);
    gbx__node_exprs(node, use_expr, needs);
}

static void use_some(gbx__needs *needs, const gbx__node *node)
{
    use_passed(needs, node);
    gbx__node_exprs(node, use_expr, needs);
}

static void needs_node(gbx__needs *needs, const gbx__node *node)
{
    gbx__pass_look(needs->pass);
    for (uint32_t i = 0; i < node->n_inputs; i++) gbx__pass_see(needs->pass, node->inputs[i]);
    switch (node->kind) {
    case GBX_NODE_JOIN: use_join(needs, node); return;
    case GBX_NODE_CTE: use_cte(needs, node); return;
    case GBX_NODE_CTE_REF: use_cte_ref(needs, node); return;
    case GBX_NODE_SCAN: needs_one(needs, node, 0); return;
    default: break;
    }
    use_inputs(needs, node);
    switch (node->kind) {
    case GBX_NODE_VALUES: use_values(needs, node); break;
    case GBX_NODE_PROJECT: use_made(needs, node, 0, node->n_cols, node->project.exprs); break;
    case GBX_NODE_AGGREGATE: use_aggregate(needs, node); break;
    case GBX_NODE_WINDOW: use_window(needs, node); break;
    case GBX_NODE_SETOP: use_setop(needs, node); break;
    case GBX_NODE_TABLE_FN:
        needs_one(needs, node, gbx__node_n_passed(node));
        use_some(needs, node);
        break;
    case GBX_NODE_DISTINCT:
        if (node->distinct.n_on == 0) needs_all(needs, node->inputs[0]);
        use_some(needs, node);
        break;
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_UNNEST:
    case GBX_NODE_SAMPLE: use_some(needs, node); break;
    default: use_all(needs, node); break;
    }
}

bool gbx__needs_find(gbx__needs *needs, gbx__pass *pass)
{
    const gbx_plan *plan = pass->plan;
    *needs = (gbx__needs){.pass = pass};
    needs->bits = gbx__pass_scratch(pass, plan->next_node, sizeof(*needs->bits));
    needs->ctes = gbx__pass_scratch(pass, plan->next_cte, sizeof(*needs->ctes));
    if (pass->b.failed) return false;
    needs_all(needs, plan->root);
    /* Outputs first. A reference to a cte comes before the cte's definition: the list has the
     * definition before the body, and nothing else may hold the reference. */
    for (size_t i = pass->n; i-- > 0 && !pass->b.failed;) {
        if (gbx__needs_is_alive(needs, pass->nodes[i])) needs_node(needs, pass->nodes[i]);
    }
    return !pass->b.failed;
}
