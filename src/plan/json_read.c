#include "plan/json_reader_priv.h"

#include <stdio.h>

/* X(NAME, key) */
#define NODE_KEYS(X)                                                                               \
    X(OP, "op")                                                                                    \
    X(SHARE, "share")                                                                              \
    X(POS, "pos")                                                                                  \
    X(COLS, "cols")                                                                                \
    X(INPUTS, "inputs")                                                                            \
    X(SCAN, "scan")                                                                                \
    X(FIELDS, "fields")                                                                            \
    X(ROWS, "rows")                                                                                \
    X(CONJUNCTS, "conjuncts")                                                                      \
    X(EXPRS, "exprs")                                                                              \
    X(GROUPS, "groups")                                                                            \
    X(AGGS, "aggs")                                                                                \
    X(SETS, "sets")                                                                                \
    X(GROUPING, "grouping")                                                                        \
    X(JOIN, "join")                                                                                \
    X(ASOF, "asof")                                                                                \
    X(ON, "on")                                                                                    \
    X(KEYS, "keys")                                                                                \
    X(LIMIT, "limit")                                                                              \
    X(OFFSET, "offset")                                                                            \
    X(PERCENT, "percent")                                                                          \
    X(ORDER, "order")                                                                              \
    X(SETOP, "setop")                                                                              \
    X(ALL, "all")                                                                                  \
    X(METHOD, "method")                                                                            \
    X(AMOUNT, "amount")                                                                            \
    X(SEED, "seed")                                                                                \
    X(N_GROUPS, "n_groups")                                                                        \
    X(N_AGGS, "n_aggs")                                                                            \
    X(LABELS, "labels")                                                                            \
    X(DEFAULTS, "defaults")                                                                        \
    X(CTE, "cte")                                                                                  \
    X(NAME, "name")                                                                                \
    X(MATERIALIZED, "materialized")                                                                \
    X(FN, "fn")                                                                                    \
    X(ARGS, "args")                                                                                \
    X(ARG_NAMES, "arg_names")                                                                      \
    X(USED, "used")                                                                                \
    X(ORDINALITY, "ordinality")                                                                    \
    X(LANGUAGE, "language")                                                                        \
    X(ENTRY, "entry")                                                                              \
    X(CODE, "code")                                                                                \
    X(DIGEST, "digest")                                                                            \
    X(BATCH_FORM, "batch_form")                                                                    \
    X(PURE, "pure")                                                                                \
    X(FORMAT, "format")                                                                            \
    X(PATH, "path")

enum {
#define NODE_KEY_ENUM(name, text) KEY_##name,
    NODE_KEYS(NODE_KEY_ENUM)
#undef NODE_KEY_ENUM
    N_KEYS
};
_Static_assert(N_KEYS <= 64, "a key is a bit");

static const char *const key_names[N_KEYS] = {
#define NODE_KEY_NAME(name, text) [KEY_##name] = (text),
    NODE_KEYS(NODE_KEY_NAME)
#undef NODE_KEY_NAME
};

#define BIT(name) (UINT64_C(1) << KEY_##name)
#define COMMON (BIT(OP) | BIT(SHARE) | BIT(POS) | BIT(COLS) | BIT(INPUTS))

