#include "plan/function.h"

/* The short words of functions.def. */
enum {
    NONE = 0,
    ORDER_SENSITIVE = GBX_FN_ORDER_SENSITIVE,
    APPROXIMATE = GBX_FN_APPROXIMATE,
    FLOAT_SUM = GBX_FN_FLOAT_SUM,
    LAMBDA = GBX_FN_LAMBDA,
    MAY_ERROR = GBX_FN_MAY_ERROR,
    DUCKDB = GBX_ENGINE_BIT_DUCKDB
};

static const gbx__function function_rows[] = {
#define X(k, group, n, min, max, null, v, f, e, text)                                              \
    {.name = n,                                                                                    \
     .kind = GBX_FN_##k,                                                                           \
     .min_args = min,                                                                              \
     .max_args = max,                                                                              \
     .null_rule = GBX_NULL_##null,                                                                 \
     .volatility = GBX_VOLATILITY_##v,                                                             \
     .flags = (f),                                                                                 \
     .engines = (e),                                                                               \
     .signature = text},
#include "plan/functions.def"
};
static const size_t function_count = sizeof(function_rows) / sizeof(function_rows[0]);

const gbx__function *gbx__function_find(gbx__function_kind kind, gbx__str name)
{
    size_t low = 0;
    size_t high = function_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const gbx__function *row = &function_rows[middle];
        const int order = row->kind != kind ? (row->kind < kind ? -1 : 1)
                                            : gbx__str_compare(gbx__str_of(row->name), name);
        if (order == 0) return row;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const gbx__function *gbx__function_table(size_t *out_count)
{
    *out_count = function_count;
    return function_rows;
}
