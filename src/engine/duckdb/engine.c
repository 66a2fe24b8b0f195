#include "engine/duckdb/duckdb_priv.h"

#include "base/alloc.h"

static gbx_status engine_probe(const gbx__engine_vtable *self, gbx__engine_info *out,
                               gbx_error *err)
{
    (void)self;
    GBX_TRY(gbx__duck_version(&out->version, err));
    out->version += *out->version == 'v';
    return GBX_OK;
}

static gbx_status engine_start(gbx__engine *engine, const gbx__engine_config *config,
                               gbx__arena *arena, gbx_error *err)
{
    const gbx__duck_setting *settings = NULL;
    GBX_TRY(gbx__duckdb_settings(arena, config, &settings, err));
    static const char *const nowhere[] = {NULL};
    const char *version = NULL;
    gbx__duckdb_share share;
    GBX_TRY(
        gbx__duck_version(&version, err)); /* loads the library, which then counts as resident */
    GBX_TRY(gbx__duckdb_share_memory(config, &share, err));
    engine->csv_buffer_bytes = share.csv_buffer_bytes;
    const bool is_shut = config->restricted || config->allowed_dirs;
    const gbx__duck_options options = {
        .memory_limit_bytes = share.limit_bytes,
        .threads = share.threads,
        .spill_dir = config->spill_dir,
        .allowed_dirs = is_shut && !config->allowed_dirs ? nowhere : config->allowed_dirs,
        .n_allowed_dirs = config->allowed_dirs ? config->n_allowed_dirs : 0,
        .settings = settings,
        .n_settings = config->n_options,
    };
    return gbx__duck_open(&options, &engine->duck, err);
}

static gbx_status engine_open(const gbx__engine_vtable *self, const gbx__engine_config *config,
                              gbx__engine **out, gbx_error *err)
{
    (void)self;
    gbx__engine *engine = gbx__alloc_zero(sizeof(*engine));
    if (!engine) return GBX_FAIL_NOMEM(err);
    gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx_status status = engine_start(engine, config, &arena, err);
    gbx__arena_done(&arena);
    if (status != GBX_OK) {
        gbx__alloc_free(engine);
        return status;
    }
    *out = engine;
    return GBX_OK;
}

/* Streams that are still out keep the instance. */
static void engine_close(gbx__engine *engine)
{
    if (!engine) return;
    gbx__duck_close(engine->duck);
    gbx__alloc_free(engine);
}

gbx__duck *gbx__engine_duckdb_instance(gbx__engine *engine)
{
    return engine->duck;
}

const gbx__engine_vtable gbx__engine_duckdb = {
    .info =
        {
            .name = "duckdb",
            .best_for = "SQL over files on one machine, also larger than memory",
            .memory_model = "out of core",
            .scale = "up to 100 GB",
            .learning = "low",
            .engine_bit = GBX_ENGINE_BIT_DUCKDB,
            .passes = GBX_PASS_PRUNE_COLUMNS | GBX_PASS_NULL_SAFE, /* it does the rest itself */
            .speaks_sql = true,
            .floor_bytes = GBX_DUCKDB_FLOOR_BYTES,
        },
    .probe = engine_probe,
    .open = engine_open,
    .close = engine_close,
    .can = gbx__duckdb_can,
    .prepare = gbx__duckdb_prepare,
    .run = gbx__duckdb_run,
    .stream_error = gbx__duckdb_stream_error,
    .progress = gbx__duckdb_progress,
    .cancel = gbx__duckdb_cancel,
    .job_close = gbx__duckdb_job_close,
    .show = gbx__duckdb_show,
};

/* Built in means: known wherever this file is a part of the program. The first of all. */
__attribute__((constructor(101))) static void engine_register(void)
{
    (void)gbx__engine_register(&gbx__engine_duckdb, NULL);
}
