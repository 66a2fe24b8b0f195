/*
 * Arrow files as pyarrow writes them (tests/data/arrow/dictionaries.py), and what a query makes of
 * them.
 */
#include "support/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TEXT_MAX 1024

static gbx_session *session;

static int open_session(void **state)
{
    (void)state;
    session = query_session();
    return 0;
}

static int close_session(void **state)
{
    (void)state;
    gbx_session_close(session);
    return 0;
}

/* before 'the file' behind */
static const char *query_over(const char *before, const char *file, const char *behind)
{
    static char sql[TEXT_MAX];
    const char *source = getenv("GEARBOX_SOURCE_DIR");
    if (!source) fail_msg("GEARBOX_SOURCE_DIR is not set");
    snprintf(sql, sizeof(sql), "%s '%s/tests/data/arrow/%s' %s", before, source, file, behind);
    return sql;
}

static void check(const char *file, const char *want)
{
    assert_string_equal(query_text(session, query_over("FROM", file, "")), want);
}

/* Making the frame, or running it, fails with this. */
static void check_fails(const char *sql, gbx_status want, const char *part)
{
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_error err = {0};
    gbx_status status = gbx_session_sql(session, sql, NULL, &frame, &err);
    if (status == GBX_OK) status = gbx_frame_run(frame, NULL, &result, &err);
    if (status == GBX_OK) status = gbx_result_write_fd(result, 1, NULL, &err);
    if (status != want || !strstr(err.message, part)) fail_msg("%d: %s", status, err.message);
    assert_null(strstr(err.message, "gbx_source_probe"));
    gbx_result_free(result);
    gbx_frame_free(frame);
}

static void test_dictionaries(void **state)
{
    (void)state;
    check("dictionary_zstd.arrow", "word,number\nx,30\nyy,20\n,10\nx,\nz,10\n");
    check("dictionary_list.arrow", "words\n\"[x, yy]\"\n[NULL]\n\"[x, z]\"\n");
    check("dictionary_replaced.arrows", "word\na\nb\nc\nd\nc\n");
    check_fails(query_over("FROM", "dictionary_delta.arrows", ""), GBX_UNSUPPORTED,
                "dictionary_delta.arrows': Dictionary concatenation is not yet supported");
}

static void test_unions(void **state)
{
    (void)state;
    check("union_v4.arrow", "u\n1\nb\n3\n");
    check_fails(query_over("FROM", "union_dense.arrow", ""), GBX_UNSUPPORTED,
                "union_dense.arrow': the column 'u' has the Arrow type dense_union");
}

static void test_zoned_nanoseconds(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx_frame *frame = NULL;
    check("zoned_ns.arrow", "t\n1970-01-01 00:00:00+00\n1970-01-01 00:00:00.000000001+00\n");
    const char *sql =
        query_over("SELECT max(t) AS t, typeof(max(t)) AS y FROM", "zoned_ns.arrow", "");
    assert_int_equal(gbx_session_sql(session, sql, NULL, &frame, &err), GBX_OK);
    assert_string_equal(gbx_frame_via(frame), "plan");
    assert_string_equal(query_take(frame),
                        "t,y\n1970-01-01 00:00:00.000000001+00,TIMESTAMPTZ_NS\n");
}

/* The engine does not read Arrow by itself, so SQL that no plan holds can't. */
static void test_outside_of_the_plan(void **state)
{
    (void)state;
    const char *sql =
        query_over("SELECT * FROM read_text('/etc/hostname') h,", "dictionary_list.arrow", "");
    check_fails(sql, GBX_UNSUPPORTED, "dictionary_list.arrow': write it as Parquet first");
    gbx_frame *plan = query_frame(session, query_over("FROM", "dictionary_list.arrow", ""));
    const gbx_named_frame names[] = {{"f", plan}};
    gbx_frame *frame = NULL;
    gbx_error err = {0};
    assert_int_equal(gbx_frames_sql(1, names, "SELECT * FROM read_text('/etc/hostname') h, f", NULL,
                                    &frame, &err),
                     GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "write it as Parquet first"));
    gbx_frame_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_unions),
        cmocka_unit_test(test_zoned_nanoseconds),
        cmocka_unit_test(test_outside_of_the_plan),
    };
    return cmocka_run_group_tests(tests, open_session, close_session);
}
