#include "job.h"

#include "command.h"
#include "interrupt.h"
#include "report.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

int job_failed(job *j, const gbx_error *err)
{
    progress_clear(&j->bar);
    return report_query_error(err, j->name, j->text);
}

/* Usage errors fill err as well: --stats tells them. */
static int usage(gbx_error *err, const char *message)
{
    fail(err, GBX_MISUSE, "%s", message);
    return report_error(err);
}

static int read_query(job *j, const settings *s, gbx_error *err)
{
    if (s->file && s->n_args > 0) return usage(err, "a query as argument and -f: give one of them");
    if (!s->file && s->n_args == 0) {
        return usage(err, "the query is missing, such as gearbox sql 'SELECT 42'");
    }
    if (s->n_args > 1) return usage(err, "more than one query: put quotes around the whole text");

    const bool is_stdin = !s->file && strcmp(s->args[0], "-") == 0;
    j->name = s->file ? s->file : is_stdin ? "stdin" : "query";
    if (!s->file && !is_stdin) {
        j->text = strdup(s->args[0]);
        if (j->text) return EXIT_DONE;
        fail(err, GBX_NOMEM, "out of memory");
        return report_error(err);
    }
    if (text_read(s->file, &j->text, err) == GBX_OK) return EXIT_DONE;
    return job_failed(j, err);
}

static gbx_status open_session(job *j, const settings *s, const char *engine, bool with_progress,
                               gbx_error *err)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.memory_bytes = s->memory_bytes;
    options.threads = s->threads;
    options.engine = engine;
    options.no_opaque = s->no_opaque;
    options.engine_options = s->engine_options.items;
    options.n_engine_options = s->engine_options.n;
    if (with_progress) {
        progress_start(&j->bar);
        options.progress = progress_show;
        options.progress_ctx = &j->bar;
    }
    gbx_status status = gbx_session_open(&options, &j->session, err);
    if (status == GBX_OK) interrupt_watch(j->session);
    for (size_t i = 0; i < s->tables.n && status == GBX_OK; i++) {
        const pair *table = &s->tables.items[i];
        status = gbx_session_add_table(j->session, table->name, table->value, err);
    }
    return status;
}

static gbx_status open_frame(job *j, const settings *s, gbx_error *err)
{
    const size_t n = s->params.n;
    gbx_param *items = calloc(n + 1, sizeof(*items));
    if (!items) return fail(err, GBX_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        items[i] = (gbx_param){s->params.items[i].name, s->params.items[i].value};
    }
    const gbx_params params = {n, items};
    const gbx_status status = gbx_session_sql(j->session, j->text, &params, &j->frame, err);
    free(items);
    return status;
}

static int open_all(job *j, const settings *s, const char *engine, bool with_progress,
                    gbx_error *err)
{
    gbx_status status = open_session(j, s, engine, with_progress, err);
    if (status == GBX_OK) status = open_frame(j, s, err);
    if (status == GBX_OK && interrupt_seen()) status = fail(err, GBX_CANCELLED, "cancelled");
    return status == GBX_OK ? EXIT_DONE : job_failed(j, err);
}

int job_open(job *j, const settings *s, bool with_progress, gbx_error *err)
{
    const int code = read_query(j, s, err);
    return code == EXIT_DONE ? open_all(j, s, s->engine, with_progress, err) : code;
}

int job_open_on(job *j, const job *first, const settings *s, const char *engine, gbx_error *err)
{
    if (!first) {
        const int code = read_query(j, s, err);
        return code == EXIT_DONE ? open_all(j, s, engine, false, err) : code;
    }
    j->name = first->name;
    j->text = strdup(first->text);
    if (!j->text) {
        fail(err, GBX_NOMEM, "out of memory");
        return report_error(err);
    }
    return open_all(j, s, engine, false, err);
}

/* The program ends after this. To take the engine apart costs 4 ms of processor time, as much as
 * all else that Gearbox adds to a small query, and gives back only what the system takes back
 * anyway. Debug builds do it, for those who look for leaks. */
void job_close(job *j)
{
    interrupt_watch(NULL);
#ifndef NDEBUG
    gbx_frame_free(j->frame);
    gbx_session_close(j->session);
    free(j->text);
#else
    (void)j;
#endif
}
