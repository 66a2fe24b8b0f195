#include "exec/feed.h"
#include "exec/run_priv.h"
#include "source/source.h"

typedef struct input_walk {
    gbx__run *run;
    gbx__run_inputs *inputs;
    bool without_rows;
    size_t n; /* counted first, then filled */
    bool is_counting;
    gbx_error *err;
    gbx_status status;
} input_walk;

static gbx_status input_fill(input_walk *walk, gbx__stream_source *source)
{
    gbx__run_inputs *inputs = walk->inputs;
    const size_t i = walk->n;
    if (!source) return GBX_FAIL(walk->err, GBX_INTERNAL, "a stream has no source");
    struct ArrowArrayStream *stream = &source->stream;
    if (!stream->release) {
        return GBX_FAIL(walk->err, GBX_INVALID, "the stream '%.*s' was read already",
                        GBX_STR_ARG(source->name));
    }
    if (walk->without_rows) {
        gbx__stream_source_empty(source, &inputs->own[i]);
        stream = &inputs->own[i];
    }
    inputs->items[i] = (gbx__stream_input){.name = source->name, .stream = stream};
    return GBX_OK;
}

/* A file's stream is the run's own: it reads nothing until it is asked. */
static gbx_status input_open(input_walk *walk, const gbx__scan *scan)
{
    struct ArrowArrayStream *stream = &walk->inputs->own[walk->n];
    GBX_TRY(gbx__source_open_stream(scan, stream, walk->err));
    walk->inputs->items[walk->n] = (gbx__stream_input){.name = scan->name, .stream = stream};
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

static gbx_status inputs_alloc(gbx__run *run, gbx__run_inputs *inputs, size_t n, gbx_error *err)
{
    inputs->items = GBX_ARENA_ARRAY(&run->arena, n, gbx__stream_input);
    inputs->own = GBX_ARENA_ARRAY(&run->arena, n, struct ArrowArrayStream);
    return inputs->items && inputs->own ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status inputs_of_plan(input_walk *walk, const gbx_plan *plan)
{
    walk->is_counting = true;
    gbx__plan_walk(plan->root, input_visit, walk);
    GBX_TRY(inputs_alloc(walk->run, walk->inputs, walk->n, walk->err));
    walk->n = 0;
    walk->is_counting = false;
    gbx__plan_walk(plan->root, input_visit, walk);
    return walk->status;
}

/* Nobody knows which names an opaque text uses: it gets all that are left. */
static gbx_status inputs_of_opaque(input_walk *walk)
{
    const gbx__stream_list *list = &walk->run->frame->streams;
    GBX_TRY(inputs_alloc(walk->run, walk->inputs, list->len, walk->err));
    for (size_t i = 0; i < list->len; i++) {
        if (!list->items[i]->stream.release) continue;
        GBX_TRY(input_fill(walk, list->items[i]));
        walk->n++;
    }
    return GBX_OK;
}

gbx_status gbx__run_inputs_open(gbx__run *run, const gbx_plan *plan, bool without_rows,
                                gbx__run_inputs *inputs, gbx_error *err)
{
    input_walk walk = {.run = run, .inputs = inputs, .without_rows = without_rows, .err = err};
    const gbx_status status = plan ? inputs_of_plan(&walk, plan) : inputs_of_opaque(&walk);
    inputs->n = walk.n; /* fewer than there are after a failure */
    return status;
}

void gbx__run_inputs_done(gbx__run_inputs *inputs)
{
    for (size_t i = 0; inputs->own && i < inputs->n; i++) {
        if (inputs->own[i].release) inputs->own[i].release(&inputs->own[i]);
    }
}
