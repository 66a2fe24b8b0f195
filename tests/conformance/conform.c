/*
 * gearbox-conform: do all engines give the reference's answer? (README.md)
 */
#include "report.h"

#include <dirent.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ENGINES_MAX 16

static const char usage[] =
    "usage: gearbox-conform --tables FILE [--engines NAME,…] [OPTIONS] FILE.cases…\n"
    "  --engines NAME,…    what is compared with the reference (default: duckdb, with itself)\n"
    "  --tables FILE       the standard tables; may be given more than once\n"
    "  --only TEXT         the cases whose id has TEXT in it\n"
    "  --json FILE         write every verdict\n"
    "  --differences FILE  wrong answers that are stated\n"
    "  --floors FILE       the least score of each engine\n"
    "  --subjects          the plan of each case must have what its subject says\n"
    "  --batch N           expressions in one query (default 40)\n"
    "  --timeout SECONDS   of each query (default 120)\n"
    "  --verbose           list what is unsupported, too\n";

typedef struct command_line {
    char *engines[ENGINES_MAX];
    size_t n_engines;
    const char *only, *json, *differences, *floors;
    bool check_subjects, is_verbose;
    size_t batch_max;
    int64_t timeout_ms;
} command_line;

typedef struct runner {
    command_line options;
    suite suite;
    gbx_session *reference;
    engine_report reports[ENGINES_MAX];
    bool has_failed;
} runner;

static void die(const char *what, const gbx_error *err)
{
    fprintf(stderr, "gearbox-conform: %s: %s\n", what, err->message);
    exit(2);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the command line ------------------------------------------------------------------------ */

static void add_engines(command_line *o, char *list)
{
    char *rest = NULL;
    for (char *name = strtok_r(list, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (o->n_engines < ENGINES_MAX) o->engines[o->n_engines++] = name;
    }
}

static void usage_end(void)
{
    fputs(usage, stderr);
    exit(2);
}

enum {
    OPT_ENGINES,
    OPT_TABLES,
    OPT_ONLY,
    OPT_JSON,
    OPT_DIFFERENCES,
    OPT_FLOORS,
    OPT_SUBJECTS,
    OPT_BATCH,
    OPT_TIMEOUT,
    OPT_VERBOSE
};

static void read_option(runner *r, int option)
{
    command_line *o = &r->options;
    switch (option) {
    case OPT_ENGINES: add_engines(o, optarg); break;
    case OPT_TABLES: suite_read_tables(&r->suite, optarg); break;
    case OPT_ONLY: o->only = optarg; break;
    case OPT_JSON: o->json = optarg; break;
    case OPT_DIFFERENCES: o->differences = optarg; break;
    case OPT_FLOORS: o->floors = optarg; break;
    case OPT_SUBJECTS: o->check_subjects = true; break;
    case OPT_BATCH: o->batch_max = strtoul(optarg, NULL, 10); break;
    case OPT_TIMEOUT: o->timeout_ms = strtoll(optarg, NULL, 10) * 1000; break;
    case OPT_VERBOSE: o->is_verbose = true; break;
    default: usage_end();
    }
}

static void read_options(runner *r, int argc, char **argv)
{
    static const struct option known[] = {{"engines", required_argument, NULL, OPT_ENGINES},
                                          {"tables", required_argument, NULL, OPT_TABLES},
                                          {"only", required_argument, NULL, OPT_ONLY},
                                          {"json", required_argument, NULL, OPT_JSON},
                                          {"differences", required_argument, NULL, OPT_DIFFERENCES},
                                          {"floors", required_argument, NULL, OPT_FLOORS},
                                          {"subjects", no_argument, NULL, OPT_SUBJECTS},
                                          {"batch", required_argument, NULL, OPT_BATCH},
                                          {"timeout", required_argument, NULL, OPT_TIMEOUT},
                                          {"verbose", no_argument, NULL, OPT_VERBOSE},
                                          {NULL, 0, NULL, 0}};
    static char itself[] = "duckdb";
    r->options = (command_line){.batch_max = 40, .timeout_ms = 120000};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        read_option(r, option);
    }
    for (int i = optind; i < argc; i++) suite_read_cases(&r->suite, argv[i]);
    if (r->options.n_engines == 0) add_engines(&r->options, itself);
    if (r->suite.n_cases == 0 || r->options.batch_max == 0) usage_end();
}

/* ---- the tables ------------------------------------------------------------------------------ */

static char folder[64]; /* with the tables' files; removed however the program ends */

static void folder_make(void)
{
    const char *below = getenv("TMPDIR");
    const int n = snprintf(folder, sizeof(folder), "%s/gearbox-conform-XXXXXX",
                           below && strlen(below) < 32 ? below : "/tmp");
    if (n <= 0 || !mkdtemp(folder)) {
        perror(folder);
        exit(2);
    }
}

static void folder_remove(void)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    rmdir(folder);
}

static void table_path(const suite_table *t, const char *format, char out[512])
{
    snprintf(out, 512, "%s/%s.%s", folder, t->name, format);
}

static void table_write(const runner *r, const suite_table *t, const char *format)
{
    char path[512];
    gbx_error err;
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    table_path(t, format, path);
    gbx_status status = gbx_format_parse(format, &options.format, &err);
    if (status == GBX_OK) status = gbx_session_sql(r->reference, t->sql, NULL, &frame, &err);
    if (status == GBX_OK) status = gbx_frame_run(frame, NULL, &result, &err);
    if (status == GBX_OK) status = gbx_result_write_file(result, path, &options, &err);
    if (status != GBX_OK) die(t->name, &err);
    gbx_result_free(result);
    gbx_frame_free(frame);
}

