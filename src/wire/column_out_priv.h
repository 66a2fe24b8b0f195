/*
 * A column on its way out: what has been added of it, and the buffers that it makes.
 *
 *   batch 1 ─ part ─┐
 *   batch 2 ─ part ─┼─→ one node, one buffer of each kind: pieces of the batches, one after another
 *   batch 3 ─ part ─┘
 */
#ifndef GBX_WIRE_COLUMN_OUT_PRIV_H
#define GBX_WIRE_COLUMN_OUT_PRIV_H

#include "base/arena.h"
#include "wire/flat.h"
#include "wire/rows_out.h"

typedef enum column_shape {
    COLUMN_NULL,
    COLUMN_FIXED, /* `width` bytes each */
    COLUMN_BITS,
    COLUMN_BYTES,      /* offsets of `width` bytes, then bytes */
    COLUMN_LIST,       /* offsets of `width` bytes, one child; also a map */
    COLUMN_FIXED_LIST, /* `width` items each, one child */
    COLUMN_STRUCT,
    COLUMN_UNION /* sparse: a byte each that says which child */
} column_shape;

typedef struct column_part {
    const struct ArrowArray *array;
    int64_t at; /* in its buffers: its offset is in it */
    int64_t n;
} column_part;

typedef struct column_out {
    column_shape shape;
    int64_t width;
    int64_t n_children;
    struct column_out *children;
    struct column_out *dictionary; /* the values; NULL: none */
    GBX_VEC(column_part) parts;
} column_out;

/* A message that is being put together. */
typedef struct body_out {
    gbx__arena *arena; /* for what is made anew */
    gbx__pieces *pieces;
    int64_t len;
    GBX_VEC(gbx__flat_pair) nodes;
    GBX_VEC(gbx__flat_pair) buffers;
} body_out;

/* Children lie in the arena. */
gbx_status gbx__column_out_init(column_out *column, gbx__arena *arena,
                                const struct ArrowSchema *schema, gbx_error *err);
void gbx__column_out_done(column_out *column);
/* Also adds to *bytes about how many there are. */
gbx_status gbx__column_out_add(column_out *column, const struct ArrowArray *array, int64_t from,
                               int64_t n, int64_t *bytes, gbx_error *err);
void gbx__column_out_clear(column_out *column);
/* NOMEM, or INVALID for what does not fit 32 bits. */
gbx_status gbx__column_out_put(const column_out *column, body_out *body, gbx_error *err);

#endif
