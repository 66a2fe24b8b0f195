/*
 * Inner joins taken apart into relations and conjuncts; each conjunct to the smallest place; joined
 * again from the smallest result on, or in the order of the text.
 */
#include "optimise/push_priv.h"

#include <math.h>

#define MAX_RELATIONS 40u /* more stay as they are */

typedef uint64_t relation_set; /* bits */

typedef struct condition {
    const gbx__expr *expr;
    relation_set over;
    bool is_placed;
} condition;

typedef struct join_graph {
    gbx__pusher *p;
    uint32_t n;
    uint32_t n_promised; /* relations that there will be at least */
    const gbx__node *relations[MAX_RELATIONS];
    gbx__preds preds;
    gbx__preds own[MAX_RELATIONS]; /* conjuncts over one relation */
    gbx__preds late;               /* after all joins */
    uint32_t n_conditions;
    condition *conditions;
} join_graph;

/* ---- taking apart ---------------------------------------------------------------------------- */

static bool is_inner(const gbx__node *node)
{
    return node->kind == GBX_NODE_JOIN && !node->join.is_asof &&
           (node->join.kind == GBX_JOIN_INNER || node->join.kind == GBX_JOIN_CROSS);
}

/* A filter whose conjuncts may as well be looked at later. */
static bool is_movable(const gbx__node *filter)
{
    for (uint32_t i = 0; i < filter->filter.n; i++) {
        if (gbx__pred_is_volatile(filter->filter.conjuncts[i])) return false;
        if (gbx__pred_may_fail(filter->filter.conjuncts[i])) return false;
    }
    return true;
}

static bool is_open(const join_graph *g, const gbx__node *node)
{
    if (g->p->readers[node->id] > 1) return false;
    if (is_inner(node)) return g->n_promised < MAX_RELATIONS;
    if (node->kind == GBX_NODE_FILTER) return is_inner(node->inputs[0]) && is_movable(node);
    return gbx__node_is_select(node) && is_inner(node->inputs[0]);
}

static void take_apart(join_graph *g, const gbx__node *node, bool is_top)
{
    if (!is_top && !is_open(g, node)) {
        g->relations[g->n++] = node;
        return;
    }
    if (node->kind == GBX_NODE_FILTER) {
        for (uint32_t i = 0; i < node->filter.n; i++) {
            gbx__preds_split(g->p, &g->preds, node->filter.conjuncts[i]);
        }
    }
    if (node->kind == GBX_NODE_JOIN) {
        g->n_promised++;
        for (uint32_t i = 0; i < node->join.n_on; i++) {
            gbx__preds_split(g->p, &g->preds, node->join.on[i]);
        }
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) take_apart(g, node->inputs[i], false);
}

/* ---- conjuncts to their places --------------------------------------------------------------- */

typedef struct over_walk {
    const join_graph *g;
    relation_set over;
} over_walk;

static bool over_visit(void *ctx, gbx__col_id id)
{
    over_walk *walk = ctx;
    const gbx__pass_slot *slot = gbx__pass_find(walk->g->p->pass, id);
    for (uint32_t i = 0; slot && i < walk->g->n; i++) {
        if (walk->g->relations[i] == slot->input) walk->over |= (relation_set)1 << i;
    }
    return true;
}

static relation_set over(const join_graph *g, const gbx__expr *expr)
{
    over_walk walk = {.g = g};
    gbx__pred_cols(expr, over_visit, &walk);
    return walk.over;
}

static bool is_one(relation_set set)
{
    return set != 0 && (set & (set - 1)) == 0;
}

static bool is_equality(const gbx__expr *expr)
{
    return gbx__expr_is_call(expr, "=") || gbx__expr_is_call(expr, "is_not_distinct_from");
}

/* One side over some relations, the other over others: what a hash join needs. */
static bool is_key(const join_graph *g, const gbx__expr *expr)
{
    if (!is_equality(expr)) return false;
    const relation_set left = over(g, expr->args[0]), right = over(g, expr->args[1]);
    return left != 0 && right != 0 && (left & right) == 0;
}

