#include "base/size.h"

#include <locale.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_bytes(const char *text, int64_t expected)
{
    int64_t value = -1;
    gbx_error err;
    const gbx_status status = gbx__parse_bytes(gbx__str_of(text), &value, &err);
    if (status != GBX_OK) fail_msg("%s", err.message);
    if (value != expected) fail_msg("'%s' gives %lld", text, (long long)value);
}

static void refuse_bytes(const char *text)
{
    int64_t value = -7;
    gbx_error err;
    assert_int_equal(gbx__parse_bytes(gbx__str_of(text), &value, &err), GBX_PARSE);
    assert_int_equal(err.status, GBX_PARSE);
    assert_int_equal(value, -7);
}

static void test_bytes(void **state)
{
    (void)state;
    check_bytes("0", 0);
    check_bytes("100", 100);
    check_bytes("100b", 100);
    check_bytes("100 B", 100);
    check_bytes("64k", 64000);
    check_bytes("64kB", 64000);
    check_bytes("64KB", 64000);
    check_bytes("64Ki", 65536);
    check_bytes("64KiB", 65536);
    check_bytes("512MB", 512000000);
    check_bytes("1Mi", 1048576);
    check_bytes("4GB", 4000000000);
    check_bytes("4gb", 4000000000);
    check_bytes("4GiB", 4294967296);
    check_bytes("2T", 2000000000000);
    check_bytes("2TiB", 2199023255552);
    check_bytes("1.5GB", 1500000000);
    check_bytes("1.5 GiB", 1610612736);
    check_bytes("  7  ", 7);
    check_bytes("0.1MB", 100000);
    check_bytes("0.0000000000001TB", 1);
    check_bytes("1.00000000000000000000000000MB", 1000000);
    check_bytes("9223372036854775807", INT64_MAX);
    check_bytes("000000000000000000000000000001", 1);
    check_bytes("9223372TB", 9223372000000000000);
}

static void test_bytes_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      " ",   "GB",  "-1",   "+1",  "1.",   ".5GB",
                                        "1.GB",  "80%", "4XB", "4GBs", "1e9", "0x10", "4 G B",
                                        "1,5GB", "inf", "nan", "1..5", "1 5"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) refuse_bytes(texts[i]);
    refuse_bytes("9223372036854775808");
    refuse_bytes("99999999999999999999999");
    refuse_bytes("9223373TB");
    refuse_bytes("9223372036854775807.5");
    gbx_error err;
    int64_t value;
    assert_int_equal(gbx__parse_bytes((gbx__str){NULL, 0}, &value, &err), GBX_PARSE);
    assert_int_equal(gbx__parse_bytes(GBX_STR("80%"), &value, &err), GBX_PARSE);
    assert_string_equal(err.message, "'80%' is not a size such as '512MB' or '4GiB'");
    assert_int_equal(gbx__parse_bytes(GBX_STR("9999999TB"), &value, &err), GBX_PARSE);
    assert_string_equal(err.message, "'9999999TB' is too large");
}

static void test_bytes_ignore_the_locale(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists */
    check_bytes("1.5GB", 1500000000);
    refuse_bytes("1,5GB");
    setlocale(LC_ALL, "C");
}

static void check_ms(const char *text, int64_t expected)
{
    int64_t value = -1;
    gbx_error err;
    const gbx_status status = gbx__parse_duration_ms(gbx__str_of(text), &value, &err);
    if (status != GBX_OK) fail_msg("%s", err.message);
    if (value != expected) fail_msg("'%s' gives %lld", text, (long long)value);
}

static void test_durations(void **state)
{
    (void)state;
    check_ms("30s", 30000);
    check_ms("30", 30000);
    check_ms("500ms", 500);
    check_ms("2m", 120000);
    check_ms("1h", 3600000);
    check_ms("1.5s", 1500);
    check_ms("0.5 h", 1800000);
    check_ms("0.1ms", 1); /* never cut to "no limit" */
    check_ms("0", 0);
    int64_t value;
    gbx_error err;
    assert_int_equal(gbx__parse_duration_ms(GBX_STR("5 days"), &value, &err), GBX_PARSE);
    assert_int_equal(gbx__parse_duration_ms(GBX_STR("-1s"), &value, &err), GBX_PARSE);
    assert_int_equal(gbx__parse_duration_ms(GBX_STR("9223372036854775807h"), &value, &err),
                     GBX_PARSE);
}

static void check_format(int64_t bytes, const char *expected)
{
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    gbx__format_bytes(&buf, bytes);
    assert_string_equal(buf.data, expected);
    gbx__buf_done(&buf);
}

static void test_format(void **state)
{
    (void)state;
    check_format(0, "0 B");
    check_format(7, "7 B");
    check_format(999, "999 B");
    check_format(1000, "1 KB");
    check_format(12000, "12 KB");
    check_format(999999, "999.9 KB");
    check_format(1500000000, "1.5 GB");
    check_format(INT64_MAX, "9.2 EB");
    check_format(-1500, "-1.5 KB");
    check_format(INT64_MIN, "-9.2 EB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_bytes_refused),
        cmocka_unit_test(test_bytes_ignore_the_locale),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
