/*
 * All offsets are from the start of the flatbuffer, which lies 8 bytes behind the mark:
 *
 *    0 root → 16
 *    4 vtable of Message: 12 bytes, table 20; version 16, head's type 18, head 4, body length 8
 *   16 Message
 *   36 [vtable of DictionaryBatch: 8 bytes, table 16; id 8, data 4]
 *   48 [DictionaryBatch]
 *    b RecordBatch at 48, or at 80 behind a DictionaryBatch; its vtable at b - 12: 10 bytes,
 *      table 20; length 8, nodes 4, buffers 16
 *      b + 20 nodes: their number, then they; then the buffers likewise, both aligned to 8
 */
#include "wire/flat.h"

#include <string.h>

#define MESSAGE_MARK 0xFFFFFFFFu
#define VERSION_5 4

enum {
    HEAD_DICTIONARY = 2,
    HEAD_BATCH = 3
};

typedef struct flat_out {
    unsigned char *bytes;
} flat_out;

static void put_number(const flat_out *out, size_t at, uint64_t number, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) out->bytes[at + i] = (unsigned char)(number >> (8 * i));
}

static void put_vtable(const flat_out *out, size_t at, size_t table_len, size_t n,
                       const unsigned char *members)
{
    put_number(out, at, 4 + 2 * n, 2);
    put_number(out, at + 2, table_len, 2);
    for (size_t i = 0; i < n; i++) put_number(out, at + 4 + 2 * i, members[i], 2);
}

static void put_pairs(const flat_out *out, size_t at, const gbx__flat_pair *pairs, size_t n)
{
    put_number(out, at, n, 4);
    for (size_t i = 0; i < n; i++) {
        put_number(out, at + 4 + 16 * i, (uint64_t)pairs[i].a, 8);
        put_number(out, at + 12 + 16 * i, (uint64_t)pairs[i].b, 8);
    }
}

static void put_record_batch(const flat_out *out, size_t at, const gbx__flat_batch *batch)
{
    static const unsigned char members[] = {8, 4, 16};
    const size_t nodes = at + 20;
    const size_t buffers = nodes + 4 + 16 * batch->n_nodes + 4;
    put_vtable(out, at - 12, 20, 3, members);
    put_number(out, at, 12, 4);
    put_number(out, at + 4, nodes - (at + 4), 4);
    put_number(out, at + 8, (uint64_t)batch->n_rows, 8);
    put_number(out, at + 16, buffers - (at + 16), 4);
    put_pairs(out, nodes, batch->nodes, batch->n_nodes);
    put_pairs(out, buffers, batch->buffers, batch->n_buffers);
}

static void put_dictionary(const flat_out *out, const gbx__flat_batch *batch)
{
    static const unsigned char members[] = {8, 4};
    put_vtable(out, 36, 16, 2, members);
    put_number(out, 48, 12, 4);
    put_number(out, 52, 80 - 52, 4);
    put_number(out, 56, (uint64_t)batch->dictionary_id, 8);
}

static void put_message(const flat_out *out, const gbx__flat_batch *batch)
{
    static const unsigned char members[] = {16, 18, 4, 8};
    put_number(out, 0, 16, 4);
    put_vtable(out, 4, 20, 4, members);
    put_number(out, 16, 12, 4);
    put_number(out, 20, 48 - 20, 4);
    put_number(out, 24, (uint64_t)batch->body_len, 8);
    put_number(out, 32, VERSION_5, 2);
    put_number(out, 34, batch->is_dictionary ? HEAD_DICTIONARY : HEAD_BATCH, 1);
}

void gbx__flat_put_batch(gbx__buf *out, const gbx__flat_batch *batch)
{
    const size_t at = batch->is_dictionary ? 80 : 48;
    const size_t len = at + 32 + 16 * (batch->n_nodes + batch->n_buffers);
    char *room = gbx__buf_reserve(out, 8 + len);
    if (!room) return;
    memset(room, 0, 8 + len);
    const flat_out prefix = {(unsigned char *)room};
    const flat_out flat = {prefix.bytes + 8};
    put_number(&prefix, 0, MESSAGE_MARK, 4);
    put_number(&prefix, 4, len, 4);
    put_message(&flat, batch);
    if (batch->is_dictionary) put_dictionary(&flat, batch);
    put_record_batch(&flat, at, batch);
    out->len += 8 + len;
}
