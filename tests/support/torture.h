/*
 * Torture: the same work again and again, with failure 1, 2, 3 … injected, until it runs clean.
 *
 *   run n:  arm(n) → work → n-th allocation (or I/O call) fails → the right code, nothing left
 *
 * What "nothing left" means is for `work` to check; leaks are for AddressSanitizer and valgrind.
 */
#ifndef GBX_TESTS_SUPPORT_TORTURE_H
#define GBX_TESTS_SUPPORT_TORTURE_H

#include "base/fault.h"
#include "gearbox/status.h"

/* Does the work from scratch and cleans up, also on failure. */
typedef gbx_status (*torture_work)(void *ctx, gbx_error *err);

/* Fails the test when a run with a fault gives neither GBX_OK nor NOMEM (an allocation) or IO (an
 * I/O call), when its message is empty, or when the clean run is not OK. Gives the number of faults
 * that made the work fail, so that a test can see that there were any. */
int torture_run(gbx__fault_kind kind, torture_work work, void *ctx);

#endif
