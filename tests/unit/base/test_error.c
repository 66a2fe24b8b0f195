#include "base/error.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_set_fills_everything(void **state)
{
    (void)state;
    gbx_error err;
    memset(&err, 0x5A, sizeof(err));
    const gbx_status status = GBX_FAIL(&err, GBX_BIND, "no column '%s'", "x");
    assert_int_equal(status, GBX_BIND);
    assert_int_equal(err.status, GBX_BIND);
    assert_string_equal(err.message, "no column 'x'");
    assert_int_equal(err.native_code, 0);
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
    assert_int_equal(err.offset, -1);
}

static void test_null_is_fine(void **state)
{
    (void)state;
    assert_int_equal(GBX_FAIL(NULL, GBX_IO, "x"), GBX_IO);
    assert_int_equal(gbx__error_errno(NULL, ENOENT, "x"), GBX_NOT_FOUND);
    gbx__error_prefix(NULL, "x");
    gbx__error_locate(NULL, "x", 1, 0);
}

static void test_message_is_one_clean_line(void **state)
{
    (void)state;
    gbx_error err;
    gbx__error_set(&err, GBX_PARSE, "a\nb\r\tc\x1b[31m\x7f d\xff\xc3 e\xc2\x85é%s", "\x01");
    assert_string_equal(err.message, "a b  c [31m  d?? e  é ");
    assert_int_equal(gbx__utf8_valid_prefix(err.message, strlen(err.message)), strlen(err.message));
}

static void test_long_messages_are_cut_between_characters(void **state)
{
    (void)state;
    /* Every alignment of the cut against a character of 1, 2, 3 and 4 bytes. */
    static const char *const characters[] = {"x", "é", "€", "😀"};
    char text[2048];
    for (size_t k = 0; k < 4; k++) {
        for (size_t shift = 0; shift < 8; shift++) {
            memset(text, 'a', shift);
            text[shift] = '\0';
            while (strlen(text) < 600) strcat(text, characters[k]);
            gbx_error err;
            gbx__error_set(&err, GBX_PARSE, "%s", text);
            const size_t len = strlen(err.message);
            assert_true(len < GBX_ERROR_MESSAGE_SIZE && len > GBX_ERROR_MESSAGE_SIZE - 8);
            assert_int_equal(gbx__utf8_valid_prefix(err.message, len), len);
            assert_string_equal(err.message + len - 3, "...");
            assert_null(strchr(err.message, '?'));
        }
    }
}

static void test_a_message_that_just_fits_is_whole(void **state)
{
    (void)state;
    char text[GBX_ERROR_MESSAGE_SIZE + 1];
    memset(text, 'a', sizeof(text));
    text[GBX_ERROR_MESSAGE_SIZE - 1] = '\0';
    gbx_error err;
    gbx__error_set(&err, GBX_IO, "%s", text);
    assert_string_equal(err.message, text);
    text[GBX_ERROR_MESSAGE_SIZE - 1] = 'a';
    text[GBX_ERROR_MESSAGE_SIZE] = '\0';
    gbx__error_set(&err, GBX_IO, "%s", text);
    assert_string_equal(err.message + GBX_ERROR_MESSAGE_SIZE - 4, "...");
}

static void test_message_may_quote_itself(void **state)
{
    (void)state;
    gbx_error err;
    gbx__error_set(&err, GBX_IO, "inner");
    gbx__error_set(&err, GBX_ENGINE, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
}

static void test_any_bytes(void **state)
{
    (void)state;
    char text[256];
    for (int i = 0; i < 255; i++) text[i] = (char)(i + 1);
    text[255] = '\0';
    gbx_error err;
    gbx__error_set(&err, GBX_IO, "%s%s", text, text);
    const size_t len = strlen(err.message);
    assert_int_equal(gbx__utf8_valid_prefix(err.message, len), len);
}

static void test_errno_becomes_a_code_and_a_reason(void **state)
{
    (void)state;
    gbx_error err;
    assert_int_equal(gbx__error_errno(&err, ENOENT, "cannot open '%s'", "x"), GBX_NOT_FOUND);
    assert_string_equal(err.message, "cannot open 'x': No such file or directory");
    assert_int_equal(err.native_code, ENOENT);
    assert_int_equal(gbx__error_errno(&err, ENOMEM, "x"), GBX_NOMEM);
    assert_int_equal(gbx__error_errno(&err, EACCES, "x"), GBX_IO);
    assert_int_equal(err.status, GBX_IO);
    assert_int_equal(gbx__error_errno(&err, 123456, "x"), GBX_IO);
    assert_string_equal(err.message, "x: unknown error");
}

static void test_prefix_keeps_the_rest(void **state)
{
    (void)state;
    gbx_error err;
    gbx__error_set(&err, GBX_PARSE, "expected a name");
    gbx__error_locate(&err, "a\nbc", 4, 3);
    gbx__error_prefix(&err, "%s.toml", "sales");
    assert_string_equal(err.message, "sales.toml: expected a name");
    assert_int_equal(err.status, GBX_PARSE);
    assert_int_equal(err.line, 2);
    char text[600];
    memset(text, 'p', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    gbx__error_prefix(&err, "%s", text);
    assert_int_equal(strlen(err.message), GBX_ERROR_MESSAGE_SIZE - 1);
}

static void check_place(const char *text, size_t offset, int line, int column)
{
    gbx_error err;
    gbx__error_set(&err, GBX_PARSE, "x");
    gbx__error_locate(&err, text, strlen(text), offset);
    assert_int_equal(err.line, line);
    assert_int_equal(err.column, column);
}

static void test_locate_counts_characters(void **state)
{
    (void)state;
    check_place("", 0, 1, 1);
    check_place("abc", 0, 1, 1);
    check_place("abc", 2, 1, 3);
    check_place("abc", 3, 1, 4);
    check_place("abc", 99, 1, 4);
    check_place("a\nb\n", 1, 1, 2);
    check_place("a\nb\n", 2, 2, 1);
    check_place("a\nb\n", 4, 3, 1);
    check_place("a\r\nb", 3, 2, 1);
    check_place("é€😀x", 9, 1, 4);
    check_place("é€😀x", 3, 1, 2); /* inside the second character */
    check_place("\xff\xffx", 2, 1, 3);
}

static gbx_status try_one(gbx_status status, int *reached)
{
    GBX_TRY(status);
    (*reached)++;
    return GBX_OK;
}

static void test_try(void **state)
{
    (void)state;
    int reached = 0;
    assert_int_equal(try_one(GBX_CORRUPT, &reached), GBX_CORRUPT);
    assert_int_equal(reached, 0);
    assert_int_equal(try_one(GBX_OK, &reached), GBX_OK);
    assert_int_equal(reached, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_fills_everything),
        cmocka_unit_test(test_null_is_fine),
        cmocka_unit_test(test_message_is_one_clean_line),
        cmocka_unit_test(test_long_messages_are_cut_between_characters),
        cmocka_unit_test(test_a_message_that_just_fits_is_whole),
        cmocka_unit_test(test_message_may_quote_itself),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_errno_becomes_a_code_and_a_reason),
        cmocka_unit_test(test_prefix_keeps_the_rest),
        cmocka_unit_test(test_locate_counts_characters),
        cmocka_unit_test(test_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
