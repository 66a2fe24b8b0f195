#include "plan/function.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const gbx__function *find(gbx__function_kind kind, const char *name)
{
    return gbx__function_find(kind, gbx__str_of(name));
}

static const gbx__function *must_find(gbx__function_kind kind, const char *name)
{
    const gbx__function *fn = find(kind, name);
    if (!fn) fail_msg("no row for %s", name);
    return fn;
}

/* Binary search needs this; so does a reader. */
static void test_rows_are_sorted(void **state)
{
    (void)state;
    size_t n = 0;
    const gbx__function *rows = gbx__function_table(&n);
    assert_true(n > 400);
    for (size_t i = 1; i < n; i++) {
        const bool ascending =
            rows[i - 1].kind < rows[i].kind ||
            (rows[i - 1].kind == rows[i].kind && strcmp(rows[i - 1].name, rows[i].name) < 0);
        if (!ascending) fail_msg("%s comes after %s", rows[i].name, rows[i - 1].name);
    }
}

static void test_every_row_is_found(void **state)
{
    (void)state;
    size_t n = 0;
    const gbx__function *rows = gbx__function_table(&n);
    for (size_t i = 0; i < n; i++) assert_ptr_equal(find(rows[i].kind, rows[i].name), &rows[i]);
}

static void test_rows_make_sense(void **state)
{
    (void)state;
    size_t n = 0;
    const gbx__function *rows = gbx__function_table(&n);
    for (size_t i = 0; i < n; i++) {
        const gbx__function *fn = &rows[i];
        bool right = fn->name[0] && fn->min_args >= 0;
        right = right && (fn->max_args == -1 || fn->max_args >= fn->min_args);
        right = right && (fn->engines & GBX_ENGINE_BIT_DUCKDB);
        /* Scalars see one row, so their rows have no order to depend on. */
        right = right && !(fn->kind == GBX_FN_SCALAR && (fn->flags & GBX_FN_ORDER_SENSITIVE));
        right = right && (fn->null_rule != GBX_NULL_SKIPS || fn->kind == GBX_FN_AGGREGATE);
        right = right && (fn->null_rule != GBX_NULL_PROPAGATES || fn->kind == GBX_FN_SCALAR);
        right = right && (fn->volatility == GBX_VOLATILITY_PURE || fn->kind == GBX_FN_SCALAR);
        if (!right) fail_msg("the row of %s", fn->name);
    }
}

static void test_signatures(void **state)
{
    (void)state;
    size_t n = 0;
    const gbx__function *rows = gbx__function_table(&n);
    for (size_t i = 0; i < n; i++) {
        const gbx__str text = gbx__str_of(rows[i].signature);
        size_t characters = 0;
        for (size_t at = 0; at < text.len; characters++) gbx__utf8_next(text.ptr, text.len, &at);
        if (!gbx__str_starts(text, "(") || !strstr(text.ptr, ") → ") || characters > 100)
            fail_msg("the signature of %s: %s", rows[i].name, text.ptr);
    }
}

static void test_names_are_exact(void **state)
{
    (void)state;
    assert_null(find(GBX_FN_SCALAR, ""));
    assert_null(find(GBX_FN_SCALAR, NULL));
    assert_null(find(GBX_FN_SCALAR, "uppe"));
    assert_null(find(GBX_FN_SCALAR, "upper "));
    assert_null(find(GBX_FN_SCALAR, "UPPER"));
    assert_null(find(GBX_FN_SCALAR, "~~~~"));
    assert_null(find(GBX_FN_SCALAR, "\xff"));
    assert_null(find(GBX_FN_TABLE, "zzz"));
    assert_null(gbx__function_find(GBX_FN_SCALAR, (gbx__str){"upper\0x", 7}));
    assert_ptr_equal(gbx__function_find(GBX_FN_SCALAR, (gbx__str){"upper(x)", 5}),
                     must_find(GBX_FN_SCALAR, "upper"));
}

static void test_kinds_are_apart(void **state)
{
    (void)state;
    assert_int_equal(must_find(GBX_FN_SCALAR, "range")->null_rule, GBX_NULL_PROPAGATES);
    assert_int_equal(must_find(GBX_FN_TABLE, "range")->null_rule, GBX_NULL_SPECIAL);
    must_find(GBX_FN_AGGREGATE, "sum");
    assert_null(find(GBX_FN_SCALAR, "sum"));
    assert_null(find(GBX_FN_WINDOW, "sum"));
    must_find(GBX_FN_WINDOW, "row_number");
    assert_null(find(GBX_FN_AGGREGATE, "row_number"));
}

