#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WATCH_INTERVAL_NS 20000000L
#define PATH_BUFFERS 16

extern char **environ;

_Noreturn void bench_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

/* ---- clocks ---------------------------------------------------------------------------------- */

static double clock_ms(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

bench_clock bench_now(void)
{
    return (bench_clock){clock_ms(CLOCK_PROCESS_CPUTIME_ID), clock_ms(CLOCK_MONOTONIC)};
}

bench_clock bench_since(bench_clock start)
{
    const bench_clock now = bench_now();
    return (bench_clock){now.cpu_ms - start.cpu_ms, now.wall_ms - start.wall_ms};
}

/* ---- folders and files ----------------------------------------------------------------------- */

static char temp_dir[BENCH_PATH_SIZE];
static double tree_bytes;

static int tree_add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)path;
    (void)ftw;
    if (type == FTW_F) tree_bytes += (double)st->st_blocks * 512;
    return 0;
}

static double tree_mb(const char *folder)
{
    tree_bytes = 0;
    nftw(folder, tree_add, 16, FTW_PHYS);
    return tree_bytes / 1e6;
}

static int tree_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static void temp_remove(void)
{
    if (temp_dir[0]) nftw(temp_dir, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *bench_temp_dir(void)
{
    if (temp_dir[0]) return temp_dir;
    const char *base = getenv("TMPDIR");
    snprintf(temp_dir, sizeof(temp_dir), "%s/gearbox-bench-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(temp_dir)) bench_fail("cannot make '%s': %s", temp_dir, strerror(errno));
    atexit(temp_remove);
    return temp_dir;
}

const char *bench_path(const char *folder, const char *name)
{
    static char buffers[PATH_BUFFERS][BENCH_PATH_SIZE];
    static size_t turn;
    char *path = buffers[turn++ % PATH_BUFFERS];
    const int n = snprintf(path, BENCH_PATH_SIZE, "%s/%s", folder, name);
    if (n < 0 || n >= BENCH_PATH_SIZE) bench_fail("the path '%s' is too long", folder);
    return path;
}

double bench_file_mb(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : -1;
}

/* ---- children -------------------------------------------------------------------------------- */

static pid_t child_start(const char *const *argv, const char *out_path)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path ? out_path : "/dev/null",
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    pid_t pid = 0;
    const int failed =
        posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) bench_fail("cannot start '%s': %s", argv[0], strerror(failed));
    return pid;
}

static double ms_of(struct timeval t)
{
    return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

bench_child bench_run(const char *const *argv, const char *out_path, const char *watched)
{
    bench_child child = {0};
    struct rusage usage;
    int status = 0;
    fflush(stdout);
    const bench_clock start = bench_now();
    const pid_t pid = child_start(argv, out_path);
    while (wait4(pid, &status, watched ? WNOHANG : 0, &usage) != pid) {
        const double mb = watched ? tree_mb(watched) : 0;
        if (mb > child.watched_mb) child.watched_mb = mb;
        if (watched) nanosleep(&(struct timespec){0, WATCH_INTERVAL_NS}, NULL);
    }
    child.wall_ms = bench_since(start).wall_ms;
    child.cpu_ms = ms_of(usage.ru_utime) + ms_of(usage.ru_stime);
    child.rss_mb = (double)usage.ru_maxrss * 1024 / 1e6;
    child.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return child;
}

/* ---- figures --------------------------------------------------------------------------------- */

void bench_add(bench_series *series, double value)
{
    if (series->n < BENCH_SERIES_MAX) series->values[series->n++] = value;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static bench_series sorted(const bench_series *series)
{
    bench_series copy = *series;
    qsort(copy.values, copy.n, sizeof(copy.values[0]), compare);
    return copy;
}

double bench_median(const bench_series *series)
{
    if (series->n == 0) return 0;
    const bench_series s = sorted(series);
    return (s.values[(s.n - 1) / 2] + s.values[s.n / 2]) / 2;
}

double bench_min(const bench_series *series)
{
    return series->n > 0 ? sorted(series).values[0] : 0;
}

double bench_max(const bench_series *series)
{
    return series->n > 0 ? sorted(series).values[series->n - 1] : 0;
}

/* ---- options --------------------------------------------------------------------------------- */

static void option_take(int *argc, char **argv, int at, int n)
{
    for (int i = at; i + n <= *argc; i++) argv[i] = argv[i + n];
    *argc -= n;
}

const char *bench_option(int *argc, char **argv, const char *name)
{
    const size_t len = strlen(name);
    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0 || strncmp(argv[i] + 2, name, len) != 0) continue;
        const char *rest = argv[i] + 2 + len;
        if (*rest == '=') {
            option_take(argc, argv, i, 1);
            return rest + 1;
        }
        if (*rest == '\0' && i + 1 < *argc) {
            const char *value = argv[i + 1];
            option_take(argc, argv, i, 2);
            return value;
        }
    }
    return NULL;
}

long bench_option_number(int *argc, char **argv, const char *name, long fallback)
{
    const char *text = bench_option(argc, argv, name);
    if (!text) return fallback;
    char *end = NULL;
    const long value = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < 0) bench_fail("--%s %s is no number", name, text);
    return value;
}