/* Which keys a kind must and may have, besides COMMON. */
static const uint64_t keys_needed[GBX_NODE_KINDS] = {
    [GBX_NODE_SCAN] = BIT(SCAN) | BIT(FIELDS),
    [GBX_NODE_VALUES] = BIT(ROWS),
    [GBX_NODE_FILTER] = BIT(CONJUNCTS),
    [GBX_NODE_JOIN] = BIT(JOIN),
    [GBX_NODE_SORT] = BIT(KEYS),
    [GBX_NODE_TOPN] = BIT(KEYS),
    [GBX_NODE_SETOP] = BIT(SETOP),
    [GBX_NODE_WINDOW] = BIT(EXPRS),
    [GBX_NODE_UNNEST] = BIT(EXPRS),
    [GBX_NODE_SAMPLE] = BIT(METHOD) | BIT(AMOUNT),
    [GBX_NODE_CTE] = BIT(CTE),
    [GBX_NODE_CTE_REF] = BIT(CTE) | BIT(FIELDS),
    [GBX_NODE_RECURSIVE] = BIT(CTE),
    [GBX_NODE_TABLE_FN] = BIT(FN) | BIT(FIELDS) | BIT(USED),
    [GBX_NODE_CALL] = BIT(LANGUAGE),
};
static const uint64_t keys_allowed[GBX_NODE_KINDS] = {
    [GBX_NODE_PROJECT] = BIT(EXPRS),
    [GBX_NODE_AGGREGATE] = BIT(GROUPS) | BIT(AGGS) | BIT(SETS) | BIT(GROUPING),
    [GBX_NODE_JOIN] = BIT(ASOF) | BIT(ON),
    [GBX_NODE_LIMIT] = BIT(LIMIT) | BIT(OFFSET) | BIT(PERCENT),
    [GBX_NODE_TOPN] = BIT(LIMIT) | BIT(OFFSET),
    [GBX_NODE_DISTINCT] = BIT(ON) | BIT(ORDER),
    [GBX_NODE_SETOP] = BIT(ALL),
    [GBX_NODE_SAMPLE] = BIT(PERCENT) | BIT(SEED),
    [GBX_NODE_PIVOT] = BIT(N_GROUPS) | BIT(N_AGGS) | BIT(LABELS) | BIT(DEFAULTS),
    [GBX_NODE_CTE] = BIT(NAME) | BIT(MATERIALIZED),
    [GBX_NODE_RECURSIVE] = BIT(NAME) | BIT(ALL),
    [GBX_NODE_TABLE_FN] = BIT(ARGS) | BIT(ARG_NAMES) | BIT(ORDINALITY),
    [GBX_NODE_CALL] = BIT(ENTRY) | BIT(CODE) | BIT(DIGEST) | BIT(BATCH_FORM) | BIT(PURE),
    [GBX_NODE_SINK] = BIT(FORMAT) | BIT(PATH),
};

typedef struct node_parts {
    gbx__pj *r;
    const gbx__pj_path *path;
    yyjson_val *members[N_KEYS];
} node_parts;

static const char *join_text(int kind)
{
    return gbx__join_kind_text((gbx__join_kind)kind);
}

static const char *setop_text(int kind)
{
    return gbx__setop_kind_text((gbx__setop_kind)kind);
}

static const char *method_text(int method)
{
    return gbx__sample_method_text((gbx__sample_method)method);
}

/* The last number is for a node that was written before. */
static const char *op_text(int kind)
{
    return kind == GBX_NODE_KINDS ? "shared" : gbx__node_kind_text((gbx__node_kind)kind);
}

/* ---- parts ----------------------------------------------------------------------------------- */

static gbx_status read_flag(node_parts *p, int key, bool *out)
{
    return gbx__pj_bool(p->r, p->path, key_names[key], p->members[key], out);
}

static gbx_status read_str(node_parts *p, int key, gbx__str *out)
{
    *out = GBX_STR("");
    return gbx__pj_str(p->r, p->path, key_names[key], p->members[key], out);
}

static gbx_status read_enum(node_parts *p, int key, int n, gbx__pj_text_of *text_of, int *out)
{
    return gbx__pj_enum(p->r, p->path, key_names[key], p->members[key], n, text_of, out);
}

static gbx_status read_expr(node_parts *p, int key, const gbx__expr **out)
{
    return gbx__pj_expr(p->r, p->path, key_names[key], p->members[key], out);
}

static gbx_status read_exprs(node_parts *p, int key, uint32_t *out_n, const gbx__expr *const **out)
{
    return gbx__pj_exprs(p->r, p->path, key_names[key], p->members[key], out_n, out);
}

static gbx_status read_keys(node_parts *p, int key, uint32_t *out_n, const gbx__sort_key **out)
{
    return gbx__pj_keys(p->r, p->path, key_names[key], p->members[key], out_n, out);
}

/* As many as another array has: counts that C keeps once. */
static gbx_status check_n(node_parts *p, int key, uint32_t n, uint32_t expected)
{
    if (n == expected) return GBX_OK;
    return gbx__pj_fail(p->r, GBX_INVALID, p->path, key_names[key], "%u items expected", expected);
}

