#include "plan/json_reader_priv.h"

#include <string.h>

static const char *format_text(int format)
{
    return gbx__scan_format_text((gbx__scan_format)format);
}

/* ---- the dialect of a text file -------------------------------------------------------------- */

static gbx_status read_delimiter(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                                 gbx__csv_dialect *csv)
{
    gbx__str text = GBX_STR("");
    GBX_TRY(gbx__pj_str(r, path, "delimiter", val, &text));
    if (text.len >= sizeof(csv->delimiter) || (text.len && memchr(text.ptr, '\0', text.len))) {
        return gbx__pj_fail(r, GBX_INVALID, path, "delimiter", "at most 4 bytes expected");
    }
    memcpy(csv->delimiter, text.ptr, text.len);
    return GBX_OK;
}

static gbx_status read_csv_members(gbx__pj *r, const gbx__pj_path *at, yyjson_val *const *m,
                                   gbx__csv_dialect *csv)
{
    GBX_TRY(read_delimiter(r, at, m[0], csv));
    GBX_TRY(gbx__pj_char(r, at, "quote", m[1], &csv->quote));
    GBX_TRY(gbx__pj_char(r, at, "escape", m[2], &csv->escape));
    GBX_TRY(gbx__pj_char(r, at, "comment", m[3], &csv->comment));
    GBX_TRY(gbx__pj_bool(r, at, "header", m[4], &csv->has_header));
    GBX_TRY(gbx__pj_int(r, at, "skip_rows", m[5], 0, INT64_MAX, &csv->skip_rows));
    GBX_TRY(gbx__pj_str(r, at, "newline", m[6], &csv->newline));
    GBX_TRY(gbx__pj_str(r, at, "date_format", m[7], &csv->date_format));
    GBX_TRY(gbx__pj_str(r, at, "timestamp_format", m[8], &csv->timestamp_format));
    GBX_TRY(gbx__pj_char(r, at, "decimal_separator", m[9], &csv->decimal_separator));
    GBX_TRY(gbx__pj_strs(r, at, "null_texts", m[10], &csv->n_null_texts, &csv->null_texts));
    GBX_TRY(gbx__pj_str(r, at, "encoding", m[11], &csv->encoding));
    GBX_TRY(gbx__pj_bool(r, at, "all_varchar", m[12], &csv->all_varchar));
    GBX_TRY(gbx__pj_bool(r, at, "ignore_errors", m[13], &csv->ignore_errors));
    GBX_TRY(gbx__pj_bool(r, at, "null_padding", m[14], &csv->null_padding));
    GBX_TRY(gbx__pj_bool(r, at, "strict", m[15], &csv->strict));
    return gbx__pj_int(r, at, "max_line_size", m[16], 0, INT64_MAX, &csv->max_line_size);
}

static gbx_status read_csv(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                           const gbx__csv_dialect **out)
{
    static const char *const names[] = {
        "delimiter",  "quote",         "escape",      "comment",          "header",
        "skip_rows",  "newline",       "date_format", "timestamp_format", "decimal_separator",
        "null_texts", "encoding",      "all_varchar", "ignore_errors",    "null_padding",
        "strict",     "max_line_size",
    };
    enum {
        N_NAMES = sizeof(names) / sizeof(names[0])
    };
    const gbx__pj_path at = {.up = path, .key = "csv"};
    yyjson_val *members[N_NAMES];
    if (!val) return GBX_OK;
    gbx__csv_dialect *csv = GBX_ARENA_NEW(&r->b.arena, gbx__csv_dialect);
    if (!csv) return GBX_FAIL_NOMEM(r->err);
    GBX_TRY(gbx__pj_object(r, &at, val, names, N_NAMES, members));
    GBX_TRY(read_csv_members(r, &at, members, csv));
    *out = csv;
    return GBX_OK;
}

/* ---- options and statistics ------------------------------------------------------------------ */

