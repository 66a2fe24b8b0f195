#include "optimise/push_priv.h"

/* ---- who names a column ---------------------------------------------------------------------- */

static bool use_visit(const gbx__expr *expr, void *ctx)
{
    gbx__pusher *p = ctx;
    if (expr->kind == GBX_EX_COLUMN) p->uses[expr->col]++;
    return true;
}

static bool use_root(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, use_visit, ctx);
}

/* ---- helpers --------------------------------------------------------------------------------- */

#define MAX_COMPARED 64u /* conjuncts; of more a few may come twice */

gbx__preds gbx__preds_once(gbx__pusher *p, gbx__preds preds)
{
    gbx__preds once = {0};
    for (uint32_t i = 0; i < preds.n; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < once.n && !is_there && preds.n <= MAX_COMPARED; k++) {
            is_there = gbx__expr_equal(once.items[k], preds.items[i]);
        }
        if (!is_there) gbx__preds_add(p, &once, preds.items[i]);
    }
    return once;
}

const gbx__node *gbx__push_filter(gbx__pusher *p, const gbx__node *input, gbx__preds preds)
{
    if (!input || preds.n == 0) return input;
    preds = gbx__preds_once(p, preds);
    return p->pass->b.failed
               ? NULL
               : gbx__node_filter(&p->pass->b, input, preds.n, preds.items, preds.items[0]->pos);
}

/* A node over what takes the places of its inputs; `preds` go into the first input. */
static const gbx__node *over_inputs(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    const gbx__node **inputs = gbx__pass_scratch(p->pass, node->n_inputs, sizeof(*inputs));
    for (uint32_t i = 0; inputs && i < node->n_inputs; i++) {
        inputs[i] = gbx__push(p, node->inputs[i], i == 0 ? preds : (gbx__preds){0});
        if (!inputs[i]) return NULL;
    }
    return inputs ? gbx__node_with_inputs(&p->pass->b, node, inputs) : NULL;
}

typedef bool goes_down(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred);

/* Parts the conjuncts: those that go below the node, and those that stay above it. */
static gbx__preds part(gbx__pusher *p, const gbx__node *node, gbx__preds preds, goes_down *goes,
                       gbx__preds *stay)
{
    gbx__preds down = {0};
    for (uint32_t i = 0; i < preds.n; i++) {
        const bool goes_below =
            !gbx__pred_is_volatile(preds.items[i]) && goes(p, node, preds.items[i]);
        gbx__preds_add(p, goes_below ? &down : stay, preds.items[i]);
    }
    return down;
}

static const gbx__node *pass_on(gbx__pusher *p, const gbx__node *node, gbx__preds preds,
                                goes_down *goes)
{
    gbx__preds stay = {0};
    const gbx__preds down = part(p, node, preds, goes, &stay);
    return gbx__push_filter(p, over_inputs(p, node, down), stay);
}

static bool goes_always(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p, (void)node, (void)pred;
    return true;
}

static bool goes_never(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p, (void)node, (void)pred;
    return false;
}

static bool goes_if_safe_over_first(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p;
    return gbx__pred_is_over(pred, node->inputs[0]) && !gbx__pred_may_fail(pred);
}

/* ---- filter, project, aggregate -------------------------------------------------------------- */

static const gbx__node *push_filter_node(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    gbx__preds stay = {0}, down = preds;
    for (uint32_t i = 0; i < node->filter.n; i++) {
        const gbx__expr *one = node->filter.conjuncts[i];
        if (gbx__pred_is_volatile(one)) {
            gbx__preds_add(p, &stay, one);
        } else {
            gbx__preds_split(p, &down, one);
        }
    }
    return gbx__push_filter(p, gbx__push(p, node->inputs[0], down), stay);
}

typedef struct made_walk {
    const gbx__node *node;
    uint32_t n; /* of the first columns that may be replaced */
    const gbx__expr *const *exprs;
} made_walk;

static bool is_replaceable(void *ctx, gbx__col_id id)
{
    const made_walk *walk = ctx;
    for (uint32_t i = 0; i < walk->n; i++) {
        if (walk->node->cols[i].id == id) return !gbx__pred_is_volatile(walk->exprs[i]);
    }
    return false;
}

static made_walk made_by(const gbx__node *node)
{
    if (node->kind == GBX_NODE_PROJECT) return (made_walk){node, node->n_cols, node->project.exprs};
    return (made_walk){node, node->aggregate.n_groups, node->aggregate.groups};
}

