/*
 * How fast results leave: CPU seconds and MB/s of text, for each format, with the rows already in
 * memory as Arrow; beside it DuckDB's own COPY of the same rows from a table in memory, one thread.
 *
 *   write_csv [ROWS]     2,000,000 unless told; everything goes to /dev/null
 */
#include "arrow/arrow.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/vec.h"
#include "duck/duck.h"
#include "result/result.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct shape {
    const char *name;
    const char *columns; /* over `i`, the number of the row */
} shape;

static const shape shapes[] = {
    {"mixed", "i::INT a, i * 7919 b, (i % 1000) / 7.0 c, hash(i) / 1e19 d, "
              "(i % 100000)::DECIMAL(15,2) / 100 e, DATE '1992-01-01' + (i % 2500)::INT f, "
              "TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND g, 'AIR' h, 'the quick brown ' || i t, "
              "if(i % 10 = 0, NULL, 'x' || (i % 7)) n"},
    {"integers", "i a, i * 3 b, i % 100 c, i % 2 d"},
    {"doubles", "hash(i) / 1e19 a, hash(i + 1) / 1e19 b, i / 100 c"},
    {"text", "repeat('lorem ipsum ', 5) a, 'AIR' b, 'needs, quotes' c"},
    {"timestamps", "TIMESTAMP '2020-01-01' + INTERVAL (i) MICROSECOND a, DATE '2000-01-01' b"},
    {"nested", "[i, i + 1] a, {'k': i, 's': 'x y'} b"},
};

typedef GBX_VEC(struct ArrowArray) batch_list;

/* The batches again and again, without giving them away. */
typedef struct replay {
    const struct ArrowSchema *schema;
    const batch_list *batches;
    size_t next;
} replay;

static void keep_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void keep_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static int replay_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const replay *r = stream->private_data;
    *out = *r->schema;
    out->release = keep_schema;
    return 0;
}

static int replay_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    replay *r = stream->private_data;
    *out = (struct ArrowArray){.release = NULL};
    if (r->next == r->batches->len) return 0;
    *out = r->batches->items[r->next++];
    out->release = keep_array;
    return 0;
}

static void replay_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

static gbx_status load(gbx__duck_conn *conn, struct ArrowSchema *schema, batch_list *batches,
                       gbx_error *err)
{
    struct ArrowArrayStream stream;
    GBX_TRY(gbx__duck_query(conn, "FROM bench", 0, NULL, NULL, &stream, err));
    gbx_status status = gbx__arrow_stream_schema(&stream, schema, err);
    while (status == GBX_OK) {
        struct ArrowArray batch;
        status = gbx__arrow_stream_next(&stream, &batch, err);
        if (status != GBX_OK || !batch.release) break;
        if (!gbx__vec_push(batches, batch)) status = GBX_FAIL_NOMEM(err);
    }
    gbx__arrow_stream_done(&stream);
    return status;
}

static gbx_status time_format(const char *name, const shape *s, const struct ArrowSchema *schema,
                              const batch_list *batches, gbx_error *err)
{
    replay r = {schema, batches, 0};
    struct ArrowArrayStream stream = {replay_schema, replay_next, NULL, replay_release, &r};
    gbx__write_options options = {.row_limit = -1};
    gbx__write_stats stats;
    GBX_TRY(gbx__format_parse(gbx__str_of(name), &options.format, err));
    const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    const double start = gbx__cpu_seconds();
    const gbx_status status = gbx__result_write(&stream, fd, &options, NULL, &stats, err);
    const double seconds = gbx__cpu_seconds() - start;
    close(fd);
    if (status != GBX_OK) return status;
    const double megabytes = (double)stats.bytes / 1e6;
    printf("%-10s  %-10s  %8.1f MB  %6.2f s  %6.0f MB/s\n", s->name, name, megabytes, seconds,
           megabytes / seconds);
    return GBX_OK;
}

static gbx_status time_copy(gbx__duck_conn *conn, const shape *s, gbx_error *err)
{
    const double start = gbx__cpu_seconds();
    GBX_TRY(gbx__duck_exec(conn, "COPY bench TO '/dev/null' (FORMAT csv)", err));
    printf("%-10s  %-10s  %8s     %6.2f s\n", s->name, "csv DuckDB", "",
           gbx__cpu_seconds() - start);
    return GBX_OK;
}

static gbx_status run_loaded(gbx__duck_conn *conn, const shape *s, const struct ArrowSchema *schema,
                             const batch_list *batches, gbx_error *err)
{
    static const char *const formats[] = {"csv", "jsonl", "arrow", "table"};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        GBX_TRY(time_format(formats[i], s, schema, batches, err));
    }
    return time_copy(conn, s, err);
}

static gbx_status run(gbx__duck_conn *conn, const shape *s, long rows, gbx_error *err)
{
    char sql[2048];
    struct ArrowSchema schema = {.release = NULL};
    batch_list batches = {0};
    snprintf(sql, sizeof(sql), "CREATE OR REPLACE TABLE bench AS SELECT %s FROM range(%ld) r(i)",
             s->columns, rows);
    GBX_TRY(gbx__duck_exec(conn, sql, err));
    gbx_status status = load(conn, &schema, &batches, err);
    if (status == GBX_OK) status = run_loaded(conn, s, &schema, &batches, err);
    for (size_t i = 0; i < batches.len; i++) gbx__arrow_array_done(&batches.items[i]);
    gbx__vec_done(&batches);
    gbx__arrow_schema_done(&schema);
    return status;
}

static gbx_status run_all(long rows, gbx_error *err)
{
    const gbx__duck_options options = {.threads = 1};
    gbx__duck *duck;
    gbx__duck_conn *conn;
    GBX_TRY(gbx__duck_open(&options, &duck, err));
    gbx_status status = gbx__duck_connect(duck, &conn, err);
    if (status == GBX_OK) {
        for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]) && status == GBX_OK; i++) {
            status = run(conn, &shapes[i], rows, err);
        }
        gbx__duck_disconnect(conn);
    }
    gbx__duck_close(duck);
    return status;
}

int main(int argc, char **argv)
{
    const long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 2000000;
    gbx_error err;
    if (run_all(rows, &err) == GBX_OK) return 0;
    fprintf(stderr, "write_csv: %s\n", err.message);
    return gbx_status_exit_code(err.status);
}
