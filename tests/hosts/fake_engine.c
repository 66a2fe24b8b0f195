#include "fake_engine.h"

#include "arrow/arrow.h"
#include "base/fs.h"
#include "base/process_tree.h"
#include "engine/host/host.h"
#include "support/plan_samples.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CLEAN_WAIT_MS 3000

static const char manifest[] =
    "{\"gearbox_engine\":1,\"engine\":\"polars\",\"protocol\":1,\"versions\":{\"polars\":\"9.9\"},"
    "\"capabilities\":{\"semantics\":1,\"speaks\":\"plan\",\"operators\":[\"*\"],\"types\":[\"*\"],"
    "\"functions\":{\"scalar\":[\"*\"]}}}";

/* ---- folders --------------------------------------------------------------------------------- */

static void link_file(const char *target, const char *path)
{
    if (symlink(target, path) != 0) fail_msg("%s: %s", path, strerror(errno));
}

static void make_folders(fake *f)
{
    char host[TEMP_PATH_SIZE];
    const char *source = getenv("GEARBOX_SOURCE_DIR");
    temp_dir_make(f->dir);
    temp_write(f->dir, "engines/polars/gearbox-engine.json", manifest);
    temp_write(f->dir, "engines/polars/bin/about", "");
    temp_write(f->dir, "hosts/python/about", "");
    temp_write(f->dir, "run/about", "");
    temp_write(f->dir, "spill/about", "");
    snprintf(host, sizeof(host), "%s/tests/support/fake_host.py", source ? source : ".");
    link_file("/usr/bin/python3", temp_path(f->dir, "engines/polars/bin/python"));
    link_file(host, temp_path(f->dir, "hosts/python/host.py"));
    snprintf(f->spill, sizeof(f->spill), "%s/spill", f->dir);
    setenv("GEARBOX_ENGINES_DIR", temp_path(f->dir, "engines"), 1);
    setenv("GEARBOX_HOSTS_DIR", temp_path(f->dir, "hosts"), 1);
    setenv("XDG_RUNTIME_DIR", temp_path(f->dir, "run"), 1);
    unsetenv("GEARBOX_HOST_SILENCE");
}

/* ---- the plan -------------------------------------------------------------------------------- */

static const gbx__node *build_plan(gbx__plan_builder *b)
{
    const uint32_t used[] = {0, 1};
    gbx__field *fields = GBX_ARENA_ARRAY(&b->arena, 2, gbx__field);
    gbx__scan *scan = GBX_ARENA_NEW(&b->arena, gbx__scan);
    if (!fields || !scan) return NULL;
    fields[0] = (gbx__field){GBX_STR("a"), sample_int64()};
    fields[1] = (gbx__field){GBX_STR("b"), sample_utf8()};
    *scan = (gbx__scan){.format = GBX_SCAN_STREAM,
                        .name = GBX_STR("in"),
                        .n_fields = 2,
                        .fields = fields,
                        .is_bounded = true,
                        .row_count = -1,
                        .size_bytes = -1};
    return gbx__node_scan(b, scan, 2, used, GBX_NO_POS);
}

static void make_input(fake *f)
{
    gbx__buf text = {0};
    gbx__buf_putc(&text, '[');
    for (int i = 0; i < 1000; i++)
        gbx__buf_printf(&text, "%s[%d,%s]", i > 0 ? "," : "", i, i % 10 ? "\"some text\"" : "null");
    gbx__buf_putc(&text, ']');
    rows_make(&f->input, "a=l;b=u", text.data);
    gbx__buf_done(&text);
}

void fake_init(fake *f)
{
    gbx_error err;
    *f = (fake){.vtable = &gbx__engine_hosts[1], .n_batches = 3};
    assert_string_equal(f->vtable->info.name, "polars");
    make_folders(f);
    f->config.spill_dir = f->spill;
    assert_int_equal(plan_sample_finish(build_plan, &f->plan, &err), GBX_OK);
    make_input(f);
}

void fake_done(fake *f)
{
    fake_close(f);
    fake_check_clean(f);
    rows_done(&f->input);
    gbx__plan_unref(f->plan);
    temp_dir_remove(f->dir);
}

