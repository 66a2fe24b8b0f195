#include "arrow/ipc_read.h"

#include "arrow/arrow.h"
#include "arrow/ipc_file_priv.h"
#include "base/alloc.h"

#include <errno.h>
#include <nanoarrow/nanoarrow_ipc.h>
#include <string.h>

static ArrowErrorCode input_read(struct ArrowIpcInputStream *stream, uint8_t *bytes, int64_t len,
                                 int64_t *out_len, struct ArrowError *error)
{
    if (gbx__ipc_file_read(stream->private_data, bytes, len, out_len)) return NANOARROW_OK;
    const int errnum = errno;
    ArrowErrorSet(error, "cannot read: %s", strerror(errnum));
    return errnum;
}

static void input_release(struct ArrowIpcInputStream *stream)
{
    gbx__ipc_file_close(stream->private_data);
    gbx__alloc_free(stream->private_data);
    stream->release = NULL;
}

static gbx_status input_open(const char *path, struct ArrowIpcInputStream *out, gbx_error *err)
{
    gbx__ipc_file *file = gbx__alloc_zero(sizeof(*file));
    if (!file) return GBX_FAIL_NOMEM(err);
    const gbx_status status = gbx__ipc_file_open(file, path, err);
    if (status != GBX_OK) {
        gbx__alloc_free(file);
        return status;
    }
    *out = (struct ArrowIpcInputStream){input_read, input_release, file};
    return GBX_OK;
}

/* The reader reads the schema when first asked for it. */
static gbx_status check_schema(struct ArrowArrayStream *stream, const char *path, gbx_error *err)
{
    struct ArrowSchema schema = {0};
    const int code = stream->get_schema(stream, &schema);
    if (code == 0) {
        schema.release(&schema);
        return GBX_OK;
    }
    if (code == ENOMEM) return GBX_FAIL_NOMEM(err);
    const char *text = stream->get_last_error(stream);
    const gbx_status status = code == ENOTSUP ? GBX_UNSUPPORTED
                              : code == EIO   ? GBX_IO
                                              : GBX_CORRUPT;
    gbx__error_set(err, status, "'%s': %s", path, text ? text : "no Arrow schema");
    return status;
}

gbx_status gbx__ipc_open_file(const char *path, struct ArrowArrayStream *out, gbx_error *err)
{
    struct ArrowIpcInputStream input = {0};
    struct ArrowArrayStream stream = {0};
    gbx__ipc_summary summary;
    GBX_TRY(gbx__ipc_summarise_file(path, &summary, err)); /* nanoarrow trusts dictionaries */
    GBX_TRY(input_open(path, &input, err));
    if (ArrowIpcArrayStreamReaderInit(&stream, &input, NULL) != NANOARROW_OK) {
        input.release(&input);
        return GBX_FAIL_NOMEM(err);
    }
    const gbx_status status = check_schema(&stream, path, err);
    if (status == GBX_OK)
        gbx__arrow_stream_move(&stream, out);
    else
        gbx__arrow_stream_done(&stream);
    return status;
}
