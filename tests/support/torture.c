#include "support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TORTURE_RUNS_MAX 100000

int torture_run(gbx__fault_kind kind, torture_work work, void *ctx)
{
    const gbx_status expected = kind == GBX_FAULT_ALLOC ? GBX_NOMEM : GBX_IO;
    int failures = 0;
    for (int64_t nth = 1; nth < TORTURE_RUNS_MAX; nth++) {
        gbx_error err = {0};
        gbx__fault_arm(kind, nth);
        const gbx_status status = work(ctx, &err);
        const int64_t count = gbx__fault_count(kind);
        gbx__fault_arm(kind, 0);

        if (count < nth) {
            assert_int_equal(status, GBX_OK);
            return failures;
        }
        if (status == GBX_OK) continue; /* a failure that may be shrugged off */
        if (status != expected) fail_msg("fault %d: %s", (int)nth, err.message);
        assert_int_equal(err.status, status);
        assert_string_not_equal(err.message, "");
        failures++;
    }
    fail_msg("the work never runs clean");
    return failures;
}
