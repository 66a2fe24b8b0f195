#include "exec/exec_priv.h"

#include "base/alloc.h"

gbx_status gbx_session_sql(gbx_session *session, const char *text, const gbx_params *params,
                           gbx_frame **out, gbx_error *err)
{
    if (!session || !text || !out) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_session_sql: an argument is NULL");
    }
    const gbx__import_request request = {
        .text = gbx__str_of(text),
        .params = params,
        .with_tables = true,
        .may_be_opaque = true,
    };
    gbx__frame *body = NULL;
    GBX_TRY(gbx__frame_import(session, &request, &body, err));
    return gbx__frame_publish(body, out, err);
}

static gbx_status named_inputs(size_t n, const gbx_named_frame *frames, gbx__input *inputs,
                               gbx_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!frames[i].frame || !frames[i].name || *frames[i].name == '\0') {
            return GBX_FAIL(err, GBX_MISUSE, "gbx_frames_sql: a frame or its name is missing");
        }
        inputs[i] = (gbx__input){frames[i].name, frames[i].frame->body};
    }
    return GBX_OK;
}

gbx_status gbx_frames_sql(size_t n_frames, const gbx_named_frame *frames, const char *text,
                          const gbx_params *params, gbx_frame **out, gbx_error *err)
{
    if (n_frames == 0 || !frames || !text || !out) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frames_sql: an argument is NULL");
    }
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    gbx__input *inputs = GBX_ARENA_ARRAY(&arena, n_frames, gbx__input);
    if (!inputs) return GBX_FAIL_NOMEM(err);
    GBX_TRY(named_inputs(n_frames, frames, inputs, err));
    const gbx__import_request request = {
        .text = gbx__str_of(text),
        .n_inputs = n_frames,
        .inputs = inputs,
        .params = params,
        .with_tables = true,
    };
    gbx__frame *body = NULL;
    GBX_TRY(gbx__frame_import(inputs[0].frame->session, &request, &body, err));
    return gbx__frame_publish(body, out, err);
}
