/*
 * Arrow streams as tables: read once, released once, whoever ends up with them.
 */
#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_error err;

static void test_named(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    struct ArrowArrayStream stream;
    query_stream(5, &stream);
    assert_int_equal(gbx_session_add_stream(s, "nums", &stream, &err), GBX_OK);
    assert_null(stream.release); /* taken */
    query_stream(1, &stream);
    assert_int_equal(gbx_session_add_stream(s, "NUMS", &stream, &err), GBX_EXISTS);
    assert_null(stream.release); /* taken also on failure */
    assert_int_equal(gbx_session_add_stream(s, "empty", &stream, &err), GBX_MISUSE);

    /* A look at the columns does not read the rows. */
    gbx_frame *frame = query_frame(s, "SELECT sum(x) AS s FROM nums WHERE x > 1");
    struct ArrowSchema schema;
    assert_int_equal(gbx_frame_schema(frame, &schema, &err), GBX_OK);
    assert_string_equal(schema.children[0]->name, "s");
    schema.release(&schema);
    assert_string_equal(query_rows(frame), "s\n9\n");

    /* The rows are gone. */
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "nums"));
    gbx_frame_free(frame);
    frame = NULL;
    assert_int_not_equal(gbx_session_sql(s, "FROM nums", NULL, &frame, &err), GBX_OK);
    gbx_session_close(s);
    assert_int_equal(query_stream_count(), 0);
}

static void test_twice_in_one(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    struct ArrowArrayStream stream;
    query_stream(3, &stream);
    assert_int_equal(gbx_session_add_stream(s, "n", &stream, &err), GBX_OK);
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_sql(s, "SELECT * FROM n a, n b", NULL, &frame, &err),
                     GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "twice"));
    gbx_session_close(s);
    assert_int_equal(query_stream_count(), 0);
}

static void test_scan(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    struct ArrowArrayStream stream;
    gbx_frame *frame = NULL;
    gbx_frame *next = NULL;
    query_stream(5, &stream);
    assert_int_equal(gbx_scan_stream(s, &stream, &frame, &err), GBX_OK);
    assert_null(stream.release);
    gbx_session_close(s); /* frames keep it */
    assert_int_equal(gbx_frame_filter(frame, "x >= 3", &next, &err), GBX_OK);
    gbx_frame_free(frame);
    assert_string_equal(query_take(next), "x\n3\n4\n");
    assert_int_equal(query_stream_count(), 0);

    s = query_session();
    query_stream(5, &stream);
    assert_int_equal(gbx_scan_stream(s, &stream, &frame, &err), GBX_OK);
    gbx_frame_free(frame); /* never run */
    assert_int_equal(query_stream_count(), 0);
    query_stream(5, &stream);
    assert_int_equal(gbx_scan_stream(NULL, &stream, &frame, &err), GBX_MISUSE);
    assert_null(stream.release);
    assert_int_equal(query_stream_count(), 0);
    gbx_session_close(s);
}

/* Only half is read: the rest is released with the run. */
static void test_partly(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    struct ArrowArrayStream stream;
    query_stream(1000, &stream);
    assert_int_equal(gbx_session_add_stream(s, "n", &stream, &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT x FROM n LIMIT 1"), "x\n0\n");
    gbx_session_close(s);
    assert_int_equal(query_stream_count(), 0);
}

/* Rows out of one session are a table of another. */
static void test_chain(void **state)
{
    (void)state;
    gbx_session *a = query_session();
    gbx_session *b = query_session();
    gbx_frame *frame = query_frame(a, "SELECT x, CAST(x AS VARCHAR) AS t FROM range(100) r(x)");
    gbx_result *result = NULL;
    struct ArrowArrayStream rows;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
    assert_int_equal(gbx_result_stream(result, &rows, &err), GBX_OK);
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_session_close(a);
    assert_int_equal(gbx_session_add_stream(b, "r", &rows, &err), GBX_OK);
    assert_string_equal(query_text(b, "SELECT sum(x) AS s, max(t) AS m FROM r"), "s,m\n4950,99\n");
    gbx_session_close(b);
}

/* Arrow files are streams to the engine; each use of one has a name and a stream of its own. */
static void test_arrow_files(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "a/x", "");
    temp_write(dir, "b/x", "");
    gbx_session *s = query_session();
    gbx_write_options arrow = GBX_WRITE_OPTIONS_INIT;
    arrow.format = GBX_FORMAT_KIND_ARROW;
    static const char *const names[] = {"a/n.arrow", "b/n.arrow"};
    for (size_t i = 0; i < 2; i++) {
        gbx_frame *frame = query_frame(s, i == 0 ? "SELECT 1 AS x" : "SELECT 2 AS x");
        gbx_result *result = NULL;
        assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
        assert_int_equal(gbx_result_write_file(result, temp_path(dir, names[i]), &arrow, &err),
                         GBX_OK);
        gbx_result_free(result);
        gbx_frame_free(frame);
    }
    assert_int_equal(gbx_session_add_table(s, "a", temp_path(dir, names[0]), &err), GBX_OK);
    assert_int_equal(gbx_session_add_table(s, "b", temp_path(dir, names[1]), &err), GBX_OK);
    assert_string_equal(query_text(s, "SELECT a.x, b.x AS y FROM a, b"), "x,y\n1,2\n");
    const char *sql = "SELECT p.x + q.x + b.x AS s FROM a p JOIN a q USING (x), b";
    assert_string_equal(query_text(s, sql), "s\n4\n");
    gbx_frame *frame = query_frame(s, "SELECT x FROM a UNION ALL SELECT x FROM a");
    assert_string_equal(query_rows(frame), "x\n1\n1\n");
    assert_string_equal(query_rows(frame), "x\n1\n1\n"); /* a file can be read again */
    gbx_frame_free(frame);
    gbx_session_close(s);
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named), cmocka_unit_test(test_twice_in_one),
        cmocka_unit_test(test_scan),  cmocka_unit_test(test_partly),
        cmocka_unit_test(test_chain), cmocka_unit_test(test_arrow_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
