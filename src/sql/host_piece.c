/*
 * Pieces: what an operator's words need in columns of their own. Some engines name a computed
 * argument after the column in it, so that two of them collide; and a kernel should run once.
 *
 *   sum(t1.c1 * 2), sum(t1.c1)   →   SELECT sum(t2.c8), sum(t2.c9) FROM (SELECT t1.c1 * 2 AS c8,
 *                                    t1.c1 AS c9 FROM t1) AS t2
 *
 * While the words are printed a piece is written as its number between \x01 and \x02.
 */
#include "sql/host_priv.h"

#include <stdlib.h>
#include <string.h>

#define MORE_NAMES 64

gbx__col_id gbx__host_col(gbx__printer *p)
{
    if (p->host->next_col >= p->n_names) {
        const size_t n = p->n_names + MORE_NAMES;
        gbx__str *names = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__str);
        if (names == NULL) {
            gbx__print_fail(p, GBX_NOMEM, "out of memory");
            return 0;
        }
        memcpy(names, p->names, p->n_names * sizeof(*names));
        p->names = names;
        p->n_names = n;
    }
    return p->host->next_col++;
}

void gbx__host_piece(gbx__printer *p, gbx__buf *out, gbx__str text, bool is_own)
{
    size_t i = 0;
    while (i < p->host->pieces.len && (is_own || !gbx__str_equal(p->host->pieces.items[i], text)))
        i++;
    if (i == p->host->pieces.len && !gbx__vec_push(&p->host->pieces, text))
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
    gbx__buf_printf(out, "\x01%zu\x02", i);
}

/* t12.c3 */
static bool piece_is_column(gbx__str text)
{
    size_t i = 1;
    if (text.len < 4 || text.ptr[0] != 't') return false;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') i++;
    if (i == 1 || i + 2 >= text.len || text.ptr[i] != '.' || text.ptr[i + 1] != 'c') return false;
    i += 2;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') i++;
    return i == text.len;
}

static bool pieces_are_columns(const gbx__host *host)
{
    for (size_t i = 0; i < host->pieces.len; i++) {
        if (!piece_is_column(host->pieces.items[i])) return false;
    }
    return true;
}

static bool pieces_differ(const gbx__host *host)
{
    for (size_t i = 0; i < host->pieces.len; i++) {
        for (size_t k = 0; k < i; k++) {
            if (gbx__str_equal(host->pieces.items[i], host->pieces.items[k])) return false;
        }
    }
    return true;
}

bool gbx__host_pieces_flush(gbx__printer *p, const gbx__node *input, gbx__block *block)
{
    gbx__host *host = p->host;
    if (p->failed != GBX_OK) return false;
    if (pieces_are_columns(host) && pieces_differ(host)) return true;
    const uint32_t n_pieces = (uint32_t)host->pieces.len;
    const uint32_t n = input->n_cols + n_pieces;
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__col);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < input->n_cols; i++) cols[i] = input->cols[i];
    for (uint32_t i = 0; i < n_pieces; i++) {
        cols[input->n_cols + i] = (gbx__col){.id = gbx__host_col(p)};
        gbx__print_name(p, cols[input->n_cols + i].id, host->pieces.items[i]);
    }
    const gbx__node inner = {.n_cols = n, .cols = cols};
    if (!gbx__block_wrap(p, block, &inner)) return false;
    for (uint32_t i = 0; i < n_pieces; i++)
        host->pieces.items[i] = p->names[cols[input->n_cols + i].id];
    return true;
}

gbx__str gbx__host_resolve(gbx__printer *p, gbx__str text)
{
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    gbx__buf_init(&out, 0);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\x01') {
            gbx__buf_putc(&out, text.ptr[i]);
            continue;
        }
        size_t piece = 0;
        for (i++; i < text.len && text.ptr[i] != '\x02'; i++)
            piece = piece * 10 + (size_t)(text.ptr[i] - '0');
        if (piece < p->host->pieces.len)
            gbx__buf_str(&out, p->host->pieces.items[piece]);
        else
            gbx__print_fail(p, GBX_INTERNAL, "piece %zu of %zu", piece, p->host->pieces.len);
    }
    return gbx__print_keep(p, &out);
}

/* What the engine orders otherwise is ordered by a key of bytes. */
static gbx__str order_bytes(gbx__printer *p, const gbx__sort_key *key)
{
    gbx__host_args args = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf call = {0};
    gbx__buf_init(&body, 0);
    gbx__buf_init(&call, 0);
    if (gbx__host_args_of(p, &args, key->expr)) {
        const uint32_t n = (uint32_t)args.columns.len;
        const gbx__type **types = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__type *);
        for (uint32_t i = 0; types != NULL && i < n; i++) types[i] = args.columns.items[i]->type;
        const gbx__str text = gbx__host_duckdb(p, key->expr, &args, "\"a");
        gbx__buf_printf(&body, "CAST(create_sort_key(%.*s, '%s NULLS %s') AS BLOB)",
                        GBX_STR_ARG(text), key->descending ? "DESC" : "ASC",
                        key->nulls_first ? "FIRST" : "LAST");
        const gbx__str kept = gbx__print_keep(p, &body);
        if (types != NULL)
            gbx__buf_str(&call,
                         gbx__host_kernel_add(p, n, types, gbx__type_plain(GBX_TYPE_BINARY), kept));
        gbx__buf_putc(&call, '(');
        for (uint32_t i = 0; i < n; i++) {
            if (i > 0) gbx__buf_puts(&call, ", ");
            gbx__buf_str(&call, p->names[args.columns.items[i]->col]);
        }
        gbx__buf_putc(&call, ')');
    }
    gbx__host_args_done(&args);
    return gbx__print_keep(p, &call);
}

void gbx__host_order(gbx__printer *p, gbx__buf *out, const gbx__sort_key *keys, uint32_t n)
{
    bool is_first = true;
    for (uint32_t i = 0; i < n && p->failed == GBX_OK; i++) {
        const gbx__sort_key *key = &keys[i];
        if (key->expr->kind == GBX_EX_CONST) continue; /* it orders nothing */
        if (!is_first) gbx__buf_puts(out, ", ");
        is_first = false;
        if (!gbx__host_is_sortable(key->expr->type)) {
            gbx__host_piece(p, out, order_bytes(p, key), false);
            gbx__buf_puts(out, " ASC NULLS FIRST");
            continue;
        }
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&text, 0);
        gbx__host_key(p, &text, key->expr);
        gbx__host_piece(p, out, gbx__print_keep(p, &text), false);
        gbx__buf_puts(out, key->descending ? " DESC" : " ASC");
        gbx__buf_puts(out, key->nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

bool gbx__host_sort(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    p->host->pieces.len = 0;
    gbx__host_order(p, &text, node->sort.keys, node->sort.n_keys);
    const gbx__str order = gbx__print_keep(p, &text);
    if (!gbx__host_pieces_flush(p, node->inputs[0], block)) return false;
    if (order.len > 0) block->order = gbx__host_resolve(p, order);
    return p->failed == GBX_OK;
}
