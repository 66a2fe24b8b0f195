#include "result/result.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_names(void **state)
{
    static const struct {
        const char *name;
        gbx__format format;
    } cases[] = {{"table", GBX_FORMAT_TABLE},   {"csv", GBX_FORMAT_CSV},
                 {"CSV", GBX_FORMAT_CSV},       {"json", GBX_FORMAT_JSON},
                 {"jsonl", GBX_FORMAT_JSONL},   {"ndjson", GBX_FORMAT_JSONL},
                 {"arrow", GBX_FORMAT_ARROW},   {"parquet", GBX_FORMAT_PARQUET}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__format format = GBX_FORMAT_TABLE;
        assert_int_equal(gbx__format_parse(gbx__str_of(cases[i].name), &format, NULL), GBX_OK);
        assert_int_equal(format, cases[i].format);
    }
}

static void test_an_unknown_name_lists_the_others(void **state)
{
    gbx__format format = GBX_FORMAT_JSON;
    gbx_error err;
    (void)state;
    assert_int_equal(gbx__format_parse(GBX_STR("xlsx"), &format, &err), GBX_INVALID);
    assert_string_equal(err.message, "unknown format \"xlsx\": there are table, csv, json, jsonl, "
                                     "arrow and parquet");
    assert_int_equal(gbx__format_parse(GBX_STR(""), &format, &err), GBX_INVALID);
    assert_int_equal(format, GBX_FORMAT_JSON);
}

static void test_endings(void **state)
{
    gbx__format format = GBX_FORMAT_TABLE;
    (void)state;
    assert_true(gbx__format_of_path(GBX_STR("a/b.Parquet"), &format));
    assert_int_equal(format, GBX_FORMAT_PARQUET);
    assert_true(gbx__format_of_path(GBX_STR("x.arrow"), &format));
    assert_int_equal(format, GBX_FORMAT_ARROW);
    assert_true(gbx__format_of_path(GBX_STR("x.jsonl"), &format));
    assert_int_equal(format, GBX_FORMAT_JSONL);
    assert_true(gbx__format_of_path(GBX_STR("x.json"), &format));
    assert_int_equal(format, GBX_FORMAT_JSON);
    assert_false(gbx__format_of_path(GBX_STR("csv"), &format));
    assert_false(gbx__format_of_path(GBX_STR("table"), &format));
    assert_false(gbx__format_of_path(GBX_STR(""), &format));
    assert_int_equal(format, GBX_FORMAT_JSON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_an_unknown_name_lists_the_others),
        cmocka_unit_test(test_endings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
