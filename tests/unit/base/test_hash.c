#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_hash(const char *bytes, size_t len, const char *expected)
{
    char hex[33];
    gbx__hash_hex(gbx__hash_bytes(bytes, len), hex);
    assert_string_equal(hex, expected);
}

/* As `xxh128sum` prints them: names on disk are made of these, so they must never change. */
static void test_known_values(void **state)
{
    (void)state;
    check_hash("", 0, "99aa06d3014798d86001c324468d497f");
    check_hash(NULL, 0, "99aa06d3014798d86001c324468d497f");
    check_hash("a", 1, "a96faf705af16834e6c632b61e964e1f");
    check_hash("abc", 3, "06b05ab6733a618578af5f94892f3950");
}

static void test_hex_has_all_digits(void **state)
{
    (void)state;
    char hex[33];
    gbx__hash_hex((gbx__hash128){.hi = 0x0123456789abcdef, .lo = 0xf}, hex);
    assert_string_equal(hex, "0123456789abcdef000000000000000f");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_hex_has_all_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
