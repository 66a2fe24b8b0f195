/*
 * Does a plan hold together? One walk, inputs first; what is known of columns and ctes is kept by
 * id.
 */
#include "plan/validate_priv.h"

#include "base/alloc.h"

#include <math.h>

/* The bodies of ctes and the steps of recursions around a node, innermost first. */
typedef struct cte_scope {
    const struct cte_scope *up;
    const gbx__node *cte;
    uint32_t level; /* 1 for the outermost */
} cte_scope;

#define NEEDS_NOTHING UINT32_MAX

typedef struct node_state {
    const gbx__node *node;
    const gbx__node *scope; /* the cte around it when it was looked at */
    uint32_t needs;         /* the outermost scope that a CteRef in it goes to */
} node_state;

typedef struct validator {
    gbx__check c;
    node_state *nodes;      /* by node id */
    const gbx__node **ctes; /* by cte id */
} validator;

/* ---- failures and columns ------------------------------------------------------------------- */

gbx_status gbx__check_fail(gbx__check *c, gbx_status status, gbx__pos pos, const char *format, ...)
{
    const gbx__str text = c->plan->text;
    const gbx__pos at = pos.offset >= 0 ? pos : c->node_pos;
    va_list args;
    va_start(args, format);
    gbx__error_vset(c->err, status, format, args);
    va_end(args);
    if (at.offset >= 0 && text.len > 0 && (uint64_t)at.offset <= text.len) {
        gbx__error_locate(c->err, text.ptr, text.len, (size_t)at.offset);
    }
    return status;
}

gbx_status gbx__check_make(gbx__check *c, gbx__col_id id, const gbx__type *type, gbx__pos pos)
{
    if (id == 0 || id >= c->plan->next_col) {
        return gbx__check_fail(c, GBX_INTERNAL, pos, "column #%u is outside the plan's ids", id);
    }
    if (c->cols[id].type) {
        return gbx__check_fail(c, GBX_INTERNAL, pos, "column #%u is made twice", id);
    }
    c->cols[id].type = type;
    return GBX_OK;
}

static gbx_status see_cols(gbx__check *c, const gbx__node *input)
{
    for (uint32_t i = 0; i < input->n_cols; i++) {
        gbx__check_col *col = &c->cols[input->cols[i].id];
        if (col->visible_at == c->stamp) {
            return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "column #%u comes from two inputs",
                                   input->cols[i].id);
        }
        col->visible_at = c->stamp;
    }
    return GBX_OK;
}

static gbx_status fail(validator *v, gbx_status status, const char *what)
{
    return gbx__check_fail(&v->c, status, GBX_NO_POS, "%s", what);
}

static gbx_status check_col(validator *v, const gbx__col *col)
{
    GBX_TRY(gbx__check_type(&v->c, col->type, GBX_NO_POS));
    return gbx__check_make(&v->c, col->id, col->type, GBX_NO_POS);
}

static bool makes_cols(const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_FILTER:
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
    case GBX_NODE_DISTINCT:
    case GBX_NODE_SAMPLE:
    case GBX_NODE_CTE: return false;
    case GBX_NODE_JOIN: return node->join.kind == GBX_JOIN_MARK;
    default: return true;
    }
}

/* The columns passed on are the inputs', those behind them are new. */
static gbx_status check_cols(validator *v, const gbx__node *node)
{
    const gbx__node_passed passed = gbx__node_passes(node);
    const gbx__node *const from[2] = {passed.first, passed.second};
    uint32_t at = 0;
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; from[k] && i < from[k]->n_cols; i++, at++) {
            if (at < node->n_cols && node->cols[at].id == from[k]->cols[i].id &&
                gbx__type_equal(node->cols[at].type, from[k]->cols[i].type)) {
                continue;
            }
            return fail(v, GBX_INTERNAL, "an operator does not pass its input's columns on");
        }
    }
    if (gbx__node_is_select(node)) return GBX_OK; /* check_select looks at these */
    if (at < node->n_cols && !makes_cols(node)) {
        return fail(v, GBX_INTERNAL, "an operator that makes no columns has more than its input");
    }
    for (; at < node->n_cols; at++) GBX_TRY(check_col(v, &node->cols[at]));
    return GBX_OK;
}

