#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_session *session;
static gbx_error err;

#define OK(call)                                                                                   \
    do {                                                                                           \
        if ((call) != GBX_OK) fail_msg("%s: %s", #call, err.message);                              \
    } while (0)

static int setup(void **state)
{
    (void)state;
    session = query_session();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gbx_session_close(session);
    return 0;
}

/* k v: a 1, a 2, b 3, NULL 4 */
static gbx_frame *sample(void)
{
    return query_frame(session, "SELECT * FROM (VALUES ('a', 1), ('a', 2), ('b', 3), (NULL, 4)) "
                                "AS t(k, v)");
}

static void test_filter(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    OK(gbx_frame_filter(f, "v > 1 AND k = 'a' -- a comment", &g, &err));
    assert_string_equal(query_take(g), "k,v\na,2\n");
    OK(gbx_frame_filter(f, "k IS NULL", &g, &err));
    assert_string_equal(query_take(g), "k,v\n,4\n");
    gbx_frame_free(f);
}

static void test_select(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    OK(gbx_frame_select(f, "v * 2 AS w, k", &g, &err));
    gbx_frame *h = NULL;
    OK(gbx_frame_filter(g, "w >= 6", &h, &err));
    assert_string_equal(query_take(h), "w,k\n6,b\n8,\n");
    gbx_frame_free(g);
    OK(gbx_frame_select(f, "* EXCLUDE (k)", &g, &err));
    assert_string_equal(query_take(g), "v\n1\n2\n3\n4\n");
    OK(gbx_frame_select(f, "k IS DISTINCT FROM 'a' AS d, v AS \"order\"", &g, &err));
    OK(gbx_frame_filter(g, "\"order\" = 4", &h, &err));
    assert_string_equal(query_take(h), "d,order\ntrue,4\n");
    gbx_frame_free(g);
    gbx_frame_free(f);
}

static void test_with_columns(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    OK(gbx_frame_with_columns(f, "v + 1 AS w, upper(k) AS K", &g, &err));
    assert_string_equal(query_take(g), "K,v,w\nA,1,2\nA,2,3\nB,3,4\n,4,5\n");
    OK(gbx_frame_with_columns(f, "v", &g, &err));
    assert_string_equal(query_take(g), "k,v\na,1\na,2\nb,3\n,4\n");
    gbx_frame_free(f);
}

static void test_group_by(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    OK(gbx_frame_group_by(f, "k", "sum(v) AS s, count(*) AS n", &g, &err));
    OK(gbx_frame_sort(g, "s DESC, k", &h, &err));
    assert_string_equal(query_take(h), "k,s,n\n,4,1\na,3,2\nb,3,1\n");
    gbx_frame_free(g);
    OK(gbx_frame_group_by(f, NULL, "max(v) AS m", &g, &err));
    assert_string_equal(query_take(g), "m\n4\n");
    OK(gbx_frame_group_by(f, "", "count(k) AS n", &g, &err));
    assert_string_equal(query_take(g), "n\n3\n");
    OK(gbx_frame_group_by(f, "v % 2 AS odd", "count(*) AS n", &g, &err));
    OK(gbx_frame_sort(g, "odd", &h, &err));
    assert_string_equal(query_take(h), "odd,n\n0,2\n1,2\n");
    gbx_frame_free(g);
    OK(gbx_frame_group_by(f, "k", NULL, &g, &err));
    OK(gbx_frame_sort(g, "k", &h, &err));
    assert_string_equal(query_take(h), "k\na\nb\n\n");
    gbx_frame_free(g);
    assert_int_equal(gbx_frame_group_by(f, NULL, NULL, &g, &err), GBX_PARSE);
    gbx_frame_free(f);
}

static void test_join(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *r = query_frame(session, "SELECT * FROM (VALUES ('a', 10), ('c', 30)) AS t(k, v)");
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    static const struct {
        gbx_join_kind kind;
        const char *on;
        const char *rows;
    } cases[] = {
        {GBX_JOIN_KIND_INNER, "k", "k,v,v_1\na,1,10\na,2,10\n"},
        {GBX_JOIN_KIND_LEFT, "k", "k,v,v_1\na,1,10\na,2,10\nb,3,\n,4,\n"},
        {GBX_JOIN_KIND_RIGHT, "k", "k,v,v_1\na,1,10\na,2,10\nc,,30\n"},
        {GBX_JOIN_KIND_FULL, "k", "k,v,v_1\na,1,10\na,2,10\nb,3,\n,4,\nc,,30\n"},
        {GBX_JOIN_KIND_SEMI, "k", "k,v\na,1\na,2\n"},
        {GBX_JOIN_KIND_ANTI, "l.k = r.k", "k,v\nb,3\n,4\n"},
        {GBX_JOIN_KIND_INNER, "l.v * 10 = r.v", "k,v,k_1,v_1\na,1,a,10\nb,3,c,30\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        OK(gbx_frame_join(f, r, cases[i].kind, cases[i].on, &g, &err));
        OK(gbx_frame_sort(g, "v", &h, &err));
        assert_string_equal(query_take(h), cases[i].rows);
        gbx_frame_free(g);
    }
    OK(gbx_frame_join(f, r, GBX_JOIN_KIND_CROSS, NULL, &g, &err));
    OK(gbx_frame_group_by(g, NULL, "count(*) AS n", &h, &err));
    assert_string_equal(query_take(h), "n\n8\n");
    gbx_frame_free(g);
    assert_int_equal(gbx_frame_join(f, r, GBX_JOIN_KIND_CROSS, "k", &g, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_join(f, r, GBX_JOIN_KIND_INNER, NULL, &g, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_join(f, r, (gbx_join_kind)99, "k", &g, &err), GBX_MISUSE);
    assert_int_equal(gbx_frame_join(f, r, GBX_JOIN_KIND_INNER, "nope", &g, &err), GBX_BIND);
    gbx_session *other = query_session();
    gbx_frame *foreign = query_frame(other, "SELECT 1 AS k");
    assert_int_equal(gbx_frame_join(f, foreign, GBX_JOIN_KIND_INNER, "k", &g, &err), GBX_MISUSE);
    gbx_frame_free(foreign);
    gbx_session_close(other);
    /* A frame with itself. */
    OK(gbx_frame_join(f, f, GBX_JOIN_KIND_INNER, "k, v", &g, &err));
    OK(gbx_frame_group_by(g, NULL, "count(*) AS n", &h, &err));
    assert_string_equal(query_take(h), "n\n3\n");
    gbx_frame_free(g);
    gbx_frame_free(f);
    gbx_frame_free(r);
}

static void test_sort_limit(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    OK(gbx_frame_sort(f, "k DESC NULLS LAST, v DESC", &g, &err));
    assert_string_equal(query_rows(g), "k,v\nb,3\na,2\na,1\n,4\n");
    OK(gbx_frame_limit(g, 2, 1, &h, &err));
    assert_string_equal(query_take(h), "k,v\na,2\na,1\n");
    OK(gbx_frame_limit(g, 0, 0, &h, &err));
    assert_string_equal(query_take(h), "k,v\n");
    assert_int_equal(gbx_frame_limit(g, -1, 0, &h, &err), GBX_INVALID);
    assert_int_equal(gbx_frame_limit(g, 1, -1, &h, &err), GBX_INVALID);
    gbx_frame_free(g);
    gbx_frame_free(f);
}

static void test_distinct_and_sets(void **state)
{
    (void)state;
    gbx_frame *a = query_frame(session, "SELECT * FROM (VALUES (1), (1), (2)) t(x)");
    gbx_frame *b = query_frame(session, "SELECT * FROM (VALUES (1), (3)) t(y)");
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    OK(gbx_frame_distinct(a, NULL, &g, &err));
    OK(gbx_frame_sort(g, "x", &h, &err));
    assert_string_equal(query_take(h), "x\n1\n2\n");
    gbx_frame_free(g);
    OK(gbx_frame_distinct(a, "x % 1", &g, &err));
    OK(gbx_frame_group_by(g, NULL, "count(*) AS n", &h, &err));
    assert_string_equal(query_take(h), "n\n1\n");
    gbx_frame_free(g);
    static const struct {
        gbx_set_kind kind;
        bool all;
        const char *rows;
    } cases[] = {
        {GBX_SET_UNION, true, "x\n1\n1\n1\n2\n3\n"}, {GBX_SET_UNION, false, "x\n1\n2\n3\n"},
        {GBX_SET_INTERSECT, false, "x\n1\n"},        {GBX_SET_EXCEPT, false, "x\n2\n"},
        {GBX_SET_EXCEPT, true, "x\n1\n2\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        OK(gbx_frame_set(a, b, cases[i].kind, cases[i].all, &g, &err));
        OK(gbx_frame_sort(g, "x", &h, &err));
        assert_string_equal(query_take(h), cases[i].rows);
        gbx_frame_free(g);
    }
    assert_int_equal(gbx_frame_set(a, b, (gbx_set_kind)9, false, &g, &err), GBX_MISUSE);
    gbx_frame_free(a);
    gbx_frame_free(b);
}

static void test_window_and_shapes(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    OK(gbx_frame_window(f, "row_number() OVER (PARTITION BY k ORDER BY v DESC) AS n", &g, &err));
    OK(gbx_frame_sort(g, "v", &h, &err));
    assert_string_equal(query_take(h), "k,v,n\na,1,2\na,2,1\nb,3,1\n,4,1\n");
    gbx_frame_free(g);

    OK(gbx_frame_pivot(f, "k", "'a', 'b'", "sum(v)", NULL, &g, &err));
    assert_string_equal(query_take(g), "a,b\n3,3\n");
    OK(gbx_frame_pivot(f, "k", "'a', 'b'", "sum(v)", "v", &g, &err));
    OK(gbx_frame_sort(g, "v", &h, &err));
    assert_string_equal(query_take(h), "v,a,b\n1,1,\n2,2,\n3,,3\n4,,\n");
    gbx_frame_free(g);

    gbx_frame *wide = query_frame(session, "SELECT 7 AS id, 1 AS p, NULL::INTEGER AS q");
    OK(gbx_frame_unpivot(wide, "p, q", "what", "much", &g, &err));
    OK(gbx_frame_sort(g, "what", &h, &err));
    assert_string_equal(query_take(h), "id,what,much\n7,p,1\n7,q,\n");
    gbx_frame_free(g);
    gbx_frame_free(wide);
    gbx_frame_free(f);
}

static void test_describe(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    OK(gbx_frame_describe(f, &g, &err));
    assert_string_equal(query_take(g), "name,type,count,nulls,distinct,min,max,mean,stddev\n"
                                       "k,utf8,3,1,2,a,b,,\n"
                                       "v,int32,4,0,4,1,4,2.5,1.2909944487358056\n");
    gbx_frame_free(f);
}

static void test_sample(void **state)
{
    (void)state;
    gbx_frame *f = query_frame(session, "SELECT x FROM range(1000) t(x)");
    gbx_frame *g = NULL;
    gbx_frame *h = NULL;
    OK(gbx_frame_sample(f, 10, 42, &g, &err));
    OK(gbx_frame_group_by(g, NULL, "count(*) > 50 AND count(*) < 200 AS fits, sum(x) AS s", &h,
                          &err));
    const char *first = query_rows(h);
    assert_non_null(strstr(first, "true,"));
    assert_string_equal(query_take(h), first);
    gbx_frame_free(g);
    OK(gbx_frame_sample(f, 0, 1, &g, &err));
    assert_string_equal(query_take(g), "x\n");
    assert_int_equal(gbx_frame_sample(f, 101, 1, &g, &err), GBX_INVALID);
    assert_int_equal(gbx_frame_sample(f, -1, 1, &g, &err), GBX_INVALID);
    gbx_frame_free(f);
}

static void test_frames_sql(void **state)
{
    (void)state;
    gbx_frame *a = sample();
    gbx_frame *b = query_frame(session, "SELECT 2 AS v");
    const gbx_named_frame frames[] = {{"a", a}, {"B", b}};
    gbx_frame *g = NULL;
    OK(gbx_frames_sql(2, frames, "SELECT a.k FROM a JOIN b USING (v)", NULL, &g, &err));
    assert_string_equal(query_take(g), "k\na\n");
    assert_int_equal(gbx_frames_sql(2, frames, "SELECT * FROM c", NULL, &g, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_frames_sql(0, frames, "SELECT 1", NULL, &g, &err), GBX_MISUSE);
    gbx_frame_free(a);
    gbx_frame_free(b);
}

static void test_scans(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a;b\n1;x\n2;y\n");
    temp_write(dir, "t.jsonl", "{\"a\": 1}\n{\"a\": 2}\n");
    gbx_frame *f = NULL;
    OK(gbx_scan(session, temp_path(dir, "t.csv"), &f, &err));
    assert_string_equal(query_take(f), "a,b\n1,x\n2,y\n");
    const gbx_option options[] = {{"delim", ";"}, {"header", "false"}};
    OK(gbx_scan_csv(session, temp_path(dir, "t.csv"), 2, options, &f, &err));
    gbx_frame *g = NULL;
    OK(gbx_frame_limit(f, 1, 0, &g, &err));
    assert_non_null(strstr(query_take(g), "\na,b\n"));
    OK(gbx_scan_json(session, temp_path(dir, "t.jsonl"), 0, NULL, &g, &err));
    assert_string_equal(query_take(g), "a\n1\n2\n");

    gbx_result *result = NULL;
    OK(gbx_frame_run(f, NULL, &result, &err));
    gbx_write_options parquet = GBX_WRITE_OPTIONS_INIT;
    parquet.format = GBX_FORMAT_KIND_PARQUET;
    OK(gbx_result_write_file(result, temp_path(dir, "t.parquet"), &parquet, &err));
    gbx_result_free(result);
    gbx_frame_free(f);
    OK(gbx_scan_parquet(session, temp_path(dir, "t.parquet"), 0, NULL, &f, &err));
    OK(gbx_frame_group_by(f, NULL, "count(*) AS n", &g, &err));
    assert_string_equal(query_take(g), "n\n3\n");
    gbx_frame_free(f);

    assert_int_equal(gbx_scan(session, "/nowhere.csv", &f, &err), GBX_NOT_FOUND);
    assert_int_equal(err.line, 0);
    assert_int_equal(gbx_scan(session, "", &f, &err), GBX_INVALID);
    assert_int_equal(gbx_scan(session, NULL, &f, &err), GBX_MISUSE);
    const gbx_option bad_name[] = {{"delim = ';', x", "1"}};
    assert_int_equal(gbx_scan_csv(session, temp_path(dir, "t.csv"), 1, bad_name, &f, &err),
                     GBX_INVALID);
    const gbx_option escape[] = {{"delim", "';') -- "}};
    assert_int_not_equal(gbx_scan_csv(session, temp_path(dir, "t.csv"), 1, escape, &f, &err),
                         GBX_OK);
    temp_dir_remove(dir);
}

static void test_schema(void **state)
{
    (void)state;
    gbx_frame *f = query_frame(session, "SELECT 1::BIGINT AS a, 'x' AS b, DATE '2013-01-01' AS d");
    struct ArrowSchema schema;
    OK(gbx_frame_schema(f, &schema, &err));
    assert_string_equal(schema.format, "+s");
    assert_int_equal(schema.n_children, 3);
    assert_string_equal(schema.children[0]->name, "a");
    assert_string_equal(schema.children[0]->format, "l");
    assert_string_equal(schema.children[2]->format, "tdD");
    schema.release(&schema);
    assert_int_equal(gbx_frame_schema(f, NULL, &err), GBX_MISUSE);
    gbx_frame_free(f);
}

static void test_explain(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    OK(gbx_frame_filter(f, "v > 1", &g, &err));
    char *text = NULL;
    OK(gbx_frame_explain(g, GBX_EXPLAIN_TEXT, &text, &err));
    assert_non_null(strstr(text, "plan\n"));
    assert_non_null(strstr(text, "duckdb"));
    assert_non_null(strstr(text, "exact"));
    gbx_text_free(text);
    OK(gbx_frame_explain(g, GBX_EXPLAIN_JSON, &text, &err));
    assert_non_null(strstr(text, "\"policy\":\"auto\""));
    assert_non_null(strstr(text, "\"candidates\":[{\"engine\":\"duckdb\""));
    gbx_text_free(text);
    OK(gbx_frame_explain(g, GBX_EXPLAIN_SQL, &text, &err));
    assert_non_null(strstr(text, "SELECT"));
    gbx_text_free(text);
    assert_int_equal(gbx_frame_explain(g, (gbx_explain_form)7, &text, &err), GBX_MISUSE);
    gbx_text_free(NULL);
    gbx_frame_free(g);
    gbx_frame_free(f);
}

static void test_json(void **state)
{
    (void)state;
    gbx_frame *f = sample();
    gbx_frame *g = NULL;
    gbx_frame *back = NULL;
    OK(gbx_frame_filter(f, "v >= 3", &g, &err));
    char *text = NULL;
    OK(gbx_frame_to_json(g, &text, &err));
    OK(gbx_frame_from_json(session, text, strlen(text), &back, &err));
    assert_string_equal(query_take(back), "k,v\nb,3\n,4\n");
    assert_int_not_equal(gbx_frame_from_json(session, text, 10, &back, &err), GBX_OK);
    assert_int_equal(gbx_frame_from_json(session, NULL, 0, &back, &err), GBX_MISUSE);
    gbx_text_free(text);
    gbx_frame_free(g);
    gbx_frame_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filter),
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_with_columns),
        cmocka_unit_test(test_group_by),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_sort_limit),
        cmocka_unit_test(test_distinct_and_sets),
        cmocka_unit_test(test_window_and_shapes),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_sample),
        cmocka_unit_test(test_frames_sql),
        cmocka_unit_test(test_scans),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_explain),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
