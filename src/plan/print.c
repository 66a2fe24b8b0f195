/*
 * A plan as a tree for people, one line per node, the root first.
 *
 * A column goes by its name; by name#id where the plan has several of that name, by #id without.
 */
#include "plan/plan_priv.h"

#include "base/alloc.h"
#include "base/map.h"

#include <string.h>

/* More of them are counted, not shown. */
#define PRINT_MAX_COLS 32

typedef struct tree_printer {
    gbx__buf *out;
    gbx__arena arena; /* of the names */
    gbx__str *names;  /* by column id */
    size_t n_names;
    gbx__str *cte_names; /* by cte id */
    size_t n_cte_names;
    gbx__map seen; /* names that columns have; value: not NULL when several have it */
    gbx__node_set printed;
    gbx__buf prefix; /* the branches left of the node that is printed */
} tree_printer;

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_plain_name(gbx__str name)
{
    for (size_t i = 0; i < name.len; i++) {
        const unsigned char c = (unsigned char)name.ptr[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(i > 0 && c >= '0' && c <= '9')) return false;
    }
    return name.len > 0 && name.len <= 100;
}

/* The expression that a column is made by, where there is one; `i` counts all output columns. */
static const gbx__expr *made_by(const gbx__node *node, uint32_t i)
{
    if (node->kind == GBX_NODE_PROJECT) return node->project.exprs[i];
    if (node->kind == GBX_NODE_AGGREGATE && i < node->aggregate.n_groups) {
        return node->aggregate.groups[i];
    }
    return NULL;
}

/* Counts the columns of each name. One that hands on another's value under the same name is no
 * second one: nobody would mix them up. */
static bool count_names(const gbx__node *node, void *ctx)
{
    tree_printer *t = ctx;
    for (uint32_t i = gbx__node_n_passed(node); i < node->n_cols; i++) {
        const gbx__col *col = &node->cols[i];
        const gbx__expr *expr = made_by(node, i);
        const bool is_column = expr && expr->kind == GBX_EX_COLUMN;
        t->names[col->id] = col->name;
        if (col->name.len == 0) continue;
        if (is_column && gbx__str_equal(t->names[expr->col], col->name)) continue;
        void *several = gbx__map_has(&t->seen, col->name) ? t : NULL;
        if (!gbx__map_set(&t->seen, col->name, several)) return false;
    }
    return true;
}

static bool name_col(tree_printer *t, const gbx__col *col)
{
    gbx__buf label;
    gbx__buf_init(&label, 0);
    if (is_plain_name(col->name)) {
        gbx__buf_str(&label, col->name);
    } else if (col->name.len) {
        gbx__text_print(&label, col->name, '"');
    }
    if (col->name.len == 0 || gbx__map_get(&t->seen, col->name)) {
        gbx__buf_printf(&label, "#%u", col->id);
    }
    const bool failed = label.failed;
    if (!failed) t->names[col->id] = gbx__arena_str(&t->arena, gbx__buf_view(&label));
    gbx__buf_done(&label);
    return !failed && t->names[col->id].ptr;
}

static bool name_node(const gbx__node *node, void *ctx)
{
    tree_printer *t = ctx;
    for (uint32_t i = gbx__node_n_passed(node); i < node->n_cols; i++) {
        if (!name_col(t, &node->cols[i])) return false;
    }
    const bool is_cte = node->kind == GBX_NODE_CTE || node->kind == GBX_NODE_RECURSIVE;
    if (is_cte && node->cte.id < t->n_cte_names) t->cte_names[node->cte.id] = node->cte.name;
    return true;
}

/* ---- parts of a line ------------------------------------------------------------------------- */

static void put_text(tree_printer *t, gbx__str text)
{
    const bool is_short = text.len <= 200 && gbx__utf8_valid_prefix(text.ptr, text.len) == text.len;
    bool is_clean = is_short && text.len > 0;
    for (size_t i = 0; is_clean && i < text.len; i++) {
        is_clean = (unsigned char)text.ptr[i] > 0x20 && text.ptr[i] != 0x7F;
    }
    if (is_clean) {
        gbx__buf_str(t->out, text);
    } else {
        gbx__text_print(t->out, text, '\'');
    }
}

static void put_expr(tree_printer *t, const gbx__expr *expr)
{
    gbx__expr_print_bare(t->out, expr, t->names, t->n_names);
}

static void put_col(tree_printer *t, const gbx__col *col)
{
    if (col->id < t->n_names && t->names[col->id].len) {
        gbx__buf_str(t->out, t->names[col->id]);
    } else {
        gbx__buf_printf(t->out, "#%u", col->id);
    }
}

