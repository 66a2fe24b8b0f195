/*
 * The importer's parts: bound plan JSON → plan nodes. One file for each kind of thing:
 * import_keys (strictness), import_type, import_value, import_expr, import_call (functions,
 * aggregates, windows), import_node (operators), import_join, import_cte.
 *
 * All of them return NULL (or false) once something was refused; the reason is in the builder.
 */
#ifndef GBX_SQL_IMPORT_PRIV_H
#define GBX_SQL_IMPORT_PRIV_H

#include "base/json.h"
#include "base/vec.h"
#include "plan/plan.h"
#include "sql/edit.h"
#include "sql/sql.h"

/* A column as expressions of the JSON see it: by position in the input. `expr`, when set, takes the
 * place of the column (a lambda's captures). */
typedef struct gbx__slot {
    gbx__col_id id;
    const gbx__type *type;
    const gbx__expr *expr;
} gbx__slot;

typedef struct gbx__env {
    size_t n;
    const gbx__slot *slots;
} gbx__env;

/* A shared subplan that is in scope: CTE_REFs name it by the JSON's table_index. */
typedef struct gbx__import_cte {
    uint64_t table_index;
    uint32_t id;
    uint32_t n_cols;
    const gbx__col *cols;
} gbx__import_cte;

/* The columns of an operator with a table_index, for the few expressions that name them so. */
typedef struct gbx__import_table {
    uint64_t table_index;
    uint32_t n_cols;
    const gbx__col *cols;
} gbx__import_table;

/* A table that was made for binding: what its name in the binder's catalog stands for. */
typedef struct gbx__binding {
    gbx__str table;        /* name of the temp table */
    const gbx__scan *scan; /* a source, or: */
    gbx_plan *plan;        /* a plan */
} gbx__binding;

/* A long list of literals that was cut short before binding (literal_lists.c); positions are in the
 * user's text, parentheses included. */
typedef struct gbx__literal_list {
    size_t start, end;
    gbx__str text;    /* the whole list, parentheses included */
    bool is_expanded; /* it has come back, as a constant of the plan */
} gbx__literal_list;

typedef struct gbx__importer {
    gbx__plan_builder *b;
    const gbx__edits *edits; /* positions: bound text → the user's text */
    size_t n_bindings;
    const gbx__binding *bindings;
    bool engine_tables;
    GBX_VEC(gbx__import_cte) ctes;
    GBX_VEC(gbx__import_table) tables;
    size_t n_lists;
    gbx__literal_list *lists;
    bool lost_list; /* an IN that may be of one of them stands nowhere in the text */
    uint32_t depth;
} gbx__importer;

/* --- import_keys.c: every key is consumed, or the query is refused ---------------------------- */

typedef enum gbx__key_rule {
    GBX_KEY_USED,  /* read by the importer */
    GBX_KEY_NOISE, /* says nothing that is not said elsewhere */
    GBX_KEY_EMPTY, /* must be null, "", [], {}, false, 0 or "unset" (2⁶⁴ − 1) */
    GBX_KEY_TRUE   /* must be true */
} gbx__key_rule;

typedef struct gbx__key {
    const char *name;
    gbx__key_rule rule;
} gbx__key;

/* `what` names the object in the refusal. `keys` ends with a NULL name. */
bool gbx__import_keys(gbx__importer *im, yyjson_val *object, const gbx__key *keys,
                      const char *what);

/* The members below refuse a missing key or a wrong kind of value. */
yyjson_val *gbx__import_member(gbx__importer *im, yyjson_val *object, const char *key);
gbx__str gbx__import_text(gbx__importer *im, yyjson_val *object, const char *key);
bool gbx__import_bool(gbx__importer *im, yyjson_val *object, const char *key, bool *out);
bool gbx__import_index(gbx__importer *im, yyjson_val *object, const char *key, uint64_t *out);
/* An array member's items, or NULL and *n = 0 (also for a missing one: ask gbx__import_failed). */
yyjson_val *gbx__import_array(gbx__importer *im, yyjson_val *object, const char *key, size_t *n);
bool gbx__import_failed(const gbx__importer *im);

#define GBX_IMPORT_UNSET UINT64_MAX

