/*
 * Column statistics of Parquet footers: null counts, and least and greatest values where all row
 * groups tell them. One query, one output row per column:
 *
 *   column │ nulls │ row groups without bounds │ min │ max     (bounds as whole numbers or text)
 *
 * Bounds of floats say nothing of NaN: who reads them must not conclude that there is none. Bounds
 * of texts may be cut by the writer: they count only when they are marked as exact. A column that
 * not every row group has says nothing.
 */
#include "source/source_priv.h"

#include <stdlib.h>

/* SQL around a bound that makes it the number that a plan's value holds. */
typedef struct stats_form {
    const char *before, *behind;
} stats_form;

/* NULL: no bounds are read. */
static const stats_form *form_of(const gbx__type *type)
{
    static const stats_form plain = {"", ""};
    static const stats_form date = {"", " - DATE '1970-01-01'"};
    static const stats_form micros = {"epoch_us(", ")"};
    static const stats_form millis = {"epoch_ms(", ")"};
    static const stats_form nanos = {"epoch_ns(", ")"};
    static const stats_form seconds = {"epoch_ms(", ") // 1000"};
    if (gbx__type_is_integer(type) || gbx__type_is_float(type)) return &plain;
    switch ((int)type->kind) {
    case GBX_TYPE_BOOL:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UTF8: return &plain;
    case GBX_TYPE_DATE: return &date;
    case GBX_TYPE_TIMESTAMP: break;
    default: return NULL;
    }
    switch (type->unit) {
    case GBX_UNIT_S: return &seconds;
    case GBX_UNIT_MS: return &millis;
    case GBX_UNIT_US: return &micros;
    case GBX_UNIT_NS: return type->has_zone ? NULL : &nanos;
    }
    return NULL;
}

/* ---- the query ------------------------------------------------------------------------------- */

static void stats_bound(gbx__buf *sql, const gbx__type *type, const char *which)
{
    const stats_form *form = form_of(type);
    gbx__buf_printf(sql, "%s(TRY(%sTRY_CAST(stats_%s_value AS ", which, form->before, which);
    gbx__duck_type_print(sql, type);
    gbx__buf_printf(sql, ")%s))::VARCHAR", form->behind);
}

/* Row groups that hold values but do not say which, or do not have the column. */
static void stats_unknown(gbx__buf *sql, const gbx__type *type)
{
    gbx__buf_puts(sql, "(SELECT n FROM g) - count(*) + count(*) FILTER (WHERE num_values > "
                       "coalesce(stats_null_count, 0) AND (");
    static const char *const bounds[] = {"min", "max"};
    for (size_t i = 0; i < 2; i++) {
        gbx__buf_printf(sql, "%sTRY_CAST(stats_%s_value AS ", i ? " OR " : "", bounds[i]);
        gbx__duck_type_print(sql, type);
        gbx__buf_puts(sql, ") IS NULL");
        if (type->kind == GBX_TYPE_UTF8) {
            gbx__buf_printf(sql, " OR NOT coalesce(%s_is_exact, false)", bounds[i]);
        }
    }
    gbx__buf_puts(sql, "))");
}

static void stats_column(gbx__buf *sql, const gbx__field *field, uint32_t index)
{
    const gbx__type *type = field->type;
    gbx__buf_printf(sql,
                    "SELECT %u AS i, CASE WHEN (SELECT n FROM g) = count(stats_null_count) THEN "
                    "sum(stats_null_count) END::VARCHAR AS nulls, ",
                    (unsigned)index);
    if (form_of(type)) {
        stats_unknown(sql, type);
        gbx__buf_puts(sql, " AS unknown, ");
        stats_bound(sql, type, "min");
        gbx__buf_puts(sql, " AS low, ");
        stats_bound(sql, type, "max");
        gbx__buf_puts(sql, " AS high");
    } else {
        gbx__buf_puts(sql, "1 AS unknown, NULL::VARCHAR AS low, NULL::VARCHAR AS high");
    }
    gbx__buf_puts(sql, " FROM m WHERE path_in_schema = ");
    gbx__duck_quote_text(sql, field->name);
}

/* Nested columns are left out: their footers tell of their parts. The first row is the number of
 * rows in all row groups. */