static gbx_status read_option(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                              gbx__scan_option *out)
{
    static const char *const names[] = {"name", "type", "value"};
    yyjson_val *members[3];
    GBX_TRY(gbx__pj_object(r, path, val, names, 3, members));
    GBX_TRY(gbx__pj_members(r, path, names, 3, members, 7, 7));
    GBX_TRY(gbx__pj_str(r, path, "name", members[0], &out->name));
    GBX_TRY(gbx__pj_type(r, path, "type", members[1], &out->type));
    return gbx__pj_value(r, path, "value", out->type, members[2], &out->value);
}

static gbx_status read_options(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                               gbx__scan *scan)
{
    gbx__scan_option *options;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = "options"}};
    GBX_TRY(gbx__pj_array(r, path, "options", val, sizeof(*options), &scan->n_options, &options));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < scan->n_options; item.index++) {
        GBX_TRY(read_option(r, &item, yyjson_arr_iter_next(&iter), &options[item.index]));
    }
    scan->options = options;
    return GBX_OK;
}

static gbx_status read_col_stats(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                                 const gbx__type *type, gbx__col_stats *out)
{
    static const char *const names[] = {"null_count", "min", "max"};
    yyjson_val *members[3];
    out->null_count = -1;
    GBX_TRY(gbx__pj_object(r, path, val, names, 3, members));
    GBX_TRY(gbx__pj_int(r, path, "null_count", members[0], 0, INT64_MAX, &out->null_count));
    if (!members[1] && !members[2]) return GBX_OK;
    GBX_TRY(gbx__pj_members(r, path, names, 3, members, 7, 6));
    out->has_min_max = true;
    GBX_TRY(gbx__pj_value(r, path, "min", type, members[1], &out->min));
    return gbx__pj_value(r, path, "max", type, members[2], &out->max);
}

static gbx_status read_stats(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, gbx__scan *scan)
{
    uint32_t n;
    gbx__col_stats *stats;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = "stats"}};
    if (!val) return GBX_OK;
    GBX_TRY(gbx__pj_array(r, path, "stats", val, sizeof(*stats), &n, &stats));
    if (n != scan->n_fields) {
        return gbx__pj_fail(r, GBX_INVALID, path, "stats", "one item for each field expected");
    }
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < n; item.index++) {
        GBX_TRY(read_col_stats(r, &item, yyjson_arr_iter_next(&iter), scan->fields[item.index].type,
                               &stats[item.index]));
    }
    scan->stats = stats;
    return GBX_OK;
}

/* ---- a scan ---------------------------------------------------------------------------------- */

/* X(NAME, key) */
#define SCAN_KEYS(X)                                                                               \
    X(FORMAT, "format")                                                                            \
    X(NAME, "name")                                                                                \
    X(LOCATION, "location")                                                                        \
    X(PATHS, "paths")                                                                              \
    X(FIELDS, "fields")                                                                            \
    X(PARTITIONS, "partitions")                                                                    \
    X(CSV, "csv")                                                                                  \
    X(COMPRESSION, "compression")                                                                  \
    X(JSON_LAYOUT, "json_layout")                                                                  \
    X(INNER_NAME, "inner_name")                                                                    \
    X(OPTIONS, "options")                                                                          \
    X(UNBOUNDED, "unbounded")                                                                      \
    X(UNION_BY_NAME, "union_by_name")                                                              \
    X(FILES_DIFFER, "files_differ")                                                                \
    X(HIVE_PARTITIONING, "hive_partitioning")                                                      \
    X(FILENAME_COLUMN, "filename_column")                                                          \
    X(ROW_COUNT, "row_count")                                                                      \
    X(ROW_COUNT_EXACT, "row_count_exact")                                                          \
    X(SIZE_BYTES, "size_bytes")                                                                    \
    X(STATS, "stats")                                                                              \
    X(FINGERPRINT, "fingerprint")

enum {
#define SCAN_KEY_ENUM(name, text) KEY_##name,
    SCAN_KEYS(SCAN_KEY_ENUM)
#undef SCAN_KEY_ENUM
    N_KEYS
};

static const char *const key_names[N_KEYS] = {
#define SCAN_KEY_NAME(name, text) [KEY_##name] = (text),
    SCAN_KEYS(SCAN_KEY_NAME)
#undef SCAN_KEY_NAME
};

