/* Arrow into DuckDB, and out and in again. */
#include "arrow/arrow.h"
#include "support/duck.h"
#include "support/torture.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static duck from; /* makes the streams */
static duck to;   /* reads them */

static int open_both(void **state)
{
    (void)state;
    duck_open(&from, NULL);
    duck_open(&to, NULL);
    return 0;
}

static int close_both(void **state)
{
    (void)state;
    duck_close(&from);
    duck_close(&to);
    return 0;
}

static void add(const char *name, const char *sql)
{
    struct ArrowArrayStream stream;
    gbx_error err = {0};
    duck_query(&from, sql, &stream);
    if (gbx__duck_add_stream(to.conn, name, &stream, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_null(stream.release);
}

/* ---- types ----------------------------------------------------------------------------------- */

static const char *const values[] = {
    "NULL::INT, 1::TINYINT, (-1)::SMALLINT, 2147483647::INT, (-9223372036854775807)::BIGINT",
    "255::UTINYINT, 65535::USMALLINT, 4294967295::UINTEGER, 18446744073709551615::UBIGINT",
    "170141183460469231731687303715884105727::HUGEINT, (-5)::HUGEINT, NULL::HUGEINT",
    "340282366920938463463374607431768211455::UHUGEINT, 0::UHUGEINT",
    "1.5::FLOAT, 'nan'::DOUBLE, '-inf'::DOUBLE, 1e-300, -0.0::DOUBLE",
    "1.5::DECIMAL(4,1), -123456789012345678901234567890.12345678::DECIMAL(38,8), "
    "0.1::DECIMAL(18,9)",
    "true, false, NULL::BOOLEAN, [true, NULL, false], {'a': true}",
    "'text', '', 'é😀', 'a string that is longer than twelve bytes', NULL::VARCHAR",
    "'\\x00\\xFFab'::BLOB, ''::BLOB",
    "DATE '2020-02-29', DATE '0001-01-01', DATE '9999-12-31'",
    "TIME '12:34:56.789012', '12:34:56+05:30'::TIMETZ, '23:59:59-15:59'::TIMETZ",
    "TIMESTAMP '2020-01-01 12:34:56.789012', TIMESTAMPTZ '2020-01-01 00:00:00+02'",
    "'2020-01-01 12:34:56'::TIMESTAMP_S, '2020-01-01 12:34:56.789'::TIMESTAMP_MS",
    "'2020-01-01 12:34:56.789012345'::TIMESTAMP_NS, '1969-12-31 23:59:59.9'::TIMESTAMP",
    "INTERVAL 14 MONTH, INTERVAL 3 DAY, INTERVAL 4 SECOND, "
    "INTERVAL '1 year 2 days 3.000004 seconds'",
    "'01234567-89ab-cdef-0123-456789abcdef'::UUID, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::UUID",
    "'10110'::BIT, '1'::BIT, '{\"a\": [1, null]}'::JSON",
    "123456789012345678901234567890123456789012345678901234567890::BIGNUM, (-7)::BIGNUM",
    "'b'::ENUM('a', 'b'), NULL::ENUM('x'), ['a', 'b']::ENUM('a', 'b')[]",
    "[1, NULL, 3], []::INT[], NULL::INT[], [['x'], NULL, []]",
    "[1, 2, 3]::INT[3], [[1, 2], NULL]::INT[2][]",
    "{'a': 1, 'b': {'c': 'x', 'd': NULL}}, NULL::STRUCT(a INT)",
    "MAP {'k': 1, 'l': NULL}, MAP {1: [1, 2]}, MAP {}::MAP(INT, INT)",
    "union_value(n := 1)::UNION(n INT, t VARCHAR), union_value(t := 'x')::UNION(n INT, t VARCHAR)",
};

static void test_types_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        gbx__buf sql = {0};
        gbx__buf_printf(&sql, "SELECT %s", values[i]);
        const char *expected = duck_rows(&from, sql.data);
        add("t", sql.data);
        const char *back = duck_rows(&to, "FROM t");
        if (strcmp(expected, back) != 0) fail_msg("%s:\n%s%s", values[i], expected, back);
        gbx__buf_done(&sql);
    }
}

