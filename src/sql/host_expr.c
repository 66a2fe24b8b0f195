/*
 * Expressions for engines in other processes: their own words, or a kernel.
 */
#include "sql/host_priv.h"

#include <inttypes.h>
#include <string.h>

/* --- native as a whole? ----------------------------------------------------------------------- */

static bool expr_reads_nothing(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->kind != GBX_EX_COLUMN && expr->kind != GBX_EX_LAMBDA && expr->kind != GBX_EX_AGG &&
           expr->kind != GBX_EX_WINDOW &&
           (expr->fn == NULL || expr->fn->volatility != GBX_VOLATILITY_ROW);
}

/* One value for the whole job: a kernel without arguments. */
static bool expr_is_constant(const gbx__expr *expr)
{
    return gbx__expr_walk(expr, expr_reads_nothing, NULL);
}

static bool expr_has_words(const gbx__printer *p, const gbx__expr *expr)
{
    const gbx__host_words *words = p->dialect->words;
    switch (expr->kind) {
    case GBX_EX_COLUMN: return words->holds(expr->type);
    case GBX_EX_CONST: return gbx__host_has_constant(words, expr->type, expr->value);
    case GBX_EX_CAST:
        return words->has_type(expr->type) &&
               words->casts(expr->args[0]->type, expr->type, expr->is_try);
    case GBX_EX_CALL: return gbx__host_find(words, words->calls, expr) != NULL;
    case GBX_EX_CASE: return words->holds(expr->type);
    case GBX_EX_PARAM:
    case GBX_EX_LAMBDA:
    case GBX_EX_AGG:
    case GBX_EX_WINDOW:
    case GBX_EX_UNNEST:
    case GBX_EX_KINDS: break;
    }
    return false;
}

static bool expr_is_native(gbx__printer *p, const gbx__expr *expr)
{
    if (!expr_has_words(p, expr)) return false;
    for (uint32_t i = 0; i < expr->n_args; i++) {
        if (!gbx__host_is_native(p, expr->args[i])) return false;
    }
    return true;
}

bool gbx__host_is_native(gbx__printer *p, const gbx__expr *expr)
{
    return expr_is_native(p, expr) ||
           (expr_is_constant(expr) && p->dialect->words->holds(expr->type));
}

/* --- words ------------------------------------------------------------------------------------ */

static void expr_put(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);

static void fill_key(gbx__printer *p, gbx__buf *out, const gbx__expr *arg)
{
    const char *words = p->dialect->words->float_compared;
    if (words == NULL || !gbx__type_is_float(arg->type)) {
        expr_put(p, out, arg);
        return;
    }
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    expr_put(p, &text, arg);
    gbx__host_fill_text(out, words, gbx__buf_view(&text), GBX_STR(""));
    if (text.failed) out->failed = true;
}

/* A piece of an aggregate's words becomes a column before it. */
static void fill_argument(gbx__printer *p, gbx__buf *out, const gbx__host_call *call, bool is_key,
                          const gbx__expr *arg)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (is_key)
        fill_key(p, &text, arg);
    else
        expr_put(p, &text, arg);
    if (call->in_pieces)
        gbx__host_piece(p, out, gbx__print_keep(p, &text), false);
    else
        gbx__buf_str(out, gbx__buf_view(&text));
    if (text.failed) out->failed = true;
}

static void fill_arguments(gbx__printer *p, gbx__buf *out, const gbx__expr *expr, uint32_t first,
                           const char *separator)
{
    for (uint32_t i = first; i < expr->n_args; i++) {
        if (i > first) gbx__buf_puts(out, separator);
        expr_put(p, out, expr->args[i]);
    }
}

static void fill_filter(gbx__printer *p, gbx__buf *out, const gbx__host_call *call)
{
    if (call->filter == NULL) return;
    gbx__buf_puts(out, " FILTER (WHERE ");
    fill_argument(p, out, call, false, call->filter);
    gbx__buf_putc(out, ')');
}

static void fill_mark(gbx__printer *p, gbx__buf *out, char mark, const gbx__host_call *call)
{
    const gbx__expr *expr = call->expr;
    switch (mark) {
    case '*': fill_arguments(p, out, expr, 0, ", "); break;
    case '&': fill_arguments(p, out, expr, 0, " AND "); break;
    case '|': fill_arguments(p, out, expr, 0, " OR "); break;
    case 'r': fill_arguments(p, out, expr, 1, ", "); break;
    case 't': p->dialect->type(out, expr->type); break;
    case 's': gbx__buf_printf(out, "%d", expr->args[0]->type->scale); break;
    case 'd': gbx__buf_puts(out, call->distinct); break;
    case 'o': gbx__buf_puts(out, call->over); break;
    case 'f': fill_filter(p, out, call); break;
    case '#': gbx__buf_printf(out, "%" PRId64, expr->args[1]->value->i64); break;
    default:
        if (mark >= '1' && (uint32_t)(mark - '0') <= expr->n_args)
            fill_argument(p, out, call, false, expr->args[mark - '1']);
        else
            gbx__print_fail(p, GBX_INTERNAL, "the words of %s ask for $%c", expr->fn->name, mark);
    }
}

