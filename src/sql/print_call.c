/*
 * Calls: operators, functions, aggregates, windows.
 */
#include "sql/print_priv.h"

#include <stdio.h>
#include <string.h>

static bool call_is_one_of(const char *list, const char *name)
{
    char padded[64];
    if (list == NULL || strlen(name) + 3 > sizeof(padded)) return false;
    snprintf(padded, sizeof(padded), " %s ", name);
    return strstr(list, padded) != NULL;
}

void gbx__print_function_name(gbx__printer *p, gbx__buf *out, const char *name)
{
    bool is_plain = name[0] < '0' || name[0] > '9';
    for (const char *c = name; *c != '\0'; c++)
        is_plain = is_plain && ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_');
    if (is_plain && !p->dialect->is_reserved(gbx__str_of(name)))
        gbx__buf_puts(out, name);
    else
        p->dialect->quote_ident(out, gbx__str_of(name));
}

/* Between two values of text type, where a bare 'text' keeps that type. */
static void call_compared(gbx__printer *p, gbx__buf *out, const gbx__expr *arg,
                          const gbx__expr *other)
{
    if (arg->kind == GBX_EX_CONST && arg->type->kind == GBX_TYPE_UTF8 &&
        other->kind == GBX_EX_COLUMN && other->type->kind == GBX_TYPE_UTF8)
        p->dialect->constant(p, out, arg->type, arg->value, true);
    else
        gbx__print_expr(p, out, arg);
}

static void call_infix(gbx__printer *p, gbx__buf *out, const gbx__expr *expr, const char *symbol)
{
    gbx__buf_putc(out, '(');
    call_compared(p, out, expr->args[0], expr->args[1]);
    gbx__buf_printf(out, " %s ", symbol);
    call_compared(p, out, expr->args[1], expr->args[0]);
    gbx__buf_putc(out, ')');
}

static void call_in(gbx__printer *p, gbx__buf *out, const gbx__expr *expr, const char *word)
{
    gbx__buf_putc(out, '(');
    gbx__print_expr(p, out, expr->args[0]);
    gbx__buf_printf(out, " %s (", word);
    for (uint32_t i = 1; i < expr->n_args; i++) {
        if (i > 1) gbx__buf_puts(out, ", ");
        call_compared(p, out, expr->args[i], expr->args[0]);
    }
    gbx__buf_puts(out, "))");
}

static void call_wrapped(gbx__printer *p, gbx__buf *out, const gbx__expr *expr, const char *before,
                         const char *separator, const char *behind)
{
    gbx__buf_puts(out, before);
    gbx__print_list(p, out, expr->args, expr->n_args, separator);
    gbx__buf_puts(out, behind);
}

/* Functions whose SQL is not name(arguments). */
static bool call_special(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    static const struct {
        const char *name;
        const char *before, *separator, *behind;
    } wrapped[] = {
        {"and", "(", " AND ", ")"},
        {"or", "(", " OR ", ")"},
        {"not", "(NOT ", "", ")"},
        {"is_null", "(", "", " IS NULL)"},
        {"is_not_null", "(", "", " IS NOT NULL)"},
        {"coalesce", "COALESCE(", ", ", ")"},
        {"try", "TRY(", "", ")"},
        {"is_distinct_from", "(", " IS DISTINCT FROM ", ")"},
        {"is_not_distinct_from", "(", " IS NOT DISTINCT FROM ", ")"},
    };
    const char *name = expr->fn->name;
    for (size_t i = 0; i < sizeof(wrapped) / sizeof(wrapped[0]); i++) {
        if (strcmp(name, wrapped[i].name) != 0) continue;
        call_wrapped(p, out, expr, wrapped[i].before, wrapped[i].separator, wrapped[i].behind);
        return true;
    }
    if (strcmp(name, "in_list") == 0) {
        gbx__buf_putc(out, '(');
        gbx__print_expr(p, out, expr->args[0]);
        gbx__buf_puts(out, " IN (SELECT unnest(");
        gbx__print_expr(p, out, expr->args[1]);
        gbx__buf_puts(out, ")))");
        return true;
    }
    if (strcmp(name, "in") == 0 || strcmp(name, "not_in") == 0) {
        call_in(p, out, expr, name[0] == 'i' ? "IN" : "NOT IN");
        return true;
    }
    if (expr->n_args == 2 && call_is_one_of(p->dialect->infix, name)) {
        call_infix(p, out, expr, name);
        return true;
    }
    if (expr->n_args == 1 && call_is_one_of(p->dialect->prefix, name)) {
        gbx__buf_printf(out, "(%s", name);
        gbx__print_expr(p, out, expr->args[0]);
        gbx__buf_putc(out, ')');
        return true;
    }
    return false;
}

void gbx__print_call(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (call_special(p, out, expr)) return;
    if (strncmp(expr->fn->name, "__", 2) == 0) {
        gbx__print_fail(p, GBX_UNSUPPORTED, "the function %s has no name in SQL", expr->fn->name);
        return;
    }
    gbx__print_function_name(p, out, expr->fn->name);
    gbx__buf_putc(out, '(');
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        if (expr->arg_names != NULL && expr->arg_names[i].len > 0) {
            p->dialect->quote_ident(out, expr->arg_names[i]);
            gbx__buf_puts(out, " := ");
        }
        gbx__print_expr(p, out, expr->args[i]);
    }
    gbx__buf_putc(out, ')');
}

