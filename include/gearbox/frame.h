/**
 * @file frame.h
 * Lazy frames: a question that is built step by step and runs when its rows are asked for.
 *
 * Every step makes a new frame and leaves its input as it is; nothing is read but sizes, footers
 * and samples. Texts are SQL expressions ("age > 25", "sum(x) AS total"); errors carry line and
 * column in that text. All functions return GBX_OK; GBX_PARSE or GBX_BIND for a text that is wrong,
 * or that would end its clause early; GBX_NOT_FOUND for a missing file or column; GBX_DENIED when
 * the session's policy forbids it; GBX_UNSUPPORTED when the plan can't hold it; GBX_CONFLICT when
 * two frames bind one parameter to different values; GBX_MISUSE for a NULL; GBX_NOMEM.
 *
 * Ownership: inputs are borrowed; `out` is the caller's (gbx_frame_free); a frame keeps its session
 * alive.
 * Thread safety: as its session.
 */
#ifndef GBX_FRAME_H
#define GBX_FRAME_H

#include "gearbox/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gbx_frame gbx_frame;
typedef struct gbx_result gbx_result;

/** A bound parameter, $name in the text. Values are never stored, logged or shown. */
typedef struct gbx_param {
    const char *name;
    const char *text; /**< the value as text, cast to what the query needs; NULL: SQL NULL */
} gbx_param;

typedef struct gbx_params {
    size_t n;
    const gbx_param *items;
} gbx_params;

/**
 * One SELECT over files ('x.csv'), named tables and streams.
 *
 * A text that is right but that the plan can't hold becomes an opaque frame, which runs on engines
 * that speak SQL and which other frames can't build on; it is refused (GBX_UNSUPPORTED, with the
 * reason) when the session has no_opaque or its policy forbids it.
 * @param[in] params  NULL: none; copied
 */
GBX_API GBX_MUST_USE gbx_status gbx_session_sql(gbx_session *session, const char *text,
                                                const gbx_params *params, gbx_frame **out,
                                                gbx_error *err);

/** An option of a reader: {"delim", ";"}, {"header", "true"}, as SQL literals would be written. */
typedef struct gbx_option {
    const char *name;
    const char *value;
} gbx_option;

/** Read a file, glob or folder; the format by its ending or first bytes. */
GBX_API GBX_MUST_USE gbx_status gbx_scan(gbx_session *session, const char *location,
                                         gbx_frame **out, gbx_error *err);
GBX_API GBX_MUST_USE gbx_status gbx_scan_csv(gbx_session *session, const char *location,
                                             size_t n_options, const gbx_option *options,
                                             gbx_frame **out, gbx_error *err);
GBX_API GBX_MUST_USE gbx_status gbx_scan_parquet(gbx_session *session, const char *location,
                                                 size_t n_options, const gbx_option *options,
                                                 gbx_frame **out, gbx_error *err);
GBX_API GBX_MUST_USE gbx_status gbx_scan_json(gbx_session *session, const char *location,
                                              size_t n_options, const gbx_option *options,
                                              gbx_frame **out, gbx_error *err);
/** Read an Arrow stream once; `stream` is taken, also on failure. */
GBX_API GBX_MUST_USE gbx_status gbx_scan_stream(gbx_session *session,
                                                struct ArrowArrayStream *stream, gbx_frame **out,
                                                gbx_error *err);

/** Rows for which the predicate is true. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_filter(const gbx_frame *frame, const char *predicate,
                                                 gbx_frame **out, gbx_error *err);
/** Shape: one column per expression. `columns` as after SELECT: "a, b * 2 AS c, * EXCLUDE (d)". */
GBX_API GBX_MUST_USE gbx_status gbx_frame_select(const gbx_frame *frame, const char *columns,
                                                 gbx_frame **out, gbx_error *err);
/** All columns, then new ones ("a + b AS c, lower(d) AS d"); a name that is there is replaced where
 * it stands. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_with_columns(const gbx_frame *frame, const char *columns,
                                                       gbx_frame **out, gbx_error *err);
/**
 * One row per group: the keys, then the aggregates.
 * @param[in] keys        as after GROUP BY, each may have a name ("year(d) AS y"); NULL or "": one
 *                        row. Keys inside ROLLUP, CUBE and GROUPING SETS: name them in `aggregates`
 * @param[in] aggregates  as after SELECT; NULL or "": the keys alone
 */
GBX_API GBX_MUST_USE gbx_status gbx_frame_group_by(const gbx_frame *frame, const char *keys,
                                                   const char *aggregates, gbx_frame **out,
                                                   gbx_error *err);

typedef enum gbx_join_kind {
    GBX_JOIN_KIND_INNER,
    GBX_JOIN_KIND_LEFT,
    GBX_JOIN_KIND_RIGHT,
    GBX_JOIN_KIND_FULL,
    GBX_JOIN_KIND_SEMI,
    GBX_JOIN_KIND_ANTI,
    GBX_JOIN_KIND_CROSS
} gbx_join_kind;