/* ---- the kinds of nodes --------------------------------------------------------------------- */

static gbx_status check_exprs(validator *v, uint32_t n, const gbx__expr *const *exprs,
                              gbx__expr_kind root)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_expr(&v->c, exprs[i], root));
    return GBX_OK;
}

static gbx_status check_predicates(validator *v, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_predicate(&v->c, exprs[i]));
    return GBX_OK;
}

static gbx_status check_keys(validator *v, uint32_t n, const gbx__sort_key *keys)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_expr(&v->c, keys[i].expr, GBX_EX_COLUMN));
    return GBX_OK;
}

/* Expressions and the columns that hold their values. */
static gbx_status check_made(validator *v, uint32_t n, const gbx__expr *const *exprs,
                             const gbx__col *cols, gbx__expr_kind root)
{
    GBX_TRY(check_exprs(v, n, exprs, root));
    for (uint32_t i = 0; i < n; i++) {
        if (root != GBX_EX_COLUMN && exprs[i]->kind != root) {
            return gbx__check_fail(&v->c, GBX_INVALID, exprs[i]->pos, "%s expected",
                                   gbx__expr_kind_text(root));
        }
        if (gbx__type_equal(exprs[i]->type, cols[i].type)) continue;
        return gbx__check_fail(&v->c, GBX_INTERNAL, exprs[i]->pos,
                               "column #%u has another type than its expression", cols[i].id);
    }
    return GBX_OK;
}

static bool stats_fit(const gbx__type *type, const gbx__col_stats *stats)
{
    return !stats->has_min_max ||
           (gbx__value_fits(type, &stats->min) && gbx__value_fits(type, &stats->max));
}

static gbx_status check_source(validator *v, const gbx__scan *scan)
{
    for (uint32_t i = 0; i < scan->n_fields; i++) {
        GBX_TRY(gbx__check_type(&v->c, scan->fields[i].type, GBX_NO_POS));
        if (scan->stats && !stats_fit(scan->fields[i].type, &scan->stats[i])) {
            return fail(v, GBX_INVALID, "a source's statistics do not fit its columns");
        }
    }
    for (uint32_t i = 0; i < scan->n_options; i++) {
        GBX_TRY(gbx__check_type(&v->c, scan->options[i].type, GBX_NO_POS));
        if (!gbx__value_fits(scan->options[i].type, &scan->options[i].value)) {
            return fail(v, GBX_INVALID, "an option of a source does not fit its type");
        }
    }
    return GBX_OK;
}

static gbx_status check_scan(validator *v, const gbx__node *node)
{
    const gbx__scan *scan = node->scan.scan;
    if (!scan || (unsigned)scan->format >= GBX_SCAN_FORMATS ||
        scan->n_partitions > scan->n_fields) {
        return fail(v, GBX_INVALID, "a scan is not sound");
    }
    GBX_TRY(check_source(v, scan));
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const uint32_t field = node->scan.fields[i];
        if (field != GBX_SCAN_ROWID && field >= scan->n_fields) {
            return fail(v, GBX_INVALID, "a scan reads a field that its source does not have");
        }
        const gbx__type *type =
            field == GBX_SCAN_ROWID ? gbx__type_plain(GBX_TYPE_INT64) : scan->fields[field].type;
        if (!gbx__type_equal(type, node->cols[i].type)) {
            return fail(v, GBX_INTERNAL, "a scan's column has another type than its field");
        }
    }
    return GBX_OK;
}

static gbx_status check_values(validator *v, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        GBX_TRY(check_exprs(v, node->n_cols, node->values.rows[i], GBX_EX_COLUMN));
        for (uint32_t j = 0; j < node->n_cols; j++) {
            const gbx__expr *expr = node->values.rows[i][j];
            if (gbx__check_type_fits(node->cols[j].type, expr->type)) continue;
            return gbx__check_fail(&v->c, GBX_INVALID, expr->pos,
                                   "a value has another type than its column");
        }
    }
    return GBX_OK;
}

