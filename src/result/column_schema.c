/* From an Arrow schema to columns: the format strings of the C data interface. */
#include "result/column_priv.h"
#include "result/text_priv.h"

#include <stdlib.h>

#define SCHEMA_MAX_DEPTH 64
#define SCHEMA_MAX_SCALE 1000

typedef struct schema_reader {
    gbx__arena *arena;
    const char *top_name; /* of the column that is being read: errors name it */
    bool is_out_of_memory;
    gbx_error *err;
} schema_reader;

typedef struct schema_format {
    const char *format;
    gbx__column_kind kind;
    gbx__column_layout layout;
    int32_t width;
    int32_t fraction;
} schema_format;

/* Formats without parameters. */
static const schema_format schema_plain[] = {
    {"n", GBX_COLUMN_NULL, GBX_LAYOUT_FIXED, 0, 0},
    {"b", GBX_COLUMN_BOOL, GBX_LAYOUT_FIXED, 0, 0},
    {"c", GBX_COLUMN_INT8, GBX_LAYOUT_FIXED, 1, 0},
    {"C", GBX_COLUMN_UINT8, GBX_LAYOUT_FIXED, 1, 0},
    {"s", GBX_COLUMN_INT16, GBX_LAYOUT_FIXED, 2, 0},
    {"S", GBX_COLUMN_UINT16, GBX_LAYOUT_FIXED, 2, 0},
    {"i", GBX_COLUMN_INT32, GBX_LAYOUT_FIXED, 4, 0},
    {"I", GBX_COLUMN_UINT32, GBX_LAYOUT_FIXED, 4, 0},
    {"l", GBX_COLUMN_INT64, GBX_LAYOUT_FIXED, 8, 0},
    {"L", GBX_COLUMN_UINT64, GBX_LAYOUT_FIXED, 8, 0},
    {"e", GBX_COLUMN_FLOAT16, GBX_LAYOUT_FIXED, 2, 0},
    {"f", GBX_COLUMN_FLOAT32, GBX_LAYOUT_FIXED, 4, 0},
    {"g", GBX_COLUMN_FLOAT64, GBX_LAYOUT_FIXED, 8, 0},
    {"u", GBX_COLUMN_UTF8, GBX_LAYOUT_OFFSETS32, 0, 0},
    {"U", GBX_COLUMN_UTF8, GBX_LAYOUT_OFFSETS64, 0, 0},
    {"vu", GBX_COLUMN_UTF8, GBX_LAYOUT_VIEW32, 0, 0},
    {"z", GBX_COLUMN_BINARY, GBX_LAYOUT_OFFSETS32, 0, 0},
    {"Z", GBX_COLUMN_BINARY, GBX_LAYOUT_OFFSETS64, 0, 0},
    {"vz", GBX_COLUMN_BINARY, GBX_LAYOUT_VIEW32, 0, 0},
    {"tdD", GBX_COLUMN_DATE, GBX_LAYOUT_FIXED, 4, 0},
    {"tdm", GBX_COLUMN_DATE, GBX_LAYOUT_FIXED, 8, 3},
    {"tts", GBX_COLUMN_TIME, GBX_LAYOUT_FIXED, 4, 0},
    {"ttm", GBX_COLUMN_TIME, GBX_LAYOUT_FIXED, 4, 3},
    {"ttu", GBX_COLUMN_TIME, GBX_LAYOUT_FIXED, 8, 6},
    {"ttn", GBX_COLUMN_TIME, GBX_LAYOUT_FIXED, 8, 9},
    {"tDs", GBX_COLUMN_DURATION, GBX_LAYOUT_FIXED, 8, 0},
    {"tDm", GBX_COLUMN_DURATION, GBX_LAYOUT_FIXED, 8, 3},
    {"tDu", GBX_COLUMN_DURATION, GBX_LAYOUT_FIXED, 8, 6},
    {"tDn", GBX_COLUMN_DURATION, GBX_LAYOUT_FIXED, 8, 9},
    {"tiM", GBX_COLUMN_INTERVAL_MONTHS, GBX_LAYOUT_FIXED, 4, 0},
    {"tiD", GBX_COLUMN_INTERVAL_DAYS, GBX_LAYOUT_FIXED, 8, 3},
    {"tin", GBX_COLUMN_INTERVAL, GBX_LAYOUT_FIXED, 16, 9},
    {"+l", GBX_COLUMN_LIST, GBX_LAYOUT_OFFSETS32, 0, 0},
    {"+L", GBX_COLUMN_LIST, GBX_LAYOUT_OFFSETS64, 0, 0},
    {"+vl", GBX_COLUMN_LIST, GBX_LAYOUT_VIEW32, 0, 0},
    {"+vL", GBX_COLUMN_LIST, GBX_LAYOUT_VIEW64, 0, 0},
    {"+m", GBX_COLUMN_MAP, GBX_LAYOUT_OFFSETS32, 0, 0},
    {"+s", GBX_COLUMN_STRUCT, GBX_LAYOUT_FIXED, 0, 0},
    {"+r", GBX_COLUMN_RUN_END, GBX_LAYOUT_FIXED, 0, 0},
};

