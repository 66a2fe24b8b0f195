/*
 * The function table: one row for each function that a plan may call.
 *
 * Operators are functions with their symbol as name ("+", "||", "~~" is LIKE). The binder decides
 * overloads, so a call carries its argument and result types; the table says what holds for all of
 * a function's overloads. A function that is not here can't be in a plan.
 * The rows are in functions.def, generated docs in docs/functions.md.
 */
#ifndef GBX_PLAN_FUNCTION_H
#define GBX_PLAN_FUNCTION_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gbx__function_kind {
    GBX_FN_SCALAR,
    GBX_FN_AGGREGATE, /* also as a window function */
    GBX_FN_WINDOW,    /* only over a window: row_number, lag, … */
    GBX_FN_TABLE      /* gives rows: range, generate_series, unnest */
} gbx__function_kind;

typedef enum gbx__null_rule {
    GBX_NULL_PROPAGATES, /* any NULL argument gives NULL */
    GBX_NULL_SKIPS,      /* aggregates: NULL arguments are left out */
    GBX_NULL_SPECIAL     /* the function looks at NULLs itself */
} gbx__null_rule;

typedef enum gbx__volatility {
    GBX_VOLATILITY_PURE,   /* same arguments, same result */
    GBX_VOLATILITY_JOB,    /* fixed during one job: now(), current_date */
    GBX_VOLATILITY_ROW     /* may differ from row to row: random(), uuid() */
} gbx__volatility;

/* Flags of a row. */
#define GBX_FN_ORDER_SENSITIVE 1u /* the result depends on the order of rows: first, list */
#define GBX_FN_APPROXIMATE 2u     /* approx_*: engines may differ */
#define GBX_FN_FLOAT_SUM 4u       /* floats: equal to 1e-9 relative only */
#define GBX_FN_LAMBDA 8u          /* takes a lambda */
#define GBX_FN_SIDE_EFFECTS 16u
#define GBX_FN_MAY_ERROR 32u      /* can fail on some values: division, casts, error() */

/* Engines that give the contract's answer, as bits; more are added as engines come. */
#define GBX_ENGINE_BIT_DUCKDB 1u

typedef struct gbx__function {
    const char *name;
    gbx__function_kind kind;
    int8_t min_args;
    int8_t max_args; /* -1: any number */
    gbx__null_rule null_rule;
    gbx__volatility volatility;
    uint32_t flags;
    uint32_t engines;
    const char *signature; /* for people: "(utf8, int64) → utf8" */
} gbx__function;

/* NULL when there is no such function of this kind. Exact, lower-case names. */
const gbx__function *gbx__function_find(gbx__function_kind kind, gbx__str name);
/* All rows, in the order of kind, then name. */
const gbx__function *gbx__function_table(size_t *out_count);

#endif
