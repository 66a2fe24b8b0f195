/*
 * Scans, VALUES and table functions.
 */
#include "sql/host_priv.h"

static bool leaf_scan(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    const gbx__str table = gbx__print_table(p);
    if (p->dialect->scan == NULL || !p->dialect->scan(p, &text, node->scan.scan))
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a source that %s SQL can't read",
                               p->dialect->name);
    gbx__buf_printf(&text, " AS %.*s", GBX_STR_ARG(table));
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = true;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf name = {0};
        gbx__buf_init(&name, 0);
        gbx__buf_printf(&name, "%.*s.", GBX_STR_ARG(table));
        if (node->scan.fields[i] == GBX_SCAN_ROWID)
            gbx__buf_puts(&name, "rowid");
        else
            p->dialect->quote_ident(&name, node->scan.scan->fields[node->scan.fields[i]].name);
        gbx__print_name(p, node->cols[i].id, gbx__print_keep(p, &name));
    }
    return p->failed == GBX_OK;
}

/* One row with a NULL, which hardly anybody reads: SELECT without FROM. */
static bool leaf_is_dummy(const gbx__node *node)
{
    return node->values.n_rows == 1 && node->n_cols == 1 &&
           node->values.rows[0][0]->kind == GBX_EX_CONST && node->values.rows[0][0]->value->is_null;
}

static void leaf_empty(gbx__printer *p, gbx__buf *text, const gbx__node *node)
{
    gbx__buf_puts(text, "(SELECT ");
    for (uint32_t i = 0; i < node->n_cols; i++) {
        gbx__buf_puts(text, i > 0 ? ", CAST(NULL AS " : "CAST(NULL AS ");
        p->dialect->type(text, node->cols[i].type);
        gbx__buf_printf(text, ") AS c%u", node->cols[i].id);
    }
    gbx__buf_puts(text, node->n_cols == 0 ? "1 AS c0 WHERE FALSE)" : " WHERE FALSE)");
}

static void leaf_rows(gbx__printer *p, gbx__buf *text, const gbx__node *node)
{
    gbx__buf_puts(text, "(VALUES ");
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        gbx__buf_puts(text, i > 0 ? ", (" : "(");
        gbx__print_list(p, text, node->values.rows[i], node->n_cols, ", ");
        gbx__buf_putc(text, ')');
    }
    gbx__buf_putc(text, ')');
}

static bool leaf_values(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (leaf_is_dummy(node)) {
        gbx__print_expr(p, &text, node->values.rows[0][0]);
        gbx__print_name(p, node->cols[0].id, gbx__print_keep(p, &text));
        return p->failed == GBX_OK;
    }
    if (p->host != NULL) return gbx__host_values(p, node, block);
    const gbx__str table = gbx__print_table(p);
    if (node->values.n_rows == 0)
        leaf_empty(p, &text, node);
    else
        leaf_rows(p, &text, node);
    gbx__buf_printf(&text, " AS %.*s", GBX_STR_ARG(table));
    for (uint32_t i = 0; node->values.n_rows > 0 && i < node->n_cols; i++)
        gbx__buf_printf(&text, "%sc%u", i > 0 ? ", " : "(", node->cols[i].id);
    if (node->values.n_rows > 0 && node->n_cols > 0) gbx__buf_putc(&text, ')');
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = true;
    gbx__print_bind(p, table, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}

/* range(1, 10) AS t2("range"); with an input: input CROSS JOIN LATERAL. */
static bool leaf_table_fn(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    const bool is_lateral = node->n_inputs > 0;
    if (is_lateral) {
        if (!gbx__print_node(p, node->inputs[0], block)) return false;
        if (!gbx__block_is_from(block) && !gbx__block_wrap(p, block, node->inputs[0])) return false;
        gbx__buf_str(&text, block->from);
        gbx__buf_puts(&text, " CROSS JOIN LATERAL ");
    }
    const gbx__str table = gbx__print_table(p);
    gbx__print_function_name(p, &text, node->table_fn.fn->name);
    gbx__buf_putc(&text, '(');
    gbx__print_list(p, &text, node->table_fn.args, node->table_fn.n_args, ", ");
    gbx__buf_printf(&text, ") AS %.*s(", GBX_STR_ARG(table));
    for (uint32_t i = 0; i < node->table_fn.n_fields; i++)
        gbx__buf_printf(&text, "%sf%u", i > 0 ? ", " : "", i);
    gbx__buf_putc(&text, ')');
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = !is_lateral;
    const uint32_t first = is_lateral ? node->inputs[0]->n_cols : 0;
    for (uint32_t i = 0; i < node->table_fn.n_used; i++) {
        char *name =
            gbx__arena_printf(&p->arena, "%.*s.f%u", GBX_STR_ARG(table), node->table_fn.used[i]);
        if (name == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        gbx__print_name(p, node->cols[first + i].id, gbx__str_of(name));
    }
    return p->failed == GBX_OK;
}

bool gbx__print_leaf(gbx__printer *p, const gbx__node *node, gbx__block *out)
{
    if (p->host != NULL && node->kind == GBX_NODE_SCAN) return gbx__host_scan(p, node, out);
    if (p->host != NULL && node->kind == GBX_NODE_TABLE_FN) return gbx__host_table_fn(p, node, out);
    if (node->kind == GBX_NODE_SCAN) return leaf_scan(p, node, out);
    if (node->kind == GBX_NODE_VALUES) return leaf_values(p, node, out);
    return leaf_table_fn(p, node, out);
}
