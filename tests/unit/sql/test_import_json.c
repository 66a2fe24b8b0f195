/*
 * The importer alone: bound plans as JSON, cut down to what is read of them, in tests/data/sql.
 * Each gives its tree; each thing in it that is replaced by something unknown is refused.
 */
#include "base/fs.h"
#include "sql/import_priv.h"
#include "support/sql.h"
#include "support/temp.h"
#include "support/torture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NAMES_MAX 16

typedef struct golden {
    char file[64];
    yyjson_doc *doc;
    yyjson_val *plan; /* what the binder would say */
    gbx__str names[NAMES_MAX];
    size_t n_names;
} golden;

static golden goldens[80];
static size_t n_goldens;

/* ---- files ----------------------------------------------------------------------------------- */

static void golden_read(const char *dir, const char *file)
{
    assert_true(n_goldens < sizeof(goldens) / sizeof(goldens[0]));
    golden *g = &goldens[n_goldens++];
    gbx_error err = {0};
    gbx__buf text = {0};
    snprintf(g->file, sizeof(g->file), "%.60s", file);
    if (gbx__fs_read(temp_path(dir, file), 1 << 20, &text, &err) != GBX_OK ||
        gbx__json_read(text.data, text.len, 0, &g->doc, &err) != GBX_OK)
        fail_msg("%s: %s", file, err.message);
    gbx__buf_done(&text);
    yyjson_val *root = yyjson_doc_get_root(g->doc);
    yyjson_val *names = yyjson_obj_get(root, "names");
    g->plan = yyjson_obj_get(root, "plan");
    for (; g->n_names < yyjson_arr_size(names); g->n_names++)
        g->names[g->n_names] = gbx__str_of(yyjson_get_str(yyjson_arr_get(names, g->n_names)));
}

static int goldens_open(void **state)
{
    char path[1024];
    (void)state;
    const char *source = getenv("GEARBOX_SOURCE_DIR");
    snprintf(path, sizeof(path), "%s/tests/data/sql", source ? source : ".");
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strstr(entry->d_name, ".json")) golden_read(path, entry->d_name);
    }
    closedir(dir);
    assert_true(n_goldens > 40);
    return 0;
}

static int goldens_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_goldens; i++) gbx__json_free(goldens[i].doc);
    return 0;
}

static gbx_status golden_import(const golden *g, gbx__str json, gbx_plan **out, gbx_error *err)
{
    gbx__plan_builder b;
    gbx__edits edits = {0};
    gbx__importer im = {.b = &b, .edits = &edits, .engine_tables = true};
    gbx__plan_builder_init(&b);
    const gbx_status status =
        gbx__import_plan(&im, json, GBX_STR(""), g->n_names, g->names, out, err);
    gbx__vec_done(&im.ctes);
    gbx__vec_done(&im.tables);
    gbx__plan_builder_done(&b);
    return status;
}

/* ---- the same JSON, but for one thing -------------------------------------------------------- */

typedef struct mutation {
    const char *replace; /* the value at `target` becomes this text, or: */
    bool add_key;        /* the object at `target` gets a key more, or: */
    bool drop;           /* the value at `target`, and its key, are left out */
    size_t target;       /* in the order of writing; 0: nothing changes */
    /* found out on the way */
    size_t count;
    bool was_done;
    int noise_depth; /* how many keys around say nothing */
    bool is_noise;   /* it was below one */
    const char *key;
} mutation;

static void write_value(gbx__buf *out, yyjson_val *value, mutation *m);

static bool is_noise(const char *key)
{
    static const char *const keys[] = {"qualified_name", "alias",       "bound_columns",
                                       "ctename",        "chunk_types", "input_table_types"};
    for (size_t i = 0; key && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i]) == 0) return true;
    }
    return false;
}

static void write_member(gbx__buf *out, const char *key, yyjson_val *value, mutation *m,
                         bool *is_first)
{
    const int noise = is_noise(key);
    m->noise_depth += noise;
    if (m->count + 1 == m->target) {
        m->key = key ? key : m->key;
        m->is_noise = m->noise_depth > 0;
    }
    if (m->drop && m->count + 1 == m->target) {
        m->was_done = true;
        m->count++;
    } else {
        if (!*is_first) gbx__buf_putc(out, ',');
        *is_first = false;
        if (key) {
            gbx__json_write_str(out, gbx__str_of(key));
            gbx__buf_putc(out, ':');
        }
        write_value(out, value, m);
    }
    m->noise_depth -= noise;
}

static void write_scalar(gbx__buf *out, yyjson_val *value)
{
    if (yyjson_is_str(value))
        gbx__json_write_str(out, (gbx__str){yyjson_get_str(value), yyjson_get_len(value)});
    else if (yyjson_is_uint(value))
        gbx__buf_printf(out, "%llu", (unsigned long long)yyjson_get_uint(value));
    else if (yyjson_is_sint(value))
        gbx__buf_printf(out, "%lld", (long long)yyjson_get_sint(value));
    else if (yyjson_is_real(value))
        gbx__json_write_double(out, yyjson_get_real(value));
    else if (yyjson_is_raw(value))
        gbx__buf_append(out, yyjson_get_raw(value), yyjson_get_len(value));
    else if (yyjson_is_bool(value))
        gbx__buf_puts(out, yyjson_get_bool(value) ? "true" : "false");
    else
        gbx__buf_puts(out, "null");
}

