/*
 * gbx__sql_import: the way from a text to a plan, step by step (the picture is in sql.h).
 */
#include "sql/bind_priv.h"
#include "sql/lex.h"
#include "sql/literal_rows.h"
#include "sql/text_limits.h"
#include "sql/this_table.h"

#include <string.h>

#define SQL_TEXT_MAX ((size_t)64 << 20)

/* All that one import makes on its way. */
typedef struct run {
    const gbx__sql_request *request;
    gbx__sql_request with_rows; /* the request, and relations for VALUES that were lifted */
    gbx__plan_builder b;
    gbx__edits early;  /* before parsing: literal lists, this table */
    gbx__edits bound;  /* before binding: the same and the sources */
    gbx__edits opaque; /* for running the text itself: all but the lists */
    gbx__buf parsed_text;
    gbx__buf bound_text;
    gbx__literal_list *lists;
    size_t n_lists;
    GBX_VEC(gbx_plan *) rows; /* of long VALUES */
    bool keep_lists;          /* long lists stay in the text */
    bool lost_lists;          /* one that was cut out did not come back */
    gbx__found_list found;
    gbx__binding *bindings;
    GBX_VEC(gbx__str) names;
} run;

static void run_done(run *r)
{
    gbx__edits_done(&r->early);
    gbx__edits_done(&r->bound);
    gbx__edits_done(&r->opaque);
    gbx__buf_done(&r->parsed_text);
    gbx__buf_done(&r->bound_text);
    for (size_t i = 0; i < r->rows.len; i++) gbx__plan_unref(r->rows.items[i]);
    gbx__vec_done(&r->rows);
    gbx__vec_done(&r->found);
    gbx__vec_done(&r->names);
    gbx__plan_builder_done(&r->b);
}

static gbx_status run_check_text(gbx__str text, gbx_error *err)
{
    if (text.len > SQL_TEXT_MAX)
        return GBX_FAIL(err, GBX_PARSE, "the query is larger than %zu MB", SQL_TEXT_MAX >> 20);
    const char *nul = text.len > 0 ? memchr(text.ptr, '\0', text.len) : NULL;
    const size_t valid = gbx__utf8_valid_prefix(text.ptr, text.len);
    if (nul == NULL && valid == text.len) return GBX_OK;
    const size_t at =
        nul != NULL && (size_t)(nul - text.ptr) < valid ? (size_t)(nul - text.ptr) : valid;
    gbx__error_set(err, GBX_PARSE, "%s",
                   at < valid ? "the query has a NUL byte" : "the query is not UTF-8");
    gbx__error_locate(err, text.ptr, text.len, at);
    return GBX_PARSE;
}

static bool run_has_this_table(const gbx__sql_request *request)
{
    for (size_t i = 0; i < request->n_relations; i++) {
        if (gbx__str_is_nocase(request->relations[i].name, "table")) return true;
    }
    return false;
}

/* Refuses what would take a parser and binder minutes; `edits` made `text` of the user's. */
static gbx_status run_check_limits(const run *r, gbx__str text, const gbx__edits *edits,
                                   gbx_error *err)
{
    const gbx__str user = r->request->text;
    gbx__text_excess excess;
    if (gbx__text_fits(text, &excess)) return GBX_OK;
    gbx__error_set(err, GBX_PARSE, "the query has more than %zu %s: %s", excess.limit, excess.what,
                   excess.advice);
    gbx__error_locate(err, user.ptr, user.len, gbx__edits_map_back(edits, excess.offset));
    return GBX_PARSE;
}

