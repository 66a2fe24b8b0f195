/*
 * A host: a process with its connection, configured, ready for one job after another.
 *
 *   open ─→ ready ──→ send prepare, run, rows … ──→ ready …  ──→ close
 *              ↑      next: what the host says         │
 *              └───────────── the job's end ───────────┘
 *
 * One thread at a time. Whatever breaks a host (its death, silence, bytes that are no frames) makes
 * it unusable: the failure says why, and close is all that is left.
 */
#ifndef GBX_ENGINE_HOST_HOST_H
#define GBX_ENGINE_HOST_HOST_H

#include "engine/host/caps.h"
#include "engine/host/process.h"
#include "wire/frame.h"
#include "wire/message.h"
#include "wire/rows_out.h"

typedef struct gbx__host gbx__host;

typedef struct gbx__host_times {
    int64_t start_ms;   /* until it connects */
    int64_t silence_ms; /* without a byte, while one is waited for */
    int64_t cancel_ms;  /* from `cancel` to the job's end */
} gbx__host_times;

/* Those of the protocol; GEARBOX_HOST_SILENCE ("5s") has another silence. */
gbx__host_times gbx__host_times_usual(void);

/* Starts a host and makes it ready. `configure.spill_dir` is filled in from the process's own.
 * ENGINE when it does not start or speaks another protocol, with its last words. */
gbx_status gbx__host_open(const gbx__host_launch *launch, const gbx__wire_configure *configure,
                          const gbx__host_times *times, const gbx__cancel *cancel, gbx__host **out,
                          gbx_error *err);
/* Says goodbye to a usable one. NULL is fine. */
void gbx__host_close(gbx__host *host);

bool gbx__host_is_usable(const gbx__host *host);
const gbx__host_caps *gbx__host_caps_of(const gbx__host *host);
const gbx__host_times *gbx__host_times_of(const gbx__host *host);
int64_t gbx__host_peak_rss_bytes(const gbx__host *host);

/* Sends all; what comes meanwhile is kept for next. A frame that has begun is sent to its end, also
 * when it is cancelled, but not longer than until `deadline_mono_ns` (0: silence alone counts). */
gbx_status gbx__host_send(gbx__host *host, gbx__pieces *pieces, int64_t deadline_mono_ns,
                          gbx_error *err);
gbx_status gbx__host_send_text(gbx__host *host, const gbx__buf *text, int64_t deadline_mono_ns,
                               gbx_error *err);

/* Is a frame there, without waiting? */
gbx_status gbx__host_poll(gbx__host *host, bool *out, gbx_error *err);
/* The next frame, whose payload is the caller's. Waits for it: until there was silence for too
 * long, `cancel` or `is_cancelled` (may be NULL) ask (CANCELLED, TIMEOUT: the host stays usable),
 * or the deadline passes (0: none; TIMEOUT, too). */
gbx_status gbx__host_next(gbx__host *host, const gbx__cancel *cancel,
                          const atomic_bool *is_cancelled, int64_t deadline_mono_ns,
                          gbx__frame_in *out, gbx_error *err);

/* It did what it must not: it is ended, the failure is `what` with its last words. */
gbx_status gbx__host_break(gbx__host *host, const char *what, gbx_error *err);

#endif
