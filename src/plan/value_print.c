#include "plan/value.h"

#include "base/number.h"

/* What a person wants to see of a long text or list. */
#define PRINT_MAX_BYTES 200
#define PRINT_MAX_ITEMS 32

/* As JSON would escape, but quotes doubled as in SQL. One line always. */
static void print_escaped(gbx__buf *out, gbx__str text, char quote)
{
    for (size_t i = 0; i < text.len;) {
        const size_t start = i;
        const uint32_t c = gbx__utf8_next(text.ptr, text.len, &i);
        if (c == '\n') {
            gbx__buf_puts(out, "\\n");
        } else if (c == '\t') {
            gbx__buf_puts(out, "\\t");
        } else if (c < 0x20 || (c >= 0x7F && c < 0xA0) || (c == 0xFFFD && i - start == 1)) {
            gbx__buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text.ptr[i - 1]);
        } else {
            if (c == (uint32_t)quote) gbx__buf_putc(out, quote);
            gbx__buf_append(out, text.ptr + start, i - start);
        }
    }
}

void gbx__text_print(gbx__buf *out, gbx__str text, char quote)
{
    const bool is_long = text.len > PRINT_MAX_BYTES;
    if (is_long) {
        text.len = PRINT_MAX_BYTES;
        while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xC0) == 0x80) text.len--;
    }
    gbx__buf_putc(out, quote);
    print_escaped(out, text, quote);
    gbx__buf_puts(out, is_long ? "…" : "");
    gbx__buf_putc(out, quote);
}

static void print_binary(gbx__buf *out, gbx__str bytes)
{
    const size_t n = bytes.len > PRINT_MAX_BYTES ? PRINT_MAX_BYTES : bytes.len;
    gbx__buf_puts(out, "x'");
    for (size_t i = 0; i < n; i++) gbx__buf_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
    gbx__buf_puts(out, n < bytes.len ? "…'" : "'");
}

static void print_double(gbx__buf *out, double value)
{
    char text[GBX_NUMBER_FLOAT_MAX];
    gbx__buf_append(out, text, (size_t)(gbx__number_f64(text, value) - text));
}

static void print_float(gbx__buf *out, float value)
{
    char text[GBX_NUMBER_FLOAT_MAX];
    gbx__buf_append(out, text, (size_t)(gbx__number_f32(text, value) - text));
}

/* Days since 1970-01-01 → year, month, day of the proleptic Gregorian calendar. */
static void print_date(gbx__buf *out, int64_t days)
{
    const int64_t shifted = days + 719468; /* since 0000-03-01 */
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t day_of_era = shifted - era * 146097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const int64_t year = year_of_era + era * 400 + (month <= 2);
    const int64_t shown = year > 0 ? year : 1 - year;
    gbx__buf_printf(out, "%04lld-%02d-%02d%s", (long long)shown, (int)month, (int)day,
                    year > 0 ? "" : " (BC)");
}

/* A time of day counted in 1/per_second; trailing zeros of the fraction are left out. */
static void print_time(gbx__buf *out, int64_t ticks, int64_t per_second)
{
    const int64_t seconds = ticks / per_second;
    int64_t fraction = ticks % per_second;
    gbx__buf_printf(out, "%02lld:%02d:%02d", (long long)(seconds / 3600), (int)(seconds / 60 % 60),
                    (int)(seconds % 60));
    if (fraction == 0) return;
    gbx__buf_putc(out, '.');
    for (int64_t unit = per_second / 10; fraction != 0; unit /= 10) {
        gbx__buf_putc(out, (char)('0' + (int)(fraction / unit)));
        fraction %= unit;
    }
}

static int64_t print_ticks(gbx__unit unit)
{
    static const int64_t ticks[] = {1, 1000, 1000000, 1000000000};
    return ticks[unit];
}

/* DuckDB's infinities: the largest number and its negative. */
static bool print_infinity(gbx__buf *out, int64_t value, int64_t infinity)
{
    if (value != infinity && value != -infinity) return false;
    gbx__buf_puts(out, value > 0 ? "infinity" : "-infinity");
    return true;
}

static void print_timestamp(gbx__buf *out, const gbx__type *type, int64_t value)
{
    const int64_t per_day = 86400 * print_ticks(type->unit);
    const int64_t in_day = (value % per_day + per_day) % per_day;
    gbx__buf_puts(out, type->has_zone ? "TIMESTAMPTZ " : "TIMESTAMP ");
    if (print_infinity(out, value, INT64_MAX)) return;
    print_date(out, value / per_day - (value % per_day < 0));
    gbx__buf_putc(out, ' ');
    print_time(out, in_day, print_ticks(type->unit));
    if (type->has_zone) gbx__buf_puts(out, "+00");
}

/* DuckDB packs microseconds above 24 bits that count seconds west of +15:59:59. */
static void print_timetz(gbx__buf *out, int64_t packed)
{
    const uint64_t bits = (uint64_t)packed;
    const int64_t offset = 57599 - (int64_t)(bits & 0xFFFFFF);
    const int64_t distance = offset < 0 ? -offset : offset;
    gbx__buf_puts(out, "TIMETZ ");
    print_time(out, (int64_t)(bits >> 24), 1000000);
    gbx__buf_printf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(distance / 3600),
                    (int)(distance / 60 % 60));
}

