/*
 * The table of engines in other processes. What differs between them is here, and in the hosts'
 * own capabilities; the code knows none by name.
 */
#include "engine/host/rows.h"

#include "engine/host/host_priv.h"

#include <string.h>

/* What every engine takes: it makes the question smaller. */
#define ROW_PASSES (GBX_PASS_PRUNE_COLUMNS | GBX_PASS_NULL_SAFE | GBX_PASS_MERGE)
/* For those that run a plan as it stands, or nearly so: comma joins are products of tables. */
#define ROW_PASSES_PLAN                                                                            \
    (ROW_PASSES | GBX_PASS_FOLD | GBX_PASS_PUSH_FILTERS | GBX_PASS_JOIN_ORDER |                    \
     GBX_PASS_PUSH_LIMITS)

static const char *const spark_names[] = {"SPARK_LOCAL_IP", NULL};

static const host_row rows[GBX_HOST_ENGINES] = {
    {.name = "pandas", .speaks = "plan", .data_part = 2},
    {.name = "polars", .speaks = "plan"},
    {.name = "datafusion", .speaks = "datafusion"},
    {.name = "dask", .speaks = "plan"},
    {.name = "modin", .speaks = "plan"},
    {.name = "spark", .speaks = "spark", .env_names = spark_names},
};

static gbx_status row_probe(const gbx__engine_vtable *self, gbx__engine_info *out, gbx_error *err)
{
    return gbx__host_engine_probe(self->info.name, out, err);
}

static gbx_status row_open(const gbx__engine_vtable *self, const gbx__engine_config *config,
                           gbx__engine **out, gbx_error *err)
{
    return gbx__host_engine_open(&rows[self - gbx__engine_hosts], config, out, err);
}

#define ROW_FUNCTIONS                                                                              \
    .probe = row_probe, .open = row_open, .close = gbx__host_engine_close,                         \
    .can = gbx__host_engine_can, .reads = gbx__host_engine_reads,                                  \
    .prepare = gbx__host_job_prepare, .run = gbx__host_job_run,                                    \
    .stream_error = gbx__host_job_stream_error, .progress = gbx__host_job_progress,                \
    .cancel = gbx__host_job_cancel, .usage = gbx__host_job_usage,                                  \
    .job_close = gbx__host_job_close, .show = gbx__host_engine_show

/* In the order of `rows`. */
const gbx__engine_vtable gbx__engine_hosts[GBX_HOST_ENGINES] = {
    {.info = {.name = "pandas",
              .best_for = "small tables on one core, and code that is written for pandas",
              .memory_model = "in memory",
              .scale = "up to 10 GB",
              .learning = "low",
              .install_hint = "gearbox engines install pandas",
              .passes = ROW_PASSES_PLAN,
              .floor_bytes = INT64_C(200000000)},
     ROW_FUNCTIONS},
    {.info = {.name = "polars",
              .best_for = "tables that fit into memory, on all cores",
              .memory_model = "in memory, streaming where it can",
              .scale = "up to 100 GB",
              .learning = "low",
              .install_hint = "gearbox engines install polars",
              .passes = ROW_PASSES_PLAN,
              .floor_bytes = INT64_C(160000000)},
     ROW_FUNCTIONS},
    {.info = {.name = "datafusion",
              .best_for = "SQL over Parquet, on all cores",
              .memory_model = "out of core",
              .scale = "up to 100 GB",
              .learning = "low",
              .install_hint = "gearbox engines install datafusion",
              .passes = ROW_PASSES,
              .floor_bytes = INT64_C(160000000)},
     ROW_FUNCTIONS},
    {.info = {.name = "dask",
              .best_for = "code that is written for pandas, over tables larger than memory",
              .memory_model = "out of core",
              .scale = "100 GB to 1 TB",
              .learning = "medium",
              .install_hint = "gearbox engines install dask",
              .passes = ROW_PASSES_PLAN,
              .floor_bytes = INT64_C(300000000)},
     ROW_FUNCTIONS},
    {.info = {.name = "modin",
              .best_for = "code that is written for pandas, on all cores",
              .memory_model = "in memory",
              .scale = "up to 100 GB",
              .learning = "low",
              .install_hint = "gearbox engines install modin",
              .passes = ROW_PASSES_PLAN,
              .floor_bytes = INT64_C(500000000)},
     ROW_FUNCTIONS},
    {.info = {.name = "spark",
              .best_for = "jobs that are to run on a cluster later",
              .memory_model = "distributed",
              .scale = "above 1 TB",
              .learning = "high",
              .install_hint = "gearbox engines install spark",
              .passes = ROW_PASSES,
              .floor_bytes = INT64_C(900000000)},
     ROW_FUNCTIONS},
};

/* Behind DuckDB, which is the first. */
__attribute__((constructor(102))) static void rows_register(void)
{
    for (size_t i = 0; i < GBX_HOST_ENGINES; i++)
        (void)gbx__engine_register(&gbx__engine_hosts[i], NULL);
}
