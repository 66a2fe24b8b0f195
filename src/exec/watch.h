/*
 * A thread that does a small thing again and again while something else goes on: tells how far a
 * job is, or looks whether it is to end.
 */
#ifndef GBX_EXEC_WATCH_H
#define GBX_EXEC_WATCH_H

#include <pthread.h>
#include <stdbool.h>

typedef void gbx__watch_tick(void *ctx);

typedef struct gbx__watch {
    bool is_running;
    bool must_end;
    long interval_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    gbx__watch_tick *tick;
    void *ctx;
} gbx__watch;

/* The first tick comes after one interval. False when no thread can be started: nobody watches. */
bool gbx__watch_start(gbx__watch *watch, long interval_ms, gbx__watch_tick *tick, void *ctx);
/* No tick goes on afterwards; also for a zeroed one that never started. */
void gbx__watch_stop(gbx__watch *watch);

#endif
