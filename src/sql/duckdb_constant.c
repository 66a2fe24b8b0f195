/*
 * Constants with their exact type: a bare 'text' or 1.50 would be bound anew, to another type.
 */
#include "base/json.h"
#include "sql/duckdb_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* CAST('text' AS type) */
static void constant_cast(gbx__buf *out, const gbx__type *type, gbx__str text)
{
    gbx__buf_puts(out, "CAST(");
    gbx__duck_quote_text(out, text);
    gbx__buf_puts(out, " AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
}

static void constant_int(gbx__buf *out, const gbx__type *type, int64_t value)
{
    /* the type that the digits alone would have */
    const bool is_int32 = value > INT32_MIN && value <= INT32_MAX;
    const bool is_bare = (type->kind == GBX_TYPE_INT32 && is_int32) ||
                         (type->kind == GBX_TYPE_INT64 && !is_int32 && value != INT64_MIN);
    char digits[32];
    snprintf(digits, sizeof(digits), "%" PRId64, value);
    if (is_bare && value >= 0)
        gbx__buf_puts(out, digits);
    else if (is_bare)
        gbx__buf_printf(out, "(%s)", digits);
    else
        constant_cast(out, type, gbx__str_of(digits));
}

static void constant_decimal(gbx__buf *out, const gbx__type *type, gbx__int128 value)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 64);
    gbx__decimal_print(&text, value, type->scale);
    if (text.failed) {
        out->failed = true;
        return;
    }
    const bool is_negative = text.data[0] == '-';
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) digits += text.data[i] >= '0' && text.data[i] <= '9';
    if (type->scale > 0 && digits == type->precision)
        gbx__buf_printf(out, is_negative ? "(%s)" : "%s", text.data);
    else
        constant_cast(out, type, gbx__buf_view(&text));
}

static void constant_float(gbx__buf *out, const gbx__type *type, double value)
{
    char text[40];
    if (isnan(value)) {
        constant_cast(out, type, GBX_STR("nan"));
        return;
    }
    if (isinf(value)) {
        constant_cast(out, type, value > 0 ? GBX_STR("inf") : GBX_STR("-inf"));
        return;
    }
    snprintf(text, sizeof(text), "%.*g", type->kind == GBX_TYPE_FLOAT32 ? 9 : 17, value);
    constant_cast(out, type, gbx__str_of(text));
}

/* Days since 1970-01-01 → year, month, day (proleptic Gregorian). */
static void constant_civil(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int64_t doe = days - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2 ? 1 : 0);
}

/* 2013-01-31, and 0044-03-15 … (BC) for years before 1. */
static bool constant_date_text(char *out, size_t size, int64_t days, const char *time)
{
    int64_t year = 0;
    int month = 0;
    int day = 0;
    constant_civil(days, &year, &month, &day);
    const bool is_bc = year <= 0;
    const int n = snprintf(out, size, "%04" PRId64 "-%02d-%02d%s%s", is_bc ? 1 - year : year, month,
                           day, is_bc ? " (BC)" : "", time);
    return n > 0 && (size_t)n < size;
}

static void constant_date(gbx__buf *out, const gbx__type *type, int64_t days)
{
    char text[64];
    if (days == INT32_MAX || days == -INT32_MAX)
        constant_cast(out, type, days > 0 ? GBX_STR("infinity") : GBX_STR("-infinity"));
    else if (constant_date_text(text, sizeof(text), days, ""))
        constant_cast(out, type, gbx__str_of(text));
    else
        out->failed = true;
}

static int64_t constant_per_second(gbx__unit unit)
{
    static const int64_t per_second[] = {1, 1000, 1000000, 1000000000};
    return per_second[unit];
}

/* HH:MM:SS[.fraction] of a part of a day. */
static void constant_clock(char *out, size_t size, int64_t value, gbx__unit unit)
{
    static const int digits[] = {0, 3, 6, 9};
    const int64_t per = constant_per_second(unit);
    const int64_t seconds = value / per;
    const int n = snprintf(out, size, "%02d:%02d:%02d", (int)(seconds / 3600),
                           (int)(seconds / 60 % 60), (int)(seconds % 60));
    if (n > 0 && value % per != 0)
        snprintf(out + n, size - (size_t)n, ".%0*" PRId64, digits[unit], value % per);
}

