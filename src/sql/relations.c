/*
 * FROM 'x.csv', FROM read_csv('x.csv', delim = ';'), FROM name → what is to be resolved, and the
 * edits that put a plain table name in the place of paths and calls.
 */
#include "sql/relations_priv.h"

#include "sql/lex.h"

#include <stdlib.h>
#include <string.h>

typedef struct finder {
    const gbx__sql_request *request;
    gbx__arena *arena;
    gbx__str text; /* that the tree's positions are in */
    gbx__edits *lists;
    gbx__edits *edits;
    gbx__found_list *out;
    gbx_error *err;
    uint32_t depth;
} finder;

static gbx__str find_text(finder *f, yyjson_val *object, const char *key)
{
    yyjson_val *value = yyjson_obj_get(object, key);
    if (!yyjson_is_str(value)) return GBX_STR("");
    return gbx__arena_str(f->arena, gbx__json_str(value));
}

static gbx_status find_fail(finder *f, yyjson_val *at, gbx_status status, const char *what)
{
    gbx__error_set(f->err, status, "%s", what);
    yyjson_val *location = yyjson_obj_get(at, "query_location");
    if (yyjson_is_uint(location) && yyjson_get_uint(location) != GBX_IMPORT_UNSET)
        gbx__error_locate(f->err, f->request->text.ptr, f->request->text.len,
                          gbx__edits_map_back(f->lists, yyjson_get_uint(location)));
    return status;
}

/* --- arguments of a reader, from the parsed tree ---------------------------------------------- */

static gbx_status arg_value(finder *f, yyjson_val *expr, const gbx__type **type, gbx__value *value);

static gbx_status arg_literal(finder *f, yyjson_val *expr, const gbx__type **type,
                              gbx__value *value)
{
    yyjson_val *literal = yyjson_obj_get(expr, "literal");
    const gbx__str kind = find_text(f, literal, "kind");
    value->text = find_text(f, literal, "text");
    if (value->text.ptr == NULL) return GBX_FAIL_NOMEM(f->err);
    if (gbx__str_is(kind, "STRING")) {
        *type = gbx__type_plain(GBX_TYPE_UTF8);
    } else if (gbx__str_is(kind, "BOOLEAN")) {
        value->boolean = gbx__str_is_nocase(value->text, "true");
        *type = gbx__type_plain(GBX_TYPE_BOOL);
    } else if (gbx__str_is(kind, "INTEGER")) {
        value->i64 = strtoll(value->text.ptr, NULL, 10);
        *type = gbx__type_plain(GBX_TYPE_INT64);
    } else if (gbx__str_is(kind, "NULL")) {
        value->is_null = true;
        *type = gbx__type_plain(GBX_TYPE_NULL);
    } else {
        value->f64 = strtod(value->text.ptr, NULL);
        *type = gbx__type_plain(GBX_TYPE_FLOAT64);
    }
    return GBX_OK;
}

/* A bound parameter's value, as text; that is how paths are given. */
static gbx_status arg_parameter(finder *f, yyjson_val *expr, const gbx__type **type,
                                gbx__value *value)
{
    const gbx__str name = find_text(f, expr, "identifier");
    *type = gbx__type_plain(GBX_TYPE_UTF8);
    for (size_t i = 0; i < f->request->n_params; i++) {
        const gbx__duck_param *param = &f->request->params[i];
        if (!gbx__str_equal(param->name, name)) continue;
        value->is_null = param->is_null;
        value->text = gbx__arena_str(f->arena, param->text);
        return value->text.ptr != NULL ? GBX_OK : GBX_FAIL_NOMEM(f->err);
    }
    return find_fail(f, expr, GBX_BIND,
                     "a reader's parameter has no value: give it with --param NAME=VALUE");
}

/* [a, b] and {'a': 1, 'b': 2} */
static gbx_status arg_nested(finder *f, yyjson_val *expr, bool is_struct, const gbx__type **type,
                             gbx__value *value)
{
    yyjson_val *list = yyjson_obj_get(expr, "arguments");
    const size_t n = yyjson_arr_size(list);
    gbx__value *items = GBX_ARENA_ARRAY(f->arena, n + 1, gbx__value);
    gbx__field *fields = GBX_ARENA_ARRAY(f->arena, n + 1, gbx__field);
    if (items == NULL || fields == NULL) return GBX_FAIL_NOMEM(f->err);
    const gbx__type *item_type = gbx__type_plain(GBX_TYPE_UTF8);
    for (size_t i = 0; i < n; i++) {
        yyjson_val *arg = yyjson_arr_get(list, i);
        GBX_TRY(arg_value(f, yyjson_obj_get(arg, "expression"), &item_type, &items[i]));
        fields[i].name = find_text(f, arg, "name");
        fields[i].type = item_type;
        if (!is_struct && i > 0 && !gbx__type_equal(item_type, fields[0].type))
            return find_fail(f, expr, GBX_BIND, "a list of values of different types");
    }
    value->items = items;
    value->n_items = (uint32_t)n;
    *type = is_struct ? gbx__type_struct(f->arena, fields, (uint32_t)n)
                      : gbx__type_list(f->arena, item_type);
    return *type != NULL ? GBX_OK : GBX_FAIL_NOMEM(f->err);
}

