/* What goes wrong on the way: the output, the stream, memory, the caller who says stop. */
#include "base/clock.h"
#include "support/rows.h"
#include "support/torture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const gbx__format formats[] = {GBX_FORMAT_TABLE, GBX_FORMAT_CSV, GBX_FORMAT_JSON,
                                      GBX_FORMAT_JSONL, GBX_FORMAT_ARROW};

#define FORMAT_COUNT (sizeof(formats) / sizeof(formats[0]))

/* A bit of everything, so that each way through the writers is walked. */
static void make_all(rows *r)
{
    rows_make(r, "i=i;i=l;u=u;vu=vu;d=d:10,2;t=tsu:UTC;b=b;z=z;l=+l(item=u);v=+vl(item=i);"
                 "s=+s(a=i;b=u);m=+m(entries=+s(key=u;value=g));x=+ud:0,1(n=i;s=u);"
                 "y=+us:0,1(n=i;s=u);w=+w:2(item=i);e=C{u};n=n;big=z",
              "[[1,2,\"a,b\\n\",\"more than twelve bytes\",\"1.00\",0,true,\"00FF\",[\"x\",\" y\"],"
              "[1,null],[1,\"q\"],[[\"k\",0.5]],[0,1],[1,\"s\"],[1,2],1,null,\"80000101\"],"
              "[null,null,null,null,null,null,null,null,null,null,null,null,[1,null],[0,null],null,"
              "null,null,null],"
              "[-1,-2,\"\",\"\",\"-0.01\",1,false,\"\",[],[],[null,null],[],[1,\"\"],[0,5],"
              "[null,null],0,null,\"7FFFFEFE\"]]");
    rows_set_dictionary(r, 15, "[\"v\",\"w\"]");
    rows_set_extension(r, 17, "arrow.opaque",
                       "{\"type_name\":\"bignum\",\"vendor_name\":\"DuckDB\"}");
}

static gbx_status write_to(const char *path, const gbx__write_options *options, int batches,
                           gbx_error *err)
{
    struct ArrowArrayStream stream;
    rows r;
    make_all(&r);
    rows_stream(&r, batches, 0, &stream);
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    const gbx_status status = gbx__result_write(&stream, fd, options, NULL, NULL, err);
    close(fd);
    stream.release(&stream);
    rows_done(&r);
    return status;
}

static void test_full_disk(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        const gbx__write_options options = rows_options(formats[i]);
        gbx_error err;
        assert_int_equal(write_to("/dev/full", &options, 1, &err), GBX_IO);
        assert_int_equal(err.native_code, ENOSPC);
        assert_non_null(strstr(err.message, "No space left on device"));
        assert_int_equal(write_to("/dev/full", &options, 10000, &err), GBX_IO);
        assert_int_equal(err.native_code, ENOSPC);
    }
}

static void test_closed_pipe(void **state)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    (void)state;
    sigaction(SIGPIPE, &ignore, &before);
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        const gbx__write_options options = rows_options(formats[i]);
        struct ArrowArrayStream stream;
        gbx_error err;
        int ends[2];
        rows r;
        assert_int_equal(pipe(ends), 0);
        close(ends[0]);
        make_all(&r);
        rows_stream(&r, 2, 0, &stream);
        assert_int_equal(gbx__result_write(&stream, ends[1], &options, NULL, NULL, &err), GBX_IO);
        assert_int_equal(err.native_code, EPIPE);
        close(ends[1]);
        stream.release(&stream);
        rows_done(&r);
    }
    sigaction(SIGPIPE, &before, NULL);
}

static void test_bad_descriptor(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    struct ArrowArrayStream stream;
    gbx_error err;
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1]]");
    rows_stream(&r, 1, 0, &stream);
    assert_int_equal(gbx__result_write(&stream, -1, &options, NULL, NULL, &err), GBX_IO);
    assert_int_equal(err.native_code, EBADF);
    stream.release(&stream);
    rows_done(&r);
}

