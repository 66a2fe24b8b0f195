/*
 * A host as a process: made, watched, ended.
 *
 *   start ─→ accept (its connection) ─→ … ─→ end
 *                                            why: what it died of
 *
 * One thread starts it, hears its stderr, looks at its memory and waits for its end; the process
 * is told to end with that thread. Whatever it started dies with it.
 */
#ifndef GBX_ENGINE_HOST_PROCESS_H
#define GBX_ENGINE_HOST_PROCESS_H

#include "base/cancel.h"
#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct gbx__host_process gbx__host_process;

typedef struct gbx__host_launch {
    const char *engine;           /* for messages, and the argument of the program */
    const char *python;           /* the program that runs the host */
    const char *program;          /* host.py */
    const char *const *env_names; /* variables that go through besides the usual; NULL: none */
    const char *spill_dir;        /* where files for a while may lie; NULL: nowhere */
    int64_t memory_bytes;         /* of it and all that it starts; 0: no limit */
    int64_t data_bytes;           /* of private memory of each process; 0: no limit */
} gbx__host_launch;

/* All texts are copied. NOT_FOUND or IO when it can't be started. */
gbx_status gbx__host_process_start(const gbx__host_launch *launch, gbx__host_process **out,
                                   gbx_error *err);

/* The next connection of this user's, non-blocking; waits until `deadline_mono_ns`. TIMEOUT when
 * none came; what `cancel` asks; ENGINE when the process has ended. The descriptor is the caller's.
 * After the last one: gbx__host_process_accepted. */
gbx_status gbx__host_process_accept(gbx__host_process *process, int64_t deadline_mono_ns,
                                    const gbx__cancel *cancel, int *out, gbx_error *err);
/* No more connections: the socket and its folder go. */
void gbx__host_process_accepted(gbx__host_process *process);

/* A folder of its own to fill; NULL: none. */
const char *gbx__host_process_spill_dir(const gbx__host_process *process);

/* What a host has to say first, 64 hexadecimal digits; compared in constant time. */
bool gbx__host_process_is_token(const gbx__host_process *process, const char *text, size_t len);

bool gbx__host_process_is_running(gbx__host_process *process);
int64_t gbx__host_process_peak_rss_bytes(gbx__host_process *process);

/* Its connection broke, or it did what it must not: ends it, and says why it is gone, with its own
 * last words. Never GBX_OK. NOMEM: it was over its memory limit, or the system's memory was.
 * `otherwise` (NULL: none) is the reason when the process itself gives none. */
gbx_status gbx__host_process_why(gbx__host_process *process, const char *otherwise, gbx_error *err);

/* Waits a moment for it to end by itself when `is_asked` (it has been told goodbye), then ends it;
 * afterwards there is no process, no folder, no file of it. NULL is fine. */
void gbx__host_process_end(gbx__host_process *process, bool is_asked);

#endif
