/*
 * A CSV file from a stranger: refused, or a scan with at least one column, whose rows the reader of
 * DuckDB then gives with the columns that the scan says, or fails on.
 */
#include "support/fuzz.h"

#include "source/source.h"

static gbx_status count_column(void *ctx, gbx__str name, gbx__str type, gbx_error *err)
{
    (void)name;
    (void)type;
    (void)err;
    *(size_t *)ctx += 1;
    return GBX_OK;
}

static gbx_status drop_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    (void)cols;
    (void)err;
    must(n_cols == *(size_t *)ctx);
    return GBX_OK;
}

static void read_back(const gbx__scan *scan)
{
    gbx_error err = {0};
    gbx__buf sql = {0};
    size_t n_cols = 0;
    gbx__buf_puts(&sql, "SELECT * FROM ");
    const gbx_status printed = gbx__sql_print_scan(scan, GBX_DIALECT_DUCKDB, &sql, &err);
    if (printed != GBX_OK) {
        must_tell(printed, &err);
    } else if (gbx__duck_describe(fuzz_duck(), sql.data, count_column, &n_cols, &err) == GBX_OK) {
        must(n_cols == scan->n_fields);
        (void)gbx__duck_rows(fuzz_duck(), sql.data, 0, NULL, drop_row, &n_cols, &err);
    }
    gbx__buf_done(&sql);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__arena arena;
    const gbx__scan *scan = NULL;
    fuzz_write("x.csv", data, size);
    gbx__arena_init(&arena);
    const gbx__source_ctx ctx = {.conn = fuzz_duck(), .arena = &arena};
    const gbx__source_request request = {
        .location = GBX_STR("x.csv"),
        .reader = GBX_STR("read_csv"),
        .has_format = true,
        .format = GBX_SCAN_CSV,
    };
    const gbx_status status = gbx__source_resolve(&ctx, &request, &scan, &err);
    if (status == GBX_OK) {
        must(scan != NULL && scan->n_fields > 0 && scan->csv != NULL);
        read_back(scan);
    } else {
        must_tell(status, &err);
    }
    gbx__arena_done(&arena);
    return 0;
}
