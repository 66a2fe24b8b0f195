/*
 * SQLite databases: one table of one file, read in place.
 *
 * SQLite lets any value stand in any column. What a column's declared type promises is taken at its
 * word, and a value that breaks it is a failure that names table, column and row; a column without
 * a promise gets the type of its first values. `all_varchar := true` reads everything as text.
 */
#include "base/vec.h"
#include "source/sqlite_priv.h"

#include <string.h>

#define SQLITE_BUSY_MS 2000
#define SQLITE_LOOKED_ROWS 1000

/* ---- opening --------------------------------------------------------------------------------- */

gbx_status gbx__sqlite_fail(sqlite3 *db, const char *path, gbx_error *err)
{
    const int code = sqlite3_errcode(db) & 0xff;
    const gbx_status status = code == SQLITE_NOMEM                              ? GBX_NOMEM
                              : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? GBX_CORRUPT
                              : code == SQLITE_ERROR                            ? GBX_INVALID
                                                                                : GBX_IO;
    const bool is_locked = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    gbx__error_set(err, status, "'%s': %s", path,
                   is_locked ? "another program has locked the database" : sqlite3_errmsg(db));
    if (err) err->native_code = sqlite3_extended_errcode(db);
    return status;
}

gbx_status gbx__sqlite_open(const char *path, sqlite3 **out, gbx_error *err)
{
    sqlite3 *db = NULL;
    const int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        const gbx_status status = db ? gbx__sqlite_fail(db, path, err) : GBX_NOMEM;
        if (!db) gbx__error_set(err, GBX_NOMEM, "out of memory");
        sqlite3_close(db);
        return status;
    }
    sqlite3_busy_timeout(db, SQLITE_BUSY_MS);
    *out = db;
    return GBX_OK;
}

gbx_status gbx__sqlite_select(sqlite3 *db, const char *path, gbx__str table, sqlite3_stmt **out,
                              gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "SELECT * FROM ");
    gbx__duck_quote_ident(&sql, table); /* SQLite quotes in the same way */
    if (sql.failed) return GBX_FAIL_NOMEM(err);
    if (sqlite3_prepare_v2(db, sql.data, -1, out, NULL) == SQLITE_OK) return GBX_OK;
    return gbx__sqlite_fail(db, path, err);
}

/* ---- which table ----------------------------------------------------------------------------- */

typedef struct sqlite_reader {
    gbx__probe *probe;
    const char *path;
    sqlite3 *db;
    bool all_varchar;
} sqlite_reader;

static gbx_status read_options(sqlite_reader *r)
{
    gbx__probe *probe = r->probe;
    for (uint32_t i = 0; i < probe->request->n_options; i++) {
        const gbx__scan_option *option = &probe->request->options[i];
        if (gbx__str_is_nocase(option->name, "table") ||
            gbx__str_is_nocase(option->name, "table_name")) {
            GBX_TRY(gbx__source_option_text(probe, option, &probe->scan->inner_name));
        } else if (gbx__str_is_nocase(option->name, "all_varchar")) {
            GBX_TRY(gbx__source_option_bool(probe, option, &r->all_varchar));
        } else {
            return gbx__source_option_refuse(probe, option, "not supported");
        }
    }
    return GBX_OK;
}

static gbx_status fail_tables(sqlite_reader *r, uint32_t n, const gbx__buf *names)
{
    if (n == 0) return GBX_FAIL(r->probe->err, GBX_NOT_FOUND, "'%s' has no tables", r->path);
    return GBX_FAIL(r->probe->err, GBX_INVALID,
                    "'%s' has %u tables (%s): name one, as in sqlite_scan('%s', 'table')",
                    r->path, (unsigned)n, names->data ? names->data : "", r->path);
}

static gbx_status only_table(sqlite_reader *r, sqlite3_stmt *stmt)
{
    GBX_AUTO(gbx__buf_done) gbx__buf names = {0};
    uint32_t n = 0;
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const gbx__str name = gbx__str_of((const char *)sqlite3_column_text(stmt, 0));
        if (n == 0) r->probe->scan->inner_name = gbx__arena_str(r->probe->arena, name);
        gbx__buf_printf(&names, "%s%.*s", n ? ", " : "", GBX_STR_ARG(name));
        n++;
    }
    if (code != SQLITE_DONE) return gbx__sqlite_fail(r->db, r->path, r->probe->err);
    if (n != 1) return fail_tables(r, n, &names);
    return r->probe->scan->inner_name.ptr ? GBX_OK : GBX_FAIL(r->probe->err, GBX_NOMEM,
                                                              "out of memory");
}

