/*
 * SQL text → plan, and plan → SQL text of a dialect.
 *
 *   text ─→ relations found ─→ sources resolved ─→ empty tables made ─→ bound by DuckDB ─→ plan
 *           (json_serialize_sql)   (source/)        (temp, rolled back)  (json_serialize_plan)
 *
 * The importer is strict: every key and every enum of the bound plan is consumed, or the query is
 * refused by name ("not in the plan: …"), so an upgrade of the binder can't drop meaning.
 */
#ifndef GBX_SQL_SQL_H
#define GBX_SQL_SQL_H

#include "duck/duck.h"
#include "plan/plan.h"
#include "source/source.h"

/* A name that a query may use in FROM. */
typedef struct gbx__relation {
    gbx__str name;
    gbx__str location;     /* a source to resolve when first used (--table NAME=PATH); or: */
    gbx_plan *plan;        /* a plan whose rows it stands for (frames); or: */
    const gbx__scan *scan; /* a scan that is known already (Arrow streams) */
} gbx__relation;

typedef struct gbx__sql_request {
    gbx__str text;
    gbx__duck_conn *conn; /* of the engine's own instance; used between BEGIN and ROLLBACK only */
    size_t n_relations;
    const gbx__relation *relations;
    size_t n_params; /* values of $name: used where binding needs one (a path); else only typed */
    const gbx__duck_param *params;
    bool engine_tables; /* names in FROM may also be tables of the engine's own database */
    gbx__source_may_read *may_read;
    void *may_read_ctx;
} gbx__sql_request;

typedef struct gbx__sql_result {
    gbx_plan *plan;    /* the caller's; NULL when the plan can't hold the query */
    gbx_error why_not; /* then: what it was, with its position */
    char *opaque_text; /* then: the text with its relations replaced, for an engine that speaks it;
                            NULL when even that can't be; gbx__alloc_free */
} gbx__sql_result;

/*
 * PARSE, BIND, NOT_FOUND, INVALID … with line and column for a query that is wrong; OK with
 * plan == NULL for one that is right but not in the plan.
 */
gbx_status gbx__sql_import(const gbx__sql_request *request, gbx__sql_result *out, gbx_error *err);
void gbx__sql_result_done(gbx__sql_result *result);

typedef enum gbx__dialect_id {
    GBX_DIALECT_DUCKDB,
    GBX_DIALECT_DATAFUSION, /* these two for gbx__sql_print_host only */
    GBX_DIALECT_SPARK,
    GBX_DIALECTS
} gbx__dialect_id;

typedef struct gbx__print_options {
    gbx__dialect_id dialect;
    bool pretty;              /* line breaks, for people */
    int64_t csv_buffer_bytes; /* that a reader of CSV may take for each piece; 0: a small one */
} gbx__print_options;

/* UNSUPPORTED by name when the dialect has no words for it. Columns get the plan's output names,
 * which may repeat. Parameters are printed as $name. */
gbx_status gbx__sql_print(const gbx_plan *plan, const gbx__print_options *options, gbx__buf *out,
                          gbx_error *err);

/* One source as a FROM item of a dialect: read_csv('x.csv', …). UNSUPPORTED as above. */
gbx_status gbx__sql_print_scan(const gbx__scan *scan, gbx__dialect_id dialect, gbx__buf *out,
                               gbx_error *err);

/*
 * Single expressions of a plan, for who runs them over batches of rows: columns by their ids,
 * CAST(sum("c7") AS BIGINT). An aggregate or a window is its whole call.
 */
typedef struct gbx__sql_exprs gbx__sql_exprs;

/* `plan` outlives it. */
gbx_status gbx__sql_exprs_open(const gbx_plan *plan, gbx__dialect_id dialect, gbx__sql_exprs **out,
                               gbx_error *err);
/* UNSUPPORTED by name when the dialect has no words for it; nothing is appended then. */
gbx_status gbx__sql_exprs_print(gbx__sql_exprs *exprs, const gbx__expr *expr, gbx__buf *out,
                                gbx_error *err);
void gbx__sql_exprs_close(gbx__sql_exprs *exprs);

/*
 * What constant expressions of DuckDB's SQL are, computed together, so now() is the same in all:
 * constants in `arena`. NULL in out[i] for one that fails when computed, that differs from row to
 * row, or whose type has no constants in a plan.
 */
gbx_status gbx__sql_constants(gbx__duck_conn *conn, gbx__arena *arena, size_t n,
                              const gbx__str *texts, const gbx__expr **out, gbx_error *err);
/* The same for constant expressions of a plan; *now_us becomes what now() was, unless that failed,
 * too. */
gbx_status gbx__sql_compute(gbx__duck_conn *conn, const gbx_plan *plan, gbx__arena *arena, size_t n,
                            const gbx__expr *const *exprs, const gbx__expr **out, int64_t *now_us,
                            gbx_error *err);

/*
 * A plan as the text that an engine in another process runs. It names no file, no label and no
 * expression that the engine would compute to another answer:
 *
 *   text     SELECT t2.c5 AS c5, gbx_k1(t2.c6) AS c7 FROM t2 WHERE …   columns in the plan's order
 *   tables   t2(c5, c6): a scan of the plan, or a text over the tables before it
 *   kernels  gbx_k1(a0): DuckDB's words for what the engine has none for
 */
typedef struct gbx__host_table {
    gbx__str name;         /* "t2" */
    const gbx__scan *scan; /* the plan's own; NULL: */
    gbx__str text;         /* its rows are those of this text, computed once */
    uint32_t n_cols;
    const gbx__col *cols;   /* each is column "c<id>" of the table */
    const uint32_t *fields; /* of a scan: which of its fields each is, or GBX_SCAN_ROWID */
} gbx__host_table;

typedef struct gbx__host_kernel {
    gbx__str name;                /* "gbx_k1" */
    uint32_t n_args;              /* 0: one value, the same for the whole job: gbx_k1() */
    const gbx__type *const *args; /* of "a0", "a1" … */
    const gbx__type *type;
    gbx__str duckdb;
} gbx__host_kernel;

typedef struct gbx__host_sql {
    gbx__arena arena;
    gbx__str text;
    uint32_t n_tables, n_kernels;
    const gbx__host_table *tables;
    const gbx__host_kernel *kernels;
} gbx__host_sql;

/* UNSUPPORTED by name for what can't be said to the dialect's engine. The plan outlives *out. */
gbx_status gbx__sql_print_host(const gbx_plan *plan, const gbx__print_options *options,
                               gbx__host_sql *out, gbx_error *err);
void gbx__host_sql_done(gbx__host_sql *sql);
/* The dialect of this name ("datafusion"); GBX_DIALECTS when there is none. */
gbx__dialect_id gbx__dialect_find(gbx__str name);

#endif
