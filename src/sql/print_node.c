/*
 * Operators over one input, set operations and shared subplans: what each may add to the open
 * block.
 */
#include "sql/host_priv.h"

#include <string.h>

/* Prints the input; `fits` says whether the operator may join its block, else it is wrapped. */
typedef bool node_fits(const gbx__block *block);

static bool node_input(gbx__printer *p, const gbx__node *node, gbx__block *block, node_fits *fits)
{
    if (!gbx__print_node(p, node->inputs[0], block)) return false;
    /* another process gets one step a SELECT once rows are grouped: engines differ in the rest */
    const bool is_closed = p->host != NULL && block->is_grouped;
    return (!is_closed && fits(block)) || gbx__block_wrap(p, block, node->inputs[0]);
}

/* Nothing behind WHERE yet. */
static bool fits_where(const gbx__block *b)
{
    return !b->is_grouped && !b->is_projected && !b->is_pinned && b->distinct.len == 0 &&
           b->order.len == 0 && b->limit.len == 0 && b->sample.len == 0;
}

/* WHERE, or HAVING over a group by of plain columns. */
static bool fits_filter(const gbx__block *b)
{
    return fits_where(b) || (b->is_grouped && !b->group_by_position && !b->is_projected &&
                             !b->is_volatile && !b->is_pinned && b->distinct.len == 0 &&
                             b->order.len == 0 && b->limit.len == 0 && b->sample.len == 0);
}

static bool fits_order(const gbx__block *b)
{
    return fits_filter(b);
}

static bool fits_limit(const gbx__block *b)
{
    return b->limit.len == 0 && b->sample.len == 0;
}

static bool fits_distinct(const gbx__block *b)
{
    return b->distinct.len == 0 && b->order.len == 0 && b->limit.len == 0 && b->sample.len == 0 &&
           !b->is_pinned;
}

/* Computed columns: only where the names are still plain; an order before them stays valid. */
static bool fits_project(const gbx__block *b)
{
    return !b->is_projected && !b->is_grouped && !b->is_pinned && b->distinct.len == 0 &&
           b->limit.len == 0 && b->sample.len == 0;
}

static bool print_filter(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_input(p, node, block, fits_filter)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__print_list(p, &text, node->filter.conjuncts, node->filter.n, " AND ");
    gbx__print_append(p, block->is_grouped ? &block->having : &block->where, " AND ", &text);
    return p->failed == GBX_OK;
}

/* --- projections ------------------------------------------------------------------------------ */

static bool project_is_bare(const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->project.exprs[i]->kind != GBX_EX_COLUMN) return false;
    }
    return true;
}

typedef struct use_count {
    uint32_t *uses; /* by column id */
    size_t n;
    bool is_once;
} use_count;

static bool count_use(const gbx__expr *expr, void *ctx)
{
    use_count *count = ctx;
    if (expr->kind == GBX_EX_COLUMN && expr->col < count->n && ++count->uses[expr->col] > 1)
        count->is_once = false;
    return true;
}

/* Is each column of the block written at most once? */
static bool project_uses_once(gbx__printer *p, const gbx__node *node)
{
    use_count count = {GBX_ARENA_ARRAY(&p->arena, p->n_names + 1, uint32_t), p->n_names, true};
    if (count.uses == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->project.exprs[i]->kind == GBX_EX_WINDOW) return false;
        gbx__expr_walk(node->project.exprs[i], count_use, &count);
    }
    return count.is_once;
}

static bool expr_is_steady(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->fn == NULL || expr->fn->volatility != GBX_VOLATILITY_ROW;
}

/* Notes an expression that becomes the text of a column. */
static void block_note(gbx__block *block, const gbx__expr *expr)
{
    if (!gbx__expr_walk(expr, expr_is_steady, NULL)) block->is_volatile = true;
}

