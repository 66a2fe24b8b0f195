/*
 * What a step does with the text that it is given: it must stay in its clause, and the place of an
 * error is a place in that text.
 */
#include "gearbox/gearbox.h"

#include "support/query.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_session *session;
static gbx_frame *input;
static gbx_error err;

static int setup(void **state)
{
    (void)state;
    session = query_session();
    input = query_frame(session, "SELECT 1 AS a, 2 AS b, 'x' AS c");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gbx_frame_free(input);
    gbx_session_close(session);
    return 0;
}

typedef gbx_status step(const gbx_frame *frame, const char *text, gbx_frame **out, gbx_error *err);

static gbx_status group_step(const gbx_frame *frame, const char *text, gbx_frame **out,
                             gbx_error *e)
{
    return gbx_frame_group_by(frame, text, "count(*) AS n", out, e);
}

static gbx_status aggregate_step(const gbx_frame *frame, const char *text, gbx_frame **out,
                                 gbx_error *e)
{
    return gbx_frame_group_by(frame, "a", text, out, e);
}

static gbx_status join_step(const gbx_frame *frame, const char *text, gbx_frame **out, gbx_error *e)
{
    return gbx_frame_join(frame, frame, GBX_JOIN_KIND_INNER, text, out, e);
}

static gbx_status unpivot_step(const gbx_frame *frame, const char *text, gbx_frame **out,
                               gbx_error *e)
{
    return gbx_frame_unpivot(frame, text, "n", "v", out, e);
}

static step *const steps[] = {
    gbx_frame_filter, gbx_frame_select,   gbx_frame_with_columns, gbx_frame_sort, group_step,
    aggregate_step,   gbx_frame_distinct, gbx_frame_window,       join_step,      unpivot_step};
#define N_STEPS (sizeof(steps) / sizeof(steps[0]))

/* No step lets any of these out of its clause. */
static void test_escapes(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a) FROM range(3) --",
        "a) FROM range(3) t(a) WHERE (a",
        "a FROM range(3) t(a)",
        "a FROM range(3) t(a) UNION SELECT 1",
        "a UNION (SELECT 1)",
        "a EXCEPT (SELECT 1)",
        "a; SELECT 1",
        "a;",
        ";",
        "a LIMIT 1",
        "a ORDER BY 1",
        "a FETCH FIRST 1 ROWS ONLY",
        "a WHERE true",
        "a --x\r FROM range(3) t(a)",
        "a\xC2\xA0"
        "FROM\xC2\xA0range(3) t(a)",
        "a /* x",
        "'a",
        "\"a",
        "$q$ a",
        "(a",
        "a)",
        "a]",
        "{'x': a",
        "",
        "  ",
        "-- nothing",
        "a QUALIFY true",
        "a HAVING true",
        "a WINDOW w AS ()",
        "a INTO x",
        "a USING SAMPLE 1",
        ", a",
        "1 AS as UNION",
        "1 AS as, 2 AS as UNION ALL",
        "1 AS as FROM t WHERE",
        "frame.as UNION",
        "1 AS distinct FROM t",
        "1 AS within GROUP BY 1",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t s = 0; s < N_STEPS; s++) {
            gbx_frame *out = NULL;
            const gbx_status status = steps[s](input, texts[i], &out, &err);
            const bool is_refused = status == GBX_PARSE || status == GBX_BIND;
            const bool may_be_empty = steps[s] == group_step || steps[s] == aggregate_step;
            if (may_be_empty && *texts[i] == '\0') {
                gbx_frame_free(out); /* no keys: one row */
                continue;
            }
            if (!is_refused) fail_msg("step %zu took \"%s\": %d", s, texts[i], (int)status);
            assert_null(out);
        }
    }
}

/* Words that look like an escape and are none. */
static void test_harmless(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a IS DISTINCT FROM b AS d",
        "(SELECT max(x) FROM range(3) t(x)) AS m",
        "extract(year FROM DATE '2013-01-01') AS y",
        "a AS \"from\"",
        "'; FROM --' AS s",
        "a /* ; FROM */ AS z",
        "list_transform([1, 2], lambda x: x + a) AS l",
        "CASE WHEN a = 1 THEN 'FROM' END AS t",
        "frame.a AS q",
        "a -- FROM\n + 1 AS w",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gbx_frame *out = NULL;
        if (gbx_frame_select(input, texts[i], &out, &err) != GBX_OK) {
            fail_msg("%s: %s", texts[i], err.message);
        }
        gbx_frame_free(out);
    }
}

