/*
 * DuckDB's type text → a plan's type. Reads what DESCRIBE and typeof print, and the other names
 * that people write in a reader's columns and types:
 *
 *   type   := base ( "[" [size] "]" )*
 *   base   := name | DECIMAL(p,s) | STRUCT(field type, …) | TUPLE(type, …) | MAP(key, value)
 *           | UNION(tag type, …) | ENUM('a', …) | TIME|TIMESTAMP [WITH|WITHOUT TIME ZONE]
 *
 * A type that a plan has no place for is refused by name.
 */
#include "base/vec.h"
#include "source/source.h"

#include <string.h>

#define TYPE_MAX_DEPTH 64
#define TYPE_MAX_ARRAY 100000
#define TYPE_MAX_SHOWN 80 /* bytes of a type in a message */

typedef struct type_reader {
    gbx__arena *arena;
    gbx__str text;
    size_t at;
    int depth;
    gbx_error *err;
} type_reader;

typedef struct type_name {
    const char *name;
    gbx__type_kind kind;
} type_name;

static const type_name plain_names[] = {
    {"VARCHAR", GBX_TYPE_UTF8},       {"BIGINT", GBX_TYPE_INT64},
    {"DOUBLE", GBX_TYPE_FLOAT64},     {"DATE", GBX_TYPE_DATE},
    {"INTEGER", GBX_TYPE_INT32},      {"BOOLEAN", GBX_TYPE_BOOL},
    {"NULL", GBX_TYPE_NULL},          {"TINYINT", GBX_TYPE_INT8},
    {"SMALLINT", GBX_TYPE_INT16},     {"HUGEINT", GBX_TYPE_INT128},
    {"UTINYINT", GBX_TYPE_UINT8},     {"USMALLINT", GBX_TYPE_UINT16},
    {"UINTEGER", GBX_TYPE_UINT32},    {"UBIGINT", GBX_TYPE_UINT64},
    {"UHUGEINT", GBX_TYPE_UINT128},   {"FLOAT", GBX_TYPE_FLOAT32},
    {"BLOB", GBX_TYPE_BINARY},        {"TIMETZ", GBX_TYPE_TIMETZ},
    {"INTERVAL", GBX_TYPE_INTERVAL},  {"UUID", GBX_TYPE_UUID},
    {"BIT", GBX_TYPE_BIT},            {"BIGNUM", GBX_TYPE_BIGNUM},
    {"JSON", GBX_TYPE_JSON},          {"VARIANT", GBX_TYPE_VARIANT},
    {"GEOMETRY", GBX_TYPE_GEOMETRY},  {"BOOL", GBX_TYPE_BOOL},
    {"LOGICAL", GBX_TYPE_BOOL},       {"INT1", GBX_TYPE_INT8},
    {"INT2", GBX_TYPE_INT16},         {"INT16", GBX_TYPE_INT16},
    {"SHORT", GBX_TYPE_INT16},        {"INT", GBX_TYPE_INT32},
    {"INT4", GBX_TYPE_INT32},         {"INT32", GBX_TYPE_INT32},
    {"SIGNED", GBX_TYPE_INT32},       {"INTEGRAL", GBX_TYPE_INT32},
    {"INT8", GBX_TYPE_INT64},         {"INT64", GBX_TYPE_INT64},
    {"LONG", GBX_TYPE_INT64},         {"OID", GBX_TYPE_INT64},
    {"INT128", GBX_TYPE_INT128},      {"UINT8", GBX_TYPE_UINT8},
    {"UINT16", GBX_TYPE_UINT16},      {"UINT32", GBX_TYPE_UINT32},
    {"UINT64", GBX_TYPE_UINT64},      {"UINT128", GBX_TYPE_UINT128},
    {"REAL", GBX_TYPE_FLOAT32},       {"FLOAT4", GBX_TYPE_FLOAT32},
    {"FLOAT8", GBX_TYPE_FLOAT64},     {"CHAR", GBX_TYPE_UTF8},
    {"BPCHAR", GBX_TYPE_UTF8},        {"TEXT", GBX_TYPE_UTF8},
    {"STRING", GBX_TYPE_UTF8},        {"NVARCHAR", GBX_TYPE_UTF8},
    {"BYTEA", GBX_TYPE_BINARY},       {"BINARY", GBX_TYPE_BINARY},
    {"VARBINARY", GBX_TYPE_BINARY},   {"GUID", GBX_TYPE_UUID},
    {"BITSTRING", GBX_TYPE_BIT},      {"VARINT", GBX_TYPE_BIGNUM},
};

typedef struct timestamp_name {
    const char *name;
    gbx__unit unit;
    bool has_zone;
} timestamp_name;