static void write_object(gbx__buf *out, yyjson_val *value, mutation *m, bool add_key)
{
    bool is_first = true;
    yyjson_obj_iter iter = yyjson_obj_iter_with(value);
    gbx__buf_putc(out, '{');
    for (yyjson_val *key = yyjson_obj_iter_next(&iter); key; key = yyjson_obj_iter_next(&iter))
        write_member(out, yyjson_get_str(key), yyjson_obj_iter_get_val(key), m, &is_first);
    if (add_key) gbx__buf_puts(out, is_first ? "\"made up\":1" : ",\"made up\":1");
    gbx__buf_putc(out, '}');
}

static void write_value(gbx__buf *out, yyjson_val *value, mutation *m)
{
    const bool is_target = ++m->count == m->target;
    if (is_target && m->replace) {
        gbx__buf_puts(out, m->replace);
        m->was_done = true;
    } else if (yyjson_is_obj(value)) {
        if (is_target) m->was_done = m->add_key;
        write_object(out, value, m, is_target && m->add_key);
    } else if (yyjson_is_arr(value)) {
        bool is_first = true;
        yyjson_arr_iter iter = yyjson_arr_iter_with(value);
        gbx__buf_putc(out, '[');
        for (yyjson_val *item = yyjson_arr_iter_next(&iter); item;
             item = yyjson_arr_iter_next(&iter))
            write_member(out, NULL, item, m, &is_first);
        gbx__buf_putc(out, ']');
    } else {
        write_scalar(out, value);
    }
}

/* How many values there are. */
static size_t golden_count(const golden *g)
{
    mutation none = {0};
    gbx__buf json = {0};
    write_value(&json, g->plan, &none);
    gbx__buf_done(&json);
    return none.count;
}

/* GBX_OK also when there was nothing to change. */
static void import_mutant(const golden *g, mutation *m, gbx_status *status, gbx_error *err)
{
    gbx__buf json = {0};
    gbx_plan *plan = NULL;
    *status = GBX_OK;
    write_value(&json, g->plan, m);
    assert_false(json.failed);
    if (m->was_done || m->target == 0) *status = golden_import(g, gbx__buf_view(&json), &plan, err);
    if (*status != GBX_OK && err->message[0] == '\0') fail_msg("%s: no message", g->file);
    gbx__plan_unref(plan);
    gbx__buf_done(&json);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void test_trees(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_goldens; i++) {
        const golden *g = &goldens[i];
        mutation none = {0};
        gbx__buf json = {0};
        gbx__buf want = {0};
        gbx_plan *plan = NULL;
        gbx_error err = {0};
        write_value(&json, g->plan, &none);
        if (golden_import(g, gbx__buf_view(&json), &plan, &err) != GBX_OK)
            fail_msg("%s: %s", g->file, err.message);
        yyjson_val *tree = yyjson_obj_get(yyjson_doc_get_root(g->doc), "tree");
        for (size_t k = 0; k < yyjson_arr_size(tree); k++) {
            gbx__buf_puts(&want, yyjson_get_str(yyjson_arr_get(tree, k)));
            gbx__buf_putc(&want, '\n');
        }
        assert_string_equal(sql_tree(plan), want.data);
        gbx__plan_unref(plan);
        gbx__buf_done(&json);
        gbx__buf_done(&want);
    }
}

static void check_refused(const golden *g, const mutation *m, gbx_status status,
                          const gbx_error *err, const char *part)
{
    if (status == GBX_UNSUPPORTED && strstr(err->message, "not in the plan") &&
        strstr(err->message, part))
        return;
    fail_msg("%s: value %zu, '%s': %s", g->file, m->target, m->key ? m->key : "",
             status == GBX_OK ? "was taken" : err->message);
}

static void test_unknown_keys_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_goldens; i++) {
        const size_t n = golden_count(&goldens[i]);
        for (size_t target = 1; target <= n; target++) {
            mutation m = {.add_key = true, .target = target};
            gbx_status status;
            gbx_error err = {0};
            import_mutant(&goldens[i], &m, &status, &err);
            /* a constant's value may be an object, which its type says nothing of */
            const bool is_value = m.key && strcmp(m.key, "value") == 0;
            if (m.was_done && !m.is_noise)
                check_refused(&goldens[i], &m, status, &err,
                              is_value ? "" : "unknown key 'made up'");
        }
    }
}

/* What is one of a few words. */
static bool is_enum(const char *key)
{
    static const char *const keys[] = {
        "type",           "expression_class", "join_type", "comparison", "null_order",
        "distinct_type",  "aggregate_type",   "start",     "end",        "index_type",
        "exclude_clause", "materialize",      "method",    "id",         "source_ordinality",
        "state_export"};
    for (size_t i = 0; key && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(key, keys[i]) == 0) return true;
    }
    return false;
}

