/* The formats that an input may have: endings, readers, probes. One row each. */
#include "source/source_priv.h"

static const char *const csv_endings[] = {".csv", ".tsv", ".txt", ".tab", ".psv", NULL};
static const char *const csv_readers[] = {"read_csv", "read_csv_auto", NULL};
static const char *const parquet_endings[] = {".parquet", ".parq", ".pq", NULL};
static const char *const parquet_readers[] = {"read_parquet", "parquet_scan", NULL};
static const char *const json_endings[] = {".json", ".ndjson", ".jsonl", ".geojson", NULL};
static const char *const json_readers[] = {"read_json", "read_json_auto", "read_ndjson",
                                           "read_ndjson_auto", NULL};
static const char *const arrow_endings[] = {".arrow", ".arrows", ".feather", ".ipc", NULL};
static const char *const arrow_readers[] = {"read_arrow", "read_ipc", "read_feather", NULL};
static const char *const sqlite_endings[] = {".sqlite", ".sqlite3", ".db", ".db3", NULL};
static const char *const sqlite_readers[] = {"sqlite_scan", "read_sqlite", NULL};
static const char *const xlsx_endings[] = {".xlsx", NULL};
static const char *const xlsx_readers[] = {"read_xlsx", NULL};

static gbx_status probe_xlsx(gbx__probe *probe)
{
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                    "'%.*s': Excel workbooks cannot be read; save the sheet as CSV",
                    GBX_STR_ARG(probe->scan->location));
}

static const gbx__source_format formats[] = {
    {GBX_SCAN_CSV, "CSV", csv_endings, csv_readers, gbx__source_probe_csv},
    {GBX_SCAN_PARQUET, "Parquet", parquet_endings, parquet_readers, gbx__source_probe_parquet},
    {GBX_SCAN_JSON, "JSON", json_endings, json_readers, gbx__source_probe_json},
    {GBX_SCAN_ARROW_IPC, "Arrow", arrow_endings, arrow_readers, gbx__source_probe_arrow_ipc},
    {GBX_SCAN_SQLITE, "SQLite", sqlite_endings, sqlite_readers, gbx__source_probe_sqlite},
    {GBX_SCAN_XLSX, "Excel", xlsx_endings, xlsx_readers, probe_xlsx},
};
#define N_FORMATS (sizeof formats / sizeof *formats)

const gbx__source_format *gbx__source_format_of(gbx__scan_format format)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        if (formats[i].format == format) return &formats[i];
    }
    return NULL;
}

gbx__str gbx__source_compression_by_ending(gbx__str path, gbx__str *stem)
{
    static const struct {
        const char *ending;
        const char *name;
    } compressions[] = {{".gz", "gzip"}, {".zst", "zstd"}, {".zstd", "zstd"}};
    for (size_t i = 0; i < sizeof compressions / sizeof *compressions; i++) {
        if (!gbx__str_ends_nocase(path, compressions[i].ending)) continue;
        const size_t len = gbx__str_of(compressions[i].ending).len;
        if (stem) *stem = (gbx__str){path.ptr, path.len - len};
        return gbx__str_of(compressions[i].name);
    }
    if (stem) *stem = path;
    return GBX_STR("");
}

const gbx__source_format *gbx__source_format_by_ending(gbx__str path)
{
    gbx__str stem;
    gbx__source_compression_by_ending(path, &stem);
    for (size_t i = 0; i < N_FORMATS; i++) {
        for (const char *const *ending = formats[i].endings; *ending; ending++) {
            if (gbx__str_ends_nocase(stem, *ending)) return &formats[i];
        }
    }
    return NULL;
}

const gbx__source_format *gbx__source_format_by_reader(gbx__str function)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        for (const char *const *reader = formats[i].readers; *reader; reader++) {
            if (gbx__str_is_nocase(function, *reader)) return &formats[i];
        }
    }
    return NULL;
}

bool gbx__source_reader_format(gbx__str function, gbx__scan_format *out)
{
    const gbx__source_format *format = gbx__source_format_by_reader(function);
    if (!format) return false;
    *out = format->format;
    return true;
}

static bool has_byte(gbx__str s, const char *bytes)
{
    for (size_t i = 0; i < s.len; i++) {
        for (const char *b = bytes; *b; b++) {
            if (s.ptr[i] == *b) return true;
        }
    }
    return false;
}

bool gbx__source_is_location(gbx__str name)
{
    return has_byte(name, "/*?[{~") || gbx__source_format_by_ending(name) != NULL;
}