static const timestamp_name timestamp_names[] = {
    {"TIMESTAMP", GBX_UNIT_US, false},    {"DATETIME", GBX_UNIT_US, false},
    {"TIMESTAMP_S", GBX_UNIT_S, false},   {"TIMESTAMP_MS", GBX_UNIT_MS, false},
    {"TIMESTAMP_US", GBX_UNIT_US, false}, {"TIMESTAMP_NS", GBX_UNIT_NS, false},
    {"TIMESTAMPTZ", GBX_UNIT_US, true},   {"TIMESTAMPTZ_NS", GBX_UNIT_NS, true},
};

static gbx_status read_type(type_reader *r, const gbx__type **out);

static gbx_status fail_at(type_reader *r, const char *expected)
{
    const bool is_long = r->text.len > TYPE_MAX_SHOWN;
    gbx__error_set(r->err, GBX_PARSE, "type '%.*s%s': expected %s at offset %zu",
                   is_long ? TYPE_MAX_SHOWN : (int)r->text.len, r->text.ptr, is_long ? "..." : "",
                   expected, r->at);
    gbx__error_locate(r->err, r->text.ptr, r->text.len, r->at);
    return GBX_PARSE;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char peek(type_reader *r)
{
    while (r->at < r->text.len && is_space(r->text.ptr[r->at])) r->at++;
    return r->at < r->text.len ? r->text.ptr[r->at] : '\0';
}

static bool take(type_reader *r, char c)
{
    if (peek(r) != c || r->at >= r->text.len) return false;
    r->at++;
    return true;
}

static gbx_status want(type_reader *r, char c)
{
    char expected[4] = {'\'', c, '\'', '\0'};
    return take(r, c) ? GBX_OK : fail_at(r, expected);
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* A bare word, as a view; empty when there is none. */
static gbx__str read_word(type_reader *r)
{
    peek(r);
    const size_t start = r->at;
    while (r->at < r->text.len && is_word(r->text.ptr[r->at])) r->at++;
    return (gbx__str){r->text.ptr + start, r->at - start};
}

static bool take_word(type_reader *r, const char *word)
{
    const size_t start = r->at;
    if (gbx__str_is_nocase(read_word(r), word)) return true;
    r->at = start;
    return false;
}

/* After the opening quote, up to the closing one; doubled quotes become one. */
static gbx_status read_quoted(type_reader *r, char quote, gbx__str *out)
{
    char *bytes = gbx__arena_alloc(r->arena, r->text.len - r->at + 1);
    if (!bytes) return GBX_FAIL_NOMEM(r->err);
    size_t len = 0;
    while (r->at < r->text.len) {
        const char c = r->text.ptr[r->at++];
        if (c == quote) {
            if (r->at >= r->text.len || r->text.ptr[r->at] != quote) {
                *out = (gbx__str){bytes, len};
                return GBX_OK;
            }
            r->at++;
        }
        bytes[len++] = c;
    }
    return fail_at(r, quote == '"' ? "a closing \"" : "a closing '");
}

static gbx_status read_name(type_reader *r, gbx__str *out)
{
    if (take(r, '"')) return read_quoted(r, '"', out);
    const gbx__str word = read_word(r);
    if (word.len == 0) return fail_at(r, "a name");
    *out = gbx__arena_str(r->arena, word);
    return out->ptr ? GBX_OK : GBX_FAIL_NOMEM(r->err);
}

static gbx_status read_number(type_reader *r, uint32_t most, uint32_t *out)
{
    uint32_t number = 0;
    const char first = peek(r);
    if (first < '0' || first > '9') return fail_at(r, "a number");
    while (r->at < r->text.len && r->text.ptr[r->at] >= '0' && r->text.ptr[r->at] <= '9') {
        number = number * 10 + (uint32_t)(r->text.ptr[r->at] - '0');
        if (number > most) return fail_at(r, "a smaller number");
        r->at++;
    }
    *out = number;
    return GBX_OK;
}

static gbx_status made(type_reader *r, const gbx__type *type, const gbx__type **out)
{
    if (!type) return GBX_FAIL_NOMEM(r->err);
    *out = type;
    return GBX_OK;
}

typedef GBX_VEC(gbx__field) field_vec;

static gbx_status read_field_list(type_reader *r, bool with_names, field_vec *fields)
{
    GBX_TRY(want(r, '('));
    do {
        gbx__field field = {.name = {"", 0}};
        if (with_names) GBX_TRY(read_name(r, &field.name));
        GBX_TRY(read_type(r, &field.type));
        if (!gbx__vec_push(fields, field)) return GBX_FAIL_NOMEM(r->err);
    } while (take(r, ','));
    return want(r, ')');
}

static gbx_status read_fields(type_reader *r, bool with_names, gbx__field **out, uint32_t *n_out)
{
    field_vec fields = {0};
    gbx_status status = read_field_list(r, with_names, &fields);
    if (status == GBX_OK) {
        *out = GBX_ARENA_ARRAY(r->arena, fields.len, gbx__field);
        *n_out = (uint32_t)fields.len;
        if (*out) memcpy(*out, fields.items, fields.len * sizeof(gbx__field));
        else status = GBX_FAIL_NOMEM(r->err);
    }
    gbx__vec_done(&fields);
    return status;
}

static gbx_status read_struct(type_reader *r, bool with_names, const gbx__type **out)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    GBX_TRY(read_fields(r, with_names, &fields, &n_fields));
    return made(r, gbx__type_struct(r->arena, fields, n_fields), out);
}

static gbx_status read_union(type_reader *r, const gbx__type **out)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    GBX_TRY(read_fields(r, true, &fields, &n_fields));
    return made(r, gbx__type_union(r->arena, fields, n_fields), out);
}

