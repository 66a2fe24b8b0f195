/*
 * Kernels: DuckDB's words for what an engine has none for.
 */
#include "sql/host_priv.h"

#include <string.h>

typedef struct args_walk {
    gbx__host_args *args;
    GBX_VEC(gbx__col_id) own; /* parameters of lambdas */
    bool is_short;
} args_walk;

static bool args_visit(const gbx__expr *expr, void *ctx)
{
    args_walk *walk = ctx;
    if (expr->kind == GBX_EX_LAMBDA) {
        for (uint32_t i = 0; i < expr->lambda.n_params && !walk->is_short; i++)
            walk->is_short = !gbx__vec_push(&walk->own, expr->lambda.params[i]);
    }
    if (expr->kind != GBX_EX_COLUMN) return !walk->is_short;
    for (size_t i = 0; i < walk->own.len; i++) {
        if (walk->own.items[i] == expr->col) return true;
    }
    for (size_t i = 0; i < walk->args->columns.len; i++) {
        if (walk->args->columns.items[i]->col == expr->col) return true;
    }
    walk->is_short = !gbx__vec_push(&walk->args->columns, expr);
    return !walk->is_short;
}

bool gbx__host_args_of(gbx__printer *p, gbx__host_args *args, const gbx__expr *expr)
{
    args_walk walk = {.args = args};
    gbx__expr_walk(expr, args_visit, &walk);
    gbx__vec_done(&walk.own);
    if (walk.is_short) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (size_t i = 0; i < args->columns.len; i++) {
        if (!p->dialect->words->holds(args->columns.items[i]->type)) {
            GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
            gbx__buf_init(&type, 0);
            gbx__type_print(&type, args->columns.items[i]->type);
            return gbx__print_fail(p, GBX_UNSUPPORTED, "a column of type %.*s on %s", (int)type.len,
                                   type.data, p->dialect->name);
        }
    }
    return true;
}

void gbx__host_args_done(gbx__host_args *args)
{
    gbx__vec_done(&args->columns);
}

static void kernel_print(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    const gbx__dialect *dialect = p->dialect;
    gbx__host *host = p->host;
    p->dialect = &gbx__dialect_duckdb;
    p->host = NULL;
    gbx__print_expr(p, out, expr);
    p->dialect = dialect;
    p->host = host;
}

gbx__str gbx__host_duckdb(gbx__printer *p, const gbx__expr *expr, const gbx__host_args *args,
                          const char *before)
{
    const size_t n = args->columns.len;
    gbx__str *names = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__str);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (names == NULL) {
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return GBX_STR("");
    }
    for (size_t i = 0; i < n; i++) {
        const gbx__col_id col = args->columns.items[i]->col;
        char *name = gbx__arena_printf(&p->arena, "%s%zu%s", before, i, *before == '"' ? "\"" : "");
        if (name == NULL || col >= p->n_names) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
            return GBX_STR("");
        }
        names[i] = p->names[col];
        p->names[col] = gbx__str_of(name);
    }
    kernel_print(p, &text, expr);
    for (size_t i = 0; i < n; i++) p->names[args->columns.items[i]->col] = names[i];
    return gbx__print_keep(p, &text);
}

static bool kernel_is_same(const gbx__host_kernel *kernel, uint32_t n_args,
                           const gbx__type *const *args, const gbx__type *type, gbx__str duckdb)
{
    if (kernel->n_args != n_args || !gbx__str_equal(kernel->duckdb, duckdb) ||
        !gbx__type_equal(kernel->type, type))
        return false;
    for (uint32_t i = 0; i < n_args; i++) {
        if (!gbx__type_equal(kernel->args[i], args[i])) return false;
    }
    return true;
}

gbx__str gbx__host_kernel_add(gbx__printer *p, uint32_t n_args, const gbx__type *const *args,
                              const gbx__type *type, gbx__str duckdb)
{
    for (size_t i = 0; i < p->host->kernels.len; i++) {
        if (kernel_is_same(&p->host->kernels.items[i], n_args, args, type, duckdb))
            return p->host->kernels.items[i].name;
    }
    const gbx__type **copy = GBX_ARENA_ARRAY(&p->arena, n_args + 1, const gbx__type *);
    char *name = gbx__arena_printf(&p->arena, "gbx_k%zu", p->host->kernels.len + 1);
    if (copy == NULL || name == NULL) {
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return GBX_STR("");
    }
    for (uint32_t i = 0; i < n_args; i++) copy[i] = args[i];
    const gbx__host_kernel kernel = {gbx__str_of(name), n_args, copy, type, duckdb};
    if (!gbx__vec_push(&p->host->kernels, kernel)) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return kernel.name;
}

static bool kernel_is_steady(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return expr->fn == NULL || (expr->fn->volatility != GBX_VOLATILITY_ROW &&
                                (expr->fn->flags & GBX_FN_SIDE_EFFECTS) == 0);
}

void gbx__host_kernel_call(gbx__printer *p, gbx__buf *out, const gbx__expr *expr)
{
    gbx__host_args args = {0};
    if (!p->dialect->words->holds(expr->type)) {
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__buf_init(&type, 0);
        gbx__type_print(&type, expr->type);
        gbx__print_fail(p, GBX_UNSUPPORTED, "a value of type %.*s on %s", (int)type.len, type.data,
                        p->dialect->name);
    } else if (!gbx__expr_walk(expr, kernel_is_steady, NULL)) {
        gbx__print_fail(p, GBX_UNSUPPORTED, "a function that differs from row to row on %s",
                        p->dialect->name);
    } else if (gbx__host_args_of(p, &args, expr)) {
        const uint32_t n = (uint32_t)args.columns.len;
        const gbx__type **types = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__type *);
        if (types == NULL) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
        } else {
            for (uint32_t i = 0; i < n; i++) types[i] = args.columns.items[i]->type;
            const gbx__str text = gbx__host_duckdb(p, expr, &args, "\"a");
            gbx__buf_str(out, gbx__host_kernel_add(p, n, types, expr->type, text));
            gbx__buf_putc(out, '(');
            for (uint32_t i = 0; i < n; i++) {
                if (i > 0) gbx__buf_puts(out, ", ");
                gbx__buf_str(out, p->names[args.columns.items[i]->col]);
            }
            gbx__buf_putc(out, ')');
        }
    }
    gbx__host_args_done(&args);
}

const gbx__type *gbx__host_struct(gbx__printer *p, gbx__buf *out, const gbx__host_args *args,
                                  bool in_pieces)
{
    const uint32_t n = (uint32_t)args->columns.len;
    gbx__field *fields = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__field);
    if (fields == NULL) {
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return NULL;
    }
    gbx__buf_puts(out, "named_struct(");
    for (uint32_t i = 0; i < n; i++) {
        const gbx__expr *column = args->columns.items[i];
        char *name = gbx__arena_printf(&p->arena, "f%u", i);
        fields[i] = (gbx__field){gbx__str_of(name == NULL ? "" : name), column->type};
        gbx__buf_printf(out, "%s'f%u', ", i > 0 ? ", " : "", i);
        if (in_pieces)
            gbx__host_piece(p, out, p->names[column->col], false);
        else
            gbx__buf_str(out, p->names[column->col]);
    }
    if (n == 0) { /* rows still count */
        fields[0] = (gbx__field){GBX_STR("f0"), gbx__type_plain(GBX_TYPE_INT32)};
        gbx__buf_puts(out, "'f0', CAST(1 AS INT)");
    }
    gbx__buf_putc(out, ')');
    const gbx__type *type = gbx__type_struct(&p->arena, fields, n == 0 ? 1 : n);
    if (type == NULL) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return type;
}
