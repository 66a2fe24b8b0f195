#include "base/map.h"

#include "base/error.h"
#include "support/torture.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_set_get_replace(void **state)
{
    (void)state;
    int a = 1;
    int b = 2;
    char key[] = "key";
    gbx__map map;
    gbx__map_init(&map);
    assert_null(gbx__map_get(&map, GBX_STR("key")));
    assert_false(gbx__map_has(&map, GBX_STR("")));
    assert_true(gbx__map_set(&map, gbx__str_of(key), &a));
    key[0] = 'X'; /* the map has its own copy */
    assert_ptr_equal(gbx__map_get(&map, GBX_STR("key")), &a);
    assert_true(gbx__map_set(&map, GBX_STR("key"), &b));
    assert_int_equal(map.len, 1);
    assert_ptr_equal(gbx__map_get(&map, GBX_STR("key")), &b);
    assert_true(gbx__map_set(&map, GBX_STR(""), NULL));
    assert_true(gbx__map_has(&map, GBX_STR("")));
    assert_null(gbx__map_get(&map, GBX_STR("")));
    assert_true(gbx__map_set(&map, (gbx__str){"k\0y", 3}, &a));
    assert_false(gbx__map_has(&map, GBX_STR("k")));
    assert_memory_equal(map.entries[2].key.ptr, "k\0y", 4);
    gbx__map_done(&map);
    gbx__map_done(&map);
    gbx__map_done(NULL);
}

static void test_many_keys_keep_their_order(void **state)
{
    (void)state;
    gbx__map map;
    gbx__map_init(&map);
    static char values[20000];
    char key[32];
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof(key), "key-%d", i * 7);
        assert_true(gbx__map_set(&map, gbx__str_of(key), &values[i]));
    }
    assert_int_equal(map.len, 20000);
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof(key), "key-%d", i * 7);
        assert_ptr_equal(gbx__map_get(&map, gbx__str_of(key)), &values[i]);
        assert_string_equal(map.entries[i].key.ptr, key);
        snprintf(key, sizeof(key), "key-%d", i * 7 + 1);
        assert_false(gbx__map_has(&map, gbx__str_of(key)));
    }
    gbx__map_done(&map);
}

static gbx_status map_work(void *ctx, gbx_error *err)
{
    (void)ctx;
    gbx__map map;
    gbx__map_init(&map);
    gbx_status status = GBX_OK;
    char key[32];
    for (int i = 0; i < 100 && status == GBX_OK; i++) {
        snprintf(key, sizeof(key), "%d", i);
        const size_t before = map.len;
        if (!gbx__map_set(&map, gbx__str_of(key), &map)) {
            status = GBX_FAIL_NOMEM(err);
            assert_int_equal(map.len, before);
            assert_false(gbx__map_has(&map, gbx__str_of(key)));
        }
    }
    for (size_t i = 0; i < map.len; i++) {
        assert_ptr_equal(gbx__map_get(&map, map.entries[i].key), &map);
    }
    gbx__map_done(&map);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, map_work, NULL) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_get_replace),
        cmocka_unit_test(test_many_keys_keep_their_order),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
