/*
 * The heads of IPC messages, read without their bodies. Each is a flatbuffer:
 *
 *   0xFFFFFFFF │ length │ Message { version, type, head, body length } │ body │ …
 *
 * Of the tables only the few members are looked up that say how many rows there are; every offset
 * is checked against the message's bytes before it is followed.
 */
#include "arrow/ipc_file_priv.h"
#include "arrow/ipc_read.h"
#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define MESSAGE_MARK 0xFFFFFFFFu
#define MESSAGE_MAX (256 * 1024 * 1024)

enum { TYPE_DICTIONARY = 2, TYPE_BATCH = 3 };
enum { MESSAGE_TYPE = 1, MESSAGE_HEAD = 2, MESSAGE_BODY_LEN = 3 };
enum { BATCH_LENGTH = 0, BATCH_COMPRESSION = 3 };
enum { DICTIONARY_DATA = 1 };
enum { COMPRESSION_CODEC = 0, CODEC_LZ4 = 0 };

/* ---- flatbuffers ----------------------------------------------------------------------------- */

typedef struct flat_bytes {
    const unsigned char *bytes;
    size_t len;
} flat_bytes;

static bool flat_has(const flat_bytes *flat, size_t at, size_t n)
{
    return at <= flat->len && n <= flat->len - at;
}

/* A little-endian number of n bytes; 0 where there are none. */
static uint64_t flat_number(const flat_bytes *flat, size_t at, size_t n)
{
    uint64_t number = 0;
    if (!flat_has(flat, at, n)) return 0;
    for (size_t i = 0; i < n; i++) number |= (uint64_t)flat->bytes[at + i] << (8 * i);
    return number;
}

/* Where a table's member lies; 0 when it is left out (nothing can lie at 0). */
static size_t flat_member(const flat_bytes *flat, size_t table, unsigned index)
{
    if (!flat_has(flat, table, 4)) return 0;
    const int64_t back = (int32_t)flat_number(flat, table, 4);
    const int64_t vtable = (int64_t)table - back;
    if (vtable < 0 || !flat_has(flat, (size_t)vtable, 4)) return 0;
    const size_t vtable_len = (size_t)flat_number(flat, (size_t)vtable, 2);
    const size_t slot = 4 + 2 * (size_t)index;
    if (slot + 2 > vtable_len) return 0;
    const size_t offset = (size_t)flat_number(flat, (size_t)vtable + slot, 2);
    return offset ? table + offset : 0;
}

/* The table that a member points to; 0 for none. */
static size_t flat_table(const flat_bytes *flat, size_t table, unsigned index)
{
    const size_t member = flat_member(flat, table, index);
    const size_t offset = member ? (size_t)flat_number(flat, member, 4) : 0;
    return offset && flat_has(flat, member, 4) && flat_has(flat, member + offset, 4)
               ? member + offset
               : 0;
}

static int64_t flat_i64(const flat_bytes *flat, size_t table, unsigned index)
{
    const size_t member = flat_member(flat, table, index);
    return member ? (int64_t)flat_number(flat, member, 8) : 0;
}

/* ---- one message ----------------------------------------------------------------------------- */

static bool is_lz4(const flat_bytes *flat, size_t batch)
{
    const size_t compression = flat_table(flat, batch, BATCH_COMPRESSION);
    if (!compression) return false;
    const size_t codec = flat_member(flat, compression, COMPRESSION_CODEC);
    return !codec || flat_number(flat, codec, 1) == CODEC_LZ4;
}

/* Adds a message's rows and says how long its body is; false when it is damaged. */
static bool add_message(const flat_bytes *flat, gbx__ipc_summary *out, int64_t *body_len)
{
    const size_t message = (size_t)flat_number(flat, 0, 4);
    const size_t type = flat_member(flat, message, MESSAGE_TYPE);
    const size_t head = flat_table(flat, message, MESSAGE_HEAD);
    *body_len = flat_i64(flat, message, MESSAGE_BODY_LEN);
    if (message == 0 || type == 0 || head == 0 || *body_len < 0) return false;
    const uint64_t kind = flat_number(flat, type, 1);
    if (kind == TYPE_DICTIONARY) {
        const size_t data = flat_table(flat, head, DICTIONARY_DATA);
        out->has_lz4 = out->has_lz4 || (data && is_lz4(flat, data));
    }
    if (kind != TYPE_BATCH) return true;
    const int64_t rows = flat_i64(flat, head, BATCH_LENGTH);
    out->has_lz4 = out->has_lz4 || is_lz4(flat, head);
    out->n_batches++;
    return rows >= 0 && !__builtin_add_overflow(out->n_rows, rows, &out->n_rows);
}

/* ---- all messages ---------------------------------------------------------------------------- */

typedef enum walk_step { WALK_MORE, WALK_END, WALK_LEGACY, WALK_DAMAGED, WALK_FAILED } walk_step;

static bool read_exactly(gbx__ipc_file *file, void *bytes, size_t len, walk_step *step)
{
    int64_t n = 0;
    if (!gbx__ipc_file_read(file, bytes, (int64_t)len, &n)) *step = WALK_FAILED;
    else if ((size_t)n < len) *step = n == 0 ? WALK_END : WALK_DAMAGED;
    else return true;
    return false;
}

static walk_step walk_message(gbx__ipc_file *file, gbx__ipc_summary *out)
{
    unsigned char prefix[8];
    walk_step step = WALK_MORE;
    if (!read_exactly(file, prefix, 4, &step)) return step;
    const flat_bytes numbers = {prefix, sizeof prefix};
    if (flat_number(&numbers, 0, 4) != MESSAGE_MARK) return WALK_LEGACY;
    if (!read_exactly(file, prefix + 4, 4, &step)) return WALK_DAMAGED;
    const size_t len = (size_t)flat_number(&numbers, 4, 4);
    if (len == 0) return WALK_END;
    if (len > MESSAGE_MAX) return WALK_DAMAGED;

    unsigned char *bytes = gbx__alloc(len);
    int64_t body_len = 0;
    if (!bytes) {
        errno = ENOMEM;
        return WALK_FAILED;
    }
    const bool is_read = read_exactly(file, bytes, len, &step);
    const bool is_good = is_read && add_message(&(flat_bytes){bytes, len}, out, &body_len);
    gbx__alloc_free(bytes);
    if (!is_read) return step == WALK_FAILED ? step : WALK_DAMAGED;
    if (!is_good || body_len > file->end - file->at) return WALK_DAMAGED;
    file->at += body_len;
    return WALK_MORE;
}

static gbx_status walk(gbx__ipc_file *file, const char *path, gbx__ipc_summary *out, gbx_error *err)
{
    for (;;) {
        switch (walk_message(file, out)) {
        case WALK_MORE: break;
        case WALK_END: return GBX_OK;
        case WALK_LEGACY: out->n_rows = -1; return GBX_OK;
        case WALK_DAMAGED:
            return GBX_FAIL(err, GBX_CORRUPT, "'%s': an Arrow message is damaged or cut", path);
        case WALK_FAILED: return gbx__error_errno(err, errno, "cannot read '%s'", path);
        }
    }
}

gbx_status gbx__ipc_summarise_file(const char *path, gbx__ipc_summary *out, gbx_error *err)
{
    gbx__ipc_file file;
    gbx__ipc_summary summary = {0};
    GBX_TRY(gbx__ipc_file_open(&file, path, err));
    const gbx_status status = walk(&file, path, &summary, err);
    gbx__ipc_file_close(&file);
    if (status == GBX_OK) *out = summary;
    return status;
}