static void constant_timestamp(gbx__buf *out, const gbx__type *type, int64_t value)
{
    char clock[40];
    char behind[48];
    char text[96];
    if (value == INT64_MAX || value == -INT64_MAX) {
        constant_cast(out, type, value > 0 ? GBX_STR("infinity") : GBX_STR("-infinity"));
        return;
    }
    const int64_t per_day = 86400 * constant_per_second(type->unit);
    int64_t days = value / per_day;
    int64_t rest = value % per_day;
    if (rest < 0) {
        rest += per_day;
        days--;
    }
    constant_clock(clock, sizeof(clock), rest, type->unit);
    snprintf(behind, sizeof(behind), " %s%s", clock, type->has_zone ? "+00" : "");
    if (constant_date_text(text, sizeof(text), days, behind))
        constant_cast(out, type, gbx__str_of(text));
    else
        out->failed = true;
}

static void constant_time(gbx__buf *out, const gbx__type *type, int64_t value)
{
    char clock[40];
    constant_clock(clock, sizeof(clock), value, type->unit);
    constant_cast(out, type, gbx__str_of(clock));
}

static void constant_binary(gbx__buf *out, const gbx__type *type, gbx__str bytes)
{
    gbx__buf_puts(out, "CAST('");
    for (size_t i = 0; i < bytes.len; i++)
        gbx__buf_printf(out, "\\x%02X", (unsigned)(unsigned char)bytes.ptr[i]);
    gbx__buf_puts(out, "' AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
}

/* Lists of texts longer than this are one literal for the parser: from_json('["a","b"]', …). */
#define CONSTANT_LIST_LONG 64

static bool constant_is_long_texts(const gbx__type *type, const gbx__value *value)
{
    return type->kind == GBX_TYPE_LIST && type->fields[0].type->kind == GBX_TYPE_UTF8 &&
           value->n_items > CONSTANT_LIST_LONG;
}

static void constant_long_texts(gbx__buf *out, const gbx__value *value)
{
    GBX_AUTO(gbx__buf_done) gbx__buf json = {0};
    gbx__buf_init(&json, 0);
    for (uint32_t i = 0; i < value->n_items; i++) {
        gbx__buf_putc(&json, i == 0 ? '[' : ',');
        if (value->items[i].is_null)
            gbx__buf_puts(&json, "null");
        else
            gbx__json_write_str(&json, value->items[i].text);
    }
    gbx__buf_putc(&json, ']');
    gbx__buf_puts(out, "from_json(");
    gbx__duck_quote_text(out, gbx__buf_view(&json));
    gbx__buf_puts(out, ", '[\"VARCHAR\"]')");
    if (json.failed) out->failed = true;
}

static bool constant_list(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                          const gbx__value *value)
{
    bool ok = true;
    if (constant_is_long_texts(type, value)) {
        constant_long_texts(out, value);
        return true;
    }
    gbx__buf_puts(out, "CAST([");
    for (uint32_t i = 0; i < value->n_items; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        ok = ok && gbx__duckdb_constant(p, out, type->fields[0].type, &value->items[i], false);
    }
    gbx__buf_puts(out, "] AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
    return ok;
}

static bool constant_struct(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                            const gbx__value *value)
{
    bool ok = true;
    const bool is_row = type->n_fields > 0 && type->fields[0].name.len == 0;
    gbx__buf_puts(out, is_row ? "CAST(\"row\"(" : "CAST(struct_pack(");
    for (uint32_t i = 0; i < value->n_items; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        if (!is_row) {
            gbx__duck_quote_ident(out, type->fields[i].name);
            gbx__buf_puts(out, " := ");
        }
        ok = ok && gbx__duckdb_constant(p, out, type->fields[i].type, &value->items[i], false);
    }
    gbx__buf_puts(out, ") AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
    return ok;
}

static bool constant_map(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                         const gbx__value *value)
{
    bool ok = true;
    gbx__buf_puts(out, "CAST(MAP {");
    for (uint32_t i = 0; i + 1 < value->n_items; i += 2) {
        if (i > 0) gbx__buf_puts(out, ", ");
        ok = ok && gbx__duckdb_constant(p, out, type->fields[0].type, &value->items[i], false);
        gbx__buf_puts(out, ": ");
        ok = ok && gbx__duckdb_constant(p, out, type->fields[1].type, &value->items[i + 1], false);
    }
    gbx__buf_puts(out, "} AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
    return ok;
}

static void constant_null(gbx__buf *out, const gbx__type *type)
{
    if (type->kind == GBX_TYPE_NULL) {
        gbx__buf_puts(out, "NULL");
        return;
    }
    gbx__buf_puts(out, "CAST(NULL AS ");
    gbx__duck_type_print(out, type);
    gbx__buf_putc(out, ')');
}

static void constant_interval(gbx__buf *out, gbx__interval value)
{
    gbx__buf_printf(
        out, "(to_months(%" PRId32 ") + to_days(%" PRId32 ") + to_microseconds(%" PRId64 "))",
        value.months, value.days, value.micros);
}

static void constant_int128(gbx__buf *out, const gbx__type *type, gbx__int128 value)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 64);
    gbx__int128_print(&text, value);
    constant_cast(out, type, gbx__buf_view(&text));
    if (text.failed) out->failed = true;
}

static void constant_uint128(gbx__buf *out, const gbx__type *type, gbx__int128 bits)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 64);
    gbx__uint128_print(&text, bits);
    constant_cast(out, type, gbx__buf_view(&text));
    if (text.failed) out->failed = true;
}

