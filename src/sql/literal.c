#include "sql/literal.h"

#include "sql/lex.h"

#include <string.h>

static void literal_measure(gbx__literal *lit)
{
    bool behind_point = false;
    for (size_t i = 0; i < lit->text.len; i++) {
        const char c = lit->text.ptr[i];
        if (c == '.') {
            lit->is_decimal = true;
            behind_point = true;
        } else if (c == 'e' || c == 'E') {
            lit->is_double = true;
            return;
        } else if (c >= '0' && c <= '9') {
            if (behind_point)
                lit->scale++;
            else
                lit->int_digits++;
        }
    }
}

static bool literal_is_plain_number(gbx__str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("0123456789.eE+-", text.ptr[i]) == NULL) return false;
    }
    return true;
}

/* One gbx__literal with an optional sign; false: something else stands here. */
bool gbx__literal_read(gbx__str text, size_t *pos, gbx__literal *out)
{
    memset(out, 0, sizeof(*out));
    gbx__token token = gbx__lex_next(text, pos);
    const size_t start = token.start;
    const bool has_sign = token.kind == GBX_TOKEN_OP && text.ptr[token.start] == '-';
    if (has_sign) {
        token = gbx__lex_next(text, pos);
        if (token.start != start + 1) return false;
    }
    out->text = (gbx__str){text.ptr + start, token.end - start};
    if (token.kind == GBX_TOKEN_STRING && !has_sign && text.ptr[token.start] == '\'') {
        out->is_text = true;
        return true;
    }
    if (token.kind != GBX_TOKEN_NUMBER || !literal_is_plain_number(gbx__token_text(text, token)))
        return false;
    literal_measure(out);
    return true;
}

gbx__str gbx__literal_unquote(gbx__arena *arena, gbx__str quoted)
{
    char *bytes = gbx__arena_alloc(arena, quoted.len);
    size_t n = 0;
    if (bytes == NULL) return (gbx__str){NULL, 0};
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (quoted.ptr[i] == '\'') i++;
        bytes[n++] = quoted.ptr[i];
    }
    return (gbx__str){bytes, n};
}
