/*
 * The options of read_csv. Each is of one kind:
 *
 *   the dialect's   → gbx__csv_dialect, and DuckDB's sniffer is told
 *   the detection's → DuckDB's sniffer is told; what it finds says all (types, sample_size …)
 *   passed on       → scan->options: changes values, not the schema (thousands, force_not_null …)
 *   refused         → has an effect beside the rows (rejects tables)
 */
#include "source/csv_priv.h"

#include <string.h>

typedef enum csv_kind {
    CSV_DELIMITER,
    CSV_QUOTE,
    CSV_ESCAPE,
    CSV_COMMENT,
    CSV_HEADER,
    CSV_SKIP,
    CSV_NEWLINE,
    CSV_NULLS,
    CSV_DATE_FORMAT,
    CSV_TIMESTAMP_FORMAT,
    CSV_DECIMAL,
    CSV_ENCODING,
    CSV_COMPRESSION,
    CSV_ALL_VARCHAR,
    CSV_IGNORE_ERRORS,
    CSV_NULL_PADDING,
    CSV_STRICT,
    CSV_MAX_LINE,
    CSV_AUTO_DETECT,
    CSV_DETECTION,
    CSV_PASSED,
    CSV_REFUSED
} csv_kind;

static const struct {
    const char *name;
    csv_kind kind;
} csv_options[] = {
    {"delim", CSV_DELIMITER},
    {"sep", CSV_DELIMITER},
    {"delimiter", CSV_DELIMITER},
    {"separator", CSV_DELIMITER},
    {"quote", CSV_QUOTE},
    {"escape", CSV_ESCAPE},
    {"comment", CSV_COMMENT},
    {"header", CSV_HEADER},
    {"skip", CSV_SKIP},
    {"new_line", CSV_NEWLINE},
    {"nullstr", CSV_NULLS},
    {"null", CSV_NULLS},
    {"dateformat", CSV_DATE_FORMAT},
    {"date_format", CSV_DATE_FORMAT},
    {"timestampformat", CSV_TIMESTAMP_FORMAT},
    {"timestamp_format", CSV_TIMESTAMP_FORMAT},
    {"decimal_separator", CSV_DECIMAL},
    {"encoding", CSV_ENCODING},
    {"compression", CSV_COMPRESSION},
    {"all_varchar", CSV_ALL_VARCHAR},
    {"ignore_errors", CSV_IGNORE_ERRORS},
    {"null_padding", CSV_NULL_PADDING},
    {"strict_mode", CSV_STRICT},
    {"max_line_size", CSV_MAX_LINE},
    {"maximum_line_size", CSV_MAX_LINE},
    {"auto_detect", CSV_AUTO_DETECT},
    {"columns", CSV_DETECTION},
    {"types", CSV_DETECTION},
    {"dtypes", CSV_DETECTION},
    {"column_types", CSV_DETECTION},
    {"names", CSV_DETECTION},
    {"column_names", CSV_DETECTION},
    {"normalize_names", CSV_DETECTION},
    {"sample_size", CSV_DETECTION},
    {"files_to_sniff", CSV_DETECTION},
    {"auto_type_candidates", CSV_DETECTION},
    {"thousands", CSV_PASSED},
    {"allow_quoted_nulls", CSV_PASSED},
    {"force_not_null", CSV_PASSED},
    {"buffer_size", CSV_PASSED},
    {"parallel", CSV_PASSED},
    {"store_rejects", CSV_REFUSED},
    {"rejects_table", CSV_REFUSED},
    {"rejects_scan", CSV_REFUSED},
    {"rejects_limit", CSV_REFUSED},
    {"rejects_line_size_limit", CSV_REFUSED},
};
#define N_OPTIONS (sizeof csv_options / sizeof *csv_options)

void gbx__csv_reader_init(gbx__csv_reader *reader, gbx__probe *probe)
{
    *reader = (gbx__csv_reader){.probe = probe};
    gbx__buf_init(&reader->args, 0);
}

void gbx__csv_reader_done(gbx__csv_reader *reader)
{
    gbx__buf_done(&reader->args);
    gbx__vec_done(&reader->passed);
}

/* ---- values ---------------------------------------------------------------------------------- */

static gbx_status read_byte(gbx__csv_reader *r, const gbx__scan_option *option, char *out)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (text.len > 1) {
        return GBX_FAIL(r->probe->err, GBX_INVALID, "the option %.*s takes one byte",
                        GBX_STR_ARG(option->name));
    }
    *out = text.len ? text.ptr[0] : '\0';
    return GBX_OK;
}

