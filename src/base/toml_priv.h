/*
 * Between the files of the TOML reader: toml.c has lines, keys and tables, toml_value.c values,
 * toml_text.c texts in quotes.
 */
#ifndef GBX_BASE_TOML_PRIV_H
#define GBX_BASE_TOML_PRIV_H

#include "base/toml.h"

/* How a table came to be: it decides who may add to it. */
enum {
    TOML_OF_VALUE,  /* { … }, and an array [ … ]: closed */
    TOML_OF_PATH,   /* on the way of a header: its own header may still come */
    TOML_OF_DOTS,   /* by a dotted key: more of them may come */
    TOML_OF_HEADER, /* [name], and the array of [[name]] */
};

typedef struct toml_parser {
    gbx__arena *arena;
    gbx__str text;
    size_t pos;
    size_t depth; /* of the table or array that is being read */
    size_t n_keys;
    gbx__toml *root;
    gbx__toml *table; /* the header's */
    gbx__buf scratch; /* a text before its length is known */
    size_t counted;   /* up to here `place` is known */
    gbx__toml_place place;
    gbx_error *err;
} toml_parser;

/* The byte at the place, and `n` behind it; 0 behind the end (no text holds a NUL). */
char gbx__toml_peek(const toml_parser *p, size_t n);
void gbx__toml_skip_blanks(toml_parser *p);                        /* within a line */
void gbx__toml_skip_lines(toml_parser *p);                         /* and comments, and line ends */
gbx__toml_place gbx__toml_place_of(toml_parser *p, size_t offset); /* offsets that grow are cheap */

/* PARSE at an offset. */
gbx_status gbx__toml_fail(toml_parser *p, size_t offset, const char *format, ...) GBX_PRINTF(3, 4);

gbx_status gbx__toml_node(toml_parser *p, gbx__toml_kind kind, size_t offset, gbx__toml **out);
void gbx__toml_append(gbx__toml *parent, gbx__toml *member);
/* One level down, or a failure. */
gbx_status gbx__toml_enter(toml_parser *p, size_t levels, size_t offset);

/* key = value into a table. */
gbx_status gbx__toml_assign(toml_parser *p, gbx__toml *table);
gbx_status gbx__toml_value(toml_parser *p, gbx__toml **out);
/* At a quote. A key may not be of several lines. */
gbx_status gbx__toml_text(toml_parser *p, bool is_key, gbx__str *out);

#endif
