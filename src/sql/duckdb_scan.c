/*
 * Sources as DuckDB reads them: what was found out is said, so that it is not found again (but
 * JSON's columns).
 */
#include "sql/duckdb_priv.h"

#include <string.h>

/* name := ['a', 'b'] */
static void scan_texts(gbx__buf *out, uint32_t n, const gbx__str *texts)
{
    gbx__buf_putc(out, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__duck_quote_text(out, texts[i]);
    }
    gbx__buf_putc(out, ']');
}

/* Readers take a path for a glob: its wildcards are escaped. */
static void scan_paths(gbx__buf *out, const gbx__scan *scan)
{
    if (scan->n_paths != 1) gbx__buf_putc(out, '[');
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__source_quote_path(out, scan->paths[i]);
    }
    if (scan->n_paths != 1) gbx__buf_putc(out, ']');
}

static void scan_option_text(gbx__buf *out, const char *name, gbx__str value)
{
    gbx__buf_printf(out, ", %s := ", name);
    gbx__duck_quote_text(out, value);
}

static void scan_option_bool(gbx__buf *out, const char *name, bool value)
{
    gbx__buf_printf(out, ", %s := %s", name, value ? "true" : "false");
}

static void scan_option_char(gbx__buf *out, const char *name, char value)
{
    scan_option_text(out, name, (gbx__str){&value, value == '\0' ? 0 : 1});
}

/* The columns that the files themselves hold: not the partitions, not the file's name. */
static uint32_t scan_file_fields(const gbx__scan *scan)
{
    uint32_t n = scan->n_fields - scan->n_partitions;
    if (scan->filename_column.len > 0 && n > 0) n--;
    return n;
}

static void scan_columns(gbx__buf *out, const char *name, const gbx__field *fields, uint32_t n)
{
    gbx__buf_printf(out, ", %s := {", name);
    for (uint32_t i = 0; i < n; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__buf_init(&type, 0);
        gbx__duck_type_print(&type, fields[i].type);
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__duck_quote_text(out, fields[i].name);
        gbx__buf_puts(out, ": ");
        gbx__duck_quote_text(out, gbx__buf_view(&type));
        if (type.failed) out->failed = true;
    }
    gbx__buf_putc(out, '}');
}

/* What all readers of files share. */
static bool scan_file_options(gbx__printer *p, gbx__buf *out, const gbx__scan *scan)
{
    if (scan->n_partitions > 0 || scan->hive_partitioning) {
        scan_option_bool(out, "hive_partitioning", scan->hive_partitioning);
        if (scan->n_partitions > 0)
            scan_columns(out, "hive_types", scan->fields + (scan->n_fields - scan->n_partitions),
                         scan->n_partitions);
    } else {
        scan_option_bool(out, "hive_partitioning", false);
    }
    if (scan->union_by_name) scan_option_bool(out, "union_by_name", true);
    if (scan->filename_column.len > 0) scan_option_text(out, "filename", scan->filename_column);
    for (uint32_t i = 0; i < scan->n_options; i++) {
        gbx__buf_puts(out, ", ");
        gbx__duck_quote_ident(out, scan->options[i].name);
        gbx__buf_puts(out, " := ");
        if (!p->dialect->constant(p, out, scan->options[i].type, &scan->options[i].value, true))
            return false;
    }
    return true;
}

static void scan_csv_dialect(gbx__buf *out, const gbx__csv_dialect *csv)
{
    scan_option_text(out, "delim", gbx__str_of(csv->delimiter));
    scan_option_char(out, "quote", csv->quote);
    scan_option_char(out, "escape", csv->escape);
    scan_option_char(out, "comment", csv->comment);
    scan_option_bool(out, "header", csv->has_header);
    gbx__buf_printf(out, ", skip := %lld", (long long)csv->skip_rows);
    if (csv->newline.len > 0)
        scan_option_text(out, "new_line",
                         gbx__str_is(csv->newline, "\r\n") ? GBX_STR("\\r\\n")
                         : gbx__str_is(csv->newline, "\r") ? GBX_STR("\\r")
                                                           : GBX_STR("\\n"));
    if (csv->date_format.len > 0) scan_option_text(out, "dateformat", csv->date_format);
    if (csv->timestamp_format.len > 0)
        scan_option_text(out, "timestampformat", csv->timestamp_format);
    if (csv->decimal_separator != '\0')
        scan_option_char(out, "decimal_separator", csv->decimal_separator);
    if (csv->n_null_texts > 0) {
        gbx__buf_puts(out, ", nullstr := ");
        scan_texts(out, csv->n_null_texts, csv->null_texts);
    }
    if (csv->encoding.len > 0) scan_option_text(out, "encoding", csv->encoding);
    if (csv->ignore_errors) scan_option_bool(out, "ignore_errors", true);
    if (csv->null_padding) scan_option_bool(out, "null_padding", true);
    if (!csv->strict) scan_option_bool(out, "strict_mode", false);
    if (csv->max_line_size > 0)
        gbx__buf_printf(out, ", max_line_size := %lld", (long long)csv->max_line_size);
}

