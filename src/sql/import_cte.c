/*
 * Shared subplans: MATERIALIZED_CTE, CTE_REF and RECURSIVE_CTE.
 */
#include "sql/import_priv.h"

static void *cte_nomem(gbx__importer *im)
{
    return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

static bool cte_push(gbx__importer *im, uint64_t table_index, uint32_t id, uint32_t n_cols,
                     const gbx__col *cols)
{
    const gbx__import_cte cte = {table_index, id, n_cols, cols};
    return gbx__vec_push(&im->ctes, cte) ? true : cte_nomem(im) != NULL;
}

static gbx__str cte_name(gbx__importer *im, yyjson_val *json)
{
    return gbx__arena_str(&im->b->arena, gbx__import_text(im, json, "ctename"));
}

const gbx__node *gbx__import_cte_def(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},        {"children", GBX_KEY_USED},
                                    {"table_index", GBX_KEY_USED}, {"column_count", GBX_KEY_NOISE},
                                    {"ctename", GBX_KEY_USED},     {"materialize", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    uint64_t index = 0;
    if (!gbx__import_keys(im, json, keys, "a CTE") ||
        !gbx__import_index(im, json, "table_index", &index))
        return NULL;
    const gbx__str how = gbx__import_text(im, json, "materialize");
    const bool materialized = gbx__str_is(how, "CTE_MATERIALIZE_ALWAYS");
    if (!materialized && !gbx__str_is(how, "CTE_MATERIALIZE_DEFAULT") &&
        !gbx__str_is(how, "CTE_MATERIALIZE_NEVER"))
        return gbx__import_refuse(im, GBX_NO_POS, "%.*s", GBX_STR_ARG(how));
    const gbx__node *definition = gbx__import_child(im, json, 0);
    if (definition == NULL) return NULL;
    const uint32_t id = im->b->next_cte++;
    if (!cte_push(im, index, id, definition->n_cols, definition->cols)) return NULL;
    const gbx__node *body = gbx__import_child(im, json, 1);
    im->ctes.len--;
    if (body == NULL) return NULL;
    return gbx__node_cte(im->b, id, cte_name(im, json), materialized, definition, body, GBX_NO_POS);
}

const gbx__node *gbx__import_cte_use(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {
        {"type", GBX_KEY_USED},          {"children", GBX_KEY_EMPTY},
        {"table_index", GBX_KEY_USED},   {"cte_index", GBX_KEY_USED},
        {"chunk_types", GBX_KEY_USED},   {"bound_columns", GBX_KEY_USED},
        {"is_recurring", GBX_KEY_EMPTY}, {NULL, GBX_KEY_USED}};
    uint64_t index = 0;
    size_t n = 0;
    if (!gbx__import_keys(im, json, keys, "a CTE's use") ||
        !gbx__import_index(im, json, "cte_index", &index))
        return NULL;
    gbx__import_array(im, json, "chunk_types", &n);
    const gbx__import_cte *cte = NULL;
    for (size_t i = im->ctes.len; i-- > 0 && cte == NULL;) {
        if (im->ctes.items[i].table_index == index) cte = &im->ctes.items[i];
    }
    if (cte == NULL) return gbx__import_refuse(im, GBX_NO_POS, "a CTE that is not in scope");
    if (n != cte->n_cols) return gbx__import_refuse(im, GBX_NO_POS, "a part of a CTE");
    gbx__field *cols = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__field);
    uint32_t *fields = GBX_ARENA_ARRAY(&im->b->arena, n + 1, uint32_t);
    if (cols == NULL || fields == NULL) return cte_nomem(im);
    yyjson_val *names = yyjson_obj_get(json, "bound_columns");
    for (size_t i = 0; i < n; i++) {
        yyjson_val *name = yyjson_arr_get(names, i);
        cols[i].type = cte->cols[i].type;
        cols[i].name = gbx__arena_str(&im->b->arena,
                                      (gbx__str){yyjson_is_str(name) ? yyjson_get_str(name) : "",
                                                 yyjson_is_str(name) ? yyjson_get_len(name) : 0});
        fields[i] = (uint32_t)i;
    }
    return gbx__node_cte_ref(im->b, cte->id, (uint32_t)n, cols, fields, GBX_NO_POS);
}

/* The columns of a recursive CTE have the types that the binder settled on; both arms are cast. */
static gbx__col *recursive_cols(gbx__importer *im, yyjson_val *json, const gbx__node *anchor,
                                const gbx__type ***out_types)
{
    size_t n = 0;
    yyjson_val *types_json = gbx__import_array(im, json, "internal_types", &n);
    gbx__col *cols = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__col);
    const gbx__type **types = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__type *);
    if (types_json == NULL || cols == NULL || types == NULL) return NULL;
    if (n != anchor->n_cols)
        return gbx__import_refuse(im, GBX_NO_POS, "a recursive CTE of other columns");
    for (size_t i = 0; i < n; i++) {
        types[i] = gbx__import_type(im, yyjson_arr_get(types_json, i));
        if (types[i] == NULL) return NULL;
        cols[i] = (gbx__col){gbx__plan_new_col(im->b), types[i], anchor->cols[i].name};
    }
    *out_types = types;
    return cols;
}

const gbx__node *gbx__import_recursive(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"union_all", GBX_KEY_USED},
                                    {"ctename", GBX_KEY_USED},
                                    {"table_index", GBX_KEY_USED},
                                    {"column_count", GBX_KEY_NOISE},
                                    {"key_targets", GBX_KEY_EMPTY},
                                    {"ref_recurring", GBX_KEY_EMPTY},
                                    {"payload_aggregates", GBX_KEY_EMPTY},
                                    {"internal_types", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    uint64_t index = 0;
    bool all = false;
    if (!gbx__import_keys(im, json, keys, "a recursive CTE") ||
        !gbx__import_index(im, json, "table_index", &index) ||
        !gbx__import_bool(im, json, "union_all", &all))
        return NULL;
    const gbx__node *anchor = gbx__import_child(im, json, 0);
    if (anchor == NULL) return NULL;
    const gbx__type **types = NULL;
    const gbx__col *cols = recursive_cols(im, json, anchor, &types);
    if (cols == NULL) return NULL;
    const uint32_t n_cols = anchor->n_cols;
    anchor = gbx__import_retype(im, anchor, types);
    const uint32_t id = im->b->next_cte++;
    if (!cte_push(im, index, id, n_cols, cols)) return NULL;
    const gbx__node *step = gbx__import_child(im, json, 1);
    im->ctes.len--;
    if (step != NULL && step->n_cols != n_cols)
        return gbx__import_refuse(im, GBX_NO_POS, "a recursive CTE of other columns");
    step = gbx__import_retype(im, step, types);
    if (anchor == NULL || step == NULL) return NULL;
    return gbx__node_recursive(im->b, id, cte_name(im, json), all, n_cols, cols, anchor, step,
                               GBX_NO_POS);
}
