#include "sql/lex.h"

#include <string.h>

static bool lex_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool lex_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool lex_is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || lex_is_digit(c) || c == '_' ||
           (unsigned char)c >= 0x80;
}

static char lex_at(gbx__str text, size_t i)
{
    return i < text.len ? text.ptr[i] : '\0';
}

/* The bytes of a space of Unicode's that the binder takes for one, at i; 0: there is none. */
static size_t lex_wide_space(gbx__str text, size_t i)
{
    const unsigned char a = (unsigned char)lex_at(text, i);
    if (a < 0xC2 || a > 0xEF) return 0;
    const unsigned char b = (unsigned char)lex_at(text, i + 1);
    const unsigned char c = (unsigned char)lex_at(text, i + 2);
    if (a == 0xC2) return b == 0xA0 ? 2 : 0;                                      /* U+00A0 */
    const bool is_space = (a == 0xE2 && b == 0x80 && c >= 0x80 && c <= 0x8B) ||   /* U+2000..200B */
                          (a == 0xE2 && b == 0x80 && c == 0xAF) ||                /* U+202F */
                          (a == 0xE2 && b == 0x81 && (c == 0x9F || c == 0xA0)) || /* U+205F, 2060 */
                          (a == 0xE3 && b == 0x80 && c == 0x80) ||                /* U+3000 */
                          (a == 0xEF && b == 0xBB && c == 0xBF);                  /* U+FEFF */
    return is_space ? 3 : 0;
}

static size_t lex_word_end(gbx__str text, size_t i)
{
    while (i < text.len && lex_is_word(text.ptr[i]) && lex_wide_space(text, i) == 0) i++;
    return i;
}

/* Past white space and comments (block comments nest); false when a comment does not end. */
static bool lex_skip_blank(gbx__str text, size_t *pos)
{
    size_t i = *pos;
    for (;;) {
        while (i < text.len) {
            const size_t wide = lex_wide_space(text, i);
            if (wide == 0 && !lex_is_space(text.ptr[i])) break;
            i += wide > 0 ? wide : 1;
        }
        if (lex_at(text, i) == '-' && lex_at(text, i + 1) == '-') {
            while (i < text.len && text.ptr[i] != '\n' && text.ptr[i] != '\r') i++;
        } else if (lex_at(text, i) == '/' && lex_at(text, i + 1) == '*') {
            const size_t start = i;
            size_t depth = 1;
            i += 2;
            while (i < text.len && depth > 0) {
                if (lex_at(text, i) == '/' && lex_at(text, i + 1) == '*') {
                    depth++;
                    i += 2;
                } else if (lex_at(text, i) == '*' && lex_at(text, i + 1) == '/') {
                    depth--;
                    i += 2;
                } else {
                    i++;
                }
            }
            if (depth > 0) {
                *pos = start;
                return false;
            }
        } else {
            break;
        }
    }
    *pos = i;
    return true;
}

/* Past a quoted text whose opening quote is at i; a doubled quote stands for one. 0: no end. */
static size_t lex_quoted(gbx__str text, size_t i, bool backslash)
{
    const char quote = text.ptr[i++];
    while (i < text.len) {
        if (backslash && text.ptr[i] == '\\') {
            i += 2;
        } else if (text.ptr[i] != quote) {
            i++;
        } else if (lex_at(text, i + 1) == quote) {
            i += 2;
        } else {
            return i + 1;
        }
    }
    return 0;
}

/* $tag$ … $tag$ at i: the end, or 0 when this is not one (or has no end: *bad). */
static size_t lex_dollar(gbx__str text, size_t i, bool *bad)
{
    size_t tag_end = i + 1;
    while (tag_end < text.len && lex_is_word(text.ptr[tag_end])) tag_end++;
    if (lex_at(text, tag_end) != '$' || lex_is_digit(lex_at(text, i + 1))) return 0;
    const size_t tag_len = tag_end + 1 - i;
    for (size_t j = tag_end + 1; j + tag_len <= text.len; j++) {
        if (text.ptr[j] == '$' && memcmp(text.ptr + j, text.ptr + i, tag_len) == 0)
            return j + tag_len;
    }
    *bad = true;
    return 0;
}

