/*
 * Parquet: everything is in the footers, and nothing else is read.
 *
 *   describe read_parquet        → columns (of the first file; of all, with union_by_name)
 *   parquet_file_metadata(all)   → exact row count
 *   parquet_schema(several)      → all have the same columns
 *   parquet_metadata(all)        → statistics, when they are wanted (parquet_stats.c)
 *
 * Files may have their columns in another order, as Parquet's are found by name; a column that only
 * some have, or one of another type, is refused: DuckDB would drop the one and cast the other.
 */
#include "base/map.h"
#include "base/vec.h"
#include "source/source_priv.h"

#include <stdlib.h>
#include <string.h>

typedef struct parquet_reader {
    gbx__probe *probe;
    gbx__file_options files;
    gbx__buf args;                    /* the user's options that change columns, as SQL */
    GBX_VEC(gbx__scan_option) passed; /* the same, for the scan */
} parquet_reader;

/* ---- options --------------------------------------------------------------------------------- */

static bool is_passed(gbx__str name)
{
    static const char *const names[] = {"binary_as_string", "int96_as", "utf8_validation"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (gbx__str_is_nocase(name, names[i])) return true;
    }
    return false;
}

static gbx_status read_option(parquet_reader *r, const gbx__scan_option *option)
{
    bool is_taken = false;
    GBX_TRY(gbx__source_file_option(r->probe, option, &r->files, &is_taken));
    /* NaN is looked for in any case. */
    if (is_taken || gbx__str_is_nocase(option->name, "can_have_nan")) return GBX_OK;
    if (!is_passed(option->name)) {
        return gbx__source_option_refuse(r->probe, option, "not supported");
    }
    if (!gbx__vec_push(&r->passed, *option)) return GBX_FAIL_NOMEM(r->probe->err);
    return gbx__source_option_print(r->probe, &r->args, option);
}

/* ---- columns --------------------------------------------------------------------------------- */

/* With the columns that stand in names of files and folders, or without. */
static gbx_status describe(parquet_reader *r, bool with_names, gbx__field **fields,
                           uint32_t *n_fields)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM read_parquet(");
    gbx__source_sql_paths(&sql, r->probe->scan);
    gbx__buf_str(&sql, gbx__buf_view(&r->args));
    if (with_names) GBX_TRY(gbx__source_sql_file_options(r->probe, &sql, &r->files));
    else gbx__source_sql_own_options(&sql, &r->files);
    gbx__buf_putc(&sql, ')');
    return gbx__source_describe(r->probe, &sql, fields, n_fields);
}

/* ---- row counts ------------------------------------------------------------------------------ */

typedef struct row_counter {
    int64_t rows;
    uint32_t files;
} row_counter;

static gbx_status count_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    row_counter *counter = ctx;
    if (n_cols != 2 || !cols[0].ptr || !cols[1].ptr) {
        return GBX_FAIL(err, GBX_CORRUPT, "a footer has no row count");
    }
    const int64_t rows = strtoll(cols[1].ptr, NULL, 10);
    if (rows < 0 || __builtin_add_overflow(counter->rows, rows, &counter->rows)) {
        return GBX_FAIL(err, GBX_CORRUPT, "'%.*s': the footer's row count is %.*s",
                        GBX_STR_ARG(cols[0]), GBX_STR_ARG(cols[1]));
    }
    counter->files++;
    return GBX_OK;
}

static gbx_status count_rows(parquet_reader *r)
{
    gbx__scan *scan = r->probe->scan;
    row_counter counter = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "SELECT file_name, num_rows FROM parquet_file_metadata(");
    gbx__source_sql_paths(&sql, scan);
    gbx__buf_putc(&sql, ')');
    GBX_TRY(gbx__source_sql_check(r->probe, &sql));
    GBX_TRY(gbx__duck_rows(r->probe->ctx->conn, sql.data, 0, NULL, count_row, &counter,
                           r->probe->err));
    if (counter.files != scan->n_paths) {
        return GBX_FAIL(r->probe->err, GBX_INTERNAL, "%u footers of %u files were read",
                        (unsigned)counter.files, (unsigned)scan->n_paths);
    }
    scan->row_count = counter.rows;
    scan->row_count_exact = true;
    return GBX_OK;
}

/* ---- several files --------------------------------------------------------------------------- */

