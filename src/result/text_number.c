/* Text of booleans, integers, floats and decimals. */
#include "result/text_priv.h"

#include "base/number.h"

#include <math.h>

static char *number_bool_word(char *out, bool value)
{
    memcpy(out, value ? "true" : "false", 5);
    return out + (value ? 4 : 5);
}

static char *number_bool(const gbx__column *column, int64_t row, char *out)
{
    const uint64_t bit = (uint64_t)(column->offset + row);
    return number_bool_word(out, (unsigned char)column->data[bit / 8] >> bit % 8 & 1);
}

static char *number_bool8(const gbx__column *column, int64_t row, char *out)
{
    return number_bool_word(out, column->data[row] != 0);
}

#define NUMBER_PUT(name, type, write)                                                              \
    static char *number_##name(const gbx__column *column, int64_t row, char *out)                  \
    {                                                                                              \
        return write(out, GBX_LOAD(type, column->data, row));                                      \
    }

NUMBER_PUT(int8, int8_t, gbx__number_i64)
NUMBER_PUT(int16, int16_t, gbx__number_i64)
NUMBER_PUT(int32, int32_t, gbx__number_i64)
NUMBER_PUT(int64, int64_t, gbx__number_i64)
NUMBER_PUT(int128, gbx__i128, gbx__number_i128)
NUMBER_PUT(uint8, uint8_t, gbx__number_u64)
NUMBER_PUT(uint16, uint16_t, gbx__number_u64)
NUMBER_PUT(uint32, uint32_t, gbx__number_u64)
NUMBER_PUT(uint64, uint64_t, gbx__number_u64)
NUMBER_PUT(uint128, gbx__u128, gbx__number_u128)
NUMBER_PUT(float32, float, gbx__number_f32)
NUMBER_PUT(float64, double, gbx__number_f64)

static char *number_float16(const gbx__column *column, int64_t row, char *out)
{
    const uint16_t bits = GBX_LOAD(uint16_t, column->data, row);
    const int exponent = bits >> 10 & 0x1F;
    const float fraction = (float)(bits & 0x3FF);
    float value = exponent == 0 ? ldexpf(fraction, -24) : ldexpf(fraction + 1024.0f, exponent - 25);
    if (exponent == 0x1F) value = bits & 0x3FF ? NAN : INFINITY;
    return gbx__number_f32(out, bits >> 15 ? -value : value);
}

/* ---- decimals ---- */

#define DECIMAL_CHUNK 10000000000000000000u /* 10^19 */

/* |value| as text without a point, for 256 bits: digits come off in chunks of 19, last first. */
static char *decimal_256_digits(char *out, uint64_t limbs[4])
{
    uint64_t chunks[5];
    int n_chunks = 0;
    int n_limbs = 4;
    while (n_limbs > 0 && limbs[n_limbs - 1] == 0) n_limbs--;
    while (n_limbs > 0) {
        uint64_t rest = 0;
        for (int i = n_limbs - 1; i >= 0; i--) {
            const gbx__u128 part = (gbx__u128)rest << 64 | limbs[i];
            limbs[i] = (uint64_t)(part / DECIMAL_CHUNK);
            rest = (uint64_t)(part % DECIMAL_CHUNK);
        }
        chunks[n_chunks++] = rest;
        while (n_limbs > 0 && limbs[n_limbs - 1] == 0) n_limbs--;
    }
    if (n_chunks == 0) chunks[n_chunks++] = 0;
    out = gbx__number_u64(out, chunks[--n_chunks]);
    while (n_chunks > 0) out = gbx__number_padded(out, chunks[--n_chunks], 19);
    return out;
}

static bool decimal_256(const char *bytes, char **end)
{
    uint64_t limbs[4];
    memcpy(limbs, bytes, sizeof(limbs));
    const bool is_negative = limbs[3] >> 63;
    if (is_negative) {
        unsigned carry = 1;
        for (int i = 0; i < 4; i++) {
            limbs[i] = ~limbs[i] + carry;
            carry = carry && limbs[i] == 0;
        }
    }
    *end = decimal_256_digits(*end, limbs);
    return is_negative;
}

/* The digits of the magnitude at *end; returns whether the value is negative. */
static bool decimal_digits(const gbx__column *column, int64_t row, char **end)
{
    gbx__i128 value;
    switch (column->width) {
    case 4: value = GBX_LOAD(int32_t, column->data, row); break;
    case 8: value = GBX_LOAD(int64_t, column->data, row); break;
    case 16: value = GBX_LOAD(gbx__i128, column->data, row); break;
    default: return decimal_256(column->data + row * 32, end);
    }
    const gbx__u128 magnitude = (gbx__u128)value;
    *end = gbx__number_u128(*end, value < 0 ? 0 - magnitude : magnitude);
    return value < 0;
}

