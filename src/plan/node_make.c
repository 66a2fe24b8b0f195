/*
 * The constructors of nodes: each copies what it is given into the builder's arena, makes the new
 * columns and leaves the rest to gbx__node_new. After a failure all give NULL.
 */
#include "plan/plan_priv.h"

/* ---- copies --------------------------------------------------------------------------------- */

static const gbx__expr *const *make_exprs(gbx__plan_builder *b, uint32_t n,
                                          const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!exprs[i]) return gbx__plan_nomem(b);
    }
    return gbx__plan_dup(b, exprs, n, sizeof(*exprs));
}

static const gbx__sort_key *make_keys(gbx__plan_builder *b, uint32_t n, const gbx__sort_key *keys)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!keys[i].expr) return gbx__plan_nomem(b);
    }
    return gbx__plan_dup(b, keys, n, sizeof(*keys));
}

static const gbx__node *const *make_inputs(gbx__plan_builder *b, uint32_t n,
                                           const gbx__node *const *inputs)
{
    return gbx__plan_dup(b, inputs, n, sizeof(*inputs));
}

static const gbx__str *make_strs(gbx__plan_builder *b, uint32_t n, const gbx__str *texts)
{
    if (n == 0 || !texts) return NULL;
    gbx__str *copy = gbx__plan_array(b, n, sizeof(*copy));
    for (uint32_t i = 0; copy && i < n; i++) copy[i] = gbx__plan_str(b, texts[i]);
    return copy;
}

static const gbx__field *make_fields(gbx__plan_builder *b, uint32_t n, const gbx__field *fields)
{
    gbx__field *copy = n ? gbx__plan_array(b, n, sizeof(*copy)) : NULL;
    for (uint32_t i = 0; copy && i < n; i++) {
        copy[i] = (gbx__field){.name = gbx__plan_str(b, fields[i].name), .type = fields[i].type};
    }
    return copy;
}

static const gbx__grouping_set *make_sets(gbx__plan_builder *b, uint32_t n,
                                          const gbx__grouping_set *sets)
{
    gbx__grouping_set *copy = n ? gbx__plan_array(b, n, sizeof(*copy)) : NULL;
    for (uint32_t i = 0; copy && i < n; i++) {
        copy[i].n = sets[i].n;
        copy[i].keys = gbx__plan_dup(b, sets[i].keys, sets[i].n, sizeof(uint32_t));
    }
    return copy;
}

/* ---- columns -------------------------------------------------------------------------------- */

static void make_col(gbx__plan_builder *b, gbx__col *col, gbx__str name, const gbx__type *type)
{
    *col = (gbx__col){.id = gbx__plan_new_col(b), .type = type, .name = gbx__plan_str(b, name)};
    if (!type) gbx__plan_nomem(b);
}

static gbx__col *make_cols(gbx__plan_builder *b, uint32_t n)
{
    return n ? gbx__plan_array(b, n, sizeof(gbx__col)) : NULL;
}

static const gbx__col *make_cols_of_fields(gbx__plan_builder *b, uint32_t n,
                                           const gbx__field *fields)
{
    gbx__col *cols = make_cols(b, n);
    for (uint32_t i = 0; cols && i < n; i++) make_col(b, &cols[i], fields[i].name, fields[i].type);
    return cols;
}

/* One column per expression; without a name a bare column keeps its own. */
static void make_cols_of_exprs(gbx__plan_builder *b, gbx__col *cols, uint32_t n,
                               const gbx__expr *const *exprs, const gbx__str *names,
                               const gbx__node *input)
{
    for (uint32_t i = 0; cols && exprs && i < n; i++) {
        const gbx__col *bare = !names && input && exprs[i]->kind == GBX_EX_COLUMN
                                   ? gbx__node_col(input, exprs[i]->col)
                                   : NULL;
        const gbx__str name = names ? names[i] : bare ? bare->name : GBX_STR("");
        make_col(b, &cols[i], name, exprs[i]->type);
    }
}

/* ---- sources -------------------------------------------------------------------------------- */

