/*
 * The printer's parts: plan → SELECT text.
 *
 * Operators are gathered into a block, one SELECT, as long as SQL's own order of evaluation
 * (FROM, WHERE, GROUP BY, HAVING, SELECT, DISTINCT, ORDER BY, LIMIT) allows; then the block is
 * wrapped as a subquery and the next begins. While a block is open, `names` says how each column
 * is written in it.
 *
 *   Limit ─ Sort ─ Aggregate ─ Filter ─ Scan      one block:
 *   SELECT t1.carrier AS c3, count(*) AS c4 FROM read_csv(…) AS t1 WHERE … GROUP BY t1.carrier
 *   ORDER BY count(*) DESC NULLS LAST LIMIT 5
 *
 * All texts lie in the printer's arena. Functions return false (or an empty text) once something
 * failed.
 */
#ifndef GBX_SQL_PRINT_PRIV_H
#define GBX_SQL_PRINT_PRIV_H

#include "base/vec.h"
#include "sql/sql.h"

typedef struct gbx__printer gbx__printer;
typedef struct gbx__host gbx__host;             /* host_priv.h */
typedef struct gbx__host_words gbx__host_words; /* host_priv.h */

/* What differs between dialects; a NULL function means that the dialect has no words for it. */
typedef struct gbx__dialect {
    const char *name;
    void (*quote_ident)(gbx__buf *out, gbx__str name);
    void (*quote_text)(gbx__buf *out, gbx__str text);
    bool (*is_reserved)(gbx__str word); /* as the name of a function */
    void (*type)(gbx__buf *out, const gbx__type *type);
    bool (*constant)(gbx__printer *p, gbx__buf *out, const gbx__type *type, const gbx__value *value,
                     bool may_be_bare); /* bare: the place settles the type of a text */
    bool (*scan)(gbx__printer *p, gbx__buf *out, const gbx__scan *scan);
    const char *infix; /* functions that are operators between two arguments, blank-separated */
    const char *prefix;
    bool integer_sum_is_wide;     /* sum of integers is wider than int64: cast, which checks */
    bool decimals_widen;          /* arithmetic on them, bound a second time, is wider: cast */
    bool has_semi_join;           /* SEMI JOIN and ANTI JOIN in FROM */
    bool has_nulls_order;         /* NULLS FIRST | LAST */
    const gbx__host_words *words; /* of an engine in another process; NULL: in this one */
} gbx__dialect;

extern const gbx__dialect gbx__dialect_duckdb, gbx__dialect_datafusion, gbx__dialect_spark;

typedef struct gbx__print_cte {
    uint32_t id;
    uint32_t n_cols;
    const gbx__col *cols;
} gbx__print_cte;

struct gbx__printer {
    const gbx__dialect *dialect;
    gbx__host *host; /* what goes with the text to another process; NULL: nothing does */
    int64_t csv_buffer_bytes;
    gbx__arena arena;
    gbx__str *names; /* by column id: how it is written in the open block */
    size_t n_names;
    uint32_t next_table;
    GBX_VEC(gbx__print_cte) ctes;
    gbx_status failed;
    gbx_error error;
};

/* One SELECT in the making. Empty texts: the clause is not there (yet). */
typedef struct gbx__block {
    gbx__str with; /* "a(c1) AS (…), b …" */
    bool with_recursive;
    gbx__str from;
    bool from_is_one; /* one item: can stand to the right of a join */
    gbx__str where, group, having, distinct, order, limit, sample;
    bool is_grouped;
    bool group_by_position;
    bool is_projected; /* some columns are written as computed expressions */
    bool is_volatile;  /* some of them differ each time they are written: once at most */
    bool is_pinned;    /* its columns can't be dropped or renamed in place (unnest, sample) */
} gbx__block;

/* print.c */
bool gbx__print_init(gbx__printer *p, gbx__dialect_id dialect, size_t n_names);
/* Frees all; the status, and *err for a failure. */
gbx_status gbx__print_finish(gbx__printer *p, gbx_error *err);
/* Records the first failure; false. */
bool gbx__print_fail(gbx__printer *p, gbx_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The buffer's text in the arena; empty and a recorded failure when memory is short. */
gbx__str gbx__print_keep(gbx__printer *p, gbx__buf *buf);
void gbx__print_name(gbx__printer *p, gbx__col_id id, gbx__str text);

/* print_expr.c */
void gbx__print_expr(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
gbx__str gbx__print_expr_text(gbx__printer *p, const gbx__expr *expr);
/* Keys with `before` ("ORDER BY ") in front; nothing when none of them orders anything. */
void gbx__print_order(gbx__printer *p, gbx__buf *out, const char *before, const gbx__sort_key *keys,
                      uint32_t n);
/* Expressions joined by `separator`. */
void gbx__print_list(gbx__printer *p, gbx__buf *out, const gbx__expr *const *exprs, uint32_t n,
                     const char *separator);
/* print_call.c: calls, aggregates and windows */
void gbx__print_call(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
void gbx__print_aggregate(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
void gbx__print_window(gbx__printer *p, gbx__buf *out, const gbx__expr *expr);
void gbx__print_function_name(gbx__printer *p, gbx__buf *out, const char *name);

/* print_block.c */
/* The block's SELECT; with `labels` the columns get the node's own names, else c<id>. */
void gbx__block_render(gbx__printer *p, gbx__buf *out, const gbx__block *block,
                       const gbx__node *node, bool labels);
/* The block becomes a subquery in a fresh block; the node's columns are named by it. */
bool gbx__block_wrap(gbx__printer *p, gbx__block *block, const gbx__node *node);
/* Is the block nothing but FROM? */
bool gbx__block_is_from(const gbx__block *block);
gbx__str gbx__print_table(gbx__printer *p); /* a fresh t<n> */
/* names[col] = table.c<id> for each column. */
void gbx__print_bind(gbx__printer *p, gbx__str table, const gbx__col *cols, uint32_t n);
void gbx__print_append(gbx__printer *p, gbx__str *slot, const char *separator, gbx__buf *text);

/* print_node.c, print_join.c, print_leaf.c */
bool gbx__print_node(gbx__printer *p, const gbx__node *node, gbx__block *out);
bool gbx__print_join(gbx__printer *p, const gbx__node *node, gbx__block *out);
/* Both inputs as items of FROM; the right one a single item. */
bool gbx__print_join_sides(gbx__printer *p, const gbx__node *node, gbx__block *left,
                           gbx__block *right);
void gbx__print_condition(gbx__printer *p, gbx__buf *out, const gbx__node *join);
bool gbx__print_leaf(gbx__printer *p, const gbx__node *node, gbx__block *out);
/* unique.c: does every combination of these columns occur at most once? */
bool gbx__node_is_unique(const gbx__node *node, const gbx__col_id *ids, size_t n);

#endif
