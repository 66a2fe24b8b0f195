#include "plan/arrow_type.h"

#include "arrow/arrow.h"

#include <stdlib.h>
#include <string.h>

#define FROM_ARROW_MAX_DEPTH 64

static gbx_status from_schema(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                              const gbx__type **out, gbx_error *err);

static gbx_status from_refused(const struct ArrowSchema *schema, gbx_error *err)
{
    gbx__buf text = {0};
    gbx__arrow_schema_print(&text, schema);
    gbx__error_set(err, GBX_UNSUPPORTED, "a plan has no type for Arrow's %s",
                   text.len > 0 && !text.failed ? text.data : schema->format);
    gbx__buf_done(&text);
    return GBX_UNSUPPORTED;
}

/* ---- what has no children and no parameters -------------------------------------------------- */

typedef struct type_name {
    const char *name;
    gbx__type_kind kind;
} type_name;

static const type_name *name_find(const type_name *names, size_t n, gbx__str name)
{
    for (size_t i = 0; i < n; i++)
        if (gbx__str_is(name, names[i].name)) return &names[i];
    return NULL;
}
#define NAME_FIND(names, name) name_find((names), sizeof(names) / sizeof((names)[0]), (name))

/* "type_name":"…" of an opaque type's parameters, which are JSON. */
static gbx__str opaque_name(gbx__str parameters)
{
    static const char key[] = "\"type_name\":\"";
    const char *start = memmem(parameters.ptr, parameters.len, key, sizeof(key) - 1);
    if (!start) return GBX_STR("");
    start += sizeof(key) - 1;
    const size_t left = parameters.len - (size_t)(start - parameters.ptr);
    const char *end = memchr(start, '"', left);
    return end ? (gbx__str){start, (size_t)(end - start)} : GBX_STR("");
}

static const type_name *extension_find(const struct ArrowSchema *schema)
{
    static const type_name canonical[] = {
        {"arrow.uuid", GBX_TYPE_UUID},       {"arrow.json", GBX_TYPE_JSON},
        {"arrow.bool8", GBX_TYPE_BOOL},      {"arrow.parquet.variant", GBX_TYPE_VARIANT},
        {"geoarrow.wkb", GBX_TYPE_GEOMETRY},
    };
    static const type_name opaque[] = {
        {"hugeint", GBX_TYPE_INT128}, {"uhugeint", GBX_TYPE_UINT128}, {"time_tz", GBX_TYPE_TIMETZ},
        {"bit", GBX_TYPE_BIT},        {"bignum", GBX_TYPE_BIGNUM},
    };
    gbx__str parameters;
    const gbx__str name = gbx__arrow_extension(schema, &parameters);
    if (gbx__str_is(name, "arrow.opaque")) return NAME_FIND(opaque, opaque_name(parameters));
    return NAME_FIND(canonical, name);
}

static const gbx__type *plain_find(const char *format)
{
    static const type_name plain[] = {
        {"n", GBX_TYPE_NULL},       {"b", GBX_TYPE_BOOL},       {"c", GBX_TYPE_INT8},
        {"s", GBX_TYPE_INT16},      {"i", GBX_TYPE_INT32},      {"l", GBX_TYPE_INT64},
        {"C", GBX_TYPE_UINT8},      {"S", GBX_TYPE_UINT16},     {"I", GBX_TYPE_UINT32},
        {"L", GBX_TYPE_UINT64},     {"f", GBX_TYPE_FLOAT32},    {"g", GBX_TYPE_FLOAT64},
        {"u", GBX_TYPE_UTF8},       {"U", GBX_TYPE_UTF8},       {"vu", GBX_TYPE_UTF8},
        {"z", GBX_TYPE_BINARY},     {"Z", GBX_TYPE_BINARY},     {"vz", GBX_TYPE_BINARY},
        {"tdD", GBX_TYPE_DATE},     {"tdm", GBX_TYPE_DATE},     {"tDs", GBX_TYPE_INTERVAL},
        {"tDm", GBX_TYPE_INTERVAL}, {"tDu", GBX_TYPE_INTERVAL}, {"tiM", GBX_TYPE_INTERVAL},
        {"tiD", GBX_TYPE_INTERVAL}, {"tin", GBX_TYPE_INTERVAL},
    };
    const type_name *found = NAME_FIND(plain, gbx__str_of(format));
    return found ? gbx__type_plain(found->kind) : NULL;
}

/* ---- what has parameters --------------------------------------------------------------------- */

static bool unit_of(char letter, gbx__unit *out)
{
    switch (letter) {
    case 's': *out = GBX_UNIT_S; return true;
    case 'm': *out = GBX_UNIT_MS; return true;
    case 'u': *out = GBX_UNIT_US; return true;
    case 'n': *out = GBX_UNIT_NS; return true;
    default: return false;
    }
}

/* Seconds and milliseconds of a day become microseconds, which hold them. */
static const gbx__type *time_of(const char *format)
{
    gbx__unit unit = GBX_UNIT_US;
    if (strncmp(format, "tt", 2) == 0 && unit_of(format[2], &unit))
        return gbx__type_time(unit == GBX_UNIT_NS ? GBX_UNIT_NS : GBX_UNIT_US);
    if (strncmp(format, "ts", 2) == 0 && unit_of(format[2], &unit) && format[3] == ':')
        return gbx__type_timestamp(unit, format[4] != '\0');
    return NULL;
}

