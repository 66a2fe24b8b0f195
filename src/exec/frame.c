#include "base/alloc.h"
#include "exec/exec_priv.h"

#include <string.h>

gbx__frame *gbx__frame_new(gbx_session *session)
{
    gbx__frame *frame = gbx__alloc_zero(sizeof(*frame));
    if (!frame) return NULL;
    atomic_init(&frame->refs, 1);
    gbx__arena_init(&frame->arena);
    frame->session = gbx__session_ref(session);
    return frame;
}

gbx__frame *gbx__frame_ref(gbx__frame *frame)
{
    atomic_fetch_add(&frame->refs, 1);
    return frame;
}

void gbx__frame_unref(gbx__frame *frame)
{
    if (!frame || atomic_fetch_sub(&frame->refs, 1) != 1) return;
    gbx__plan_unref(frame->plan);
    gbx__alloc_free(frame->opaque_text);
    gbx__alloc_free(frame->why);
    gbx__vec_done(&frame->params);
    gbx__stream_list_done(&frame->streams);
    gbx__session_unref(frame->session);
    gbx__arena_done(&frame->arena);
    gbx__alloc_free(frame);
}

gbx_status gbx__frame_publish(gbx__frame *body, gbx_frame **out, gbx_error *err)
{
    gbx_frame *frame = gbx__alloc(sizeof(*frame));
    if (!frame) {
        gbx__frame_unref(body);
        return GBX_FAIL_NOMEM(err);
    }
    frame->body = body;
    *out = frame;
    return GBX_OK;
}

void gbx_frame_free(gbx_frame *frame)
{
    if (!frame) return;
    gbx__frame_unref(frame->body);
    gbx__alloc_free(frame);
}

const char *gbx_frame_via(const gbx_frame *frame)
{
    return frame->body->plan ? "plan" : "opaque";
}

const char *gbx_frame_why_opaque(const gbx_frame *frame)
{
    return frame->body->plan ? NULL : frame->body->why;
}