/* Long VALUES become relations; which of them are edited out is in r->rows. */
static gbx_status run_lift_rows(run *r, gbx_error *err)
{
    const gbx__str text = r->request->text;
    gbx__literal_rows *found = NULL;
    size_t n = 0;
    GBX_TRY(gbx__literal_rows_find(&r->b.arena, text, &found, &n, err));
    if (n == 0) return GBX_OK;
    const size_t n_old = r->request->n_relations;
    gbx__relation *relations = GBX_ARENA_ARRAY(&r->b.arena, n_old + n, gbx__relation);
    if (relations == NULL) return GBX_FAIL_NOMEM(err);
    if (n_old > 0) memcpy(relations, r->request->relations, n_old * sizeof(*relations));
    for (size_t i = 0; i < n; i++) {
        gbx_plan *plan = NULL;
        GBX_TRY(gbx__literal_rows_plan(r->request->conn, &found[i], &plan, err));
        if (plan == NULL) continue;
        if (!gbx__vec_push(&r->rows, plan)) {
            gbx__plan_unref(plan);
            return GBX_FAIL_NOMEM(err);
        }
        const char *name =
            gbx__arena_printf(&r->b.arena, GBX_LITERAL_ROWS_TABLE "%zu", r->rows.len);
        const char *select =
            gbx__arena_printf(&r->b.arena, "SELECT * FROM \"%s\"", name != NULL ? name : "");
        if (name == NULL || select == NULL ||
            !gbx__edits_add(&r->early, found[i].start, found[i].end, gbx__str_of(select)) ||
            !gbx__edits_add(&r->bound, found[i].start, found[i].end, gbx__str_of(select)))
            return GBX_FAIL_NOMEM(err);
        relations[n_old + r->rows.len - 1] =
            (gbx__relation){.name = gbx__str_of(name), .plan = plan};
    }
    r->with_rows = *r->request;
    r->with_rows.relations = relations;
    r->with_rows.n_relations = n_old + r->rows.len;
    r->request = &r->with_rows;
    return GBX_OK;
}

/* Edits that need no parser, in all three sets that want them. */
static gbx_status run_early_edits(run *r, gbx_error *err)
{
    const gbx__str text = r->request->text;
    gbx__literal_list *again = NULL;
    size_t n_again = 0;
    if (!r->keep_lists) {
        GBX_TRY(gbx__literal_lists_lift(&r->b.arena, text, &r->early, &r->lists, &r->n_lists, err));
        GBX_TRY(gbx__literal_lists_lift(&r->b.arena, text, &r->bound, &again, &n_again, err));
        GBX_TRY(run_lift_rows(r, err));
    }
    if (run_has_this_table(r->request) &&
        (!gbx__this_table_edit(text, &r->early) || !gbx__this_table_edit(text, &r->bound) ||
         !gbx__this_table_edit(text, &r->opaque)))
        return GBX_FAIL_NOMEM(err);
    gbx__edits_apply(&r->early, text, &r->parsed_text);
    if (r->parsed_text.failed) return GBX_FAIL_NOMEM(err);
    return run_check_limits(r, gbx__buf_view(&r->parsed_text), &r->early, err);
}

/* Asks one of DuckDB's serialisers; the answer's document is freed with gbx__json_free. */
static gbx_status run_ask(run *r, const char *sql, const gbx__buf *text, gbx__buf *answer,
                          yyjson_doc **out, gbx_error *err)
{
    const gbx__duck_param param = {GBX_STR("1"), gbx__buf_view(text), false};
    GBX_TRY(gbx__duck_text(r->request->conn, sql, 1, &param, answer, NULL, err));
    return gbx__json_read(answer->data, answer->len, GBX_JSON_INF_NAN, out, err);
}

#define RUN_MANY_STATEMENTS "a query is one SELECT, and these are %zu statements"

/* As the semicolons have it; *first_end becomes where the first one ends. */
static size_t run_count_statements(gbx__str text, size_t *first_end)
{
    size_t n = 0;
    size_t pos = 0;
    bool is_within = false;
    for (;;) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) return n;
        const bool ends = token.kind == GBX_TOKEN_PUNCT && text.ptr[token.start] == ';';
        if (ends && n == 1 && is_within) *first_end = token.start;
        n += !ends && !is_within;
        is_within = !ends;
    }
}

