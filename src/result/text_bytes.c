/* Text of binary values, and of those that lie in bytes: UUIDs, bit strings, integers of any
 * length. */
#include "result/text_priv.h"

#include "base/alloc.h"
#include "base/number.h"

static const char bytes_hex[] = "0123456789ABCDEF";

/* DuckDB's form: printable ASCII as it is, but for quotes and backslashes; the rest as \xAB. */
void result_binary_text(gbx__str bytes, gbx__buf *out)
{
    size_t room;
    char *p = gbx__size_mul(bytes.len, 4, &room) ? gbx__buf_reserve(out, room) : NULL;
    if (!p) {
        out->failed = true;
        return;
    }
    char *start = p;
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = (unsigned char)bytes.ptr[i];
        if (c >= 0x20 && c < 0x7F && c != '\\' && c != '\'' && c != '"') {
            *p++ = (char)c;
            continue;
        }
        *p++ = '\\';
        *p++ = 'x';
        *p++ = bytes_hex[c >> 4];
        *p++ = bytes_hex[c & 15];
    }
    out->len += (size_t)(p - start);
    out->data[out->len] = '\0';
}

/* DuckDB's bit string: the first byte counts the bits at the front of the second that are not
 * used. */
void result_bit_text(gbx__str bytes, gbx__buf *out)
{
    if (bytes.len < 2) return;
    const size_t unused = (unsigned char)bytes.ptr[0] & 7;
    const size_t n_bits = (bytes.len - 1) * 8;
    for (size_t i = unused; i < n_bits; i++) {
        const unsigned char c = (unsigned char)bytes.ptr[1 + i / 8];
        gbx__buf_putc(out, c >> (7 - i % 8) & 1 ? '1' : '0');
    }
}

#define BIGNUM_CHUNK 1000000000u /* 10^9: a limb and a byte more still fit 64 bits */

/* value = value * 256 + byte, over limbs of nine digits, lowest first. */
static size_t bignum_push_byte(uint32_t *limbs, size_t n_limbs, unsigned byte)
{
    uint64_t carry = byte;
    for (size_t i = 0; i < n_limbs; i++) {
        const uint64_t part = (uint64_t)limbs[i] * 256 + carry;
        limbs[i] = (uint32_t)(part % BIGNUM_CHUNK);
        carry = part / BIGNUM_CHUNK;
    }
    if (carry) limbs[n_limbs++] = (uint32_t)carry;
    return n_limbs;
}

/* DuckDB's form: three bytes of header (the top bit: not negative), then the magnitude, highest
 * byte first; all bits inverted when negative. */
void result_bignum_text(gbx__str bytes, gbx__buf *out)
{
    if (bytes.len < 4) {
        gbx__buf_putc(out, '0');
        return;
    }
    const bool is_negative = !((unsigned char)bytes.ptr[0] & 0x80);
    uint32_t *limbs = gbx__alloc((bytes.len / 3 + 2) * sizeof(*limbs));
    char *p = limbs ? gbx__buf_reserve(out, bytes.len * 3 + 16) : NULL;
    if (!p) {
        out->failed = true;
        gbx__alloc_free(limbs);
        return;
    }
    size_t n_limbs = 0;
    for (size_t i = 3; i < bytes.len; i++) {
        const unsigned byte = (unsigned char)bytes.ptr[i];
        n_limbs = bignum_push_byte(limbs, n_limbs, is_negative ? ~byte & 0xFF : byte);
    }
    char *start = p;
    if (is_negative && n_limbs) *p++ = '-';
    p = gbx__number_u64(p, n_limbs ? limbs[n_limbs - 1] : 0);
    for (size_t i = n_limbs; i > 1; i--) p = gbx__number_padded(p, limbs[i - 2], 9);
    out->len += (size_t)(p - start);
    out->data[out->len] = '\0';
    gbx__alloc_free(limbs);
}

static char *bytes_uuid(const gbx__column *column, int64_t row, char *out)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *bytes = (const unsigned char *)column->data + row * 16;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = hex[bytes[i] >> 4];
        *out++ = hex[bytes[i] & 15];
    }
    return out;
}

bool result_text_bytes(gbx__column *column)
{
    if (column->kind != GBX_COLUMN_UUID) return false;
    column->put = bytes_uuid;
    column->put_max = 36;
    return true;
}
