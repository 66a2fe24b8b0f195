/*
 * Sizes and durations as people write them.
 *
 *   bytes:    "4GB" = 4·10⁹, "4GiB" "4Gi" = 4·2³⁰, "512MB", "64k", "100" (bytes); no "80%"
 *   duration: "30s", "500ms", "2m", "1h", "1.5s"; a bare number is seconds
 *
 * Units in any case, spaces around them as you like; a part of a byte or millisecond counts as one.
 * GBX_PARSE with what is expected when the text is neither; negative and overflowing values too.
 * Whether 0 makes sense is the caller's to say.
 */
#ifndef GBX_BASE_SIZE_H
#define GBX_BASE_SIZE_H

#include "base/error.h"
#include "base/str.h"

gbx_status gbx__parse_bytes(gbx__str text, int64_t *out_bytes, gbx_error *err);
gbx_status gbx__parse_duration_ms(gbx__str text, int64_t *out_ms, gbx_error *err);
/* "1.5 GB", "12 KB", "7 B": powers of ten, one digit after the point, cut; for people. */
void gbx__format_bytes(gbx__buf *out, int64_t bytes);

#endif
