/* "did you mean": the name in a missing path's folder that is nearest to it. */
#include "source/source_priv.h"

#include "base/near.h"

#include <string.h>

#define NEAR_FILES_MAX 2000

/* The folder with its slash, its wildcards escaped, and a star behind. */
static void near_pattern(gbx__buf *out, const char *path, size_t folder_len)
{
    for (size_t i = 0; i < folder_len; i++) {
        if (strchr("*?[{\\", path[i])) gbx__buf_putc(out, '\\');
        gbx__buf_putc(out, path[i]);
    }
    gbx__buf_putc(out, '*');
}

static const char *near_nearest(const gbx__paths *paths, size_t folder_len, gbx__str name)
{
    const char *best = NULL;
    size_t best_distance = gbx__near_limit(name) + 1;
    for (size_t i = 0; i < paths->len; i++) {
        const gbx__str other = gbx__str_of(paths->items[i] + folder_len);
        const size_t distance = gbx__near_distance(name, other);
        if (distance >= best_distance) continue;
        best = paths->items[i];
        best_distance = distance;
    }
    return best;
}

void gbx__source_near(gbx__probe *probe, const char *path, gbx__buf *out)
{
    const char *slash = strrchr(path, '/');
    const size_t folder_len = slash ? (size_t)(slash - path) + 1 : 0;
    const char *folder =
        folder_len ? gbx__arena_printf(probe->arena, "%.*s", (int)folder_len, path) : ".";
    const gbx__source_ctx *ctx = probe->ctx;
    if (!folder) return;
    if (ctx->may_read && ctx->may_read(ctx->may_read_ctx, folder, NULL) != GBX_OK) return;

    GBX_AUTO(gbx__buf_done) gbx__buf pattern = {0};
    near_pattern(&pattern, path, folder_len);
    gbx__paths found = {0};
    if (pattern.failed ||
        gbx__fs_glob(probe->arena, pattern.data, NEAR_FILES_MAX, &found, NULL) != GBX_OK) {
        return;
    }
    const char *best = near_nearest(&found, folder_len, gbx__str_of(path + folder_len));
    if (best) gbx__buf_printf(out, " (did you mean '%s'?)", best);
}