void gbx__host_fill(gbx__printer *p, gbx__buf *out, const char *words, const gbx__host_call *call)
{
    for (const char *c = words; *c != '\0' && p->failed == GBX_OK; c++) {
        if (*c == '{') { /* as one piece */
            const char *end = strchr(c, '}');
            char *inner = gbx__arena_printf(&p->arena, "%.*s", (int)(end - c - 1), c + 1);
            GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
            gbx__buf_init(&text, 0);
            gbx__host_call plain = *call;
            plain.in_pieces = false;
            if (inner == NULL) {
                gbx__print_fail(p, GBX_NOMEM, "out of memory");
                return;
            }
            gbx__host_fill(p, &text, inner, &plain);
            gbx__host_piece(p, out, gbx__print_keep(p, &text), false);
            c = end;
        } else if (*c == '$') {
            fill_mark(p, out, *++c, call);
        } else if (*c == '~') {
            fill_argument(p, out, call, true, call->expr->args[*++c - '1']);
        } else {
            gbx__buf_putc(out, *c);
        }
    }
}

void gbx__host_fill_text(gbx__buf *out, const char *words, gbx__str one, gbx__str two)
{
    for (const char *c = words; *c != '\0'; c++) {
        if (*c == '$')
            gbx__buf_str(out, *++c == '1' ? one : two);
        else
            gbx__buf_putc(out, *c);
    }
}

static void put_cast(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    gbx__buf_puts(out, expr->is_try ? p->dialect->words->try_cast : "CAST");
    gbx__buf_putc(out, '(');
    expr_put(p, out, expr->args[0]);
    gbx__buf_puts(out, " AS ");
    p->dialect->type(out, expr->type);
    gbx__buf_putc(out, ')');
}

static void put_case(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    gbx__buf_puts(out, "CASE");
    for (uint32_t i = 0; i + 1 < expr->n_args; i += 2) {
        gbx__buf_puts(out, " WHEN ");
        expr_put(p, out, expr->args[i]);
        gbx__buf_puts(out, " THEN ");
        expr_put(p, out, expr->args[i + 1]);
    }
    gbx__buf_puts(out, " ELSE ");
    expr_put(p, out, expr->args[expr->n_args - 1]);
    gbx__buf_puts(out, " END");
}

static void put_column(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (expr->col >= p->n_names || p->names[expr->col].len == 0)
        gbx__print_fail(p, GBX_INTERNAL, "column #%u has no name here", expr->col);
    else
        gbx__buf_str(out, p->names[expr->col]);
}

/* What gbx__host_is_native said yes to. */
static void expr_put(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (p->failed != GBX_OK) return;
    if (!expr_is_native(p, expr)) {
        gbx__host_kernel_call(p, out, expr);
        return;
    }
    const gbx__host_words *words = p->dialect->words;
    if (expr->kind == GBX_EX_COLUMN) {
        put_column(p, out, expr);
    } else if (expr->kind == GBX_EX_CONST) {
        p->dialect->constant(p, out, expr->type, expr->value, false);
    } else if (expr->kind == GBX_EX_CAST) {
        put_cast(p, out, expr);
    } else if (expr->kind == GBX_EX_CASE) {
        put_case(p, out, expr);
    } else {
        const gbx__host_call call = {.expr = expr, .distinct = "", .over = ""};
        gbx__host_fill(p, out, gbx__host_find(words, words->calls, expr)->text, &call);
    }
}

void gbx__host_expr(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    if (p->failed != GBX_OK) return;
    if (gbx__host_is_native(p, expr))
        expr_put(p, out, expr);
    else
        gbx__host_kernel_call(p, out, expr);
}

void gbx__host_key(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const char *words = p->dialect->words->float_key;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__host_expr(p, &text, expr);
    if (words != NULL && gbx__type_is_float(expr->type))
        gbx__host_fill_text(out, words, gbx__buf_view(&text), GBX_STR(""));
    else
        gbx__buf_str(out, gbx__buf_view(&text));
    if (text.failed) out->failed = true;
}

/* A join's condition: its sides stay apart, so that the engine sees the keys even where one of them
 * is a kernel's. */
void gbx__host_condition(gbx__printer *p, gbx__buf *out, const gbx__expr *on)
{
    const gbx__host_words *words = p->dialect->words;
    const bool is_compared = on->kind == GBX_EX_CALL && on->n_args == 2 &&
                             gbx__host_find(words, words->calls, on) != NULL &&
                             (strchr("=<>", on->fn->name[0]) != NULL ||
                              strcmp(on->fn->name, "is_not_distinct_from") == 0);
    if (!is_compared || gbx__host_is_native(p, on)) {
        gbx__host_expr(p, out, on);
        return;
    }
    const bool is_word = on->fn->name[0] == 'i';
    gbx__buf_putc(out, '(');
    gbx__host_key(p, out, on->args[0]);
    gbx__buf_printf(out, " %s ", is_word ? "IS NOT DISTINCT FROM" : on->fn->name);
    gbx__host_key(p, out, on->args[1]);
    gbx__buf_putc(out, ')');
}