void fake_open(fake *f)
{
    gbx_error err;
    if (f->vtable->open(f->vtable, &f->config, &f->engine, &err) != GBX_OK)
        fail_msg("%s", err.message);
}

void fake_close(fake *f)
{
    f->vtable->close(f->engine);
    f->engine = NULL;
}

void fake_command(fake *f, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    temp_write(f->dir, "hosts/python/command", text);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

gbx_status fake_prepare(fake *f, struct ArrowArrayStream *stream, gbx__job **out, gbx_error *err)
{
    gbx__stream_input input = {.name = GBX_STR("in"), .stream = stream};
    const gbx__fragment fragment = {.plan = f->plan, .n_inputs = 1, .inputs = &input};
    return f->vtable->prepare(f->engine, &fragment, out, err);
}

static void check_batch(const fake *f, const struct ArrowArray *batch, int64_t at)
{
    const int64_t n = f->input.batch.length;
    const int64_t *found = batch->children[0]->buffers[1];
    for (int64_t i = 0; i < batch->length; i++) assert_int_equal(found[i], (at + i) % n);
}

gbx_status fake_drain(fake *f, gbx__job *job, struct ArrowArrayStream *stream, int64_t *out_rows,
                      gbx_error *err)
{
    int64_t n_rows = 0;
    for (;;) {
        struct ArrowArray batch = {0};
        if (stream->get_next(stream, &batch) != 0) {
            *err = *f->vtable->stream_error(job);
            assert_string_equal(err->message, stream->get_last_error(stream));
            return err->status;
        }
        if (!batch.release) break;
        check_batch(f, &batch, n_rows);
        n_rows += batch.length;
        batch.release(&batch);
    }
    if (out_rows) *out_rows = n_rows;
    return GBX_OK;
}

static gbx_status run_job(fake *f, gbx__job *job, gbx__cancel *cancel, int64_t *out_rows,
                          gbx_error *err)
{
    struct ArrowArrayStream rows_of = {0};
    const gbx_status status = f->vtable->run(job, cancel, &rows_of, err);
    if (status != GBX_OK) return status;
    const gbx_status read = fake_drain(f, job, &rows_of, out_rows, err);
    rows_of.release(&rows_of);
    return read;
}

gbx_status fake_run(fake *f, gbx__cancel *cancel, int64_t *out_rows, gbx_error *err)
{
    struct ArrowArrayStream stream;
    gbx__job *job = NULL;
    rows_stream(&f->input, f->n_batches, f->errnum, &stream);
    gbx_status status = fake_prepare(f, &stream, &job, err);
    if (status == GBX_OK) status = run_job(f, job, cancel, out_rows, err);
    f->vtable->job_close(job);
    if (stream.release) stream.release(&stream);
    return status;
}

/* ---- what is left ---------------------------------------------------------------------------- */

/* Calls visit for each process that a host has noted; counts those for which it is true. */
static int count_pids(const fake *f, bool (*visit)(long pid))
{
    gbx__buf text = {0};
    int n = 0;
    if (gbx__fs_read(temp_path(f->dir, "hosts/python/pids"), 1 << 20, &text, NULL) != GBX_OK)
        return 0;
    for (const char *at = text.data; at && *at; at = strchr(at, '\n') + 1)
        n += visit(strtol(at, NULL, 10));
    gbx__buf_done(&text);
    return n;
}

static bool is_alive(long pid)
{
    gbx__pids pids = {0};
    assert_true(gbx__process_tree_find((pid_t)pid, &pids)); /* without those that only lie there */
    const bool is_there = pids.len > 0;
    gbx__vec_done(&pids);
    return is_there;
}

static bool is_any(long pid)
{
    return pid > 0;
}

int fake_alive(const fake *f)
{
    return count_pids(f, is_alive);
}

int fake_starts(const fake *f)
{
    return count_pids(f, is_any);
}

void fake_check_clean(const fake *f)
{
    const struct timespec pause = {0, 10000000};
    for (int waited = 0; fake_alive(f) > 0 && waited < CLEAN_WAIT_MS; waited += 10)
        nanosleep(&pause, NULL);
    assert_int_equal(fake_alive(f), 0);
    assert_int_equal(temp_count(temp_path(f->dir, "run")), 1);
    assert_int_equal(temp_count(f->spill), 1);
}
