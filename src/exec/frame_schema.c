/*
 * The columns of a frame as Arrow: what the engine itself says of no rows, so that it can't differ
 * from what its rows will say.
 */
#include "exec/run_priv.h"

/* The same plan with LIMIT 0 on top, over the same base. */
static gbx_status plan_of_nothing(gbx_plan *plan, gbx_plan **out, gbx_error *err)
{
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    const gbx__node *root = NULL;
    if (gbx__plan_builder_share(&b, plan)) {
        const gbx__expr *zero = gbx__expr_int64(&b.arena, 0);
        root = gbx__node_limit(&b, plan->root, zero, NULL, false, GBX_NO_POS);
    }
    const gbx_status status = gbx__plan_finish(&b, root, plan->text, out, err);
    gbx__plan_builder_done(&b);
    return status;
}

static gbx_status frame_of_nothing(const gbx__frame *frame, gbx__frame **out, gbx_error *err)
{
    gbx__frame *copy = gbx__frame_new(frame->session);
    if (!copy) return GBX_FAIL_NOMEM(err);
    gbx_status status = plan_of_nothing(frame->plan, &copy->plan, err);
    if (status == GBX_OK) {
        status = gbx__params_add_all(&copy->params, &copy->arena, &frame->params, err);
    }
    if (status == GBX_OK && !gbx__stream_list_add_all(&copy->streams, &frame->streams)) {
        status = GBX_FAIL_NOMEM(err);
    }
    if (status != GBX_OK) {
        gbx__frame_unref(copy);
        return status;
    }
    *out = copy;
    return GBX_OK;
}

static gbx_status schema_of_run(gbx__run *run, struct ArrowSchema *out, gbx_error *err)
{
    struct ArrowArrayStream rows;
    GBX_TRY(gbx__run_stream(run, &rows, err));
    const int rc = rows.get_schema(&rows, out);
    gbx_status status = GBX_OK;
    if (rc != 0) {
        status = GBX_INTERNAL;
        if (run->has_failed) {
            status = run->error.status;
            if (err) *err = run->error;
        } else {
            gbx__error_set(err, GBX_INTERNAL, "the engine has no schema");
        }
    }
    rows.release(&rows);
    return status;
}

gbx_status gbx_frame_schema(const gbx_frame *frame, struct ArrowSchema *out, gbx_error *err)
{
    if (!frame || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_schema: an argument is NULL");
    gbx__frame *body = NULL;
    if (frame->body->plan) {
        GBX_TRY(frame_of_nothing(frame->body, &body, err));
    } else {
        body = gbx__frame_ref(frame->body);
    }
    const gbx__run_request request = {.without_rows = true};
    gbx__run *run = NULL;
    gbx_status status = gbx__run_open(body, &request, &run, err);
    gbx__frame_unref(body);
    if (status == GBX_OK) status = schema_of_run(run, out, err);
    gbx__run_unref(run);
    return status;
}
