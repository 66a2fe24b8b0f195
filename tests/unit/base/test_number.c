#include "base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *u64(uint64_t value)
{
    static char text[64];
    *gbx__number_u64(text, value) = '\0';
    return text;
}

static const char *i64(int64_t value)
{
    static char text[64];
    *gbx__number_i64(text, value) = '\0';
    return text;
}

static const char *i128(gbx__i128 value)
{
    static char text[64];
    *gbx__number_i128(text, value) = '\0';
    return text;
}

static const char *f64(double value)
{
    static char text[64];
    *gbx__number_f64(text, value) = '\0';
    return text;
}

static const char *f32(float value)
{
    static char text[64];
    *gbx__number_f32(text, value) = '\0';
    return text;
}

/* A fixed sequence (xorshift): a failure comes back. */
static uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void test_integers(void **state)
{
    (void)state;
    assert_string_equal(u64(0), "0");
    assert_string_equal(u64(UINT64_MAX), "18446744073709551615");
    assert_string_equal(i64(-1), "-1");
    assert_string_equal(i64(INT64_MIN), "-9223372036854775808");
    uint64_t power = 1;
    for (int i = 0; i < 20; i++, power *= 10) {
        char expected[32];
        for (uint64_t value = power - 1; value != power + 2; value++) {
            snprintf(expected, sizeof(expected), "%llu", (unsigned long long)value);
            assert_string_equal(u64(value), expected);
        }
    }
}

static void test_128_bits(void **state)
{
    (void)state;
    char text[64];
    const gbx__u128 max = ~(gbx__u128)0;
    *gbx__number_u128(text, max) = '\0';
    assert_string_equal(text, "340282366920938463463374607431768211455");
    assert_string_equal(i128(-(gbx__i128)(max >> 1) - 1),
                        "-170141183460469231731687303715884105728");
    assert_string_equal(i128((gbx__i128)10000000000000000000u), "10000000000000000000");
    assert_string_equal(i128((gbx__i128)UINT64_MAX + 1), "18446744073709551616");
    assert_string_equal(i128(0), "0");
}

static void test_padded(void **state)
{
    (void)state;
    char text[32] = "";
    *gbx__number_padded(text, 7, 2) = '\0';
    assert_string_equal(text, "07");
    *gbx__number_padded(text, 1234567890123456789u, 19) = '\0';
    assert_string_equal(text, "1234567890123456789");
    *gbx__number_padded(text, 1, 9) = '\0';
    assert_string_equal(text, "000000001");
}

static void test_doubles_as_duckdb_prints_them(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0.0, "0.0"},
                 {-0.0, "-0.0"},
                 {1.0, "1.0"},
                 {100.0, "100.0"},
                 {4.35, "4.35"},
                 {0.002, "0.002"},
                 {0.0001, "0.0001"},
                 {0.00001, "1e-05"},
                 {0.000012345, "1.2345e-05"},
                 {1e-7, "1e-07"},
                 {123456789.0, "123456789.0"},
                 {1e15, "1000000000000000.0"},
                 {1e16, "1e+16"},
                 {1e22, "1e+22"},
                 {1234567890123456.7, "1234567890123456.8"},
                 {123456789012345678.0, "1.2345678901234568e+17"},
                 {9007199254740993.0, "9007199254740992.0"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1e300, "1e+300"},
                 {-1.5e-300, "-1.5e-300"},
                 {DBL_MAX, "1.7976931348623157e+308"},
                 {DBL_MIN, "2.2250738585072014e-308"},
                 {5e-324, "5e-324"},
                 {INFINITY, "inf"},
                 {-INFINITY, "-inf"},
                 {NAN, "nan"},
                 {-NAN, "nan"}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(f64(cases[i].value), cases[i].text);
    }
}

static void test_floats_as_duckdb_prints_them(void **state)
{
    (void)state;
    assert_string_equal(f32(0.1f), "0.1");
    assert_string_equal(f32(0.3f), "0.3");
    assert_string_equal(f32(1e7f), "10000000.0");
    assert_string_equal(f32(16777216.0f), "16777216.0");
    assert_string_equal(f32(123456789.125f), "123456790.0");
    assert_string_equal(f32(FLT_MAX), "3.4028235e+38");
    assert_string_equal(f32(FLT_MIN), "1.1754944e-38");
    assert_string_equal(f32(1e-45f), "1e-45");
    assert_string_equal(f32(-NAN), "nan");
    assert_string_equal(f32(-INFINITY), "-inf");
    assert_string_equal(f32(-0.0f), "-0.0");
    /* Two shortest candidates equally close, or one just on the border. */
    assert_string_equal(f32(-1915074.75f), "-1915074.75");
    assert_string_equal(f32(50816768.0f), "50816768.0");
    assert_string_equal(f32(2747983872.0f), "2747983872.0");
    assert_string_equal(f32(19781.0625f), "19781.0625");
}

static void test_doubles_read_back_and_are_short(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        const uint64_t bits = next_random();
        double value;
        memcpy(&value, &bits, sizeof(value));
        if (i % 2) value = (double)(int64_t)(bits % 1000000000) / 100;
        if (!isfinite(value)) continue;
        const char *text = f64(value);
        if (strtod(text, NULL) != value) fail_msg("%s is not %.17g", text, value);
        assert_true(strlen(text) <= GBX_NUMBER_FLOAT_MAX);
        char exact[64];
        snprintf(exact, sizeof(exact), "%.15g", value);
        /* A text of 15 digits that reads back is the shortest or longer. */
        if (strtod(exact, NULL) != value) continue;
        size_t digits = 0;
        size_t shorter = 0;
        for (const char *p = text; *p && *p != 'e'; p++) digits += *p >= '0' && *p <= '9';
        for (const char *p = exact; *p && *p != 'e'; p++) shorter += *p >= '0' && *p <= '9';
        if (digits > shorter + 1 && fabs(value) < 1e15) {
            fail_msg("%s is longer than %s", text, exact);
        }
    }
}

static void test_floats_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        const uint32_t bits = (uint32_t)next_random();
        float value;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value)) continue;
        const char *text = f32(value);
        if (strtof(text, NULL) != value) fail_msg("%s is not %.9g", text, (double)value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_128_bits),
        cmocka_unit_test(test_padded),
        cmocka_unit_test(test_doubles_as_duckdb_prints_them),
        cmocka_unit_test(test_floats_as_duckdb_prints_them),
        cmocka_unit_test(test_doubles_read_back_and_are_short),
        cmocka_unit_test(test_floats_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
