#include "engine/host/caps.h"

#include <stdio.h>
#include <stdlib.h>

#define NAMES_MAX 10000

static const char *const function_keys[GBX_FN_TABLE + 1] = {
    [GBX_FN_SCALAR] = "scalar",
    [GBX_FN_AGGREGATE] = "aggregate",
    [GBX_FN_WINDOW] = "window",
    [GBX_FN_TABLE] = "table",
};

/* ---- reading --------------------------------------------------------------------------------- */

static int name_compare(const void *a, const void *b)
{
    return gbx__str_compare(*(const gbx__str *)a, *(const gbx__str *)b);
}

/* A list of texts; not there: an empty one. */
static gbx_status names_read(gbx__arena *arena, yyjson_val *json, const char *key,
                             gbx__host_names *out, gbx_error *err)
{
    yyjson_val *list = yyjson_obj_get(json, key);
    size_t i, n;
    yyjson_val *item;
    if (!list) return GBX_OK;
    if (!yyjson_is_arr(list) || yyjson_arr_size(list) > NAMES_MAX)
        return GBX_FAIL(err, GBX_INVALID, "the capability '%s' is no list of names", key);
    gbx__str *items = GBX_ARENA_ARRAY(arena, yyjson_arr_size(list) + 1, gbx__str);
    if (!items) return GBX_FAIL_NOMEM(err);
    yyjson_arr_foreach(list, i, n, item)
    {
        if (!yyjson_is_str(item))
            return GBX_FAIL(err, GBX_INVALID, "the capability '%s' is no list of names", key);
        items[i] = gbx__arena_str(arena, gbx__json_str(item));
        if (!items[i].ptr) return GBX_FAIL_NOMEM(err);
        out->is_all = out->is_all || gbx__str_is(items[i], "*");
    }
    out->n = yyjson_arr_size(list);
    out->items = items;
    qsort(items, out->n, sizeof(*items), name_compare);
    return GBX_OK;
}

