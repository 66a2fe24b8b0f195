/*
 * Reads the text form of a type: one function for each rule of
 *
 *   type   = word [ "(" parameters ")" ] [ "<" parts ">" ]
 *   field  = [ quoted ":" ] type
 */
#include "plan/type.h"

#include "base/vec.h"

#include <string.h>

typedef GBX_VEC(gbx__field) type_fields;
typedef GBX_VEC(gbx__str) type_values;

typedef struct type_parser {
    gbx__arena *arena;
    gbx__str text;
    size_t at;
    gbx_error *err;
} type_parser;

static void type_fields_done(type_fields *fields)
{
    gbx__vec_done(fields);
}

static void type_values_done(type_values *values)
{
    gbx__vec_done(values);
}

static gbx_status type_fail(type_parser *p, const char *what)
{
    gbx__error_set(p->err, GBX_PARSE, "not a type: %s", what);
    gbx__error_locate(p->err, p->text.ptr, p->text.len, p->at);
    return GBX_PARSE;
}

static void type_skip(type_parser *p)
{
    while (p->at < p->text.len && p->text.ptr[p->at] == ' ') p->at++;
}

static bool type_peek(type_parser *p, char c)
{
    type_skip(p);
    return p->at < p->text.len && p->text.ptr[p->at] == c;
}

static bool type_accept(type_parser *p, char c)
{
    if (!type_peek(p, c)) return false;
    p->at++;
    return true;
}

static gbx_status type_expect(type_parser *p, char c)
{
    if (type_accept(p, c)) return GBX_OK;
    const char what[] = {'\'', c, '\'', ' ', 'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', '\0'};
    return type_fail(p, what);
}

static bool type_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static gbx__str type_word(type_parser *p)
{
    type_skip(p);
    const size_t start = p->at;
    while (p->at < p->text.len && type_is_word(p->text.ptr[p->at])) p->at++;
    return (gbx__str){p->text.ptr + start, p->at - start};
}

static gbx_status type_number(type_parser *p, uint32_t most, uint32_t *out)
{
    const gbx__str word = type_word(p);
    uint64_t number = 0;
    if (word.len == 0 || word.len > 10) return type_fail(p, "a number expected");
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < '0' || word.ptr[i] > '9') return type_fail(p, "a number expected");
        number = number * 10 + (uint64_t)(word.ptr[i] - '0');
    }
    if (number > most) return type_fail(p, "the number is too large");
    *out = (uint32_t)number;
    return GBX_OK;
}

/* Where the quoted text at p->at ends (its last quote); the end of the text when it doesn't. */
static size_t type_quoted_end(const type_parser *p, char quote)
{
    size_t at = p->at;
    for (; at < p->text.len; at++) {
        if (p->text.ptr[at] != quote) continue;
        if (at + 1 == p->text.len || p->text.ptr[at + 1] != quote) break;
        at++;
    }
    return at;
}

/* Text between quotes, doubled ones inside. */
static gbx_status type_quoted(type_parser *p, char quote, gbx__str *out)
{
    GBX_TRY(type_expect(p, quote));
    const size_t end = type_quoted_end(p, quote);
    if (end == p->text.len) return type_fail(p, "the quotes do not end");
    char *copy = gbx__arena_alloc(p->arena, end - p->at + 1);
    if (!copy) return GBX_FAIL_NOMEM(p->err);
    size_t len = 0;
    for (size_t i = p->at; i < end; i++) {
        copy[len++] = p->text.ptr[i];
        if (p->text.ptr[i] == quote) i++;
    }
    p->at = end + 1;
    *out = (gbx__str){copy, len};
    return GBX_OK;
}

static gbx_status type_parse_one(type_parser *p, int depth, const gbx__type **out);

static gbx_status type_parse_field(type_parser *p, int depth, gbx__field *out)
{
    out->name = GBX_STR("");
    if (type_peek(p, '"')) {
        GBX_TRY(type_quoted(p, '"', &out->name));
        GBX_TRY(type_expect(p, ':'));
    }
    return type_parse_one(p, depth, &out->type);
}

