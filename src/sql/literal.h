/*
 * Literals of the text: what long lists of them are lifted by.
 */
#ifndef GBX_SQL_LITERAL_H
#define GBX_SQL_LITERAL_H

#include "base/arena.h"

/* What a literal's type depends on. */
typedef struct gbx__literal {
    bool is_text;
    bool is_double;  /* has an exponent */
    bool is_decimal; /* has a point */
    size_t int_digits;
    size_t scale;
    gbx__str text; /* with its sign or quotes */
} gbx__literal;

/* A number with an optional sign or a 'text' at *pos, which becomes its end; false: something else
 * stands here. */
bool gbx__literal_read(gbx__str text, size_t *pos, gbx__literal *out);
/* 'it''s' → it's, in the arena; ptr NULL when memory is short. */
gbx__str gbx__literal_unquote(gbx__arena *arena, gbx__str quoted);

#endif
