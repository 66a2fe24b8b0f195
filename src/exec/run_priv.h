/*
 * A run: one job on an engine, from its preparation to its last row.
 *
 *   prepared ─→ started ─→ rows … ─→ ended (all rows, a failure, or nobody wants more)
 *
 * What it borrows from its frame lives as long as the run holds the frame.
 */
#ifndef GBX_EXEC_RUN_PRIV_H
#define GBX_EXEC_RUN_PRIV_H

#include "exec/exec_priv.h"
#include "exec/watch.h"

typedef enum gbx__run_state {
    GBX_RUN_PREPARED,
    GBX_RUN_STARTED,
    GBX_RUN_ENDED
} gbx__run_state;

/* The streams that a fragment on DuckDB reads. */
typedef struct gbx__run_inputs {
    size_t n;
    gbx__stream_input *items;
    struct ArrowArrayStream *own; /* beside `items`: those that are the run's own */
} gbx__run_inputs;

/* A fragment that the embedded DuckDB reads for another engine, which pulls its rows on a thread of
 * its own. It starts when it is first asked for something. */
typedef struct gbx__run_feed {
    gbx__run *run;
    gbx_plan *plan; /* with a name for each of its own streams */
    gbx__run_inputs inputs;
    gbx__job *job;
    struct ArrowArrayStream rows; /* DuckDB's, once started */
    gbx__stream_input input;      /* as the engine gets it */
    struct ArrowArrayStream stream;
    atomic_bool has_failed;
    gbx_error error;
} gbx__run_feed;

struct gbx__run {
    _Atomic uint32_t refs;
    gbx__run_state state;
    bool is_taken; /* the rows have a taker */
    bool has_failed;
    gbx_error error;
    gbx__frame *frame;
    const gbx__engine_vtable *vtable; /* of what runs it */
    gbx__engine *engine;
    gbx__run_plan plan;
    gbx__cancel_slot *slot;
    gbx__job *job;
    struct ArrowArrayStream rows; /* the engine's */
    bool tells_progress;
    gbx__watch watch;
    /* what the fragment points to */
    gbx__arena arena;
    gbx__param_list params;
    gbx__run_inputs inputs;
    gbx__run_feed *feeds; /* plan.split.n_feeds of them */
    /* figures */
    int64_t timeout_ms;
    int64_t start_ns;
    double start_cpu_s;
    double wall_s, cpu_s; /* once ended */
    int64_t peak_rss_bytes;
    int64_t n_rows;
    int64_t bytes_read;
};

gbx__run *gbx__run_ref(gbx__run *run);
void gbx__run_unref(gbx__run *run);

/* run_input.c: a stream for each leaf that DuckDB does not read by itself. NULL plan: opaque. */
gbx_status gbx__run_inputs_open(gbx__run *run, const gbx_plan *plan, bool without_rows,
                                gbx__run_inputs *inputs, gbx_error *err);
void gbx__run_inputs_done(gbx__run_inputs *inputs);

/* run_feed.c: the same for another engine; run->inputs are the feeds' streams. */
gbx_status gbx__run_feeds_open(gbx__run *run, gbx_error *err);
/* Those that are still out end early; any of the engine's threads may be in one. */
void gbx__run_feeds_cancel(gbx__run *run);
/* The engine has let go of all streams. */
void gbx__run_feeds_done(gbx__run *run);
/* Why a feed failed; NULL: none has, but for being stopped. */
const gbx_error *gbx__run_feeds_error(const gbx__run *run);

/* Lets the engine start; once. */
gbx_status gbx__run_start(gbx__run *run, gbx_error *err);
/* No more rows are wanted: the engine stops, the figures are final. */
void gbx__run_end(gbx__run *run);
/* Remembers why the rows ended early; an asked-for end wins over what the engine made of it. */
gbx_status gbx__run_fail(gbx__run *run, const gbx_error *error);

/* The rows as a stream that keeps the run alive; once (MISUSE). Starts the run. */
gbx_status gbx__run_stream(gbx__run *run, struct ArrowArrayStream *out, gbx_error *err);

struct gbx_result {
    gbx__run *run;
};

#endif