/* One file of each set of files whose schemas are written alike. */
static void schemas_sql(const gbx__scan *scan, gbx__buf *sql)
{
    gbx__buf_puts(sql, "SELECT min(file_name) FROM (SELECT file_name, md5(string_agg(concat_ws("
                       "chr(1), name, duckdb_type, num_children), chr(2) ORDER BY column_id)) AS "
                       "hash FROM parquet_schema(");
    gbx__source_sql_paths(sql, scan);
    gbx__buf_puts(sql, ") WHERE column_id > 0 GROUP BY file_name) GROUP BY hash ORDER BY 1");
}

typedef struct path_list {
    gbx__arena *arena;
    GBX_VEC(gbx__str) paths;
} path_list;

static gbx_status take_path(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    path_list *list = ctx;
    if (n_cols == 0 || !cols[0].ptr) return GBX_OK;
    const gbx__str path = gbx__arena_str(list->arena, cols[0]);
    if (!path.ptr || !gbx__vec_push(&list->paths, path)) return GBX_FAIL_NOMEM(err);
    return GBX_OK;
}

static gbx_status describe_one(parquet_reader *r, gbx__str path, gbx__field **fields,
                               uint32_t *n_fields)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "FROM read_parquet(");
    gbx__source_quote_path(&sql, path);
    gbx__buf_str(&sql, gbx__buf_view(&r->args));
    gbx__buf_puts(&sql, ", hive_partitioning := false)");
    return gbx__source_describe(r->probe, &sql, fields, n_fields);
}

static const gbx__field *find_field(const gbx__field *fields, uint32_t n, gbx__str name)
{
    for (uint32_t i = 0; i < n; i++) {
        if (gbx__str_is_nocase(fields[i].name, name.ptr)) return &fields[i];
    }
    return NULL;
}

static gbx_status fail_type(parquet_reader *r, gbx__str first, const gbx__field *a, gbx__str other,
                            const gbx__field *b)
{
    GBX_AUTO(gbx__buf_done) gbx__buf types = {0};
    gbx__duck_type_print(&types, a->type);
    gbx__buf_printf(&types, " in '%.*s' and ", GBX_STR_ARG(first));
    gbx__duck_type_print(&types, b->type);
    gbx__buf_printf(&types, " in '%.*s'", GBX_STR_ARG(other));
    return GBX_FAIL(r->probe->err, GBX_INVALID, "the column '%.*s' is %s", GBX_STR_ARG(a->name),
                    types.data ? types.data : "of two types");
}

static gbx_status fail_missing(parquet_reader *r, gbx__str without, gbx__str with, gbx__str column)
{
    return GBX_FAIL(r->probe->err, GBX_INVALID,
                    "'%.*s' has not the column '%.*s' of '%.*s'; union_by_name := true reads files "
                    "with different columns",
                    GBX_STR_ARG(without), GBX_STR_ARG(column), GBX_STR_ARG(with));
}

static gbx_status compare(parquet_reader *r, gbx__str first, const gbx__field *a, uint32_t n_a,
                          gbx__str other)
{
    gbx__field *b = NULL;
    uint32_t n_b = 0;
    GBX_TRY(describe_one(r, other, &b, &n_b));
    for (uint32_t i = 0; i < n_a; i++) {
        const gbx__field *field = find_field(b, n_b, a[i].name);
        if (!field) return fail_missing(r, other, first, a[i].name);
        if (!gbx__type_equal(a[i].type, field->type)) {
            return fail_type(r, first, &a[i], other, field);
        }
    }
    for (uint32_t i = 0; i < n_b; i++) {
        if (!find_field(a, n_a, b[i].name)) return fail_missing(r, first, other, b[i].name);
    }
    return GBX_OK;
}

static gbx_status compare_all(parquet_reader *r, const path_list *list)
{
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    if (list->paths.len < 2) return GBX_OK;
    r->probe->scan->files_differ = true; /* in the order of columns: no more is let pass */
    const gbx__str first = r->probe->scan->paths[0];
    GBX_TRY(describe_one(r, first, &fields, &n_fields));
    for (size_t i = 0; i < list->paths.len; i++) {
        GBX_TRY(compare(r, first, fields, n_fields, list->paths.items[i]));
    }
    return GBX_OK;
}