typedef void format_fn(void *ctx, const suite_table *table, size_t index, const char *format);

static void each_format(const suite *s, format_fn *each, void *ctx)
{
    for (size_t i = 0; i < s->n_tables; i++) {
        char *formats = strdup(s->tables[i].formats), *rest = NULL;
        size_t n = 0;
        if (!formats) abort();
        for (char *f = strtok_r(formats, " ", &rest); f; f = strtok_r(NULL, " ", &rest)) {
            each(ctx, &s->tables[i], n++, f);
        }
        free(formats);
    }
}

static void write_one(void *ctx, const suite_table *table, size_t index, const char *format)
{
    (void)index;
    table_write(ctx, table, format);
}

/* A table is NAME in its first format, and NAME_FORMAT in each. */
static void name_one(void *ctx, const suite_table *table, size_t index, const char *format)
{
    gbx_session *session = ctx;
    char path[512], name[128];
    gbx_error err;
    table_path(table, format, path);
    snprintf(name, sizeof(name), "%s_%s", table->name, format);
    gbx_status status = gbx_session_add_table(session, name, path, &err);
    if (status == GBX_OK && index == 0) {
        status = gbx_session_add_table(session, table->name, path, &err);
    }
    if (status != GBX_OK) die(table->name, &err);
}

static gbx_session *session_open(const runner *r, const char *engine)
{
    gbx_error err;
    gbx_session *session = NULL;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.engine = engine;
    options.no_opaque = true;
    if (gbx_session_open(&options, &session, &err) != GBX_OK) die(engine, &err);
    each_format(&r->suite, name_one, session);
    return session;
}

/* The tables are made by a session that knows none. */
static void tables_make(runner *r)
{
    const suite named = r->suite;
    gbx_error err;
    if (gbx_session_open(NULL, &r->reference, &err) != GBX_OK) die("duckdb", &err);
    each_format(&named, write_one, r);
    gbx_session_close(r->reference);
    r->reference = session_open(r, "duckdb");
}

/* ---- the engines ----------------------------------------------------------------------------- */

/* An engine that is not here can't be judged. */
static void engine_version(const char *name, char out[64])
{
    for (size_t i = 0; i < gbx_engine_count(); i++) {
        gbx_engine_info info = GBX_ENGINE_INFO_INIT;
        gbx_error err;
        if (gbx_engine_get(i, &info, &err) != GBX_OK) die(name, &err);
        if (strcmp(info.name, name) != 0) continue;
        snprintf(out, 64, "%s", info.version ? info.version : "");
        if (strcmp(info.status, "ready") == 0) return;
        fprintf(stderr, "gearbox-conform: %s is %s: %s\n", name, info.status,
                info.install_hint ? info.install_hint : "it is built in");
        exit(2);
    }
    fprintf(stderr, "gearbox-conform: there is no engine '%s'\n", name);
    exit(2);
}

static void engine_run(runner *r, size_t index)
{
    const command_line *o = &r->options;
    engine_report *report = &r->reports[index];
    const double start = now_s();
    report->name = o->engines[index];
    engine_version(report->name, report->version);
    report->judgements = calloc(r->suite.n_cases, sizeof(*report->judgements));
    if (!report->judgements) abort();
    judge j = {.suite = &r->suite,
               .reference = r->reference,
               .engine = session_open(r, report->name),
               .engine_name = report->name,
               .judgements = report->judgements,
               .only = o->only,
               .batch_max = o->batch_max,
               .timeout_ms = o->timeout_ms,
               .check_subjects = o->check_subjects};
    judge_all(&j);
    gbx_session_close(j.engine);
    report->n_comparisons = j.n_comparisons;
    report->wall_s = now_s() - start;
}

static void engine_demand(runner *r, size_t index)
{
    const command_line *o = &r->options;
    engine_report *report = &r->reports[index];
    int n_stale = 0;
    if (o->differences) {
        n_stale = report_differences(&r->suite, report, o->differences, !o->only);
    }
    report_count(&r->suite, report);
    report_engine(&r->suite, report, o->is_verbose);
    const bool is_above = !o->floors || o->only || report_floor_holds(report, o->floors);
    const size_t n_bad = report->counts[VERDICT_WRONG] + report->counts[VERDICT_ERROR] +
                         report->counts[VERDICT_BROKEN];
    if (n_stale > 0 || !is_above || n_bad > 0 || report->n_judged == 0) r->has_failed = true;
}

int main(int argc, char **argv)
{
    runner r = {0};
    read_options(&r, argc, argv);
    folder_make();
    atexit(folder_remove);
    tables_make(&r);
    for (size_t i = 0; i < r.options.n_engines; i++) {
        engine_run(&r, i);
        engine_demand(&r, i);
    }
    if (r.options.json && !report_json(&r.suite, r.reports, r.options.n_engines, r.options.json)) {
        r.has_failed = true;
    }
    for (size_t i = 0; i < r.options.n_engines; i++) {
        for (size_t k = 0; k < r.suite.n_cases; k++) free(r.reports[i].judgements[k].reason);
        free(r.reports[i].judgements);
    }
    gbx_session_close(r.reference);
    suite_done(&r.suite);
    return r.has_failed ? 1 : 0;
}