static gbx_status read_map(type_reader *r, const gbx__type **out)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    GBX_TRY(read_fields(r, false, &fields, &n_fields));
    if (n_fields != 2) return fail_at(r, "a key and a value before this");
    return made(r, gbx__type_map(r->arena, fields[0].type, fields[1].type), out);
}

typedef GBX_VEC(gbx__str) str_vec;

static gbx_status read_value_list(type_reader *r, str_vec *values)
{
    GBX_TRY(want(r, '('));
    do {
        gbx__str value;
        GBX_TRY(want(r, '\''));
        GBX_TRY(read_quoted(r, '\'', &value));
        if (!gbx__vec_push(values, value)) return GBX_FAIL_NOMEM(r->err);
    } while (take(r, ','));
    return want(r, ')');
}

static gbx_status read_enum(type_reader *r, const gbx__type **out)
{
    str_vec values = {0};
    gbx_status status = read_value_list(r, &values);
    if (status == GBX_OK) {
        gbx__str *copy = GBX_ARENA_ARRAY(r->arena, values.len, gbx__str);
        if (copy) memcpy(copy, values.items, values.len * sizeof(gbx__str));
        if (copy) status = made(r, gbx__type_enum(r->arena, copy, (uint32_t)values.len), out);
        else status = GBX_FAIL_NOMEM(r->err);
    }
    gbx__vec_done(&values);
    return status;
}

static gbx_status read_decimal(type_reader *r, const gbx__type **out)
{
    uint32_t precision = 18;
    uint32_t scale = 3;
    if (take(r, '(')) {
        GBX_TRY(read_number(r, 38, &precision));
        scale = 0;
        if (take(r, ',')) GBX_TRY(read_number(r, 38, &scale));
        GBX_TRY(want(r, ')'));
    }
    if (precision == 0 || scale > precision) return fail_at(r, "a scale up to the precision");
    return made(r, gbx__type_decimal(r->arena, (int)precision, (int)scale), out);
}

/* WITH TIME ZONE and WITHOUT TIME ZONE behind a time's name. */
static gbx_status read_zone(type_reader *r, bool *has_zone)
{
    const bool with = take_word(r, "WITH");
    if (!with && !take_word(r, "WITHOUT")) return GBX_OK;
    if (!take_word(r, "TIME") || !take_word(r, "ZONE")) return fail_at(r, "TIME ZONE");
    *has_zone = with;
    return GBX_OK;
}

/* TIMESTAMP(3): digits of a second. */
static gbx_status read_unit(type_reader *r, gbx__unit *unit)
{
    uint32_t digits = 0;
    if (!take(r, '(')) return GBX_OK;
    GBX_TRY(read_number(r, 9, &digits));
    *unit = digits == 0   ? GBX_UNIT_S
            : digits <= 3 ? GBX_UNIT_MS
            : digits <= 6 ? GBX_UNIT_US
                          : GBX_UNIT_NS;
    return want(r, ')');
}

static gbx_status read_timestamp(type_reader *r, const timestamp_name *name, const gbx__type **out)
{
    gbx__unit unit = name->unit;
    bool has_zone = name->has_zone;
    GBX_TRY(read_unit(r, &unit));
    GBX_TRY(read_zone(r, &has_zone));
    return made(r, gbx__type_timestamp(unit, has_zone), out);
}

static gbx_status read_time(type_reader *r, const gbx__type **out)
{
    bool has_zone = false;
    GBX_TRY(read_zone(r, &has_zone));
    return made(r, has_zone ? gbx__type_plain(GBX_TYPE_TIMETZ) : gbx__type_time(GBX_UNIT_US), out);
}

