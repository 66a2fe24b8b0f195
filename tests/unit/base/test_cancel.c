#include "base/cancel.h"

#include "base/clock.h"

#include <signal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx__cancel signal_token;

static void on_signal(int number)
{
    (void)number;
    gbx__cancel_request(&signal_token);
}

static void test_request(void **state)
{
    (void)state;
    gbx__cancel token;
    gbx__cancel_init(&token);
    assert_int_equal(gbx__cancel_check(&token), GBX_OK);
    gbx__cancel_request(&token);
    assert_int_equal(gbx__cancel_check(&token), GBX_CANCELLED);
    gbx__cancel_init(&token);
    assert_int_equal(gbx__cancel_check(&token), GBX_OK);
    assert_int_equal(gbx__cancel_check(NULL), GBX_OK);
    gbx__cancel_request(NULL);
}

static void test_deadline(void **state)
{
    (void)state;
    gbx__cancel token;
    gbx__cancel_init(&token);
    gbx__cancel_deadline(&token, gbx__mono_ns() + (int64_t)3600 * 1000000000);
    assert_int_equal(gbx__cancel_check(&token), GBX_OK);
    gbx__cancel_deadline(&token, gbx__mono_ns() - 1);
    assert_int_equal(gbx__cancel_check(&token), GBX_TIMEOUT);
    gbx_error err;
    assert_int_equal(gbx__cancel_check_err(&token, &err), GBX_TIMEOUT);
    assert_int_equal(err.status, GBX_TIMEOUT);
    gbx__cancel_request(&token);
    assert_int_equal(gbx__cancel_check_err(&token, &err), GBX_CANCELLED);
    assert_string_equal(err.message, "cancelled");
    gbx__cancel_init(&token);
    gbx__cancel_deadline(&token, 1);
    gbx__cancel_deadline(&token, 0);
    assert_int_equal(gbx__cancel_check_err(&token, &err), GBX_OK);
}

static void test_from_a_signal_handler(void **state)
{
    (void)state;
    assert_true(atomic_is_lock_free(&signal_token.requested));
    gbx__cancel_init(&signal_token);
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction before;
    sigaction(SIGUSR1, &action, &before);
    raise(SIGUSR1);
    sigaction(SIGUSR1, &before, NULL);
    assert_int_equal(gbx__cancel_check(&signal_token), GBX_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_deadline),
        cmocka_unit_test(test_from_a_signal_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
