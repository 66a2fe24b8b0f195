/*
 * The 22 queries of TPC-H: SQL through the whole of Gearbox (text, plan, optimiser, printed SQL,
 * DuckDB, rows as Arrow) against the same text in DuckDB through its own C API, in one process, in
 * turn, with the same number of threads, over the same files. The rows are compared first.
 *
 *   tpch [--parquet FOLDER [--csv FOLDER]] [--ways LIST] [--only q01,q15] [--queries FOLDER]
 *        [--tables SQL] [--rounds N] [--threads N] [--json FILE]
 *
 * Ways (all of them unless said):
 *   parquet      Gearbox: tables by name; DuckDB: views over read_parquet
 *   csv          both are told the columns' names and types
 *   csv-sniffed  both find them out, in every query
 *
 * Without --parquet the small tables of tpch_tables.sql are made in a temporary folder; they only
 * show that all works. CSV files that are missing are made. A round is A B B A; with 0 rounds the
 * rows are compared and that is all. The target: the geometric mean of the
 * queries' ratios of CPU time, Gearbox to DuckDB, is at most 1.05.
 */
#include "arrow/arrow.h"
#include "bench.h"
#include "tpch_data.h"
#include "tpch_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define QUERIES 22
#define ALLOWED_RATIO 1.05

typedef struct way {
    const char *name;
    const char *ending;
    bool is_told; /* the columns */
} way;

static const way ways[] = {
    {"parquet", "parquet", false},
    {"csv", "csv", true},
    {"csv-sniffed", "csv", false},
};

typedef struct tpch {
    const char *parquet, *csv, *queries, *tables, *only, *ways;
    long rounds, threads;
    bench_json json;
    size_t n_wrong;
    char *texts[QUERIES];
    gbx_session *session;
    gbx_named_frame frames[TPCH_TABLES]; /* where the columns are told */
    size_t n_frames;
    duckdb_database database;
    duckdb_connection connection;
} tpch;

typedef struct figures {
    bench_series gearbox_cpu, duckdb_cpu, gearbox_wall, duckdb_wall, front_cpu;
} figures;

/* ---- Gearbox --------------------------------------------------------------------------------- */

static void check(gbx_status status, const gbx_error *err, const char *what)
{
    if (status != GBX_OK) bench_fail("%s: %s", what, err->message);
}

static gbx_frame *gearbox_frame(const tpch *t, size_t q)
{
    gbx_error err;
    gbx_frame *frame = NULL;
    const gbx_status status =
        t->n_frames > 0 ? gbx_frames_sql(t->n_frames, t->frames, t->texts[q], NULL, &frame, &err)
                        : gbx_session_sql(t->session, t->texts[q], NULL, &frame, &err);
    check(status, &err, "Gearbox");
    return frame;
}

static void gearbox_stream(gbx_frame *frame, gbx_result **result, struct ArrowArrayStream *out)
{
    gbx_error err;
    check(gbx_frame_run(frame, NULL, result, &err), &err, "Gearbox");
    check(gbx_result_stream(*result, out, &err), &err, "Gearbox");
}

static void time_gearbox(const tpch *t, size_t q, figures *f)
{
    gbx_error err;
    gbx_result *result = NULL;
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    const bench_clock start = bench_now();
    gbx_frame *frame = gearbox_frame(t, q);
    const bench_clock front = bench_since(start);
    gearbox_stream(frame, &result, &stream);
    do {
        gbx__arrow_array_done(&batch);
        check(gbx__arrow_stream_next(&stream, &batch, &err), &err, "Gearbox");
    } while (batch.release);
    gbx__arrow_stream_done(&stream);
    gbx_result_free(result);
    gbx_frame_free(frame);
    const bench_clock whole = bench_since(start);
    bench_add(&f->gearbox_cpu, whole.cpu_ms);
    bench_add(&f->gearbox_wall, whole.wall_ms);
    bench_add(&f->front_cpu, front.cpu_ms);
}

/* ---- DuckDB ---------------------------------------------------------------------------------- */

static void duckdb_run(const tpch *t, const char *sql)
{
    duckdb_result result;
    if (duckdb_query(t->connection, sql, &result) != DuckDBSuccess)
        bench_fail("DuckDB: %s", duckdb_result_error(&result));
    for (duckdb_data_chunk chunk; (chunk = duckdb_fetch_chunk(result)) != NULL;)
        duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&result);
}

static void time_duckdb(const tpch *t, size_t q, figures *f)
{
    const bench_clock start = bench_now();
    duckdb_run(t, t->texts[q]);
    const bench_clock whole = bench_since(start);
    bench_add(&f->duckdb_cpu, whole.cpu_ms);
    bench_add(&f->duckdb_wall, whole.wall_ms);
}

/* ---- opening and closing a way --------------------------------------------------------------- */

