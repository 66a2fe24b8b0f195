/*
 * What the files of this folder share: a scan while it is being found out, and the steps on it.
 *
 *   expand.c → format.c → hive.c → csv.c | parquet.c | json.c | arrow_ipc.c | sqlite.c
 *
 * Steps work on a gbx__probe and fill probe->scan; texts and arrays lie in the caller's arena.
 */
#ifndef GBX_SOURCE_SOURCE_PRIV_H
#define GBX_SOURCE_SOURCE_PRIV_H

#include "base/fs.h"
#include "source/source.h"

/* How many files one input may have. */
#define GBX_SOURCE_PATHS_MAX 100000

typedef struct gbx__probe {
    const gbx__source_ctx *ctx;
    const gbx__source_request *request;
    gbx__arena *arena;
    gbx__scan *scan;
    const gbx__file_info *files; /* of scan->paths */
    gbx_error *err;
} gbx__probe;

/* ---- formats (registry.c) -------------------------------------------------------------------- */

typedef struct gbx__source_format {
    gbx__scan_format format;
    const char *name;                      /* for people: "CSV" */
    const char *const *endings;            /* ".csv", …, NULL */
    const char *const *readers;            /* "read_csv", …, NULL */
    gbx_status (*probe)(gbx__probe *probe); /* fields, options, row count, statistics */
} gbx__source_format;

const gbx__source_format *gbx__source_format_of(gbx__scan_format format);
/* By a path's ending, that of its compression left out; NULL when it says nothing. */
const gbx__source_format *gbx__source_format_by_ending(gbx__str path);
const gbx__source_format *gbx__source_format_by_reader(gbx__str function);
/* "gzip", "zstd" or empty, by the path's ending; *stem (may be NULL) is the path without it. */
gbx__str gbx__source_compression_by_ending(gbx__str path, gbx__str *stem);

/* ---- steps ----------------------------------------------------------------------------------- */

/* scan->paths, location, size, fingerprint; probe->files. Asks the policy. (expand.c) */
gbx_status gbx__source_expand(gbx__probe *probe);
/* " (did you mean 'y.csv'?)" when the folder of a missing path has a near name. (near.c) */
void gbx__source_near(gbx__probe *probe, const char *path, gbx__buf *out);
/* scan->format, compression. (format.c) */
gbx_status gbx__source_find_format(gbx__probe *probe);
/* A label from the location: 'x/flights.csv.gz' → "flights". (name.c) */
gbx_status gbx__source_find_name(gbx__probe *probe);

/* Makes DuckDB's failure about a file ours: names the file, forgets where in our SQL it was, sets
 * the line of the file when DuckDB tells it. `status` is what it shall be called, unless the
 * failure is of memory, time or access. (fail.c) */
gbx_status gbx__source_fail_file(gbx__probe *probe, gbx_status failed, gbx_status status,
                                 gbx__str path);

/* What to call all files together: the only path, or the location. */
gbx__str gbx__source_set_path(const gbx__probe *probe);
/* The same for a failure that may be of any of the files. */
gbx_status gbx__source_fail_set(gbx__probe *probe, gbx_status failed);
/* What a failure is called when the bytes of a file must be its cause: CORRUPT, unless it is of
 * another kind (an option, memory …). (fail.c) */
gbx_status gbx__source_damage(gbx_status failed);

/* The first file that is not empty (some file is not). (estimate.c) */
uint32_t gbx__source_first_with_bytes(const gbx__probe *probe);
/* scan->row_count from the length of the first lines, unless compressed; n_headers lines are no
 * rows. (estimate.c) */
gbx_status gbx__source_estimate_rows(gbx__probe *probe, uint32_t n_headers);

/* ---- options (option.c) ---------------------------------------------------------------------- */

/* What a reader's options ask of any format. */
typedef struct gbx__file_options {
    bool has_hive; /* hive_partitioning was written */
    bool hive;
    bool union_by_name;
    gbx__str filename_column;              /* empty: none */
    const gbx__scan_option *hive_types;    /* NULL: detected */
    const gbx__scan_option *hive_autocast; /* NULL: yes */
} gbx__file_options;