static gbx_status decimal_of(gbx__arena *arena, const struct ArrowSchema *schema,
                             const gbx__type **out, gbx_error *err)
{
    char *end = NULL;
    const long precision = strtol(schema->format + 2, &end, 10);
    const long scale = *end == ',' ? strtol(end + 1, &end, 10) : -1;
    const long bits = *end == ',' ? strtol(end + 1, &end, 10) : 128;
    const bool is_held = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision;
    if (!is_held || bits > 128 || *end != '\0') return from_refused(schema, err);
    *out = gbx__type_decimal(arena, (int)precision, (int)scale);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* ---- what has children ----------------------------------------------------------------------- */

static gbx_status fields_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                            gbx__field **out, gbx_error *err)
{
    const size_t n = (size_t)schema->n_children;
    gbx__field *fields = GBX_ARENA_ARRAY(arena, n + 1, gbx__field);
    if (!fields) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        const struct ArrowSchema *child = schema->children[i];
        fields[i].name = gbx__arena_str(arena, gbx__str_of(child->name));
        if (!fields[i].name.ptr) return GBX_FAIL_NOMEM(err);
        GBX_TRY(from_schema(arena, child, depth + 1, &fields[i].type, err));
    }
    *out = fields;
    return GBX_OK;
}

static gbx_status one_child(const struct ArrowSchema *schema, int64_t n, gbx_error *err)
{
    if (schema->n_children == n) return GBX_OK;
    return GBX_FAIL(err, GBX_INVALID, "an Arrow schema of format '%s' has %lld children",
                    schema->format, (long long)schema->n_children);
}

static gbx_status map_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                         const gbx__type **out, gbx_error *err)
{
    gbx__field *pair = NULL;
    GBX_TRY(one_child(schema, 1, err));
    GBX_TRY(one_child(schema->children[0], 2, err));
    GBX_TRY(fields_of(arena, schema->children[0], depth + 1, &pair, err));
    *out = gbx__type_map(arena, pair[0].type, pair[1].type);
    return GBX_OK;
}

/* `+w:3` and the like: lists of one length. */
static gbx_status array_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                           const gbx__type **out, gbx_error *err)
{
    gbx__field *item = NULL;
    char *end = NULL;
    const long long size = strtoll(schema->format + 3, &end, 10);
    GBX_TRY(one_child(schema, 1, err));
    if (size < 1 || size > UINT32_MAX || *end != '\0') return from_refused(schema, err);
    GBX_TRY(fields_of(arena, schema, depth, &item, err));
    *out = gbx__type_array(arena, item->type, (uint32_t)size);
    return GBX_OK;
}

static gbx_status list_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                          const gbx__type **out, gbx_error *err)
{
    gbx__field *item = NULL;
    GBX_TRY(one_child(schema, 1, err));
    GBX_TRY(fields_of(arena, schema, depth, &item, err));
    *out = gbx__type_list(arena, item->type);
    return GBX_OK;
}

static gbx_status members_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                             const gbx__type **out, gbx_error *err)
{
    gbx__field *fields = NULL;
    const uint32_t n = (uint32_t)schema->n_children;
    GBX_TRY(fields_of(arena, schema, depth, &fields, err));
    *out = schema->format[1] == 's' ? gbx__type_struct(arena, fields, n)
                                    : gbx__type_union(arena, fields, n);
    return GBX_OK;
}

static gbx_status nested_of(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                            const gbx__type **out, gbx_error *err)
{
    static const char *const lists[] = {"+l", "+L", "+vl", "+vL"};
    const char *format = schema->format;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(format, lists[i]) == 0) return list_of(arena, schema, depth, out, err);
    if (strncmp(format, "+w:", 3) == 0) return array_of(arena, schema, depth, out, err);
    if (strcmp(format, "+m") == 0) return map_of(arena, schema, depth, out, err);
    const bool is_union = strncmp(format, "+us:", 4) == 0 || strncmp(format, "+ud:", 4) == 0;
    if (strcmp(format, "+s") == 0 || is_union) return members_of(arena, schema, depth, out, err);
    if (strcmp(format, "+r") != 0) return from_refused(schema, err);
    GBX_TRY(one_child(schema, 2, err)); /* run ends, values */
    return from_schema(arena, schema->children[1], depth + 1, out, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static gbx_status from_format(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                              const gbx__type **out, gbx_error *err)
{
    const char *format = schema->format;
    const gbx__type *type = plain_find(format);
    if (!type) type = time_of(format);
    if (!type && strncmp(format, "w:", 2) == 0) type = gbx__type_plain(GBX_TYPE_BINARY);
    if (type) {
        *out = type;
        return GBX_OK;
    }
    if (strncmp(format, "d:", 2) == 0) return decimal_of(arena, schema, out, err);
    if (format[0] != '+') return from_refused(schema, err);
    type = NULL;
    GBX_TRY(nested_of(arena, schema, depth, &type, err));
    if (!type) return GBX_FAIL_NOMEM(err);
    *out = type;
    return GBX_OK;
}

static gbx_status from_schema(gbx__arena *arena, const struct ArrowSchema *schema, int depth,
                              const gbx__type **out, gbx_error *err)
{
    if (!schema || !schema->release || !schema->format)
        return GBX_FAIL(err, GBX_INVALID, "an Arrow schema is empty");
    if (depth > FROM_ARROW_MAX_DEPTH)
        return GBX_FAIL(err, GBX_INVALID, "an Arrow type is nested more than %d levels deep",
                        FROM_ARROW_MAX_DEPTH);
    if (schema->dictionary) return from_schema(arena, schema->dictionary, depth + 1, out, err);
    const type_name *extension = extension_find(schema);
    if (!extension) return from_format(arena, schema, depth, out, err);
    *out = gbx__type_plain(extension->kind);
    return GBX_OK;
}

gbx_status gbx__type_from_arrow(gbx__arena *arena, const struct ArrowSchema *schema,
                                const gbx__type **out, gbx_error *err)
{
    return from_schema(arena, schema, 0, out, err);
}
