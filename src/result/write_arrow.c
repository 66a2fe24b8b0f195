/* Arrow IPC. */
#include "result/writer_priv.h"

static gbx_status arrow_begin(result_writer *writer, const struct ArrowSchema *schema,
                              gbx_error *err)
{
    (void)writer;
    (void)schema;
    return GBX_FAIL(err, GBX_UNSUPPORTED, "Arrow IPC is not written yet: use csv or parquet");
}

static void arrow_done(result_writer *writer)
{
    (void)writer;
}

const result_format result_format_arrow = {arrow_begin, NULL, NULL, arrow_done};
