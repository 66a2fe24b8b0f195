/* The writers of single values, by kind; see gbx__column.put. */
#ifndef GBX_RESULT_TEXT_PRIV_H
#define GBX_RESULT_TEXT_PRIV_H

#include "result/column.h"

#include <string.h>

/* Buffers of foreign arrays need not be aligned. */
#define GBX_LOAD(type, bytes, index)                                                               \
    (__extension__({                                                                               \
        type gbx_loaded_;                                                                          \
        memcpy(&gbx_loaded_, (bytes) + (size_t)(index) * sizeof(type), sizeof(type));              \
        gbx_loaded_;                                                                               \
    }))

/* Each sets put and put_max; false when the kind is another file's. */
bool result_text_number(gbx__column *column);
bool result_text_time(gbx__column *column);
bool result_text_bytes(gbx__column *column);

/* The kinds of text_bytes.c whose text has no bound. */
void result_binary_text(gbx__str bytes, gbx__buf *out);
void result_bit_text(gbx__str bytes, gbx__buf *out);
void result_bignum_text(gbx__str bytes, gbx__buf *out);
void result_geometry_text(gbx__str bytes, gbx__buf *out);
/* Of a struct that is a VARIANT; false, and nothing appended, when its bytes are broken. */
bool result_variant_text(const gbx__column *column, int64_t row, gbx__buf *out);

/* Text inside other text: what lies behind `start` is quoted when it could be misread. */
void result_quote_inner(size_t start, gbx__buf *out);
void result_quote_name(gbx__str name, gbx__buf *out);

/* As put, but with a digit before the point always, as JSON asks ("0.5", where text has ".5"). */
char *result_decimal_json(const gbx__column *column, int64_t row, char *out);
/* As put, but "2013-01-01T05:00:00Z". */
char *result_timestamp_iso(const gbx__column *column, int64_t row, char *out);

#endif
