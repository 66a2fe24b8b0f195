/*
 * CSV: the dialect and the types are found once and handed to every engine, so that all read the
 * same rows. They are what DuckDB's read_csv would find by itself:
 *
 *   options ─→ sniff one file ─→ several files: types that fit all, the others checked
 *                             ─→ folder names, file names: DuckDB describes the whole
 *
 * A reader with these columns and this dialect, and without detection, gives exactly the rows of a
 * plain read_csv.
 */
#include "source/csv_priv.h"

/* ---- columns --------------------------------------------------------------------------------- */

static gbx_status describe(gbx__csv_reader *r, const gbx__buf *sql, gbx__field **fields,
                           uint32_t *n_fields)
{
    const gbx_status status = gbx__source_describe(r->probe, sql, fields, n_fields);
    return status == GBX_OK ? GBX_OK : gbx__source_fail_set(r->probe, status);
}

/* Nothing is detected: the user's columns, as DuckDB reads them. */
static gbx_status describe_fixed(gbx__csv_reader *r, gbx__field **fields, uint32_t *n_fields)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM read_csv(");
    gbx__source_sql_paths(&sql, r->probe->scan);
    gbx__buf_puts(&sql, ", auto_detect := false");
    gbx__buf_str(&sql, gbx__buf_view(&r->args));
    gbx__source_sql_own_options(&sql, &r->files);
    gbx__buf_putc(&sql, ')');
    return describe(r, &sql, fields, n_fields);
}

/* The types that fit the files that DuckDB would look at, or with union_by_name all columns. */
static gbx_status describe_all(gbx__csv_reader *r, gbx__field **fields, uint32_t *n_fields)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM read_csv(");
    gbx__source_sql_paths(&sql, r->probe->scan);
    gbx__source_sql_own_options(&sql, &r->files);
    gbx__buf_str(&sql, gbx__buf_view(&r->args));
    gbx__buf_putc(&sql, ')');
    return describe(r, &sql, fields, n_fields);
}

/* The files' columns, and those that come from names of files and folders. No file is opened. */
static gbx_status describe_with_names(gbx__csv_reader *r, gbx__field **fields, uint32_t *n_fields)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__file_options options = r->files;
    options.union_by_name = false;
    gbx__buf_puts(&sql, "FROM read_csv(");
    gbx__source_sql_paths(&sql, r->probe->scan);
    gbx__buf_puts(&sql, ", auto_detect := false, columns := ");
    gbx__source_sql_columns(&sql, *fields, *n_fields);
    GBX_TRY(gbx__source_sql_file_options(r->probe, &sql, &options));
    gbx__buf_putc(&sql, ')');
    return describe(r, &sql, fields, n_fields);
}

/* ---- the dialect ----------------------------------------------------------------------------- */

static gbx_status find_columns(gbx__csv_reader *r, gbx__field **fields, uint32_t *n_fields)
{
    gbx__probe *probe = r->probe;
    const uint32_t first = gbx__source_first_with_bytes(probe);
    gbx__csv_sniffed sniffed = {0};
    GBX_TRY(gbx__csv_sniff(r, probe->scan->paths[first], GBX_STR(""), &sniffed));
    GBX_TRY(gbx__csv_suspect(r, probe->scan->paths[first], &sniffed));
    *fields = sniffed.fields;
    *n_fields = sniffed.n_fields;
    if (probe->scan->n_paths > 1) {
        GBX_TRY(describe_all(r, fields, n_fields));
        GBX_TRY(gbx__csv_check_files(r, first, &sniffed, *fields, *n_fields));
    }
    *r->dialect = sniffed.dialect;
    return GBX_OK;
}

static gbx_status probe_steps(gbx__csv_reader *r)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    GBX_TRY(gbx__csv_read_options(r));
    if (r->is_fixed) GBX_TRY(describe_fixed(r, &fields, &n_fields));
    else GBX_TRY(find_columns(r, &fields, &n_fields));
    const uint32_t n_own = n_fields;
    if (gbx__source_has_name_columns(r->probe, &r->files)) {
        GBX_TRY(describe_with_names(r, &fields, &n_fields));
    }
    GBX_TRY(gbx__source_set_fields(r->probe, &r->files, fields, n_fields, n_own));
    r->probe->scan->csv = r->dialect;
    GBX_TRY(gbx__source_keep_options(r->probe, r->passed.items, r->passed.len));
    const uint32_t n_headers = r->dialect->has_header ? r->probe->scan->n_paths : 0;
    return gbx__source_estimate_rows(r->probe, n_headers);
}

gbx_status gbx__source_probe_csv(gbx__probe *probe)
{
    gbx__csv_reader reader;
    gbx__csv_reader_init(&reader, probe);
    const gbx_status status = probe_steps(&reader);
    gbx__csv_reader_done(&reader);
    return status;
}
