/*
 * A step's SQL text: our words around the user's, and the way back from a place in the whole to a
 * place in what the user wrote.
 *
 *   SELECT * FROM frame WHERE (  age > limt
 *   \______ ours _____________/  \_ user's _/  )
 */
#ifndef GBX_EXEC_COMPOSE_H
#define GBX_EXEC_COMPOSE_H

#include "exec/exec_priv.h"

/* A text of the user's; `label` names it in messages when a step takes several. */
typedef struct gbx__user_text {
    const char *label; /* NULL: the only one */
    gbx__str text;
} gbx__user_text;

typedef struct gbx__piece {
    size_t start, len; /* in the whole */
    const gbx__user_text *user;
    size_t user_offset;
} gbx__piece;

typedef struct gbx__compose {
    gbx__buf text;
    GBX_VEC(gbx__piece) pieces;
} gbx__compose;

void gbx__compose_done(gbx__compose *c);
void gbx__compose_puts(gbx__compose *c, const char *text);
void gbx__compose_ident(gbx__compose *c, gbx__str name);
void gbx__compose_literal(gbx__compose *c, gbx__str text);
/* Bytes [start, end) of the user's text, then a line break: a comment at its end ends there. */
void gbx__compose_slice(gbx__compose *c, const gbx__user_text *user, size_t start, size_t end);
void gbx__compose_user(gbx__compose *c, const gbx__user_text *user); /* all of it */

/* Makes an error's place in the whole one in the user's text. */
void gbx__compose_locate(const gbx__compose *c, gbx_error *err);

/* --- clause.c: what a user's text must be to stand where it will ------------------------------ */

typedef enum gbx__clause {
    GBX_CLAUSE_EXPR, /* stands in parentheses */
    GBX_CLAUSE_LIST  /* of a SELECT, GROUP BY or ORDER BY: no word may begin another clause */
} gbx__clause;

/* PARSE, with its place in the text, when it is empty, would end the clause early (";", an
 * unmatched parenthesis, FROM …) or has no end (a quote, a comment). */
gbx_status gbx__clause_check(const gbx__user_text *user, gbx__clause clause, gbx_error *err);

/* One item of a list with commas: "lower(d) AS d". Offsets in the text. */
typedef struct gbx__clause_item {
    size_t start, end; /* without the spaces around it */
    size_t expr_end;   /* of the expression, before "AS name" */
    gbx__str name;     /* behind AS, or the column that it is; empty: none. In the arena */
    bool is_column;    /* one bare name */
} gbx__clause_item;

typedef GBX_VEC(gbx__clause_item) gbx__clause_items;

/* Splits at the commas that no parenthesis holds; the text was checked. */
gbx_status gbx__clause_split(gbx__arena *arena, const gbx__user_text *user, gbx__clause_items *out,
                             gbx_error *err);

/* --- step.c ----------------------------------------------------------------------------------- */

/* The composed text over its inputs becomes a frame; errors speak of the users' texts. */
gbx_status gbx__step_finish(gbx__compose *c, size_t n_inputs, const gbx__input *inputs,
                            gbx_frame **out, gbx_error *err);
/* As above over one input that is called "frame". */
gbx_status gbx__step_over(gbx__compose *c, const gbx_frame *frame, gbx_frame **out, gbx_error *err);
/* MISUSE for a NULL; UNSUPPORTED for an opaque frame. */
gbx_status gbx__step_begin(const gbx_frame *frame, gbx_frame *const *out, const char *function,
                           gbx_error *err);

#endif
