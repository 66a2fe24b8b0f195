/**
 * @file session.h
 * A session: engines, limits, named inputs and an access policy, behind one handle.
 *
 * @code
 *   gbx_session *session = NULL;
 *   gbx_frame *frame = NULL;
 *   gbx_result *result = NULL;
 *   gbx_error err;
 *   if (gbx_session_open(NULL, &session, &err) != GBX_OK) return fail(&err);
 *   if (gbx_session_sql(session, "SELECT 42 AS answer", NULL, &frame, &err) != GBX_OK) …
 *   if (gbx_frame_run(frame, NULL, &result, &err) != GBX_OK) …
 *   if (gbx_result_write_fd(result, 1, NULL, &err) != GBX_OK) …
 *   gbx_result_free(result); gbx_frame_free(frame); gbx_session_close(session);
 * @endcode
 *
 * Handles may be dropped in any order: frames and results keep what they need of their session.
 *
 * Thread safety: one thread at a time per session, except gbx_session_cancel and gbx_result_cancel,
 * which any thread and any signal handler may call.
 */
#ifndef GBX_SESSION_H
#define GBX_SESSION_H

#include "gearbox/arrow.h"
#include "gearbox/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbx_session gbx_session;

typedef enum gbx_log_level {
    GBX_LOG_DEBUG,
    GBX_LOG_INFO,
    GBX_LOG_WARN
} gbx_log_level;

/** One line for people, without a line break. Called on the thread that called into Gearbox. */
typedef void gbx_log_fn(void *ctx, gbx_log_level level, const char *message);

/**
 * How far the running job is. Called on a thread of Gearbox's own, never two calls at once; the
 * last call of a job, when it has ended either way, has 1 and comes on the thread that took the
 * rows.
 * @param fraction  0 to 1, or -1 when the engine can't tell
 */
typedef void gbx_progress_fn(void *ctx, double fraction);

/** An option of an engine; which there are is the engine's to say (docs/settings.md). */
typedef struct gbx_engine_option {
    const char
        *engine; /**< of this one only; NULL: of the engine that runs the session's queries */
    const char *name;
    const char *value; /**< no message and no log holds it */
} gbx_engine_option;

/** Zero means the default, for every field. Start from GBX_SESSION_OPTIONS_INIT. */
typedef struct gbx_session_options {
    size_t struct_size;
    /** Limit of the resident set of Gearbox and its engines; 0: 80 % of what is free when the
     * session opens. */
    int64_t memory_bytes;
    int threads;          /**< 0: as many as this process may use */
    const char *temp_dir; /**< where a spill folder may be made; NULL: $TMPDIR, then /tmp */
    const char *engine;   /**< name of the engine, NULL or "auto": Gearbox chooses */
    bool no_opaque;       /**< refuse what the plan can't hold */
    gbx_log_fn *log;
    void *log_ctx;
    gbx_progress_fn *progress; /**< called about 10 times a second while a job runs */
    void *progress_ctx;
    /** Copied. Of two with one name the later one counts. An engine that does not know one refuses
     * it when it starts: GBX_INVALID. */
    const gbx_engine_option *engine_options;
    size_t n_engine_options;
} gbx_session_options;

#define GBX_SESSION_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(gbx_session_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                               \
    }

/**
 * Open a session. No engine is started yet.
 * @param[in] options  NULL: all defaults
 * @return GBX_OK; GBX_INVALID for a negative limit, a temp_dir that is no folder or an option of an
 *         engine without a name; GBX_NOT_FOUND for an unknown engine; GBX_NOMEM
 */
GBX_API GBX_MUST_USE gbx_status gbx_session_open(const gbx_session_options *options,
                                                 gbx_session **out, gbx_error *err);

/** Drop the handle; NULL is fine. What still runs goes on until its own handles are dropped. */
GBX_API void gbx_session_close(gbx_session *session);

