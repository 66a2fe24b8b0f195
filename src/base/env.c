#include "base/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *gbx__env_get(const char *name)
{
    const char *value = secure_getenv(name);
    return value && value[0] ? value : NULL;
}

static bool is_named(const char *entry, const char *const *names)
{
    const size_t len = strcspn(entry, "=");
    for (; *names; names++) {
        const size_t n = strlen(*names);
        const bool is_prefix = n > 0 && (*names)[n - 1] == '*';
        if (is_prefix ? len >= n - 1 && strncmp(entry, *names, n - 1) == 0
                      : len == n && strncmp(entry, *names, n) == 0)
            return true;
    }
    return false;
}

/* Of the same name as one of the list. */
static bool is_replaced(const char *entry, const char *const *more)
{
    const size_t len = strcspn(entry, "=") + 1;
    for (; *more; more++)
        if (strncmp(entry, *more, len) == 0) return true;
    return false;
}

const char **gbx__env_select(gbx__arena *arena, const char *const *names, const char *const *more)
{
    size_t n_all = 0, n_more = 0, n = 0;
    while (environ && environ[n_all]) n_all++;
    while (more[n_more]) n_more++;
    const char **out = GBX_ARENA_ARRAY(arena, n_all + n_more + 1, const char *);
    for (size_t i = 0; out && i < n_all; i++) {
        if (!is_named(environ[i], names) || is_replaced(environ[i], more)) continue;
        out[n] = gbx__arena_cstr(arena, environ[i]);
        if (!out[n++]) return NULL;
    }
    for (size_t i = 0; out && i < n_more; i++) out[n++] = more[i];
    return out;
}
