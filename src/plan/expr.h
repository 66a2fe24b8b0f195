/*
 * Expressions: immutable trees with a type on every node.
 *
 *   price * (1 - discount)
 *
 *   CALL "*" : decimal(18,4)
 *   ├─ COLUMN #7 : decimal(15,2)
 *   └─ CALL "-" : decimal(16,2)
 *      ├─ CONST 1.00
 *      └─ COLUMN #9
 *
 * A column is named by its id, which is unique in the plan (node.h), never by position or label.
 * Every expression keeps its position in the text that it came from.
 *
 * Logical and comparison operators are calls too: "and", "or" (n-ary), "not", "=", "<>", "<", "<=",
 * ">", ">=", "is_distinct_from", "is_not_distinct_from", "is_null", "is_not_null", "in", "not_in"
 * (args[0] in the rest), "coalesce", "try", "grouping". They are rows of the function table with
 * the same names.
 */
#ifndef GBX_PLAN_EXPR_H
#define GBX_PLAN_EXPR_H

#include "plan/function.h"
#include "plan/value.h"

typedef uint32_t gbx__col_id; /* 0 is never a column */

/* Where in the text: bytes; offset -1 when there is no text. */
typedef struct gbx__pos {
    int64_t offset;
    int64_t len;
} gbx__pos;
#define GBX_NO_POS ((gbx__pos){-1, 0})

typedef enum gbx__expr_kind {
    GBX_EX_COLUMN, /* .col */
    GBX_EX_CONST,  /* .value */
    GBX_EX_PARAM,  /* .name: a bound parameter; its value comes with the job, never with the plan */
    GBX_EX_CAST,   /* args[0]; .is_try: NULL instead of an error */
    GBX_EX_CALL,   /* .fn(args); .arg_names when some are given by name */
    GBX_EX_CASE,   /* args: when, then, when, then, …, else */
    GBX_EX_LAMBDA, /* .params → args[0]; its type is the body's; only as an argument of a call */
    GBX_EX_AGG,    /* .fn(args) with .agg; only in an aggregate node */
    GBX_EX_WINDOW, /* .fn(args) with .window; only in a window node */
    GBX_EX_UNNEST, /* args[0]; only in an unnest node */
    GBX_EX_KINDS
} gbx__expr_kind;

typedef struct gbx__expr gbx__expr;

typedef struct gbx__sort_key {
    const gbx__expr *expr;
    bool descending;
    bool nulls_first;
} gbx__sort_key;

typedef struct gbx__agg_spec {
    bool distinct;
    bool is_state;           /* the aggregate's state in place of its value, in the engine's own
                                layout: for finalize() and combine() of the same engine */
    const gbx__expr *filter; /* NULL: none */
    uint32_t n_order;
    const gbx__sort_key *order; /* order of the rows that the aggregate sees */
} gbx__agg_spec;

typedef enum gbx__frame_unit { GBX_FRAME_ROWS, GBX_FRAME_RANGE, GBX_FRAME_GROUPS } gbx__frame_unit;

typedef enum gbx__bound_kind {
    GBX_BOUND_UNBOUNDED_PRECEDING,
    GBX_BOUND_PRECEDING,
    GBX_BOUND_CURRENT_ROW,
    GBX_BOUND_FOLLOWING,
    GBX_BOUND_UNBOUNDED_FOLLOWING
} gbx__bound_kind;

typedef enum gbx__frame_exclude {
    GBX_EXCLUDE_NO_OTHERS,
    GBX_EXCLUDE_CURRENT_ROW,
    GBX_EXCLUDE_GROUP,
    GBX_EXCLUDE_TIES
} gbx__frame_exclude;

typedef struct gbx__window_spec {
    uint32_t n_partitions;
    const gbx__expr *const *partitions;
    uint32_t n_order;
    const gbx__sort_key *order;
    gbx__frame_unit unit;
    gbx__bound_kind start, end;
    const gbx__expr *start_offset, *end_offset; /* for PRECEDING and FOLLOWING: rows, groups or the
                                                   distance from the order key */
    gbx__frame_exclude exclude;
    bool distinct;
    bool ignore_nulls;
    const gbx__expr *filter;
    uint32_t n_arg_order;
    const gbx__sort_key *arg_order; /* ORDER BY inside the call's parentheses */
} gbx__window_spec;