static gbx_status text_read(gbx__arena *arena, yyjson_val *json, const char *key, const char **out,
                            gbx_error *err)
{
    yyjson_val *text = yyjson_obj_get(json, key);
    if (!text || yyjson_is_null(text)) return GBX_OK;
    if (!yyjson_is_str(text))
        return GBX_FAIL(err, GBX_INVALID, "the capability '%s' is no text", key);
    *out = gbx__arena_str(arena, gbx__json_str(text)).ptr;
    return *out ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status caps_fill(yyjson_val *json, gbx__host_caps *caps, gbx_error *err)
{
    gbx__arena *arena = &caps->arena;
    if (!yyjson_is_obj(json)) return GBX_FAIL(err, GBX_INVALID, "there are no capabilities");
    const int64_t semantics = yyjson_get_sint(yyjson_obj_get(json, "semantics"));
    if (semantics != GBX_SEMANTICS)
        return GBX_FAIL(err, GBX_INVALID, "its semantics are version %lld, Gearbox has %d",
                        (long long)semantics, GBX_SEMANTICS);
    GBX_TRY(text_read(arena, json, "speaks", &caps->speaks, err));
    if (!caps->speaks) return GBX_FAIL(err, GBX_INVALID, "the capability 'speaks' is missing");
    GBX_TRY(names_read(arena, json, "operators", &caps->operators, err));
    GBX_TRY(names_read(arena, json, "scans", &caps->scans, err));
    GBX_TRY(names_read(arena, json, "scan_types", &caps->scan_types, err));
    GBX_TRY(names_read(arena, json, "types", &caps->types, err));
    yyjson_val *functions = yyjson_obj_get(json, "functions");
    for (int kind = 0; kind <= GBX_FN_TABLE; kind++)
        GBX_TRY(names_read(arena, functions, function_keys[kind], &caps->functions[kind], err));
    caps->streams_results = yyjson_get_bool(yyjson_obj_get(json, "streams_results"));
    GBX_TRY(text_read(arena, json, "best_for", &caps->best_for, err));
    return text_read(arena, json, "cannot", &caps->cannot, err);
}

gbx_status gbx__host_caps_read(yyjson_val *json, gbx__host_caps *out, gbx_error *err)
{
    gbx__host_caps caps = {0};
    gbx__arena_init(&caps.arena);
    const gbx_status status = caps_fill(json, &caps, err);
    if (status != GBX_OK) {
        gbx__host_caps_done(&caps);
        return status;
    }
    *out = caps;
    return GBX_OK;
}

void gbx__host_caps_done(gbx__host_caps *caps)
{
    gbx__arena_done(&caps->arena);
    *caps = (gbx__host_caps){0};
}

bool gbx__host_names_have(const gbx__host_names *names, gbx__str name)
{
    return names->is_all ||
           (names->n > 0 && bsearch(&name, names->items, names->n, sizeof(name), name_compare));
}

/* ---- a plan ---------------------------------------------------------------------------------- */

typedef struct caps_check {
    const gbx__host_caps *caps;
    const char *what; /* "operator"; NULL: nothing is missing */
    gbx__pos pos;
    char missing[96];
} caps_check;

static bool check_fail(caps_check *check, gbx__pos pos, const char *what, const char *name)
{
    check->what = what;
    check->pos = pos;
    snprintf(check->missing, sizeof(check->missing), "%s", name);
    return false;
}

static bool check_operator(caps_check *check, const gbx__node *node, const char *name)
{
    return gbx__host_names_have(&check->caps->operators, gbx__str_of(name)) ||
           check_fail(check, node->pos, "the operator", name);
}

/* "join.left" and the like. */
static bool check_variant(caps_check *check, const gbx__node *node, const char *variant)
{
    char name[64];
    snprintf(name, sizeof(name), "%s.%s", gbx__node_kind_text(node->kind), variant);
    return check_operator(check, node, name);
}

static bool check_function(caps_check *check, gbx__function_kind kind, const gbx__function *fn,
                           gbx__pos pos)
{
    static const char *const what[] = {"the function", "the aggregate", "the window function",
                                       "the table function"};
    return gbx__host_names_have(&check->caps->functions[kind], gbx__str_of(fn->name)) ||
           check_fail(check, pos, what[kind], fn->name);
}

static bool check_type(caps_check *check, const gbx__type *type, gbx__pos pos)
{
    const char *name = gbx__type_kind_text(type->kind);
    if (!gbx__host_names_have(&check->caps->types, gbx__str_of(name)))
        return check_fail(check, pos, "the type", name);
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (!check_type(check, type->fields[i].type, pos)) return false;
    return true;
}

static bool check_expr(const gbx__expr *expr, void *ctx)
{
    caps_check *check = ctx;
    switch (expr->kind) {
    case GBX_EX_CALL: return check_function(check, GBX_FN_SCALAR, expr->fn, expr->pos);
    case GBX_EX_AGG: return check_function(check, GBX_FN_AGGREGATE, expr->fn, expr->pos);
    case GBX_EX_WINDOW: return check_function(check, GBX_FN_WINDOW, expr->fn, expr->pos);
    default: return true;
    }
}

static bool check_root(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, check_expr, ctx);
}

static bool check_aggregate(caps_check *check, const gbx__node *node)
{
    if (!check_operator(check, node, "aggregate")) return false;
    const bool has_sets = node->aggregate.n_sets > 0 || node->aggregate.n_grouping > 0;
    if (has_sets && !check_variant(check, node, "sets")) return false;
    for (uint32_t i = 0; i < node->aggregate.n_aggs; i++) {
        const gbx__agg_spec *agg = node->aggregate.aggs[i]->agg;
        if (agg->distinct && !check_variant(check, node, "distinct")) return false;
        if (agg->filter && !check_variant(check, node, "filter")) return false;
        if (agg->n_order > 0 && !check_variant(check, node, "order")) return false;
        if (agg->is_state && !check_variant(check, node, "state")) return false;
    }
    return true;
}

