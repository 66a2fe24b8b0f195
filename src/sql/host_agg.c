/*
 * Aggregates for engines in other processes. One that the engine has no words for is a list of
 * its rows, and a kernel over that:
 *
 *   gbx_k1(array_agg(named_struct('f0', t1.c1, 'f1', t1.c2)))
 *   gbx_k1: (SELECT string_agg(u.f0, ',' ORDER BY u.f1) FROM (SELECT unnest("a0") AS u))
 */
#include "sql/host_priv.h"

#include <string.h>

static bool agg_is_native(gbx__printer *p, const gbx__expr *agg, const gbx__native *row)
{
    if (row == NULL || agg->agg->is_state || agg->agg->n_order > 0) return false;
    if (agg->agg->filter != NULL && !gbx__host_is_native(p, agg->agg->filter)) return false;
    if (agg->agg->distinct && strstr(row->text, "$d") == NULL) return false;
    if (agg->agg->filter != NULL && strstr(row->text, "$f") == NULL) return false;
    if (agg->agg->distinct && agg->agg->filter != NULL) return false;
    for (uint32_t i = 0; i < agg->n_args; i++) {
        if (!gbx__host_is_native(p, agg->args[i])) return false;
    }
    return p->dialect->words->holds(agg->type);
}

static void agg_kernel(gbx__printer *p, gbx__buf *out, const gbx__expr *agg)
{
    gbx__host_args args = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf list = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__buf_init(&list, 0);
    gbx__buf_init(&body, 0);
    if (agg->agg->is_state || !p->dialect->words->holds(agg->type)) {
        gbx__print_fail(p, GBX_UNSUPPORTED, "the aggregate %s of this type on %s", agg->fn->name,
                        p->dialect->name);
    } else if (gbx__host_args_of(p, &args, agg)) {
        const gbx__type *row = gbx__host_struct(p, &list, &args, true);
        const gbx__type *type = row == NULL ? NULL : gbx__type_list(&p->arena, row);
        const gbx__str text = gbx__host_duckdb(p, agg, &args, "u.f");
        gbx__buf_printf(&body, "(SELECT %.*s FROM (SELECT unnest(\"a0\") AS u))",
                        GBX_STR_ARG(text));
        const gbx__str kept = gbx__print_keep(p, &body);
        if (type != NULL)
            gbx__buf_printf(out, "%.*s(%s(",
                            GBX_STR_ARG(gbx__host_kernel_add(p, 1, &type, agg->type, kept)),
                            p->dialect->words->list_agg);
        else
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
        gbx__buf_str(out, gbx__buf_view(&list));
        gbx__buf_puts(out, "))");
    }
    gbx__host_args_done(&args);
}

static gbx__str agg_text(gbx__printer *p, const gbx__expr *agg)
{
    const gbx__host_words *words = p->dialect->words;
    const gbx__native *row = gbx__host_find(words, words->aggs, agg);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (agg_is_native(p, agg, row)) {
        const gbx__host_call call = {.expr = agg,
                                     .distinct = agg->agg->distinct ? "DISTINCT " : "",
                                     .over = "",
                                     .filter = agg->agg->filter,
                                     .in_pieces = true};
        gbx__host_fill(p, &text, row->text, &call);
    } else {
        agg_kernel(p, &text, agg);
    }
    return gbx__print_keep(p, &text);
}

static gbx__str agg_key(gbx__printer *p, const gbx__expr *key, bool is_own)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf piece = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_init(&piece, 0);
    if (!gbx__host_is_key(key->type)) {
        gbx__print_fail(p, GBX_UNSUPPORTED, "groups by a %s on %s",
                        gbx__type_kind_text(key->type->kind), p->dialect->name);
        return GBX_STR("");
    }
    gbx__host_key(p, &text, key);
    gbx__host_piece(p, &piece, gbx__print_keep(p, &text), is_own);
    return gbx__print_keep(p, &piece);
}

static void agg_set(gbx__buf *out, const gbx__grouping_set *set, const gbx__str *keys)
{
    gbx__buf_putc(out, '(');
    for (uint32_t i = 0; i < set->n; i++) {
        if (i > 0) gbx__buf_puts(out, ", ");
        gbx__buf_str(out, keys[set->keys[i]]);
    }
    gbx__buf_putc(out, ')');
}

static void agg_group(gbx__printer *p, gbx__block *block, const gbx__node *node,
                      const gbx__str *keys)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    if (node->aggregate.n_sets > 0) {
        gbx__buf_puts(&text, "GROUPING SETS (");
        for (uint32_t i = 0; i < node->aggregate.n_sets; i++) {
            if (i > 0) gbx__buf_puts(&text, ", ");
            agg_set(&text, &node->aggregate.sets[i], keys);
        }
        gbx__buf_putc(&text, ')');
    }
    for (uint32_t i = 0; node->aggregate.n_sets == 0 && i < node->aggregate.n_groups; i++) {
        if (i > 0) gbx__buf_puts(&text, ", ");
        gbx__buf_str(&text, keys[i]);
    }
    block->group = gbx__print_keep(p, &text);
    block->is_grouped = true;
}

/* One bit for each key, the first the highest. */
static void agg_grouping(gbx__printer *p, const gbx__node *node, const gbx__str *keys)
{
    const uint32_t first = node->aggregate.n_groups + node->aggregate.n_aggs;
    for (uint32_t i = 0; i < node->aggregate.n_grouping; i++) {
        const gbx__grouping_set *set = &node->aggregate.grouping[i];
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&text, 0);
        gbx__buf_puts(&text, "(CAST(0 AS BIGINT)");
        for (uint32_t k = 0; k < set->n; k++)
            gbx__buf_printf(&text, " + CAST(grouping(%.*s) AS BIGINT) * CAST(%llu AS BIGINT)",
                            GBX_STR_ARG(keys[set->keys[k]]), 1ULL << ((set->n - 1 - k) & 63));
        gbx__buf_putc(&text, ')');
        gbx__print_name(p, node->cols[first + i].id, gbx__print_keep(p, &text));
    }
}

bool gbx__host_aggregate(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    const uint32_t n_aggs = node->aggregate.n_aggs;
    gbx__str *keys = GBX_ARENA_ARRAY(&p->arena, n_groups + 1, gbx__str);
    gbx__str *aggs = GBX_ARENA_ARRAY(&p->arena, n_aggs + 1, gbx__str);
    if (keys == NULL || aggs == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    if (block->from.len == 0 && !gbx__block_wrap(p, block, node->inputs[0])) return false;
    p->host->pieces.len = 0;
    for (uint32_t i = 0; i < n_groups; i++)
        keys[i] = agg_key(p, node->aggregate.groups[i], node->aggregate.n_sets > 0);
    for (uint32_t i = 0; i < n_aggs; i++) aggs[i] = agg_text(p, node->aggregate.aggs[i]);
    if (!gbx__host_pieces_flush(p, node->inputs[0], block)) return false;
    for (uint32_t i = 0; i < n_groups; i++) keys[i] = gbx__host_resolve(p, keys[i]);
    agg_group(p, block, node, keys);
    agg_grouping(p, node, keys);
    for (uint32_t i = 0; i < n_groups; i++) gbx__print_name(p, node->cols[i].id, keys[i]);
    for (uint32_t i = 0; i < n_aggs; i++)
        gbx__print_name(p, node->cols[n_groups + i].id, gbx__host_resolve(p, aggs[i]));
    return p->failed == GBX_OK;
}
