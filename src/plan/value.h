/*
 * A constant: one value of a type, in the encoding that Arrow would store.
 */
#ifndef GBX_PLAN_VALUE_H
#define GBX_PLAN_VALUE_H

#include "plan/type.h"

typedef struct gbx__interval {
    int32_t months, days;
    int64_t micros;
} gbx__interval;

typedef struct gbx__int128 {
    uint64_t lo;
    int64_t hi;
} gbx__int128;

typedef struct gbx__value {
    bool is_null;
    union { /* which member holds the value follows from the type's kind */
        bool boolean;           /* BOOL */
        int64_t i64;            /* INT8..INT64, UINT8..UINT32, dates and times (TIMETZ packed) */
        uint64_t u64;           /* UINT64 */
        gbx__int128 i128;       /* INT128, UINT128 (as bits), DECIMAL unscaled, UUID (as bits) */
        double f64;             /* FLOAT32, FLOAT64 */
        gbx__interval interval; /* INTERVAL */
        gbx__str text;          /* UTF8, JSON, ENUM (its label), BINARY, and BIT, BIGNUM, VARIANT,
                                   GEOMETRY as DuckDB's text form */
        struct {
            uint32_t n_items;   /* LIST, ARRAY, STRUCT; MAP: key, value, key, value; UNION: 1 */
            uint32_t union_tag; /* UNION: which field */
            const struct gbx__value *items;
        };
    };
} gbx__value;

/* The type of the item at `index`; NULL for a type that has no items or not so many. */
const gbx__type *gbx__value_item_type(const gbx__type *type, const gbx__value *value,
                                      uint32_t index);
/* Does the value fit its type: counts of items, the range of integers, the digits of a decimal, the
 * label of an enum, the length of an array? */
bool gbx__value_fits(const gbx__type *type, const gbx__value *value);
/* The same constant: NaN = NaN, NULL = NULL, 0.0 is not -0.0. */
bool gbx__value_equal(const gbx__type *type, const gbx__value *a, const gbx__value *b);
/* For people, on one line: 'text', 42, 3.50, DATE 2013-01-01, NULL, [1, 2], {"a": 1}. Long texts
 * and lists are cut. */
void gbx__value_print(gbx__buf *out, const gbx__type *type, const gbx__value *value);
/* A text between quotes as above: quotes doubled, control characters escaped, cut when long. */
void gbx__text_print(gbx__buf *out, gbx__str text, char quote);
gbx_status gbx__value_copy(gbx__arena *arena, const gbx__type *type, const gbx__value *from,
                           gbx__value *to, gbx_error *err);

/* The decimal digits of a 128-bit integer, with sign. */
void gbx__int128_print(gbx__buf *out, gbx__int128 value);
bool gbx__int128_parse(gbx__str text, gbx__int128 *out);
/* The same for an unsigned one, kept as bits. */
void gbx__uint128_print(gbx__buf *out, gbx__int128 bits);
bool gbx__uint128_parse(gbx__str text, gbx__int128 *out);
/* Unscaled digits with a point before the last `scale` of them: (-5, 2) → "-0.05". */
void gbx__decimal_print(gbx__buf *out, gbx__int128 unscaled, int scale);
/* Reads that back: at most `scale` digits after the point, `precision` in all. */
bool gbx__decimal_parse(gbx__str text, int precision, int scale, gbx__int128 *out);
/* |unscaled| < 10^precision. */
bool gbx__decimal_fits(gbx__int128 unscaled, int precision);
/* xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, lower case, highest bits first. */
void gbx__uuid_print(gbx__buf *out, gbx__int128 bits);
bool gbx__uuid_parse(gbx__str text, gbx__int128 *out);

#endif