static const timestamp_name *find_timestamp(gbx__str word)
{
    for (size_t i = 0; i < sizeof timestamp_names / sizeof *timestamp_names; i++) {
        if (gbx__str_is_nocase(word, timestamp_names[i].name)) return &timestamp_names[i];
    }
    return NULL;
}

/* A length that says nothing: VARCHAR(10), CHAR(3), BIT(8). */
static gbx_status skip_length(type_reader *r)
{
    uint32_t length = 0;
    if (!take(r, '(')) return GBX_OK;
    GBX_TRY(read_number(r, 100000000, &length));
    return want(r, ')');
}

static gbx_status read_plain(type_reader *r, gbx__str word, const gbx__type **out)
{
    for (size_t i = 0; i < sizeof plain_names / sizeof *plain_names; i++) {
        if (!gbx__str_is_nocase(word, plain_names[i].name)) continue;
        const gbx__type_kind kind = plain_names[i].kind;
        if (kind == GBX_TYPE_UTF8 || kind == GBX_TYPE_BIT) GBX_TRY(skip_length(r));
        if (kind == GBX_TYPE_FLOAT64) take_word(r, "PRECISION");
        if (peek(r) == '(') break;
        return made(r, gbx__type_plain(kind), out);
    }
    return GBX_FAIL(r->err, GBX_UNSUPPORTED, "the type %.*s in '%.*s' has no place in a plan",
                    GBX_STR_ARG(word), GBX_STR_ARG(r->text));
}

static gbx_status read_base(type_reader *r, const gbx__type **out)
{
    gbx__str word = {"", 0};
    if (take(r, '"')) GBX_TRY(read_quoted(r, '"', &word));
    else word = read_word(r);
    if (word.len == 0) return fail_at(r, "a type");
    const timestamp_name *timestamp = find_timestamp(word);
    if (timestamp) return read_timestamp(r, timestamp, out);
    if (gbx__str_is_nocase(word, "TIME")) return read_time(r, out);
    if (gbx__str_is_nocase(word, "TIME_NS")) return made(r, gbx__type_time(GBX_UNIT_NS), out);
    if (gbx__str_is_nocase(word, "DECIMAL") || gbx__str_is_nocase(word, "NUMERIC") ||
        gbx__str_is_nocase(word, "DEC")) {
        return read_decimal(r, out);
    }
    if (gbx__str_is_nocase(word, "STRUCT") || gbx__str_is_nocase(word, "ROW")) {
        return read_struct(r, true, out);
    }
    if (gbx__str_is_nocase(word, "TUPLE")) return read_struct(r, false, out);
    if (gbx__str_is_nocase(word, "MAP")) return read_map(r, out);
    if (gbx__str_is_nocase(word, "UNION")) return read_union(r, out);
    if (gbx__str_is_nocase(word, "ENUM")) return read_enum(r, out);
    if (gbx__str_is_nocase(word, "CHARACTER")) {
        take_word(r, "VARYING");
        word = GBX_STR("VARCHAR");
    }
    return read_plain(r, word, out);
}

static gbx_status read_suffixes(type_reader *r, const gbx__type *type, const gbx__type **out)
{
    while (take(r, '[')) {
        uint32_t size = 0;
        if (r->depth++ > TYPE_MAX_DEPTH) return fail_at(r, "fewer levels");
        if (peek(r) == ']') {
            type = gbx__type_list(r->arena, type);
        } else {
            GBX_TRY(read_number(r, TYPE_MAX_ARRAY, &size));
            if (size == 0) return fail_at(r, "a size of at least 1 before this");
            type = gbx__type_array(r->arena, type, size);
        }
        if (!type) return GBX_FAIL_NOMEM(r->err);
        GBX_TRY(want(r, ']'));
    }
    *out = type;
    return GBX_OK;
}

static gbx_status read_type(type_reader *r, const gbx__type **out)
{
    const gbx__type *type = NULL;
    const int depth = r->depth;
    if (r->depth++ > TYPE_MAX_DEPTH) return fail_at(r, "fewer levels");
    GBX_TRY(read_base(r, &type));
    GBX_TRY(read_suffixes(r, type, &type));
    r->depth = depth;
    *out = type;
    return GBX_OK;
}

gbx_status gbx__duck_type_parse(gbx__arena *arena, gbx__str text, const gbx__type **out,
                                gbx_error *err)
{
    type_reader reader = {.arena = arena, .text = text, .err = err};
    const gbx__type *type = NULL;
    GBX_TRY(read_type(&reader, &type));
    peek(&reader);
    if (reader.at < text.len) return fail_at(&reader, "the end");
    *out = type;
    return GBX_OK;
}
