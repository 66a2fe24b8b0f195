#include "exec/feed.h"

#include "base/vec.h"
#include "source/source.h"

bool gbx__feed_is_file(const gbx__scan *scan)
{
    return gbx__source_has_stream(scan->format);
}

bool gbx__feed_is_fed(const gbx__scan *scan)
{
    return scan->format == GBX_SCAN_STREAM || gbx__feed_is_file(scan);
}

typedef struct feed_pair {
    const gbx__node *before, *after;
} feed_pair;

/* One rewrite: names that are taken, nodes that were made (a shared node is made once). */
typedef struct feed_namer {
    gbx__plan_builder *b;
    GBX_VEC(gbx__str) names;
    GBX_VEC(feed_pair) made;
    bool is_needed;
    bool is_short; /* of memory */
} feed_namer;

static bool name_is_taken(const feed_namer *namer, gbx__str name)
{
    for (size_t i = 0; i < namer->names.len; i++) {
        if (gbx__str_equal(namer->names.items[i], name)) return true;
    }
    return false;
}

/* The names that stay: the first of each. */
static bool name_collect(const gbx__node *node, void *ctx)
{
    feed_namer *namer = ctx;
    if (node->kind != GBX_NODE_SCAN || !gbx__feed_is_fed(node->scan.scan)) return true;
    const gbx__str name = node->scan.scan->name;
    if (name_is_taken(namer, name) || name.len == 0) {
        namer->is_needed = true;
    } else if (!gbx__vec_push(&namer->names, name)) {
        namer->is_short = true;
    }
    return !namer->is_short;
}

static const gbx__node *scan_renamed(feed_namer *namer, const gbx__node *node)
{
    gbx__arena *arena = &namer->b->arena;
    gbx__scan *scan = GBX_ARENA_NEW(arena, gbx__scan);
    gbx__node *copy = GBX_ARENA_NEW(arena, gbx__node);
    if (!scan || !copy) return NULL;
    *scan = *node->scan.scan;
    *copy = *node; /* its column ids too: the old one is not in the new plan */
    copy->scan.scan = scan;
    for (unsigned n = 2;; n++) {
        const gbx__str old = node->scan.scan->name;
        const char *name = gbx__arena_printf(arena, "%.*s#%u", GBX_STR_ARG(old), n);
        if (!name) return NULL;
        scan->name = gbx__str_of(name);
        if (!name_is_taken(namer, scan->name)) break;
    }
    return gbx__vec_push(&namer->names, scan->name) ? copy : NULL;
}

/* Names are given in the order of a walk: the first scan of a name keeps it. */
typedef struct feed_seen {
    GBX_VEC(gbx__str) names;
} feed_seen;

static bool keeps_name(feed_seen *seen, feed_namer *namer, gbx__str name)
{
    for (size_t i = 0; i < seen->names.len; i++) {
        if (gbx__str_equal(seen->names.items[i], name)) return false;
    }
    if (!gbx__vec_push(&seen->names, name)) namer->is_short = true;
    return name.len > 0;
}

static const gbx__node *node_made(const feed_namer *namer, const gbx__node *node)
{
    for (size_t i = 0; i < namer->made.len; i++) {
        if (namer->made.items[i].before == node) return namer->made.items[i].after;
    }
    return NULL;
}

static const gbx__node *node_named(feed_namer *namer, feed_seen *seen, const gbx__node *node)
{
    const gbx__node *made = node_made(namer, node);
    if (made) return made;
    const gbx__node *after = node;
    if (node->kind == GBX_NODE_SCAN) {
        const gbx__scan *scan = node->scan.scan;
        const bool is_renamed = gbx__feed_is_fed(scan) && !keeps_name(seen, namer, scan->name);
        if (is_renamed) after = scan_renamed(namer, node);
    } else if (node->n_inputs > 0) {
        const gbx__node **inputs =
            GBX_ARENA_ARRAY(&namer->b->arena, node->n_inputs, const gbx__node *);
        bool is_changed = false;
        for (uint32_t i = 0; inputs && i < node->n_inputs; i++) {
            inputs[i] = node_named(namer, seen, node->inputs[i]);
            if (!inputs[i]) return NULL;
            is_changed = is_changed || inputs[i] != node->inputs[i];
        }
        if (!inputs) return NULL;
        if (is_changed) after = gbx__node_with_inputs(namer->b, node, inputs);
    }
    const feed_pair pair = {node, after};
    if (!after || !gbx__vec_push(&namer->made, pair)) return NULL;
    return after;
}

static gbx_status names_give(feed_namer *namer, gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    feed_seen seen = {0};
    const gbx__node *root = NULL;
    if (gbx__plan_builder_share(namer->b, plan)) root = node_named(namer, &seen, plan->root);
    gbx__vec_done(&seen.names);
    if (namer->is_short || (!root && namer->b->failed == GBX_OK)) return GBX_FAIL_NOMEM(err);
    return gbx__plan_finish(namer->b, root, plan->text, out, err);
}

gbx_status gbx__feed_names(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    feed_namer namer = {.b = &b};
    gbx__plan_walk(plan->root, name_collect, &namer);
    gbx_status status = GBX_OK;
    if (namer.is_short) {
        status = GBX_FAIL_NOMEM(err);
    } else if (namer.is_needed) {
        status = names_give(&namer, plan, out, err);
    } else {
        *out = gbx__plan_ref(plan);
    }
    gbx__vec_done(&namer.names);
    gbx__vec_done(&namer.made);
    gbx__plan_builder_done(&b);
    return status;
}
