#include "base/fault.h"

#include <stdatomic.h>

typedef struct fault_point {
    atomic_llong nth; /* 0: disarmed */
    atomic_llong count;
} fault_point;

static fault_point fault_points[GBX_FAULT_KINDS];

void gbx__fault_arm(gbx__fault_kind kind, int64_t nth)
{
    atomic_store(&fault_points[kind].count, 0);
    atomic_store(&fault_points[kind].nth, nth);
}

int64_t gbx__fault_count(gbx__fault_kind kind)
{
    return atomic_load(&fault_points[kind].count);
}

bool gbx__fault_hit(gbx__fault_kind kind)
{
    fault_point *point = &fault_points[kind];
    const long long nth = atomic_load_explicit(&point->nth, memory_order_relaxed);
    if (__builtin_expect(nth == 0, 1)) return false;
    return atomic_fetch_add(&point->count, 1) + 1 == nth;
}