const gbx__node *gbx__node_scan(gbx__plan_builder *b, const gbx__scan *scan, uint32_t n_cols,
                                const uint32_t *fields, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_SCAN, .pos = pos, .n_cols = n_cols};
    gbx__col *cols = make_cols(b, n_cols);
    for (uint32_t i = 0; cols && i < n_cols; i++) {
        if (fields[i] == GBX_SCAN_ROWID) {
            make_col(b, &cols[i], GBX_STR("rowid"), gbx__type_plain(GBX_TYPE_INT64));
        } else if (fields[i] < scan->n_fields) {
            make_col(b, &cols[i], scan->fields[fields[i]].name, scan->fields[fields[i]].type);
        } else {
            return gbx__plan_fail(b, GBX_INTERNAL, pos, "the source has no field %u", fields[i]);
        }
    }
    shape.cols = cols;
    shape.scan.scan = scan;
    shape.scan.fields = gbx__plan_dup(b, fields, n_cols, sizeof(*fields));
    return gbx__node_new(b, &shape);
}

static const gbx__node *make_values(gbx__plan_builder *b, uint32_t n_inputs, const gbx__node *input,
                                    uint32_t n_cols, const gbx__field *cols, uint32_t n_rows,
                                    const gbx__expr *const *const *rows, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_VALUES, .pos = pos, .n_cols = n_cols};
    const gbx__expr *const **copy = n_rows ? gbx__plan_array(b, n_rows, sizeof(*copy)) : NULL;
    for (uint32_t i = 0; copy && i < n_rows; i++) copy[i] = make_exprs(b, n_cols, rows[i]);
    shape.n_inputs = n_inputs;
    shape.inputs = make_inputs(b, n_inputs, &input);
    shape.cols = make_cols_of_fields(b, n_cols, cols);
    shape.values.n_rows = n_rows;
    shape.values.rows = copy;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_values(gbx__plan_builder *b, uint32_t n_cols, const gbx__field *cols,
                                  uint32_t n_rows, const gbx__expr *const *const *rows,
                                  gbx__pos pos)
{
    return make_values(b, 0, NULL, n_cols, cols, n_rows, rows, pos);
}

const gbx__node *gbx__node_values_of(gbx__plan_builder *b, const gbx__node *input, uint32_t n_cols,
                                     const gbx__field *cols, uint32_t n_rows,
                                     const gbx__expr *const *const *rows, gbx__pos pos)
{
    return make_values(b, 1, input, n_cols, cols, n_rows, rows, pos);
}

/* Of `from`, what a table function holds, copied. */
static void make_table_fn(gbx__plan_builder *b, gbx__node *shape, const gbx__node *from)
{
    shape->table_fn = from->table_fn;
    shape->table_fn.args = make_exprs(b, from->table_fn.n_args, from->table_fn.args);
    shape->table_fn.arg_names = make_strs(b, from->table_fn.n_args, from->table_fn.arg_names);
    shape->table_fn.fields = make_fields(b, from->table_fn.n_fields, from->table_fn.fields);
    shape->table_fn.used =
        gbx__plan_dup(b, from->table_fn.used, from->table_fn.n_used, sizeof(uint32_t));
}

const gbx__node *gbx__node_table_fn(gbx__plan_builder *b, const gbx__node *input,
                                    const gbx__node *template_node, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_TABLE_FN, .pos = pos, .n_inputs = input ? 1 : 0};
    make_table_fn(b, &shape, template_node);
    shape.inputs = make_inputs(b, shape.n_inputs, &input);
    shape.n_cols = shape.table_fn.n_used + shape.table_fn.with_ordinality;
    gbx__col *cols = make_cols(b, shape.n_cols);
    for (uint32_t i = 0; cols && i < shape.table_fn.n_used; i++) {
        const uint32_t field = shape.table_fn.used[i];
        if (field >= shape.table_fn.n_fields) {
            return gbx__plan_fail(b, GBX_INTERNAL, pos, "the function has no column %u", field);
        }
        make_col(b, &cols[i], shape.table_fn.fields[field].name, shape.table_fn.fields[field].type);
    }
    if (cols && shape.table_fn.with_ordinality) {
        make_col(b, &cols[shape.n_cols - 1], GBX_STR("ordinality"),
                 gbx__type_plain(GBX_TYPE_INT64));
    }
    shape.cols = cols;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_call(gbx__plan_builder *b, const gbx__node *input,
                                const gbx__node *template_node, uint32_t n_cols,
                                const gbx__field *cols, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_CALL, .pos = pos, .n_inputs = input ? 1 : 0};
    shape.inputs = make_inputs(b, shape.n_inputs, &input);
    shape.n_cols = n_cols;
    shape.cols = make_cols_of_fields(b, n_cols, cols);
    shape.call.language = gbx__plan_str(b, template_node->call.language);
    shape.call.entry = gbx__plan_str(b, template_node->call.entry);
    shape.call.code = gbx__plan_str(b, template_node->call.code);
    shape.call.batch_form = gbx__plan_str(b, template_node->call.batch_form);
    shape.call.is_pure = template_node->call.is_pure;
    return gbx__node_new(b, &shape);
}