static void test_unknown_words_are_refused(void **state)
{
    (void)state;
    size_t n_words = 0;
    for (size_t i = 0; i < n_goldens; i++) {
        const size_t n = golden_count(&goldens[i]);
        for (size_t target = 1; target <= n; target++) {
            mutation m = {.replace = "\"MADE_UP\"", .target = target};
            gbx_status status;
            gbx_error err = {0};
            import_mutant(&goldens[i], &m, &status, &err);
            if (!is_enum(m.key) || m.is_noise) continue;
            check_refused(&goldens[i], &m, status, &err, "");
            n_words++;
        }
    }
    assert_true(n_words > 500);
}

/* Whatever else is there, or not there: an answer, never a crash, never an excuse. */
static void check_mutants(const golden *g, const mutation *like)
{
    const size_t n = golden_count(g);
    for (size_t target = 1; target <= n; target++) {
        mutation m = *like;
        gbx_status status;
        gbx_error err = {0};
        m.target = target;
        import_mutant(g, &m, &status, &err);
        if (status == GBX_NOMEM || status == GBX_INTERNAL)
            fail_msg("%s: value %zu, '%s': %s", g->file, target, m.key ? m.key : "", err.message);
    }
}

static void test_other_values_are_answered(void **state)
{
    static const char *const texts[] = {"null",
                                        "true",
                                        "[]",
                                        "{}",
                                        "\"\"",
                                        "\"x\"",
                                        "7",
                                        "-1",
                                        "[7]",
                                        "1.5",
                                        "18446744073709551615"};
    (void)state;
    for (size_t i = 0; i < n_goldens; i++) {
        const mutation dropped = {.drop = true};
        check_mutants(&goldens[i], &dropped);
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
            const mutation replaced = {.replace = texts[k]};
            check_mutants(&goldens[i], &replaced);
        }
    }
}

static void test_unknown_functions_are_refused_by_name(void **state)
{
    static const struct {
        const char *file, *from, *to, *message;
    } cases[] = {
        {"operators.json", "\"||\"", "\"made_up\"", "not in the plan: the function made_up"},
        {"aggregate.json", "\"string_agg\"", "\"made_up\"",
         "not in the plan: the function made_up"},
        {"window.json", "\"sum\"", "\"made_up\"", "not in the plan: the function made_up"},
        {"table_function.json", "\"main\",\"range\"", "\"main\",\"made_up\"",
         "not in the plan: the function made_up"},
        {"scan.json", "LOGICAL_GET", "LOGICAL_MADE_UP",
         "not in the plan: the operator LOGICAL_MADE_UP"},
        {"filter.json", "BOUND_FUNCTION", "BOUND_MADE_UP",
         "not in the plan: the expression BOUND_MADE_UP"},
        {"scan.json", "VARCHAR", "MADE_UP", "not in the plan: the type MADE_UP"},
        {"join_left.json", "\"LEFT\"", "\"DELIM\"", "not in the plan: the join DELIM"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const golden *g = goldens;
        while (g < goldens + n_goldens && strcmp(g->file, cases[i].file) != 0) g++;
        assert_true(g < goldens + n_goldens);
        mutation none = {0};
        gbx__buf json = {0};
        gbx__buf changed = {0};
        gbx_plan *plan = NULL;
        gbx_error err = {0};
        write_value(&json, g->plan, &none);
        const char *at = strstr(json.data, cases[i].from);
        assert_non_null(at);
        gbx__buf_append(&changed, json.data, (size_t)(at - json.data));
        gbx__buf_puts(&changed, cases[i].to);
        gbx__buf_puts(&changed, at + strlen(cases[i].from));
        if (golden_import(g, gbx__buf_view(&changed), &plan, &err) != GBX_UNSUPPORTED)
            fail_msg("%s: %s", cases[i].file, err.message);
        assert_string_equal(err.message, cases[i].message);
        gbx__buf_done(&json);
        gbx__buf_done(&changed);
    }
}

static gbx_status import_again(void *ctx, gbx_error *err)
{
    const golden *g = ctx;
    mutation none = {0};
    gbx__buf json = {0};
    gbx_plan *plan = NULL;
    gbx_status status = GBX_NOMEM;
    write_value(&json, g->plan, &none);
    if (json.failed) {
        gbx__error_set(err, GBX_NOMEM, "out of memory");
    } else {
        status = golden_import(g, gbx__buf_view(&json), &plan, err);
    }
    gbx__plan_unref(plan);
    gbx__buf_done(&json);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_goldens; i++)
        assert_true(torture_run(GBX_FAULT_ALLOC, import_again, &goldens[i]) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_unknown_keys_are_refused),
        cmocka_unit_test(test_unknown_words_are_refused),
        cmocka_unit_test(test_other_values_are_answered),
        cmocka_unit_test(test_unknown_functions_are_refused_by_name),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, goldens_open, goldens_close);
}