/* Each column at most once: ids are passed on. */
static gbx_status check_select(validator *v, const gbx__node *node)
{
    GBX_TRY(check_made(v, node->n_cols, node->project.exprs, node->cols, GBX_EX_COLUMN));
    for (uint32_t i = 0; i < node->n_cols; i++) {
        gbx__check_col *col = &v->c.cols[node->cols[i].id];
        if (col->visible_at != v->c.stamp) {
            return gbx__check_fail(&v->c, GBX_INTERNAL, GBX_NO_POS, "column #%u is kept twice",
                                   node->cols[i].id);
        }
        col->visible_at = 0;
    }
    return GBX_OK;
}

static gbx_status check_sets(validator *v, const gbx__node *node, uint32_t n,
                             const gbx__grouping_set *sets)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < sets[i].n; j++) {
            if (sets[i].keys[j] < node->aggregate.n_groups) continue;
            return fail(v, GBX_INVALID, "a grouping set names a group that is not there");
        }
    }
    return GBX_OK;
}

static gbx_status check_aggregate(validator *v, const gbx__node *node)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    const uint32_t n_aggs = node->aggregate.n_aggs;
    if (node->n_cols != (uint64_t)n_groups + n_aggs + node->aggregate.n_grouping) {
        return fail(v, GBX_INTERNAL, "an aggregate has too many or too few columns");
    }
    GBX_TRY(check_made(v, n_groups, node->aggregate.groups, node->cols, GBX_EX_COLUMN));
    GBX_TRY(check_made(v, n_aggs, node->aggregate.aggs, node->cols + n_groups, GBX_EX_AGG));
    GBX_TRY(check_sets(v, node, node->aggregate.n_sets, node->aggregate.sets));
    GBX_TRY(check_sets(v, node, node->aggregate.n_grouping, node->aggregate.grouping));
    for (uint32_t i = n_groups + n_aggs; i < node->n_cols; i++) {
        if (node->cols[i].type->kind == GBX_TYPE_INT64) continue;
        return fail(v, GBX_INTERNAL, "grouping() gives an int64");
    }
    return GBX_OK;
}

static gbx_status check_join(validator *v, const gbx__node *node)
{
    const gbx__join_kind kind = node->join.kind;
    if ((unsigned)kind >= GBX_JOIN_KINDS) return fail(v, GBX_INVALID, "a join of no known kind");
    const bool is_bare = kind == GBX_JOIN_CROSS || kind == GBX_JOIN_POSITIONAL;
    if (is_bare && node->join.n_on > 0) {
        return fail(v, GBX_INVALID, "a cross or positional join has no condition");
    }
    if (node->join.is_asof && (kind > GBX_JOIN_FULL || node->join.n_on == 0)) {
        return fail(v, GBX_INVALID, "an asof join is inner, left, right or full, with a condition");
    }
    GBX_TRY(check_predicates(v, node->join.n_on, node->join.on));
    if (kind != GBX_JOIN_MARK) return GBX_OK;
    const uint32_t at = node->inputs[0]->n_cols;
    if (node->n_cols != (uint64_t)at + 1 || node->cols[at].id != node->join.mark ||
        node->cols[at].type->kind != GBX_TYPE_BOOL) {
        return fail(v, GBX_INTERNAL, "a mark join ends in its boolean mark");
    }
    return GBX_OK;
}

