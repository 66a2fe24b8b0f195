/*
 * Relational operators: immutable nodes of a directed acyclic graph.
 *
 *   Sort [#12 desc]
 *   └─ Aggregate by #3, #12 = sum(#8)
 *      └─ Join inner on #1 = #5
 *         ├─ Scan flights.csv → #1 carrier, #8 dep_delay
 *         └─ Scan airlines.csv → #5 carrier, #3 name
 *
 * Every node states its output: columns with an id that is unique in the plan, a type and a label.
 * Filter, Sort, Limit, Distinct and Sample pass their input's columns on with the same ids; so do
 * joins (left then right); Project, Aggregate, SetOp, Window (input, then new) and scans make new
 * ids. Two nodes never make the same id; where one relation is read twice there are two scans, or a
 * shared subplan (Cte) with a CteRef, and so new ids, for each use.
 * The one exception: a Project that only narrows or reorders (gbx__node_select, asked for with
 * gbx__node_is_select) holds bare columns and passes their ids on.
 */
#ifndef GBX_PLAN_NODE_H
#define GBX_PLAN_NODE_H

#include "plan/expr.h"
#include "plan/scan.h"

typedef struct gbx__col {
    gbx__col_id id;
    const gbx__type *type;
    gbx__str name; /* a label; need not be unique, may be empty */
} gbx__col;

/* X(NAME, text in plans and JSON) */
#define GBX_NODE_LIST(X)                                                                           \
    X(SCAN, "scan")           /* .scan: a source's columns */                                      \
    X(VALUES, "values")       /* .values: rows of expressions; no input (or: one, correlated) */   \
    X(FILTER, "filter")       /* .filter: keeps rows for which all conjuncts are true */           \
    X(PROJECT, "project")     /* .project: one expression per output column */                     \
    X(AGGREGATE, "aggregate") /* .aggregate */                                                     \
    X(JOIN, "join")           /* .join */                                                          \
    X(SORT, "sort")           /* .sort */                                                          \
    X(LIMIT, "limit")         /* .limit */                                                         \
    X(TOPN, "topn")           /* .sort and .limit in one */                                        \
    X(DISTINCT, "distinct")   /* .distinct */                                                      \
    X(SETOP, "setop")         /* .setop */                                                         \
    X(WINDOW, "window")       /* .window: input columns, then one per expression */                \
    X(UNNEST, "unnest")       /* .unnest: input columns, then one per expression */                \
    X(SAMPLE, "sample")       /* .sample */                                                        \
    X(PIVOT, "pivot")         /* .pivot */                                                         \
    X(CTE, "cte")             /* .cte: inputs: definition, body; output: the body's */             \
    X(CTE_REF, "cte_ref")     /* .cte_ref */                                                       \
    X(RECURSIVE, "recursive") /* .cte: inputs: anchor, step */                                     \
    X(TABLE_FN, "table_fn")   /* .table_fn: rows of a function; maybe of one input (lateral) */    \
    X(CALL, "call")           /* .call: a user's function over batches of its input */             \
    X(SINK, "sink")           /* .sink: writes its input; output: one count of rows */

typedef enum gbx__node_kind {
#define GBX_NODE_ENUM(name, text) GBX_NODE_##name,
    GBX_NODE_LIST(GBX_NODE_ENUM)
#undef GBX_NODE_ENUM
        GBX_NODE_KINDS
} gbx__node_kind;

typedef enum gbx__join_kind {
    GBX_JOIN_INNER,
    GBX_JOIN_LEFT,
    GBX_JOIN_RIGHT,
    GBX_JOIN_FULL,
    GBX_JOIN_SEMI,       /* left rows with a match; output: left */
    GBX_JOIN_ANTI,       /* left rows without a match; output: left */
    GBX_JOIN_CROSS,      /* no condition */
    GBX_JOIN_SINGLE,     /* left join; more than one match is an error */
    GBX_JOIN_MARK,       /* left, then a boolean: true, false or NULL as IN would say */
    GBX_JOIN_POSITIONAL, /* n-th with n-th; the shorter side is filled with NULL */
    GBX_JOIN_KINDS
} gbx__join_kind;

typedef enum gbx__setop_kind {
    GBX_SETOP_UNION,
    GBX_SETOP_INTERSECT,
    GBX_SETOP_EXCEPT,
    GBX_SETOP_KINDS
} gbx__setop_kind;

typedef enum gbx__sample_method {
    GBX_SAMPLE_SYSTEM,
    GBX_SAMPLE_BERNOULLI,
    GBX_SAMPLE_RESERVOIR,
    GBX_SAMPLE_METHODS
} gbx__sample_method;

typedef struct gbx__grouping_set {
    uint32_t n;
    const uint32_t *keys; /* indexes into the node's groups */
} gbx__grouping_set;

typedef struct gbx__node gbx__node;

