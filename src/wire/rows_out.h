/*
 * Rows that go: Arrow batches → row frames, as pieces for writev. Values are not copied: a column's
 * piece is the batch's own buffer. Only what has to be made anew is (bitmaps and offsets of what
 * does not begin at 0, heads).
 *
 *   new ─→ schema ─→ pieces          add … add ─→ flush ─→ pieces          (→ end is frame.h's)
 *
 * Several small batches that are added go as one: their buffers follow one another in the pieces.
 */
#ifndef GBX_WIRE_ROWS_OUT_H
#define GBX_WIRE_ROWS_OUT_H

#include "base/error.h"
#include "base/vec.h"
#include "gearbox/arrow.h"

#include <sys/uio.h>

typedef struct gbx__pieces {
    GBX_VEC(struct iovec) list;
    size_t len; /* of all */
} gbx__pieces;

void gbx__pieces_done(gbx__pieces *pieces);

typedef struct gbx__rows_out gbx__rows_out;

/* The schema is read now. UNSUPPORTED for what an Arrow message of a host can't hold: views, run
 * ends, dense unions, dictionaries of nested types. */
gbx_status gbx__rows_out_new(const struct ArrowSchema *schema, gbx__rows_out **out, gbx_error *err);
/* Appends the frame with the schema: it comes first. */
gbx_status gbx__rows_out_schema(gbx__rows_out *rows, uint16_t stream, gbx__pieces *out,
                                gbx_error *err);
/* Rows [from, from + n) of a batch of that schema go next; it stays where it is until they have
 * been sent. INVALID when the batch does not fit the schema. */
gbx_status gbx__rows_out_add(gbx__rows_out *rows, const struct ArrowArray *batch, int64_t from,
                             int64_t n, gbx_error *err);
/* May several batches be added? Not when each brings dictionaries of its own. */
bool gbx__rows_out_may_join(const gbx__rows_out *rows);
/* About how many bytes were added. */
int64_t gbx__rows_out_bytes(const gbx__rows_out *rows);
/* Forgets what was added. */
void gbx__rows_out_clear(gbx__rows_out *rows);
/* Appends the frames of what was added; valid until the next add, which begins anew. INVALID when
 * they are too large for a frame. */
gbx_status gbx__rows_out_flush(gbx__rows_out *rows, uint16_t stream, gbx__pieces *out,
                               gbx_error *err);
void gbx__rows_out_free(gbx__rows_out *rows);

#endif
