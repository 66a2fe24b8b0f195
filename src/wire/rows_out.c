#include "wire/rows_out.h"

#include "base/hash.h"
#include "wire/column_out_priv.h"
#include "wire/frame.h"

#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>

struct gbx__rows_out {
    gbx__arena arena;   /* as long as this */
    gbx__arena scratch; /* until the next add */
    column_out root;    /* the struct of all columns */
    gbx__buf schema;    /* its message */
    size_t n_dictionaries;
    struct sent_dictionary {
        bool is_sent;
        gbx__hash128 hash;
    } * dictionaries; /* by id */
    body_out body;
    int64_t n_rows;
    int64_t bytes;
    bool is_flushed;
};

void gbx__pieces_done(gbx__pieces *pieces)
{
    gbx__vec_done(&pieces->list);
    pieces->len = 0;
}

/* ---- making one ------------------------------------------------------------------------------ */

static gbx_status encode_schema(struct ArrowIpcEncoder *encoder, const struct ArrowSchema *schema,
                                gbx__buf *out, gbx_error *err)
{
    struct ArrowError error = {""};
    struct ArrowBuffer bytes;
    ArrowBufferInit(&bytes);
    ArrowErrorCode code = ArrowIpcEncoderEncodeSchema(encoder, schema, &error);
    if (code == NANOARROW_OK) code = ArrowIpcEncoderFinalizeBuffer(encoder, 1, &bytes);
    if (code == NANOARROW_OK)
        gbx__buf_append(out, (const char *)bytes.data, (size_t)bytes.size_bytes);
    ArrowBufferReset(&bytes);
    if (code == ENOMEM || out->failed) return GBX_FAIL_NOMEM(err);
    if (code != NANOARROW_OK) return GBX_FAIL(err, GBX_UNSUPPORTED, "Arrow: %s", error.message);
    return GBX_OK;
}

static gbx_status make_schema(const struct ArrowSchema *schema, gbx__buf *out, gbx_error *err)
{
    struct ArrowIpcEncoder encoder;
    if (ArrowIpcEncoderInit(&encoder) != NANOARROW_OK) return GBX_FAIL_NOMEM(err);
    const gbx_status status = encode_schema(&encoder, schema, out, err);
    ArrowIpcEncoderReset(&encoder);
    return status;
}

static size_t count_dictionaries(const column_out *column)
{
    size_t n = column->dictionary ? 1 : 0;
    for (int64_t i = 0; i < column->n_children; i++) n += count_dictionaries(&column->children[i]);
    return n;
}

static gbx_status rows_fill(gbx__rows_out *rows, const struct ArrowSchema *schema, gbx_error *err)
{
    GBX_TRY(gbx__column_out_init(&rows->root, &rows->arena, schema, err));
    if (rows->root.shape != COLUMN_STRUCT)
        return GBX_FAIL(err, GBX_INVALID, "the rows of a stream are no struct");
    GBX_TRY(make_schema(schema, &rows->schema, err));
    rows->n_dictionaries = count_dictionaries(&rows->root);
    rows->dictionaries =
        GBX_ARENA_ARRAY(&rows->arena, rows->n_dictionaries, struct sent_dictionary);
    return rows->dictionaries ? GBX_OK : GBX_FAIL_NOMEM(err);
}

gbx_status gbx__rows_out_new(const struct ArrowSchema *schema, gbx__rows_out **out, gbx_error *err)
{
    gbx__rows_out *rows = gbx__alloc_zero(sizeof(*rows));
    if (!rows) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&rows->arena);
    gbx__arena_init(&rows->scratch);
    rows->body.arena = &rows->scratch;
    const gbx_status status = rows_fill(rows, schema, err);
    if (status != GBX_OK) {
        gbx__rows_out_free(rows);
        return status;
    }
    *out = rows;
    return GBX_OK;
}

