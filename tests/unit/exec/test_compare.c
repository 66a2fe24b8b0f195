/* Two questions that differ in a known way stand for two engines that do. */
#include "gearbox/gearbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char temp_dir[] = "/tmp/gearbox-compare-XXXXXX";

static int setup(void **state)
{
    (void)state;
    return mkdtemp(temp_dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(temp_dir); /* fails when something is left in it */
}

static gbx_session *open_session(void)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.temp_dir = temp_dir;
    gbx_session *session = NULL;
    assert_int_equal(gbx_session_open(&options, &session, NULL), GBX_OK);
    return session;
}

static gbx_comparison *compare(const char *a, const char *b)
{
    gbx_session *sessions[2] = {open_session(), open_session()};
    gbx_frame *frames[2] = {NULL, NULL};
    gbx_error err = {0};
    const char *texts[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        if (gbx_session_sql(sessions[i], texts[i], NULL, &frames[i], &err) != GBX_OK) {
            fail_msg("%s: %s", texts[i], err.message);
        }
    }
    gbx_comparison *comparison = NULL;
    const gbx_frame *const both[2] = {frames[0], frames[1]};
    if (gbx_frames_compare(2, both, NULL, &comparison, &err) != GBX_OK) {
        fail_msg("%s: %s", a, err.message);
    }
    for (int i = 0; i < 2; i++) {
        gbx_frame_free(frames[i]);
        gbx_session_close(sessions[i]);
    }
    return comparison;
}

static gbx_outcome second(const gbx_comparison *comparison)
{
    gbx_outcome outcome = GBX_OUTCOME_INIT;
    gbx_comparison_outcome(comparison, 1, &outcome);
    return outcome;
}

static void expect(const char *a, const char *b, gbx_verdict verdict, int64_t differing)
{
    gbx_comparison *comparison = compare(a, b);
    const gbx_outcome outcome = second(comparison);
    if (outcome.verdict != verdict || outcome.differing != differing) {
        fail_msg("%s | %s: %s with %lld (%s)", a, b, gbx_verdict_name(outcome.verdict),
                 (long long)outcome.differing, outcome.message ? outcome.message : "");
    }
    assert_int_equal(gbx_comparison_agrees(comparison), verdict != GBX_VERDICT_DIFFERENT);
    gbx_comparison_free(comparison);
}

#define EQUAL GBX_VERDICT_EQUAL
#define DIFFERENT GBX_VERDICT_DIFFERENT

static void test_multisets(void **state)
{
    (void)state;
    expect("SELECT 1 AS a", "SELECT 1 AS a", EQUAL, 0);
    expect("SELECT 1 AS a", "SELECT 2 AS a", DIFFERENT, 2);
    expect("FROM (VALUES (1), (2), (NULL)) t(a)", "FROM (VALUES (NULL), (2), (1)) t(a)", EQUAL, 0);
    expect("FROM (VALUES (1), (1), (2)) t(a)", "FROM (VALUES (1), (2), (2)) t(a)", DIFFERENT, 2);
    expect("FROM (VALUES (1), (1)) t(a)", "FROM (VALUES (1)) t(a)", DIFFERENT, 1);
    expect("SELECT 1 AS a WHERE false", "SELECT 1 AS a WHERE false", EQUAL, 0);
    expect("SELECT 'x' AS a, NULL::INT AS b", "SELECT 'x' AS a, 0 AS b", DIFFERENT, 2);
    expect("SELECT [1, NULL] AS a, {'x': 1} AS b", "SELECT [1, NULL] AS a, {'x': 1} AS b", EQUAL,
           0);
    expect("SELECT [1, NULL] AS a", "SELECT [NULL, 1] AS a", DIFFERENT, 2);
}

static void test_floats(void **state)
{
    (void)state;
    expect("SELECT 0.1::DOUBLE + 0.2::DOUBLE AS a", "SELECT 0.3::DOUBLE AS a", EQUAL, 0);
    expect("SELECT 1::DOUBLE AS a", "SELECT 1.00001::DOUBLE AS a", DIFFERENT, 2);
    expect("SELECT 'nan'::DOUBLE AS a", "SELECT 'nan'::DOUBLE AS a", EQUAL, 0);
    expect("SELECT 'nan'::DOUBLE AS a", "SELECT NULL::DOUBLE AS a", DIFFERENT, 2);
    expect("SELECT 'inf'::DOUBLE AS a", "SELECT 1e300::DOUBLE AS a", DIFFERENT, 2);
    expect("SELECT 'inf'::DOUBLE AS a", "SELECT '-inf'::DOUBLE AS a", DIFFERENT, 2);
    expect("SELECT 1::FLOAT AS a", "SELECT 1.0000001::FLOAT AS a", EQUAL, 0);
    expect("FROM (VALUES (1, 0.1::DOUBLE), (1, 0.2)) t(k, a)",
           "FROM (VALUES (1, 0.2::DOUBLE), (1, 0.1)) t(k, a)", EQUAL, 0);
}