static gbx_status arg_value(finder *f, yyjson_val *expr, const gbx__type **type, gbx__value *value)
{
    const gbx__str class = find_text(f, expr, "class");
    const gbx__str function = find_text(f, expr, "function_name");
    gbx_status status = GBX_OK;
    memset(value, 0, sizeof(*value));
    if (++f->depth > 20)
        return find_fail(f, expr, GBX_BIND, "a reader's argument is nested too deep");
    if (gbx__str_is(class, "CONSTANT"))
        status = arg_literal(f, expr, type, value);
    else if (gbx__str_is(class, "PARAMETER"))
        status = arg_parameter(f, expr, type, value);
    else if (gbx__str_is(function, "list_value"))
        status = arg_nested(f, expr, false, type, value);
    else if (gbx__str_is(function, "struct_pack"))
        status = arg_nested(f, expr, true, type, value);
    else
        status = find_fail(f, expr, GBX_BIND, "a reader's argument must be a literal");
    f->depth--;
    return status;
}

/* A path, or a list of paths. */
static gbx_status arg_location(finder *f, yyjson_val *expr, gbx__source_request *source)
{
    const gbx__type *type = NULL;
    gbx__value value;
    GBX_TRY(arg_value(f, expr, &type, &value));
    if (type->kind == GBX_TYPE_UTF8 && !value.is_null) {
        source->location = value.text;
        return GBX_OK;
    }
    if (type->kind != GBX_TYPE_LIST || type->fields[0].type->kind != GBX_TYPE_UTF8 ||
        value.n_items == 0)
        return find_fail(f, expr, GBX_BIND, "a reader's first argument must be a path or paths");
    gbx__str *paths = GBX_ARENA_ARRAY(f->arena, value.n_items, gbx__str);
    if (paths == NULL) return GBX_FAIL_NOMEM(f->err);
    for (uint32_t i = 0; i < value.n_items; i++) paths[i] = value.items[i].text;
    source->location = paths[0];
    source->locations = paths;
    source->n_locations = value.n_items;
    return GBX_OK;
}

/* name := value, name => value (a name beside the expression) or name = value (a comparison). */
static gbx_status arg_option(finder *f, yyjson_val *arg, gbx__scan_option *out)
{
    yyjson_val *expr = yyjson_obj_get(arg, "expression");
    out->name = find_text(f, arg, "name");
    if (out->name.len == 0 && yyjson_equals_str(yyjson_obj_get(expr, "type"), "COMPARE_EQUAL")) {
        yyjson_val *names = yyjson_obj_get(yyjson_obj_get(expr, "left"), "column_names");
        yyjson_val *name = yyjson_arr_get_first(names);
        if (yyjson_is_str(name) && yyjson_arr_size(names) == 1)
            out->name = gbx__arena_str(f->arena, gbx__json_str(name));
        expr = yyjson_obj_get(expr, "right");
    }
    if (out->name.ptr == NULL) return GBX_FAIL_NOMEM(f->err);
    if (out->name.len == 0) out->name = GBX_STR("table"); /* sqlite_scan('file', 'table') */
    return arg_value(f, expr, &out->type, &out->value);
}

static gbx_status find_arguments(finder *f, yyjson_val *function, gbx__source_request *source)
{
    yyjson_val *list = yyjson_obj_get(function, "arguments");
    const size_t n = yyjson_arr_size(list);
    if (n == 0) return find_fail(f, function, GBX_BIND, "a reader needs a path");
    GBX_TRY(arg_location(f, yyjson_obj_get(yyjson_arr_get_first(list), "expression"), source));
    gbx__scan_option *options = GBX_ARENA_ARRAY(f->arena, n, gbx__scan_option);
    if (options == NULL) return GBX_FAIL_NOMEM(f->err);
    for (size_t i = 1; i < n; i++) GBX_TRY(arg_option(f, yyjson_arr_get(list, i), &options[i - 1]));
    source->options = options;
    source->n_options = (uint32_t)(n - 1);
    return GBX_OK;
}

/* --- places ----------------------------------------------------------------------------------- */

/* Notes one found source whose text is [start, end) and puts a table's name in its place. `alias`
 * is what its columns may be qualified with; empty: the query gives one itself. */
