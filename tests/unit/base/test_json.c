#include "base/json.h"

#include "base/alloc.h"
#include "support/torture.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static yyjson_doc *read_ok(const char *text, unsigned flags)
{
    yyjson_doc *doc = NULL;
    gbx_error err;
    if (gbx__json_read(text, strlen(text), flags, &doc, &err) != GBX_OK)
        fail_msg("%s", err.message);
    return doc;
}

static void test_read(void **state)
{
    (void)state;
    yyjson_doc *doc = read_ok("{\"a\": [1, -2.5, \"x\", null]}", 0);
    yyjson_val *a = yyjson_obj_get(yyjson_doc_get_root(doc), "a");
    assert_int_equal(yyjson_arr_size(a), 4);
    assert_int_equal(yyjson_get_int(yyjson_arr_get(a, 0)), 1);
    gbx__json_free(doc);
    gbx__json_free(NULL);
}

static void test_read_keeps_large_numbers(void **state)
{
    (void)state;
    yyjson_doc *doc =
        read_ok("[18446744073709551615, -9223372036854775808, 18446744073709551616]", 0);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_true(yyjson_get_uint(yyjson_arr_get(root, 0)) == UINT64_MAX);
    assert_true(yyjson_get_sint(yyjson_arr_get(root, 1)) == INT64_MIN);
    yyjson_val *raw = yyjson_arr_get(root, 2);
    assert_true(yyjson_is_raw(raw));
    assert_string_equal(yyjson_get_raw(raw), "18446744073709551616");
    gbx__json_free(doc);
}

static void refuse(const char *text, int64_t offset, int line, int column)
{
    yyjson_doc *doc = NULL;
    gbx_error err;
    assert_int_equal(gbx__json_read(text, strlen(text), 0, &doc, &err), GBX_PARSE);
    assert_null(doc);
    assert_int_equal(err.offset, offset);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
}

static void test_read_refuses(void **state)
{
    (void)state;
    refuse("", 0, 1, 1);
    refuse("  ", 0, 1, 1);
    refuse("[1, x]", 4, 1, 5);
    refuse("{\"é\":\n  oops}", 9, 2, 3);
    refuse("[1,2", 4, 1, 5);
    refuse("1 2", 2, 1, 3);
    refuse("[NaN]", 1, 1, 2);
    refuse("[\"\xff\"]", 2, 1, 3);
    gbx_error err;
    yyjson_doc *doc;
    assert_int_equal(gbx__json_read(NULL, 0, 0, &doc, &err), GBX_PARSE);
}

static void test_read_inf_nan_on_request(void **state)
{
    (void)state;
    yyjson_doc *doc = read_ok("[NaN, nan, Infinity, -Infinity]", GBX_JSON_INF_NAN);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_true(isnan(yyjson_get_real(yyjson_arr_get(root, 0))));
    assert_true(isnan(yyjson_get_real(yyjson_arr_get(root, 1))));
    assert_true(isinf(yyjson_get_real(yyjson_arr_get(root, 2))));
    assert_true(yyjson_get_real(yyjson_arr_get(root, 3)) < 0);
    gbx__json_free(doc);
}

static void test_read_any_depth(void **state)
{
    (void)state;
    enum {
        DEPTH = 200000
    };
    char *text = gbx__alloc(2 * DEPTH);
    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    yyjson_doc *doc = NULL;
    assert_int_equal(gbx__json_read(text, 2 * DEPTH, 0, &doc, NULL), GBX_OK);
    gbx__json_free(doc);
    gbx__alloc_free(text);
}

static void check_write_str(gbx__str text, const char *expected)
{
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    gbx__json_write_str(&buf, text);
    assert_false(buf.failed);
    assert_string_equal(buf.data, expected);
    gbx__json_free(read_ok(buf.data, 0));
    gbx__buf_done(&buf);
}

