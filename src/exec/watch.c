#include "exec/watch.h"

#include <signal.h>
#include <time.h>

#define WATCH_INTERVAL_NS 100000000L

/* Waits for the end or the next look; false at the end. The lock is held. */
static bool watch_wait(gbx__watch *watch)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_INTERVAL_NS;
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
        const double fraction = watch->vtable->progress(watch->job);
        /* 1 means the end, which is for watch_stop to tell. */
        watch->progress(watch->progress_ctx, fraction < 1.0 ? fraction : 0.99);
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

void gbx__watch_start(gbx__watch *watch, const gbx__engine_vtable *vtable, gbx__job *job,
                      gbx_progress_fn *progress, void *progress_ctx)
{
    if (!progress) return;
    watch->vtable = vtable;
    watch->job = job;
    watch->progress = progress;
    watch->progress_ctx = progress_ctx;
    watch->must_end = false;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->wake, &attr);
    pthread_condattr_destroy(&attr);
    watch->is_running = thread_start(watch) == 0;
}

void gbx__watch_stop(gbx__watch *watch)
{
    if (!watch->progress) return;
    if (watch->is_running) {
        pthread_mutex_lock(&watch->lock);
        watch->must_end = true;
        pthread_cond_signal(&watch->wake);
        pthread_mutex_unlock(&watch->lock);
        pthread_join(watch->thread, NULL);
    }
    pthread_cond_destroy(&watch->wake);
    pthread_mutex_destroy(&watch->lock);
    watch->progress(watch->progress_ctx, 1.0);
    watch->progress = NULL;
    watch->is_running = false;
}
