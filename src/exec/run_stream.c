/*
 * The engine's rows with our bookkeeping around them: counted, stoppable, failures remembered.
 */
#include "exec/run_priv.h"

#include <errno.h>
#include <string.h>

static int errno_of(gbx_status status)
{
    switch (status) {
    case GBX_NOMEM: return ENOMEM;
    case GBX_CANCELLED: return ECANCELED;
    case GBX_TIMEOUT: return ETIMEDOUT;
    case GBX_INVALID:
    case GBX_UNSUPPORTED: return EINVAL;
    case GBX_DENIED: return EACCES;
    default: return EIO;
    }
}

static int stream_stop(gbx__run *run, const gbx_error *error)
{
    return errno_of(gbx__run_fail(run, error));
}

/* What one that feeds the engine says, else the engine, else its stream. */
static int stream_engine_failed(gbx__run *run, int rc)
{
    const gbx_error *told = gbx__run_feeds_error(run);
    if (!told) told = run->vtable->stream_error(run->job);
    if (told && told->status != GBX_OK) return stream_stop(run, told);
    gbx_error error;
    const char *text = run->rows.get_last_error ? run->rows.get_last_error(&run->rows) : NULL;
    gbx__error_set(&error, rc == ENOMEM ? GBX_NOMEM : GBX_ENGINE, "%s",
                   text ? text : "the engine failed without a reason");
    return stream_stop(run, &error);
}

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    gbx__run *run = stream->private_data;
    if (run->has_failed) return errno_of(run->error.status);
    if (run->state != GBX_RUN_STARTED) return EINVAL;
    const int rc = run->rows.get_schema(&run->rows, out);
    return rc == 0 ? 0 : stream_engine_failed(run, rc);
}

static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    gbx__run *run = stream->private_data;
    if (run->has_failed) return errno_of(run->error.status);
    struct ArrowArray batch = {0};
    if (run->state == GBX_RUN_STARTED) {
        gbx_error error;
        if (gbx__cancel_check_err(&run->slot->token, &error) != GBX_OK) {
            return stream_stop(run, &error);
        }
        const int rc = run->rows.get_next(&run->rows, &batch);
        if (rc != 0) return stream_engine_failed(run, rc);
        if (batch.release) {
            run->n_rows += batch.length;
        } else {
            gbx__run_end(run);
        }
    }
    *out = batch;
    return 0;
}

static const char *stream_error(struct ArrowArrayStream *stream)
{
    const gbx__run *run = stream->private_data;
    return run->has_failed ? run->error.message : NULL;
}

static void stream_release(struct ArrowArrayStream *stream)
{
    gbx__run *run = stream->private_data;
    stream->release = NULL;
    gbx__run_end(run);
    gbx__run_unref(run);
}

gbx_status gbx__run_stream(gbx__run *run, struct ArrowArrayStream *out, gbx_error *err)
{
    if (run->is_taken) {
        return GBX_FAIL(err, GBX_MISUSE, "the rows of this result were taken already");
    }
    run->is_taken = true;
    GBX_TRY(gbx__run_start(run, err));
    *out = (struct ArrowArrayStream){stream_schema, stream_next, stream_error, stream_release,
                                     gbx__run_ref(run)};
    return GBX_OK;
}
