/*
 * The engines' own options of a session: copied when it opens, given to an engine when that starts.
 */
#ifndef GBX_EXEC_ENGINE_OPTIONS_H
#define GBX_EXEC_ENGINE_OPTIONS_H

#include "base/arena.h"
#include "engine/engine.h"
#include "gearbox/session.h"

typedef struct gbx__engine_options {
    gbx__arena arena;
    const gbx_engine_option *items;
    size_t n;
} gbx__engine_options;

/* INVALID for one without a name or value, NOT_FOUND for an unknown engine. */
gbx_status gbx__engine_options_copy(gbx__engine_options *options, const gbx_session_options *from,
                                    gbx_error *err);
void gbx__engine_options_done(gbx__engine_options *options);

/* Those of one engine, each name once, the last value of it; in `arena`, texts are lent.
 * `is_chosen`: those that name no engine are its too. */
gbx_status gbx__engine_options_of(const gbx__engine_options *options, const char *engine,
                                  bool is_chosen, gbx__arena *arena, gbx__engine_config *out,
                                  gbx_error *err);

/* NOT_FOUND: "there is no engine 'x': choose one of auto, …". */
gbx_status gbx__engine_unknown(const char *name, gbx_error *err);

#endif
