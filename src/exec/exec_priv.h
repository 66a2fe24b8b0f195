/*
 * The objects behind the public handles, and what the files of this folder share.
 *
 *   gbx_frame ──→ gbx__frame ──┐
 *                              ├──→ gbx_session ──→ engines, binder, tables, streams, cancel slots
 *   gbx_result ─→ gbx__run ────┘
 *   stream ─────→ gbx__run           arrows are counted references, so handles drop in any order
 *
 * What is counted is freed with its last reference, on whichever thread that happens.
 */
#ifndef GBX_EXEC_EXEC_PRIV_H
#define GBX_EXEC_EXEC_PRIV_H

#include "base/cancel.h"
#include "base/vec.h"
#include "engine/engine.h"
#include "exec/engine_options.h"
#include "exec/policy.h"
#include "gearbox/gearbox.h"
#include "optimise/split.h"
#include "sql/sql.h"

#include <stdatomic.h>

/* --- cancel_slot.c: tokens that a signal handler may raise at any time ------------------------ */

/* A list that only grows while the session lives: a handler never meets freed memory in it. */
typedef struct gbx__cancel_slot {
    gbx__cancel token;
    atomic_bool is_taken;
    struct gbx__cancel_slot *next; /* set before the slot is published */
} gbx__cancel_slot;

typedef struct gbx__cancel_slots {
    _Atomic(gbx__cancel_slot *) head;
} gbx__cancel_slots;

/* NULL when memory is short. */
gbx__cancel_slot *gbx__cancel_slot_take(gbx__cancel_slots *slots);
void gbx__cancel_slot_give(gbx__cancel_slot *slot);
/* Async-signal-safe. */
void gbx__cancel_slots_request(gbx__cancel_slots *slots);
void gbx__cancel_slots_done(gbx__cancel_slots *slots);

/* --- stream_source.c: Arrow streams that stand for tables ------------------------------------- */

typedef struct gbx__stream_source {
    _Atomic uint32_t refs;
    gbx__arena arena;
    gbx__str name;                  /* unique in the session */
    struct ArrowArrayStream stream; /* release is NULL once a run has taken it */
    const gbx__scan *scan;          /* NULL until first needed */
} gbx__stream_source;

/* Takes the stream, also on failure. */
gbx_status gbx__stream_source_new(gbx__str name, struct ArrowArrayStream *stream,
                                  gbx__stream_source **out, gbx_error *err);
gbx__stream_source *gbx__stream_source_ref(gbx__stream_source *source);
void gbx__stream_source_unref(gbx__stream_source *source);
/* Asks the stream for its columns. */
gbx_status gbx__stream_source_resolve(gbx__stream_source *source, gbx_session *session,
                                      gbx_error *err);
/* A stream with the same columns and no rows; `source` must outlive it. */
void gbx__stream_source_empty(gbx__stream_source *source, struct ArrowArrayStream *out);

typedef GBX_VEC(gbx__stream_source *) gbx__stream_list;

/* Adds a reference unless it is there already. */
bool gbx__stream_list_add(gbx__stream_list *list, gbx__stream_source *source);
bool gbx__stream_list_add_all(gbx__stream_list *list, const gbx__stream_list *from);
void gbx__stream_list_done(gbx__stream_list *list);
gbx__stream_source *gbx__stream_list_find(const gbx__stream_list *list, gbx__str name);

/* --- session.c -------------------------------------------------------------------------------- */

/* A name for FROM: a location, or a stream. */
typedef struct gbx__table {
    char *name;
    char *location;
    gbx__stream_source *stream;
} gbx__table;

struct gbx_session {
    _Atomic uint32_t refs;
    gbx_session_options options; /* texts in it are not used: see below */
    gbx__engine_options engine_options;
    char *temp_dir;                   /* NULL: nowhere to spill */
    const gbx__engine_vtable *vtable; /* of the engine that runs plans */
    bool is_engine_asked;
    gbx__policy policy;
    GBX_VEC(gbx__table) tables;
    uint32_t n_streams;
    /* opened when first needed: */
    gbx__engine *duckdb; /* binds, and reads for engines that do not read a source by themselves */
    gbx__engine *engine; /* of the vtable; the one above when that is DuckDB's */
    gbx__duck_conn *binder; /* on DuckDB's instance */
    int64_t reader_bytes;   /* of the memory, what that instance has beside another engine */
    gbx__cancel_slots slots;
};

