#include "plan/validate_priv.h"

#include <string.h>

/* ---- types ---------------------------------------------------------------------------------- */

static bool type_is_sound(const gbx__type *type, int depth)
{
    if (!type || (unsigned)type->kind >= GBX_TYPE_KINDS || depth > GBX_TYPE_MAX_DEPTH) return false;
    const bool is_pair = type->kind == GBX_TYPE_MAP;
    const bool is_single = type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY;
    if ((is_pair && type->n_fields != 2) || (is_single && type->n_fields != 1)) return false;
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (!type_is_sound(type->fields[i].type, depth + 1)) return false;
    }
    return true;
}

gbx_status gbx__check_type(gbx__check *c, const gbx__type *type, gbx__pos pos)
{
    if (type_is_sound(type, 0)) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, pos, "a type is not sound or nested too deeply");
}

static bool type_is_text(const gbx__type *type)
{
    return type->kind == GBX_TYPE_UTF8 || type->kind == GBX_TYPE_JSON;
}

bool gbx__check_type_fits(const gbx__type *want, const gbx__type *have)
{
    return have->kind == GBX_TYPE_NULL || (type_is_text(want) && type_is_text(have)) ||
           gbx__type_equal(want, have);
}

static bool type_is_bool(const gbx__type *type)
{
    return type->kind == GBX_TYPE_BOOL || type->kind == GBX_TYPE_NULL;
}

/* ---- expressions ---------------------------------------------------------------------------- */

static gbx_status check_const(gbx__check *c, const gbx__expr *expr)
{
    if (expr->value && gbx__value_fits(expr->type, expr->value)) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, expr->pos, "a constant does not fit its type");
}

static gbx_status check_fn(gbx__check *c, const gbx__expr *expr, bool is_kind_right)
{
    const gbx__function *fn = expr->fn;
    if (!fn) return gbx__check_fail(c, GBX_INVALID, expr->pos, "a call of no known function");
    if (!is_kind_right) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "%s can't be called here", fn->name);
    }
    const bool is_few = fn->min_args > 0 && expr->n_args < (uint32_t)fn->min_args;
    const bool is_many = fn->max_args >= 0 && expr->n_args > (uint32_t)fn->max_args;
    if (is_few || is_many) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "%s does not take %u arguments", fn->name,
                               expr->n_args);
    }
    return GBX_OK;
}

/* Operators whose result is a boolean, and those whose arguments are, too. */
static gbx_status check_operator(gbx__check *c, const gbx__expr *expr)
{
    static const char *const logical[] = {"and", "or", "not"};
    static const char *const tests[] = {"=",
                                        "<>",
                                        "<",
                                        "<=",
                                        ">",
                                        ">=",
                                        "is_distinct_from",
                                        "is_not_distinct_from",
                                        "is_null",
                                        "is_not_null",
                                        "in",
                                        "not_in"};
    bool takes_bools = false;
    bool gives_bool = false;
    for (size_t i = 0; i < sizeof(logical) / sizeof(logical[0]); i++) {
        takes_bools = takes_bools || strcmp(expr->fn->name, logical[i]) == 0;
    }
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        gives_bool = gives_bool || strcmp(expr->fn->name, tests[i]) == 0;
    }
    for (uint32_t i = 0; takes_bools && i < expr->n_args; i++) {
        if (type_is_bool(expr->args[i]->type)) continue;
        return gbx__check_fail(c, GBX_INVALID, expr->args[i]->pos, "%s takes booleans",
                               expr->fn->name);
    }
    if ((takes_bools || gives_bool) && expr->type->kind != GBX_TYPE_BOOL) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "%s gives a boolean", expr->fn->name);
    }
    return GBX_OK;
}

static gbx_status check_case(gbx__check *c, const gbx__expr *expr)
{
    if (expr->n_args < 3 || expr->n_args % 2 == 0) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "a case without an else or a branch");
    }
    for (uint32_t i = 0; i < expr->n_args; i++) {
        const gbx__expr *arg = expr->args[i];
        const bool is_when = i % 2 == 0 && i + 1 < expr->n_args;
        if (is_when ? type_is_bool(arg->type) : gbx__check_type_fits(expr->type, arg->type)) {
            continue;
        }
        return gbx__check_fail(c, GBX_INVALID, arg->pos,
                               is_when ? "a condition of a case is not a boolean"
                                       : "a branch of a case has another type than the case");
    }
    return GBX_OK;
}

