/*
 * Rows that come: the payloads of row frames → Arrow batches whose buffers lie in the payload.
 *
 *   new → take (schema) → take (dictionary or batch) … → free
 *
 * A batch keeps its payload; so does a dictionary, which later batches share.
 */
#ifndef GBX_WIRE_ROWS_IN_H
#define GBX_WIRE_ROWS_IN_H

#include "base/error.h"
#include "gearbox/arrow.h"

#include <stddef.h>

typedef struct gbx__rows_in gbx__rows_in;

/* NULL when memory is short. */
gbx__rows_in *gbx__rows_in_new(void);
/* Takes the payload, also on failure: one encapsulated Arrow message. `out` is empty unless it was
 * a batch. CORRUPT when it is not sane: buffers, offsets and indexes of dictionaries are checked
 * too. */
gbx_status gbx__rows_in_take(gbx__rows_in *rows, char *payload, size_t len, struct ArrowArray *out,
                             gbx_error *err);
/* NULL until it has come. */
const struct ArrowSchema *gbx__rows_in_schema(const gbx__rows_in *rows);
void gbx__rows_in_free(gbx__rows_in *rows);

#endif
