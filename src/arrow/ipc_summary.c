/*
 * The heads of IPC messages, read without their bodies:
 *
 *   0xFFFFFFFF │ length │ Message { version, type, head, body length } │ body │ …
 */
#include "arrow/ipc_check_priv.h"
#include "arrow/ipc_file_priv.h"
#include "arrow/ipc_read.h"
#include "arrow/ipc_shape_priv.h"
#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define MESSAGE_MARK 0xFFFFFFFFu
#define MESSAGE_PREFIX 8 /* the mark and the length */
#define MESSAGE_MAX (256 * 1024 * 1024)

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

/* ---- one message ----------------------------------------------------------------------------- */

typedef struct ipc_walk {
    gbx__ipc_file *file;
    gbx__ipc_shape shape;
    gbx__ipc_summary summary;
    bool has_schema;
} ipc_walk;

/* False when the dictionary has fewer parts than its type. */
static bool add_dictionary(ipc_walk *walk, const flat_bytes *flat, size_t head, bool has_v5,
                           int64_t body_len)
{
    const size_t data = flat_table(flat, head, DICTIONARY_DATA);
    uint64_t n_nodes = 0;
    uint64_t n_buffers = 0;
    gbx__ipc_parts parts;
    if (!data || !gbx__ipc_check_batch(flat, data, body_len, &n_nodes, &n_buffers)) return false;
    if (!gbx__ipc_shape_find(&walk->shape, flat_i64(flat, head, DICTIONARY_ID), &parts)) {
        return false;
    }
    if (!has_v5) parts.n_buffers += parts.n_unions;
    return n_nodes >= parts.n_nodes && n_buffers >= parts.n_buffers;
}

/* Adds a message's rows and says how long its body is; false when it is damaged. `flat` is the
 * message without its prefix. */
static bool add_message(ipc_walk *walk, const flat_bytes *flat, int64_t *body_len)
{
    gbx__ipc_summary *out = &walk->summary;
    const size_t message = (size_t)flat_number(flat, 0, 4);
    const size_t type = flat_member(flat, message, MESSAGE_TYPE);
    const size_t head = flat_table(flat, message, MESSAGE_HEAD);
    *body_len = flat_i64(flat, message, MESSAGE_BODY_LEN);
    if (message == 0 || type == 0 || head == 0 || *body_len < 0) return false;
    const uint64_t kind = flat_number(flat, type, 1);
    const size_t version = flat_member(flat, message, MESSAGE_VERSION);
    const bool has_v5 = version && flat_number(flat, version, 2) >= VERSION_5;
    if (walk->has_schema != (kind != TYPE_SCHEMA)) return false; /* it comes first, and once */
    if (kind == TYPE_SCHEMA) return gbx__ipc_check_schema(flat, head);
    if (kind == TYPE_DICTIONARY) {
        return add_dictionary(walk, flat, head, has_v5, *body_len);
    }
    if (kind != TYPE_BATCH) return true;
    uint64_t n_nodes = 0;
    uint64_t n_buffers = 0;
    if (!gbx__ipc_check_batch(flat, head, *body_len, &n_nodes, &n_buffers)) return false;
    const int64_t rows = flat_i64(flat, head, BATCH_LENGTH);
    out->n_batches++;
    return !__builtin_add_overflow(out->n_rows, rows, &out->n_rows);
}

/* ---- all messages ---------------------------------------------------------------------------- */

typedef enum walk_step {
    WALK_MORE,
    WALK_END,
    WALK_LEGACY,
    WALK_DAMAGED,
    WALK_UNSUPPORTED,
    WALK_FAILED
} walk_step;

static walk_step read_exactly(gbx__ipc_file *file, void *bytes, size_t len)
{
    int64_t n = 0;
    if (!gbx__ipc_file_read(file, bytes, (int64_t)len, &n)) return WALK_FAILED;
    if ((size_t)n == len) return WALK_MORE;
    return n == 0 ? WALK_END : WALK_DAMAGED;
}

