#include "sql/text_limits.h"

#include "sql/lex.h"

#include <string.h>

typedef enum limit_id {
    LIMIT_TOKENS,
    LIMIT_DEPTH,
    LIMIT_LIST_DEPTH,
    LIMIT_LAMBDA_DEPTH,
    LIMIT_JOINS,
    LIMIT_LATERALS,
    LIMIT_SUBQUERIES,
    LIMIT_UNIONS,
    LIMIT_EXCEPTS,
    LIMIT_KEYS,
    LIMIT_DOTS,
    LIMIT_NAME_BYTES,
    LIMIT_NUMBER_BYTES,
    LIMITS
} limit_id;

static const struct {
    size_t limit;
    const char *what, *advice;
} limits[LIMITS] = {
    [LIMIT_TOKENS] = {GBX_LIMIT_TOKENS, "words, values and signs",
                      "put long lists into a file or into plain VALUES, or ask in several queries"},
    [LIMIT_DEPTH] = {GBX_LIMIT_DEPTH, "levels of parentheses, brackets and CASE",
                     "name inner parts with WITH"},
    [LIMIT_LIST_DEPTH] = {GBX_LIMIT_LIST_DEPTH, "levels of lists and structs",
                          "make the value flatter"},
    [LIMIT_LAMBDA_DEPTH] = {GBX_LIMIT_LAMBDA_DEPTH, "lambdas in each other",
                            "do it in steps with WITH"},
    [LIMIT_JOINS] = {GBX_LIMIT_JOINS, "joins in one FROM",
                     "join a part first, write it to a file and join that"},
    [LIMIT_LATERALS] = {GBX_LIMIT_LATERALS, "LATERAL joins",
                        "write a part to a file first, or use columns of one SELECT"},
    [LIMIT_SUBQUERIES] = {GBX_LIMIT_SUBQUERIES, "subqueries", "write some of them to files first"},
    [LIMIT_UNIONS] = {GBX_LIMIT_UNIONS, "UNIONs",
                      "use VALUES, a list of files or a glob in their place"},
    [LIMIT_EXCEPTS] = {GBX_LIMIT_EXCEPTS, "EXCEPTs and INTERSECTs",
                       "join with the UNION ALL of them"},
    [LIMIT_KEYS] = {GBX_LIMIT_KEYS, "keys in one GROUP BY or ORDER BY", "leave some of them out"},
    [LIMIT_DOTS] = {GBX_LIMIT_DOTS, "dots in one name", "take the field apart in steps"},
    [LIMIT_NAME_BYTES] = {GBX_LIMIT_NAME_BYTES, "bytes in one name", "shorten it"},
    [LIMIT_NUMBER_BYTES] = {GBX_LIMIT_NUMBER_BYTES, "digits in one number", "round it"},
};

/* Which commas count, and as what. */
typedef enum clause {
    CLAUSE_OTHER,
    CLAUSE_FROM,
    CLAUSE_KEYS
} clause;

/* What is open: the whole text, a bracket or a CASE. */
typedef struct level {
    char opened; /* ( [ { or 'c'; 0: the whole text */
    clause clause;
    bool is_first; /* nothing has come behind the bracket yet */
    bool is_arm;   /* of a set operation: (SELECT …) UNION (SELECT …) */
    bool is_query; /* has a SELECT or FROM of its own: its joins are not those around it */
    bool has_lambda;
    size_t n_joins;
    size_t n_keys;
} level;

typedef struct scan {
    gbx__str text;
    gbx__token token, before; /* before: kind END for none */
    level levels[GBX_LIMIT_DEPTH + 1];
    size_t depth;
    size_t counts[LIMITS]; /* of the whole text */
    limit_id excess;       /* LIMITS: none */
} scan;

static void scan_count(scan *s, limit_id id, size_t n)
{
    if (n > limits[id].limit && s->excess == LIMITS) s->excess = id;
}