static void test_many_rows_with_nulls(void **state)
{
    (void)state;
    static const char *const sum =
        "SELECT count(*), sum(hash(i)), sum(hash(s)), sum(hash(l)), sum(hash(b)), count(b) FROM ";
    static const char *const rows = "(SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE i END AS i, CASE "
                                    "WHEN i % 3 > 0 THEN 'row ' || i "
                                    "END AS s, CASE WHEN i % 5 > 0 THEN range(i % 11) END AS l, "
                                    "CASE WHEN i % 4 > 0 THEN i % 2 = 0 "
                                    "END AS b FROM range(250000) t(i))";
    gbx__buf sql = {0};
    gbx__buf_printf(&sql, "%s%s", sum, rows);
    const char *expected = duck_rows(&from, sql.data);
    gbx__buf_clear(&sql);
    gbx__buf_printf(&sql, "FROM %s", rows);
    add("many", sql.data);
    gbx__buf_clear(&sql);
    gbx__buf_printf(&sql, "%smany", sum);
    assert_string_equal(duck_rows(&to, sql.data), expected);
    gbx__buf_done(&sql);
}

/* ---- one read -------------------------------------------------------------------------------- */

static void test_read_once(void **state)
{
    (void)state;
    gbx_error err = {0};
    add("one \"odd\" name", "SELECT i FROM range(10) t(i)");
    assert_string_equal(duck_rows(&to, "SELECT sum(i) FROM \"one \"\"odd\"\" name\""), "45\n");
    assert_int_equal(duck_status(&to, "FROM \"one \"\"odd\"\" name\"", &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "one \"odd\" name"));
    assert_non_null(strstr(err.message, "once"));
}

static gbx_status count_column(void *ctx, gbx__str name, gbx__str type, gbx_error *err)
{
    (void)name;
    (void)type;
    (void)err;
    ++*(int *)ctx;
    return GBX_OK;
}

static void test_binding_reads_nothing(void **state)
{
    (void)state;
    gbx_error err = {0};
    int n = 0;
    add("t", "SELECT i, 'x' AS s FROM range(10) t(i)");
    for (int k = 0; k < 3; k++)
        assert_int_equal(gbx__duck_describe(to.conn, "FROM t", count_column, &n, &err), GBX_OK);
    assert_int_equal(n, 6);
    assert_string_equal(duck_rows(&to, "SELECT count(*) FROM t"), "10\n");
}

static void test_only_what_is_asked_for(void **state)
{
    (void)state;
    struct ArrowArrayStream rows;
    add("t", "SELECT i FROM range(100000000000) t(i)");
    assert_string_equal(duck_rows(&to, "SELECT i FROM t LIMIT 2"), "0\n1\n");
    /* The producer is free again: its stream was released with the query. */
    assert_string_equal(duck_rows(&from, "SELECT 1"), "1\n");
    add("t", "SELECT i FROM range(100000000000) t(i)");
    duck_query(&to, "FROM t", &rows);
    struct ArrowArray batch;
    assert_int_equal(rows.get_next(&rows, &batch), 0);
    batch.release(&batch);
    rows.release(&rows);
    assert_string_equal(duck_rows(&from, "SELECT 1"), "1\n");
}

/* ---- streams that fail ----------------------------------------------------------------------- */

static atomic_int broken_released; /* DuckDB calls from its own threads */
static atomic_int broken_code;     /* of get_next */
static bool broken_schema;

static int broken_get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    (void)self;
    struct ArrowSchema schema = {0};
    if (broken_schema) return EINVAL;
    if (gbx__arrow_schema_make(&schema, "+s", GBX_STR(""), 1, NULL) != GBX_OK) return ENOMEM;
    if (gbx__arrow_schema_make(schema.children[0], "l", GBX_STR("a"), 0, NULL) != GBX_OK) {
        schema.release(&schema);
        return ENOMEM;
    }
    *out = schema;
    return 0;
}

static int broken_get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    (void)self;
    (void)out;
    return broken_code;
}

static const char *broken_get_last_error(struct ArrowArrayStream *self)
{
    (void)self;
    return "it broke";
}

static void broken_release(struct ArrowArrayStream *self)
{
    broken_released++;
    self->release = NULL;
}

static struct ArrowArrayStream broken(void)
{
    return (struct ArrowArrayStream){.get_schema = broken_get_schema,
                                     .get_next = broken_get_next,
                                     .get_last_error = broken_get_last_error,
                                     .release = broken_release};
}

