/*
 * Leaves: tables that stand for sources or plans, tables of the engine, table functions, VALUES.
 */
#include "sql/import_priv.h"

#include <string.h>

static void *get_nomem(gbx__importer *im)
{
    return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
}

/* --- VALUES ----------------------------------------------------------------------------------- */

static bool get_dummy_check(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_EMPTY},
                                    {"table_index", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    return gbx__import_keys(im, json, keys, "DUMMY_SCAN");
}

/* One row of one column that nobody reads; it counts as position 0. */
static const gbx__node *get_dummy(gbx__importer *im, yyjson_val *json)
{
    if (!get_dummy_check(im, json)) return NULL;
    const gbx__field col = {GBX_STR(""), gbx__type_plain(GBX_TYPE_INT32)};
    gbx__value null = {0};
    null.is_null = true;
    const gbx__expr *one = gbx__expr_const(&im->b->arena, col.type, &null, GBX_NO_POS);
    if (one == NULL) return get_nomem(im);
    const gbx__expr *const *row = &one;
    return gbx__node_values(im->b, 1, &col, 1, &row, GBX_NO_POS);
}

static gbx__field *get_types(gbx__importer *im, yyjson_val *json, const char *key, size_t *n)
{
    yyjson_val *list = gbx__import_array(im, json, key, n);
    gbx__field *fields = GBX_ARENA_ARRAY(&im->b->arena, *n + 1, gbx__field);
    if (list == NULL || fields == NULL) return NULL;
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < *n; i++) {
        fields[i].name = GBX_STR("");
        fields[i].type = gbx__import_type(im, yyjson_arr_iter_next(&iter));
        if (fields[i].type == NULL) return NULL;
    }
    return fields;
}

static const gbx__node *get_empty(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_EMPTY},
                                    {"return_types", GBX_KEY_USED},
                                    {"bindings", GBX_KEY_NOISE},
                                    {NULL, GBX_KEY_USED}};
    size_t n = 0;
    if (!gbx__import_keys(im, json, keys, "EMPTY_RESULT")) return NULL;
    const gbx__field *fields = get_types(im, json, "return_types", &n);
    if (fields == NULL) return NULL;
    return gbx__node_values(im->b, (uint32_t)n, fields, 0, NULL, GBX_NO_POS);
}

static const gbx__expr *const *get_values_row(gbx__importer *im, yyjson_val *row, gbx__env env,
                                              const gbx__field *fields, size_t n_cols)
{
    if (yyjson_arr_size(row) != n_cols)
        return gbx__import_refuse(im, GBX_NO_POS, "VALUES of different lengths");
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, n_cols + 1, const gbx__expr *);
    if (exprs == NULL) return get_nomem(im);
    yyjson_arr_iter iter = yyjson_arr_iter_with(row);
    for (size_t i = 0; i < n_cols; i++) {
        const gbx__expr *expr = gbx__import_expr(im, yyjson_arr_iter_next(&iter), env);
        exprs[i] = gbx__import_cast(im, expr, fields[i].type, false, GBX_NO_POS);
        if (exprs[i] == NULL) return NULL;
    }
    return exprs;
}

/* One row of VALUES over each row of the shared input. */
static const gbx__node *get_values_arm(gbx__importer *im, uint32_t cte, const gbx__node *input,
                                       yyjson_val *row, const gbx__field *fields, size_t n_cols)
{
    gbx__field *cols = GBX_ARENA_ARRAY(&im->b->arena, input->n_cols + 1, gbx__field);
    uint32_t *all = GBX_ARENA_ARRAY(&im->b->arena, input->n_cols + 1, uint32_t);
    if (cols == NULL || all == NULL) return get_nomem(im);
    for (uint32_t i = 0; i < input->n_cols; i++) {
        cols[i] = (gbx__field){input->cols[i].name, input->cols[i].type};
        all[i] = i;
    }
    const gbx__node *ref = gbx__node_cte_ref(im->b, cte, input->n_cols, cols, all, GBX_NO_POS);
    if (ref == NULL) return NULL;
    const gbx__expr *const *exprs =
        get_values_row(im, row, gbx__import_env(im, ref, NULL), fields, n_cols);
    if (exprs == NULL) return NULL;
    return gbx__node_project(im->b, ref, (uint32_t)n_cols, exprs, NULL, GBX_NO_POS);
}

/* VALUES with columns of another input (an outer query's, or a subquery's): a projection for each
 * row, over an input that is computed once. */
