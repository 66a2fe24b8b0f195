#include "base/number.h"
#include "plan/value.h"

typedef gbx__u128 wide;

static wide wide_of(gbx__int128 bits)
{
    return (wide)(uint64_t)bits.hi << 64 | bits.lo;
}

static gbx__int128 wide_bits(wide value)
{
    const uint64_t hi = (uint64_t)(value >> 64);
    return (gbx__int128){.lo = (uint64_t)value, .hi = (int64_t)hi};
}

static wide wide_magnitude(gbx__int128 value)
{
    return value.hi < 0 ? ~wide_of(value) + 1 : wide_of(value);
}

static void wide_print(gbx__buf *out, wide value)
{
    char digits[GBX_NUMBER_128_MAX];
    gbx__buf_append(out, digits, (size_t)(gbx__number_u128(digits, value) - digits));
}

/* One or more digits and nothing else. */
static bool wide_parse(gbx__str text, wide *out)
{
    wide value = 0;
    if (text.len == 0) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') return false;
        const wide digit = (wide)(text.ptr[i] - '0');
        if (value > (~(wide)0 - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool wide_signed(wide magnitude, bool is_negative, gbx__int128 *out)
{
    const wide most = (wide)1 << 127;
    if (magnitude > (is_negative ? most : most - 1)) return false;
    *out = wide_bits(is_negative ? ~magnitude + 1 : magnitude);
    return true;
}

static bool wide_accept_minus(gbx__str *text)
{
    if (text->len == 0 || text->ptr[0] != '-') return false;
    text->ptr++;
    text->len--;
    return true;
}

static wide wide_power_of_ten(int n)
{
    wide power = 1;
    while (n-- > 0) power *= 10;
    return power;
}

void gbx__int128_print(gbx__buf *out, gbx__int128 value)
{
    if (value.hi < 0) gbx__buf_putc(out, '-');
    wide_print(out, wide_magnitude(value));
}

void gbx__uint128_print(gbx__buf *out, gbx__int128 bits)
{
    wide_print(out, wide_of(bits));
}

bool gbx__int128_parse(gbx__str text, gbx__int128 *out)
{
    const bool is_negative = wide_accept_minus(&text);
    wide magnitude;
    return wide_parse(text, &magnitude) && wide_signed(magnitude, is_negative, out);
}

bool gbx__uint128_parse(gbx__str text, gbx__int128 *out)
{
    wide value;
    if (!wide_parse(text, &value)) return false;
    *out = wide_bits(value);
    return true;
}

void gbx__decimal_print(gbx__buf *out, gbx__int128 unscaled, int scale)
{
    static const char zeros[] = "000000000000000000000000000000000000000";
    char digits[GBX_NUMBER_128_MAX];
    if (scale < 0) scale = 0;
    if (scale > 38) scale = 38;
    const size_t after = (size_t)scale;
    const size_t len = (size_t)(gbx__number_u128(digits, wide_magnitude(unscaled)) - digits);
    const size_t padding = len > after ? 0 : after + 1 - len;
    if (unscaled.hi < 0) gbx__buf_putc(out, '-');
    if (scale == 0) {
        gbx__buf_append(out, digits, len);
    } else if (padding) {
        gbx__buf_puts(out, "0.");
        gbx__buf_append(out, zeros, padding - 1);
        gbx__buf_append(out, digits, len);
    } else {
        gbx__buf_append(out, digits, len - after);
        gbx__buf_putc(out, '.');
        gbx__buf_append(out, digits + len - after, after);
    }
}

bool gbx__decimal_fits(gbx__int128 unscaled, int precision)
{
    return precision >= 1 && precision <= 38 &&
           wide_magnitude(unscaled) < wide_power_of_ten(precision);
}

bool gbx__decimal_parse(gbx__str text, int precision, int scale, gbx__int128 *out)
{
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return false;
    const bool is_negative = wide_accept_minus(&text);
    size_t point = 0;
    while (point < text.len && text.ptr[point] != '.') point++;
    const size_t n_after = point < text.len ? text.len - point - 1 : 0;
    wide whole;
    wide after = 0;
    if (!wide_parse((gbx__str){text.ptr, point}, &whole)) return false;
    if (n_after > (size_t)scale || (point < text.len && n_after == 0)) return false;
    if (n_after && !wide_parse((gbx__str){text.ptr + point + 1, n_after}, &after)) return false;

    if (whole >= wide_power_of_ten(precision - scale)) return false;
    const wide unscaled =
        whole * wide_power_of_ten(scale) + after * wide_power_of_ten(scale - (int)n_after);
    return wide_signed(unscaled, is_negative, out);
}

void gbx__uuid_print(gbx__buf *out, gbx__int128 bits)
{
    const wide value = wide_of(bits);
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20) gbx__buf_putc(out, '-');
        gbx__buf_putc(out, "0123456789abcdef"[(int)(value >> (124 - 4 * i) & 15)]);
    }
}

static int uuid_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool gbx__uuid_parse(gbx__str text, gbx__int128 *out)
{
    wide value = 0;
    if (text.len != 36) return false;
    for (size_t i = 0; i < text.len; i++) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        const int digit = uuid_digit(text.ptr[i]);
        if (is_dash ? text.ptr[i] != '-' : digit < 0) return false;
        if (!is_dash) value = (value << 4) + (wide)(unsigned)digit;
    }
    *out = wide_bits(value);
    return true;
}
