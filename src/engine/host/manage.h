/*
 * Installing, removing and examining engines' environments, by hosts/python/install.py.
 */
#ifndef GBX_ENGINE_HOST_MANAGE_H
#define GBX_ENGINE_HOST_MANAGE_H

#include "base/error.h"
#include "gearbox/engines.h"

/* As gbx_engines_manage. */
gbx_status gbx__host_manage(gbx_engine_verb verb, size_t n, const char *const *names,
                            gbx_engine_news_fn *news, void *ctx, gbx_error *err);

#endif
