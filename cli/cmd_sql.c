#include "command.h"
#include "job.h"
#include "report.h"
#include "second.h"
#include "terminal.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STDOUT_FD 1

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --format, then --json, then the file's ending, then GEARBOX_FORMAT or a configuration file, then
 * what stdout is. */
static gbx_format choose_format(const settings *s)
{
    const gbx_format by_place =
        !s->output && terminal_is(STDOUT_FD) ? GBX_FORMAT_KIND_TABLE : GBX_FORMAT_KIND_CSV;
    const gbx_format fallback = s->format_source != SOURCE_NONE ? s->format : by_place;
    if (s->format_source == SOURCE_COMMAND_LINE) return s->format;
    if (s->json) return GBX_FORMAT_KIND_JSON;
    return s->output ? gbx_format_of_path(s->output, fallback) : fallback;
}

static gbx_write_options write_options(const settings *s)
{
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = choose_format(s);
    options.is_terminal = !s->output && terminal_is(STDOUT_FD);
    options.table_width = options.is_terminal ? terminal_width(STDOUT_FD) : 0;
    options.table_max_rows = options.is_terminal ? 0 : -1;
    options.color = options.is_terminal && terminal_has_color(STDOUT_FD);
    return options;
}

/* What can be said before anything is computed. */
static gbx_status check_output(const settings *s, gbx_error *err)
{
    const gbx_write_options options = write_options(s);
    if (options.format == GBX_FORMAT_KIND_PARQUET && !s->output) {
        return fail(err, GBX_MISUSE, "parquet needs a file: add -o FILE.parquet");
    }
    if (options.format == GBX_FORMAT_KIND_ARROW && options.is_terminal) {
        return fail(err, GBX_MISUSE, "arrow is for programs, not a terminal: add -o FILE.arrow");
    }
    return GBX_OK;
}

static gbx_status write_rows(gbx_result *result, const settings *s, gbx_error *err)
{
    const gbx_write_options options = write_options(s);
    if (s->output) return gbx_result_write_file(result, s->output, &options, err);
    const gbx_status status = gbx_result_write_fd(result, STDOUT_FD, &options, err);
    if (status == GBX_IO && err->native_code == EPIPE) return GBX_OK; /* the reader has gone */
    return status;
}

static gbx_status run(job *j, const settings *s, gbx_result **result, gbx_error *err)
{
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = s->timeout_ms;
    gbx_status status = gbx_frame_run(j->frame, &options, result, err);
    if (status == GBX_OK && strcmp(gbx_frame_via(j->frame), "opaque") == 0) {
        report_note("ran as opaque SQL: %s", gbx_frame_why_opaque(j->frame));
    }
    return status == GBX_OK ? write_rows(*result, s, err) : status;
}

/* For a run that never began. */
static char *stats_of_nothing(const gbx_error *err, double wall_s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) return NULL;
    fprintf(out,
            "{\"engine\":null,\"why\":null,\"via\":null,\"wall_s\":%.6f,\"cpu_s\":0,"
            "\"peak_rss_bytes\":0,\"rows\":0,\"bytes_read\":-1,\"cached\":false,\"attempts\":[],"
            "\"error\":{\"status\":",
            wall_s);
    text_json(out, gbx_status_name(err->status));
    fputs(",\"message\":", out);
    text_json(out, err->message);
    fputs("}}", out);
    if (fclose(out) == 0) return text;
    free(text);
    return NULL;
}

static gbx_status write_stats(const char *path, gbx_result *result, const gbx_error *failure,
                              double wall_s, gbx_error *err)
{
    char *text = NULL;
    if (result) {
        if (gbx_result_stats_json(result, &text, err) != GBX_OK) return err->status;
    } else {
        text = stats_of_nothing(failure, wall_s);
        if (!text) return fail(err, GBX_NOMEM, "out of memory");
    }
    const gbx_status status = text_write(path, text, err);
    if (result) {
        gbx_text_free(text);
    } else {
        free(text);
    }
    return status;
}

int cmd_sql(const command *self, settings *s)
{
    (void)self;
    const double start = now_s();
    const bool with_progress = !s->quiet && terminal_is(2);
    job j = {0};
    gbx_result *result = NULL;
    gbx_error err = {.offset = -1};

    int code = EXIT_DONE;
    if (check_output(s, &err) != GBX_OK) code = report_error(&err);
    if (code == EXIT_DONE) code = job_open(&j, s, with_progress, &err);
    if (code == EXIT_DONE && run(&j, s, &result, &err) != GBX_OK) code = job_failed(&j, &err);
    progress_clear(&j.bar);
    if (code == EXIT_DONE && s->verify_share > 0) {
        gbx_stats stats = GBX_STATS_INIT;
        gbx_result_stats(result, &stats);
        second_opinion(&j, s, stats.engine);
    }

    gbx_error stats_err;
    if (s->stats && write_stats(s->stats, result, &err, now_s() - start, &stats_err) != GBX_OK) {
        const int stats_code = report_error(&stats_err);
        if (code == EXIT_DONE) code = stats_code;
    }
    gbx_result_free(result);
    job_close(&j);
    return code;
}