/* Bare columns rename in place, on any block whose columns may be dropped. */
static bool project_may_rename(const gbx__block *b)
{
    return b->distinct.len == 0 && !b->is_pinned && !b->group_by_position && b->sample.len == 0;
}

static bool project_fits(gbx__printer *p, const gbx__node *node, const gbx__block *block)
{
    if (p->host != NULL && block->is_grouped) return false;
    /* an order holds for the SELECT that says it, limited or not */
    if (p->host != NULL && block->limit.len > 0 && block->order.len > 0)
        return !block->is_projected && !block->is_pinned && block->distinct.len == 0;
    if (fits_project(block)) return true;
    if (project_is_bare(node))
        return project_may_rename(block) && (!block->is_volatile || project_uses_once(p, node));
    return block->is_grouped && !block->group_by_position && !block->is_projected &&
           !block->is_pinned && block->distinct.len == 0 && block->limit.len == 0 &&
           block->sample.len == 0 && block->order.len == 0 && project_uses_once(p, node);
}

/* A constant can be written anywhere: a column that is one leaves the block open. */
static bool project_is_plain(const gbx__expr *expr)
{
    return expr->kind == GBX_EX_COLUMN || expr->kind == GBX_EX_CONST;
}

static bool project_reads_none(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_COLUMN;
}

/* One group of all rows is a group while an aggregate is written: say it where none is left. */
static void project_keep_group(const gbx__node *node, gbx__block *block)
{
    if (!block->is_grouped || block->group.len > 0) return;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (!gbx__expr_walk(node->project.exprs[i], project_reads_none, NULL)) return;
    }
    block->group = GBX_STR("()");
}

static bool print_project(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!gbx__print_node(p, node->inputs[0], block)) return false;
    if (!project_fits(p, node, block) && !gbx__block_wrap(p, block, node->inputs[0])) return false;
    gbx__str *texts = GBX_ARENA_ARRAY(&p->arena, node->n_cols + 1, gbx__str);
    if (texts == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < node->n_cols; i++) {
        texts[i] = gbx__print_expr_text(p, node->project.exprs[i]);
        if (!project_is_plain(node->project.exprs[i])) block->is_projected = true;
        block_note(block, node->project.exprs[i]);
    }
    for (uint32_t i = 0; i < node->n_cols; i++) gbx__print_name(p, node->cols[i].id, texts[i]);
    project_keep_group(node, block);
    return p->failed == GBX_OK;
}

/* --- aggregates ------------------------------------------------------------------------------- */

static void aggregate_set(gbx__printer *p, gbx__buf *out, const gbx__node *node,
                          const gbx__grouping_set *set, const gbx__str *keys)
{
    (void)node;
    (void)p;
    gbx__buf_putc(out, '(');
    for (uint32_t i = 0; i < set->n; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__buf_str(out, keys[set->keys[i]]);
    }
    gbx__buf_putc(out, ')');
}

static void aggregate_group(gbx__printer *p, gbx__block *block, const gbx__node *node,
                            const gbx__str *keys)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (node->aggregate.n_sets > 0) {
        gbx__buf_puts(&text, "GROUPING SETS (");
        for (uint32_t i = 0; i < node->aggregate.n_sets; i++) {
            if (i > 0) gbx__buf_puts(&text, ", ");
            aggregate_set(p, &text, node, &node->aggregate.sets[i], keys);
        }
        gbx__buf_putc(&text, ')');
    } else if (node->aggregate.n_groups == 0 && node->aggregate.n_aggs == 0) {
        gbx__buf_puts(&text, "()");
    }
    for (uint32_t i = 0; node->aggregate.n_sets == 0 && i < node->aggregate.n_groups; i++) {
        if (i > 0) gbx__buf_puts(&text, ", ");
        gbx__buf_str(&text, keys[i]);
    }
    block->group = gbx__print_keep(p, &text);
    block->is_grouped = true;
}