static const gbx__node *get_values_lateral(gbx__importer *im, const gbx__node *input,
                                           yyjson_val *list, const gbx__field *fields,
                                           size_t n_cols)
{
    const size_t n_rows = yyjson_arr_size(list);
    if (n_rows == 0) return gbx__import_refuse(im, GBX_NO_POS, "VALUES without rows");
    const uint32_t cte = im->b->next_cte++;
    const gbx__node **arms = GBX_ARENA_ARRAY(&im->b->arena, n_rows + 1, const gbx__node *);
    if (arms == NULL) return get_nomem(im);
    for (size_t i = 0; i < n_rows; i++) {
        arms[i] = get_values_arm(im, cte, input, yyjson_arr_get(list, i), fields, n_cols);
        if (arms[i] == NULL) return NULL;
    }
    const gbx__node *body = n_rows == 1 ? arms[0]
                                        : gbx__node_setop(im->b, GBX_SETOP_UNION, true,
                                                          (uint32_t)n_rows, arms, GBX_NO_POS);
    return gbx__node_cte(im->b, cte, GBX_STR("values"), false, input, body, GBX_NO_POS);
}

static const gbx__node *get_values(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},        {"children", GBX_KEY_USED},
                                    {"table_index", GBX_KEY_USED}, {"expr_types", GBX_KEY_USED},
                                    {"expressions", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    size_t n_cols = 0;
    size_t n_rows = 0;
    if (!gbx__import_keys(im, json, keys, "VALUES")) return NULL;
    yyjson_val *child = yyjson_arr_get(yyjson_obj_get(json, "children"), 0);
    const bool is_plain = yyjson_equals_str(yyjson_obj_get(child, "type"), "LOGICAL_DUMMY_SCAN");
    if (is_plain && !get_dummy_check(im, child)) return NULL;
    const gbx__node *input = is_plain ? NULL : gbx__import_child(im, json, 0);
    const gbx__field *fields = get_types(im, json, "expr_types", &n_cols);
    yyjson_val *list = gbx__import_array(im, json, "expressions", &n_rows);
    const gbx__expr *const **rows =
        GBX_ARENA_ARRAY(&im->b->arena, n_rows + 1, const gbx__expr *const *);
    if (rows == NULL) return get_nomem(im);
    if (fields == NULL || list == NULL || gbx__import_failed(im)) return NULL;
    if (input != NULL) return get_values_lateral(im, input, list, fields, n_cols);
    const gbx__env env = {0, NULL};
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < n_rows; i++) {
        rows[i] = get_values_row(im, yyjson_arr_iter_next(&iter), env, fields, n_cols);
        if (rows[i] == NULL) return NULL;
    }
    return gbx__node_values(im->b, (uint32_t)n_cols, fields, (uint32_t)n_rows, rows, GBX_NO_POS);
}

/* --- rows that the binder made itself -------------------------------------------------------- */

/* {"types": […], "values": [[column 1], [column 2], …]} */
static const gbx__expr *const **get_chunk_rows(gbx__importer *im, yyjson_val *collection,
                                               size_t n_cols, size_t *out_n)
{
    size_t n = 0;
    yyjson_val *columns = gbx__import_array(im, collection, "values", &n);
    if (columns == NULL) return NULL;
    if (n != n_cols) return gbx__import_refuse(im, GBX_NO_POS, "rows of other columns");
    const size_t n_rows = yyjson_arr_size(yyjson_arr_get_first(columns));
    const gbx__expr *const **rows =
        GBX_ARENA_ARRAY(&im->b->arena, n_rows + 1, const gbx__expr *const *);
    if (rows == NULL) return get_nomem(im);
    for (size_t r = 0; r < n_rows; r++) {
        const gbx__expr **row = GBX_ARENA_ARRAY(&im->b->arena, n_cols + 1, const gbx__expr *);
        if (row == NULL) return get_nomem(im);
        for (size_t c = 0; c < n_cols; c++) {
            gbx__value value;
            const gbx__type *type = NULL;
            yyjson_val *item = yyjson_arr_get(yyjson_arr_get(columns, c), r);
            if (!gbx__import_value(im, item, NULL, &type, &value)) return NULL;
            row[c] = gbx__expr_const(&im->b->arena, type, &value, GBX_NO_POS);
            if (row[c] == NULL) return get_nomem(im);
        }
        rows[r] = row;
    }
    *out_n = n_rows;
    return rows;
}

