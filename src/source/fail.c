/* DuckDB's failures about a file, as ours. */
#include "source/source_priv.h"

#include <stdlib.h>
#include <string.h>

static bool is_ours_already(gbx_status status)
{
    return status == GBX_NOMEM || status == GBX_CANCELLED || status == GBX_TIMEOUT ||
           status == GBX_DENIED || status == GBX_INTERNAL || status == GBX_MISUSE;
}

gbx_status gbx__source_damage(gbx_status failed)
{
    const bool is_damage = failed == GBX_INVALID || failed == GBX_IO || failed == GBX_ENGINE;
    return is_damage ? GBX_CORRUPT : failed;
}

static int32_t line_in_message(const char *message)
{
    const char *at = strstr(message, "on Line: ");
    const long line = at ? strtol(at + 9, NULL, 10) : 0;
    return line > 0 && line < INT32_MAX ? (int32_t)line : 0;
}

/* CSV Error on Line: 2 Original Line: … Invalid unicode … → line 2 is not UTF-8: … */
static void tell_encoding(gbx_error *err, gbx_status status)
{
    const int32_t native = err->native_code;
    gbx__error_set(err, status, "line %d is not UTF-8; say which encoding it has, for example "
                   "encoding := 'latin-1'", (int)err->line);
    err->native_code = native;
}

gbx__str gbx__source_set_path(const gbx__probe *probe)
{
    const gbx__scan *scan = probe->scan;
    return scan->n_paths == 1 ? scan->paths[0] : scan->location;
}

gbx_status gbx__source_fail_set(gbx__probe *probe, gbx_status failed)
{
    return gbx__source_fail_file(probe, failed, failed, gbx__source_set_path(probe));
}

gbx_status gbx__source_fail_file(gbx__probe *probe, gbx_status failed, gbx_status status,
                                 gbx__str path)
{
    gbx_error *err = probe->err;
    const gbx_status code = is_ours_already(failed) ? failed : status;
    if (!err) return code;
    err->status = code;
    err->column = 0;
    err->offset = -1;
    err->line = line_in_message(err->message);
    const int32_t line = err->line;
    if (strstr(err->message, "not utf-8 encoded")) tell_encoding(err, code);
    err->line = line;
    if (!strstr(err->message, path.ptr)) gbx__error_prefix(err, "'%.*s'", GBX_STR_ARG(path));
    return code;
}
