#include "engine/host/prepare.h"

#include "base/json.h"
#include "sql/sql.h"

#include <stdio.h>
#include <string.h>

/* Binding and answers know no other (duck/connection.c). */
#define PREPARE_TIMEZONE "UTC"

static void put_text(gbx__buf *out, const char *key, gbx__str text)
{
    gbx__buf_printf(out, "\"%s\":", key);
    gbx__json_write_str(out, text);
}

static void put_type(gbx__buf *out, const gbx__type *type)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__type_print(&text, type);
    if (text.failed) out->failed = true;
    put_text(out, "type", gbx__buf_view(&text));
}

static void put_column(gbx__buf *out, gbx__str name, const gbx__type *type)
{
    gbx__buf_putc(out, '{');
    put_text(out, "name", name);
    gbx__buf_putc(out, ',');
    put_type(out, type);
    gbx__buf_putc(out, '}');
}

/* --- the plan, with DuckDB's words for its expressions ---------------------------------------- */

typedef struct expr_texts {
    gbx__sql_exprs *exprs;
    gbx__buf text;
} expr_texts;

/* What has no words gets none: the host has a function for it, or says that it has not. */
static void put_duckdb(void *ctx, gbx__buf *out, const gbx__expr *expr)
{
    expr_texts *texts = ctx;
    gbx__buf_clear(&texts->text);
    const gbx_status status = gbx__sql_exprs_print(texts->exprs, expr, &texts->text, NULL);
    if (status == GBX_NOMEM) out->failed = true;
    if (status != GBX_OK) return;
    gbx__buf_putc(out, ',');
    put_text(out, "duckdb", gbx__buf_view(&texts->text));
}

static gbx_status put_plan(gbx__buf *out, const gbx_plan *plan, gbx_error *err)
{
    expr_texts texts = {0};
    GBX_TRY(gbx__sql_exprs_open(plan, GBX_DIALECT_DUCKDB, &texts.exprs, err));
    gbx__buf_puts(out, ",\"plan\":");
    gbx__plan_to_json_with(out, plan, put_duckdb, &texts);
    gbx__sql_exprs_close(texts.exprs);
    gbx__buf_done(&texts.text);
    return GBX_OK;
}

/* --- the plan as a dialect's text ------------------------------------------------------------ */

static void put_table(gbx__buf *out, const gbx__host_table *table)
{
    gbx__buf_putc(out, '{');
    put_text(out, "name", table->name);
    gbx__buf_puts(out, ",\"columns\":[");
    for (uint32_t i = 0; i < table->n_cols; i++) {
        char name[16];
        snprintf(name, sizeof(name), "c%u", table->cols[i].id);
        if (i > 0) gbx__buf_putc(out, ',');
        put_column(out, gbx__str_of(name), table->cols[i].type);
    }
    gbx__buf_puts(out, "],");
    if (!table->scan) {
        put_text(out, "text", table->text);
        gbx__buf_putc(out, '}');
        return;
    }
    gbx__buf_puts(out, "\"scan\":");
    gbx__scan_to_json(out, table->scan);
    gbx__buf_puts(out, ",\"fields\":[");
    for (uint32_t i = 0; i < table->n_cols; i++) {
        gbx__buf_puts(out, i > 0 ? "," : "");
        if (table->fields[i] == GBX_SCAN_ROWID)
            gbx__buf_puts(out, "\"rowid\"");
        else
            gbx__buf_printf(out, "%u", table->fields[i]);
    }
    gbx__buf_puts(out, "]}");
}

static void put_kernel(gbx__buf *out, const gbx__host_kernel *kernel)
{
    gbx__buf_putc(out, '{');
    put_text(out, "name", kernel->name);
    gbx__buf_puts(out, ",\"args\":[");
    for (uint32_t i = 0; i < kernel->n_args; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__type_print(&type, kernel->args[i]);
        if (type.failed) out->failed = true;
        gbx__buf_puts(out, i > 0 ? "," : "");
        gbx__json_write_str(out, gbx__buf_view(&type));
    }
    gbx__buf_puts(out, "],");
    put_type(out, kernel->type);
    gbx__buf_putc(out, ',');
    put_text(out, "duckdb", kernel->duckdb);
    gbx__buf_putc(out, '}');
}