/* A text that is no SELECT, by its first word. */
static gbx_status run_not_select(gbx__str text, gbx_error *err)
{
    size_t pos = 0;
    const gbx__token token = gbx__lex_next(text, &pos);
    const gbx__str word = gbx__token_text(text, token);
    const size_t n = run_count_statements(text, &pos);
    if (n > 1) {
        gbx__error_set(err, GBX_INVALID, RUN_MANY_STATEMENTS, n);
        gbx__error_locate(err, text.ptr, text.len, pos);
        return GBX_INVALID;
    }
    if (gbx__str_is_nocase(word, "pivot"))
        gbx__error_set(err, GBX_UNSUPPORTED,
                       "PIVOT needs the values that become columns: ON key IN ('a', 'b')");
    else
        gbx__error_set(err, GBX_INVALID,
                       "a query is one SELECT, and this is %.*s: only rows can be "
                       "asked for here",
                       GBX_STR_ARG(word));
    gbx__error_locate(err, text.ptr, text.len, token.start);
    return err->status;
}

static gbx_status run_one_statement(gbx__str text, yyjson_val *tree, gbx_error *err)
{
    const size_t n = yyjson_arr_size(yyjson_obj_get(tree, "statements"));
    if (n == 1) return GBX_OK;
    gbx__error_set(err, GBX_INVALID, n == 0 ? "the query is empty" : RUN_MANY_STATEMENTS, n);
    size_t pos = 0;
    gbx__token token = gbx__lex_next(text, &pos);
    while (token.kind != GBX_TOKEN_END && text.ptr[token.start] != ';')
        token = gbx__lex_next(text, &pos);
    gbx__error_locate(err, text.ptr, text.len, n == 0 ? 0 : token.start);
    return GBX_INVALID;
}

/* Parse, look at the kind of statement, find what stands in FROM. */
static gbx_status run_parse(run *r, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf answer = {0};
    gbx__buf_init(&answer, 0);
    yyjson_doc *doc = NULL;
    const gbx__str text = r->request->text;
    gbx_status status =
        run_ask(r, "SELECT json_serialize_sql($1)", &r->parsed_text, &answer, &doc, err);
    if (status != GBX_OK) return status;
    yyjson_val *tree = yyjson_doc_get_root(doc);
    if (yyjson_is_true(yyjson_obj_get(tree, "error"))) {
        const bool is_theirs =
            gbx__bind_error(tree, text, &r->early, gbx__buf_view(&r->parsed_text), err);
        if (is_theirs)
            status = err->status;
        else if (strstr(err->message, "Only SELECT") != NULL)
            status = run_not_select(text, err);
        else
            status = err->status = GBX_INVALID;
    } else {
        status = run_one_statement(text, tree, err);
    }
    if (status == GBX_OK)
        status = gbx__relations_find(r->request, &r->b.arena, yyjson_obj_get(tree, "statements"),
                                     gbx__buf_view(&r->parsed_text), &r->early, &r->bound,
                                     &r->found, err);
    gbx__json_free(doc);
    return status;
}

/* Sources to scans; every binding is the plain data of a scan, or a plan. */
static gbx_status run_resolve(run *r, gbx_error *err)
{
    const gbx__source_ctx ctx = {r->request->conn, &r->b.arena, r->request->may_read,
                                 r->request->may_read_ctx};
    r->bindings = GBX_ARENA_ARRAY(&r->b.arena, r->found.len + 1, gbx__binding);
    if (r->bindings == NULL) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < r->found.len; i++) {
        const gbx__found *found = &r->found.items[i];
        gbx__binding *binding = &r->bindings[i];
        binding->table = found->table;
        if (found->relation != NULL && found->relation->plan != NULL) {
            binding->plan = found->relation->plan;
        } else if (found->relation != NULL && found->relation->scan != NULL) {
            binding->scan = found->relation->scan;
        } else {
            const gbx_status status =
                gbx__source_resolve(&ctx, &found->source, &binding->scan, err);
            if (status != GBX_OK && found->end > found->start && err != NULL && err->line == 0)
                gbx__error_locate(err, r->request->text.ptr, r->request->text.len, found->start);
            if (status != GBX_OK) return status;
        }
    }
    return GBX_OK;
}

static void run_print_column(gbx__buf *out, gbx__str name, const gbx__type *type, bool is_first)
{
    if (!is_first) gbx__buf_puts(out, ", ");
    gbx__duck_quote_ident(out, name);
    gbx__buf_putc(out, ' ');
    gbx__duck_type_print(out, type);
}

