#include "base/vec.h"

#include "base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct pair {
    int64_t a;
    char b;
} pair;

static void test_push(void **state)
{
    (void)state;
    GBX_VEC(pair) v = {0};
    for (int i = 0; i < 1000; i++) assert_true(gbx__vec_push(&v, ((pair){i, (char)(i % 100)})));
    assert_int_equal(v.len, 1000);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(v.items[i].a, i);
        assert_int_equal(v.items[i].b, i % 100);
    }
    gbx__vec_done(&v);
    assert_null(v.items);
    assert_int_equal(v.len + v.capacity, 0);
    gbx__vec_done(&v);
}

static void test_a_failed_push_keeps_what_is_there(void **state)
{
    (void)state;
    GBX_VEC(char *) v = {0};
    char text[] = "x";
    gbx__fault_arm(GBX_FAULT_ALLOC, 3);
    size_t pushed = 0;
    while (gbx__vec_push(&v, text)) pushed++;
    gbx__fault_arm(GBX_FAULT_ALLOC, 0);
    assert_int_equal(pushed, 16);
    assert_int_equal(v.len, 16);
    assert_ptr_equal(v.items[15], text);
    assert_true(gbx__vec_push(&v, text));
    gbx__vec_done(&v);
}

static void test_impossible_sizes(void **state)
{
    (void)state;
    void *items = NULL;
    size_t capacity = SIZE_MAX / 2 + 1;
    assert_false(gbx__vec_grow(&items, &capacity, capacity, 1));
    capacity = 0;
    assert_false(gbx__vec_grow(&items, &capacity, 0, SIZE_MAX / 2));
    assert_null(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_push),
        cmocka_unit_test(test_a_failed_push_keeps_what_is_there),
        cmocka_unit_test(test_impossible_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