static void duckdb_connect_to(tpch *t)
{
    char threads[16];
    duckdb_config config;
    snprintf(threads, sizeof(threads), "%ld", t->threads);
    if (duckdb_create_config(&config) != DuckDBSuccess ||
        duckdb_set_config(config, "threads", threads) != DuckDBSuccess ||
        duckdb_open_ext(NULL, &t->database, config, NULL) != DuckDBSuccess ||
        duckdb_connect(t->database, &t->connection) != DuckDBSuccess)
        bench_fail("DuckDB can't be opened");
    duckdb_destroy_config(&config);
}

static void session_open(tpch *t)
{
    gbx_error err;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.threads = (int)t->threads;
    options.no_opaque = true;
    check(gbx_session_open(&options, &t->session, &err), &err, "Gearbox");
}

/* The same file with its columns told, for both. */
static void add_told(tpch *t, const char *table, const char *path)
{
    gbx_error err;
    gbx_frame *frame = NULL;
    char parquet[64];
    snprintf(parquet, sizeof(parquet), "%s.parquet", table);
    char *columns = tpch_data_columns(t->connection, bench_path(t->parquet, parquet));
    const gbx_option options[] = {
        {"columns", columns}, {"header", "true"}, {"delim", "','"}, {"auto_detect", "false"}};
    const size_t n = sizeof(options) / sizeof(options[0]);
    check(gbx_scan_csv(t->session, path, n, options, &frame, &err), &err, "Gearbox");
    t->frames[t->n_frames++] = (gbx_named_frame){table, frame};

    const size_t size = strlen(columns) + strlen(path) + 256;
    char *sql = malloc(size);
    if (!sql) bench_fail("out of memory");
    snprintf(sql, size,
             "CREATE VIEW %s AS SELECT * FROM read_csv('%s', auto_detect = false, header = true, "
             "delim = ',', columns = %s)",
             table, path, columns);
    duckdb_run(t, sql);
    free(sql);
    free(columns);
}

static void add_plain(tpch *t, const way *w, const char *table, const char *path)
{
    gbx_error err;
    char sql[BENCH_PATH_SIZE + 256];
    check(gbx_session_add_table(t->session, table, path, &err), &err, "Gearbox");
    snprintf(sql, sizeof(sql), "CREATE VIEW %s AS SELECT * FROM read_%s('%s')", table, w->ending,
             path);
    duckdb_run(t, sql);
}

static void way_open(tpch *t, const way *w)
{
    duckdb_connect_to(t);
    session_open(t);
    for (size_t i = 0; i < TPCH_TABLES; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s.%s", tpch_tables[i], w->ending);
        const bool is_csv = strcmp(w->ending, "csv") == 0;
        const char *path = bench_path(is_csv ? t->csv : t->parquet, name);
        if (w->is_told)
            add_told(t, tpch_tables[i], path);
        else
            add_plain(t, w, tpch_tables[i], path);
    }
}

static void way_close(tpch *t)
{
    for (size_t i = 0; i < t->n_frames; i++) {
        /* the list is of borrowed frames; these are ours */
        union {
            const gbx_frame *lent;
            gbx_frame *own;
        } frame = {t->frames[i].frame};
        gbx_frame_free(frame.own);
    }
    t->n_frames = 0;
    gbx_session_close(t->session);
    duckdb_disconnect(&t->connection);
    duckdb_close(&t->database);
}

/* ---- a query --------------------------------------------------------------------------------- */

/* Also the first run of each, which warms what stays warm. */
static size_t compare_rows(tpch *t, size_t q)
{
    tpch_rows ours, theirs;
    gbx_result *result = NULL;
    struct ArrowArrayStream stream;
    gbx_frame *frame = gearbox_frame(t, q);
    gearbox_stream(frame, &result, &stream);
    tpch_rows_of_stream(&stream, &ours);
    gbx_result_free(result);
    gbx_frame_free(frame);
    tpch_rows_of_duckdb(t->connection, t->texts[q], &theirs);
    const char *difference = tpch_rows_compare(&ours, &theirs);
    const size_t n_rows = theirs.n_rows;
    if (difference) {
        printf("q%02zu: the rows differ: %s\n", q + 1, difference);
        t->n_wrong++;
    }
    tpch_rows_done(&ours);
    tpch_rows_done(&theirs);
    return n_rows;
}

static double tell(tpch *t, size_t q, size_t n_rows, const figures *f)
{
    const double ratio = bench_median(&f->gearbox_cpu) / bench_median(&f->duckdb_cpu);
    printf("q%02zu %9zu %9.1f %9.1f %8.3f %9.1f %9.1f %8.2f\n", q + 1, n_rows,
           bench_median(&f->gearbox_cpu), bench_median(&f->duckdb_cpu), ratio,
           bench_median(&f->gearbox_wall), bench_median(&f->duckdb_wall),
           bench_median(&f->front_cpu));
    fflush(stdout);
    bench_json_begin(&t->json, NULL, '{');
    bench_json_number(&t->json, "query", (double)(q + 1));
    bench_json_number(&t->json, "rows", (double)n_rows);
    bench_json_number(&t->json, "cpu_ratio", ratio);
    bench_json_series(&t->json, "gearbox_cpu_ms", &f->gearbox_cpu);
    bench_json_series(&t->json, "duckdb_cpu_ms", &f->duckdb_cpu);
    bench_json_series(&t->json, "gearbox_wall_ms", &f->gearbox_wall);
    bench_json_series(&t->json, "duckdb_wall_ms", &f->duckdb_wall);
    bench_json_series(&t->json, "gearbox_plan_cpu_ms", &f->front_cpu);
    bench_json_end(&t->json, '}');
    return ratio;
}