/* GROUPING(keys) is written with the keys' own expressions. */
static void aggregate_grouping(gbx__printer *p, const gbx__node *node, const gbx__str *groups)
{
    const uint32_t first = node->aggregate.n_groups + node->aggregate.n_aggs;
    for (uint32_t i = 0; i < node->aggregate.n_grouping; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&text, 0);
        gbx__buf_puts(&text, "GROUPING");
        aggregate_set(p, &text, node, &node->aggregate.grouping[i], groups);
        gbx__print_name(p, node->cols[first + i].id, gbx__print_keep(p, &text));
    }
}

/* Keys that are no columns get names first: SQL reads a constant key as a position, and finds an
 * expression in GROUPING only where it is a plain name. */
static bool aggregate_name_keys(gbx__printer *p, const gbx__node *node, gbx__block *block,
                                gbx__str *groups)
{
    bool all_columns = true;
    for (uint32_t i = 0; i < node->aggregate.n_groups; i++)
        all_columns = all_columns && node->aggregate.groups[i]->kind == GBX_EX_COLUMN &&
                      groups[i].len > 0 && groups[i].ptr[0] == 't';
    /* in grouping sets two keys of one text would be taken for one */
    for (uint32_t i = 0; node->aggregate.n_sets > 0 && i < node->aggregate.n_groups; i++) {
        for (uint32_t k = 0; k < i; k++)
            all_columns = all_columns && !gbx__str_equal(groups[i], groups[k]);
    }
    if (all_columns) return true;
    const gbx__node *input = node->inputs[0];
    const uint32_t n = input->n_cols + node->aggregate.n_groups;
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__col);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < input->n_cols; i++) cols[i] = input->cols[i];
    for (uint32_t i = 0; i < node->aggregate.n_groups; i++) {
        cols[input->n_cols + i] = node->cols[i]; /* the key's own id, inside */
        gbx__print_name(p, node->cols[i].id, groups[i]);
    }
    const gbx__node inner = {.n_cols = n, .cols = cols};
    if (!gbx__block_wrap(p, block, &inner)) return false;
    for (uint32_t i = 0; i < node->aggregate.n_groups; i++) groups[i] = p->names[node->cols[i].id];
    return true;
}

static bool print_aggregate(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_input(p, node, block, fits_where)) return false;
    if (p->host != NULL) return gbx__host_aggregate(p, node, block);
    if (block->from.len == 0 && !gbx__block_wrap(p, block, node->inputs[0])) return false;
    const uint32_t n_groups = node->aggregate.n_groups;
    gbx__str *groups = GBX_ARENA_ARRAY(&p->arena, n_groups + 1, gbx__str);
    gbx__str *aggs = GBX_ARENA_ARRAY(&p->arena, node->aggregate.n_aggs + 1, gbx__str);
    if (groups == NULL || aggs == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n_groups; i++)
        groups[i] = gbx__print_expr_text(p, node->aggregate.groups[i]);
    if (!aggregate_name_keys(p, node, block, groups)) return false;
    for (uint32_t i = 0; i < node->aggregate.n_aggs; i++) {
        aggs[i] = gbx__print_expr_text(p, node->aggregate.aggs[i]);
        block_note(block, node->aggregate.aggs[i]);
    }
    aggregate_group(p, block, node, groups);
    aggregate_grouping(p, node, groups);
    for (uint32_t i = 0; i < n_groups; i++) gbx__print_name(p, node->cols[i].id, groups[i]);
    for (uint32_t i = 0; i < node->aggregate.n_aggs; i++)
        gbx__print_name(p, node->cols[n_groups + i].id, aggs[i]);
    return p->failed == GBX_OK;
}

/* --- order, limit, distinct, sample ----------------------------------------------------------- */

static bool print_sort(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_input(p, node, block, fits_order)) return false;
    if (p->host != NULL) return gbx__host_sort(p, node, block);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__print_order(p, &text, "", node->sort.keys, node->sort.n_keys);
    if (text.len > 0 || text.failed) block->order = gbx__print_keep(p, &text);
    return p->failed == GBX_OK;
}

