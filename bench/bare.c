/*
 * What `gearbox sql` is measured against: the least that a C program has to do to have DuckDB run a
 * query and write its rows as CSV. Linked to DuckDB as programs usually are, which knows nothing of
 * Gearbox.
 *
 *   bare [--threads N] QUERY           the rows on stdout, by DuckDB's own COPY
 *   bare [--threads N] -x STATEMENTS   runs them; rows are dropped
 */
#include <duckdb.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run(duckdb_connection connection, const char *sql)
{
    duckdb_result result;
    const duckdb_state state = duckdb_query(connection, sql, &result);
    if (state != DuckDBSuccess) fprintf(stderr, "bare: %s\n", duckdb_result_error(&result));
    duckdb_destroy_result(&result);
    return state == DuckDBSuccess ? 0 : 1;
}

static int run_to_stdout(duckdb_connection connection, const char *query)
{
    static const char format[] = "COPY (%s) TO '/dev/stdout' (FORMAT csv, HEADER)";
    const size_t size = sizeof(format) + strlen(query);
    char *sql = malloc(size);
    if (!sql) return 1;
    snprintf(sql, size, format, query);
    const int code = run(connection, sql);
    free(sql);
    return code;
}

static int open_and_run(duckdb_config config, const char *query, int is_statement)
{
    duckdb_database database;
    duckdb_connection connection;
    char *error = NULL;
    if (duckdb_open_ext(NULL, &database, config, &error) != DuckDBSuccess) {
        fprintf(stderr, "bare: %s\n", error);
        duckdb_free(error);
        return 1;
    }
    int code = 1;
    if (duckdb_connect(database, &connection) == DuckDBSuccess) {
        code = is_statement ? run(connection, query) : run_to_stdout(connection, query);
        duckdb_disconnect(&connection);
    }
    duckdb_close(&database);
    return code;
}

int main(int argc, char **argv)
{
    const char *threads = NULL;
    int at = 1;
    if (argc > 2 && strcmp(argv[1], "--threads") == 0) {
        threads = argv[2];
        at = 3;
    }
    const int is_statement = at < argc && strcmp(argv[at], "-x") == 0;
    at += is_statement;
    if (at + 1 != argc) {
        fputs("usage: bare [--threads N] [-x] SQL\n", stderr);
        return 2;
    }
    duckdb_config config;
    if (duckdb_create_config(&config) != DuckDBSuccess) return 1;
    if (threads) duckdb_set_config(config, "threads", threads);
    const int code = open_and_run(config, argv[at], is_statement);
    duckdb_destroy_config(&config);
    return code;
}
