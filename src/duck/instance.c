#include "duck/duck_priv.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <stdio.h>

#define INSTANCE_MAX_OPTIONS 12

typedef struct instance_options {
    duckdb_v2_str names[INSTANCE_MAX_OPTIONS];
    duckdb_v2_str values[INSTANCE_MAX_OPTIONS];
    idx_t len;
    char threads[16];
    char memory[32];
} instance_options;

static void option_add(instance_options *options, const char *name, const char *value)
{
    options->names[options->len] = gbx__duck_str(name, gbx__str_of(name).len);
    options->values[options->len++] = gbx__duck_str(value, gbx__str_of(value).len);
}

/* What has to be known before the instance starts. Nothing is fetched, nothing is read from or
 * written to the user's home. */
static void options_fill(instance_options *options, const gbx__duck_options *from,
                         const gbx__spill *spill)
{
    const int threads = from->threads > 0 ? from->threads : gbx__cpu_count();
    snprintf(options->threads, sizeof(options->threads), "%d", threads);
    snprintf(options->memory, sizeof(options->memory), "%lldB",
             (long long)from->memory_limit_bytes);
    option_add(options, "threads", options->threads);
    if (from->memory_limit_bytes > 0) option_add(options, "memory_limit", options->memory);
    option_add(options, "temp_directory", spill->path ? spill->path : "");
    option_add(options, "autoinstall_known_extensions", "false");
    option_add(options, "autoload_known_extensions", "false");
    option_add(options, "allow_persistent_secrets", "false");
    option_add(options, "arrow_lossless_conversion", "true");
    option_add(options, "errors_as_json", "true"); /* errors.c reads it */
    /* DuckDB 2.0.0 casts in the CSV reader, where TRY_CAST fails like CAST (its issue 23818) */
    option_add(options, "disabled_optimizers", "type_pushdown");
    if (from->no_external_access) option_add(options, "enable_external_access", "false");
}

static gbx_status instance_set(gbx__duck *duck, const char *name, gbx__str value, gbx_error *err)
{
    const gbx__duck_about about = {.duck = duck};
    duckdb_v2_config_handle config = NULL;
    GBX_DUCK_TRY(&about, err, gbx__duck_lib.instance_get_config(duck->instance, &config, &info));
    const duckdb_v2_str key = gbx__duck_str(name, gbx__str_of(name).len);
    const duckdb_v2_str text = gbx__duck_str(value.ptr, value.len);
    GBX_DUCK_TRY(&about, err,
                 gbx__duck_lib.config_set_option_text(config, &key, &text,
                                                      DUCKDB_V2_SETTING_SCOPE_GLOBAL, &info));
    return GBX_OK;
}

/* What connection_set_up writes; harmless in anybody's hands. */
#define INSTANCE_OPEN_SETTINGS                                                                     \
    "['enable_progress_bar', 'enable_progress_bar_print', 'progress_bar_time', "                   \
    "'streaming_buffer_size', 'TimeZone']"

/* The order matters: folders are allowed first, then the rest is shut, then the settings are
 * locked. */
static gbx_status instance_restrict(gbx__duck *duck, const gbx__duck_options *options,
                                    gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf list = {0};
    gbx__buf_putc(&list, '[');
    for (size_t i = 0; i < options->n_allowed_dirs; i++) {
        if (i > 0) gbx__buf_puts(&list, ", ");
        gbx__duck_quote_text(&list, gbx__str_of(options->allowed_dirs[i]));
    }
    gbx__buf_putc(&list, ']');
    if (list.failed) return GBX_FAIL_NOMEM(err);
    GBX_TRY(instance_set(duck, "allowed_directories", gbx__buf_view(&list), err));
    GBX_TRY(instance_set(duck, "enable_external_access", GBX_STR("false"), err));
    GBX_TRY(instance_set(duck, "allowed_configs", GBX_STR(INSTANCE_OPEN_SETTINGS), err));
    return instance_set(duck, "lock_configuration", GBX_STR("true"), err);
}

