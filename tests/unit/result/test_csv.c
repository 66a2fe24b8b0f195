#include "support/rows.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *csv(const char *columns, const char *values)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    rows r;
    rows_make(&r, columns, values);
    const char *text = rows_write(&r, &options);
    rows_done(&r);
    return text;
}

static void test_header_and_rows(void **state)
{
    (void)state;
    assert_string_equal(csv("a=i;b=u;c=g", "[[1,\"x\",0.5],[null,null,null],[-3,\"y z\",1e20]]"),
                        "a,b,c\n1,x,0.5\n,,\n-3,y z,1e+20\n");
    assert_string_equal(csv("a=i", "[]"), "a\n");
    assert_string_equal(csv("", "[[],[]]"), "\n\n\n");
}

static void test_quotes_where_duckdb_quotes(void **state)
{
    (void)state;
    assert_string_equal(csv("s=u", "[[\"\"],[\"a,b\"],[\"say \\\"hi\\\"\"],[\"l1\\nl2\"],"
                                   "[\"c\\r\"],"
                                   "[\"#1\"],[\"NULL\"],[\" x \"],[\"it's\"],[\"a;b\\t\"],[null]]"),
                        "s\n\"\"\n\"a,b\"\n\"say \"\"hi\"\"\"\n\"l1\nl2\"\n\"c\r\"\n\"#1\"\nNULL\n"
                        " x \nit's\na;b\t\n\n");
    assert_string_equal(csv("s=u", "[[\"\\\"\"],[\",\"]]"), "s\n\"\"\"\"\n\",\"\n");
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(csv("a,b=i;x#=i;=i;a\"b=i;dup=i;dup=i", "[]"),
                        "\"a,b\",\"x#\",\"\",\"a\"\"b\",dup,dup\n");
}

static void test_nested_values_are_one_cell(void **state)
{
    (void)state;
    assert_string_equal(csv("l=+l(item=i);s=+s(k=u);b=z",
                            "[[[1,2],[\"x\"],\"\"],[[1],[\"a\\\"\"],\"2C00\"]]"),
                        "l,s,b\n\"[1, 2]\",{'k': x},\"\"\n[1],\"{'k': 'a\"\"'}\",\",\\x00\"\n");
}

static void test_dictionaries(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    rows r;
    (void)state;
    rows_make(&r, "e=C{u};n=s{i}", "[[0,1],[1,0],[null,null],[2,0]]");
    rows_set_dictionary(&r, 0, "[\"a\",\"b,c\",null]");
    rows_set_dictionary(&r, 1, "[7,-8]");
    assert_string_equal(rows_write(&r, &options), "e,n\na,-8\n\"b,c\",7\n,\n,7\n");
    rows_done(&r);
}

static void test_many_batches(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    struct ArrowArrayStream stream;
    gbx__write_stats stats;
    const char *text;
    rows r;
    (void)state;
    rows_make(&r, "a=i;b=u", "[[1,\"x\"],[2,null]]");
    r.batch.offset = 1;
    r.batch.length = 1;
    rows_stream(&r, 3, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, &stats, NULL), GBX_OK);
    assert_string_equal(text, "a,b\n2,\n2,\n2,\n");
    assert_int_equal(stats.rows, 3);
    assert_int_equal(stats.bytes, (int)strlen(text));
    r.batch.length = 0;
    rows_stream(&r, 3, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, &stats, NULL), GBX_OK);
    assert_string_equal(text, "a,b\n");
    r.batch.length = 2;
    r.batch.offset = 0;
    rows_done(&r);
}

static void test_row_limit(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    struct ArrowArrayStream stream;
    gbx__write_stats stats;
    const char *text;
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1],[2],[3]]");
    options.row_limit = 4;
    rows_stream(&r, 100, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, &stats, NULL), GBX_OK);
    assert_string_equal(text, "a\n1\n2\n3\n1\n");
    assert_int_equal(stats.rows, 4);
    options.row_limit = 0;
    rows_stream(&r, 100, 5, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, &stats, NULL), GBX_OK);
    assert_string_equal(text, "a\n");
    rows_done(&r);
}

static void test_control_characters_for_a_terminal(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    rows r;
    (void)state;
    rows_make(&r, "s\x1b=u", "[[\"\\u001b[31mred\"],[\"a\\nb\"],[\"\\u009b2J\"],[\"\\u007f,\"],"
                             "[\"\\u0000\"],[\"\\u00e9\"]]");
    assert_string_equal(rows_write(&r, &options), "s\x1b\n\x1b[31mred\n\"a\nb\"\n\xc2\x9b"
                                                  "2J\n\"\x7f,\"\n");
    options.escape_control = true;
    assert_string_equal(rows_write(&r, &options),
                        "s\\x1b\n\\x1b[31mred\n\"a\nb\"\n\\u009b2J\n\"\\x7f,\"\n\\x00\n\xc3\xa9\n");
    rows_done(&r);
}

/* Rows longer than the buffer, and than the room that was reserved for them. */
static void test_large_values(void **state)
{
    enum { LEN = 3000000 };
    static char bytes[LEN];
    const gbx__write_options options = rows_options(GBX_FORMAT_CSV);
    const int32_t offsets[] = {0, LEN};
    const void *buffers[] = {NULL, offsets, bytes};
    struct ArrowArrayStream stream;
    const char *text;
    size_t len;
    rows r;
    (void)state;
    memset(bytes, '"', LEN);
    rows_make(&r, "s=u;n=l", "[[\"x\",7]]");
    struct ArrowArray *array = r.batch.children[0];
    const void **kept = array->buffers;
    array->buffers = buffers;
    rows_stream(&r, 2, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, &len, NULL, NULL), GBX_OK);
    assert_int_equal(len, 4 + 2 * (2 * LEN + 2 + 3));
    assert_memory_equal(text + len - 4, "\",7\n", 4);
    array->buffers = kept;
    rows_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header_and_rows),
        cmocka_unit_test(test_quotes_where_duckdb_quotes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_nested_values_are_one_cell),
        cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_many_batches),
        cmocka_unit_test(test_row_limit),
        cmocka_unit_test(test_control_characters_for_a_terminal),
        cmocka_unit_test(test_large_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