void gbx__rows_out_free(gbx__rows_out *rows)
{
    if (!rows) return;
    gbx__column_out_done(&rows->root);
    gbx__vec_done(&rows->body.nodes);
    gbx__vec_done(&rows->body.buffers);
    gbx__buf_done(&rows->schema);
    gbx__arena_done(&rows->scratch);
    gbx__arena_done(&rows->arena);
    gbx__alloc_free(rows);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static gbx_status put_piece(gbx__pieces *out, const void *bytes, size_t len, gbx_error *err)
{
    const struct iovec piece = {(void *)(uintptr_t)bytes, len};
    if (!gbx__vec_push(&out->list, piece)) return GBX_FAIL_NOMEM(err);
    out->len += len;
    return GBX_OK;
}

gbx_status gbx__rows_out_schema(gbx__rows_out *rows, uint16_t stream, gbx__pieces *out,
                                gbx_error *err)
{
    unsigned char *head = gbx__arena_alloc(&rows->arena, GBX_FRAME_HEAD);
    if (!head) return GBX_FAIL_NOMEM(err);
    gbx__frame_head(head, GBX_FRAME_KIND_ROWS, stream, rows->schema.len);
    GBX_TRY(put_piece(out, head, GBX_FRAME_HEAD, err));
    return put_piece(out, rows->schema.data, rows->schema.len, err);
}

/* Puts the heads into the place that was kept for them: the frame's and the message's. */
static gbx_status finish_frame(gbx__rows_out *rows, uint16_t stream, gbx__flat_batch *batch,
                               size_t place, gbx__pieces *out, gbx_error *err)
{
    body_out *body = &rows->body;
    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    batch->body_len = body->len;
    batch->nodes = body->nodes.items;
    batch->n_nodes = body->nodes.len;
    batch->buffers = body->buffers.items;
    batch->n_buffers = body->buffers.len;
    gbx__flat_put_batch(&head, batch);
    char *bytes = head.failed ? NULL : gbx__arena_alloc(&rows->scratch, GBX_FRAME_HEAD + head.len);
    if (!bytes) return GBX_FAIL_NOMEM(err);
    const size_t len = head.len + (size_t)body->len;
    if (len > GBX_FRAME_ROWS_MAX)
        return GBX_FAIL(err, GBX_INVALID, "rows of more than %u MB can't be sent",
                        GBX_FRAME_ROWS_MAX / 1000000);
    gbx__frame_head((unsigned char *)bytes, GBX_FRAME_KIND_ROWS, stream, len);
    memcpy(bytes + GBX_FRAME_HEAD, head.data, head.len);
    out->list.items[place] = (struct iovec){bytes, GBX_FRAME_HEAD + head.len};
    out->len += GBX_FRAME_HEAD + head.len;
    return GBX_OK;
}

static gbx_status begin_frame(gbx__rows_out *rows, gbx__pieces *out, size_t *place, gbx_error *err)
{
    body_out *body = &rows->body;
    body->pieces = out;
    body->len = 0;
    body->nodes.len = 0;
    body->buffers.len = 0;
    *place = out->list.len;
    return put_piece(out, NULL, 0, err);
}

static gbx__hash128 hash_pieces(const gbx__pieces *pieces, size_t from)
{
    gbx__hash128 both[2] = {{0, 0}, {0, 0}};
    for (size_t i = from; i < pieces->list.len; i++) {
        const struct iovec *piece = &pieces->list.items[i];
        both[1] = gbx__hash_bytes(piece->iov_base, piece->iov_len);
        both[0] = gbx__hash_bytes(both, sizeof(both));
    }
    return both[0];
}

/* A dictionary goes when it is not the one that went last. */
static gbx_status put_dictionary(gbx__rows_out *rows, uint16_t stream, const column_out *column,
                                 size_t id, gbx__pieces *out, gbx_error *err)
{
    struct sent_dictionary *sent = &rows->dictionaries[id];
    const struct ArrowArray *array = column->parts.items[0].array->dictionary;
    column_out *values = column->dictionary;
    gbx__flat_batch batch = {
        .n_rows = array->length, .is_dictionary = true, .dictionary_id = (int64_t)id};
    int64_t bytes = 0;
    size_t place = 0;
    const size_t len = out->len;
    gbx__column_out_clear(values);
    GBX_TRY(begin_frame(rows, out, &place, err));
    GBX_TRY(gbx__column_out_add(values, array, 0, array->length, &bytes, err));
    GBX_TRY(gbx__column_out_put(values, &rows->body, err));
    const gbx__hash128 hash = hash_pieces(out, place + 1);
    if (sent->is_sent && sent->hash.hi == hash.hi && sent->hash.lo == hash.lo) {
        out->list.len = place;
        out->len = len;
        return GBX_OK;
    }
    *sent = (struct sent_dictionary){true, hash};
    return finish_frame(rows, stream, &batch, place, out, err);
}

static gbx_status put_dictionaries(gbx__rows_out *rows, uint16_t stream, const column_out *column,
                                   size_t *id, gbx__pieces *out, gbx_error *err)
{
    if (column->dictionary) GBX_TRY(put_dictionary(rows, stream, column, (*id)++, out, err));
    for (int64_t i = 0; i < column->n_children; i++)
        GBX_TRY(put_dictionaries(rows, stream, &column->children[i], id, out, err));
    return GBX_OK;
}

/* ---- rows ------------------------------------------------------------------------------------ */

void gbx__rows_out_clear(gbx__rows_out *rows)
{
    gbx__column_out_clear(&rows->root);
    gbx__arena_done(&rows->scratch);
    gbx__arena_init(&rows->scratch);
    rows->n_rows = 0;
    rows->bytes = 0;
    rows->is_flushed = false;
}

gbx_status gbx__rows_out_add(gbx__rows_out *rows, const struct ArrowArray *batch, int64_t from,
                             int64_t n, gbx_error *err)
{
    if (rows->is_flushed) gbx__rows_out_clear(rows);
    rows->n_rows += n;
    return gbx__column_out_add(&rows->root, batch, from, n, &rows->bytes, err);
}

int64_t gbx__rows_out_bytes(const gbx__rows_out *rows)
{
    return rows->is_flushed ? 0 : rows->bytes;
}

bool gbx__rows_out_may_join(const gbx__rows_out *rows)
{
    return rows->n_dictionaries == 0;
}

gbx_status gbx__rows_out_flush(gbx__rows_out *rows, uint16_t stream, gbx__pieces *out,
                               gbx_error *err)
{
    gbx__flat_batch batch = {.n_rows = rows->n_rows};
    size_t place = 0;
    size_t id = 0;
    rows->is_flushed = true;
    GBX_TRY(put_dictionaries(rows, stream, &rows->root, &id, out, err));
    GBX_TRY(begin_frame(rows, out, &place, err));
    for (int64_t i = 0; i < rows->root.n_children; i++)
        GBX_TRY(gbx__column_out_put(&rows->root.children[i], &rows->body, err));
    return finish_frame(rows, stream, &batch, place, out, err);
}