static gbx_status read_delimiter(gbx__csv_reader *r, const gbx__scan_option *option)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is(text, "\\t")) text = GBX_STR("\t");
    if (text.len == 0 || text.len >= sizeof r->dialect->delimiter) {
        return GBX_FAIL(r->probe->err, GBX_INVALID, "the option %.*s takes one to four bytes",
                        GBX_STR_ARG(option->name));
    }
    memset(r->dialect->delimiter, 0, sizeof r->dialect->delimiter);
    memcpy(r->dialect->delimiter, text.ptr, text.len);
    r->has_delimiter = true;
    return GBX_OK;
}

static gbx_status read_newline(gbx__csv_reader *r, const gbx__scan_option *option)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is(text, "\\n") || gbx__str_is(text, "\n")) {
        r->dialect->newline = GBX_STR("\n");
    } else if (gbx__str_is(text, "\\r") || gbx__str_is(text, "\r")) {
        r->dialect->newline = GBX_STR("\r");
    } else if (gbx__str_is(text, "\\r\\n") || gbx__str_is(text, "\r\n")) {
        r->dialect->newline = GBX_STR("\r\n");
    } else {
        return GBX_FAIL(r->probe->err, GBX_INVALID,
                        "the option %.*s takes '\\n', '\\r' or '\\r\\n'",
                        GBX_STR_ARG(option->name));
    }
    return GBX_OK;
}

static gbx_status read_format(gbx__csv_reader *r, const gbx__scan_option *option, gbx__str *out,
                              bool *has)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is_nocase(text, "auto")) return GBX_OK;
    *out = text;
    *has = true;
    return GBX_OK;
}

/* A text, or a list of them. */
static gbx_status read_nulls(gbx__csv_reader *r, const gbx__scan_option *option)
{
    const bool is_list = option->type->kind == GBX_TYPE_LIST && !option->value.is_null;
    const uint32_t n = is_list ? option->value.n_items : 1;
    gbx__str *texts = GBX_ARENA_ARRAY(r->probe->arena, n, gbx__str);
    if (!texts) return GBX_FAIL_NOMEM(r->probe->err);
    for (uint32_t i = 0; i < n; i++) {
        gbx__scan_option item = *option;
        if (is_list) {
            item.type = option->type->fields[0].type;
            item.value = option->value.items[i];
        }
        GBX_TRY(gbx__source_option_text(r->probe, &item, &texts[i]));
    }
    r->dialect->null_texts = texts;
    r->dialect->n_null_texts = n;
    return GBX_OK;
}

static gbx_status read_compression(gbx__csv_reader *r, const gbx__scan_option *option)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is_nocase(text, "auto") || gbx__str_is_nocase(text, "auto_detect") ||
        gbx__str_is_nocase(text, "infer")) {
        return GBX_OK;
    }
    if (gbx__str_is_nocase(text, "none") || gbx__str_is_nocase(text, "uncompressed")) {
        r->probe->scan->compression = GBX_STR("");
    } else if (gbx__str_is_nocase(text, "gzip")) {
        r->probe->scan->compression = GBX_STR("gzip");
    } else if (gbx__str_is_nocase(text, "zstd")) {
        r->probe->scan->compression = GBX_STR("zstd");
    } else {
        return gbx__source_option_refuse(r->probe, option, "'none', 'gzip' and 'zstd' are known");
    }
    return GBX_OK;
}

static gbx_status read_detection(gbx__csv_reader *r, const gbx__scan_option *option)
{
    bool is_on = true;
    GBX_TRY(gbx__source_option_bool(r->probe, option, &is_on));
    r->is_fixed = r->is_fixed || !is_on;
    return GBX_OK;
}

static gbx_status read_decimal(gbx__csv_reader *r, const gbx__scan_option *option)
{
    char byte = '\0';
    GBX_TRY(read_byte(r, option, &byte));
    r->dialect->decimal_separator = byte == '.' ? '\0' : byte;
    return GBX_OK;
}

static gbx_status read_header(gbx__csv_reader *r, const gbx__scan_option *option)
{
    r->has_header = true;
    return gbx__source_option_bool(r->probe, option, &r->dialect->has_header);
}

