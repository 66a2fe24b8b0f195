/*
 * Joins: most are one more item of FROM; marks and single joins are subqueries in the SELECT list.
 */
#include "sql/host_priv.h"

#include <string.h>

static const char *join_words(gbx__join_kind kind, bool is_asof)
{
    if (is_asof) {
        switch (kind) {
        case GBX_JOIN_INNER: return " ASOF JOIN ";
        case GBX_JOIN_LEFT: return " ASOF LEFT JOIN ";
        case GBX_JOIN_RIGHT: return " ASOF RIGHT JOIN ";
        case GBX_JOIN_FULL: return " ASOF FULL JOIN ";
        case GBX_JOIN_SEMI: return " ASOF SEMI JOIN ";
        case GBX_JOIN_ANTI: return " ASOF ANTI JOIN ";
        case GBX_JOIN_CROSS:
        case GBX_JOIN_SINGLE:
        case GBX_JOIN_MARK:
        case GBX_JOIN_POSITIONAL:
        case GBX_JOIN_KINDS: return NULL;
        }
    }
    switch (kind) {
    case GBX_JOIN_INNER: return " JOIN ";
    case GBX_JOIN_LEFT:
    case GBX_JOIN_SINGLE: return " LEFT JOIN ";
    case GBX_JOIN_RIGHT: return " RIGHT JOIN ";
    case GBX_JOIN_FULL: return " FULL JOIN ";
    case GBX_JOIN_SEMI: return " SEMI JOIN ";
    case GBX_JOIN_ANTI: return " ANTI JOIN ";
    case GBX_JOIN_CROSS: return " CROSS JOIN ";
    case GBX_JOIN_POSITIONAL: return " POSITIONAL JOIN ";
    case GBX_JOIN_MARK:
    case GBX_JOIN_KINDS: break;
    }
    return NULL;
}

bool gbx__print_join_sides(gbx__printer *p, const gbx__node *node, gbx__block *left,
                           gbx__block *right)
{
    const gbx__node *l = node->inputs[0];
    const gbx__node *r = node->inputs[1];
    if (!gbx__print_node(p, l, left)) return false;
    if (!gbx__block_is_from(left) && !gbx__block_wrap(p, left, l)) return false;
    if (!gbx__print_node(p, r, right)) return false;
    return (gbx__block_is_from(right) && right->from_is_one) || gbx__block_wrap(p, right, r);
}

void gbx__print_condition(gbx__printer *p, gbx__buf *out, const gbx__node *join)
{
    if (join->join.n_on == 0) gbx__buf_puts(out, "TRUE");
    for (uint32_t i = 0; i < join->join.n_on; i++) {
        if (i > 0) gbx__buf_puts(out, " AND ");
        if (p->host != NULL)
            gbx__host_condition(p, out, join->join.on[i]);
        else
            gbx__print_expr(p, out, join->join.on[i]);
    }
}

static bool join_in_from(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__block right = {0};
    const gbx__join_kind kind = node->join.kind == GBX_JOIN_INNER && node->join.n_on == 0
                                    ? GBX_JOIN_CROSS
                                    : node->join.kind;
    const char *words = join_words(kind, node->join.is_asof);
    if (words == NULL)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a join that %s SQL has no words for",
                               p->dialect->name);
    if (!gbx__print_join_sides(p, node, block, &right)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_str(&text, block->from);
    if (p->host != NULL && (kind == GBX_JOIN_SEMI || kind == GBX_JOIN_ANTI))
        gbx__buf_puts(&text, " LEFT");
    gbx__buf_puts(&text, words);
    gbx__buf_str(&text, right.from);
    if (kind != GBX_JOIN_CROSS && kind != GBX_JOIN_POSITIONAL) {
        gbx__buf_puts(&text, " ON ");
        gbx__print_condition(p, &text, node);
    }
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = false;
    return p->failed == GBX_OK;
}

/* --- marks ------------------------------------------------------------------------------------ */

static bool mark_is_left_column(const gbx__expr *expr, void *ctx)
{
    const gbx__node *right = ctx;
    if (expr->kind != GBX_EX_COLUMN) return true;
    for (uint32_t i = 0; i < right->n_cols; i++) {
        if (right->cols[i].id == expr->col) return false;
    }
    return true;
}

/* A comparison of the left side with the right that answers NULL for NULL: part of an IN. */
static bool mark_is_three_valued(const gbx__expr *on, const gbx__node *right)
{
    static const char *const names[] = {"=", "<>", "<", ">", "<=", ">="};
    if (on->kind != GBX_EX_CALL || on->n_args != 2) return false;
    if (!gbx__expr_walk(on->args[0], mark_is_left_column, (void *)(uintptr_t)right)) return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(on->fn->name, names[i]) == 0) return true;
    }
    return false;
}

static void mark_where(gbx__printer *p, gbx__buf *out, const gbx__expr *const *rest, uint32_t n,
                       const char *word)
{
    if (n == 0) return;
    gbx__buf_puts(out, word);
    gbx__print_list(p, out, rest, n, " AND ");
}