/* DuckDB's own buffers are 32 MB for each thread, too much for a small memory limit; with 8 MB it
 * takes 10 % more time, waiting for them. Lines may be as long as ever (2 MB). */
#define SCAN_CSV_BUFFER_BYTES INT64_C(8000000)
#define SCAN_CSV_BUFFER_BYTES_OWN INT64_C(32000000)

static bool scan_has_buffer_size(const gbx__scan *scan)
{
    if (scan->csv != NULL && scan->csv->max_line_size > 0) return true;
    for (uint32_t i = 0; i < scan->n_options; i++) {
        if (gbx__str_is_nocase(scan->options[i].name, "buffer_size")) return true;
    }
    return false;
}

static bool scan_csv(gbx__printer *p, gbx__buf *out, const gbx__scan *scan)
{
    gbx__buf_puts(out, "read_csv(");
    scan_paths(out, scan);
    if (scan->union_by_name) { /* each file has a header of its own: only types can be said */
        scan_columns(out, "types", scan->fields, scan_file_fields(scan));
    } else {
        gbx__buf_puts(out, ", auto_detect := false");
        scan_columns(out, "columns", scan->fields, scan_file_fields(scan));
    }
    if (scan->csv != NULL) scan_csv_dialect(out, scan->csv);
    const int64_t bytes = p->csv_buffer_bytes > 0 ? p->csv_buffer_bytes : SCAN_CSV_BUFFER_BYTES;
    if (!scan_has_buffer_size(scan) && bytes < SCAN_CSV_BUFFER_BYTES_OWN)
        gbx__buf_printf(out, ", buffer_size := %lld", (long long)bytes);
    scan_option_text(out, "compression",
                     scan->compression.len > 0 ? scan->compression : GBX_STR("none"));
    if (!scan_file_options(p, out, scan)) return false;
    gbx__buf_putc(out, ')');
    return true;
}

static bool scan_parquet(gbx__printer *p, gbx__buf *out, const gbx__scan *scan)
{
    gbx__buf_puts(out, "read_parquet(");
    scan_paths(out, scan);
    /* statistics in files know no NaN; without this DuckDB would prune rows that hold one */
    bool has_float = false;
    for (uint32_t i = 0; i < scan->n_fields; i++)
        has_float = has_float || gbx__type_is_float(scan->fields[i].type) ||
                    gbx__type_is_nested(scan->fields[i].type);
    if (has_float) gbx__buf_puts(out, ", can_have_nan := true");
    if (!scan_file_options(p, out, scan)) return false;
    gbx__buf_putc(out, ')');
    return true;
}

static bool scan_json(gbx__printer *p, gbx__buf *out, const gbx__scan *scan)
{
    /* Columns are found again: said ones would drop keys that the sample has not, and have dates in
     * one form only (src/source/json.c). */
    gbx__buf_puts(out, "read_json(");
    scan_paths(out, scan);
    if (scan->json_layout.len > 0) scan_option_text(out, "format", scan->json_layout);
    scan_option_text(out, "compression",
                     scan->compression.len > 0 ? scan->compression : GBX_STR("uncompressed"));
    if (!scan_file_options(p, out, scan)) return false;
    gbx__buf_putc(out, ')');
    return true;
}

bool gbx__duckdb_scan(gbx__printer *p, gbx__buf *out, const gbx__scan *scan)
{
    switch (scan->format) {
    case GBX_SCAN_CSV: return scan_csv(p, out, scan);
    case GBX_SCAN_PARQUET: return scan_parquet(p, out, scan);
    case GBX_SCAN_JSON: return scan_json(p, out, scan);
    case GBX_SCAN_TABLE: gbx__buf_str(out, scan->name); return true; /* quoted by the importer */
    case GBX_SCAN_STREAM:
    case GBX_SCAN_ARROW_IPC:
    case GBX_SCAN_SQLITE:
    case GBX_SCAN_XLSX: gbx__duck_quote_ident(out, scan->name); return true; /* fed as a stream */
    case GBX_SCAN_FORMATS: break;
    }
    return gbx__print_fail(p, GBX_UNSUPPORTED, "a source of this format");
}
