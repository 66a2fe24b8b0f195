/*
 * The engine contract: what an engine must be able to do, and how it is asked.
 *
 *   open ─→ can (a plan: yes, or why not) ─→ prepare (a fragment) ─→ run ─→ Arrow stream ─→ close
 *                                                 └─ progress, cancel: from any thread
 *
 * An engine runs a *fragment*: a plan whose leaves are sources or Arrow streams of other
 * fragments. No engine's own code lives in this folder.
 */
#ifndef GBX_ENGINE_ENGINE_H
#define GBX_ENGINE_ENGINE_H

#include "base/cancel.h"
#include "gearbox/arrow.h"
#include "plan/plan.h"

typedef struct gbx__engine gbx__engine;
typedef struct gbx__job gbx__job;
typedef struct gbx__engine_vtable gbx__engine_vtable;

/* Optimiser passes that an engine asks for, as bits (optimise/). */
#define GBX_PASS_PRUNE_COLUMNS 1u
#define GBX_PASS_FOLD 2u
#define GBX_PASS_PUSH_FILTERS 4u
#define GBX_PASS_JOIN_ORDER 8u
#define GBX_PASS_PUSH_LIMITS 16u
#define GBX_PASS_PRUNE_FILES 32u
#define GBX_PASS_SHARE_SUBPLANS 64u
#define GBX_PASS_MERGE 128u
#define GBX_PASS_NULL_SAFE 256u

typedef struct gbx__engine_info {
    const char *name;         /* "duckdb" */
    const char *version;      /* of the engine; NULL until opened */
    const char *best_for;     /* one line for people */
    const char *memory_model; /* "out of core", "in memory", "distributed" */
    const char *scale;        /* how large its tables may well be: "up to 100 GB" */
    const char *learning;     /* its learning curve: "low", "medium", "high" */
    const char *cannot;       /* what it can't do, one line; NULL: nothing known */
    const char *install_hint; /* how to get it; NULL: built in */
    uint32_t engine_bit;      /* its bit in the function table */
    uint32_t passes;          /* GBX_PASS_* */
    bool speaks_sql;          /* takes opaque SQL text */
    int64_t floor_bytes;      /* resident memory below which it does not start */
} gbx__engine_info;

/* Of the engine itself, by its own names: what Gearbox knows nothing of. */
typedef struct gbx__engine_option {
    const char *name;
    const char *value; /* stands in no message and no log */
} gbx__engine_option;

typedef struct gbx__engine_config {
    int64_t memory_bytes;  /* resident set of everything; 0: no limit asked */
    int threads;           /* 0: all */
    const char *spill_dir; /* where it may make folders to fill; NULL: it must not spill */
    /* NULL: everything that the user may read; else only below these */
    const char *const *allowed_dirs;
    size_t n_allowed_dirs;
    bool restricted; /* forbids files beyond allowed_dirs, network, extensions */
    /* Each name once; INVALID for one that the engine does not know, with its name. */
    const gbx__engine_option *options;
    size_t n_options;
} gbx__engine_config;

typedef struct gbx__param_value {
    gbx__str name;
    gbx__str text;
    bool is_null;
    /* for engines in other processes: what the text is, cast to the type that the plan gives it;
     * NULL: the plan does not name it */
    const gbx__type *type;
    const gbx__value *value;
} gbx__param_value;

typedef struct gbx__stream_input {
    gbx__str name;                   /* of the GBX_SCAN_STREAM that it feeds */
    struct ArrowArrayStream *stream; /* taken when run starts */
} gbx__stream_input;

/* One piece of work: a plan, or SQL text that no plan can hold. */
typedef struct gbx__fragment {
    const gbx_plan *plan; /* after the passes that the engine names; NULL: opaque_sql */
    const char *opaque_sql;
    size_t n_params;
    const gbx__param_value *params;
    size_t n_inputs;
    gbx__stream_input *inputs;
    int64_t now_us;            /* the time of the job, since 1970 */
    int64_t seed;              /* of its random numbers */
    const gbx__cancel *cancel; /* while it is prepared; NULL: nobody asks */
} gbx__fragment;

/* What a job took in other processes than this one. */
typedef struct gbx__engine_usage {
    double cpu_s;
    int64_t peak_rss_bytes; /* of them together; 0: unknown */
} gbx__engine_usage;

struct gbx__engine_vtable {
    gbx__engine_info info;
    /* Is it here, and does it start? Fills out->version, of a copy of self->info. Cheap; nothing is
     * kept open. (`self`: one function may serve several engines.) */
    gbx_status (*probe)(const gbx__engine_vtable *self, gbx__engine_info *out, gbx_error *err);
    gbx_status (*open)(const gbx__engine_vtable *self, const gbx__engine_config *config,
                       gbx__engine **out, gbx_error *err);
    void (*close)(gbx__engine *engine);
    /* OK, or UNSUPPORTED with the reason: this engine would not give the contract's answer. */
    gbx_status (*can)(gbx__engine *engine, const gbx_plan *plan, gbx_error *err);
    /* Does it read this scan by itself, with the contract's rows? What it does not, it gets as a
     * stream (plans for `can` and `prepare` have it so already). NULL: it reads what there is. */
    bool (*reads)(gbx__engine *engine, const gbx__node *scan);
    gbx_status (*prepare)(gbx__engine *engine, const gbx__fragment *fragment, gbx__job **out,
                          gbx_error *err);
    /* Starts; rows come from the stream. Once per job. `cancel` (may be NULL) outlives the
     * stream. No position of a failure is told: it would be one in a text that nobody wrote. */
    gbx_status (*run)(gbx__job *job, gbx__cancel *cancel, struct ArrowArrayStream *out,
                      gbx_error *err);
    /* Why the stream failed; NULL: it has not. */
    const gbx_error *(*stream_error)(const gbx__job *job);
    double (*progress)(gbx__job *job); /* 0..1, -1 unknown; any thread */
    void (*cancel)(gbx__job *job);     /* any thread */
    /* Final once the stream has ended, failed or was released. NULL: it all happens here. */
    void (*usage)(const gbx__job *job, gbx__engine_usage *out);
    void (*job_close)(gbx__job *job); /* after the stream was released */
    /* What would be sent to the engine, for explain; NULL text when it has none. */
    gbx_status (*show)(gbx__engine *engine, const gbx_plan *plan, gbx__buf *out, gbx_error *err);
};

/* Engines that are built in register themselves when the program starts. NULL when there is no such
 * name. */
const gbx__engine_vtable *gbx__engine_find(gbx__str name);
size_t gbx__engine_count(void);
const gbx__engine_vtable *gbx__engine_at(size_t index);
/* UNSUPPORTED when a vtable lacks a function; EXISTS for a second one of the same name; the same
 * one again is fine. It must live for ever. */
gbx_status gbx__engine_register(const gbx__engine_vtable *engine, gbx_error *err);

#endif
