/*
 * The heads of Arrow messages with rows, as bytes: the one flatbuffer that is needed, laid out by
 * hand because its shape never changes.
 */
#ifndef GBX_WIRE_FLAT_H
#define GBX_WIRE_FLAT_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two numbers: a node (length, NULLs) or a buffer (offset, length). */
typedef struct gbx__flat_pair {
    int64_t a, b;
} gbx__flat_pair;

typedef struct gbx__flat_batch {
    int64_t n_rows;
    int64_t body_len;
    bool is_dictionary; /* of `dictionary_id` */
    int64_t dictionary_id;
    const gbx__flat_pair *nodes;
    size_t n_nodes;
    const gbx__flat_pair *buffers;
    size_t n_buffers;
} gbx__flat_batch;

/* Appends the mark, the length and the head: a multiple of 8 bytes. */
void gbx__flat_put_batch(gbx__buf *out, const gbx__flat_batch *batch);

#endif
