/*
 * Time: monotonic for durations, wall for stamps; CPU and peak memory of this process.
 */
#ifndef GBX_BASE_CLOCK_H
#define GBX_BASE_CLOCK_H

#include <stdint.h>

int64_t gbx__mono_ns(void); /* from an arbitrary start, never goes back */
int64_t gbx__unix_us(void);
double gbx__cpu_seconds(void);     /* user + system of this process */
int64_t gbx__peak_rss_bytes(void); /* largest resident set of this process so far */
/* What is free for this process: the least of MemAvailable and its control groups; -1 unknown. */
int64_t gbx__memory_available_bytes(void);
int gbx__cpu_count(void); /* usable by this process (affinity, control groups), >= 1 */

#endif
