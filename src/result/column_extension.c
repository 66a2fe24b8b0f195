/*
 * Extension types, named in a field's metadata: int32 n, then n times (int32 length, bytes) for key
 * and value. DuckDB marks its own types as arrow.opaque, whose metadata is JSON: {"type_name":
 * "hugeint", "vendor_name": "DuckDB"}.
 */
#include "result/column_priv.h"

#include <string.h>

#define EXTENSION_MAX_PAIRS 1024

static int32_t extension_int(const char **at)
{
    int32_t value;
    memcpy(&value, *at, sizeof(value));
    *at += sizeof(value);
    return value;
}

static gbx__str extension_str(const char **at)
{
    const int32_t len = extension_int(at);
    const gbx__str s = {*at, len > 0 ? (size_t)len : 0};
    *at += s.len;
    return s;
}

static gbx__str extension_find(const char *metadata, const char *key)
{
    const char *at = metadata;
    int32_t n_pairs = metadata ? extension_int(&at) : 0;
    if (n_pairs > EXTENSION_MAX_PAIRS) n_pairs = EXTENSION_MAX_PAIRS;
    for (int32_t i = 0; i < n_pairs; i++) {
        const gbx__str name = extension_str(&at);
        const gbx__str value = extension_str(&at);
        if (gbx__str_is(name, key)) return value;
    }
    return (gbx__str){"", 0};
}

/* The text behind "key": in flat JSON without escapes. */
static gbx__str extension_json_member(gbx__str json, const char *quoted_key)
{
    const char *end = json.ptr + json.len;
    const char *at = json.len ? memmem(json.ptr, json.len, quoted_key, strlen(quoted_key)) : NULL;
    if (!at) return (gbx__str){"", 0};
    at += strlen(quoted_key);
    while (at < end && (*at == ' ' || *at == ':')) at++;
    if (at == end || *at++ != '"') return (gbx__str){"", 0};
    const char *close = memchr(at, '"', (size_t)(end - at));
    return (gbx__str){at, close ? (size_t)(close - at) : 0};
}

static const char *extension_of(gbx__str name, const char *const (*table)[2])
{
    for (; (*table)[0]; table++) {
        if (gbx__str_is(name, (*table)[0])) return (*table)[1];
    }
    return NULL;
}

const char *result_extension(const char *metadata)
{
    static const char *const canonical[][2] = {
        {"arrow.uuid", "uuid"}, {"arrow.json", "json"}, {"arrow.bool8", "bool8"}, {NULL, NULL}};
    static const char *const duckdb[][2] = {{"hugeint", "hugeint"},   {"uhugeint", "uhugeint"},
                                            {"time_tz", "time_tz"},   {"bit", "bit"},
                                            {"bignum", "bignum"},     {"varint", "bignum"},
                                            {NULL, NULL}};
    const gbx__str name = extension_find(metadata, "ARROW:extension:name");
    if (!gbx__str_is(name, "arrow.opaque")) return extension_of(name, canonical);
    const gbx__str detail = extension_find(metadata, "ARROW:extension:metadata");
    if (!gbx__str_is(extension_json_member(detail, "\"vendor_name\""), "DuckDB")) return NULL;
    return extension_of(extension_json_member(detail, "\"type_name\""), duckdb);
}
