#include "wire/column_out_priv.h"

#include <nanoarrow/nanoarrow.h>
#include <string.h>

/* ---- the shape of a type --------------------------------------------------------------------- */

static gbx_status shape_of(column_out *column, const struct ArrowSchemaView *view, gbx_error *err)
{
    switch (view->storage_type) {
    case NANOARROW_TYPE_NA: column->shape = COLUMN_NULL; return GBX_OK;
    case NANOARROW_TYPE_BOOL: column->shape = COLUMN_BITS; return GBX_OK;
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_BINARY: column->shape = COLUMN_BYTES, column->width = 4; return GBX_OK;
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_LARGE_BINARY:
        column->shape = COLUMN_BYTES, column->width = 8;
        return GBX_OK;
    case NANOARROW_TYPE_MAP:
    case NANOARROW_TYPE_LIST: column->shape = COLUMN_LIST, column->width = 4; return GBX_OK;
    case NANOARROW_TYPE_LARGE_LIST: column->shape = COLUMN_LIST, column->width = 8; return GBX_OK;
    case NANOARROW_TYPE_FIXED_SIZE_LIST:
        column->shape = COLUMN_FIXED_LIST, column->width = view->fixed_size;
        return GBX_OK;
    case NANOARROW_TYPE_STRUCT: column->shape = COLUMN_STRUCT; return GBX_OK;
    case NANOARROW_TYPE_SPARSE_UNION:
        column->shape = COLUMN_UNION, column->width = 1;
        return GBX_OK;
    default: break;
    }
    const int64_t bits = view->layout.element_size_bits[1];
    const bool is_fixed = view->layout.buffer_type[1] == NANOARROW_BUFFER_TYPE_DATA &&
                          view->layout.buffer_type[2] == NANOARROW_BUFFER_TYPE_NONE;
    if (!is_fixed || bits <= 0 || bits % 8 != 0)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "rows of the Arrow type %s can't be sent",
                        ArrowTypeString(view->storage_type));
    column->shape = COLUMN_FIXED;
    column->width = bits / 8;
    return GBX_OK;
}

static gbx_status init_dictionary(column_out *column, gbx__arena *arena,
                                  const struct ArrowSchema *schema, gbx_error *err)
{
    if (!schema->dictionary) return GBX_OK;
    column->dictionary = GBX_ARENA_NEW(arena, column_out);
    if (!column->dictionary) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__column_out_init(column->dictionary, arena, schema->dictionary, err));
    if (column->dictionary->n_children > 0 || column->dictionary->dictionary)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "dictionaries of nested values can't be sent");
    return GBX_OK;
}

gbx_status gbx__column_out_init(column_out *column, gbx__arena *arena,
                                const struct ArrowSchema *schema, gbx_error *err)
{
    struct ArrowSchemaView view;
    struct ArrowError error = {""};
    if (ArrowSchemaViewInit(&view, schema, &error) != NANOARROW_OK)
        return GBX_FAIL(err, GBX_INVALID, "Arrow: %s", error.message);
    GBX_TRY(shape_of(column, &view, err));
    GBX_TRY(init_dictionary(column, arena, schema, err));
    column->children = GBX_ARENA_ARRAY(arena, (size_t)schema->n_children, column_out);
    if (!column->children) return GBX_FAIL_NOMEM(err);
    for (int64_t i = 0; i < schema->n_children; i++) {
        column->n_children++;
        GBX_TRY(gbx__column_out_init(&column->children[i], arena, schema->children[i], err));
    }
    return GBX_OK;
}

void gbx__column_out_done(column_out *column)
{
    for (int64_t i = 0; i < column->n_children; i++) gbx__column_out_done(&column->children[i]);
    if (column->dictionary) gbx__column_out_done(column->dictionary);
    gbx__vec_done(&column->parts);
}

