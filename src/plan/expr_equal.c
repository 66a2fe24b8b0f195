#include "plan/expr.h"

/* Parameters of the lambdas around, innermost first: the i-th of one is the i-th of the other. */
typedef struct equal_scope {
    const struct equal_scope *up;
    const gbx__expr *a;
    const gbx__expr *b;
    int depth;
} equal_scope;

static bool equal_exprs(const equal_scope *scope, const gbx__expr *a, const gbx__expr *b);

static bool equal_some(const equal_scope *scope, const gbx__expr *a, const gbx__expr *b)
{
    return a && b ? equal_exprs(scope, a, b) : !a && !b;
}

static bool equal_all(const equal_scope *scope, uint32_t n, const gbx__expr *const *a,
                      const gbx__expr *const *b)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!equal_some(scope, a[i], b[i])) return false;
    }
    return true;
}

static bool equal_keys(const equal_scope *scope, uint32_t n, const gbx__sort_key *a,
                       const gbx__sort_key *b)
{
    for (uint32_t i = 0; i < n; i++) {
        if (a[i].descending != b[i].descending || a[i].nulls_first != b[i].nulls_first ||
            !equal_some(scope, a[i].expr, b[i].expr)) {
            return false;
        }
    }
    return true;
}

static uint32_t lambda_index(const gbx__expr *lambda, gbx__col_id col)
{
    uint32_t i = 0;
    while (i < lambda->lambda.n_params && lambda->lambda.params[i] != col) i++;
    return i;
}

static bool equal_columns(const equal_scope *scope, gbx__col_id a, gbx__col_id b)
{
    for (; scope; scope = scope->up) {
        if (!scope->a) continue;
        const uint32_t i = lambda_index(scope->a, a);
        const uint32_t j = lambda_index(scope->b, b);
        if (i < scope->a->lambda.n_params || j < scope->b->lambda.n_params) return i == j;
    }
    return a == b;
}

static bool equal_aggs(const equal_scope *scope, const gbx__agg_spec *a, const gbx__agg_spec *b)
{
    return a->distinct == b->distinct && a->is_state == b->is_state && a->n_order == b->n_order &&
           equal_some(scope, a->filter, b->filter) &&
           equal_keys(scope, a->n_order, a->order, b->order);
}

static bool equal_windows(const equal_scope *scope, const gbx__window_spec *a,
                          const gbx__window_spec *b)
{
    return a->n_partitions == b->n_partitions && a->n_order == b->n_order && a->unit == b->unit &&
           a->start == b->start && a->end == b->end && a->exclude == b->exclude &&
           a->distinct == b->distinct && a->ignore_nulls == b->ignore_nulls &&
           a->n_arg_order == b->n_arg_order &&
           equal_all(scope, a->n_partitions, a->partitions, b->partitions) &&
           equal_keys(scope, a->n_order, a->order, b->order) &&
           equal_some(scope, a->start_offset, b->start_offset) &&
           equal_some(scope, a->end_offset, b->end_offset) &&
           equal_some(scope, a->filter, b->filter) &&
           equal_keys(scope, a->n_arg_order, a->arg_order, b->arg_order);
}

static bool equal_names(const gbx__expr *a, const gbx__expr *b)
{
    for (uint32_t i = 0; i < a->n_args; i++) {
        const gbx__str none = GBX_STR("");
        if (!gbx__str_equal(a->arg_names ? a->arg_names[i] : none,
                            b->arg_names ? b->arg_names[i] : none)) {
            return false;
        }
    }
    return true;
}

/* What the kind adds to type and arguments. */
static bool equal_payload(const equal_scope *scope, const gbx__expr *a, const gbx__expr *b)
{
    switch (a->kind) {
    case GBX_EX_COLUMN: return equal_columns(scope, a->col, b->col);
    case GBX_EX_CONST: return gbx__value_equal(a->type, a->value, b->value);
    case GBX_EX_PARAM: return gbx__str_equal(a->name, b->name);
    case GBX_EX_CAST: return a->is_try == b->is_try;
    case GBX_EX_CALL: return a->fn == b->fn && equal_names(a, b);
    case GBX_EX_LAMBDA: return a->lambda.n_params == b->lambda.n_params;
    case GBX_EX_AGG:
        return a->fn == b->fn && equal_names(a, b) && equal_aggs(scope, a->agg, b->agg);
    case GBX_EX_WINDOW:
        return a->fn == b->fn && equal_names(a, b) && equal_windows(scope, a->window, b->window);
    case GBX_EX_CASE:
    case GBX_EX_UNNEST:
    case GBX_EX_KINDS: break;
    }
    return true;
}

static bool equal_exprs(const equal_scope *scope, const gbx__expr *a, const gbx__expr *b)
{
    if (a->kind != b->kind || a->n_args != b->n_args || !gbx__type_equal(a->type, b->type)) {
        return false;
    }
    const bool is_lambda = a->kind == GBX_EX_LAMBDA;
    const equal_scope inner = {.up = scope,
                               .a = is_lambda ? a : NULL,
                               .b = is_lambda ? b : NULL,
                               .depth = scope ? scope->depth + 1 : 1};
    return inner.depth <= GBX_MAX_DEPTH && equal_payload(&inner, a, b) &&
           equal_all(&inner, a->n_args, a->args, b->args);
}

bool gbx__expr_equal(const gbx__expr *a, const gbx__expr *b)
{
    return a == b || equal_exprs(NULL, a, b);
}