/* CREATE TEMP TABLE … with the schema and no rows. */
static gbx_status run_create(run *r, const gbx__binding *binding, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_init(&sql, 0);
    gbx__buf_puts(&sql, "CREATE TEMP TABLE ");
    gbx__duck_quote_ident(&sql, binding->table);
    gbx__buf_puts(&sql, " (");
    if (binding->scan != NULL) {
        for (uint32_t i = 0; i < binding->scan->n_fields; i++)
            run_print_column(&sql, binding->scan->fields[i].name, binding->scan->fields[i].type,
                             i == 0);
    } else {
        const gbx__node *root = binding->plan->root;
        for (uint32_t i = 0; i < root->n_cols; i++)
            run_print_column(&sql, root->cols[i].name, root->cols[i].type, i == 0);
    }
    gbx__buf_putc(&sql, ')');
    if (sql.failed) return GBX_FAIL_NOMEM(err);
    const gbx_status status = gbx__duck_exec(r->request->conn, sql.data, err);
    if (status != GBX_OK)
        gbx__error_prefix(
            err, "'%.*s' can't be read as a table",
            GBX_STR_ARG(binding->scan != NULL ? binding->scan->name : binding->table));
    return status;
}

static gbx_status run_note_name(void *ctx, gbx__str name, gbx__str type_text, gbx_error *err)
{
    run *r = ctx;
    (void)type_text;
    const gbx__str copy = gbx__arena_str(&r->b.arena, name);
    if (copy.ptr == NULL || !gbx__vec_push(&r->names, copy)) return GBX_FAIL_NOMEM(err);
    return GBX_OK;
}

/* Inside the transaction: the bound plan as JSON, and the names of its output. */
static gbx_status run_bind_inside(run *r, gbx__buf *answer, bool *is_refused, gbx_error *err)
{
    for (size_t i = 0; i < r->found.len; i++) GBX_TRY(run_create(r, &r->bindings[i], err));
    yyjson_doc *doc = NULL;
    gbx_status status =
        run_ask(r, "SELECT json_serialize_plan($1)", &r->bound_text, answer, &doc, err);
    if (status == GBX_PARSE) { /* no JSON: some constants make the binder answer an empty text */
        *is_refused = true;
        gbx__error_set(err, GBX_UNSUPPORTED, "not in the plan: the binder can't write it down");
        return GBX_OK;
    }
    if (status != GBX_OK) return status;
    yyjson_val *top = yyjson_doc_get_root(doc);
    if (yyjson_is_true(yyjson_obj_get(top, "error"))) {
        *is_refused =
            !gbx__bind_error(top, r->request->text, &r->bound, gbx__buf_view(&r->bound_text), err);
        if (*is_refused) gbx__error_prefix(err, "not in the plan: the binder can't write it down");
        status = *is_refused ? GBX_OK : err->status;
    }
    gbx__json_free(doc);
    if (status != GBX_OK || *is_refused) return status;
    gbx_error described = {0};
    if (gbx__duck_describe(r->request->conn, r->bound_text.data, run_note_name, r, &described) !=
        GBX_OK) {
        *err = described;
        *is_refused = described.status != GBX_NOMEM;
        return *is_refused ? GBX_OK : GBX_NOMEM;
    }
    return GBX_OK;
}

static gbx_status run_bind(run *r, gbx__buf *answer, bool *is_refused, gbx_error *err)
{
    gbx__edits_apply(&r->bound, r->request->text, &r->bound_text);
    if (r->bound_text.failed) return GBX_FAIL_NOMEM(err);
    if (r->found.len == 0) return run_bind_inside(r, answer, is_refused, err);
    GBX_TRY(gbx__duck_exec(r->request->conn, "BEGIN TRANSACTION", err));
    const gbx_status status = run_bind_inside(r, answer, is_refused, err);
    const gbx_status ended =
        gbx__duck_exec(r->request->conn, "ROLLBACK", status == GBX_OK ? err : NULL);
    return status != GBX_OK ? status : ended;
}