/* DuckDB's own message would tell the value. */
static gbx_status instance_set_more(gbx__duck *duck, const gbx__duck_options *options,
                                    gbx_error *err)
{
    for (size_t i = 0; i < options->n_settings; i++) {
        const gbx__duck_setting *setting = &options->settings[i];
        const gbx_status status =
            instance_set(duck, setting->name, gbx__str_of(setting->value), NULL);
        if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
        if (status == GBX_OK) continue;
        return GBX_FAIL(err, GBX_INVALID, "duckdb refuses the value of its option '%s'",
                        setting->name);
    }
    return GBX_OK;
}

static gbx_status instance_start(gbx__duck *duck, const gbx__duck_options *options, gbx_error *err)
{
    instance_options start = {0};
    options_fill(&start, options, &duck->spill);
    const gbx__duck_about about = {.duck = duck};
    GBX_DUCK_TRY(&about, err, gbx__duck_lib.environment_create(&duck->env, &info));
    GBX_DUCK_TRY(&about, err,
                 gbx__duck_lib.instance_create_with_options(duck->env, start.names, start.values,
                                                            start.len, &duck->instance, &info));
    const duckdb_v2_str name = gbx__duck_str("memory", 6);
    const duckdb_v2_str path = gbx__duck_str(":memory:", 8);
    GBX_DUCK_TRY(&about, err,
                 gbx__duck_lib.instance_attach(duck->instance, &name, &path, NULL, true, &info));
    GBX_TRY(instance_set_more(duck, options, err));
    return options->allowed_dirs ? instance_restrict(duck, options, err) : GBX_OK;
}

gbx_status gbx__duck_open(const gbx__duck_options *options, gbx__duck **out, gbx_error *err)
{
    GBX_TRY(gbx__duck_library(err));
    gbx__duck *duck = gbx__alloc_zero(sizeof(*duck));
    if (!duck) return GBX_FAIL_NOMEM(err);
    duck->refs = 1;
    duck->memory_limit_bytes = options->memory_limit_bytes;
    gbx__duck_inputs_init(&duck->inputs);
    gbx_status status = GBX_OK;
    if (options->spill_dir) status = gbx__spill_open(&duck->spill, options->spill_dir, err);
    if (status == GBX_OK) status = instance_start(duck, options, err);
    if (status != GBX_OK) {
        gbx__duck_close(duck);
        return status;
    }
    *out = duck;
    return GBX_OK;
}

int64_t gbx__duck_reserve(gbx__duck *duck, int64_t bytes)
{
    if (duck->memory_limit_bytes <= 0) return 0;
    if (bytes > duck->memory_limit_bytes / 4) bytes = duck->memory_limit_bytes / 4;
    const int64_t reserved = atomic_fetch_add(&duck->reserved_bytes, bytes) + bytes;
    char text[32];
    const int len =
        snprintf(text, sizeof(text), "%lldB", (long long)(duck->memory_limit_bytes - reserved));
    if (instance_set(duck, "memory_limit", (gbx__str){text, (size_t)len}, NULL) == GBX_OK)
        return bytes;
    atomic_fetch_sub(&duck->reserved_bytes, bytes);
    return 0;
}

gbx__duck *gbx__duck_ref(gbx__duck *duck)
{
    atomic_fetch_add(&duck->refs, 1);
    return duck;
}

void gbx__duck_close(gbx__duck *duck)
{
    if (!duck || atomic_fetch_sub(&duck->refs, 1) != 1) return;
    if (duck->instance) gbx__duck_lib.instance_destroy(&duck->instance);
    if (duck->env) gbx__duck_lib.environment_destroy(&duck->env);
    gbx__duck_inputs_done(&duck->inputs);
    gbx__spill_close(&duck->spill);
    gbx__alloc_free(duck);
}
