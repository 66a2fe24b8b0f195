/*
 * Joins that engines in other processes have no word for, in words that all have.
 */
#include "sql/host_priv.h"

#include <string.h>

/* --- marks ----------------------------------------------------------------------------------- */

static bool mark_is_left(const gbx__expr *expr, void *ctx)
{
    return expr->kind != GBX_EX_COLUMN || gbx__node_col(ctx, expr->col) == NULL;
}

/* left = right, or the same with NULL = NULL. */
static bool mark_is_equality(const gbx__expr *on, const gbx__node *node, const char *name)
{
    return gbx__expr_is_call(on, name) &&
           gbx__expr_walk(on->args[0], mark_is_left, (void *)(uintptr_t)node->inputs[1]) &&
           gbx__expr_walk(on->args[1], mark_is_left, (void *)(uintptr_t)node->inputs[0]);
}

static bool mark_all_null_safe(const gbx__node *node)
{
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        if (!mark_is_equality(node->join.on[i], node, "is_not_distinct_from") ||
            !gbx__host_is_key(node->join.on[i]->args[1]->type))
            return false;
    }
    return true;
}

static void mark_join(gbx__printer *p, gbx__block *block, gbx__buf *more)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_str(&text, block->from);
    gbx__buf_str(&text, gbx__buf_view(more));
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = false;
    block->is_projected = true;
}

/* EXISTS: LEFT JOIN (SELECT DISTINCT keys, TRUE AS m FROM right) */
static bool mark_null_safe(gbx__printer *p, const gbx__node *node, gbx__block *block,
                           gbx__str right)
{
    const gbx__str table = gbx__print_table(p);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf on = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_init(&on, 0);
    gbx__buf_puts(&text, " LEFT JOIN (SELECT DISTINCT ");
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        gbx__host_key(p, &text, node->join.on[i]->args[1]);
        gbx__buf_printf(&text, " AS k%u, ", i);
        gbx__buf_puts(&on, i > 0 ? " AND (" : "(");
        gbx__host_key(p, &on, node->join.on[i]->args[0]);
        gbx__buf_printf(&on, " IS NOT DISTINCT FROM %.*s.k%u)", GBX_STR_ARG(table), i);
    }
    gbx__buf_printf(&text, "TRUE AS m FROM %.*s) AS %.*s ON ", GBX_STR_ARG(right),
                    GBX_STR_ARG(table));
    gbx__buf_str(&text, gbx__buf_view(&on));
    char *mark = gbx__arena_printf(&p->arena, "(%.*s.m IS NOT NULL)", GBX_STR_ARG(table));
    if (mark == NULL || on.failed) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    mark_join(p, block, &text);
    gbx__print_name(p, node->join.mark, gbx__str_of(mark));
    return p->failed == GBX_OK;
}

/* EXISTS without a condition. */
static bool mark_any(gbx__printer *p, const gbx__node *node, gbx__block *block, gbx__str right)
{
    const gbx__str table = gbx__print_table(p);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_printf(&text, " CROSS JOIN (SELECT count(*) AS n FROM %.*s) AS %.*s",
                    GBX_STR_ARG(right), GBX_STR_ARG(table));
    char *mark = gbx__arena_printf(&p->arena, "(%.*s.n > 0)", GBX_STR_ARG(table));
    if (mark == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    mark_join(p, block, &text);
    gbx__print_name(p, node->join.mark, gbx__str_of(mark));
    return p->failed == GBX_OK;
}

/* x IN (SELECT y …): true for a match; NULL where x or some y is NULL; false when there is no y. */
static bool mark_in(gbx__printer *p, const gbx__node *node, gbx__block *block, gbx__str right)
{
    const gbx__expr *on = node->join.on[0];
    const gbx__str found = gbx__print_table(p);
    const gbx__str all = gbx__print_table(p);
    GBX_AUTO(gbx__buf_done) gbx__buf key = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf left = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf mark = {0};
    gbx__buf_init(&key, 0);
    gbx__buf_init(&left, 0);
    gbx__buf_init(&text, 0);
    gbx__buf_init(&mark, 0);
    gbx__host_key(p, &key, on->args[1]);
    gbx__host_key(p, &left, on->args[0]);
    const gbx__str k = gbx__print_keep(p, &key);
    const gbx__str x = gbx__print_keep(p, &left);
    gbx__buf_printf(&text, " LEFT JOIN (SELECT DISTINCT %.*s AS k, TRUE AS m FROM %.*s) AS %.*s",
                    GBX_STR_ARG(k), GBX_STR_ARG(right), GBX_STR_ARG(found));
    gbx__buf_printf(&text, " ON (%.*s = %.*s.k)", GBX_STR_ARG(x), GBX_STR_ARG(found));
    gbx__buf_printf(&text, " CROSS JOIN (SELECT count(*) AS n, count(%.*s) AS v FROM %.*s) AS %.*s",
                    GBX_STR_ARG(k), GBX_STR_ARG(right), GBX_STR_ARG(all));
    gbx__buf_printf(&mark,
                    "CASE WHEN %.*s.m THEN TRUE WHEN %.*s.n = 0 THEN FALSE WHEN (%.*s IS NULL) OR "
                    "(%.*s.n > %.*s.v) THEN NULL ELSE FALSE END",
                    GBX_STR_ARG(found), GBX_STR_ARG(all), GBX_STR_ARG(x), GBX_STR_ARG(all),
                    GBX_STR_ARG(all));
    mark_join(p, block, &text);
    gbx__print_name(p, node->join.mark, gbx__print_keep(p, &mark));
    return p->failed == GBX_OK;
}

static bool mark_is_two_valued(const gbx__expr *on)
{
    return gbx__expr_is_call(on, "is_not_distinct_from") ||
           gbx__expr_is_call(on, "is_distinct_from");
}

static void mark_conditions(gbx__printer *p, gbx__buf *on, gbx__buf *value, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        gbx__buf_puts(on, i > 0 ? " AND " : "");
        gbx__buf_puts(value, i > 0 ? " AND " : "");
        gbx__host_expr(p, value, node->join.on[i]);
        if (mark_is_two_valued(node->join.on[i])) {
            gbx__host_condition(p, on, node->join.on[i]);
            continue;
        }
        gbx__buf_putc(on, '(');
        gbx__host_expr(p, on, node->join.on[i]);
        gbx__buf_puts(on, " IS NOT FALSE)");
    }
}

