#include "plan/canon_priv.h"

#include <math.h>
#include <string.h>

/* Parameters of the lambdas around an expression, innermost first. */
typedef struct lambda_scope {
    const struct lambda_scope *up;
    const gbx__expr *lambda;
} lambda_scope;

typedef struct canon {
    gbx__canon_put *put;
    void *ctx;
    const gbx__node *node;
} canon;

static void put_expr(canon *c, const lambda_scope *scope, const gbx__expr *expr);

/* ---- pieces ---------------------------------------------------------------------------------- */

static void put_u64(canon *c, uint64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(value >> (8 * i));
    c->put(c->ctx, bytes, sizeof(bytes));
}

static void put_i64(canon *c, int64_t value)
{
    put_u64(c, (uint64_t)value);
}

static void put_flag(canon *c, bool value)
{
    const unsigned char byte = value;
    c->put(c->ctx, &byte, 1);
}

static void put_str(canon *c, gbx__str text)
{
    put_u64(c, text.len);
    if (text.len) c->put(c->ctx, text.ptr, text.len);
}

static void put_text(canon *c, const char *text)
{
    put_str(c, gbx__str_of(text));
}

static void put_double(canon *c, double value)
{
    uint64_t bits = 0;
    if (isnan(value)) value = (double)NAN; /* one of many */
    memcpy(&bits, &value, sizeof(bits));
    put_u64(c, bits);
}

static void put_strs(canon *c, uint32_t n, const gbx__str *texts)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) put_str(c, texts ? texts[i] : GBX_STR(""));
}

static void put_type(canon *c, const gbx__type *type);

static void put_fields(canon *c, uint32_t n, const gbx__field *fields)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) {
        put_str(c, fields[i].name);
        put_type(c, fields[i].type);
    }
}

static void put_type(canon *c, const gbx__type *type)
{
    put_text(c, gbx__type_kind_text(type->kind));
    switch (type->kind) {
    case GBX_TYPE_DECIMAL:
        put_u64(c, type->precision);
        put_u64(c, type->scale);
        break;
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMESTAMP:
        put_text(c, gbx__unit_text(type->unit));
        put_flag(c, type->has_zone);
        break;
    case GBX_TYPE_ENUM: put_strs(c, type->n_values, type->values); break;
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_UNION: put_fields(c, type->n_fields, type->fields); break;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_MAP:
        put_u64(c, type->array_size);
        for (uint32_t i = 0; i < type->n_fields; i++) put_type(c, type->fields[i].type);
        break;
    default: break;
    }
}

static void put_value(canon *c, const gbx__type *type, const gbx__value *value);

static void put_items(canon *c, const gbx__type *type, const gbx__value *value)
{
    put_u64(c, value->n_items);
    put_u64(c, value->union_tag);
    for (uint32_t i = 0; i < value->n_items; i++) {
        const gbx__type *item = gbx__value_item_type(type, value, i);
        if (item) put_value(c, item, &value->items[i]);
    }
}

