/*
 * The smallest user of an installed Gearbox: asks for one number and takes it as Arrow.
 */
#include <gearbox/gearbox.h>
#include <gearbox/version.h>

#include <stdio.h>
#include <string.h>

static int fail(const char *what, const gbx_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    return 1;
}

static int print_answer(gbx_result *result)
{
    gbx_error err;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    int64_t n_rows = 0, answer = 0;
    if (gbx_result_stream(result, &stream, &err) != GBX_OK) return fail("stream", &err);
    for (;;) {
        if (stream.get_next(&stream, &batch) != 0) {
            fprintf(stderr, "next: %s\n", stream.get_last_error(&stream));
            stream.release(&stream);
            return 1;
        }
        if (!batch.release) break;
        if (batch.length > 0) {
            answer = ((const int64_t *)batch.children[0]->buffers[1])[batch.children[0]->offset];
        }
        n_rows += batch.length;
        batch.release(&batch);
    }
    stream.release(&stream);
    printf("gearbox %s: %lld rows, the answer is %lld\n", gbx_version(), (long long)n_rows,
           (long long)answer);
    return n_rows == 1 && answer == 42 ? 0 : 1;
}

int main(void)
{
    gbx_session *session = NULL;
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_error err;
    int rc = 1;
    if (strcmp(gbx_version(), GBX_VERSION_STRING) != 0) {
        fprintf(stderr, "headers of %s, library %s\n", GBX_VERSION_STRING, gbx_version());
        return 1;
    }
    if (gbx_session_open(NULL, &session, &err) != GBX_OK) {
        rc = fail("open", &err);
    } else if (gbx_session_sql(session, "SELECT CAST(40 + 2 AS BIGINT) AS answer", NULL, &frame,
                               &err) != GBX_OK) {
        rc = fail("sql", &err);
    } else if (gbx_frame_run(frame, NULL, &result, &err) != GBX_OK) {
        rc = fail("run", &err);
    } else {
        rc = print_answer(result);
    }
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_session_close(session);
    return rc;
}
