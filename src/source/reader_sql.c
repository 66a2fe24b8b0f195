/* Calls of DuckDB's readers as text, and the columns that they would give. */
#include "base/vec.h"
#include "source/source_priv.h"

#include <string.h>

void gbx__source_quote_path(gbx__buf *out, gbx__str path)
{
    GBX_AUTO(gbx__buf_done) gbx__buf escaped = {0};
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        const bool is_wild = c == '*' || c == '?' || c == '[';
        if (is_wild) gbx__buf_putc(&escaped, '[');
        gbx__buf_putc(&escaped, c);
        if (is_wild) gbx__buf_putc(&escaped, ']');
    }
    gbx__duck_quote_text(out, gbx__buf_view(&escaped));
    if (escaped.failed) out->failed = true;
}

void gbx__source_sql_paths(gbx__buf *sql, const gbx__scan *scan)
{
    gbx__buf_putc(sql, '[');
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        if (i > 0) gbx__buf_puts(sql, ", ");
        gbx__source_quote_path(sql, scan->paths[i]);
    }
    gbx__buf_putc(sql, ']');
}

static void sql_type(gbx__buf *sql, const gbx__type *type)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__duck_type_print(&text, type);
    gbx__duck_quote_text(sql, gbx__buf_view(&text));
    if (text.failed) sql->failed = true;
}

void gbx__source_sql_columns(gbx__buf *sql, const gbx__field *fields, uint32_t n_fields)
{
    gbx__buf_putc(sql, '{');
    for (uint32_t i = 0; i < n_fields; i++) {
        if (i > 0) gbx__buf_puts(sql, ", ");
        gbx__duck_quote_text(sql, fields[i].name);
        gbx__buf_puts(sql, ": ");
        sql_type(sql, fields[i].type);
    }
    gbx__buf_putc(sql, '}');
}

gbx_status gbx__source_sql_file_options(gbx__probe *probe, gbx__buf *sql,
                                        const gbx__file_options *options)
{
    if (options->has_hive) {
        gbx__buf_printf(sql, ", hive_partitioning := %s", options->hive ? "true" : "false");
    }
    if (options->hive_types) GBX_TRY(gbx__source_option_print(probe, sql, options->hive_types));
    if (options->hive_autocast) {
        GBX_TRY(gbx__source_option_print(probe, sql, options->hive_autocast));
    }
    if (options->union_by_name) gbx__buf_puts(sql, ", union_by_name := true");
    if (options->filename_column.len > 0) {
        gbx__buf_puts(sql, ", filename := ");
        gbx__duck_quote_text(sql, options->filename_column);
    }
    return GBX_OK;
}

void gbx__source_sql_own_options(gbx__buf *sql, const gbx__file_options *options)
{
    gbx__buf_puts(sql, ", hive_partitioning := false");
    if (options->union_by_name) gbx__buf_puts(sql, ", union_by_name := true");
}

gbx_status gbx__source_sql_check(gbx__probe *probe, const gbx__buf *sql)
{
    return sql->failed ? GBX_FAIL_NOMEM(probe->err) : GBX_OK;
}

gbx_status gbx__source_check_name(gbx__str name, size_t index, gbx_error *err)
{
    if (name.len > 0 && memchr(name.ptr, '\0', name.len)) {
        return GBX_FAIL(err, GBX_INVALID, "the name of column %zu has a NUL byte", index + 1);
    }
    if (gbx__utf8_valid_prefix(name.ptr, name.len) == name.len) return GBX_OK;
    return GBX_FAIL(err, GBX_INVALID, "the name of column %zu is not UTF-8", index + 1);
}

/* ---- describe -------------------------------------------------------------------------------- */

typedef struct describer {
    gbx__arena *arena;
    GBX_VEC(gbx__field) fields;
} describer;

static gbx_status take_column(void *ctx, gbx__str name, gbx__str type_text, gbx_error *err)
{
    describer *d = ctx;
    GBX_TRY(gbx__source_check_name(name, d->fields.len, err));
    gbx__field field = {.name = gbx__arena_str(d->arena, name)};
    if (!field.name.ptr) return GBX_FAIL_NOMEM(err);
    const gbx_status status = gbx__duck_type_parse(d->arena, type_text, &field.type, err);
    if (status != GBX_OK) {
        gbx__error_prefix(err, "column %.*s", GBX_STR_ARG(name));
        return status;
    }
    if (!gbx__vec_push(&d->fields, field)) return GBX_FAIL_NOMEM(err);
    return GBX_OK;
}

gbx_status gbx__source_describe(gbx__probe *probe, const gbx__buf *sql, gbx__field **out,
                                uint32_t *n_out)
{
    describer d = {.arena = probe->arena};
    GBX_TRY(gbx__source_sql_check(probe, sql));
    gbx_status status =
        gbx__duck_describe(probe->ctx->conn, sql->data, take_column, &d, probe->err);
    if (status == GBX_OK) {
        *out = GBX_ARENA_ARRAY(probe->arena, d.fields.len, gbx__field);
        *n_out = (uint32_t)d.fields.len;
        if (!*out) status = GBX_FAIL_NOMEM(probe->err);
        else if (d.fields.len) memcpy(*out, d.fields.items, d.fields.len * sizeof(gbx__field));
    }
    gbx__vec_done(&d.fields);
    return status;
}
