/*
 * What the files of this folder share.
 *
 *   rows.c      the table of engines: one line each, and its vtable
 *   manifest.c  what lies beside an environment
 *   engine.c    an engine of a session: its capabilities, its warm hosts
 *   job.c       one job on one host
 */
#ifndef GBX_ENGINE_HOST_HOST_PRIV_H
#define GBX_ENGINE_HOST_HOST_PRIV_H

#include "engine/engine.h"
#include "engine/host/host.h"

#include <pthread.h>

/* ---- rows.c ---------------------------------------------------------------------------------- */

typedef struct host_row {
    const char *name;
    const char *speaks;           /* what its capabilities must say */
    const char *const *env_names; /* variables that it gets beyond the usual; NULL: none */
    int64_t data_part;            /* a process's private memory may be that many times the limit,
                                     so that it fails before it is killed; 0: such a limit does not
                                     suit it */
} host_row;

/* ---- manifest.c ------------------------------------------------------------------------------ */

typedef struct host_manifest {
    gbx__arena arena;
    const char *python;  /* the environment's */
    const char *program; /* host.py */
    const char *version; /* of the engine's library */
    gbx__host_caps caps;
} host_manifest;

/* NOT_FOUND when it is not installed; ENGINE when what is there is broken or of another version;
 * both say what to do. */
gbx_status gbx__host_manifest_read(const char *name, host_manifest *out, gbx_error *err);
void gbx__host_manifest_done(host_manifest *manifest);

/* ---- engine.c -------------------------------------------------------------------------------- */

struct gbx__engine {
    const host_row *row;
    host_manifest manifest;
    gbx__arena arena; /* copies of the configuration's texts */
    gbx__engine_config config;
    const gbx__wire_option *options; /* config.n_options of them */
    gbx__host_times times;
    pthread_mutex_t lock; /* for all below */
    int64_t last_job;
    gbx__host *idle; /* a warm one; NULL: none */
};

/* A host that nobody uses: the warm one, or a new one. */
gbx_status gbx__host_take(gbx__engine *engine, const gbx__cancel *cancel, gbx__host **out,
                          gbx_error *err);
/* Kept warm when it is usable and there is none yet. NULL is fine. */
void gbx__host_give(gbx__engine *engine, gbx__host *host);

gbx_status gbx__host_engine_probe(const char *name, gbx__engine_info *out, gbx_error *err);
gbx_status gbx__host_engine_open(const host_row *row, const gbx__engine_config *config,
                                 gbx__engine **out, gbx_error *err);
void gbx__host_engine_close(gbx__engine *engine);
gbx_status gbx__host_engine_can(gbx__engine *engine, const gbx_plan *plan, gbx_error *err);
bool gbx__host_engine_reads(gbx__engine *engine, const gbx__node *scan);
gbx_status gbx__host_engine_show(gbx__engine *engine, const gbx_plan *plan, gbx__buf *out,
                                 gbx_error *err);

/* ---- job.c ----------------------------------------------------------------------------------- */

gbx_status gbx__host_job_prepare(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                                 gbx_error *err);
gbx_status gbx__host_job_run(gbx__job *job, gbx__cancel *cancel, struct ArrowArrayStream *out,
                             gbx_error *err);
const gbx_error *gbx__host_job_stream_error(const gbx__job *job);
double gbx__host_job_progress(gbx__job *job);
void gbx__host_job_cancel(gbx__job *job);
void gbx__host_job_usage(const gbx__job *job, gbx__engine_usage *out);
void gbx__host_job_close(gbx__job *job);

/* ---- feed.c: the inputs of a job ------------------------------------------------------------- */

typedef struct host_feed {
    struct ArrowArrayStream *stream; /* the caller's; released at the end */
    gbx__rows_out *rows;
    bool has_ended;
    int64_t wanted;          /* frames that were pulled and have not gone */
    struct ArrowArray batch; /* what goes next, from row `at` on */
    int64_t at;
} host_feed;

/* Sends one frame of rows or the end; something is wanted. A failure of the stream itself is told
 * by *is_input. */
gbx_status gbx__host_feed_send(host_feed *feed, uint16_t number, gbx__host *host, bool *is_input,
                               gbx_error *err);
void gbx__host_feed_done(host_feed *feed);

/* ---- result_schema.c ------------------------------------------------------------------------- */

/* The Arrow schema of a plan's rows. */
gbx_status gbx__host_schema_of(const gbx_plan *plan, struct ArrowSchema *out, gbx_error *err);
/* INVALID with the first column that differs; labels do not count. */
gbx_status gbx__host_schema_check(const struct ArrowSchema *expected,
                                  const struct ArrowSchema *found, gbx_error *err);

#endif
