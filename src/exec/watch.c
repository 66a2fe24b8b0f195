#include "exec/watch.h"

#include <signal.h>
#include <time.h>

/* Waits for the end or the next tick; false at the end. The lock is held. */
static bool watch_wait(gbx__watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += watch->interval_ms / 1000;
    until.tv_nsec += watch->interval_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    int rc = 0;
    while (!watch->must_end && rc == 0) {
        rc = pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
    }
    return !watch->must_end;
}

static void *watch_loop(void *arg)
{
    gbx__watch *watch = arg;
    pthread_mutex_lock(&watch->lock);
    while (watch_wait(watch)) {
        pthread_mutex_unlock(&watch->lock);
        watch->tick(watch->ctx);
        pthread_mutex_lock(&watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

/* Signals are for the program's own threads. */
static int thread_start(gbx__watch *watch)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int rc = pthread_create(&watch->thread, NULL, watch_loop, watch);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static void watch_done(gbx__watch *watch)
{
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    watch->is_running = false;
}

bool gbx__watch_start(gbx__watch *watch, long interval_ms, gbx__watch_tick *tick, void *ctx)
{
    watch->must_end = false;
    watch->interval_ms = interval_ms;
    watch->tick = tick;
    watch->ctx = ctx;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->wake, &attr);
    pthread_condattr_destroy(&attr);
    watch->is_running = true;
    if (thread_start(watch) != 0) watch_done(watch);
    return watch->is_running;
}

void gbx__watch_stop(gbx__watch *watch)
{
    if (!watch->is_running) return;
    pthread_mutex_lock(&watch->lock);
    watch->must_end = true;
    pthread_cond_signal(&watch->wake);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    watch_done(watch);
}