static gbx_status check_filter(gbx__check *c, const gbx__expr *filter)
{
    if (!filter || type_is_bool(filter->type)) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, filter->pos, "a filter is not a boolean");
}

static gbx_status check_frame(gbx__check *c, const gbx__expr *expr)
{
    const gbx__window_spec *w = expr->window;
    const bool start_counts = w->start == GBX_BOUND_PRECEDING || w->start == GBX_BOUND_FOLLOWING;
    const bool end_counts = w->end == GBX_BOUND_PRECEDING || w->end == GBX_BOUND_FOLLOWING;
    if ((unsigned)w->unit > GBX_FRAME_GROUPS || (unsigned)w->exclude > GBX_EXCLUDE_TIES ||
        (unsigned)w->start >= GBX_BOUND_UNBOUNDED_FOLLOWING ||
        (unsigned)w->end > GBX_BOUND_UNBOUNDED_FOLLOWING ||
        w->end == GBX_BOUND_UNBOUNDED_PRECEDING || start_counts != !!w->start_offset ||
        end_counts != !!w->end_offset) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "a window's frame is not sound");
    }
    return check_filter(c, w->filter);
}

static gbx_status check_unnest(gbx__check *c, const gbx__expr *expr)
{
    const gbx__type *type = expr->args[0]->type;
    const bool is_list = type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_ARRAY;
    if (type->kind == GBX_TYPE_NULL) return GBX_OK;
    if (is_list && gbx__type_equal(type->fields[0].type, expr->type)) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, expr->pos, "unnest takes a list and gives its items");
}

/* A lambda's parameter has the type that its first use says. */
static const gbx__type param_unused = {.kind = GBX_TYPE_NULL};

static gbx_status check_column(gbx__check *c, const gbx__expr *expr)
{
    const gbx__col_id id = expr->col;
    if (id == 0 || id >= c->plan->next_col || c->cols[id].visible_at != c->stamp) {
        return gbx__check_fail(c, GBX_INTERNAL, expr->pos, "column #%u is not visible here", id);
    }
    if (c->cols[id].type == &param_unused) c->cols[id].type = expr->type;
    if (!gbx__type_equal(c->cols[id].type, expr->type)) {
        return gbx__check_fail(c, GBX_INTERNAL, expr->pos, "column #%u has another type", id);
    }
    return GBX_OK;
}

static gbx_status check_lambda(gbx__check *c, const gbx__expr *expr, const gbx__expr *parent)
{
    const bool is_taken =
        parent && parent->kind == GBX_EX_CALL && parent->fn && parent->fn->flags & GBX_FN_LAMBDA;
    if (!is_taken) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "a lambda can't stand here");
    }
    for (uint32_t i = 0; i < expr->lambda.n_params; i++) {
        const gbx__col_id id = expr->lambda.params[i];
        GBX_TRY(gbx__check_make(c, id, &param_unused, expr->pos));
        c->cols[id].visible_at = c->stamp;
    }
    return GBX_OK;
}

/* Only its body sees a lambda's parameters. */
static void check_lambda_end(gbx__check *c, const gbx__expr *expr)
{
    for (uint32_t i = 0; i < expr->lambda.n_params; i++) {
        c->cols[expr->lambda.params[i]].visible_at = 0;
    }
}

static bool is_window_fn(const gbx__function *fn)
{
    return fn && (fn->kind == GBX_FN_AGGREGATE || fn->kind == GBX_FN_WINDOW);
}

