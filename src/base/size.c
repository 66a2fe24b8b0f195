#include "base/size.h"

#include <stdint.h>
#include <string.h>

/* No strtod here: the decimal point of a locale must not change what "1.5GB" means, and a double
 * cannot hold every int64. */
__extension__ typedef unsigned __int128 size_wide;

#define SIZE_FRACTION_DIGITS_MAX 18

typedef struct size_number {
    uint64_t whole;
    uint64_t fraction; /* of 10^fraction_digits */
    int fraction_digits;
    gbx__str unit; /* what follows, without the spaces around it */
} size_number;

typedef struct size_unit {
    const char *name;
    int64_t factor;
} size_unit;

static bool size_is_digit(gbx__str s)
{
    return s.len > 0 && s.ptr[0] >= '0' && s.ptr[0] <= '9';
}

static void size_skip(gbx__str *s)
{
    s->ptr++;
    s->len--;
}

static gbx__str size_trim(gbx__str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) size_skip(&s);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t')) s.len--;
    return s;
}

static bool size_read_whole(gbx__str *s, uint64_t *out)
{
    uint64_t value = 0;
    for (; size_is_digit(*s); size_skip(s)) {
        if (__builtin_mul_overflow(value, 10u, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(s->ptr[0] - '0'), &value)) return false;
    }
    *out = value;
    return true;
}

/* Digits past the 18th are below any unit's resolution. */
static void size_read_fraction(gbx__str *s, size_number *out)
{
    for (; size_is_digit(*s); size_skip(s)) {
        if (out->fraction_digits == SIZE_FRACTION_DIGITS_MAX) continue;
        out->fraction = out->fraction * 10 + (uint64_t)(s->ptr[0] - '0');
        out->fraction_digits++;
    }
}

/* digits [ "." digits ] spaces unit */
static bool size_read_number(gbx__str text, size_number *out)
{
    gbx__str s = size_trim(text);
    *out = (size_number){0};
    if (!size_is_digit(s) || !size_read_whole(&s, &out->whole)) return false;
    if (s.len > 0 && s.ptr[0] == '.') {
        size_skip(&s);
        if (!size_is_digit(s)) return false;
        size_read_fraction(&s, out);
    }
    out->unit = size_trim(s);
    return true;
}

static const size_unit *size_find_unit(const size_unit *units, gbx__str name)
{
    for (; units->name; units++) {
        if (gbx__str_is_nocase(name, units->name)) return units;
    }
    return NULL;
}

/* number * factor, a rest rounded up; false when it passes INT64_MAX. */
static bool size_scale(const size_number *number, int64_t factor, int64_t *out)
{
    size_wide scale = 1;
    for (int i = 0; i < number->fraction_digits; i++) scale *= 10;
    const size_wide rest = (size_wide)number->fraction * (size_wide)factor;
    const size_wide value =
        (size_wide)number->whole * (size_wide)factor + (rest + scale - 1) / scale;
    if (value > (size_wide)INT64_MAX) return false;
    *out = (int64_t)value;
    return true;
}

static gbx_status size_parse(gbx__str text, const size_unit *units, const char *expected,
                             int64_t *out, gbx_error *err)
{
    size_number number;
    const size_unit *unit = NULL;
    if (size_read_number(text, &number)) unit = size_find_unit(units, number.unit);
    const int shown = text.len < 64 ? (int)text.len : 64;
    if (!unit) {
        return GBX_FAIL(err, GBX_PARSE, "'%.*s' is not %s", shown, text.len ? text.ptr : "",
                        expected);
    }
    if (!size_scale(&number, unit->factor, out)) {
        return GBX_FAIL(err, GBX_PARSE, "'%.*s' is too large", shown, text.ptr);
    }
    return GBX_OK;
}

gbx_status gbx__parse_bytes(gbx__str text, int64_t *out_bytes, gbx_error *err)
{
    static const int64_t k = 1000;
    static const int64_t ki = 1024;
    const size_unit units[] = {
        {"", 1},
        {"b", 1},
        {"k", k},
        {"kb", k},
        {"m", k * k},
        {"mb", k * k},
        {"g", k * k * k},
        {"gb", k * k * k},
        {"t", k * k * k * k},
        {"tb", k * k * k * k},
        {"ki", ki},
        {"kib", ki},
        {"mi", ki * ki},
        {"mib", ki * ki},
        {"gi", ki * ki * ki},
        {"gib", ki * ki * ki},
        {"ti", ki * ki * ki * ki},
        {"tib", ki * ki * ki * ki},
        {NULL, 0},
    };
    return size_parse(text, units, "a size such as '512MB' or '4GiB'", out_bytes, err);
}

gbx_status gbx__parse_duration_ms(gbx__str text, int64_t *out_ms, gbx_error *err)
{
    static const size_unit units[] = {
        {"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}, {NULL, 0},
    };
    return size_parse(text, units, "a duration such as '500ms', '30s' or '5m'", out_ms, err);
}

void gbx__format_bytes(gbx__buf *out, int64_t bytes)
{
    static const char *const names[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};
    const uint64_t size = bytes < 0 ? 0 - (uint64_t)bytes : (uint64_t)bytes;
    uint64_t unit = 1;
    size_t power = 0;
    while (size / unit >= 1000) {
        unit *= 1000;
        power++;
    }
    /* Tenths, cut and not rounded, so that 999 999 B never becomes "1000.0 KB". */
    const uint64_t tenths = power ? size / (unit / 10) : size * 10;
    if (bytes < 0) gbx__buf_putc(out, '-');
    gbx__buf_printf(out, "%llu", (unsigned long long)(tenths / 10));
    if (tenths % 10) gbx__buf_printf(out, ".%llu", (unsigned long long)(tenths % 10));
    gbx__buf_printf(out, " %s", names[power]);
}
