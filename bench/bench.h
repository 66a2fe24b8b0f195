/*
 * What the benchmarks share: clocks, children whose cost is measured, figures, JSON.
 *
 * Two things are compared by running them in turn, A B B A A B …, so that what else the machine
 * does meets both; the figure of each is its median. CPU time comes first: wall time is the
 * machine's too.
 */
#ifndef GBX_BENCH_BENCH_H
#define GBX_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define BENCH_PATH_SIZE 4096

/* ---- clocks and children --------------------------------------------------------------------- */

typedef struct bench_clock {
    double cpu_ms; /* of this process */
    double wall_ms;
} bench_clock;

bench_clock bench_now(void);
bench_clock bench_since(bench_clock start);

typedef struct bench_child {
    double cpu_ms;
    double wall_ms;
    double rss_mb;     /* largest resident set, in 10^6 bytes */
    double watched_mb; /* largest size of the watched folder that was seen */
    int exit_code;     /* -1: a signal */
} bench_child;

/* Runs a program to its end. argv ends with NULL. stdout goes to `out_path` (NULL: /dev/null). The
 * size of the folder `watched` (may be NULL) is looked at while it runs. The parent has to be
 * small: Linux counts it into the child's peak. Ends the program when it can't be started. */
bench_child bench_run(const char *const *argv, const char *out_path, const char *watched);

/* A folder of the benchmark's own below $TMPDIR or /tmp, removed when the program ends. */
const char *bench_temp_dir(void);
/* folder/name, in one of a few buffers that are used in turn. */
const char *bench_path(const char *folder, const char *name);
double bench_file_mb(const char *path); /* -1: it is not there */

/* Prints what went wrong and ends the program with 1. */
_Noreturn void bench_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- figures --------------------------------------------------------------------------------- */

#define BENCH_SERIES_MAX 256

typedef struct bench_series {
    double values[BENCH_SERIES_MAX];
    size_t n;
} bench_series;

void bench_add(bench_series *series, double value); /* what is more than fits is dropped */
double bench_median(const bench_series *series);
double bench_min(const bench_series *series);
double bench_max(const bench_series *series);

/* ---- options --------------------------------------------------------------------------------- */

/* The value of "--name value" or "--name=value" taken out of argv; NULL: not there. */
const char *bench_option(int *argc, char **argv, const char *name);
long bench_option_number(int *argc, char **argv, const char *name, long fallback);

const char *bench_or_else(const char *given, const char *otherwise); /* NULL and "" are not given */
/* A copy that lives as long as the program. */
const char *bench_keep(const char *text);
/* The path of a program in the folder of this one. */
const char *bench_program_beside(const char *name);

/* ---- JSON ------------------------------------------------------------------------------------ */

/* Writes nothing when the path is NULL. `key` is NULL inside a list. */
typedef struct bench_json {
    FILE *file;
    bool is_first;
} bench_json;

void bench_json_open(bench_json *json, const char *path, const char *program);
void bench_json_close(bench_json *json);
void bench_json_begin(bench_json *json, const char *key, char bracket);
void bench_json_end(bench_json *json, char bracket);
void bench_json_text(bench_json *json, const char *key, const char *text);
void bench_json_number(bench_json *json, const char *key, double value);
void bench_json_series(bench_json *json, const char *key, const bench_series *series);

#endif