#define NEEDED (UINT64_C(1) << KEY_FORMAT | UINT64_C(1) << KEY_FIELDS)

static gbx_status read_texts(gbx__pj *r, const gbx__pj_path *at, yyjson_val *const *m,
                             gbx__scan *scan)
{
    const struct {
        int key;
        gbx__str *out;
    } texts[] = {
        {KEY_NAME, &scan->name},
        {KEY_LOCATION, &scan->location},
        {KEY_COMPRESSION, &scan->compression},
        {KEY_JSON_LAYOUT, &scan->json_layout},
        {KEY_INNER_NAME, &scan->inner_name},
        {KEY_FILENAME_COLUMN, &scan->filename_column},
        {KEY_FINGERPRINT, &scan->fingerprint},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const int key = texts[i].key;
        *texts[i].out = GBX_STR("");
        GBX_TRY(gbx__pj_str(r, at, key_names[key], m[key], texts[i].out));
    }
    return GBX_OK;
}

static gbx_status read_scan(gbx__pj *r, const gbx__pj_path *at, yyjson_val *const *m,
                            gbx__scan *scan)
{
    int format = 0;
    bool is_unbounded = false;
    scan->row_count = -1;
    scan->size_bytes = -1;
    GBX_TRY(gbx__pj_enum(r, at, "format", m[KEY_FORMAT], GBX_SCAN_FORMATS, format_text, &format));
    scan->format = (gbx__scan_format)format;
    GBX_TRY(read_texts(r, at, m, scan));
    GBX_TRY(gbx__pj_strs(r, at, "paths", m[KEY_PATHS], &scan->n_paths, &scan->paths));
    GBX_TRY(gbx__pj_fields(r, at, "fields", m[KEY_FIELDS], &scan->n_fields, &scan->fields));
    GBX_TRY(gbx__pj_u32(r, at, "partitions", m[KEY_PARTITIONS], 0, scan->n_fields,
                        &scan->n_partitions));
    GBX_TRY(read_csv(r, at, m[KEY_CSV], &scan->csv));
    GBX_TRY(read_options(r, at, m[KEY_OPTIONS], scan));
    GBX_TRY(gbx__pj_bool(r, at, "unbounded", m[KEY_UNBOUNDED], &is_unbounded));
    scan->is_bounded = !is_unbounded;
    GBX_TRY(gbx__pj_bool(r, at, "union_by_name", m[KEY_UNION_BY_NAME], &scan->union_by_name));
    GBX_TRY(gbx__pj_bool(r, at, "files_differ", m[KEY_FILES_DIFFER], &scan->files_differ));
    GBX_TRY(gbx__pj_bool(r, at, "hive_partitioning", m[KEY_HIVE_PARTITIONING],
                         &scan->hive_partitioning));
    GBX_TRY(gbx__pj_int(r, at, "row_count", m[KEY_ROW_COUNT], 0, INT64_MAX, &scan->row_count));
    GBX_TRY(gbx__pj_bool(r, at, "row_count_exact", m[KEY_ROW_COUNT_EXACT], &scan->row_count_exact));
    GBX_TRY(gbx__pj_int(r, at, "size_bytes", m[KEY_SIZE_BYTES], 0, INT64_MAX, &scan->size_bytes));
    return read_stats(r, at, m[KEY_STATS], scan);
}

gbx_status gbx__pj_scan(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__scan **out)
{
    const gbx__pj_path at = {.up = path, .key = key};
    yyjson_val *members[N_KEYS];
    gbx__scan *scan = GBX_ARENA_NEW(&r->b.arena, gbx__scan);
    if (!scan) return GBX_FAIL_NOMEM(r->err);
    GBX_TRY(gbx__pj_object(r, &at, val, key_names, N_KEYS, members));
    GBX_TRY(gbx__pj_members(r, &at, key_names, N_KEYS, members, ~UINT64_C(0), NEEDED));
    GBX_TRY(read_scan(r, &at, members, scan));
    *out = scan;
    return GBX_OK;
}
