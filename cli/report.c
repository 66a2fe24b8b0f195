#include "report.h"

#include "command.h"
#include "terminal.h"
#include "text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool report_json;
static bool report_quiet;

void report_init(bool json, bool quiet)
{
    report_json = json;
    report_quiet = quiet;
}

bool report_is_quiet(void)
{
    return report_quiet;
}

static void report_as_json(const gbx_error *err, int exit_code, const char *name)
{
    fputs("{\"error\":{\"status\":", stderr);
    text_json(stderr, gbx_status_name(err->status));
    fprintf(stderr, ",\"exit_code\":%d,\"message\":", exit_code);
    text_json(stderr, err->message);
    if (name && err->line > 0 && err->column > 0) {
        fputs(",\"where\":", stderr);
        text_json(stderr, name);
        fprintf(stderr, ",\"line\":%d,\"column\":%d,\"offset\":%lld", err->line, err->column,
                (long long)err->offset);
    }
    fputs("}}\n", stderr);
}

int report_usage(const char *format, ...)
{
    gbx_error err = {.status = GBX_MISUSE, .offset = -1};
    va_list args;
    va_start(args, format);
    vsnprintf(err.message, sizeof(err.message), format, args);
    va_end(args);
    return report_error(&err);
}

int report_error(const gbx_error *err)
{
    return report_query_error(err, NULL, NULL);
}

/* The line that the error is in, with a caret below; long lines are cut around the place. */
static void report_excerpt(const char *text, int64_t offset)
{
    const int context = 60;
    const char *at = text + offset;
    const char *start = at;
    while (start > text && start[-1] != '\n' && at - start < context) start--;
    while (start < at && ((unsigned char)*start & 0xC0) == 0x80) start++;
    const char *end = at;
    while (*end != '\0' && *end != '\n' && end - at < context) end++;
    while (*end != '\0' && ((unsigned char)*end & 0xC0) == 0x80) end++;
    fputs("  ", stderr);
    text_printable(stderr, start, (size_t)(end - start));
    fputs("\n  ", stderr);
    for (const char *p = start; p < at; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80) fputc(*p == '\t' ? '\t' : ' ', stderr);
    }
    fputs("^\n", stderr);
}

int report_query_error(const gbx_error *err, const char *name, const char *text)
{
    const int exit_code = gbx_status_exit_code(err->status);
    if (report_json) {
        report_as_json(err, exit_code, name);
        return exit_code;
    }
    const bool is_placed = name && err->line > 0 && err->column > 0;
    if (is_placed) {
        fprintf(stderr, "%s:%d:%d: %s\n", name, err->line, err->column, err->message);
    } else {
        fprintf(stderr, "gearbox: %s\n", err->message);
    }
    const bool has_offset =
        is_placed && text && err->offset >= 0 && (size_t)err->offset <= strlen(text);
    if (has_offset && terminal_is(2)) report_excerpt(text, err->offset);
    return exit_code;
}

void report_note(const char *format, ...)
{
    if (report_quiet) return;
    va_list args;
    va_start(args, format);
    fputs("gearbox: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

gbx_status fail(gbx_error *err, gbx_status status, const char *format, ...)
{
    *err = (gbx_error){.status = status, .offset = -1};
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    return status;
}

gbx_status fail_errno(gbx_error *err, const char *what, const char *path)
{
    const int errnum = errno;
    fail(err,
         errnum == ENOENT   ? GBX_NOT_FOUND
         : errnum == ENOMEM ? GBX_NOMEM
                            : GBX_IO,
         "cannot %s '%s': %s", what, path, strerror(errnum));
    err->native_code = errnum;
    return err->status;
}
