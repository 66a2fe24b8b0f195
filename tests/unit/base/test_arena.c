#include "base/arena.h"

#include "base/error.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    unsigned char *pieces[500];
    for (size_t i = 0; i < 500; i++) {
        pieces[i] = gbx__arena_alloc(&arena, i);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < i; k++) assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)(i & 0xFF), i);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t k = 0; k < i; k++) assert_int_equal(pieces[i][k], i & 0xFF);
    }
    assert_true(arena.total_bytes >= 500 * 499 / 2);
    gbx__arena_done(&arena);
    assert_int_equal(arena.total_bytes, 0);
    gbx__arena_done(&arena);
    gbx__arena_done(NULL);
}

static void test_a_large_piece_leaves_the_head_in_use(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    char *small = gbx__arena_alloc(&arena, 16);
    char *large = gbx__arena_alloc(&arena, 4u << 20);
    assert_non_null(large);
    memset(large, 1, 4u << 20);
    char *next = gbx__arena_alloc(&arena, 16);
    assert_true(next > small && next - small < 64);
    gbx__arena_done(&arena);
}

static void test_impossible_sizes(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    assert_non_null(gbx__arena_alloc(&arena, 1));
    assert_false(arena.failed);
    assert_null(gbx__arena_alloc(&arena, SIZE_MAX));
    assert_true(arena.failed);
    assert_null(gbx__arena_alloc(&arena, SIZE_MAX - 100));
    assert_null(gbx__arena_array(&arena, SIZE_MAX / 4, 8));
    assert_null(gbx__arena_str(&arena, (gbx__str){"x", SIZE_MAX}).ptr);
    assert_non_null(gbx__arena_array(&arena, 0, 8));
    gbx__arena_done(&arena);
}

static void test_text(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx__str s = gbx__arena_str(&arena, (gbx__str){"abcdef", 3});
    assert_string_equal(s.ptr, "abc");
    assert_int_equal(s.len, 3);
    assert_string_equal(gbx__arena_str(&arena, (gbx__str){NULL, 0}).ptr, "");
    assert_string_equal(gbx__arena_cstr(&arena, "xyz"), "xyz");
    assert_string_equal(gbx__arena_printf(&arena, "%d-%s", 7, "b"), "7-b");
    assert_string_equal(gbx__arena_printf(&arena, "%s", ""), "");
    gbx__arena_done(&arena);
}

static gbx_status arena_work(void *ctx, gbx_error *err)
{
    (void)ctx;
    gbx__arena arena;
    gbx__arena_init(&arena);
    bool failed = false;
    for (size_t i = 0; i < 200 && !failed; i++) {
        failed = !gbx__arena_alloc(&arena, i * 37) || !gbx__arena_printf(&arena, "%zu", i) ||
                 !gbx__arena_str(&arena, GBX_STR("abc")).ptr;
    }
    gbx__arena_done(&arena);
    return failed ? GBX_FAIL_NOMEM(err) : GBX_OK;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, arena_work, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(test_a_large_piece_leaves_the_head_in_use),
        cmocka_unit_test(test_impossible_sizes),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
