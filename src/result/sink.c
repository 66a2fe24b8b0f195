/* Output in large writes. */
#include "result/writer_priv.h"

#include "base/fs.h"

#define SINK_BYTES ((size_t)1 << 20)

void result_sink_init(result_sink *sink, int fd)
{
    *sink = (result_sink){.fd = fd};
    gbx__buf_init(&sink->buf, 0);
}

void result_sink_done(result_sink *sink)
{
    gbx__buf_done(&sink->buf);
}

gbx_status result_sink_flush(result_sink *sink, gbx_error *err)
{
    if (sink->buf.failed) return GBX_FAIL_NOMEM(err);
    if (sink->buf.len == 0) return GBX_OK;
    GBX_TRY(gbx__fs_write_all(sink->fd, sink->buf.data, sink->buf.len, "the output", err));
    sink->bytes += (int64_t)sink->buf.len;
    gbx__buf_clear(&sink->buf);
    return GBX_OK;
}

gbx_status result_sink_spill(result_sink *sink, gbx_error *err)
{
    if (sink->buf.len < SINK_BYTES && !sink->buf.failed) return GBX_OK;
    return result_sink_flush(sink, err);
}