static void test_str(void **state)
{
    (void)state;
    static const char json[] = "[\"a\\u0000b\", [1, 2, 3], {\"k\": 1}, 7, null]";
    yyjson_doc *doc = NULL;
    gbx_error err;
    assert_int_equal(gbx__json_read(json, sizeof(json) - 1, 0, &doc, &err), GBX_OK);
    yyjson_val *items = yyjson_doc_get_root(doc);
    assert_int_equal(gbx__json_str(yyjson_arr_get(items, 0)).len, 3);
    for (size_t i = 1; i < 6; i++) {
        const gbx__str text = gbx__json_str(yyjson_arr_get(items, i));
        assert_non_null(text.ptr);
        assert_int_equal(text.len, 0);
    }
    gbx__json_free(doc);
}

static void test_write_str(void **state)
{
    (void)state;
    check_write_str(GBX_STR(""), "\"\"");
    check_write_str((gbx__str){NULL, 0}, "\"\"");
    check_write_str(GBX_STR("plain é 😀"), "\"plain é 😀\"");
    check_write_str(GBX_STR("\"\\/"), "\"\\\"\\\\/\"");
    check_write_str(GBX_STR("\b\f\n\r\t\x01\x1f\x7f"), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    check_write_str(GBX_STR("a\0b"), "\"a\\u0000b\"");
    check_write_str(GBX_STR("a\xff\xc3 z\xe2\x82"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD z"
                                                    "\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void test_write_str_any_bytes_read_back(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 2000; round++) {
        char text[64];
        for (size_t i = 0; i < sizeof(text); i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = (char)(seed >> 16);
        }
        gbx__buf buf;
        gbx__buf_init(&buf, 0);
        gbx__json_write_str(&buf, (gbx__str){text, (size_t)round % sizeof(text)});
        gbx__json_free(read_ok(buf.data, 0));
        gbx__buf_done(&buf);
    }
}

static void check_write_double(double value, const char *expected)
{
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    gbx__json_write_double(&buf, value);
    if (expected) assert_string_equal(buf.data, expected);
    const double back = strtod(buf.data, NULL);
    if (isfinite(value)) assert_memory_equal(&back, &value, sizeof(value));
    gbx__buf_done(&buf);
}

static void test_write_double(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists, "0,1" must not appear */
    check_write_double(0.1, "0.1");
    setlocale(LC_ALL, "C");
    check_write_double(0.0, "0.0");
    check_write_double(-0.0, "-0.0");
    check_write_double(1.0, "1.0");
    check_write_double(1e300, NULL);
    check_write_double(DBL_MIN, NULL);
    check_write_double(DBL_MAX, NULL);
    check_write_double(-DBL_TRUE_MIN, NULL);
    check_write_double(1.0 / 3.0, "0.3333333333333333");
    check_write_double((double)NAN, "\"NaN\"");
    check_write_double((double)INFINITY, "\"Infinity\"");
    check_write_double(-(double)INFINITY, "\"-Infinity\"");
}

static gbx_status json_work(void *ctx, gbx_error *err)
{
    (void)ctx;
    static const char text[] = "{\"a\":[1,2,{\"b\":\"long enough to be there\"}],\"c\":1.5}";
    yyjson_doc *doc = NULL;
    GBX_TRY(gbx__json_read(text, sizeof(text) - 1, 0, &doc, err));
    gbx__json_free(doc);
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    for (int i = 0; i < 100; i++) {
        gbx__json_write_str(&buf, GBX_STR("some \"text\" \xff"));
        gbx__json_write_double(&buf, i / 7.0);
    }
    const bool failed = buf.failed;
    gbx__buf_done(&buf);
    return failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, json_work, NULL) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_keeps_large_numbers),
        cmocka_unit_test(test_read_refuses),
        cmocka_unit_test(test_read_inf_nan_on_request),
        cmocka_unit_test(test_read_any_depth),
        cmocka_unit_test(test_str),
        cmocka_unit_test(test_write_str),
        cmocka_unit_test(test_write_str_any_bytes_read_back),
        cmocka_unit_test(test_write_double),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
