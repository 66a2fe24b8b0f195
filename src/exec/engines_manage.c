#include "engine/host/manage.h"

#include <stdbool.h>

gbx_status gbx_engines_manage(gbx_engine_verb verb, size_t n, const char *const *names,
                              gbx_engine_news_fn *news, void *ctx, gbx_error *err)
{
    const bool is_known = verb >= GBX_ENGINE_INSTALL && verb <= GBX_ENGINE_EXAMINE;
    if (!is_known || (n > 0 && !names) || (n == 0 && verb != GBX_ENGINE_EXAMINE)) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_engines_manage: name at least one engine");
    }
    for (size_t i = 0; i < n; i++) {
        if (!names[i]) return GBX_FAIL(err, GBX_MISUSE, "gbx_engines_manage: a name is NULL");
    }
    return gbx__host_manage(verb, n, names, news, ctx, err);
}