/* The ratio; 0 when nothing was timed. */
static double run_query(tpch *t, size_t q)
{
    figures f = {0};
    const size_t n_rows = compare_rows(t, q);
    if (t->rounds == 0) return 0;
    for (long i = 0; i < t->rounds; i++) {
        time_gearbox(t, q, &f);
        time_duckdb(t, q, &f);
        time_duckdb(t, q, &f);
        time_gearbox(t, q, &f);
    }
    return tell(t, q, n_rows, &f);
}

static bool is_in_list(const char *list, const char *name)
{
    if (!list) return true;
    const size_t len = strlen(name);
    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name)) {
        if ((at == list || at[-1] == ',') && (at[len] == ',' || at[len] == '\0')) return true;
    }
    return false;
}

static void tell_way(tpch *t, const way *w, size_t n, double mean, double worst)
{
    if (t->rounds == 0) {
        printf("%s: the rows of %zu queries were compared\n", w->name, n);
    } else {
        printf(
            "%s: geometric mean of %zu ratios of CPU time %.3f (allowed: %.2f), largest %.3f\n\n",
            w->name, n, mean, ALLOWED_RATIO, worst);
    }
    bench_json_number(&t->json, "geometric_mean_of_cpu_ratios", mean);
    bench_json_number(&t->json, "largest_cpu_ratio", worst);
}

static void run_way(tpch *t, const way *w)
{
    double sum_of_logs = 0;
    double worst = 0;
    size_t n = 0;
    way_open(t, w);
    bench_json_begin(&t->json, w->name, '{');
    bench_json_begin(&t->json, "queries", '[');
    if (t->rounds > 0) {
        printf("%-14s %17s %9s %8s %9s %9s %8s\n", w->name, "CPU ms: Gearbox", "DuckDB", "ratio",
               "wall ms", "DuckDB", "to plan");
    }
    for (size_t q = 0; q < QUERIES; q++) {
        char name[8];
        snprintf(name, sizeof(name), "q%02zu", q + 1);
        if (!is_in_list(t->only, name)) continue;
        const double ratio = run_query(t, q);
        sum_of_logs += t->rounds > 0 ? log(ratio) : 0;
        if (ratio > worst) worst = ratio;
        n++;
    }
    bench_json_end(&t->json, ']');
    tell_way(t, w, n, n > 0 ? exp(sum_of_logs / (double)n) : 0, worst);
    bench_json_end(&t->json, '}');
    way_close(t);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void read_queries(tpch *t)
{
    for (size_t q = 0; q < QUERIES; q++) {
        char name[16];
        snprintf(name, sizeof(name), "q%02zu.sql", q + 1);
        t->texts[q] = tpch_data_read(bench_path(t->queries, name));
    }
}

static void find_data(tpch *t)
{
    duckdb_connect_to(t);
    if (!t->parquet) {
        t->parquet = bench_keep(bench_path(bench_temp_dir(), "parquet"));
        tpch_data_make(t->connection, t->tables, t->parquet);
    }
    if (is_in_list(t->ways, "csv") || is_in_list(t->ways, "csv-sniffed")) {
        if (!t->csv) t->csv = bench_keep(bench_path(bench_temp_dir(), "csv"));
        tpch_data_make_csv(t->connection, t->parquet, t->csv);
    }
    duckdb_disconnect(&t->connection);
    duckdb_close(&t->database);
}

int main(int argc, char **argv)
{
    tpch t = {0};
    t.parquet = bench_option(&argc, argv, "parquet");
    t.csv = bench_option(&argc, argv, "csv");
    t.ways = bench_option(&argc, argv, "ways");
    t.only = bench_option(&argc, argv, "only");
    t.queries = bench_option(&argc, argv, "queries");
    if (!t.queries) t.queries = ".deps/tpch/queries";
    t.tables = bench_option(&argc, argv, "tables");
    if (!t.tables) t.tables = "bench/tpch_tables.sql";
    t.rounds = bench_option_number(&argc, argv, "rounds", 3);
    t.threads = bench_option_number(&argc, argv, "threads", 2);
    const char *json = bench_option(&argc, argv, "json");
    if (argc > 1) bench_fail("what is '%s'?", argv[1]);

    read_queries(&t);
    find_data(&t);
    bench_json_open(&t.json, json, "tpch");
    bench_json_number(&t.json, "threads", (double)t.threads);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (is_in_list(t.ways, ways[i].name)) run_way(&t, &ways[i]);
    }
    bench_json_close(&t.json);
    for (size_t q = 0; q < QUERIES; q++) free(t.texts[q]);
    if (t.n_wrong == 0) return 0;
    printf("%zu queries with other rows\n", t.n_wrong);
    return 1;
}
