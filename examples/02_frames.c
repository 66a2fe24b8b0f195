/*
 * A question built step by step, and its rows taken as Arrow batches.
 *
 *   02_frames people.csv
 */
#include <gearbox/gearbox.h>

#include <inttypes.h>
#include <stdio.h>

static int fail(const char *what, const gbx_error *err)
{
    fprintf(stderr, "02_frames: %s: %s\n", what, err->message);
    return gbx_status_exit_code(err->status);
}

/* Steps make new frames and leave their inputs alone; nothing runs yet. */
static gbx_status build(gbx_session *session, const char *path, gbx_frame **out, gbx_error *err)
{
    gbx_frame *people = NULL;
    gbx_frame *adults = NULL;
    gbx_frame *cities = NULL;
    gbx_status status = gbx_scan(session, path, &people, err);
    if (status == GBX_OK) status = gbx_frame_filter(people, "age >= 18", &adults, err);
    if (status == GBX_OK) {
        status =
            gbx_frame_group_by(adults, "city", "count(*) AS n, max(age) AS oldest", &cities, err);
    }
    if (status == GBX_OK) status = gbx_frame_sort(cities, "oldest DESC", out, err);
    gbx_frame_free(cities);
    gbx_frame_free(adults);
    gbx_frame_free(people);
    return status;
}

/* The third column of a batch, "oldest", is int64: one buffer of validity bits, one of values. */
static void print_batch(const struct ArrowArray *batch)
{
    const struct ArrowArray *oldest = batch->children[2];
    const int64_t *values = oldest->buffers[1];
    for (int64_t i = 0; i < batch->length; i++) {
        printf("%" PRId64 "\n", values[batch->offset + oldest->offset + i]);
    }
}

static int print_rows(const gbx_frame *frame)
{
    gbx_error err;
    gbx_result *result = NULL;
    struct ArrowArrayStream stream;
    if (gbx_frame_run(frame, NULL, &result, &err) != GBX_OK) return fail("run", &err);
    if (gbx_result_stream(result, &stream, &err) != GBX_OK) {
        gbx_result_free(result);
        return fail("stream", &err);
    }
    int rc = 0;
    for (;;) {
        struct ArrowArray batch = {0};
        rc = stream.get_next(&stream, &batch);
        if (rc != 0 || !batch.release) break; /* a failure, or the end */
        print_batch(&batch);
        batch.release(&batch);
    }
    int code = 0;
    if (rc != 0) code = fail("rows", gbx_result_error(result));
    stream.release(&stream);
    gbx_result_free(result);
    return code;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    gbx_error err;
    gbx_session *session = NULL;
    gbx_frame *frame = NULL;
    if (gbx_session_open(NULL, &session, &err) != GBX_OK) return fail("open", &err);
    const gbx_status status = build(session, argv[1], &frame, &err);
    gbx_session_close(session); /* the frame keeps what it needs of it */
    if (status != GBX_OK) return fail("build", &err);
    const int code = print_rows(frame);
    gbx_frame_free(frame);
    return code;
}