static gbx_status check_count(validator *v, const gbx__node *node, const gbx__expr *expr)
{
    if (!expr) return GBX_OK;
    if (node->kind != GBX_NODE_LIMIT) v->c.stamp++; /* no column is visible */
    GBX_TRY(gbx__check_expr(&v->c, expr, GBX_EX_COLUMN));
    const bool is_percent = node->sort.is_percent && expr == node->sort.limit;
    if (expr->type->kind != (is_percent ? GBX_TYPE_FLOAT64 : GBX_TYPE_INT64)) {
        return gbx__check_fail(&v->c, GBX_INVALID, expr->pos,
                               "a limit is an int64, a percentage a float64");
    }
    if (expr->kind != GBX_EX_CONST) {
        if (node->kind == GBX_NODE_LIMIT || expr->kind == GBX_EX_PARAM) return GBX_OK;
        return gbx__check_fail(&v->c, GBX_INVALID, expr->pos, "the limit of a top-n is a constant");
    }
    const gbx__value *value = expr->value;
    const bool is_sound = is_percent ? value->f64 >= 0 && value->f64 <= 100 : value->i64 >= 0;
    if (value->is_null || is_sound) return GBX_OK;
    return gbx__check_fail(&v->c, GBX_INVALID, expr->pos, "a limit can't be that number");
}

static gbx_status check_sort(validator *v, const gbx__node *node)
{
    const bool has_limit = node->sort.limit || node->sort.offset;
    const bool has_keys = node->sort.n_keys > 0;
    if (has_keys != (node->kind != GBX_NODE_LIMIT) || has_limit != (node->kind != GBX_NODE_SORT)) {
        return fail(v, GBX_INVALID, "a sort has keys, a limit has a count, a top-n has both");
    }
    if (node->sort.is_percent && (node->kind != GBX_NODE_LIMIT || !node->sort.limit)) {
        return fail(v, GBX_INVALID, "only a limit can be a percentage");
    }
    GBX_TRY(check_keys(v, node->sort.n_keys, node->sort.keys));
    GBX_TRY(check_count(v, node, node->sort.limit));
    return check_count(v, node, node->sort.offset);
}

static gbx_status check_setop(validator *v, const gbx__node *node)
{
    if ((unsigned)node->setop.kind >= GBX_SETOP_KINDS) {
        return fail(v, GBX_INVALID, "a set operation of no known kind");
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        const gbx__node *input = node->inputs[i];
        if (input->n_cols != node->n_cols) {
            return fail(v, GBX_INVALID, "the inputs of a set operation have as many columns each");
        }
        for (uint32_t j = 0; j < node->n_cols; j++) {
            if (gbx__type_equal(input->cols[j].type, node->cols[j].type)) continue;
            return fail(v, GBX_INVALID, "the inputs of a set operation differ in types");
        }
    }
    return GBX_OK;
}

static gbx_status check_extended(validator *v, const gbx__node *node, gbx__expr_kind root)
{
    const uint32_t n_passed = node->inputs[0]->n_cols;
    if (node->n_cols != (uint64_t)n_passed + node->window.n_exprs) {
        return fail(v, GBX_INTERNAL, "a window has one column for each function");
    }
    return check_made(v, node->window.n_exprs, node->window.exprs, node->cols + n_passed, root);
}

static gbx_status check_sample(validator *v, const gbx__node *node)
{
    const double amount = node->sample.amount;
    const double most = node->sample.is_percent ? 100.0 : 0x1p62;
    if ((unsigned)node->sample.method < GBX_SAMPLE_METHODS && amount >= 0 && amount <= most) {
        return GBX_OK; /* which no NaN reaches */
    }
    return fail(v, GBX_INVALID, "a sample can't be of that size");
}

static bool is_list_of(const gbx__type *list, const gbx__type *item)
{
    return list->kind == GBX_TYPE_LIST && gbx__type_equal(list->fields[0].type, item);
}

static gbx_status check_pivot_cols(validator *v, const gbx__node *node)
{
    const uint32_t n_groups = node->pivot.n_groups;
    const uint32_t n_aggs = node->pivot.n_aggs;
    const gbx__node *input = node->inputs[0];
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const gbx__type *type = node->cols[i].type;
        const bool is_group = i < n_groups;
        const uint32_t from = is_group ? i : n_groups + 1 + (i - n_groups) % n_aggs;
        const gbx__type *given = input->cols[from].type;
        if (is_group ? gbx__type_equal(type, given) : is_list_of(given, type)) continue;
        return fail(v, GBX_INVALID, "a pivot's column has another type than its values");
    }
    return GBX_OK;
}

