/*
 * What it costs to have an engine in another process: rows go over, and come back.
 *
 *   bench_handover [--engine NAME] [--rounds N] [--mb N] [--json FILE]
 *
 * Without --engine the other side is tests/support/fake_host.py, which gives back the bytes that it
 * gets: the cost of the way itself. With an engine that is installed the plan is a bare scan.
 */
#include "bench.h"

#include "arrow/arrow.h"
#include "base/clock.h"
#include "fake_engine.h"
#include "support/plan_samples.h"

#include <stdlib.h>
#include <string.h>

#define N_COLUMNS 8
#define BATCH_ROWS 8192
#define BATCH_MB (N_COLUMNS * BATCH_ROWS * 8 / 1e6)

typedef struct handover {
    const gbx__engine_vtable *vtable;
    gbx__engine *engine;
    gbx_plan *plan;
    rows input;
} handover;

static const gbx__node *build_plan(gbx__plan_builder *b)
{
    uint32_t used[N_COLUMNS];
    gbx__field *fields = GBX_ARENA_ARRAY(&b->arena, N_COLUMNS, gbx__field);
    gbx__scan *scan = GBX_ARENA_NEW(&b->arena, gbx__scan);
    if (!fields || !scan) return NULL;
    for (uint32_t i = 0; i < N_COLUMNS; i++) {
        fields[i] = (gbx__field){gbx__str_of(gbx__arena_printf(&b->arena, "c%u", i)),
                                 i % 2 ? sample_float64() : sample_int64()};
        used[i] = i;
    }
    *scan = (gbx__scan){.format = GBX_SCAN_STREAM,
                        .name = GBX_STR("in"),
                        .n_fields = N_COLUMNS,
                        .fields = fields,
                        .is_bounded = true,
                        .row_count = -1,
                        .size_bytes = -1};
    return gbx__node_scan(b, scan, N_COLUMNS, used, GBX_NO_POS);
}

static void make_input(handover *h)
{
    gbx__buf text = {0};
    gbx__buf columns = {0};
    for (int i = 0; i < N_COLUMNS; i++)
        gbx__buf_printf(&columns, "%sc%d=%s", i > 0 ? ";" : "", i, i % 2 ? "g" : "l");
    gbx__buf_putc(&text, '[');
    for (int row = 0; row < BATCH_ROWS; row++)
        gbx__buf_printf(&text, "%s[%d,%d.5,%d,1.5,%d,2.5,%d,3.5]", row > 0 ? "," : "", row, row,
                        row * 7, row % 13, row ^ 255);
    gbx__buf_putc(&text, ']');
    rows_make(&h->input, columns.data, text.data);
    gbx__buf_done(&text);
    gbx__buf_done(&columns);
}

/* Rows that came back; `usage` is the other side's. */
static int64_t run_job(handover *h, int n_batches, gbx__engine_usage *usage)
{
    struct ArrowArrayStream in, out;
    gbx__job *job = NULL;
    gbx_error err;
    int64_t n_rows = 0;
    rows_stream(&h->input, n_batches, 0, &in);
    gbx__stream_input input = {.name = GBX_STR("in"), .stream = &in};
    const gbx__fragment fragment = {.plan = h->plan, .n_inputs = 1, .inputs = &input};
    if (h->vtable->prepare(h->engine, &fragment, &job, &err) != GBX_OK ||
        h->vtable->run(job, NULL, &out, &err) != GBX_OK)
        bench_fail("%s", err.message);
    for (;;) {
        struct ArrowArray batch = {0};
        if (out.get_next(&out, &batch) != 0) bench_fail("%s", out.get_last_error(&out));
        if (!batch.release) break;
        n_rows += batch.length;
        batch.release(&batch);
    }
    out.release(&out);
    h->vtable->usage(job, usage);
    h->vtable->job_close(job);
    return n_rows;
}

static void measure_trip(handover *h, long n_rounds, bench_json *json)
{
    bench_series wall = {0}, cpu = {0}, other = {0};
    gbx__engine_usage usage;
    run_job(h, 1, &usage); /* starts it */
    for (long i = 0; i < n_rounds; i++) {
        const bench_clock start = bench_now();
        run_job(h, 0, &usage);
        const bench_clock took = bench_since(start);
        bench_add(&wall, took.wall_ms);
        bench_add(&cpu, took.cpu_ms);
        bench_add(&other, usage.cpu_s * 1000);
    }
    printf("a job without rows, warm: %.2f ms, CPU here %.2f ms, there %.2f ms\n",
           bench_median(&wall), bench_median(&cpu), bench_median(&other));
    bench_json_series(json, "trip_wall_ms", &wall);
    bench_json_series(json, "trip_cpu_ms", &cpu);
    bench_json_series(json, "trip_host_cpu_ms", &other);
}

static void measure_rows(handover *h, long mb, bench_json *json)
{
    const int n = (int)((double)mb / BATCH_MB) + 1;
    const double gb = n * BATCH_MB / 1000;
    gbx__engine_usage usage;
    const bench_clock start = bench_now();
    const int64_t n_rows = run_job(h, n, &usage);
    const bench_clock took = bench_since(start);
    if (n_rows != (int64_t)n * BATCH_ROWS) bench_fail("rows were lost: %lld", (long long)n_rows);
    printf("%.2f GB over and back: %.2f s, CPU s per GB handed over: here %.3f, there %.3f\n", gb,
           took.wall_ms / 1000, took.cpu_ms / 1000 / (2 * gb), usage.cpu_s / (2 * gb));
    bench_json_number(json, "handed_gb", 2 * gb);
    bench_json_number(json, "cpu_s_per_gb", took.cpu_ms / 1000 / (2 * gb));
    bench_json_number(json, "host_cpu_s_per_gb", usage.cpu_s / (2 * gb));
}

int main(int argc, char **argv)
{
    const char *name = bench_option(&argc, argv, "engine");
    const long n_rounds = bench_option_number(&argc, argv, "rounds", 50);
    const long mb = bench_option_number(&argc, argv, "mb", 1000);
    const char *json_path = bench_option(&argc, argv, "json");
    handover h = {0};
    fake f;
    gbx_error err;
    bench_json json;
    if (!name) fake_init(&f);
    h.vtable = gbx__engine_find(gbx__str_of(name ? name : "polars"));
    if (!h.vtable) bench_fail("there is no engine '%s'", name);
    const gbx__engine_config config = {.spill_dir = "/tmp"};
    if (h.vtable->open(h.vtable, &config, &h.engine, &err) != GBX_OK) bench_fail("%s", err.message);
    if (plan_sample_finish(build_plan, &h.plan, &err) != GBX_OK) bench_fail("%s", err.message);
    make_input(&h);
    bench_json_open(&json, json_path, "handover");
    measure_trip(&h, n_rounds, &json);
    measure_rows(&h, mb, &json);
    bench_json_close(&json);
    h.vtable->close(h.engine);
    gbx__plan_unref(h.plan);
    rows_done(&h.input);
    if (!name) fake_done(&f);
    return 0;
}
