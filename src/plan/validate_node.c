#include "plan/validate_priv.h"

static gbx_status check_exprs(gbx__check *c, uint32_t n, const gbx__expr *const *exprs,
                              gbx__expr_kind root)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_expr(c, exprs[i], root));
    return GBX_OK;
}

static gbx_status check_predicates(gbx__check *c, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_predicate(c, exprs[i]));
    return GBX_OK;
}

static gbx_status check_keys(gbx__check *c, uint32_t n, const gbx__sort_key *keys)
{
    for (uint32_t i = 0; i < n; i++) GBX_TRY(gbx__check_expr(c, keys[i].expr, GBX_EX_COLUMN));
    return GBX_OK;
}

/* Expressions and the columns that hold their values. */
static gbx_status check_made(gbx__check *c, uint32_t n, const gbx__expr *const *exprs,
                             const gbx__col *cols, gbx__expr_kind root)
{
    GBX_TRY(check_exprs(c, n, exprs, root));
    for (uint32_t i = 0; i < n; i++) {
        if (root != GBX_EX_COLUMN && exprs[i]->kind != root) {
            return gbx__check_fail(c, GBX_INVALID, exprs[i]->pos, "%s expected",
                                   gbx__expr_kind_text(root));
        }
        if (gbx__type_equal(exprs[i]->type, cols[i].type)) continue;
        return gbx__check_fail(c, GBX_INTERNAL, exprs[i]->pos,
                               "column #%u has another type than its expression", cols[i].id);
    }
    return GBX_OK;
}

static bool stats_fit(const gbx__type *type, const gbx__col_stats *stats)
{
    return !stats->has_min_max ||
           (gbx__value_fits(type, &stats->min) && gbx__value_fits(type, &stats->max));
}

static gbx_status check_source(gbx__check *c, const gbx__scan *scan)
{
    for (uint32_t i = 0; i < scan->n_fields; i++) {
        GBX_TRY(gbx__check_type(c, scan->fields[i].type, GBX_NO_POS));
        if (scan->stats && !stats_fit(scan->fields[i].type, &scan->stats[i])) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "a source's statistics do not fit its columns");
        }
    }
    for (uint32_t i = 0; i < scan->n_options; i++) {
        GBX_TRY(gbx__check_type(c, scan->options[i].type, GBX_NO_POS));
        if (!gbx__value_fits(scan->options[i].type, &scan->options[i].value)) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "an option of a source does not fit its type");
        }
    }
    return GBX_OK;
}

static gbx_status check_scan(gbx__check *c, const gbx__node *node)
{
    const gbx__scan *scan = node->scan.scan;
    if (!scan || (unsigned)scan->format >= GBX_SCAN_FORMATS ||
        scan->n_partitions > scan->n_fields) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a scan is not sound");
    }
    GBX_TRY(check_source(c, scan));
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const uint32_t field = node->scan.fields[i];
        if (field != GBX_SCAN_ROWID && field >= scan->n_fields) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "a scan reads a field that its source does not have");
        }
        const gbx__type *type =
            field == GBX_SCAN_ROWID ? gbx__type_plain(GBX_TYPE_INT64) : scan->fields[field].type;
        if (!gbx__type_equal(type, node->cols[i].type)) {
            return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                                   "a scan's column has another type than its field");
        }
    }
    return GBX_OK;
}

static gbx_status check_values(gbx__check *c, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        GBX_TRY(check_exprs(c, node->n_cols, node->values.rows[i], GBX_EX_COLUMN));
        for (uint32_t j = 0; j < node->n_cols; j++) {
            const gbx__expr *expr = node->values.rows[i][j];
            if (gbx__check_type_fits(node->cols[j].type, expr->type)) continue;
            return gbx__check_fail(c, GBX_INVALID, expr->pos,
                                   "a value has another type than its column");
        }
    }
    return GBX_OK;
}

/* Each column at most once: ids are passed on. */
static gbx_status check_select(gbx__check *c, const gbx__node *node)
{
    GBX_TRY(check_made(c, node->n_cols, node->project.exprs, node->cols, GBX_EX_COLUMN));
    for (uint32_t i = 0; i < node->n_cols; i++) {
        gbx__check_col *col = &c->cols[node->cols[i].id];
        if (col->visible_at != c->stamp) {
            return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "column #%u is kept twice",
                                   node->cols[i].id);
        }
        col->visible_at = 0;
    }
    return GBX_OK;
}