static gbx_status read_cte_id(node_parts *p, uint32_t *out)
{
    GBX_TRY(gbx__pj_u32(p->r, p->path, "cte", p->members[KEY_CTE], 1, GBX_MAX_IDS - 1, out));
    if (*out >= p->r->b.next_cte) p->r->b.next_cte = *out + 1;
    return GBX_OK;
}

/* ---- what the kinds hold --------------------------------------------------------------------- */

static gbx_status read_scan(node_parts *p, gbx__node *shape)
{
    uint32_t n;
    uint32_t *fields;
    yyjson_val *val = p->members[KEY_FIELDS];
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = p->path, .key = "fields"}};
    GBX_TRY(gbx__pj_scan(p->r, p->path, "scan", p->members[KEY_SCAN], &shape->scan.scan));
    GBX_TRY(gbx__pj_array(p->r, p->path, "fields", val, sizeof(*fields), &n, &fields));
    GBX_TRY(check_n(p, KEY_FIELDS, n, shape->n_cols));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < n; item.index++) {
        yyjson_val *field = yyjson_arr_iter_next(&iter);
        if (yyjson_equals_str(field, "rowid")) {
            fields[item.index] = GBX_SCAN_ROWID;
        } else {
            GBX_TRY(gbx__pj_u32(p->r, &item, NULL, field, 0, UINT32_MAX - 1, &fields[item.index]));
        }
    }
    shape->scan.fields = fields;
    return GBX_OK;
}

static gbx_status read_rows(node_parts *p, gbx__node *shape)
{
    uint32_t n_exprs = 0;
    const gbx__expr *const **rows;
    yyjson_val *val = p->members[KEY_ROWS];
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = p->path, .key = "rows"}};
    GBX_TRY(gbx__pj_array(p->r, p->path, "rows", val, sizeof(*rows), &shape->values.n_rows, &rows));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < shape->values.n_rows; item.index++) {
        yyjson_val *row = yyjson_arr_iter_next(&iter);
        GBX_TRY(gbx__pj_exprs(p->r, &item, NULL, row, &n_exprs, &rows[item.index]));
        if (n_exprs != shape->n_cols) {
            return gbx__pj_fail(p->r, GBX_INVALID, &item, NULL, "%u items expected", shape->n_cols);
        }
    }
    shape->values.rows = rows;
    return GBX_OK;
}

static gbx_status read_sets(node_parts *p, int key, uint32_t *out_n, const gbx__grouping_set **out)
{
    gbx__grouping_set *sets;
    yyjson_val *val = p->members[key];
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = p->path, .key = key_names[key]}};
    GBX_TRY(gbx__pj_array(p->r, p->path, key_names[key], val, sizeof(*sets), out_n, &sets));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        gbx__grouping_set *set = &sets[item.index];
        yyjson_val *keys = yyjson_arr_iter_next(&iter);
        GBX_TRY(gbx__pj_u32s(p->r, &item, NULL, keys, UINT32_MAX - 1, &set->n, &set->keys));
    }
    *out = sets;
    return GBX_OK;
}

static gbx_status read_aggregate(node_parts *p, gbx__node *shape)
{
    GBX_TRY(read_exprs(p, KEY_GROUPS, &shape->aggregate.n_groups, &shape->aggregate.groups));
    GBX_TRY(read_exprs(p, KEY_AGGS, &shape->aggregate.n_aggs, &shape->aggregate.aggs));
    GBX_TRY(read_sets(p, KEY_SETS, &shape->aggregate.n_sets, &shape->aggregate.sets));
    return read_sets(p, KEY_GROUPING, &shape->aggregate.n_grouping, &shape->aggregate.grouping);
}

static gbx_status read_join(node_parts *p, gbx__node *shape)
{
    int kind = 0;
    GBX_TRY(read_enum(p, KEY_JOIN, GBX_JOIN_KINDS, join_text, &kind));
    shape->join.kind = (gbx__join_kind)kind;
    if (kind == GBX_JOIN_MARK) {
        GBX_TRY(check_n(p, KEY_COLS, shape->n_cols, 1));
        shape->join.mark = shape->cols[0].id;
    }
    GBX_TRY(read_flag(p, KEY_ASOF, &shape->join.is_asof));
    return read_exprs(p, KEY_ON, &shape->join.n_on, &shape->join.on);
}