static void stats_sql(const gbx__scan *scan, uint32_t n_own, gbx__buf *sql)
{
    gbx__buf_puts(sql, "WITH m AS MATERIALIZED (SELECT path_in_schema, num_values, "
                       "stats_null_count, stats_min_value, stats_max_value, min_is_exact, "
                       "max_is_exact, column_id, row_group_num_rows FROM parquet_metadata(");
    gbx__source_sql_paths(sql, scan);
    gbx__buf_printf(sql,
                    ")), g AS MATERIALIZED (SELECT count(*) AS n, sum(row_group_num_rows) AS r "
                    "FROM m WHERE column_id = 0) SELECT %u AS i, coalesce(r, 0)::VARCHAR AS nulls, "
                    "0 AS unknown, NULL::VARCHAR AS low, NULL::VARCHAR AS high FROM g",
                    (unsigned)scan->n_fields);
    for (uint32_t i = 0; i < n_own; i++) {
        if (gbx__type_is_nested(scan->fields[i].type)) continue;
        gbx__buf_puts(sql, " UNION ALL ");
        stats_column(sql, &scan->fields[i], i);
    }
}

/* ---- its rows -------------------------------------------------------------------------------- */

typedef struct stats_reader {
    gbx__arena *arena;
    const gbx__scan *scan;
    gbx__col_stats *stats;
} stats_reader;

/* "12.50" with scale 2 → 1250; DuckDB writes all digits of the scale. */
static bool read_decimal(gbx__str text, gbx__int128 *out)
{
    char digits[64];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '.') continue;
        if (len == sizeof digits) return false;
        digits[len++] = text.ptr[i];
    }
    return gbx__int128_parse((gbx__str){digits, len}, out);
}

static bool read_bound(stats_reader *r, const gbx__type *type, gbx__str text, gbx__value *out)
{
    char *end = NULL;
    *out = (gbx__value){0};
    switch ((int)type->kind) {
    case GBX_TYPE_BOOL: out->boolean = gbx__str_is(text, "true"); return true;
    case GBX_TYPE_UTF8:
        out->text = gbx__arena_str(r->arena, text);
        return out->text.ptr != NULL;
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT128: return gbx__int128_parse(text, &out->i128);
    case GBX_TYPE_DECIMAL: return read_decimal(text, &out->i128);
    case GBX_TYPE_UINT64: out->u64 = strtoull(text.ptr, &end, 10); break;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: out->f64 = strtod(text.ptr, &end); break;
    default: out->i64 = strtoll(text.ptr, &end, 10); break;
    }
    return end == text.ptr + text.len;
}

static gbx_status check_rows(const gbx__scan *scan, gbx__str rows, gbx_error *err)
{
    if (strtoll(rows.ptr, NULL, 10) == scan->row_count) return GBX_OK;
    return GBX_FAIL(err, GBX_CORRUPT, "its row groups have %.*s rows, its footer says %lld",
                    GBX_STR_ARG(rows), (long long)scan->row_count);
}

static gbx_status stats_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    stats_reader *r = ctx;
    if (n_cols != 5) return GBX_FAIL(err, GBX_INTERNAL, "statistics of %zu columns", n_cols);
    const unsigned long index = strtoul(cols[0].ptr, NULL, 10);
    if (index == r->scan->n_fields) return check_rows(r->scan, cols[1], err);
    if (index > r->scan->n_fields) return GBX_FAIL(err, GBX_INTERNAL, "column %lu", index);
    gbx__col_stats *stats = &r->stats[index];
    const gbx__type *type = r->scan->fields[index].type;
    if (cols[1].ptr) stats->null_count = strtoll(cols[1].ptr, NULL, 10);
    stats->has_min_max = gbx__str_is(cols[2], "0") && cols[3].ptr && cols[4].ptr &&
                         read_bound(r, type, cols[3], &stats->min) &&
                         read_bound(r, type, cols[4], &stats->max);
    return GBX_OK;
}

gbx_status gbx__source_parquet_stats(gbx__probe *probe)
{
    gbx__scan *scan = probe->scan;
    const uint32_t n_own =
        scan->n_fields - scan->n_partitions - (scan->filename_column.len > 0);
    stats_reader reader = {.arena = probe->arena, .scan = scan};
    if (scan->union_by_name) return GBX_OK; /* files without a column have NULL in it */
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    reader.stats = GBX_ARENA_ARRAY(probe->arena, scan->n_fields, gbx__col_stats);
    if (!reader.stats) return GBX_FAIL_NOMEM(probe->err);
    for (uint32_t i = 0; i < scan->n_fields; i++) reader.stats[i].null_count = -1;
    stats_sql(scan, n_own, &sql);
    GBX_TRY(gbx__source_sql_check(probe, &sql));
    const gbx_status status = gbx__duck_rows(probe->ctx->conn, sql.data, 0, NULL, stats_row,
                                             &reader, probe->err);
    if (status != GBX_OK) {
        return gbx__source_fail_file(probe, status, gbx__source_damage(status), scan->paths[0]);
    }
    scan->stats = reader.stats;
    return GBX_OK;
}
