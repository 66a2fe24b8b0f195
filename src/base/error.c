#include "base/error.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(gbx_error) == 512, "gbx_error is part of the ABI");

/* One byte more than a message, so that a message which just does not fit is seen. */
#define ERROR_SCRATCH_SIZE (GBX_ERROR_MESSAGE_SIZE + 1)

/* One line of UTF-8 for any terminal or log: control characters (C0, DEL and C1) become spaces,
 * stray bytes '?'. The length in bytes stays. */
static void error_clean(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        const size_t start = i;
        const uint32_t c = gbx__utf8_next(text, len, &i);
        const bool is_stray = c == 0xFFFD && i - start == 1;
        const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0);
        if (is_stray) text[start] = '?';
        if (is_control) memset(text + start, ' ', i - start);
    }
}

/* Copies into a message; what is too long ends in "..." after its last whole character. */
static void error_store(char message[GBX_ERROR_MESSAGE_SIZE], const char *text, size_t len)
{
    static const char dots[] = "...";
    if (len < GBX_ERROR_MESSAGE_SIZE) {
        memcpy(message, text, len);
        message[len] = '\0';
    } else {
        size_t cut = GBX_ERROR_MESSAGE_SIZE - sizeof(dots);
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80) cut--;
        memcpy(message, text, cut);
        memcpy(message + cut, dots, sizeof(dots));
        len = cut + sizeof(dots) - 1;
    }
    error_clean(message, len);
}

/* Appends to text[*len], never past the end; the arguments may point into an older message. */
static void error_format(char text[ERROR_SCRATCH_SIZE], size_t *len, const char *format,
                         va_list args) GBX_PRINTF(3, 0);

static void error_format(char text[ERROR_SCRATCH_SIZE], size_t *len, const char *format,
                         va_list args)
{
    const size_t room = ERROR_SCRATCH_SIZE - *len;
    const int n = vsnprintf(text + *len, room, format, args);
    if (n > 0) *len += (size_t)n < room ? (size_t)n : room - 1;
}

static void error_append(char text[ERROR_SCRATCH_SIZE], size_t *len, const char *more)
{
    const size_t room = ERROR_SCRATCH_SIZE - 1 - *len;
    const size_t n = strnlen(more, room);
    memcpy(text + *len, more, n);
    *len += n;
    text[*len] = '\0';
}

static void error_reset(gbx_error *err, gbx_status status)
{
    err->status = status;
    err->native_code = 0;
    err->line = 0;
    err->column = 0;
    err->offset = -1;
    err->reserved = 0;
}

void gbx__error_vset(gbx_error *err, gbx_status status, const char *format, va_list args)
{
    if (!err) return;
    char text[ERROR_SCRATCH_SIZE] = "";
    size_t len = 0;
    error_format(text, &len, format, args);
    error_reset(err, status);
    error_store(err->message, text, len);
}

void gbx__error_set(gbx_error *err, gbx_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gbx__error_vset(err, status, format, args);
    va_end(args);
}

static gbx_status error_status_of(int errnum)
{
    switch (errnum) {
    case ENOENT: return GBX_NOT_FOUND;
    case ENOMEM: return GBX_NOMEM;
    default: return GBX_IO;
    }
}

/* In brackets, for the macro of that name is meant for callers. */
gbx_status(gbx__error_errno)(gbx_error *err, int errnum, const char *format, ...)
{
    const gbx_status status = error_status_of(errnum);
    if (!err) return status;

    char text[ERROR_SCRATCH_SIZE] = "";
    size_t len = 0;
    va_list args;
    va_start(args, format);
    error_format(text, &len, format, args);
    va_end(args);

    /* Not strerror: that one is translated, and not safe between threads. */
    const char *reason = strerrordesc_np(errnum);
    error_append(text, &len, ": ");
    error_append(text, &len, reason ? reason : "unknown error");
    error_reset(err, status);
    err->native_code = errnum;
    error_store(err->message, text, len);
    return status;
}

void gbx__error_prefix(gbx_error *err, const char *format, ...)
{
    if (!err) return;
    char text[ERROR_SCRATCH_SIZE] = "";
    size_t len = 0;
    va_list args;
    va_start(args, format);
    error_format(text, &len, format, args);
    va_end(args);
    error_append(text, &len, ": ");
    error_append(text, &len, err->message);
    error_store(err->message, text, len);
}

void gbx__error_locate(gbx_error *err, const char *text, size_t len, size_t offset)
{
    if (!err) return;
    if (offset > len) offset = len;
    int32_t line = 1;
    int32_t column = 1;
    for (size_t i = 0; i < offset;) {
        const bool is_break = text[i] == '\n';
        gbx__utf8_next(text, len, &i);
        if (i > offset) break; /* the offset is inside a character: that one is meant */
        line += is_break && line < INT32_MAX;
        column = is_break ? 1 : column < INT32_MAX ? column + 1 : column;
    }
    err->offset = (int64_t)offset;
    err->line = line;
    err->column = column;
}