/* Nothing is computed for more rows below than above: each row, or each group, is there anyway. */
static bool goes_replaced(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p;
    made_walk walk = made_by(node);
    return gbx__pred_cols(pred, is_replaceable, &walk);
}

static const gbx__node *push_replaced(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    gbx__preds stay = {0};
    gbx__preds down = part(p, node, preds, goes_replaced, &stay);
    const made_walk walk = made_by(node);
    gbx__preds replaced = {0};
    for (uint32_t i = 0; i < down.n; i++) {
        const gbx__expr *made = gbx__pred_replace(p, down.items[i], walk.n, node->cols, walk.exprs);
        if (!made) return NULL;
        use_root(made, p); /* the node goes on naming them, too */
        gbx__preds_split(p, &replaced, made);
    }
    return gbx__push_filter(p, over_inputs(p, node, replaced), stay);
}

static const gbx__node *push_aggregate(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    /* One group is there even without rows; of grouping sets each column has NULLs of its own. */
    const bool is_plain = node->aggregate.n_groups > 0 && node->aggregate.n_sets == 0;
    return is_plain ? push_replaced(p, node, preds) : pass_on(p, node, preds, goes_never);
}

/* ---- windows, set operations ----------------------------------------------------------------- */

typedef struct partition_walk {
    const gbx__node *node;
} partition_walk;

static bool is_partition_key(void *ctx, gbx__col_id id)
{
    const gbx__node *node = ((const partition_walk *)ctx)->node;
    for (uint32_t i = 0; i < node->window.n_exprs; i++) {
        const gbx__window_spec *spec = node->window.exprs[i]->window;
        bool is_key = false;
        for (uint32_t k = 0; k < spec->n_partitions && !is_key; k++) {
            is_key = spec->partitions[k]->kind == GBX_EX_COLUMN && spec->partitions[k]->col == id;
        }
        if (!is_key) return false;
    }
    return true;
}

/* Whole partitions go or stay. */
static bool goes_by_partition(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p;
    partition_walk walk = {node};
    return gbx__pred_is_over(pred, node->inputs[0]) &&
           gbx__pred_cols(pred, is_partition_key, &walk);
}

/* A row that a set operation drops must not end the query. */
static bool goes_into_sets(gbx__pusher *p, const gbx__node *node, const gbx__expr *pred)
{
    (void)p;
    return node->setop.kind == GBX_SETOP_UNION || !gbx__pred_may_fail(pred);
}

static const gbx__node *push_setop(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    gbx__pass *pass = p->pass;
    gbx__preds stay = {0};
    const gbx__preds down = part(p, node, preds, goes_into_sets, &stay);
    const gbx__node **inputs = gbx__pass_scratch(pass, node->n_inputs, sizeof(*inputs));
    const gbx__expr **columns = gbx__pass_scratch(pass, node->n_cols, sizeof(*columns));
    if (!inputs || !columns) return NULL;
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        const gbx__node *input = node->inputs[i];
        gbx__preds own = {0};
        for (uint32_t k = 0; k < node->n_cols; k++) {
            columns[k] = gbx__expr_column(&pass->b.arena, input->cols[k].id, input->cols[k].type,
                                          GBX_NO_POS);
        }
        for (uint32_t k = 0; k < down.n; k++) {
            const gbx__expr *made =
                gbx__pred_replace(p, down.items[k], node->n_cols, node->cols, columns);
            if (!made) return NULL;
            gbx__preds_add(p, &own, made);
        }
        inputs[i] = gbx__push(p, input, own);
        if (!inputs[i]) return NULL;
    }
    return gbx__push_filter(p, gbx__node_with_inputs(&pass->b, node, inputs), stay);
}

/* ---- joins that are not inner ---------------------------------------------------------------- */

/* Conditions over the right side alone, where a row without a match stays as it is. */
static bool is_for_right(const gbx__node *node, const gbx__expr *on)
{
    const gbx__join_kind kind = node->join.kind;
    const bool narrows_right = kind == GBX_JOIN_LEFT || kind == GBX_JOIN_SINGLE ||
                               kind == GBX_JOIN_SEMI || kind == GBX_JOIN_ANTI;
    return narrows_right && !node->join.is_asof && !gbx__pred_is_volatile(on) &&
           !gbx__pred_may_fail(on) && gbx__pred_is_over(on, node->inputs[1]);
}

