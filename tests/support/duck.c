#include "support/duck.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DUCK_MEMORY INT64_C(300000000)

void duck_open(duck *d, const gbx__duck_options *options)
{
    gbx__duck_options all = options ? *options : (gbx__duck_options){0};
    gbx_error err = {0};
    if (all.threads == 0) all.threads = 2;
    if (all.memory_limit_bytes == 0) all.memory_limit_bytes = DUCK_MEMORY;
    if (gbx__duck_open(&all, &d->instance, &err) != GBX_OK) fail_msg("%s", err.message);
    if (gbx__duck_connect(d->instance, &d->conn, &err) != GBX_OK) fail_msg("%s", err.message);
}

void duck_close(duck *d)
{
    gbx__duck_disconnect(d->conn);
    gbx__duck_close(d->instance);
    *d = (duck){0};
}

void duck_exec(duck *d, const char *sql)
{
    gbx_error err = {0};
    if (gbx__duck_exec(d->conn, sql, &err) != GBX_OK) fail_msg("%s: %s", sql, err.message);
}

static gbx_status print_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    gbx__buf *out = ctx;
    (void)err;
    for (size_t i = 0; i < n_cols; i++) {
        gbx__buf_puts(out, i > 0 ? "|" : "");
        gbx__buf_str(out, cols[i].ptr ? cols[i] : GBX_STR("NULL"));
    }
    gbx__buf_putc(out, '\n');
    return GBX_OK;
}

const char *duck_rows(duck *d, const char *sql)
{
    static char texts[4][8192];
    static size_t turn;
    gbx_error err = {0};
    gbx__buf out = {0};
    char *text = texts[turn++ % 4];
    if (gbx__duck_rows(d->conn, sql, 0, NULL, print_row, &out, &err) != GBX_OK)
        fail_msg("%s: %s", sql, err.message);
    assert_true(out.len < sizeof(texts[0]));
    for (size_t i = 0; i < out.len; i++) text[i] = out.data[i];
    text[out.len] = '\0';
    gbx__buf_done(&out);
    return text;
}

void duck_query(duck *d, const char *sql, struct ArrowArrayStream *out)
{
    gbx_error err = {0};
    if (gbx__duck_query(d->conn, sql, 0, NULL, NULL, out, &err) != GBX_OK)
        fail_msg("%s: %s", sql, err.message);
}

gbx_status duck_drain(struct ArrowArrayStream *stream, int64_t *n_rows, int64_t *n_batches)
{
    *n_rows = 0;
    *n_batches = 0;
    for (;;) {
        struct ArrowArray batch = {0};
        if (stream->get_next(stream, &batch) != 0) {
            const gbx_error *error = gbx__duck_stream_error(stream);
            return error ? error->status : GBX_ENGINE;
        }
        if (!batch.release) return GBX_OK;
        *n_rows += batch.length;
        *n_batches += 1;
        batch.release(&batch);
    }
}

gbx_status duck_status(duck *d, const char *sql, gbx_error *err)
{
    struct ArrowArrayStream stream = {0};
    int64_t n_rows;
    int64_t n_batches;
    gbx_status status = gbx__duck_query(d->conn, sql, 0, NULL, NULL, &stream, err);
    if (status != GBX_OK) return status;
    status = duck_drain(&stream, &n_rows, &n_batches);
    if (status != GBX_OK) *err = *gbx__duck_stream_error(&stream);
    stream.release(&stream);
    return status;
}

int64_t duck_patience_ns(int64_t ns)
{
    const char *preloaded = getenv("LD_PRELOAD");
    if (preloaded && strstr(preloaded, "valgrind")) return ns * 50;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return ns * 5;
#else
    return ns;
#endif
}
