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

static void check(const char *name, const char *text, const char *options, const char *layout)
{
    temp_write(in.dir, name, text);
    const gbx__scan *scan = inputs_resolve(&in, name, options);
    assert_int_equal(scan->format, GBX_SCAN_JSON);
    if (!gbx__str_is(scan->json_layout, layout)) {
        fail_msg("%s: %.*s", text, GBX_STR_ARG(scan->json_layout));
    }
    inputs_check_equal(&in, name, options);
}

static void test_layouts(void **state)
{
    (void)state;
    check("a.json", "{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2, \"b\": null}\n", "",
          "newline_delimited");
    check("b.json", "[{\"a\": 1}, {\"a\": 2.5}]", "", "array");
    check("c.json", "[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n", "", "array");
    check("d.json", "{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", "", "");
    check("e.json", "{\"a\": 1}", "", "newline_delimited");
    check("f.json", "\n\n {\"a\": 1}\r\n{\"a\": 2}\r\n", "", "newline_delimited");
    check("g.json", "{\"a\": 1} {\"a\": 2}", "", "");
    check("h.json", "{\"a\": 1}\n{\"a\": 2}\n", "format := 'nd'", "newline_delimited");
    check("i.json", "{\"a\": 1}\n{\"a\": 2}\n", "format := 'unstructured'", "unstructured");
}

static void test_values(void **state)
{
    (void)state;
    check("v.json", "{\"a\": [1, 2], \"b\": {\"c\": \"x\", \"d\": true}, \"e\": \"2013-01-01\"}\n",
          "", "newline_delimited");
    check("w.json", "{\"d\": \"31.12.2013\", \"e\": \"12/31/2013\"}\n", "", "newline_delimited");
    check("x.json", "{\"id\": 1, \"Id\": 2}\n{\"id\": 3, \"Id\": 4}\n", "", "newline_delimited");
    check("y.json", "{\"a\": 1}\n{\"b\": \"x\"}\n", "sample_size := 1, ignore_errors := true",
          "newline_delimited");
    check("z.json", "{\"a\": 1, \"b\": 2}\n", "columns := {'a': 'VARCHAR', 'b': 'DOUBLE'}",
          "newline_delimited");
    check("o.json", "{\"a\": 1}\n", "records := 'false'", "newline_delimited");
    check("p.json", "{\"a\": \"2013/12/31\"}\n", "dateformat := '%Y/%m/%d'", "newline_delimited");
    check("q.json", "{\"a\": {\"b\": {\"c\": 1}}}\n", "maximum_depth := 1", "newline_delimited");
}

static void test_reader(void **state)
{
    (void)state;
    in.reader = "read_ndjson";
    check("l.txt", "{\"a\": 1}\n{\"a\": 2}\n", "", "newline_delimited");
    in.reader = "read_json_auto";
    check("m.txt", "[{\"a\": 1}]", "", "array");
    in.reader = NULL;
}

static void test_files(void **state)
{
    (void)state;
    temp_write(in.dir, "f/k=1/a.json", "{\"a\": 1}\n");
    temp_write(in.dir, "f/k=2/b.json", "{\"a\": 2, \"b\": \"x\"}\n");
    inputs_check_equal(&in, "f/*/*.json", "");
    inputs_check_equal(&in, "f/*/*.json", "filename := true");
    inputs_check_equal(&in, "f/*/*.json", "union_by_name := true");
    assert_int_equal(inputs_resolve(&in, "f", "")->n_partitions, 1);
    assert_int_equal(gbx__duck_exec(in.conn, "COPY (SELECT 1 AS a) TO 'z.json.gz'", &in.err),
                     GBX_OK);
    inputs_check_equal(&in, "z.json.gz", "");
}

static void test_refused(void **state)
{
    (void)state;
    temp_write(in.dir, "bad.json", "{\"a\": 1}\n{\"a\": \n");
    temp_write(in.dir, "none.json", "");
    inputs_check_fails(&in, "bad.json", "", GBX_INVALID, "bad.json");
    assert_int_equal(in.err.offset, -1);
    inputs_check_fails(&in, "none.json", "", GBX_INVALID, "'none.json': the file is empty");
    temp_write(in.dir, "ok.json", "{\"a\": 1}\n");
    inputs_check_fails(&in, "ok.json", "geojson := true", GBX_UNSUPPORTED, "geojson");
    inputs_check_fails(&in, "ok.json", "format := 'x'", GBX_INVALID, "format takes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layouts), cmocka_unit_test(test_values),
        cmocka_unit_test(test_reader),  cmocka_unit_test(test_files),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
