#include "wire/frame.h"

#include "base/alloc.h"

#include <string.h>

void gbx__frame_head(unsigned char out[GBX_FRAME_HEAD], gbx__frame_kind kind, uint16_t stream,
                     size_t len)
{
    for (int i = 0; i < 4; i++) out[i] = (unsigned char)(len >> (8 * i));
    out[4] = (unsigned char)kind;
    out[5] = 0;
    out[6] = (unsigned char)stream;
    out[7] = (unsigned char)(stream >> 8);
}

static bool head_is_sane(const gbx__frame_in *frame, unsigned char zero)
{
    if (zero != 0) return false;
    switch (frame->kind) {
    case GBX_FRAME_KIND_CONTROL: return frame->stream == 0 && frame->len <= GBX_FRAME_CONTROL_MAX;
    case GBX_FRAME_KIND_ROWS: return frame->len <= GBX_FRAME_ROWS_MAX;
    case GBX_FRAME_KIND_END: return frame->len == 0;
    default: return false;
    }
}

static gbx_status read_head(gbx__frame_reader *reader, gbx_error *err)
{
    const unsigned char *head = reader->head;
    gbx__frame_in *frame = &reader->frame;
    frame->len = 0;
    for (int i = 0; i < 4; i++) frame->len |= (size_t)head[i] << (8 * i);
    frame->kind = (gbx__frame_kind)head[4];
    frame->stream = (uint16_t)(head[6] | head[7] << 8);
    if (!head_is_sane(frame, head[5])) return GBX_FAIL(err, GBX_CORRUPT, "what came is no frame");
    if (frame->len == 0) return GBX_OK;
    frame->payload = gbx__alloc(frame->len + 1);
    if (!frame->payload) return GBX_FAIL_NOMEM(err);
    frame->payload[frame->len] = '\0';
    return GBX_OK;
}

gbx_status gbx__frame_reader_want(gbx__frame_reader *reader, void **out, size_t *len,
                                  gbx_error *err)
{
    gbx__frame_in *frame = &reader->frame;
    if (reader->n_head < GBX_FRAME_HEAD) {
        *out = reader->head + reader->n_head;
        *len = GBX_FRAME_HEAD - reader->n_head;
        return GBX_OK;
    }
    if (!frame->payload) GBX_TRY(read_head(reader, err));
    *out = frame->payload ? frame->payload + reader->n_payload : NULL;
    *len = frame->len - reader->n_payload;
    return GBX_OK;
}

void gbx__frame_reader_got(gbx__frame_reader *reader, size_t n)
{
    if (reader->n_head < GBX_FRAME_HEAD)
        reader->n_head += n;
    else
        reader->n_payload += n;
}

bool gbx__frame_reader_is_empty(const gbx__frame_reader *reader)
{
    return reader->n_head == 0;
}

gbx__frame_in gbx__frame_reader_take(gbx__frame_reader *reader)
{
    const gbx__frame_in frame = reader->frame;
    *reader = (gbx__frame_reader){0};
    return frame;
}

void gbx__frame_reader_done(gbx__frame_reader *reader)
{
    gbx__alloc_free(reader->frame.payload);
    *reader = (gbx__frame_reader){0};
}
