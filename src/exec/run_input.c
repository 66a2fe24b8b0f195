#include "exec/feed.h"
#include "exec/run_priv.h"
#include "source/source.h"

typedef struct input_walk {
    gbx__run *run;
    bool without_rows;
    size_t n; /* counted first, then filled */
    bool is_counting;
    gbx_error *err;
    gbx_status status;
} input_walk;

static gbx_status input_fill(input_walk *walk, gbx__stream_source *source)
{
    gbx__run *run = walk->run;
    const size_t i = walk->n;
    if (!source) return GBX_FAIL(walk->err, GBX_INTERNAL, "a stream has no source");
    struct ArrowArrayStream *stream = &source->stream;
    if (!stream->release) {
        return GBX_FAIL(walk->err, GBX_INVALID, "the stream '%.*s' was read already",
                        GBX_STR_ARG(source->name));
    }
    if (walk->without_rows) {
        gbx__stream_source_empty(source, &run->streams[i]);
        stream = &run->streams[i];
    }
    run->inputs[i] = (gbx__stream_input){.name = source->name, .stream = stream};
    return GBX_OK;
}

/* A file's stream is the run's own: it reads nothing until it is asked. */
static gbx_status input_open(input_walk *walk, const gbx__scan *scan)
{
    struct ArrowArrayStream *stream = &walk->run->streams[walk->n];
    GBX_TRY(gbx__source_open_stream(scan, stream, walk->err));
    walk->run->inputs[walk->n] = (gbx__stream_input){.name = scan->name, .stream = stream};
    return GBX_OK;
}

static bool input_visit(const gbx__node *node, void *ctx)
{
    input_walk *walk = ctx;
    if (node->kind != GBX_NODE_SCAN || !gbx__feed_is_fed(node->scan.scan)) return true;
    const gbx__scan *scan = node->scan.scan;
    if (!walk->is_counting && gbx__feed_is_file(scan)) {
        walk->status = input_open(walk, scan);
    } else if (!walk->is_counting) {
        walk->status =
            input_fill(walk, gbx__stream_list_find(&walk->run->frame->streams, scan->name));
    }
    if (walk->status == GBX_OK) walk->n++;
    return walk->status == GBX_OK;
}

static gbx_status inputs_of_plan(gbx__run *run, bool without_rows, gbx_error *err)
{
    input_walk walk = {.run = run, .without_rows = without_rows, .is_counting = true, .err = err};
    gbx__plan_walk(run->plan->root, input_visit, &walk);
    const size_t n = walk.n;
    run->inputs = GBX_ARENA_ARRAY(&run->arena, n, gbx__stream_input);
    run->streams = GBX_ARENA_ARRAY(&run->arena, n, struct ArrowArrayStream);
    if (!run->inputs || !run->streams) return GBX_FAIL_NOMEM(err);
    walk.n = 0;
    walk.is_counting = false;
    gbx__plan_walk(run->plan->root, input_visit, &walk);
    run->n_inputs = walk.n; /* fewer than n after a failure */
    return walk.status;
}

/* Nobody knows which names an opaque text uses: it gets all that are left. */
static gbx_status inputs_of_opaque(gbx__run *run, bool without_rows, gbx_error *err)
{
    const gbx__stream_list *list = &run->frame->streams;
    run->inputs = GBX_ARENA_ARRAY(&run->arena, list->len, gbx__stream_input);
    run->streams = GBX_ARENA_ARRAY(&run->arena, list->len, struct ArrowArrayStream);
    if (!run->inputs || !run->streams) return GBX_FAIL_NOMEM(err);
    input_walk walk = {.run = run, .without_rows = without_rows, .err = err};
    for (size_t i = 0; i < list->len; i++) {
        if (!list->items[i]->stream.release) continue;
        GBX_TRY(input_fill(&walk, list->items[i]));
        walk.n++;
    }
    run->n_inputs = walk.n;
    return GBX_OK;
}

gbx_status gbx__run_inputs(gbx__run *run, bool without_rows, gbx_error *err)
{
    return run->plan ? inputs_of_plan(run, without_rows, err)
                     : inputs_of_opaque(run, without_rows, err);
}

void gbx__run_inputs_done(gbx__run *run)
{
    for (size_t i = 0; run->streams && i < run->n_inputs; i++) {
        if (run->streams[i].release) run->streams[i].release(&run->streams[i]);
    }
}
