#include "base/program.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void keep(void *ctx, gbx__str line)
{
    gbx__buf_printf(ctx, "<%.*s>", GBX_STR_ARG(line));
}

static void expect(const char *script, const char *said, int ended)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    int code = -1;
    gbx_error err;
    gbx__buf_puts(&text, "");
    assert_int_equal(gbx__program_run(argv, keep, &text, &code, &err), GBX_OK);
    assert_string_equal(text.data, said);
    assert_int_equal(code, ended);
}

static void test_lines(void **state)
{
    (void)state;
    expect("echo a; echo b", "<a><b>", 0);
    expect("echo a >&2; printf 'b\\n\\nc'", "<a><b><><c>", 0);
    expect("exit 3", "", 3);
    expect("kill -9 $$", "", 137);
    expect("cat", "", 0); /* nothing to read */
}

static void count(void *ctx, gbx__str line)
{
    size_t *longest = ctx;
    if (line.len > *longest) *longest = line.len;
}

static void test_a_long_line_comes_in_pieces(void **state)
{
    (void)state;
    const char *const argv[] = {"sh", "-c", "head -c 300000 /dev/zero | tr '\\0' x", NULL};
    size_t longest = 0;
    int code = -1;
    assert_int_equal(gbx__program_run(argv, count, &longest, &code, NULL), GBX_OK);
    assert_int_equal(longest, 64 * 1024);
}

static void test_not_there(void **state)
{
    (void)state;
    const char *const argv[] = {"no-such-program-anywhere", NULL};
    int code = -1;
    gbx_error err;
    assert_int_equal(gbx__program_run(argv, keep, NULL, &code, &err), GBX_NOT_FOUND);
    assert_non_null(strstr(err.message, "no-such-program-anywhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_a_long_line_comes_in_pieces),
        cmocka_unit_test(test_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
