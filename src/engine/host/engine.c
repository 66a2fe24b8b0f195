#include "base/clock.h"
#include "engine/host/host_priv.h"
#include "engine/host/prepare.h"

#include <string.h>

/* ---- is it there? ---------------------------------------------------------------------------- */

/* The texts of `out` live as long as the program. */
gbx_status gbx__host_engine_probe(const char *name, gbx__engine_info *out, gbx_error *err)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static gbx__arena texts;
    host_manifest manifest;
    GBX_TRY(gbx__host_manifest_read(name, &manifest, err));
    pthread_mutex_lock(&lock);
    out->version = gbx__arena_cstr(&texts, manifest.version);
    if (manifest.caps.cannot) out->cannot = gbx__arena_cstr(&texts, manifest.caps.cannot);
    pthread_mutex_unlock(&lock);
    gbx__host_manifest_done(&manifest);
    return out->version ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* ---- opening --------------------------------------------------------------------------------- */

static gbx_status copy_options(gbx__engine *engine, const gbx__engine_config *config,
                               gbx_error *err)
{
    gbx__arena *arena = &engine->arena;
    gbx__wire_option *options = GBX_ARENA_ARRAY(arena, config->n_options + 1, gbx__wire_option);
    if (!options) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < config->n_options; i++) {
        options[i].name = gbx__arena_cstr(arena, config->options[i].name);
        options[i].value = gbx__arena_cstr(arena, config->options[i].value);
        if (!options[i].name || !options[i].value) return GBX_FAIL_NOMEM(err);
    }
    engine->options = options;
    return GBX_OK;
}

static gbx_status copy_config(gbx__engine *engine, const gbx__engine_config *config, gbx_error *err)
{
    gbx__arena *arena = &engine->arena;
    engine->config = *config;
    engine->config.options = NULL; /* see engine->options */
    GBX_TRY(copy_options(engine, config, err));
    if (config->spill_dir) {
        engine->config.spill_dir = gbx__arena_cstr(arena, config->spill_dir);
        if (!engine->config.spill_dir) return GBX_FAIL_NOMEM(err);
    }
    if (!config->allowed_dirs) return GBX_OK;
    const char **dirs = GBX_ARENA_ARRAY(arena, config->n_allowed_dirs + 1, const char *);
    if (!dirs) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < config->n_allowed_dirs; i++) {
        dirs[i] = gbx__arena_cstr(arena, config->allowed_dirs[i]);
        if (!dirs[i]) return GBX_FAIL_NOMEM(err);
    }
    engine->config.allowed_dirs = dirs;
    return GBX_OK;
}

static gbx_status engine_fill(gbx__engine *engine, const gbx__engine_config *config, gbx_error *err)
{
    const char *name = engine->row->name;
    GBX_TRY(gbx__host_manifest_read(name, &engine->manifest, err));
    if (strcmp(engine->manifest.caps.speaks, engine->row->speaks) != 0)
        return GBX_FAIL(err, GBX_ENGINE,
                        "the environment of %s is of another version: gearbox engines install %s",
                        name, name);
    return copy_config(engine, config, err);
}

gbx_status gbx__host_engine_open(const host_row *row, const gbx__engine_config *config,
                                 gbx__engine **out, gbx_error *err)
{
    gbx__engine *engine = gbx__alloc_zero(sizeof(*engine));
    if (!engine) return GBX_FAIL_NOMEM(err);
    engine->row = row;
    engine->times = gbx__host_times_usual();
    gbx__arena_init(&engine->arena);
    pthread_mutex_init(&engine->lock, NULL);
    const gbx_status status = engine_fill(engine, config, err);
    if (status != GBX_OK) {
        gbx__host_engine_close(engine);
        return status;
    }
    *out = engine;
    return GBX_OK;
}

void gbx__host_engine_close(gbx__engine *engine)
{
    if (!engine) return;
    gbx__host_close(engine->idle);
    gbx__host_manifest_done(&engine->manifest);
    pthread_mutex_destroy(&engine->lock);
    gbx__arena_done(&engine->arena);
    gbx__alloc_free(engine);
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static gbx_status start_host(gbx__engine *engine, const gbx__cancel *cancel, gbx__host **out,
                             gbx_error *err)
{
    const gbx__engine_config *config = &engine->config;
    const gbx__host_launch launch = {
        .engine = engine->row->name,
        .python = engine->manifest.python,
        .program = engine->manifest.program,
        .env_names = engine->row->env_names,
        .spill_dir = config->spill_dir,
        .memory_bytes = config->memory_bytes,
        .data_bytes = config->memory_bytes * engine->row->data_part,
    };
    const gbx__wire_configure configure = {
        .memory_bytes = config->memory_bytes,
        .threads = config->threads,
        .allowed_dirs = config->allowed_dirs,
        .n_allowed_dirs = config->n_allowed_dirs,
        .allow_calls = !config->restricted,
        .options = engine->options,
        .n_options = config->n_options,
    };
    return gbx__host_open(&launch, &configure, &engine->times, cancel, out, err);
}

gbx_status gbx__host_take(gbx__engine *engine, const gbx__cancel *cancel, gbx__host **out,
                          gbx_error *err)
{
    pthread_mutex_lock(&engine->lock);
    gbx__host *host = engine->idle;
    engine->idle = NULL;
    pthread_mutex_unlock(&engine->lock);
    bool is_there = false;
    /* One that died while nobody looked is no failure of the next job's. */
    if (host && gbx__host_poll(host, &is_there, NULL) == GBX_OK && gbx__host_is_usable(host)) {
        *out = host;
        return GBX_OK;
    }
    gbx__host_close(host);
    return start_host(engine, cancel, out, err);
}

void gbx__host_give(gbx__engine *engine, gbx__host *host)
{
    if (!host) return;
    pthread_mutex_lock(&engine->lock);
    const bool is_kept = !engine->idle && gbx__host_is_usable(host);
    if (is_kept) engine->idle = host;
    pthread_mutex_unlock(&engine->lock);
    if (!is_kept) gbx__host_close(host);
}

/* ---- plans ----------------------------------------------------------------------------------- */

static gbx_status print_prepare(const gbx__engine *engine, const gbx_plan *plan, gbx__buf *out,
                                gbx_error *err)
{
    const gbx__fragment fragment = {.plan = plan};
    return gbx__host_prepare_json(&engine->manifest.caps, 0, &fragment, out, err);
}

gbx_status gbx__host_engine_can(gbx__engine *engine, const gbx_plan *plan, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_TRY(gbx__host_caps_can(&engine->manifest.caps, engine->row->name, plan, err));
    return print_prepare(engine, plan, &text, err);
}

bool gbx__host_engine_reads(gbx__engine *engine, const gbx__node *scan)
{
    return gbx__host_caps_read_scan(&engine->manifest.caps, scan);
}

/* The SQL of those that speak it; the others interpret the plan, which is shown already. */
gbx_status gbx__host_engine_show(gbx__engine *engine, const gbx_plan *plan, gbx__buf *out,
                                 gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    yyjson_doc *doc = NULL;
    if (strcmp(engine->row->speaks, "plan") == 0) return GBX_OK;
    GBX_TRY(print_prepare(engine, plan, &text, err));
    GBX_TRY(gbx__json_read(text.data, text.len, 0, &doc, err));
    yyjson_val *sql = yyjson_obj_get(yyjson_doc_get_root(doc), "sql");
    gbx__buf_str(out, gbx__json_str(yyjson_obj_get(sql, "text")));
    gbx__json_free(doc);
    return out->failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}
