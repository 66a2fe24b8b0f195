/* UTF-8 as Unicode 15 §3.9 table 3-7 has it: no overlong forms, no surrogates, nothing past
 * U+10FFFF. */
#include "base/str.h"

#include "base/utf8_width_priv.h"

#define UTF8_INVALID 0xFFFDu

/* Bytes of the sequence that a lead byte begins, and the range of its second byte; 0 when no
 * sequence begins so. */
static size_t utf8_lead(unsigned char c, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (c < 0x80) return 1;
    if (c < 0xC2) return 0;
    if (c < 0xE0) return 2;
    if (c < 0xF0) {
        if (c == 0xE0) *low = 0xA0;
        if (c == 0xED) *high = 0x9F;
        return 3;
    }
    if (c > 0xF4) return 0;
    if (c == 0xF0) *low = 0x90;
    if (c == 0xF4) *high = 0x8F;
    return 4;
}

/* The length of the valid sequence at the start, 0 when there is none; `len` is at least 1. */
static size_t utf8_sequence(const unsigned char *bytes, size_t len)
{
    unsigned char low;
    unsigned char high;
    const size_t n = utf8_lead(bytes[0], &low, &high);
    if (n <= 1) return n;
    if (n > len || bytes[1] < low || bytes[1] > high) return 0;
    for (size_t i = 2; i < n; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    }
    return n;
}

size_t gbx__utf8_valid_prefix(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len) {
        if ((unsigned char)bytes[i] < 0x80) {
            i++;
            continue;
        }
        const size_t n = utf8_sequence((const unsigned char *)bytes + i, len - i);
        if (n == 0) break;
        i += n;
    }
    return i;
}

uint32_t gbx__utf8_next(const char *bytes, size_t len, size_t *i)
{
    const unsigned char *s = (const unsigned char *)bytes + *i;
    const size_t n = utf8_sequence(s, len - *i);
    *i += n ? n : 1;
    switch (n) {
    case 1: return s[0];
    case 2: return (s[0] & 0x1Fu) << 6 | (s[1] & 0x3Fu);
    case 3: return (s[0] & 0x0Fu) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
    case 4:
        return (s[0] & 0x07u) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
    default: return UTF8_INVALID;
    }
}

static bool utf8_in_ranges(const utf8_range *ranges, size_t len, uint32_t c)
{
    size_t low = 0;
    size_t high = len;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (c > ranges[middle].last) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < len && c >= ranges[low].first;
}

#define UTF8_IN(table, c) utf8_in_ranges((table), sizeof(table) / sizeof((table)[0]), (c))

static size_t utf8_columns(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return 0;
    if (c < 0x300) return 1;
    if (UTF8_IN(utf8_zero_width, c)) return 0;
    return UTF8_IN(utf8_double_width, c) ? 2 : 1;
}

size_t gbx__utf8_width(const char *bytes, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len;) width += utf8_columns(gbx__utf8_next(bytes, len, &i));
    return width;
}
