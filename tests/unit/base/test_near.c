#include "base/near.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *nearest(const char *typed)
{
    static const char *const names[] = {"memory", "threads", "engine", "a"};
    const char *near = gbx__near(gbx__str_of(typed), names, 4);
    return near ? near : "";
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(gbx__near_distance(GBX_STR("kitten"), GBX_STR("sitting")), 3);
    assert_int_equal(gbx__near_distance(GBX_STR("same"), GBX_STR("SAME")), 0);
    assert_int_equal(gbx__near_distance(GBX_STR(""), GBX_STR("abc")), 3);
    char long_name[300];
    memset(long_name, 'x', sizeof(long_name));
    assert_true(gbx__near_distance((gbx__str){long_name, 300}, GBX_STR("x")) == SIZE_MAX);
}

static void test_near(void **state)
{
    (void)state;
    assert_string_equal(nearest("memry"), "memory");
    assert_string_equal(nearest("Thread"), "threads");
    assert_string_equal(nearest("egnine"), "engine");
    assert_string_equal(nearest("entirely"), "");
    assert_string_equal(nearest("b"), "a");
    assert_string_equal(nearest("zz"), "");
    assert_null(gbx__near(GBX_STR("x"), NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