static gbx_status put_sql(gbx__buf *out, gbx__dialect_id dialect, const gbx_plan *plan,
                          gbx_error *err)
{
    const gbx__print_options options = {.dialect = dialect};
    gbx__host_sql sql = {0};
    GBX_TRY(gbx__sql_print_host(plan, &options, &sql, err));
    gbx__buf_puts(out, ",\"sql\":{");
    put_text(out, "text", sql.text);
    gbx__buf_puts(out, ",\"tables\":[");
    for (uint32_t i = 0; i < sql.n_tables; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        put_table(out, &sql.tables[i]);
    }
    gbx__buf_puts(out, "],\"kernels\":[");
    for (uint32_t i = 0; i < sql.n_kernels; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        put_kernel(out, &sql.kernels[i]);
    }
    gbx__buf_puts(out, "]}");
    gbx__host_sql_done(&sql);
    return GBX_OK;
}

/* --- what goes with it ------------------------------------------------------------------------ */

static void put_columns(gbx__buf *out, const gbx__node *root)
{
    gbx__buf_puts(out, ",\"columns\":[");
    for (uint32_t i = 0; i < root->n_cols; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        put_column(out, root->cols[i].name, root->cols[i].type);
    }
    gbx__buf_putc(out, ']');
}

typedef struct scan_search {
    gbx__str name;
    const gbx__scan *found;
} scan_search;

static bool search_stream(const gbx__node *node, void *ctx)
{
    scan_search *search = ctx;
    if (node->kind != GBX_NODE_SCAN || node->scan.scan->format != GBX_SCAN_STREAM ||
        !gbx__str_equal(node->scan.scan->name, search->name))
        return true;
    search->found = node->scan.scan;
    return false;
}

static gbx_status put_input(gbx__buf *out, const gbx_plan *plan, const gbx__stream_input *input,
                            size_t number, gbx_error *err)
{
    scan_search search = {.name = input->name};
    gbx__plan_walk(plan->root, search_stream, &search);
    if (!search.found)
        return GBX_FAIL(err, GBX_INTERNAL, "the input '%.*s' is not in the plan",
                        GBX_STR_ARG(input->name));
    gbx__buf_printf(out, "%s{\"stream\":%zu,", number > 1 ? "," : "", number);
    put_text(out, "name", input->name);
    gbx__buf_puts(out, ",\"columns\":[");
    for (uint32_t i = 0; i < search.found->n_fields; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        put_column(out, search.found->fields[i].name, search.found->fields[i].type);
    }
    gbx__buf_puts(out, "]}");
    return GBX_OK;
}

static gbx_status put_inputs(gbx__buf *out, const gbx__fragment *fragment, gbx_error *err)
{
    gbx__buf_puts(out, ",\"inputs\":[");
    for (size_t i = 0; i < fragment->n_inputs; i++)
        GBX_TRY(put_input(out, fragment->plan, &fragment->inputs[i], i + 1, err));
    gbx__buf_putc(out, ']');
    return GBX_OK;
}

static void put_params(gbx__buf *out, const gbx__fragment *fragment)
{
    const char *comma = "";
    gbx__buf_puts(out, ",\"params\":[");
    for (size_t i = 0; i < fragment->n_params; i++) {
        const gbx__param_value *param = &fragment->params[i];
        if (!param->type) continue;
        gbx__buf_printf(out, "%s{", comma);
        comma = ",";
        put_text(out, "name", param->name);
        gbx__buf_putc(out, ',');
        put_type(out, param->type);
        gbx__buf_puts(out, ",\"value\":");
        gbx__value_to_json(out, param->type, param->value);
        gbx__buf_putc(out, '}');
    }
    gbx__buf_putc(out, ']');
}

gbx_status gbx__host_prepare_json(const gbx__host_caps *caps, int64_t job,
                                  const gbx__fragment *fragment, gbx__buf *out, gbx_error *err)
{
    if (!fragment->plan) return GBX_FAIL(err, GBX_UNSUPPORTED, "the engine does not speak SQL");
    const bool is_plan = strcmp(caps->speaks, "plan") == 0;
    const gbx__dialect_id dialect = gbx__dialect_find(gbx__str_of(caps->speaks));
    if (!is_plan && dialect == GBX_DIALECTS)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "there is no dialect '%s'", caps->speaks);
    gbx__buf_printf(out, "{\"type\":\"prepare\",\"job\":%lld", (long long)job);
    GBX_TRY(is_plan ? put_plan(out, fragment->plan, err)
                    : put_sql(out, dialect, fragment->plan, err));
    put_columns(out, fragment->plan->root);
    GBX_TRY(put_inputs(out, fragment, err));
    put_params(out, fragment);
    gbx__buf_puts(out, ",\"timezone\":\"" PREPARE_TIMEZONE "\"");
    gbx__buf_printf(out, ",\"now_us\":%lld,\"seed\":%lld}", (long long)fragment->now_us,
                    (long long)fragment->seed);
    return out->failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}
