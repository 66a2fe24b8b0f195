#include "exec/run_priv.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "exec/feed.h"
#include "optimise/optimise.h"

#include <string.h>

gbx__run *gbx__run_ref(gbx__run *run)
{
    atomic_fetch_add(&run->refs, 1);
    return run;
}

void gbx__run_unref(gbx__run *run)
{
    if (!run || atomic_fetch_sub(&run->refs, 1) != 1) return;
    gbx__run_end(run);
    gbx__run_inputs_done(run);
    gbx__vec_done(&run->params);
    gbx__plan_unref(run->plan);
    gbx__cancel_slot_give(run->slot);
    gbx__frame_unref(run->frame);
    gbx__arena_done(&run->arena);
    gbx__alloc_free(run);
}

/* --- preparing -------------------------------------------------------------------------------- */

gbx_status gbx__run_plan(const gbx__frame *frame, gbx_plan **out, gbx_error *err)
{
    if (!frame->plan) {
        *out = NULL;
        return GBX_OK;
    }
    gbx_plan *optimised = NULL;
    GBX_TRY(gbx__optimise(frame->plan, frame->session->vtable->info.passes, &optimised, err));
    const gbx_status status = gbx__feed_names(optimised, out, err);
    gbx__plan_unref(optimised);
    return status;
}

static gbx_status run_params(gbx__run *run, const gbx_params *given, gbx_error *err)
{
    const gbx__frame *frame = run->frame;
    GBX_TRY(gbx__params_add_all(&run->params, &run->arena, &frame->params, err));
    for (size_t i = 0; given && i < given->n; i++) {
        const gbx_params one = {1, &given->items[i]};
        const gbx__str name = gbx__str_of(given->items[i].name);
        if (name.len > 0 && gbx__params_has(&frame->params, name)) continue;
        GBX_TRY(gbx__params_add_public(&run->params, &run->arena, &one, err));
    }
    return run->plan ? gbx__params_check(&run->params, run->plan, err) : GBX_OK;
}

static void run_clock_start(gbx__run *run, int64_t timeout_ms)
{
    run->start_ns = gbx__mono_ns();
    run->start_cpu_s = gbx__cpu_seconds();
    run->timeout_ms = timeout_ms;
    if (timeout_ms <= 0) return;
    const int64_t room_ms = (INT64_MAX - run->start_ns) / 1000000;
    const int64_t ms = timeout_ms < room_ms ? timeout_ms : room_ms;
    gbx__cancel_deadline(&run->slot->token, run->start_ns + ms * 1000000);
}

static gbx_status run_prepare(gbx__run *run, const gbx__run_request *request, gbx_error *err)
{
    gbx_session *session = run->frame->session;
    const gbx__engine_vtable *vtable = session->vtable;
    GBX_TRY(gbx__session_engine(session, err));
    run->slot = gbx__cancel_slot_take(&session->slots);
    if (!run->slot) return GBX_FAIL_NOMEM(err);
    run_clock_start(run, request->timeout_ms);

    GBX_TRY(gbx__run_plan(run->frame, &run->plan, err));
    if (run->plan) GBX_TRY(vtable->can(session->engine, run->plan, err));
    run->bytes_read = run->plan ? gbx__plan_input_bytes(run->plan) : -1;
    GBX_TRY(run_params(run, request->params, err));
    GBX_TRY(gbx__run_inputs(run, request->without_rows, err));
    const gbx__fragment fragment = {
        .plan = run->plan,
        .opaque_sql = run->frame->opaque_text,
        .n_params = run->params.len,
        .params = run->params.items,
        .n_inputs = run->n_inputs,
        .inputs = run->inputs,
    };
    const gbx_status status = vtable->prepare(session->engine, &fragment, &run->job, err);
    if (status != GBX_OK && err) {
        err->line = err->column = 0; /* a place in what the engine got, which nobody wrote */
        err->offset = -1;
    }
    return status;
}

gbx_status gbx__run_open(gbx__frame *frame, const gbx__run_request *request, gbx__run **out,
                         gbx_error *err)
{
    gbx__run *run = gbx__alloc_zero(sizeof(*run));
    if (!run) return GBX_FAIL_NOMEM(err);
    atomic_init(&run->refs, 1);
    gbx__arena_init(&run->arena);
    run->frame = gbx__frame_ref(frame);
    const gbx_status status = run_prepare(run, request, err);
    if (status != GBX_OK) {
        gbx__run_unref(run);
        return status;
    }
    *out = run;
    return GBX_OK;
}

/* --- running ---------------------------------------------------------------------------------- */

#define PROGRESS_INTERVAL_MS 100

static void progress_tick(void *ctx)
{
    const gbx__run *run = ctx;
    const gbx_session_options *options = &run->frame->session->options;
    const double fraction = run->frame->session->vtable->progress(run->job);
    /* 1 means the end, which progress_stop tells. */
    options->progress(options->progress_ctx, fraction < 1.0 ? fraction : 0.99);
}

