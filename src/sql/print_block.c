/*
 * Blocks: one SELECT each.
 */
#include "sql/print_priv.h"

#include <string.h>

bool gbx__block_is_from(const gbx__block *b)
{
    return b->from.len > 0 && b->with.len == 0 && b->where.len == 0 && !b->is_grouped &&
           b->distinct.len == 0 && b->order.len == 0 && b->limit.len == 0 && b->sample.len == 0 &&
           !b->is_projected && !b->is_pinned;
}

gbx__str gbx__print_table(gbx__printer *p)
{
    char *name = gbx__arena_printf(&p->arena, "t%u", p->next_table++);
    if (name == NULL) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return gbx__str_of(name);
}

void gbx__print_bind(gbx__printer *p, gbx__str table, const gbx__col *cols, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        char *text = gbx__arena_printf(&p->arena, "%.*s.c%u", GBX_STR_ARG(table), cols[i].id);
        if (text == NULL) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
            return;
        }
        gbx__print_name(p, cols[i].id, gbx__str_of(text));
    }
}

void gbx__print_append(gbx__printer *p, gbx__str *slot, const char *separator, gbx__buf *text)
{
    GBX_AUTO(gbx__buf_done) gbx__buf all = {0};
    gbx__buf_init(&all, 0);
    if (slot->len > 0) {
        gbx__buf_str(&all, *slot);
        gbx__buf_puts(&all, separator);
    }
    gbx__buf_str(&all, gbx__buf_view(text));
    if (text->failed) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    *slot = gbx__print_keep(p, &all);
}

static void block_clause(gbx__buf *out, const char *word, gbx__str text)
{
    if (text.len == 0) return;
    gbx__buf_puts(out, word);
    gbx__buf_str(out, text);
}

/* Arithmetic on decimals, bound once, is wider when it is bound again: what leaves has the plan's
 * type. Not below DISTINCT, whose order must be among its columns. */
static bool column_needs_type(const gbx__printer *p, const gbx__block *block, const gbx__col *col)
{
    if (!p->dialect->decimals_widen || col->type->kind != GBX_TYPE_DECIMAL) return false;
    const gbx__str text = p->names[col->id];
    const bool is_constant = text.ptr[0] == '-' || (text.ptr[0] >= '0' && text.ptr[0] <= '9');
    const bool is_cast = text.len > 5 && memcmp(text.ptr, "CAST(", 5) == 0;
    return !is_constant && !is_cast && block->distinct.len == 0;
}

static void block_column(gbx__printer *p, gbx__buf *out, const gbx__block *block,
                         const gbx__col *col, bool labels)
{
    if (col->id >= p->n_names || p->names[col->id].len == 0) {
        gbx__print_fail(p, GBX_INTERNAL, "column #%u has no name here", col->id);
        return;
    }
    const bool is_cast = labels && column_needs_type(p, block, col);
    if (is_cast) gbx__buf_puts(out, "CAST(");
    gbx__buf_str(out, p->names[col->id]);
    if (!is_cast) return;
    gbx__buf_puts(out, " AS ");
    p->dialect->type(out, col->type);
    gbx__buf_putc(out, ')');
}

static void block_columns(gbx__printer *p, gbx__buf *out, const gbx__block *block,
                          const gbx__node *node, bool labels)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        const gbx__col *col = &node->cols[i];
        if (i > 0) gbx__buf_puts(out, ", ");
        block_column(p, out, block, col, labels);
        gbx__buf_puts(out, " AS ");
        if (labels && col->name.len > 0)
            p->dialect->quote_ident(out, col->name);
        else
            gbx__buf_printf(out, "c%u", col->id);
    }
    if (node->n_cols > 0) return;
    /* rows without columns still count; one group of all rows is one where an aggregate says so */
    const bool is_one = p->host != NULL && block->is_grouped && block->group.len == 0;
    gbx__buf_puts(out, is_one ? "count(*) AS c0" : "1 AS c0");
}

void gbx__block_render(gbx__printer *p, gbx__buf *out, const gbx__block *b, const gbx__node *node,
                       bool labels)
{
    block_clause(out, b->with_recursive ? "WITH RECURSIVE " : "WITH ", b->with);
    if (b->with.len > 0) gbx__buf_putc(out, ' ');
    gbx__buf_puts(out, "SELECT ");
    if (b->distinct.len > 0) {
        gbx__buf_str(out, b->distinct);
        gbx__buf_putc(out, ' ');
    }
    block_columns(p, out, b, node, labels);
    block_clause(out, " FROM ", b->from);
    block_clause(out, " WHERE ", b->where);
    block_clause(out, " GROUP BY ", b->group);
    block_clause(out, " HAVING ", b->having);
    block_clause(out, " ORDER BY ", b->order);
    block_clause(out, " ", b->limit);
    block_clause(out, " USING SAMPLE ", b->sample);
}

bool gbx__block_wrap(gbx__printer *p, gbx__block *block, const gbx__node *node)
{
    if (p->failed != GBX_OK) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    const gbx__str table = gbx__print_table(p);
    gbx__buf_putc(&text, '(');
    gbx__block_render(p, &text, block, node, false);
    gbx__buf_puts(&text, ") AS ");
    gbx__buf_str(&text, table);
    const gbx__str from = gbx__print_keep(p, &text);
    gbx__print_bind(p, table, node->cols, node->n_cols);
    *block = (gbx__block){0};
    block->from = from;
    block->from_is_one = true;
    return p->failed == GBX_OK;
}
