#include "plan/value.h"

#include "support/plan_samples.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct printed {
    const char *type;
    gbx__value value;
    const char *text;
} printed;

static const gbx__value ints[] = {{.i64 = 1}, {.is_null = true}};
static const gbx__value entries[] = {{.text = SAMPLE_STR("a")}, {.i64 = 1}};

static const printed values[] = {
    {"null", {.is_null = true}, "NULL"},
    {"int8", {.is_null = true}, "NULL"},
    {"bool", {.boolean = true}, "true"},
    {"int64", {.i64 = INT64_MIN}, "-9223372036854775808"},
    {"uint64", {.u64 = UINT64_MAX}, "18446744073709551615"},
    {"int128", {.i128 = {.hi = -1, .lo = UINT64_MAX}}, "-1"},
    {"uint128", {.i128 = {.hi = -1, .lo = UINT64_MAX}}, "340282366920938463463374607431768211455"},
    {"float32", {.f64 = 0.1000000014901161193847656}, "0.1"},
    {"float64", {.f64 = 0.1}, "0.1"},
    {"float64", {.f64 = (double)NAN}, "nan"},
    {"float64", {.f64 = (double)-INFINITY}, "-inf"},
    {"decimal(5,2)", {.i128 = {.hi = -1, .lo = (uint64_t)-5}}, "-0.05"},
    {"decimal(5,0)", {.i128 = {.lo = 12}}, "12"},
    {"utf8", {.text = SAMPLE_STR("it's\n\x01 ü")}, "'it''s\\n\\x01 ü'"},
    {"utf8", {.text = SAMPLE_STR("\xff")}, "'\\xff'"},
    {"binary", {.text = SAMPLE_STR("\x00\xff")}, "x'00ff'"},
    {"date", {.i64 = 15706}, "DATE 2013-01-01"},
    {"date", {.i64 = -1}, "DATE 1969-12-31"},
    {"date", {.i64 = 11016}, "DATE 2000-02-29"},
    {"date", {.i64 = -719163}, "DATE 0001-12-31 (BC)"},
    {"date", {.i64 = INT32_MAX}, "DATE infinity"},
    {"date", {.i64 = -(int64_t)INT32_MAX}, "DATE -infinity"},
    {"time(us)", {.i64 = 3723000004}, "TIME 01:02:03.000004"},
    {"time(ns)", {.i64 = 3723000000000}, "TIME 01:02:03"},
    {"timestamp(us)", {.i64 = -1}, "TIMESTAMP 1969-12-31 23:59:59.999999"},
    {"timestamp(s)", {.i64 = 0}, "TIMESTAMP 1970-01-01 00:00:00"},
    {"timestamp(us, zone)", {.i64 = 500000}, "TIMESTAMPTZ 1970-01-01 00:00:00.5+00"},
    {"timestamp(us)", {.i64 = INT64_MAX}, "TIMESTAMP infinity"},
    {"timetz", {.i64 = (INT64_C(3600000000) << 24) | (57599 - 7200)}, "TIMETZ 01:00:00+02:00"},
    {"interval", {.interval = {14, -3, 0}}, "INTERVAL 14 months -3 days"},
    {"interval", {.interval = {0, 0, -1500000}}, "INTERVAL -00:00:01.5"},
    {"interval", {.interval = {0, 0, INT64_MIN}}, "INTERVAL -2562047788:00:54.775808"},
    {"interval", {.interval = {0, 0, 0}}, "INTERVAL 00:00:00"},
    {"uuid",
     {.i128 = {.hi = 0x0123456789abcdef, .lo = 0xfedcba9876543210}},
     "UUID 01234567-89ab-cdef-fedc-ba9876543210"},
    {"bit", {.text = SAMPLE_STR("01")}, "BIT '01'"},
    {"enum<'a'>", {.text = SAMPLE_STR("a")}, "'a'"},
    {"list<int64>", {.n_items = 2, .items = ints}, "[1, NULL]"},
    {"array<int64, 2>", {.n_items = 2, .items = ints}, "[1, NULL]"},
    {"struct<\"a\": int64, \"b\": int64>",
     {.n_items = 2, .items = ints},
     "{\"a\": 1, \"b\": NULL}"},
    {"struct<int64, int64>", {.n_items = 2, .items = ints}, "{1, NULL}"},
    {"map<utf8, int64>", {.n_items = 2, .items = entries}, "MAP {'a': 1}"},
    {"union<\"s\": utf8, \"n\": int64>",
     {.n_items = 1, .items = ints, .union_tag = 1},
     "UNION {\"n\": 1}"},
};
#define N_VALUES (sizeof(values) / sizeof(values[0]))

