#include "engine/engine.h"

#include "engine/duckdb/engine_duckdb.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx__engine_vtable engine_named(const char *name)
{
    gbx__engine_vtable engine = gbx__engine_duckdb; /* its functions will do */
    engine.info.name = name;
    return engine;
}

static void test_built_in(void **state)
{
    (void)state;
    assert_ptr_equal(gbx__engine_find(GBX_STR("duckdb")), &gbx__engine_duckdb);
    assert_null(gbx__engine_find(GBX_STR("duck")));
    assert_null(gbx__engine_find(GBX_STR("")));
    assert_int_equal(gbx__engine_count(), 1);
    assert_ptr_equal(gbx__engine_at(0), &gbx__engine_duckdb);
    assert_null(gbx__engine_at(1));
}

static void test_info(void **state)
{
    (void)state;
    const gbx__engine_info *info = &gbx__engine_duckdb.info;
    gbx__engine_info probed = *info;
    gbx_error err = {0};
    assert_int_equal(info->engine_bit, GBX_ENGINE_BIT_DUCKDB);
    assert_true(info->speaks_sql);
    assert_null(info->version);
    if (gbx__engine_duckdb.probe(&gbx__engine_duckdb, &probed, &err) != GBX_OK)
        fail_msg("%s", err.message);
    assert_string_equal(probed.version, "2.0.0");
}

static void test_register(void **state)
{
    (void)state;
    static gbx__engine_vtable mine;
    static gbx__engine_vtable same_name;
    gbx_error err = {0};
    mine = engine_named("mine");
    same_name = engine_named("mine");
    assert_int_equal(gbx__engine_register(&mine, &err), GBX_OK);
    assert_int_equal(gbx__engine_register(&mine, &err), GBX_OK);
    assert_int_equal(gbx__engine_count(), 2);
    assert_ptr_equal(gbx__engine_find(GBX_STR("mine")), &mine);
    assert_int_equal(gbx__engine_register(&same_name, &err), GBX_EXISTS);
    assert_non_null(strstr(err.message, "mine"));
    assert_int_equal(gbx__engine_count(), 2);
}

static void test_what_lacks_something(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__engine_vtable engine = engine_named(NULL);
    assert_int_equal(gbx__engine_register(&engine, &err), GBX_UNSUPPORTED);
    engine = engine_named("");
    assert_int_equal(gbx__engine_register(&engine, &err), GBX_UNSUPPORTED);
    engine = engine_named("half");
    engine.progress = NULL;
    assert_int_equal(gbx__engine_register(&engine, &err), GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "progress"));
    engine = engine_named("half");
    engine.probe = NULL;
    assert_int_equal(gbx__engine_register(&engine, &err), GBX_UNSUPPORTED);
    assert_null(gbx__engine_find(GBX_STR("half")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_built_in),
        cmocka_unit_test(test_info),
        cmocka_unit_test(test_register),
        cmocka_unit_test(test_what_lacks_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
