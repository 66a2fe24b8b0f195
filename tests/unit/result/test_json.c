#include "base/json.h"
#include "support/rows.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *json(gbx__format format, const char *columns, const char *values)
{
    const gbx__write_options options = rows_options(format);
    rows r;
    rows_make(&r, columns, values);
    const char *text = rows_write(&r, &options);
    rows_done(&r);
    return text;
}

/* The value of one cell, without its object. */
static const char *value(const char *type, const char *values)
{
    static char cell[4096];
    char column[256];
    snprintf(column, sizeof(column), "v=%s", type);
    const char *line = json(GBX_FORMAT_JSONL, column, values);
    const size_t len = strlen(line);
    yyjson_doc *doc;
    if (gbx__json_read(line, len, 0, &doc, NULL) != GBX_OK) fail_msg("not JSON: %s", line);
    gbx__json_free(doc);
    assert_memory_equal(line, "{\"v\":", 5);
    assert_string_equal(line + len - 2, "}\n");
    snprintf(cell, sizeof(cell), "%.*s", (int)len - 7, line + 5);
    return cell;
}

static void test_lines_and_array(void **state)
{
    static const char columns[] = "a=i;b=u";
    static const char values[] = "[[1,\"x\"],[null,null]]";
    (void)state;
    assert_string_equal(json(GBX_FORMAT_JSONL, columns, values),
                        "{\"a\":1,\"b\":\"x\"}\n{\"a\":null,\"b\":null}\n");
    assert_string_equal(json(GBX_FORMAT_JSON, columns, values),
                        "[\n{\"a\":1,\"b\":\"x\"},\n{\"a\":null,\"b\":null}\n]\n");
    assert_string_equal(json(GBX_FORMAT_JSONL, columns, "[]"), "");
    assert_string_equal(json(GBX_FORMAT_JSON, columns, "[]"), "[]\n");
    assert_string_equal(json(GBX_FORMAT_JSONL, "", "[[]]"), "{}\n");
}

static void test_array_over_batches(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSON);
    struct ArrowArrayStream stream;
    const char *text;
    rows r;
    (void)state;
    rows_make(&r, "a=i", "[[1]]");
    rows_stream(&r, 3, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, NULL, NULL), GBX_OK);
    assert_string_equal(text, "[\n{\"a\":1},\n{\"a\":1},\n{\"a\":1}\n]\n");
    rows_done(&r);
}

static void test_numbers(void **state)
{
    (void)state;
    assert_string_equal(value("b", "[[true]]"), "true");
    assert_string_equal(value("L", "[[18446744073709551615]]"), "18446744073709551615");
    assert_string_equal(value("g", "[[0.1]]"), "0.1");
    assert_string_equal(value("g", "[[1e22]]"), "1e+22");
    assert_string_equal(value("g", "[[\"nan\"]]"), "\"NaN\"");
    assert_string_equal(value("f", "[[\"inf\"]]"), "\"Infinity\"");
    assert_string_equal(value("e", "[[\"-inf\"]]"), "\"-Infinity\"");
    assert_string_equal(value("d:4,4", "[[\"0.5000\"]]"), "0.5000");
    assert_string_equal(value("d:4,4", "[[\"-0.0500\"]]"), "-0.0500");
    assert_string_equal(value("d:38,2", "[[\"123456789012345678901234567890.12\"]]"),
                        "123456789012345678901234567890.12");
}

static void test_text(void **state)
{
    (void)state;
    assert_string_equal(value("u", "[[\"a\\\"b\\\\c\\n\\u0001\"]]"), "\"a\\\"b\\\\c\\n\\u0001\"");
    assert_string_equal(value("u", "[[\"\"]]"), "\"\"");
    assert_string_equal(value("vu", "[[\"\\u00e9\\u65e5\"]]"), "\"\xc3\xa9\xe6\x97\xa5\"");
    assert_string_equal(value("z", "[[\"00FF41\"]]"), "\"00ff41\"");
    assert_string_equal(value("z", "[[\"\"]]"), "\"\"");
}

static void test_invalid_utf8_is_replaced(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "b=z", "[[\"61FF62C3\"]]");
    const char *format = r.schema.children[0]->format;
    r.schema.children[0]->format = "u";
    assert_string_equal(rows_write(&r, &options), "{\"b\":\"a\xef\xbf\xbd"
                                                  "b\xef\xbf\xbd\"}\n");
    r.schema.children[0]->format = format;
    rows_done(&r);
}

static void test_times(void **state)
{
    (void)state;
    assert_string_equal(value("tdD", "[[0]]"), "\"1970-01-01\"");
    assert_string_equal(value("ttu", "[[3723500000]]"), "\"01:02:03.5\"");
    assert_string_equal(value("tsu:", "[[1357016400500000]]"), "\"2013-01-01T05:00:00.5\"");
    assert_string_equal(value("tss:UTC", "[[1357016400]]"), "\"2013-01-01T05:00:00Z\"");
    assert_string_equal(value("tsu:UTC", "[[9223372036854775807]]"), "\"infinity\"");
    assert_string_equal(value("tin", "[[[1,2,0]]]"), "\"1 month 2 days\"");
}

