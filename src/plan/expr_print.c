#include "plan/expr.h"

#include <string.h>

/* More of them are counted, not shown: an IN may have thousands. */
#define PRINT_MAX_ARGS 32

static const char *const kind_texts[GBX_EX_KINDS] = {
    [GBX_EX_COLUMN] = "column", [GBX_EX_CONST] = "const", [GBX_EX_PARAM] = "param",
    [GBX_EX_CAST] = "cast",     [GBX_EX_CALL] = "call",   [GBX_EX_CASE] = "case",
    [GBX_EX_LAMBDA] = "lambda", [GBX_EX_AGG] = "agg",     [GBX_EX_WINDOW] = "window",
    [GBX_EX_UNNEST] = "unnest",
};
static const char *const unit_texts[] = {"rows", "range", "groups"};
static const char *const bound_texts[] = {"unbounded_preceding", "preceding", "current_row",
                                          "following", "unbounded_following"};
static const char *const exclude_texts[] = {"no_others", "current_row", "group", "ties"};

const char *gbx__expr_kind_text(gbx__expr_kind kind)
{
    return (unsigned)kind < GBX_EX_KINDS ? kind_texts[kind] : "?";
}

const char *gbx__frame_unit_text(gbx__frame_unit unit)
{
    return (unsigned)unit <= GBX_FRAME_GROUPS ? unit_texts[unit] : "?";
}

const char *gbx__bound_kind_text(gbx__bound_kind kind)
{
    return (unsigned)kind <= GBX_BOUND_UNBOUNDED_FOLLOWING ? bound_texts[kind] : "?";
}

const char *gbx__frame_exclude_text(gbx__frame_exclude exclude)
{
    return (unsigned)exclude <= GBX_EXCLUDE_TIES ? exclude_texts[exclude] : "?";
}

typedef struct printer {
    gbx__buf *out;
    const gbx__str *names;
    size_t n_names;
    int depth;
} printer;

static void print_expr(printer *p, const gbx__expr *expr, bool is_bare);

static void print_column(printer *p, gbx__col_id col)
{
    if (p->names && col < p->n_names && p->names[col].len) {
        gbx__buf_str(p->out, p->names[col]);
    } else {
        gbx__buf_printf(p->out, "#%u", col);
    }
}

static bool print_cut(printer *p, uint32_t i, uint32_t n)
{
    if (i < PRINT_MAX_ARGS) return false;
    gbx__buf_printf(p->out, "… (%u in all)", n);
    return true;
}

static void print_list(printer *p, uint32_t n, const gbx__expr *const *exprs)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i) gbx__buf_puts(p->out, ", ");
        if (print_cut(p, i, n)) break;
        print_expr(p, exprs[i], true);
    }
}

static void print_keys(printer *p, uint32_t n, const gbx__sort_key *keys)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i) gbx__buf_puts(p->out, ", ");
        if (print_cut(p, i, n)) break;
        print_expr(p, keys[i].expr, true);
        if (keys[i].descending) gbx__buf_puts(p->out, " desc");
        /* What is not said: NULLs come last. */
        if (keys[i].nulls_first) gbx__buf_puts(p->out, " nulls first");
    }
}

/* The operators that are written between their arguments, and how. */
static const char *print_infix(const gbx__expr *expr)
{
    static const char *const words[][2] = {
        {"~~", "like"},
        {"!~~", "not like"},
        {"~~*", "ilike"},
        {"!~~*", "not ilike"},
        {"is_distinct_from", "is distinct from"},
        {"is_not_distinct_from", "is not distinct from"},
        {"and", "and"},
        {"or", "or"},
    };
    const char *name = expr->fn->name;
    if (expr->n_args < 2) return NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(name, words[i][0]) == 0) return words[i][1];
    }
    const bool is_symbol = strspn(name, "+-*/%<>=!|&^~@#") == strlen(name);
    return is_symbol ? name : NULL;
}

static void print_between(printer *p, const gbx__expr *expr, const char *infix, bool is_bare)
{
    if (!is_bare) gbx__buf_putc(p->out, '(');
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (i) gbx__buf_printf(p->out, " %s ", infix);
        if (print_cut(p, i, expr->n_args)) break;
        print_expr(p, expr->args[i], false);
    }
    if (!is_bare) gbx__buf_putc(p->out, ')');
}

