#include "source/source_priv.h"

static gbx_status resolve_steps(gbx__probe *probe)
{
    GBX_TRY(gbx__source_expand(probe));
    GBX_TRY(gbx__source_find_format(probe));
    GBX_TRY(gbx__source_find_name(probe));
    return gbx__source_format_of(probe->scan->format)->probe(probe);
}

gbx_status gbx__source_resolve(const gbx__source_ctx *ctx, const gbx__source_request *request,
                               const gbx__scan **out, gbx_error *err)
{
    gbx__scan *scan = GBX_ARENA_NEW(ctx->arena, gbx__scan);
    if (!scan) return GBX_FAIL_NOMEM(err);
    gbx__probe probe = {
        .ctx = ctx, .request = request, .arena = ctx->arena, .scan = scan, .err = err};
    scan->is_bounded = true;
    scan->row_count = -1;
    scan->size_bytes = -1;
    GBX_TRY(resolve_steps(&probe));
    *out = scan;
    return GBX_OK;
}

bool gbx__source_has_stream(gbx__scan_format format)
{
    return format == GBX_SCAN_ARROW_IPC || format == GBX_SCAN_SQLITE;
}

gbx_status gbx__source_open_stream(const gbx__scan *scan, struct ArrowArrayStream *out,
                                   gbx_error *err)
{
    if (scan->format == GBX_SCAN_ARROW_IPC) return gbx__source_open_arrow_ipc(scan, out, err);
    if (scan->format == GBX_SCAN_SQLITE) return gbx__source_open_sqlite(scan, out, err);
    return GBX_FAIL(err, GBX_UNSUPPORTED, "'%.*s' is not read as a stream",
                    GBX_STR_ARG(scan->location));
}
