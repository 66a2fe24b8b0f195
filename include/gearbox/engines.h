/**
 * @file engines.h
 * Installing engines that are not part of Gearbox. Each gets an environment of its own, with pinned
 * versions checked by their sums, below $GEARBOX_ENGINES_DIR (default:
 * $XDG_DATA_HOME/gearbox/engines). Nothing is installed unless asked.
 *
 * Thread safety: any thread; two installations of one engine, also of two processes, wait for each
 * other.
 */
#ifndef GBX_ENGINES_H
#define GBX_ENGINES_H

#include "gearbox/status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum gbx_engine_verb {
    GBX_ENGINE_INSTALL, /**< needs the network, once; an environment appears whole or not at all */
    GBX_ENGINE_REMOVE,
    GBX_ENGINE_EXAMINE /**< starts each, and compares its versions with those that it should have */
} gbx_engine_verb;

typedef enum gbx_engine_news_kind {
    GBX_ENGINE_STEP,  /**< what is being done */
    GBX_ENGINE_DONE,  /**< an engine's end */
    GBX_ENGINE_BROKEN /**< an engine's end: what is wrong, and the fix */
} gbx_engine_news_kind;

/** Texts live for the call. */
typedef struct gbx_engine_news {
    gbx_engine_news_kind kind;
    const char *engine;
    const char *text; /**< one line */
    const char *fix;  /**< a command or a hint; NULL: none known */
} gbx_engine_news;

typedef void gbx_engine_news_fn(void *ctx, const gbx_engine_news *news);

/**
 * @param[in] n, names  engines; none for EXAMINE: all
 * @param[in] news      told as it happens, on this thread; may be NULL
 * @return GBX_OK; GBX_NOT_FOUND for an engine that there is not, or is not installed; GBX_ENGINE
 *         when one could not be installed (`news` has said why) or EXAMINE found one broken;
 *         GBX_CANCELLED
 */
GBX_API GBX_MUST_USE gbx_status gbx_engines_manage(gbx_engine_verb verb, size_t n,
                                                   const char *const *names,
                                                   gbx_engine_news_fn *news, void *ctx,
                                                   gbx_error *err);

#ifdef __cplusplus
}
#endif
#endif
