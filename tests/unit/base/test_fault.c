#include "base/fault.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_disarmed_never_hits(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) assert_false(gbx__fault_hit(GBX_FAULT_IO));
    assert_int_equal(gbx__fault_count(GBX_FAULT_IO), 0);
}

static void test_the_nth_hits_once(void **state)
{
    (void)state;
    gbx__fault_arm(GBX_FAULT_IO, 3);
    for (int i = 1; i <= 6; i++) assert_int_equal(gbx__fault_hit(GBX_FAULT_IO), i == 3);
    assert_int_equal(gbx__fault_count(GBX_FAULT_IO), 6);
    gbx__fault_arm(GBX_FAULT_IO, 0);
    assert_int_equal(gbx__fault_count(GBX_FAULT_IO), 0);
}

static void test_kinds_are_apart(void **state)
{
    (void)state;
    gbx__fault_arm(GBX_FAULT_IO, 1);
    void *block = gbx__alloc(1);
    assert_non_null(block);
    gbx__alloc_free(block);
    gbx__fault_arm(GBX_FAULT_IO, 0);

    gbx__fault_arm(GBX_FAULT_ALLOC, 2);
    assert_false(gbx__fault_hit(GBX_FAULT_IO));
    block = gbx__alloc(1);
    assert_non_null(block);
    assert_null(gbx__alloc(1));
    gbx__fault_arm(GBX_FAULT_ALLOC, 0);
    gbx__alloc_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disarmed_never_hits),
        cmocka_unit_test(test_the_nth_hits_once),
        cmocka_unit_test(test_kinds_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