/* "not in the plan: …": NULL. */
void *gbx__import_refuse(gbx__importer *im, gbx__pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Depth guard: every recursion enters and leaves. */
bool gbx__import_enter(gbx__importer *im);
void gbx__import_leave(gbx__importer *im);

/* --- the parts -------------------------------------------------------------------------------- */

const gbx__type *gbx__import_type(gbx__importer *im, yyjson_val *json);
/* `type` is given for items of nested values, which carry none; NULL: the value says it. */
bool gbx__import_value(gbx__importer *im, yyjson_val *json, const gbx__type *type,
                       const gbx__type **out_type, gbx__value *out);
gbx__pos gbx__import_pos(const gbx__importer *im, yyjson_val *expr);

const gbx__expr *gbx__import_expr(gbx__importer *im, yyjson_val *json, gbx__env env);
/* A list of expressions under `key`; the array lies in the arena. */
const gbx__expr *const *gbx__import_exprs(gbx__importer *im, yyjson_val *object, const char *key,
                                          gbx__env env, uint32_t *out_n);
/* BOUND_FUNCTION, BOUND_AGGREGATE, BOUND_WINDOW */
const gbx__expr *gbx__import_function(gbx__importer *im, yyjson_val *json, gbx__env env);
const gbx__expr *gbx__import_aggregate(gbx__importer *im, yyjson_val *json, gbx__env env);
const gbx__expr *gbx__import_window(gbx__importer *im, yyjson_val *json, gbx__env env);
/* [{type, null_order, expression}] */
const gbx__sort_key *gbx__import_orders(gbx__importer *im, yyjson_val *array, gbx__env env,
                                        uint32_t *out_n);
/* What function_data says beyond the arguments may change them in place. False: refused. */
bool gbx__import_function_data(gbx__importer *im, yyjson_val *json, gbx__str name, gbx__pos pos,
                               const gbx__expr **args, uint32_t n_args);
const gbx__function *gbx__import_find(gbx__importer *im, gbx__function_kind kind, gbx__str name,
                                      gbx__pos pos);
/* The last part of qname.path. */
gbx__str gbx__import_qname(gbx__importer *im, yyjson_val *json);
const gbx__expr *gbx__import_call(gbx__importer *im, const char *name, const gbx__type *type,
                                  gbx__pos pos, uint32_t n, const gbx__expr *const *args);
/* A cast that sees through the widening of integer sums. */
const gbx__expr *gbx__import_cast(gbx__importer *im, const gbx__expr *arg, const gbx__type *type,
                                  bool is_try, gbx__pos pos);

const gbx__node *gbx__import_node(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_get(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_join(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_setop(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_cte_def(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_cte_use(gbx__importer *im, yyjson_val *json);
const gbx__node *gbx__import_recursive(gbx__importer *im, yyjson_val *json);
/* The n-th child, imported. */
const gbx__node *gbx__import_child(gbx__importer *im, yyjson_val *json, size_t index);
gbx__env gbx__import_env(gbx__importer *im, const gbx__node *left, const gbx__node *right);
/* A node's columns narrowed to a projection map ([]: all). */
const gbx__node *gbx__import_narrow(gbx__importer *im, const gbx__node *node, yyjson_val *json,
                                    const char *key);
/* Columns cast to these types by position; the node itself when they are. */
const gbx__node *gbx__import_retype(gbx__importer *im, const gbx__node *node,
                                    const gbx__type *const *types);

/* --- around the importer ---------------------------------------------------------------------- */

/* Lists of IN longer than GBX_LITERAL_LIST_MIN: edits that leave representatives, and the lists,
 * in the arena. A list of 100,000 literals would be 30 MB of bound plan. */
#define GBX_LITERAL_LIST_MIN 128
gbx_status gbx__literal_lists_lift(gbx__arena *arena, gbx__str text, gbx__edits *edits,
                                   gbx__literal_list **out, size_t *out_n, gbx_error *err);
/* Did all of them come back? One that was no IN of an expression (PIVOT has some), or whose place
 * is not known, did not: the text is to be bound as it is. */
bool gbx__literal_lists_are_back(const gbx__importer *im);
/* in_list(x, list) for an IN at `pos` whose list was lifted; NULL: not a lifted one (or failed). */
const gbx__expr *gbx__literal_lists_expand(gbx__importer *im, gbx__pos pos,
                                           const gbx__expr *const *args, uint32_t n_args);

/* Whole plan: {"error":false,"plans":[…]}. names: labels of the output columns. */
gbx_status gbx__import_plan(gbx__importer *im, gbx__str json, gbx__str user_text, size_t n_names,
                            const gbx__str *names, gbx_plan **out, gbx_error *err);

#endif
