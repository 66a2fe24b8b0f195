#include "base/number.h"

#include "base/pow10_priv.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char number_pairs[] = "00010203040506070809"
                                   "10111213141516171819"
                                   "20212223242526272829"
                                   "30313233343536373839"
                                   "40414243444546474849"
                                   "50515253545556575859"
                                   "60616263646566676869"
                                   "70717273747576777879"
                                   "80818283848586878889"
                                   "90919293949596979899";

static const uint64_t number_powers[] = {1u,
                                         10u,
                                         100u,
                                         1000u,
                                         10000u,
                                         100000u,
                                         1000000u,
                                         10000000u,
                                         100000000u,
                                         1000000000u,
                                         10000000000u,
                                         100000000000u,
                                         1000000000000u,
                                         10000000000000u,
                                         100000000000000u,
                                         1000000000000000u,
                                         10000000000000000u,
                                         100000000000000000u,
                                         1000000000000000000u,
                                         10000000000000000000u};

/* Decimal digits of a value; 1 for 0. */
static int number_digits(uint64_t value)
{
    const int bits = 64 - __builtin_clzll(value | 1);
    const int guess = bits * 1233 >> 12; /* bits * log10(2), never too large */
    return guess + (guess < 20 && value >= number_powers[guess]) + (value == 0);
}

/* The digits of `value` into the bytes that end before `end`, two at a time. */
static void number_back(char *end, uint64_t value, int n_digits)
{
    while (n_digits >= 2) {
        const size_t pair = (size_t)(value % 100) * 2;
        value /= 100;
        end -= 2;
        memcpy(end, number_pairs + pair, 2);
        n_digits -= 2;
    }
    if (n_digits) end[-1] = (char)('0' + value % 10);
}

/* As above, without the long chain of dependent 64-bit divisions. */
static void number_back_wide(char *end, uint64_t value, int n_digits)
{
    while (n_digits > 8) {
        const uint64_t high = value / 100000000u;
        uint32_t low = (uint32_t)(value - high * 100000000u);
        for (int i = 0; i < 4; i++) {
            end -= 2;
            memcpy(end, number_pairs + (size_t)(low % 100) * 2, 2);
            low /= 100;
        }
        value = high;
        n_digits -= 8;
    }
    number_back(end, value, n_digits);
}

char *gbx__number_padded(char *out, uint64_t value, int n_digits)
{
    number_back_wide(out + n_digits, value, n_digits);
    return out + n_digits;
}

char *gbx__number_u64(char *out, uint64_t value)
{
    if (value < 10) {
        *out = (char)('0' + value);
        return out + 1;
    }
    return gbx__number_padded(out, value, number_digits(value));
}

char *gbx__number_i64(char *out, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    return gbx__number_u64(out, magnitude);
}

char *gbx__number_u128(char *out, gbx__u128 value)
{
    const uint64_t base = 10000000000000000000u;
    if (value >> 64 == 0) return gbx__number_u64(out, (uint64_t)value);
    const gbx__u128 high = value / base;
    out = gbx__number_u128(out, high);
    return gbx__number_padded(out, (uint64_t)(value - high * base), 19);
}

char *gbx__number_i128(char *out, gbx__i128 value)
{
    gbx__u128 magnitude = (gbx__u128)value;
    if (value < 0) {
        *out++ = '-';
        magnitude = 0 - magnitude;
    }
    return gbx__number_u128(out, magnitude);
}

/* ---- floats: value = digits * 10^exponent ---- */

typedef struct number_decimal {
    uint64_t digits;
    int exponent;
} number_decimal;

static int number_log2_pow10(int e)
{
    return (e * 1741647) >> 19;
}

/* The upper 64 bits of g * cp, with "something was lost" in the lowest bit. */
static uint64_t number_round_to_odd(struct pow10_entry g, uint64_t cp)
{
    const gbx__u128 low = (gbx__u128)g.low * cp;
    const gbx__u128 high = (gbx__u128)g.high * cp + (uint64_t)(low >> 64);
    return (uint64_t)(high >> 64) | ((uint64_t)high > 1);
}

/* The shortest decimal between the neighbours of c * 2^q, and the closest of those.
 * `is_closer_below`: c is a power of two, so the lower neighbour lies at half the distance.
 * `is_edge`: a candidate lies just on a border, or two are equally close. */
