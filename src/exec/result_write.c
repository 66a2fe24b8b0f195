/*
 * All rows of a result to a descriptor or a file.
 */
#include "base/fs.h"
#include "engine/duckdb/engine_duckdb.h"
#include "exec/options.h"
#include "exec/run_priv.h"
#include "result/result.h"

#include <string.h>
#include <unistd.h>

_Static_assert((int)GBX_FORMAT_KIND_TABLE == (int)GBX_FORMAT_TABLE, "the formats are one list");
_Static_assert((int)GBX_FORMAT_KIND_PARQUET == (int)GBX_FORMAT_PARQUET, "the formats are one list");

gbx_status gbx_format_parse(const char *text, gbx_format *out, gbx_error *err)
{
    if (!text || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_format_parse: NULL");
    gbx__format format = GBX_FORMAT_TABLE;
    GBX_TRY(gbx__format_parse(gbx__str_of(text), &format, err));
    *out = (gbx_format)format;
    return GBX_OK;
}

gbx_format gbx_format_of_path(const char *path, gbx_format fallback)
{
    gbx__format format = GBX_FORMAT_TABLE;
    return gbx__format_of_path(gbx__str_of(path), &format) ? (gbx_format)format : fallback;
}

static gbx_status read_options(const gbx_write_options *from, gbx_write_options *to, gbx_error *err)
{
    *to = (gbx_write_options)GBX_WRITE_OPTIONS_INIT;
    GBX_TRY(GBX_OPTIONS_READ(to, from, err));
    if (to->format < GBX_FORMAT_KIND_TABLE || to->format > GBX_FORMAT_KIND_PARQUET) {
        return GBX_FAIL(err, GBX_MISUSE, "there is no format number %d", (int)to->format);
    }
    return GBX_OK;
}

/* A descriptor, or the path of a Parquet file. */
typedef struct write_target {
    int fd;
    const char *parquet_path; /* NULL: fd */
    const char *name;         /* for messages; NULL: the caller's descriptor */
} write_target;

static gbx_status write_target_rows(gbx__run *run, struct ArrowArrayStream *rows,
                                    const write_target *target, const gbx_write_options *options,
                                    gbx_error *err)
{
    gbx__write_stats stats = {0};
    gbx__cancel *cancel = &run->slot->token;
    if (target->parquet_path) {
        gbx__duck *duck = gbx__engine_duckdb_instance(run->frame->session->duckdb);
        return gbx__result_write_parquet(duck, rows, target->parquet_path, -1, cancel, &stats, err);
    }
    const gbx__write_options inner = {
        .format = (gbx__format)options->format,
        .table_width = options->table_width,
        .table_max_rows = options->table_max_rows,
        .escape_control = options->is_terminal,
        .color = options->color,
        .row_limit = -1,
    };
    return gbx__result_write(rows, target->fd, &inner, cancel, &stats, err);
}

/* Which output it was, for a refusal of the operating system's. DuckDB's own codes are no errno. */
static void name_output(gbx_status status, const char *name, gbx_error *err)
{
    const bool is_errno = err->native_code != 0 && strerrordesc_np(err->native_code);
    if (status != GBX_IO || !name || !is_errno) return;
    (void)gbx__error_errno(err, err->native_code, "cannot write '%s'", name);
}

static gbx_status write_rows(gbx__run *run, const write_target *target,
                             const gbx_write_options *options, gbx_error *err)
{
    struct ArrowArrayStream rows;
    GBX_TRY(gbx__run_stream(run, &rows, err));
    gbx_error failure = {.status = GBX_OK};
    gbx_status status = write_target_rows(run, &rows, target, options, &failure);
    /* The engine's own words, when it was the engine; a stop that the writer saw is the run's. */
    if (status == GBX_CANCELLED || status == GBX_TIMEOUT) gbx__run_fail(run, &failure);
    if (status != GBX_OK && run->has_failed) {
        failure = run->error;
        status = failure.status;
    } else {
        name_output(status, target->name, &failure);
    }
    rows.release(&rows);
    if (status != GBX_OK && err) *err = failure;
    return status;
}

gbx_status gbx_result_write_fd(gbx_result *result, int fd, const gbx_write_options *options,
                               gbx_error *err)
{
    if (!result) return GBX_FAIL(err, GBX_MISUSE, "gbx_result_write_fd: result is NULL");
    gbx_write_options all;
    GBX_TRY(read_options(options, &all, err));
    if (all.format == GBX_FORMAT_KIND_PARQUET) {
        return GBX_FAIL(err, GBX_UNSUPPORTED, "parquet needs a file: it can't be piped");
    }
    const write_target target = {.fd = fd, .name = fd == STDOUT_FILENO ? "stdout" : NULL};
    return write_rows(result->run, &target, &all, err);
}

gbx_status gbx_result_write_file(gbx_result *result, const char *path,
                                 const gbx_write_options *options, gbx_error *err)
{
    if (!result || !path) return GBX_FAIL(err, GBX_MISUSE, "gbx_result_write_file: NULL");
    gbx_write_options all;
    GBX_TRY(read_options(options, &all, err));
    gbx__run *run = result->run;
    GBX_TRY(gbx__policy_may_write(&run->frame->session->policy, path, err));
    if (all.format == GBX_FORMAT_KIND_PARQUET) {
        const write_target parquet = {.fd = -1, .parquet_path = path, .name = path};
        return write_rows(run, &parquet, &all, err);
    }
    gbx__fs_out out;
    GBX_TRY(gbx__fs_out_open(&out, path, err));
    const write_target target = {.fd = out.fd, .name = path};
    gbx_status status = write_rows(run, &target, &all, err);
    if (status == GBX_OK) status = gbx__fs_out_commit(&out, err);
    gbx__fs_out_abort(&out);
    return status;
}
