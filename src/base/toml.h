/*
 * TOML 1.0, without dates and times: what people write by hand to set things up.
 *
 *   # a comment                          root ─ table
 *   title = "nightly"                      ├─ title   text
 *   [engines.spark]                        ├─ engines table ─ spark table ─ cores number
 *   cores = 4                              └─ steps   array ─ table ─ sql text
 *   [[steps]]                                                └ table …
 *   sql = '''SELECT 1'''
 *
 * Read whole into a tree in the caller's arena; members keep the order of the file, and each node
 * knows where it stands, so that whoever reads the tree can say where something is wrong. No
 * message holds a value.
 *
 * Refused by name, with line and column: dates and times (quotes make a text of one), NUL in a
 * text, bytes that are not UTF-8, and whatever TOML itself refuses: a key or table that is there
 * twice, whole numbers beyond 64 bits, an inline table over several lines. A byte order mark in
 * front is passed over.
 */
#ifndef GBX_BASE_TOML_H
#define GBX_BASE_TOML_H

#include "base/arena.h"
#include "base/error.h"

#define GBX_TOML_BYTES_MAX ((size_t)1 << 20)
#define GBX_TOML_KEYS_MAX 10000
#define GBX_TOML_DEPTH_MAX 32 /* of tables and arrays in each other */

typedef enum gbx__toml_kind {
    GBX_TOML_TEXT,
    GBX_TOML_INTEGER,
    GBX_TOML_NUMBER, /* a float, also inf and nan */
    GBX_TOML_BOOLEAN,
    GBX_TOML_ARRAY, /* of values, or of tables: [[name]] */
    GBX_TOML_TABLE
} gbx__toml_kind;

typedef struct gbx__toml_place {
    int32_t line, column; /* 1-based, in characters */
} gbx__toml_place;

typedef struct gbx__toml gbx__toml;
struct gbx__toml {
    gbx__toml_kind kind;
    uint8_t origin;         /* the reader's own */
    gbx__str key;           /* in its table, NUL-terminated; empty in an array and for the root */
    gbx__toml_place key_at; /* where the key stands */
    gbx__toml_place at;     /* where the value stands; of a table its header or first key */
    gbx__toml *next;        /* the next member of the same table or array */
    union {
        gbx__str text; /* NUL-terminated */
        int64_t integer;
        double number;
        bool boolean;
        struct {
            gbx__toml *first, *last;
            size_t n;
        } members;
    };
};

/* PARSE with the place; INVALID for a text beyond a limit; NOMEM. */
gbx_status gbx__toml_read(gbx__arena *arena, gbx__str text, const gbx__toml **out, gbx_error *err);

/* A member of a table; NULL: it has none of that name. */
const gbx__toml *gbx__toml_get(const gbx__toml *table, const char *key);
/* "a text", "a whole number", …: for messages. */
const char *gbx__toml_kind_text(gbx__toml_kind kind);
/* Puts a place into a failure that GBX_FAIL has made. */
void gbx__toml_blame(gbx_error *err, gbx__toml_place place);

#endif