static void test_parquet_needs_a_path(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_PARQUET);
    struct ArrowArrayStream stream;
    gbx_error err;
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1]]");
    rows_stream(&r, 1, 0, &stream);
    assert_int_equal(gbx__result_write(&stream, 1, &options, NULL, NULL, &err), GBX_MISUSE);
    stream.release(&stream);
    rows_done(&r);
}

static void test_stream_that_fails(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        const gbx__write_options options = rows_options(formats[i]);
        struct ArrowArrayStream stream;
        gbx__write_stats stats = {-1, -1};
        gbx_error err;
        rows r;
        rows_make(&r, "a=i", "[[1]]");
        rows_stream(&r, 3, EIO, &stream);
        assert_int_equal(rows_write_stream(&stream, &options, NULL, NULL, &stats, &err),
                         GBX_ENGINE);
        assert_non_null(strstr(err.message, "the engine fell over"));
        assert_int_equal(stats.rows, -1);
        rows_done(&r);
    }
}

static void test_cancel(void **state)
{
    (void)state;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        const gbx__write_options options = rows_options(formats[i]);
        struct ArrowArrayStream stream;
        gbx__cancel cancel;
        gbx_error err;
        rows r;
        const int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
        rows_make(&r, "a=i", "[[1]]");
        gbx__cancel_init(&cancel);
        gbx__cancel_request(&cancel);
        rows_stream(&r, 1, 0, &stream);
        assert_int_equal(gbx__result_write(&stream, fd, &options, &cancel, NULL, &err),
                         GBX_CANCELLED);
        /* An endless stream ends at its deadline. */
        gbx__cancel_init(&cancel);
        gbx__cancel_deadline(&cancel, gbx__mono_ns() + 20000000);
        stream.release(&stream);
        rows_stream(&r, -1, 0, &stream);
        assert_int_equal(gbx__result_write(&stream, fd, &options, &cancel, NULL, &err),
                         GBX_TIMEOUT);
        stream.release(&stream);
        rows_done(&r);
        close(fd);
    }
}

/* ---- arrays that are not what their schema says ---- */

typedef void break_fn(struct ArrowArray *batch);

static void break_child_count(struct ArrowArray *batch) { batch->n_children = 0; }
static void break_child_length(struct ArrowArray *batch) { batch->children[0]->length = 1; }
static void break_negative_length(struct ArrowArray *batch) { batch->children[0]->length = -1; }
static void break_negative_offset(struct ArrowArray *batch) { batch->offset = -1; }
static void break_child_offset(struct ArrowArray *batch) { batch->children[0]->offset = -1; }
static void break_buffer_count(struct ArrowArray *batch) { batch->children[0]->n_buffers = 1; }
static void break_data(struct ArrowArray *batch) { batch->children[0]->buffers[1] = NULL; }
static void break_offsets(struct ArrowArray *batch) { batch->children[1]->buffers[1] = NULL; }
static void break_items(struct ArrowArray *batch) { batch->children[1]->n_children = 0; }
static void break_item_length(struct ArrowArray *batch)
{
    batch->children[1]->children[0]->length = 1;
}
static void break_member_length(struct ArrowArray *batch)
{
    batch->children[2]->children[0]->length = 1;
}
static void break_dictionary(struct ArrowArray *batch) { batch->children[3]->dictionary = NULL; }

/* A copy of what the breaks change; the rest is shared. */
typedef struct shallow {
    struct ArrowArray batch, columns[4], items[4];
    struct ArrowArray *column_list[4], *item_list[4];
    const void *buffers[4][3];
} shallow;

static void shallow_copy(const struct ArrowArray *from, shallow *to)
{
    to->batch = *from;
    to->batch.children = to->column_list;
    for (size_t i = 0; i < 4; i++) {
        const struct ArrowArray *column = from->children[i];
        to->columns[i] = *column;
        to->column_list[i] = &to->columns[i];
        to->columns[i].buffers = to->buffers[i];
        for (int64_t b = 0; b < column->n_buffers; b++) to->buffers[i][b] = column->buffers[b];
        if (column->n_children != 1) continue;
        to->items[i] = *column->children[0];
        to->item_list[i] = &to->items[i];
        to->columns[i].children = &to->item_list[i];
    }
}

