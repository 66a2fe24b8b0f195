/*
 * One file's dialect and columns, by DuckDB's sniff_csv with the user's options.
 *
 * The sniffer shows "%Y-%m-%d" for dates without a format of their own: it never tries that one, so
 * it means ISO 8601, and is left out unless the user wrote it.
 */
#include "source/csv_priv.h"

#include <stdlib.h>
#include <string.h>

#define SNIFF_ISO_DATE "%Y-%m-%d"
/* DuckDB reads a whole buffer to look at 20,480 rows, and another one when they are not enough. Its
 * own buffer is 32 MB, which a query goes on to use but we would only throw away: 28 MB of memory
 * and some 20 ms. This one holds two of the longest lines that it takes. */
#define SNIFF_BUFFER_BYTES 4194304

enum {
    SNIFF_DELIMITER,
    SNIFF_QUOTE,
    SNIFF_ESCAPE,
    SNIFF_NEWLINE,
    SNIFF_COMMENT,
    SNIFF_SKIP,
    SNIFF_HEADER,
    SNIFF_DATE_FORMAT,
    SNIFF_TIMESTAMP_FORMAT,
    SNIFF_NAME,
    SNIFF_TYPE,
    SNIFF_COLUMNS
};

typedef struct csv_sniffer {
    const gbx__csv_reader *reader;
    gbx__arena *arena;
    gbx__csv_dialect dialect;
    GBX_VEC(gbx__field) fields;
} csv_sniffer;

/* "(empty)" stands for no such byte. */
static char sniff_byte(gbx__str text)
{
    return text.len == 1 ? text.ptr[0] : '\0';
}

static gbx__str sniff_newline(gbx__str text)
{
    if (gbx__str_is(text, "\\n")) return GBX_STR("\n");
    if (gbx__str_is(text, "\\r\\n")) return GBX_STR("\r\n");
    if (gbx__str_is(text, "\\r")) return GBX_STR("\r");
    return GBX_STR(""); /* mixed, or one line only */
}

static gbx_status sniff_formats(csv_sniffer *s, const gbx__str *cols, gbx_error *err)
{
    const gbx__str date = cols[SNIFF_DATE_FORMAT];
    const gbx__str timestamp = cols[SNIFF_TIMESTAMP_FORMAT];
    gbx__csv_dialect *d = &s->dialect;
    if (!s->reader->has_date_format && date.ptr && !gbx__str_is(date, SNIFF_ISO_DATE)) {
        d->date_format = gbx__arena_str(s->arena, date);
        if (!d->date_format.ptr) return GBX_FAIL_NOMEM(err);
    }
    if (!s->reader->has_timestamp_format && timestamp.ptr) {
        d->timestamp_format = gbx__arena_str(s->arena, timestamp);
        if (!d->timestamp_format.ptr) return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

static gbx_status sniff_dialect(csv_sniffer *s, const gbx__str *cols, gbx_error *err)
{
    gbx__csv_dialect *d = &s->dialect;
    const gbx__str delimiter = cols[SNIFF_DELIMITER];
    if (delimiter.len == 0 || delimiter.len >= sizeof d->delimiter) {
        return GBX_FAIL(err, GBX_INTERNAL, "a delimiter of %zu bytes was found", delimiter.len);
    }
    memset(d->delimiter, 0, sizeof d->delimiter);
    memcpy(d->delimiter, delimiter.ptr, delimiter.len);
    d->quote = sniff_byte(cols[SNIFF_QUOTE]);
    d->escape = sniff_byte(cols[SNIFF_ESCAPE]);
    d->comment = sniff_byte(cols[SNIFF_COMMENT]);
    d->newline = sniff_newline(cols[SNIFF_NEWLINE]);
    d->skip_rows = strtoll(cols[SNIFF_SKIP].ptr, NULL, 10);
    d->has_header = gbx__str_is(cols[SNIFF_HEADER], "true");
    return sniff_formats(s, cols, err);
}

static gbx_status sniff_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    csv_sniffer *s = ctx;
    if (n_cols != SNIFF_COLUMNS) {
        return GBX_FAIL(err, GBX_INTERNAL, "sniff_csv gave %zu columns", n_cols);
    }
    if (s->fields.len == 0) GBX_TRY(sniff_dialect(s, cols, err));
    GBX_TRY(gbx__source_check_name(cols[SNIFF_NAME], s->fields.len, err));
    gbx__field field = {.name = gbx__arena_str(s->arena, cols[SNIFF_NAME])};
    if (!field.name.ptr) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__duck_type_parse(s->arena, cols[SNIFF_TYPE], &field.type, err));
    if (!gbx__vec_push(&s->fields, field)) return GBX_FAIL_NOMEM(err);
    return GBX_OK;
}

/* Lines of any length stay with what DuckDB or the user has for them. */
static bool sniff_may_buffer_less(const gbx__csv_reader *reader)
{
    if (reader->dialect->max_line_size > 0) return false;
    for (size_t i = 0; i < reader->passed.len; i++) {
        if (gbx__str_is_nocase(reader->passed.items[i].name, "buffer_size")) return false;
    }
    return true;
}

static void sniff_sql(const gbx__csv_reader *reader, gbx__str path, gbx__str more, gbx__buf *sql)
{
    gbx__buf_puts(sql, "SELECT \"Delimiter\", \"Quote\", \"Escape\", \"NewLineDelimiter\", "
                       "\"Comment\", \"SkipRows\", \"HasHeader\", \"DateFormat\", "
                       "\"TimestampFormat\", unnest(\"Columns\", recursive := true) "
                       "FROM sniff_csv(");
    gbx__source_quote_path(sql, path);
    gbx__buf_puts(sql, ", force_match := false");
    if (sniff_may_buffer_less(reader))
        gbx__buf_printf(sql, ", buffer_size := %d", SNIFF_BUFFER_BYTES);
    gbx__buf_str(sql, gbx__buf_view(&reader->args));
    gbx__buf_str(sql, more);
    gbx__buf_putc(sql, ')');
}

static gbx_status sniff_take(csv_sniffer *s, gbx__csv_sniffed *out, gbx_error *err)
{
    if (s->fields.len == 0) return GBX_FAIL(err, GBX_INVALID, "no columns were found");
    out->fields = GBX_ARENA_ARRAY(s->arena, s->fields.len, gbx__field);
    if (!out->fields) return GBX_FAIL_NOMEM(err);
    memcpy(out->fields, s->fields.items, s->fields.len * sizeof(gbx__field));
    out->n_fields = (uint32_t)s->fields.len;
    out->dialect = s->dialect;
    return GBX_OK;
}

gbx_status gbx__csv_sniff(gbx__csv_reader *reader, gbx__str path, gbx__str more,
                          gbx__csv_sniffed *out)
{
    gbx__probe *probe = reader->probe;
    csv_sniffer s = {.reader = reader, .arena = probe->arena, .dialect = *reader->dialect};
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    sniff_sql(reader, path, more, &sql);
    gbx_status status = gbx__source_sql_check(probe, &sql);
    if (status == GBX_OK) {
        status = gbx__duck_rows(probe->ctx->conn, sql.data, 0, NULL, sniff_row, &s, probe->err);
    }
    if (status == GBX_OK) status = sniff_take(&s, out, probe->err);
    gbx__vec_done(&s.fields);
    return status == GBX_OK ? GBX_OK : gbx__source_fail_file(probe, status, status, path);
}