static gbx_status check_pivot(validator *v, const gbx__node *node)
{
    const uint32_t n_groups = node->pivot.n_groups;
    const uint32_t n_aggs = node->pivot.n_aggs;
    const gbx__node *input = node->inputs[0];
    if (input->n_cols != (uint64_t)n_groups + 1 + n_aggs ||
        node->n_cols != n_groups + (uint64_t)node->pivot.n_labels * n_aggs ||
        !is_list_of(input->cols[n_groups].type, gbx__type_plain(GBX_TYPE_UTF8))) {
        return fail(v, GBX_INVALID, "a pivot takes groups, a list of keys and lists of values");
    }
    GBX_TRY(check_pivot_cols(v, node));
    for (uint32_t i = 0; node->pivot.defaults && i < n_aggs; i++) {
        const gbx__expr *expr = node->pivot.defaults[i];
        GBX_TRY(gbx__check_expr(&v->c, expr, GBX_EX_COLUMN));
        const gbx__type *list = input->cols[n_groups + 1 + i].type;
        if (expr->kind == GBX_EX_CONST && is_list_of(list, expr->type)) continue;
        return gbx__check_fail(&v->c, GBX_INVALID, expr->pos,
                               "a pivot's default is a constant of the values' type");
    }
    return GBX_OK;
}

static gbx_status check_positions(validator *v, const gbx__node *node, uint32_t n_cols,
                                  const gbx__col *cols)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const uint32_t field = node->cte_ref.fields[i];
        if (field < n_cols && gbx__type_equal(cols[field].type, node->cols[i].type)) continue;
        return fail(v, GBX_INTERNAL, "a reference to a cte does not fit the cte's columns");
    }
    return GBX_OK;
}

static gbx_status check_recursive(validator *v, const gbx__node *node)
{
    for (uint32_t k = 0; k < 2; k++) {
        const gbx__node *input = node->inputs[k];
        bool fits = input->n_cols == node->n_cols;
        for (uint32_t i = 0; fits && i < node->n_cols; i++) {
            fits = gbx__type_equal(input->cols[i].type, node->cols[i].type);
        }
        if (!fits) return fail(v, GBX_INVALID, "anchor and step of a recursion differ in columns");
    }
    return GBX_OK;
}

static gbx_status check_table_fn(validator *v, const gbx__node *node)
{
    const gbx__function *fn = node->table_fn.fn;
    const uint32_t n_args = node->table_fn.n_args;
    const uint32_t n_passed = node->n_inputs ? node->inputs[0]->n_cols : 0;
    if (!fn || fn->kind != GBX_FN_TABLE) {
        return fail(v, GBX_INVALID, "a table function that is not known");
    }
    if ((fn->min_args > 0 && n_args < (uint32_t)fn->min_args) ||
        (fn->max_args >= 0 && n_args > (uint32_t)fn->max_args)) {
        return gbx__check_fail(&v->c, GBX_INVALID, GBX_NO_POS, "%s does not take %u arguments",
                               fn->name, n_args);
    }
    GBX_TRY(check_exprs(v, n_args, node->table_fn.args, GBX_EX_COLUMN));
    const uint64_t n_cols =
        (uint64_t)n_passed + node->table_fn.n_used + node->table_fn.with_ordinality;
    if (node->n_cols != n_cols) {
        return fail(v, GBX_INTERNAL, "a table function has too many or too few columns");
    }
    for (uint32_t i = 0; i < node->table_fn.n_used; i++) {
        const uint32_t field = node->table_fn.used[i];
        const gbx__type *type = node->cols[n_passed + i].type;
        if (field < node->table_fn.n_fields &&
            gbx__type_equal(node->table_fn.fields[field].type, type)) {
            continue;
        }
        return fail(v, GBX_INTERNAL, "a table function's column does not fit its field");
    }
    if (node->table_fn.with_ordinality &&
        node->cols[node->n_cols - 1].type->kind != GBX_TYPE_INT64) {
        return fail(v, GBX_INTERNAL, "an ordinality is an int64");
    }
    return GBX_OK;
}

