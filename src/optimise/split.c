#include "optimise/split.h"

#include "base/alloc.h"
#include "optimise/pass_priv.h"

/* What is known of a node of the plan. */
typedef struct split_note {
    const gbx__node *parent; /* the last one seen */
    uint32_t n_parents;
    uint32_t feed;     /* 1 …: of this feed; 0: of what is left */
    bool is_feed_root; /* the stream takes its place */
} split_note;

typedef struct splitter {
    gbx__pass pass;
    split_note *notes;      /* by node id */
    bool *is_used;          /* by column id: by what is left */
    const gbx__node **tops; /* by feed: what the stream takes the place of */
    uint32_t n_feeds;
    gbx__split *out;
} splitter;

/* --- which nodes go ----------------------------------------------------------------------------*/

static bool is_steady_expr(const gbx__expr *expr, void *ctx)
{
    (void)ctx;
    return !expr->fn || expr->fn->volatility == GBX_VOLATILITY_PURE;
}

/* Computed there or here, today or tomorrow: the same rows. */
static bool is_steady_filter(const gbx__node *node)
{
    if (node->kind != GBX_NODE_FILTER) return false;
    for (uint32_t i = 0; i < node->filter.n; i++) {
        if (!gbx__expr_walk(node->filter.conjuncts[i], is_steady_expr, NULL)) return false;
    }
    return true;
}

/* The scan, or the filter above it that only it feeds. */
static const gbx__node *feed_top(const splitter *s, const gbx__node *scan)
{
    const gbx__node *top = scan;
    for (;;) {
        const split_note *note = &s->notes[top->id];
        const bool is_alone = note->n_parents == 1;
        const bool goes_along =
            is_alone && (is_steady_filter(note->parent) || gbx__node_is_select(note->parent));
        if (!goes_along) return top;
        top = note->parent;
    }
}

static void note_parents(splitter *s)
{
    for (size_t i = 0; i < s->pass.n; i++) {
        const gbx__node *node = s->pass.nodes[i];
        for (uint32_t k = 0; k < node->n_inputs; k++) {
            split_note *note = &s->notes[node->inputs[k]->id];
            note->parent = node;
            note->n_parents++;
        }
    }
}

static void note_feed(splitter *s, const gbx__node *scan)
{
    const gbx__node *top = feed_top(s, scan);
    s->tops[s->n_feeds++] = top;
    s->notes[top->id].is_feed_root = true;
    for (const gbx__node *node = top;; node = node->inputs[0]) {
        s->notes[node->id].feed = s->n_feeds;
        if (node == scan) return;
    }
}

/* --- which of their columns are used ---------------------------------------------------------- */

static bool use_column(const gbx__expr *expr, void *ctx)
{
    splitter *s = ctx;
    if (expr->kind == GBX_EX_COLUMN) s->is_used[expr->col] = true;
    return true;
}

static bool use_expr(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, use_column, ctx);
}

static void use_all(splitter *s, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) s->is_used[node->cols[i].id] = true;
}

/* Those that read their inputs by position, or whole rows of them. */
static bool reads_rows(const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SETOP:
    case GBX_NODE_CTE:
    case GBX_NODE_RECURSIVE:
    case GBX_NODE_DISTINCT:
    case GBX_NODE_PIVOT:
    case GBX_NODE_CALL:
    case GBX_NODE_SINK: return true;
    default: return false;
    }
}

static bool note_uses(splitter *s)
{
    use_all(s, s->pass.plan->root);
    for (size_t i = 0; i < s->pass.n; i++) {
        const gbx__node *node = s->pass.nodes[i];
        if (s->notes[node->id].feed) continue;
        if (!gbx__node_exprs(node, use_expr, s)) return false;
        for (uint32_t k = 0; reads_rows(node) && k < node->n_inputs; k++) {
            use_all(s, node->inputs[k]);
        }
    }
    return true;
}

/* Positions of the columns that the stream has: the used ones; the first where none is, so that
 * there are rows. */
static uint32_t stream_positions(const splitter *s, const gbx__node *top, uint32_t *positions)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < top->n_cols; i++) {
        if (s->is_used[top->cols[i].id]) positions[n++] = i;
    }
    if (n == 0 && top->n_cols > 0) positions[n++] = 0;
    return n;
}