static void test_nested(void **state)
{
    (void)state;
    assert_string_equal(value("+l(item=u)", "[[[\"a\",null]]]"), "[\"a\",null]");
    assert_string_equal(value("+l(item=u)", "[[[]]]"), "[]");
    assert_string_equal(value("+w:2(item=g)", "[[[1.5,2]]]"), "[1.5,2.0]");
    assert_string_equal(value("+s(a=i;b=+s(c=u))", "[[[1,[\"x\"]]]]"),
                        "{\"a\":1,\"b\":{\"c\":\"x\"}}");
    assert_string_equal(value("+s(a=i;b=+s(c=u))", "[[[1,null]]]"), "{\"a\":1,\"b\":null}");
    assert_string_equal(value("+m(entries=+s(key=u;value=i))", "[[[[\"k\",1],[\"l\\\"\",null]]]]"),
                        "{\"k\":1,\"l\\\"\":null}");
    assert_string_equal(value("+m(entries=+s(key=i;value=i))", "[[[[7,1]]]]"), "{\"7\":1}");
    assert_string_equal(value("+m(entries=+s(key=i;value=i))", "[[[]]]"), "{}");
    assert_string_equal(value("+us:0,1(n=i;s=u)", "[[[1,\"x\"]]]"), "\"x\"");
    assert_string_equal(value("+ud:0,1(n=i;s=u)", "[[[0,null]]]"), "null");
}

static void test_nested_dictionaries_and_unions(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "e=i{tsu:UTC};u=+us:0,1(l=+l(item=g);s=+s(a=i))",
              "[[0,[0,[1.5]]],[null,[1,[2]]],[1,[0,[]]]]");
    rows_set_dictionary(&r, 0, "[0,null]");
    assert_string_equal(rows_write(&r, &options),
                        "{\"e\":\"1970-01-01T00:00:00Z\",\"u\":[1.5]}\n"
                        "{\"e\":null,\"u\":{\"a\":2}}\n{\"e\":null,\"u\":[]}\n");
    rows_done(&r);
}

static void test_json_columns_are_embedded(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "j=u", "[[\"{\\\"a\\\":\\n[1]}\"],[\"not json\"],[\"\"],[null]]");
    rows_set_extension(&r, 0, "arrow.json", "");
    assert_string_equal(rows_write(&r, &options), "{\"j\":{\"a\": [1]}}\n{\"j\":\"not json\"}\n"
                                                  "{\"j\":\"\"}\n{\"j\":null}\n");
    rows_done(&r);
}

static void test_integers_of_duckdb(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "n=z;b=z", "[[\"800009010000000000000000\",\"02EA\"]]");
    rows_set_extension(&r, 0, "arrow.opaque",
                       "{\"type_name\":\"bignum\",\"vendor_name\":\"DuckDB\"}");
    rows_set_extension(&r, 1, "arrow.opaque", "{\"type_name\":\"bit\",\"vendor_name\":\"DuckDB\"}");
    assert_string_equal(rows_write(&r, &options),
                        "{\"n\":18446744073709551616,\"b\":\"101010\"}\n");
    rows_done(&r);
}

static void test_variants_are_embedded(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "v=+s(metadata=z;value=z)",
              "[[[\"0101000161\",\"02010000020C01\"]],[[\"0101000161\",\"0302000203057A00\"]],"
              "[null],"
              "[[\"0101000161\",\"1C000000000000F87F\"]],[[\"0101000161\",\"FC\"]]]");
    rows_set_extension(&r, 0, "arrow.parquet.variant", "");
    assert_string_equal(rows_write(&r, &options),
                        "{\"v\":{\"a\":1}}\n{\"v\":[\"z\",null]}\n{\"v\":null}\n"
                        "{\"v\":\"NaN\"}\n"
                        "{\"v\":{\"metadata\":\"0101000161\",\"value\":\"fc\"}}\n");
    rows_done(&r);
}

static void test_names_are_unique(void **state)
{
    (void)state;
    assert_string_equal(json(GBX_FORMAT_JSONL, "a=i;a=i;a_1=i;a=i;=i;=i;q\"=i",
                             "[[1,2,3,4,5,6,7]]"),
                        "{\"a\":1,\"a_2\":2,\"a_1\":3,\"a_3\":4,\"\":5,\"_1\":6,\"q\\\"\":7}\n");
    assert_string_equal(json(GBX_FORMAT_JSONL, "a=i;a=i", "[[1,2]]"), "{\"a\":1,\"a_1\":2}\n");
}

static void test_control_characters_for_a_terminal(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    rows r;
    (void)state;
    rows_make(&r, "s\x7f=u", "[[\"\\u001b\\u007f\\u009b\\u00e9\"]]");
    assert_string_equal(rows_write(&r, &options),
                        "{\"s\x7f\":\"\\u001b\x7f\xc2\x9b\xc3\xa9\"}\n");
    options.escape_control = true;
    assert_string_equal(rows_write(&r, &options),
                        "{\"s\\u007f\":\"\\u001b\\u007f\\u009b\xc3\xa9\"}\n");
    rows_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_and_array),
        cmocka_unit_test(test_array_over_batches),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_invalid_utf8_is_replaced),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_nested_dictionaries_and_unions),
        cmocka_unit_test(test_json_columns_are_embedded),
        cmocka_unit_test(test_integers_of_duckdb),
        cmocka_unit_test(test_variants_are_embedded),
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_control_characters_for_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