static gbx_status check_call(validator *v, const gbx__node *node)
{
    if (node->call.language.len == 0 || (node->call.entry.len == 0 && node->call.code.len == 0)) {
        return fail(v, GBX_INVALID, "a user's function has a language, and an entry or code");
    }
    return GBX_OK;
}

static gbx_status check_sink(validator *v, const gbx__node *node)
{
    if (node != v->c.plan->root) return fail(v, GBX_INVALID, "a sink is the root of a plan");
    if (node->n_cols != 1 || node->cols[0].type->kind != GBX_TYPE_INT64) {
        return fail(v, GBX_INTERNAL, "a sink gives one count of rows");
    }
    return GBX_OK;
}

/* What the kind says of the node; its inputs are checked and their columns are visible. */
static gbx_status check_payload(validator *v, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN: return check_scan(v, node);
    case GBX_NODE_VALUES: return check_values(v, node);
    case GBX_NODE_FILTER: return check_predicates(v, node->filter.n, node->filter.conjuncts);
    case GBX_NODE_PROJECT:
        if (gbx__node_is_select(node)) return check_select(v, node);
        return check_made(v, node->n_cols, node->project.exprs, node->cols, GBX_EX_COLUMN);
    case GBX_NODE_AGGREGATE: return check_aggregate(v, node);
    case GBX_NODE_JOIN: return check_join(v, node);
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: return check_sort(v, node);
    case GBX_NODE_DISTINCT:
        GBX_TRY(check_exprs(v, node->distinct.n_on, node->distinct.on, GBX_EX_COLUMN));
        return check_keys(v, node->distinct.n_order, node->distinct.order);
    case GBX_NODE_SETOP: return check_setop(v, node);
    case GBX_NODE_WINDOW: return check_extended(v, node, GBX_EX_WINDOW);
    case GBX_NODE_UNNEST: return check_extended(v, node, GBX_EX_UNNEST);
    case GBX_NODE_SAMPLE: return check_sample(v, node);
    case GBX_NODE_PIVOT: return check_pivot(v, node);
    case GBX_NODE_CTE_REF: {
        const gbx__node *cte = v->ctes[node->cte_ref.id];
        const gbx__node *rows = cte->kind == GBX_NODE_CTE ? cte->inputs[0] : cte;
        return check_positions(v, node, rows->n_cols, rows->cols);
    }
    case GBX_NODE_RECURSIVE: return check_recursive(v, node);
    case GBX_NODE_TABLE_FN: return check_table_fn(v, node);
    case GBX_NODE_CALL: return check_call(v, node);
    case GBX_NODE_SINK: return check_sink(v, node);
    case GBX_NODE_CTE:
    case GBX_NODE_KINDS: break;
    }
    return GBX_OK;
}

/* ---- the walk ------------------------------------------------------------------------------- */

static gbx_status visit(validator *v, const gbx__node *node, const cte_scope *scope, uint32_t level,
                        uint32_t *needs);

static gbx_status visit_ref(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t *needs)
{
    while (scope && scope->cte->cte.id != node->cte_ref.id) scope = scope->up;
    if (!scope) return fail(v, GBX_INTERNAL, "a cte is read outside of its query");
    if (scope->level < *needs) *needs = scope->level;
    return GBX_OK;
}

/* The second input of a cte (its body) or of a recursion (its step) may read it. */
static gbx_status visit_cte(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t level, uint32_t *needs)
{
    const uint32_t id = node->cte.id;
    if (id == 0 || id >= v->c.plan->next_cte || v->ctes[id]) {
        return fail(v, GBX_INTERNAL, "the id of a cte is not its own");
    }
    GBX_TRY(visit(v, node->inputs[0], scope, level + 1, needs));
    v->ctes[id] = node;
    const cte_scope inner = {.up = scope, .cte = node, .level = scope ? scope->level + 1 : 1};
    return visit(v, node->inputs[1], &inner, level + 1, needs);
}

