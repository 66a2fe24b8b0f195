/*
 * DuckDB as a library: the only door to it. No other folder includes duckdb.h.
 *
 * The library is opened by dlopen when first needed (23 ms), so a program that never asks it
 * anything never pays. One process holds one library; a gbx__duck is one instance (an in-memory
 * database) with its threads, memory limit and spill folder; connections are cheap.
 *
 *   gbx__duck_open → gbx__duck_connect → exec / text / query → Arrow stream
 *
 * Thread safety: an instance may be shared; a connection is for one thread at a time, except
 * gbx__duck_interrupt and gbx__duck_progress, which any thread may call while it is open.
 */
#ifndef GBX_DUCK_DUCK_H
#define GBX_DUCK_DUCK_H

#include "base/cancel.h"
#include "base/error.h"
#include "base/str.h"
#include "gearbox/arrow.h"

#include <stdbool.h>
#include <stdint.h>

#define GBX_DUCK_VERSION "v2.0.0" /* another version is refused */

typedef struct gbx__duck gbx__duck;
typedef struct gbx__duck_conn gbx__duck_conn;

typedef struct gbx__duck_setting {
    const char *name;
    const char *value;
} gbx__duck_setting;

typedef struct gbx__duck_options {
    int64_t memory_limit_bytes; /* of DuckDB's own buffers; 0: DuckDB's default */
    int threads;                /* 0: as many as this process may use */
    const char *spill_dir;   /* here it makes a folder to spill into, gone at close; NULL: none */
    bool no_external_access; /* no files, no network at all */
    /* NULL: all that the user may read. Else only what lies below these, no network, no extension,
     * and no statement can change the settings. */
    const char *const *allowed_dirs;
    size_t n_allowed_dirs;
    /* More settings of DuckDB's, by its names; INVALID, without the value, for one it refuses. */
    const gbx__duck_setting *settings;
    size_t n_settings;
} gbx__duck_options;

/* NOT_FOUND when the library is missing (says where it was looked for), UNSUPPORTED for another
 * version. Extensions are neither installed nor loaded by themselves. */
gbx_status gbx__duck_open(const gbx__duck_options *options, gbx__duck **out, gbx_error *err);
void gbx__duck_close(gbx__duck *duck);
/* For memory that DuckDB takes without counting it: its limit becomes smaller by this much (at most
 * a quarter), or by a negative number larger again. Gives what it took, to be given back; 0 where
 * there is no limit, DuckDB has filled it already, or the access is restricted (settings are locked
 * then). Any thread. */
int64_t gbx__duck_reserve(gbx__duck *duck, int64_t bytes);
/* The version text of the library, without opening an instance. */
gbx_status gbx__duck_version(const char **out, gbx_error *err);

gbx_status gbx__duck_connect(gbx__duck *duck, gbx__duck_conn **out, gbx_error *err);
void gbx__duck_disconnect(gbx__duck_conn *conn);

/* A named or positional parameter, bound as text or NULL. Those that the statement does not name
 * are passed over; one that it names and that is not here is INVALID. No message holds a value. */
typedef struct gbx__duck_param {
    gbx__str name; /* "1", "2" … for positional ones; any case */
    gbx__str text;
    bool is_null;
} gbx__duck_param;

/* Runs one or more statements and drops their rows. */
gbx_status gbx__duck_exec(gbx__duck_conn *conn, const char *sql, gbx_error *err);
/* Runs one statement and appends the text of the first column of the first row; *is_null (may be
 * NULL) says that it was NULL or that there was no row. */
gbx_status gbx__duck_text(gbx__duck_conn *conn, const char *sql, size_t n_params,
                          const gbx__duck_param *params, gbx__buf *out, bool *is_null,
                          gbx_error *err);
/* Calls `row` for each row with all columns as text (NULL: ptr is NULL), until it fails. For
 * metadata, not for data. */
typedef gbx_status gbx__duck_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err);
gbx_status gbx__duck_rows(gbx__duck_conn *conn, const char *sql, size_t n_params,
                          const gbx__duck_param *params, gbx__duck_row *row, void *ctx,
                          gbx_error *err);

/*
 * Runs one statement and streams its rows as Arrow; nothing is materialised but one batch. The
 * stream keeps the instance alive and holds the connection until released; releasing early stops
 * the query. A failure inside the stream is told by get_next's return (an errno) and
 * get_last_error; its gbx_error is at gbx__duck_stream_error(stream), NULL while there is none.
 * `cancel` (may be NULL, else outlives the stream) is looked at while running.
 */
gbx_status gbx__duck_query(gbx__duck_conn *conn, const char *sql, size_t n_params,
                           const gbx__duck_param *params, gbx__cancel *cancel,
                           struct ArrowArrayStream *out, gbx_error *err);
const gbx_error *gbx__duck_stream_error(const struct ArrowArrayStream *stream);

/* The columns that a statement would give, without running it: calls `column` for each. UNSUPPORTED
 * where only running tells (a PIVOT without its values). */
typedef gbx_status gbx__duck_column(void *ctx, gbx__str name, gbx__str type_text, gbx_error *err);
gbx_status gbx__duck_describe(gbx__duck_conn *conn, const char *sql, gbx__duck_column *column,
                              void *ctx, gbx_error *err);

/* Makes an Arrow stream readable as a table of that name on this connection, once; takes the stream
 * (release is cleared in the caller's struct) also on failure. Rows are pulled as the query asks,
 * on one thread at a time; a second read is INVALID. */
gbx_status gbx__duck_add_stream(gbx__duck_conn *conn, const char *name,
                                struct ArrowArrayStream *stream, gbx_error *err);

/* Ends what runs on the connection, from any thread; within milliseconds. */
void gbx__duck_interrupt(gbx__duck_conn *conn);
/* 0..1, or -1 when unknown. Any thread. */
double gbx__duck_progress(gbx__duck_conn *conn);

/* Appends "name" or 'text' quoted for DuckDB's SQL. */
void gbx__duck_quote_ident(gbx__buf *out, gbx__str name);
void gbx__duck_quote_text(gbx__buf *out, gbx__str text);

#endif
