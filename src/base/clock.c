#include "base/clock.h"

#include "base/cgroup_priv.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_ns(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t gbx__mono_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

int64_t gbx__unix_us(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000;
}

double gbx__cpu_seconds(void)
{
    return (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / 1e9;
}

/* The number of a line "key:   123 kB" in a file of /proc, in bytes; -1 when absent. */
static int64_t clock_proc_bytes(const char *path, const char *key)
{
    FILE *file = fopen(path, "re");
    if (!file) return -1;
    const size_t len = strlen(key);
    char line[256];
    int64_t bytes = -1;
    while (bytes < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, len) != 0 || line[len] != ':') continue;
        bytes = strtoll(line + len + 1, NULL, 10) * 1024;
    }
    fclose(file);
    return bytes;
}

int64_t gbx__peak_rss_bytes(void)
{
    /* Not ru_maxrss at first: that one survives exec, so a small program started by a large one
     * would report the parent's size. */
    const int64_t peak = clock_proc_bytes("/proc/self/status", "VmHWM");
    if (peak >= 0) return peak;
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}

int64_t gbx__memory_available_bytes(void)
{
    const int64_t machine = clock_proc_bytes("/proc/meminfo", "MemAvailable");
    const int64_t group = gbx__cgroup_memory_free("");
    if (group == GBX_CGROUP_UNLIMITED) return machine;
    return machine < 0 || group < machine ? group : machine;
}

int gbx__cpu_count(void)
{
    cpu_set_t set;
    long count = 0;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) count = CPU_COUNT(&set);
    if (count < 1) count = sysconf(_SC_NPROCESSORS_ONLN);
    const int64_t quota = gbx__cgroup_cpu_quota("");
    if (quota < count) count = (long)quota;
    return count < 1 ? 1 : (int)count;
}