/* What the kind asks of type, arguments and spec; not what lies below. */
static gbx_status check_kind(gbx__check *c, const gbx__expr *expr, const gbx__expr *parent)
{
    switch (expr->kind) {
    case GBX_EX_COLUMN: return check_column(c, expr);
    case GBX_EX_CONST: return check_const(c, expr);
    case GBX_EX_CALL:
        GBX_TRY(check_fn(c, expr, expr->fn && expr->fn->kind == GBX_FN_SCALAR));
        return check_operator(c, expr);
    case GBX_EX_CASE: return check_case(c, expr);
    case GBX_EX_LAMBDA: return check_lambda(c, expr, parent);
    case GBX_EX_AGG:
        GBX_TRY(check_fn(c, expr, expr->fn && expr->fn->kind == GBX_FN_AGGREGATE));
        return check_filter(c, expr->agg->filter);
    case GBX_EX_WINDOW:
        GBX_TRY(check_fn(c, expr, is_window_fn(expr->fn)));
        return check_frame(c, expr);
    case GBX_EX_UNNEST: return check_unnest(c, expr);
    case GBX_EX_PARAM:
    case GBX_EX_CAST:
    case GBX_EX_KINDS: break;
    }
    return GBX_OK;
}

/* How many arguments each kind has; -1: any number. */
static int check_n_args(gbx__expr_kind kind)
{
    switch (kind) {
    case GBX_EX_COLUMN:
    case GBX_EX_CONST:
    case GBX_EX_PARAM: return 0;
    case GBX_EX_CAST:
    case GBX_EX_LAMBDA:
    case GBX_EX_UNNEST: return 1;
    default: return -1;
    }
}

static bool check_is_special(gbx__expr_kind kind)
{
    return kind == GBX_EX_AGG || kind == GBX_EX_WINDOW || kind == GBX_EX_UNNEST;
}

typedef struct expr_check {
    gbx__check *c;
    const gbx__expr *parent; /* NULL at the root */
    gbx__expr_kind root;
    int depth;
    gbx_status status;
} expr_check;

static gbx_status check_shape(gbx__check *c, const gbx__expr *expr, gbx__expr_kind allowed)
{
    const int n_args = check_n_args(expr->kind);
    if ((unsigned)expr->kind >= GBX_EX_KINDS || (n_args >= 0 && expr->n_args != (uint32_t)n_args)) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "an expression is not sound");
    }
    if (check_is_special(expr->kind) && expr->kind != allowed) {
        return gbx__check_fail(c, GBX_INVALID, expr->pos, "%s can't stand here",
                               expr->kind == GBX_EX_AGG      ? "an aggregate"
                               : expr->kind == GBX_EX_WINDOW ? "a window function"
                                                             : "unnest");
    }
    return gbx__check_type(c, expr->type, expr->pos);
}

static bool check_visit(const gbx__expr *expr, void *ctx);

static gbx_status check_below(expr_check *x, const gbx__expr *expr)
{
    expr_check below = {.c = x->c, .parent = expr, .root = GBX_EX_COLUMN, .depth = x->depth + 1};
    if (!gbx__expr_children(expr, check_visit, &below)) return below.status;
    return GBX_OK;
}

static gbx_status check_one(expr_check *x, const gbx__expr *expr)
{
    if (x->depth >= GBX_MAX_DEPTH) {
        return gbx__check_fail(x->c, GBX_INVALID, expr->pos,
                               "an expression is nested more than %d deep", GBX_MAX_DEPTH);
    }
    GBX_TRY(check_shape(x->c, expr, x->root));
    GBX_TRY(check_kind(x->c, expr, x->parent));
    GBX_TRY(check_below(x, expr));
    if (expr->kind == GBX_EX_LAMBDA) check_lambda_end(x->c, expr);
    return GBX_OK;
}

static bool check_visit(const gbx__expr *expr, void *ctx)
{
    expr_check *x = ctx;
    x->status = check_one(x, expr);
    return x->status == GBX_OK;
}

gbx_status gbx__check_expr(gbx__check *c, const gbx__expr *expr, gbx__expr_kind root)
{
    if (!expr) {
        return gbx__check_fail(c, GBX_INTERNAL, GBX_NO_POS, "an expression is missing");
    }
    expr_check x = {.c = c, .root = root};
    return check_one(&x, expr);
}

gbx_status gbx__check_predicate(gbx__check *c, const gbx__expr *expr)
{
    GBX_TRY(gbx__check_expr(c, expr, GBX_EX_COLUMN));
    if (type_is_bool(expr->type)) return GBX_OK;
    return gbx__check_fail(c, GBX_INVALID, expr->pos, "a condition is not a boolean");
}
