/*
 * A job with a time limit and a progress callback, stopped from another thread, and what each way
 * to end looks like. No file is needed.
 */
#include <gearbox/gearbox.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Minutes of work. */
static const char long_job[] = "SELECT sum(sqrt(a.x * b.x + 1)) AS s "
                               "FROM range(3000000) a(x), range(3000000) b(x)";

/* Called about ten times a second on a thread of Gearbox's own; 1 is the last call of a job. */
static void count_call(void *ctx, double fraction)
{
    atomic_int *calls = ctx;
    (void)fraction;
    atomic_fetch_add(calls, 1);
}

static void sleep_ms(long ms)
{
    const struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

static void *stop_soon(void *ctx)
{
    sleep_ms(300);
    gbx_result_cancel(ctx); /* from any thread, or a signal handler */
    return NULL;
}

static gbx_status run(gbx_session *session, const char *sql, int64_t timeout_ms, bool stop,
                      gbx_error *err)
{
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_run_options options = GBX_RUN_OPTIONS_INIT;
    options.timeout_ms = timeout_ms;
    gbx_status status = gbx_session_sql(session, sql, NULL, &frame, err);
    if (status == GBX_OK) status = gbx_frame_run(frame, &options, &result, err);
    if (status == GBX_OK) {
        pthread_t stopper;
        const bool has_stopper = stop && pthread_create(&stopper, NULL, stop_soon, result) == 0;
        status = gbx_result_write_fd(result, 1, NULL, err);
        if (has_stopper) pthread_join(stopper, NULL);
    }
    gbx_result_free(result);
    gbx_frame_free(frame);
    return status;
}

/* A program branches on the status, never on the message. */
static void tell(const char *what, gbx_status status, const gbx_error *err)
{
    printf("%s: %s", what, gbx_status_name(status));
    if (status != GBX_OK && err->line > 0) printf(" at %d:%d", err->line, err->column);
    printf("%s%s\n", status == GBX_OK ? "" : ": ", status == GBX_OK ? "" : err->message);
    fflush(stdout);
}

int main(void)
{
    gbx_error err;
    atomic_int calls = 0;
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.progress = count_call;
    options.progress_ctx = &calls;
    gbx_session *session = NULL;
    if (gbx_session_open(&options, &session, &err) != GBX_OK) {
        fprintf(stderr, "03_cancel_progress: %s\n", err.message);
        return gbx_status_exit_code(err.status);
    }
    gbx_status status = run(session, long_job, 500, false, &err);
    tell("a time limit", status, &err);
    printf("the callback was called: %s\n", atomic_load(&calls) > 2 ? "yes" : "no");
    fflush(stdout);
    status = run(session, long_job, 0, true, &err);
    tell("another thread", status, &err);
    status = run(session, "SELECT nope FROM range(3)", 0, false, &err);
    tell("a wrong query", status, &err);
    gbx_session_close(session);
    return 0;
}