/* ---- what keeps columns --------------------------------------------------------------------- */

const gbx__node *gbx__node_filter(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *conjuncts, gbx__pos pos)
{
    if (n == 0) return input;
    gbx__node shape = {.kind = GBX_NODE_FILTER, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.filter.n = n;
    shape.filter.conjuncts = make_exprs(b, n, conjuncts);
    return gbx__node_new(b, &shape);
}

static const gbx__node *make_sorted(gbx__plan_builder *b, gbx__node_kind kind,
                                    const gbx__node *input, uint32_t n_keys,
                                    const gbx__sort_key *keys, const gbx__expr *limit,
                                    const gbx__expr *offset, bool is_percent, gbx__pos pos)
{
    gbx__node shape = {.kind = kind, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.sort.n_keys = n_keys;
    shape.sort.keys = make_keys(b, n_keys, keys);
    shape.sort.limit = limit;
    shape.sort.offset = offset;
    shape.sort.is_percent = is_percent;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_sort(gbx__plan_builder *b, const gbx__node *input, uint32_t n_keys,
                                const gbx__sort_key *keys, gbx__pos pos)
{
    if (n_keys == 0) return input;
    return make_sorted(b, GBX_NODE_SORT, input, n_keys, keys, NULL, NULL, false, pos);
}

const gbx__node *gbx__node_limit(gbx__plan_builder *b, const gbx__node *input,
                                 const gbx__expr *limit, const gbx__expr *offset, bool is_percent,
                                 gbx__pos pos)
{
    return make_sorted(b, GBX_NODE_LIMIT, input, 0, NULL, limit, offset, is_percent, pos);
}

const gbx__node *gbx__node_topn(gbx__plan_builder *b, const gbx__node *input, uint32_t n_keys,
                                const gbx__sort_key *keys, const gbx__expr *limit,
                                const gbx__expr *offset, gbx__pos pos)
{
    return make_sorted(b, GBX_NODE_TOPN, input, n_keys, keys, limit, offset, false, pos);
}

const gbx__node *gbx__node_distinct(gbx__plan_builder *b, const gbx__node *input, uint32_t n_on,
                                    const gbx__expr *const *on, uint32_t n_order,
                                    const gbx__sort_key *order, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_DISTINCT, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.distinct.n_on = n_on;
    shape.distinct.on = make_exprs(b, n_on, on);
    shape.distinct.n_order = n_order;
    shape.distinct.order = make_keys(b, n_order, order);
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_sample(gbx__plan_builder *b, const gbx__node *input,
                                  gbx__sample_method method, bool is_percent, double amount,
                                  bool has_seed, int64_t seed, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_SAMPLE, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.sample.method = method;
    shape.sample.is_percent = is_percent;
    shape.sample.amount = amount;
    shape.sample.has_seed = has_seed;
    shape.sample.seed = has_seed ? seed : 0;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_cte(gbx__plan_builder *b, uint32_t id, gbx__str name, bool materialized,
                               const gbx__node *definition, const gbx__node *body, gbx__pos pos)
{
    const gbx__node *const inputs[2] = {definition, body};
    gbx__node shape = {.kind = GBX_NODE_CTE, .pos = pos, .n_inputs = 2};
    shape.inputs = make_inputs(b, 2, inputs);
    shape.cte.id = id;
    shape.cte.name = gbx__plan_str(b, name);
    shape.cte.materialized = materialized;
    if (id >= b->next_cte && id < GBX_MAX_IDS) b->next_cte = id + 1;
    return gbx__node_new(b, &shape);
}

/* ---- what makes columns --------------------------------------------------------------------- */

const gbx__node *gbx__node_project(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                   const gbx__expr *const *exprs, const gbx__str *names,
                                   gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_PROJECT, .pos = pos, .n_inputs = 1, .n_cols = n};
    gbx__col *cols = make_cols(b, n);
    shape.inputs = make_inputs(b, 1, &input);
    shape.project.exprs = make_exprs(b, n, exprs);
    make_cols_of_exprs(b, cols, n, shape.project.exprs, names, input);
    shape.cols = cols;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_select(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const uint32_t *positions)
{
    if (b->failed || !input) return NULL;
    gbx__node shape = {.kind = GBX_NODE_PROJECT, .pos = input->pos, .n_inputs = 1, .n_cols = n};
    gbx__col *cols = make_cols(b, n);
    const gbx__expr **exprs = n ? gbx__plan_array(b, n, sizeof(*exprs)) : NULL;
    for (uint32_t i = 0; cols && exprs && i < n; i++) {
        if (positions[i] >= input->n_cols) {
            return gbx__plan_fail(b, GBX_INTERNAL, input->pos, "the input has no column %u",
                                  positions[i]);
        }
        cols[i] = input->cols[positions[i]];
        exprs[i] = gbx__expr_column(&b->arena, cols[i].id, cols[i].type, GBX_NO_POS);
        if (!exprs[i]) return gbx__plan_nomem(b);
    }
    shape.inputs = make_inputs(b, 1, &input);
    shape.cols = cols;
    shape.project.exprs = exprs;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_aggregate(gbx__plan_builder *b, const gbx__node *input,
                                     uint32_t n_groups, const gbx__expr *const *groups,
                                     uint32_t n_aggs, const gbx__expr *const *aggs, uint32_t n_sets,
                                     const gbx__grouping_set *sets, uint32_t n_grouping,
                                     const gbx__grouping_set *grouping, const gbx__str *names,
                                     gbx__pos pos)
{
    const uint32_t n_exprs = n_groups + n_aggs;
    gbx__node shape = {.kind = GBX_NODE_AGGREGATE, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.aggregate.n_groups = n_groups;
    shape.aggregate.groups = make_exprs(b, n_groups, groups);
    shape.aggregate.n_aggs = n_aggs;
    shape.aggregate.aggs = make_exprs(b, n_aggs, aggs);
    shape.aggregate.n_sets = n_sets;
    shape.aggregate.sets = make_sets(b, n_sets, sets);
    shape.aggregate.n_grouping = n_grouping;
    shape.aggregate.grouping = make_sets(b, n_grouping, grouping);
    shape.n_cols = n_exprs + n_grouping;
    gbx__col *cols = make_cols(b, shape.n_cols);
    if (b->failed) return NULL;
    make_cols_of_exprs(b, cols, n_groups, shape.aggregate.groups, names, input);
    make_cols_of_exprs(b, cols ? cols + n_groups : NULL, n_aggs, shape.aggregate.aggs,
                       names ? names + n_groups : NULL, NULL);
    for (uint32_t i = 0; cols && i < n_grouping; i++) {
        make_col(b, &cols[n_exprs + i], names ? names[n_exprs + i] : GBX_STR(""),
                 gbx__type_plain(GBX_TYPE_INT64));
    }
    shape.cols = cols;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_join(gbx__plan_builder *b, gbx__join_kind kind, bool is_asof,
                                const gbx__node *left, const gbx__node *right, uint32_t n_on,
                                const gbx__expr *const *on, gbx__pos pos)
{
    const gbx__node *const inputs[2] = {left, right};
    gbx__node shape = {.kind = GBX_NODE_JOIN, .pos = pos, .n_inputs = 2};
    shape.inputs = make_inputs(b, 2, inputs);
    shape.join.kind = kind;
    shape.join.is_asof = is_asof;
    shape.join.n_on = n_on;
    shape.join.on = make_exprs(b, n_on, on);
    if (kind == GBX_JOIN_MARK) {
        gbx__col *mark = make_cols(b, 1);
        if (!mark) return NULL;
        make_col(b, mark, GBX_STR(""), gbx__type_plain(GBX_TYPE_BOOL));
        shape.n_cols = 1;
        shape.cols = mark;
        shape.join.mark = mark->id;
    }
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_setop(gbx__plan_builder *b, gbx__setop_kind kind, bool all,
                                 uint32_t n_inputs, const gbx__node *const *inputs, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_SETOP, .pos = pos, .n_inputs = n_inputs};
    const gbx__node *first = n_inputs ? inputs[0] : NULL;
    shape.inputs = make_inputs(b, n_inputs, inputs);
    shape.n_cols = first ? first->n_cols : 0;
    gbx__col *cols = make_cols(b, shape.n_cols);
    for (uint32_t i = 0; cols && i < shape.n_cols; i++) {
        make_col(b, &cols[i], first->cols[i].name, first->cols[i].type);
    }
    shape.cols = cols;
    shape.setop.kind = kind;
    shape.setop.all = all;
    return gbx__node_new(b, &shape);
}

static const gbx__node *make_extended(gbx__plan_builder *b, gbx__node_kind kind,
                                      const gbx__node *input, uint32_t n,
                                      const gbx__expr *const *exprs, const gbx__str *names,
                                      gbx__pos pos)
{
    if (n == 0) return input;
    gbx__node shape = {.kind = kind, .pos = pos, .n_inputs = 1, .n_cols = n};
    gbx__col *cols = make_cols(b, n);
    shape.inputs = make_inputs(b, 1, &input);
    shape.window.n_exprs = n;
    shape.window.exprs = make_exprs(b, n, exprs);
    make_cols_of_exprs(b, cols, n, shape.window.exprs, names, NULL);
    shape.cols = cols;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_window(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *exprs, const gbx__str *names,
                                  gbx__pos pos)
{
    return make_extended(b, GBX_NODE_WINDOW, input, n, exprs, names, pos);
}

const gbx__node *gbx__node_unnest(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *exprs, const gbx__str *names,
                                  gbx__pos pos)
{
    return make_extended(b, GBX_NODE_UNNEST, input, n, exprs, names, pos);
}

const gbx__node *gbx__node_pivot(gbx__plan_builder *b, const gbx__node *input, uint32_t n_groups,
                                 uint32_t n_aggs, uint32_t n_labels, const gbx__str *labels,
                                 const gbx__expr *const *defaults, const gbx__field *cols,
                                 gbx__pos pos)
{
    const uint64_t n_cols = n_groups + (uint64_t)n_labels * n_aggs;
    if (n_cols > GBX_MAX_IDS) return gbx__plan_fail(b, GBX_INVALID, pos, "too many columns");
    gbx__node shape = {.kind = GBX_NODE_PIVOT, .pos = pos, .n_inputs = 1};
    shape.inputs = make_inputs(b, 1, &input);
    shape.n_cols = (uint32_t)n_cols;
    shape.cols = make_cols_of_fields(b, shape.n_cols, cols);
    shape.pivot.n_groups = n_groups;
    shape.pivot.n_aggs = n_aggs;
    shape.pivot.n_labels = n_labels;
    shape.pivot.labels = make_strs(b, n_labels, labels);
    shape.pivot.defaults = defaults ? make_exprs(b, n_aggs, defaults) : NULL;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_cte_ref(gbx__plan_builder *b, uint32_t id, uint32_t n_cols,
                                   const gbx__field *cols, const uint32_t *fields, gbx__pos pos)
{
    gbx__node shape = {.kind = GBX_NODE_CTE_REF, .pos = pos, .n_cols = n_cols};
    shape.cols = make_cols_of_fields(b, n_cols, cols);
    shape.cte_ref.id = id;
    shape.cte_ref.fields = gbx__plan_dup(b, fields, n_cols, sizeof(*fields));
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_recursive(gbx__plan_builder *b, uint32_t id, gbx__str name,
                                     bool union_all, uint32_t n_cols, const gbx__col *cols,
                                     const gbx__node *anchor, const gbx__node *step, gbx__pos pos)
{
    const gbx__node *const inputs[2] = {anchor, step};
    gbx__node shape = {.kind = GBX_NODE_RECURSIVE, .pos = pos, .n_inputs = 2, .n_cols = n_cols};
    gbx__col *copy = make_cols(b, n_cols);
    for (uint32_t i = 0; copy && i < n_cols; i++) {
        copy[i] = cols[i];
        copy[i].name = gbx__plan_str(b, cols[i].name);
    }
    shape.inputs = make_inputs(b, 2, inputs);
    shape.cols = copy;
    shape.cte.id = id;
    shape.cte.name = gbx__plan_str(b, name);
    shape.cte.union_all = union_all;
    if (id >= b->next_cte && id < GBX_MAX_IDS) b->next_cte = id + 1;
    return gbx__node_new(b, &shape);
}

const gbx__node *gbx__node_sink(gbx__plan_builder *b, const gbx__node *input, gbx__str format,
                                gbx__str path)
{
    gbx__node shape = {.kind = GBX_NODE_SINK, .pos = GBX_NO_POS, .n_inputs = 1, .n_cols = 1};
    gbx__col *count = make_cols(b, 1);
    if (!count) return NULL;
    make_col(b, count, GBX_STR("rows"), gbx__type_plain(GBX_TYPE_INT64));
    shape.inputs = make_inputs(b, 1, &input);
    shape.cols = count;
    shape.sink.format = gbx__plan_str(b, format);
    shape.sink.path = gbx__plan_str(b, path);
    return gbx__node_new(b, &shape);
}