static gbx_status check_sets(gbx__check *c, const gbx__node *node, uint32_t n,
                             const gbx__grouping_set *sets)
{
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j < sets[i].n; j++) {
            if (sets[i].keys[j] < node->aggregate.n_groups) continue;
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "a grouping set names a group that is not there");
        }
    }
    return GBX_OK;
}

static gbx_status check_aggregate(gbx__check *c, const gbx__node *node)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    const uint32_t n_aggs = node->aggregate.n_aggs;
    if (node->n_cols != (uint64_t)n_groups + n_aggs + node->aggregate.n_grouping) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                               "an aggregate has too many or too few columns");
    }
    GBX_TRY(check_made(c, n_groups, node->aggregate.groups, node->cols, GBX_EX_COLUMN));
    GBX_TRY(check_made(c, n_aggs, node->aggregate.aggs, node->cols + n_groups, GBX_EX_AGG));
    GBX_TRY(check_sets(c, node, node->aggregate.n_sets, node->aggregate.sets));
    GBX_TRY(check_sets(c, node, node->aggregate.n_grouping, node->aggregate.grouping));
    for (uint32_t i = n_groups + n_aggs; i < node->n_cols; i++) {
        if (node->cols[i].type->kind == GBX_TYPE_INT64) continue;
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "grouping() gives an int64");
    }
    return GBX_OK;
}

static gbx_status check_join(gbx__check *c, const gbx__node *node)
{
    const gbx__join_kind kind = node->join.kind;
    if ((unsigned)kind >= GBX_JOIN_KINDS) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a join of no known kind");
    }
    const bool is_bare = kind == GBX_JOIN_CROSS || kind == GBX_JOIN_POSITIONAL;
    if (is_bare && node->join.n_on > 0) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "a cross or positional join has no condition");
    }
    if (node->join.is_asof && (kind > GBX_JOIN_FULL || node->join.n_on == 0)) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "an asof join is inner, left, right or full, with a condition");
    }
    GBX_TRY(check_predicates(c, node->join.n_on, node->join.on));
    if (kind != GBX_JOIN_MARK) return GBX_OK;
    const uint32_t at = node->inputs[0]->n_cols;
    if (node->n_cols != (uint64_t)at + 1 || node->cols[at].id != node->join.mark ||
        node->cols[at].type->kind != GBX_TYPE_BOOL) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "a mark join ends in its boolean mark");
    }
    return GBX_OK;
}

static gbx_status check_count(gbx__check *c, const gbx__node *node, const gbx__expr *expr)
{
    if (!expr) return GBX_OK;
    if (node->kind != GBX_NODE_LIMIT) c->stamp++; /* no column is visible */
    GBX_TRY(gbx__check_expr(c, expr, GBX_EX_COLUMN));
    const bool is_percent = node->sort.is_percent && expr == node->sort.limit;
    if (expr->type->kind != (is_percent ? GBX_TYPE_FLOAT64 : GBX_TYPE_INT64)) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos,
                               "a limit is an int64, a percentage a float64");
    }
    if (expr->kind != GBX_EX_CONST) {
        if (node->kind == GBX_NODE_LIMIT || expr->kind == GBX_EX_PARAM) return GBX_OK;
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "the limit of a top-n is a constant");
    }
    const gbx__value *value = expr->value;
    const bool is_sound = is_percent ? value->f64 >= 0 && value->f64 <= 100 : value->i64 >= 0;
    if (value->is_null || is_sound) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, expr->pos, "a limit can't be that number");
}

static gbx_status check_sort(gbx__check *c, const gbx__node *node)
{
    const bool has_limit = node->sort.limit || node->sort.offset;
    const bool has_keys = node->sort.n_keys > 0;
    if (has_keys != (node->kind != GBX_NODE_LIMIT) || has_limit != (node->kind != GBX_NODE_SORT)) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "a sort has keys, a limit has a count, a top-n has both");
    }
    if (node->sort.is_percent && (node->kind != GBX_NODE_LIMIT || !node->sort.limit)) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "only a limit can be a percentage");
    }
    GBX_TRY(check_keys(c, node->sort.n_keys, node->sort.keys));
    GBX_TRY(check_count(c, node, node->sort.limit));
    return check_count(c, node, node->sort.offset);
}

