#include "exec/engine_options.h"

#include <string.h>

gbx_status gbx__engine_unknown(const char *name, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf names = {0};
    for (size_t i = 0; i < gbx__engine_count(); i++) {
        gbx__buf_puts(&names, i > 0 ? ", " : "");
        gbx__buf_puts(&names, gbx__engine_at(i)->info.name);
    }
    return GBX_FAIL(err, GBX_NOT_FOUND, "there is no engine '%s': choose one of auto, %s", name,
                    names.failed || !names.data ? "duckdb" : names.data);
}

static gbx_status check(const gbx_engine_option *option, gbx_error *err)
{
    if (!option->name || *option->name == '\0') {
        return GBX_FAIL(err, GBX_INVALID, "an option of an engine needs a name");
    }
    if (!option->value) {
        return GBX_FAIL(err, GBX_INVALID, "the engine's option '%s' has no value", option->name);
    }
    if (!option->engine || gbx__engine_find(gbx__str_of(option->engine))) return GBX_OK;
    return gbx__engine_unknown(option->engine, err);
}

gbx_status gbx__engine_options_copy(gbx__engine_options *options, const gbx_session_options *from,
                                    gbx_error *err)
{
    const size_t n = from->n_engine_options;
    gbx__arena *arena = &options->arena;
    gbx_engine_option *items = n ? GBX_ARENA_ARRAY(arena, n, gbx_engine_option) : NULL;
    if (n > 0 && !items) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        const gbx_engine_option *option = &from->engine_options[i];
        GBX_TRY(check(option, err));
        items[i].engine = option->engine ? gbx__arena_cstr(arena, option->engine) : NULL;
        items[i].name = gbx__arena_cstr(arena, option->name);
        items[i].value = gbx__arena_cstr(arena, option->value);
    }
    if (arena->failed) return GBX_FAIL_NOMEM(err);
    options->items = items;
    options->n = n;
    return GBX_OK;
}

void gbx__engine_options_done(gbx__engine_options *options)
{
    gbx__arena_done(&options->arena);
}

static bool is_for(const gbx_engine_option *option, const char *engine, bool is_chosen)
{
    return option->engine ? strcmp(option->engine, engine) == 0 : is_chosen;
}

gbx_status gbx__engine_options_of(const gbx__engine_options *options, const char *engine,
                                  bool is_chosen, gbx__arena *arena, gbx__engine_config *out,
                                  gbx_error *err)
{
    size_t n = 0;
    gbx__engine_option *found =
        options->n ? GBX_ARENA_ARRAY(arena, options->n, gbx__engine_option) : NULL;
    if (options->n > 0 && !found) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < options->n; i++) {
        const gbx_engine_option *option = &options->items[i];
        size_t at = 0;
        if (!is_for(option, engine, is_chosen)) continue;
        while (at < n && strcmp(found[at].name, option->name) != 0) at++;
        found[at] = (gbx__engine_option){option->name, option->value};
        n += at == n;
    }
    out->options = found;
    out->n_options = n;
    return GBX_OK;
}