static void print_in(printer *p, const gbx__expr *expr, bool is_bare)
{
    if (!is_bare) gbx__buf_putc(p->out, '(');
    print_expr(p, expr->args[0], false);
    gbx__buf_puts(p->out, gbx__expr_is_call(expr, "in") ? " in (" : " not in (");
    print_list(p, expr->n_args - 1, expr->args + 1);
    gbx__buf_puts(p->out, is_bare ? ")" : "))");
}

static void print_is_null(printer *p, const gbx__expr *expr, bool is_bare)
{
    if (!is_bare) gbx__buf_putc(p->out, '(');
    print_expr(p, expr->args[0], false);
    gbx__buf_puts(p->out, gbx__expr_is_call(expr, "is_null") ? " is null" : " is not null");
    if (!is_bare) gbx__buf_putc(p->out, ')');
}

static void print_args(printer *p, const gbx__expr *expr)
{
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (i) gbx__buf_puts(p->out, ", ");
        if (print_cut(p, i, expr->n_args)) break;
        if (expr->arg_names && expr->arg_names[i].len) {
            gbx__text_print(p->out, expr->arg_names[i], '"');
            gbx__buf_puts(p->out, " := ");
        }
        print_expr(p, expr->args[i], true);
    }
}

static void print_call(printer *p, const gbx__expr *expr, bool is_bare)
{
    const char *infix = expr->fn ? print_infix(expr) : NULL;
    if (infix) {
        print_between(p, expr, infix, is_bare);
    } else if (expr->n_args &&
               (gbx__expr_is_call(expr, "in") || gbx__expr_is_call(expr, "not_in"))) {
        print_in(p, expr, is_bare);
    } else if (expr->n_args == 1 &&
               (gbx__expr_is_call(expr, "is_null") || gbx__expr_is_call(expr, "is_not_null"))) {
        print_is_null(p, expr, is_bare);
    } else if (expr->n_args == 1 && gbx__expr_is_call(expr, "not")) {
        gbx__buf_puts(p->out, "not ");
        print_expr(p, expr->args[0], false);
    } else {
        gbx__buf_puts(p->out, expr->fn ? expr->fn->name : "?");
        gbx__buf_putc(p->out, '(');
        print_args(p, expr);
        gbx__buf_putc(p->out, ')');
    }
}

static void print_cast(printer *p, const gbx__expr *expr)
{
    gbx__buf_puts(p->out, expr->is_try ? "try_cast(" : "cast(");
    if (expr->n_args) print_expr(p, expr->args[0], true);
    gbx__buf_puts(p->out, " as ");
    gbx__type_print(p->out, expr->type);
    gbx__buf_putc(p->out, ')');
}

static void print_case(printer *p, const gbx__expr *expr)
{
    gbx__buf_puts(p->out, "case");
    for (uint32_t i = 0; i < expr->n_args; i++) {
        const bool is_else = i + 1 == expr->n_args && i % 2 == 0;
        gbx__buf_puts(p->out, is_else ? " else " : i % 2 ? " then " : " when ");
        if (print_cut(p, i, expr->n_args)) break;
        print_expr(p, expr->args[i], true);
    }
    gbx__buf_puts(p->out, " end");
}

static void print_lambda(printer *p, const gbx__expr *expr)
{
    gbx__buf_putc(p->out, '(');
    for (uint32_t i = 0; i < expr->lambda.n_params; i++) {
        if (i) gbx__buf_puts(p->out, ", ");
        print_column(p, expr->lambda.params[i]);
    }
    gbx__buf_puts(p->out, ") -> ");
    if (expr->n_args) print_expr(p, expr->args[0], true);
}

static void print_filter(printer *p, const gbx__expr *filter)
{
    if (!filter) return;
    gbx__buf_puts(p->out, " filter (");
    print_expr(p, filter, true);
    gbx__buf_putc(p->out, ')');
}

/* name(distinct args order by keys) */
static void print_aggregate(printer *p, const gbx__expr *expr, bool distinct, uint32_t n_order,
                            const gbx__sort_key *order)
{
    gbx__buf_puts(p->out, expr->fn ? expr->fn->name : "?");
    gbx__buf_puts(p->out, distinct ? "(distinct " : "(");
    print_args(p, expr);
    if (n_order) {
        gbx__buf_puts(p->out, expr->n_args ? " order by " : "order by ");
        print_keys(p, n_order, order);
    }
    gbx__buf_putc(p->out, ')');
}

