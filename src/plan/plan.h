/*
 * A plan: one typed question, immutable, shared by reference count.
 *
 *   gbx__plan_builder b;
 *   gbx__plan_builder_init(&b);
 *   const gbx__node *n = gbx__node_filter(&b, input, 1, &predicate, pos);  … NULL after a failure
 *   gbx_status s = gbx__plan_finish(&b, n, text, &plan, err);              … says what it was
 *
 * Builder functions return NULL after a first failure (memory, depth) and take NULL inputs, so a
 * caller builds straight through and asks once, in gbx__plan_finish, which also validates.
 */
#ifndef GBX_PLAN_PLAN_H
#define GBX_PLAN_PLAN_H

#include "base/hash.h"
#include "plan/node.h"

/* Raised with any change of an answer. */
#define GBX_SEMANTICS 1
/* The version of the JSON form. */
#define GBX_PLAN_JSON 1

/* Most columns, nodes and ctes that a plan may number: what reads one back may trust in that. */
#define GBX_MAX_IDS (1u << 20)

typedef enum gbx__determinism {
    GBX_EXACT,               /* same rows, same types, on every engine and every run */
    GBX_ORDERED_UP_TO_TIES,  /* same rows; the order among equal keys is open */
    GBX_LOOSE                /* the rows themselves may differ */
} gbx__determinism;

typedef struct gbx_plan gbx_plan; /* public name: include/gearbox/plan.h */

struct gbx_plan {
    _Atomic uint32_t refs;
    gbx__arena arena;
    const gbx__node *root;
    uint32_t n_bases;            /* plans whose nodes this one shares */
    gbx_plan **bases;            /* references are held */
    gbx__col_id next_col;        /* above every id in use */
    uint32_t next_cte;           /* above every cte id in use */
    uint32_t next_node;          /* above every node's id */
    gbx__str text;               /* the SQL that it came from; empty: none. Positions point here */
    gbx__determinism determinism;
    gbx__str loose_reason;       /* for LOOSE: "LIMIT without a total order" */
    gbx__volatility volatility;  /* the worst of its functions: PURE: rows may be cached; JOB: the
                                    same rows within one job, on every engine */
    gbx_plan *next_dead;         /* while it is being freed */
};

typedef struct gbx__plan_builder {
    gbx__arena arena;
    gbx__col_id next_col;
    uint32_t next_cte;
    uint32_t next_node;
    const gbx_plan *kept; /* the base whose nodes keep their ids */
    gbx_status failed; /* the first failure */
    gbx_error error;
    uint32_t n_bases;
    gbx_plan **bases;
} gbx__plan_builder;

void gbx__plan_builder_init(gbx__plan_builder *b);
/* Frees all that was not handed to a plan. */
void gbx__plan_builder_done(gbx__plan_builder *b);
/* Allow sharing nodes of `base` (a reference is taken); ids go on above its own. At most one base
 * keeps its ids as they are, and it comes before any id is made here; nodes of a second must be
 * renumbered (gbx__plan_import). */
bool gbx__plan_builder_share(gbx__plan_builder *b, gbx_plan *base);
/* A copy of another plan's nodes with new column, cte and node ids and without positions (those
 * point into the other's text); returns its root. A reference to the plan is taken: types,
 * constants and scans are shared. */
