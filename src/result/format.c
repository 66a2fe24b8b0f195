/* Names of formats, and the endings of their files. */
#include "result/result.h"

static const struct {
    const char *name;
    const char *ending; /* NULL: no file is called so */
    gbx__format format;
} format_names[] = {
    {"table", NULL, GBX_FORMAT_TABLE},          {"csv", ".csv", GBX_FORMAT_CSV},
    {"json", ".json", GBX_FORMAT_JSON},         {"jsonl", ".jsonl", GBX_FORMAT_JSONL},
    {"ndjson", ".ndjson", GBX_FORMAT_JSONL},    {"arrow", ".arrows", GBX_FORMAT_ARROW},
    {"parquet", ".parquet", GBX_FORMAT_PARQUET}, {NULL, ".arrow", GBX_FORMAT_ARROW},
};

#define FORMAT_COUNT (sizeof(format_names) / sizeof(format_names[0]))

gbx_status gbx__format_parse(gbx__str text, gbx__format *out, gbx_error *err)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (format_names[i].name && gbx__str_is_nocase(text, format_names[i].name)) {
            *out = format_names[i].format;
            return GBX_OK;
        }
    }
    return GBX_FAIL(err, GBX_INVALID,
                    "unknown format \"%.*s\": there are table, csv, json, jsonl, arrow and parquet",
                    GBX_STR_ARG(text));
}

bool gbx__format_of_path(gbx__str path, gbx__format *out)
{
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (format_names[i].ending && gbx__str_ends_nocase(path, format_names[i].ending)) {
            *out = format_names[i].format;
            return true;
        }
    }
    return false;
}
