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

/* --- the group of no keys, when there are no rows --------------------------------------------- */

/* What the aggregate is of no rows: (SELECT sum(u.f0) FROM (SELECT … AS f0) AS u WHERE FALSE) */
static gbx__str agg_of_none(gbx__printer *p, const gbx__expr *agg)
{
    gbx__host_args args = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__str kernel = GBX_STR("");
    gbx__buf_init(&body, 0);
    if (gbx__host_args_of(p, &args, agg)) {
        const gbx__str text = gbx__host_duckdb(p, agg, &args, "u.f");
        gbx__buf_printf(&body, "(SELECT %.*s FROM (SELECT 1 AS f", GBX_STR_ARG(text));
        for (size_t i = 0; i < args.columns.len; i++) {
            gbx__buf_puts(&body, ", CAST(NULL AS ");
            gbx__duck_type_print(&body, args.columns.items[i]->type);
            gbx__buf_printf(&body, ") AS f%zu", i);
        }
        gbx__buf_puts(&body, ") AS u WHERE FALSE)");
        kernel = gbx__host_kernel_add(p, 0, NULL, agg->type, gbx__print_keep(p, &body));
    }
    gbx__host_args_done(&args);
    return kernel;
}

static void agg_or(gbx__printer *p, gbx__col_id id, gbx__str mark, const char *none)
{
    char *text = gbx__arena_printf(&p->arena, "CASE WHEN %.*s IS NULL THEN %s ELSE %.*s END",
                                   GBX_STR_ARG(mark), none, GBX_STR_ARG(p->names[id]));
    if (text == NULL)
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
    else
        gbx__print_name(p, id, gbx__str_of(text));
}

static uint32_t agg_empty_sets(const gbx__node *node)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->aggregate.n_sets; i++) n += node->aggregate.sets[i].n == 0;
    return n;
}

/* (SELECT TRUE AS m) LEFT JOIN groups: there is a row, and it knows whether it is one of them. */
static bool agg_keep_empty(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const uint32_t n_groups = node->aggregate.n_groups;
    const gbx__str yes = GBX_STR("TRUE");
    gbx__col_id mark = 0;
    if (agg_empty_sets(node) > 1)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "several empty grouping sets on %s",
                               p->dialect->name);
    if (!gbx__host_add_columns(p, node, block, 1, &yes, &mark)) return false;
    char *from = gbx__arena_printf(&p->arena, "(SELECT TRUE AS m) AS %.*s LEFT JOIN %.*s ON TRUE",
                                   GBX_STR_ARG(gbx__print_table(p)), GBX_STR_ARG(block->from));
    if (from == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->from = gbx__str_of(from);
    block->from_is_one = false;
    block->is_projected = true;
    const gbx__str marked = p->names[mark];
    for (uint32_t i = 0; i < node->aggregate.n_aggs; i++) {
        const gbx__str kernel = agg_of_none(p, node->aggregate.aggs[i]);
        char *none = gbx__arena_printf(&p->arena, "%.*s()", GBX_STR_ARG(kernel));
        if (none == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        agg_or(p, node->cols[n_groups + i].id, marked, none);
    }
    for (uint32_t i = 0; i < node->aggregate.n_grouping; i++) {
        const uint32_t n = node->aggregate.grouping[i].n;
        char *ones = gbx__arena_printf(&p->arena, "CAST(%llu AS BIGINT)",
                                       n >= 63 ? ~0ULL >> 1 : (1ULL << n) - 1);
        if (ones == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        agg_or(p, node->cols[n_groups + node->aggregate.n_aggs + i].id, marked, ones);
    }
    return p->failed == GBX_OK;
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
    if (p->dialect->words->loses_empty_set && agg_empty_sets(node) > 0)
        return agg_keep_empty(p, node, block);
    return p->failed == GBX_OK;
}