/* 'a' || chr(0) || 'b': a NUL byte can't stand in SQL text. */
static void constant_text_with_nul(gbx__buf *out, gbx__str text)
{
    gbx__buf_puts(out, "(''");
    size_t i = 0;
    while (i < text.len) {
        const char *nul = memchr(text.ptr + i, '\0', text.len - i);
        const size_t end = nul != NULL ? (size_t)(nul - text.ptr) : text.len;
        if (end > i) {
            gbx__buf_puts(out, " || ");
            gbx__duck_quote_text(out, (gbx__str){text.ptr + i, end - i});
        }
        if (nul != NULL) gbx__buf_puts(out, " || chr(0)");
        i = end + 1;
    }
    gbx__buf_putc(out, ')');
}

static void constant_text(gbx__buf *out, const gbx__type *type, gbx__str text, bool may_be_bare)
{
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL) {
        gbx__buf_puts(out, "CAST(");
        constant_text_with_nul(out, text);
        gbx__buf_puts(out, " AS ");
        gbx__duck_type_print(out, type);
        gbx__buf_putc(out, ')');
    } else if (may_be_bare && type->kind == GBX_TYPE_UTF8) {
        gbx__duck_quote_text(out, text);
    } else {
        constant_cast(out, type, text);
    }
}

bool gbx__duckdb_constant(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                          const gbx__value *value, bool may_be_bare)
{
    if (value->is_null) {
        constant_null(out, type);
        return true;
    }
    switch (type->kind) {
    case GBX_TYPE_BOOL: gbx__buf_puts(out, value->boolean ? "TRUE" : "FALSE"); return true;
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32: constant_int(out, type, value->i64); return true;
    case GBX_TYPE_UINT64: constant_int128(out, type, (gbx__int128){value->u64, 0}); return true;
    case GBX_TYPE_INT128: constant_int128(out, type, value->i128); return true;
    case GBX_TYPE_UINT128: constant_uint128(out, type, value->i128); return true;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: constant_float(out, type, value->f64); return true;
    case GBX_TYPE_DECIMAL: constant_decimal(out, type, value->i128); return true;
    case GBX_TYPE_UTF8:
    case GBX_TYPE_JSON:
    case GBX_TYPE_ENUM: constant_text(out, type, value->text, may_be_bare); return true;
    case GBX_TYPE_BINARY: constant_binary(out, type, value->text); return true;
    case GBX_TYPE_DATE: constant_date(out, type, value->i64); return true;
    case GBX_TYPE_TIME: constant_time(out, type, value->i64); return true;
    case GBX_TYPE_TIMESTAMP: constant_timestamp(out, type, value->i64); return true;
    case GBX_TYPE_INTERVAL: constant_interval(out, value->interval); return true;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY: return constant_list(p, out, type, value);
    case GBX_TYPE_STRUCT: return constant_struct(p, out, type, value);
    case GBX_TYPE_MAP: return constant_map(p, out, type, value);
    case GBX_TYPE_NULL:
    case GBX_TYPE_TIMETZ:
    case GBX_TYPE_UUID:
    case GBX_TYPE_BIT:
    case GBX_TYPE_BIGNUM:
    case GBX_TYPE_UNION:
    case GBX_TYPE_VARIANT:
    case GBX_TYPE_GEOMETRY:
    case GBX_TYPE_KINDS: break;
    }
    return gbx__print_fail(p, GBX_UNSUPPORTED, "a constant of this type in DuckDB SQL");
}
