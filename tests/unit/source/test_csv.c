#include "support/inputs.h"

#include <stdio.h>

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
    in.reader = "read_csv";
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

/* ---- the promise: the rows of plain read_csv ------------------------------------------------- */

typedef struct odd_file {
    const char *name, *text, *options;
} odd_file;

static const odd_file odd_files[] = {
    {"plain", "a,b,c\n1,x,2013-01-01\n2,y,2013-01-02\n", ""},
    {"quotes", "a,b\n1,\"x, y\"\n2,\"say \"\"hi\"\"\"\n3,\"two\nlines\"\n", ""},
    {"single quotes", "a,b\n1,'x, y'\n2,z\n", ""},
    {"backslash", "a,b\n1,\"x \\\"q\\\" y\"\n2,z\n", ""},
    {"apostrophes", "a,b\n1,it's\n2,that's\n", ""},
    {"quoted numbers", "a,b\n\"1\",\"2.5\"\n\"3\",\"4\"\n", ""},
    {"quoted header", "\"a b\",\"c,d\",\"e\"\"f\"\n1,2,3\n", ""},
    {"crlf", "a,b\r\n1,2\r\n3,4\r\n", ""},
    {"cr", "a,b\r1,2\r3,4\r", ""},
    {"no newline at the end", "a,b\n1,2\n3,4", ""},
    {"no header", "1,2\n3,4\n", ""},
    {"header only", "a,b\n", ""},
    {"header without newline", "a,b", ""},
    {"one column", "a\n1\n2\n", ""},
    {"one column of text", "name\nx\ny\n", ""},
    {"one value", "7", ""},
    {"blank lines", "a,b\n\n1,2\n\n3,4\n\n", ""},
    {"blank lines first", "\n\na,b\n1,2\n3,4\n", ""},
    {"comments", "# about\n# this\na,b\n1,2\n# between\n3,4\n", ""},
    {"title", "Sales of the year\n\nmade on, 2013\na,b,c\n1,2,3\n4,5,6\n", ""},
    {"byte order mark", "\xef\xbb\xbf" "a,b\n1,2\n", ""},
    {"unicode", "näme,日本\nZoë,東京\nÅsa,大阪\n", ""},
    {"semicolons", "a;b\n1,5;2\n2,5;3\n", ""},
    {"decimal commas", "a;b\n1,5;2\n2,5;3\n", "decimal_separator := ','"},
    {"tabs", "a\tb\n1\tx y\n2\tz\n", ""},
    {"pipes", "a|b\n1|2\n", ""},
    {"two bytes", "a||b\n1||2\n3||4\n", "delim := '||'"},
    {"wide delimiter", "a§b\n1§2\n", "delim := '§'"},
    {"trailing delimiters", "a,b,\n1,2,\n3,4,\n", ""},
    {"missing values", "a,b,c\n1,,3\n,,\n4,5,6\n", ""},
    {"all missing", "a,b\n,1\n,2\n", ""},
    {"NA", "a,b\nNA,1\n2,NA\n", "nullstr := 'NA'"},
    {"several nulls", "a,b\nNA,1\n2,-\n", "nullstr := ['NA', '-']"},
    {"quoted null", "a,b\n\"\",1\n,2\n", "allow_quoted_nulls := false"},
    {"not null", "a,b\n,1\nx,2\n", "force_not_null := ['a']"},
    {"ragged", "a,b,c\n1,2\n3,4,5\n", "null_padding := true"},
    {"bad lines", "a,b\n1,2\n3,4,5\n6,7\n", "ignore_errors := true"},
    {"bad quotes", "a,b\n1,\"x\"y\n2,z\n", "strict_mode := false"},
    {"iso dates", "d,t\n2013-01-31,2013-01-31 10:00:00\n2013-1-5,2013-01-31T10:00:00.5\n", ""},
    {"german dates", "d\n31.12.2013\n01.02.2014\n", ""},
    {"american dates", "d\n12/31/2013\n02/01/2014\n", ""},
    {"ambiguous dates", "d\n01/02/2013\n03/04/2013\n", ""},
    {"short years", "d\n31-12-13\n01-02-14\n", ""},
    {"german times", "t\n31.12.2013 10:11:12\n01.02.2014 00:00:00\n", ""},
    {"am and pm", "t\n12/31/2013 10:11:12 PM\n02/01/2014 01:00:00 AM\n", ""},
    {"zones", "t\n2013-01-01 10:00:00+02\n2013-01-01 10:00:00Z\n", ""},
    {"times of day", "t\n10:00:00\n23:59:59\n", ""},
    {"own date format", "d\n2013|31|12\n2014|01|02\n", "dateformat := '%Y|%d|%m', delim := ','"},
    {"own time format", "t\n20131231T101112\n", "timestampformat := '%Y%m%dT%H%M%S'"},
    {"infinite dates", "d\n2013-01-01\ninfinity\n", ""},
    {"booleans", "a,b\ntrue,T\nfalse,F\n", ""},
    {"big numbers", "a,b\n170141183460469231731687303715884105727,1e300\n1,NaN\n", ""},
    {"leading zeros", "zip,n\n01234,007\n99999,1\n", ""},
    {"thousands", "a\n\"1,000\"\n\"2,000,000\"\n", "thousands := ','"},
    {"same names", "a,a,A\n1,2,3\n", ""},
    {"no names", ",b,\n1,2,3\n", ""},
    {"names with quotes", "it's,say \"\"x\"\",\"a\"\"b\"\n1,2,3\n", ""},
    {"keywords", "select,from,Order\n1,2,3\n", "normalize_names := true"},
    {"given names", "1,2\n3,4\n", "names := ['p', 'q']"},
    {"given types", "a,b\n1,2\n3,4\n", "types := {'b': 'VARCHAR'}"},
    {"list of types", "a,b\n1,2\n3,4\n", "types := ['DOUBLE', 'HUGEINT']"},
    {"given columns", "a,b\n1,2\n3,4\n", "columns := {'x': 'VARCHAR', 'y': 'DECIMAL(9,2)'}"},
    {"nothing found", "1;2\n3;4\n",
     "auto_detect := false, delim := ';', columns := {'x': 'INT', 'y': 'INT'}"},
    {"nothing found, quotes", "h;i\n\"1\";\"say \"\"x\"\"\"\n",
     "auto_detect := false, delim := ';', header := true, columns := {'x': 'INT', 'y': 'TEXT'}"},
    {"all text", "a,b\n1,2013-01-01\n", "all_varchar := true"},
    {"header said", "x,y\nz,w\n", "header := true"},
    {"no header said", "x,y\nz,w\n", "header := false"},
    {"lines skipped", "junk\nmore, junk, here\na,b\n1,2\n", "skip := 2"},
    {"small sample", "a\n1\n2\n3\n", "sample_size := 1"},
    {"few candidates", "a,b\n1,2013-01-01\n", "auto_type_candidates := ['BIGINT', 'VARCHAR']"},
    {"latin-1", "a,b\n1,caf\xe9\n", "encoding := 'latin-1'"},
    {"newline said", "a,b\n1,2\n", "new_line := '\\n'"},
    {"dash as quote", "a,b\n-x,y-,2\n", "quote := '-'"},
    {"no quote", "a,b\n1,\"x\n", "quote := ''"},
    {"escape said", "a,b\n1,\"x ?\"q?\" y\"\n", "quote := '\"', escape := '?'"},
    {"file name", "a,b\n1,2\n", "filename := true"},
    {"named file name", "a,b\n1,2\n", "filename := 'src'"},
};

