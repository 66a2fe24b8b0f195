/*
 * Rows on their way out: an Arrow stream in, bytes of a format out.
 *
 *   stream ─→ batch ─→ column readers (one per column, by its Arrow type) ─→ writer ─→ fd
 *
 * Writers hold one batch and one buffer, whatever the size of the result; only the table writer
 * keeps rows (its first and last few).
 */
#ifndef GBX_RESULT_RESULT_H
#define GBX_RESULT_RESULT_H

#include "base/cancel.h"
#include "base/error.h"
#include "base/str.h"
#include "duck/duck.h"
#include "gearbox/arrow.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gbx__format {
    GBX_FORMAT_TABLE,
    GBX_FORMAT_CSV,
    GBX_FORMAT_JSON,   /* one array of objects */
    GBX_FORMAT_JSONL,  /* one object a line */
    GBX_FORMAT_ARROW,  /* Arrow IPC stream */
    GBX_FORMAT_PARQUET /* through duck/: a file, never a pipe */
} gbx__format;

/* "table", "csv", "json", "jsonl"/"ndjson", "arrow", "parquet"; INVALID names what there is. */
gbx_status gbx__format_parse(gbx__str text, gbx__format *out, gbx_error *err);
/* By a path's ending; false when it says nothing. */
bool gbx__format_of_path(gbx__str path, gbx__format *out);

typedef struct gbx__write_options {
    gbx__format format;
    int table_width;        /* columns of the terminal; 0: unlimited */
    int64_t table_max_rows; /* 0: 40; -1: all */
    bool escape_control;    /* control bytes as \x1b: for terminals */
    bool color;
    int64_t row_limit;      /* -1: all */
} gbx__write_options;

typedef struct gbx__write_stats {
    int64_t rows;
    int64_t bytes;
} gbx__write_stats;

/*
 * Pulls the stream to its end and writes it; the stream stays the caller's. IO with errno in
 * native_code (EPIPE: the reader closed; a program ignores SIGPIPE to see it). A failure of the
 * stream is told as gbx__arrow_stream_next does: the caller, who knows the engine, replaces it by
 * the engine's own error.
 */
gbx_status gbx__result_write(struct ArrowArrayStream *stream, int fd,
                             const gbx__write_options *options, gbx__cancel *cancel,
                             gbx__write_stats *out, gbx_error *err);

/*
 * The same to a Parquet file, which appears whole or not at all. `duck` writes it, with its memory
 * limit; NULL: an instance of its own with one thread, for the call. A path that is no regular file
 * (a pipe, /dev/stdout) is MISUSE.
 */
gbx_status gbx__result_write_parquet(gbx__duck *duck, struct ArrowArrayStream *stream,
                                     const char *path, int64_t row_limit, gbx__cancel *cancel,
                                     gbx__write_stats *out, gbx_error *err);

#endif