static bool schema_int(const char **at, long max, int32_t *out)
{
    char *end;
    const long value = strtol(*at, &end, 10);
    if (end == *at || value > max || value < -max) return false;
    *at = end;
    *out = (int32_t)value;
    return true;
}

/* "d:15,2" or "d:15,2,64". */
static bool schema_decimal(const char *at, gbx__column *column)
{
    int32_t bits = 128;
    column->kind = GBX_COLUMN_DECIMAL;
    if (!schema_int(&at, 76, &column->precision) || *at++ != ',') return false;
    if (!schema_int(&at, SCHEMA_MAX_SCALE, &column->scale)) return false;
    if (*at == ',' && (at++, !schema_int(&at, 256, &bits))) return false;
    column->width = bits / 8;
    return *at == '\0' && (bits == 32 || bits == 64 || bits == 128 || bits == 256);
}

/* "tsu:Europe/Berlin". */
static bool schema_timestamp(const char *format, gbx__column *column)
{
    static const char units[] = "smun";
    const char *unit = format[2] ? strchr(units, format[2]) : NULL;
    if (!unit || format[3] != ':') return false;
    column->kind = GBX_COLUMN_TIMESTAMP;
    column->width = 8;
    column->fraction = 3 * (int32_t)(unit - units);
    column->has_zone = format[4] != '\0';
    return true;
}

/* "+ud:0,1,5": the type id of each child. */
static bool schema_union(schema_reader *reader, const struct ArrowSchema *schema,
                         gbx__column *column)
{
    int16_t *members = GBX_ARENA_ARRAY(reader->arena, 128, int16_t);
    const char *at = schema->format + 4;
    if (!members) {
        reader->is_out_of_memory = true;
        return false;
    }
    memset(members, 0xFF, 128 * sizeof(*members));
    for (int16_t child = 0; *at; child++) {
        int32_t id;
        if (!schema_int(&at, 127, &id) || id < 0 || child >= schema->n_children) return false;
        members[id] = child;
        if (*at == ',') at++;
    }
    column->kind = GBX_COLUMN_UNION;
    column->is_dense = schema->format[2] == 'd';
    column->members = members;
    return true;
}

static bool schema_starts(const char *format, const char *prefix)
{
    return strncmp(format, prefix, strlen(prefix)) == 0;
}

