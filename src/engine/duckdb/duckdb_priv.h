/*
 * What the files of this folder share.
 *
 *   engine ── one DuckDB instance with its share of the memory          (engine.c, memory.c)
 *   job    ── one fragment as SQL text and a connection of its own      (job.c)
 */
#ifndef GBX_ENGINE_DUCKDB_DUCKDB_PRIV_H
#define GBX_ENGINE_DUCKDB_DUCKDB_PRIV_H

#include "engine/duckdb/engine_duckdb.h"

struct gbx__engine {
    gbx__duck *duck;
    int64_t csv_buffer_bytes;
};

/* How much of `memory_bytes` (the resident set of the process) DuckDB's own limit may be, and how
 * many threads fit under that limit. */
typedef struct gbx__duckdb_share {
    int64_t limit_bytes; /* 0: DuckDB's default */
    int threads;
    int64_t csv_buffer_bytes; /* a piece of a file that is read as CSV */
} gbx__duckdb_share;

#define GBX_DUCKDB_FLOOR_BYTES INT64_C(320000000)

/* NOMEM when `memory_bytes` is less than what the process has already, its margin and the least
 * that DuckDB gets anywhere with. DuckDB's library is loaded already. */
gbx_status gbx__duckdb_share_memory(const gbx__engine_config *config, gbx__duckdb_share *out,
                                    gbx_error *err);

/* INVALID for an option that is not on the short list of those that change no answer, and with
 * which neither the memory limit nor the access policy can be got round. Texts are lent. */
gbx_status gbx__duckdb_settings(gbx__arena *arena, const gbx__engine_config *config,
                                const gbx__duck_setting **out, gbx_error *err);

gbx_status gbx__duckdb_can(gbx__engine *engine, const gbx_plan *plan, gbx_error *err);
gbx_status gbx__duckdb_show(gbx__engine *engine, const gbx_plan *plan, gbx__buf *out,
                            gbx_error *err);

gbx_status gbx__duckdb_prepare(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                               gbx_error *err);
gbx_status gbx__duckdb_run(gbx__job *job, gbx__cancel *cancel, struct ArrowArrayStream *out,
                           gbx_error *err);
const gbx_error *gbx__duckdb_stream_error(const gbx__job *job);
double gbx__duckdb_progress(gbx__job *job);
void gbx__duckdb_cancel(gbx__job *job);
void gbx__duckdb_job_close(gbx__job *job);

#endif