static void place(join_graph *g, const gbx__expr *expr)
{
    const relation_set set = over(g, expr);
    const bool may_fail = gbx__pred_may_fail(expr);
    if (is_one(set) && (!may_fail || g->n == 1)) {
        gbx__preds_add(g->p, &g->own[__builtin_ctzll(set)], expr);
    } else if (is_one(set) || set == 0 || gbx__pred_is_volatile(expr) ||
               (may_fail && !is_key(g, expr))) {
        gbx__preds_add(g->p, &g->late, expr);
    } else {
        g->conditions[g->n_conditions++] = (condition){.expr = expr, .over = set};
    }
    for (uint32_t i = 0; gbx__expr_is_call(expr, "or") && !is_one(set) && i < g->n; i++) {
        const gbx__expr *derived = gbx__pred_derive(g->p, expr, g->relations[i]);
        if (derived) gbx__preds_add(g->p, &g->own[i], derived);
    }
}

static void place_all(join_graph *g)
{
    gbx__pass *pass = g->p->pass;
    gbx__pass_look(pass);
    for (uint32_t i = 0; i < g->n; i++) gbx__pass_see(pass, g->relations[i]);
    g->conditions = gbx__pass_scratch(pass, g->preds.n, sizeof(*g->conditions));
    for (uint32_t i = 0; g->conditions && i < g->preds.n; i++) place(g, g->preds.items[i]);
}

/* ---- putting together ------------------------------------------------------------------------ */

typedef struct part {
    const gbx__node *node;
    relation_set over;
    double rows;
} part;

/* Where the domain of a side of a condition is noted; NULL: nowhere. */
static double *side_domain(const join_graph *g, const gbx__expr *side)
{
    while (side->kind == GBX_EX_CAST) side = side->args[0];
    if (side->kind != GBX_EX_COLUMN || side->col >= g->p->pass->plan->next_col) return NULL;
    return g->p->domain[side->col] > 0 ? &g->p->domain[side->col] : NULL;
}

/* Columns that are equal to each other have the domain of the smallest table among them: that of
 * nations, when customers and suppliers of one nation meet. */
static void share_domains(const join_graph *g)
{
    bool is_new = true;
    for (uint32_t round = 0; is_new && round < g->n; round++) {
        is_new = false;
        for (uint32_t i = 0; i < g->n_conditions; i++) {
            const gbx__expr *expr = g->conditions[i].expr;
            if (!is_equality(expr)) continue;
            double *left = side_domain(g, expr->args[0]), *right = side_domain(g, expr->args[1]);
            if (!left || !right || *left == *right) continue;
            *left = *right = fmin(*left, *right);
            is_new = true;
        }
    }
}

static double key_domain(const join_graph *g, const gbx__expr *expr)
{
    const double *left = side_domain(g, expr->args[0]), *right = side_domain(g, expr->args[1]);
    return fmin(left ? *left : (double)INFINITY, right ? *right : (double)INFINITY);
}

/* Rows of a join of two parts; negative: nothing joins them. */
static double joined_rows(const join_graph *g, const part *a, const part *b)
{
    double rows = a->rows * b->rows;
    bool is_joined = false;
    for (uint32_t i = 0; i < g->n_conditions; i++) {
        const condition *c = &g->conditions[i];
        const bool fits = !c->is_placed && (c->over & a->over) && (c->over & b->over) &&
                          !(c->over & ~(a->over | b->over));
        if (!fits || !is_equality(c->expr)) continue;
        is_joined = true;
        const double domain = key_domain(g, c->expr);
        rows /= fmax(1, isinf(domain) ? fmin(a->rows, b->rows) : domain);
    }
    return is_joined ? fmax(rows, 1) : -1;
}