/* The names that expr.h promises. */
static void test_logical_rows(void **state)
{
    (void)state;
    static const char *const names[] = {"and",
                                        "or",
                                        "not",
                                        "=",
                                        "<>",
                                        "<",
                                        "<=",
                                        ">",
                                        ">=",
                                        "is_distinct_from",
                                        "is_not_distinct_from",
                                        "is_null",
                                        "is_not_null",
                                        "in",
                                        "not_in",
                                        "coalesce",
                                        "try",
                                        "grouping",
                                        "invoke",
                                        "__between"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        must_find(GBX_FN_SCALAR, names[i]);
    assert_int_equal(must_find(GBX_FN_SCALAR, "and")->max_args, -1);
    assert_int_equal(must_find(GBX_FN_SCALAR, "=")->null_rule, GBX_NULL_PROPAGATES);
    assert_int_equal(must_find(GBX_FN_SCALAR, "is_distinct_from")->null_rule, GBX_NULL_SPECIAL);
}

static void test_what_rows_say(void **state)
{
    (void)state;
    assert_int_equal(must_find(GBX_FN_SCALAR, "random")->volatility, GBX_VOLATILITY_ROW);
    assert_int_equal(must_find(GBX_FN_SCALAR, "now")->volatility, GBX_VOLATILITY_JOB);
    assert_int_equal(must_find(GBX_FN_SCALAR, "lower")->volatility, GBX_VOLATILITY_PURE);
    assert_int_equal(must_find(GBX_FN_SCALAR, "concat")->null_rule, GBX_NULL_SPECIAL);
    assert_int_equal(must_find(GBX_FN_SCALAR, "list_position")->null_rule, GBX_NULL_SPECIAL);
    assert_int_equal(must_find(GBX_FN_SCALAR, "//")->flags, GBX_FN_MAY_ERROR);
    assert_int_equal(must_find(GBX_FN_SCALAR, "list_transform")->flags, GBX_FN_LAMBDA);
    assert_int_equal(must_find(GBX_FN_AGGREGATE, "count")->null_rule, GBX_NULL_SKIPS);
    assert_int_equal(must_find(GBX_FN_AGGREGATE, "list")->null_rule, GBX_NULL_SPECIAL);
    assert_int_equal(must_find(GBX_FN_AGGREGATE, "list")->flags, GBX_FN_ORDER_SENSITIVE);
    assert_true(must_find(GBX_FN_AGGREGATE, "sum")->flags & GBX_FN_FLOAT_SUM);
    assert_true(must_find(GBX_FN_AGGREGATE, "approx_count_distinct")->flags & GBX_FN_APPROXIMATE);
}

/* What reads files, catalogs, settings or changes something is no call. */
static void test_left_out(void **state)
{
    (void)state;
    static const char *const scalars[] = {
        "getenv",          "nextval",     "currval",   "setseed", "sleep_ms",
        "current_setting", "getvariable", "write_log", "query",   "current_database",
        "index_key",       "alias",       "__cast"};
    static const char *const tables[] = {
        "read_text", "read_csv",      "read_parquet",      "glob",      "query", "query_table",
        "seq_scan",  "duckdb_tables", "pragma_table_info", "checkpoint"};
    for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++)
        assert_null(find(GBX_FN_SCALAR, scalars[i]));
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        assert_null(find(GBX_FN_TABLE, tables[i]));
}

/* What the binder replaces can't be in a plan. */
static void test_expanded_names_are_no_rows(void **state)
{
    (void)state;
    static const char *const names[] = {
#define X(k, group, n, min, max, null, v, f, e, text)
#define EXPANDS(n, into) n,
#include "plan/functions.def"
    };
    const size_t n_names = sizeof(names) / sizeof(names[0]);
    for (size_t i = 0; i < n_names; i++) {
        for (int kind = GBX_FN_SCALAR; kind <= GBX_FN_TABLE; kind++)
            if (find((gbx__function_kind)kind, names[i])) fail_msg("%s is a row", names[i]);
        if (i > 0 && strcmp(names[i - 1], names[i]) >= 0)
            fail_msg("%s comes after %s", names[i], names[i - 1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_sorted), cmocka_unit_test(test_every_row_is_found),
        cmocka_unit_test(test_rows_make_sense), cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_names_are_exact), cmocka_unit_test(test_kinds_are_apart),
        cmocka_unit_test(test_logical_rows),    cmocka_unit_test(test_what_rows_say),
        cmocka_unit_test(test_left_out),        cmocka_unit_test(test_expanded_names_are_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