static bool limit_uses_column(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_COLUMN;
}

/* A limit that is computed beside the rows (LIMIT (SELECT …)) stands in a column: rows are
 * counted as they come and compared with it. */
static bool limit_by_count(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__node *input = node->inputs[0];
    if (node->sort.is_percent)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a percentage that is computed from the rows");
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, input->n_cols + 1, gbx__col);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < input->n_cols; i++) cols[i] = input->cols[i];
    cols[input->n_cols] = (gbx__col){0, gbx__type_plain(GBX_TYPE_INT64), {0}}; /* c0: the count */
    if (!gbx__block_is_from(block) && !gbx__block_wrap(p, block, input)) return false;
    gbx__print_name(p, 0, GBX_STR("row_number() OVER ()"));
    const gbx__node counted = {.n_cols = input->n_cols + 1, .cols = cols};
    if (!gbx__block_wrap(p, block, &counted)) return false;
    const gbx__str count = p->names[0];
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (node->sort.limit != NULL) {
        gbx__buf_puts(&text, "(");
        gbx__print_expr(p, &text, node->sort.limit);
        gbx__buf_puts(&text, " IS NULL OR ");
        gbx__buf_str(&text, count);
        if (node->sort.offset != NULL) {
            gbx__buf_puts(&text, " - COALESCE(");
            gbx__print_expr(p, &text, node->sort.offset);
            gbx__buf_puts(&text, ", 0)");
        }
        gbx__buf_puts(&text, " <= ");
        gbx__print_expr(p, &text, node->sort.limit);
        gbx__buf_putc(&text, ')');
    }
    if (node->sort.offset != NULL) {
        gbx__buf_puts(&text, text.len > 0 ? " AND " : "");
        gbx__buf_str(&text, count);
        gbx__buf_puts(&text, " > COALESCE(");
        gbx__print_expr(p, &text, node->sort.offset);
        gbx__buf_puts(&text, ", 0)");
    }
    block->where = gbx__print_keep(p, &text);
    return p->failed == GBX_OK;
}

static bool limit_is_plain(const gbx__expr *expr)
{
    return expr == NULL || gbx__expr_walk(expr, limit_uses_column, NULL);
}

/* LIMIT NULL is no limit, and more rows than there can be: other engines refuse them. */
static bool limit_is_none(const gbx__printer *p, const gbx__expr *expr)
{
    return p->host != NULL && expr->kind == GBX_EX_CONST &&
           (expr->value->is_null ||
            (expr->type->kind == GBX_TYPE_INT64 && expr->value->i64 == INT64_MAX));
}

static void limit_value(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (expr->kind != GBX_EX_CONST || expr->value->is_null)
        gbx__print_expr(p, out, expr);
    else if (expr->type->kind == GBX_TYPE_INT64)
        gbx__buf_printf(out, "%lld", (long long)expr->value->i64);
    else if (expr->type->kind == GBX_TYPE_FLOAT64)
        gbx__buf_printf(out, "%.17g", expr->value->f64);
    else
        gbx__print_expr(p, out, expr);
}

static bool print_limit(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const bool is_topn = node->kind == GBX_NODE_TOPN;
    const bool is_plain = limit_is_plain(node->sort.limit) && limit_is_plain(node->sort.offset);
    if (is_topn ? !print_sort(p, node, block) : !node_input(p, node, block, fits_limit))
        return false;
    if (p->host != NULL && (!is_plain || node->sort.is_percent))
        return gbx__host_limit(p, node, block);
    if (!is_plain) return limit_by_count(p, node, block);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (node->sort.limit != NULL && !limit_is_none(p, node->sort.limit)) {
        gbx__buf_puts(&text, "LIMIT ");
        if (node->sort.is_percent) gbx__buf_putc(&text, '(');
        limit_value(p, &text, node->sort.limit);
        if (node->sort.is_percent) gbx__buf_puts(&text, ") %");
    }
    if (node->sort.offset != NULL && !limit_is_none(p, node->sort.offset)) {
        gbx__buf_puts(&text, text.len > 0 ? " OFFSET " : "OFFSET ");
        limit_value(p, &text, node->sort.offset);
    }
    block->limit = gbx__print_keep(p, &text);
    return p->failed == GBX_OK;
}

