#include "support/duck.h"
#include "support/torture.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
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

static void test_rows_in_order(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    int64_t next = 0;
    duck_query(&d, "SELECT i FROM range(100000) t(i)", &stream);
    for (;;) {
        assert_int_equal(stream.get_next(&stream, &batch), 0);
        if (!batch.release) break;
        const int64_t *values = batch.children[0]->buffers[1];
        for (int64_t i = 0; i < batch.length; i++) assert_int_equal(values[i], next++);
        assert_true(batch.length <= 8192);
        batch.release(&batch);
    }
    assert_int_equal(next, 100000);
    assert_int_equal(stream.get_next(&stream, &batch), 0); /* the end stays the end */
    assert_null(batch.release);
    assert_null(stream.get_last_error(&stream));
    assert_null(gbx__duck_stream_error(&stream));
    stream.release(&stream);
    assert_null(stream.release);
}

static void test_schema(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema = {0};
    struct ArrowSchema again = {0};
    duck_query(&d,
               "SELECT 1 AS a, 'x' AS \"b c\", true AS t, 1::HUGEINT AS h, [1::HUGEINT, 2] AS l, "
               "uuid() AS u, 1.5 AS d, {'k': false} AS s",
               &stream);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(stream.get_schema(&stream, &again), 0);
    stream.release(&stream); /* schemas live on */
    static const char *const expected[][2] = {{"a", "i"},         {"b c", "u"}, {"t", "b"},
                                              {"h", "d:38,0"},    {"l", "+l"},  {"u", "w:16"},
                                              {"d", "d:2,1,128"}, {"s", "+s"}};
    assert_int_equal(schema.n_children, 8);
    for (int64_t i = 0; i < 8; i++) {
        assert_string_equal(schema.children[i]->name, expected[i][0]);
        assert_string_equal(again.children[i]->format, expected[i][1]);
    }
    assert_string_equal(schema.children[4]->children[0]->format, "d:38,0");
    assert_string_equal(schema.children[7]->children[0]->format, "b");
    schema.release(&schema);
    again.release(&again);
}

static void test_booleans_are_bits(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    duck_query(&d, "SELECT CASE WHEN i % 5 = 0 THEN NULL ELSE i % 3 = 0 END FROM range(1003) t(i)",
               &stream);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_int_equal(batch.length, 1003);
    const struct ArrowArray *column = batch.children[0];
    const uint8_t *valid = column->buffers[0];
    const uint8_t *bits = column->buffers[1];
    for (int i = 0; i < 1003; i++) {
        assert_int_equal((valid[i / 8] >> (i % 8)) & 1, i % 5 != 0);
        if (i % 5 != 0) assert_int_equal((bits[i / 8] >> (i % 8)) & 1, i % 3 == 0);
    }
    /* A child may be moved out and outlive its parent. */
    struct ArrowArray kept = *batch.children[0];
    batch.children[0]->release = NULL;
    batch.release(&batch);
    assert_int_equal(((const uint8_t *)kept.buffers[1])[0] & 8, 8);
    kept.release(&kept);
    stream.release(&stream);
}

static void test_no_rows(void **state)
{
    (void)state;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    duck_query(&d, "SELECT 1 AS a WHERE false", &stream);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 1);
    schema.release(&schema);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    assert_int_equal(n_rows, 0);
    stream.release(&stream);
}

static void test_columns_that_only_running_tells(void **state)
{
    (void)state;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    duck_query(&d,
               "PIVOT (SELECT i % 3 AS k, i % 2 AS g, i FROM range(20000) t(i)) ON k USING sum(i) "
               "GROUP BY g",
               &stream);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 4);
    schema.release(&schema);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    assert_int_equal(n_rows, 2);
    stream.release(&stream);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void test_memory_does_not_grow_with_the_rows(void **state)
{
    (void)state;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    duck_query(&d, "SELECT i, i * 2 AS j, 'row ' || i AS s FROM range(300000) t(i)", &stream);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    stream.release(&stream);
    const int64_t before = gbx__peak_rss_bytes();
    duck_query(&d, "SELECT i, i * 2 AS j, 'row ' || i AS s FROM range(6000000) t(i)", &stream);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    stream.release(&stream);
    assert_int_equal(n_rows, 6000000);
    assert_true(n_batches >= 700 && n_batches < 1000);
    const int64_t grown = gbx__peak_rss_bytes() - before;
    /* of 200 MB of rows; tools need memory of their own */
    if (duck_patience_ns(1) == 1 && grown > 40000000) fail_msg("%lld bytes", (long long)grown);
}

