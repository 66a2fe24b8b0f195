#include "tpch_rows.h"

#include "arrow/arrow.h"
#include "bench.h"
#include "result/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FLOAT_TOLERANCE 1e-9

void tpch_rows_done(tpch_rows *rows)
{
    for (size_t i = 0; i < rows->n_cols; i++) free(rows->types[i]);
    for (size_t i = 0; i < rows->n_cols * rows->n_rows; i++) free(rows->cells[i]);
    free(rows->types);
    free(rows->cells);
    *rows = (tpch_rows){0};
}

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    if (!copy) bench_fail("out of memory");
    return copy;
}

static void rows_init(tpch_rows *rows, size_t n_cols)
{
    *rows = (tpch_rows){.n_cols = n_cols, .types = calloc(n_cols + 1, sizeof(char *))};
    if (!rows->types) bench_fail("out of memory");
}

static char **rows_add(tpch_rows *rows)
{
    if (rows->n_rows == rows->capacity) {
        rows->capacity = rows->capacity ? 2 * rows->capacity : 64;
        rows->cells = realloc(rows->cells, rows->capacity * rows->n_cols * sizeof(char *));
        if (!rows->cells) bench_fail("out of memory");
    }
    return rows->cells + rows->n_cols * rows->n_rows++;
}

/* ---- Gearbox --------------------------------------------------------------------------------- */

static const char *class_of_kind(const gbx__column *column)
{
    static char decimal[32];
    switch ((int)column->kind) {
    case GBX_COLUMN_INT8:
    case GBX_COLUMN_INT16:
    case GBX_COLUMN_INT32:
    case GBX_COLUMN_INT64:
    case GBX_COLUMN_INT128: return "integer";
    case GBX_COLUMN_FLOAT32:
    case GBX_COLUMN_FLOAT64: return "float";
    case GBX_COLUMN_UTF8: return "text";
    case GBX_COLUMN_DATE: return "date";
    case GBX_COLUMN_DECIMAL:
        snprintf(decimal, sizeof(decimal), "decimal(%d)", column->scale);
        return decimal;
    default: return column->format;
    }
}

static void take_batch(gbx__column *columns, size_t n, const struct ArrowArray *batch,
                       tpch_rows *out)
{
    gbx_error err;
    gbx__buf text = {0};
    if (gbx__columns_bind(columns, n, batch, &err) != GBX_OK) bench_fail("%s", err.message);
    for (int64_t row = 0; row < batch->length; row++) {
        char **cells = rows_add(out);
        for (size_t i = 0; i < n; i++) {
            gbx__buf_clear(&text);
            gbx__column_text(&columns[i], row + batch->offset, &text);
            gbx__buf_putc(&text, '\0');
            const bool is_null = gbx__column_is_null(&columns[i], row + batch->offset);
            cells[i] = is_null ? NULL : copy_text(text.data);
        }
    }
    gbx__buf_done(&text);
}

void tpch_rows_of_stream(struct ArrowArrayStream *stream, tpch_rows *out)
{
    gbx_error err;
    gbx__arena arena;
    gbx__column *columns = NULL;
    size_t n = 0;
    struct ArrowSchema schema;
    struct ArrowArray batch = {0};
    gbx__arena_init(&arena);
    if (gbx__arrow_stream_schema(stream, &schema, &err) != GBX_OK ||
        gbx__columns_open(&arena, &schema, &columns, &n, &err) != GBX_OK)
        bench_fail("%s", err.message);
    rows_init(out, n);
    for (size_t i = 0; i < n; i++) out->types[i] = copy_text(class_of_kind(&columns[i]));
    while (true) {
        if (gbx__arrow_stream_next(stream, &batch, &err) != GBX_OK) bench_fail("%s", err.message);
        if (!batch.release) break;
        take_batch(columns, n, &batch, out);
        gbx__arrow_array_done(&batch);
    }
    gbx__arrow_schema_done(&schema);
    gbx__arrow_stream_done(stream);
    gbx__arena_done(&arena);
}

/* ---- DuckDB ---------------------------------------------------------------------------------- */

static const char *class_of_duckdb(duckdb_logical_type type)
{
    static char other[32];
    const duckdb_type id = duckdb_get_type_id(type);
    switch ((int)id) {
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_HUGEINT: return "integer";
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return "float";
    case DUCKDB_TYPE_VARCHAR: return "text";
    case DUCKDB_TYPE_DATE: return "date";
    case DUCKDB_TYPE_DECIMAL:
        snprintf(other, sizeof(other), "decimal(%d)", duckdb_decimal_scale(type));
        return other;
    default: snprintf(other, sizeof(other), "type %d", (int)id); return other;
    }
}

