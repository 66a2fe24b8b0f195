/*
 * JSON by yyjson, with our allocator and our errors.
 *
 * Reading: NaN and infinities as DuckDB writes them are allowed on request; numbers keep their full
 * 64 bits; larger ones come as raw text (yyjson_is_raw). Nesting is limited by the caller's walk,
 * not by the reader. Writing: by gbx__json_* helpers onto a buffer (no tree is built).
 */
#ifndef GBX_BASE_JSON_H
#define GBX_BASE_JSON_H

#include "base/error.h"
#include "base/str.h"

#include <yyjson.h>

#define GBX_JSON_INF_NAN 1u /* accept NaN, NAN, nan, Infinity, -Infinity */

/* The document is freed with gbx__json_free. On failure: GBX_PARSE with the byte offset. */
gbx_status gbx__json_read(const char *text, size_t len, unsigned flags, yyjson_doc **out,
                          gbx_error *err);
void gbx__json_free(yyjson_doc *doc);
/* A string's text, in the document; an empty one for anything else, also NULL. (yyjson_get_len is
 * the number of items of a list.) */
gbx__str gbx__json_str(yyjson_val *value);

/* Appends "text" quoted and escaped. Bytes that are not UTF-8 become U+FFFD. */
void gbx__json_write_str(gbx__buf *out, gbx__str text);
/* Appends a number that reads back to the same double; NaN and infinities as strings. */
void gbx__json_write_double(gbx__buf *out, double value);

#endif