static gbx_status check_setop(gbx__check *c, const gbx__node *node)
{
    if ((unsigned)node->setop.kind >= GBX_SETOP_KINDS) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a set operation of no known kind");
    }
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        const gbx__node *input = node->inputs[i];
        if (input->n_cols != node->n_cols) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "the inputs of a set operation have as many columns each");
        }
        for (uint32_t j = 0; j < node->n_cols; j++) {
            if (gbx__type_equal(input->cols[j].type, node->cols[j].type)) continue;
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "the inputs of a set operation differ in types");
        }
    }
    return GBX_OK;
}

static gbx_status check_extended(gbx__check *c, const gbx__node *node, gbx__expr_kind root)
{
    const uint32_t n_passed = node->inputs[0]->n_cols;
    if (node->window.n_exprs == 0 || node->n_cols != (uint64_t)n_passed + node->window.n_exprs) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                               "a window has one column for each function");
    }
    return check_made(c, node->window.n_exprs, node->window.exprs, node->cols + n_passed, root);
}

static gbx_status check_sample(gbx__check *c, const gbx__node *node)
{
    const double amount = node->sample.amount;
    const double most = node->sample.is_percent ? 100.0 : 0x1p62;
    if ((unsigned)node->sample.method < GBX_SAMPLE_METHODS && amount >= 0 && amount <= most) {
        return GBX_OK; /* which no NaN reaches */
    }
    return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a sample can't be of that size");
}

static bool is_list_of(const gbx__type *list, const gbx__type *item)
{
    return list->kind == GBX_TYPE_LIST && gbx__type_equal(list->fields[0].type, item);
}

static gbx_status check_pivot_cols(gbx__check *c, const gbx__node *node)
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
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "a pivot's column has another type than its values");
    }
    return GBX_OK;
}

static gbx_status check_pivot(gbx__check *c, const gbx__node *node)
{
    const uint32_t n_groups = node->pivot.n_groups;
    const uint32_t n_aggs = node->pivot.n_aggs;
    const gbx__node *input = node->inputs[0];
    if (input->n_cols != (uint64_t)n_groups + 1 + n_aggs ||
        node->n_cols != n_groups + (uint64_t)node->pivot.n_labels * n_aggs ||
        !is_list_of(input->cols[n_groups].type, gbx__type_plain(GBX_TYPE_UTF8))) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "a pivot takes groups, a list of keys and lists of values");
    }
    GBX_TRY(check_pivot_cols(c, node));
    for (uint32_t i = 0; node->pivot.defaults && i < n_aggs; i++) {
        const gbx__expr *expr = node->pivot.defaults[i];
        GBX_TRY(gbx__check_expr(c, expr, GBX_EX_COLUMN));
        const gbx__type *list = input->cols[n_groups + 1 + i].type;
        if (expr->kind == GBX_EX_CONST && is_list_of(list, expr->type)) continue;
        return gbx__check_fail(c, GBX_INVALID, expr->pos,
                               "a pivot's default is a constant of the values' type");
    }
    return GBX_OK;
}

static gbx_status check_positions(gbx__check *c, const gbx__node *node, uint32_t n_cols,
                                  const gbx__col *cols)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const uint32_t field = node->cte_ref.fields[i];
        if (field < n_cols && gbx__type_equal(cols[field].type, node->cols[i].type)) continue;
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                               "a reference to a cte does not fit the cte's columns");
    }
    return GBX_OK;
}

static gbx_status check_recursive(gbx__check *c, const gbx__node *node)
{
    for (uint32_t k = 0; k < 2; k++) {
        const gbx__node *input = node->inputs[k];
        bool fits = input->n_cols == node->n_cols;
        for (uint32_t i = 0; fits && i < node->n_cols; i++) {
            fits = gbx__type_equal(input->cols[i].type, node->cols[i].type);
        }
        if (!fits) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                                   "anchor and step of a recursion differ in columns");
        }
    }
    return GBX_OK;
}

