/*
 * Types of a plan: Arrow's, and the few that Arrow has no own type for.
 *
 * A type is an immutable value in the arena of the plan that made it (scalar types without
 * parameters are static and shared by all). Compare with gbx__type_equal, never by pointer.
 */
#ifndef GBX_PLAN_TYPE_H
#define GBX_PLAN_TYPE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, text in plans and JSON) */
#define GBX_TYPE_LIST(X)                                                                           \
    X(NULL, "null")                 /* the type of a bare NULL */                                  \
    X(BOOL, "bool")                                                                                \
    X(INT8, "int8")                                                                                \
    X(INT16, "int16")                                                                              \
    X(INT32, "int32")                                                                              \
    X(INT64, "int64")                                                                              \
    X(INT128, "int128")             /* Arrow: decimal128(38, 0) */                                 \
    X(UINT8, "uint8")                                                                              \
    X(UINT16, "uint16")                                                                            \
    X(UINT32, "uint32")                                                                            \
    X(UINT64, "uint64")                                                                            \
    X(UINT128, "uint128")                                                                          \
    X(FLOAT32, "float32")                                                                          \
    X(FLOAT64, "float64")                                                                          \
    X(DECIMAL, "decimal")           /* precision 1..38, scale 0..precision */                      \
    X(UTF8, "utf8")                                                                                \
    X(BINARY, "binary")                                                                            \
    X(DATE, "date")                 /* days since 1970-01-01 */                                    \
    X(TIME, "time")                 /* microseconds since midnight (nanoseconds by its unit) */    \
    X(TIMETZ, "timetz")                                                                            \
    X(TIMESTAMP, "timestamp")       /* in `unit` since 1970-01-01; `has_zone`: an instant */       \
    X(INTERVAL, "interval")         /* months, days, microseconds */                               \
    X(UUID, "uuid")                                                                                \
    X(BIT, "bit")                                                                                  \
    X(BIGNUM, "bignum")             /* an integer of any length */                                 \
    X(JSON, "json")                 /* utf8 that holds JSON */                                     \
    X(ENUM, "enum")                 /* Arrow: dictionary */                                        \
    X(LIST, "list")                                                                                \
    X(ARRAY, "array")               /* lists of one length */                                      \
    X(STRUCT, "struct")             /* fields without names: a row value */                        \
    X(MAP, "map")                                                                                  \
    X(UNION, "union")                                                                              \
    X(VARIANT, "variant")                                                                          \
    X(GEOMETRY, "geometry")

typedef enum gbx__type_kind {
#define GBX_TYPE_ENUM(name, text) GBX_TYPE_##name,
    GBX_TYPE_LIST(GBX_TYPE_ENUM)
#undef GBX_TYPE_ENUM
        GBX_TYPE_KINDS
} gbx__type_kind;

typedef enum gbx__unit { GBX_UNIT_S, GBX_UNIT_MS, GBX_UNIT_US, GBX_UNIT_NS } gbx__unit;

typedef struct gbx__type gbx__type;

typedef struct gbx__field {
    gbx__str name;
    const gbx__type *type;
} gbx__field;

struct gbx__type {
    gbx__type_kind kind;
    uint8_t precision, scale;   /* DECIMAL */
    gbx__unit unit;             /* TIMESTAMP, TIME */
    bool has_zone;              /* TIMESTAMP */
    uint32_t array_size;        /* ARRAY */
    uint32_t n_fields;          /* LIST, ARRAY: 1 (the item); MAP: 2 (key, value); else any */
    const gbx__field *fields;
    uint32_t n_values;          /* ENUM */
    const gbx__str *values;
};

/* The shared instance of a kind without parameters (TIME and TIMESTAMP: microseconds, no zone);
 * NULL for kinds that need parameters. */
const gbx__type *gbx__type_plain(gbx__type_kind kind);
const gbx__type *gbx__type_timestamp(gbx__unit unit, bool has_zone); /* static */
const gbx__type *gbx__type_time(gbx__unit unit);                     /* static; US or NS */

/* NULL when memory is short, a child is NULL or a number is out of range. Children and texts are
 * borrowed: they must live as long as the arena. */
const gbx__type *gbx__type_decimal(gbx__arena *arena, int precision, int scale);
const gbx__type *gbx__type_list(gbx__arena *arena, const gbx__type *item);
const gbx__type *gbx__type_array(gbx__arena *arena, const gbx__type *item, uint32_t size);
const gbx__type *gbx__type_struct(gbx__arena *arena, const gbx__field *fields, uint32_t n_fields);
const gbx__type *gbx__type_map(gbx__arena *arena, const gbx__type *key, const gbx__type *value);
const gbx__type *gbx__type_union(gbx__arena *arena, const gbx__field *fields, uint32_t n_fields);
const gbx__type *gbx__type_enum(gbx__arena *arena, const gbx__str *values, uint32_t n_values);

bool gbx__type_equal(const gbx__type *a, const gbx__type *b);
/* A deep copy into another arena; NULL when memory is short. */
const gbx__type *gbx__type_copy(gbx__arena *arena, const gbx__type *type);
bool gbx__type_is_integer(const gbx__type *type); /* the ten fixed-width ones */
bool gbx__type_is_float(const gbx__type *type);
bool gbx__type_is_nested(const gbx__type *type);

/* Deepest nesting that a plan may have. */
#define GBX_TYPE_MAX_DEPTH 250

/*
 * Text, the same in plan prints and plan JSON:
 *   int64, decimal(15,2), timestamp(us), timestamp(us, zone), time(ns), list<int64>,
 *   array<float64, 3>, struct<"a": int64, "b": utf8>, struct<int64, utf8> (row),
 *   map<utf8, int64>, union<"n": int64>, enum<'x', 'y'>; quotes inside are doubled.
 */
void gbx__type_print(gbx__buf *out, const gbx__type *type);
const char *gbx__type_kind_text(gbx__type_kind kind); /* "int64", "list" */
const char *gbx__unit_text(gbx__unit unit);           /* "us" */
/* Reads the text form; GBX_PARSE with the offset. `time` and `timestamp` are in microseconds. */
gbx_status gbx__type_parse(gbx__arena *arena, gbx__str text, const gbx__type **out, gbx_error *err);

#endif