static gbx_status find_table(sqlite_reader *r)
{
    static const char sql[] = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND "
                              "name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";
    sqlite3_stmt *stmt = NULL;
    if (r->probe->scan->inner_name.len > 0) return GBX_OK;
    if (sqlite3_prepare_v2(r->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        return gbx__sqlite_fail(r->db, r->path, r->probe->err);
    }
    const gbx_status status = only_table(r, stmt);
    sqlite3_finalize(stmt);
    return status;
}

/* ---- its columns ----------------------------------------------------------------------------- */

/* The columns whose declared type promises nothing get the type of their first values. */
static gbx_status look_at_values(sqlite_reader *r, sqlite3_stmt *stmt, gbx__field *fields, int n)
{
    int code = SQLITE_ROW;
    for (int row = 0; row < SQLITE_LOOKED_ROWS && code == SQLITE_ROW; row++) {
        code = sqlite3_step(stmt);
        for (int i = 0; i < n && code == SQLITE_ROW; i++) {
            if (gbx__sqlite_declared_type(sqlite3_column_decltype(stmt, i))) continue;
            const gbx__type *type = gbx__sqlite_value_type(sqlite3_column_type(stmt, i));
            fields[i].type = gbx__sqlite_join_types(fields[i].type, type);
        }
    }
    if (code == SQLITE_ROW || code == SQLITE_DONE) return GBX_OK;
    return gbx__sqlite_fail(r->db, r->path, r->probe->err);
}

static gbx_status read_columns(sqlite_reader *r, sqlite3_stmt *stmt)
{
    gbx__probe *probe = r->probe;
    const int n = sqlite3_column_count(stmt);
    const gbx__type *text = gbx__type_plain(GBX_TYPE_UTF8);
    gbx__field *fields = GBX_ARENA_ARRAY(probe->arena, (size_t)n, gbx__field);
    bool must_look = false;
    if (!fields) return GBX_FAIL_NOMEM(probe->err);
    for (int i = 0; i < n; i++) {
        fields[i].name =
            gbx__arena_str(probe->arena, gbx__str_of(sqlite3_column_name(stmt, i)));
        if (!fields[i].name.ptr) return GBX_FAIL_NOMEM(probe->err);
        fields[i].type = gbx__sqlite_declared_type(sqlite3_column_decltype(stmt, i));
        must_look = must_look || !fields[i].type;
        if (r->all_varchar) fields[i].type = text;
    }
    if (must_look && !r->all_varchar) GBX_TRY(look_at_values(r, stmt, fields, n));
    for (int i = 0; i < n; i++) {
        if (!fields[i].type) fields[i].type = text; /* NULL in all of them */
    }
    probe->scan->fields = fields;
    probe->scan->n_fields = (uint32_t)n;
    return GBX_OK;
}

/* An upper bound that costs one look: rows may have been deleted. */
static void estimate_rows(sqlite_reader *r)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    sqlite3_stmt *stmt = NULL;
    gbx__buf_puts(&sql, "SELECT max(rowid) FROM ");
    gbx__duck_quote_ident(&sql, r->probe->scan->inner_name);
    if (sql.failed || sqlite3_prepare_v2(r->db, sql.data, -1, &stmt, NULL) != SQLITE_OK) return;
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        r->probe->scan->row_count = sqlite3_column_int64(stmt, 0);
        if (r->probe->scan->row_count < 0) r->probe->scan->row_count = -1;
    }
    sqlite3_finalize(stmt);
}

/* Changes may lie in the log beside the file for a while. */
static gbx_status add_log_to_fingerprint(sqlite_reader *r)
{
    gbx__file_info info = {0};
    gbx__scan *scan = r->probe->scan;
    const char *log = gbx__arena_printf(r->probe->arena, "%s-wal", r->path);
    if (!log) return GBX_FAIL_NOMEM(r->probe->err);
    if (gbx__fs_stat(log, &info, NULL) != GBX_OK) return GBX_OK;
    const char *text = gbx__arena_printf(r->probe->arena, "%.*s-%lld-%lld",
                                         GBX_STR_ARG(scan->fingerprint),
                                         (long long)info.size_bytes, (long long)info.mtime_ns);
    if (!text) return GBX_FAIL_NOMEM(r->probe->err);
    scan->fingerprint = gbx__str_of(text);
    return GBX_OK;
}

static gbx_status probe_table(sqlite_reader *r)
{
    sqlite3_stmt *stmt = NULL;
    GBX_TRY(find_table(r));
    GBX_TRY(gbx__sqlite_select(r->db, r->path, r->probe->scan->inner_name, &stmt, r->probe->err));
    const gbx_status status = read_columns(r, stmt);
    sqlite3_finalize(stmt);
    GBX_TRY(status);
    estimate_rows(r);
    return add_log_to_fingerprint(r);
}

gbx_status gbx__source_probe_sqlite(gbx__probe *probe)
{
    sqlite_reader reader = {.probe = probe, .path = probe->scan->paths[0].ptr};
    if (probe->scan->n_paths > 1) {
        return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                        "'%.*s' is %u SQLite databases: read them one by one",
                        GBX_STR_ARG(probe->scan->location), (unsigned)probe->scan->n_paths);
    }
    GBX_TRY(read_options(&reader));
    GBX_TRY(gbx__sqlite_open(reader.path, &reader.db, probe->err));
    const gbx_status status = probe_table(&reader);
    sqlite3_close(reader.db);
    return status;
}
