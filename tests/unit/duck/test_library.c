#include "duck/duck.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* In this order: the first library that opens stays for the rest of the process. */
static void test_a_library_that_is_not_there(void **state)
{
    (void)state;
    gbx_error err = {0};
    const char *version = NULL;
    const char *right = getenv("GEARBOX_DUCKDB_LIBRARY");
    char kept[4096] = "";
    if (right) strncpy(kept, right, sizeof(kept) - 1);

    setenv("GEARBOX_DUCKDB_LIBRARY", "/nowhere/libduckdb.so", 1);
    assert_int_equal(gbx__duck_version(&version, &err), GBX_NOT_FOUND);
    assert_non_null(strstr(err.message, "GEARBOX_DUCKDB_LIBRARY"));
    assert_non_null(strstr(err.message, "/nowhere/libduckdb.so"));
    assert_null(version);

    setenv("GEARBOX_DUCKDB_LIBRARY", "libz.so.1", 1);
    assert_int_equal(gbx__duck_version(&version, &err), GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "libz.so.1"));
    gbx__duck *instance = NULL;
    assert_int_equal(gbx__duck_open(&(gbx__duck_options){0}, &instance, &err), GBX_UNSUPPORTED);
    assert_null(instance);

    if (right)
        setenv("GEARBOX_DUCKDB_LIBRARY", kept, 1);
    else
        unsetenv("GEARBOX_DUCKDB_LIBRARY");
    if (gbx__duck_version(&version, &err) != GBX_OK) fail_msg("%s", err.message);
    assert_string_equal(version, GBX_DUCK_VERSION);

    setenv("GEARBOX_DUCKDB_LIBRARY", "/nowhere/libduckdb.so", 1);
    assert_int_equal(gbx__duck_version(&version, &err), GBX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_library_that_is_not_there)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
