/*
 * Dialects of engines in other processes: what they compute by themselves, and how the rest is
 * handed to kernels.
 *
 *   expression ─ native as a whole? ─ yes ─→ its words, by the dialect's rows
 *                      │
 *                      no ─→ gbx_k<n>(columns): DuckDB's words over "a0", "a1", …
 *
 * A row of a dialect: the function's name, the classes of its arguments, the words. A class is a
 * letter (host_class.c); `*` behind one repeats it, `=` before all asks for one type in all.
 * In words, $1 … $9 are the arguments, ~1 … the same as float_compared has it, $* all of them, $&
 * and $| all with AND and OR, $r those from the second, $# the second's integer, $t the result's
 * type, $s the first's scale. In those of aggregates and windows $d is DISTINCT, $f the filter, $o
 * the window; what stands in braces is computed beforehand, in a column of its own.
 */
#ifndef GBX_SQL_HOST_PRIV_H
#define GBX_SQL_HOST_PRIV_H

#include "sql/print_priv.h"

typedef struct gbx__native {
    const char *name;
    const char *args;
    const char *text;
} gbx__native;

typedef struct gbx__natives {
    const gbx__native *rows;
    size_t n;
} gbx__natives;

struct gbx__host_words {
    gbx__natives calls, aggs;
    gbx__natives windows; /* aggregates only where they need other words than in a group */
    bool (*has_type)(const gbx__type *type); /* in CAST(… AS type) */
    bool (*holds)(const gbx__type *type);    /* a column of it passes through unchanged */
    bool (*casts)(const gbx__type *from, const gbx__type *to, bool is_try);
    void (*timestamp)(gbx__buf *out, const gbx__type *type, const char *iso);
    /* Words over $1 that make one NaN of all and one zero of both, and what statistics of files say
     * nothing of; NULL: none are needed. */
    const char *float_key;      /* for groups and orders */
    const char *float_compared; /* in comparisons */
    const char *list_agg;       /* a list of all values, NULL too */
    const char *field;          /* field $2 of the struct $1 */
    const char *unnest;         /* rows of the list $1 */
    const char *chance;         /* 0 … 1 */
    gbx__str row_number;        /* of all rows, in any order */
    const char *try_cast;
    bool has_setop_all;      /* INTERSECT ALL and EXCEPT ALL count rows */
    bool loses_empty_set;    /* GROUPING SETS (()) of no rows has no row */
    bool recursion_is_plain; /* UNION ALL of projected, filtered and joined rows only */
    bool wants_window_order; /* row_number() without ORDER BY is refused */
};

struct gbx__host {
    GBX_VEC(gbx__host_table) tables;
    GBX_VEC(gbx__host_kernel) kernels;
    GBX_VEC(gbx__str) pieces;
    GBX_VEC(gbx__str) ctes; /* "cte3(c4) AS (…)" of those in scope that are no tables */
    gbx__col_id next_col;   /* above the plan's */
    uint32_t in_recursion;
};

/* host_class.c */
bool gbx__host_class_is(const gbx__host_words *words, char class, const gbx__expr *arg);
/* The row for a call with these arguments, whatever the arguments themselves are; NULL: none. */
const gbx__native *gbx__host_find(const gbx__host_words *words, gbx__natives rows,
                                  const gbx__expr *call);
bool gbx__host_is_key(const gbx__type *type);      /* may be grouped by */
bool gbx__host_is_sortable(const gbx__type *type); /* the engine's order is the contract's */
/* A cast that is exact, or fails when the contract's does, on any engine. */
bool gbx__host_casts(const gbx__type *from, const gbx__type *to, bool is_try);