/* What DESCRIBE answers: constants by now. */
static const gbx__node *get_chunk(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},        {"children", GBX_KEY_EMPTY},
                                    {"table_index", GBX_KEY_USED}, {"chunk_types", GBX_KEY_USED},
                                    {"collection", GBX_KEY_USED},  {"column_ids", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key collection_keys[] = {
        {"types", GBX_KEY_NOISE}, {"values", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    size_t n_cols = 0;
    size_t n_ids = 0;
    size_t n_rows = 0;
    if (!gbx__import_keys(im, json, keys, "CHUNK_GET")) return NULL;
    yyjson_val *collection = gbx__import_member(im, json, "collection");
    const gbx__field *fields = get_types(im, json, "chunk_types", &n_cols);
    yyjson_val *ids = gbx__import_array(im, json, "column_ids", &n_ids);
    if (fields == NULL || ids == NULL ||
        !gbx__import_keys(im, collection, collection_keys, "CHUNK_GET"))
        return NULL;
    for (size_t i = 0; i < n_ids; i++) {
        if (n_ids != n_cols || yyjson_get_uint(yyjson_arr_get(ids, i)) != i)
            return gbx__import_refuse(im, GBX_NO_POS, "a part of the rows of a CHUNK_GET");
    }
    const gbx__expr *const *const *rows = get_chunk_rows(im, collection, n_cols, &n_rows);
    if (rows == NULL) return NULL;
    return gbx__node_values(im->b, (uint32_t)n_cols, fields, (uint32_t)n_rows, rows, GBX_NO_POS);
}

/* --- tables and functions --------------------------------------------------------------------- */

/* The columns in use, as positions in the whole table; UINT64_MAX is the row id. */
static const uint64_t *get_columns(gbx__importer *im, yyjson_val *json, size_t *n)
{
    static const gbx__key keys[] = {{"index", GBX_KEY_USED},      {"child_indexes", GBX_KEY_EMPTY},
                                    {"index_type", GBX_KEY_USED}, {"type", GBX_KEY_NOISE},
                                    {"field", GBX_KEY_EMPTY},     {"has_index", GBX_KEY_TRUE},
                                    {NULL, GBX_KEY_USED}};
    yyjson_val *list = gbx__import_array(im, json, "column_indexes", n);
    uint64_t *columns = GBX_ARENA_ARRAY(&im->b->arena, *n + 1, uint64_t);
    if (list == NULL || columns == NULL) return NULL;
    yyjson_arr_iter iter = yyjson_arr_iter_with(list);
    for (size_t i = 0; i < *n; i++) {
        yyjson_val *item = yyjson_arr_iter_next(&iter);
        if (!gbx__import_keys(im, item, keys, "a column in use") ||
            !gbx__import_index(im, item, "index", &columns[i]))
            return NULL;
        if (!gbx__str_is(gbx__import_text(im, item, "index_type"), "FULL_READ"))
            return gbx__import_refuse(im, GBX_NO_POS, "a part of a column");
    }
    return columns;
}

/* Names and types of the whole table. */
static gbx__field *get_schema(gbx__importer *im, yyjson_val *json, size_t *n)
{
    gbx__field *fields = get_types(im, json, "returned_types", n);
    size_t n_names = 0;
    yyjson_val *names = gbx__import_array(im, json, "names", &n_names);
    if (fields == NULL || names == NULL) return NULL;
    if (n_names != *n) return gbx__import_refuse(im, GBX_NO_POS, "a table without names");
    yyjson_arr_iter iter = yyjson_arr_iter_with(names);
    for (size_t i = 0; i < n_names; i++) {
        yyjson_val *name = yyjson_arr_iter_next(&iter);
        fields[i].name =
            gbx__arena_str(&im->b->arena, gbx__json_str(name));
        if (fields[i].name.ptr == NULL) return get_nomem(im);
    }
    return fields;
}

static const gbx__node *get_scan_node(gbx__importer *im, const gbx__scan *scan,
                                      const uint64_t *columns, size_t n)
{
    uint32_t *fields = GBX_ARENA_ARRAY(&im->b->arena, n + 1, uint32_t);
    if (fields == NULL) return get_nomem(im);
    for (size_t i = 0; i < n; i++) {
        if (columns[i] == GBX_IMPORT_UNSET)
            fields[i] = GBX_SCAN_ROWID;
        else if (columns[i] < scan->n_fields)
            fields[i] = (uint32_t)columns[i];
        else
            return gbx__import_refuse(im, GBX_NO_POS, "a virtual column");
    }
    return gbx__node_scan(im->b, scan, (uint32_t)n, fields, GBX_NO_POS);
}

/* A plan that stands for a table: its nodes with ids of their own, narrowed to the columns in
 * use. */
static const gbx__node *get_plan_node(gbx__importer *im, const gbx_plan *plan,
                                      const uint64_t *columns, size_t n)
{
    const gbx__node *root = gbx__plan_import(im->b, plan);
    if (root == NULL) return NULL;
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    gbx__str *names = GBX_ARENA_ARRAY(&im->b->arena, n + 1, gbx__str);
    if (exprs == NULL || names == NULL) return get_nomem(im);
    for (size_t i = 0; i < n; i++) {
        if (columns[i] == GBX_IMPORT_UNSET) { /* only counted: any value does */
            exprs[i] = gbx__expr_int64(&im->b->arena, 0);
        } else if (columns[i] < root->n_cols) {
            const gbx__col *col = &root->cols[columns[i]];
            exprs[i] = gbx__expr_column(&im->b->arena, col->id, col->type, GBX_NO_POS);
            names[i] = col->name;
        } else {
            return gbx__import_refuse(im, GBX_NO_POS, "a virtual column");
        }
        if (exprs[i] == NULL) return get_nomem(im);
    }
    return gbx__node_project(im->b, root, (uint32_t)n, exprs, names, GBX_NO_POS);
}

static void get_quote(gbx__buf *out, gbx__str part)
{
    if (out->len > 0) gbx__buf_putc(out, '.');
    gbx__duck_quote_ident(out, part);
}

/* A table of the engine's own database. */
static const gbx__scan *get_engine_table(gbx__importer *im, yyjson_val *json, yyjson_val *data)
{
    gbx__scan *scan = GBX_ARENA_NEW(&im->b->arena, gbx__scan);
    size_t n = 0;
    const gbx__field *fields = get_schema(im, json, &n);
    if (scan == NULL) return get_nomem(im);
    if (fields == NULL) return NULL;
    GBX_AUTO(gbx__buf_done) gbx__buf name = {0};
    gbx__buf_init(&name, 4096);
    size_t n_parts = 0;
    yyjson_val *path =
        gbx__import_array(im, yyjson_obj_get(data, "qualified_name"), "path", &n_parts);
    for (size_t i = 0; i < n_parts; i++) {
        yyjson_val *part = yyjson_arr_get(path, i);
        get_quote(&name, gbx__json_str(part));
    }
    if (name.failed || gbx__import_failed(im)) return get_nomem(im);
    scan->format = GBX_SCAN_TABLE;
    scan->name = gbx__arena_str(&im->b->arena, gbx__buf_view(&name));
    scan->location = scan->name;
    scan->n_fields = (uint32_t)n;
    scan->fields = fields;
    scan->is_bounded = true;
    scan->row_count = -1;
    scan->size_bytes = -1;
    return scan;
}

static const gbx__node *get_table(gbx__importer *im, yyjson_val *json, const uint64_t *columns,
                                  size_t n)
{
    static const gbx__key keys[] = {{"catalog", GBX_KEY_USED},
                                    {"schema", GBX_KEY_USED},
                                    {"table", GBX_KEY_USED},
                                    {"is_index_scan", GBX_KEY_EMPTY},
                                    {"is_create_index", GBX_KEY_EMPTY},
                                    {"result_ids", GBX_KEY_EMPTY},
                                    {"qualified_name", GBX_KEY_USED},
                                    {NULL, GBX_KEY_USED}};
    yyjson_val *data = gbx__import_member(im, json, "function_data");
    if (data == NULL || !gbx__import_keys(im, data, keys, "a table")) return NULL;
    const gbx__str table = gbx__import_text(im, data, "table");
    if (gbx__str_is(gbx__import_text(im, data, "catalog"), "temp")) {
        for (size_t i = 0; i < im->n_bindings; i++) {
            const gbx__binding *binding = &im->bindings[i];
            if (!gbx__str_equal(binding->table, table)) continue;
            return binding->scan != NULL ? get_scan_node(im, binding->scan, columns, n)
                                         : get_plan_node(im, binding->plan, columns, n);
        }
    }
    if (!im->engine_tables)
        return gbx__import_refuse(im, GBX_NO_POS, "the table %.*s", GBX_STR_ARG(table));
    const gbx__scan *scan = get_engine_table(im, json, data);
    return scan == NULL ? NULL : get_scan_node(im, scan, columns, n);
}

/* Constant arguments of a table function. */
static bool get_parameters(gbx__importer *im, yyjson_val *json, gbx__node *fn)
{
    size_t n = 0;
    size_t n_named = 0;
    yyjson_val *list = gbx__import_array(im, json, "parameters", &n);
    gbx__import_array(im, json, "named_parameters", &n_named);
    const gbx__expr **args = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (list == NULL || args == NULL) return false;
    if (n_named > 0) {
        gbx__import_refuse(im, GBX_NO_POS, "a table function's named arguments");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        gbx__value value;
        const gbx__type *type = NULL;
        if (!gbx__import_value(im, yyjson_arr_get(list, i), NULL, &type, &value)) return false;
        args[i] = gbx__expr_const(&im->b->arena, type, &value, GBX_NO_POS);
        if (args[i] == NULL) return get_nomem(im) != NULL;
    }
    fn->table_fn.args = args;
    fn->table_fn.n_args = (uint32_t)n;
    return true;
}

/* Arguments that come from an input's first columns, row by row. */
static bool get_lateral_args(gbx__importer *im, yyjson_val *json, const gbx__node *input,
                             gbx__node *fn)
{
    size_t n = 0;
    gbx__import_array(im, json, "input_table_types", &n);
    const gbx__expr **args = GBX_ARENA_ARRAY(&im->b->arena, n + 1, const gbx__expr *);
    if (args == NULL) return get_nomem(im) != NULL;
    if (n > input->n_cols) {
        gbx__import_refuse(im, GBX_NO_POS, "a table function of more columns than its input has");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        const gbx__col *col = &input->cols[i];
        args[i] = gbx__expr_column(&im->b->arena, col->id, col->type, GBX_NO_POS);
        if (args[i] == NULL) return get_nomem(im) != NULL;
    }
    fn->table_fn.args = args;
    fn->table_fn.n_args = (uint32_t)n;
    return true;
}

/* Output order of the JSON: the function's columns, then those of the input that are passed on. */
static const gbx__node *get_lateral_order(gbx__importer *im, yyjson_val *json,
                                          const gbx__node *node, uint32_t n_input, uint32_t n_used)
{
    size_t n = 0;
    yyjson_val *projected = gbx__import_array(im, json, "projected_input", &n);
    uint32_t *positions = GBX_ARENA_ARRAY(&im->b->arena, n_used + n + 1, uint32_t);
    if (node == NULL || projected == NULL || positions == NULL) return NULL;
    for (uint32_t i = 0; i < n_used; i++) positions[i] = n_input + i;
    for (size_t i = 0; i < n; i++) {
        const uint64_t at = yyjson_get_uint(yyjson_arr_get(projected, i));
        if (at >= n_input) return gbx__import_refuse(im, GBX_NO_POS, "a column of no input");
        positions[n_used + i] = (uint32_t)at;
    }
    return gbx__node_select(im->b, node, n_used + (uint32_t)n, positions);
}

static const gbx__node *get_table_fn(gbx__importer *im, yyjson_val *json, gbx__str name,
                                     const uint64_t *columns, size_t n)
{
    gbx__node fn = {0};
    fn.kind = GBX_NODE_TABLE_FN;
    fn.table_fn.fn = gbx__import_find(im, GBX_FN_TABLE, name, GBX_NO_POS);
    if (fn.table_fn.fn == NULL) return NULL;
    yyjson_val *data = yyjson_obj_get(json, "function_data");
    if (data != NULL && !yyjson_is_null(data))
        return gbx__import_refuse(im, GBX_NO_POS,
                                  "the table function %.*s, which keeps data of its own",
                                  GBX_STR_ARG(name));
    size_t n_fields = 0;
    fn.table_fn.fields = get_schema(im, json, &n_fields);
    fn.table_fn.n_fields = (uint32_t)n_fields;
    uint32_t *used = GBX_ARENA_ARRAY(&im->b->arena, n + 1, uint32_t);
    if (fn.table_fn.fields == NULL || used == NULL) return NULL;
    for (size_t i = 0; i < n; i++) {
        /* the row id of a function stands for "some column" */
        used[i] = columns[i] == GBX_IMPORT_UNSET ? 0 : (uint32_t)columns[i];
        if (used[i] >= n_fields) return gbx__import_refuse(im, GBX_NO_POS, "a virtual column");
    }
    fn.table_fn.used = used;
    fn.table_fn.n_used = (uint32_t)n;
    const bool is_lateral = yyjson_arr_size(yyjson_obj_get(json, "children")) > 0;
    const gbx__node *input = is_lateral ? gbx__import_child(im, json, 0) : NULL;
    if (is_lateral && input == NULL) return NULL;
    if (is_lateral ? !get_lateral_args(im, json, input, &fn) : !get_parameters(im, json, &fn))
        return NULL;
    const gbx__node *node = gbx__node_table_fn(im->b, input, &fn, GBX_NO_POS);
    if (!is_lateral) return node;
    return get_lateral_order(im, json, node, input->n_cols, (uint32_t)n);
}

static bool get_check(gbx__importer *im, yyjson_val *json)
{
    static const gbx__key keys[] = {{"type", GBX_KEY_USED},
                                    {"children", GBX_KEY_USED},
                                    {"table_index", GBX_KEY_USED},
                                    {"returned_types", GBX_KEY_USED},
                                    {"names", GBX_KEY_USED},
                                    {"projection_ids", GBX_KEY_USED},
                                    {"table_filters", GBX_KEY_USED},
                                    {"arguments", GBX_KEY_NOISE},
                                    {"qname", GBX_KEY_USED},
                                    {"has_serialize", GBX_KEY_NOISE},
                                    {"function_data", GBX_KEY_USED},
                                    {"parameters", GBX_KEY_USED},
                                    {"named_parameters", GBX_KEY_USED},
                                    {"input_table_types", GBX_KEY_USED},
                                    {"input_table_names", GBX_KEY_NOISE},
                                    {"projected_input", GBX_KEY_USED},
                                    {"column_indexes", GBX_KEY_USED},
                                    {"extra_info", GBX_KEY_USED},
                                    {"ordinality_idx", GBX_KEY_EMPTY},
                                    {"row_group_order_options", GBX_KEY_EMPTY},
                                    {"scan_partition_indices", GBX_KEY_EMPTY},
                                    {"source_ordinality", GBX_KEY_USED},
                                    {"table_filters_by_projection", GBX_KEY_NOISE},
                                    {"has_pushed_projection", GBX_KEY_EMPTY},
                                    {"at_clause", GBX_KEY_EMPTY},
                                    {"positional_arguments", GBX_KEY_NOISE},
                                    {"named_arguments", GBX_KEY_NOISE},
                                    {NULL, GBX_KEY_USED}};
    static const gbx__key filter_keys[] = {
        {"filters", GBX_KEY_EMPTY}, {"multi_column_filters", GBX_KEY_EMPTY}, {NULL, GBX_KEY_USED}};
    static const gbx__key extra_keys[] = {{"file_filters", GBX_KEY_EMPTY},
                                          {"total_files", GBX_KEY_EMPTY},
                                          {"filtered_files", GBX_KEY_EMPTY},
                                          {"sample_options", GBX_KEY_EMPTY},
                                          {"file_filter_expressions", GBX_KEY_EMPTY},
                                          {NULL, GBX_KEY_USED}};
    if (!gbx__import_keys(im, json, keys, "GET") ||
        !gbx__import_keys(im, yyjson_obj_get(json, "table_filters"), filter_keys, "GET") ||
        !gbx__import_keys(im, yyjson_obj_get(json, "extra_info"), extra_keys, "GET"))
        return false;
    if (gbx__str_is(gbx__import_text(im, json, "source_ordinality"), "WITHOUT_ORDINALITY"))
        return true;
    gbx__import_refuse(im, GBX_NO_POS, "WITH ORDINALITY");
    return false;
}

const gbx__node *gbx__import_get(gbx__importer *im, yyjson_val *json)
{
    const gbx__str type = gbx__import_text(im, json, "type");
    if (gbx__str_is(type, "LOGICAL_DUMMY_SCAN")) return get_dummy(im, json);
    if (gbx__str_is(type, "LOGICAL_EXPRESSION_GET")) return get_values(im, json);
    if (gbx__str_is(type, "LOGICAL_EMPTY_RESULT")) return get_empty(im, json);
    if (gbx__str_is(type, "LOGICAL_CHUNK_GET")) return get_chunk(im, json);
    if (!get_check(im, json)) return NULL;
    size_t n = 0;
    const uint64_t *columns = get_columns(im, json, &n);
    const gbx__str name = gbx__import_qname(im, json);
    if (columns == NULL || gbx__import_failed(im)) return NULL;
    const gbx__node *node = gbx__str_is(name, "seq_scan")
                                ? get_table(im, json, columns, n)
                                : get_table_fn(im, json, name, columns, n);
    return gbx__import_narrow(im, node, json, "projection_ids");
}
