/*
 * How much memory whole processes take.
 *
 *   passing through   SELECT * of a small and of a large CSV, to CSV and to Arrow: the peak of the
 *                     resident set must not grow with the file
 *   under a limit     one group by with a group for every 2nd to 7th row, and a sort of the whole
 *                     file, both larger than --memory: they finish, by spilling, within it
 *
 *   memory [--gearbox PROGRAM] [--bare PROGRAM] [--dir FOLDER] [--small-mb N] [--large-mb N]
 *          [--limit SIZE] [--groups N] [--threads N] [--json FILE]
 *
 * The files are made in a temporary folder below --dir (else $TMPDIR, else /tmp) and removed; about
 * four times --large-mb has to be free there. Defaults: 500 MB, 5,000 MB, 512MB, 10,000,000, 2.
 */
#include "bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROW_BYTES 75        /* of a line of the file */
#define GROWTH_ALLOWED 1.05 /* of the peak, from the small file to the large one … */
#define GROWTH_SLACK_MB 8.0 /* … and this: threads do not meet the same way twice */

typedef struct memory {
    const char *gearbox, *bare, *limit, *threads;
    const char *files[2]; /* small, large */
    long mb[2];
    long groups;
    const char *spill; /* $TMPDIR of the children */
    bench_json json;
    size_t n_failed;
} memory;

/* ---- the files ------------------------------------------------------------------------------- */

static long rows_of(long mb)
{
    return mb * 1000000 / ROW_BYTES;
}

static void make_file(const memory *m, size_t which)
{
    char sql[2 * BENCH_PATH_SIZE];
    snprintf(
        sql, sizeof(sql),
        "COPY (SELECT 1000000000 + i AS id, 10000000 + i * 7919 %% %ld AS key, "
        "(100000 + hash(i) %% 900000) / 100 AS value, DATE '2000-01-01' + (i %% 9000)::INTEGER "
        "AS day, md5(i::VARCHAR) AS note FROM range(%ld) t(i)) TO '%s' (FORMAT csv, HEADER)",
        m->groups, rows_of(m->mb[which]), m->files[which]);
    const char *const argv[] = {m->bare, "--threads", m->threads, "-x", sql, NULL};
    if (bench_run(argv, NULL, NULL).exit_code != 0) bench_fail("cannot make the files");
}

/* ---- runs ------------------------------------------------------------------------------------ */

/* The number after "rows": in what --stats wrote. */
static long rows_in(const char *path)
{
    char text[8192] = "";
    FILE *file = fopen(path, "r");
    if (!file) return -1;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    const char *at = strstr(text, "\"rows\":");
    return at ? strtol(at + strlen("\"rows\":"), NULL, 10) : -1;
}

static bench_child run(memory *m, const char *what, size_t which, const char *select,
                       const char *format, const char *limit, long rows)
{
    char sql[2 * BENCH_PATH_SIZE];
    const char *stats = bench_path(bench_temp_dir(), "stats.json");
    const char *place = strstr(select, "%s");
    snprintf(sql, sizeof(sql), "%.*s'%s'%s", (int)(place - select), select, m->files[which],
             place + 2);
    const char *const argv[] = {m->gearbox,  "sql",      "--quiet",  "--no-opaque",
                                "--threads", m->threads, "--format", format,
                                "--stats",   stats,      sql,        limit ? "--memory" : NULL,
                                limit,       NULL};
    const bench_child child = bench_run(argv, NULL, m->spill);
    printf("%-30s %8.0f %10s %9.1f %9.1f %9.1f %9.1f", what, bench_file_mb(m->files[which]),
           limit ? limit : "none", child.wall_ms / 1e3, child.cpu_ms / 1e3, child.rss_mb,
           child.watched_mb);
    const bool failed = child.exit_code != 0 || rows_in(stats) != rows;
    if (failed) printf("  exit code %d, %ld rows", child.exit_code, rows_in(stats));
    m->n_failed += failed;
    fflush(stdout);
    bench_json_begin(&m->json, NULL, '{');
    bench_json_text(&m->json, "case", what);
    bench_json_number(&m->json, "file_mb", bench_file_mb(m->files[which]));
    bench_json_text(&m->json, "limit", limit ? limit : "none");
    bench_json_number(&m->json, "exit_code", child.exit_code);
    bench_json_number(&m->json, "wall_s", child.wall_ms / 1e3);
    bench_json_number(&m->json, "cpu_s", child.cpu_ms / 1e3);
    bench_json_number(&m->json, "peak_rss_mb", child.rss_mb);
    bench_json_number(&m->json, "spilled_mb", child.watched_mb);
    bench_json_end(&m->json, '}');
    return child;
}