static const gbx__node *make_join(gbx__pusher *p, const gbx__node *node, gbx__join_kind kind,
                                  gbx__preds left, gbx__preds right, gbx__preds on)
{
    const gbx__node *const inputs[2] = {gbx__push(p, node->inputs[0], left),
                                        gbx__push(p, node->inputs[1], right)};
    if (!inputs[0] || !inputs[1]) return NULL;
    if (kind == node->join.kind && on.n == node->join.n_on) {
        return gbx__node_with_inputs(&p->pass->b, node, inputs);
    }
    if (kind == GBX_JOIN_MARK) return NULL;
    return gbx__node_join(&p->pass->b, kind, node->join.is_asof, inputs[0], inputs[1], on.n,
                          on.items, node->pos);
}

static const gbx__node *push_outer(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    const bool keeps_left = node->join.kind != GBX_JOIN_RIGHT && node->join.kind != GBX_JOIN_FULL &&
                            node->join.kind != GBX_JOIN_POSITIONAL;
    gbx__preds stay = {0}, right = {0}, on = {0};
    const gbx__preds left =
        part(p, node, preds, keeps_left ? goes_if_safe_over_first : goes_never, &stay);
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        const bool moves = is_for_right(node, node->join.on[i]);
        gbx__preds_add(p, moves ? &right : &on, node->join.on[i]);
    }
    if (node->join.kind != GBX_JOIN_MARK) on = gbx__preds_once(p, on);
    if (on.n == 0 && node->join.n_on > 0) { /* a join keeps a condition */
        on = right;
        right = (gbx__preds){0};
    }
    return gbx__push_filter(p, make_join(p, node, node->join.kind, left, right, on), stay);
}

/* ---- marks: EXISTS and IN -------------------------------------------------------------------- */

static bool is_mark(const gbx__expr *expr, gbx__col_id mark)
{
    return expr->kind == GBX_EX_COLUMN && expr->col == mark;
}

static bool is_two_valued(const gbx__node *node)
{
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        if (!gbx__expr_is_call(node->join.on[i], "is_not_distinct_from") &&
            !gbx__expr_is_call(node->join.on[i], "is_distinct_from")) {
            return false;
        }
    }
    return node->join.n_on > 0;
}

/* Filter mark ═→ semi join, Filter not mark ═→ anti join, when that is all the mark is for. A mark
 * that can be NULL is no anti join: NOT IN of a list with a NULL is true for nobody. */
static const gbx__node *push_mark(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    const gbx__col_id mark = node->join.mark;
    gbx__preds rest = {0};
    gbx__join_kind kind = GBX_JOIN_MARK;
    for (uint32_t i = 0; i < preds.n; i++) {
        const gbx__expr *one = preds.items[i];
        const bool is_not = gbx__expr_is_call(one, "not") && is_mark(one->args[0], mark);
        const bool is_alone = kind == GBX_JOIN_MARK && p->uses[mark] == 1 && !node->join.is_asof;
        if (is_alone && is_mark(one, mark)) {
            kind = GBX_JOIN_SEMI;
        } else if (is_alone && is_not && is_two_valued(node)) {
            kind = GBX_JOIN_ANTI;
        } else {
            gbx__preds_add(p, &rest, one);
        }
    }
    if (kind == GBX_JOIN_MARK) return push_outer(p, node, preds);
    gbx__preds stay = {0}, on = {0};
    const gbx__preds left = part(p, node, rest, goes_if_safe_over_first, &stay);
    for (uint32_t i = 0; i < node->join.n_on; i++) gbx__preds_add(p, &on, node->join.on[i]);
    return gbx__push_filter(p, make_join(p, node, kind, left, (gbx__preds){0}, on), stay);
}

static const gbx__node *push_join(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    const bool is_inner = node->join.kind == GBX_JOIN_INNER || node->join.kind == GBX_JOIN_CROSS;
    if (is_inner && !node->join.is_asof) return gbx__push_inner(p, node, preds);
    if (node->join.kind == GBX_JOIN_MARK) return push_mark(p, node, preds);
    return push_outer(p, node, preds);
}

/* ---- any node -------------------------------------------------------------------------------- */