static void test_wide_results_have_smaller_batches(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    gbx__buf sql = {0};
    gbx__buf_puts(&sql, "SELECT 0");
    for (int i = 0; i < 400; i++) gbx__buf_printf(&sql, ", i + %d", i);
    gbx__buf_puts(&sql, " FROM range(20000) t(i)");
    duck_query(&d, sql.data, &stream);
    gbx__buf_done(&sql);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    assert_true(batch.length >= 1000 && batch.length < 2048);
    batch.release(&batch);
    stream.release(&stream);
}

/* ---- lifetimes ------------------------------------------------------------------------------- */

static void test_early_release(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    duck_query(&d, "SELECT i, md5(i::VARCHAR) FROM range(100000000000) t(i)", &stream);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    const int64_t start = gbx__mono_ns();
    stream.release(&stream);
    assert_true(gbx__mono_ns() - start < duck_patience_ns(500000000));
    assert_int_equal(batch.length > 0, 1); /* a batch outlives its stream */
    batch.release(&batch);
    duck_query(&d, "SELECT i FROM range(100000000000) t(i)", &stream);
    stream.release(&stream); /* before anything was pulled */
    assert_string_equal(duck_rows(&d, "SELECT 1"), "1\n");
}

static void test_a_stream_keeps_all_that_it_needs(void **state)
{
    (void)state;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    duck other;
    duck_open(&other, NULL);
    duck_query(&other, "SELECT i FROM range(1000000) t(i)", &stream);
    duck_close(&other);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    assert_int_equal(n_rows, 1000000);
    stream.release(&stream);
}

static void test_a_connection_does_one_thing(void **state)
{
    (void)state;
    gbx_error err = {0};
    struct ArrowArrayStream stream;
    duck_query(&d, "SELECT i FROM range(10000000) t(i)", &stream);
    assert_int_equal(gbx__duck_exec(d.conn, "SELECT 1", &err), GBX_MISUSE);
    gbx__duck_conn *second = NULL;
    assert_int_equal(gbx__duck_connect(d.instance, &second, &err), GBX_OK);
    assert_int_equal(gbx__duck_exec(second, "SELECT 1", &err), GBX_OK);
    gbx__duck_disconnect(second);
    stream.release(&stream);
    duck_exec(&d, "SELECT 1");
}

static void test_a_failure_stays(void **state)
{
    (void)state;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    duck_query(&d, "SELECT 100 // (60000 - i) FROM range(100000) t(i)", &stream);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_INVALID);
    assert_true(n_rows <= 60000);
    assert_int_equal(stream.get_next(&stream, &batch), EIO);
    assert_null(batch.release);
    assert_non_null(strstr(stream.get_last_error(&stream), "Division by zero"));
    assert_int_equal(gbx__duck_stream_error(&stream)->status, GBX_INVALID);
    stream.release(&stream);
    assert_null(gbx__duck_stream_error(&stream));
}

static void test_progress(void **state)
{
    (void)state;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    assert_true(gbx__duck_progress(d.conn) < 0);
    duck_query(&d, "SELECT i FROM range(300000000) t(i)", &stream);
    double last = -1;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(stream.get_next(&stream, &batch), 0);
        batch.release(&batch);
        last = gbx__duck_progress(d.conn);
        assert_true(last <= 1);
    }
    assert_true(last >= 0);
    stream.release(&stream);
}

/* ---- torture --------------------------------------------------------------------------------- */

static gbx_status tortured(void *ctx, gbx_error *err)
{
    const gbx__duck_param param = {GBX_STR("p"), GBX_STR("1"), false};
    struct ArrowArrayStream stream = {0};
    gbx__cancel token;
    int64_t n_rows;
    int64_t n_batches;
    (void)ctx;
    gbx__cancel_init(&token);
    gbx_status status = gbx__duck_query(d.conn, "SELECT true, $p FROM range(10000)", 1, &param,
                                        &token, &stream, err);
    if (status != GBX_OK) return status;
    status = duck_drain(&stream, &n_rows, &n_batches);
    if (status != GBX_OK) *err = *gbx__duck_stream_error(&stream);
    stream.release(&stream);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, tortured, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_in_order),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_booleans_are_bits),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_columns_that_only_running_tells),
        cmocka_unit_test(test_memory_does_not_grow_with_the_rows),
        cmocka_unit_test(test_wide_results_have_smaller_batches),
        cmocka_unit_test(test_early_release),
        cmocka_unit_test(test_a_stream_keeps_all_that_it_needs),
        cmocka_unit_test(test_a_connection_does_one_thing),
        cmocka_unit_test(test_a_failure_stays),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