static void test_equal(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(odd_files) / sizeof(odd_files[0]); i++) {
        put("odd.csv", odd_files[i].text);
        inputs_check_equal(&in, "odd.csv", odd_files[i].options);
    }
}

/* More lines than the sniffer looks at, with a surprise behind them. */
static void test_equal_long(void **state)
{
    (void)state;
    gbx__buf text = {0};
    gbx__buf_puts(&text, "id,name,day\n");
    for (int i = 0; i < 30000; i++) {
        gbx__buf_printf(&text, "%d,name %d,2013-01-%02d\n", i, i % 100, i % 28 + 1);
    }
    gbx__buf_puts(&text, "30000,\"late, quoted\",2013-01-01\n");
    put("long.csv", text.data);
    const gbx__scan *scan = inputs_resolve(&in, "long.csv", "");
    assert_false(scan->row_count_exact);
    assert_in_range(scan->row_count, 27000, 33000);
    gbx__buf_done(&text);
}

static void test_equal_compressed(void **state)
{
    (void)state;
    assert_int_equal(
        gbx__duck_exec(in.conn,
                       "COPY (SELECT i AS a, 'x' || i AS b FROM range(100) r(i)) TO 'z.csv.gz';"
                       "COPY (SELECT i AS a, 'x' || i AS b FROM range(100) r(i)) TO 'z.csv.zst'",
                       &in.err),
        GBX_OK);
    inputs_check_equal(&in, "z.csv.gz", "");
    inputs_check_equal(&in, "z.csv.zst", "");
    assert_true(gbx__str_is(inputs_resolve(&in, "z.csv.gz", "")->compression, "gzip"));
    assert_true(gbx__str_is(inputs_resolve(&in, "z.csv.zst", "")->compression, "zstd"));
    /* what the bytes say counts */
    assert_int_equal(rename("z.csv.gz", "z.csv"), 0);
    const gbx__scan *scan = inputs_resolve(&in, "z.csv", "");
    assert_true(gbx__str_is(scan->compression, "gzip"));
    assert_int_equal(scan->n_fields, 2);
    assert_int_equal(scan->row_count, -1);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void test_dialect(void **state)
{
    (void)state;
    put("d.csv", "title\n\na;b\n31.12.2013;\"x \"\"y\"\"\"\n01.01.2014;z\n");
    const gbx__scan *scan = inputs_resolve(&in, "d.csv", "nullstr := ['-'], thousands := ','");
    const gbx__csv_dialect *csv = scan->csv;
    assert_string_equal(csv->delimiter, ";");
    assert_int_equal(csv->quote, '"');
    assert_int_equal(csv->escape, '"');
    assert_true(csv->has_header);
    assert_int_equal(csv->skip_rows, 2);
    assert_true(gbx__str_is(csv->date_format, "%d.%m.%Y"));
    assert_int_equal(csv->timestamp_format.len, 0);
    assert_true(gbx__str_is(csv->newline, "\n"));
    assert_int_equal(csv->n_null_texts, 1);
    assert_true(csv->strict);
    assert_int_equal(scan->format, GBX_SCAN_CSV);
    assert_int_equal(scan->n_fields, 2);
    assert_true(gbx__str_is(scan->fields[0].name, "a"));
    assert_int_equal(scan->fields[0].type->kind, GBX_TYPE_DATE);
    assert_int_equal(scan->n_options, 1);
    assert_true(gbx__str_is(scan->options[0].name, "thousands"));
}

static void test_header_only(void **state)
{
    (void)state;
    put("h.csv", "a,b,c\n");
    const gbx__scan *scan = inputs_resolve(&in, "h.csv", "");
    assert_int_equal(scan->n_fields, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(scan->fields[i].type->kind, GBX_TYPE_UTF8);
    }
    inputs_check_equal(&in, "h.csv", "");
}

/* ---- what is refused ------------------------------------------------------------------------- */

static void test_bad_files(void **state)
{
    (void)state;
    put("e.csv", "");
    put("latin.csv", "a,b\n1,x\n2,caf\xe9\n");
    put("ragged.csv", "a,b\n1,2\n1,2,3,4\n1\n");
    inputs_check_fails(&in, "e.csv", "", GBX_INVALID, "'e.csv': the file is empty");
    inputs_check_fails(&in, "latin.csv", "", GBX_INVALID,
                       "'latin.csv': line 3 is not UTF-8; say which encoding it has");
    assert_int_equal(in.err.line, 3);
    inputs_check_fails(&in, "ragged.csv", "delim := ',', header := true", GBX_INVALID,
                       "ragged.csv");
    assert_int_equal(in.err.offset, -1);
}

static void test_bad_options(void **state)
{
    (void)state;
    put("o.csv", "a,b\n1,2\n");
    inputs_check_fails(&in, "o.csv", "delimeter := ';'", GBX_UNSUPPORTED, "delimeter");
    inputs_check_fails(&in, "o.csv", "store_rejects := true", GBX_UNSUPPORTED, "store_rejects");
    inputs_check_fails(&in, "o.csv", "file_row_number := true", GBX_UNSUPPORTED,
                       "file_row_number");
    inputs_check_fails(&in, "o.csv", "compression := 'lz4'", GBX_UNSUPPORTED, "compression");
    inputs_check_fails(&in, "o.csv", "quote := 'ab'", GBX_INVALID, "quote takes one byte");
    inputs_check_fails(&in, "o.csv", "delim := ''", GBX_INVALID, "delim");
    inputs_check_fails(&in, "o.csv", "header := 'perhaps'", GBX_INVALID, "header");
    inputs_check_fails(&in, "o.csv", "skip := 'x'", GBX_INVALID, "skip");
    inputs_check_fails(&in, "o.csv", "new_line := 'x'", GBX_INVALID, "new_line");
    inputs_check_fails(&in, "o.csv", "types := {'zz': 'INT'}", GBX_BIND, "zz");
    inputs_check_fails(&in, "o.csv", "auto_detect := false", GBX_BIND, "columns");
    assert_int_equal(in.err.line, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal),            cmocka_unit_test(test_equal_long),
        cmocka_unit_test(test_equal_compressed), cmocka_unit_test(test_dialect),
        cmocka_unit_test(test_header_only),      cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_bad_options),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
