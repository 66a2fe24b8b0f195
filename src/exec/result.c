#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "exec/options.h"
#include "exec/run_priv.h"

#include <string.h>

gbx_status gbx_frame_run(const gbx_frame *frame, const gbx_run_options *options, gbx_result **out,
                         gbx_error *err)
{
    if (!frame || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_run: an argument is NULL");
    gbx_run_options all = GBX_RUN_OPTIONS_INIT;
    GBX_TRY(GBX_OPTIONS_READ(&all, options, err));
    if (all.timeout_ms < 0) return GBX_FAIL(err, GBX_INVALID, "timeout_ms is negative");

    gbx_result *result = gbx__alloc(sizeof(*result));
    if (!result) return GBX_FAIL_NOMEM(err);
    const gbx__run_request request = {.timeout_ms = all.timeout_ms, .params = all.params};
    const gbx_status status = gbx__run_open(frame->body, &request, &result->run, err);
    if (status != GBX_OK) {
        gbx__alloc_free(result);
        return status;
    }
    *out = result;
    return GBX_OK;
}

gbx_status gbx_result_stream(gbx_result *result, struct ArrowArrayStream *out, gbx_error *err)
{
    if (!result || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_result_stream: NULL");
    return gbx__run_stream(result->run, out, err);
}

const gbx_error *gbx_result_error(const gbx_result *result)
{
    return result->run->has_failed ? &result->run->error : NULL;
}

void gbx_result_cancel(gbx_result *result)
{
    if (result) gbx__cancel_request(&result->run->slot->token);
}

void gbx_result_free(gbx_result *result)
{
    if (!result) return;
    gbx__run_unref(result->run);
    gbx__alloc_free(result);
}

/* --- figures ---------------------------------------------------------------------------------- */

void gbx_result_stats(const gbx_result *result, gbx_stats *out)
{
    const gbx__run *run = result->run;
    const bool has_ended = run->state == GBX_RUN_ENDED;
    const double wall_s = (double)(gbx__mono_ns() - run->start_ns) / 1e9;
    const gbx_stats stats = {
        .struct_size = out->struct_size,
        .engine = run->vtable->info.name,
        .why = gbx__session_why(run->frame->session),
        .via = run->plan.whole ? "plan" : "opaque",
        .wall_s = has_ended ? run->wall_s : wall_s,
        .cpu_s = has_ended ? run->cpu_s : gbx__cpu_seconds() - run->start_cpu_s,
        .peak_rss_bytes = has_ended ? run->peak_rss_bytes : gbx__peak_rss_bytes(),
        .rows = run->n_rows,
        .bytes_read = run->bytes_read,
        .cached = false,
    };
    memcpy(out, &stats, gbx__options_writable(out->struct_size, sizeof(stats)));
}

static void json_key(gbx__buf *out, const char *key)
{
    gbx__json_write_str(out, gbx__str_of(key));
    gbx__buf_putc(out, ':');
}

static void json_text(gbx__buf *out, const char *key, const char *text)
{
    json_key(out, key);
    gbx__json_write_str(out, gbx__str_of(text));
    gbx__buf_putc(out, ',');
}

static void json_double(gbx__buf *out, const char *key, double value)
{
    json_key(out, key);
    gbx__json_write_double(out, value);
    gbx__buf_putc(out, ',');
}

static void json_int(gbx__buf *out, const char *key, int64_t value)
{
    json_key(out, key);
    gbx__buf_printf(out, "%lld,", (long long)value);
}

static void json_attempt(gbx__buf *out, const gbx__run *run, const gbx_stats *stats)
{
    gbx__buf_putc(out, '{');
    json_text(out, "engine", stats->engine);
    json_text(out, "status", gbx_status_name(run->has_failed ? run->error.status : GBX_OK));
    if (run->has_failed) {
        json_text(out, "reason", run->error.message);
    } else {
        gbx__buf_puts(out, "\"reason\":null,");
    }
    json_key(out, "wall_s");
    gbx__json_write_double(out, stats->wall_s);
    gbx__buf_putc(out, '}');
}

gbx_status gbx_result_stats_json(const gbx_result *result, char **out, gbx_error *err)
{
    if (!result || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_result_stats_json: NULL");
    gbx_stats stats = GBX_STATS_INIT;
    gbx_result_stats(result, &stats);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_putc(&text, '{');
    json_text(&text, "engine", stats.engine);
    json_text(&text, "why", stats.why);
    json_text(&text, "via", stats.via);
    json_double(&text, "wall_s", stats.wall_s);
    json_double(&text, "cpu_s", stats.cpu_s);
    json_int(&text, "peak_rss_bytes", stats.peak_rss_bytes);
    json_int(&text, "rows", stats.rows);
    json_int(&text, "bytes_read", stats.bytes_read);
    gbx__buf_puts(&text, stats.cached ? "\"cached\":true," : "\"cached\":false,");
    gbx__buf_puts(&text, "\"attempts\":[");
    json_attempt(&text, result->run, &stats);
    gbx__buf_puts(&text, "]}");
    char *taken = gbx__buf_take(&text);
    if (!taken) return GBX_FAIL_NOMEM(err);
    *out = taken;
    return GBX_OK;
}
