#include "base/cgroup_priv.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CGROUP_PATH_SIZE 4096
#define CGROUP_TEXT_SIZE 8192

/* What one group leaves, asked for its folder. */
typedef int64_t (*cgroup_ask)(const char *folder);

/* The start of a small file as text; false when it cannot be read. These files live in the kernel:
 * not to find one is the answer "no limit", not a failure, so no fault point is here. */
static bool cgroup_read(const char *folder, const char *name, char text[CGROUP_TEXT_SIZE])
{
    char path[CGROUP_PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (n < 0 || (size_t)n >= sizeof(path)) return false;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    size_t len = 0;
    ssize_t got;
    do {
        got = read(fd, text + len, CGROUP_TEXT_SIZE - 1 - len);
        if (got > 0) len += (size_t)got;
    } while (got > 0 && len < CGROUP_TEXT_SIZE - 1);
    close(fd);
    text[len] = '\0';
    return got >= 0;
}

/* The number at the start of a text; -1 for anything else ("max"). */
static int64_t cgroup_number(const char *text)
{
    char *end;
    const long long value = strtoll(text, &end, 10);
    return end == text ? -1 : value;
}

static int64_t cgroup_read_number(const char *folder, const char *name)
{
    char text[CGROUP_TEXT_SIZE];
    return cgroup_read(folder, name, text) ? cgroup_number(text) : -1;
}

/* The number behind "key " at the start of a line; 0 when absent. */
static int64_t cgroup_read_key(const char *folder, const char *name, const char *key)
{
    char text[CGROUP_TEXT_SIZE];
    if (!cgroup_read(folder, name, text)) return 0;
    const size_t len = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        if (*line == '\n') line++;
        if (strncmp(line, key, len) == 0 && line[len] == ' ') {
            const int64_t value = cgroup_number(line + len);
            return value < 0 ? 0 : value;
        }
    }
    return 0;
}

/* Cached pages that nobody uses count as used by the group, yet go when memory is wanted. */
static int64_t cgroup_free(int64_t limit, int64_t used, int64_t inactive)
{
    if (limit < 0 || used < 0) return GBX_CGROUP_UNLIMITED;
    const int64_t kept = used > inactive ? used - inactive : 0;
    return limit > kept ? limit - kept : 0;
}

static int64_t cgroup_memory_v2(const char *folder)
{
    return cgroup_free(cgroup_read_number(folder, "memory.max"),
                       cgroup_read_number(folder, "memory.current"),
                       cgroup_read_key(folder, "memory.stat", "inactive_file"));
}

static int64_t cgroup_memory_v1(const char *folder)
{
    return cgroup_free(cgroup_read_number(folder, "memory.limit_in_bytes"),
                       cgroup_read_number(folder, "memory.usage_in_bytes"),
                       cgroup_read_key(folder, "memory.stat", "total_inactive_file"));
}

static int64_t cgroup_processors(int64_t quota, int64_t period)
{
    if (quota <= 0 || period <= 0) return GBX_CGROUP_UNLIMITED;
    return (quota - 1) / period + 1;
}

static int64_t cgroup_cpu_v2(const char *folder)
{
    char text[CGROUP_TEXT_SIZE];
    if (!cgroup_read(folder, "cpu.max", text)) return GBX_CGROUP_UNLIMITED;
    const char *period = strchr(text, ' ');
    return cgroup_processors(cgroup_number(text), period ? cgroup_number(period) : -1);
}

static int64_t cgroup_cpu_v1(const char *folder)
{
    return cgroup_processors(cgroup_read_number(folder, "cpu.cfs_quota_us"),
                             cgroup_read_number(folder, "cpu.cfs_period_us"));
}

/* The least of what the groups from mount/path up to mount leave. */
static int64_t cgroup_climb(const char *mount, const char *path, cgroup_ask ask)
{
    char folder[CGROUP_PATH_SIZE];
    const int n = snprintf(folder, sizeof(folder), "%s%s", mount, path);
    const size_t top = strlen(mount);
    if (n < 0 || (size_t)n >= sizeof(folder) || strstr(path, "..")) folder[top] = '\0';

    int64_t least = ask(mount);
    for (;;) {
        char *slash = strrchr(folder, '/');
        if (strlen(folder) <= top || !slash) return least;
        const int64_t here = ask(folder);
        if (here < least) least = here;
        *slash = '\0';
    }
}

/* Is `name` in "a,b,c"? */
static bool cgroup_lists(const char *list, size_t len, const char *name)
{
    const size_t name_len = strlen(name);
    for (const char *at = list; at <= list + len;) {
        const char *comma = memchr(at, ',', (size_t)(list + len - at));
        const char *end = comma ? comma : list + len;
        if ((size_t)(end - at) == name_len && memcmp(at, name, name_len) == 0) return true;
        at = end + 1;
    }
    return false;
}

/* One line "id:controllers:path": which hierarchy it is, and what that one leaves. */
static int64_t cgroup_line(const char *root, const char *line, const char *controller,
                           cgroup_ask ask_v1, cgroup_ask ask_v2)
{
    const char *list = strchr(line, ':');
    const char *path = list ? strchr(list + 1, ':') : NULL;
    if (!path) return GBX_CGROUP_UNLIMITED;
    const size_t list_len = (size_t)(path - list - 1);
    const bool is_v2 = list_len == 0;
    if (!is_v2 && !cgroup_lists(list + 1, list_len, controller)) return GBX_CGROUP_UNLIMITED;

    char mount[CGROUP_PATH_SIZE];
    const char *slash = is_v2 ? "" : "/";
    const int n = snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup%s%s", root, slash,
                           is_v2 ? "" : controller);
    if (n < 0 || (size_t)n >= sizeof(mount)) return GBX_CGROUP_UNLIMITED;
    return cgroup_climb(mount, path + 1, is_v2 ? ask_v2 : ask_v1);
}

static int64_t cgroup_least(const char *root, const char *controller, cgroup_ask ask_v1,
                            cgroup_ask ask_v2)
{
    char folder[CGROUP_PATH_SIZE];
    char text[CGROUP_TEXT_SIZE];
    const int n = snprintf(folder, sizeof(folder), "%s/proc/self", root);
    if (n < 0 || (size_t)n >= sizeof(folder)) return GBX_CGROUP_UNLIMITED;
    if (!cgroup_read(folder, "cgroup", text)) return GBX_CGROUP_UNLIMITED;

    int64_t least = GBX_CGROUP_UNLIMITED;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        const int64_t here = cgroup_line(root, line, controller, ask_v1, ask_v2);
        if (here < least) least = here;
    }
    return least;
}

int64_t gbx__cgroup_memory_free(const char *root)
{
    return cgroup_least(root, "memory", cgroup_memory_v1, cgroup_memory_v2);
}

int64_t gbx__cgroup_cpu_quota(const char *root)
{
    return cgroup_least(root, "cpu", cgroup_cpu_v1, cgroup_cpu_v2);
}
