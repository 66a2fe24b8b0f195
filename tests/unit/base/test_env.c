#include "base/env.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_unset_and_empty_are_the_same(void **state)
{
    (void)state;
    unsetenv("GEARBOX_TEST_ENV");
    assert_null(gbx__env_get("GEARBOX_TEST_ENV"));
    setenv("GEARBOX_TEST_ENV", "", 1);
    assert_null(gbx__env_get("GEARBOX_TEST_ENV"));
    setenv("GEARBOX_TEST_ENV", "x", 1);
    assert_string_equal(gbx__env_get("GEARBOX_TEST_ENV"), "x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unset_and_empty_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
