#include "support/reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

static void put_text(gbx__buf *out, const char *name, gbx__str text)
{
    gbx__buf_printf(out, ", %s := ", name);
    gbx__duck_quote_text(out, text);
}

static void put_byte(gbx__buf *out, const char *name, char byte)
{
    put_text(out, name, (gbx__str){&byte, byte ? 1 : 0});
}

static void put_columns(gbx__buf *out, const char *name, const gbx__field *fields, uint32_t n)
{
    gbx__buf_printf(out, ", %s := {", name);
    for (uint32_t i = 0; i < n; i++) {
        gbx__buf type;
        gbx__buf_init(&type, 0);
        gbx__duck_type_print(&type, fields[i].type);
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__duck_quote_text(out, fields[i].name);
        gbx__buf_puts(out, ": ");
        gbx__duck_quote_text(out, gbx__buf_view(&type));
        gbx__buf_done(&type);
    }
    gbx__buf_putc(out, '}');
}

static void put_dialect(gbx__buf *out, const gbx__csv_dialect *d)
{
    put_text(out, "delim", gbx__str_of(d->delimiter));
    put_byte(out, "quote", d->quote);
    put_byte(out, "escape", d->escape);
    put_byte(out, "comment", d->comment);
    gbx__buf_printf(out, ", header := %s, skip := %" PRId64, d->has_header ? "true" : "false",
                    d->skip_rows);
    if (d->date_format.len) put_text(out, "dateformat", d->date_format);
    if (d->timestamp_format.len) put_text(out, "timestampformat", d->timestamp_format);
    if (d->decimal_separator) put_byte(out, "decimal_separator", d->decimal_separator);
    if (d->encoding.len) put_text(out, "encoding", d->encoding);
    if (d->ignore_errors) gbx__buf_puts(out, ", ignore_errors := true");
    if (d->null_padding) gbx__buf_puts(out, ", null_padding := true");
    if (!d->strict) gbx__buf_puts(out, ", strict_mode := false");
    if (d->max_line_size) gbx__buf_printf(out, ", max_line_size := %" PRId64, d->max_line_size);
    for (uint32_t i = 0; i < d->n_null_texts; i++) {
        gbx__buf_puts(out, i ? ", " : ", nullstr := [");
        gbx__duck_quote_text(out, d->null_texts[i]);
    }
    if (d->n_null_texts) gbx__buf_putc(out, ']');
}

/* The options that the tests pass: a text, a number, a boolean, texts in a list or a struct. */
static void put_option(gbx__buf *out, const gbx__scan_option *option)
{
    gbx__buf_puts(out, ", ");
    gbx__buf_str(out, option->name);
    gbx__buf_puts(out, " := ");
    if (option->type->kind == GBX_TYPE_BOOL) {
        gbx__buf_puts(out, option->value.boolean ? "true" : "false");
    } else if (option->type->kind == GBX_TYPE_UTF8) {
        gbx__duck_quote_text(out, option->value.text);
    } else if (option->type->kind == GBX_TYPE_INT32) {
        gbx__buf_printf(out, "%" PRId64, option->value.i64);
    } else {
        const bool is_struct = option->type->kind == GBX_TYPE_STRUCT;
        gbx__buf_putc(out, is_struct ? '{' : '[');
        for (uint32_t i = 0; i < option->value.n_items; i++) {
            if (i) gbx__buf_puts(out, ", ");
            if (is_struct) {
                gbx__duck_quote_text(out, option->type->fields[i].name);
                gbx__buf_puts(out, ": ");
            }
            gbx__duck_quote_text(out, option->value.items[i].text);
        }
        gbx__buf_putc(out, is_struct ? '}' : ']');
    }
}

static void put_csv(gbx__buf *out, const gbx__scan *scan, uint32_t n_own)
{
    if (scan->union_by_name) {
        gbx__buf_puts(out, ", union_by_name := true");
        put_columns(out, "types", scan->fields, n_own);
    } else {
        gbx__buf_puts(out, ", auto_detect := false");
        put_columns(out, "columns", scan->fields, n_own);
    }
    put_dialect(out, scan->csv);
}

void reader_print(gbx__buf *out, const gbx__scan *scan)
{
    const uint32_t n_own = scan->n_fields - scan->n_partitions - (scan->filename_column.len > 0);
    gbx__buf_puts(out, scan->format == GBX_SCAN_CSV    ? "read_csv(["
                       : scan->format == GBX_SCAN_JSON ? "read_json(["
                                                       : "read_parquet([");
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__source_quote_path(out, scan->paths[i]);
    }
    gbx__buf_putc(out, ']');
    if (scan->format == GBX_SCAN_CSV) put_csv(out, scan, n_own);
    if (scan->format == GBX_SCAN_JSON && scan->json_layout.len) {
        put_text(out, "format", scan->json_layout);
    }
    if (scan->format != GBX_SCAN_CSV && scan->union_by_name) {
        gbx__buf_puts(out, ", union_by_name := true");
    }
    if (scan->compression.len) put_text(out, "compression", scan->compression);
    if (scan->filename_column.len) put_text(out, "filename", scan->filename_column);
    gbx__buf_printf(out, ", hive_partitioning := %s", scan->hive_partitioning ? "true" : "false");
    if (scan->n_partitions) {
        put_columns(out, "hive_types", scan->fields + scan->n_fields - scan->n_partitions,
                    scan->n_partitions);
    }
    for (uint32_t i = 0; i < scan->n_options; i++) put_option(out, &scan->options[i]);
    gbx__buf_putc(out, ')');
}
