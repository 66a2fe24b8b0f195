/*
 * SQLite's declared types and values as ours.
 *
 *   declared           ours        values that fit
 *   …BOOL…             bool        0, 1
 *   …INT…              int64       integers
 *   …CHAR…CLOB…TEXT…   utf8        text; numbers, as SQLite writes them
 *   …BLOB…             binary      blobs, text
 *   …REAL…FLOA…DOUB…   float64     numbers
 *   DATE               date        'YYYY-MM-DD'
 *   DATETIME…TIMESTAMP timestamp   'YYYY-MM-DD HH:MM[:SS[.ffffff]][Z]', with a space or a T
 *   others             by value    integer → int64, integer and real → float64, else utf8, binary
 */
#include "source/sqlite_priv.h"

#include <string.h>
#include <strings.h>

#define MICROS_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_DAY INT64_C(86400)
#define DOUBLE_EXACT_MAX (INT64_C(1) << 53)

/* ---- types ----------------------------------------------------------------------------------- */

static bool has_part(const char *declared, const char *const *parts)
{
    for (; *parts; parts++) {
        if (strcasestr(declared, *parts)) return true;
    }
    return false;
}

const gbx__type *gbx__sqlite_declared_type(const char *declared)
{
    static const char *const bools[] = {"BOOL", NULL};
    static const char *const ints[] = {"INT", NULL};
    static const char *const texts[] = {"CHAR", "CLOB", "TEXT", "STRING", "JSON", "UUID", NULL};
    static const char *const blobs[] = {"BLOB", "BINARY", NULL};
    static const char *const reals[] = {"REAL", "FLOA", "DOUB", NULL};
    static const char *const times[] = {"DATETIME", "TIMESTAMP", NULL};
    if (!declared) return NULL;
    if (has_part(declared, bools)) return gbx__type_plain(GBX_TYPE_BOOL);
    if (has_part(declared, ints)) return gbx__type_plain(GBX_TYPE_INT64);
    if (has_part(declared, texts)) return gbx__type_plain(GBX_TYPE_UTF8);
    if (has_part(declared, blobs)) return gbx__type_plain(GBX_TYPE_BINARY);
    if (has_part(declared, reals)) return gbx__type_plain(GBX_TYPE_FLOAT64);
    if (has_part(declared, times)) return gbx__type_plain(GBX_TYPE_TIMESTAMP);
    if (strcasecmp(declared, "DATE") == 0) return gbx__type_plain(GBX_TYPE_DATE);
    return NULL;
}

const gbx__type *gbx__sqlite_value_type(int sqlite_type)
{
    switch (sqlite_type) {
    case SQLITE_INTEGER: return gbx__type_plain(GBX_TYPE_INT64);
    case SQLITE_FLOAT: return gbx__type_plain(GBX_TYPE_FLOAT64);
    case SQLITE_TEXT: return gbx__type_plain(GBX_TYPE_UTF8);
    case SQLITE_BLOB: return gbx__type_plain(GBX_TYPE_BINARY);
    default: return NULL;
    }
}

static bool is_number(const gbx__type *type)
{
    return type->kind == GBX_TYPE_INT64 || type->kind == GBX_TYPE_FLOAT64;
}

const gbx__type *gbx__sqlite_join_types(const gbx__type *a, const gbx__type *b)
{
    if (!a || !b) return a ? a : b;
    if (a->kind == b->kind) return a;
    if (is_number(a) && is_number(b)) return gbx__type_plain(GBX_TYPE_FLOAT64);
    if (a->kind == GBX_TYPE_BINARY || b->kind == GBX_TYPE_BINARY) {
        return gbx__type_plain(GBX_TYPE_BINARY);
    }
    return gbx__type_plain(GBX_TYPE_UTF8);
}

