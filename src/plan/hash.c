/*
 * Hash and equality of plans, both from the canonical bytes of canon.c.
 *
 * The hash of a node is that of its bytes and its inputs' hashes, so that a shared node and two
 * alike have the same, and one that is shared often is hashed once.
 */
#include "plan/canon_priv.h"

#include "base/alloc.h"
#include "base/map.h"

#include <string.h>

/* ---- hash ------------------------------------------------------------------------------------ */

/* Hashes in chunks: a plan's hash needs no memory. */
typedef struct chunk_hash {
    gbx__hash128 state;
    size_t len;
    unsigned char bytes[256]; /* small: there is one at every level of the plan */
} chunk_hash;

#define STATE_SIZE 16

/* The state as bytes, first in the next chunk. */
static void chunk_start(chunk_hash *h)
{
    for (int i = 0; i < 8; i++) {
        h->bytes[i] = (unsigned char)(h->state.hi >> (8 * i));
        h->bytes[8 + i] = (unsigned char)(h->state.lo >> (8 * i));
    }
    h->len = STATE_SIZE;
}

static void chunk_put(void *ctx, const void *bytes, size_t len)
{
    chunk_hash *h = ctx;
    const unsigned char *from = bytes;
    while (len > 0) {
        const size_t room = sizeof(h->bytes) - h->len;
        const size_t n = len < room ? len : room;
        memcpy(h->bytes + h->len, from, n);
        h->len += n;
        from += n;
        len -= n;
        if (h->len == sizeof(h->bytes)) {
            h->state = gbx__hash_bytes(h->bytes, h->len);
            chunk_start(h);
        }
    }
}

static void chunk_put_hash(chunk_hash *h, gbx__hash128 hash)
{
    chunk_hash as_bytes = {.state = hash};
    chunk_start(&as_bytes);
    chunk_put(h, as_bytes.bytes, STATE_SIZE);
}

static gbx__hash128 chunk_end(chunk_hash *h)
{
    return gbx__hash_bytes(h->bytes, h->len);
}

typedef struct memo {
    gbx__hash128 hash;
    bool is_known;
} memo;

/* Two hashes as one. */
static gbx__hash128 hash_pair(gbx__hash128 a, gbx__hash128 b)
{
    chunk_hash h = {0};
    chunk_start(&h);
    chunk_put_hash(&h, a);
    chunk_put_hash(&h, b);
    return chunk_end(&h);
}

static gbx__hash128 hash_payload(const gbx__node *node, const gbx__canon_scope *scope)
{
    chunk_hash h = {0};
    chunk_start(&h);
    gbx__canon_node(node, scope, chunk_put, &h);
    return chunk_end(&h);
}

static gbx__hash128 hash_node(const gbx__node *node, const gbx__canon_scope *scope, memo *memos)
{
    if (memos && memos[node->id].is_known) return memos[node->id].hash;
    const bool is_cte = node->kind == GBX_NODE_CTE || node->kind == GBX_NODE_RECURSIVE;
    const gbx__canon_scope inner = {.up = scope, .cte = is_cte ? node->cte.id : 0};
    gbx__hash128 hash = hash_payload(node, scope);
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        const bool is_inner = is_cte && i == 1;
        hash = hash_pair(hash, hash_node(node->inputs[i], is_inner ? &inner : scope, memos));
    }
    if (memos) memos[node->id] = (memo){.hash = hash, .is_known = true};
    return hash;
}

gbx__hash128 gbx__plan_hash(const gbx_plan *plan)
{
    /* Only so that a shared node is hashed once: without memory it takes longer. */
    memo *memos = gbx__alloc_zero(plan->next_node * sizeof(memo));
    const gbx__hash128 root = hash_node(plan->root, NULL, memos);
    const unsigned char semantics = GBX_SEMANTICS;
    chunk_hash h = {0};
    gbx__alloc_free(memos);
    chunk_start(&h);
    chunk_put(&h, &semantics, 1);
    chunk_put_hash(&h, root);
    gbx__canon_names(plan->root, chunk_put, &h);
    return chunk_end(&h);
}

/* ---- equality -------------------------------------------------------------------------------- */

typedef struct comparer {
    gbx__buf a, b;
    gbx__map equal; /* pairs of ids that were found to be equal: shared nodes are met again */
} comparer;

static void buf_put(void *ctx, const void *bytes, size_t len)
{
    gbx__buf_append(ctx, bytes, len);
}

static bool equal_bytes(const comparer *c)
{
    return !c->a.failed && !c->b.failed &&
           gbx__str_equal(gbx__buf_view(&c->a), gbx__buf_view(&c->b));
}

static bool equal_payload(comparer *c, const gbx__node *a, const gbx__canon_scope *scope_a,
                          const gbx__node *b, const gbx__canon_scope *scope_b)
{
    gbx__buf_clear(&c->a);
    gbx__buf_clear(&c->b);
    gbx__canon_node(a, scope_a, buf_put, &c->a);
    gbx__canon_node(b, scope_b, buf_put, &c->b);
    return equal_bytes(c);
}

static bool equal_nodes(comparer *c, const gbx__node *a, const gbx__canon_scope *scope_a,
                        const gbx__node *b, const gbx__canon_scope *scope_b)
{
    const uint32_t pair[2] = {a->id, b->id};
    const gbx__str key = {(const char *)pair, sizeof(pair)};
    if (gbx__map_has(&c->equal, key)) return true;
    if (a->n_inputs != b->n_inputs || !equal_payload(c, a, scope_a, b, scope_b)) return false;

    /* The kinds are the same now. */
    const bool is_cte = a->kind == GBX_NODE_CTE || a->kind == GBX_NODE_RECURSIVE;
    const gbx__canon_scope inner_a = {.up = scope_a, .cte = is_cte ? a->cte.id : 0};
    const gbx__canon_scope inner_b = {.up = scope_b, .cte = is_cte ? b->cte.id : 0};
    for (uint32_t i = 0; i < a->n_inputs; i++) {
        const bool is_inner = is_cte && i == 1;
        if (!equal_nodes(c, a->inputs[i], is_inner ? &inner_a : scope_a, b->inputs[i],
                         is_inner ? &inner_b : scope_b)) {
            return false;
        }
    }
    return gbx__map_set(&c->equal, key, NULL);
}

static bool equal_names(comparer *c, const gbx__node *a, const gbx__node *b)
{
    gbx__buf_clear(&c->a);
    gbx__buf_clear(&c->b);
    gbx__canon_names(a, buf_put, &c->a);
    gbx__canon_names(b, buf_put, &c->b);
    return equal_bytes(c);
}

bool gbx__plan_equal(const gbx_plan *a, const gbx_plan *b)
{
    if (a == b) return true;
    comparer c;
    gbx__buf_init(&c.a, 0);
    gbx__buf_init(&c.b, 0);
    gbx__map_init(&c.equal);
    const bool is_equal =
        equal_names(&c, a->root, b->root) && equal_nodes(&c, a->root, NULL, b->root, NULL);
    gbx__map_done(&c.equal);
    gbx__buf_done(&c.b);
    gbx__buf_done(&c.a);
    return is_equal;
}