/* SELECT DISTINCT ON (keys) … ORDER BY …: over plain names only. */
static bool print_distinct_on(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_input(p, node, block, fits_where)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf on = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf order = {0};
    gbx__buf_init(&on, 0);
    gbx__buf_init(&order, 0);
    gbx__buf_puts(&on, "DISTINCT ON (");
    gbx__print_list(p, &on, node->distinct.on, node->distinct.n_on, ", ");
    gbx__buf_putc(&on, ')');
    gbx__print_order(p, &order, "", node->distinct.order, node->distinct.n_order);
    block->distinct = gbx__print_keep(p, &on);
    if (order.len > 0 || order.failed) block->order = gbx__print_keep(p, &order);
    return p->failed == GBX_OK;
}

static bool print_distinct(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (p->host != NULL)
        return node_input(p, node, block, node->distinct.n_on > 0 ? fits_where : fits_distinct) &&
               gbx__host_distinct(p, node, block);
    if (node->distinct.n_on > 0) return print_distinct_on(p, node, block);
    if (!node_input(p, node, block, fits_distinct)) return false;
    block->distinct = GBX_STR("DISTINCT");
    return true;
}

static bool print_sample(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    static const char *const methods[] = {"system", "bernoulli", "reservoir"};
    if (!node_input(p, node, block, gbx__block_is_from)) return false;
    if (p->host != NULL) return gbx__host_sample(p, node, block);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_printf(&text, "%s(%.17g%s)", methods[node->sample.method], node->sample.amount,
                    node->sample.is_percent ? " PERCENT" : " ROWS");
    if (node->sample.has_seed)
        gbx__buf_printf(&text, " REPEATABLE (%lld)", (long long)node->sample.seed);
    block->sample = gbx__print_keep(p, &text);
    block->is_pinned = true;
    return p->failed == GBX_OK;
}

/* --- windows and unnest ----------------------------------------------------------------------- */

static bool fits_window(const gbx__block *b)
{
    return fits_where(b);
}

static bool print_window(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_input(p, node, block, fits_window)) return false;
    if (p->host != NULL)
        return node->kind == GBX_NODE_UNNEST ? gbx__host_unnest(p, node, block)
                                             : gbx__host_window(p, node, block);
    const uint32_t n_input = node->inputs[0]->n_cols;
    gbx__str *texts = GBX_ARENA_ARRAY(&p->arena, node->window.n_exprs + 1, gbx__str);
    if (texts == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < node->window.n_exprs; i++) {
        texts[i] = gbx__print_expr_text(p, node->window.exprs[i]);
        block_note(block, node->window.exprs[i]);
    }
    for (uint32_t i = 0; i < node->window.n_exprs; i++)
        gbx__print_name(p, node->cols[n_input + i].id, texts[i]);
    block->is_projected = true;
    /* unnest multiplies rows: it must stay in the SELECT list even when nobody reads it */
    block->is_pinned = node->kind == GBX_NODE_UNNEST;
    return p->failed == GBX_OK;
}

/* --- set operations --------------------------------------------------------------------------- */

