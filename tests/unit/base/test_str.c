#include "base/str.h"

#include "base/alloc.h"
#include "base/error.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_views(void **state)
{
    (void)state;
    const gbx__str empty = gbx__str_of(NULL);
    const gbx__str null = {NULL, 0};
    assert_int_equal(empty.len, 0);
    assert_true(gbx__str_equal(empty, null));
    assert_true(gbx__str_equal(GBX_STR("a\0b"), (gbx__str){"a\0b", 3}));
    assert_false(gbx__str_equal(GBX_STR("ab"), GBX_STR("ac")));
    assert_true(gbx__str_is(GBX_STR("ab"), "ab"));
    assert_false(gbx__str_is(GBX_STR("ab"), "abc"));
    assert_true(gbx__str_is(null, ""));
    assert_true(gbx__str_is_nocase(GBX_STR("SeLeCt"), "select"));
    assert_false(gbx__str_is_nocase(GBX_STR("[\\]"), "{|}")); /* 0x20 apart, no letters */
    assert_false(gbx__str_is_nocase(GBX_STR("É"), "é"));
}

static void test_ends(void **state)
{
    (void)state;
    assert_true(gbx__str_starts(GBX_STR("abc"), "ab"));
    assert_true(gbx__str_starts(gbx__str_of(NULL), ""));
    assert_false(gbx__str_starts(GBX_STR("a"), "ab"));
    assert_true(gbx__str_ends_nocase(GBX_STR("X.CSV"), ".csv"));
    assert_true(gbx__str_ends_nocase(GBX_STR("x"), ""));
    assert_false(gbx__str_ends_nocase(GBX_STR("csv"), ".csv"));
}

static void test_compare(void **state)
{
    (void)state;
    assert_int_equal(gbx__str_compare(GBX_STR("a"), GBX_STR("b")), -1);
    assert_int_equal(gbx__str_compare(GBX_STR("b"), GBX_STR("a")), 1);
    assert_int_equal(gbx__str_compare(GBX_STR("a"), GBX_STR("ab")), -1);
    assert_int_equal(gbx__str_compare(GBX_STR("ab"), GBX_STR("a")), 1);
    assert_int_equal(gbx__str_compare(GBX_STR("\x7f"), GBX_STR("\x80")), -1);
    assert_int_equal(gbx__str_compare(gbx__str_of(NULL), GBX_STR("")), 0);
}

static void test_utf8_accepts_what_unicode_does(void **state)
{
    (void)state;
    /* The borders of table 3-7, and one step past each. */
    static const struct {
        const char *bytes;
        uint32_t c; /* 0xFFFD with is_bad: refused */
        bool is_bad;
    } cases[] = {
        {"\x7F", 0x7F, false},
        {"\xC2\x80", 0x80, false},
        {"\xDF\xBF", 0x7FF, false},
        {"\xE0\xA0\x80", 0x800, false},
        {"\xED\x9F\xBF", 0xD7FF, false},
        {"\xEE\x80\x80", 0xE000, false},
        {"\xEF\xBF\xBD", 0xFFFD, false},
        {"\xEF\xBF\xBF", 0xFFFF, false},
        {"\xF0\x90\x80\x80", 0x10000, false},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF, false},
        {"\x80", 0xFFFD, true},
        {"\xC0\x80", 0xFFFD, true},
        {"\xC1\xBF", 0xFFFD, true},
        {"\xC3", 0xFFFD, true},
        {"\xC3x", 0xFFFD, true},
        {"\xE0\x9F\xBF", 0xFFFD, true},
        {"\xED\xA0\x80", 0xFFFD, true},
        {"\xE2\x82", 0xFFFD, true},
        {"\xF0\x8F\xBF\xBF", 0xFFFD, true},
        {"\xF4\x90\x80\x80", 0xFFFD, true},
        {"\xF5\x80\x80\x80", 0xFFFD, true},
        {"\xF0\x9F\x98", 0xFFFD, true},
        {"\xFF", 0xFFFD, true},
    };
    for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
        const size_t len = strlen(cases[k].bytes);
        size_t i = 0;
        assert_int_equal(gbx__utf8_next(cases[k].bytes, len, &i), cases[k].c);
        assert_int_equal(i, cases[k].is_bad ? 1 : len);
        assert_int_equal(gbx__utf8_valid_prefix(cases[k].bytes, len), cases[k].is_bad ? 0 : len);
    }
    assert_int_equal(gbx__utf8_valid_prefix("aé\xffz", 5), 3);
    assert_int_equal(gbx__utf8_valid_prefix(NULL, 0), 0);
}

