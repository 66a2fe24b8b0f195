/*
 * Expressions as text, but for calls (print_call.c).
 */
#include "sql/host_priv.h"

#include <string.h>

gbx__str gbx__print_expr_text(gbx__printer *p, const gbx__expr *expr)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__print_expr(p, &text, expr);
    return gbx__print_keep(p, &text);
}

void gbx__print_list(gbx__printer *p, gbx__buf *out, const gbx__expr *const *exprs, uint32_t n,
                     const char *separator)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) gbx__buf_puts(out, separator);
        gbx__print_expr(p, out, exprs[i]);
    }
}

/* A key that is the same in every row orders nothing, and its text would be read as a position. */
static bool expr_is_constant_key(const gbx__printer *p, const gbx__expr *expr)
{
    while (expr->kind == GBX_EX_CAST) expr = expr->args[0];
    if (expr->kind == GBX_EX_CONST) return true;
    if (expr->kind != GBX_EX_COLUMN || expr->col >= p->n_names) return false;
    const gbx__str text = p->names[expr->col];
    return text.len > 0 && strchr("0123456789'(", text.ptr[0]) != NULL &&
           strspn(text.ptr, "0123456789.()-") == text.len;
}

void gbx__print_order(gbx__printer *p, gbx__buf *out, const char *before, const gbx__sort_key *keys,
                      uint32_t n)
{
    bool is_first = true;
    for (uint32_t i = 0; i < n; i++) {
        if (expr_is_constant_key(p, keys[i].expr)) continue;
        gbx__buf_puts(out, is_first ? before : ", ");
        is_first = false;
        gbx__print_expr(p, out, keys[i].expr);
        gbx__buf_puts(out, keys[i].descending ? " DESC" : " ASC");
        if (p->dialect->has_nulls_order)
            gbx__buf_puts(out, keys[i].nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

static void expr_column(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (expr->col >= p->n_names || p->names[expr->col].len == 0)
        gbx__print_fail(p, GBX_INTERNAL, "column #%u has no name here", expr->col);
    else
        gbx__buf_str(out, p->names[expr->col]);
}

/* A long list of numbers' texts (literal_lists.c, literal_rows.c) is one text for the parser:
 * '[1,2,NULL]'. */
static bool expr_number_list(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const gbx__expr *arg = expr->args[0];
    if (arg->kind != GBX_EX_CONST || arg->type->kind != GBX_TYPE_LIST ||
        arg->type->fields[0].type->kind != GBX_TYPE_UTF8 || expr->type->kind != GBX_TYPE_LIST ||
        arg->value->is_null)
        return false;
    const gbx__type *item = expr->type->fields[0].type;
    if (!gbx__type_is_integer(item) && !gbx__type_is_float(item) && item->kind != GBX_TYPE_DECIMAL)
        return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, '[');
    for (uint32_t i = 0; i < arg->value->n_items; i++) {
        const gbx__value *value = &arg->value->items[i];
        if (i > 0) gbx__buf_putc(&text, ',');
        gbx__buf_str(&text, value->is_null ? GBX_STR("NULL") : value->text);
    }
    gbx__buf_putc(&text, ']');
    p->dialect->quote_text(out, gbx__buf_view(&text));
    if (text.failed) out->failed = true;
    return true;
}

static void expr_cast(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const gbx__expr *arg = expr->args[0];
    gbx__buf_puts(out, expr->is_try ? "TRY_CAST(" : "CAST(");
    const bool is_text = arg->kind == GBX_EX_CONST && arg->type->kind == GBX_TYPE_UTF8;
    if (is_text)
        p->dialect->constant(p, out, arg->type, arg->value, true);
    else if (!expr_number_list(p, out, expr))
        gbx__print_expr(p, out, arg);
    gbx__buf_puts(out, " AS ");
    p->dialect->type(out, expr->type);
    gbx__buf_putc(out, ')');
}

static void expr_case(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    gbx__buf_puts(out, "CASE");
    for (uint32_t i = 0; i + 1 < expr->n_args; i += 2) {
        gbx__buf_puts(out, " WHEN ");
        gbx__print_expr(p, out, expr->args[i]);
        gbx__buf_puts(out, " THEN ");
        gbx__print_expr(p, out, expr->args[i + 1]);
    }
    gbx__buf_puts(out, " ELSE ");
    gbx__print_expr(p, out, expr->args[expr->n_args - 1]);
    gbx__buf_puts(out, " END");
}

/* lambda x7, x8: body */
static void expr_lambda(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    gbx__buf_puts(out, "lambda ");
    for (uint32_t i = 0; i < expr->lambda.n_params; i++) {
        char *name = gbx__arena_printf(&p->arena, "x%u", expr->lambda.params[i]);
        if (name == NULL) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
            return;
        }
        gbx__print_name(p, expr->lambda.params[i], gbx__str_of(name));
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__buf_puts(out, name);
    }
    gbx__buf_puts(out, ": ");
    gbx__print_expr(p, out, expr->args[0]);
}

void gbx__print_expr(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (p->failed != GBX_OK) return;
    if (p->host != NULL) {
        gbx__host_expr(p, out, expr);
        return;
    }
    switch (expr->kind) {
    case GBX_EX_COLUMN: expr_column(p, out, expr); break;
    case GBX_EX_CONST: p->dialect->constant(p, out, expr->type, expr->value, false); break;
    case GBX_EX_PARAM:
        gbx__buf_puts(out, "CAST($");
        gbx__buf_str(out, expr->name);
        gbx__buf_puts(out, " AS ");
        p->dialect->type(out, expr->type);
        gbx__buf_putc(out, ')');
        break;
    case GBX_EX_CAST: expr_cast(p, out, expr); break;
    case GBX_EX_CALL: gbx__print_call(p, out, expr); break;
    case GBX_EX_CASE: expr_case(p, out, expr); break;
    case GBX_EX_LAMBDA: expr_lambda(p, out, expr); break;
    case GBX_EX_AGG: gbx__print_aggregate(p, out, expr); break;
    case GBX_EX_WINDOW: gbx__print_window(p, out, expr); break;
    case GBX_EX_UNNEST:
        gbx__buf_puts(out, "unnest(");
        gbx__print_expr(p, out, expr->args[0]);
        gbx__buf_putc(out, ')');
        break;
    case GBX_EX_KINDS: gbx__print_fail(p, GBX_INTERNAL, "an expression of no kind"); break;
    }
}
