/*
 * Plan → JSON. What is at its default is left out; json_read.c puts it back. The form is described
 * in docs/plan-json.md.
 */
#include "plan/plan_priv.h"

#include "base/alloc.h"
#include "base/json.h"

/* A node that several others have as input is written once, with a number, and then named by it. */
typedef struct share {
    uint32_t n_parents;
    uint32_t number; /* 0: not written yet */
} share;

typedef struct writer {
    gbx__buf *out;
    share *shares; /* by node id */
    uint32_t n_shared;
    uint32_t expr_depth; /* of the expressions around; 0: directly under an operator */
    gbx__json_members *members;
    void *members_ctx;
} writer;

static void put_expr(writer *w, const gbx__expr *expr);

/* ---- pieces of JSON -------------------------------------------------------------------------- */

/* A comma, unless something was just opened. A text ends in a quote, so the last byte can tell. */
static void put_comma(writer *w)
{
    const char last = w->out->len ? w->out->data[w->out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':') gbx__buf_putc(w->out, ',');
}

static void put_key(writer *w, const char *key)
{
    put_comma(w);
    gbx__buf_printf(w->out, "\"%s\":", key);
}

static void put_open(writer *w, char bracket)
{
    put_comma(w);
    gbx__buf_putc(w->out, bracket);
}

static void put_close(writer *w, char bracket)
{
    gbx__buf_putc(w->out, bracket);
}

static void put_hex(writer *w, gbx__str bytes)
{
    gbx__buf_putc(w->out, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = (unsigned char)bytes.ptr[i];
        gbx__buf_putc(w->out, "0123456789abcdef"[c >> 4]);
        gbx__buf_putc(w->out, "0123456789abcdef"[c & 15]);
    }
    gbx__buf_putc(w->out, '"');
}

/* JSON's texts are UTF-8; names of files need not be. */
static void put_str(writer *w, gbx__str text)
{
    put_comma(w);
    if (gbx__utf8_valid_prefix(text.ptr, text.len) == text.len) {
        gbx__json_write_str(w->out, text);
        return;
    }
    gbx__buf_puts(w->out, "{\"hex\":");
    put_hex(w, text);
    gbx__buf_putc(w->out, '}');
}

static void put_text_of(writer *w, const char *key, const char *text)
{
    put_key(w, key);
    gbx__json_write_str(w->out, gbx__str_of(text));
}

/* Programs that keep numbers as doubles hold integers up to 2^53: larger ones are texts. */
#define SAFE_INTEGER (INT64_C(1) << 53)

static void put_int(writer *w, int64_t value)
{
    const bool is_safe = value >= -SAFE_INTEGER && value <= SAFE_INTEGER;
    put_comma(w);
    gbx__buf_printf(w->out, is_safe ? "%lld" : "\"%lld\"", (long long)value);
}

static void put_type(writer *w, const gbx__type *type)
{
    gbx__buf text;
    gbx__buf_init(&text, 0);
    gbx__type_print(&text, type);
    if (text.failed) w->out->failed = true;
    put_str(w, gbx__buf_view(&text));
    gbx__buf_done(&text);
}

/* Members that are left out when they say nothing. */
static void put_some_str(writer *w, const char *key, gbx__str text)
{
    if (text.len == 0) return;
    put_key(w, key);
    put_str(w, text);
}

static void put_some_flag(writer *w, const char *key, bool value)
{
    if (!value) return;
    put_key(w, key);
    gbx__buf_puts(w->out, "true");
}

static void put_some_int(writer *w, const char *key, int64_t value, int64_t unless)
{
    if (value == unless) return;
    put_key(w, key);
    put_int(w, value);
}

static void put_some_char(writer *w, const char *key, char c)
{
    if (c) put_some_str(w, key, (gbx__str){&c, 1});
}

static void put_some_expr(writer *w, const char *key, const gbx__expr *expr)
{
    if (!expr) return;
    put_key(w, key);
    put_expr(w, expr);
}

static void put_some_exprs(writer *w, const char *key, uint32_t n, const gbx__expr *const *exprs)
{
    if (n == 0 || !exprs) return;
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) put_expr(w, exprs[i]);
    put_close(w, ']');
}