static void scan_add(scan *s, limit_id id)
{
    scan_count(s, id, ++s->counts[id]);
}

static level *scan_level(scan *s)
{
    return &s->levels[s->depth];
}

static bool scan_is_sign(const scan *s, gbx__token token, char c)
{
    return (token.kind == GBX_TOKEN_PUNCT || token.kind == GBX_TOKEN_OP) &&
           s->text.ptr[token.start] == c;
}

static bool scan_is_word(const scan *s, gbx__token token, const char *word)
{
    return token.kind == GBX_TOKEN_WORD &&
           gbx__str_is_nocase(gbx__token_text(s->text, token), word);
}

static bool scan_is_any(const scan *s, gbx__token token, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (scan_is_word(s, token, words[i])) return true;
    }
    return false;
}

#define SCAN_IS_ANY(s, token, words) scan_is_any(s, token, words, sizeof(words) / sizeof(words[0]))

/* --- brackets --------------------------------------------------------------------------------- */

static const char *const arm_words[] = {"union", "all", "except", "intersect"};

/* A parenthesis behind them, a comma or another one holds tables: FROM (a, b). */
static const char *const table_words[] = {"from", "join", "lateral"};

static void scan_open(scan *s, char opened)
{
    const bool is_list = opened == '[' || opened == '{';
    const bool is_arm =
        (s->depth == 0 && s->before.kind == GBX_TOKEN_END) || SCAN_IS_ANY(s, s->before, arm_words);
    const bool is_table = opened == '(' && scan_level(s)->clause == CLAUSE_FROM &&
                          (SCAN_IS_ANY(s, s->before, table_words) ||
                           scan_is_sign(s, s->before, ',') || scan_is_sign(s, s->before, '('));
    scan_count(s, LIMIT_DEPTH, s->depth + 1);
    if (s->excess != LIMITS) return;
    if (is_list) scan_add(s, LIMIT_LIST_DEPTH);
    s->depth++;
    *scan_level(s) = (level){.opened = opened,
                             .clause = is_table ? CLAUSE_FROM : CLAUSE_OTHER,
                             .is_first = true,
                             .is_arm = is_arm};
}

static void scan_close(scan *s, bool is_case)
{
    const level *closed = scan_level(s);
    if (s->depth == 0 || (closed->opened == 'c') != is_case) return; /* the parser will say so */
    if (closed->opened == '[' || closed->opened == '{') s->counts[LIMIT_LIST_DEPTH]--;
    if (closed->has_lambda) s->counts[LIMIT_LAMBDA_DEPTH]--;
    s->depth--;
    if (!closed->is_query) scan_level(s)->n_joins += closed->n_joins;
}

/* --- words ------------------------------------------------------------------------------------ */

static void scan_join(scan *s)
{
    scan_count(s, LIMIT_JOINS, ++scan_level(s)->n_joins);
}

static void scan_begin_query(scan *s, bool was_first)
{
    level *l = scan_level(s);
    l->is_query = true;
    if (was_first && l->opened == '(' && !l->is_arm) scan_add(s, LIMIT_SUBQUERIES);
}

/* Words that begin a clause, or end one. */
static void scan_clause(scan *s, bool was_first)
{
    static const char *const others[] = {"where", "having", "qualify", "window",
                                         "limit", "offset", "union",   "values"};
    level *l = scan_level(s);
    const bool is_from = scan_is_word(s, s->token, "from") &&
                         !scan_is_word(s, s->before, "distinct"); /* a IS DISTINCT FROM b */
    if (is_from || scan_is_word(s, s->token, "select") || scan_is_word(s, s->token, "with") ||
        scan_is_word(s, s->token, "values"))
        scan_begin_query(s, was_first);
    if (is_from) {
        l->clause = CLAUSE_FROM;
        l->n_joins = 0;
    } else if (scan_is_word(s, s->token, "by")) {
        l->clause = scan_is_word(s, s->before, "group") || scan_is_word(s, s->before, "order")
                        ? CLAUSE_KEYS
                        : CLAUSE_OTHER;
        l->n_keys = 1;
    } else if (scan_is_word(s, s->token, "select") || SCAN_IS_ANY(s, s->token, others)) {
        l->clause = CLAUSE_OTHER;
    }
}

