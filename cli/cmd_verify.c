/*
 * One question on several engines: a line for each, then the rows that differ.
 */
#include "command.h"
#include "help.h"
#include "job.h"
#include "report.h"
#include "terminal.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STDOUT_FD 1
#define MAX_ENGINES 16
#define MAX_DIFFERENCES 20

typedef struct engine_list {
    char *text; /* owned; names point into it */
    const char *names[MAX_ENGINES];
    size_t n;
    bool is_asked; /* by name */
} engine_list;

/* ---- which engines --------------------------------------------------------------------------- */

static int list_is_full(void)
{
    return report_usage("more than %d engines to compare", MAX_ENGINES);
}

static int list_parse(engine_list *list, const char *text)
{
    list->text = strdup(text);
    if (!list->text) return report_usage("out of memory");
    list->is_asked = true;
    char *rest = NULL;
    for (char *name = strtok_r(list->text, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        for (size_t i = 0; i < list->n; i++) {
            if (strcmp(list->names[i], name) == 0) {
                return report_usage("--engines names %.60s twice", name);
            }
        }
        if (list->n == MAX_ENGINES) return list_is_full();
        list->names[list->n++] = name;
    }
    if (list->n >= 2) return EXIT_DONE;
    return report_usage("--engines needs two names, such as duckdb,polars");
}

/* All that are here; the embedded one first. */
static int list_ready(engine_list *list)
{
    for (size_t i = 0; i < gbx_engine_count(); i++) {
        gbx_engine_info info = GBX_ENGINE_INFO_INIT;
        gbx_error err;
        if (gbx_engine_get(i, &info, &err) != GBX_OK) return report_error(&err);
        if (strcmp(info.status, "ready") != 0) continue;
        if (list->n == MAX_ENGINES) return list_is_full();
        list->names[list->n++] = info.name;
        if (strcmp(info.name, "duckdb") == 0) {
            list->names[list->n - 1] = list->names[0];
            list->names[0] = info.name;
        }
    }
    if (list->n >= 2) return EXIT_DONE;
    gbx_error err;
    fail(&err, GBX_NOT_FOUND,
         "there is no second engine to compare with: gearbox engines install polars");
    return report_error(&err);
}

/* ---- what came out --------------------------------------------------------------------------- */

static gbx_outcome outcome_of(const gbx_comparison *comparison, size_t i)
{
    gbx_outcome outcome = GBX_OUTCOME_INIT;
    gbx_comparison_outcome(comparison, i, &outcome);
    return outcome;
}

static const char *verdict_text(const gbx_outcome *outcome, size_t i)
{
    return i == 0 ? "reference" : gbx_verdict_name(outcome->verdict);
}

static gbx_status write_differences(const gbx_comparison *comparison, size_t i, gbx_format format,
                                    gbx_error *err)
{
    gbx_frame *all = NULL, *some = NULL;
    gbx_result *result = NULL;
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = format;
    options.is_terminal = terminal_is(STDOUT_FD);
    options.table_width = options.is_terminal ? terminal_width(STDOUT_FD) : 0;
    fflush(stdout);
    gbx_status status = gbx_comparison_differences(comparison, i, &all, err);
    if (status == GBX_OK) status = gbx_frame_limit(all, MAX_DIFFERENCES, 0, &some, err);
    if (status == GBX_OK) status = gbx_frame_run(some, NULL, &result, err);
    if (status == GBX_OK) status = gbx_result_write_fd(result, STDOUT_FD, &options, err);
    gbx_result_free(result);
    gbx_frame_free(some);
    gbx_frame_free(all);
    return status;
}

static void show_line(const gbx_outcome *outcome, size_t i, int width)
{
    printf("%-*s  %-11s  %10lld rows  %8.3f s", width, outcome->engine, verdict_text(outcome, i),
           (long long)outcome->rows, outcome->wall_s);
    if (outcome->differing > 0) printf("  %lld rows differ", (long long)outcome->differing);
    if (outcome->message) {
        fputs("  ", stdout);
        text_printable(stdout, outcome->message, strlen(outcome->message));
    }
    putchar('\n');
}

static gbx_status show_text(const gbx_comparison *comparison, size_t n, gbx_error *err)
{
    int width = 6;
    for (size_t i = 0; i < n; i++) {
        const int len = (int)strlen(outcome_of(comparison, i).engine);
        if (len > width) width = len;
    }
    for (size_t i = 0; i < n; i++) {
        const gbx_outcome outcome = outcome_of(comparison, i);
        show_line(&outcome, i, width);
    }
    printf("the answer is %s\n", gbx_comparison_determinism(comparison));
    for (size_t i = 1; i < n; i++) {
        const gbx_outcome outcome = outcome_of(comparison, i);
        if (outcome.differing == 0) continue;
        printf("\n%s and %s, rows that differ:\n", outcome_of(comparison, 0).engine,
               outcome.engine);
        const gbx_status status = write_differences(comparison, i, GBX_FORMAT_KIND_TABLE, err);
        if (status != GBX_OK) return status;
    }
    return GBX_OK;
}

static void outcome_json(const gbx_outcome *outcome, size_t i)
{
    fputs("{\"engine\":", stdout);
    text_json(stdout, outcome->engine);
    fputs(",\"verdict\":", stdout);
    text_json(stdout, verdict_text(outcome, i));
    fputs(",\"status\":", stdout);
    text_json(stdout, gbx_status_name(outcome->status));
    fputs(",\"message\":", stdout);
    if (outcome->message) {
        text_json(stdout, outcome->message);
    } else {
        fputs("null", stdout);
    }
    printf(",\"rows\":%lld,\"differing\":%lld,\"wall_s\":%.6f,\"cpu_s\":%.6f",
           (long long)outcome->rows, (long long)outcome->differing, outcome->wall_s,
           outcome->cpu_s);
}

static gbx_status show_json(const gbx_comparison *comparison, size_t n, gbx_error *err)
{
    printf("{\"agrees\":%s,\"determinism\":", gbx_comparison_agrees(comparison) ? "true" : "false");
    text_json(stdout, gbx_comparison_determinism(comparison));
    fputs(",\"engines\":[", stdout);
    for (size_t i = 0; i < n; i++) {
        const gbx_outcome outcome = outcome_of(comparison, i);
        if (i > 0) fputs(",\n", stdout);
        outcome_json(&outcome, i);
        if (outcome.differing > 0) {
            fputs(",\"differences\":", stdout);
            const gbx_status status = write_differences(comparison, i, GBX_FORMAT_KIND_JSON, err);
            if (status != GBX_OK) return status;
        }
        putchar('}');
    }
    fputs("]}\n", stdout);
    return GBX_OK;
}

/* An engine that was asked for by name and can't is not an agreement. */
static int exit_code(const gbx_comparison *comparison, const engine_list *list)
{
    if (!gbx_comparison_agrees(comparison)) return EXIT_NO;
    size_t n_compared = 0;
    int code = EXIT_DONE;
    for (size_t i = 1; i < list->n; i++) {
        const gbx_outcome outcome = outcome_of(comparison, i);
        if (outcome.verdict != GBX_VERDICT_UNSUPPORTED) n_compared++;
        if (outcome.verdict == GBX_VERDICT_UNSUPPORTED && (list->is_asked || code == EXIT_DONE)) {
            code = gbx_status_exit_code(outcome.status);
        }
    }
    return list->is_asked || n_compared == 0 ? code : EXIT_DONE;
}

/* ---- the command ----------------------------------------------------------------------------- */

static gbx_status compare(const engine_list *list, const job *jobs, const settings *s,
                          gbx_comparison **out, gbx_error *err)
{
    const gbx_frame *frames[MAX_ENGINES];
    for (size_t i = 0; i < list->n; i++) frames[i] = jobs[i].frame;
    gbx_compare_options options = GBX_COMPARE_OPTIONS_INIT;
    options.timeout_ms = s->timeout_ms;
    options.tolerance = s->tolerance;
    return gbx_frames_compare(list->n, frames, &options, out, err);
}

static int verify(const engine_list *list, job *jobs, const settings *s)
{
    gbx_error err = {.offset = -1};
    for (size_t i = 0; i < list->n; i++) {
        const int code = job_open_on(&jobs[i], i > 0 ? &jobs[0] : NULL, s, list->names[i], &err);
        if (code != EXIT_DONE) return code;
    }
    gbx_comparison *comparison = NULL;
    gbx_status status = compare(list, jobs, s, &comparison, &err);
    if (status != GBX_OK) return job_failed(&jobs[0], &err);
    int code = exit_code(comparison, list);
    status = s->json ? show_json(comparison, list->n, &err) : show_text(comparison, list->n, &err);
    if (status != GBX_OK) code = report_error(&err);
    const int written = stdout_done();
    gbx_comparison_free(comparison);
    return written != EXIT_DONE ? written : code;
}

int cmd_verify(const command *self, settings *s)
{
    (void)self;
    engine_list list = {0};
    job jobs[MAX_ENGINES] = {{0}};
    int code = s->engines ? list_parse(&list, s->engines) : list_ready(&list);
    if (code == EXIT_DONE) code = verify(&list, jobs, s);
    for (size_t i = 0; i < list.n; i++) job_close(&jobs[i]);
    free(list.text);
    return code;
}