/* A column without a name of its own is named by its text, which would be the shortened one. */
static bool run_names_lists(const run *r)
{
    for (size_t i = 0; i < r->names.len; i++) {
        if (r->n_lists > 0 && strstr(r->names.items[i].ptr, " IN (") != NULL) return true;
        if (r->rows.len > 0 && strstr(r->names.items[i].ptr, GBX_LITERAL_ROWS_TABLE) != NULL)
            return true;
    }
    return false;
}

static gbx_status run_import(run *r, gbx__str json, gbx__sql_result *out, gbx_error *err)
{
    gbx__importer im = {0};
    im.b = &r->b;
    im.edits = &r->bound;
    im.n_bindings = r->found.len;
    im.bindings = r->bindings;
    im.engine_tables = r->request->engine_tables;
    im.n_lists = r->n_lists;
    im.lists = r->lists;
    const gbx_status status = gbx__import_plan(&im, json, r->request->text, r->names.len,
                                               r->names.items, &out->plan, err);
    r->lost_lists = status == GBX_OK && (!gbx__literal_lists_are_back(&im) || run_names_lists(r));
    gbx__vec_done(&im.ctes);
    gbx__vec_done(&im.tables);
    return status;
}

/* --- the text itself, for what no plan can hold ----------------------------------------------- */

static bool opaque_visit(const gbx__node *node, void *ctx)
{
    const gbx__scan **fed = ctx;
    if (node->kind == GBX_NODE_SCAN && gbx__source_has_stream(node->scan.scan->format))
        *fed = node->scan.scan;
    return *fed == NULL;
}

/* A file that the engine can't read by itself: it is fed to plans, but nothing feeds a text. */
static const gbx__scan *opaque_fed(const run *r)
{
    const gbx__scan *fed = NULL;
    for (size_t i = 0; i < r->found.len && fed == NULL; i++) {
        const gbx__binding *binding = &r->bindings[i];
        if (binding->plan != NULL)
            gbx__plan_walk(binding->plan->root, opaque_visit, &fed);
        else if (gbx__source_has_stream(binding->scan->format))
            fed = binding->scan;
    }
    return fed;
}

static void opaque_say_fed(const gbx__scan *fed, gbx_error *why_not)
{
    const gbx_error before = *why_not;
    gbx__error_set(why_not, GBX_UNSUPPORTED,
                   "%s; and SQL outside of the plan can't read '%.*s': write it as Parquet first",
                   before.message, GBX_STR_ARG(fed->location));
    why_not->line = before.line;
    why_not->column = before.column;
    why_not->offset = before.offset;
}

/* One source as a CTE: "name" AS NOT MATERIALIZED (SELECT …). */
static bool opaque_cte(run *r, gbx__buf *out, const gbx__binding *binding)
{
    gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx__duck_quote_ident(out, binding->table);
    gbx__buf_puts(out, " AS NOT MATERIALIZED (");
    if (binding->plan != NULL) {
        if (gbx__sql_print(binding->plan, &options, out, NULL) != GBX_OK) return false;
    } else {
        gbx__buf_puts(out, "SELECT * FROM ");
        if (gbx__sql_print_scan(binding->scan, options.dialect, out, NULL) != GBX_OK) return false;
    }
    gbx__buf_putc(out, ')');
    (void)r;
    return !out->failed;
}

/* WITH sources AS (…) before the body, or among the CTEs that it has. NULL: it can't be. */
static char *opaque_with(run *r, gbx__buf *body)
{
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    gbx__buf_init(&out, 0);
    if (r->found.len == 0) return gbx__buf_take(body);
    const gbx__str text = gbx__buf_view(body);
    size_t pos = 0;
    gbx__token token = gbx__lex_next(text, &pos);
    bool has_with = gbx__str_is_nocase(gbx__token_text(text, token), "with");
    size_t rest = has_with ? token.end : 0;
    gbx__buf_puts(&out, "WITH");
    token = gbx__lex_next(text, &pos);
    if (has_with && gbx__str_is_nocase(gbx__token_text(text, token), "recursive")) {
        gbx__buf_puts(&out, " RECURSIVE");
        rest = token.end;
    }
    for (size_t i = 0; i < r->found.len; i++) {
        gbx__buf_puts(&out, i == 0 ? " " : ", ");
        if (!opaque_cte(r, &out, &r->bindings[i])) return NULL;
    }
    gbx__buf_puts(&out, has_with ? "," : " ");
    gbx__buf_append(&out, text.ptr + rest, text.len - rest);
    return gbx__buf_take(&out);
}