struct gbx__expr {
    gbx__expr_kind kind;
    const gbx__type *type;
    gbx__pos pos;
    uint32_t n_args;
    const gbx__expr *const *args;
    const gbx__function *fn;   /* CALL, AGG, WINDOW */
    const gbx__str *arg_names; /* CALL: n_args names, empty where positional; NULL: all positional.
                                  For row and struct constructors: the field names */
    union {
        gbx__col_id col;
        const gbx__value *value;
        gbx__str name;
        bool is_try;
        struct {
            uint32_t n_params;
            const gbx__col_id *params;
        } lambda;
        const gbx__agg_spec *agg;
        const gbx__window_spec *window;
    };
};

/* Constructors: in `arena`, NULL when memory is short or an argument is NULL for that reason;
 * pointers are borrowed (same arena or longer lived). `arena` may be a gbx__plan_builder's. */
/* Copies the args array. An AGG starts with a plain spec, a WINDOW with one of whole partitions. */
gbx__expr *gbx__expr_new(gbx__arena *arena, gbx__expr_kind kind, const gbx__type *type,
                         gbx__pos pos, uint32_t n_args, const gbx__expr *const *args);
const gbx__expr *gbx__expr_column(gbx__arena *arena, gbx__col_id col, const gbx__type *type,
                                  gbx__pos pos);
const gbx__expr *gbx__expr_const(gbx__arena *arena, const gbx__type *type,
                                 const gbx__value *value, gbx__pos pos);
const gbx__expr *gbx__expr_bool(gbx__arena *arena, bool value);
const gbx__expr *gbx__expr_int64(gbx__arena *arena, int64_t value);
const gbx__expr *gbx__expr_null(gbx__arena *arena, const gbx__type *type, gbx__pos pos);
const gbx__expr *gbx__expr_param(gbx__arena *arena, gbx__str name, const gbx__type *type,
                                 gbx__pos pos); /* copies the name */
const gbx__expr *gbx__expr_cast(gbx__arena *arena, const gbx__expr *arg, const gbx__type *type,
                                bool is_try, gbx__pos pos); /* the argument itself when a no-op */
const gbx__expr *gbx__expr_call(gbx__arena *arena, const gbx__function *fn, const gbx__type *type,
                                gbx__pos pos, uint32_t n_args, const gbx__expr *const *args);
/* n-ary and of conjuncts: TRUE for none, the one itself for one. */
const gbx__expr *gbx__expr_and(gbx__arena *arena, uint32_t n, const gbx__expr *const *conjuncts);

/* Structure and values; positions and the ids of lambda parameters do not count. */
bool gbx__expr_equal(const gbx__expr *a, const gbx__expr *b);
/* The scalar function of this name: for "and", "=" and the like. */
bool gbx__expr_is_call(const gbx__expr *expr, const char *name);

/* Calls visit for `expr` and everything below it, specs (filter, order, partitions …) included;
 * parents first. Stops and returns false when visit does, or when nested deeper than
 * GBX_MAX_DEPTH. */
typedef bool gbx__expr_visit(const gbx__expr *expr, void *ctx);
bool gbx__expr_walk(const gbx__expr *expr, gbx__expr_visit *visit, void *ctx);
/* The same for what is directly below `expr`. */
bool gbx__expr_children(const gbx__expr *expr, gbx__expr_visit *visit, void *ctx);

/* A bottom-up rewrite: `rewrite` gets each expression with rewritten children and returns what
 * takes its place (itself: no change). Unchanged subtrees are shared. NULL: memory is short, or
 * `rewrite` said NULL. */
typedef const gbx__expr *gbx__expr_rewrite(const gbx__expr *expr, void *ctx);
const gbx__expr *gbx__expr_map(gbx__arena *arena, const gbx__expr *expr, gbx__expr_rewrite *rewrite,
                               void *ctx);

/* One line for people: (#7 * (1.00 - #9)). `names` (by col id; may be NULL) replaces "#7". */
void gbx__expr_print(gbx__buf *out, const gbx__expr *expr, const gbx__str *names, size_t n_names);
/* The same without parentheses around the whole. */
void gbx__expr_print_bare(gbx__buf *out, const gbx__expr *expr, const gbx__str *names,
                          size_t n_names);
/* #2 desc nulls first, … */
void gbx__sort_keys_print(gbx__buf *out, uint32_t n_keys, const gbx__sort_key *keys,
                          const gbx__str *names, size_t n_names);

/* Deepest nesting of expressions and nodes that a plan may have; deeper texts are refused. */
#define GBX_MAX_DEPTH 1000

/* The enums as texts: "column", "rows", "preceding"; the same in plan JSON. */
const char *gbx__expr_kind_text(gbx__expr_kind kind);
const char *gbx__frame_unit_text(gbx__frame_unit unit);
const char *gbx__bound_kind_text(gbx__bound_kind kind);
const char *gbx__frame_exclude_text(gbx__frame_exclude exclude);

#endif
