/*
 * Tells the caller how far a job is: a thread that asks the engine ten times a second.
 */
#ifndef GBX_EXEC_WATCH_H
#define GBX_EXEC_WATCH_H

#include "engine/engine.h"
#include "gearbox/session.h"

#include <pthread.h>

typedef struct gbx__watch {
    bool is_running;
    bool must_end;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    const gbx__engine_vtable *vtable;
    gbx__job *job;
    gbx_progress_fn *progress;
    void *progress_ctx;
} gbx__watch;

/* Nothing to do without a callback. A thread that can't start is no failure: nothing is told. */
void gbx__watch_start(gbx__watch *watch, const gbx__engine_vtable *vtable, gbx__job *job,
                      gbx_progress_fn *progress, void *progress_ctx);
/* Ends the thread and tells the last fraction, 1; also for one that never started. */
void gbx__watch_stop(gbx__watch *watch);

#endif
