#include "base/cancel.h"

#include "base/clock.h"
#include "base/error.h"

void gbx__cancel_init(gbx__cancel *token)
{
    atomic_init(&token->requested, false);
    atomic_init(&token->deadline_mono_ns, 0);
}

void gbx__cancel_request(gbx__cancel *token)
{
    if (token) atomic_store(&token->requested, true);
}

void gbx__cancel_deadline(gbx__cancel *token, int64_t deadline_mono_ns)
{
    atomic_store(&token->deadline_mono_ns, deadline_mono_ns);
}

gbx_status gbx__cancel_check(const gbx__cancel *token)
{
    if (!token) return GBX_OK;
    if (atomic_load(&token->requested)) return GBX_CANCELLED;
    const int64_t deadline = atomic_load(&token->deadline_mono_ns);
    return deadline != 0 && gbx__mono_ns() >= deadline ? GBX_TIMEOUT : GBX_OK;
}

gbx_status gbx__cancel_check_err(const gbx__cancel *token, gbx_error *err)
{
    const gbx_status status = gbx__cancel_check(token);
    if (status == GBX_CANCELLED) return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
    if (status == GBX_TIMEOUT) return GBX_FAIL(err, GBX_TIMEOUT, "the time limit was reached");
    return GBX_OK;
}
