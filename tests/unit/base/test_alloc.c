#include "base/alloc.h"

#include "base/fault.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_sizes(void **state)
{
    (void)state;
    void *nothing = gbx__alloc(0);
    assert_non_null(nothing);
    gbx__alloc_free(nothing);
    char *zero = gbx__alloc_zero(64);
    for (int i = 0; i < 64; i++) assert_int_equal(zero[i], 0);
    zero = gbx__alloc_resize(zero, 0);
    assert_non_null(zero);
    gbx__alloc_free(zero);
    gbx__alloc_free(NULL);
}

static void test_dup_ends_in_nul(void **state)
{
    (void)state;
    char *copy = gbx__alloc_dup("a\0bc", 3);
    assert_memory_equal(copy, "a\0b", 4);
    gbx__alloc_free(copy);
    copy = gbx__alloc_dup(NULL, 0);
    assert_string_equal(copy, "");
    gbx__alloc_free(copy);
    assert_null(gbx__alloc_dup("a", SIZE_MAX));
}

static void test_sums_and_products(void **state)
{
    (void)state;
    size_t out = 7;
    assert_true(gbx__size_mul(6, 7, &out));
    assert_int_equal(out, 42);
    assert_false(gbx__size_mul(SIZE_MAX / 2, 3, &out));
    assert_false(gbx__size_add(SIZE_MAX, 1, &out));
    assert_int_equal(out, 42);
    assert_true(gbx__size_add(SIZE_MAX, 0, &out));
    assert_true(out == SIZE_MAX);
}

static void test_a_failed_resize_keeps_the_block(void **state)
{
    (void)state;
    char *block = gbx__alloc_dup("kept", 4);
    gbx__fault_arm(GBX_FAULT_ALLOC, 1);
    assert_null(gbx__alloc_resize(block, 1000));
    gbx__fault_arm(GBX_FAULT_ALLOC, 0);
    assert_string_equal(block, "kept");
    gbx__alloc_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_dup_ends_in_nul),
        cmocka_unit_test(test_sums_and_products),
        cmocka_unit_test(test_a_failed_resize_keeps_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