static gbx_status check_files(parquet_reader *r)
{
    path_list list = {.arena = r->probe->arena};
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    if (r->probe->scan->n_paths < 2 || r->files.union_by_name) return GBX_OK;
    schemas_sql(r->probe->scan, &sql);
    gbx_status status = gbx__source_sql_check(r->probe, &sql);
    if (status == GBX_OK) {
        status = gbx__duck_rows(r->probe->ctx->conn, sql.data, 0, NULL, take_path, &list,
                                r->probe->err);
        if (status != GBX_OK) gbx__source_fail_set(r->probe, status);
    }
    if (status == GBX_OK) status = compare_all(r, &list);
    gbx__vec_done(&list.paths);
    return status;
}

/* ---- damage ---------------------------------------------------------------------------------- */

static gbx_status check_begin(parquet_reader *r, uint32_t index)
{
    const gbx__str path = r->probe->scan->paths[index];
    gbx_error *err = r->probe->err;
    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    if (r->probe->files[index].size_bytes == 0) {
        return GBX_FAIL(err, GBX_INVALID, "'%.*s': the file is empty", GBX_STR_ARG(path));
    }
    GBX_TRY(gbx__fs_read_head(path.ptr, 4, &head, err));
    if (head.len == 4 && memcmp(head.data, "PAR1", 4) == 0) return GBX_OK;
    if (head.len == 4 && memcmp(head.data, "PARE", 4) == 0) {
        return GBX_FAIL(err, GBX_UNSUPPORTED, "'%.*s' is an encrypted Parquet file",
                        GBX_STR_ARG(path));
    }
    return GBX_FAIL(err, GBX_CORRUPT, "'%.*s' is not a Parquet file, or its beginning is damaged",
                    GBX_STR_ARG(path));
}

/* DuckDB does not always say which file it was: they are asked one by one. */
static gbx_status blame(parquet_reader *r, gbx_status failed)
{
    gbx__probe *probe = r->probe;
    gbx_error first_error = {0};
    if (gbx__source_damage(failed) != GBX_CORRUPT) return gbx__source_fail_set(probe, failed);
    if (probe->err) first_error = *probe->err;
    for (uint32_t i = 0; i < probe->scan->n_paths; i++) {
        gbx__field *fields = NULL;
        uint32_t n_fields = 0;
        GBX_TRY(check_begin(r, i));
        const gbx_status status = describe_one(r, probe->scan->paths[i], &fields, &n_fields);
        if (status == GBX_OK) continue;
        return gbx__source_fail_file(probe, status, gbx__source_damage(status),
                                     probe->scan->paths[i]);
    }
    if (probe->err) *probe->err = first_error;
    return gbx__source_fail_file(probe, failed, GBX_CORRUPT, gbx__source_set_path(probe));
}

/* ---- all ------------------------------------------------------------------------------------- */

static gbx_status read_footers(parquet_reader *r, gbx__field **fields, uint32_t *n_fields)
{
    for (uint32_t i = 0; i < r->probe->scan->n_paths; i++) {
        if (r->probe->files[i].size_bytes == 0) return check_begin(r, i);
    }
    gbx_status status = describe(r, false, fields, n_fields);
    if (status == GBX_OK) status = count_rows(r);
    return status == GBX_OK ? GBX_OK : blame(r, status);
}

static gbx_status probe_steps(parquet_reader *r)
{
    gbx__probe *probe = r->probe;
    gbx__field *fields = NULL;
    uint32_t n_fields = 0;
    for (uint32_t i = 0; i < probe->request->n_options; i++) {
        GBX_TRY(read_option(r, &probe->request->options[i]));
    }
    GBX_TRY(read_footers(r, &fields, &n_fields));
    GBX_TRY(check_files(r));
    const uint32_t n_own = n_fields;
    if (gbx__source_has_name_columns(probe, &r->files)) {
        const gbx_status status = describe(r, true, &fields, &n_fields);
        if (status != GBX_OK) return gbx__source_fail_set(probe, status);
    }
    GBX_TRY(gbx__source_set_fields(probe, &r->files, fields, n_fields, n_own));
    GBX_TRY(gbx__source_keep_options(probe, r->passed.items, r->passed.len));
    return probe->request->want_stats ? gbx__source_parquet_stats(probe) : GBX_OK;
}

gbx_status gbx__source_probe_parquet(gbx__probe *probe)
{
    parquet_reader reader = {.probe = probe};
    gbx__buf_init(&reader.args, 0);
    const gbx_status status = probe_steps(&reader);
    gbx__buf_done(&reader.args);
    gbx__vec_done(&reader.passed);
    return status;
}