/**
 * Join two frames of one session: all columns of the left, then of the right, where a name that the
 * left has too gets "_1" behind it.
 * @param[in] on  column names that both have ("carrier, year": such a column comes once), or a
 *                predicate over l.… and r.… ("l.id = r.user_id"); NULL only for CROSS
 */
GBX_API GBX_MUST_USE gbx_status gbx_frame_join(const gbx_frame *left, const gbx_frame *right,
                                               gbx_join_kind kind, const char *on, gbx_frame **out,
                                               gbx_error *err);
/** `keys` as after ORDER BY: "delay DESC, name". NULLs last unless said. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_sort(const gbx_frame *frame, const char *keys,
                                               gbx_frame **out, gbx_error *err);
/** @param n_rows, offset  0 or more; unit: rows */
GBX_API GBX_MUST_USE gbx_status gbx_frame_limit(const gbx_frame *frame, int64_t n_rows,
                                                int64_t offset, gbx_frame **out, gbx_error *err);
/** `columns` NULL: over all; else the first row of each, in no stated order. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_distinct(const gbx_frame *frame, const char *columns,
                                                   gbx_frame **out, gbx_error *err);

typedef enum gbx_set_kind {
    GBX_SET_UNION,
    GBX_SET_INTERSECT,
    GBX_SET_EXCEPT
} gbx_set_kind;

/** By position. `all`: duplicates stay. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_set(const gbx_frame *left, const gbx_frame *right,
                                              gbx_set_kind kind, bool all, gbx_frame **out,
                                              gbx_error *err);
/** All columns, then window expressions: "row_number() OVER (PARTITION BY a ORDER BY b) AS n". */
GBX_API GBX_MUST_USE gbx_status gbx_frame_window(const gbx_frame *frame, const char *columns,
                                                 gbx_frame **out, gbx_error *err);
/**
 * Rows to columns: one column per value of `key`, each with `aggregate` over its rows, grouped by
 * `keys`.
 * @param[in] values  the values as SQL literals: "'a', 'b'"
 * @param[in] keys    as after GROUP BY; NULL: one row
 */
GBX_API GBX_MUST_USE gbx_status gbx_frame_pivot(const gbx_frame *frame, const char *key,
                                                const char *values, const char *aggregate,
                                                const char *keys, gbx_frame **out, gbx_error *err);
/** Columns to rows: `columns` become (name, value) pairs, those without a value too. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_unpivot(const gbx_frame *frame, const char *columns,
                                                  const char *name, const char *value,
                                                  gbx_frame **out, gbx_error *err);
/** One row per column: name, type, count, nulls, distinct (approximate), min, max, mean, stddev. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_describe(const gbx_frame *frame, gbx_frame **out,
                                                   gbx_error *err);
/** About `percent` of the rows (0 to 100), each by itself; the same ones for a seed and engine. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_sample(const gbx_frame *frame, double percent,
                                                 int64_t seed, gbx_frame **out, gbx_error *err);
/** SQL over frames by name. */
typedef struct gbx_named_frame {
    const char *name;
    const gbx_frame *frame;
} gbx_named_frame;
GBX_API GBX_MUST_USE gbx_status gbx_frames_sql(size_t n_frames, const gbx_named_frame *frames,
                                               const char *text, const gbx_params *params,
                                               gbx_frame **out, gbx_error *err);

/** Fills an Arrow schema (a struct of the columns); the caller releases it. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_schema(const gbx_frame *frame, struct ArrowSchema *out,
                                                 gbx_error *err);
/** "plan" or "opaque". */
GBX_API const char *gbx_frame_via(const gbx_frame *frame);
/** Why the plan can't hold it; NULL for a frame with a plan. Lives as long as the frame. */
GBX_API const char *gbx_frame_why_opaque(const gbx_frame *frame);

typedef enum gbx_explain_form {
    GBX_EXPLAIN_TEXT,
    GBX_EXPLAIN_JSON,
    GBX_EXPLAIN_SQL
} gbx_explain_form;

/** The plan, what is known of its inputs, the engine and why. `out` is freed with gbx_text_free. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_explain(const gbx_frame *frame, gbx_explain_form form,
                                                  char **out, gbx_error *err);
/** The plan as JSON and back; a frame read back belongs to `session`. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_to_json(const gbx_frame *frame, char **out,
                                                  gbx_error *err);
GBX_API GBX_MUST_USE gbx_status gbx_frame_from_json(gbx_session *session, const char *json,
                                                    size_t len, gbx_frame **out, gbx_error *err);
GBX_API void gbx_text_free(char *text);
GBX_API void gbx_frame_free(gbx_frame *frame);

#ifdef __cplusplus
}
#endif
#endif