static gbx_status visit_inputs(validator *v, const gbx__node *node, const cte_scope *scope,
                               uint32_t level, uint32_t *needs)
{
    if (node->kind == GBX_NODE_CTE_REF) return visit_ref(v, node, scope, needs);
    if (node->kind == GBX_NODE_CTE || node->kind == GBX_NODE_RECURSIVE) {
        return visit_cte(v, node, scope, level, needs);
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        GBX_TRY(visit(v, node->inputs[i], scope, level + 1, needs));
    }
    return GBX_OK;
}

/* A node that is met again: the same ctes must be meant. */
static gbx_status visit_again(validator *v, const node_state *state, const gbx__node *node,
                              const cte_scope *scope, uint32_t *needs)
{
    if (state->node != node) return fail(v, GBX_INTERNAL, "two operators have one id");
    if (state->needs != NEEDS_NOTHING && state->scope != (scope ? scope->cte : NULL)) {
        return fail(v, GBX_INTERNAL, "an operator that reads a cte is shared over its border");
    }
    if (state->needs < *needs) *needs = state->needs;
    return GBX_OK;
}

static gbx_status visit_new(validator *v, const gbx__node *node, const cte_scope *scope,
                            uint32_t level, uint32_t *needs)
{
    const gbx__node_arity arity = gbx__node_arity_of(node->kind);
    if (node->n_inputs < arity.min_inputs || node->n_inputs > arity.max_inputs) {
        return fail(v, GBX_INTERNAL, "an operator has too many or too few inputs");
    }
    GBX_TRY(visit_inputs(v, node, scope, level, needs));

    v->c.node_pos = node->pos;
    v->c.stamp++;
    const bool sees_inputs = node->kind != GBX_NODE_SETOP && node->kind != GBX_NODE_CTE &&
                             node->kind != GBX_NODE_RECURSIVE;
    for (uint32_t i = 0; sees_inputs && i < node->n_inputs; i++) {
        GBX_TRY(see_cols(&v->c, node->inputs[i]));
    }
    GBX_TRY(check_cols(v, node));
    return check_payload(v, node);
}

static gbx_status visit(validator *v, const gbx__node *node, const cte_scope *scope, uint32_t level,
                        uint32_t *needs)
{
    v->c.node_pos = node->pos;
    if (level > GBX_MAX_DEPTH) {
        return fail(v, GBX_INVALID, "the query is nested too deeply");
    }
    if (node->id == 0 || node->id >= v->c.plan->next_node ||
        (unsigned)node->kind >= GBX_NODE_KINDS) {
        return fail(v, GBX_INTERNAL, "an operator is not sound");
    }
    node_state *state = &v->nodes[node->id];
    if (state->node) return visit_again(v, state, node, scope, needs);

    uint32_t own = NEEDS_NOTHING;
    const uint32_t scope_level = scope ? scope->level : 0;
    GBX_TRY(visit_new(v, node, scope, level, &own));
    if (own > scope_level) own = NEEDS_NOTHING; /* all that it reads lies within */
    *state = (node_state){.node = node, .scope = scope ? scope->cte : NULL, .needs = own};
    if (own < *needs) *needs = own;
    return GBX_OK;
}

gbx_status gbx__plan_validate(const gbx_plan *plan, gbx_error *err)
{
    validator v = {
        .c = {.plan = plan, .err = err, .node_pos = GBX_NO_POS},
        .nodes = gbx__alloc_zero(plan->next_node * sizeof(node_state)),
        .ctes = gbx__alloc_zero(plan->next_cte * sizeof(gbx__node *)),
    };
    v.c.cols = gbx__alloc_zero(plan->next_col * sizeof(gbx__check_col));
    gbx_status status = GBX_OK;
    uint32_t needs = NEEDS_NOTHING;
    if (v.nodes && v.ctes && v.c.cols) {
        status = visit(&v, plan->root, NULL, 1, &needs);
    } else {
        status = GBX_FAIL_NOMEM(err);
    }
    gbx__alloc_free(v.nodes);
    gbx__alloc_free(v.ctes);
    gbx__alloc_free(v.c.cols);
    return status;
}
