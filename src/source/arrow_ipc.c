/*
 * Arrow IPC files: schema and exact row count from the messages' heads. DuckDB does not read them;
 * their rows come as a stream, file after file.
 */
#include "arrow/arrow.h"
#include "arrow/ipc_read.h"
#include "source/chain_priv.h"
#include "source/source_priv.h"

#define ARROW_PROBE_NAME "gbx_source_probe"

/* ---- options --------------------------------------------------------------------------------- */

static gbx_status read_options(gbx__probe *probe, gbx__file_options *files)
{
    const gbx__source_request *request = probe->request;
    for (uint32_t i = 0; i < request->n_options; i++) {
        const gbx__scan_option *option = &request->options[i];
        bool is_taken = false;
        GBX_TRY(gbx__source_file_option(probe, option, files, &is_taken));
        const bool is_harmless = is_taken && files->filename_column.len == 0 &&
                                 !files->union_by_name && !files->hive_types && !files->hive;
        if (!is_harmless) return gbx__source_option_refuse(probe, option, "not supported");
    }
    return GBX_OK;
}

/* ---- schema ---------------------------------------------------------------------------------- */

/* DuckDB says which types it would make of them, as it will when it reads the stream. */
static gbx_status describe(gbx__probe *probe, const struct ArrowSchema *schema, gbx__field **fields,
                           uint32_t *n_fields)
{
    struct ArrowSchema copy = {0};
    struct ArrowArrayStream empty = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM " ARROW_PROBE_NAME);
    GBX_TRY(gbx__arrow_schema_copy(schema, &copy, probe->err));
    GBX_TRY(gbx__arrow_stream_empty(&copy, &empty, probe->err));
    gbx_status status =
        gbx__duck_add_stream(probe->ctx->conn, ARROW_PROBE_NAME, &empty, probe->err);
    if (status == GBX_OK) status = gbx__source_describe(probe, &sql, fields, n_fields);
    const gbx_status dropped =
        gbx__duck_exec(probe->ctx->conn, "DROP VIEW IF EXISTS temp." ARROW_PROBE_NAME,
                       status == GBX_OK ? probe->err : NULL);
    return status == GBX_OK ? dropped : status;
}

/* A schema with this one column. */
static gbx_status schema_of_one(const struct ArrowSchema *column, struct ArrowSchema *out,
                                gbx_error *err)
{
    struct ArrowSchema one = {0};
    GBX_TRY(gbx__arrow_schema_make(&one, "+s", GBX_STR(""), 1, err));
    const gbx_status status = gbx__arrow_schema_copy(column, one.children[0], err);
    if (status == GBX_OK)
        *out = one;
    else
        gbx__arrow_schema_done(&one);
    return status;
}

/* Which column it is that DuckDB can't take: it names the type alone. */
static gbx_status tell_column(gbx__probe *probe, const struct ArrowSchema *schema,
                              gbx_status failed)
{
    const gbx__str path = probe->scan->paths[0];
    for (int64_t i = 0; i < schema->n_children && failed != GBX_NOMEM; i++) {
        const struct ArrowSchema *column = schema->children[i];
        struct ArrowSchema one = {0};
        gbx__field *fields = NULL;
        uint32_t n = 0;
        GBX_TRY(schema_of_one(column, &one, probe->err));
        const gbx_status status = describe(probe, &one, &fields, &n);
        gbx__arrow_schema_done(&one);
        if (status == GBX_OK || status == GBX_NOMEM || status == GBX_CANCELLED) continue;
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__arrow_schema_print(&type, column);
        return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                        "'%.*s': the column '%s' has the Arrow type %s, which is not read",
                        GBX_STR_ARG(path), column->name ? column->name : "",
                        type.data ? type.data : column->format);
    }
    return gbx__source_fail_file(probe, failed, failed, path);
}

static gbx_status read_schema(gbx__probe *probe, const struct ArrowSchema *schema)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    const gbx_status status = describe(probe, schema, &fields, &n_fields);
    if (status != GBX_OK) return tell_column(probe, schema, status);
    probe->scan->fields = fields;
    probe->scan->n_fields = n_fields;
    return GBX_OK;
}

/* ---- all files ------------------------------------------------------------------------------- */

static gbx_status refuse_hive(gbx__probe *probe, const gbx__file_options *files)
{
    bool is_partitioned = false;
    if (probe->scan->n_paths < 2) return GBX_OK;
    GBX_TRY(gbx__source_is_partitioned(probe, files, &is_partitioned));
    if (!is_partitioned) return GBX_OK;
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                    "'%.*s': columns in folder names are not read with Arrow files; say "
                    "hive_partitioning := false",
                    GBX_STR_ARG(probe->scan->location));
}

static gbx_status count_rows(gbx__probe *probe)
{
    gbx__scan *scan = probe->scan;
    int64_t rows = 0;
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        gbx__ipc_summary summary;
        GBX_TRY(gbx__ipc_summarise_file(scan->paths[i].ptr, &summary, probe->err));
        if (__builtin_add_overflow(rows, summary.n_rows, &rows)) {
            return GBX_FAIL(probe->err, GBX_CORRUPT, "'%.*s': too many rows",
                            GBX_STR_ARG(scan->paths[i]));
        }
    }
    scan->row_count = rows;
    scan->row_count_exact = true;
    return GBX_OK;
}

gbx_status gbx__source_probe_arrow_ipc(gbx__probe *probe)
{
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema schema = {0};
    gbx__file_options files = {0};
    GBX_TRY(read_options(probe, &files));
    GBX_TRY(refuse_hive(probe, &files));
    GBX_TRY(count_rows(probe));
    GBX_TRY(gbx__chain_check(probe->scan, gbx__ipc_open_file, probe->err));
    GBX_TRY(gbx__ipc_open_file(probe->scan->paths[0].ptr, &stream, probe->err));
    gbx_status status = gbx__arrow_stream_schema(&stream, &schema, probe->err);
    if (status == GBX_OK) status = read_schema(probe, &schema);
    gbx__arrow_schema_done(&schema);
    gbx__arrow_stream_done(&stream);
    return status;
}

gbx_status gbx__source_open_arrow_ipc(const gbx__scan *scan, struct ArrowArrayStream *out,
                                      gbx_error *err)
{
    return gbx__chain_open(scan, gbx__ipc_open_file, out, err);
}
