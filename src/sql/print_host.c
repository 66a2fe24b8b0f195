/*
 * gbx__sql_print_host: a plan as the text, tables and kernels of an engine in another process.
 */
#include "sql/host_priv.h"

#include <string.h>

static bool host_print(gbx__printer *p, const gbx_plan *plan, gbx__buf *out)
{
    gbx__block block = {0};
    if (plan->root->kind == GBX_NODE_SINK)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "files are not written by %s", p->dialect->name);
    if (!gbx__print_node(p, plan->root, &block)) return false;
    gbx__block_render(p, out, &block, plan->root, false);
    return p->failed == GBX_OK;
}

static bool host_keep(gbx__printer *p, gbx__host_sql *out, gbx__buf *text)
{
    const gbx__host *host = p->host;
    gbx__host_table *tables = GBX_ARENA_ARRAY(&p->arena, host->tables.len + 1, gbx__host_table);
    gbx__host_kernel *kernels = GBX_ARENA_ARRAY(&p->arena, host->kernels.len + 1, gbx__host_kernel);
    if (tables == NULL || kernels == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    if (host->tables.len > 0)
        memcpy(tables, host->tables.items, host->tables.len * sizeof(*tables));
    if (host->kernels.len > 0)
        memcpy(kernels, host->kernels.items, host->kernels.len * sizeof(*kernels));
    out->text = gbx__print_keep(p, text);
    out->n_tables = (uint32_t)host->tables.len;
    out->n_kernels = (uint32_t)host->kernels.len;
    out->tables = tables;
    out->kernels = kernels;
    return p->failed == GBX_OK;
}

gbx_status gbx__sql_print_host(const gbx_plan *plan, const gbx__print_options *options,
                               gbx__host_sql *out, gbx_error *err)
{
    gbx__host host = {.next_col = plan->next_col};
    gbx__printer p = {0};
    gbx__host_sql made = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (gbx__print_init(&p, options->dialect, plan->next_col)) {
        p.host = &host;
        if (p.dialect->words == NULL)
            gbx__print_fail(&p, GBX_INVALID, "%s is no engine in another process", p.dialect->name);
        else if (host_print(&p, plan, &text))
            host_keep(&p, &made, &text);
    }
    gbx__vec_done(&host.tables);
    gbx__vec_done(&host.kernels);
    gbx__vec_done(&host.pieces);
    gbx__vec_done(&host.ctes);
    if (p.failed == GBX_OK) {
        made.arena = p.arena; /* the texts lie there */
        *out = made;
        gbx__arena_init(&p.arena);
    }
    return gbx__print_finish(&p, err);
}

void gbx__host_sql_done(gbx__host_sql *sql)
{
    if (sql != NULL) gbx__arena_done(&sql->arena);
}
