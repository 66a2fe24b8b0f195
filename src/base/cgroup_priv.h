/*
 * What the control groups around this process leave to it, versions 1 and 2.
 *
 *   /proc/self/cgroup → "0::/a/b" → /sys/fs/cgroup/a/b, /sys/fs/cgroup/a, /sys/fs/cgroup
 *
 * Every group on the way up limits; the least of them counts. In a container the path often names
 * nothing, and the top of the mount is the container's own group.
 */
#ifndef GBX_BASE_CGROUP_PRIV_H
#define GBX_BASE_CGROUP_PRIV_H

#include <stdint.h>

#define GBX_CGROUP_UNLIMITED INT64_MAX

/* `root` is put before every path: "" for the system, a folder for a test. */
int64_t gbx__cgroup_memory_free(const char *root); /* bytes */
int64_t gbx__cgroup_cpu_quota(const char *root);   /* processors, a part counts as one */

#endif