/* What the format string says; false when it is not known. */
static bool schema_read_format(schema_reader *reader, const struct ArrowSchema *schema,
                               gbx__column *column)
{
    const char *format = schema->format;
    for (size_t i = 0; i < sizeof(schema_plain) / sizeof(schema_plain[0]); i++) {
        const schema_format *plain = &schema_plain[i];
        if (strcmp(plain->format, format) != 0) continue;
        column->kind = plain->kind;
        column->layout = plain->layout;
        column->width = plain->width;
        column->fraction = plain->fraction;
        return true;
    }
    if (schema_starts(format, "ts")) return schema_timestamp(format, column);
    if (schema_starts(format, "d:")) return schema_decimal(format + 2, column);
    if (schema_starts(format, "+us:") || schema_starts(format, "+ud:")) {
        return schema_union(reader, schema, column);
    }
    const bool is_list = schema_starts(format, "+w:");
    if (!is_list && !schema_starts(format, "w:")) return false;
    column->kind = is_list ? GBX_COLUMN_LIST : GBX_COLUMN_BINARY;
    const char *at = strchr(format, ':') + 1;
    return schema_int(&at, INT32_MAX, &column->width) && *at == '\0' && column->width >= 0;
}

/* An extension type gives another kind to its storage; one that does not fit it is left alone. */
static void schema_read_extension(const struct ArrowSchema *schema, gbx__column *column)
{
    static const struct {
        const char *name;
        gbx__column_kind storage;
        int32_t width; /* -1: any */
        gbx__column_kind kind;
    } known[] = {
        {"uuid", GBX_COLUMN_BINARY, 16, GBX_COLUMN_UUID},
        {"json", GBX_COLUMN_UTF8, -1, GBX_COLUMN_JSON},
        {"bool8", GBX_COLUMN_INT8, -1, GBX_COLUMN_BOOL8},
        {"hugeint", GBX_COLUMN_BINARY, 16, GBX_COLUMN_INT128},
        {"uhugeint", GBX_COLUMN_BINARY, 16, GBX_COLUMN_UINT128},
        {"time_tz", GBX_COLUMN_BINARY, 8, GBX_COLUMN_TIMETZ},
        {"bit", GBX_COLUMN_BINARY, -1, GBX_COLUMN_BIT},
        {"bignum", GBX_COLUMN_BINARY, -1, GBX_COLUMN_BIGNUM},
        {"geometry", GBX_COLUMN_BINARY, -1, GBX_COLUMN_GEOMETRY},
    };
    const char *name = result_extension(schema);
    if (!name) return;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].name, name) != 0 || known[i].storage != column->kind) continue;
        if (known[i].width < 0 || known[i].width == column->width) column->kind = known[i].kind;
        return;
    }
}

/* How many children a kind must have; -1: any number. */
static int64_t schema_expected_children(gbx__column_kind kind)
{
    switch ((int)kind) {
    case GBX_COLUMN_LIST:
    case GBX_COLUMN_MAP: return 1;
    case GBX_COLUMN_RUN_END: return 2;
    case GBX_COLUMN_STRUCT:
    case GBX_COLUMN_UNION: return -1;
    default: return 0;
    }
}

static gbx_status schema_read(schema_reader *reader, const struct ArrowSchema *schema, int depth,
                              gbx__column *column);

static gbx_status schema_read_children(schema_reader *reader, struct ArrowSchema *const *schemas,
                                       size_t count, int depth, gbx__column *column)
{
    column->n_children = count;
    column->children = GBX_ARENA_ARRAY(reader->arena, count, gbx__column);
    if (!column->children) return GBX_FAIL_NOMEM(reader->err);
    for (size_t i = 0; i < count; i++) {
        GBX_TRY(schema_read(reader, schemas[i], depth + 1, &column->children[i]));
    }
    return GBX_OK;
}

/* A VARIANT that is not shredded. */
static bool schema_is_variant(const struct ArrowSchema *schema, const gbx__column *column)
{
    const char *name = result_extension(schema);
    return column->kind == GBX_COLUMN_STRUCT && name && strcmp(name, "variant") == 0 &&
           column->n_children == 2 && column->children[0].kind == GBX_COLUMN_BINARY &&
           column->children[1].kind == GBX_COLUMN_BINARY;
}