/* The text for an engine that speaks it; *out is NULL when that can't be. It has the long lists in
 * full, which may be too much. */
static gbx_status opaque_text(run *r, char **out, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__buf_init(&body, 0);
    *out = NULL;
    for (size_t i = 0; i < r->bound.list.len; i++) {
        const gbx__edit *edit = &r->bound.list.items[i];
        bool is_list = false;
        for (size_t k = 0; k < r->n_lists; k++)
            is_list = is_list || r->lists[k].start == edit->start;
        if (!is_list && !gbx__edits_add(&r->opaque, edit->start, edit->end,
                                        (gbx__str){edit->replacement, edit->len}))
            return GBX_OK;
    }
    gbx__edits_apply(&r->opaque, r->request->text, &body);
    if (body.failed) return GBX_OK;
    GBX_TRY(run_check_limits(r, gbx__buf_view(&body), &r->opaque, err));
    *out = opaque_with(r, &body);
    return GBX_OK;
}

/* --- all together ----------------------------------------------------------------------------- */

static gbx_status run_all(run *r, gbx__sql_result *out, gbx_error *err)
{
    bool is_refused = false;
    GBX_AUTO(gbx__buf_done) gbx__buf answer = {0};
    gbx__buf_init(&answer, 0);
    GBX_TRY(run_check_text(r->request->text, err));
    GBX_TRY(run_early_edits(r, err));
    GBX_TRY(run_parse(r, err));
    GBX_TRY(run_resolve(r, err));
    GBX_TRY(run_bind(r, &answer, &is_refused, err));
    if (!is_refused) {
        const gbx_status status = run_import(r, gbx__buf_view(&answer), out, err);
        if (status != GBX_UNSUPPORTED) return status;
    }
    out->why_not = *err;
    out->why_not.status = GBX_UNSUPPORTED;
    const gbx__scan *fed = opaque_fed(r);
    if (fed == NULL) return opaque_text(r, &out->opaque_text, err);
    opaque_say_fed(fed, &out->why_not);
    return GBX_OK;
}

/* *lost_lists: long lists were cut out that did not come back, or VALUES and there is an error,
 * which may speak of what took their place. */
static gbx_status run_once(const gbx__sql_request *request, bool keep_lists, gbx__sql_result *out,
                           bool *lost_lists, gbx_error *err)
{
    run r = {.request = request, .keep_lists = keep_lists};
    gbx__plan_builder_init(&r.b);
    gbx__buf_init(&r.parsed_text, 0);
    gbx__buf_init(&r.bound_text, 0);
    const gbx_status status = run_all(&r, out, err);
    *lost_lists = r.lost_lists || (status != GBX_OK && r.rows.len > 0);
    run_done(&r);
    return status;
}

gbx_status gbx__sql_import(const gbx__sql_request *request, gbx__sql_result *out, gbx_error *err)
{
    gbx_error local = {0};
    gbx__sql_result result = {0};
    bool lost_lists = false;
    gbx_status status = run_once(request, false, &result, &lost_lists, &local);
    if (lost_lists && status != GBX_NOMEM && status != GBX_CANCELLED) {
        gbx__sql_result_done(&result);
        result = (gbx__sql_result){0};
        local = (gbx_error){0};
        status = run_once(request, true, &result, &lost_lists, &local);
    }
    if (status == GBX_OK)
        *out = result;
    else if (err != NULL)
        *err = local;
    return status;
}

void gbx__sql_result_done(gbx__sql_result *result)
{
    gbx__plan_unref(result->plan);
    gbx__alloc_free(result->opaque_text);
    result->plan = NULL;
    result->opaque_text = NULL;
}
