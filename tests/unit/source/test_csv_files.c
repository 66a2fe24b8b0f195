#include "support/inputs.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static inputs in;

static int set_up(void **state)
{
    (void)state;
    inputs_open(&in);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inputs_close(&in);
    return 0;
}

static void put(const char *name, const char *text)
{
    temp_write(in.dir, name, text);
}

static void test_alike(void **state)
{
    (void)state;
    put("alike/a.csv", "x,y\n1,p\n2,q\n");
    put("alike/b.csv", "x,y\n3,r\n");
    put("alike/c.csv", "x,y\n");
    put("alike/d.csv", "");
    put("alike/e.csv", "x,y\n4,s");
    inputs_check_equal(&in, "alike/*.csv", "");
    inputs_check_equal(&in, "alike/*.csv", "filename := true");
    const gbx__scan *scan = inputs_resolve(&in, "alike", "");
    assert_int_equal(scan->n_paths, 5);
    assert_int_equal(scan->fields[0].type->kind, GBX_TYPE_INT64);
}

/* The first file has no quotes, no escapes, no comments: others bring them. */
static void test_dialect_grows(void **state)
{
    (void)state;
    put("grow/a.csv", "x,y\n1,p\n2,q\n");
    put("grow/b.csv", "x,y\n3,\"r, \"\"s\"\"\"\n");
    put("grow/c.csv", "x,y\n4,t\n# between\n5,u\n");
    inputs_check_equal(&in, "grow/[ab].csv", "");
    const gbx__scan *scan = inputs_resolve(&in, "grow/[ab].csv", "");
    assert_int_equal(scan->csv->quote, '"');
    assert_int_equal(scan->csv->escape, '"');
    inputs_check_equal(&in, "grow/*.csv", "");
}

static void test_line_ends_differ(void **state)
{
    (void)state;
    put("ends/a.csv", "x,y\n1,p\n");
    put("ends/b.csv", "x,y\r\n2,q\r\n");
    inputs_check_equal(&in, "ends/*.csv", "");
    assert_int_equal(inputs_resolve(&in, "ends/*.csv", "")->csv->newline.len, 0);
}

static void test_types_widen(void **state)
{
    (void)state;
    put("wide/a.csv", "x,y,z\n1,2013-01-01,\n");
    put("wide/b.csv", "x,y,z\n2.5,2014-01-01,7\n");
    put("wide/c.csv", "x,y,z\n3,,8\n");
    inputs_check_equal(&in, "wide/*.csv", "");
    const gbx__scan *scan = inputs_resolve(&in, "wide/*.csv", "");
    assert_int_equal(scan->fields[0].type->kind, GBX_TYPE_FLOAT64);
    assert_int_equal(scan->fields[1].type->kind, GBX_TYPE_DATE);
}

static void test_no_headers(void **state)
{
    (void)state;
    put("bare/a.csv", "1,p\n2,q\n");
    put("bare/b.csv", "3,r\n4,s\n");
    inputs_check_equal(&in, "bare/*.csv", "");
    inputs_check_equal(&in, "bare/*.csv", "names := ['n', 't']");
}

static void test_disagree(void **state)
{
    (void)state;
    put("dis/a.csv", "x,y\n1,p\n");
    put("dis/b.csv", "x,z\n1,p\n");
    put("dis/c.csv", "x,y,z\n1,p,q\n");
    put("dis/d.csv", "x\n1\n");
    put("dis/e.csv", "y,x\np,1\n");
    put("dis/f.csv", "x;y\n1;p\n");
    put("dis/g.csv", "\n\nx,y\n1,p\n");
    put("dis/h.csv", "x,y\n1,p\n");
    inputs_check_fails(&in, "dis/{a,b}.csv", "", GBX_INVALID,
                       "'dis/b.csv' has the column 'z' where 'dis/a.csv' has 'y'");
    inputs_check_fails(&in, "dis/{a,c}.csv", "", GBX_INVALID,
                       "'dis/c.csv' has the column 'z', which 'dis/a.csv' has not");
    inputs_check_fails(&in, "dis/{a,d}.csv", "", GBX_INVALID,
                       "'dis/d.csv' has not the column 'y' of 'dis/a.csv'");
    inputs_check_fails(&in, "dis/{a,e}.csv", "", GBX_INVALID, "union_by_name := true");
    inputs_check_fails(&in, "dis/{a,f}.csv", "", GBX_INVALID, "'dis/f.csv'");
    inputs_check_fails(&in, "dis/{a,g}.csv", "", GBX_INVALID,
                       "'dis/g.csv' has another number of lines before its data than 'dis/a.csv'");
    inputs_resolve(&in, "dis/{a,h}.csv", "");
}

static void test_dates_disagree(void **state)
{
    (void)state;
    put("dates/a.csv", "d\n31.12.2013\n");
    put("dates/b.csv", "d\n12/31/2013\n");
    inputs_check_fails(&in, "dates/*.csv", "", GBX_INVALID, "another form of dates");
}