static gbx_status schema_check(schema_reader *reader, const gbx__column *column)
{
    const gbx__column *first = column->n_children ? &column->children[0] : NULL;
    bool fits = true;
    if (column->kind == GBX_COLUMN_MAP) {
        fits = first && first->kind == GBX_COLUMN_STRUCT && first->n_children == 2;
    } else if (column->kind == GBX_COLUMN_RUN_END) {
        fits = first && (first->kind == GBX_COLUMN_INT16 || first->kind == GBX_COLUMN_INT32 ||
                         first->kind == GBX_COLUMN_INT64);
    } else if (column->kind == GBX_COLUMN_UNION) {
        fits = first != NULL;
    }
    if (fits) return GBX_OK;
    return GBX_FAIL(reader->err, GBX_INVALID, "column \"%s\": a broken Arrow schema of type \"%s\"",
                    reader->top_name, column->format);
}

/* Dictionary values are a child here; what the schema calls the column's type is the index. */
static gbx_status schema_read_dictionary(schema_reader *reader, const struct ArrowSchema *schema,
                                         int depth, gbx__column *column)
{
    if (column->kind < GBX_COLUMN_INT8 || column->kind > GBX_COLUMN_UINT64) {
        return GBX_FAIL(reader->err, GBX_INVALID,
                        "column \"%s\": a dictionary's index of type \"%s\"", reader->top_name,
                        schema->format);
    }
    column->kind = GBX_COLUMN_DICTIONARY;
    return schema_read_children(reader, &schema->dictionary, 1, depth, column);
}

static gbx_status schema_read(schema_reader *reader, const struct ArrowSchema *schema, int depth,
                              gbx__column *column)
{
    column->name = schema->name ? schema->name : "";
    column->format = schema->format;
    if (depth > SCHEMA_MAX_DEPTH) {
        return GBX_FAIL(reader->err, GBX_UNSUPPORTED, "column \"%s\" is nested more than %d deep",
                        reader->top_name, SCHEMA_MAX_DEPTH);
    }
    if (!schema_read_format(reader, schema, column)) {
        if (reader->is_out_of_memory) return GBX_FAIL_NOMEM(reader->err);
        return GBX_FAIL(reader->err, GBX_UNSUPPORTED,
                        "column \"%s\": no text is known for the Arrow type \"%s\"",
                        reader->top_name, schema->format);
    }
    schema_read_extension(schema, column);
    if (schema->dictionary) return schema_read_dictionary(reader, schema, depth, column);
    const int64_t expected = schema_expected_children(column->kind);
    if (schema->n_children < 0 || (expected >= 0 && schema->n_children != expected)) {
        return GBX_FAIL(reader->err, GBX_INVALID, "column \"%s\": %lld children of type \"%s\"",
                        reader->top_name, (long long)schema->n_children, schema->format);
    }
    GBX_TRY(schema_read_children(reader, schema->children, (size_t)schema->n_children, depth,
                                 column));
    GBX_TRY(schema_check(reader, column));
    column->is_variant = schema_is_variant(schema, column);
    (void)(result_text_number(column) || result_text_time(column) || result_text_bytes(column));
    return GBX_OK;
}

gbx_status gbx__columns_open(gbx__arena *arena, const struct ArrowSchema *schema,
                             gbx__column **out, size_t *out_count, gbx_error *err)
{
    schema_reader reader = {.arena = arena, .top_name = "", .err = err};
    if (!schema->format || strcmp(schema->format, "+s") != 0 || schema->n_children < 0) {
        return GBX_FAIL(err, GBX_INVALID, "the stream's Arrow type is \"%s\", not a table's \"+s\"",
                        schema->format ? schema->format : "");
    }
    const size_t count = (size_t)schema->n_children;
    gbx__column *columns = GBX_ARENA_ARRAY(arena, count, gbx__column);
    if (!columns) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < count; i++) {
        reader.top_name = schema->children[i]->name ? schema->children[i]->name : "";
        GBX_TRY(schema_read(&reader, schema->children[i], 0, &columns[i]));
    }
    *out = columns;
    *out_count = count;
    return GBX_OK;
}
