/*
 * Texts in quotes: "basic", 'literal', and of several lines with three quotes.
 */
#include "base/toml_priv.h"

static void put_code_point(gbx__buf *out, uint32_t c)
{
    if (c < 0x80) {
        gbx__buf_putc(out, (char)c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    gbx__buf_putc(out, (char)(leads[more] | (c >> (6 * more))));
    for (int i = more - 1; i >= 0; i--) gbx__buf_putc(out, (char)(0x80 | ((c >> (6 * i)) & 0x3F)));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Behind \u or \U. */
static gbx_status read_code_point(toml_parser *p, int n_digits)
{
    const size_t start = p->pos - 2;
    uint32_t c = 0;
    for (int i = 0; i < n_digits; i++, p->pos++) {
        const int digit = hex_digit(gbx__toml_peek(p, 0));
        if (digit < 0) {
            return gbx__toml_fail(p, start, "\\%c needs %d hexadecimal digits",
                                  n_digits == 4 ? 'u' : 'U', n_digits);
        }
        c = c << 4 | (uint32_t)digit;
    }
    if (c == 0) return gbx__toml_fail(p, start, "a NUL character, which no text here may hold");
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
        return gbx__toml_fail(p, start, "no character has the number %X", (unsigned)c);
    }
    put_code_point(&p->scratch, c);
    return GBX_OK;
}

/* A backslash with nothing but blanks behind it joins the lines; false: there is something. */
static bool skip_joined_lines(toml_parser *p)
{
    size_t n = 1;
    while (gbx__toml_peek(p, n) == ' ' || gbx__toml_peek(p, n) == '\t') n++;
    if (gbx__toml_peek(p, n) != '\n' && gbx__toml_peek(p, n) != '\r') return false;
    p->pos += n;
    for (char c = gbx__toml_peek(p, 0); c == ' ' || c == '\t' || c == '\n' || c == '\r';) {
        p->pos++;
        c = gbx__toml_peek(p, 0);
    }
    return true;
}

/* At a backslash. */
static gbx_status read_escape(toml_parser *p, bool is_long)
{
    const char c = gbx__toml_peek(p, 1);
    if (is_long && skip_joined_lines(p)) return GBX_OK;
    p->pos += 2;
    switch (c) {
    case 'b': gbx__buf_putc(&p->scratch, '\b'); return GBX_OK;
    case 't': gbx__buf_putc(&p->scratch, '\t'); return GBX_OK;
    case 'n': gbx__buf_putc(&p->scratch, '\n'); return GBX_OK;
    case 'f': gbx__buf_putc(&p->scratch, '\f'); return GBX_OK;
    case 'r': gbx__buf_putc(&p->scratch, '\r'); return GBX_OK;
    case '"':
    case '\\': gbx__buf_putc(&p->scratch, c); return GBX_OK;
    case 'u': return read_code_point(p, 4);
    case 'U': return read_code_point(p, 8);
    default: break;
    }
    return gbx__toml_fail(p, p->pos - 2,
                          "TOML has no such escape: write \\\\ for a backslash, or put "
                          "the text into single quotes");
}

/* At a quote within three of them: true where the text ends. Up to two quotes before the end are
 * its own. */
static bool ends_long(toml_parser *p, char quote)
{
    size_t n = 1;
    while (n < 5 && gbx__toml_peek(p, n) == quote) n++;
    const size_t own = n < 3 ? n : n - 3;
    for (size_t i = 0; i < own; i++) gbx__buf_putc(&p->scratch, quote);
    p->pos += n;
    return n >= 3;
}

static gbx_status read_long(toml_parser *p, char quote, size_t start)
{
    if (gbx__toml_peek(p, 0) == '\r') p->pos++;
    if (gbx__toml_peek(p, 0) == '\n') p->pos++;
    while (p->pos < p->text.len) {
        const char c = gbx__toml_peek(p, 0);
        if (c == quote) {
            if (ends_long(p, quote)) return GBX_OK;
        } else if (c == '\\' && quote == '"') {
            GBX_TRY(read_escape(p, true));
        } else {
            if (c != '\r') gbx__buf_putc(&p->scratch, c);
            p->pos++;
        }
    }
    return gbx__toml_fail(p, start, "a text that does not end: put %c%c%c behind it", quote, quote,
                          quote);
}

static gbx_status read_short(toml_parser *p, char quote, size_t start)
{
    for (;;) {
        const char c = gbx__toml_peek(p, 0);
        if (c == '\0' || c == '\n' || c == '\r') {
            return gbx__toml_fail(p, start,
                                  "a text that does not end on its line: put %c behind it", quote);
        }
        if (c == '\\' && quote == '"') {
            GBX_TRY(read_escape(p, false));
            continue;
        }
        p->pos++;
        if (c == quote) return GBX_OK;
        gbx__buf_putc(&p->scratch, c);
    }
}

gbx_status gbx__toml_text(toml_parser *p, bool is_key, gbx__str *out)
{
    const size_t start = p->pos;
    const char quote = gbx__toml_peek(p, 0);
    const bool is_long = gbx__toml_peek(p, 1) == quote && gbx__toml_peek(p, 2) == quote;
    if (is_long && is_key) return gbx__toml_fail(p, start, "a key in three quotes: one is enough");
    gbx__buf_clear(&p->scratch);
    p->pos += is_long ? 3 : 1;
    GBX_TRY(is_long ? read_long(p, quote, start) : read_short(p, quote, start));
    if (p->scratch.failed) return GBX_FAIL_NOMEM(p->err);
    *out = gbx__arena_str(p->arena, gbx__buf_view(&p->scratch));
    return out->ptr ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}
