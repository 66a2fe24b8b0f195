#include "plan/expr.h"

/* ---- looking -------------------------------------------------------------------------------- */

static bool visit_some(const gbx__expr *expr, gbx__expr_visit *visit, void *ctx)
{
    return !expr || visit(expr, ctx);
}

static bool visit_all(uint32_t n, const gbx__expr *const *exprs, gbx__expr_visit *visit, void *ctx)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!visit_some(exprs[i], visit, ctx)) return false;
    }
    return true;
}

static bool visit_keys(uint32_t n, const gbx__sort_key *keys, gbx__expr_visit *visit, void *ctx)
{
    for (uint32_t i = 0; i < n; i++) {
        if (!visit_some(keys[i].expr, visit, ctx)) return false;
    }
    return true;
}

static bool visit_agg(const gbx__agg_spec *agg, gbx__expr_visit *visit, void *ctx)
{
    return !agg || (visit_some(agg->filter, visit, ctx) &&
                    visit_keys(agg->n_order, agg->order, visit, ctx));
}

static bool visit_window(const gbx__window_spec *window, gbx__expr_visit *visit, void *ctx)
{
    return !window ||
           (visit_all(window->n_partitions, window->partitions, visit, ctx) &&
            visit_keys(window->n_order, window->order, visit, ctx) &&
            visit_some(window->start_offset, visit, ctx) &&
            visit_some(window->end_offset, visit, ctx) && visit_some(window->filter, visit, ctx) &&
            visit_keys(window->n_arg_order, window->arg_order, visit, ctx));
}

bool gbx__expr_children(const gbx__expr *expr, gbx__expr_visit *visit, void *ctx)
{
    if (!visit_all(expr->n_args, expr->args, visit, ctx)) return false;
    if (expr->kind == GBX_EX_AGG) return visit_agg(expr->agg, visit, ctx);
    if (expr->kind == GBX_EX_WINDOW) return visit_window(expr->window, visit, ctx);
    return true;
}

typedef struct expr_walker {
    gbx__expr_visit *visit;
    void *ctx;
    int depth;
} expr_walker;

static bool walk_one(const gbx__expr *expr, void *ctx)
{
    expr_walker *walker = ctx;
    if (walker->depth >= GBX_MAX_DEPTH || !walker->visit(expr, walker->ctx)) return false;
    walker->depth++;
    const bool is_done = gbx__expr_children(expr, walk_one, walker);
    walker->depth--;
    return is_done;
}

bool gbx__expr_walk(const gbx__expr *expr, gbx__expr_visit *visit, void *ctx)
{
    expr_walker walker = {.visit = visit, .ctx = ctx};
    return walk_one(expr, &walker);
}

/* ---- rewriting ------------------------------------------------------------------------------ */

typedef struct expr_mapper {
    gbx__arena *arena;
    gbx__expr_rewrite *rewrite;
    void *ctx;
    int depth;
    bool failed;
} expr_mapper;

/* Remembers the failure: what is returned then does not matter. */
static void *map_alloc(expr_mapper *m, size_t count, size_t size)
{
    void *room = gbx__arena_array(m->arena, count, size);
    if (!room) m->failed = true;
    return room;
}

static const gbx__expr *map_one(expr_mapper *m, const gbx__expr *expr);

static const gbx__expr *map_some(expr_mapper *m, const gbx__expr *expr)
{
    return expr ? map_one(m, expr) : NULL;
}

/* The array itself when nothing in it changed. */
static const gbx__expr *const *map_all(expr_mapper *m, uint32_t n, const gbx__expr *const *exprs)
{
    const gbx__expr **copy = NULL;
    for (uint32_t i = 0; i < n && !m->failed; i++) {
        const gbx__expr *mapped = map_one(m, exprs[i]);
        if (mapped == exprs[i]) continue;
        if (!copy) {
            copy = map_alloc(m, n, sizeof(*copy));
            if (!copy) break;
            for (uint32_t j = 0; j < n; j++) copy[j] = exprs[j];
        }
        copy[i] = mapped;
    }
    return copy ? copy : exprs;
}

