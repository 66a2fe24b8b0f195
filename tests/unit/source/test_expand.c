#include "support/inputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void check_paths(const char *location, const char *expected)
{
    const gbx__scan *scan = inputs_resolve(&in, location, "");
    gbx__buf got = {0};
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        gbx__buf_printf(&got, "%s%.*s", i ? " " : "", GBX_STR_ARG(scan->paths[i]));
    }
    assert_string_equal(got.data, expected);
    assert_true(gbx__str_is(scan->location, location));
    gbx__buf_done(&got);
}

static void test_locations(void **state)
{
    (void)state;
    put("a.csv", "x\n1\n");
    put("b.csv", "x\n2\n");
    put("d/c.csv", "x\n3\n");
    put("d/e/f.csv", "x\n4\n");
    put("d/_temporary/g.csv", "x\n5\n");
    put("d/.h.csv", "x\n6\n");
    put("d/README.md", "text\n");
    check_paths("a.csv", "a.csv");
    check_paths("./a.csv", "./a.csv");
    check_paths("*.csv", "a.csv b.csv");
    check_paths("{b,a}.csv", "a.csv b.csv");
    check_paths("d", "d/c.csv d/e/f.csv");
    check_paths("d/**/*.csv", "d/_temporary/g.csv d/c.csv d/e/f.csv");
    const gbx__scan *scan = inputs_resolve(&in, "*.csv", "");
    assert_int_equal(scan->size_bytes, 8);
    assert_true(scan->is_bounded);
}

static void test_home(void **state)
{
    (void)state;
    const char *before = getenv("HOME");
    char *kept = before ? strdup(before) : NULL;
    put("h.csv", "x\n1\n");
    setenv("HOME", in.dir, 1);
    const gbx__scan *scan = inputs_resolve(&in, "~/h.csv", "");
    assert_true(gbx__str_starts(scan->paths[0], in.dir));
    if (kept) setenv("HOME", kept, 1);
    free(kept);
}

/* A name with wildcards means that file when it is there, and never another one. */
static void test_odd_names(void **state)
{
    (void)state;
    put("f[1].csv", "x\nright\n");
    put("f1.csv", "x\nwrong\n");
    put("s*r.csv", "x\nright\n");
    put("sar.csv", "x\nwrong\n");
    put("it's.csv", "x\nright\n");
    put("back\\slash.csv", "x\nright\n");
    put("a=b.csv", "x\nright\n");
    static const char *const names[] = {"f[1].csv", "s*r.csv", "it's.csv", "back\\slash.csv",
                                        "a=b.csv"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const gbx__scan *scan = inputs_resolve(&in, names[i], "");
        gbx__buf sql = {0};
        gbx__buf rows = {0};
        assert_int_equal(scan->n_paths, 1);
        gbx__buf_puts(&sql, "SELECT x FROM read_csv(");
        gbx__source_quote_path(&sql, scan->paths[0]);
        gbx__buf_puts(&sql, ", header := true)");
        assert_int_equal(inputs_rows(&in, sql.data, &rows), GBX_OK);
        assert_string_equal(rows.data, "x VARCHAR\n\nright\n");
        gbx__buf_done(&sql);
        gbx__buf_done(&rows);
    }
}

static void test_missing(void **state)
{
    (void)state;
    put("flights.csv", "x\n1\n");
    assert_int_equal(mkdir("empty", 0700), 0);
    inputs_check_fails(&in, "fligths.csv", "", GBX_NOT_FOUND,
                       "no such file: 'fligths.csv' (did you mean 'flights.csv'?)");
    inputs_check_fails(&in, "nothing/like/it.csv", "", GBX_NOT_FOUND, "'nothing/like/it.csv'");
    assert_null(strstr(in.err.message, "did you mean"));
    inputs_check_fails(&in, "q*.csv", "", GBX_NOT_FOUND, "no files match 'q*.csv'");
    inputs_check_fails(&in, "empty", "", GBX_NOT_FOUND, "has no data files");
    inputs_check_fails(&in, "", "", GBX_INVALID, "empty");
}

static void test_refused(void **state)
{
    (void)state;
    put("m/a.csv", "x\n1\n");
    put("m/b.json", "{}\n");
    put("delta/_delta_log/0.json", "{}\n");
    put("delta/a.parquet", "x");
    put("x.unknown", "\x01\x02\x03");
    put("book.xlsx", "PK\x03\x04");
    put("x.parquet.gz", "\x1f\x8b\x08");
    put("none.csv", "");
    inputs_check_fails(&in, "m", "", GBX_INVALID, "CSV and JSON files ('m/a.csv', 'm/b.json')");
    inputs_check_fails(&in, "{m/a.csv,m/b.json}", "", GBX_INVALID, "'m/b.json' a JSON file");
    inputs_check_fails(&in, "delta", "", GBX_UNSUPPORTED, "Delta Lake");
    inputs_check_fails(&in, "s3://bucket/x.csv", "", GBX_UNSUPPORTED, "s3://");
    inputs_check_fails(&in, "x.unknown", "", GBX_UNSUPPORTED, "read_csv('x.unknown')");
    inputs_check_fails(&in, "book.xlsx", "", GBX_UNSUPPORTED, "save the sheet as CSV");
    inputs_check_fails(&in, "x.parquet.gz", "", GBX_UNSUPPORTED, "unpack it first");
    inputs_check_fails(&in, "none.csv", "", GBX_INVALID, "'none.csv': the file is empty");
    assert_int_equal(mkfifo("pipe.csv", 0600), 0);
    inputs_check_fails(&in, "pipe.csv", "", GBX_UNSUPPORTED, "not a regular file");
}