/* Says how many there are once it has said enough. */
static bool put_cut(tree_printer *t, uint32_t i, uint32_t n)
{
    if (i) gbx__buf_puts(t->out, ", ");
    if (i < PRINT_MAX_COLS) return false;
    gbx__buf_printf(t->out, "… (%u in all)", n);
    return true;
}

static void put_exprs(tree_printer *t, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n && !put_cut(t, i, n); i++) put_expr(t, exprs[i]);
}

static void put_conjuncts(tree_printer *t, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i) gbx__buf_puts(t->out, " and ");
        if (i >= PRINT_MAX_COLS) {
            gbx__buf_printf(t->out, "… (%u in all)", n);
            break;
        }
        if (n == 1) {
            put_expr(t, exprs[i]);
        } else {
            gbx__expr_print(t->out, exprs[i], t->names, t->n_names);
        }
    }
}

/* " → a, b" of the columns that the node makes. */
static void put_made(tree_printer *t, const gbx__node *node)
{
    const uint32_t n_passed = gbx__node_n_passed(node);
    const uint32_t n = node->n_cols - n_passed;
    gbx__buf_puts(t->out, " →");
    for (uint32_t i = 0; i < n; i++) {
        if (i == 0) gbx__buf_putc(t->out, ' ');
        if (put_cut(t, i, n)) break;
        put_col(t, &node->cols[n_passed + i]);
    }
}

static bool is_same_label(const tree_printer *t, const gbx__col *col, const gbx__expr *expr)
{
    return expr->kind == GBX_EX_COLUMN && col->id < t->n_names && expr->col < t->n_names &&
           t->names[col->id].len && gbx__str_equal(t->names[col->id], t->names[expr->col]);
}

/* name = expression; the name alone where both say the same. */
static void put_made_by(tree_printer *t, uint32_t n, const gbx__expr *const *exprs,
                        const gbx__col *cols)
{
    for (uint32_t i = 0; i < n && !put_cut(t, i, n); i++) {
        put_col(t, &cols[i]);
        if (is_same_label(t, &cols[i], exprs[i]) ||
            (exprs[i]->kind == GBX_EX_COLUMN && exprs[i]->col == cols[i].id)) {
            continue;
        }
        gbx__buf_puts(t->out, " = ");
        put_expr(t, exprs[i]);
    }
}

static void put_keys(tree_printer *t, uint32_t n, const gbx__sort_key *keys)
{
    gbx__buf_puts(t->out, " [");
    gbx__sort_keys_print(t->out, n, keys, t->names, t->n_names);
    gbx__buf_putc(t->out, ']');
}

/* ---- a line for each kind -------------------------------------------------------------------- */

static void line_scan(tree_printer *t, const gbx__node *node)
{
    const gbx__scan *scan = node->scan.scan;
    const bool is_named = scan->format == GBX_SCAN_STREAM || scan->format == GBX_SCAN_TABLE;
    gbx__buf_puts(t->out, "Scan ");
    put_text(t, is_named || !scan->location.len ? scan->name : scan->location);
    if (scan->inner_name.len) {
        gbx__buf_putc(t->out, ' ');
        put_text(t, scan->inner_name);
    }
    if (scan->n_paths > 1) gbx__buf_printf(t->out, " (%u files)", scan->n_paths);
    put_made(t, node);
    if (scan->row_count >= 0) {
        gbx__buf_printf(t->out, ", %s%lld rows", scan->row_count_exact ? "" : "about ",
                        (long long)scan->row_count);
    }
}

static void line_values(tree_printer *t, const gbx__node *node)
{
    gbx__buf_puts(t->out, "Values");
    if (node->values.n_rows == 1 && node->n_cols) {
        gbx__buf_puts(t->out, " (");
        put_exprs(t, node->n_cols, node->values.rows[0]);
        gbx__buf_putc(t->out, ')');
    } else {
        gbx__buf_printf(t->out, " %u rows", node->values.n_rows);
    }
    put_made(t, node);
}

static void line_sets(tree_printer *t, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->aggregate.n_sets; i++) {
        gbx__buf_puts(t->out, i ? ", (" : " sets (");
        for (uint32_t j = 0; j < node->aggregate.sets[i].n; j++) {
            if (j) gbx__buf_puts(t->out, ", ");
            put_col(t, &node->cols[node->aggregate.sets[i].keys[j]]);
        }
        gbx__buf_putc(t->out, ')');
    }
}

