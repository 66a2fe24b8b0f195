#include "gearbox/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_every_code_has_its_row(void **state)
{
    (void)state;
#define CHECK(name, number, exit, text, clause)                                                    \
    assert_int_equal(GBX_##name, number);                                                          \
    assert_string_equal(gbx_status_name(GBX_##name), text);                                        \
    assert_string_equal(gbx_status_meaning(GBX_##name), clause);                                   \
    assert_int_equal(gbx_status_exit_code(GBX_##name), exit);
    GBX_STATUS_LIST(CHECK)
#undef CHECK
}

static void test_numbers_outside_the_list(void **state)
{
    (void)state;
    assert_string_equal(gbx_status_name((gbx_status)9999), "unknown");
    assert_string_equal(gbx_status_name((gbx_status)-1), "unknown");
    assert_int_not_equal(gbx_status_exit_code((gbx_status)9999), 0);
    assert_non_null(gbx_status_meaning((gbx_status)9999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_its_row),
        cmocka_unit_test(test_numbers_outside_the_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
