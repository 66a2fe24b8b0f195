/*
 * Several runs of one question, and what they say of each other.
 */
#include "gearbox/compare.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "exec/compare_priv.h"
#include "exec/options.h"
#include "exec/run_priv.h"

#include <string.h>

#define DEFAULT_TOLERANCE 1e-9

typedef struct compared {
    const char *engine;
    char *path; /* its rows; NULL: it has none */
    gbx__compared_cols cols;
    gbx_verdict verdict;
    gbx_status status;
    const char *message; /* NULL: none; in the arena */
    int64_t rows, differing;
    double wall_s, cpu_s;
} compared;

struct gbx_comparison {
    gbx__arena arena;
    gbx__spill spill;
    gbx_session *judge; /* an embedded engine of its own */
    double tolerance;
    int64_t timeout_ms;
    const char *determinism;
    bool is_loose;
    size_t n_keys;
    const size_t *keys;
    size_t n;
    compared items[];
};

const char *gbx_verdict_name(gbx_verdict verdict)
{
    static const char *const names[] = {"equal", "different", "loose", "unsupported"};
    return (size_t)verdict < sizeof(names) / sizeof(names[0]) ? names[verdict] : "unknown";
}

void gbx_comparison_free(gbx_comparison *comparison)
{
    if (!comparison) return;
    gbx_session_close(comparison->judge);
    gbx__spill_close(&comparison->spill);
    gbx__arena_done(&comparison->arena);
    gbx__alloc_free(comparison);
}

/* ---- what the question promises -------------------------------------------------------------- */

/* The columns of the answer that its rows are sorted by: keys from the first on, as long as they
 * are columns of the answer and exact (equal floats of one engine may differ on another). */
static gbx_status find_keys(gbx_comparison *comparison, const gbx_plan *plan, gbx_error *err)
{
    const gbx__node *node = plan->root;
    while (node->kind == GBX_NODE_LIMIT || gbx__node_is_select(node)) node = node->inputs[0];
    if (node->kind != GBX_NODE_SORT && node->kind != GBX_NODE_TOPN) return GBX_OK;
    size_t *keys = GBX_ARENA_ARRAY(&comparison->arena, node->sort.n_keys, size_t);
    if (!keys) return GBX_FAIL_NOMEM(err);
    for (uint32_t i = 0; i < node->sort.n_keys; i++) {
        const gbx__expr *expr = node->sort.keys[i].expr;
        const gbx__col *col =
            expr->kind == GBX_EX_COLUMN ? gbx__node_col(plan->root, expr->col) : NULL;
        if (!col || col->type->kind == GBX_TYPE_FLOAT64 || col->type->kind == GBX_TYPE_FLOAT32) {
            break;
        }
        keys[comparison->n_keys++] = (size_t)(col - plan->root->cols);
    }
    comparison->keys = keys;
    return GBX_OK;
}

static gbx_status read_promise(gbx_comparison *comparison, const gbx__frame *frame, gbx_error *err)
{
    const gbx_plan *plan = frame->plan;
    comparison->is_loose = !plan || plan->determinism == GBX_LOOSE;
    if (!plan) {
        comparison->determinism = "unknown: the plan can't hold it";
        return GBX_OK;
    }
    if (comparison->is_loose) {
        comparison->determinism =
            gbx__arena_printf(&comparison->arena, "loose: %.*s", GBX_STR_ARG(plan->loose_reason));
        return comparison->determinism ? GBX_OK : GBX_FAIL_NOMEM(err);
    }
    const bool is_ordered = plan->determinism == GBX_ORDERED_UP_TO_TIES;
    comparison->determinism = is_ordered ? "ordered up to ties" : "exact";
    return find_keys(comparison, plan, err);
}

/* ---- one run --------------------------------------------------------------------------------- */

static bool is_end(gbx_status status)
{
    return status == GBX_CANCELLED || status == GBX_TIMEOUT;
}