static const gbx__node *push_cte(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    const gbx__node *inputs[2] = {gbx__push(p, node->inputs[0], (gbx__preds){0}), NULL};
    if (!inputs[0]) return NULL;
    p->ctes[node->cte.id] = inputs[0];
    inputs[1] = gbx__push(p, node->inputs[1], preds);
    return inputs[1] ? gbx__node_with_inputs(&p->pass->b, node, inputs) : NULL;
}

static const gbx__node *push_node(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    switch ((int)node->kind) {
    case GBX_NODE_FILTER: return push_filter_node(p, node, preds);
    case GBX_NODE_PROJECT:
        return gbx__node_is_select(node) ? pass_on(p, node, preds, goes_always)
                                         : push_replaced(p, node, preds);
    case GBX_NODE_AGGREGATE: return push_aggregate(p, node, preds);
    case GBX_NODE_JOIN: return push_join(p, node, preds);
    case GBX_NODE_SORT: return pass_on(p, node, preds, goes_always);
    case GBX_NODE_DISTINCT:
        return pass_on(p, node, preds, node->distinct.n_on > 0 ? goes_never : goes_always);
    case GBX_NODE_WINDOW: return pass_on(p, node, preds, goes_by_partition);
    case GBX_NODE_UNNEST: return pass_on(p, node, preds, goes_if_safe_over_first);
    case GBX_NODE_SETOP: return push_setop(p, node, preds);
    case GBX_NODE_CTE: return push_cte(p, node, preds);
    default: return pass_on(p, node, preds, goes_never);
    }
}

const gbx__node *gbx__push(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    if (p->pass->b.failed) return NULL;
    if (p->readers[node->id] <= 1) return push_node(p, node, preds);
    /* Of several readers each has filters of its own. */
    if (!gbx__pass_made(p->pass, node)) {
        gbx__pass_set(p->pass, node, push_node(p, node, (gbx__preds){0}));
    }
    return gbx__push_filter(p, gbx__pass_made(p->pass, node), preds);
}

/* ---- the pass -------------------------------------------------------------------------------- */

static void use_all(gbx__pusher *p, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) p->uses[node->cols[i].id]++;
}

/* Who reads by position reads all; a column of the root is somebody's, too. */
static void count_uses(gbx__pusher *p, const gbx__node *node)
{
    const bool by_position = node->kind == GBX_NODE_SETOP || node->kind == GBX_NODE_RECURSIVE ||
                             node->kind == GBX_NODE_CALL || node->kind == GBX_NODE_SINK ||
                             node->kind == GBX_NODE_PIVOT || node->kind == GBX_NODE_DISTINCT;
    gbx__node_exprs(node, use_root, p);
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        p->readers[node->inputs[i]->id]++;
        const bool is_definition = node->kind == GBX_NODE_CTE && i == 0;
        if (by_position || is_definition) use_all(p, node->inputs[i]);
    }
}

static gbx_status run(gbx_plan *plan, bool orders, gbx_plan **out, gbx_error *err)
{
    gbx__pass pass;
    GBX_TRY(gbx__pass_begin(&pass, plan, err));
    gbx__pusher p = {.pass = &pass, .orders = orders};
    p.readers = gbx__pass_scratch(&pass, plan->next_node, sizeof(*p.readers));
    p.uses = gbx__pass_scratch(&pass, plan->next_col, sizeof(*p.uses));
    p.ctes = gbx__pass_scratch(&pass, plan->next_cte, sizeof(*p.ctes));
    p.domain = gbx__pass_scratch(&pass, plan->next_col, sizeof(*p.domain));
    for (size_t i = 0; i < pass.n && !pass.b.failed; i++) count_uses(&p, pass.nodes[i]);
    if (!pass.b.failed) {
        use_all(&p, plan->root);
        const gbx__node *root = gbx__push(&p, plan->root, (gbx__preds){0});
        if (!root) gbx__plan_fail(&pass.b, GBX_NOMEM, GBX_NO_POS, "out of memory");
        gbx__pass_set(&pass, plan->root, root);
    }
    gbx_plan *made = NULL;
    GBX_TRY(gbx__pass_end(&pass, &made, err));
    if (made != plan && gbx__plan_equal(made, plan)) { /* put together as it was */
        gbx__plan_unref(made);
        made = gbx__plan_ref(plan);
    }
    *out = made;
    return GBX_OK;
}

gbx_status gbx__pass_push_filters(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    return run(plan, false, out, err);
}

gbx_status gbx__pass_join_order(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    return run(plan, true, out, err);
}