/* `whole_digit`: a digit before the point always; DuckDB's text has none where precision == scale.
 * */
static char *decimal_put(const gbx__column *column, int64_t row, char *out, bool whole_digit)
{
    char digits[96];
    char *end = digits;
    const bool is_negative = decimal_digits(column, row, &end);
    const size_t len = (size_t)(end - digits);
    const size_t scale = column->scale > 0 ? (size_t)column->scale : 0;

    if (is_negative) *out++ = '-';
    if (len > scale) {
        memcpy(out, digits, len - scale);
        out += len - scale;
    } else if (whole_digit) {
        *out++ = '0';
    }
    if (scale > 0) {
        const size_t zeros = len < scale ? scale - len : 0;
        *out++ = '.';
        memset(out, '0', zeros);
        memcpy(out + zeros, digits + (len > scale ? len - scale : 0), scale - zeros);
        out += scale;
    } else if (column->scale < 0 && !(len == 1 && digits[0] == '0')) {
        memset(out, '0', (size_t)-column->scale);
        out += -column->scale;
    }
    return out;
}

/* Most decimals are 128 bits wide and hold less than 64. */
static char *decimal_small(const gbx__column *column, uint64_t magnitude, char *out)
{
    static const uint64_t powers[] = {1,
                                      10,
                                      100,
                                      1000,
                                      10000,
                                      100000,
                                      1000000,
                                      10000000,
                                      100000000,
                                      1000000000};
    const uint64_t power = powers[column->scale];
    const uint64_t whole = magnitude / power;
    out = gbx__number_u64(out, whole);
    *out++ = '.';
    return gbx__number_padded(out, magnitude - whole * power, column->scale);
}

static char *number_decimal(const gbx__column *column, int64_t row, char *out)
{
    const bool whole_digit = column->precision > column->scale;
    if (column->width == 16 && column->scale > 0 && column->scale < 10 && whole_digit) {
        const gbx__i128 value = GBX_LOAD(gbx__i128, column->data, row);
        if (value == (int64_t)value) {
            const uint64_t bits = (uint64_t)value;
            if (value < 0) *out++ = '-';
            return decimal_small(column, value < 0 ? 0 - bits : bits, out);
        }
    }
    return decimal_put(column, row, out, whole_digit);
}

char *result_decimal_json(const gbx__column *column, int64_t row, char *out)
{
    return decimal_put(column, row, out, true);
}

#define NUMBER_KIND(column, function, max)                                                         \
    ((column)->put = (function), (column)->put_max = (max), true)

bool result_text_number(gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_BOOL: return NUMBER_KIND(column, number_bool, 8);
    case GBX_COLUMN_BOOL8: return NUMBER_KIND(column, number_bool8, 8);
    case GBX_COLUMN_INT8: return NUMBER_KIND(column, number_int8, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_INT16: return NUMBER_KIND(column, number_int16, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_INT32: return NUMBER_KIND(column, number_int32, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_INT64: return NUMBER_KIND(column, number_int64, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_INT128: return NUMBER_KIND(column, number_int128, GBX_NUMBER_128_MAX);
    case GBX_COLUMN_UINT8: return NUMBER_KIND(column, number_uint8, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_UINT16: return NUMBER_KIND(column, number_uint16, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_UINT32: return NUMBER_KIND(column, number_uint32, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_UINT64: return NUMBER_KIND(column, number_uint64, GBX_NUMBER_64_MAX);
    case GBX_COLUMN_UINT128: return NUMBER_KIND(column, number_uint128, GBX_NUMBER_128_MAX);
    case GBX_COLUMN_FLOAT16: return NUMBER_KIND(column, number_float16, GBX_NUMBER_FLOAT_MAX);
    case GBX_COLUMN_FLOAT32: return NUMBER_KIND(column, number_float32, GBX_NUMBER_FLOAT_MAX);
    case GBX_COLUMN_FLOAT64: return NUMBER_KIND(column, number_float64, GBX_NUMBER_FLOAT_MAX);
    case GBX_COLUMN_DECIMAL:
        return NUMBER_KIND(column, number_decimal,
                           96u + (size_t)(column->scale < 0 ? -column->scale : column->scale));
    default: return false;
    }
}