/* x IN (SELECT y …), x < ANY (SELECT y …) */
static void mark_compare_one(gbx__printer *p, gbx__buf *out, const gbx__expr *on, gbx__str from,
                             const gbx__expr *const *rest, uint32_t n_rest)
{
    const bool is_equal = strcmp(on->fn->name, "=") == 0;
    gbx__buf_putc(out, '(');
    gbx__print_expr(p, out, on->args[0]);
    gbx__buf_printf(out, " %s%s (SELECT ", is_equal ? "IN" : on->fn->name, is_equal ? "" : " ANY");
    gbx__print_expr(p, out, on->args[1]);
    gbx__buf_printf(out, " FROM %.*s", GBX_STR_ARG(from));
    mark_where(p, out, rest, n_rest, " WHERE ");
    gbx__buf_puts(out, "))");
}

/* (a, b) IN (SELECT x, y …): the binder knows its three values. */
static bool mark_compare_many(gbx__printer *p, gbx__buf *out, const gbx__expr *const *eq,
                              uint32_t n_eq, gbx__str from, const gbx__expr *const *rest,
                              uint32_t n_rest)
{
    gbx__buf_puts(out, "((");
    for (uint32_t i = 0; i < n_eq; i++) {
        if (strcmp(eq[i]->fn->name, "=") != 0)
            return gbx__print_fail(p, GBX_UNSUPPORTED, "a row compared with ANY by %s",
                                   eq[i]->fn->name);
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__print_expr(p, out, eq[i]->args[0]);
    }
    gbx__buf_puts(out, ") IN (SELECT ");
    for (uint32_t i = 0; i < n_eq; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__print_expr(p, out, eq[i]->args[1]);
    }
    gbx__buf_printf(out, " FROM %.*s", GBX_STR_ARG(from));
    mark_where(p, out, rest, n_rest, " WHERE ");
    gbx__buf_puts(out, "))");
    return true;
}

static bool mark_print(gbx__printer *p, gbx__buf *out, const gbx__node *node, gbx__str from)
{
    const uint32_t n = node->join.n_on;
    const gbx__expr **eq = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__expr *);
    const gbx__expr **rest = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__expr *);
    uint32_t n_eq = 0;
    uint32_t n_rest = 0;
    if (eq == NULL || rest == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n; i++) {
        if (mark_is_three_valued(node->join.on[i], node->inputs[1]))
            eq[n_eq++] = node->join.on[i];
        else
            rest[n_rest++] = node->join.on[i];
    }
    if (n_eq == 1) {
        mark_compare_one(p, out, eq[0], from, rest, n_rest);
    } else if (n_eq > 1) {
        return mark_compare_many(p, out, eq, n_eq, from, rest, n_rest);
    } else {
        gbx__buf_printf(out, "EXISTS (SELECT 1 FROM %.*s", GBX_STR_ARG(from));
        mark_where(p, out, rest, n_rest, " WHERE ");
        gbx__buf_putc(out, ')');
    }
    return p->failed == GBX_OK;
}

static bool join_mark(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__block right = {0};
    if (!gbx__print_join_sides(p, node, block, &right)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (!mark_print(p, &text, node, right.from)) return false;
    gbx__print_name(p, node->join.mark, gbx__print_keep(p, &text));
    block->is_projected = true;
    return p->failed == GBX_OK;
}

/* --- single joins ----------------------------------------------------------------------------- */

/* The right side's key columns of equality conditions. */
static bool single_is_safe(const gbx__node *node)
{
    gbx__col_id keys[64];
    size_t n = 0;
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        const gbx__expr *on = node->join.on[i];
        const bool is_equal =
            on->kind == GBX_EX_CALL && on->n_args == 2 &&
            (strcmp(on->fn->name, "=") == 0 || strcmp(on->fn->name, "is_not_distinct_from") == 0);
        if (is_equal && on->args[1]->kind == GBX_EX_COLUMN && n < 64) keys[n++] = on->args[1]->col;
    }
    return gbx__node_is_unique(node->inputs[1], keys, n);
}

/* (SELECT x FROM right WHERE on), one per column: fails by itself where there are two rows. */
static bool join_single(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__block right = {0};
    const gbx__node *r = node->inputs[1];
    if (!gbx__print_join_sides(p, node, block, &right)) return false;
    gbx__str *texts = GBX_ARENA_ARRAY(&p->arena, r->n_cols + 1, gbx__str);
    if (texts == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < r->n_cols; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&text, 0);
        gbx__buf_printf(&text, "(SELECT %.*s FROM %.*s WHERE ",
                        GBX_STR_ARG(p->names[r->cols[i].id]), GBX_STR_ARG(right.from));
        gbx__print_condition(p, &text, node);
        gbx__buf_putc(&text, ')');
        texts[i] = gbx__print_keep(p, &text);
    }
    for (uint32_t i = 0; i < r->n_cols; i++) gbx__print_name(p, r->cols[i].id, texts[i]);
    block->is_projected = true;
    return p->failed == GBX_OK;
}

bool gbx__print_join(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const bool is_single = node->join.kind == GBX_JOIN_SINGLE && !single_is_safe(node);
    if (p->host != NULL && (is_single || node->join.kind == GBX_JOIN_MARK || node->join.is_asof ||
                            node->join.kind == GBX_JOIN_POSITIONAL))
        return gbx__host_join(p, node, block);
    if (node->join.kind == GBX_JOIN_MARK) return join_mark(p, node, block);
    if (is_single) return join_single(p, node, block);
    return join_in_from(p, node, block);
}
