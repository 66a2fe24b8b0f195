/*
 * Extension types. DuckDB marks its own as arrow.opaque, with JSON for parameters:
 * {"type_name": "hugeint", "vendor_name": "DuckDB"}.
 */
#include "result/column_priv.h"

#include "arrow/arrow.h"

#include <string.h>

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

const char *result_extension(const struct ArrowSchema *schema)
{
    static const char *const canonical[][2] = {{"arrow.uuid", "uuid"},
                                               {"arrow.json", "json"},
                                               {"arrow.bool8", "bool8"},
                                               {"arrow.parquet.variant", "variant"},
                                               {"geoarrow.wkb", "geometry"},
                                               {NULL, NULL}};
    static const char *const duckdb[][2] = {{"hugeint", "hugeint"},   {"uhugeint", "uhugeint"},
                                            {"time_tz", "time_tz"},   {"bit", "bit"},
                                            {"bignum", "bignum"},     {"varint", "bignum"},
                                            {NULL, NULL}};
    gbx__str parameters;
    const gbx__str name = gbx__arrow_extension(schema, &parameters);
    if (!gbx__str_is(name, "arrow.opaque")) return extension_of(name, canonical);
    const gbx__str vendor = extension_json_member(parameters, "\"vendor_name\"");
    if (!gbx__str_is(vendor, "DuckDB")) return NULL;
    return extension_of(extension_json_member(parameters, "\"type_name\""), duckdb);
}