/* True when the option is one of those above; it is then in `out`. */
gbx_status gbx__source_file_option(gbx__probe *probe, const gbx__scan_option *option,
                                   gbx__file_options *out, bool *is_taken);
gbx_status gbx__source_option_bool(gbx__probe *probe, const gbx__scan_option *option, bool *out);
gbx_status gbx__source_option_int(gbx__probe *probe, const gbx__scan_option *option, int64_t *out);
gbx_status gbx__source_option_text(gbx__probe *probe, const gbx__scan_option *option,
                                   gbx__str *out);
/* UNSUPPORTED: says which option of which format. */
gbx_status gbx__source_option_refuse(gbx__probe *probe, const gbx__scan_option *option,
                                     const char *why);
/* Copies them into scan->options. */
gbx_status gbx__source_keep_options(gbx__probe *probe, const gbx__scan_option *options, size_t n);
/* `, name := literal`. (literal.c) */
gbx_status gbx__source_option_print(gbx__probe *probe, gbx__buf *sql,
                                    const gbx__scan_option *option);

/* ---- DuckDB's readers as SQL (reader_sql.c) -------------------------------------------------- */

/* `['a', 'b']` */
void gbx__source_sql_paths(gbx__buf *sql, const gbx__scan *scan);
/* `{'a': 'BIGINT', 'b': 'VARCHAR'}` */
void gbx__source_sql_columns(gbx__buf *sql, const gbx__field *fields, uint32_t n_fields);
/* `, hive_partitioning := …, filename := …, union_by_name := …` */
gbx_status gbx__source_sql_file_options(gbx__probe *probe, gbx__buf *sql,
                                        const gbx__file_options *options);
/* The same without columns that stand in names. */
void gbx__source_sql_own_options(gbx__buf *sql, const gbx__file_options *options);
/* A column's name can stand in SQL and in Arrow: UTF-8 without NUL; INVALID else. */
gbx_status gbx__source_check_name(gbx__str name, size_t index, gbx_error *err);
/* The columns that a statement would give. */
gbx_status gbx__source_describe(gbx__probe *probe, const gbx__buf *sql, gbx__field **out,
                                uint32_t *n_out);
/* FAIL_NOMEM when the text could not be built. */
gbx_status gbx__source_sql_check(gbx__probe *probe, const gbx__buf *sql);

/* ---- hive (hive.c) --------------------------------------------------------------------------- */

/* Has it columns that stand in names of files and folders? Then a describe with these options gives
 * more columns than the files have. */
bool gbx__source_has_name_columns(const gbx__probe *probe, const gbx__file_options *options);
/* Do the folders of all files have the same keys, and may they count? */
gbx_status gbx__source_is_partitioned(gbx__probe *probe, const gbx__file_options *options,
                                      bool *out);
/* With all columns as DuckDB describes them, the first n_own of them the files': sets the scan's
 * fields, partitions, filename column. Refuses a key that is also a column of the files. */
gbx_status gbx__source_set_fields(gbx__probe *probe, const gbx__file_options *options,
                                  const gbx__field *fields, uint32_t n_fields, uint32_t n_own);

/* ---- formats --------------------------------------------------------------------------------- */

gbx_status gbx__source_probe_csv(gbx__probe *probe);
gbx_status gbx__source_probe_parquet(gbx__probe *probe);
gbx_status gbx__source_probe_json(gbx__probe *probe);
gbx_status gbx__source_probe_arrow_ipc(gbx__probe *probe);
gbx_status gbx__source_probe_sqlite(gbx__probe *probe);

gbx_status gbx__source_parquet_stats(gbx__probe *probe); /* parquet_stats.c */

gbx_status gbx__source_open_arrow_ipc(const gbx__scan *scan, struct ArrowArrayStream *out,
                                      gbx_error *err);
gbx_status gbx__source_open_sqlite(const gbx__scan *scan, struct ArrowArrayStream *out,
                                   gbx_error *err);

#endif