static void query(duckdb_connection connection, const char *sql, duckdb_result *result)
{
    if (duckdb_query(connection, sql, result) != DuckDBSuccess)
        bench_fail("DuckDB: %s", duckdb_result_error(result));
}

/* The rows once more with all columns cast to text, which DuckDB does itself. */
static void take_text(duckdb_connection connection, const char *sql, tpch_rows *out)
{
    static const char format[] = "SELECT COLUMNS(*)::VARCHAR FROM (%.*s) t";
    size_t len = strlen(sql);
    while (len > 0 && strchr("; \n", sql[len - 1])) len--;
    const size_t size = sizeof(format) + len;
    char *text = malloc(size);
    if (!text) bench_fail("out of memory");
    snprintf(text, size, format, (int)len, sql);
    duckdb_result result;
    query(connection, text, &result);
    const idx_t n_rows = duckdb_row_count(&result);
    for (idx_t row = 0; row < n_rows; row++) {
        char **cells = rows_add(out);
        for (size_t i = 0; i < out->n_cols; i++) {
            char *cell = duckdb_value_varchar(&result, i, row);
            cells[i] = cell ? copy_text(cell) : NULL;
            duckdb_free(cell);
        }
    }
    duckdb_destroy_result(&result);
    free(text);
}

void tpch_rows_of_duckdb(duckdb_connection connection, const char *sql, tpch_rows *out)
{
    duckdb_result result;
    query(connection, sql, &result);
    rows_init(out, duckdb_column_count(&result));
    for (size_t i = 0; i < out->n_cols; i++) {
        duckdb_logical_type type = duckdb_column_logical_type(&result, i);
        out->types[i] = copy_text(class_of_duckdb(type));
        duckdb_destroy_logical_type(&type);
    }
    duckdb_destroy_result(&result);
    take_text(connection, sql, out);
}

/* ---- comparing ------------------------------------------------------------------------------- */

static const tpch_rows *sorting; /* qsort has no context */

static int compare_text(const char *a, const char *b)
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_number(const char *a, const char *b)
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    const double x = strtod(a, NULL);
    const double y = strtod(b, NULL);
    return (x > y) - (x < y);
}

/* Floats last: in them the two sides may differ a little. */
static int compare_rows(const void *a, const void *b)
{
    char *const *x = a;
    char *const *y = b;
    for (int floats = 0; floats < 2; floats++) {
        for (size_t i = 0; i < sorting->n_cols; i++) {
            if ((strcmp(sorting->types[i], "float") == 0) != floats) continue;
            const int order = floats ? compare_number(x[i], y[i]) : compare_text(x[i], y[i]);
            if (order != 0) return order;
        }
    }
    return 0;
}

static void rows_sort(tpch_rows *rows)
{
    sorting = rows;
    qsort(rows->cells, rows->n_rows, rows->n_cols * sizeof(char *), compare_rows);
}

static bool cells_equal(const char *type, const char *a, const char *b)
{
    if (!a || !b) return a == b;
    if (strcmp(a, b) == 0) return true;
    if (strcmp(type, "float") != 0) return false;
    const double x = strtod(a, NULL);
    const double y = strtod(b, NULL);
    return fabs(x - y) <= FLOAT_TOLERANCE * fmax(fabs(x), fabs(y));
}

const char *tpch_rows_compare(tpch_rows *a, tpch_rows *b)
{
    static char why[512];
    if (a->n_cols != b->n_cols || a->n_rows != b->n_rows) {
        snprintf(why, sizeof(why), "%zu rows of %zu columns, not %zu of %zu", a->n_rows, a->n_cols,
                 b->n_rows, b->n_cols);
        return why;
    }
    for (size_t i = 0; i < a->n_cols; i++) {
        if (strcmp(a->types[i], b->types[i]) == 0) continue;
        snprintf(why, sizeof(why), "column %zu is %s, not %s", i + 1, a->types[i], b->types[i]);
        return why;
    }
    rows_sort(a);
    rows_sort(b);
    for (size_t i = 0; i < a->n_rows * a->n_cols; i++) {
        if (cells_equal(a->types[i % a->n_cols], a->cells[i], b->cells[i])) continue;
        snprintf(why, sizeof(why), "row %zu, column %zu is %s, not %s", i / a->n_cols + 1,
                 i % a->n_cols + 1, a->cells[i] ? a->cells[i] : "NULL",
                 b->cells[i] ? b->cells[i] : "NULL");
        return why;
    }
    return NULL;
}
