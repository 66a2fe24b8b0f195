/*
 * What a host sends, as Gearbox reads it: frames, messages, rows. Whatever the bytes are: refused
 * with a reason, or rows that can be read to their end, and sent on.
 */
#include "arrow/arrow.h"
#include "base/alloc.h"
#include "support/fuzz.h"
#include "wire/frame.h"
#include "wire/message.h"
#include "wire/rows_in.h"
#include "wire/rows_out.h"

#define PIECES_MAX (1u << 24)

/* Touches every byte that goes. */
static unsigned sum_pieces(const gbx__pieces *pieces)
{
    unsigned sum = 0;
    size_t len = 0;
    for (size_t i = 0; i < pieces->list.len; i++) {
        const unsigned char *bytes = pieces->list.items[i].iov_base;
        for (size_t at = 0; at < pieces->list.items[i].iov_len; at++) sum += bytes[at];
        len += pieces->list.items[i].iov_len;
    }
    must(len == pieces->len);
    return sum;
}

static void send_on(const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
    gbx__rows_out *out = NULL;
    gbx__pieces pieces = {0};
    gbx_error err = {0};
    volatile unsigned sum = 0;
    if (gbx__rows_out_new(schema, &out, &err) != GBX_OK) return;
    must(gbx__rows_out_schema(out, 0, &pieces, &err) == GBX_OK);
    gbx_status status = GBX_OK;
    for (int i = 0; i < 2 && status == GBX_OK; i++)
        status = gbx__rows_out_add(out, batch, 0, batch->length, &err);
    if (status == GBX_OK && gbx__rows_out_bytes(out) < PIECES_MAX)
        status = gbx__rows_out_flush(out, 0, &pieces, &err);
    if (status == GBX_OK) sum = sum_pieces(&pieces);
    (void)sum;
    gbx__pieces_done(&pieces);
    gbx__rows_out_free(out);
}

static gbx_status use_rows(gbx__rows_in **rows, gbx__frame_in *frame, gbx_error *err)
{
    struct ArrowArray batch = {0};
    if (!*rows) *rows = gbx__rows_in_new();
    must(*rows);
    char *payload = frame->payload ? frame->payload : gbx__alloc_dup("", 0);
    frame->payload = NULL;
    GBX_TRY(gbx__rows_in_take(*rows, payload, frame->len, &batch, err));
    if (batch.release) send_on(gbx__rows_in_schema(*rows), &batch);
    gbx__arrow_array_done(&batch);
    return GBX_OK;
}

static gbx_status use_message(const gbx__frame_in *frame, gbx_error *err)
{
    gbx__wire_message message;
    GBX_TRY(
        gbx__wire_message_read(frame->payload ? frame->payload : "", frame->len, &message, err));
    must((unsigned)message.type < GBX_WIRE_TYPES);
    gbx__wire_message_done(&message);
    return GBX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx__frame_reader reader = {0};
    gbx__rows_in *rows = NULL;
    gbx_error err = {0};
    gbx_status status = GBX_OK;
    for (size_t at = 0; status == GBX_OK;) {
        void *room = NULL;
        size_t wanted = 0;
        status = gbx__frame_reader_want(&reader, &room, &wanted, &err);
        if (status != GBX_OK) break;
        if (wanted > 0) {
            if (at == size) break;
            const size_t n = wanted < size - at ? wanted : size - at;
            memcpy(room, data + at, n);
            gbx__frame_reader_got(&reader, n);
            at += n;
            continue;
        }
        gbx__frame_in frame = gbx__frame_reader_take(&reader);
        if (frame.kind == GBX_FRAME_KIND_CONTROL) status = use_message(&frame, &err);
        if (frame.kind == GBX_FRAME_KIND_ROWS) status = use_rows(&rows, &frame, &err);
        gbx__alloc_free(frame.payload);
    }
    if (status != GBX_OK) must_tell(status, &err);
    gbx__frame_reader_done(&reader);
    gbx__rows_in_free(rows);
    return 0;
}