static bool check_kind(caps_check *check, const gbx__node *node)
{
    switch (node->kind) {
    case GBX_NODE_SCAN: return true; /* what it does not read comes as a stream */
    case GBX_NODE_AGGREGATE: return check_aggregate(check, node);
    case GBX_NODE_JOIN:
        if (node->join.is_asof && !check_variant(check, node, "asof")) return false;
        return check_variant(check, node, gbx__join_kind_text(node->join.kind));
    case GBX_NODE_SETOP: return check_variant(check, node, gbx__setop_kind_text(node->setop.kind));
    case GBX_NODE_SAMPLE:
        return check_variant(check, node, gbx__sample_method_text(node->sample.method));
    case GBX_NODE_DISTINCT:
        if (node->distinct.n_on > 0) return check_variant(check, node, "on");
        return check_operator(check, node, "distinct");
    case GBX_NODE_LIMIT:
        if (node->sort.is_percent) return check_variant(check, node, "percent");
        return check_operator(check, node, "limit");
    case GBX_NODE_VALUES:
        if (node->n_inputs > 0) return check_variant(check, node, "correlated");
        return check_operator(check, node, "values");
    case GBX_NODE_CTE_REF: return check_operator(check, node, "cte");
    case GBX_NODE_TABLE_FN:
        if (node->n_inputs > 0 && !check_variant(check, node, "lateral")) return false;
        return check_function(check, GBX_FN_TABLE, node->table_fn.fn, node->pos);
    default: return check_operator(check, node, gbx__node_kind_text(node->kind));
    }
}

static bool check_node(const gbx__node *node, void *ctx)
{
    caps_check *check = ctx;
    if (!check_kind(check, node)) return false;
    for (uint32_t i = 0; i < node->n_cols; i++)
        if (!check_type(check, node->cols[i].type, node->pos)) return false;
    return gbx__node_exprs(node, check_root, check);
}

gbx_status gbx__host_caps_can(const gbx__host_caps *caps, const char *name, const gbx_plan *plan,
                              gbx_error *err)
{
    caps_check check = {.caps = caps, .pos = GBX_NO_POS};
    if (gbx__plan_walk(plan->root, check_node, &check)) return GBX_OK;
    if (!check.what) return GBX_FAIL_NOMEM(err);
    gbx__error_set(err, GBX_UNSUPPORTED, "%s does not give the agreed answer for %s %s", name,
                   check.what, check.missing);
    if (check.pos.offset >= 0)
        gbx__error_locate(err, plan->text.ptr, plan->text.len, (size_t)check.pos.offset);
    return GBX_UNSUPPORTED;
}

/* ---- a scan ---------------------------------------------------------------------------------- */

static bool scan_is_plain(const gbx__scan *scan)
{
    return scan->n_paths > 0 && scan->n_partitions == 0 && scan->n_options == 0 &&
           !scan->union_by_name && !scan->files_differ && scan->filename_column.len == 0 &&
           scan->compression.len == 0;
}

static bool scan_type_is_known(const gbx__host_caps *caps, const gbx__type *type)
{
    if (!gbx__host_names_have(&caps->scan_types, gbx__str_of(gbx__type_kind_text(type->kind))))
        return false;
    for (uint32_t i = 0; i < type->n_fields; i++)
        if (!scan_type_is_known(caps, type->fields[i].type)) return false;
    return true;
}

bool gbx__host_caps_read_scan(const gbx__host_caps *caps, const gbx__node *node)
{
    const gbx__scan *scan = node->scan.scan;
    const gbx__str format = gbx__str_of(gbx__scan_format_text(scan->format));
    if (!gbx__host_names_have(&caps->scans, format) || !scan_is_plain(scan)) return false;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->scan.fields[i] == GBX_SCAN_ROWID) return false;
        if (!scan_type_is_known(caps, node->cols[i].type)) return false;
    }
    return true;
}
