/*
 * Fault points for the torture tests: make the n-th allocation, or the n-th call to the operating
 * system that reads or writes, fail once. Costs one predictable branch when unused; always compiled
 * in, so the tested library is the shipped one. Only base/ asks; only tests arm it.
 * Thread safety: arm from one thread while nothing else runs.
 */
#ifndef GBX_BASE_FAULT_H
#define GBX_BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

typedef enum gbx__fault_kind {
    GBX_FAULT_ALLOC,
    GBX_FAULT_IO,
    GBX_FAULT_KINDS
} gbx__fault_kind;

/* The call number `nth` (1-based, from now) of this kind fails once; 0 disarms. Resets the count.
 * INT64_MAX fails none and counts. */
void gbx__fault_arm(gbx__fault_kind kind, int64_t nth);
/* Calls seen since arming; none are counted while disarmed. */
int64_t gbx__fault_count(gbx__fault_kind kind);
/* Asked by base/ before the real call: true means "fail now". */
bool gbx__fault_hit(gbx__fault_kind kind);

#endif
