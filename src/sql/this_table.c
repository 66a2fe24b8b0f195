/*
 * "This table": where a relation is called `table`, FROM table means it, and a SELECT without
 * FROM reads it. TABLE is a keyword of the grammar, so the name is quoted before parsing.
 */
#include "sql/this_table.h"

#include "sql/lex.h"

static bool this_is_word(gbx__str text, gbx__token token, const char *word)
{
    return token.kind == GBX_TOKEN_WORD && gbx__str_is_nocase(gbx__token_text(text, token), word);
}

/* Words before which a missing FROM belongs. */
static bool this_ends_select(gbx__str text, gbx__token token)
{
    static const char *const words[] = {"where",  "group", "having", "qualify",
                                        "window", "order", "limit",  "offset",
                                        "using",  "union", "except", "intersect"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (this_is_word(text, token, words[i])) return true;
    }
    return false;
}

static bool this_add_from(gbx__str text, gbx__edits *edits)
{
    size_t pos = 0;
    gbx__token token = gbx__lex_next(text, &pos);
    if (!this_is_word(text, token, "select")) return true;
    size_t at = token.end;
    for (;;) {
        token = gbx__lex_next(text, &pos);
        if (this_is_word(text, token, "from")) return true;
        const bool is_semicolon = token.kind == GBX_TOKEN_PUNCT && text.ptr[token.start] == ';';
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD || is_semicolon ||
            this_ends_select(text, token))
            return gbx__edits_add(edits, at, at, GBX_STR(" FROM \"table\""));
        at = token.end;
        const bool opens = token.kind == GBX_TOKEN_PUNCT &&
                           (text.ptr[token.start] == '(' || text.ptr[token.start] == '[' ||
                            text.ptr[token.start] == '{');
        if (opens) {
            if (!gbx__lex_skip_group(text, &pos)) return true; /* the parser will say so */
            at = pos;
        }
    }
}

bool gbx__this_table_edit(gbx__str text, gbx__edits *edits)
{
    size_t pos = 0;
    bool behind_from = false;
    for (;;) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) break;
        if (behind_from && this_is_word(text, token, "table") &&
            !gbx__edits_add(edits, token.start, token.end, GBX_STR("\"table\"")))
            return false;
        behind_from = this_is_word(text, token, "from") || this_is_word(text, token, "join");
    }
    return this_add_from(text, edits);
}
