/*
 * gbx__sql_print: the whole plan as one statement. gbx__sql_exprs_print: one expression of it.
 */
#include "base/alloc.h"
#include "sql/print_priv.h"

#include <stdarg.h>
#include <stdio.h>

bool gbx__print_fail(gbx__printer *p, gbx_status status, const char *format, ...)
{
    if (p->failed != GBX_OK) return false;
    va_list args;
    va_start(args, format);
    gbx__error_vset(&p->error, status, format, args);
    va_end(args);
    p->failed = status;
    return false;
}

gbx__str gbx__print_keep(gbx__printer *p, gbx__buf *buf)
{
    const gbx__str kept =
        buf->failed ? (gbx__str){NULL, 0} : gbx__arena_str(&p->arena, gbx__buf_view(buf));
    if (kept.ptr == NULL) {
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return GBX_STR("");
    }
    return kept;
}

void gbx__print_name(gbx__printer *p, gbx__col_id id, gbx__str text)
{
    if (id < p->n_names)
        p->names[id] = text;
    else
        gbx__print_fail(p, GBX_INTERNAL, "column #%u is beyond the plan's", id);
}

gbx__dialect_id gbx__dialect_find(gbx__str name)
{
    static const char *const names[GBX_DIALECTS] = {
        [GBX_DIALECT_DUCKDB] = "duckdb",
        [GBX_DIALECT_DATAFUSION] = "datafusion",
        [GBX_DIALECT_SPARK] = "spark",
    };
    int id = 0;
    while (id < GBX_DIALECTS && !gbx__str_is(name, names[id])) id++;
    return (gbx__dialect_id)id;
}

static const gbx__dialect *print_dialect(gbx__dialect_id id)
{
    static const gbx__dialect *const dialects[GBX_DIALECTS] = {
        [GBX_DIALECT_DUCKDB] = &gbx__dialect_duckdb,
        [GBX_DIALECT_DATAFUSION] = &gbx__dialect_datafusion,
        [GBX_DIALECT_SPARK] = &gbx__dialect_spark,
    };
    return id < GBX_DIALECTS ? dialects[id] : NULL;
}

gbx_status gbx__print_finish(gbx__printer *p, gbx_error *err)
{
    if (p->failed != GBX_OK && err != NULL) *err = p->error;
    gbx__vec_done(&p->ctes);
    gbx__arena_done(&p->arena);
    return p->failed;
}

bool gbx__print_init(gbx__printer *p, gbx__dialect_id dialect, size_t n_names)
{
    p->dialect = print_dialect(dialect);
    p->next_table = 1;
    p->n_names = n_names;
    gbx__arena_init(&p->arena);
    p->names = GBX_ARENA_ARRAY(&p->arena, n_names + 1, gbx__str);
    if (p->dialect == NULL) return gbx__print_fail(p, GBX_INVALID, "no such dialect");
    if (p->names == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return true;
}

/* COPY (…) TO 'path' (FORMAT …): only as the root. */
static void print_sink(gbx__printer *p, gbx__buf *out, const gbx__node *node)
{
    gbx__block block = {0};
    if (!gbx__print_node(p, node->inputs[0], &block)) return;
    gbx__buf_puts(out, "COPY (");
    gbx__block_render(p, out, &block, node->inputs[0], true);
    gbx__buf_puts(out, ") TO ");
    p->dialect->quote_text(out, node->sink.path);
    gbx__buf_puts(out, " (FORMAT ");
    gbx__buf_str(out, node->sink.format);
    gbx__buf_putc(out, ')');
}

gbx_status gbx__sql_print(const gbx_plan *plan, const gbx__print_options *options, gbx__buf *out,
                          gbx_error *err)
{
    gbx__printer p = {0};
    gbx__block block = {0};
    const size_t start = out->len;
    p.csv_buffer_bytes = options->csv_buffer_bytes;
    if (gbx__print_init(&p, options->dialect, plan->next_col)) {
        if (p.dialect->words != NULL)
            gbx__print_fail(&p, GBX_UNSUPPORTED, "%s's SQL without its kernels", p.dialect->name);
        else if (plan->root->kind == GBX_NODE_SINK)
            print_sink(&p, out, plan->root);
        else if (gbx__print_node(&p, plan->root, &block))
            gbx__block_render(&p, out, &block, plan->root, true);
    }
    if (out->failed) gbx__print_fail(&p, GBX_NOMEM, "out of memory");
    if (p.failed != GBX_OK && !out->failed && out->data != NULL) {
        out->len = start; /* nothing half-printed is left */
        out->data[start] = '\0';
    }
    return gbx__print_finish(&p, err);
}

gbx_status gbx__sql_print_scan(const gbx__scan *scan, gbx__dialect_id dialect, gbx__buf *out,
                               gbx_error *err)
{
    gbx__printer p = {0};
    if (gbx__print_init(&p, dialect, 0)) p.dialect->scan(&p, out, scan);
    if (out->failed) gbx__print_fail(&p, GBX_NOMEM, "out of memory");
    return gbx__print_finish(&p, err);
}

/* --- single expressions ----------------------------------------------------------------------- */

struct gbx__sql_exprs {
    gbx__printer p;
};

static void exprs_name_columns(gbx__printer *p)
{
    for (size_t i = 1; i < p->n_names; i++) {
        char *name = gbx__arena_printf(&p->arena, "\"c%zu\"", i);
        if (name == NULL) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
            return;
        }
        p->names[i] = gbx__str_of(name);
    }
}

gbx_status gbx__sql_exprs_open(const gbx_plan *plan, gbx__dialect_id dialect, gbx__sql_exprs **out,
                               gbx_error *err)
{
    gbx__sql_exprs *exprs = gbx__alloc_zero(sizeof(*exprs));
    if (exprs == NULL) return GBX_FAIL_NOMEM(err);
    if (gbx__print_init(&exprs->p, dialect, plan->next_col)) exprs_name_columns(&exprs->p);
    if (exprs->p.failed != GBX_OK) {
        const gbx_status status = gbx__print_finish(&exprs->p, err);
        gbx__alloc_free(exprs);
        return status;
    }
    *out = exprs;
    return GBX_OK;
}

gbx_status gbx__sql_exprs_print(gbx__sql_exprs *exprs, const gbx__expr *expr, gbx__buf *out,
                                gbx_error *err)
{
    gbx__printer *p = &exprs->p;
    const size_t start = out->len;
    gbx__print_expr(p, out, expr);
    if (out->failed) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    const gbx_status status = p->failed;
    p->failed = GBX_OK; /* the next one may well have words */
    if (status == GBX_OK) return GBX_OK;
    if (err != NULL) *err = p->error;
    if (!out->failed && out->data != NULL) {
        out->len = start;
        out->data[start] = '\0';
    }
    return status;
}

void gbx__sql_exprs_close(gbx__sql_exprs *exprs)
{
    if (exprs == NULL) return;
    (void)gbx__print_finish(&exprs->p, NULL);
    gbx__alloc_free(exprs);
}
