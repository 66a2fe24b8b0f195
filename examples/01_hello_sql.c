/*
 * One query over a file, its rows to stdout.
 *
 *   01_hello_sql people.csv
 */
#include <gearbox/gearbox.h>

#include <stdio.h>

/* Every call answers a status; the detail is a line for people. */
static int fail(const gbx_error *err)
{
    fprintf(stderr, "01_hello_sql: %s\n", err->message);
    return gbx_status_exit_code(err->status);
}

static int hello(gbx_session *session, const char *path)
{
    gbx_error err;
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;

    /* A name for the file, so that no path has to be put into a text. */
    if (gbx_session_add_table(session, "people", path, &err) != GBX_OK) return fail(&err);

    /* A value for $min: values never become part of a text either. */
    const gbx_param min = {"min", "40"};
    const gbx_params params = {1, &min};
    const char *sql = "SELECT city, count(*) AS n FROM people "
                      "WHERE age >= CAST($min AS INTEGER) GROUP BY city ORDER BY city";
    if (gbx_session_sql(session, sql, &params, &frame, &err) != GBX_OK) return fail(&err);

    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_CSV;
    gbx_status status = gbx_frame_run(frame, NULL, &result, &err);
    if (status == GBX_OK) status = gbx_result_write_fd(result, 1, &options, &err);

    gbx_result_free(result); /* NULL is fine, and so is any order */
    gbx_frame_free(frame);
    return status == GBX_OK ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    gbx_error err;
    gbx_session *session = NULL;
    if (gbx_session_open(NULL, &session, &err) != GBX_OK) return fail(&err);
    const int code = hello(session, argv[1]);
    gbx_session_close(session);
    return code;
}