static void line_aggregate(tree_printer *t, const gbx__node *node)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    const uint32_t n_aggs = node->aggregate.n_aggs;
    gbx__buf_puts(t->out, "Aggregate");
    if (n_groups) {
        gbx__buf_puts(t->out, " by ");
        put_made_by(t, n_groups, node->aggregate.groups, node->cols);
    }
    line_sets(t, node);
    if (n_aggs) {
        gbx__buf_puts(t->out, n_groups ? ", " : " ");
        put_made_by(t, n_aggs, node->aggregate.aggs, node->cols + n_groups);
    }
    for (uint32_t i = 0; i < node->aggregate.n_grouping; i++) {
        gbx__buf_puts(t->out, n_groups || n_aggs || i ? ", " : " ");
        put_col(t, &node->cols[n_groups + n_aggs + i]);
        gbx__buf_puts(t->out, " = grouping(");
        for (uint32_t j = 0; j < node->aggregate.grouping[i].n; j++) {
            if (j) gbx__buf_puts(t->out, ", ");
            put_col(t, &node->cols[node->aggregate.grouping[i].keys[j]]);
        }
        gbx__buf_putc(t->out, ')');
    }
}

static void line_join(tree_printer *t, const gbx__node *node)
{
    gbx__buf_printf(t->out, "Join %s%s", node->join.is_asof ? "asof " : "",
                    gbx__join_kind_text(node->join.kind));
    if (node->join.kind == GBX_JOIN_MARK) put_made(t, node);
    if (node->join.n_on == 0) return;
    gbx__buf_puts(t->out, " on ");
    put_conjuncts(t, node->join.n_on, node->join.on);
}

static void line_sort(tree_printer *t, const gbx__node *node)
{
    gbx__buf_puts(t->out, node->kind == GBX_NODE_SORT    ? "Sort"
                          : node->kind == GBX_NODE_LIMIT ? "Limit"
                                                         : "TopN");
    if (node->sort.limit) {
        gbx__buf_putc(t->out, ' ');
        put_expr(t, node->sort.limit);
        if (node->sort.is_percent) gbx__buf_putc(t->out, '%');
    }
    if (node->sort.offset) {
        gbx__buf_puts(t->out, " offset ");
        put_expr(t, node->sort.offset);
    }
    if (node->sort.n_keys) put_keys(t, node->sort.n_keys, node->sort.keys);
}

static void line_distinct(tree_printer *t, const gbx__node *node)
{
    gbx__buf_puts(t->out, "Distinct");
    if (node->distinct.n_on) {
        gbx__buf_puts(t->out, " on ");
        put_exprs(t, node->distinct.n_on, node->distinct.on);
    }
    if (node->distinct.n_order) put_keys(t, node->distinct.n_order, node->distinct.order);
}

static void line_setop(tree_printer *t, const gbx__node *node)
{
    static const char *const words[] = {"Union", "Intersect", "Except"};
    gbx__buf_puts(t->out, words[node->setop.kind]);
    if (node->setop.all) gbx__buf_puts(t->out, " all");
    put_made(t, node);
}

static void line_sample(tree_printer *t, const gbx__node *node)
{
    gbx__buf_printf(t->out, "Sample %s %g%s", gbx__sample_method_text(node->sample.method),
                    node->sample.amount, node->sample.is_percent ? "%" : " rows");
    if (node->sample.has_seed) gbx__buf_printf(t->out, " seed %lld", (long long)node->sample.seed);
}

static void line_pivot(tree_printer *t, const gbx__node *node)
{
    gbx__buf_puts(t->out, "Pivot for ");
    for (uint32_t i = 0; i < node->pivot.n_labels && !put_cut(t, i, node->pivot.n_labels); i++) {
        gbx__text_print(t->out, node->pivot.labels[i], '\'');
    }
    put_made(t, node);
}

static void line_cte_name(tree_printer *t, const char *kind, uint32_t id)
{
    gbx__buf_puts(t->out, kind);
    if (id < t->n_cte_names && t->cte_names[id].len) {
        gbx__buf_putc(t->out, ' ');
        put_text(t, t->cte_names[id]);
    }
    gbx__buf_printf(t->out, " #%u", id);
}

static void line_table_fn(tree_printer *t, const gbx__node *node)
{
    gbx__buf_printf(t->out, "TableFn %s(", node->table_fn.fn->name);
    for (uint32_t i = 0; i < node->table_fn.n_args; i++) {
        if (put_cut(t, i, node->table_fn.n_args)) break;
        if (node->table_fn.arg_names && node->table_fn.arg_names[i].len) {
            put_text(t, node->table_fn.arg_names[i]);
            gbx__buf_puts(t->out, " := ");
        }
        put_expr(t, node->table_fn.args[i]);
    }
    gbx__buf_putc(t->out, ')');
    if (node->table_fn.with_ordinality) gbx__buf_puts(t->out, " with ordinality");
    put_made(t, node);
}