static void test_unreadable(void **state)
{
    (void)state;
    if (geteuid() == 0) skip();
    put("secret.csv", "x\n1\n");
    assert_int_equal(chmod("secret.csv", 0), 0);
    inputs_check_fails(&in, "secret.csv", "", GBX_IO, "Permission denied");
}

static void test_formats(void **state)
{
    (void)state;
    put("lines", "{\"a\": 1}\n{\"a\": 2}\n");
    put("table", "a,b\n1,2\n");
    assert_int_equal(inputs_resolve(&in, "lines", "")->format, GBX_SCAN_JSON);
    assert_int_equal(inputs_resolve(&in, "table", "")->format, GBX_SCAN_CSV);
    assert_int_equal(gbx__duck_exec(in.conn, "COPY (SELECT 1 AS a) TO 'bytes' (FORMAT parquet)",
                                    &in.err),
                     GBX_OK);
    assert_int_equal(inputs_resolve(&in, "bytes", "")->format, GBX_SCAN_PARQUET);
    in.reader = "read_csv";
    assert_int_equal(inputs_resolve(&in, "table", "")->format, GBX_SCAN_CSV);
    in.reader = NULL;
}

static void check_name(const char *location, const char *expected)
{
    const gbx__scan *scan = inputs_resolve(&in, location, "");
    assert_string_equal(scan->name.ptr, expected);
}

static void test_names(void **state)
{
    (void)state;
    put("n/2013-01.csv", "x\n1\n");
    put("n/2013-02.csv", "x\n1\n");
    put("n/fl.ights.csv", "x\n1\n");
    check_name("n/2013-01.csv", "2013-01");
    check_name("n/2013-*.csv", "2013");
    check_name("n/*.csv", "n");
    check_name("n", "n");
    check_name("n/", "n");
    check_name("n/fl.ights.csv", "fl.ights");
    check_name("n/*", "n");
}

static void test_fingerprint(void **state)
{
    (void)state;
    put("p.csv", "x\n1\n");
    const gbx__str before = inputs_resolve(&in, "p.csv", "")->fingerprint;
    const gbx__str same = inputs_resolve(&in, "p.csv", "")->fingerprint;
    assert_int_equal(before.len, 32);
    assert_true(gbx__str_equal(before, same));
    put("p.csv", "x\n22\n");
    assert_false(gbx__str_equal(before, inputs_resolve(&in, "p.csv", "")->fingerprint));
}

static gbx_status only_a(void *ctx, const char *path, gbx_error *err)
{
    gbx__buf_printf(ctx, "%s;", path);
    if (strcmp(path, "pol/a.csv") == 0) return GBX_OK;
    return GBX_FAIL(err, GBX_DENIED, "'%s' may not be read", path);
}

static void test_policy(void **state)
{
    (void)state;
    gbx__buf asked = {0};
    put("pol/a.csv", "x\n1\n");
    put("pol/b.csv", "x\n1\n");
    in.may_read = only_a;
    in.may_read_ctx = &asked;
    inputs_resolve(&in, "pol/a.csv", "");
    assert_string_equal(asked.data, "pol/a.csv;");
    inputs_check_fails(&in, "pol/b.csv", "", GBX_DENIED, "'pol/b.csv'");
    inputs_check_fails(&in, "pol/*.csv", "", GBX_DENIED, "'pol/'");
    inputs_check_fails(&in, "pol", "", GBX_DENIED, "'pol'");
    inputs_check_fails(&in, "pol/c.csv", "", GBX_DENIED, "'pol/c.csv'");
    in.may_read = NULL;
    gbx__buf_done(&asked);
}

static void test_is_location(void **state)
{
    (void)state;
    static const char *const yes[] = {"a.csv", "a.csv.gz", "A.PARQUET", "x/y", "*.x", "~/a",
                                      "s3://b/c", "a.db"};
    static const char *const no[] = {"flights", "main.flights", "a.b.c", "csv", ""};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        assert_true(gbx__source_is_location(gbx__str_of(yes[i])));
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        assert_false(gbx__source_is_location(gbx__str_of(no[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_locations),   cmocka_unit_test(test_home),
        cmocka_unit_test(test_odd_names),   cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_formats),     cmocka_unit_test(test_names),
        cmocka_unit_test(test_fingerprint), cmocka_unit_test(test_policy),
        cmocka_unit_test(test_is_location),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
