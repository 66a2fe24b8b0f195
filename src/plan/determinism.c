/*
 * How far the answer is fixed.
 *
 *   loose                something in the plan chooses rows or values by an order that is not
 *                        total, or at random
 *   ordered up to ties   the rows are fixed and the root is sorted
 *   exact                the rows are fixed
 *
 * When an order is total: total_order_priv.h.
 */
#include "base/arena.h"
#include "plan/total_order_priv.h"

#include <string.h>

/* ---- the order that reaches a node ----------------------------------------------------------- */

/* The sort whose order the rows of `node` have; NULL when they have none. */
static const gbx__node *find_sort(const gbx__node *node)
{
    for (;;) {
        switch (node->kind) {
        case GBX_NODE_SORT:
        case GBX_NODE_TOPN: return node;
        case GBX_NODE_FILTER:
        case GBX_NODE_PROJECT:
        case GBX_NODE_LIMIT:
        case GBX_NODE_SINK: node = node->inputs[0]; break;
        case GBX_NODE_CTE: node = node->inputs[1]; break;
        default: return NULL;
        }
    }
}

/* Do the keys of `sort` fix all columns of `node`, which lies above it? */
static bool sort_fixes(const gbx__node *sort, const gbx__node *node)
{
    const gbx__tie_keys keys = {.n_order = sort->sort.n_keys, .order = sort->sort.keys};
    for (uint32_t i = 0; i < node->n_cols; i++) {
        gbx__col_id id = node->cols[i].id;
        for (const gbx__node *at = node; at != sort && id;) {
            if (at->kind == GBX_NODE_PROJECT) {
                uint32_t j = 0;
                while (j < at->n_cols && at->cols[j].id != id) j++;
                const gbx__expr *expr = j < at->n_cols ? at->project.exprs[j] : NULL;
                id = expr && expr->kind == GBX_EX_COLUMN ? expr->col : 0;
            }
            at = at->inputs[at->kind == GBX_NODE_CTE ? 1 : 0];
        }
        if (!id || !gbx__ties_fix(&keys, id)) return false;
    }
    return true;
}

/* ---- what is loose --------------------------------------------------------------------------- */

typedef struct classifier {
    gbx__arena *arena;
    const gbx__node *node;
    bool is_loose;
    bool failed;
    gbx__str reason;
    gbx__volatility volatility;
    gbx__node_set guarded; /* aggregates whose first() is the only row */
} classifier;

/* The first reason stays. */
static void loosen(classifier *c, const char *what, const char *why)
{
    if (c->is_loose) return;
    c->is_loose = true;
    const char *reason = gbx__arena_printf(c->arena, "%s%s", what, why);
    c->reason = gbx__str_of(reason);
    c->failed = !reason;
}

static void classify_limit(classifier *c, const gbx__node *node)
{
    const gbx__node *input = node->inputs[0];
    const gbx__node *sort = find_sort(node);
    if (gbx__is_at_most(node->sort.limit, 0) || gbx__has_one_row(input)) return;
    if (!sort) {
        loosen(c, "LIMIT", " without an order");
        return;
    }
    const gbx__tie_keys keys = {.n_order = sort->sort.n_keys, .order = sort->sort.keys};
    if (sort_fixes(sort, node) || gbx__ties_are_alike(sort->inputs[0], keys)) return;
    loosen(c, "LIMIT", " without a total order");
}

static void classify_distinct(classifier *c, const gbx__node *node)
{
    const gbx__tie_keys keys = {.n_exprs = node->distinct.n_on,
                                .exprs = node->distinct.on,
                                .n_order = node->distinct.n_order,
                                .order = node->distinct.order};
    if (node->distinct.n_on == 0 || gbx__ties_are_alike(node->inputs[0], keys)) return;
    loosen(c, "DISTINCT ON", " without a total order");
}

static void classify_join(classifier *c, const gbx__node *node)
{
    if (node->join.kind == GBX_JOIN_POSITIONAL) loosen(c, "a positional join", "");
    const gbx__tie_keys keys = {.n_on = node->join.n_on, .on = node->join.on};
    if (node->join.is_asof && !gbx__ties_are_alike(node->inputs[1], keys)) {
        loosen(c, "an asof join", " over ties");
    }
}

static void classify_function(classifier *c, const gbx__function *fn)
{
    if (fn->volatility > c->volatility) c->volatility = fn->volatility;
    if (fn->volatility == GBX_VOLATILITY_ROW) loosen(c, fn->name, " differs from run to run");
    if (fn->flags & GBX_FN_APPROXIMATE) loosen(c, fn->name, " is an approximation");
}

/* ---- a scalar subquery ----------------------------------------------------------------------- */

/* "First row, and how many": where more than one is an error, the first is the only one.
 *
 *   Project: case when #count > 1 then error('…') else #first end
 *   └─ Aggregate: #first = first(x), #count = count(*)
 */
typedef struct guard_search {
    const gbx__node *aggregate;
    bool has_error, has_count;
} guard_search;

static bool is_count(const gbx__node *aggregate, gbx__col_id id)
{
    for (uint32_t i = 0; i < aggregate->aggregate.n_aggs; i++) {
        const gbx__function *fn = aggregate->aggregate.aggs[i]->fn;
        if (aggregate->cols[aggregate->aggregate.n_groups + i].id == id) {
            return strncmp(fn->name, "count", 5) == 0;
        }
    }
    return false;
}