static void test_broken_arrays(void **state)
{
    static break_fn *const breaks[] = {
        break_child_count,  break_child_length, break_negative_length, break_negative_offset,
        break_child_offset, break_buffer_count, break_data,            break_offsets,
        break_items,        break_item_length,  break_member_length,   break_dictionary};
    rows good;
    (void)state;
    rows_make(&good, "a=i;l=+l(item=u);s=+s(x=i);e=C{u}",
              "[[1,[\"a\",\"b\"],[1],0],[2,[],[2],0]]");
    rows_set_dictionary(&good, 3, "[\"v\"]");
    for (size_t f = 0; f < FORMAT_COUNT; f++) {
        const gbx__write_options options = rows_options(formats[f]);
        for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
            struct ArrowArrayStream stream;
            shallow broken;
            gbx_error err;
            shallow_copy(&good.batch, &broken);
            breaks[i](&broken.batch);
            const rows r = {good.schema, broken.batch};
            rows_stream(&r, 1, 0, &stream);
            const gbx_status status =
                rows_write_stream(&stream, &options, NULL, NULL, NULL, &err);
            if (status != GBX_CORRUPT) fail_msg("break %zu: %s", i, gbx_status_name(status));
            assert_non_null(strstr(err.message, "a broken Arrow array"));
        }
    }
    rows_done(&good);
}

static void test_offsets_that_go_back_give_nothing(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    static const int32_t back[] = {3, 1, -5, 2};
    const void *buffers[] = {NULL, back, "abcdef"};
    rows r;
    (void)state;
    rows_make(&r, "a=u;l=+l(item=i)", "[[\"\",[]],[\"\",[]],[\"\",[]]]");
    struct ArrowArray *text = r.batch.children[0];
    struct ArrowArray *list = r.batch.children[1];
    const void **kept[] = {text->buffers, list->buffers};
    text->buffers = buffers;
    list->buffers = buffers;
    const int64_t items = list->children[0]->length;
    list->children[0]->length = 10;
    list->children[0]->buffers[1] = (const int32_t[10]){0};
    assert_string_equal(rows_write(&r, &options), "a,l\n\"\",[]\n\"\",[]\n\"\",[]\n");
    text->buffers = kept[0];
    list->buffers = kept[1];
    list->children[0]->length = items;
    list->children[0]->buffers[1] = NULL;
    rows_done(&r);
}

static void test_a_schema_that_is_no_table(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    struct ArrowArrayStream stream;
    gbx_error err;
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1]]");
    const char *format = r.schema.format;
    r.schema.format = "i";
    rows_stream(&r, 1, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, NULL, NULL, NULL, &err), GBX_INVALID);
    r.schema.format = format;
    rows_done(&r);
}

/* ---- torture ---- */

typedef struct torture_case {
    const rows *rows;
    gbx__write_options options;
    int fd;
} torture_case;

static gbx_status torture_write(void *ctx, gbx_error *err)
{
    const torture_case *c = ctx;
    struct ArrowArrayStream stream;
    rows_stream(c->rows, 3, 0, &stream);
    assert_int_equal(ftruncate(c->fd, 0), 0);
    const gbx_status status = gbx__result_write(&stream, c->fd, &c->options, NULL, NULL, err);
    stream.release(&stream);
    return status;
}

static void test_torture(void **state)
{
    rows r;
    (void)state;
    make_all(&r);
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        torture_case c = {&r, rows_options(formats[i]), memfd_create("torture", MFD_CLOEXEC)};
        c.options.escape_control = true;
        c.options.table_max_rows = 4;
        c.options.table_width = 200;
        assert_true(torture_run(GBX_FAULT_ALLOC, torture_write, &c) > 3);
        assert_true(torture_run(GBX_FAULT_IO, torture_write, &c) > 0);
        close(c.fd);
    }
    rows_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_closed_pipe),
        cmocka_unit_test(test_bad_descriptor),
        cmocka_unit_test(test_parquet_needs_a_path),
        cmocka_unit_test(test_stream_that_fails),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_broken_arrays),
        cmocka_unit_test(test_offsets_that_go_back_give_nothing),
        cmocka_unit_test(test_a_schema_that_is_no_table),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