static const gbx__sort_key *map_keys(expr_mapper *m, uint32_t n, const gbx__sort_key *keys)
{
    gbx__sort_key *copy = NULL;
    for (uint32_t i = 0; i < n && !m->failed; i++) {
        const gbx__expr *mapped = map_one(m, keys[i].expr);
        if (mapped == keys[i].expr) continue;
        if (!copy) {
            copy = map_alloc(m, n, sizeof(*copy));
            if (!copy) break;
            for (uint32_t j = 0; j < n; j++) copy[j] = keys[j];
        }
        copy[i].expr = mapped;
    }
    return copy ? copy : keys;
}

static const gbx__agg_spec *map_agg(expr_mapper *m, const gbx__agg_spec *agg)
{
    if (!agg) return NULL;
    gbx__agg_spec changed = *agg;
    changed.filter = map_some(m, agg->filter);
    changed.order = map_keys(m, agg->n_order, agg->order);
    if (changed.filter == agg->filter && changed.order == agg->order) return agg;

    gbx__agg_spec *copy = map_alloc(m, 1, sizeof(*copy));
    if (!copy) return agg;
    *copy = changed;
    return copy;
}

static const gbx__window_spec *map_window(expr_mapper *m, const gbx__window_spec *window)
{
    if (!window) return NULL;
    gbx__window_spec changed = *window;
    changed.partitions = map_all(m, window->n_partitions, window->partitions);
    changed.order = map_keys(m, window->n_order, window->order);
    changed.start_offset = map_some(m, window->start_offset);
    changed.end_offset = map_some(m, window->end_offset);
    changed.filter = map_some(m, window->filter);
    changed.arg_order = map_keys(m, window->n_arg_order, window->arg_order);
    if (changed.partitions == window->partitions && changed.order == window->order &&
        changed.start_offset == window->start_offset && changed.end_offset == window->end_offset &&
        changed.filter == window->filter && changed.arg_order == window->arg_order) {
        return window;
    }
    gbx__window_spec *copy = map_alloc(m, 1, sizeof(*copy));
    if (!copy) return window;
    *copy = changed;
    return copy;
}

static const gbx__expr *map_children(expr_mapper *m, const gbx__expr *expr)
{
    gbx__expr changed = *expr;
    changed.args = map_all(m, expr->n_args, expr->args);
    bool is_same = changed.args == expr->args;
    if (expr->kind == GBX_EX_AGG) {
        changed.agg = map_agg(m, expr->agg);
        is_same = is_same && changed.agg == expr->agg;
    }
    if (expr->kind == GBX_EX_WINDOW) {
        changed.window = map_window(m, expr->window);
        is_same = is_same && changed.window == expr->window;
    }
    if (is_same || m->failed) return expr;
    gbx__expr *copy = map_alloc(m, 1, sizeof(*copy));
    if (copy) *copy = changed;
    return copy;
}

static const gbx__expr *map_one(expr_mapper *m, const gbx__expr *expr)
{
    if (m->failed) return expr;
    const gbx__expr *mapped = NULL;
    if (m->depth < GBX_MAX_DEPTH) {
        m->depth++;
        mapped = map_children(m, expr);
        m->depth--;
    }
    if (mapped && !m->failed) mapped = m->rewrite(mapped, m->ctx);
    if (!mapped) m->failed = true;
    return mapped ? mapped : expr;
}

const gbx__expr *gbx__expr_map(gbx__arena *arena, const gbx__expr *expr, gbx__expr_rewrite *rewrite,
                               void *ctx)
{
    expr_mapper mapper = {.arena = arena, .rewrite = rewrite, .ctx = ctx};
    const gbx__expr *mapped = map_one(&mapper, expr);
    return mapper.failed ? NULL : mapped;
}
