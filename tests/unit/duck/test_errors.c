/* Each of DuckDB's failures has our code, one clean line, and its place in the query. */
#include "support/duck.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static duck d;

static int open_one(void **state)
{
    (void)state;
    duck_open(&d, NULL);
    return 0;
}

static int close_one(void **state)
{
    (void)state;
    duck_close(&d);
    return 0;
}

typedef struct error_case {
    const char *sql;
    gbx_status status;
    int line, column; /* 0: none */
    const char *part; /* of the message */
} error_case;

static const error_case cases[] = {
    {"SELEC 1", GBX_PARSE, 1, 1, "SELEC"},
    {"SELECT 1\n FROM WHERE", GBX_PARSE, 2, 7, "WHERE"},
    {"SELECT 'é', nofn(1)", GBX_BIND, 1, 13, "nofn"},
    {"SELECT\n  nocol FROM (SELECT 1 AS x)", GBX_BIND, 2, 3, "nocol"},
    {"SELECT a FROM not_there", GBX_NOT_FOUND, 1, 15, "not_there"},
    {"FROM no_schema.t", GBX_NOT_FOUND, 1, 6, "no_schema"},
    {"FROM '/no/such.csv'", GBX_NOT_FOUND, 0, 0, "/no/such.csv"},
    {"FROM read_parquet('/no/such*.parquet')", GBX_NOT_FOUND, 1, 6, "/no/such*.parquet"},
    {"SELECT CAST('abc' AS INT)", GBX_INVALID, 1, 8, "abc"},
    {"SELECT 5 // 0", GBX_INVALID, 0, 0, "Division by zero"},
    {"SELECT 9223372036854775807 + 1", GBX_INVALID, 0, 0, "Overflow"},
    {"SELECT 1 + [1]", GBX_BIND, 1, 10, "+"},
    {"SELECT 1 LIMIT -1", GBX_BIND, 1, 16, "LIMIT"},
    {"SELECT error('line one\nline two')", GBX_INVALID, 0, 0, "line one line two"},
    {"SELECT strptime('x', '%Y')", GBX_INVALID, 0, 0, "strptime|Could not parse"},
    {"FROM 's3://bucket/x.parquet'", GBX_UNSUPPORTED, 0, 0, "httpfs"},
    {"CREATE TABLE t(a INT); CREATE TABLE t(a INT)", GBX_PARSE, 0, 0, "one statement"},
    {"SELECT $1", GBX_INVALID, 0, 0, "$1"},
};

static bool has_part(const char *message, const char *part)
{
    const char *bar = strchr(part, '|');
    if (!bar) return strstr(message, part) != NULL;
    return strstr(message, bar + 1) != NULL;
}

static void check(const error_case *c)
{
    gbx_error err = {0};
    const gbx_status status = duck_status(&d, c->sql, &err);
    if (status != c->status || err.status != c->status)
        fail_msg("%s: %s, not %s: %s", c->sql, gbx_status_name(status), gbx_status_name(c->status),
                 err.message);
    if (err.line != c->line || err.column != c->column)
        fail_msg("%s: at %d:%d: %s", c->sql, err.line, err.column, err.message);
    assert_int_equal(err.offset < 0, c->line == 0);
    if (!has_part(err.message, c->part)) fail_msg("%s: %s", c->sql, err.message);
    if (strpbrk(err.message, "\n\t{}")) fail_msg("%s: not one plain line: %s", c->sql, err.message);
    if (strstr(err.message, "LINE ")) fail_msg("%s: a picture: %s", c->sql, err.message);
}

static void test_statuses_and_places(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) check(&cases[i]);
    assert_string_equal(duck_rows(&d, "SELECT 1"), "1\n");
}

static void test_exists(void **state)
{
    (void)state;
    gbx_error err = {0};
    duck_exec(&d, "CREATE TEMP TABLE twice(a INT)");
    assert_int_equal(gbx__duck_exec(d.conn, "CREATE TEMP TABLE twice(a INT)", &err), GBX_EXISTS);
}

static void test_out_of_memory_says_what_to_do(void **state)
{
    (void)state;
    gbx_error err = {0};
    assert_int_equal(duck_status(&d, "SELECT list(i) FROM range(100000000) t(i)", &err), GBX_NOMEM);
    assert_non_null(strstr(err.message, "300 MB"));
    assert_non_null(strstr(err.message, "raise the memory limit"));
    assert_null(strstr(err.message, "SET "));
    assert_string_equal(duck_rows(&d, "SELECT 1"), "1\n");
}

/* Some failures hold the one that they were made of, as JSON in their text. */
static void test_a_failure_inside_of_a_failure(void **state)
{
    (void)state;
    gbx_error err = {0};
    assert_int_equal(
        duck_status(&d,
                    "SELECT error('write 7: {\"exception_type\":\"IO\",\"exception_message\":"
                    "\"no room\",\"errno\":\"28\"}')",
                    &err),
        GBX_INVALID);
    assert_string_equal(err.message, "no room");
    assert_int_equal(err.native_code, 28);
    assert_int_equal(duck_status(&d, "SELECT error('{\"exception_type\":oh')", &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "oh"));
}