static void print_bound(printer *p, gbx__bound_kind kind, const gbx__expr *offset)
{
    static const char *const words[] = {"unbounded preceding", "preceding", "current row",
                                        "following", "unbounded following"};
    if (offset) {
        print_expr(p, offset, false);
        gbx__buf_putc(p->out, ' ');
    }
    gbx__buf_puts(p->out, (unsigned)kind <= GBX_BOUND_UNBOUNDED_FOLLOWING ? words[kind] : "?");
}

/* RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW goes without saying. */
static bool print_is_default_frame(const gbx__window_spec *w)
{
    return w->unit == GBX_FRAME_RANGE && w->start == GBX_BOUND_UNBOUNDED_PRECEDING &&
           w->end == GBX_BOUND_CURRENT_ROW && w->exclude == GBX_EXCLUDE_NO_OTHERS;
}

static void print_frame(printer *p, const gbx__window_spec *w)
{
    static const char *const words[] = {"", "current row", "group", "ties"};
    gbx__buf_printf(p->out, "%s between ", gbx__frame_unit_text(w->unit));
    print_bound(p, w->start, w->start_offset);
    gbx__buf_puts(p->out, " and ");
    print_bound(p, w->end, w->end_offset);
    if (w->exclude != GBX_EXCLUDE_NO_OTHERS && (unsigned)w->exclude <= GBX_EXCLUDE_TIES) {
        gbx__buf_printf(p->out, " exclude %s", words[w->exclude]);
    }
}

static void print_window(printer *p, const gbx__expr *expr)
{
    const gbx__window_spec *w = expr->window;
    const char *space = "";
    print_aggregate(p, expr, w->distinct, w->n_arg_order, w->arg_order);
    if (w->ignore_nulls) gbx__buf_puts(p->out, " ignore nulls");
    print_filter(p, w->filter);
    gbx__buf_puts(p->out, " over (");
    if (w->n_partitions) {
        gbx__buf_puts(p->out, "partition by ");
        print_list(p, w->n_partitions, w->partitions);
        space = " ";
    }
    if (w->n_order) {
        gbx__buf_printf(p->out, "%sorder by ", space);
        print_keys(p, w->n_order, w->order);
        space = " ";
    }
    if (!print_is_default_frame(w)) {
        gbx__buf_puts(p->out, space);
        print_frame(p, w);
    }
    gbx__buf_putc(p->out, ')');
}

static void print_expr(printer *p, const gbx__expr *expr, bool is_bare)
{
    if (p->depth >= GBX_MAX_DEPTH) {
        gbx__buf_puts(p->out, "…");
        return;
    }
    p->depth++;
    switch (expr->kind) {
    case GBX_EX_COLUMN: print_column(p, expr->col); break;
    case GBX_EX_CONST: gbx__value_print(p->out, expr->type, expr->value); break;
    case GBX_EX_PARAM:
        gbx__buf_putc(p->out, '$');
        gbx__buf_str(p->out, expr->name);
        break;
    case GBX_EX_CAST: print_cast(p, expr); break;
    case GBX_EX_CALL: print_call(p, expr, is_bare); break;
    case GBX_EX_CASE: print_case(p, expr); break;
    case GBX_EX_LAMBDA: print_lambda(p, expr); break;
    case GBX_EX_AGG:
        print_aggregate(p, expr, expr->agg->distinct, expr->agg->n_order, expr->agg->order);
        if (expr->agg->is_state) gbx__buf_puts(p->out, " state");
        print_filter(p, expr->agg->filter);
        break;
    case GBX_EX_WINDOW: print_window(p, expr); break;
    case GBX_EX_UNNEST:
        gbx__buf_puts(p->out, "unnest(");
        print_list(p, expr->n_args, expr->args);
        gbx__buf_putc(p->out, ')');
        break;
    case GBX_EX_KINDS: break;
    }
    p->depth--;
}

void gbx__expr_print(gbx__buf *out, const gbx__expr *expr, const gbx__str *names, size_t n_names)
{
    printer p = {.out = out, .names = names, .n_names = n_names};
    print_expr(&p, expr, false);
}

void gbx__expr_print_bare(gbx__buf *out, const gbx__expr *expr, const gbx__str *names,
                          size_t n_names)
{
    printer p = {.out = out, .names = names, .n_names = n_names};
    print_expr(&p, expr, true);
}

void gbx__sort_keys_print(gbx__buf *out, uint32_t n_keys, const gbx__sort_key *keys,
                          const gbx__str *names, size_t n_names)
{
    printer p = {.out = out, .names = names, .n_names = n_names};
    print_keys(&p, n_keys, keys);
}