static gbx_status run_spool(gbx_comparison *comparison, gbx_result *result, compared *item,
                            gbx_error *err)
{
    struct ArrowArrayStream rows = {0};
    gbx_status status = gbx_result_stream(result, &rows, err);
    if (status != GBX_OK) return status;
    status = gbx__compare_spool(&rows, item->path, &result->run->slot->token, &comparison->arena,
                                &item->cols, &item->rows, err);
    const gbx_error *failure = gbx_result_error(result);
    if (status != GBX_OK && failure) *err = *failure; /* the engine's own words */
    rows.release(&rows);
    return failure ? failure->status : status;
}

static void read_figures(const gbx_result *result, compared *item)
{
    gbx_stats stats = GBX_STATS_INIT;
    gbx_result_stats(result, &stats);
    item->wall_s = stats.wall_s;
    item->cpu_s = stats.cpu_s;
}

/* The run's end is the item's; only an end that was asked for, and memory, are the call's. */
static gbx_status run_one(gbx_comparison *comparison, const gbx_frame *frame,
                          const gbx_compare_options *options, compared *item, gbx_error *err)
{
    gbx_run_options run_options = GBX_RUN_OPTIONS_INIT;
    run_options.timeout_ms = options->timeout_ms;
    run_options.params = options->params;
    gbx_error failure = {.status = GBX_OK, .offset = -1};
    gbx_result *result = NULL;
    item->engine = frame->body->session->vtable->info.name;
    item->status = gbx_frame_run(frame, &run_options, &result, &failure);
    if (item->status == GBX_OK) {
        item->status = run_spool(comparison, result, item, &failure);
        read_figures(result, item);
    }
    gbx_result_free(result);
    if (item->status == GBX_OK) return GBX_OK;
    if (is_end(item->status)) {
        if (err) *err = failure;
        return item->status;
    }
    item->message = gbx__arena_printf(&comparison->arena, "%s", failure.message);
    return item->message ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* ---- two of them ----------------------------------------------------------------------------- */

static gbx__compare_request make_request(const gbx_comparison *comparison, const compared *other)
{
    const compared *ref = &comparison->items[0];
    return (gbx__compare_request){.cols = ref->cols,
                                  .n_keys = comparison->n_keys,
                                  .keys = comparison->keys,
                                  .tolerance = comparison->tolerance,
                                  .ref_engine = ref->engine,
                                  .other_engine = other->engine};
}

typedef void question(const gbx__compare_request *request, gbx__compose *out);

/* A question over the files of the reference and one other. */
static gbx_status ask(const gbx_comparison *comparison, const compared *other, question *what,
                      gbx_frame **out, gbx_error *err)
{
    gbx_frame *frames[2] = {NULL, NULL};
    gbx__compose text = {0};
    const gbx__compare_request request = make_request(comparison, other);
    what(&request, &text);
    gbx_status status = gbx_scan(comparison->judge, comparison->items[0].path, &frames[0], err);
    if (status == GBX_OK) status = gbx_scan(comparison->judge, other->path, &frames[1], err);
    if (status == GBX_OK) {
        const gbx__input inputs[2] = {{"ref", frames[0]->body}, {"other", frames[1]->body}};
        status = gbx__step_finish(&text, 2, inputs, out, err);
    }
    gbx__compose_done(&text);
    gbx_frame_free(frames[0]);
    gbx_frame_free(frames[1]);
    return status;
}

static gbx_status read_count(gbx_result *result, int64_t *out, gbx_error *err)
{
    struct ArrowArrayStream rows = {0};
    GBX_TRY(gbx_result_stream(result, &rows, err));
    struct ArrowArray batch = {0};
    const int code = rows.get_next(&rows, &batch);
    gbx_status status = GBX_OK;
    if (code == 0 && batch.release && batch.length == 1) {
        const struct ArrowArray *column = batch.children[0];
        *out = ((const int64_t *)column->buffers[1])[column->offset];
    } else if (code != 0 && gbx_result_error(result)) {
        *err = *gbx_result_error(result);
        status = err->status;
    } else {
        status = GBX_FAIL(err, GBX_INTERNAL, "the comparison gave no number");
    }
    if (batch.release) batch.release(&batch);
    rows.release(&rows);
    return status;
}

static gbx_status count_differences(gbx_comparison *comparison, compared *other, gbx_error *err)
{
    gbx_frame *frame = NULL;
    GBX_TRY(ask(comparison, other, gbx__compare_count_sql, &frame, err));
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = comparison->timeout_ms;
    gbx_result *result = NULL;
    gbx_status status = gbx_frame_run(frame, &options, &result, err);
    if (status == GBX_OK) status = read_count(result, &other->differing, err);
    gbx_result_free(result);
    gbx_frame_free(frame);
    return status;
}

/* NULL, or which column is of another type or name. */
static const char *type_difference(gbx_comparison *comparison, const compared *other)
{
    const compared *ref = &comparison->items[0];
    if (ref->cols.n != other->cols.n) {
        return gbx__arena_printf(&comparison->arena, "%zu columns, not %zu as on %s", other->cols.n,
                                 ref->cols.n, ref->engine);
    }
    for (size_t i = 0; i < ref->cols.n; i++) {
        const gbx__compared_col *a = &ref->cols.items[i], *b = &other->cols.items[i];
        if (gbx__str_equal(a->type, b->type) && gbx__str_equal(a->label, b->label)) continue;
        return gbx__arena_printf(&comparison->arena,
                                 "column %zu is '%.*s' of type %.*s, but on %s '%.*s' of type %.*s",
                                 i + 1, GBX_STR_ARG(b->label), GBX_STR_ARG(b->type), ref->engine,
                                 GBX_STR_ARG(a->label), GBX_STR_ARG(a->type));
    }
    return NULL;
}

/* Where at least one of the two has no rows to compare. Data that one engine refuses must be
 * refused by the other. */
static gbx_verdict judge_failure(gbx_comparison *comparison, compared *other)
{
    const compared *ref = &comparison->items[0];
    if (other->status == ref->status && ref->status == GBX_INVALID) return GBX_VERDICT_EQUAL;
    if (other->status == GBX_UNSUPPORTED || other->status == GBX_NOT_FOUND) {
        return GBX_VERDICT_UNSUPPORTED;
    }
    if (other->status == GBX_OK) {
        other->message = gbx__arena_printf(&comparison->arena, "gives rows where %s fails: %s",
                                           ref->engine, ref->message ? ref->message : "");
    }
    return GBX_VERDICT_DIFFERENT;
}

static gbx_status judge_one(gbx_comparison *comparison, compared *other, gbx_error *err)
{
    const compared *ref = &comparison->items[0];
    if (ref->status != GBX_OK || other->status != GBX_OK) {
        other->verdict = judge_failure(comparison, other);
        return GBX_OK;
    }
    other->message = type_difference(comparison, other);
    if (other->message) {
        other->verdict = GBX_VERDICT_DIFFERENT;
        return GBX_OK;
    }
    GBX_TRY(count_differences(comparison, other, err));
    const gbx_verdict unlike = comparison->is_loose ? GBX_VERDICT_LOOSE : GBX_VERDICT_DIFFERENT;
    other->verdict = other->differing == 0 ? GBX_VERDICT_EQUAL : unlike;
    return GBX_OK;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static gbx_status open_judge(gbx_comparison *comparison, const gbx_session *session, gbx_error *err)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.memory_bytes = session->options.memory_bytes;
    options.threads = session->options.threads;
    options.temp_dir = session->temp_dir;
    options.no_opaque = true;
    if (!session->temp_dir) {
        return GBX_FAIL(err, GBX_INVALID, "a comparison needs a temp_dir to keep results in");
    }
    GBX_TRY(gbx__spill_open(&comparison->spill, session->temp_dir, err));
    return gbx_session_open(&options, &comparison->judge, err);
}

static gbx_status name_files(gbx_comparison *comparison, gbx_error *err)
{
    for (size_t i = 0; i < comparison->n; i++) {
        comparison->items[i].path =
            gbx__arena_printf(&comparison->arena, "%s/%zu.arrow", comparison->spill.path, i);
        if (!comparison->items[i].path) return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

static gbx_status compare_all(gbx_comparison *comparison, const gbx_frame *const *frames,
                              const gbx_compare_options *options, gbx_error *err)
{
    comparison->tolerance = options->tolerance > 0 ? options->tolerance : DEFAULT_TOLERANCE;
    comparison->timeout_ms = options->timeout_ms;
    GBX_TRY(read_promise(comparison, frames[0]->body, err));
    GBX_TRY(open_judge(comparison, frames[0]->body->session, err));
    GBX_TRY(name_files(comparison, err));
    for (size_t i = 0; i < comparison->n; i++) {
        GBX_TRY(run_one(comparison, frames[i], options, &comparison->items[i], err));
    }
    for (size_t i = 1; i < comparison->n; i++) {
        GBX_TRY(judge_one(comparison, &comparison->items[i], err));
    }
    return GBX_OK;
}

gbx_status gbx_frames_compare(size_t n, const gbx_frame *const *frames,
                              const gbx_compare_options *options, gbx_comparison **out,
                              gbx_error *err)
{
    if (n < 2 || !frames || !out) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frames_compare: needs two frames and a place");
    }
    for (size_t i = 0; i < n; i++) {
        if (!frames[i]) return GBX_FAIL(err, GBX_MISUSE, "gbx_frames_compare: a frame is NULL");
    }
    gbx_compare_options all = GBX_COMPARE_OPTIONS_INIT;
    GBX_TRY(GBX_OPTIONS_READ(&all, options, err));
    if (!(all.tolerance >= 0 && all.tolerance < 1) || all.timeout_ms < 0) {
        return GBX_FAIL(err, GBX_INVALID, "tolerance must be from 0 to 1, timeout_ms not negative");
    }
    gbx_comparison *comparison = gbx__alloc_zero(sizeof(*comparison) + n * sizeof(compared));
    if (!comparison) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&comparison->arena);
    comparison->n = n;
    gbx_error failure = {.status = GBX_OK, .offset = -1};
    const gbx_status status = compare_all(comparison, frames, &all, &failure);
    if (status != GBX_OK) {
        if (err) *err = failure;
        gbx_comparison_free(comparison);
        return status;
    }
    *out = comparison;
    return GBX_OK;
}

/* ---- what came out --------------------------------------------------------------------------- */

void gbx_comparison_outcome(const gbx_comparison *comparison, size_t index, gbx_outcome *out)
{
    if (index >= comparison->n) return;
    const compared *item = &comparison->items[index];
    const gbx_outcome outcome = {.struct_size = out->struct_size,
                                 .engine = item->engine,
                                 .verdict = item->verdict,
                                 .status = item->status,
                                 .message = item->message,
                                 .rows = item->rows,
                                 .differing = item->differing,
                                 .wall_s = item->wall_s,
                                 .cpu_s = item->cpu_s};
    memcpy(out, &outcome, gbx__options_writable(out->struct_size, sizeof(outcome)));
}

bool gbx_comparison_agrees(const gbx_comparison *comparison)
{
    for (size_t i = 1; i < comparison->n; i++) {
        if (comparison->items[i].verdict == GBX_VERDICT_DIFFERENT) return false;
    }
    return true;
}

const char *gbx_comparison_determinism(const gbx_comparison *comparison)
{
    return comparison->determinism;
}

gbx_status gbx_comparison_differences(const gbx_comparison *comparison, size_t index,
                                      gbx_frame **out, gbx_error *err)
{
    if (!comparison || !out || index >= comparison->n) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_comparison_differences: a wrong argument");
    }
    const compared *item = &comparison->items[index];
    if (item->differing == 0) {
        return GBX_FAIL(err, GBX_NOT_FOUND, "no rows of %s differ", item->engine);
    }
    return ask(comparison, item, gbx__compare_rows_sql, out, err);
}
