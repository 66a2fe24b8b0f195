/*
 * SQL text → tokens with positions, enough to find where a piece of text begins and ends; the
 * grammar is the binder's.
 */
#ifndef GBX_SQL_LEX_H
#define GBX_SQL_LEX_H

#include "base/str.h"

typedef enum gbx__token_kind {
    GBX_TOKEN_END,
    GBX_TOKEN_WORD,   /* keyword or plain name */
    GBX_TOKEN_IDENT,  /* "quoted" */
    GBX_TOKEN_STRING, /* 'text', E'text', $tag$text$tag$ */
    GBX_TOKEN_NUMBER,
    GBX_TOKEN_PARAM, /* ?, $1, $name, :name */
    GBX_TOKEN_PUNCT, /* one of ( ) [ ] { } , ; . */
    GBX_TOKEN_OP,    /* anything else */
    GBX_TOKEN_BAD    /* a quote or comment that does not end */
} gbx__token_kind;

typedef struct gbx__token {
    gbx__token_kind kind;
    size_t start, end; /* bytes */
} gbx__token;

/* The token at or after *pos (white space and comments are skipped); *pos becomes its end. */
gbx__token gbx__lex_next(gbx__str text, size_t *pos);
/* The token's text. */
gbx__str gbx__token_text(gbx__str text, gbx__token token);
/* With *pos just behind an opening parenthesis or bracket: moves it behind the matching closing
 * one. False when there is none. */
bool gbx__lex_skip_group(gbx__str text, size_t *pos);

#endif