const char *gbx__sqlite_arrow_format(const gbx__type *type)
{
    switch ((int)type->kind) {
    case GBX_TYPE_BOOL: return "b";
    case GBX_TYPE_INT64: return "l";
    case GBX_TYPE_FLOAT64: return "g";
    case GBX_TYPE_BINARY: return "z";
    case GBX_TYPE_DATE: return "tdD";
    case GBX_TYPE_TIMESTAMP: return "tsu:";
    default: return "u";
    }
}

/* ---- dates ----------------------------------------------------------------------------------- */

typedef struct time_reader {
    gbx__str text;
    size_t at;
} time_reader;

/* Exactly n digits. */
static bool take_digits(time_reader *r, size_t n, int64_t *out)
{
    *out = 0;
    if (r->text.len - r->at < n) return false;
    for (size_t i = 0; i < n; i++) {
        const char c = r->text.ptr[r->at++];
        if (c < '0' || c > '9') return false;
        *out = *out * 10 + (c - '0');
    }
    return true;
}

static bool take_byte(time_reader *r, char c)
{
    if (r->at >= r->text.len || r->text.ptr[r->at] != c) return false;
    r->at++;
    return true;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_before_year(int64_t year)
{
    const int64_t y = year - 1;
    return y * 365 + y / 4 - y / 100 + y / 400;
}

/* Days since 1970-01-01, by the Gregorian calendar; years 1 to 9999. */
static bool take_date(time_reader *r, int64_t *out_days)
{
    static const int16_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    int64_t year;
    int64_t month;
    int64_t day;
    if (!take_digits(r, 4, &year) || !take_byte(r, '-') || !take_digits(r, 2, &month) ||
        !take_byte(r, '-') || !take_digits(r, 2, &day)) {
        return false;
    }
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    const int64_t leap = is_leap(year);
    const int64_t month_len = before[month] - before[month - 1] + (month == 2 ? leap : 0);
    if (day > month_len) return false;
    *out_days = days_before_year(year) - days_before_year(1970) + before[month - 1] +
                (month > 2 ? leap : 0) + day - 1;
    return true;
}

/* Up to six digits behind the point; more are refused, as they would be lost. */
static bool take_fraction(time_reader *r, int64_t *out_micros)
{
    int64_t unit = MICROS_PER_SECOND;
    *out_micros = 0;
    if (!take_byte(r, '.')) return true;
    while (unit > 1 && r->at < r->text.len) {
        const char c = r->text.ptr[r->at];
        if (c < '0' || c > '9') break;
        unit /= 10;
        *out_micros += (c - '0') * unit;
        r->at++;
    }
    return unit < MICROS_PER_SECOND;
}

static bool take_time(time_reader *r, int64_t *out_micros)
{
    int64_t hour;
    int64_t minute;
    int64_t second = 0;
    int64_t fraction = 0;
    if (!take_digits(r, 2, &hour) || !take_byte(r, ':') || !take_digits(r, 2, &minute)) {
        return false;
    }
    if (take_byte(r, ':') && (!take_digits(r, 2, &second) || !take_fraction(r, &fraction))) {
        return false;
    }
    if (hour > 23 || minute > 59 || second > 59) return false;
    *out_micros = ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + fraction;
    return true;
}

static bool read_timestamp(gbx__str text, int64_t *out_micros)
{
    time_reader r = {.text = text};
    int64_t days;
    int64_t micros = 0;
    if (!take_date(&r, &days)) return false;
    if (r.at < text.len) {
        if (!take_byte(&r, ' ') && !take_byte(&r, 'T')) return false;
        if (!take_time(&r, &micros)) return false;
        take_byte(&r, 'Z');
    }
    *out_micros = days * SECONDS_PER_DAY * MICROS_PER_SECOND + micros;
    return r.at == text.len;
}

static bool read_date(gbx__str text, int64_t *out_days)
{
    time_reader r = {.text = text};
    return take_date(&r, out_days) && r.at == text.len;
}

/* ---- values ---------------------------------------------------------------------------------- */

static gbx__str text_of(sqlite3_stmt *stmt, int index)
{
    const char *bytes = (const char *)sqlite3_column_text(stmt, index);
    return (gbx__str){bytes ? bytes : "", (size_t)sqlite3_column_bytes(stmt, index)};
}

/* The value for people, in a message. */
static gbx_status fail_value(sqlite3_stmt *stmt, int index, const gbx__type *type, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__type_print(&text, type);
    if (sqlite3_column_type(stmt, index) == SQLITE_BLOB) {
        return GBX_FAIL(err, GBX_INVALID, "a blob is no %s", text.data ? text.data : "such value");
    }
    const gbx__str value = text_of(stmt, index);
    return GBX_FAIL(err, GBX_INVALID, "'%.*s' is no %s", value.len > 60 ? 60 : (int)value.len,
                    value.ptr, text.data ? text.data : "such value");
}

static gbx_status append_text(sqlite3_stmt *stmt, int index, const gbx__type *type,
                              gbx__arrow_builder *builder, gbx_error *err)
{
    const gbx__str text = text_of(stmt, index);
    if (gbx__utf8_valid_prefix(text.ptr, text.len) != text.len) {
        return fail_value(stmt, index, type, err);
    }
    return gbx__arrow_builder_bytes(builder, (size_t)index, text, err);
}

static gbx_status append_number(sqlite3_stmt *stmt, int index, int found, const gbx__type *type,
                                gbx__arrow_builder *builder, gbx_error *err)
{
    const size_t column = (size_t)index;
    if (found == SQLITE_FLOAT && type->kind == GBX_TYPE_FLOAT64) {
        return gbx__arrow_builder_double(builder, column, sqlite3_column_double(stmt, index), err);
    }
    if (found != SQLITE_INTEGER) return fail_value(stmt, index, type, err);
    const int64_t value = sqlite3_column_int64(stmt, index);
    if (type->kind == GBX_TYPE_INT64) return gbx__arrow_builder_int(builder, column, value, err);
    if (type->kind == GBX_TYPE_BOOL && (value == 0 || value == 1)) {
        return gbx__arrow_builder_int(builder, column, value, err);
    }
    if (type->kind == GBX_TYPE_FLOAT64 && value >= -DOUBLE_EXACT_MAX && value <= DOUBLE_EXACT_MAX) {
        return gbx__arrow_builder_double(builder, column, (double)value, err);
    }
    return fail_value(stmt, index, type, err);
}

static gbx_status append_time(sqlite3_stmt *stmt, int index, int found, const gbx__type *type,
                              gbx__arrow_builder *builder, gbx_error *err)
{
    int64_t value = 0;
    const gbx__str text = text_of(stmt, index);
    const bool is_date = type->kind == GBX_TYPE_DATE;
    if (found != SQLITE_TEXT ||
        !(is_date ? read_date(text, &value) : read_timestamp(text, &value))) {
        return fail_value(stmt, index, type, err);
    }
    return gbx__arrow_builder_int(builder, (size_t)index, value, err);
}

gbx_status gbx__sqlite_append(sqlite3_stmt *stmt, int index, const gbx__type *type,
                              gbx__arrow_builder *builder, gbx_error *err)
{
    const int found = sqlite3_column_type(stmt, index); /* before any conversion */
    if (found == SQLITE_NULL) return gbx__arrow_builder_null(builder, (size_t)index, err);
    switch ((int)type->kind) {
    case GBX_TYPE_UTF8:
        if (found == SQLITE_BLOB) return fail_value(stmt, index, type, err);
        return append_text(stmt, index, type, builder, err);
    case GBX_TYPE_BINARY:
        if (found != SQLITE_BLOB && found != SQLITE_TEXT) {
            return fail_value(stmt, index, type, err);
        }
        return gbx__arrow_builder_bytes(
            builder, (size_t)index,
            (gbx__str){sqlite3_column_blob(stmt, index), (size_t)sqlite3_column_bytes(stmt, index)},
            err);
    case GBX_TYPE_DATE:
    case GBX_TYPE_TIMESTAMP: return append_time(stmt, index, found, type, builder, err);
    default: return append_number(stmt, index, found, type, builder, err);
    }
}
