#include "support/plan_samples.h"
#include "support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx__hash128 expected;

static gbx_status check(bool is_right, gbx_error *err)
{
    if (is_right) return GBX_OK;
    err->status = GBX_NOMEM;
    err->message[0] = '!';
    return GBX_NOMEM;
}

/* The hash needs no memory: it is right, fault or not. */
static void check_hash(const gbx_plan *plan)
{
    const gbx__hash128 hash = gbx__plan_hash(plan);
    if (expected.hi == 0 && expected.lo == 0) expected = hash;
    assert_true(hash.hi == expected.hi && hash.lo == expected.lo);
}

static gbx_status use(const gbx_plan *plan, gbx__buf *out, gbx_plan **copy, gbx_error *err)
{
    check_hash(plan);
    gbx__plan_print(out, plan);
    if (out->failed) return check(false, err);
    gbx__buf_clear(out);
    gbx__plan_to_json(out, plan);
    if (out->failed) return check(false, err);
    const gbx_status status = gbx__plan_from_json(gbx__buf_view(out), copy, err);
    if (status != GBX_OK) return status;
    check_hash(*copy);
    return check(gbx__plan_equal(plan, *copy), err);
}

static gbx_status build_and_use(void *ctx, gbx_error *err)
{
    gbx_plan *plan = NULL;
    gbx_plan *copy = NULL;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx_status status = plan_sample_make(*(size_t *)ctx, &plan, err);
    if (status == GBX_OK) status = use(plan, &out, &copy, err);
    gbx__buf_done(&out);
    gbx__plan_unref(copy);
    gbx__plan_unref(plan);
    return status;
}

static void test_every_sample(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++) {
        expected = (gbx__hash128){0};
        assert_true(torture_run(GBX_FAULT_ALLOC, build_and_use, &i) > 5);
    }
}

static gbx_status import_twice(void *ctx, gbx_error *err)
{
    const gbx_plan *original = ctx;
    gbx__plan_builder b;
    gbx_plan *plan = NULL;
    gbx__plan_builder_init(&b);
    const gbx__node *const both[] = {gbx__plan_import(&b, original),
                                     gbx__plan_import(&b, original)};
    const gbx__node *all = gbx__node_setop(&b, GBX_SETOP_UNION, true, 2, both, GBX_NO_POS);
    const gbx_status status = gbx__plan_finish(&b, all, GBX_STR("text"), &plan, err);
    gbx__plan_unref(plan);
    gbx__plan_builder_done(&b);
    return status;
}

static void test_imports(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < plan_sample_count; i++) { /* but the sink */
        gbx_error err;
        gbx_plan *original = NULL;
        assert_int_equal(plan_sample_make(i, &original, &err), GBX_OK);
        assert_true(torture_run(GBX_FAULT_ALLOC, import_twice, original) > 3);
        assert_int_equal(original->refs, 1);
        gbx__plan_unref(original);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_sample),
        cmocka_unit_test(test_imports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
