#include "tpch_data.h"

#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_SIZE (64 * 1024)

const char *const tpch_tables[TPCH_TABLES] = {"region", "nation",   "supplier", "customer",
                                              "part",   "partsupp", "orders",   "lineitem"};

static void run(duckdb_connection connection, const char *sql)
{
    duckdb_result result;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        bench_fail("%s\n%s", duckdb_result_error(&result), sql);
    duckdb_destroy_result(&result);
}

static void copy(duckdb_connection connection, const char *select, const char *path,
                 const char *format)
{
    const size_t size = strlen(select) + strlen(path) + 128;
    char *sql = malloc(size);
    if (!sql) bench_fail("out of memory");
    snprintf(sql, size, "COPY (%s) TO '%s' (%s)", select, path, format);
    run(connection, sql);
    free(sql);
}

static const char *file_of(const char *folder, const char *table, const char *ending)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%s", table, ending);
    return bench_path(folder, name);
}

char *tpch_data_read(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file) bench_fail("cannot read '%s': %s", path, strerror(errno));
    char *text = calloc(1, TEXT_SIZE);
    if (!text) bench_fail("out of memory");
    const size_t len = fread(text, 1, TEXT_SIZE - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

void tpch_data_make(duckdb_connection connection, const char *sql_path, const char *folder)
{
    char *sql = tpch_data_read(sql_path);
    run(connection, sql);
    free(sql);
    mkdir(folder, 0700);
    for (size_t i = 0; i < TPCH_TABLES; i++) {
        char select[64];
        snprintf(select, sizeof(select), "FROM temp.%s", tpch_tables[i]);
        copy(connection, select, file_of(folder, tpch_tables[i], "parquet"), "FORMAT parquet");
    }
}

void tpch_data_make_csv(duckdb_connection connection, const char *parquet, const char *csv)
{
    mkdir(csv, 0700);
    for (size_t i = 0; i < TPCH_TABLES; i++) {
        const char *path = file_of(csv, tpch_tables[i], "csv");
        if (bench_file_mb(path) > 0) continue;
        char select[BENCH_PATH_SIZE + 64];
        const char *partial = file_of(csv, tpch_tables[i], "partial");
        snprintf(select, sizeof(select), "SELECT * FROM '%s'",
                 file_of(parquet, tpch_tables[i], "parquet"));
        copy(connection, select, partial, "FORMAT csv, HEADER");
        if (rename(partial, path) != 0) bench_fail("cannot make '%s'", path);
    }
}

char *tpch_data_columns(duckdb_connection connection, const char *path)
{
    char sql[BENCH_PATH_SIZE + 256];
    duckdb_result result;
    snprintf(sql, sizeof(sql),
             "SELECT '{' || string_agg(printf('''%%s'': ''%%s''', column_name, column_type), ', ') "
             "|| '}' FROM (DESCRIBE SELECT * FROM '%s')",
             path);
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess)
        bench_fail("%s", duckdb_result_error(&result));
    char *text = duckdb_value_varchar(&result, 0, 0);
    char *copied = text ? strdup(text) : NULL;
    duckdb_free(text);
    duckdb_destroy_result(&result);
    if (!copied) bench_fail("'%s' has no columns", path);
    return copied;
}