static gbx_status read_sort(node_parts *p, gbx__node *shape)
{
    GBX_TRY(read_keys(p, KEY_KEYS, &shape->sort.n_keys, &shape->sort.keys));
    GBX_TRY(read_expr(p, KEY_LIMIT, &shape->sort.limit));
    GBX_TRY(read_expr(p, KEY_OFFSET, &shape->sort.offset));
    return read_flag(p, KEY_PERCENT, &shape->sort.is_percent);
}

static gbx_status read_distinct(node_parts *p, gbx__node *shape)
{
    GBX_TRY(read_exprs(p, KEY_ON, &shape->distinct.n_on, &shape->distinct.on));
    return read_keys(p, KEY_ORDER, &shape->distinct.n_order, &shape->distinct.order);
}

static gbx_status read_setop(node_parts *p, gbx__node *shape)
{
    int kind = 0;
    GBX_TRY(read_enum(p, KEY_SETOP, GBX_SETOP_KINDS, setop_text, &kind));
    shape->setop.kind = (gbx__setop_kind)kind;
    return read_flag(p, KEY_ALL, &shape->setop.all);
}

static gbx_status read_sample(node_parts *p, gbx__node *shape)
{
    int method = 0;
    yyjson_val *seed = p->members[KEY_SEED];
    GBX_TRY(read_enum(p, KEY_METHOD, GBX_SAMPLE_METHODS, method_text, &method));
    shape->sample.method = (gbx__sample_method)method;
    shape->sample.has_seed = seed;
    GBX_TRY(read_flag(p, KEY_PERCENT, &shape->sample.is_percent));
    GBX_TRY(gbx__pj_double(p->r, p->path, "amount", p->members[KEY_AMOUNT], &shape->sample.amount));
    return gbx__pj_int(p->r, p->path, "seed", seed, INT64_MIN, INT64_MAX, &shape->sample.seed);
}

static gbx_status read_pivot(node_parts *p, gbx__node *shape)
{
    uint32_t n_defaults = 0;
    GBX_TRY(gbx__pj_u32(p->r, p->path, "n_groups", p->members[KEY_N_GROUPS], 0, GBX_MAX_IDS,
                        &shape->pivot.n_groups));
    GBX_TRY(gbx__pj_u32(p->r, p->path, "n_aggs", p->members[KEY_N_AGGS], 0, GBX_MAX_IDS,
                        &shape->pivot.n_aggs));
    GBX_TRY(gbx__pj_strs(p->r, p->path, "labels", p->members[KEY_LABELS], &shape->pivot.n_labels,
                         &shape->pivot.labels));
    if (!p->members[KEY_DEFAULTS]) return GBX_OK;
    GBX_TRY(read_exprs(p, KEY_DEFAULTS, &n_defaults, &shape->pivot.defaults));
    return check_n(p, KEY_DEFAULTS, n_defaults, shape->pivot.n_aggs);
}

static gbx_status read_cte(node_parts *p, gbx__node *shape)
{
    GBX_TRY(read_cte_id(p, &shape->cte.id));
    GBX_TRY(read_str(p, KEY_NAME, &shape->cte.name));
    GBX_TRY(read_flag(p, KEY_ALL, &shape->cte.union_all));
    return read_flag(p, KEY_MATERIALIZED, &shape->cte.materialized);
}

static gbx_status read_cte_ref(node_parts *p, gbx__node *shape)
{
    uint32_t n = 0;
    GBX_TRY(read_cte_id(p, &shape->cte_ref.id));
    GBX_TRY(gbx__pj_u32s(p->r, p->path, "fields", p->members[KEY_FIELDS], UINT32_MAX - 1, &n,
                         &shape->cte_ref.fields));
    return check_n(p, KEY_FIELDS, n, shape->n_cols);
}