const char *bench_or_else(const char *given, const char *otherwise)
{
    return given && *given ? given : otherwise;
}

typedef struct kept {
    struct kept *before;
    char text[];
} kept;

const char *bench_keep(const char *text)
{
    static kept *newest;
    const size_t size = strlen(text) + 1;
    kept *one = malloc(sizeof(*one) + size);
    if (!one) bench_fail("out of memory");
    one->before = newest;
    memcpy(one->text, text, size);
    newest = one;
    return one->text;
}

const char *bench_program_beside(const char *name)
{
    char self[BENCH_PATH_SIZE];
    const ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len < 0) bench_fail("where is this program?");
    self[len] = '\0';
    return bench_keep(bench_path(dirname(self), name));
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void json_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(file, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            fprintf(file, "\\u%04x", (unsigned)*c);
        else
            fputc(*c, file);
    }
    fputc('"', file);
}

static void json_key(bench_json *json, const char *key)
{
    if (!json->is_first) fputc(',', json->file);
    json->is_first = false;
    fputc('\n', json->file);
    if (!key) return;
    json_string(json->file, key);
    fputs(": ", json->file);
}

/* Numbers mean little without the machine and what else it did. */
void bench_json_open(bench_json *json, const char *path, const char *program)
{
    *json = (bench_json){NULL, true};
    if (!path) return;
    json->file = fopen(path, "w");
    if (!json->file) bench_fail("cannot write '%s': %s", path, strerror(errno));
    double load[3] = {0};
    if (getloadavg(load, 3) < 1) load[0] = -1;
    fputc('{', json->file);
    bench_json_text(json, "benchmark", program);
    bench_json_number(json, "processors", (double)sysconf(_SC_NPROCESSORS_ONLN));
    bench_json_number(json, "load_average_at_start", load[0]);
}

void bench_json_close(bench_json *json)
{
    if (!json->file) return;
    fputs("\n}\n", json->file);
    if (fclose(json->file) != 0) bench_fail("cannot write the figures: %s", strerror(errno));
}

void bench_json_begin(bench_json *json, const char *key, char bracket)
{
    if (!json->file) return;
    json_key(json, key);
    fputc(bracket, json->file);
    json->is_first = true;
}

void bench_json_end(bench_json *json, char bracket)
{
    if (!json->file) return;
    fputc(bracket, json->file);
    json->is_first = false;
}

void bench_json_text(bench_json *json, const char *key, const char *text)
{
    if (!json->file) return;
    json_key(json, key);
    json_string(json->file, text);
}

void bench_json_number(bench_json *json, const char *key, double value)
{
    if (!json->file) return;
    json_key(json, key);
    fprintf(json->file, "%.10g", value);
}

void bench_json_series(bench_json *json, const char *key, const bench_series *series)
{
    if (!json->file) return;
    json_key(json, key);
    for (size_t i = 0; i < series->n; i++)
        fprintf(json->file, "%s%.3f", i ? ", " : "[", series->values[i]);
    fputs(series->n ? "]" : "[]", json->file);
}