struct gbx__node {
    gbx__node_kind kind;
    uint32_t id; /* unique in the plan, above those of its inputs: names a node in reports, and
                    indexes whatever a pass knows of each node */
    gbx__pos pos;
    uint32_t n_inputs;
    const gbx__node *const *inputs;
    uint32_t n_cols;
    const gbx__col *cols;
    uint32_t depth; /* 1 for a leaf */
    union {
        struct {
            const gbx__scan *scan;
            const uint32_t *fields; /* n_cols indexes into the scan's schema, or GBX_SCAN_ROWID */
        } scan;
        struct {
            uint32_t n_rows;
            const gbx__expr *const *const *rows; /* n_rows × n_cols */
        } values;
        struct {
            uint32_t n;
            const gbx__expr *const *conjuncts;
        } filter;
        struct {
            const gbx__expr *const *exprs; /* n_cols; a bare column gives a new id too */
        } project;
        struct { /* output: groups, aggregates, grouping() columns */
            uint32_t n_groups;
            const gbx__expr *const *groups;
            uint32_t n_aggs;
            const gbx__expr *const *aggs; /* kind GBX_EX_AGG */
            uint32_t n_sets;              /* 0: one set of all groups */
            const gbx__grouping_set *sets;
            uint32_t n_grouping;
            const gbx__grouping_set *grouping; /* GROUPING(keys) → int64 bit mask */
        } aggregate;
        struct {
            gbx__join_kind kind;
            bool is_asof;               /* one conjunct is an inequality: the nearest match */
            uint32_t n_on;
            const gbx__expr *const *on; /* conjuncts over left ++ right columns */
            gbx__col_id mark;           /* MARK: its new column, last of cols */
        } join;
        struct { /* SORT, LIMIT, TOPN */
            uint32_t n_keys;
            const gbx__sort_key *keys;
            /* LIMIT and TOPN; NULL: none. int64, or float64 percent with is_percent; constant or
             * (LIMIT only) an expression that is the same in every row */
            const gbx__expr *limit;
            const gbx__expr *offset;
            bool is_percent;
        } sort;
        struct {
            uint32_t n_on;              /* 0: all columns */
            const gbx__expr *const *on; /* the first row of each, by `order` */
            uint32_t n_order;
            const gbx__sort_key *order;
        } distinct;
        struct {
            gbx__setop_kind kind;
            bool all;
        } setop;
        struct { /* WINDOW, UNNEST */
            uint32_t n_exprs;
            const gbx__expr *const *exprs;
        } window;
        struct {
            gbx__sample_method method;
            bool is_percent;
            double amount; /* percent or rows */
            bool has_seed;
            int64_t seed;
        } sample;
        struct { /* input: groups, a list<utf8> of keys, one list of values for each aggregate;
                    output: groups, then for each label one column per aggregate: the value beside
                    the label in the lists, or the default where the label is not there */
            uint32_t n_groups;
            uint32_t n_aggs;
            const gbx__str *labels;
            uint32_t n_labels;
            const gbx__expr *const *defaults; /* n_aggs constants; NULL: all are NULL */
        } pivot;
        struct { /* CTE and RECURSIVE; its id is that of CteRefs to it */
            uint32_t id;
            gbx__str name;
            bool union_all;    /* RECURSIVE */
            bool materialized; /* CTE: computed once */
        } cte;
        struct {
            uint32_t id;
            const uint32_t *fields; /* n_cols positions in the definition's output */
        } cte_ref;
        struct { /* output: the input's columns (when there is one), then the function's */
            const gbx__function *fn;
            uint32_t n_args;
            const gbx__expr *const *args;
            const gbx__str *arg_names; /* NULL: all positional */
            uint32_t n_fields;         /* the function's whole output */
            const gbx__field *fields;
            const uint32_t *used;      /* the columns of `fields` that are output */
            uint32_t n_used;
            bool with_ordinality;
        } table_fn;
        struct {
            gbx__str language;      /* "python", "node", "c" */
            gbx__str entry;         /* module:function; empty when code is given */
            gbx__str code;          /* bytes, with their digest in the JSON form */
            gbx__str batch_form;    /* "arrow", "pandas", "polars" */
            bool is_pure;           /* may run twice */
        } call;
        struct {
            gbx__str format; /* "parquet", "csv", "json", "jsonl", "arrow" */
            gbx__str path;
        } sink;
    };
};

/* Texts of the enums, the same in plan JSON: "aggregate", "left", "union", "reservoir". */
const char *gbx__node_kind_text(gbx__node_kind kind);
const char *gbx__join_kind_text(gbx__join_kind kind);
const char *gbx__setop_kind_text(gbx__setop_kind kind);
const char *gbx__sample_method_text(gbx__sample_method method);

/* How many of the first output columns are the inputs' own, passed on with their ids; those behind
 * them are made here. */
uint32_t gbx__node_n_passed(const gbx__node *node);
/* A project of bare columns that keeps their ids. */
bool gbx__node_is_select(const gbx__node *node);
/* The output column with this id; NULL when there is none. */
const gbx__col *gbx__node_col(const gbx__node *node, gbx__col_id id);

#endif
