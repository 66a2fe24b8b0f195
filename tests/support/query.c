#include "support/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define QUERY_BUFFERS 8
#define QUERY_TEXT_SIZE 16384

gbx_session *query_session(void)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.threads = 1;
    gbx_session *session = NULL;
    gbx_error err = {0};
    if (gbx_session_open(&options, &session, &err) != GBX_OK) fail_msg("%s", err.message);
    return session;
}

gbx_frame *query_frame(gbx_session *session, const char *sql)
{
    gbx_frame *frame = NULL;
    gbx_error err = {0};
    if (gbx_session_sql(session, sql, NULL, &frame, &err) != GBX_OK) {
        fail_msg("%s: %s", sql, err.message);
    }
    return frame;
}

const char *query_rows(const gbx_frame *frame)
{
    static char buffers[QUERY_BUFFERS][QUERY_TEXT_SIZE];
    static size_t turn;
    char *text = buffers[turn++ % QUERY_BUFFERS];
    gbx_result *result = NULL;
    gbx_error err = {0};
    if (gbx_frame_run(frame, NULL, &result, &err) != GBX_OK) fail_msg("run: %s", err.message);
    const int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_true(fd >= 0);
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_CSV;
    if (gbx_result_write_fd(result, fd, &options, &err) != GBX_OK) fail_msg("%s", err.message);
    gbx_result_free(result);
    const ssize_t n = pread(fd, text, QUERY_TEXT_SIZE - 1, 0);
    assert_true(n >= 0);
    text[n] = '\0';
    close(fd);
    return text;
}

const char *query_take(gbx_frame *frame)
{
    const char *text = query_rows(frame);
    gbx_frame_free(frame);
    return text;
}

const char *query_text(gbx_session *session, const char *sql)
{
    return query_take(query_frame(session, sql));
}

/* --- a stream --------------------------------------------------------------------------------- */

static atomic_int stream_things;

typedef struct number_stream {
    int64_t next, end;
} number_stream;

typedef struct number_batch {
    struct ArrowArray column;
    struct ArrowArray *columns[1];
    const void *no_buffers[1];
    const void *buffers[2];
    int64_t values[2];
} number_batch;

static void keep_release(struct ArrowArray *array)
{
    array->release = NULL; /* lives in its parent's memory */
}

static void batch_release(struct ArrowArray *array)
{
    number_batch *batch = array->private_data;
    if (batch->column.release) batch->column.release(&batch->column);
    free(batch);
    array->release = NULL;
    stream_things--;
}

static int numbers_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    number_stream *numbers = stream->private_data;
    memset(out, 0, sizeof(*out));
    if (numbers->next >= numbers->end) return 0;
    number_batch *batch = calloc(1, sizeof(*batch));
    assert_non_null(batch);
    int64_t n = 0;
    while (n < 2 && numbers->next < numbers->end) batch->values[n++] = numbers->next++;
    batch->buffers[1] = batch->values;
    batch->columns[0] = &batch->column;
    batch->column = (struct ArrowArray){
        .length = n, .n_buffers = 2, .buffers = batch->buffers, .release = keep_release};
    *out = (struct ArrowArray){.length = n,
                               .n_buffers = 1,
                               .buffers = batch->no_buffers,
                               .n_children = 1,
                               .children = batch->columns,
                               .release = batch_release,
                               .private_data = batch};
    stream_things++;
    return 0;
}

static void schema_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static int numbers_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    static struct ArrowSchema column;
    static struct ArrowSchema *columns[1] = {&column};
    (void)stream;
    column = (struct ArrowSchema){
        .format = "l", .name = "x", .flags = ARROW_FLAG_NULLABLE, .release = schema_release};
    *out = (struct ArrowSchema){.format = "+s",
                                .name = "",
                                .n_children = 1,
                                .children = columns,
                                .release = schema_release};
    return 0;
}

static const char *numbers_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void numbers_release(struct ArrowArrayStream *stream)
{
    free(stream->private_data);
    stream->release = NULL;
    stream_things--;
}

void query_stream(int64_t n_rows, struct ArrowArrayStream *out)
{
    number_stream *numbers = calloc(1, sizeof(*numbers));
    assert_non_null(numbers);
    numbers->end = n_rows;
    stream_things++;
    *out = (struct ArrowArrayStream){numbers_schema, numbers_next, numbers_error, numbers_release,
                                     numbers};
}

int query_stream_count(void)
{
    return stream_things;
}