static gbx_status find_add(finder *f, gbx__found *found, size_t start, size_t end, gbx__str alias)
{
    char name[32];
    const int len = snprintf(name, sizeof(name), "gearbox source %zu", f->out->len + 1);
    found->table = gbx__arena_str(f->arena, (gbx__str){name, (size_t)len});
    found->start = gbx__edits_map_back(f->lists, start);
    found->end = gbx__edits_map_back(f->lists, end);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__duck_quote_ident(&text, found->table);
    if (alias.len > 0) {
        gbx__buf_puts(&text, " AS ");
        gbx__duck_quote_ident(&text, alias);
    }
    if (found->table.ptr == NULL || text.failed || !gbx__vec_push(f->out, *found) ||
        !gbx__edits_add(f->edits, found->start, found->end, gbx__buf_view(&text)))
        return GBX_FAIL_NOMEM(f->err);
    return GBX_OK;
}

static bool find_location(yyjson_val *object, size_t limit, size_t *out)
{
    yyjson_val *location = yyjson_obj_get(object, "query_location");
    if (!yyjson_is_uint(location) || yyjson_get_uint(location) >= limit) return false;
    *out = yyjson_get_uint(location);
    return true;
}

/* data/flights.csv.gz → flights: what DuckDB calls a file's columns by. */
static gbx__str find_base_name(gbx__str path)
{
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/') start--;
    size_t end = start;
    while (end < path.len && path.ptr[end] != '.') end++;
    return (gbx__str){path.ptr + start, end - start};
}

static const gbx__relation *find_relation(const finder *f, gbx__str name)
{
    for (size_t i = 0; i < f->request->n_relations; i++) {
        const gbx__str known = f->request->relations[i].name;
        if (known.len == name.len && strncasecmp(known.ptr, name.ptr, name.len) == 0)
            return &f->request->relations[i];
    }
    return NULL;
}

static gbx_status find_registered(finder *f, const gbx__relation *relation)
{
    for (size_t i = 0; i < f->out->len; i++) {
        if (f->out->items[i].relation == relation) return GBX_OK;
    }
    gbx__found found = {0};
    found.table = relation->name;
    found.relation = relation;
    found.source.location = relation->location;
    found.source.name = relation->name;
    return gbx__vec_push(f->out, found) ? GBX_OK : GBX_FAIL_NOMEM(f->err);
}

static bool find_is_taken(const finder *f, size_t start)
{
    for (size_t i = 0; i < f->out->len; i++) {
        const gbx__found *found = &f->out->items[i];
        if (found->end > found->start && found->start == gbx__edits_map_back(f->lists, start))
            return true;
    }
    return false;
}

/* The first quoted text that says this path: where the tree has no position (DESCRIBE 'x.csv'). */
static bool find_literal(const finder *f, gbx__str path, size_t *out)
{
    size_t pos = 0;
    for (;;) {
        const gbx__token token = gbx__lex_next(f->text, &pos);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) return false;
        if (token.kind != GBX_TOKEN_STRING && token.kind != GBX_TOKEN_IDENT) continue;
        const gbx__str inner = {f->text.ptr + token.start + 1, token.end - token.start - 2};
        if (!gbx__str_equal(inner, path) || find_is_taken(f, token.start)) continue;
        *out = token.start;
        return true;
    }
}

static gbx_status find_base_table(finder *f, yyjson_val *object)
{
    const gbx__str name = find_text(f, object, "table_name");
    size_t start = 0;
    if (find_text(f, object, "schema_name").len > 0 || find_text(f, object, "catalog_name").len > 0)
        return GBX_OK;
    const gbx__relation *relation = find_relation(f, name);
    if (relation != NULL) return find_registered(f, relation);
    if (!gbx__source_is_location(name)) return GBX_OK;
    const bool is_placed = find_location(object, f->text.len, &start);
    if (!is_placed && !find_literal(f, name, &start))
        return find_fail(f, object, GBX_UNSUPPORTED, "a path that stands nowhere in the text");
    size_t pos = start;
    const gbx__token token = gbx__lex_next(f->text, &pos);
    if (token.kind != GBX_TOKEN_STRING && token.kind != GBX_TOKEN_IDENT)
        return GBX_OK; /* the binder will not know it, and say so */
    gbx__found found = {0};
    found.source.location = name;
    const bool has_alias = find_text(f, object, "alias").len > 0;
    const bool may_alias = is_placed && !has_alias; /* DESCRIBE 'x.csv' takes none */
    return find_add(f, &found, token.start, token.end,
                    may_alias ? find_base_name(name) : GBX_STR(""));
}

