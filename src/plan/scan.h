/*
 * What a plan knows of an input: its schema and statistics as plain data, never a file handle.
 *
 * source/ fills it; a dialect prints it (read_csv(…), read_parquet(…)); an engine that reads by
 * itself gets path and options, others get Arrow batches under `name`.
 */
#ifndef GBX_PLAN_SCAN_H
#define GBX_PLAN_SCAN_H

#include "plan/value.h"

#define GBX_SCAN_ROWID UINT32_MAX

typedef enum gbx__scan_format {
    GBX_SCAN_CSV,
    GBX_SCAN_PARQUET,
    GBX_SCAN_JSON,    /* JSON lines or an array: options say which */
    GBX_SCAN_ARROW_IPC,
    GBX_SCAN_STREAM,  /* an Arrow stream that the session holds under `name` */
    GBX_SCAN_SQLITE,
    GBX_SCAN_XLSX,
    GBX_SCAN_TABLE,   /* a table of the engine itself, by `name` (catalog.schema.table) */
    GBX_SCAN_FORMATS
} gbx__scan_format;

/* The dialect of a text file, found once and handed to every engine. */
typedef struct gbx__csv_dialect {
    char delimiter[5]; /* 1 to 4 bytes and a NUL */
    char quote;        /* 0: none */
    char escape;       /* 0: none */
    char comment;      /* 0: none */
    bool has_header;
    int64_t skip_rows;
    gbx__str newline;          /* "\n", "\r\n", "\r"; empty: found by the reader */
    gbx__str date_format;      /* strptime form; empty: ISO */
    gbx__str timestamp_format; /* strptime form; empty: ISO */
    char decimal_separator;    /* 0: '.' */
    uint32_t n_null_texts;
    const gbx__str *null_texts; /* texts that mean NULL; none: the empty field */
    gbx__str encoding;          /* empty: utf-8 */
    bool all_varchar;
    bool ignore_errors;         /* only when the user asked for it */
    bool null_padding;
    bool strict;                /* false only when the user asked for it */
    int64_t max_line_size;      /* 0: the engine's own */
} gbx__csv_dialect;

/* An option that the user wrote in a reader's call and that goes on unchanged: name := value. */
typedef struct gbx__scan_option {
    gbx__str name;
    const gbx__type *type;
    gbx__value value;
} gbx__scan_option;

/* What is known of a column without reading the data. */
typedef struct gbx__col_stats {
    int64_t null_count; /* -1: unknown */
    bool has_min_max;
    gbx__value min, max; /* of the column's type; for floats they say nothing of NaN */
} gbx__col_stats;

typedef struct gbx__scan {
    gbx__scan_format format;
    gbx__str name;  /* label for people and for engines' catalogs: "flights" */
    uint32_t n_paths;
    const gbx__str *paths; /* files, expanded and sorted; 0 for STREAM and TABLE */
    gbx__str location;     /* as the user wrote it: path, glob, folder */
    uint32_t n_fields;
    const gbx__field *fields; /* the whole schema, hive partition columns last */
    uint32_t n_partitions;    /* of those, how many come from folder names */
    const gbx__csv_dialect *csv;
    gbx__str compression;     /* empty: none; "gzip", "zstd" */
    gbx__str json_layout;     /* JSON: "newline_delimited", "array", "unstructured"; empty: found
                                 by the reader */
    gbx__str inner_name;      /* SQLITE: its table; XLSX: its sheet */
    uint32_t n_options;
    const gbx__scan_option *options;
    bool is_bounded;          /* false: never ends by itself */
    bool union_by_name;
    bool files_differ; /* PARQUET: some have their columns in another order than others */
    bool hive_partitioning;
    gbx__str filename_column; /* name of the column that holds each row's path; empty: none */
    /* statistics */
    int64_t row_count;        /* -1: unknown */
    bool row_count_exact;
    int64_t size_bytes;       /* of all files; -1: unknown */
    const gbx__col_stats *stats; /* n_fields of them, or NULL */
    gbx__str fingerprint; /* changes when the input does; empty: unknown. Not in the plan's hash */
} gbx__scan;

/* "csv", "parquet", "arrow_ipc"; the same in plan JSON. */
const char *gbx__scan_format_text(gbx__scan_format format);

#endif
