#include "engine/duckdb/duckdb_priv.h"

#include "base/near.h"

static const char *const known[] = {
    "enable_external_file_cache",
    "max_temp_directory_size",
    "parquet_metadata_cache",
};
#define N_KNOWN (sizeof(known) / sizeof(known[0]))

static gbx_status unknown_option(const char *name, gbx_error *err)
{
    const char *near = gbx__near(gbx__str_of(name), known, N_KNOWN);
    if (near) {
        return GBX_FAIL(err, GBX_INVALID, "duckdb has no option '%s' here: did you mean %s?", name,
                        near);
    }
    GBX_AUTO(gbx__buf_done) gbx__buf names = {0};
    for (size_t i = 0; i < N_KNOWN; i++) {
        gbx__buf_puts(&names, i > 0 ? ", " : "");
        gbx__buf_puts(&names, known[i]);
    }
    if (names.failed) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(err, GBX_INVALID, "duckdb has no option '%s' here: choose one of %s", name,
                    names.data);
}

gbx_status gbx__duckdb_settings(gbx__arena *arena, const gbx__engine_config *config,
                                const gbx__duck_setting **out, gbx_error *err)
{
    gbx__duck_setting *settings = GBX_ARENA_ARRAY(arena, config->n_options, gbx__duck_setting);
    if (!settings && config->n_options > 0) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < config->n_options; i++) {
        const gbx__engine_option *option = &config->options[i];
        size_t k = 0;
        while (k < N_KNOWN && !gbx__str_is(gbx__str_of(known[k]), option->name)) k++;
        if (k == N_KNOWN) return unknown_option(option->name, err);
        settings[i] = (gbx__duck_setting){known[k], option->value};
    }
    *out = settings;
    return GBX_OK;
}