static void put_some_keys(writer *w, const char *key, uint32_t n, const gbx__sort_key *keys)
{
    if (n == 0) return;
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) {
        put_open(w, '{');
        put_some_expr(w, "expr", keys[i].expr);
        put_some_flag(w, "desc", keys[i].descending);
        put_some_flag(w, "nulls_first", keys[i].nulls_first);
        put_close(w, '}');
    }
    put_close(w, ']');
}

static void put_some_strs(writer *w, const char *key, uint32_t n, const gbx__str *texts)
{
    if (n == 0 || !texts) return;
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) put_str(w, texts[i]);
    put_close(w, ']');
}

static void put_numbers(writer *w, const char *key, uint32_t n, const uint32_t *numbers)
{
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) put_int(w, numbers[i]);
    put_close(w, ']');
}

static void put_some_pos(writer *w, gbx__pos pos)
{
    if (pos.offset < 0) return;
    put_key(w, "pos");
    put_open(w, '[');
    put_int(w, pos.offset);
    put_int(w, pos.len);
    put_close(w, ']');
}

static void put_fields(writer *w, const char *key, uint32_t n, const gbx__field *fields)
{
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) {
        put_open(w, '{');
        put_key(w, "name");
        put_str(w, fields[i].name);
        put_key(w, "type");
        put_type(w, fields[i].type);
        put_close(w, '}');
    }
    put_close(w, ']');
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_value(writer *w, const gbx__type *type, const gbx__value *value);

static void put_items(writer *w, const gbx__type *type, const gbx__value *value)
{
    put_open(w, '[');
    for (uint32_t i = 0; i < value->n_items; i++) {
        const gbx__type *item = gbx__value_item_type(type, value, i);
        if (item) put_value(w, item, &value->items[i]);
    }
    put_close(w, ']');
}

static void put_union(writer *w, const gbx__type *type, const gbx__value *value)
{
    put_open(w, '{');
    put_key(w, "tag");
    put_int(w, value->union_tag);
    put_key(w, "value");
    put_value(w, gbx__value_item_type(type, value, 0), &value->items[0]);
    put_close(w, '}');
}

static void put_interval(writer *w, gbx__interval interval)
{
    put_open(w, '[');
    put_int(w, interval.months);
    put_int(w, interval.days);
    put_int(w, interval.micros);
    put_close(w, ']');
}

/* What has an exact text of digits. */
static void put_digits(writer *w, const gbx__type *type, const gbx__value *value)
{
    put_open(w, '"');
    switch (type->kind) {
    case GBX_TYPE_INT128: gbx__int128_print(w->out, value->i128); break;
    case GBX_TYPE_UINT128: gbx__uint128_print(w->out, value->i128); break;
    case GBX_TYPE_UUID: gbx__uuid_print(w->out, value->i128); break;
    default: gbx__decimal_print(w->out, value->i128, type->scale); break;
    }
    put_close(w, '"');
}

static void put_uint64(writer *w, uint64_t value)
{
    put_comma(w);
    gbx__buf_printf(w->out, value <= (uint64_t)SAFE_INTEGER ? "%llu" : "\"%llu\"",
                    (unsigned long long)value);
}