static gbx_status find_table_function(finder *f, yyjson_val *object)
{
    yyjson_val *function = yyjson_obj_get(object, "function");
    const gbx__str name = find_text(f, function, "function_name");
    gbx__found found = {0};
    size_t start = 0;
    if (!gbx__source_reader_format(name, &found.source.format)) return GBX_OK;
    found.source.has_format = true;
    found.source.reader = name;
    if (!find_location(object, f->text.len, &start))
        return find_fail(f, object, GBX_UNSUPPORTED, "a reader that stands nowhere in the text");
    GBX_TRY(find_arguments(f, function, &found.source));
    size_t end = start;
    gbx__token token;
    do {
        token = gbx__lex_next(f->text, &end);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD)
            return find_fail(f, object, GBX_UNSUPPORTED, "a reader without its arguments");
    } while (token.kind != GBX_TOKEN_PUNCT || f->text.ptr[token.start] != '(');
    if (!gbx__lex_skip_group(f->text, &end))
        return find_fail(f, object, GBX_UNSUPPORTED, "a reader without its arguments");
    const bool has_alias = find_text(f, object, "alias").len > 0;
    return find_add(f, &found, start, end, has_alias ? GBX_STR("") : name);
}

/* What a WITH holds: rows, never a change of a table. NULL: it holds none. */
static gbx_status find_check_query(finder *f, yyjson_val *node)
{
    static const char *const queries[] = {"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE",
                                          "RECURSIVE_CTE_NODE"};
    yyjson_val *type = yyjson_obj_get(node, "type");
    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
        if (node == NULL || yyjson_equals_str(type, queries[i])) return GBX_OK;
    }
    const char *text = yyjson_is_str(type) ? yyjson_get_str(type) : "something else";
    return GBX_FAIL(f->err, GBX_INVALID,
                    "a query is one SELECT, and this has %.*s in it: only rows can be asked for "
                    "here",
                    (int)strcspn(text, "_"), text);
}

/* One object of the tree; *is_done: there is nothing to look for below it. */
static gbx_status find_object(finder *f, yyjson_val *json, bool *is_done)
{
    yyjson_val *type = yyjson_obj_get(json, "type");
    *is_done = yyjson_equals_str(type, "BASE_TABLE");
    if (*is_done) return find_base_table(f, json);
    if (yyjson_equals_str(type, "TABLE_FUNCTION")) GBX_TRY(find_table_function(f, json));
    GBX_TRY(find_check_query(f, yyjson_obj_get(json, "query_node")));
    return find_check_query(f, yyjson_obj_get(json, "node"));
}

/* How far a container of the tree has been looked through. */
typedef struct find_level {
    bool is_list;
    yyjson_arr_iter items;
    yyjson_obj_iter members;
} find_level;

typedef GBX_VEC(find_level) find_stack;

static gbx_status find_enter(finder *f, find_stack *stack, yyjson_val *json)
{
    find_level level = {.is_list = yyjson_is_arr(json)};
    bool is_done = !yyjson_is_ctn(json);
    if (yyjson_is_obj(json)) GBX_TRY(find_object(f, json, &is_done));
    if (is_done) return GBX_OK;
    if (stack->len > (size_t)20 * GBX_MAX_DEPTH)
        return GBX_FAIL(f->err, GBX_PARSE, "the query is nested more than %d deep", GBX_MAX_DEPTH);
    if (level.is_list)
        level.items = yyjson_arr_iter_with(json);
    else
        level.members = yyjson_obj_iter_with(json);
    return gbx__vec_push(stack, level) ? GBX_OK : GBX_FAIL_NOMEM(f->err);
}

static yyjson_val *find_next(find_level *level)
{
    if (level->is_list) return yyjson_arr_iter_next(&level->items);
    yyjson_val *key = yyjson_obj_iter_next(&level->members);
    return key != NULL ? yyjson_obj_iter_get_val(key) : NULL;
}

/* The tree of a text that is nested 1,000 deep is many times deeper: the way down it is no
 * recursion. */
static gbx_status find_walk(finder *f, find_stack *stack, yyjson_val *tree)
{
    GBX_TRY(find_enter(f, stack, tree));
    while (stack->len > 0) {
        yyjson_val *next = find_next(&stack->items[stack->len - 1]);
        if (next == NULL)
            stack->len--;
        else
            GBX_TRY(find_enter(f, stack, next));
    }
    return GBX_OK;
}

gbx_status gbx__relations_find(const gbx__sql_request *request, gbx__arena *arena, yyjson_val *tree,
                               gbx__str text, gbx__edits *lists, gbx__edits *edits,
                               gbx__found_list *out, gbx_error *err)
{
    finder f = {request, arena, text, lists, edits, out, err, 0};
    find_stack stack = {0};
    const gbx_status status = find_walk(&f, &stack, tree);
    gbx__vec_done(&stack);
    return status;
}