static gbx_status type_parse_fields(type_parser *p, int depth, bool is_union, const gbx__type **out)
{
    GBX_AUTO(type_fields_done) type_fields fields = {0};
    GBX_TRY(type_expect(p, '<'));
    while (!type_peek(p, '>') || fields.len) {
        gbx__field field = {0};
        GBX_TRY(type_parse_field(p, depth, &field));
        if (fields.len == UINT32_MAX) return type_fail(p, "too many fields");
        if (!gbx__vec_push(&fields, field)) return GBX_FAIL_NOMEM(p->err);
        if (!type_accept(p, ',')) break;
    }
    GBX_TRY(type_expect(p, '>'));
    const uint32_t n = (uint32_t)fields.len;
    *out = is_union ? gbx__type_union(p->arena, fields.items, n)
                    : gbx__type_struct(p->arena, fields.items, n);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

static gbx_status type_parse_enum(type_parser *p, const gbx__type **out)
{
    GBX_AUTO(type_values_done) type_values values = {0};
    GBX_TRY(type_expect(p, '<'));
    while (!type_peek(p, '>') || values.len) {
        gbx__str value;
        GBX_TRY(type_quoted(p, '\'', &value));
        if (values.len == UINT32_MAX) return type_fail(p, "too many values");
        if (!gbx__vec_push(&values, value)) return GBX_FAIL_NOMEM(p->err);
        if (!type_accept(p, ',')) break;
    }
    GBX_TRY(type_expect(p, '>'));
    *out = gbx__type_enum(p->arena, values.items, (uint32_t)values.len);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

static gbx_status type_parse_list(type_parser *p, int depth, bool is_array, const gbx__type **out)
{
    const gbx__type *item = NULL;
    uint32_t size = 0;
    GBX_TRY(type_expect(p, '<'));
    GBX_TRY(type_parse_one(p, depth, &item));
    if (is_array) {
        GBX_TRY(type_expect(p, ','));
        GBX_TRY(type_number(p, UINT32_MAX, &size));
    }
    GBX_TRY(type_expect(p, '>'));
    *out = is_array ? gbx__type_array(p->arena, item, size) : gbx__type_list(p->arena, item);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

static gbx_status type_parse_map(type_parser *p, int depth, const gbx__type **out)
{
    const gbx__type *key = NULL;
    const gbx__type *value = NULL;
    GBX_TRY(type_expect(p, '<'));
    GBX_TRY(type_parse_one(p, depth, &key));
    GBX_TRY(type_expect(p, ','));
    GBX_TRY(type_parse_one(p, depth, &value));
    GBX_TRY(type_expect(p, '>'));
    *out = gbx__type_map(p->arena, key, value);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

static gbx_status type_parse_decimal(type_parser *p, const gbx__type **out)
{
    uint32_t precision = 0;
    uint32_t scale = 0;
    GBX_TRY(type_expect(p, '('));
    GBX_TRY(type_number(p, 38, &precision));
    if (precision == 0) return type_fail(p, "a precision of 1 to 38 expected");
    GBX_TRY(type_expect(p, ','));
    GBX_TRY(type_number(p, precision, &scale));
    GBX_TRY(type_expect(p, ')'));
    *out = gbx__type_decimal(p->arena, (int)precision, (int)scale);
    return *out ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

static gbx_status type_unit(type_parser *p, gbx__unit *out)
{
    const gbx__str word = type_word(p);
    for (int unit = GBX_UNIT_S; unit <= GBX_UNIT_NS; unit++) {
        if (gbx__str_is(word, gbx__unit_text((gbx__unit)unit))) {
            *out = (gbx__unit)unit;
            return GBX_OK;
        }
    }
    return type_fail(p, "a unit expected: s, ms, us or ns");
}

/* time and timestamp; microseconds when nothing is said. */
static gbx_status type_parse_time(type_parser *p, bool is_timestamp, const gbx__type **out)
{
    gbx__unit unit = GBX_UNIT_US;
    bool has_zone = false;
    if (type_accept(p, '(')) {
        GBX_TRY(type_unit(p, &unit));
        if (is_timestamp && type_accept(p, ',')) {
            if (!gbx__str_is(type_word(p), "zone")) return type_fail(p, "'zone' expected");
            has_zone = true;
        }
        GBX_TRY(type_expect(p, ')'));
    }
    *out = is_timestamp ? gbx__type_timestamp(unit, has_zone) : gbx__type_time(unit);
    return *out ? GBX_OK : type_fail(p, "a time is in us or ns");
}

static bool type_kind_find(gbx__str word, gbx__type_kind *out)
{
    for (int kind = 0; kind < GBX_TYPE_KINDS; kind++) {
        if (gbx__str_is(word, gbx__type_kind_text((gbx__type_kind)kind))) {
            *out = (gbx__type_kind)kind;
            return true;
        }
    }
    return false;
}

static gbx_status type_parse_one(type_parser *p, int depth, const gbx__type **out)
{
    if (depth >= GBX_TYPE_MAX_DEPTH) return type_fail(p, "nested too deeply");
    type_skip(p);
    const size_t start = p->at;
    gbx__type_kind kind;
    if (!type_kind_find(type_word(p), &kind)) {
        p->at = start;
        return type_fail(p, "the name of a type expected");
    }
    switch (kind) {
    case GBX_TYPE_DECIMAL: return type_parse_decimal(p, out);
    case GBX_TYPE_TIME: return type_parse_time(p, false, out);
    case GBX_TYPE_TIMESTAMP: return type_parse_time(p, true, out);
    case GBX_TYPE_ENUM: return type_parse_enum(p, out);
    case GBX_TYPE_LIST: return type_parse_list(p, depth + 1, false, out);
    case GBX_TYPE_ARRAY: return type_parse_list(p, depth + 1, true, out);
    case GBX_TYPE_STRUCT: return type_parse_fields(p, depth + 1, false, out);
    case GBX_TYPE_UNION: return type_parse_fields(p, depth + 1, true, out);
    case GBX_TYPE_MAP: return type_parse_map(p, depth + 1, out);
    default: *out = gbx__type_plain(kind); return GBX_OK;
    }
}

gbx_status gbx__type_parse(gbx__arena *arena, gbx__str text, const gbx__type **out, gbx_error *err)
{
    type_parser parser = {.arena = arena, .text = text, .err = err};
    const gbx__type *type = NULL;
    GBX_TRY(type_parse_one(&parser, 0, &type));
    type_skip(&parser);
    if (parser.at != text.len) return type_fail(&parser, "the end expected");
    *out = type;
    return GBX_OK;
}
