/*
 * JSON: lines, an array, or values one after the other. The columns are DuckDB's finding.
 *
 * Its reader must find them again when it runs, with the same options: given columns it would drop
 * a key that the sample has not seen without a word, where by itself it fails; and each column of
 * dates has a format of its own that cannot be written down. So the user's options are all passed
 * on, and an engine that reads JSON in another way must check the fields.
 */
#include "base/json.h"
#include "base/vec.h"
#include "source/source_priv.h"

#include <string.h>

#define JSON_HEAD_BYTES (64 * 1024)

typedef struct json_reader {
    gbx__probe *probe;
    gbx__file_options files;
    gbx__buf args;
    GBX_VEC(gbx__scan_option) passed;
} json_reader;

/* ---- options --------------------------------------------------------------------------------- */

static bool is_passed(gbx__str name)
{
    static const char *const names[] = {
        "columns", "records", "dateformat", "date_format", "timestampformat", "timestamp_format",
        "sample_size", "maximum_depth", "maximum_object_size", "maximum_sample_files",
        "field_appearance_threshold", "map_inference_threshold", "convert_strings_to_integers",
        "ignore_errors", "auto_detect",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gbx__str_is_nocase(name, names[i])) return true;
    }
    return false;
}

static gbx_status set_layout(json_reader *r, const gbx__scan_option *option)
{
    static const char *const layouts[] = {"newline_delimited", "array", "unstructured"};
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is_nocase(text, "auto")) return GBX_OK;
    if (gbx__str_is_nocase(text, "nd")) text = GBX_STR("newline_delimited");
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (!gbx__str_is_nocase(text, layouts[i])) continue;
        r->probe->scan->json_layout = gbx__str_of(layouts[i]);
        return GBX_OK;
    }
    return GBX_FAIL(r->probe->err, GBX_INVALID,
                    "the option %.*s takes 'auto', 'newline_delimited', 'array' or 'unstructured'",
                    GBX_STR_ARG(option->name));
}

static gbx_status set_compression(json_reader *r, const gbx__scan_option *option)
{
    gbx__str text;
    GBX_TRY(gbx__source_option_text(r->probe, option, &text));
    if (gbx__str_is_nocase(text, "auto") || gbx__str_is_nocase(text, "auto_detect")) return GBX_OK;
    if (gbx__str_is(r->probe->scan->compression, text.ptr)) return GBX_OK;
    if (gbx__str_is_nocase(text, "uncompressed") || gbx__str_is_nocase(text, "none")) {
        r->probe->scan->compression = GBX_STR("");
        return GBX_OK;
    }
    return gbx__source_option_refuse(r->probe, option, "the files are not compressed so");
}

static gbx_status read_option(json_reader *r, const gbx__scan_option *option)
{
    bool is_taken = false;
    GBX_TRY(gbx__source_file_option(r->probe, option, &r->files, &is_taken));
    if (is_taken) return GBX_OK;
    if (gbx__str_is_nocase(option->name, "format")) return set_layout(r, option);
    if (gbx__str_is_nocase(option->name, "compression")) return set_compression(r, option);
    if (!is_passed(option->name)) {
        return gbx__source_option_refuse(r->probe, option, "not supported");
    }
    if (!gbx__vec_push(&r->passed, *option)) return GBX_FAIL_NOMEM(r->probe->err);
    return gbx__source_option_print(r->probe, &r->args, option);
}

static gbx_status read_options(json_reader *r)
{
    const gbx__source_request *request = r->probe->request;
    if (gbx__str_starts(request->reader, "read_ndjson")) {
        r->probe->scan->json_layout = GBX_STR("newline_delimited");
    }
    for (uint32_t i = 0; i < request->n_options; i++) {
        GBX_TRY(read_option(r, &request->options[i]));
    }
    return GBX_OK;
}

/* ---- layout ---------------------------------------------------------------------------------- */

static size_t skip_space(gbx__str text, size_t i)
{
    while (i < text.len && strchr(" \t\r\n", text.ptr[i]) && text.ptr[i]) i++;
    return i;
}