/* Any conditions: the left rows, numbered and kept, joined with what is not false for them. */
static bool mark_general(gbx__printer *p, const gbx__node *node, gbx__block *block, gbx__str right)
{
    const gbx__node *left = node->inputs[0];
    const gbx__str kept = gbx__print_table(p);
    const gbx__str one = gbx__print_table(p);
    const gbx__str two = gbx__print_table(p);
    const gbx__str found = gbx__print_table(p);
    const uint32_t n = left->n_cols + 1;
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, n, gbx__col);
    GBX_AUTO(gbx__buf_done) gbx__buf on = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf value = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&on, 0);
    gbx__buf_init(&value, 0);
    gbx__buf_init(&text, 0);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < left->n_cols; i++) cols[i] = left->cols[i];
    const gbx__col_id number = gbx__host_col(p);
    cols[left->n_cols] = (gbx__col){number, gbx__type_plain(GBX_TYPE_INT64), {0}};
    const gbx__node numbered = {.n_cols = n, .cols = cols};
    gbx__print_name(p, number, p->dialect->words->row_number);
    if (!gbx__host_make_table(p, kept, block, &numbered)) return false;
    gbx__print_bind(p, one, left->cols, left->n_cols);
    mark_conditions(p, &on, &value, node);
    gbx__buf_printf(&text,
                    "%.*s AS %.*s LEFT JOIN (SELECT %.*s.c%u AS n, bool_or(%.*s) AS m FROM %.*s AS "
                    "%.*s JOIN %.*s ON %.*s GROUP BY %.*s.c%u) AS %.*s ON (%.*s.c%u = %.*s.n)",
                    GBX_STR_ARG(kept), GBX_STR_ARG(two), GBX_STR_ARG(one), number, (int)value.len,
                    value.data, GBX_STR_ARG(kept), GBX_STR_ARG(one), GBX_STR_ARG(right),
                    (int)on.len, on.data, GBX_STR_ARG(one), number, GBX_STR_ARG(found),
                    GBX_STR_ARG(two), number, GBX_STR_ARG(found));
    *block = (gbx__block){.from = gbx__print_keep(p, &text), .is_projected = true};
    gbx__print_bind(p, two, left->cols, left->n_cols);
    char *mark = gbx__arena_printf(&p->arena, "CASE WHEN %.*s.n IS NULL THEN FALSE ELSE %.*s.m END",
                                   GBX_STR_ARG(found), GBX_STR_ARG(found));
    if (mark == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    gbx__print_name(p, node->join.mark, gbx__str_of(mark));
    return p->failed == GBX_OK;
}

static bool join_mark(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__block right = {0};
    if (!gbx__print_join_sides(p, node, block, &right)) return false;
    if (node->join.n_on == 0) return mark_any(p, node, block, right.from);
    if (mark_all_null_safe(node)) return mark_null_safe(p, node, block, right.from);
    if (node->join.n_on == 1 && mark_is_equality(node->join.on[0], node, "=") &&
        gbx__host_is_key(node->join.on[0]->args[1]->type))
        return mark_in(p, node, block, right.from);
    return mark_general(p, node, block, right.from);
}