/* The two parts to join next: the smallest result; where nothing joins any, the two smallest. */
static void choose(const join_graph *g, const part *parts, uint32_t n, uint32_t *first,
                   uint32_t *second)
{
    double best = INFINITY, smallest = INFINITY;
    bool found = false;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = i + 1; j < n; j++) {
            const double rows = joined_rows(g, &parts[i], &parts[j]);
            const double crossed = parts[i].rows * parts[j].rows;
            const bool is_better = rows >= 0 ? rows < best : !found && crossed < smallest;
            if (rows >= 0 && rows < best) best = rows;
            if (rows < 0 && crossed < smallest) smallest = crossed;
            if (!is_better) continue;
            found = found || rows >= 0;
            *first = i;
            *second = j;
        }
    }
}

/* In the order of the text, but for those that nothing joins yet. */
static void choose_next(const join_graph *g, const part *parts, uint32_t n, uint32_t *second)
{
    for (uint32_t j = 1; j < n; j++) {
        if (joined_rows(g, &parts[0], &parts[j]) < 0) continue;
        *second = j;
        return;
    }
}

static part join_parts(join_graph *g, part a, part b)
{
    gbx__pass *pass = g->p->pass;
    const double rows = joined_rows(g, &a, &b);
    if (g->p->orders && a.rows < b.rows) { /* the right side is the one that is hashed */
        const part swap = a;
        a = b;
        b = swap;
    }
    const relation_set both = a.over | b.over;
    gbx__preds on = {0};
    for (uint32_t i = 0; i < g->n_conditions; i++) {
        condition *c = &g->conditions[i];
        if (c->is_placed || (c->over & ~both)) continue;
        gbx__preds_add(g->p, &on, c->expr);
        c->is_placed = true;
    }
    on = gbx__preds_once(g->p, on);
    const gbx__join_kind kind = on.n > 0 ? GBX_JOIN_INNER : GBX_JOIN_CROSS;
    const gbx__node *node = a.node && b.node ? gbx__node_join(&pass->b, kind, false, a.node, b.node,
                                                              on.n, on.items, GBX_NO_POS)
                                             : NULL;
    return (part){node, both, rows >= 0 ? rows : a.rows * b.rows};
}

static const gbx__node *put_together(join_graph *g)
{
    part parts[MAX_RELATIONS];
    for (uint32_t i = 0; i < g->n; i++) {
        const gbx__node *node = gbx__push(g->p, g->relations[i], g->own[i]);
        if (!node) return NULL;
        parts[i] = (part){node, (relation_set)1 << i, gbx__join_size(g->p, node)};
    }
    share_domains(g);
    for (uint32_t n = g->n; n > 1; n--) {
        uint32_t first = 0, second = 1;
        if (g->p->orders) {
            choose(g, parts, n, &first, &second);
        } else {
            choose_next(g, parts, n, &second);
        }
        parts[first] = join_parts(g, parts[first], parts[second]);
        if (!parts[first].node) return NULL;
        for (uint32_t i = second; i + 1 < n; i++) parts[i] = parts[i + 1];
    }
    return parts[0].node;
}

/* The columns in the order in which the join had them. */
static const gbx__node *in_order(gbx__pass *pass, const gbx__node *node, const gbx__node *as)
{
    uint32_t n = 0;
    bool is_same = node && node->n_cols == as->n_cols;
    uint32_t *positions = gbx__pass_scratch(pass, as->n_cols, sizeof(*positions));
    if (!node || !positions) return NULL;
    for (uint32_t i = 0; i < as->n_cols; i++) {
        const gbx__col *col = gbx__node_col(node, as->cols[i].id);
        if (!col) continue; /* a mark that nobody names */
        positions[n] = (uint32_t)(col - node->cols);
        is_same = is_same && positions[n] == i;
        n++;
    }
    return is_same ? node : gbx__node_select(&pass->b, node, n, positions);
}

const gbx__node *gbx__push_inner(gbx__pusher *p, const gbx__node *node, gbx__preds preds)
{
    join_graph g = {.p = p, .preds = preds, .n_promised = 1};
    take_apart(&g, node, true);
    place_all(&g);
    if (p->pass->b.failed) return NULL;
    const gbx__node *joined = put_together(&g);
    if (!joined) return NULL;
    joined = gbx__push_filter(p, joined, g.late);
    return joined ? in_order(p->pass, joined, node) : NULL;
}