static bool is_whole(const char *text, size_t len)
{
    yyjson_doc *doc = NULL;
    const bool is_valid = gbx__json_read(text, len, GBX_JSON_INF_NAN, &doc, NULL) == GBX_OK;
    gbx__json_free(doc);
    return is_valid;
}

/* From the beginning of a file; empty when it leaves a doubt. */
static gbx__str layout_of(gbx__str head)
{
    size_t start = head.len >= 3 && memcmp(head.ptr, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    start = skip_space(head, start);
    if (start >= head.len) return GBX_STR("");
    const char first = head.ptr[start];
    const char *end = memchr(head.ptr + start, '\n', head.len - start);
    const size_t line = end ? (size_t)(end - head.ptr) - start : head.len - start;
    const size_t next = skip_space(head, start + line);
    const char second = next < head.len ? head.ptr[next] : '\0';
    const bool has_whole_line = is_whole(head.ptr + start, line);
    if (first == '{' && has_whole_line && (second == '{' || second == '\0')) {
        return GBX_STR("newline_delimited");
    }
    if (first == '[' && !(has_whole_line && second != '\0')) return GBX_STR("array");
    return GBX_STR("");
}

/* The layout of all files; empty when they differ. */
static gbx_status find_layout(json_reader *r)
{
    gbx__scan *scan = r->probe->scan;
    const uint32_t first = gbx__source_first_with_bytes(r->probe);
    gbx__str found = {"", 0};
    if (scan->json_layout.len > 0 || scan->compression.len > 0) return GBX_OK;
    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    for (uint32_t i = first; i < scan->n_paths; i++) {
        if (r->probe->files[i].size_bytes == 0) continue;
        gbx__buf_clear(&head);
        GBX_TRY(gbx__fs_read_head(scan->paths[i].ptr, JSON_HEAD_BYTES, &head, r->probe->err));
        const gbx__str layout = layout_of(gbx__buf_view(&head));
        if (i > first && !gbx__str_equal(layout, found)) return GBX_OK;
        found = layout;
    }
    scan->json_layout = found;
    return GBX_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* With the columns that stand in names of files and folders, or without. */
static gbx_status describe(json_reader *r, bool with_names, gbx__field **fields,
                           uint32_t *n_fields)
{
    const gbx__scan *scan = r->probe->scan;
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM read_json(");
    gbx__source_sql_paths(&sql, scan);
    gbx__buf_puts(&sql, ", compression := ");
    gbx__duck_quote_text(&sql, scan->compression.len ? scan->compression
                                                     : GBX_STR("uncompressed"));
    if (scan->json_layout.len > 0) {
        gbx__buf_puts(&sql, ", format := ");
        gbx__duck_quote_text(&sql, scan->json_layout);
    }
    gbx__buf_str(&sql, gbx__buf_view(&r->args));
    if (with_names) GBX_TRY(gbx__source_sql_file_options(r->probe, &sql, &r->files));
    else gbx__source_sql_own_options(&sql, &r->files);
    gbx__buf_putc(&sql, ')');
    const gbx_status status = gbx__source_describe(r->probe, &sql, fields, n_fields);
    if (status == GBX_OK) return GBX_OK;
    return gbx__source_fail_set(r->probe, status);
}

static gbx_status probe_steps(json_reader *r)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    GBX_TRY(read_options(r));
    GBX_TRY(find_layout(r));
    GBX_TRY(describe(r, false, &fields, &n_fields));
    const uint32_t n_own = n_fields;
    if (gbx__source_has_name_columns(r->probe, &r->files)) {
        GBX_TRY(describe(r, true, &fields, &n_fields));
    }
    GBX_TRY(gbx__source_set_fields(r->probe, &r->files, fields, n_fields, n_own));
    GBX_TRY(gbx__source_keep_options(r->probe, r->passed.items, r->passed.len));
    if (!gbx__str_is(r->probe->scan->json_layout, "newline_delimited")) return GBX_OK;
    return gbx__source_estimate_rows(r->probe, 0);
}

gbx_status gbx__source_probe_json(gbx__probe *probe)
{
    json_reader reader = {.probe = probe};
    gbx__buf_init(&reader.args, 0);
    const gbx_status status = probe_steps(&reader);
    gbx__buf_done(&reader.args);
    gbx__vec_done(&reader.passed);
    return status;
}
