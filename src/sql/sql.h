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

#endif