static void put_value(writer *w, const gbx__type *type, const gbx__value *value)
{
    if (value->is_null) {
        put_comma(w);
        gbx__buf_puts(w->out, "null");
        return;
    }
    switch (type->kind) {
    case GBX_TYPE_BOOL:
        put_comma(w);
        gbx__buf_puts(w->out, value->boolean ? "true" : "false");
        break;
    case GBX_TYPE_UINT64: put_uint64(w, value->u64); break;
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128:
    case GBX_TYPE_UUID:
    case GBX_TYPE_DECIMAL: put_digits(w, type, value); break;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64:
        put_comma(w);
        gbx__json_write_double(w->out, value->f64);
        break;
    case GBX_TYPE_INTERVAL: put_interval(w, value->interval); break;
    case GBX_TYPE_BINARY:
        put_comma(w);
        put_hex(w, value->text);
        break;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP: put_items(w, type, value); break;
    case GBX_TYPE_UNION: put_union(w, type, value); break;
    case GBX_TYPE_UTF8:
    case GBX_TYPE_JSON:
    case GBX_TYPE_ENUM:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY: put_str(w, value->text); break;
    default: put_int(w, value->i64); break;
    }
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void put_window(writer *w, const gbx__window_spec *spec)
{
    put_some_exprs(w, "partitions", spec->n_partitions, spec->partitions);
    put_some_keys(w, "order", spec->n_order, spec->order);
    put_text_of(w, "unit", gbx__frame_unit_text(spec->unit));
    put_text_of(w, "start", gbx__bound_kind_text(spec->start));
    put_text_of(w, "end", gbx__bound_kind_text(spec->end));
    put_some_expr(w, "start_offset", spec->start_offset);
    put_some_expr(w, "end_offset", spec->end_offset);
    if (spec->exclude != GBX_EXCLUDE_NO_OTHERS) {
        put_text_of(w, "exclude", gbx__frame_exclude_text(spec->exclude));
    }
    put_some_flag(w, "distinct", spec->distinct);
    put_some_flag(w, "ignore_nulls", spec->ignore_nulls);
    put_some_expr(w, "filter", spec->filter);
    put_some_keys(w, "arg_order", spec->n_arg_order, spec->arg_order);
}

static void put_expr_payload(writer *w, const gbx__expr *expr)
{
    switch (expr->kind) {
    case GBX_EX_COLUMN:
        put_key(w, "col");
        put_int(w, expr->col);
        break;
    case GBX_EX_CONST:
        put_key(w, "value");
        put_value(w, expr->type, expr->value);
        break;
    case GBX_EX_PARAM:
        put_key(w, "name");
        put_str(w, expr->name);
        break;
    case GBX_EX_CAST: put_some_flag(w, "try", expr->is_try); break;
    case GBX_EX_LAMBDA: put_numbers(w, "params", expr->lambda.n_params, expr->lambda.params); break;
    case GBX_EX_AGG:
        put_some_flag(w, "distinct", expr->agg->distinct);
        put_some_flag(w, "state", expr->agg->is_state);
        put_some_expr(w, "filter", expr->agg->filter);
        put_some_keys(w, "order", expr->agg->n_order, expr->agg->order);
        break;
    case GBX_EX_WINDOW:
        put_some_flag(w, "aggregate", expr->fn->kind == GBX_FN_AGGREGATE);
        put_window(w, expr->window);
        break;
    case GBX_EX_CALL:
    case GBX_EX_CASE:
    case GBX_EX_UNNEST:
    case GBX_EX_KINDS: break;
    }
}

/* What an aggregate, a window or an unnest takes is an operator's own expression, too. */
static bool is_operators_own(const gbx__expr *expr)
{
    return expr->kind == GBX_EX_AGG || expr->kind == GBX_EX_WINDOW || expr->kind == GBX_EX_UNNEST;
}

static void put_expr(writer *w, const gbx__expr *expr)
{
    const uint32_t deeper = w->expr_depth > 0 || !is_operators_own(expr);
    put_open(w, '{');
    put_text_of(w, "ex", gbx__expr_kind_text(expr->kind));
    put_key(w, "type");
    put_type(w, expr->type);
    put_some_pos(w, expr->pos);
    if (expr->fn) put_text_of(w, "fn", expr->fn->name);
    if (w->members && w->expr_depth == 0) w->members(w->members_ctx, w->out, expr);
    w->expr_depth += deeper;
    put_expr_payload(w, expr);
    put_some_exprs(w, "args", expr->n_args, expr->args);
    w->expr_depth -= deeper;
    put_some_strs(w, "arg_names", expr->n_args, expr->arg_names);
    put_close(w, '}');
}

/* ---- scans ----------------------------------------------------------------------------------- */

static void put_csv(writer *w, const gbx__csv_dialect *csv)
{
    put_key(w, "csv");
    put_open(w, '{');
    put_some_str(w, "delimiter", gbx__str_of(csv->delimiter));
    put_some_char(w, "quote", csv->quote);
    put_some_char(w, "escape", csv->escape);
    put_some_char(w, "comment", csv->comment);
    put_some_flag(w, "header", csv->has_header);
    put_some_int(w, "skip_rows", csv->skip_rows, 0);
    put_some_str(w, "newline", csv->newline);
    put_some_str(w, "date_format", csv->date_format);
    put_some_str(w, "timestamp_format", csv->timestamp_format);
    put_some_char(w, "decimal_separator", csv->decimal_separator);
    put_some_strs(w, "null_texts", csv->n_null_texts, csv->null_texts);
    put_some_str(w, "encoding", csv->encoding);
    put_some_flag(w, "all_varchar", csv->all_varchar);
    put_some_flag(w, "ignore_errors", csv->ignore_errors);
    put_some_flag(w, "null_padding", csv->null_padding);
    put_some_flag(w, "strict", csv->strict);
    put_some_int(w, "max_line_size", csv->max_line_size, 0);
    put_close(w, '}');
}

static void put_options(writer *w, const gbx__scan *scan)
{
    if (scan->n_options == 0) return;
    put_key(w, "options");
    put_open(w, '[');
    for (uint32_t i = 0; i < scan->n_options; i++) {
        const gbx__scan_option *option = &scan->options[i];
        put_open(w, '{');
        put_key(w, "name");
        put_str(w, option->name);
        put_key(w, "type");
        put_type(w, option->type);
        put_key(w, "value");
        put_value(w, option->type, &option->value);
        put_close(w, '}');
    }
    put_close(w, ']');
}

static void put_stats(writer *w, const gbx__scan *scan)
{
    if (!scan->stats) return;
    put_key(w, "stats");
    put_open(w, '[');
    for (uint32_t i = 0; i < scan->n_fields; i++) {
        const gbx__col_stats *stats = &scan->stats[i];
        put_open(w, '{');
        put_some_int(w, "null_count", stats->null_count, -1);
        if (stats->has_min_max) {
            put_key(w, "min");
            put_value(w, scan->fields[i].type, &stats->min);
            put_key(w, "max");
            put_value(w, scan->fields[i].type, &stats->max);
        }
        put_close(w, '}');
    }
    put_close(w, ']');
}

static void put_source(writer *w, const gbx__scan *scan)
{
    put_open(w, '{');
    put_text_of(w, "format", gbx__scan_format_text(scan->format));
    put_some_str(w, "name", scan->name);
    put_some_str(w, "location", scan->location);
    put_some_strs(w, "paths", scan->n_paths, scan->paths);
    put_fields(w, "fields", scan->n_fields, scan->fields);
    put_some_int(w, "partitions", scan->n_partitions, 0);
    if (scan->csv) put_csv(w, scan->csv);
    put_some_str(w, "compression", scan->compression);
    put_some_str(w, "json_layout", scan->json_layout);
    put_some_str(w, "inner_name", scan->inner_name);
    put_options(w, scan);
    put_some_flag(w, "unbounded", !scan->is_bounded);
    put_some_flag(w, "union_by_name", scan->union_by_name);
    put_some_flag(w, "files_differ", scan->files_differ);
    put_some_flag(w, "hive_partitioning", scan->hive_partitioning);
    put_some_str(w, "filename_column", scan->filename_column);
    put_some_int(w, "row_count", scan->row_count, -1);
    put_some_flag(w, "row_count_exact", scan->row_count_exact);
    put_some_int(w, "size_bytes", scan->size_bytes, -1);
    put_stats(w, scan);
    put_some_str(w, "fingerprint", scan->fingerprint);
    put_close(w, '}');
}

static void put_scan(writer *w, const gbx__scan *scan)
{
    put_key(w, "scan");
    put_source(w, scan);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void put_scan_fields(writer *w, const gbx__node *node)
{
    put_key(w, "fields");
    put_open(w, '[');
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->scan.fields[i] == GBX_SCAN_ROWID) {
            put_str(w, GBX_STR("rowid"));
        } else {
            put_int(w, node->scan.fields[i]);
        }
    }
    put_close(w, ']');
}