/** End every running job of the session: they fail with GBX_CANCELLED. Async-signal-safe. */
GBX_API void gbx_session_cancel(gbx_session *session);

/** What a session may touch. Zero forbids; a fresh session may do all that its process may. */
typedef struct gbx_policy {
    size_t struct_size;
    const char *const *readable; /**< folders and files below which inputs may lie */
    size_t n_readable;
    const char *const *writable; /**< folders below which outputs may be written */
    size_t n_writable;
    bool network;    /**< http, s3 and the like */
    bool opaque_sql; /**< text that no plan can hold */
    bool user_functions;
    const char *const *engines; /**< names that may be used; NULL: all */
    size_t n_engines;
} gbx_policy;

#define GBX_POLICY_INIT                                                                            \
    {                                                                                              \
        sizeof(gbx_policy), 0, 0, 0, 0, 0, 0, 0, 0, 0                                              \
    }

/**
 * Narrow what the session may touch; can be done once, before the first query, and not be undone.
 * It is checked on the plan and set in the engine; links are resolved before paths are compared.
 * @return GBX_OK; GBX_NOT_FOUND when a folder does not exist; GBX_CONFLICT when a query has run or
 *         the session is restricted already
 */
GBX_API GBX_MUST_USE gbx_status gbx_session_restrict(gbx_session *session, const gbx_policy *policy,
                                                     gbx_error *err);

/**
 * Give a file, glob or folder a name that queries may use in FROM. Nothing is read yet.
 * @return GBX_OK; GBX_EXISTS when the name is taken; GBX_INVALID for an empty name
 */
GBX_API GBX_MUST_USE gbx_status gbx_session_add_table(gbx_session *session, const char *name,
                                                      const char *location, gbx_error *err);

/**
 * Give an Arrow stream a name that one query may use in FROM, once.
 * @param[in] stream  taken, also on failure: its release is cleared
 */
GBX_API GBX_MUST_USE gbx_status gbx_session_add_stream(gbx_session *session, const char *name,
                                                       struct ArrowArrayStream *stream,
                                                       gbx_error *err);

/** One engine as `gearbox engines` lists it; texts live as long as the program. */
typedef struct gbx_engine_info {
    size_t struct_size;
    const char *name;
    const char *version; /**< NULL when it is not here */
    const char *status;  /**< "ready", or why not */
    const char *best_for;
    const char *memory_model;
    const char *cannot;         /**< NULL: nothing known */
    const char *install_hint;   /**< NULL: built in */
    const char *scale;          /**< how large its tables may well be: "up to 100 GB" */
    const char *learning_curve; /**< "low", "medium", "high" */
} gbx_engine_info;

#define GBX_ENGINE_INFO_INIT                                                                       \
    {                                                                                              \
        sizeof(gbx_engine_info), 0, 0, 0, 0, 0, 0, 0, 0, 0                                         \
    }

/**
 * How many engines there are; then each by index. Looks whether it is here, starts nothing.
 * @param[in,out] out  begins as GBX_ENGINE_INFO_INIT
 */
GBX_API size_t gbx_engine_count(void);
GBX_API GBX_MUST_USE gbx_status gbx_engine_get(size_t index, gbx_engine_info *out, gbx_error *err);

/** A size as people write it: "4GB" (10^9), "512MiB", "100" (bytes). GBX_PARSE when it is none. */
GBX_API GBX_MUST_USE gbx_status gbx_parse_bytes(const char *text, int64_t *out_bytes,
                                                gbx_error *err);
/** A duration: "30s", "500ms", "1.5h"; a bare number is seconds. GBX_PARSE when it is none. */
GBX_API GBX_MUST_USE gbx_status gbx_parse_duration_ms(const char *text, int64_t *out_ms,
                                                      gbx_error *err);

/** The library's version, "0.1.0". */
GBX_API const char *gbx_version(void);

#ifdef __cplusplus
}
#endif
#endif