/* host_expr.c */
bool gbx__host_is_native(gbx__printer *p, const gbx__expr *expr);
void gbx__host_expr(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
/* As a key: floats with one NaN. */
void gbx__host_key(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
/* The words with the arguments' texts in them; `extra` has those for $d, $f, $o. */
typedef struct gbx__host_call {
    const gbx__expr *expr;
    const char *distinct, *over;
    const gbx__expr *filter;
    bool in_pieces;
} gbx__host_call;
void gbx__host_fill(gbx__printer *p, gbx__buf *out, const char *words, const gbx__host_call *call);
void gbx__host_fill_text(gbx__buf *out, const char *words, gbx__str one, gbx__str two);
void gbx__host_condition(gbx__printer *p, gbx__buf *out, const gbx__expr *on);

/* host_kernel.c */
typedef struct gbx__host_args {
    GBX_VEC(const gbx__expr *) columns; /* one for each id */
} gbx__host_args;
bool gbx__host_args_of(gbx__printer *p, gbx__host_args *args, const gbx__expr *expr);
void gbx__host_args_done(gbx__host_args *args);
/* gbx_k<n>(columns that expr reads) */
void gbx__host_kernel_call(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
/* A kernel of this text; its name. */
gbx__str gbx__host_kernel_add(gbx__printer *p, uint32_t n_args, const gbx__type *const *args,
                              const gbx__type *type, gbx__str duckdb);
/* DuckDB's words for an expression whose columns are written as `names` says; NULL args: "a<i>" in
 * the order of the columns. `format` with %u is how the i-th column of `args` is written. */
gbx__str gbx__host_duckdb(gbx__printer *p, const gbx__expr *expr, const gbx__host_args *args,
                          const char *format);
/* named_struct('f0', c1, …) of columns, and its type. With braces the columns are pieces. */
const gbx__type *gbx__host_struct(gbx__printer *p, gbx__buf *out, const gbx__host_args *args,
                                  bool in_pieces);

/* host_agg.c */
bool gbx__host_aggregate(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_window(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_sort(gbx__printer *p, const gbx__node *node, gbx__block *block);
/* host_piece.c */
gbx__col_id gbx__host_col(gbx__printer *p);
void gbx__host_piece(gbx__printer *p, gbx__buf *out, gbx__str text, bool is_own);
/* Makes columns of the pieces; then gbx__host_resolve puts their names in. */
bool gbx__host_pieces_flush(gbx__printer *p, const gbx__node *input, gbx__block *block);
gbx__str gbx__host_resolve(gbx__printer *p, gbx__str text);
void gbx__host_order(gbx__printer *p, gbx__buf *out, const gbx__sort_key *keys, uint32_t n);

/* host_node.c, host_join.c */
bool gbx__host_scan(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_values(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_table_fn(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_unnest(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_distinct(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_sample(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_pivot(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_setop(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_join(gbx__printer *p, const gbx__node *node, gbx__block *block);
bool gbx__host_limit(gbx__printer *p, const gbx__node *node, gbx__block *block);
/* The block's rows with more columns, which get ids and the texts' words. */
bool gbx__host_add_columns(gbx__printer *p, const gbx__node *node, gbx__block *block, uint32_t n,
                           const gbx__str *texts, gbx__col_id *ids);
/* host_cte.c */
/* Must all readers see the same rows, which another run of it would not give? */
bool gbx__host_cte_is_table(gbx__printer *p, const gbx__node *cte);
/* The block's rows as a table of their own, of this name. */
bool gbx__host_make_table(gbx__printer *p, gbx__str name, const gbx__block *block,
                          const gbx__node *node);
/* UNSUPPORTED for a recursion that the engine refuses. */
bool gbx__host_recursion(gbx__printer *p, const gbx__node *node);
/* An inline one, for the tables that refer to it. */
bool gbx__host_cte_note(gbx__printer *p, gbx__str text);

/* Constants and types that both spell alike. */
bool gbx__host_constant(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                        const gbx__value *value, bool may_be_bare);
bool gbx__host_has_constant(const gbx__host_words *words, const gbx__type *type,
                            const gbx__value *value);

#endif
