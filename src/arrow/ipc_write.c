#include "arrow/ipc_write.h"

#include "base/alloc.h"

#include <nanoarrow/nanoarrow.h>
#include <nanoarrow/nanoarrow_ipc.h>

struct gbx__ipc_writer {
    struct ArrowIpcWriter ipc;
    struct ArrowArrayView view;
    gbx__ipc_output *output;
    void *ctx;
    gbx_error *err;    /* of the call that runs */
    gbx_status status; /* what the output answered */
};

static ArrowErrorCode ipc_output(struct ArrowIpcOutputStream *stream, const void *bytes,
                                 int64_t len, int64_t *written, struct ArrowError *error)
{
    gbx__ipc_writer *writer = stream->private_data;
    (void)error;
    writer->status = writer->output(writer->ctx, bytes, (size_t)len, writer->err);
    *written = len;
    return writer->status == GBX_OK ? NANOARROW_OK : EIO;
}

static void ipc_output_release(struct ArrowIpcOutputStream *stream)
{
    stream->release = NULL;
}

/* nanoarrow's answer as ours: the output's own failure first. */
static gbx_status ipc_status(gbx__ipc_writer *writer, ArrowErrorCode code,
                             const struct ArrowError *error, gbx_error *err)
{
    if (code == NANOARROW_OK) return GBX_OK;
    if (writer->status != GBX_OK) return writer->status;
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    const gbx_status status = code == ENOTSUP ? GBX_UNSUPPORTED : GBX_INVALID;
    gbx__error_set(err, status, "cannot be written as Arrow IPC: %s", error->message);
    return status;
}

static gbx_status ipc_open(gbx__ipc_writer *writer, const struct ArrowSchema *schema,
                           gbx_error *err)
{
    struct ArrowError error = {""};
    struct ArrowIpcOutputStream stream = {ipc_output, ipc_output_release, writer};
    ArrowErrorCode code = ArrowIpcWriterInit(&writer->ipc, &stream);
    if (code != NANOARROW_OK) return GBX_FAIL_NOMEM(err);
    code = ArrowArrayViewInitFromSchema(&writer->view, schema, &error);
    if (code == NANOARROW_OK) code = ArrowIpcWriterWriteSchema(&writer->ipc, schema, &error);
    return ipc_status(writer, code, &error, err);
}

gbx_status gbx__ipc_writer_new(const struct ArrowSchema *schema, gbx__ipc_output *output, void *ctx,
                               gbx__ipc_writer **out, gbx_error *err)
{
    gbx__ipc_writer *writer = gbx__alloc_zero(sizeof(*writer));
    if (!writer) return GBX_FAIL_NOMEM(err);
    writer->output = output;
    writer->ctx = ctx;
    writer->err = err;
    ArrowArrayViewInitFromType(&writer->view, NANOARROW_TYPE_UNINITIALIZED);
    const gbx_status status = ipc_open(writer, schema, err);
    writer->err = NULL;
    if (status != GBX_OK) {
        gbx__ipc_writer_free(writer);
        return status;
    }
    *out = writer;
    return GBX_OK;
}

gbx_status gbx__ipc_writer_batch(gbx__ipc_writer *writer, const struct ArrowArray *batch,
                                 gbx_error *err)
{
    struct ArrowError error = {""};
    writer->err = err;
    ArrowErrorCode code = ArrowArrayViewSetArray(&writer->view, batch, &error);
    if (code == NANOARROW_OK) {
        code = ArrowIpcWriterWriteArrayView(&writer->ipc, &writer->view, &error);
    }
    writer->err = NULL;
    return ipc_status(writer, code, &error, err);
}

gbx_status gbx__ipc_writer_finish(gbx__ipc_writer *writer, gbx_error *err)
{
    struct ArrowError error = {""};
    writer->err = err;
    const ArrowErrorCode code = ArrowIpcWriterWriteArrayView(&writer->ipc, NULL, &error);
    writer->err = NULL;
    return ipc_status(writer, code, &error, err);
}

void gbx__ipc_writer_free(gbx__ipc_writer *writer)
{
    if (!writer) return;
    if (writer->ipc.private_data) ArrowIpcWriterReset(&writer->ipc);
    ArrowArrayViewReset(&writer->view);
    gbx__alloc_free(writer);
}
