/*
 * The eight tables of TPC-H: their files, and small ones of our own for when nothing has been
 * generated.
 */
#ifndef GBX_BENCH_TPCH_DATA_H
#define GBX_BENCH_TPCH_DATA_H

#include <duckdb.h>

#define TPCH_TABLES 8
extern const char *const tpch_tables[TPCH_TABLES];

/* Writes the tables as Parquet into a folder: 12,000 rows in the largest. The values are those that
 * the queries ask for, so that nearly all of them find rows; they are not dbgen's. */
void tpch_data_make(duckdb_connection connection, const char *folder);
/* Makes the CSV files that are missing out of the Parquet files. */
void tpch_data_make_csv(duckdb_connection connection, const char *parquet, const char *csv);
/* "{'r_regionkey': 'BIGINT', …}" of a Parquet file; free() it. */
char *tpch_data_columns(duckdb_connection connection, const char *path);

#endif
