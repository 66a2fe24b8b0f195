/*
 * A query in DuckDB does not look at our token, so somebody has to: one sleeping thread per running
 * query that has a token. It goes on interrupting until it is stopped, since an interruption that
 * comes before DuckDB has begun is forgotten.
 */
#include "duck/duck_priv.h"

#include "base/clock.h"

#include <time.h>

#define WATCH_POLL_NS 20000000L

static struct timespec watch_next_poll(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += WATCH_POLL_NS;
    at.tv_sec += at.tv_nsec / 1000000000L;
    at.tv_nsec %= 1000000000L;
    return at;
}

static void *watch_run(void *arg)
{
    gbx__duck_watch *watch = arg;
    pthread_mutex_lock(&watch->lock);
    while (!watch->must_end) {
        if (gbx__cancel_check(watch->cancel) != GBX_OK) gbx__duck_interrupt(watch->conn);
        const struct timespec at = watch_next_poll();
        pthread_cond_timedwait(&watch->wake, &watch->lock, &at);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

static void watch_free(gbx__duck_watch *watch)
{
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
}

gbx_status gbx__duck_watch_start(gbx__duck_watch *watch, gbx__duck_conn *conn,
                                 const gbx__cancel *cancel, gbx_error *err)
{
    if (!cancel) return GBX_OK;
    watch->conn = conn;
    watch->cancel = cancel;
    watch->must_end = false;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&watch->lock, NULL);
    const int failed = pthread_create(&watch->thread, NULL, watch_run, watch);
    if (failed) {
        watch_free(watch);
        return gbx__error_errno(err, failed, "cannot start a thread");
    }
    watch->is_running = true;
    return GBX_OK;
}

void gbx__duck_watch_stop(gbx__duck_watch *watch)
{
    if (!watch->is_running) return;
    pthread_mutex_lock(&watch->lock);
    watch->must_end = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    watch_free(watch);
    watch->is_running = false;
}