static void scan_word(scan *s, bool was_first)
{
    level *l = scan_level(s);
    const bool is_name = scan_is_sign(s, s->before, '.') || scan_is_word(s, s->before, "as");
    const bool is_star_except = scan_is_sign(s, s->before, '*');
    scan_count(s, LIMIT_NAME_BYTES, s->token.end - s->token.start);
    if (is_name) return;
    scan_clause(s, was_first);
    if (scan_is_word(s, s->token, "join"))
        scan_join(s);
    else if (scan_is_word(s, s->token, "lateral"))
        scan_add(s, LIMIT_LATERALS);
    else if (scan_is_word(s, s->token, "union"))
        scan_add(s, LIMIT_UNIONS);
    else if (scan_is_word(s, s->token, "intersect"))
        scan_add(s, LIMIT_EXCEPTS);
    else if (scan_is_word(s, s->token, "except") && !is_star_except)
        scan_add(s, LIMIT_EXCEPTS);
    else if (scan_is_word(s, s->token, "case"))
        scan_open(s, 'c');
    else if (scan_is_word(s, s->token, "end"))
        scan_close(s, true);
    else if (scan_is_word(s, s->token, "lambda") && !l->has_lambda) {
        l->has_lambda = true;
        scan_add(s, LIMIT_LAMBDA_DEPTH);
    }
}

static void scan_punct(scan *s)
{
    level *l = scan_level(s);
    const char c = s->text.ptr[s->token.start];
    if (c == '(' || c == '[' || c == '{') scan_open(s, c);
    if (c == ')' || c == ']' || c == '}') scan_close(s, false);
    if (c == '.') scan_add(s, LIMIT_DOTS);
    if (c == ',' && l->clause == CLAUSE_FROM) scan_join(s);
    if (c == ',' && l->clause == CLAUSE_KEYS) scan_count(s, LIMIT_KEYS, ++l->n_keys);
}

static void scan_token(scan *s)
{
    level *l = scan_level(s);
    const bool was_first = l->is_first;
    const bool is_name = s->token.kind == GBX_TOKEN_WORD || s->token.kind == GBX_TOKEN_IDENT;
    l->is_first = false;
    scan_add(s, LIMIT_TOKENS);
    const bool is_dotted = is_name && scan_is_sign(s, s->before, '.');
    if (!is_dotted && !scan_is_sign(s, s->token, '.')) s->counts[LIMIT_DOTS] = 0;
    if (s->token.kind == GBX_TOKEN_WORD) scan_word(s, was_first);
    if (s->token.kind == GBX_TOKEN_PUNCT) scan_punct(s);
    if (s->token.kind == GBX_TOKEN_IDENT)
        scan_count(s, LIMIT_NAME_BYTES, s->token.end - s->token.start);
    if (s->token.kind == GBX_TOKEN_NUMBER)
        scan_count(s, LIMIT_NUMBER_BYTES, s->token.end - s->token.start);
}

bool gbx__text_fits(gbx__str text, gbx__text_excess *out)
{
    scan s = {.text = text, .excess = LIMITS};
    size_t pos = 0;
    s.levels[0] = (level){.is_first = true};
    while (s.excess == LIMITS) {
        s.token = gbx__lex_next(text, &pos);
        if (s.token.kind == GBX_TOKEN_END || s.token.kind == GBX_TOKEN_BAD) return true;
        scan_token(&s);
        s.before = s.token;
    }
    *out = (gbx__text_excess){s.token.start, limits[s.excess].limit, limits[s.excess].what,
                              limits[s.excess].advice};
    return false;
}