static gbx_status pass_on(gbx__csv_reader *r, const gbx__scan_option *option)
{
    if (!gbx__vec_push(&r->passed, *option)) return GBX_FAIL_NOMEM(r->probe->err);
    return GBX_OK;
}

/* ---- one option ------------------------------------------------------------------------------ */

static gbx_status read_value(gbx__csv_reader *r, csv_kind kind, const gbx__scan_option *option)
{
    gbx__csv_dialect *d = r->dialect;
    gbx__probe *probe = r->probe;
    switch (kind) {
    case CSV_DELIMITER: return read_delimiter(r, option);
    case CSV_QUOTE: r->has_quote = true; return read_byte(r, option, &d->quote);
    case CSV_ESCAPE: return read_byte(r, option, &d->escape);
    case CSV_COMMENT: return read_byte(r, option, &d->comment);
    case CSV_HEADER: return read_header(r, option);
    case CSV_SKIP: return gbx__source_option_int(probe, option, &d->skip_rows);
    case CSV_NEWLINE: return read_newline(r, option);
    case CSV_NULLS: return read_nulls(r, option);
    case CSV_DATE_FORMAT: return read_format(r, option, &d->date_format, &r->has_date_format);
    case CSV_TIMESTAMP_FORMAT:
        return read_format(r, option, &d->timestamp_format, &r->has_timestamp_format);
    case CSV_DECIMAL: return read_decimal(r, option);
    case CSV_ENCODING: return gbx__source_option_text(probe, option, &d->encoding);
    case CSV_COMPRESSION: return read_compression(r, option);
    case CSV_ALL_VARCHAR: return gbx__source_option_bool(probe, option, &d->all_varchar);
    case CSV_IGNORE_ERRORS: return gbx__source_option_bool(probe, option, &d->ignore_errors);
    case CSV_NULL_PADDING: return gbx__source_option_bool(probe, option, &d->null_padding);
    case CSV_STRICT: return gbx__source_option_bool(probe, option, &d->strict);
    case CSV_MAX_LINE: return gbx__source_option_int(probe, option, &d->max_line_size);
    case CSV_AUTO_DETECT: return read_detection(r, option);
    case CSV_DETECTION: return GBX_OK;
    case CSV_PASSED: return pass_on(r, option);
    case CSV_REFUSED: break;
    }
    return gbx__source_option_refuse(probe, option, "it would write a table of bad lines");
}

static gbx_status find_kind(gbx__csv_reader *r, const gbx__scan_option *option, csv_kind *out)
{
    for (size_t i = 0; i < N_OPTIONS; i++) {
        if (!gbx__str_is_nocase(option->name, csv_options[i].name)) continue;
        *out = csv_options[i].kind;
        return GBX_OK;
    }
    return gbx__source_option_refuse(r->probe, option, "not known");
}

static gbx_status read_option(gbx__csv_reader *r, const gbx__scan_option *option)
{
    csv_kind kind = CSV_REFUSED;
    bool is_taken = false;
    GBX_TRY(gbx__source_file_option(r->probe, option, &r->files, &is_taken));
    if (is_taken) return GBX_OK;
    GBX_TRY(find_kind(r, option, &kind));
    GBX_TRY(read_value(r, kind, option));
    /* Detection is ours to turn on, and compression was found by content. */
    if (kind == CSV_AUTO_DETECT || kind == CSV_COMPRESSION) return GBX_OK;
    return gbx__source_option_print(r->probe, &r->args, option);
}

gbx_status gbx__csv_read_options(gbx__csv_reader *r)
{
    const gbx__source_request *request = r->probe->request;
    r->dialect = GBX_ARENA_NEW(r->probe->arena, gbx__csv_dialect);
    if (!r->dialect) return GBX_FAIL_NOMEM(r->probe->err);
    /* What read_csv takes without detection; the escape stays when the quote is another one. */
    *r->dialect =
        (gbx__csv_dialect){.delimiter = ",", .quote = '"', .escape = '"', .strict = true};
    r->is_fixed = request->csv_is_fixed;
    for (uint32_t i = 0; i < request->n_options; i++) {
        GBX_TRY(read_option(r, &request->options[i]));
    }
    const gbx__str compression = r->probe->scan->compression;
    gbx__buf_puts(&r->args, ", compression := ");
    gbx__duck_quote_text(&r->args, compression.len ? compression : GBX_STR("none"));
    return gbx__source_sql_check(r->probe, &r->args);
}
