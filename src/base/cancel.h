/*
 * A request to stop, seen by whoever works: a flag that anybody may raise, and a deadline.
 *
 *   caller, signal handler ── request ──→ ┌───────┐
 *   session (timeout)      ── deadline ─→ │ token │ ←── check ── worker, between two batches
 *                                         └───────┘
 *
 * A raised flag stays raised until init. It wins over a deadline that has also passed.
 * Thread safety: request, deadline and check from any thread; request from a signal handler too.
 */
#ifndef GBX_BASE_CANCEL_H
#define GBX_BASE_CANCEL_H

#include "gearbox/status.h"

#include <stdatomic.h>
#include <stdbool.h>

typedef struct gbx__cancel {
    atomic_bool requested;
    atomic_llong deadline_mono_ns; /* 0: none */
} gbx__cancel;

void gbx__cancel_init(gbx__cancel *token);
void gbx__cancel_request(gbx__cancel *token);
/* On gbx__mono_ns's scale; 0 takes the deadline away. */
void gbx__cancel_deadline(gbx__cancel *token, int64_t deadline_mono_ns);
/* GBX_OK, GBX_CANCELLED or GBX_TIMEOUT. A NULL token never stops. */
gbx_status gbx__cancel_check(const gbx__cancel *token);
/* As above, with a message. */
gbx_status gbx__cancel_check_err(const gbx__cancel *token, gbx_error *err);

#endif
