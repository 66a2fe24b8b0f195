/*
 * How large a query may be before anybody parses it.
 *
 * The parser and binder need a few kilobytes for each token, and more than linear time for what is
 * nested or joined; a scan of the tokens refuses in milliseconds what would take minutes. Long
 * lists of literals are cut out before (literal_lists.c, literal_rows.c), so they may be as long
 * as they like; so may texts in quotes and comments.
 */
#ifndef GBX_SQL_TEXT_LIMITS_H
#define GBX_SQL_TEXT_LIMITS_H

#include "base/str.h"

/* Each is far above what people and their programs write, and takes about a second at most
 * (docs/errors.md states them). */
#define GBX_LIMIT_TOKENS 20000   /* words, values and signs */
#define GBX_LIMIT_DEPTH 200      /* ( [ { and CASE in each other */
#define GBX_LIMIT_LIST_DEPTH 100 /* [ and { in each other: types are as deep */
#define GBX_LIMIT_LAMBDA_DEPTH 8 /* each level takes twice as long */
#define GBX_LIMIT_JOINS 100      /* of one FROM, commas too */
#define GBX_LIMIT_LATERALS 32
#define GBX_LIMIT_SUBQUERIES 200 /* in parentheses, WITH's too */
#define GBX_LIMIT_UNIONS 1000
#define GBX_LIMIT_EXCEPTS 100 /* INTERSECT too */
#define GBX_LIMIT_KEYS 1000   /* of one GROUP BY or ORDER BY */
#define GBX_LIMIT_DOTS 100    /* a.b.c.… */
#define GBX_LIMIT_NAME_BYTES 65536
#define GBX_LIMIT_NUMBER_BYTES 10000

typedef struct gbx__text_excess {
    size_t offset; /* of the first token that is too much */
    size_t limit;
    const char *what;   /* "joins in one FROM" */
    const char *advice; /* what to do about it */
} gbx__text_excess;

/* False: the text is past a limit. What is no SQL at all fits: the parser says so. */
bool gbx__text_fits(gbx__str text, gbx__text_excess *out);

#endif
