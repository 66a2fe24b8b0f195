#include "arrow/ipc_message.h"

#include "arrow/ipc_check_priv.h"
#include "arrow/ipc_shape_priv.h"
#include "base/alloc.h"

#define MESSAGE_MARK 0xFFFFFFFFu
#define MESSAGE_PREFIX 8 /* the mark and the length */

enum {
    TYPE_SCHEMA = 1,
    TYPE_DICTIONARY = 2,
    TYPE_BATCH = 3
};
enum {
    MESSAGE_VERSION = 0,
    MESSAGE_TYPE = 1,
    MESSAGE_HEAD = 2,
    MESSAGE_BODY_LEN = 3
};
enum {
    DICTIONARY_ID = 0,
    DICTIONARY_DATA = 1
};
enum {
    VERSION_5 = 4
};

struct gbx__ipc_checker {
    gbx__ipc_shape shape;
    bool has_schema;
};

gbx__ipc_checker *gbx__ipc_checker_new(void)
{
    return gbx__alloc_zero(sizeof(gbx__ipc_checker));
}

void gbx__ipc_checker_free(gbx__ipc_checker *checker)
{
    if (!checker) return;
    gbx__ipc_shape_done(&checker->shape);
    gbx__alloc_free(checker);
}

static gbx_status damaged(gbx_error *err)
{
    return GBX_FAIL(err, GBX_CORRUPT, "an Arrow message is damaged");
}

static gbx_status look_batch(const flat_bytes *flat, size_t batch, size_t body_len,
                             gbx__ipc_parts *out, gbx_error *err)
{
    if (!batch ||
        !gbx__ipc_check_batch(flat, batch, (int64_t)body_len, &out->n_nodes, &out->n_buffers))
        return damaged(err);
    if (flat_table(flat, batch, BATCH_COMPRESSION))
        return GBX_FAIL(err, GBX_UNSUPPORTED, "an Arrow message is compressed");
    return GBX_OK;
}

/* A dictionary has as many parts as its type. */
static gbx_status look_dictionary(const gbx__ipc_checker *checker, const flat_bytes *flat,
                                  size_t head, size_t body_len, gbx_error *err)
{
    gbx__ipc_parts wanted;
    gbx__ipc_parts found = {0};
    GBX_TRY(look_batch(flat, flat_table(flat, head, DICTIONARY_DATA), body_len, &found, err));
    if (!gbx__ipc_shape_find(&checker->shape, flat_i64(flat, head, DICTIONARY_ID), &wanted))
        return damaged(err);
    return found.n_nodes >= wanted.n_nodes && found.n_buffers >= wanted.n_buffers ? GBX_OK
                                                                                  : damaged(err);
}

static gbx_status look_schema(gbx__ipc_checker *checker, const flat_bytes *flat, size_t head,
                              const void *bytes, size_t head_len, gbx_error *err)
{
    if (!gbx__ipc_check_schema(flat, head)) return damaged(err);
    GBX_TRY(gbx__ipc_shape_init(&checker->shape, bytes, head_len, err));
    checker->has_schema = true;
    return GBX_OK;
}

static gbx_status look_head(gbx__ipc_checker *checker, const flat_bytes *flat, const void *bytes,
                            gbx__ipc_message *out, gbx_error *err)
{
    const size_t message = (size_t)flat_number(flat, 0, 4);
    const size_t type = flat_member(flat, message, MESSAGE_TYPE);
    const size_t head = flat_table(flat, message, MESSAGE_HEAD);
    const size_t version = flat_member(flat, message, MESSAGE_VERSION);
    if (message == 0 || type == 0 || head == 0 || version == 0) return damaged(err);
    if (flat_number(flat, version, 2) != VERSION_5)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "an Arrow message is not of version 5");
    if (flat_i64(flat, message, MESSAGE_BODY_LEN) != (int64_t)out->body_len) return damaged(err);
    const uint64_t kind = flat_number(flat, type, 1);
    if (checker->has_schema != (kind != TYPE_SCHEMA)) return damaged(err); /* first, and once */
    gbx__ipc_parts parts = {0};
    switch (kind) {
    case TYPE_SCHEMA:
        out->kind = GBX_IPC_SCHEMA;
        return look_schema(checker, flat, head, bytes, out->head_len, err);
    case TYPE_DICTIONARY:
        out->kind = GBX_IPC_DICTIONARY;
        return look_dictionary(checker, flat, head, out->body_len, err);
    case TYPE_BATCH:
        out->kind = GBX_IPC_BATCH;
        return look_batch(flat, head, out->body_len, &parts, err);
    default: return damaged(err);
    }
}

gbx_status gbx__ipc_checker_look(gbx__ipc_checker *checker, const void *bytes, size_t len,
                                 gbx__ipc_message *out, gbx_error *err)
{
    const flat_bytes all = {bytes, len};
    if (len < MESSAGE_PREFIX || flat_number(&all, 0, 4) != MESSAGE_MARK) return damaged(err);
    const size_t flat_len = (size_t)flat_number(&all, 4, 4);
    if (flat_len == 0 || flat_len % 8 != 0 || flat_len > len - MESSAGE_PREFIX) return damaged(err);
    const flat_bytes flat = {(const unsigned char *)bytes + MESSAGE_PREFIX, flat_len};
    gbx__ipc_message message = {.head_len = MESSAGE_PREFIX + flat_len};
    message.body_len = len - message.head_len;
    GBX_TRY(look_head(checker, &flat, bytes, &message, err));
    *out = message;
    return GBX_OK;
}
