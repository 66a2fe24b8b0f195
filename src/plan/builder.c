#include "base/error.h"
#include "plan/plan_priv.h"

#include <string.h>

void gbx__plan_builder_init(gbx__plan_builder *b)
{
    *b = (gbx__plan_builder){.next_col = 1, .next_cte = 1, .next_node = 1};
    gbx__arena_init(&b->arena);
}

void gbx__plan_builder_done(gbx__plan_builder *b)
{
    if (!b) return;
    for (uint32_t i = 0; i < b->n_bases; i++) gbx__plan_unref(b->bases[i]);
    gbx__arena_done(&b->arena);
    gbx__plan_builder_init(b);
}

/* ---- failures and memory -------------------------------------------------------------------- */

void *gbx__plan_fail(gbx__plan_builder *b, gbx_status status, gbx__pos pos, const char *format, ...)
{
    if (b->failed) return NULL;
    va_list args;
    va_start(args, format);
    gbx__error_vset(&b->error, status, format, args);
    va_end(args);
    /* The text comes with gbx__plan_finish, which turns this into line and column. */
    b->error.offset = pos.offset;
    b->failed = status;
    return NULL;
}

void *gbx__plan_nomem(gbx__plan_builder *b)
{
    return gbx__plan_fail(b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

void *gbx__plan_array(gbx__plan_builder *b, size_t count, size_t size)
{
    void *room = b->failed ? NULL : gbx__arena_array(&b->arena, count, size);
    return room ? room : gbx__plan_nomem(b);
}

const void *gbx__plan_dup(gbx__plan_builder *b, const void *from, size_t count, size_t size)
{
    if (count == 0 || !from) return NULL;
    void *room = gbx__plan_array(b, count, size);
    return room ? memcpy(room, from, count * size) : NULL;
}

gbx__str gbx__plan_str(gbx__plan_builder *b, gbx__str text)
{
    if (b->failed || text.len == 0) return GBX_STR("");
    const gbx__str copy = gbx__arena_str(&b->arena, text);
    if (!copy.ptr) gbx__plan_nomem(b);
    return copy;
}

/* ---- ids ------------------------------------------------------------------------------------ */

static uint32_t builder_next_id(gbx__plan_builder *b, uint32_t *next, const char *what)
{
    if (b->failed) return 0;
    if (*next >= GBX_MAX_IDS) {
        gbx__plan_fail(b, GBX_INVALID, GBX_NO_POS, "more than %u %s in a plan", GBX_MAX_IDS - 1,
                       what);
        return 0;
    }
    return (*next)++;
}

gbx__col_id gbx__plan_new_col(gbx__plan_builder *b)
{
    return builder_next_id(b, &b->next_col, "columns");
}

uint32_t gbx__plan_new_cte(gbx__plan_builder *b)
{
    return builder_next_id(b, &b->next_cte, "common table expressions");
}

/* ---- other plans ---------------------------------------------------------------------------- */

bool gbx__plan_hold(gbx__plan_builder *b, const gbx_plan *plan)
{
    for (uint32_t i = 0; i < b->n_bases; i++) {
        if (b->bases[i] == plan) return true;
    }
    gbx_plan **bases = gbx__plan_array(b, (size_t)b->n_bases + 1, sizeof(gbx_plan *));
    if (!bases) return false;
    for (uint32_t i = 0; i < b->n_bases; i++) bases[i] = b->bases[i];
    /* The count of references is no part of what is immutable. */
    bases[b->n_bases] = gbx__plan_ref((gbx_plan *)(uintptr_t)plan);
    b->bases = bases;
    b->n_bases++;
    return true;
}

bool gbx__plan_builder_share(gbx__plan_builder *b, gbx_plan *base)
{
    if (b->failed) return false;
    if (b->kept == base) return true;
    if (b->kept || b->next_col > 1 || b->next_cte > 1 || b->next_node > 1) {
        gbx__plan_fail(b, GBX_INTERNAL, GBX_NO_POS,
                       "a plan's nodes can be shared only before any id is made");
        return false;
    }
    if (!gbx__plan_hold(b, base)) return false;
    b->kept = base;
    b->next_col = base->next_col;
    b->next_cte = base->next_cte;
    b->next_node = base->next_node;
    return true;
}

/* ---- a node --------------------------------------------------------------------------------- */

static bool builder_check_inputs(gbx__plan_builder *b, const gbx__node *shape)
{
    const gbx__node_arity arity = gbx__node_arity_of(shape->kind);
    if (shape->n_inputs < arity.min_inputs || shape->n_inputs > arity.max_inputs) {
        gbx__plan_fail(b, GBX_INTERNAL, shape->pos, "%s can't have %u inputs",
                       gbx__node_kind_text(shape->kind), shape->n_inputs);
        return false;
    }
    for (uint32_t i = 0; i < shape->n_inputs; i++) {
        const gbx__node *input = shape->inputs[i];
        /* Ids grow towards the root: whoever keeps an array by node id relies on it. */
        if (input && input->id < b->next_node) continue;
        gbx__plan_fail(b, GBX_INTERNAL, shape->pos, "%s %s", gbx__node_kind_text(shape->kind),
                       input ? "has an input of another builder" : "lacks an input");
        return false;
    }
    return true;
}

static uint32_t builder_depth(const gbx__node *shape)
{
    uint32_t depth = 0;
    for (uint32_t i = 0; i < shape->n_inputs; i++) {
        if (shape->inputs[i]->depth > depth) depth = shape->inputs[i]->depth;
    }
    return depth + 1;
}

static bool builder_set_cols(gbx__plan_builder *b, const gbx__node *shape, gbx__node *node)
{
    const gbx__node_passed passed = gbx__node_passes(shape);
    const uint32_t n_first = passed.first ? passed.first->n_cols : 0;
    const uint32_t n_second = passed.second ? passed.second->n_cols : 0;
    const uint64_t n_cols = (uint64_t)n_first + n_second + shape->n_cols;
    if (n_cols > GBX_MAX_IDS) {
        gbx__plan_fail(b, GBX_INVALID, shape->pos, "too many columns");
        return false;
    }
    node->n_cols = (uint32_t)n_cols;
    if (node->n_cols == n_first) {
        node->cols = passed.first ? passed.first->cols : NULL;
        return true;
    }
    if (node->n_cols == shape->n_cols) return true; /* all its own */
    gbx__col *cols = gbx__plan_array(b, node->n_cols, sizeof(*cols));
    if (!cols) return false;
    if (n_first) memcpy(cols, passed.first->cols, n_first * sizeof(*cols));
    if (n_second) memcpy(cols + n_first, passed.second->cols, n_second * sizeof(*cols));
    if (shape->n_cols) {
        memcpy(cols + n_first + n_second, shape->cols, shape->n_cols * sizeof(*cols));
    }
    node->cols = cols;
    return true;
}

const gbx__node *gbx__node_new(gbx__plan_builder *b, const gbx__node *shape)
{
    if (b->failed || !builder_check_inputs(b, shape)) return NULL;
    const uint32_t depth = builder_depth(shape);
    if (depth > GBX_MAX_DEPTH) {
        return gbx__plan_fail(b, GBX_INVALID, shape->pos,
                              "the query is nested more than %d operators deep", GBX_MAX_DEPTH);
    }
    gbx__node *node = gbx__plan_array(b, 1, sizeof(*node));
    if (!node) return NULL;
    *node = *shape;
    node->depth = depth;
    node->id = builder_next_id(b, &b->next_node, "operators");
    return node->id && builder_set_cols(b, shape, node) ? node : NULL;
}