static void test_utf8_every_code_point(void **state)
{
    (void)state;
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000) continue;
        char s[4];
        size_t n = 0;
        if (c < 0x800) {
            s[n++] = (char)(0xC0 | c >> 6);
        } else if (c < 0x10000) {
            s[n++] = (char)(0xE0 | c >> 12);
            s[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        } else {
            s[n++] = (char)(0xF0 | c >> 18);
            s[n++] = (char)(0x80 | (c >> 12 & 0x3F));
            s[n++] = (char)(0x80 | (c >> 6 & 0x3F));
        }
        s[n++] = (char)(0x80 | (c & 0x3F));
        size_t i = 0;
        if (gbx__utf8_next(s, n, &i) != c || i != n) fail_msg("U+%04X", (unsigned)c);
    }
}

static void check_width(const char *text, size_t width)
{
    assert_int_equal(gbx__utf8_width(text, strlen(text)), width);
}

static void test_utf8_width(void **state)
{
    (void)state;
    check_width("", 0);
    check_width("abc", 3);
    check_width("é", 1);
    check_width("e\xCC\x81", 1); /* e and a combining acute */
    check_width("日本語", 6);
    check_width("한국", 4);
    check_width("ｱ", 1);  /* half-width */
    check_width("Ａ", 2); /* full-width */
    check_width("😀", 2);
    check_width("\xE2\x80\x8B", 0); /* zero width space */
    check_width("\xC2\xAD", 1);     /* soft hyphen */
    check_width("\t\x1b\x7f", 0);
    check_width("\xff", 1); /* shown as U+FFFD */
    check_width("─│", 2);
}

static void test_buf_grows(void **state)
{
    (void)state;
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    assert_string_equal(gbx__buf_view(&buf).ptr, "");
    gbx__buf_str(&buf, (gbx__str){NULL, 0});
    assert_string_equal(buf.data, "");
    for (int i = 0; i < 1000; i++) gbx__buf_printf(&buf, "%d,", i);
    gbx__buf_putc(&buf, 'x');
    gbx__buf_puts(&buf, "yz");
    assert_false(buf.failed);
    assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4 + 3);
    assert_memory_equal(buf.data, "0,1,2,", 6);
    assert_string_equal(buf.data + buf.len - 7, "999,xyz");
    gbx__buf_clear(&buf);
    assert_string_equal(buf.data, "");
    gbx__buf_done(&buf);
    gbx__buf_done(&buf);
    gbx__buf_done(NULL);
}

static void test_buf_keeps_its_limit(void **state)
{
    (void)state;
    gbx__buf buf;
    gbx__buf_init(&buf, 100);
    for (int i = 0; i < 10; i++) gbx__buf_puts(&buf, "0123456789");
    assert_false(buf.failed);
    assert_true(buf.capacity <= 101);
    gbx__buf_putc(&buf, 'x');
    assert_true(buf.failed);
    assert_int_equal(buf.len, 100);
    assert_null(gbx__buf_reserve(&buf, 0));
    assert_null(gbx__buf_take(&buf));
    gbx__buf_clear(&buf);
    gbx__buf_puts(&buf, "again");
    assert_string_equal(buf.data, "again");
    gbx__buf_printf(&buf, "%200d", 1);
    assert_true(buf.failed);
    assert_string_equal(buf.data, "again");
    gbx__buf_done(&buf);

    gbx__buf_init(&buf, 0);
    assert_null(gbx__buf_reserve(&buf, SIZE_MAX));
    assert_true(buf.failed);
    gbx__buf_done(&buf);
}

static void test_buf_reserve_and_take(void **state)
{
    (void)state;
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    char *room = gbx__buf_reserve(&buf, 3);
    memcpy(room, "abc", 3);
    buf.len += 3;
    gbx__buf_puts(&buf, "d");
    char *bytes = gbx__buf_take(&buf);
    assert_string_equal(bytes, "abcd");
    gbx__alloc_free(bytes);
    assert_null(buf.data);
    bytes = gbx__buf_take(&buf);
    assert_string_equal(bytes, "");
    gbx__alloc_free(bytes);
}

static gbx_status buf_work(void *ctx, gbx_error *err)
{
    (void)ctx;
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    for (int i = 0; i < 500; i++) {
        gbx__buf_puts(&buf, "some text ");
        gbx__buf_printf(&buf, "%d", i);
    }
    char *bytes = gbx__buf_take(&buf);
    const bool failed = bytes == NULL;
    gbx__alloc_free(bytes);
    gbx__buf_done(&buf);
    return failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, buf_work, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_utf8_accepts_what_unicode_does),
        cmocka_unit_test(test_utf8_every_code_point),
        cmocka_unit_test(test_utf8_width),
        cmocka_unit_test(test_buf_grows),
        cmocka_unit_test(test_buf_keeps_its_limit),
        cmocka_unit_test(test_buf_reserve_and_take),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
