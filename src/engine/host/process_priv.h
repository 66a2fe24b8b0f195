/*
 * What process.c (the socket, the start, the end) and process_watch.c (the thread) share.
 */
#ifndef GBX_ENGINE_HOST_PROCESS_PRIV_H
#define GBX_ENGINE_HOST_PROCESS_PRIV_H

#include "base/arena.h"
#include "base/process_tree.h"
#include "base/subprocess.h"
#include "duck/spill.h"
#include "engine/host/process.h"

#include <pthread.h>

#define HOST_TOKEN_LEN 64
#define HOST_WORDS_MAX 8192 /* of stderr, the last */

typedef enum host_state {
    HOST_STARTING,
    HOST_RUNNING,
    HOST_ENDED, /* also when it could not be started */
} host_state;

struct gbx__host_process {
    gbx__arena arena;
    const char *engine;
    const char *mark;  /* in the environment of all its processes */
    gbx__spill folder; /* of the socket, until its connection is there */
    gbx__spill spill;
    int listen_fd;
    int stdin_fd;  /* our end: the host ends when it is closed */
    int stderr_fd; /* our end */
    int wake_fd;   /* wakes the thread */
    char token[HOST_TOKEN_LEN + 1];
    gbx__subprocess how;
    int64_t memory_bytes;
    int64_t oom_kills; /* of the machine, when it started */

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;   /* for all below */
    pthread_cond_t changed; /* of `state` */
    host_state state;
    bool must_end; /* the thread is to kill it */
    gbx_status start_status;
    gbx_error start_error;
    pid_t pid;
    int wait_status;
    bool is_over_limit;
    int64_t peak_rss_bytes;
    char words[HOST_WORDS_MAX];
    size_t n_words;
};

void *gbx__host_watch(void *process);
/* How many processes the system has killed for want of memory; -1: unknown. */
int64_t gbx__host_oom_kills(void);

#endif