static size_t lex_number(gbx__str text, size_t i)
{
    while (i < text.len) {
        const char c = text.ptr[i];
        if ((c == 'e' || c == 'E') && (lex_at(text, i + 1) == '+' || lex_at(text, i + 1) == '-')) {
            i += 2;
        } else if ((lex_is_word(c) || c == '.') && lex_wide_space(text, i) == 0) {
            i++;
        } else {
            break;
        }
    }
    return i;
}

static gbx__token lex_token(gbx__token_kind kind, size_t start, size_t end)
{
    return (gbx__token){kind, start, end};
}

static gbx__token lex_string(gbx__str text, size_t start, size_t quote_at, bool backslash)
{
    const size_t end = lex_quoted(text, quote_at, backslash);
    return end > 0 ? lex_token(GBX_TOKEN_STRING, start, end)
                   : lex_token(GBX_TOKEN_BAD, start, text.len);
}

static gbx__token lex_param_or_dollar(gbx__str text, size_t i)
{
    bool bad = false;
    size_t end = lex_dollar(text, i, &bad);
    if (bad) return lex_token(GBX_TOKEN_BAD, i, text.len);
    if (end > 0) return lex_token(GBX_TOKEN_STRING, i, end);
    return lex_token(GBX_TOKEN_PARAM, i, lex_word_end(text, i + 1));
}

static gbx__token lex_read(gbx__str text, size_t i)
{
    const char c = text.ptr[i];
    const char next = lex_at(text, i + 1);
    if ((c == 'e' || c == 'E') && next == '\'') return lex_string(text, i, i + 1, true);
    if ((c == 'x' || c == 'X' || c == 'b' || c == 'B') && next == '\'')
        return lex_string(text, i, i + 1, false);
    if (c == '\'') return lex_string(text, i, i, false);
    if (c == '"') {
        const size_t end = lex_quoted(text, i, false);
        return end > 0 ? lex_token(GBX_TOKEN_IDENT, i, end) : lex_token(GBX_TOKEN_BAD, i, text.len);
    }
    if (c == '$') return lex_param_or_dollar(text, i);
    if (c == '?') return lex_token(GBX_TOKEN_PARAM, i, i + 1);
    if (lex_is_digit(c) || (c == '.' && lex_is_digit(next)))
        return lex_token(GBX_TOKEN_NUMBER, i, lex_number(text, i));
    if (lex_is_word(c)) {
        return lex_token(GBX_TOKEN_WORD, i, lex_word_end(text, i));
    }
    if (strchr("()[]{},;.", c) != NULL) return lex_token(GBX_TOKEN_PUNCT, i, i + 1);
    return lex_token(GBX_TOKEN_OP, i, i + 1);
}

gbx__token gbx__lex_next(gbx__str text, size_t *pos)
{
    if (!lex_skip_blank(text, pos)) return lex_token(GBX_TOKEN_BAD, *pos, text.len);
    if (*pos >= text.len) return lex_token(GBX_TOKEN_END, text.len, text.len);
    const gbx__token token = lex_read(text, *pos);
    *pos = token.end;
    return token;
}

gbx__str gbx__token_text(gbx__str text, gbx__token token)
{
    return (gbx__str){text.ptr + token.start, token.end - token.start};
}

bool gbx__lex_skip_group(gbx__str text, size_t *pos)
{
    size_t depth = 1;
    size_t i = *pos;
    while (depth > 0) {
        const gbx__token token = gbx__lex_next(text, &i);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) return false;
        if (token.kind != GBX_TOKEN_PUNCT) continue;
        const char c = text.ptr[token.start];
        if (c == '(' || c == '[' || c == '{') depth++;
        if (c == ')' || c == ']' || c == '}') depth--;
    }
    *pos = i;
    return true;
}