static void put_rows(writer *w, const gbx__node *node)
{
    put_key(w, "rows");
    put_open(w, '[');
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        put_open(w, '[');
        for (uint32_t j = 0; j < node->n_cols; j++) put_expr(w, node->values.rows[i][j]);
        put_close(w, ']');
    }
    put_close(w, ']');
}

static void put_sets(writer *w, const char *key, uint32_t n, const gbx__grouping_set *sets)
{
    if (n == 0) return;
    put_key(w, key);
    put_open(w, '[');
    for (uint32_t i = 0; i < n; i++) {
        put_open(w, '[');
        for (uint32_t j = 0; j < sets[i].n; j++) put_int(w, sets[i].keys[j]);
        put_close(w, ']');
    }
    put_close(w, ']');
}

static void put_sample(writer *w, const gbx__node *node)
{
    put_text_of(w, "method", gbx__sample_method_text(node->sample.method));
    put_some_flag(w, "percent", node->sample.is_percent);
    put_key(w, "amount");
    gbx__json_write_double(w->out, node->sample.amount);
    if (!node->sample.has_seed) return;
    put_key(w, "seed");
    put_int(w, node->sample.seed);
}

static void put_table_fn(writer *w, const gbx__node *node)
{
    put_text_of(w, "fn", node->table_fn.fn->name);
    put_some_exprs(w, "args", node->table_fn.n_args, node->table_fn.args);
    put_some_strs(w, "arg_names", node->table_fn.n_args, node->table_fn.arg_names);
    put_fields(w, "fields", node->table_fn.n_fields, node->table_fn.fields);
    put_numbers(w, "used", node->table_fn.n_used, node->table_fn.used);
    put_some_flag(w, "ordinality", node->table_fn.with_ordinality);
}

