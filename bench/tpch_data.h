/*
 * The eight tables of TPC-H as files, or small ones of our own (tpch_tables.sql) in their place.
 */
#ifndef GBX_BENCH_TPCH_DATA_H
#define GBX_BENCH_TPCH_DATA_H

#include <duckdb.h>

#define TPCH_TABLES 8
extern const char *const tpch_tables[TPCH_TABLES];

/* The text of a small file; free() it. */
char *tpch_data_read(const char *path);
/* Writes small tables as Parquet into a folder: those of tpch_tables.sql, `sql_path`. */
void tpch_data_make(duckdb_connection connection, const char *sql_path, const char *folder);
/* Makes the CSV files that are missing out of the Parquet files. */
void tpch_data_make_csv(duckdb_connection connection, const char *parquet, const char *csv);
/* "{'r_regionkey': 'BIGINT', …}" of a Parquet file; free() it. */
char *tpch_data_columns(duckdb_connection connection, const char *path);

#endif