static void print_interval(gbx__buf *out, gbx__interval interval)
{
    gbx__buf_puts(out, "INTERVAL");
    if (interval.months) gbx__buf_printf(out, " %d months", interval.months);
    if (interval.days) gbx__buf_printf(out, " %d days", interval.days);
    if (interval.micros == 0 && (interval.months || interval.days)) return;
    gbx__buf_puts(out, interval.micros < 0 ? " -" : " ");
    if (interval.micros == INT64_MIN) {
        gbx__buf_puts(out, "2562047788:00:54.775808");
    } else {
        print_time(out, interval.micros < 0 ? -interval.micros : interval.micros, 1000000);
    }
}

static void print_item(gbx__buf *out, const gbx__type *type, const gbx__value *value, uint32_t i)
{
    const gbx__type *item = gbx__value_item_type(type, value, i);
    if (item) {
        gbx__value_print(out, item, &value->items[i]);
    } else {
        gbx__buf_putc(out, '?');
    }
}

static void print_items(gbx__buf *out, const gbx__type *type, const gbx__value *value)
{
    const bool is_map = type->kind == GBX_TYPE_MAP;
    const bool is_list = type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY;
    gbx__buf_puts(out, is_map ? "MAP {" : is_list ? "[" : "{");
    for (uint32_t i = 0; i < value->n_items; i++) {
        if (i) gbx__buf_puts(out, is_map && i % 2 ? ": " : ", ");
        if (i == PRINT_MAX_ITEMS) {
            gbx__buf_printf(out, "… (%u in all)", is_map ? value->n_items / 2 : value->n_items);
            break;
        }
        if (type->kind == GBX_TYPE_STRUCT && i < type->n_fields && type->fields[i].name.len) {
            gbx__text_print(out, type->fields[i].name, '"');
            gbx__buf_puts(out, ": ");
        }
        print_item(out, type, value, i);
    }
    gbx__buf_puts(out, is_list ? "]" : "}");
}

static void print_union(gbx__buf *out, const gbx__type *type, const gbx__value *value)
{
    gbx__buf_puts(out, "UNION {");
    if (value->union_tag < type->n_fields) {
        gbx__text_print(out, type->fields[value->union_tag].name, '"');
        gbx__buf_puts(out, ": ");
    }
    print_item(out, type, value, 0);
    gbx__buf_putc(out, '}');
}

static void print_typed_text(gbx__buf *out, const char *type, gbx__str text)
{
    gbx__buf_puts(out, type);
    gbx__text_print(out, text, '\'');
}

void gbx__value_print(gbx__buf *out, const gbx__type *type, const gbx__value *value)
{
    if (value->is_null) {
        gbx__buf_puts(out, "NULL");
        return;
    }
    switch (type->kind) {
    case GBX_TYPE_NULL: gbx__buf_puts(out, "NULL"); break;
    case GBX_TYPE_BOOL: gbx__buf_puts(out, value->boolean ? "true" : "false"); break;
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32: gbx__buf_printf(out, "%lld", (long long)value->i64); break;
    case GBX_TYPE_UINT64: gbx__buf_printf(out, "%llu", (unsigned long long)value->u64); break;
    case GBX_TYPE_INT128: gbx__int128_print(out, value->i128); break;
    case GBX_TYPE_UINT128: gbx__uint128_print(out, value->i128); break;
    case GBX_TYPE_FLOAT32: print_float(out, (float)value->f64); break;
    case GBX_TYPE_FLOAT64: print_double(out, value->f64); break;
    case GBX_TYPE_DECIMAL: gbx__decimal_print(out, value->i128, type->scale); break;
    case GBX_TYPE_UTF8:
    case GBX_TYPE_ENUM: gbx__text_print(out, value->text, '\''); break;
    case GBX_TYPE_BINARY: print_binary(out, value->text); break;
    case GBX_TYPE_DATE:
        gbx__buf_puts(out, "DATE ");
        if (!print_infinity(out, value->i64, INT32_MAX)) print_date(out, value->i64);
        break;
    case GBX_TYPE_TIME:
        gbx__buf_puts(out, "TIME ");
        print_time(out, value->i64, print_ticks(type->unit));
        break;
    case GBX_TYPE_TIMETZ: print_timetz(out, value->i64); break;
    case GBX_TYPE_TIMESTAMP: print_timestamp(out, type, value->i64); break;
    case GBX_TYPE_INTERVAL: print_interval(out, value->interval); break;
    case GBX_TYPE_UUID:
        gbx__buf_puts(out, "UUID ");
        gbx__uuid_print(out, value->i128);
        break;
    case GBX_TYPE_BIT: print_typed_text(out, "BIT ", value->text); break;
    case GBX_TYPE_BIGNUM: print_typed_text(out, "BIGNUM ", value->text); break;
    case GBX_TYPE_JSON: print_typed_text(out, "JSON ", value->text); break;
    case GBX_TYPE_VARIANT: print_typed_text(out, "VARIANT ", value->text); break;
    case GBX_TYPE_GEOMETRY: print_typed_text(out, "GEOMETRY ", value->text); break;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_MAP: print_items(out, type, value); break;
    case GBX_TYPE_UNION: print_union(out, type, value); break;
    case GBX_TYPE_KINDS: break;
    }
}
