/*
 * Returning failures: GBX_TRY passes one on, GBX_FAIL makes one.
 *
 * A lower message survives on its way up; a layer may put a prefix before it once
 * (gbx__error_prefix). GBX_FAIL yields the constant code, so the compiler sees that the result is
 * not GBX_OK.
 */
#ifndef GBX_BASE_ERROR_H
#define GBX_BASE_ERROR_H

#include "gearbox/status.h"

#include <stdarg.h>

#define GBX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define GBX_TRY(call)                                                                              \
    do {                                                                                           \
        const gbx_status gbx_try_status_ = (call);                                                 \
        if (gbx_try_status_ != GBX_OK) return gbx_try_status_;                                     \
    } while (0)

#define GBX_FAIL(err, code, ...) (gbx__error_set((err), (code), __VA_ARGS__), (code))

/* A failed allocation: the one failure that says nothing but its code. */
#define GBX_FAIL_NOMEM(err) GBX_FAIL((err), GBX_NOMEM, "out of memory")

/* Run a cleanup function when the variable leaves scope: `GBX_AUTO(gbx__buf_done) gbx__buf b;` */
#define GBX_AUTO(fn) __attribute__((cleanup(fn)))

/* Set the whole detail; position and native code become "unknown". Line breaks and other control
 * bytes become spaces, a message too long is cut at a character's border and ends in "...". */
void gbx__error_set(gbx_error *err, gbx_status status, const char *format, ...) GBX_PRINTF(3, 4);
void gbx__error_vset(gbx_error *err, gbx_status status, const char *format, va_list args)
    GBX_PRINTF(3, 0);

/* As above from errno, with its text added: "cannot open 'x': No such file or directory". ENOENT
 * becomes NOT_FOUND, ENOMEM NOMEM, the rest IO; returns that code. */
gbx_status gbx__error_errno(gbx_error *err, int errnum, const char *format, ...) GBX_PRINTF(3, 4);

/* Tells the compiler that the code is not GBX_OK, so that it sees no use of unset outputs. */
static inline gbx_status gbx__error_not_ok(gbx_status status)
{
    if (status == GBX_OK) __builtin_unreachable();
    return status;
}
#define gbx__error_errno(...) gbx__error_not_ok(gbx__error_errno(__VA_ARGS__))

/* Put "prefix: " before the message that is there. */
void gbx__error_prefix(gbx_error *err, const char *format, ...) GBX_PRINTF(2, 3);

/* Where in `text` the failure is: fills offset, line and column (1-based, in characters). */
void gbx__error_locate(gbx_error *err, const char *text, size_t len, size_t offset);

#endif