/* A thread that can't be started is no failure: then only the end is told. */
static void progress_start(gbx__run *run)
{
    run->tells_progress = run->frame->session->options.progress != NULL;
    if (!run->tells_progress) return;
    (void)gbx__watch_start(&run->watch, PROGRESS_INTERVAL_MS, progress_tick, run);
}

static void progress_stop(gbx__run *run)
{
    if (!run->tells_progress) return;
    run->tells_progress = false;
    gbx__watch_stop(&run->watch);
    const gbx_session_options *options = &run->frame->session->options;
    options->progress(options->progress_ctx, 1.0);
}

gbx_status gbx__run_start(gbx__run *run, gbx_error *err)
{
    const gbx_session *session = run->frame->session;
    gbx_error failure = {.status = GBX_OK, .offset = -1};
    gbx_status status = gbx__cancel_check_err(&run->slot->token, &failure);
    if (status == GBX_OK) {
        progress_start(run);
        status = session->vtable->run(run->job, &run->slot->token, &run->rows, &failure);
    }
    if (status != GBX_OK) {
        failure.status = status;
        status = gbx__run_fail(run, &failure);
        if (err) *err = run->error;
        return status;
    }
    run->state = GBX_RUN_STARTED;
    return GBX_OK;
}

void gbx__run_end(gbx__run *run)
{
    const gbx_session *session = run->frame->session;
    progress_stop(run);
    if (run->rows.release) run->rows.release(&run->rows);
    if (run->job) session->vtable->job_close(run->job);
    run->job = NULL;
    if (run->state == GBX_RUN_ENDED) return;
    run->state = GBX_RUN_ENDED;
    run->wall_s = (double)(gbx__mono_ns() - run->start_ns) / 1e9;
    run->cpu_s = gbx__cpu_seconds() - run->start_cpu_s;
    run->peak_rss_bytes = gbx__peak_rss_bytes();
}

typedef struct name_walk {
    const gbx_error *error;
    const gbx__scan *only; /* what is read; NULL: nothing */
    bool is_named;         /* by the message, or there is more than one */
} name_walk;

static bool name_visit(const gbx__node *node, void *ctx)
{
    name_walk *walk = ctx;
    if (node->kind != GBX_NODE_SCAN || node->scan.scan->n_paths == 0) return true;
    const gbx__scan *scan = node->scan.scan;
    if (walk->only && !gbx__str_equal(walk->only->location, scan->location)) walk->is_named = true;
    walk->only = scan;
    const char *message = walk->error->message;
    for (uint32_t i = 0; i < scan->n_paths && !walk->is_named; i++) {
        const gbx__str path = scan->paths[i];
        walk->is_named = memmem(message, strlen(message), path.ptr, path.len) != NULL;
    }
    return !walk->is_named;
}

/* Damage is told with the input that has it, when there is only one. */
static void name_inputs(gbx__run *run)
{
    if (!run->plan || run->error.status != GBX_CORRUPT) return;
    name_walk walk = {.error = &run->error};
    gbx__plan_walk(run->plan->root, name_visit, &walk);
    if (walk.is_named || !walk.only) return;
    gbx__error_prefix(&run->error, "'%.*s'", GBX_STR_ARG(walk.only->location));
}

gbx_status gbx__run_fail(gbx__run *run, const gbx_error *error)
{
    if (run->has_failed) return run->error.status;
    const gbx_status asked = gbx__cancel_check(&run->slot->token);
    const bool is_stop = error->status == GBX_TIMEOUT || error->status == GBX_CANCELLED;
    const gbx_status status = asked != GBX_OK ? asked : error->status;
    if (asked == GBX_TIMEOUT || (is_stop && status == GBX_TIMEOUT)) {
        gbx__error_set(&run->error, GBX_TIMEOUT, "the time limit of %g s was reached",
                       (double)run->timeout_ms / 1000.0);
    } else if (asked == GBX_CANCELLED) {
        gbx__error_set(&run->error, GBX_CANCELLED, "cancelled");
    } else {
        run->error = *error;
        run->error.status = status;
        name_inputs(run);
        /* Places are in what the engine got, which nobody wrote. */
        run->error.line = run->error.column = 0;
        run->error.offset = -1;
    }
    run->has_failed = true;
    gbx__run_end(run);
    return status;
}

/* --- figures ---------------------------------------------------------------------------------- */

typedef struct bytes_walk {
    int64_t bytes;
} bytes_walk;

static bool bytes_visit(const gbx__node *node, void *ctx)
{
    bytes_walk *walk = ctx;
    if (node->kind != GBX_NODE_SCAN) return true;
    const int64_t bytes = node->scan.scan->size_bytes;
    walk->bytes = bytes < 0 || walk->bytes > INT64_MAX - bytes ? -1 : walk->bytes + bytes;
    return walk->bytes >= 0;
}

int64_t gbx__plan_input_bytes(const gbx_plan *plan)
{
    bytes_walk walk = {0};
    gbx__plan_walk(plan->root, bytes_visit, &walk);
    return walk.bytes;
}