/* The first message is the schema: it tells which dictionaries there are. */
static walk_step read_schema(ipc_walk *walk, const unsigned char *message, size_t len,
                             gbx_error *err)
{
    switch ((int)gbx__ipc_shape_init(&walk->shape, message, len, err)) {
    case GBX_OK: walk->has_schema = true; return WALK_MORE;
    case GBX_NOMEM: errno = ENOMEM; return WALK_FAILED;
    case GBX_UNSUPPORTED: return WALK_UNSUPPORTED;
    default: return WALK_DAMAGED;
    }
}

/* A message of `len` bytes behind its prefix, which is in bytes[0..8). */
static walk_step read_message(ipc_walk *walk, unsigned char *bytes, size_t len, gbx_error *err)
{
    gbx__ipc_file *file = walk->file;
    const flat_bytes flat = {bytes + MESSAGE_PREFIX, len};
    int64_t body_len = 0;
    walk_step step = read_exactly(file, bytes + MESSAGE_PREFIX, len);
    if (step != WALK_MORE) return step == WALK_FAILED ? step : WALK_DAMAGED;
    if (!add_message(walk, &flat, &body_len)) return WALK_DAMAGED;
    if (!walk->has_schema) step = read_schema(walk, bytes, len + MESSAGE_PREFIX, err);
    if (body_len > file->end - file->at) return WALK_DAMAGED;
    file->at += body_len;
    return step;
}

static walk_step walk_message(ipc_walk *walk, gbx_error *err)
{
    unsigned char prefix[MESSAGE_PREFIX];
    const flat_bytes numbers = {prefix, sizeof prefix};
    const bool is_file_form = walk->file->at > 0;
    walk_step step = read_exactly(walk->file, prefix, 4);
    if (step != WALK_MORE) return step == WALK_END && !walk->has_schema ? WALK_DAMAGED : step;
    if (flat_number(&numbers, 0, 4) != MESSAGE_MARK) {
        return is_file_form && !walk->has_schema ? WALK_LEGACY : WALK_DAMAGED;
    }
    step = read_exactly(walk->file, prefix + 4, 4);
    if (step != WALK_MORE) return step == WALK_FAILED ? step : WALK_DAMAGED;
    const size_t len = (size_t)flat_number(&numbers, 4, 4);
    if (len == 0) return walk->has_schema ? WALK_END : WALK_DAMAGED;
    if (len > MESSAGE_MAX || (int64_t)len > walk->file->end - walk->file->at) return WALK_DAMAGED;
    unsigned char *bytes = gbx__alloc(len + MESSAGE_PREFIX);
    if (!bytes) {
        errno = ENOMEM;
        return WALK_FAILED;
    }
    memcpy(bytes, prefix, MESSAGE_PREFIX);
    step = read_message(walk, bytes, len, err);
    gbx__alloc_free(bytes);
    return step;
}

static gbx_status walk_all(ipc_walk *walk, const char *path, gbx_error *err)
{
    for (;;) {
        switch (walk_message(walk, err)) {
        case WALK_MORE: break;
        case WALK_END: return GBX_OK;
        case WALK_LEGACY:
            return GBX_FAIL(err, GBX_UNSUPPORTED, "'%s' was written by Arrow 0.14 or before", path);
        case WALK_DAMAGED:
            return GBX_FAIL(err, GBX_CORRUPT, "'%s': an Arrow message is damaged or cut", path);
        case WALK_UNSUPPORTED: gbx__error_prefix(err, "'%s'", path); return GBX_UNSUPPORTED;
        case WALK_FAILED: return gbx__error_errno(err, errno, "cannot read '%s'", path);
        }
    }
}

gbx_status gbx__ipc_summarise_file(const char *path, gbx__ipc_summary *out, gbx_error *err)
{
    gbx__ipc_file file;
    ipc_walk walk = {.file = &file};
    GBX_TRY(gbx__ipc_file_open(&file, path, err));
    const gbx_status status = walk_all(&walk, path, err);
    gbx__ipc_file_close(&file);
    gbx__ipc_shape_done(&walk.shape);
    if (status == GBX_OK) *out = walk.summary;
    return status;
}