/* --- what is left ----------------------------------------------------------------------------- */

static const gbx__field *stream_fields(splitter *s, const gbx__node *top, uint32_t n,
                                       const uint32_t *positions)
{
    gbx__field *fields = gbx__pass_array(&s->pass, n, sizeof(*fields));
    for (uint32_t i = 0; fields && i < n; i++) {
        const gbx__col *col = &top->cols[positions[i]];
        const char *name = gbx__arena_printf(&s->pass.b.arena, "c%u", col->id);
        if (!name) return gbx__plan_fail(&s->pass.b, GBX_NOMEM, GBX_NO_POS, "out of memory");
        fields[i] = (gbx__field){gbx__str_of(name), col->type};
    }
    return fields;
}

static const gbx__scan *find_scan(const gbx__node *top)
{
    while (top->kind != GBX_NODE_SCAN) top = top->inputs[0];
    return top->scan.scan;
}

static const gbx__node *make_stream(splitter *s, uint32_t feed)
{
    const gbx__node *top = s->tops[feed - 1];
    gbx__scan *scan = gbx__pass_array(&s->pass, 1, sizeof(*scan));
    uint32_t *positions = gbx__pass_scratch(&s->pass, top->n_cols, sizeof(*positions));
    uint32_t *fields = gbx__pass_array(&s->pass, top->n_cols, sizeof(*fields));
    gbx__col *cols = gbx__pass_array(&s->pass, top->n_cols, sizeof(*cols));
    const char *name = gbx__arena_printf(&s->pass.b.arena, "gearbox input %u", feed);
    if (!scan || !positions || !fields || !cols) return NULL;
    if (!name) return gbx__plan_fail(&s->pass.b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    const uint32_t n = stream_positions(s, top, positions);
    for (uint32_t i = 0; i < n; i++) {
        cols[i] = top->cols[positions[i]];
        fields[i] = i;
    }
    const gbx__scan *from = find_scan(top);
    *scan = (gbx__scan){.format = GBX_SCAN_STREAM,
                        .name = gbx__str_of(name),
                        .location = from->location,
                        .n_fields = n,
                        .fields = stream_fields(s, top, n, positions),
                        .is_bounded = from->is_bounded,
                        .row_count = from->row_count,
                        .row_count_exact = from->row_count_exact && top->kind == GBX_NODE_SCAN,
                        .size_bytes = -1};
    const gbx__node shape = {.kind = GBX_NODE_SCAN,
                             .pos = top->pos,
                             .n_cols = n,
                             .cols = cols,
                             .scan = {.scan = scan, .fields = fields}};
    s->out->feeds[feed - 1].name = scan->name;
    return scan->fields ? gbx__node_new(&s->pass.b, &shape) : NULL;
}

static const gbx__node *left_node(splitter *s, const gbx__node *node)
{
    const split_note *note = &s->notes[node->id];
    if (note->is_feed_root) return make_stream(s, note->feed);
    return note->feed ? node : gbx__pass_again(&s->pass, node);
}

/* --- the feeds -------------------------------------------------------------------------------- */

/* The same columns under the labels of the stream's fields. */
static const gbx__node *feed_scan(gbx__plan_builder *b, const gbx__node *node)
{
    gbx__col *cols = GBX_ARENA_ARRAY(&b->arena, node->n_cols, gbx__col);
    for (uint32_t i = 0; cols && i < node->n_cols; i++) {
        cols[i] = node->cols[i];
        cols[i].name = gbx__str_of(gbx__arena_printf(&b->arena, "c%u", cols[i].id));
        if (!cols[i].name.ptr) cols = NULL;
    }
    if (!cols) return gbx__plan_fail(b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    gbx__node shape = *node;
    shape.cols = cols;
    return gbx__node_new(b, &shape);
}

/* Selections fall away: the last one says it all. */
static const gbx__node *feed_node(gbx__plan_builder *b, const gbx__node *node)
{
    if (node->kind == GBX_NODE_SCAN) return feed_scan(b, node);
    const gbx__node *input = feed_node(b, node->inputs[0]);
    if (!input || node->kind == GBX_NODE_PROJECT) return input;
    return gbx__node_with_inputs(b, node, &input);
}

static const gbx__node *feed_narrow(gbx__plan_builder *b, const gbx__node *node,
                                    const gbx__node *stream)
{
    uint32_t *positions = GBX_ARENA_ARRAY(&b->arena, stream->n_cols, uint32_t);
    if (!node) return NULL;
    if (!positions) return gbx__plan_fail(b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    bool is_same = node->n_cols == stream->n_cols;
    for (uint32_t i = 0; i < stream->n_cols; i++) {
        while (node->cols[positions[i]].id != stream->cols[i].id) positions[i]++;
        is_same = is_same && positions[i] == i;
    }
    return is_same ? node : gbx__node_select(b, node, stream->n_cols, positions);
}

static gbx_status make_feed(splitter *s, uint32_t feed, gbx_error *err)
{
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    const gbx__node *top = s->tops[feed - 1];
    const gbx__node *root = NULL;
    if (gbx__plan_builder_share(&b, s->pass.plan)) {
        root = feed_narrow(&b, feed_node(&b, top), gbx__pass_made(&s->pass, top));
    }
    const gbx_status status =
        gbx__plan_finish(&b, root, s->pass.plan->text, &s->out->feeds[feed - 1].plan, err);
    gbx__plan_builder_done(&b);
    return status;
}

/* --- all -------------------------------------------------------------------------------------- */

static void find_feeds(splitter *s, gbx__split_reads *reads, void *ctx)
{
    s->notes = gbx__pass_scratch(&s->pass, s->pass.plan->next_node, sizeof(*s->notes));
    s->is_used = gbx__pass_scratch(&s->pass, s->pass.plan->next_col, sizeof(*s->is_used));
    s->tops = gbx__pass_scratch(&s->pass, s->pass.n, sizeof(*s->tops));
    if (s->pass.b.failed) return;
    note_parents(s);
    for (size_t i = 0; i < s->pass.n; i++) {
        const gbx__node *node = s->pass.nodes[i];
        if (node->kind == GBX_NODE_SCAN && !reads(ctx, node)) note_feed(s, node);
    }
    if (!note_uses(s)) gbx__plan_fail(&s->pass.b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    s->out->feeds = gbx__alloc_zero((s->n_feeds + 1) * sizeof(*s->out->feeds));
    if (!s->out->feeds) gbx__plan_fail(&s->pass.b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

static gbx_status make_all(splitter *s, gbx_error *err)
{
    for (size_t i = 0; i < s->pass.n && !s->pass.b.failed; i++) {
        gbx__pass_set(&s->pass, s->pass.nodes[i], left_node(s, s->pass.nodes[i]));
    }
    for (uint32_t feed = 1; feed <= s->n_feeds && !s->pass.b.failed; feed++) {
        s->out->n_feeds = feed;
        GBX_TRY(make_feed(s, feed, err));
    }
    return GBX_OK;
}

gbx_status gbx__split_make(gbx_plan *plan, gbx__split_reads *reads, void *ctx, gbx__split *out,
                           gbx_error *err)
{
    gbx__split made = {0};
    splitter s = {.out = &made};
    GBX_TRY(gbx__pass_begin(&s.pass, plan, err));
    find_feeds(&s, reads, ctx);
    const gbx_status fed = make_all(&s, err);
    gbx_status status = gbx__pass_end(&s.pass, &made.plan, err);
    if (status == GBX_OK) status = fed;
    if (status == GBX_OK && made.plan == plan && made.n_feeds > 0) /* a limit was met */
        status = GBX_FAIL(err, GBX_INVALID, "the query has too many parts for several engines");
    if (status != GBX_OK) {
        gbx__split_done(&made);
        return status;
    }
    *out = made;
    return GBX_OK;
}

void gbx__split_done(gbx__split *split)
{
    for (size_t i = 0; i < split->n_feeds; i++) gbx__plan_unref(split->feeds[i].plan);
    gbx__alloc_free(split->feeds);
    gbx__plan_unref(split->plan);
    *split = (gbx__split){0};
}