static void test_without_a_place_for_the_error(void **state)
{
    (void)state;
    assert_int_equal(gbx__duck_exec(d.conn, "nonsense", NULL), GBX_PARSE);
    assert_int_equal(gbx__duck_exec(d.conn, "SELECT nonsense", NULL), GBX_BIND);
}

/* ---- parameters ------------------------------------------------------------------------------ */

#define PARAM(name, text)                                                                          \
    {                                                                                              \
        {name, sizeof(name) - 1}, {text, sizeof(text) - 1}, false                                  \
    }

static const gbx__duck_param secrets[] = {
    PARAM("password", "Hunter2 of O'Neil"),
    PARAM("number", "42424242"),
    PARAM("Mixed", "abc"),
    PARAM("1", "7x"),
    PARAM("empty", ""),
};

static void check_secret(const char *sql, gbx_status expected)
{
    gbx_error err = {0};
    struct ArrowArrayStream stream = {0};
    int64_t n_rows;
    int64_t n_batches;
    gbx_status status = gbx__duck_query(d.conn, sql, 5, secrets, NULL, &stream, &err);
    if (status == GBX_OK) {
        status = duck_drain(&stream, &n_rows, &n_batches);
        if (status != GBX_OK) err = *gbx__duck_stream_error(&stream);
        stream.release(&stream);
    }
    if (status != expected) fail_msg("%s: %s: %s", sql, gbx_status_name(status), err.message);
    static const char *const values[] = {"Hunter2", "hunter2", "O'Neil", "42424242", "7x"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && status != GBX_OK; i++)
        if (strstr(err.message, values[i])) fail_msg("%s: leaks: %s", sql, err.message);
}

static void test_values_of_parameters_are_never_told(void **state)
{
    (void)state;
    check_secret("SELECT CAST($password AS INT)", GBX_INVALID);
    check_secret("SELECT CAST($password AS DATE)", GBX_INVALID);
    check_secret("SELECT CAST(lower($password) AS DOUBLE)", GBX_INVALID);
    check_secret("SELECT CAST($number AS TINYINT)", GBX_INVALID);
    check_secret("SELECT CAST(CAST($number AS BIGINT) AS TINYINT)", GBX_INVALID);
    check_secret("SELECT error('no ' || $password || '!')", GBX_INVALID);
    check_secret("SELECT strptime($password, '%Y')", GBX_INVALID);
    check_secret("SELECT CAST($1 AS INT)", GBX_INVALID);
    check_secret("SELECT CAST($password || i AS INT) FROM range(10) t(i)", GBX_INVALID);
    check_secret("FROM read_csv($password)", GBX_NOT_FOUND);
}

static gbx_status keep_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    (void)err;
    for (size_t i = 0; i < n_cols; i++)
        gbx__buf_printf(ctx, "%.*s|", cols[i].ptr ? (int)cols[i].len : 4,
                        cols[i].ptr ? cols[i].ptr : "NULL");
    return GBX_OK;
}

static void test_parameters(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__buf out = {0};
    const gbx__duck_param nothing[] = {
        {GBX_STR("n"), GBX_STR("ignored"), true}, PARAM("2", "20"), PARAM("1", "10")};
    assert_int_equal(
        gbx__duck_rows(d.conn, "SELECT $MIXED, $empty, $mixed", 5, secrets, keep_row, &out, &err),
        GBX_OK);
    assert_string_equal(out.data, "abc||abc|");
    gbx__buf_clear(&out);
    assert_int_equal(gbx__duck_rows(d.conn, "SELECT $n IS NULL", 3, nothing, keep_row, &out, &err),
                     GBX_OK);
    assert_int_equal(gbx__duck_rows(d.conn, "SELECT ? - ?", 3, nothing, keep_row, &out, &err),
                     GBX_BIND); /* text has no minus; a plan casts */
    assert_int_equal(
        gbx__duck_rows(d.conn, "SELECT $2::INT - $1::INT", 3, nothing, keep_row, &out, &err),
        GBX_OK);
    assert_string_equal(out.data, "true|10|");
    assert_int_equal(gbx__duck_rows(d.conn, "SELECT $absent", 3, nothing, keep_row, &out, &err),
                     GBX_INVALID);
    assert_non_null(strstr(err.message, "$absent"));
    gbx__buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses_and_places),
        cmocka_unit_test(test_exists),
        cmocka_unit_test(test_out_of_memory_says_what_to_do),
        cmocka_unit_test(test_a_failure_inside_of_a_failure),
        cmocka_unit_test(test_without_a_place_for_the_error),
        cmocka_unit_test(test_values_of_parameters_are_never_told),
        cmocka_unit_test(test_parameters),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
