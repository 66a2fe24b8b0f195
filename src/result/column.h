/*
 * Reading Arrow columns value by value: a tree that mirrors the schema, made once, and pointed at
 * one batch after another.
 *
 *   ArrowSchema ── columns_open ──→ gbx__column tree (kinds, units, names: fixed)
 *   ArrowArray  ── columns_bind ──→ its pointers (validity, offsets, data: of this batch)
 *                                     │
 *             row ── column_text ─────┴──→ text as DuckDB casts it to VARCHAR
 *
 * Kinds whose text has a bound (`put`: numbers, dates, …) are written straight to memory; the
 * others (text, lists, …) onto a buffer. Row i of a batch is row batch->offset + i
 * of its columns; the offsets of columns and their children are taken care of here.
 *
 * Trust: buffers are as long as Arrow asks (a C interface cannot say otherwise); what can be
 * checked at bind is checked.
 */
#ifndef GBX_RESULT_COLUMN_H
#define GBX_RESULT_COLUMN_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "gearbox/arrow.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gbx__column_kind {
    GBX_COLUMN_NULL,
    GBX_COLUMN_BOOL,
    GBX_COLUMN_BOOL8,
    GBX_COLUMN_INT8,
    GBX_COLUMN_INT16,
    GBX_COLUMN_INT32,
    GBX_COLUMN_INT64,
    GBX_COLUMN_INT128,
    GBX_COLUMN_UINT8,
    GBX_COLUMN_UINT16,
    GBX_COLUMN_UINT32,
    GBX_COLUMN_UINT64,
    GBX_COLUMN_UINT128,
    GBX_COLUMN_FLOAT16,
    GBX_COLUMN_FLOAT32,
    GBX_COLUMN_FLOAT64,
    GBX_COLUMN_DECIMAL, /* width: bytes; scale */
    GBX_COLUMN_UTF8,
    GBX_COLUMN_JSON,
    GBX_COLUMN_BINARY,
    GBX_COLUMN_BIT,
    GBX_COLUMN_GEOMETRY, /* WKB */
    GBX_COLUMN_BIGNUM,
    GBX_COLUMN_UUID,
    GBX_COLUMN_DATE,      /* width 4: days; 8: milliseconds */
    GBX_COLUMN_TIME,      /* width 4 or 8, in units of 10^-fraction s */
    GBX_COLUMN_TIMETZ,    /* DuckDB's: microseconds and an offset in one word */
    GBX_COLUMN_TIMESTAMP, /* fraction, has_zone */
    GBX_COLUMN_DURATION,  /* fraction */
    GBX_COLUMN_INTERVAL_MONTHS,
    GBX_COLUMN_INTERVAL_DAYS,
    GBX_COLUMN_INTERVAL,
    GBX_COLUMN_LIST, /* and fixed lists and list views, by layout */
    GBX_COLUMN_MAP,
    GBX_COLUMN_STRUCT,
    GBX_COLUMN_UNION, /* this and those below lead to a child: column_follow */
    GBX_COLUMN_DICTIONARY,
    GBX_COLUMN_RUN_END
} gbx__column_kind;

/* How bytes, or the items of a list, are found. */
typedef enum gbx__column_layout {
    GBX_LAYOUT_FIXED, /* width bytes or items each */
    GBX_LAYOUT_OFFSETS32,
    GBX_LAYOUT_OFFSETS64,
    GBX_LAYOUT_VIEW32, /* offset and size each; text: 16-byte views */
    GBX_LAYOUT_VIEW64
} gbx__column_layout;

typedef struct gbx__column gbx__column;

struct gbx__column {
    /* ---- of the schema ---- */
    gbx__column_kind kind;
    gbx__column_layout layout;
    const char *name;   /* "" when there is none */
    const char *format; /* Arrow's */
    int32_t width;      /* bytes of a value; items of a fixed list */
    int32_t precision, scale;
    int32_t fraction; /* digits behind a second's point: 0, 3, 6 or 9 */
    bool has_zone;
    bool is_dense;      /* union */
    bool is_variant;    /* a struct that holds a VARIANT: variant_priv.h */
    size_t n_children;  /* dictionary: 1 (values); run-end: 2 (ends, values) */
    gbx__column *children;
    const int16_t *members; /* union: child of each of 128 type ids, or -1 */
    /* Writes a value that is not NULL at `out`, at most put_max bytes; NULL: no bound. */
    char *(*put)(const gbx__column *column, int64_t row, char *out);
    size_t put_max;

    /* ---- of the bound batch ---- */
    const struct ArrowArray *array;
    const uint8_t *validity; /* NULL: no nulls */
    const char *data;        /* at the array's first row */
    const char *offsets;     /* likewise */
    int64_t offset;          /* the array's: for bits and for children */
    int64_t length;
};

/* The columns of a stream's schema (a struct), in an arena that outlives them, as the schema must.
 * UNSUPPORTED names the column whose type is not known, INVALID a schema that is no struct. */
gbx_status gbx__columns_open(gbx__arena *arena, const struct ArrowSchema *schema,
                             gbx__column **out, size_t *out_count, gbx_error *err);
/* Points them at a batch, which must stay while they are read; CORRUPT when it does not fit. */
gbx_status gbx__columns_bind(gbx__column *columns, size_t count, const struct ArrowArray *batch,
                             gbx_error *err);

bool gbx__column_is_null(const gbx__column *column, int64_t row);
/* Appends a value's text, "NULL" for NULL. */
void gbx__column_text(const gbx__column *column, int64_t row, gbx__buf *out);
/* Bytes of a UTF8, JSON, BINARY, BIT, BIGNUM or UUID value; borrowed from the batch. */
gbx__str gbx__column_bytes(const gbx__column *column, int64_t row);
/* The items of a LIST or MAP value: rows of children[0]. */
void gbx__column_range(const gbx__column *column, int64_t row, int64_t *start, int64_t *length);
/* Follows dictionaries, run ends and unions to the column and row where the value lies; false:
 * NULL. */
bool gbx__column_resolve(const gbx__column **column, int64_t *row);
/* One step of that: the child's index, and its row in *row; -1 when it leads nowhere (NULL). */
int gbx__column_follow(const gbx__column *column, int64_t *row);
/* Appends the type as plans print it: int64, decimal(15,2), timestamp(ns, zone), list<utf8>. The
 * usual unit, us, is left out. */
void gbx__column_type_text(const gbx__column *column, gbx__buf *out);
/* Numbers stand to the right in a table, and bare in JSON. */
bool gbx__column_is_number(const gbx__column *column);

#endif