static void verdict(bool is_fine, const char *what)
{
    printf("  %s\n", is_fine ? "ok" : what);
}

static void run_through(memory *m, const char *format)
{
    char what[64];
    snprintf(what, sizeof(what), "SELECT * to %s", format);
    const bench_child small = run(m, what, 0, "SELECT * FROM %s", format, NULL, rows_of(m->mb[0]));
    printf("\n");
    const bench_child large = run(m, what, 1, "SELECT * FROM %s", format, NULL, rows_of(m->mb[1]));
    verdict(large.rss_mb <= small.rss_mb * GROWTH_ALLOWED + GROWTH_SLACK_MB, "GROWS");
}

static double size_mb(const char *text)
{
    char *end = NULL;
    const double value = strtod(text, &end);
    if (strcmp(end, "MB") == 0) return value;
    if (strcmp(end, "GB") == 0) return value * 1e3;
    bench_fail("--limit %s? write it as 512MB", text);
}

static void run_limited(memory *m, const char *what, const char *select, long rows)
{
    const bench_child child = run(m, what, 1, select, "csv", m->limit, rows);
    verdict(child.rss_mb <= size_mb(m->limit), "OVER");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void read_options(memory *m, int *argc, char **argv)
{
    m->gearbox =
        bench_or_else(bench_option(argc, argv, "gearbox"),
                      bench_or_else(getenv("GEARBOX_PROGRAM"), bench_program_beside("../gearbox")));
    m->bare = bench_or_else(bench_option(argc, argv, "bare"), bench_program_beside("bench_bare"));
    m->limit = bench_or_else(bench_option(argc, argv, "limit"), "512MB");
    m->threads = bench_or_else(bench_option(argc, argv, "threads"), "2");
    m->groups = bench_option_number(argc, argv, "groups", 10000000);
    m->mb[0] = bench_option_number(argc, argv, "small-mb", 500);
    m->mb[1] = bench_option_number(argc, argv, "large-mb", 5000);
    const char *dir = bench_option(argc, argv, "dir");
    if (dir) setenv("TMPDIR", dir, 1);
    m->files[0] = bench_keep(bench_path(bench_temp_dir(), "small.csv"));
    m->files[1] = bench_keep(bench_path(bench_temp_dir(), "large.csv"));
    m->spill = bench_keep(bench_path(bench_temp_dir(), "spill"));
    if (mkdir(m->spill, 0700) != 0) bench_fail("cannot make '%s'", m->spill);
    setenv("TMPDIR", m->spill, 1);
}

int main(int argc, char **argv)
{
    memory m = {0};
    const char *json = bench_option(&argc, argv, "json");
    read_options(&m, &argc, argv);
    if (argc > 1) bench_fail("what is '%s'?", argv[1]);
    make_file(&m, 0);
    make_file(&m, 1);
    bench_json_open(&m.json, json, "memory");
    bench_json_begin(&m.json, "cases", '[');
    printf("%-30s %8s %10s %9s %9s %9s %9s\n", "whole processes", "file MB", "limit", "wall s",
           "CPU s", "RSS MB", "spill MB");
    run_through(&m, "csv");
    run_through(&m, "arrow");
    const long rows = rows_of(m.mb[1]);
    run_limited(&m, "group by, many groups",
                "SELECT key, count(*) AS n, sum(value) AS total, max(note) AS note FROM %s "
                "GROUP BY key",
                rows < m.groups ? rows : m.groups);
    run_limited(&m, "sort of everything", "SELECT * FROM %s ORDER BY note", rows);
    bench_json_end(&m.json, ']');
    bench_json_close(&m.json);
    return m.n_failed > 0; /* figures are for people to judge */
}