static gbx_status check_table_fn(gbx__check *c, const gbx__node *node)
{
    const gbx__function *fn = node->table_fn.fn;
    const uint32_t n_args = node->table_fn.n_args;
    const uint32_t n_passed = node->n_inputs ? node->inputs[0]->n_cols : 0;
    if (!fn || fn->kind != GBX_FN_TABLE) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a table function that is not known");
    }
    if ((fn->min_args > 0 && n_args < (uint32_t)fn->min_args) ||
        (fn->max_args >= 0 && n_args > (uint32_t)fn->max_args)) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "%s does not take %u arguments",
                               fn->name, n_args);
    }
    GBX_TRY(check_exprs(c, n_args, node->table_fn.args, GBX_EX_COLUMN));
    const uint64_t n_cols =
        (uint64_t)n_passed + node->table_fn.n_used + node->table_fn.with_ordinality;
    if (node->n_cols != n_cols) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                               "a table function has too many or too few columns");
    }
    for (uint32_t i = 0; i < node->table_fn.n_used; i++) {
        const uint32_t field = node->table_fn.used[i];
        const gbx__type *type = node->cols[n_passed + i].type;
        if (field < node->table_fn.n_fields &&
            gbx__type_equal(node->table_fn.fields[field].type, type)) {
            continue;
        }
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS,
                               "a table function's column does not fit its field");
    }
    if (node->table_fn.with_ordinality &&
        node->cols[node->n_cols - 1].type->kind != GBX_TYPE_INT64) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "an ordinality is an int64");
    }
    return GBX_OK;
}

static gbx_status check_call(gbx__check *c, const gbx__node *node)
{
    if (node->call.language.len == 0 || (node->call.entry.len == 0 && node->call.code.len == 0)) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS,
                               "a user's function has a language, and an entry or code");
    }
    return GBX_OK;
}

static gbx_status check_sink(gbx__check *c, const gbx__node *node)
{
    if (node != c->plan->root) {
        return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a sink is the root of a plan");
    }
    if (node->n_cols != 1 || node->cols[0].type->kind != GBX_TYPE_INT64) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "a sink gives one count of rows");
    }
    return GBX_OK;
}

gbx_status gbx__check_node(gbx__check *c, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN: return check_scan(c, node);
    case GBX_NODE_VALUES: return check_values(c, node);
    case GBX_NODE_FILTER:
        if (node->filter.n == 0) {
            return gbx__check_fail(c, GBX_INVALID, GBX_NO_POS, "a filter without a condition");
        }
        return check_predicates(c, node->filter.n, node->filter.conjuncts);
    case GBX_NODE_PROJECT:
        if (gbx__node_is_select(node)) return check_select(c, node);
        return check_made(c, node->n_cols, node->project.exprs, node->cols, GBX_EX_COLUMN);
    case GBX_NODE_AGGREGATE: return check_aggregate(c, node);
    case GBX_NODE_JOIN: return check_join(c, node);
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: return check_sort(c, node);
    case GBX_NODE_DISTINCT:
        GBX_TRY(check_exprs(c, node->distinct.n_on, node->distinct.on, GBX_EX_COLUMN));
        return check_keys(c, node->distinct.n_order, node->distinct.order);
    case GBX_NODE_SETOP: return check_setop(c, node);
    case GBX_NODE_WINDOW: return check_extended(c, node, GBX_EX_WINDOW);
    case GBX_NODE_UNNEST: return check_extended(c, node, GBX_EX_UNNEST);
    case GBX_NODE_SAMPLE: return check_sample(c, node);
    case GBX_NODE_PIVOT: return check_pivot(c, node);
    case GBX_NODE_CTE_REF: {
        const gbx__node *cte = c->ctes[node->cte_ref.id];
        const gbx__node *rows = cte->kind == GBX_NODE_CTE ? cte->inputs[0] : cte;
        return check_positions(c, node, rows->n_cols, rows->cols);
    }
    case GBX_NODE_RECURSIVE: return check_recursive(c, node);
    case GBX_NODE_TABLE_FN: return check_table_fn(c, node);
    case GBX_NODE_CALL: return check_call(c, node);
    case GBX_NODE_SINK: return check_sink(c, node);
    case GBX_NODE_CTE:
    case GBX_NODE_KINDS: break;
    }
    return GBX_OK;
}