static void put_call(writer *w, const gbx__node *node)
{
    put_key(w, "language");
    put_str(w, node->call.language);
    put_some_str(w, "entry", node->call.entry);
    if (node->call.code.len) {
        char digest[33];
        gbx__hash_hex(gbx__hash_bytes(node->call.code.ptr, node->call.code.len), digest);
        put_key(w, "code");
        put_hex(w, node->call.code);
        put_text_of(w, "digest", digest);
    }
    put_some_str(w, "batch_form", node->call.batch_form);
    put_some_flag(w, "pure", node->call.is_pure);
}

static void put_node_payload(writer *w, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN:
        put_scan(w, node->scan.scan);
        put_scan_fields(w, node);
        break;
    case GBX_NODE_VALUES: put_rows(w, node); break;
    case GBX_NODE_FILTER:
        put_some_exprs(w, "conjuncts", node->filter.n, node->filter.conjuncts);
        break;
    case GBX_NODE_PROJECT: put_some_exprs(w, "exprs", node->n_cols, node->project.exprs); break;
    case GBX_NODE_AGGREGATE:
        put_some_exprs(w, "groups", node->aggregate.n_groups, node->aggregate.groups);
        put_some_exprs(w, "aggs", node->aggregate.n_aggs, node->aggregate.aggs);
        put_sets(w, "sets", node->aggregate.n_sets, node->aggregate.sets);
        put_sets(w, "grouping", node->aggregate.n_grouping, node->aggregate.grouping);
        break;
    case GBX_NODE_JOIN:
        put_text_of(w, "join", gbx__join_kind_text(node->join.kind));
        put_some_flag(w, "asof", node->join.is_asof);
        put_some_exprs(w, "on", node->join.n_on, node->join.on);
        break;
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN:
        put_some_keys(w, "keys", node->sort.n_keys, node->sort.keys);
        put_some_expr(w, "limit", node->sort.limit);
        put_some_expr(w, "offset", node->sort.offset);
        put_some_flag(w, "percent", node->sort.is_percent);
        break;
    case GBX_NODE_DISTINCT:
        put_some_exprs(w, "on", node->distinct.n_on, node->distinct.on);
        put_some_keys(w, "order", node->distinct.n_order, node->distinct.order);
        break;
    case GBX_NODE_SETOP:
        put_text_of(w, "setop", gbx__setop_kind_text(node->setop.kind));
        put_some_flag(w, "all", node->setop.all);
        break;
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST:
        put_some_exprs(w, "exprs", node->window.n_exprs, node->window.exprs);
        break;
    case GBX_NODE_SAMPLE: put_sample(w, node); break;
    case GBX_NODE_PIVOT:
        put_some_int(w, "n_groups", node->pivot.n_groups, 0);
        put_some_int(w, "n_aggs", node->pivot.n_aggs, 0);
        put_some_strs(w, "labels", node->pivot.n_labels, node->pivot.labels);
        put_some_exprs(w, "defaults", node->pivot.n_aggs, node->pivot.defaults);
        break;
    case GBX_NODE_CTE:
    case GBX_NODE_RECURSIVE:
        put_some_int(w, "cte", node->cte.id, 0);
        put_some_str(w, "name", node->cte.name);
        put_some_flag(w, "all", node->cte.union_all);
        put_some_flag(w, "materialized", node->cte.materialized);
        break;
    case GBX_NODE_CTE_REF:
        put_some_int(w, "cte", node->cte_ref.id, 0);
        put_numbers(w, "fields", node->n_cols, node->cte_ref.fields);
        break;
    case GBX_NODE_TABLE_FN: put_table_fn(w, node); break;
    case GBX_NODE_CALL: put_call(w, node); break;
    case GBX_NODE_SINK:
        put_some_str(w, "format", node->sink.format);
        put_some_str(w, "path", node->sink.path);
        break;
    case GBX_NODE_KINDS: break;
    }
}