static void test_union(void **state)
{
    (void)state;
    put("un/a.csv", "x,y\n1,p\n");
    put("un/b.csv", "y,z\nq,2013-01-01\n");
    put("un/c.csv", "z,x\n2014-01-01,2.5\n");
    inputs_check_equal(&in, "un/*.csv", "union_by_name := true");
    const gbx__scan *scan = inputs_resolve(&in, "un/*.csv", "union_by_name := true");
    assert_true(scan->union_by_name);
    assert_int_equal(scan->n_fields, 3);
    put("un/d.csv", "x;y\n1;p\n");
    inputs_check_fails(&in, "un/*.csv", "union_by_name := true", GBX_INVALID,
                       "another delimiter");
}

static void test_hive(void **state)
{
    (void)state;
    put("hive/year=2012/day=2012-01-01/a.csv", "x,y\n1,p\n");
    put("hive/year=2013/day=2013-05-06/b.csv", "x,y\n2,q\n");
    inputs_check_equal(&in, "hive/**/*.csv", "");
    inputs_check_equal(&in, "hive/**/*.csv", "filename := true");
    inputs_check_equal(&in, "hive/**/*.csv", "hive_partitioning := false");
    inputs_check_equal(&in, "hive/**/*.csv", "hive_types := {'year': 'INTEGER'}");
    inputs_check_equal(&in, "hive/**/*.csv", "hive_types_autocast := false");
    inputs_check_equal(&in, "hive/year=2012/day=2012-01-01/a.csv", "");
    const gbx__scan *scan = inputs_resolve(&in, "hive", "filename := 'src'");
    assert_true(scan->hive_partitioning);
    assert_int_equal(scan->n_partitions, 2);
    assert_int_equal(scan->n_fields, 5);
    assert_true(gbx__str_is(scan->filename_column, "src"));
    assert_true(gbx__str_is(scan->fields[2].name, "src"));
    assert_true(gbx__str_is(scan->fields[3].name, "day"));
    assert_int_equal(scan->fields[3].type->kind, GBX_TYPE_DATE);
    assert_int_equal(scan->fields[4].type->kind, GBX_TYPE_INT64);
}

static void test_hive_disagrees(void **state)
{
    (void)state;
    put("hd/k=1/a.csv", "x\n1\n");
    put("hd/b.csv", "x\n2\n");
    inputs_check_equal(&in, "hd/**/*.csv", "");
    assert_false(inputs_resolve(&in, "hd", "")->hive_partitioning);
    inputs_check_fails(&in, "hd/**/*.csv", "hive_partitioning := true", GBX_BIND, "hd/");
    put("ho/x=1/a.csv", "x,y\n7,8\n");
    inputs_check_fails(&in, "ho", "", GBX_UNSUPPORTED, "hive_partitioning := false");
    inputs_check_equal(&in, "ho/*/a.csv", "hive_partitioning := false");
}

static void test_list(void **state)
{
    (void)state;
    put("l/a.csv", "x\n1\n");
    put("l/b.csv", "x\n2\n");
    const gbx__str locations[] = {GBX_STR("l/b.csv"), GBX_STR("l/a*.csv"), GBX_STR("l/b.csv")};
    const gbx__source_ctx ctx = {.conn = in.conn, .arena = &in.arena};
    const gbx__source_request request = {.locations = locations, .n_locations = 3};
    const gbx__scan *scan = NULL;
    assert_int_equal(gbx__source_resolve(&ctx, &request, &scan, &in.err), GBX_OK);
    assert_int_equal(scan->n_paths, 3);
    assert_true(gbx__str_is(scan->paths[0], "l/b.csv"));
    assert_true(gbx__str_is(scan->paths[1], "l/a.csv"));
    assert_true(gbx__str_is(scan->paths[2], "l/b.csv"));
}

static void test_compressed_alike(void **state)
{
    (void)state;
    assert_int_equal(gbx__duck_exec(in.conn,
                                    "COPY (SELECT 1 AS x, 'p' AS y) TO 'alike/z.csv.gz';"
                                    "COPY (SELECT 1 AS x, 'p' AS y) TO 'z1.csv.gz';"
                                    "COPY (SELECT 2 AS x, 'q,r' AS y) TO 'z2.csv.gz'",
                                    &in.err),
                     GBX_OK);
    inputs_check_fails(&in, "alike/*", "", GBX_INVALID, "'alike/z.csv.gz' is gzip");
    inputs_check_equal(&in, "z?.csv.gz", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alike),           cmocka_unit_test(test_dialect_grows),
        cmocka_unit_test(test_line_ends_differ), cmocka_unit_test(test_types_widen),
        cmocka_unit_test(test_no_headers),      cmocka_unit_test(test_disagree),
        cmocka_unit_test(test_dates_disagree),  cmocka_unit_test(test_union),
        cmocka_unit_test(test_hive),            cmocka_unit_test(test_hive_disagrees),
        cmocka_unit_test(test_list),            cmocka_unit_test(test_compressed_alike),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