static const gbx__type *parse(gbx__arena *arena, const char *text)
{
    const gbx__type *type = NULL;
    assert_int_equal(gbx__type_parse(arena, gbx__str_of(text), &type, NULL), GBX_OK);
    return type;
}

static void test_values_print_fit_and_copy(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena other;
    gbx__buf out;
    gbx__arena_init(&arena);
    gbx__buf_init(&out, 0);
    for (size_t i = 0; i < N_VALUES; i++) {
        const gbx__type *type = parse(&arena, values[i].type);
        gbx__buf_clear(&out);
        gbx__value_print(&out, type, &values[i].value);
        assert_string_equal(out.data, values[i].text);
        assert_true(gbx__value_fits(type, &values[i].value));

        gbx__value copy;
        gbx__arena_init(&other);
        assert_int_equal(gbx__value_copy(&other, type, &values[i].value, &copy, NULL), GBX_OK);
        assert_true(gbx__value_equal(type, &copy, &values[i].value));
        const gbx__value null = {.is_null = true};
        assert_int_equal(gbx__value_equal(type, &copy, &null), copy.is_null);
        gbx__arena_done(&other);
    }
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
}

static void test_long_values_are_cut(void **state)
{
    (void)state;
    static char text[1000];
    static gbx__value many[100];
    gbx__arena arena;
    gbx__buf out;
    gbx__arena_init(&arena);
    gbx__buf_init(&out, 0);
    for (size_t i = 0; i < sizeof(text); i += 2) memcpy(text + i, "ü", 2);
    const gbx__value letters = {.text = {text + 1, 999}};
    gbx__value_print(&out, gbx__type_plain(GBX_TYPE_UTF8), &letters);
    assert_true(out.len < 300);
    assert_int_equal(gbx__utf8_valid_prefix(out.data, out.len), out.len);
    gbx__buf_clear(&out);
    const gbx__value list = {.n_items = 100, .items = many};
    gbx__value_print(&out, parse(&arena, "list<int64>"), &list);
    assert_true(out.len < 200);
    assert_non_null(strstr(out.data, "… (100 in all)]"));
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
}

static void test_equality_of_floats(void **state)
{
    (void)state;
    const gbx__type *type = gbx__type_plain(GBX_TYPE_FLOAT64);
    const gbx__value nan = {.f64 = (double)NAN};
    const gbx__value other_nan = {.f64 = -(double)NAN};
    const gbx__value zero = {.f64 = 0.0};
    const gbx__value minus_zero = {.f64 = -0.0};
    assert_true(gbx__value_equal(type, &nan, &other_nan));
    assert_false(gbx__value_equal(type, &nan, &zero));
    assert_false(gbx__value_equal(type, &zero, &minus_zero));
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    static const printed wrong[] = {
        {"null", {0}, ""},
        {"int8", {.i64 = 128}, ""},
        {"uint8", {.i64 = -1}, ""},
        {"int32", {.i64 = INT64_C(1) << 31}, ""},
        {"uint32", {.i64 = INT64_C(1) << 32}, ""},
        {"date", {.i64 = INT64_C(1) << 31}, ""},
        {"time(us)", {.i64 = -1}, ""},
        {"float32", {.f64 = 0.1}, ""},
        {"decimal(3,2)", {.i128 = {.lo = 1000}}, ""},
        {"enum<'a'>", {.text = SAMPLE_STR("b")}, ""},
        {"array<int64, 3>", {.n_items = 2, .items = ints}, ""},
        {"struct<int64>", {.n_items = 2, .items = ints}, ""},
        {"map<int64, int64>", {.n_items = 1, .items = ints}, ""},
        {"union<\"a\": int64>", {.n_items = 1, .items = ints, .union_tag = 1}, ""},
        {"list<null>", {.n_items = 1, .items = ints}, ""},
    };
    gbx__arena arena;
    gbx__arena_init(&arena);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (gbx__value_fits(parse(&arena, wrong[i].type), &wrong[i].value)) {
            fail_msg("a value fits %s", wrong[i].type);
        }
    }
    gbx__arena_done(&arena);
}