static void expect_place(gbx_status status, gbx_status expected, int line, int column)
{
    if (status != expected || err.line != line || err.column != column) {
        fail_msg("status %d at %d:%d: %s", (int)status, err.line, err.column, err.message);
    }
}

static void test_places(void **state)
{
    (void)state;
    gbx_frame *out = NULL;
    expect_place(gbx_frame_filter(input, "a > nope", &out, &err), GBX_BIND, 1, 5);
    assert_int_equal(err.offset, 4);
    expect_place(gbx_frame_filter(input, "a >\n  nope", &out, &err), GBX_BIND, 2, 3);
    expect_place(gbx_frame_filter(input, "a > )", &out, &err), GBX_PARSE, 1, 5);
    expect_place(gbx_frame_filter(input, "a = = b", &out, &err), GBX_PARSE, 1, 5);
    expect_place(gbx_frame_filter(input, "a >", &out, &err), GBX_PARSE, 1, 4);
    expect_place(gbx_frame_select(input, "a, b, nope AS n", &out, &err), GBX_BIND, 1, 7);
    expect_place(gbx_frame_sort(input, "a, nope", &out, &err), GBX_BIND, 1, 4);
    /* Items are moved about; their places are not. */
    expect_place(gbx_frame_with_columns(input, "b + 1 AS d, nope AS a", &out, &err), GBX_BIND, 1,
                 13);
    expect_place(gbx_frame_select(input, "a FROM t", &out, &err), GBX_PARSE, 1, 3);
    /* Which of two texts it was. */
    expect_place(gbx_frame_group_by(input, "a", "sum(nope) AS s", &out, &err), GBX_BIND, 1, 5);
    assert_int_equal(strncmp(err.message, "aggregates: ", 12), 0);
    expect_place(gbx_frame_group_by(input, "a, nope", "sum(b) AS s", &out, &err), GBX_BIND, 1, 4);
    assert_int_equal(strncmp(err.message, "keys: ", 6), 0);
    assert_null(out);
}

static void test_misuse(void **state)
{
    (void)state;
    gbx_frame *out = NULL;
    assert_int_equal(gbx_frame_filter(NULL, "a", &out, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_filter(input, NULL, &out, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_filter(input, "a", NULL, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_select(input, NULL, &out, NULL), GBX_MISUSE);
    assert_int_equal(gbx_frame_pivot(input, NULL, "1", "sum(a)", NULL, &out, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_unpivot(input, "a", "", "v", &out, &err), GBX_MISUSE);
    gbx_frame_free(NULL);
    assert_null(out);
}

/* Parameters travel with their frame. */
static void test_params(void **state)
{
    (void)state;
    const gbx_param one = {"lim", "1"};
    const gbx_params params = {1, &one};
    gbx_frame *f = NULL;
    gbx_frame *g = NULL;
    assert_int_equal(gbx_session_sql(session,
                                     "SELECT x FROM range(4) t(x) WHERE x > CAST($lim AS BIGINT)",
                                     &params, &f, &err),
                     GBX_OK);
    assert_int_equal(gbx_frame_filter(f, "x < 3", &g, &err), GBX_OK);
    assert_string_equal(query_take(g), "x\n2\n");
    const gbx_param other = {"lim", "2"};
    const gbx_params others = {1, &other};
    gbx_frame *h = NULL;
    const char *sql = "SELECT CAST($lim AS BIGINT) AS x";
    assert_int_equal(gbx_session_sql(session, sql, &others, &h, &err), GBX_OK);
    assert_int_equal(gbx_frame_set(f, h, GBX_SET_UNION, true, &g, &err), GBX_CONFLICT);
    gbx_frame_free(f);
    gbx_frame_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escapes), cmocka_unit_test(test_harmless),
        cmocka_unit_test(test_places),  cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_params),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