static void put_value(canon *c, const gbx__type *type, const gbx__value *value)
{
    put_flag(c, value->is_null);
    if (value->is_null) return;
    switch (type->kind) {
    case GBX_TYPE_BOOL: put_flag(c, value->boolean); break;
    case GBX_TYPE_UINT64: put_u64(c, value->u64); break;
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UUID:
        put_u64(c, value->i128.lo);
        put_i64(c, value->i128.hi);
        break;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: put_double(c, value->f64); break;
    case GBX_TYPE_INTERVAL:
        put_i64(c, value->interval.months);
        put_i64(c, value->interval.days);
        put_i64(c, value->interval.micros);
        break;
    case GBX_TYPE_UTF8:
    case GBX_TYPE_JSON:
    case GBX_TYPE_ENUM:
    case GBX_TYPE_BINARY:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY: put_str(c, value->text); break;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP:
    case GBX_TYPE_UNION: put_items(c, type, value); break;
    default: put_i64(c, value->i64); break;
    }
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void put_column(canon *c, const lambda_scope *scope, gbx__col_id id)
{
    uint64_t out = 0;
    for (; scope; scope = scope->up, out++) {
        for (uint32_t i = 0; i < scope->lambda->lambda.n_params; i++) {
            if (scope->lambda->lambda.params[i] != id) continue;
            put_text(c, "lambda");
            put_u64(c, out);
            put_u64(c, i);
            return;
        }
    }
    uint64_t position = 0;
    for (uint32_t k = 0; k < c->node->n_inputs; k++) {
        const gbx__node *input = c->node->inputs[k];
        for (uint32_t i = 0; i < input->n_cols; i++, position++) {
            if (input->cols[i].id == id) {
                put_u64(c, position);
                return;
            }
        }
    }
}

static void put_some(canon *c, const lambda_scope *scope, const gbx__expr *expr)
{
    put_flag(c, expr);
    if (expr) put_expr(c, scope, expr);
}

static void put_exprs(canon *c, const lambda_scope *scope, uint32_t n,
                      const gbx__expr *const *exprs)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) put_some(c, scope, exprs ? exprs[i] : NULL);
}

static void put_keys(canon *c, const lambda_scope *scope, uint32_t n, const gbx__sort_key *keys)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) {
        put_expr(c, scope, keys[i].expr);
        put_flag(c, keys[i].descending);
        put_flag(c, keys[i].nulls_first);
    }
}

static void put_agg(canon *c, const lambda_scope *scope, const gbx__agg_spec *agg)
{
    put_flag(c, agg->distinct);
    if (agg->is_state) put_flag(c, true);
    put_some(c, scope, agg->filter);
    put_keys(c, scope, agg->n_order, agg->order);
}

static void put_window(canon *c, const lambda_scope *scope, const gbx__window_spec *w)
{
    put_exprs(c, scope, w->n_partitions, w->partitions);
    put_keys(c, scope, w->n_order, w->order);
    put_text(c, gbx__frame_unit_text(w->unit));
    put_text(c, gbx__bound_kind_text(w->start));
    put_text(c, gbx__bound_kind_text(w->end));
    put_text(c, gbx__frame_exclude_text(w->exclude));
    put_some(c, scope, w->start_offset);
    put_some(c, scope, w->end_offset);
    put_flag(c, w->distinct);
    put_flag(c, w->ignore_nulls);
    put_some(c, scope, w->filter);
    put_keys(c, scope, w->n_arg_order, w->arg_order);
}

static void put_payload(canon *c, const lambda_scope *scope, const gbx__expr *expr)
{
    switch (expr->kind) {
    case GBX_EX_COLUMN: put_column(c, scope, expr->col); break;
    case GBX_EX_CONST: put_value(c, expr->type, expr->value); break;
    case GBX_EX_PARAM: put_str(c, expr->name); break;
    case GBX_EX_CAST: put_flag(c, expr->is_try); break;
    case GBX_EX_LAMBDA: put_u64(c, expr->lambda.n_params); break;
    case GBX_EX_AGG: put_agg(c, scope, expr->agg); break;
    case GBX_EX_WINDOW:
        put_flag(c, expr->fn->kind == GBX_FN_AGGREGATE);
        put_window(c, scope, expr->window);
        break;
    case GBX_EX_CALL:
    case GBX_EX_CASE:
    case GBX_EX_UNNEST:
    case GBX_EX_KINDS: break;
    }
}