static gbx_status read_table_fn(node_parts *p, gbx__node *shape)
{
    gbx__str name;
    uint32_t n_names = 0;
    GBX_TRY(read_str(p, KEY_FN, &name));
    shape->table_fn.fn = gbx__function_find(GBX_FN_TABLE, name);
    if (!shape->table_fn.fn) {
        return gbx__pj_fail(p->r, GBX_UNSUPPORTED, p->path, "fn",
                            "there is no table function '%.60s'", name.ptr);
    }
    GBX_TRY(read_exprs(p, KEY_ARGS, &shape->table_fn.n_args, &shape->table_fn.args));
    if (p->members[KEY_ARG_NAMES]) {
        GBX_TRY(gbx__pj_strs(p->r, p->path, "arg_names", p->members[KEY_ARG_NAMES], &n_names,
                             &shape->table_fn.arg_names));
        GBX_TRY(check_n(p, KEY_ARG_NAMES, n_names, shape->table_fn.n_args));
    }
    GBX_TRY(gbx__pj_fields(p->r, p->path, "fields", p->members[KEY_FIELDS],
                           &shape->table_fn.n_fields, &shape->table_fn.fields));
    GBX_TRY(gbx__pj_u32s(p->r, p->path, "used", p->members[KEY_USED], UINT32_MAX - 1,
                         &shape->table_fn.n_used, &shape->table_fn.used));
    return read_flag(p, KEY_ORDINALITY, &shape->table_fn.with_ordinality);
}

static gbx_status read_call(node_parts *p, gbx__node *shape)
{
    gbx__str digest;
    char expected[33];
    GBX_TRY(read_str(p, KEY_LANGUAGE, &shape->call.language));
    GBX_TRY(read_str(p, KEY_ENTRY, &shape->call.entry));
    GBX_TRY(read_str(p, KEY_BATCH_FORM, &shape->call.batch_form));
    GBX_TRY(read_flag(p, KEY_PURE, &shape->call.is_pure));
    GBX_TRY(read_str(p, KEY_DIGEST, &digest));
    shape->call.code = GBX_STR("");
    GBX_TRY(gbx__pj_hex(p->r, p->path, "code", p->members[KEY_CODE], &shape->call.code));
    gbx__hash_hex(gbx__hash_bytes(shape->call.code.ptr, shape->call.code.len), expected);
    if (shape->call.code.len == 0 ? digest.len == 0 : gbx__str_is(digest, expected)) return GBX_OK;
    return gbx__pj_fail(p->r, GBX_INVALID, p->path, "digest", "the digest of the code expected");
}

static gbx_status read_sink(node_parts *p, gbx__node *shape)
{
    GBX_TRY(read_str(p, KEY_FORMAT, &shape->sink.format));
    return read_str(p, KEY_PATH, &shape->sink.path);
}

static gbx_status read_payload(node_parts *p, gbx__node *shape)
{
    uint32_t n = 0;
    switch (shape->kind) {
    case GBX_NODE_SCAN: return read_scan(p, shape);
    case GBX_NODE_VALUES: return read_rows(p, shape);
    case GBX_NODE_FILTER:
        return read_exprs(p, KEY_CONJUNCTS, &shape->filter.n, &shape->filter.conjuncts);
    case GBX_NODE_PROJECT:
        GBX_TRY(read_exprs(p, KEY_EXPRS, &n, &shape->project.exprs));
        return check_n(p, KEY_EXPRS, n, shape->n_cols);
    case GBX_NODE_AGGREGATE: return read_aggregate(p, shape);
    case GBX_NODE_JOIN: return read_join(p, shape);
    case GBX_NODE_SORT:
    case GBX_NODE_LIMIT:
    case GBX_NODE_TOPN: return read_sort(p, shape);
    case GBX_NODE_DISTINCT: return read_distinct(p, shape);
    case GBX_NODE_SETOP: return read_setop(p, shape);
    case GBX_NODE_WINDOW:
    case GBX_NODE_UNNEST:
        return read_exprs(p, KEY_EXPRS, &shape->window.n_exprs, &shape->window.exprs);
    case GBX_NODE_SAMPLE: return read_sample(p, shape);
    case GBX_NODE_PIVOT: return read_pivot(p, shape);
    case GBX_NODE_CTE:
    case GBX_NODE_RECURSIVE: return read_cte(p, shape);
    case GBX_NODE_CTE_REF: return read_cte_ref(p, shape);
    case GBX_NODE_TABLE_FN: return read_table_fn(p, shape);
    case GBX_NODE_CALL: return read_call(p, shape);
    case GBX_NODE_SINK: return read_sink(p, shape);
    case GBX_NODE_KINDS: break;
    }
    return GBX_OK;
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static gbx_status read_col(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, gbx__col *out)
{
    static const char *const names[] = {"id", "name", "type"};
    yyjson_val *members[3];
    out->name = GBX_STR("");
    GBX_TRY(gbx__pj_object(r, path, val, names, 3, members));
    GBX_TRY(gbx__pj_members(r, path, names, 3, members, 7, 5));
    GBX_TRY(gbx__pj_col_id(r, path, "id", members[0], &out->id));
    GBX_TRY(gbx__pj_str(r, path, "name", members[1], &out->name));
    return gbx__pj_type(r, path, "type", members[2], &out->type);
}

static gbx_status read_cols(node_parts *p, gbx__node *shape)
{
    gbx__col *cols;
    yyjson_val *val = p->members[KEY_COLS];
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = p->path, .key = "cols"}};
    GBX_TRY(gbx__pj_array(p->r, p->path, "cols", val, sizeof(*cols), &shape->n_cols, &cols));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < shape->n_cols; item.index++) {
        GBX_TRY(read_col(p->r, &item, yyjson_arr_iter_next(&iter), &cols[item.index]));
    }
    shape->cols = cols;
    return GBX_OK;
}