const gbx__node *gbx__plan_import(gbx__plan_builder *b, const gbx_plan *plan);
gbx__col_id gbx__plan_new_col(gbx__plan_builder *b); /* 0 when there are too many */
uint32_t gbx__plan_new_cte(gbx__plan_builder *b);    /* an id for gbx__node_cte */
/* Record a failure; returns NULL so that a caller can `return`. */
void *gbx__plan_fail(gbx__plan_builder *b, gbx_status status, gbx__pos pos, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * One constructor for each operator. Arrays and texts are copied; expressions, types and scans are
 * shared. A NULL expression means that memory was short when it was made.
 */

/* Columns by index into the schema, names by the schema. */
const gbx__node *gbx__node_scan(gbx__plan_builder *b, const gbx__scan *scan, uint32_t n_cols,
                                const uint32_t *fields, gbx__pos pos);
const gbx__node *gbx__node_values(gbx__plan_builder *b, uint32_t n_cols, const gbx__field *cols,
                                  uint32_t n_rows, const gbx__expr *const *const *rows,
                                  gbx__pos pos);
/* The rows once for each row of the input, whose columns they may use; output: the values only. */
const gbx__node *gbx__node_values_of(gbx__plan_builder *b, const gbx__node *input, uint32_t n_cols,
                                     const gbx__field *cols, uint32_t n_rows,
                                     const gbx__expr *const *const *rows, gbx__pos pos);
/* The input itself when there is no conjunct. */
const gbx__node *gbx__node_filter(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *conjuncts, gbx__pos pos);
/* `names` NULL: bare columns keep theirs, the rest have none. */
const gbx__node *gbx__node_project(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                   const gbx__expr *const *exprs, const gbx__str *names,
                                   gbx__pos pos);
/* Narrow or reorder: positions into the input's columns; ids are kept. The same position twice
 * needs gbx__node_project. */
const gbx__node *gbx__node_select(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const uint32_t *positions);
/* `names`: n_groups + n_aggs + n_grouping, or NULL. */
const gbx__node *gbx__node_aggregate(gbx__plan_builder *b, const gbx__node *input,
                                     uint32_t n_groups, const gbx__expr *const *groups,
                                     uint32_t n_aggs, const gbx__expr *const *aggs, uint32_t n_sets,
                                     const gbx__grouping_set *sets, uint32_t n_grouping,
                                     const gbx__grouping_set *grouping, const gbx__str *names,
                                     gbx__pos pos);
const gbx__node *gbx__node_join(gbx__plan_builder *b, gbx__join_kind kind, bool is_asof,
                                const gbx__node *left, const gbx__node *right, uint32_t n_on,
                                const gbx__expr *const *on, gbx__pos pos);
/* The input itself when there is no key. */
const gbx__node *gbx__node_sort(gbx__plan_builder *b, const gbx__node *input, uint32_t n_keys,
                                const gbx__sort_key *keys, gbx__pos pos);
const gbx__node *gbx__node_limit(gbx__plan_builder *b, const gbx__node *input,
                                 const gbx__expr *limit, const gbx__expr *offset, bool is_percent,
                                 gbx__pos pos);
const gbx__node *gbx__node_topn(gbx__plan_builder *b, const gbx__node *input, uint32_t n_keys,
                                const gbx__sort_key *keys, const gbx__expr *limit,
                                const gbx__expr *offset, gbx__pos pos);
const gbx__node *gbx__node_distinct(gbx__plan_builder *b, const gbx__node *input, uint32_t n_on,
                                    const gbx__expr *const *on, uint32_t n_order,
                                    const gbx__sort_key *order, gbx__pos pos);
/* New ids, names of the first input; types are the inputs', which must agree by position. More than
 * two inputs: from the left. */
const gbx__node *gbx__node_setop(gbx__plan_builder *b, gbx__setop_kind kind, bool all,
                                 uint32_t n_inputs, const gbx__node *const *inputs, gbx__pos pos);
const gbx__node *gbx__node_window(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *exprs, const gbx__str *names,
                                  gbx__pos pos);
const gbx__node *gbx__node_unnest(gbx__plan_builder *b, const gbx__node *input, uint32_t n,
                                  const gbx__expr *const *exprs, const gbx__str *names,
                                  gbx__pos pos);
const gbx__node *gbx__node_sample(gbx__plan_builder *b, const gbx__node *input,
                                  gbx__sample_method method, bool is_percent, double amount,
                                  bool has_seed, int64_t seed, gbx__pos pos);
/* `cols`: name and type of each output column; see node.h for what they are. */
const gbx__node *gbx__node_pivot(gbx__plan_builder *b, const gbx__node *input, uint32_t n_groups,
                                 uint32_t n_aggs, uint32_t n_labels, const gbx__str *labels,
                                 const gbx__expr *const *defaults, const gbx__field *cols,
                                 gbx__pos pos);
const gbx__node *gbx__node_cte(gbx__plan_builder *b, uint32_t id, gbx__str name, bool materialized,
                               const gbx__node *definition, const gbx__node *body, gbx__pos pos);
const gbx__node *gbx__node_cte_ref(gbx__plan_builder *b, uint32_t id, uint32_t n_cols,
                                   const gbx__field *cols, const uint32_t *fields, gbx__pos pos);
/* `cols` were made before the step was built, with gbx__plan_new_col. */
const gbx__node *gbx__node_recursive(gbx__plan_builder *b, uint32_t id, gbx__str name,
                                     bool union_all, uint32_t n_cols, const gbx__col *cols,
                                     const gbx__node *anchor, const gbx__node *step, gbx__pos pos);
/* `template_node` says all but inputs, cols and depth; `input` may be NULL. Input columns are
 * passed on. */
const gbx__node *gbx__node_table_fn(gbx__plan_builder *b, const gbx__node *input,
                                    const gbx__node *template_node, gbx__pos pos);
/* As above: `.call` of `template_node` and the function's output columns. `input` may be NULL. */
const gbx__node *gbx__node_call(gbx__plan_builder *b, const gbx__node *input,
                                const gbx__node *template_node, uint32_t n_cols,
                                const gbx__field *cols, gbx__pos pos);
const gbx__node *gbx__node_sink(gbx__plan_builder *b, const gbx__node *input, gbx__str format,
                                gbx__str path);

/* The same node over other inputs (same columns, by id; a filter, a join and the like pass on
 * whatever these have): what a pass builds. The node itself when the inputs are its own. */
const gbx__node *gbx__node_with_inputs(gbx__plan_builder *b, const gbx__node *node,
                                       const gbx__node *const *inputs);
/* The same, with every expression of the node put through gbx__expr_map. NULL `inputs`: its own;
 * NULL `rewrite`: no change. */
const gbx__node *gbx__node_map(gbx__plan_builder *b, const gbx__node *node,
                               const gbx__node *const *inputs, gbx__expr_rewrite *rewrite,
                               void *ctx);

/* The one way to make a node, for passes that keep the ids of columns. Finishes `shape`: kind, pos,
 * inputs, payload and, as cols, only those which the node makes itself. All arrays lie in the
 * builder's arena (or a shared plan's) already. Gives it id, depth and the columns passed on. */
const gbx__node *gbx__node_new(gbx__plan_builder *b, const gbx__node *shape);

/* Validate, compute determinism, and hand the arena to a new plan (one reference). On failure the
 * builder keeps all; call gbx__plan_builder_done either way. `text` is copied. */
gbx_status gbx__plan_finish(gbx__plan_builder *b, const gbx__node *root, gbx__str text,
                            gbx_plan **out, gbx_error *err);

gbx_plan *gbx__plan_ref(gbx_plan *plan);
void gbx__plan_unref(gbx_plan *plan);

/* Every id is made once and seen where it is used, types fit, arities hold, depth is bounded.
 * INVALID, or INTERNAL for what no text of a user can bring about, with the position.
 * gbx__plan_finish calls it. */
gbx_status gbx__plan_validate(const gbx_plan *plan, gbx_error *err);

/* As a tree for people (see node.h), one node a line, names where columns have them. */
void gbx__plan_print(gbx__buf *out, const gbx_plan *plan);
/* {"gearbox_plan":1,"semantics":1,"root":{…}}: reads back to an equal plan. Parameters have names
 * and types, no values. Constants do appear. */
void gbx__plan_to_json(gbx__buf *out, const gbx_plan *plan);
/* The same for another process: `members` may add keys (",\"key\":value") to each expression that
 * stands directly under an operator, those of an aggregate, a window and an unnest included. */
typedef void gbx__json_members(void *ctx, gbx__buf *out, const gbx__expr *expr);
void gbx__plan_to_json_with(gbx__buf *out, const gbx_plan *plan, gbx__json_members *members,
                            void *ctx);
/* A constant in the form that it has there. */
void gbx__value_to_json(gbx__buf *out, const gbx__type *type, const gbx__value *value);
/* A source in the form that it has there. */
void gbx__scan_to_json(gbx__buf *out, const gbx__scan *scan);
/* Trusts nothing: PARSE for what is no JSON, UNSUPPORTED for another version or an unknown
 * function, INVALID with the place ("… at $.root.inputs[0].type") for the rest. */
gbx_status gbx__plan_from_json(gbx__str json, gbx_plan **out, gbx_error *err);
/* Same question: structure, types, names of the outputs, sources' locations and options; not column
 * ids, positions in the text, statistics or fingerprints. */
gbx__hash128 gbx__plan_hash(const gbx_plan *plan);
bool gbx__plan_equal(const gbx_plan *a, const gbx_plan *b); /* false also when memory is short */
/* Calls visit for every node, inputs first; a shared node once. Stops and returns false when visit
 * does, or when memory is short: asked for only when the plan numbers more than 8,000 nodes. */
typedef bool gbx__node_visit(const gbx__node *node, void *ctx);
bool gbx__plan_walk(const gbx__node *root, gbx__node_visit *visit, void *ctx);
/* All expressions held by one node (not below it): roots only. */
bool gbx__node_exprs(const gbx__node *node, gbx__expr_visit *visit, void *ctx);

#endif