static void put_expr(canon *c, const lambda_scope *scope, const gbx__expr *expr)
{
    const bool is_lambda = expr->kind == GBX_EX_LAMBDA;
    const lambda_scope inner = {.up = scope, .lambda = expr};
    put_text(c, gbx__expr_kind_text(expr->kind));
    put_type(c, expr->type);
    put_text(c, expr->fn ? expr->fn->name : "");
    put_payload(c, scope, expr);
    put_strs(c, expr->n_args, expr->arg_names);
    put_exprs(c, is_lambda ? &inner : scope, expr->n_args, expr->args);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void put_csv(canon *c, const gbx__csv_dialect *csv)
{
    put_flag(c, csv);
    if (!csv) return;
    const char bytes[] = {csv->quote, csv->escape, csv->comment, csv->decimal_separator};
    put_text(c, csv->delimiter);
    put_str(c, (gbx__str){bytes, sizeof(bytes)});
    put_flag(c, csv->has_header);
    put_i64(c, csv->skip_rows);
    put_str(c, csv->newline);
    put_str(c, csv->date_format);
    put_str(c, csv->timestamp_format);
    put_strs(c, csv->n_null_texts, csv->null_texts);
    put_str(c, csv->encoding);
    put_flag(c, csv->all_varchar);
    put_flag(c, csv->ignore_errors);
    put_flag(c, csv->null_padding);
    put_flag(c, csv->strict);
    put_i64(c, csv->max_line_size);
}

/* Where the rows come from and how they are read: no statistics, no fingerprint. The files that a
 * pattern stands for today are not the question. */
static void put_scan(canon *c, const gbx__scan *scan)
{
    const bool is_named = scan->format == GBX_SCAN_STREAM || scan->format == GBX_SCAN_TABLE;
    put_text(c, gbx__scan_format_text(scan->format));
    put_str(c, is_named ? scan->name : GBX_STR(""));
    put_str(c, scan->location);
    put_strs(c, scan->location.len ? 0 : scan->n_paths, scan->paths);
    put_fields(c, scan->n_fields, scan->fields);
    put_u64(c, scan->n_partitions);
    put_csv(c, scan->csv);
    put_str(c, scan->compression);
    put_str(c, scan->json_layout);
    put_str(c, scan->inner_name);
    put_u64(c, scan->n_options);
    for (uint32_t i = 0; i < scan->n_options; i++) {
        put_str(c, scan->options[i].name);
        put_type(c, scan->options[i].type);
        put_value(c, scan->options[i].type, &scan->options[i].value);
    }
    put_flag(c, scan->is_bounded);
    put_flag(c, scan->union_by_name);
    put_flag(c, scan->hive_partitioning);
    put_str(c, scan->filename_column);
}

static void put_numbers(canon *c, uint32_t n, const uint32_t *numbers)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) put_u64(c, numbers[i]);
}

static void put_sets(canon *c, uint32_t n, const gbx__grouping_set *sets)
{
    put_u64(c, n);
    for (uint32_t i = 0; i < n; i++) put_numbers(c, sets[i].n, sets[i].keys);
}

static void put_table_fn(canon *c, const gbx__node *node)
{
    put_text(c, node->table_fn.fn->name);
    put_exprs(c, NULL, node->table_fn.n_args, node->table_fn.args);
    put_strs(c, node->table_fn.n_args, node->table_fn.arg_names);
    put_fields(c, node->table_fn.n_fields, node->table_fn.fields);
    put_numbers(c, node->table_fn.n_used, node->table_fn.used);
    put_flag(c, node->table_fn.with_ordinality);
}

/* A user's function sees the names of what it gets and says those of what it gives. */
static void put_call(canon *c, const gbx__node *node)
{
    put_str(c, node->call.language);
    put_str(c, node->call.entry);
    put_str(c, node->call.code);
    put_str(c, node->call.batch_form);
    put_flag(c, node->call.is_pure);
    gbx__canon_names(node, c->put, c->ctx);
    if (node->n_inputs) gbx__canon_names(node->inputs[0], c->put, c->ctx);
}

/* How many ctes lie between the reference and what it refers to. */
static void put_cte_ref(canon *c, const gbx__node *node, const gbx__canon_scope *scope)
{
    uint64_t out = 0;
    for (; scope && scope->cte != node->cte_ref.id; scope = scope->up) out++;
    put_u64(c, out);
    put_numbers(c, node->n_cols, node->cte_ref.fields);
}