static gbx_status read_node(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, int depth,
                            const gbx__node **out);

static gbx_status read_inputs(node_parts *p, int depth, gbx__node *shape)
{
    const gbx__node **inputs;
    yyjson_val *val = p->members[KEY_INPUTS];
    const gbx__pj_path list = {.up = p->path, .key = "inputs"};
    gbx__pj_path item = {.up = &list};
    GBX_TRY(
        gbx__pj_array(p->r, p->path, "inputs", val, sizeof(*inputs), &shape->n_inputs, &inputs));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < shape->n_inputs; item.index++) {
        yyjson_val *input = yyjson_arr_iter_next(&iter);
        GBX_TRY(read_node(p->r, &item, input, depth + 1, &inputs[item.index]));
    }
    shape->inputs = inputs;
    return GBX_OK;
}

/* A builder's failure (depth, number of inputs, memory), with our place. */
static gbx_status report_builder(node_parts *p)
{
    gbx__plan_builder *b = &p->r->b;
    if (b->failed == GBX_NOMEM) return GBX_FAIL_NOMEM(p->r->err);
    return gbx__pj_fail(p->r, GBX_INVALID, p->path, NULL, "%s", b->error.message);
}

static gbx_status read_number(node_parts *p, char out[16], bool *out_is_there)
{
    uint32_t number = 0;
    yyjson_val *val = p->members[KEY_SHARE];
    GBX_TRY(gbx__pj_u32(p->r, p->path, "share", val, 1, GBX_MAX_IDS, &number));
    snprintf(out, 16, "%u", number);
    *out_is_there = val;
    return GBX_OK;
}

static gbx_status read_shared(node_parts *p, const gbx__node **out)
{
    char number[16];
    bool is_there = false;
    GBX_TRY(gbx__pj_members(p->r, p->path, key_names, N_KEYS, p->members, BIT(OP) | BIT(SHARE),
                            BIT(OP) | BIT(SHARE)));
    GBX_TRY(read_number(p, number, &is_there));
    const gbx__node *node = gbx__map_get(&p->r->shares, gbx__str_of(number));
    if (!node) {
        return gbx__pj_fail(p->r, GBX_INVALID, p->path, "share",
                            "no operator before has the number");
    }
    *out = node;
    return GBX_OK;
}

static gbx_status remember_shared(node_parts *p, const gbx__node *node)
{
    char number[16];
    bool is_there = false;
    GBX_TRY(read_number(p, number, &is_there));
    if (!is_there) return GBX_OK;
    if (gbx__map_has(&p->r->shares, gbx__str_of(number))) {
        return gbx__pj_fail(p->r, GBX_INVALID, p->path, "share", "another operator has the number");
    }
    /* The map holds it for reading only. */
    if (!gbx__map_set(&p->r->shares, gbx__str_of(number), (void *)(uintptr_t)node)) {
        return GBX_FAIL_NOMEM(p->r->err);
    }
    return GBX_OK;
}