/* The columns that the node makes: those passed on follow from its inputs. */
static void put_cols(writer *w, const gbx__node *node)
{
    const uint32_t n_passed = gbx__node_is_select(node) ? 0 : gbx__node_n_passed(node);
    if (node->n_cols == n_passed) return;
    put_key(w, "cols");
    put_open(w, '[');
    for (uint32_t i = n_passed; i < node->n_cols; i++) {
        put_open(w, '{');
        put_key(w, "id");
        put_int(w, node->cols[i].id);
        put_some_str(w, "name", node->cols[i].name);
        put_key(w, "type");
        put_type(w, node->cols[i].type);
        put_close(w, '}');
    }
    put_close(w, ']');
}

static void put_node(writer *w, const gbx__node *node)
{
    share *shared = &w->shares[node->id];
    put_open(w, '{');
    if (shared->number) {
        put_text_of(w, "op", "shared");
        put_some_int(w, "share", shared->number, 0);
        put_close(w, '}');
        return;
    }
    if (shared->n_parents > 1) shared->number = ++w->n_shared;
    put_text_of(w, "op", gbx__node_kind_text(node->kind));
    put_some_int(w, "share", shared->number, 0);
    put_some_pos(w, node->pos);
    put_node_payload(w, node);
    put_cols(w, node);
    if (node->n_inputs) {
        put_key(w, "inputs");
        put_open(w, '[');
        for (uint32_t i = 0; i < node->n_inputs; i++) put_node(w, node->inputs[i]);
        put_close(w, ']');
    }
    put_close(w, '}');
}

static bool count_parents(const gbx__node *node, void *ctx)
{
    writer *w = ctx;
    for (uint32_t i = 0; i < node->n_inputs; i++) w->shares[node->inputs[i]->id].n_parents++;
    return true;
}

void gbx__plan_to_json(gbx__buf *out, const gbx_plan *plan)
{
    gbx__plan_to_json_with(out, plan, NULL, NULL);
}

void gbx__value_to_json(gbx__buf *out, const gbx__type *type, const gbx__value *value)
{
    writer w = {.out = out};
    put_value(&w, type, value);
}

void gbx__scan_to_json(gbx__buf *out, const gbx__scan *scan)
{
    writer w = {.out = out};
    put_source(&w, scan);
}

void gbx__plan_to_json_with(gbx__buf *out, const gbx_plan *plan, gbx__json_members *members,
                            void *ctx)
{
    writer w = {.out = out,
                .shares = gbx__alloc_zero(plan->next_node * sizeof(share)),
                .members = members,
                .members_ctx = ctx};
    if (!w.shares || !gbx__plan_walk(plan->root, count_parents, &w)) {
        out->failed = true;
    } else {
        gbx__buf_printf(out, "{\"gearbox_plan\":%d,\"semantics\":%d", GBX_PLAN_JSON, GBX_SEMANTICS);
        put_some_str(&w, "text", plan->text);
        put_key(&w, "root");
        put_node(&w, plan->root);
        put_close(&w, '}');
    }
    gbx__alloc_free(w.shares);
}
