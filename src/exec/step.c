#include "exec/compose.h"

gbx_status gbx__step_begin(const gbx_frame *frame, gbx_frame *const *out, const char *function,
                           gbx_error *err)
{
    if (!frame || !out) return GBX_FAIL(err, GBX_MISUSE, "%s: an argument is NULL", function);
    if (frame->body->plan) return GBX_OK;
    return GBX_FAIL(err, GBX_UNSUPPORTED, "nothing can be built on an opaque frame: %s",
                    frame->body->why);
}

gbx_status gbx__step_finish(gbx__compose *c, size_t n_inputs, const gbx__input *inputs,
                            gbx_frame **out, gbx_error *err)
{
    if (c->text.failed) return GBX_FAIL_NOMEM(err);
    const gbx__import_request request = {
        .text = gbx__buf_view(&c->text),
        .n_inputs = n_inputs,
        .inputs = inputs,
    };
    gbx__frame *body = NULL;
    const gbx_status status = gbx__frame_import(inputs[0].frame->session, &request, &body, err);
    if (status != GBX_OK) {
        gbx__compose_locate(c, err);
        return status;
    }
    return gbx__frame_publish(body, out, err);
}

gbx_status gbx__step_over(gbx__compose *c, const gbx_frame *frame, gbx_frame **out, gbx_error *err)
{
    const gbx__input input = {"frame", frame->body};
    return gbx__step_finish(c, 1, &input, out, err);
}