static number_decimal number_shortest(uint64_t c, int q, bool is_closer_below, bool *is_edge)
{
    const uint64_t is_odd = c & 1;
    const int k = (q * 1262611 - (is_closer_below ? 524031 : 0)) >> 22;
    const int h = q + number_log2_pow10(-k) + 1;
    const struct pow10_entry g = pow10_table[-k - POW10_MIN];
    const uint64_t v = number_round_to_odd(g, 4 * c << h);
    const uint64_t low = number_round_to_odd(g, (4 * c - 2 + is_closer_below) << h);
    const uint64_t high = number_round_to_odd(g, (4 * c + 2) << h);
    const uint64_t s = v / 4;

    *is_edge = false;
    if (s >= 10) {
        const uint64_t tens = s / 10;
        const bool down = low + is_odd <= 40 * tens;
        const bool up = 40 * tens + 40 <= high - is_odd;
        *is_edge = low == 40 * tens || high == 40 * tens + 40;
        if (down != up) return (number_decimal){tens + up, k + 1};
    }
    const uint64_t middle = 4 * s + 2;
    const uint64_t closest = s + (v > middle || (v == middle && (s & 1)));
    *is_edge = *is_edge || v == middle || low == 4 * closest || high == 4 * closest;
    const bool down = low + is_odd <= 4 * s;
    const bool up = 4 * s + 4 <= high - is_odd;
    return (number_decimal){down != up ? s + up : closest, k};
}

/* c * 2^q as an integer, when it is one: q in (-54, 0]. */
static bool number_is_integer(uint64_t c, int q)
{
    return q <= 0 && q > -54 && (c & ((UINT64_C(1) << -q) - 1)) == 0;
}

static number_decimal number_strip_zeros(number_decimal d)
{
    while (d.digits % 100 == 0) {
        d.digits /= 100;
        d.exponent += 2;
    }
    if (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    return d;
}

static char *number_zeros(char *out, int count)
{
    memset(out, '0', (size_t)count);
    return out + count;
}

static char *number_scientific(char *out, const char *digits, int n_digits, int point)
{
    *out++ = digits[0];
    if (n_digits > 1) {
        *out++ = '.';
        memcpy(out, digits + 1, (size_t)n_digits - 1);
        out += n_digits - 1;
    }
    *out++ = 'e';
    *out++ = point < 0 ? '-' : '+';
    const unsigned exponent = (unsigned)(point < 0 ? -point : point);
    return gbx__number_padded(out, exponent, exponent < 100 ? 2 : 3);
}

/* `point`: the exponent of the first digit. */
static char *number_layout(char *out, number_decimal d)
{
    char digits[24];
    d = number_strip_zeros(d);
    const int n_digits = number_digits(d.digits);
    const int point = n_digits - 1 + d.exponent;

    if (point < -4 || point >= 16) {
        gbx__number_padded(digits, d.digits, n_digits);
        return number_scientific(out, digits, n_digits, point);
    }
    if (d.exponent >= 0) {
        out = gbx__number_padded(out, d.digits, n_digits);
        out = number_zeros(out, d.exponent);
        memcpy(out, ".0", 2);
        return out + 2;
    }
    if (point < 0) {
        memcpy(out, "0.", 2);
        out = number_zeros(out + 2, -1 - point);
        return gbx__number_padded(out, d.digits, n_digits);
    }
    gbx__number_padded(out + 1, d.digits, n_digits);
    memmove(out, out + 1, (size_t)point + 1);
    out[point + 1] = '.';
    return out + n_digits + 1;
}

static char *number_word(char *out, const char *word)
{
    const size_t len = strlen(word);
    memcpy(out, word, len);
    return out + len;
}

char *gbx__number_f64(char *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    const uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    const int exponent = (int)(bits >> 52 & 0x7FF);

    if (exponent == 0x7FF && fraction) return number_word(out, "nan");
    if (bits >> 63) *out++ = '-';
    if (exponent == 0x7FF) return number_word(out, "inf");
    if (exponent == 0 && fraction == 0) return number_word(out, "0.0");

    const uint64_t c = exponent ? fraction | UINT64_C(1) << 52 : fraction;
    const int q = (exponent ? exponent : 1) - 1075;
    if (number_is_integer(c, q)) return number_layout(out, (number_decimal){c >> -q, 0});
    bool is_edge;
    return number_layout(out, number_shortest(c, q, fraction == 0 && exponent > 1, &is_edge));
}

/* At an edge DuckDB prints the digits of the double: 50816768.0, where 50816770.0 would do. */
char *gbx__number_f32(char *out, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    const uint32_t fraction = bits & ((1u << 23) - 1);
    const int exponent = (int)(bits >> 23 & 0xFF);

    if (exponent == 0xFF && fraction) return number_word(out, "nan");
    if (bits >> 31) *out++ = '-';
    if (exponent == 0xFF) return number_word(out, "inf");
    if (exponent == 0 && fraction == 0) return number_word(out, "0.0");

    const uint64_t c = exponent ? fraction | 1u << 23 : fraction;
    const int q = (exponent ? exponent : 1) - 150;
    if (number_is_integer(c, q)) return number_layout(out, (number_decimal){c >> -q, 0});
    bool is_edge;
    const number_decimal d = number_shortest(c, q, fraction == 0 && exponent > 1, &is_edge);
    return is_edge ? gbx__number_f64(out, fabs((double)value)) : number_layout(out, d);
}