static void test_integers_of_128_bits(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-1",
                                       "9",
                                       "18446744073709551616",
                                       "170141183460469231731687303715884105727",
                                       "-170141183460469231731687303715884105728"};
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      "1x",
                                      " 1",
                                      "1.0",
                                      "170141183460469231731687303715884105728",
                                      "-170141183460469231731687303715884105729",
                                      "999999999999999999999999999999999999999999"};
    gbx__buf out;
    gbx__int128 value;
    gbx__buf_init(&out, 0);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(gbx__int128_parse(gbx__str_of(good[i]), &value));
        gbx__buf_clear(&out);
        gbx__int128_print(&out, value);
        assert_string_equal(out.data, good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(gbx__int128_parse(gbx__str_of(bad[i]), &value));
    }
    const gbx__str most = GBX_STR("340282366920938463463374607431768211455");
    assert_true(gbx__uint128_parse(most, &value));
    assert_true(value.hi == -1 && value.lo == UINT64_MAX);
    assert_false(gbx__uint128_parse(GBX_STR("340282366920938463463374607431768211456"), &value));
    assert_false(gbx__uint128_parse(GBX_STR("-1"), &value));
    gbx__buf_done(&out);
}

static void test_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int precision, scale;
        const char *printed; /* NULL: no such decimal */
    } cases[] = {
        {"3.5", 4, 2, "3.50"},
        {"-0.05", 3, 2, "-0.05"},
        {"0", 3, 3, "0.000"},
        {"-99", 2, 0, "-99"},
        {"0.00000000000000000000000000000000000001", 38, 38,
         "0.00000000000000000000000000000000000001"},
        {"99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999"},
        {"1.", 4, 2, NULL},
        {".5", 4, 2, NULL},
        {"1.234", 4, 2, NULL},
        {"100", 4, 2, NULL},
        {"1e3", 9, 2, NULL},
        {"--1", 9, 2, NULL},
        {"1.-1", 9, 2, NULL},
        {"1", 39, 2, NULL},
    };
    gbx__buf out;
    gbx__buf_init(&out, 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__int128 value;
        const bool is_read = gbx__decimal_parse(gbx__str_of(cases[i].text), cases[i].precision,
                                                cases[i].scale, &value);
        assert_int_equal(is_read, cases[i].printed != NULL);
        if (!is_read) continue;
        gbx__buf_clear(&out);
        gbx__decimal_print(&out, value, cases[i].scale);
        assert_string_equal(out.data, cases[i].printed);
        assert_true(gbx__decimal_fits(value, cases[i].precision));
    }
    gbx__buf_done(&out);
}

static void test_uuids(void **state)
{
    (void)state;
    static const char text[] = "ffffffff-0000-4000-8000-0123456789ab";
    gbx__int128 bits;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    assert_true(gbx__uuid_parse(gbx__str_of(text), &bits));
    gbx__uuid_print(&out, bits);
    assert_string_equal(out.data, text);
    assert_false(gbx__uuid_parse(GBX_STR("ffffffff-0000-4000-8000-0123456789a"), &bits));
    assert_false(gbx__uuid_parse(GBX_STR("ffffffff-0000-4000-8000_0123456789ab"), &bits));
    assert_false(gbx__uuid_parse(GBX_STR("fffffffg-0000-4000-8000-0123456789ab"), &bits));
    gbx__buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_print_fit_and_copy),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_equality_of_floats),
        cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_integers_of_128_bits),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_uuids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