/* --- single and asof joins: left rows are numbered, then the matches of each looked at -------- */

static bool join_numbered(gbx__printer *p, const gbx__node *node, gbx__block *block,
                          gbx__col_id *number, gbx__col **cols)
{
    const gbx__node *left = node->inputs[0];
    gbx__block right = {0};
    const gbx__str count = p->dialect->words->row_number;
    if (!gbx__print_node(p, left, block)) return false;
    if ((!gbx__block_is_from(block)) && !gbx__block_wrap(p, block, left)) return false;
    if (!gbx__host_add_columns(p, left, block, 1, &count, number)) return false;
    if (!gbx__print_node(p, node->inputs[1], &right)) return false;
    if ((!gbx__block_is_from(&right) || !right.from_is_one) &&
        !gbx__block_wrap(p, &right, node->inputs[1]))
        return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_str(&text, block->from);
    gbx__buf_puts(&text, node->join.kind == GBX_JOIN_INNER ? " JOIN " : " LEFT JOIN ");
    gbx__buf_str(&text, right.from);
    gbx__buf_puts(&text, " ON ");
    gbx__print_condition(p, &text, node);
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = false;
    *cols = GBX_ARENA_ARRAY(&p->arena, node->n_cols + 1, gbx__col);
    if (*cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return p->failed == GBX_OK;
}

static bool join_single(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    static const char error[] =
        "CASE WHEN \"a0\" > 1 THEN error('More than one row returned by a subquery used as an "
        "expression - scalar subqueries can only return a single row.') ELSE TRUE END";
    gbx__col_id number = 0;
    gbx__col_id count = 0;
    gbx__col *cols = NULL;
    if (!join_numbered(p, node, block, &number, &cols)) return false;
    char *matches = gbx__arena_printf(&p->arena, "count(*) OVER (PARTITION BY %.*s)",
                                      GBX_STR_ARG(p->names[number]));
    if (matches == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    const gbx__str text = gbx__str_of(matches);
    if (!gbx__host_add_columns(p, node, block, 1, &text, &count)) return false;
    const gbx__type *type = gbx__type_plain(GBX_TYPE_INT64);
    const gbx__str kernel =
        gbx__host_kernel_add(p, 1, &type, gbx__type_plain(GBX_TYPE_BOOL), gbx__str_of(error));
    char *where = gbx__arena_printf(&p->arena, "%.*s(%.*s)", GBX_STR_ARG(kernel),
                                    GBX_STR_ARG(p->names[count]));
    if (where == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->where = gbx__str_of(where);
    return p->failed == GBX_OK;
}

static const gbx__expr *asof_inequality(const gbx__node *node)
{
    for (uint32_t i = 0; i < node->join.n_on; i++) {
        const gbx__expr *on = node->join.on[i];
        if (on->kind == GBX_EX_CALL && (on->fn->name[0] == '<' || on->fn->name[0] == '>') &&
            strcmp(on->fn->name, "<>") != 0)
            return on;
    }
    return NULL;
}

/* The nearest match of each left row: the first by the right side's key. */
static bool join_asof(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__expr *on = asof_inequality(node);
    gbx__col_id number = 0;
    gbx__col_id place = 0;
    gbx__col *cols = NULL;
    if (on == NULL || (node->join.kind != GBX_JOIN_INNER && node->join.kind != GBX_JOIN_LEFT) ||
        !gbx__host_is_sortable(on->args[1]->type))
        return gbx__print_fail(p, GBX_UNSUPPORTED, "an asof join of this kind on %s",
                               p->dialect->name);
    if (!join_numbered(p, node, block, &number, &cols)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_printf(&text, "row_number() OVER (PARTITION BY %.*s ORDER BY ",
                    GBX_STR_ARG(p->names[number]));
    gbx__host_key(p, &text, on->args[1]);
    gbx__buf_puts(&text, on->fn->name[0] == '>' ? " DESC NULLS LAST)" : " ASC NULLS LAST)");
    const gbx__str over = gbx__print_keep(p, &text);
    if (!gbx__host_add_columns(p, node, block, 1, &over, &place)) return false;
    char *where = gbx__arena_printf(&p->arena, "(%.*s = 1)", GBX_STR_ARG(p->names[place]));
    if (where == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->where = gbx__str_of(where);
    return p->failed == GBX_OK;
}

bool gbx__host_join(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (node->join.kind == GBX_JOIN_MARK) return join_mark(p, node, block);
    if (node->join.is_asof) return join_asof(p, node, block);
    if (node->join.kind == GBX_JOIN_SINGLE) return join_single(p, node, block);
    return gbx__print_fail(p, GBX_UNSUPPORTED, "a join by position on %s", p->dialect->name);
}