static bool print_setop(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    static const char *const words[] = {" UNION ", " INTERSECT ", " EXCEPT "};
    if (p->host != NULL) return gbx__host_setop(p, node, block);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, '(');
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        gbx__block arm = {0};
        if (!gbx__print_node(p, node->inputs[i], &arm)) return false;
        if (i > 0) {
            gbx__buf_puts(&text, words[node->setop.kind]);
            if (node->setop.all) gbx__buf_puts(&text, "ALL ");
        }
        gbx__buf_putc(&text, '(');
        gbx__block_render(p, &text, &arm, node->inputs[i], false);
        gbx__buf_putc(&text, ')');
    }
    const gbx__str table = gbx__print_table(p);
    gbx__buf_printf(&text, ") AS %.*s(", GBX_STR_ARG(table));
    for (uint32_t i = 0; i < node->n_cols; i++)
        gbx__buf_printf(&text, "%sc%u", i > 0 ? ", " : "", node->cols[i].id);
    gbx__buf_putc(&text, ')');
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = true;
    gbx__print_bind(p, table, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}

/* --- shared subplans -------------------------------------------------------------------------- */

static bool cte_push(gbx__printer *p, uint32_t id, const gbx__col *cols, uint32_t n_cols)
{
    const gbx__print_cte cte = {id, n_cols, cols};
    return gbx__vec_push(&p->ctes, cte) || gbx__print_fail(p, GBX_NOMEM, "out of memory");
}

/* cte3(c10, c11) AS [MATERIALIZED] ( */
static void cte_head(gbx__buf *out, uint32_t id, const gbx__col *cols, uint32_t n_cols,
                     const char *as)
{
    gbx__buf_printf(out, "cte%u(", id);
    for (uint32_t i = 0; i < n_cols; i++)
        gbx__buf_printf(out, "%sc%u", i > 0 ? ", " : "", cols[i].id);
    gbx__buf_puts(out, n_cols == 0 ? "c0) AS " : ") AS ");
    gbx__buf_puts(out, as);
    gbx__buf_putc(out, '(');
}

/* Puts a definition before those that the block has: they may refer to it. */
static void cte_prepend(gbx__printer *p, gbx__block *block, gbx__buf *text)
{
    if (block->with.len > 0) {
        gbx__buf_puts(text, ", ");
        gbx__buf_str(text, block->with);
    }
    block->with = gbx__print_keep(p, text);
}