void gbx__column_out_clear(column_out *column)
{
    for (int64_t i = 0; i < column->n_children; i++) gbx__column_out_clear(&column->children[i]);
    if (column->dictionary) gbx__column_out_clear(column->dictionary);
    column->parts.len = 0;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int64_t offset_at(const column_out *column, const struct ArrowArray *array, int64_t i)
{
    const unsigned char *bytes = (const unsigned char *)array->buffers[1] + i * column->width;
    int32_t narrow;
    int64_t wide;
    if (column->width == 8) return memcpy(&wide, bytes, 8), wide;
    return memcpy(&narrow, bytes, 4), narrow;
}

/* An empty array may have no offsets at all. */
static int64_t offset_of(const column_out *column, const column_part *part, int64_t i)
{
    return part->n > 0 ? offset_at(column, part->array, part->at + i) : 0;
}

static gbx_status add_children(column_out *column, const column_part *part, int64_t *bytes,
                               gbx_error *err)
{
    int64_t from = part->at;
    int64_t n = part->n;
    if (column->shape == COLUMN_LIST) {
        from = offset_of(column, part, 0);
        n = offset_of(column, part, part->n) - from;
    } else if (column->shape == COLUMN_FIXED_LIST) {
        from *= column->width;
        n *= column->width;
    }
    for (int64_t i = 0; i < column->n_children; i++)
        GBX_TRY(gbx__column_out_add(&column->children[i], part->array->children[i], from, n, bytes,
                                    err));
    return GBX_OK;
}

static int64_t bytes_of(const column_out *column, const column_part *part)
{
    switch (column->shape) {
    case COLUMN_FIXED:
    case COLUMN_UNION:
    case COLUMN_LIST: return part->n * column->width;
    case COLUMN_BITS: return part->n / 8;
    case COLUMN_BYTES:
        return part->n * column->width + offset_of(column, part, part->n) -
               offset_of(column, part, 0);
    default: return 0;
    }
}

gbx_status gbx__column_out_add(column_out *column, const struct ArrowArray *array, int64_t from,
                               int64_t n, int64_t *bytes, gbx_error *err)
{
    if (n < 0 || from < 0 || array->offset < 0 || array->length < from + n ||
        array->n_children != column->n_children || !array->dictionary != !column->dictionary)
        return GBX_FAIL(err, GBX_INVALID, "an Arrow batch does not fit its schema");
    const column_part part = {array, array->offset + from, n};
    if (!gbx__vec_push(&column->parts, part)) return GBX_FAIL_NOMEM(err);
    *bytes += bytes_of(column, &part);
    return add_children(column, &part, bytes, err);
}

/* ---- buffers --------------------------------------------------------------------------------- */

static const char zeros[8];

static gbx_status put_piece(body_out *body, const void *bytes, int64_t len, gbx_error *err)
{
    const struct iovec piece = {(void *)(uintptr_t)bytes, (size_t)len};
    if (len == 0) return GBX_OK;
    if (!gbx__vec_push(&body->pieces->list, piece)) return GBX_FAIL_NOMEM(err);
    body->pieces->len += (size_t)len;
    body->len += len;
    return GBX_OK;
}

/* Begins a buffer; what is put until its end is its. */
static gbx_status buffer_begin(body_out *body, gbx_error *err)
{
    const gbx__flat_pair buffer = {body->len, 0};
    return gbx__vec_push(&body->buffers, buffer) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status buffer_end(body_out *body, gbx_error *err)
{
    gbx__flat_pair *buffer = &body->buffers.items[body->buffers.len - 1];
    buffer->b = body->len - buffer->a;
    return put_piece(body, zeros, (8 - body->len % 8) % 8, err);
}

static gbx_status put_buffer(body_out *body, const void *bytes, int64_t len, gbx_error *err)
{
    GBX_TRY(buffer_begin(body, err));
    GBX_TRY(put_piece(body, bytes, len, err));
    return buffer_end(body, err);
}

/* ---- bits ------------------------------------------------------------------------------------ */

static bool bit_at(const unsigned char *bits, int64_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

/* Copies n bits to `to`, whose bits from `at` on are 0. */
static void copy_bits(unsigned char *to, int64_t at, const unsigned char *from, int64_t from_at,
                      int64_t n)
{
    if (at % 8 == 0 && from_at % 8 == 0) {
        memcpy(to + at / 8, from + from_at / 8, (size_t)(n / 8));
        const int64_t done = n / 8 * 8;
        at += done, from_at += done, n -= done;
    }
    for (int64_t i = 0; i < n; i++)
        if (bit_at(from, from_at + i)) to[(at + i) / 8] |= (unsigned char)(1u << (at + i) % 8);
}

static void set_bits(unsigned char *to, int64_t at, int64_t n)
{
    for (; n > 0 && at % 8 != 0; at++, n--) to[at / 8] |= (unsigned char)(1u << at % 8);
    memset(to + at / 8, 0xFF, (size_t)(n / 8));
    for (at += n / 8 * 8, n %= 8; n > 0; at++, n--) to[at / 8] |= (unsigned char)(1u << at % 8);
}

static int64_t count_bits(const unsigned char *bits, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n / 8; i++) count += __builtin_popcount(bits[i]);
    for (int64_t i = n / 8 * 8; i < n; i++) count += bit_at(bits, i);
    return count;
}

static int64_t column_rows(const column_out *column)
{
    int64_t n = 0;
    for (size_t i = 0; i < column->parts.len; i++) n += column->parts.items[i].n;
    return n;
}

/* The bits of all parts' buffer `index`, as one; where a part has none, all are set. */
static unsigned char *join_bits(const column_out *column, body_out *body, int index, int64_t n)
{
    unsigned char *bits = gbx__arena_alloc(body->arena, (size_t)(n + 7) / 8 + 8);
    int64_t at = 0;
    for (size_t i = 0; bits && i < column->parts.len; i++) {
        const column_part *part = &column->parts.items[i];
        const unsigned char *from = part->array->buffers[index];
        if (from)
            copy_bits(bits, at, from, part->at, part->n);
        else if (index == 0)
            set_bits(bits, at, part->n);
        at += part->n;
    }
    return bits;
}

static bool may_have_nulls(const column_out *column)
{
    for (size_t i = 0; i < column->parts.len; i++) {
        const struct ArrowArray *array = column->parts.items[i].array;
        if (array->null_count != 0 && array->n_buffers > 0 && array->buffers[0]) return true;
    }
    return false;
}

static gbx_status put_validity(const column_out *column, body_out *body, int64_t n,
                               int64_t *n_nulls, gbx_error *err)
{
    *n_nulls = 0;
    if (!may_have_nulls(column)) return put_buffer(body, NULL, 0, err);
    unsigned char *bits = join_bits(column, body, 0, n);
    if (!bits) return GBX_FAIL_NOMEM(err);
    *n_nulls = n - count_bits(bits, n);
    return put_buffer(body, bits, *n_nulls > 0 ? (n + 7) / 8 : 0, err);
}

/* ---- values ---------------------------------------------------------------------------------- */

static gbx_status put_bits(const column_out *column, body_out *body, int64_t n, gbx_error *err)
{
    const unsigned char *bits = join_bits(column, body, 1, n);
    if (!bits) return GBX_FAIL_NOMEM(err);
    return put_buffer(body, bits, (n + 7) / 8, err);
}

/* Values of `width` bytes in the parts' buffer `index`. */
static gbx_status put_fixed(const column_out *column, body_out *body, int index, gbx_error *err)
{
    GBX_TRY(buffer_begin(body, err));
    for (size_t i = 0; i < column->parts.len; i++) {
        const column_part *part = &column->parts.items[i];
        const char *bytes = part->array->buffers[index];
        if (part->n > 0)
            GBX_TRY(
                put_piece(body, bytes + part->at * column->width, part->n * column->width, err));
    }
    return buffer_end(body, err);
}

static void write_offset(unsigned char *to, int64_t width, int64_t i, int64_t offset)
{
    const int32_t narrow = (int32_t)offset;
    if (width == 8)
        memcpy(to + i * 8, &offset, 8);
    else
        memcpy(to + i * 4, &narrow, 4);
}

static gbx_status put_new_offsets(const column_out *column, body_out *body, int64_t n,
                                  gbx_error *err)
{
    const int64_t width = column->width;
    unsigned char *offsets = gbx__arena_array(body->arena, (size_t)n + 1, (size_t)width);
    if (!offsets) return GBX_FAIL_NOMEM(err);
    int64_t row = 0;
    int64_t base = 0;
    for (size_t p = 0; p < column->parts.len; p++) {
        const column_part *part = &column->parts.items[p];
        const int64_t first = offset_of(column, part, 0);
        for (int64_t i = 1; i <= part->n; i++)
            write_offset(offsets, width, row + i, base + offset_of(column, part, i) - first);
        row += part->n;
        base += offset_of(column, part, part->n) - first;
    }
    if (width == 4 && base > INT32_MAX)
        return GBX_FAIL(err, GBX_INVALID, "rows have more than 2 GB of text");
    return put_buffer(body, offsets, (n + 1) * width, err);
}

static gbx_status put_offsets(const column_out *column, body_out *body, int64_t n, gbx_error *err)
{
    const column_part *first = column->parts.items;
    const bool is_whole = column->parts.len == 1 && n > 0 && offset_of(column, first, 0) == 0;
    if (!is_whole) return put_new_offsets(column, body, n, err);
    const char *bytes = first->array->buffers[1];
    return put_buffer(body, bytes + first->at * column->width, (n + 1) * column->width, err);
}

static gbx_status put_bytes(const column_out *column, body_out *body, gbx_error *err)
{
    GBX_TRY(buffer_begin(body, err));
    for (size_t i = 0; i < column->parts.len; i++) {
        const column_part *part = &column->parts.items[i];
        const int64_t from = offset_of(column, part, 0);
        const int64_t len = offset_of(column, part, part->n) - from;
        const char *bytes = part->array->buffers[2];
        if (len > 0) GBX_TRY(put_piece(body, bytes + from, len, err));
    }
    return buffer_end(body, err);
}

static gbx_status put_values(const column_out *column, body_out *body, int64_t n, gbx_error *err)
{
    switch (column->shape) {
    case COLUMN_BITS: return put_bits(column, body, n, err);
    case COLUMN_FIXED: return put_fixed(column, body, 1, err);
    case COLUMN_UNION: return put_fixed(column, body, 0, err);
    case COLUMN_LIST: return put_offsets(column, body, n, err);
    case COLUMN_BYTES:
        GBX_TRY(put_offsets(column, body, n, err));
        return put_bytes(column, body, err);
    case COLUMN_NULL:
    case COLUMN_FIXED_LIST:
    case COLUMN_STRUCT: break;
    }
    return GBX_OK;
}

gbx_status gbx__column_out_put(const column_out *column, body_out *body, gbx_error *err)
{
    const int64_t n = column_rows(column);
    gbx__flat_pair node = {n, column->shape == COLUMN_NULL ? n : 0};
    const size_t index = body->nodes.len;
    if (!gbx__vec_push(&body->nodes, node)) return GBX_FAIL_NOMEM(err);
    if (column->shape != COLUMN_NULL && column->shape != COLUMN_UNION)
        GBX_TRY(put_validity(column, body, n, &body->nodes.items[index].b, err));
    GBX_TRY(put_values(column, body, n, err));
    for (int64_t i = 0; i < column->n_children; i++)
        GBX_TRY(gbx__column_out_put(&column->children[i], body, err));
    return GBX_OK;
}