static void test_names_are_replaced_and_forgotten(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__duck_conn *conn = NULL;
    struct ArrowArrayStream stream;
    broken_released = 0;
    stream = broken(); /* never read */
    assert_int_equal(gbx__duck_add_stream(to.conn, "t", &stream, &err), GBX_OK);
    assert_int_equal(broken_released, 0);
    add("t", "SELECT 2 AS b");
    assert_int_equal(broken_released, 1);
    assert_string_equal(duck_rows(&to, "SELECT b FROM t"), "2\n");
    assert_int_equal(gbx__duck_connect(to.instance, &conn, &err), GBX_OK);
    duck_query(&from, "SELECT 3 AS a FROM range(100000000000)", &stream);
    assert_int_equal(gbx__duck_add_stream(conn, "mine", &stream, &err), GBX_OK);
    assert_int_equal(duck_status(&to, "FROM mine", &err), GBX_NOT_FOUND);
    gbx__duck_disconnect(conn);
    assert_string_equal(duck_rows(&from, "SELECT 1"), "1\n");
}

/* A query of the same instance, whose stream alone still holds its connection. */
static void add_sibling(gbx__duck_conn *reader)
{
    gbx_error err = {0};
    duck sibling = {.instance = to.instance};
    struct ArrowArrayStream stream;
    assert_int_equal(gbx__duck_connect(to.instance, &sibling.conn, &err), GBX_OK);
    duck_query(&sibling, "SELECT 1 AS a FROM range(100000000000)", &stream);
    gbx__duck_disconnect(sibling.conn);
    assert_int_equal(gbx__duck_add_stream(reader, "s", &stream, &err), GBX_OK);
}

static void test_streams_of_the_same_instance(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__duck_conn *reader = NULL;
    struct ArrowArrayStream stream;
    alarm(60); /* locks that wait for each other would wait for good */
    assert_int_equal(gbx__duck_connect(to.instance, &reader, &err), GBX_OK);
    add_sibling(reader);
    add_sibling(reader); /* the name is replaced: the first goes, and its connection */
    duck_query(&(duck){to.instance, reader}, "SELECT a FROM s LIMIT 3", &stream);
    stream.release(&stream);
    add_sibling(reader);
    gbx__duck_disconnect(reader); /* one that was never read */
    alarm(0);
}

static void test_a_stream_that_fails(void **state)
{
    (void)state;
    static const struct {
        int code;
        gbx_status status;
    } cases[] = {{EIO, GBX_ENGINE},
                 {ENOMEM, GBX_NOMEM},
                 {EINVAL, GBX_INVALID},
                 {ENOTSUP, GBX_UNSUPPORTED},
                 {ECANCELED, GBX_CANCELLED}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ArrowArrayStream stream = broken();
        gbx_error err = {0};
        broken_code = cases[i].code;
        broken_released = 0;
        assert_int_equal(gbx__duck_add_stream(to.conn, "b", &stream, &err), GBX_OK);
        assert_int_equal(duck_status(&to, "SELECT sum(a) FROM b", &err), cases[i].status);
        if (cases[i].status != GBX_CANCELLED) {
            if (!strstr(err.message, "input 'b': it broke")) fail_msg("%s", err.message);
        }
        assert_int_equal(broken_released, 1);
    }
    struct ArrowArrayStream stream = broken();
    gbx_error err = {0};
    broken_schema = true;
    broken_released = 0;
    assert_int_equal(gbx__duck_add_stream(to.conn, "b", &stream, &err), GBX_INVALID);
    assert_string_equal(err.message, "it broke");
    assert_int_equal(broken_released, 1);
    assert_null(stream.release);
    broken_schema = false;
}

static gbx_status tortured(void *ctx, gbx_error *err)
{
    struct ArrowArrayStream stream = broken();
    (void)ctx;
    broken_released = 0;
    const gbx_status status = gbx__duck_add_stream(to.conn, "b", &stream, err);
    if (!stream.release) return status;
    fail_msg("the stream was not taken");
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, tortured, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_there_and_back),
        cmocka_unit_test(test_many_rows_with_nulls),
        cmocka_unit_test(test_read_once),
        cmocka_unit_test(test_binding_reads_nothing),
        cmocka_unit_test(test_only_what_is_asked_for),
        cmocka_unit_test(test_names_are_replaced_and_forgotten),
        cmocka_unit_test(test_streams_of_the_same_instance),
        cmocka_unit_test(test_a_stream_that_fails),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