static gbx_status read_kind(node_parts *p, int depth, gbx__node_kind kind, const gbx__node **out)
{
    gbx__node shape = {.kind = kind, .pos = GBX_NO_POS};
    const uint64_t needed = BIT(OP) | keys_needed[kind];
    const uint64_t allowed = COMMON | keys_needed[kind] | keys_allowed[kind];
    GBX_TRY(gbx__pj_members(p->r, p->path, key_names, N_KEYS, p->members, allowed, needed));
    GBX_TRY(gbx__pj_pos(p->r, p->path, p->members[KEY_POS], &shape.pos));
    GBX_TRY(read_inputs(p, depth, &shape));
    GBX_TRY(read_cols(p, &shape));
    GBX_TRY(read_payload(p, &shape));
    const gbx__node *node = gbx__node_new(&p->r->b, &shape);
    if (!node) return report_builder(p);
    GBX_TRY(remember_shared(p, node));
    *out = node;
    return GBX_OK;
}

static gbx_status read_node(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, int depth,
                            const gbx__node **out)
{
    int kind = 0;
    node_parts parts = {.r = r, .path = path};
    if (depth > GBX_MAX_DEPTH) {
        return gbx__pj_fail(r, GBX_INVALID, path, NULL, "nested more than %d deep", GBX_MAX_DEPTH);
    }
    GBX_TRY(gbx__pj_object(r, path, val, key_names, N_KEYS, parts.members));
    GBX_TRY(gbx__pj_members(r, path, key_names, N_KEYS, parts.members, ~UINT64_C(0), BIT(OP)));
    GBX_TRY(read_enum(&parts, KEY_OP, GBX_NODE_KINDS + 1, op_text, &kind));
    if (kind == GBX_NODE_KINDS) return read_shared(&parts, out);
    return read_kind(&parts, depth, (gbx__node_kind)kind, out);
}

/* ---- a plan ---------------------------------------------------------------------------------- */

static gbx_status read_versions(gbx__pj *r, yyjson_val *version, yyjson_val *semantics)
{
    int64_t number = 0;
    GBX_TRY(gbx__pj_int(r, NULL, "gearbox_plan", version, 0, INT64_MAX, &number));
    if (number != GBX_PLAN_JSON) {
        return gbx__pj_fail(r, GBX_UNSUPPORTED, NULL, "gearbox_plan", "version %d expected",
                            GBX_PLAN_JSON);
    }
    GBX_TRY(gbx__pj_int(r, NULL, "semantics", semantics, 0, INT64_MAX, &number));
    if (number != GBX_SEMANTICS) {
        return gbx__pj_fail(r, GBX_UNSUPPORTED, NULL, "semantics", "%d expected", GBX_SEMANTICS);
    }
    return GBX_OK;
}

static gbx_status read_plan(gbx__pj *r, yyjson_val *val, gbx_plan **out)
{
    static const char *const names[] = {"gearbox_plan", "semantics", "text", "root"};
    const gbx__pj_path at = {.key = "root"};
    yyjson_val *members[4];
    gbx__str text = GBX_STR("");
    const gbx__node *root = NULL;
    GBX_TRY(gbx__pj_object(r, NULL, val, names, 4, members));
    GBX_TRY(gbx__pj_members(r, NULL, names, 4, members, 15, 1 | 2 | 8));
    GBX_TRY(read_versions(r, members[0], members[1]));
    GBX_TRY(gbx__pj_str(r, NULL, "text", members[2], &text));
    GBX_TRY(read_node(r, &at, members[3], 1, &root));
    const gbx_status status = gbx__plan_finish(&r->b, root, text, out, r->err);
    if (status == GBX_OK || status == GBX_NOMEM) return status;
    /* What would be our mistake in a plan of our own is the writer's here. */
    gbx__error_prefix(r->err, "plan JSON");
    if (r->err) r->err->status = GBX_INVALID;
    return GBX_INVALID;
}

gbx_status gbx__plan_from_json(gbx__str json, gbx_plan **out, gbx_error *err)
{
    yyjson_doc *doc = NULL;
    GBX_TRY(gbx__json_read(json.ptr, json.len, 0, &doc, err));
    gbx__pj reader = {.err = err};
    gbx__plan_builder_init(&reader.b);
    gbx__map_init(&reader.types);
    gbx__map_init(&reader.shares);
    const gbx_status status = read_plan(&reader, yyjson_doc_get_root(doc), out);
    gbx__map_done(&reader.shares);
    gbx__map_done(&reader.types);
    gbx__plan_builder_done(&reader.b);
    gbx__json_free(doc);
    return status;
}
