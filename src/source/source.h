/*
 * What is known of an input without reading it all: format, schema, size, row count, statistics,
 * fingerprint. The answer is a gbx__scan (plan/scan.h): plain data, in the caller's arena.
 *
 *   'data/2013-*.csv'  ─┐
 *   read_csv(…, opts)  ─┼─→ expand → magic and ending → probe one file → check the others ─→ scan
 *   --table t=x.parquet ┘
 *
 * Schemes (file paths now; folio:// and delta:// later) are rows of a registry. A probe costs
 * footers and one sample, never a whole file.
 */
#ifndef GBX_SOURCE_SOURCE_H
#define GBX_SOURCE_SOURCE_H

#include "base/arena.h"
#include "base/error.h"
#include "duck/duck.h"
#include "gearbox/arrow.h"
#include "plan/scan.h"

/* Asked before anything is read; the policy of the session (exec/) answers DENIED or OK. The path
 * is as it will be opened, links not resolved. For a glob its fixed folder is asked, too. */
typedef gbx_status gbx__source_may_read(void *ctx, const char *path, gbx_error *err);

typedef struct gbx__source_request {
    gbx__str location;          /* path, glob, folder, scheme://… */
    uint32_t n_locations;       /* when a reader names several: read_csv(['a', 'b']) */
    const gbx__str *locations;  /* used instead of `location`, in this order */
    bool has_format;            /* from a reader's name: read_csv → CSV; else by ending and magic */
    gbx__scan_format format;
    gbx__str reader;            /* the reader's name as written (read_ndjson …); may be empty */
    uint32_t n_options;         /* what the user wrote in the reader's call, by name */
    const gbx__scan_option *options;
    gbx__str name;              /* label; empty: from the path */
    bool want_stats;            /* also column statistics (null counts, min, max) */
    bool csv_is_fixed;          /* no sniffing: options say all */
} gbx__source_request;

typedef struct gbx__source_ctx {
    gbx__duck_conn *conn;     /* for sniffing and footers */
    gbx__arena *arena;        /* the scan lives here */
    gbx__source_may_read *may_read; /* NULL: all may be read */
    void *may_read_ctx;
} gbx__source_ctx;

/*
 * NOT_FOUND for a missing path, an empty glob, a folder without data; IO for an unreadable one;
 * INVALID for an empty file, or files of a glob whose schemas disagree (names both files and the
 * column); CORRUPT for a damaged one; UNSUPPORTED for a format or an option that is not known, by
 * name.
 */
gbx_status gbx__source_resolve(const gbx__source_ctx *ctx, const gbx__source_request *request,
                               const gbx__scan **out, gbx_error *err);

/* Does this FROM name look like a location (has a known ending, a slash, a glob or a scheme)? */
bool gbx__source_is_location(gbx__str name);
/* The reader functions that a FROM may call ("read_csv", "read_csv_auto", "read_parquet",
 * "parquet_scan", "read_json", "read_json_auto", "read_ndjson" …); false for others. */
bool gbx__source_reader_format(gbx__str function, gbx__scan_format *out);

/*
 * The rows of a scan whose format the engines cannot read by themselves (ARROW_IPC, SQLITE), its
 * files one after the other. The stream has the scan's fields in their order; a file that has
 * changed its columns since is INVALID, a damaged one CORRUPT, told by get_next and get_last_error.
 * UNSUPPORTED for other formats. The scan must outlive the stream.
 */
gbx_status gbx__source_open_stream(const gbx__scan *scan, struct ArrowArrayStream *out,
                                   gbx_error *err);
/* Does gbx__source_open_stream read this format? */
bool gbx__source_has_stream(gbx__scan_format format);

/* A path as DuckDB's readers must get it: quoted, and what they would take for a wildcard escaped.
 * (They read 'f[1].csv' as a glob, which gives f1.csv.) */
void gbx__source_quote_path(gbx__buf *out, gbx__str path);

/* The DuckDB SQL type text of a plan type and back; used where schemas cross to DuckDB. */
void gbx__duck_type_print(gbx__buf *out, const gbx__type *type);
gbx_status gbx__duck_type_parse(gbx__arena *arena, gbx__str text, const gbx__type **out,
                                gbx_error *err);

#endif