static void line_call(tree_printer *t, const gbx__node *node)
{
    gbx__buf_puts(t->out, "Call ");
    put_text(t, node->call.language);
    gbx__buf_putc(t->out, ' ');
    if (node->call.entry.len) {
        put_text(t, node->call.entry);
    } else {
        gbx__buf_printf(t->out, "%zu bytes of code", node->call.code.len);
    }
    put_made(t, node);
}

static void put_line(tree_printer *t, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN: line_scan(t, node); break;
    case GBX_NODE_VALUES: line_values(t, node); break;
    case GBX_NODE_FILTER:
        gbx__buf_puts(t->out, "Filter ");
        put_conjuncts(t, node->filter.n, node->filter.conjuncts);
        break;
    case GBX_NODE_PROJECT:
        gbx__buf_puts(t->out, gbx__node_is_select(node) ? "Select " : "Project ");
        put_made_by(t, node->n_cols, node->project.exprs, node->cols);
        break;
    case GBX_NODE_AGGREGATE: line_aggregate(t, node); break;
    case GBX_NODE_JOIN: line_join(t, node); break;
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: line_sort(t, node); break;
    case GBX_NODE_DISTINCT: line_distinct(t, node); break;
    case GBX_NODE_SETOP: line_setop(t, node); break;
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST:
        gbx__buf_puts(t->out, node->kind == GBX_NODE_WINDOW ? "Window " : "Unnest ");
        put_made_by(t, node->window.n_exprs, node->window.exprs,
                    node->cols + gbx__node_n_passed(node));
        break;
    case GBX_NODE_SAMPLE: line_sample(t, node); break;
    case GBX_NODE_PIVOT: line_pivot(t, node); break;
    case GBX_NODE_CTE:
        line_cte_name(t, "Cte", node->cte.id);
        if (node->cte.materialized) gbx__buf_puts(t->out, " materialized");
        break;
    case GBX_NODE_CTE_REF:
        line_cte_name(t, "CteRef", node->cte_ref.id);
        put_made(t, node);
        break;
    case GBX_NODE_RECURSIVE:
        line_cte_name(t, "Recursive", node->cte.id);
        gbx__buf_puts(t->out, node->cte.union_all ? " union all" : " union");
        put_made(t, node);
        break;
    case GBX_NODE_TABLE_FN: line_table_fn(t, node); break;
    case GBX_NODE_CALL: line_call(t, node); break;
    case GBX_NODE_SINK:
        gbx__buf_puts(t->out, "Sink ");
        put_text(t, node->sink.format);
        gbx__buf_putc(t->out, ' ');
        put_text(t, node->sink.path);
        break;
    case GBX_NODE_KINDS: break;
    }
}

/* ---- the tree -------------------------------------------------------------------------------- */

static void put_tree(tree_printer *t, const gbx__node *node)
{
    const bool is_new = gbx__node_set_add(&t->printed, node);
    put_line(t, node);
    gbx__buf_puts(t->out, is_new ? "\n" : " (as above)\n");
    for (uint32_t i = 0; is_new && i < node->n_inputs; i++) {
        const bool is_last = i + 1 == node->n_inputs;
        const size_t len = t->prefix.len;
        gbx__buf_str(t->out, gbx__buf_view(&t->prefix));
        gbx__buf_puts(t->out, is_last ? "└─ " : "├─ ");
        gbx__buf_puts(&t->prefix, is_last ? "   " : "│  ");
        put_tree(t, node->inputs[i]);
        t->prefix.len = len;
    }
}

static bool tree_init(tree_printer *t, gbx__buf *out, const gbx_plan *plan)
{
    *t = (tree_printer){.out = out, .n_names = plan->next_col, .n_cte_names = plan->next_cte};
    gbx__arena_init(&t->arena);
    gbx__map_init(&t->seen);
    gbx__buf_init(&t->prefix, 0);
    t->names = GBX_ARENA_ARRAY(&t->arena, t->n_names, gbx__str);
    t->cte_names = GBX_ARENA_ARRAY(&t->arena, t->n_cte_names, gbx__str);
    return t->names && t->cte_names && gbx__plan_walk(plan->root, count_names, t) &&
           gbx__plan_walk(plan->root, name_node, t) && gbx__node_set_init(&t->printed, plan->root);
}

static void tree_done(tree_printer *t)
{
    gbx__node_set_done(&t->printed);
    gbx__buf_done(&t->prefix);
    gbx__map_done(&t->seen);
    gbx__arena_done(&t->arena);
}

void gbx__plan_print(gbx__buf *out, const gbx_plan *plan)
{
    tree_printer t;
    const bool is_ready = tree_init(&t, out, plan);
    if (is_ready) put_tree(&t, plan->root);
    if (!is_ready || t.prefix.failed) out->failed = true;
    tree_done(&t);
}