static void test_types_and_labels(void **state)
{
    (void)state;
    gbx_comparison *comparison = compare("SELECT 1::INT AS a", "SELECT 1::BIGINT AS a");
    gbx_outcome outcome = second(comparison);
    assert_int_equal(outcome.verdict, DIFFERENT);
    assert_string_equal(outcome.message, "column 1 is 'a' of type int64, but on duckdb 'a' of type "
                                         "int32");
    gbx_comparison_free(comparison);
    expect("SELECT 1 AS a", "SELECT 1 AS b", DIFFERENT, 0);
    expect("SELECT 1 AS a", "SELECT 1 AS a, 2 AS b", DIFFERENT, 0);
    expect("SELECT 1.50 AS a", "SELECT 1.5 AS a", DIFFERENT, 0);
    /* equal for SQL, not the same value */
    expect("SELECT INTERVAL 1 MONTH AS a", "SELECT INTERVAL 30 DAY AS a", DIFFERENT, 2);
    expect("SELECT 1 AS a, 2 AS a", "SELECT 1 AS a, 2 AS a", EQUAL, 0);
}

static void test_order(void **state)
{
    (void)state;
    const char *rows = "FROM (VALUES (1, 'a'), (1, 'b'), (2, 'c')) t(k, v)";
    char up[160], down[160], ties[160];
    snprintf(up, sizeof(up), "SELECT * %s ORDER BY k", rows);
    snprintf(down, sizeof(down), "SELECT * %s ORDER BY k DESC", rows);
    snprintf(ties, sizeof(ties), "SELECT * %s ORDER BY k, v DESC", rows);
    expect(up, ties, EQUAL, 0);     /* among equal keys the order is open */
    expect(up, down, DIFFERENT, 6); /* the same rows in another order */
    expect(rows, down, EQUAL, 0);   /* nobody asked for an order */
    expect("SELECT v FROM (VALUES (1, 'a'), (2, 'b')) t(k, v) ORDER BY k",
           "SELECT v FROM (VALUES (2, 'b'), (1, 'a')) t(k, v) ORDER BY k", EQUAL, 0);
}

static void test_loose(void **state)
{
    (void)state;
    gbx_comparison *comparison =
        compare("SELECT * FROM range(100) LIMIT 1", "SELECT * FROM range(5, 100) LIMIT 1");
    assert_int_equal(second(comparison).verdict, GBX_VERDICT_LOOSE);
    assert_non_null(strstr(gbx_comparison_determinism(comparison), "LIMIT"));
    assert_true(gbx_comparison_agrees(comparison));
    gbx_comparison_free(comparison);
}

static void test_failures(void **state)
{
    (void)state;
    const char *bad = "SELECT a // 0 AS a FROM (VALUES (1)) t(a)";
    gbx_comparison *comparison = compare("SELECT 1 AS a", bad);
    gbx_outcome outcome = second(comparison);
    assert_int_equal(outcome.verdict, DIFFERENT);
    assert_int_not_equal(outcome.status, GBX_OK);
    assert_non_null(outcome.message);
    gbx_comparison_free(comparison);

    expect(bad, bad, EQUAL, 0);
    expect(bad, "SELECT 1 AS a", DIFFERENT, 0);
}

static void test_differences(void **state)
{
    (void)state;
    gbx_comparison *comparison = compare("FROM (VALUES (1, 'x'), (2, 'y')) t(a, \"it's\")",
                                         "FROM (VALUES (1, 'x'), (2, 'z')) t(a, \"it's\")");
    gbx_frame *frame = NULL;
    gbx_error err;
    assert_int_equal(gbx_comparison_differences(comparison, 0, &frame, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_comparison_differences(comparison, 1, &frame, &err), GBX_OK);
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);

    char path[64];
    snprintf(path, sizeof(path), "%s/rows.csv", temp_dir);
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_CSV;
    assert_int_equal(gbx_result_write_file(result, path, &options, &err), GBX_OK);
    char text[128] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    unlink(path);
    assert_string_equal(text, "engine,a,it's\nduckdb,2,y\nduckdb,2,z\n");
    gbx_result_free(result);
    gbx_frame_free(frame);
    gbx_comparison_free(comparison);
}

static void test_misuse(void **state)
{
    (void)state;
    gbx_comparison *comparison = NULL;
    gbx_error err;
    const gbx_frame *none[2] = {NULL, NULL};
    assert_int_equal(gbx_frames_compare(1, none, NULL, &comparison, &err), GBX_MISUSE);
    assert_int_equal(gbx_frames_compare(2, none, NULL, &comparison, &err), GBX_MISUSE);
    gbx_comparison_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_multisets),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_types_and_labels),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_loose),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_misuse),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