gbx_session *gbx__session_ref(gbx_session *session);
void gbx__session_unref(gbx_session *session);
/* The embedded DuckDB and the binder are there afterwards. */
gbx_status gbx__session_binder(gbx_session *session, gbx_error *err);
/* And the engine that runs. */
gbx_status gbx__session_engine(gbx_session *session, gbx_error *err);
/* A further connection to the instance that binds; gbx__session_binder came before. */
gbx_status gbx__session_connect(gbx_session *session, gbx__duck_conn **out, gbx_error *err);
/* One clause: why this engine. */
const char *gbx__session_why(const gbx_session *session);
void gbx__session_log(const gbx_session *session, gbx_log_level level, const char *format, ...)
    GBX_PRINTF(3, 4);

/* --- params.c --------------------------------------------------------------------------------- */

typedef GBX_VEC(gbx__param_value) gbx__param_list; /* texts lie in an arena */

/* Copies; a name that is there already must have the same value (CONFLICT). */
gbx_status gbx__params_add(gbx__param_list *list, gbx__arena *arena, gbx__str name, gbx__str text,
                           bool is_null, gbx_error *err);
gbx_status gbx__params_add_public(gbx__param_list *list, gbx__arena *arena,
                                  const gbx_params *params, gbx_error *err);
gbx_status gbx__params_add_all(gbx__param_list *list, gbx__arena *arena,
                               const gbx__param_list *from, gbx_error *err);
bool gbx__params_has(const gbx__param_list *list, gbx__str name);
/* What the parameters that the plan names are, as values of the types that it gives them; for
 * engines in other processes. INVALID for a text that is no such value. */
gbx_status gbx__params_compute(gbx__param_list *list, gbx__arena *arena, const gbx_plan *plan,
                               gbx__duck_conn *conn, gbx_error *err);
/* BIND when a parameter of the plan has no value. */
gbx_status gbx__params_check(const gbx__param_list *list, const gbx_plan *plan, gbx_error *err);

/* --- frame.c ---------------------------------------------------------------------------------- */

typedef struct gbx__frame {
    _Atomic uint32_t refs;
    gbx_session *session;
    gbx__arena arena;
    gbx_plan *plan; /* NULL: opaque_text and why are set */
    char *opaque_text;
    char *why;
    gbx__param_list params;
    gbx__stream_list streams;
} gbx__frame;

struct gbx_frame {
    gbx__frame *body;
};

gbx__frame *gbx__frame_ref(gbx__frame *frame);
void gbx__frame_unref(gbx__frame *frame);
/* A fresh body with a reference on the session; NULL when memory is short. */
gbx__frame *gbx__frame_new(gbx_session *session);
/* The public handle; takes the body, also on failure. */
gbx_status gbx__frame_publish(gbx__frame *body, gbx_frame **out, gbx_error *err);

/* A frame under the name by which a text knows it. */
typedef struct gbx__input {
    const char *name;
    const gbx__frame *frame;
} gbx__input;

typedef struct gbx__import_request {
    gbx__str text;
    size_t n_inputs;
    const gbx__input *inputs;
    const gbx_params *params;      /* NULL: none */
    const gbx__relation *relation; /* one more name; NULL: none */
    gbx__stream_source *stream;    /* of that relation; NULL: none */
    bool with_tables;              /* the session's names may be used too */
    bool may_be_opaque;
} gbx__import_request;

/* The one way from a text to a frame. */
gbx_status gbx__frame_import(gbx_session *session, const gbx__import_request *request,
                             gbx__frame **out, gbx_error *err);

/* Keeps only those of the frame's streams that its plan reads; NOT_FOUND for one that is missing,
 * UNSUPPORTED for one that would be read twice. */
gbx_status gbx__frame_keep_streams(gbx__frame *frame, gbx_error *err);

/* --- run.c ------------------------------------------------------------------------------------ */

typedef struct gbx__run gbx__run;

typedef struct gbx__run_request {
    int64_t timeout_ms;
    const gbx_params *params;
    bool without_rows; /* streams give their columns only: for a schema */
} gbx__run_request;

/* --- run_plan.c: what runs where -------------------------------------------------------------- */

typedef struct gbx__run_plan {
    gbx_plan *whole;  /* optimised; NULL: opaque */
    gbx__split split; /* what the engine gets, and what is read for it on the embedded DuckDB */
    int64_t now_us;   /* the time of the job */
} gbx__run_plan;

/* gbx__session_engine came before when `vtable` is the session's, and gbx__session_binder. */
gbx_status gbx__run_plan_make(const gbx__frame *frame, const gbx__engine_vtable *vtable,
                              gbx__run_plan *out, gbx_error *err);
void gbx__run_plan_done(gbx__run_plan *plan);

gbx_status gbx__run_open(gbx__frame *frame, const gbx__run_request *request, gbx__run **out,
                         gbx_error *err);

/* Bytes of the files that a plan reads; -1: unknown. */
int64_t gbx__plan_input_bytes(const gbx_plan *plan);

#endif
