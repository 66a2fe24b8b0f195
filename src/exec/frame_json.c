/*
 * The plan as JSON and back. Parameters have names and types there, no values.
 */
#include "exec/exec_priv.h"

gbx_status gbx_frame_to_json(const gbx_frame *frame, char **out, gbx_error *err)
{
    if (!frame || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_to_json: an argument is NULL");
    const gbx__frame *body = frame->body;
    if (!body->plan) {
        return GBX_FAIL(err, GBX_UNSUPPORTED, "an opaque frame has no plan: %s", body->why);
    }
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__plan_to_json(&text, body->plan);
    char *taken = gbx__buf_take(&text);
    if (!taken) return GBX_FAIL_NOMEM(err);
    *out = taken;
    return GBX_OK;
}

/* Streams of the session that the plan names. */
static gbx_status take_streams(gbx__frame *frame, gbx_error *err)
{
    const gbx_session *session = frame->session;
    for (size_t i = 0; i < session->tables.len; i++) {
        gbx__stream_source *stream = session->tables.items[i].stream;
        if (stream && !gbx__stream_list_add(&frame->streams, stream)) return GBX_FAIL_NOMEM(err);
    }
    return gbx__frame_keep_streams(frame, err);
}

static gbx_status frame_read(gbx__frame *frame, gbx__str json, gbx_error *err)
{
    GBX_TRY(gbx__plan_from_json(json, &frame->plan, err));
    GBX_TRY(gbx__policy_check(&frame->session->policy, frame->plan, err));
    return take_streams(frame, err);
}

gbx_status gbx_frame_from_json(gbx_session *session, const char *json, size_t len, gbx_frame **out,
                               gbx_error *err)
{
    if (!session || !json || !out) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_from_json: an argument is NULL");
    }
    gbx__frame *body = gbx__frame_new(session);
    if (!body) return GBX_FAIL_NOMEM(err);
    const gbx_status status = frame_read(body, (gbx__str){json, len}, err);
    if (status != GBX_OK) {
        gbx__frame_unref(body);
        return status;
    }
    return gbx__frame_publish(body, out, err);
}