static void put_node_payload(canon *c, const gbx__node *node, const gbx__canon_scope *scope)
{
    switch (node->kind) {
    case GBX_NODE_SCAN:
        put_scan(c, node->scan.scan);
        put_numbers(c, node->n_cols, node->scan.fields);
        break;
    case GBX_NODE_VALUES:
        put_u64(c, node->values.n_rows);
        for (uint32_t i = 0; i < node->values.n_rows; i++) {
            put_exprs(c, NULL, node->n_cols, node->values.rows[i]);
        }
        break;
    case GBX_NODE_FILTER: put_exprs(c, NULL, node->filter.n, node->filter.conjuncts); break;
    case GBX_NODE_PROJECT: put_exprs(c, NULL, node->n_cols, node->project.exprs); break;
    case GBX_NODE_AGGREGATE:
        put_exprs(c, NULL, node->aggregate.n_groups, node->aggregate.groups);
        put_exprs(c, NULL, node->aggregate.n_aggs, node->aggregate.aggs);
        put_sets(c, node->aggregate.n_sets, node->aggregate.sets);
        put_sets(c, node->aggregate.n_grouping, node->aggregate.grouping);
        break;
    case GBX_NODE_JOIN:
        put_text(c, gbx__join_kind_text(node->join.kind));
        put_flag(c, node->join.is_asof);
        put_exprs(c, NULL, node->join.n_on, node->join.on);
        break;
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
        put_keys(c, NULL, node->sort.n_keys, node->sort.keys);
        put_some(c, NULL, node->sort.limit);
        put_some(c, NULL, node->sort.offset);
        put_flag(c, node->sort.is_percent);
        break;
    case GBX_NODE_DISTINCT:
        put_exprs(c, NULL, node->distinct.n_on, node->distinct.on);
        put_keys(c, NULL, node->distinct.n_order, node->distinct.order);
        break;
    case GBX_NODE_SETOP:
        put_text(c, gbx__setop_kind_text(node->setop.kind));
        put_flag(c, node->setop.all);
        break;
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST: put_exprs(c, NULL, node->window.n_exprs, node->window.exprs); break;
    case GBX_NODE_SAMPLE:
        put_text(c, gbx__sample_method_text(node->sample.method));
        put_flag(c, node->sample.is_percent);
        put_double(c, node->sample.amount);
        put_flag(c, node->sample.has_seed);
        put_i64(c, node->sample.seed);
        break;
    case GBX_NODE_PIVOT:
        put_u64(c, node->pivot.n_groups);
        put_strs(c, node->pivot.n_labels, node->pivot.labels);
        put_exprs(c, NULL, node->pivot.n_aggs, node->pivot.defaults);
        break;
    case GBX_NODE_CTE: put_flag(c, node->cte.materialized); break;
    case GBX_NODE_RECURSIVE: put_flag(c, node->cte.union_all); break;
    case GBX_NODE_CTE_REF: put_cte_ref(c, node, scope); break;
    case GBX_NODE_TABLE_FN: put_table_fn(c, node); break;
    case GBX_NODE_CALL: put_call(c, node); break;
    case GBX_NODE_SINK:
        put_str(c, node->sink.format);
        put_str(c, node->sink.path);
        gbx__canon_names(node->inputs[0], c->put, c->ctx);
        break;
    case GBX_NODE_KINDS: break;
    }
}

void gbx__canon_node(const gbx__node *node, const gbx__canon_scope *scope, gbx__canon_put *put,
                     void *ctx)
{
    canon c = {.put = put, .ctx = ctx, .node = node};
    put_text(&c, gbx__node_kind_text(node->kind));
    put_u64(&c, node->n_cols);
    for (uint32_t i = 0; i < node->n_cols; i++) put_type(&c, node->cols[i].type);
    put_node_payload(&c, node, scope);
    put_u64(&c, node->n_inputs);
}

void gbx__canon_names(const gbx__node *node, gbx__canon_put *put, void *ctx)
{
    canon c = {.put = put, .ctx = ctx, .node = node};
    put_u64(&c, node->n_cols);
    for (uint32_t i = 0; i < node->n_cols; i++) put_str(&c, node->cols[i].name);
}
