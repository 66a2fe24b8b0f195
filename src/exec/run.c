#include "exec/run_priv.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/hash.h"
#include "engine/duckdb/engine_duckdb.h"

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
    gbx__run_inputs_done(&run->inputs);
    gbx__vec_done(&run->params);
    gbx__run_plan_done(&run->plan);
    gbx__cancel_slot_give(run->slot);
    gbx__frame_unref(run->frame);
    gbx__arena_done(&run->arena);
    gbx__alloc_free(run);
}

/* --- preparing -------------------------------------------------------------------------------- */

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
    return run->plan.whole ? gbx__params_check(&run->params, run->plan.whole, err) : GBX_OK;
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

/* The columns are DuckDB's to tell, whoever runs the frame. */
static gbx_status run_engine(gbx__run *run, bool without_rows, gbx_error *err)
{
    gbx_session *session = run->frame->session;
    GBX_TRY(gbx__session_binder(session, err));
    run->vtable = without_rows ? &gbx__engine_duckdb : session->vtable;
    if (!without_rows) GBX_TRY(gbx__session_engine(session, err));
    run->engine = without_rows ? session->duckdb : session->engine;
    return GBX_OK;
}

static gbx_status run_inputs(gbx__run *run, bool without_rows, gbx_error *err)
{
    if (run->vtable == &gbx__engine_duckdb) {
        return gbx__run_inputs_open(run, run->plan.split.plan, without_rows, &run->inputs, err);
    }
    GBX_TRY(gbx__run_feeds_open(run, err));
    return gbx__params_compute(&run->params, &run->arena, run->plan.split.plan,
                               run->frame->session->binder, err);
}

/* Random numbers differ from job to job, and are the same in all processes of one. Programs that
 * keep numbers as doubles hold 53 bits. */
static int64_t run_seed(const gbx__run *run)
{
    const int64_t parts[] = {run->plan.now_us, gbx__mono_ns()};
    return (int64_t)(gbx__hash_bytes(parts, sizeof(parts)).lo >> 11);
}

static gbx_status run_prepare(gbx__run *run, const gbx__run_request *request, gbx_error *err)
{
    gbx_session *session = run->frame->session;
    GBX_TRY(run_engine(run, request->without_rows, err));
    run->slot = gbx__cancel_slot_take(&session->slots);
    if (!run->slot) return GBX_FAIL_NOMEM(err);
    run_clock_start(run, request->timeout_ms);

    GBX_TRY(gbx__run_plan_make(run->frame, run->vtable, &run->plan, err));
    const gbx_plan *plan = run->plan.split.plan;
    if (plan) GBX_TRY(run->vtable->can(run->engine, plan, err));
    run->bytes_read = plan ? gbx__plan_input_bytes(run->plan.whole) : -1;
    GBX_TRY(run_params(run, request->params, err));
    GBX_TRY(run_inputs(run, request->without_rows, err));
    const gbx__fragment fragment = {
        .plan = plan,
        .opaque_sql = run->frame->opaque_text,
        .n_params = run->params.len,
        .params = run->params.items,
        .n_inputs = run->inputs.n,
        .inputs = run->inputs.items,
        .cancel = &run->slot->token,
        .now_us = run->plan.now_us,
        .seed = run_seed(run),
    };
    const gbx_status status = run->vtable->prepare(run->engine, &fragment, &run->job, err);
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
    const double fraction = run->vtable->progress(run->job);
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
    gbx_error failure = {.status = GBX_OK, .offset = -1};
    gbx_status status = gbx__cancel_check_err(&run->slot->token, &failure);
    if (status == GBX_OK) {
        progress_start(run);
        status = run->vtable->run(run->job, &run->slot->token, &run->rows, &failure);
    }
    if (status != GBX_OK) {
        failure.status = status;
        const gbx_error *fed = gbx__run_feeds_error(run);
        if (fed) failure = *fed;
        status = gbx__run_fail(run, &failure);
        if (err) *err = run->error;
        return status;
    }
    run->state = GBX_RUN_STARTED;
    return GBX_OK;
}

/* The engine first: it may be waiting for a feed, and pulls from them until its job is closed. */
static void run_close(gbx__run *run, gbx__engine_usage *usage)
{
    gbx__run_feeds_cancel(run);
    if (run->rows.release) run->rows.release(&run->rows);
    if (run->job && run->vtable->usage) run->vtable->usage(run->job, usage);
    if (run->job) run->vtable->job_close(run->job);
    run->job = NULL;
    gbx__run_feeds_done(run);
}

void gbx__run_end(gbx__run *run)
{
    gbx__engine_usage elsewhere = {0};
    progress_stop(run);
    run_close(run, &elsewhere);
    if (run->state == GBX_RUN_ENDED) return;
    run->state = GBX_RUN_ENDED;
    run->wall_s = (double)(gbx__mono_ns() - run->start_ns) / 1e9;
    run->cpu_s = gbx__cpu_seconds() - run->start_cpu_s + elsewhere.cpu_s;
    run->peak_rss_bytes = gbx__peak_rss_bytes() + elsewhere.peak_rss_bytes;
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
    if (!run->plan.whole || run->error.status != GBX_CORRUPT) return;
    name_walk walk = {.error = &run->error};
    gbx__plan_walk(run->plan.whole->root, name_visit, &walk);
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