/* Integer sums are int64 in the plan: where the dialect's is wider, the cast checks the range. */
static bool call_is_narrowed_sum(const gbx__printer *p, const gbx__expr *expr)
{
    return p->dialect->integer_sum_is_wide && strcmp(expr->fn->name, "sum") == 0 &&
           expr->type->kind == GBX_TYPE_INT64;
}

static void call_arguments(gbx__printer *p, gbx__buf *out, const gbx__expr *expr, bool distinct,
                           const gbx__sort_key *order, uint32_t n_order, bool ignore_nulls)
{
    const bool is_star = strcmp(expr->fn->name, "count_star") == 0;
    gbx__print_function_name(p, out, is_star ? "count" : expr->fn->name);
    gbx__buf_puts(out, distinct ? "(DISTINCT " : "(");
    if (is_star)
        gbx__buf_putc(out, '*');
    else
        gbx__print_list(p, out, expr->args, expr->n_args, ", ");
    gbx__print_order(p, out, " ORDER BY ", order, n_order);
    gbx__buf_puts(out, ignore_nulls ? " IGNORE NULLS)" : ")");
}

static void call_filter(gbx__printer *p, gbx__buf *out, const gbx__expr *filter)
{
    if (filter == NULL) return;
    gbx__buf_puts(out, " FILTER (WHERE ");
    gbx__print_expr(p, out, filter);
    gbx__buf_putc(out, ')');
}

void gbx__print_aggregate(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const gbx__agg_spec *spec = expr->agg;
    const bool is_narrowed = call_is_narrowed_sum(p, expr);
    if (is_narrowed) gbx__buf_puts(out, "CAST(");
    call_arguments(p, out, expr, spec->distinct, spec->order, spec->n_order, false);
    call_filter(p, out, spec->filter);
    if (spec->is_state) gbx__buf_puts(out, " EXPORT_STATE");
    if (!is_narrowed) return;
    gbx__buf_puts(out, " AS ");
    p->dialect->type(out, expr->type);
    gbx__buf_putc(out, ')');
}

static void window_bound(gbx__printer *p, gbx__buf *out, gbx__bound_kind kind,
                         const gbx__expr *offset)
{
    switch (kind) {
    case GBX_BOUND_UNBOUNDED_PRECEDING: gbx__buf_puts(out, "UNBOUNDED PRECEDING"); return;
    case GBX_BOUND_UNBOUNDED_FOLLOWING: gbx__buf_puts(out, "UNBOUNDED FOLLOWING"); return;
    case GBX_BOUND_CURRENT_ROW: gbx__buf_puts(out, "CURRENT ROW"); return;
    case GBX_BOUND_PRECEDING:
    case GBX_BOUND_FOLLOWING: break;
    }
    gbx__print_expr(p, out, offset);
    gbx__buf_puts(out, kind == GBX_BOUND_PRECEDING ? " PRECEDING" : " FOLLOWING");
}

static void window_frame(gbx__printer *p, gbx__buf *out, const gbx__window_spec *spec)
{
    static const char *const units[] = {"ROWS", "RANGE", "GROUPS"};
    static const char *const excludes[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP",
                                           " EXCLUDE TIES"};
    gbx__buf_puts(out, units[spec->unit]);
    gbx__buf_puts(out, " BETWEEN ");
    window_bound(p, out, spec->start, spec->start_offset);
    gbx__buf_puts(out, " AND ");
    window_bound(p, out, spec->end, spec->end_offset);
    gbx__buf_puts(out, excludes[spec->exclude]);
}

static void window_over(gbx__printer *p, gbx__buf *out, const gbx__window_spec *spec)
{
    gbx__buf_puts(out, " OVER (");
    if (spec->n_partitions > 0) {
        gbx__buf_puts(out, "PARTITION BY ");
        gbx__print_list(p, out, spec->partitions, spec->n_partitions, ", ");
        gbx__buf_putc(out, ' ');
    }
    const size_t before = out->len;
    gbx__print_order(p, out, "ORDER BY ", spec->order, spec->n_order);
    if (out->len > before) gbx__buf_putc(out, ' ');
    window_frame(p, out, spec);
    gbx__buf_putc(out, ')');
}

void gbx__print_window(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const gbx__window_spec *spec = expr->window;
    const bool is_narrowed = call_is_narrowed_sum(p, expr);
    if (is_narrowed) gbx__buf_puts(out, "CAST(");
    call_arguments(p, out, expr, spec->distinct, spec->arg_order, spec->n_arg_order,
                   spec->ignore_nulls);
    call_filter(p, out, spec->filter);
    window_over(p, out, spec);
    if (!is_narrowed) return;
    gbx__buf_puts(out, " AS ");
    p->dialect->type(out, expr->type);
    gbx__buf_putc(out, ')');
}
