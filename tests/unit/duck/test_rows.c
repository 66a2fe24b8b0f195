#include "support/duck.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int open_one(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    *state = &d;
    return 0;
}

static int close_one(void **state)
{
    duck_close(*state);
    return 0;
}

static void test_rows(void **state)
{
    duck *d = *state;
    assert_string_equal(duck_rows(d, "SELECT 1, NULL, '', 'é', 1.50, DATE '2020-02-29', [1, NULL], "
                                     "{'a': 'x'}, true, 1e300, INTERVAL 1 MONTH"),
                        "1|NULL||é|1.50|2020-02-29|[1, NULL]|{'a': x}|true|1e+300|1 month\n");
    assert_string_equal(duck_rows(d, "SELECT 1 WHERE false"), "");
    assert_string_equal(duck_rows(d, "SELECT count(*) FROM range(100000)"), "100000\n");
    assert_string_equal(duck_rows(d, "SELECT current_setting('TimeZone')"), "UTC\n");
}

static void test_many_rows_and_long_texts(void **state)
{
    duck *d = *state;
    gbx__buf out = {0};
    gbx_error err = {0};
    bool is_null = true;
    assert_int_equal(
        gbx__duck_text(d->conn, "SELECT repeat('abc', 1000000)", 0, NULL, &out, &is_null, &err),
        GBX_OK);
    assert_int_equal(out.len, 3000000);
    assert_false(is_null);
    gbx__buf_done(&out);
}

static void test_text(void **state)
{
    duck *d = *state;
    gbx__buf out = {0};
    gbx_error err = {0};
    bool is_null = false;
    gbx__buf_puts(&out, "kept:");
    assert_int_equal(
        gbx__duck_text(d->conn, "SELECT i FROM range(7, 9) t(i)", 0, NULL, &out, &is_null, &err),
        GBX_OK);
    assert_string_equal(out.data, "kept:7");
    assert_int_equal(gbx__duck_text(d->conn, "SELECT NULL", 0, NULL, &out, &is_null, &err), GBX_OK);
    assert_true(is_null);
    is_null = false;
    assert_int_equal(gbx__duck_text(d->conn, "SELECT 1 WHERE false", 0, NULL, &out, &is_null, &err),
                     GBX_OK);
    assert_true(is_null);
    assert_int_equal(gbx__duck_text(d->conn, "SELECT 1", 0, NULL, &out, NULL, &err), GBX_OK);
    gbx__buf_done(&out);
}

static void test_exec(void **state)
{
    duck *d = *state;
    gbx_error err = {0};
    duck_exec(d, "");
    duck_exec(d, "CREATE TEMP TABLE t(a INT); INSERT INTO t VALUES (1), (2); SELECT * FROM t;");
    assert_string_equal(duck_rows(d, "SELECT sum(a) FROM t"), "3\n");
    duck_exec(d, "BEGIN; DELETE FROM t; ROLLBACK");
    assert_string_equal(duck_rows(d, "SELECT sum(a) FROM t"), "3\n");
    assert_int_equal(gbx__duck_exec(d->conn, "DROP TABLE t; DROP TABLE t", &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__duck_exec(d->conn, "SELECT 1; nonsense", &err), GBX_PARSE);
    assert_int_equal(gbx__duck_rows(d->conn, "SELECT 1; SELECT 2", 0, NULL, NULL, NULL, &err),
                     GBX_PARSE);
    assert_int_equal(gbx__duck_rows(d->conn, " ; ", 0, NULL, NULL, NULL, &err), GBX_PARSE);
}

static gbx_status refuse(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    int *calls = ctx;
    (void)n_cols;
    (void)cols;
    return ++*calls == 3 ? GBX_FAIL(err, GBX_CONFLICT, "enough") : GBX_OK;
}

static void test_a_callback_that_fails_ends_it(void **state)
{
    duck *d = *state;
    gbx_error err = {0};
    int calls = 0;
    assert_int_equal(gbx__duck_rows(d->conn, "FROM range(1000000)", 0, NULL, refuse, &calls, &err),
                     GBX_CONFLICT);
    assert_int_equal(calls, 3);
    assert_string_equal(err.message, "enough");
    assert_string_equal(duck_rows(d, "SELECT 1"), "1\n");
}

/* ---- describe -------------------------------------------------------------------------------- */

static gbx_status add_column(void *ctx, gbx__str name, gbx__str type, gbx_error *err)
{
    (void)err;
    gbx__buf_printf(ctx, "%.*s:%.*s,", GBX_STR_ARG(name), GBX_STR_ARG(type));
    return GBX_OK;
}

static void test_describe(void **state)
{
    duck *d = *state;
    gbx__buf out = {0};
    gbx_error err = {0};
    assert_int_equal(gbx__duck_describe(d->conn,
                                        "SELECT 1 AS a, 'x' AS \"b c\", [1.5] AS l, $1::DATE AS p "
                                        "FROM range(1000000000)",
                                        add_column, &out, &err),
                     GBX_OK);
    assert_string_equal(out.data, "a:INTEGER,b c:VARCHAR,l:DECIMAL(2,1)[],p:DATE,");
    gbx__buf_clear(&out);
    assert_int_equal(
        gbx__duck_describe(d->conn, "SELECT nope FROM range(1)", add_column, &out, &err), GBX_BIND);
    assert_int_equal(err.column, 8);
    assert_int_equal(gbx__duck_describe(d->conn, "PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)",
                                        add_column, &out, &err),
                     GBX_UNSUPPORTED);
    gbx__buf_done(&out);
}

static void test_quote(void **state)
{
    duck *d = *state;
    gbx__buf out = {0};
    gbx__buf_puts(&out, "SELECT ");
    gbx__duck_quote_text(&out, GBX_STR("it's \"é\"\n"));
    gbx__buf_puts(&out, " AS ");
    gbx__duck_quote_ident(&out, GBX_STR("a\"b'c"));
    assert_string_equal(out.data, "SELECT 'it''s \"é\"\n' AS \"a\"\"b'c\"");
    assert_string_equal(duck_rows(d, out.data), "it's \"é\"\n\n");
    gbx__buf_done(&out);
}

/* ---- torture --------------------------------------------------------------------------------- */

static gbx_status ignore_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    (void)ctx;
    (void)n_cols;
    (void)cols;
    (void)err;
    return GBX_OK;
}

static gbx_status tortured_rows(void *ctx, gbx_error *err)
{
    duck *d = ctx;
    const gbx__duck_param params[] = {{GBX_STR("a"), GBX_STR("1"), false},
                                      {GBX_STR("b"), GBX_STR(""), true}};
    return gbx__duck_rows(d->conn, "SELECT $a, $b, 'text'", 2, params, ignore_row, NULL, err);
}

static gbx_status tortured_open(void *ctx, gbx_error *err)
{
    duck d = {0};
    (void)ctx;
    const gbx__duck_options options = {.threads = 1};
    gbx_status status = gbx__duck_open(&options, &d.instance, err);
    if (status == GBX_OK) status = gbx__duck_connect(d.instance, &d.conn, err);
    duck_close(&d);
    return status;
}

static void test_torture(void **state)
{
    assert_true(torture_run(GBX_FAULT_ALLOC, tortured_rows, *state) > 3);
    assert_true(torture_run(GBX_FAULT_ALLOC, tortured_open, NULL) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_many_rows_and_long_texts),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_a_callback_that_fails_ends_it),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