/* Another process puts the definition into each place that names it, or keeps its rows. */
static bool cte_of_host(gbx__printer *p, const gbx__node *node, const gbx__block *inner,
                        gbx__block *block)
{
    const gbx__node *definition = node->inputs[0];
    if (gbx__host_cte_is_table(p, node)) {
        char *name = gbx__arena_printf(&p->arena, "cte%u", node->cte.id);
        if (name == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return gbx__host_make_table(p, gbx__str_of(name), inner, definition) &&
               gbx__print_node(p, node->inputs[1], block);
    }
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    cte_head(&text, node->cte.id, definition->cols, definition->n_cols, "");
    gbx__block_render(p, &text, inner, definition, false);
    gbx__buf_putc(&text, ')');
    const size_t n_outer = p->host->ctes.len;
    if (!gbx__host_cte_note(p, gbx__print_keep(p, &text))) return false;
    if (!gbx__print_node(p, node->inputs[1], block)) return false;
    p->host->ctes.len = n_outer;
    cte_prepend(p, block, &text);
    return p->failed == GBX_OK;
}

static bool print_cte(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    const gbx__node *definition = node->inputs[0];
    gbx__block inner = {0};
    if (!gbx__print_node(p, definition, &inner)) return false;
    if (!cte_push(p, node->cte.id, definition->cols, definition->n_cols)) return false;
    if (p->host != NULL) return cte_of_host(p, node, &inner, block);
    cte_head(&text, node->cte.id, definition->cols, definition->n_cols,
             node->cte.materialized ? "MATERIALIZED " : "");
    gbx__block_render(p, &text, &inner, definition, false);
    gbx__buf_putc(&text, ')');
    if (!gbx__print_node(p, node->inputs[1], block)) return false;
    cte_prepend(p, block, &text);
    return p->failed == GBX_OK;
}

static bool print_cte_ref(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__print_cte *cte = NULL;
    for (size_t i = p->ctes.len; i-- > 0 && cte == NULL;) {
        if (p->ctes.items[i].id == node->cte_ref.id) cte = &p->ctes.items[i];
    }
    if (cte == NULL) return gbx__print_fail(p, GBX_INTERNAL, "a CTE that is not in scope");
    const gbx__str table = gbx__print_table(p);
    char *from = gbx__arena_printf(&p->arena, "cte%u AS %.*s", cte->id, GBX_STR_ARG(table));
    if (from == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->from = gbx__str_of(from);
    block->from_is_one = true;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        char *name = gbx__arena_printf(&p->arena, "%.*s.c%u", GBX_STR_ARG(table),
                                       cte->cols[node->cte_ref.fields[i]].id);
        if (name == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        gbx__print_name(p, node->cols[i].id, gbx__str_of(name));
    }
    return p->failed == GBX_OK;
}

static bool recursive_arm(gbx__printer *p, gbx__buf *text, const gbx__node *arm)
{
    gbx__block block = {0};
    if (!gbx__print_node(p, arm, &block)) return false;
    gbx__buf_putc(text, '(');
    gbx__block_render(p, text, &block, arm, false);
    gbx__buf_putc(text, ')');
    return true;
}

static bool print_recursive(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (!cte_push(p, node->cte.id, node->cols, node->n_cols)) return false;
    cte_head(&text, node->cte.id, node->cols, node->n_cols, "");
    if (p->host != NULL && !gbx__host_recursion(p, node)) return false;
    if (p->host != NULL) p->host->in_recursion++;
    if (!recursive_arm(p, &text, node->inputs[0])) return false;
    gbx__buf_puts(&text, node->cte.union_all ? " UNION ALL " : " UNION ");
    if (!recursive_arm(p, &text, node->inputs[1])) return false;
    if (p->host != NULL) p->host->in_recursion--;
    gbx__buf_putc(&text, ')');
    const gbx__str table = gbx__print_table(p);
    char *from = gbx__arena_printf(&p->arena, "cte%u AS %.*s", node->cte.id, GBX_STR_ARG(table));
    if (from == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->with = gbx__print_keep(p, &text);
    block->with_recursive = true;
    block->from = gbx__str_of(from);
    block->from_is_one = true;
    gbx__print_bind(p, table, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}

bool gbx__print_node(gbx__printer *p, const gbx__node *node, gbx__block *out)
{
    if (p->failed != GBX_OK) return false;
    switch (node->kind) {
    case GBX_NODE_SCAN:
    case GBX_NODE_VALUES:
    case GBX_NODE_TABLE_FN: return gbx__print_leaf(p, node, out);
    case GBX_NODE_FILTER: return print_filter(p, node, out);
    case GBX_NODE_PROJECT: return print_project(p, node, out);
    case GBX_NODE_AGGREGATE: return print_aggregate(p, node, out);
    case GBX_NODE_JOIN: return gbx__print_join(p, node, out);
    case GBX_NODE_SORT: return print_sort(p, node, out);
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: return print_limit(p, node, out);
    case GBX_NODE_DISTINCT: return print_distinct(p, node, out);
    case GBX_NODE_SETOP: return print_setop(p, node, out);
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST: return print_window(p, node, out);
    case GBX_NODE_SAMPLE: return print_sample(p, node, out);
    case GBX_NODE_CTE: return print_cte(p, node, out);
    case GBX_NODE_CTE_REF: return print_cte_ref(p, node, out);
    case GBX_NODE_RECURSIVE: return print_recursive(p, node, out);
    case GBX_NODE_PIVOT:
        if (p->host == NULL) break;
        return node_input(p, node, out, fits_project) && gbx__host_pivot(p, node, out);
    case GBX_NODE_CALL:
    case GBX_NODE_SINK:
    case GBX_NODE_KINDS: break;
    }
    return gbx__print_fail(p, GBX_UNSUPPORTED, "an operator that %s SQL has no words for",
                           p->dialect->name);
}
