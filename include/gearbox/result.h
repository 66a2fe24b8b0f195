/**
 * @file result.h
 * Running a frame and taking its rows.
 *
 *   gbx_frame_run ─→ gbx_result ─┬─ gbx_result_stream    rows as Arrow, pulled by the caller
 *                                ├─ gbx_result_write_fd  rows as text or Arrow IPC
 *                                └─ gbx_result_write_file  the same, whole or not at all
 *
 * Rows are computed as they are taken: memory does not grow with the result.
 *
 * Ownership: a result keeps its session alive; so does the stream taken from it.
 * Thread safety: one thread, except gbx_result_cancel.
 */
#ifndef GBX_RESULT_H
#define GBX_RESULT_H

#include "gearbox/frame.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Zero means the default. */
typedef struct gbx_run_options {
    size_t struct_size;
    int64_t timeout_ms;       /**< 0: none */
    const gbx_params *params; /**< values of $names that were not given with the text */
} gbx_run_options;

#define GBX_RUN_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(gbx_run_options), 0, 0                                                              \
    }

/** Start; rows are computed as they are taken. */
GBX_API GBX_MUST_USE gbx_status gbx_frame_run(const gbx_frame *frame,
                                              const gbx_run_options *options, gbx_result **out,
                                              gbx_error *err);

/**
 * Take the rows, once. The stream's get_next answers an errno: ECANCELED, ETIMEDOUT, ENOMEM, EIO …;
 * the detail is at gbx_result_error while the result lives, and in get_last_error.
 */
GBX_API GBX_MUST_USE gbx_status gbx_result_stream(gbx_result *result, struct ArrowArrayStream *out,
                                                  gbx_error *err);
/** Why the rows ended early; NULL: they have not. */
GBX_API const gbx_error *gbx_result_error(const gbx_result *result);

typedef enum gbx_format {
    GBX_FORMAT_KIND_TABLE,
    GBX_FORMAT_KIND_CSV,
    GBX_FORMAT_KIND_JSON,
    GBX_FORMAT_KIND_JSONL,
    GBX_FORMAT_KIND_ARROW,
    GBX_FORMAT_KIND_PARQUET
} gbx_format;

/** "table", "csv", "json", "jsonl", "arrow", "parquet". */
GBX_API GBX_MUST_USE gbx_status gbx_format_parse(const char *text, gbx_format *out, gbx_error *err);
/** By a path's ending; `fallback` when that says nothing. */
GBX_API gbx_format gbx_format_of_path(const char *path, gbx_format fallback);

typedef struct gbx_write_options {
    size_t struct_size;
    gbx_format format;
    int table_width;        /**< terminal columns; 0: unlimited */
    int64_t table_max_rows; /**< 0: 40; -1: all */
    bool is_terminal;       /**< control bytes in data are escaped */
    bool color;
} gbx_write_options;

#define GBX_WRITE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(gbx_write_options), GBX_FORMAT_KIND_TABLE, 0, 0, 0, 0                               \
    }

/**
 * Write all rows.
 * @return GBX_OK; GBX_IO with errno in native_code (EPIPE: the reader has gone); what the engine
 *         failed with; GBX_UNSUPPORTED for Parquet, which needs a file
 */
GBX_API GBX_MUST_USE gbx_status gbx_result_write_fd(gbx_result *result, int fd,
                                                    const gbx_write_options *options,
                                                    gbx_error *err);
/** Write to a path: a file appears whole or not at all. */
GBX_API GBX_MUST_USE gbx_status gbx_result_write_file(gbx_result *result, const char *path,
                                                      const gbx_write_options *options,
                                                      gbx_error *err);

/** The run's figures so far; final once all rows were taken. */
typedef struct gbx_stats {
    size_t struct_size;
    const char *engine; /**< lives as long as the result */
    const char *why;    /**< one clause: why this engine */
    const char *via;    /**< "plan" or "opaque" */
    double wall_s;
    double cpu_s;
    int64_t peak_rss_bytes;
    int64_t rows;
    int64_t bytes_read; /**< sizes of the files read; -1: unknown */
    bool cached;
} gbx_stats;

#define GBX_STATS_INIT {sizeof(gbx_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0}

/** @param[in,out] out  begins as GBX_STATS_INIT */
GBX_API void gbx_result_stats(const gbx_result *result, gbx_stats *out);
/** The same as JSON, with its attempts; freed with gbx_text_free. */
GBX_API GBX_MUST_USE gbx_status gbx_result_stats_json(const gbx_result *result, char **out,
                                                      gbx_error *err);

/** End the run: it fails with GBX_CANCELLED. Any thread, any signal handler. */
GBX_API void gbx_result_cancel(gbx_result *result);
GBX_API void gbx_result_free(gbx_result *result);

#ifdef __cplusplus
}
#endif
#endif
