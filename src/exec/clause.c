/*
 * A user's text must stay inside the clause that it was written for. In parentheses the grammar
 * sees to that, once parentheses match and quotes end. In a list, the words that begin another
 * clause are reserved, so one outside all parentheses is either a mistake or an escape; the few
 * places where they mean something else (IS DISTINCT FROM, a name behind AS or a dot) are known.
 */
#include "exec/compose.h"
#include "sql/lex.h"

static gbx_status clause_fail(const gbx__user_text *user, size_t offset, gbx_error *err,
                              const char *message)
{
    gbx__error_set(err, GBX_PARSE, "%s%s%s", user->label ? user->label : "",
                   user->label ? ": " : "", message);
    gbx__error_locate(err, user->text.ptr, user->text.len, offset);
    return GBX_PARSE;
}

static bool token_is_word(gbx__str text, gbx__token token, const char *word)
{
    return token.kind == GBX_TOKEN_WORD && gbx__str_is_nocase(gbx__token_text(text, token), word);
}

static bool token_is_char(gbx__str text, gbx__token token, char c)
{
    return token.end - token.start == 1 && text.ptr[token.start] == c &&
           (token.kind == GBX_TOKEN_PUNCT || token.kind == GBX_TOKEN_OP);
}

/* A word that ends a list; `before` is the token in front of it, and no name. */
static bool ends_list(gbx__str text, gbx__token before, gbx__token token)
{
    static const char *const words[] = {"select", "from",   "where", "group", "having", "order",
                                        "limit",  "offset", "fetch", "union", "except", "intersect",
                                        "window", "into",   "for",   "using", "qualify"};
    if (token.kind != GBX_TOKEN_WORD) return false;
    const bool is_cast =
        before.start > 0 && token_is_char(text, before, ':') && text.ptr[before.start - 1] == ':';
    if (is_cast) return false; /* x::UNION(…) */
    if (token_is_word(text, token, "except") && token_is_char(text, before, '*')) return false;
    if (token_is_word(text, token, "from") && token_is_word(text, before, "distinct")) return false;
    if (token_is_word(text, token, "group") && token_is_word(text, before, "within")) return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (token_is_word(text, token, words[i])) return true;
    }
    return false;
}

gbx_status gbx__clause_check(const gbx__user_text *user, gbx__clause clause, gbx_error *err)
{
    const gbx__str text = user->text;
    gbx__token before = {GBX_TOKEN_END, 0, 0};
    bool is_name = false; /* of the token: in `1 AS as UNION` the second AS is one */
    size_t pos = 0;
    for (bool is_first = true;; is_first = false) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END) {
            return is_first ? clause_fail(user, 0, err, "the text is empty") : GBX_OK;
        }
        if (token.kind == GBX_TOKEN_BAD) {
            return clause_fail(user, token.start, err, "a quote or comment without an end");
        }
        if (token_is_char(text, token, ';')) {
            return clause_fail(user, token.start, err, "';' ends a statement: leave it out");
        }
        const bool opens = token_is_char(text, token, '(') || token_is_char(text, token, '[') ||
                           token_is_char(text, token, '{');
        const bool closes = token_is_char(text, token, ')') || token_is_char(text, token, ']') ||
                            token_is_char(text, token, '}');
        if (closes || (opens && !gbx__lex_skip_group(text, &pos))) {
            return clause_fail(user, token.start, err, "a parenthesis without its partner");
        }
        is_name = token.kind == GBX_TOKEN_WORD &&
                  (token_is_char(text, before, '.') || token_is_word(text, before, "as"));
        if (clause == GBX_CLAUSE_LIST && !is_name && ends_list(text, before, token)) {
            return clause_fail(user, token.start, err,
                               "a word that begins another clause: this is a list of expressions");
        }
        before = is_name ? (gbx__token){GBX_TOKEN_END, 0, 0} : token;
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

/* Text of a name: without its quotes, doubled ones made single. */
static gbx__str name_of(gbx__arena *arena, gbx__str text, gbx__token token)
{
    const gbx__str raw = gbx__token_text(text, token);
    if (token.kind != GBX_TOKEN_IDENT || raw.len < 2) return gbx__arena_str(arena, raw);
    char *name = gbx__arena_alloc(arena, raw.len);
    size_t len = 0;
    for (size_t i = 1; name && i + 1 < raw.len; i++) {
        name[len++] = raw.ptr[i];
        if (raw.ptr[i] == '"') i++;
    }
    return (gbx__str){name, len};
}

typedef struct item_reader {
    gbx__arena *arena;
    gbx__str text;
    gbx__token tokens[3]; /* the last ones outside parentheses, newest first */
    size_t n_tokens;
    size_t start;
    size_t last_end; /* of the newest token, its parentheses included */
} item_reader;

static bool is_name(gbx__token token)
{
    return token.kind == GBX_TOKEN_WORD || token.kind == GBX_TOKEN_IDENT;
}

static bool item_end(item_reader *r, gbx__clause_items *out)
{
    gbx__clause_item item = {.start = r->start, .end = r->last_end, .expr_end = r->last_end};
    const gbx__token last = r->tokens[0];
    const bool ends_with_name = is_name(last) && last.end == r->last_end;
    const bool has_alias =
        r->n_tokens >= 3 && ends_with_name && token_is_word(r->text, r->tokens[1], "as");
    item.is_column = r->n_tokens == 1 && ends_with_name;
    if (has_alias) item.expr_end = r->tokens[2].end;
    if (has_alias || item.is_column) {
        item.name = name_of(r->arena, r->text, last);
        if (!item.name.ptr) return false;
    }
    r->n_tokens = 0;
    return gbx__vec_push(out, item);
}

static void item_token(item_reader *r, gbx__token token)
{
    if (r->n_tokens == 0) r->start = token.start;
    r->tokens[2] = r->tokens[1];
    r->tokens[1] = r->tokens[0];
    r->tokens[0] = token;
    r->n_tokens++;
    r->last_end = token.end;
}

gbx_status gbx__clause_split(gbx__arena *arena, const gbx__user_text *user, gbx__clause_items *out,
                             gbx_error *err)
{
    item_reader r = {.arena = arena, .text = user->text};
    size_t pos = 0;
    for (;;) {
        gbx__token token = gbx__lex_next(r.text, &pos);
        const bool is_end = token.kind == GBX_TOKEN_END;
        if (is_end || token_is_char(r.text, token, ',')) {
            if (r.n_tokens == 0) {
                return clause_fail(user, token.start, err, "an expression is missing");
            }
            if (!item_end(&r, out)) return GBX_FAIL_NOMEM(err);
            if (is_end) return GBX_OK;
            continue;
        }
        const char c = r.text.ptr[token.start];
        if (token.kind == GBX_TOKEN_PUNCT && (c == '(' || c == '[' || c == '{')) {
            if (!gbx__lex_skip_group(r.text, &pos)) return GBX_FAIL(err, GBX_PARSE, "parenthesis");
            token.end = pos;
        }
        item_token(&r, token);
    }
}
