/*
 * Frames: what goes over the socket between Gearbox and a host (docs/host-protocol.md).
 *
 *   length u32 │ kind u8 │ 0 │ stream u16 │ payload …
 *
 * Reading copies nothing: the decoder says where the next bytes belong, the caller reads them
 * there, and the payload that has come together is the caller's.
 *
 *   gbx__frame_reader_want(&r, &at, &len, err);
 *   if (len > 0) gbx__frame_reader_got(&r, recv(fd, at, len, 0));
 *   else use(gbx__frame_reader_take(&r));
 */
#ifndef GBX_WIRE_FRAME_H
#define GBX_WIRE_FRAME_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GBX_FRAME_HEAD 8
#define GBX_FRAME_CONTROL_MAX (64u * 1024 * 1024)
#define GBX_FRAME_ROWS_MAX (256u * 1024 * 1024)

typedef enum gbx__frame_kind {
    GBX_FRAME_KIND_CONTROL = 1,
    GBX_FRAME_KIND_ROWS = 2,
    GBX_FRAME_KIND_END = 3
} gbx__frame_kind;

typedef struct gbx__frame_in {
    gbx__frame_kind kind;
    uint16_t stream;
    char *payload; /* of gbx__alloc, with a NUL behind; NULL when there is none */
    size_t len;
} gbx__frame_in;

/* The head of a frame whose payload is within the limits of its kind. */
void gbx__frame_head(unsigned char out[GBX_FRAME_HEAD], gbx__frame_kind kind, uint16_t stream,
                     size_t len);

typedef struct gbx__frame_reader {
    unsigned char head[GBX_FRAME_HEAD];
    size_t n_head;
    gbx__frame_in frame; /* once the head is whole */
    size_t n_payload;
} gbx__frame_reader; /* zeroed: at the start of a frame */

/* Where the next bytes go and how many there may be; none: the frame is whole. CORRUPT when what
 * has come is no frame; NOMEM. */
gbx_status gbx__frame_reader_want(gbx__frame_reader *reader, void **out, size_t *len,
                                  gbx_error *err);
/* That many came, at most as many as were wanted. */
void gbx__frame_reader_got(gbx__frame_reader *reader, size_t n);
/* Is it between two frames? Then an end of the bytes cuts none. */
bool gbx__frame_reader_is_empty(const gbx__frame_reader *reader);
/* The whole frame; its payload is the caller's. */
gbx__frame_in gbx__frame_reader_take(gbx__frame_reader *reader);
void gbx__frame_reader_done(gbx__frame_reader *reader);

#endif