static bool find_guard_parts(const gbx__expr *expr, void *ctx)
{
    guard_search *search = ctx;
    if (gbx__expr_is_call(expr, "error")) search->has_error = true;
    if (expr->kind == GBX_EX_COLUMN && is_count(search->aggregate, expr->col)) {
        search->has_count = true;
    }
    return true;
}

static bool is_guard(const gbx__expr *expr, const gbx__node *aggregate)
{
    guard_search search = {.aggregate = aggregate};
    if (expr->kind != GBX_EX_CASE || !gbx__expr_is_call(expr->args[0], ">")) return false;
    gbx__expr_walk(expr->args[0], find_guard_parts, &search);
    gbx__expr_walk(expr->args[1], find_guard_parts, &search);
    return search.has_error && search.has_count;
}

/* Notes the aggregate below a project that guards it; aggregates come before their projects, so
 * this is a walk of its own. */
static bool note_guard(const gbx__node *node, void *ctx)
{
    classifier *c = ctx;
    const gbx__node *input = node->kind == GBX_NODE_PROJECT ? node->inputs[0] : NULL;
    if (!input || input->kind != GBX_NODE_AGGREGATE || input->aggregate.n_groups > 0) return true;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (is_guard(node->project.exprs[i], input)) gbx__node_set_add(&c->guarded, input);
    }
    return true;
}

/* ---- kinds of nodes and expressions ---------------------------------------------------------- */

static void classify_agg(classifier *c, const gbx__expr *expr)
{
    const gbx__node *node = c->node;
    const gbx__tie_keys keys = {.n_exprs = node->aggregate.n_groups,
                                .exprs = node->aggregate.groups,
                                .n_order = expr->agg->n_order,
                                .order = expr->agg->order};
    if (!(expr->fn->flags & GBX_FN_ORDER_SENSITIVE)) return;
    if (gbx__node_set_has(&c->guarded, node)) return;
    if (gbx__ties_fix_exprs(&keys, expr->n_args, expr->args)) return;
    if (gbx__ties_are_alike(node->inputs[0], keys)) return;
    loosen(c, expr->fn->name, " without a total order");
}

static bool frame_depends_on_order(const gbx__window_spec *w)
{
    const bool is_whole =
        w->start == GBX_BOUND_UNBOUNDED_PRECEDING && w->end == GBX_BOUND_UNBOUNDED_FOLLOWING;
    return w->unit == GBX_FRAME_ROWS && !is_whole;
}

static void classify_window(classifier *c, const gbx__expr *expr)
{
    const gbx__window_spec *w = expr->window;
    const bool is_aggregate = expr->fn->kind == GBX_FN_AGGREGATE;
    if (!(expr->fn->flags & GBX_FN_ORDER_SENSITIVE) &&
        !(is_aggregate && frame_depends_on_order(w))) {
        return;
    }
    gbx__tie_keys keys = {.n_exprs = w->n_partitions,
                          .exprs = w->partitions,
                          .n_order = w->n_order,
                          .order = w->order};
    if (gbx__ties_are_alike(c->node->inputs[0], keys)) return;
    /* An order inside the call decides alone, where the frame leaves the choice to it. */
    keys.n_order = w->n_arg_order;
    keys.order = w->arg_order;
    if (w->n_arg_order && !frame_depends_on_order(w) &&
        gbx__ties_are_alike(c->node->inputs[0], keys)) {
        return;
    }
    loosen(c, expr->fn->name, " without a total order");
}

static bool classify_expr(const gbx__expr *expr, void *ctx)
{
    classifier *c = ctx;
    if (expr->fn) classify_function(c, expr->fn);
    if (expr->kind == GBX_EX_AGG) classify_agg(c, expr);
    if (expr->kind == GBX_EX_WINDOW) classify_window(c, expr);
    return true;
}

static bool classify_root_expr(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, classify_expr, ctx);
}

static bool classify_node(const gbx__node *node, void *ctx)
{
    classifier *c = ctx;
    c->node = node;
    gbx__node_exprs(node, classify_root_expr, c);
    switch (node->kind) {
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: classify_limit(c, node); break;
    case GBX_NODE_DISTINCT: classify_distinct(c, node); break;
    case GBX_NODE_JOIN: classify_join(c, node); break;
    case GBX_NODE_SAMPLE: loosen(c, "engines draw other rows for a sample", ""); break;
    case GBX_NODE_TABLE_FN: classify_function(c, node->table_fn.fn); break;
    case GBX_NODE_CALL:
        if (node->call.is_pure) break;
        c->volatility = GBX_VOLATILITY_ROW;
        loosen(c, "a user's function that is not pure", "");
        break;
    default: break;
    }
    return !c->failed;
}

bool gbx__plan_classify(gbx__arena *arena, const gbx__node *root, gbx__determinism *out_class,
                        gbx__str *out_reason, gbx__volatility *out_volatility)
{
    classifier c = {.arena = arena, .reason = GBX_STR("")};
    if (!gbx__node_set_init(&c.guarded, root)) return false;
    const bool is_done =
        gbx__plan_walk(root, note_guard, &c) && gbx__plan_walk(root, classify_node, &c);
    gbx__node_set_done(&c.guarded);
    if (!is_done) return false;
    *out_class = c.is_loose ? GBX_LOOSE : find_sort(root) ? GBX_ORDERED_UP_TO_TIES : GBX_EXACT;
    *out_reason = c.reason;
    *out_volatility = c.volatility;
    return true;
}
