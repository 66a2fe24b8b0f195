/* The text of every type. What DuckDB itself says of the same values is asked in test_duckdb.c. */
#include "result/column.h"
#include "support/rows.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Texts of all rows of the first column, one a line. */
static const char *texts_of(const rows *r)
{
    static char text[8192];
    gbx__arena arena;
    gbx__column *columns;
    size_t count;
    gbx_error err;
    gbx__buf out;
    gbx__arena_init(&arena);
    gbx__buf_init(&out, 0);
    if (gbx__columns_open(&arena, &r->schema, &columns, &count, &err)) fail_msg("%s", err.message);
    if (gbx__columns_bind(columns, count, &r->batch, &err)) fail_msg("%s", err.message);
    for (int64_t i = 0; i < r->batch.length; i++) {
        if (i) gbx__buf_putc(&out, '\n');
        gbx__column_text(&columns[0], r->batch.offset + i, &out);
    }
    assert_false(out.failed);
    assert_true(out.len < sizeof(text));
    memcpy(text, out.len ? out.data : "", out.len + 1);
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
    return text;
}

static const char *text(const char *type, const char *values)
{
    static char column[256];
    rows r;
    snprintf(column, sizeof(column), "x=%s", type);
    rows_make(&r, column, values);
    const char *answer = texts_of(&r);
    rows_done(&r);
    return answer;
}

static const char *extension_text(const char *type, const char *name, const char *metadata,
                                  const char *values)
{
    static char column[256];
    rows r;
    snprintf(column, sizeof(column), "x=%s", type);
    rows_make(&r, column, values);
    rows_set_extension(&r, 0, name, metadata);
    const char *answer = texts_of(&r);
    rows_done(&r);
    return answer;
}

static void test_booleans_and_integers(void **state)
{
    (void)state;
    assert_string_equal(text("b", "[[true],[false],[null]]"), "true\nfalse\nNULL");
    assert_string_equal(text("n", "[[null]]"), "NULL");
    assert_string_equal(text("c", "[[-128],[127]]"), "-128\n127");
    assert_string_equal(text("C", "[[255]]"), "255");
    assert_string_equal(text("s", "[[-32768]]"), "-32768");
    assert_string_equal(text("S", "[[65535]]"), "65535");
    assert_string_equal(text("i", "[[-2147483648]]"), "-2147483648");
    assert_string_equal(text("I", "[[4294967295]]"), "4294967295");
    assert_string_equal(text("l", "[[-9223372036854775808],[0]]"), "-9223372036854775808\n0");
    assert_string_equal(text("L", "[[18446744073709551615]]"), "18446744073709551615");
}

static void test_floats(void **state)
{
    (void)state;
    assert_string_equal(text("g", "[[0.1],[1e16],[\"nan\"],[\"-nan\"],[\"-inf\"],[null]]"),
                        "0.1\n1e+16\nnan\nnan\n-inf\nNULL");
    assert_string_equal(text("f", "[[0.1],[16777216.0]]"), "0.1\n16777216.0");
    assert_string_equal(text("e", "[[1.5],[\"inf\"],[\"nan\"],[-0.0],[65504.0],[0.1]]"),
                        "1.5\ninf\nnan\n-0.0\n65504.0\n0.099975586");
    rows r; /* the smallest, as bits: not every library rounds to it */
    rows_make(&r, "x=S", "[[1],[32769]]");
    const char *format = r.schema.children[0]->format;
    r.schema.children[0]->format = "e";
    assert_string_equal(texts_of(&r), "5.9604645e-08\n-5.9604645e-08");
    r.schema.children[0]->format = format;
    rows_done(&r);
}

static void test_decimals(void **state)
{
    (void)state;
    assert_string_equal(text("d:4,2", "[[\"1.50\"],[\"-0.05\"],[\"0.00\"],[null]]"),
                        "1.50\n-0.05\n0.00\nNULL");
    assert_string_equal(text("d:2,2", "[[\"0.05\"],[\"-0.99\"],[\"0.00\"]]"), ".05\n-.99\n.00");
    assert_string_equal(text("d:38,0", "[[\"-12345678901234567890123456789012345678\"]]"),
                        "-12345678901234567890123456789012345678");
    assert_string_equal(text("d:38,37", "[[\"1.2345678901234567890123456789012345678\"]]"),
                        "1.2345678901234567890123456789012345678");
    assert_string_equal(text("d:38,10", "[[\"-0.0000000001\"],[\"99.5000000000\"]]"),
                        "-0.0000000001\n99.5000000000");
    assert_string_equal(text("d:9,3,32", "[[\"-1.001\"]]"), "-1.001");
    assert_string_equal(text("d:18,4,64", "[[\"12345678901234.5678\"]]"), "12345678901234.5678");
    assert_string_equal(
        text("d:76,2,256",
             "[[\"-123456789012345678901234567890123456789012345678901234567890.25\"],"
             "[\"0.01\"],[\"-0.01\"],[\"0.00\"]]"),
        "-123456789012345678901234567890123456789012345678901234567890.25\n0.01\n-0.01\n0.00");
}

static void test_text_and_binary(void **state)
{
    static const char *const layouts[] = {"u", "U", "vu"};
    static const char *const binary[] = {"z", "Z", "vz"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(text(layouts[i], "[[\"\"],[\"twelve bytes\"],[null],"
                                             "[\"more than twelve bytes, a view\"]]"),
                            "\ntwelve bytes\nNULL\nmore than twelve bytes, a view");
        assert_string_equal(text(binary[i], "[[\"\"],[\"616263\"],[\"AB00207F1F5C2722\"]]"),
                            "\nabc\n\\xAB\\x00 \\x7F\\x1F\\x5C\\x27\\x22");
    }
    assert_string_equal(text("w:3", "[[\"616263\"],[null],[\"000000\"]]"),
                        "abc\nNULL\n\\x00\\x00\\x00");
}

static void test_dates(void **state)
{
    (void)state;
    assert_string_equal(text("tdD", "[[0],[-1],[11016],[-719162],[-719163],[2932896],[2932897],"
                                    "[2147483647],[-2147483647],[2147483646],[-2147483646],"
                                    "[null]]"),
                        "1970-01-01\n1969-12-31\n2000-02-29\n0001-01-01\n0001-12-31 (BC)\n"
                        "9999-12-31\n10000-01-01\ninfinity\n-infinity\n5881580-07-10\n"
                        "5877642-06-25 (BC)\nNULL");
    assert_string_equal(text("tdm", "[[0],[-1],[86400000]]"), "1970-01-01\n1969-12-31\n1970-01-02");
}

static void test_times(void **state)
{
    (void)state;
    assert_string_equal(text("tts", "[[3723]]"), "01:02:03");
    assert_string_equal(text("ttm", "[[3723500]]"), "01:02:03.5");
    assert_string_equal(text("ttu", "[[3723000001],[86400000000],[0]]"),
                        "01:02:03.000001\n24:00:00\n00:00:00");
    assert_string_equal(text("ttn", "[[3723123456789]]"), "01:02:03.123456789");
}

static void test_timestamps(void **state)
{
    (void)state;
    assert_string_equal(text("tss:", "[[1357016400],[-1]]"),
                        "2013-01-01 05:00:00\n1969-12-31 23:59:59");
    assert_string_equal(text("tsm:", "[[1357016400120]]"), "2013-01-01 05:00:00.12");
    assert_string_equal(text("tsu:", "[[1357016400500000],[-1],[9223372036854775807],"
                                     "[-9223372036854775807],[9223371331200000000]]"),
                        "2013-01-01 05:00:00.5\n1969-12-31 23:59:59.999999\ninfinity\n-infinity\n"
                        "294247-01-02 00:00:00");
    assert_string_equal(text("tsn:", "[[1357016400123456789]]"), "2013-01-01 05:00:00.123456789");
    assert_string_equal(text("tsu:Europe/Berlin", "[[1357016400000000],[null]]"),
                        "2013-01-01 05:00:00+00\nNULL");
    assert_string_equal(text("tss:", "[[9223372036854775806]]"), "292277026596-12-04 15:30:06");
    assert_string_equal(text("tss:", "[[-9223372036854775808]]"),
                        "292277022658-01-27 (BC) 08:29:52");
}

static void test_intervals_and_durations(void **state)
{
    (void)state;
    assert_string_equal(text("tin", "[[[14,3,14706000000000]],[[-14,-3,-14706500000000]],[[0,0,0]],"
                                    "[[1,-1,0]],[[0,0,1000]],[[12,0,-90000000000000]],[[0,1,1]]]"),
                        "1 year 2 months 3 days 04:05:06\n"
                        "-1 year -2 months -3 days -04:05:06.5\n00:00:00\n1 month -1 day\n"
                        "00:00:00.000001\n1 year -25:00:00\n1 day 00:00:00.000000001");
    assert_string_equal(text("tiM", "[[[25,0,0]]]"), "2 years 1 month");
    assert_string_equal(text("tiD", "[[[0,2,1500]],[[0,0,-1]]]"),
                        "2 days 00:00:01.5\n-00:00:00.001");
    assert_string_equal(text("tDs", "[[360000],[-1]]"), "100:00:00\n-00:00:01");
    assert_string_equal(text("tDm", "[[1]]"), "00:00:00.001");
    assert_string_equal(text("tDu", "[[1]]"), "00:00:00.000001");
    assert_string_equal(text("tDn", "[[1]]"), "00:00:00.000000001");
}

static void test_lists(void **state)
{
    static const char *const layouts[] = {"+l(item=u)", "+L(item=u)", "+vl(item=u)", "+vL(item=u)"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(
            text(layouts[i],
                 "[[[\"a\",\"b c\",\"it's\",\"a,b\",\"\",\"Null\",null,\" a\",\"a\\\\b\"]],[[]],"
                 "[null],[[\"x\"]]]"),
            "[a, b c, 'it\\'s', 'a,b', '', 'Null', NULL, ' a', 'a\\\\b']\n[]\nNULL\n[x]");
    }
    assert_string_equal(text("+w:2(item=i)", "[[[1,2]],[null],[[3,null]]]"),
                        "[1, 2]\nNULL\n[3, NULL]");
    assert_string_equal(text("+l(item=+l(item=u))", "[[[[\"a,b\"],null,[]]]]"),
                        "[['a,b'], NULL, []]");
    assert_string_equal(text("+l(item=tsu:)", "[[[0]]]"), "['1970-01-01 00:00:00']");
}

static void test_structs_and_maps(void **state)
{
    (void)state;
    assert_string_equal(text("+s(a=i;it's=u;b=+l(item=i))",
                             "[[[1,\"x y\",[1]]],[null],[[null,\" x\",null]]]"),
                        "{'a': 1, 'it\\'s': x y, 'b': [1]}\nNULL\n{'a': NULL, 'it\\'s': ' x', "
                        "'b': NULL}");
    assert_string_equal(text("+s(=i;=u)", "[[[1,\"x, y\"]]]"), "(1, 'x, y')");
    assert_string_equal(text("+m(entries=+s(key=u;value=i))",
                             "[[[[\"a b\",1],[\"c=d\",null]]],[[]],[null]]"),
                        "{a b=1, 'c=d'=NULL}\n{}\nNULL");
}

static void test_unions(void **state)
{
    (void)state;
    assert_string_equal(text("+us:0,1(n=i;s=u)", "[[[0,1]],[[1,\" a,b\"]],[[0,null]]]"),
                        "1\n a,b\nNULL");
    assert_string_equal(text("+ud:0,1(n=i;s=u)", "[[[0,1]],[[1,\"a\"]],[[1,null]],[[0,2]]]"),
                        "1\na\nNULL\n2");
    assert_string_equal(text("+l(item=+us:0,1(n=i;s=u))", "[[[[1,\" a\"],[0,1]]]]"), "[ a, 1]");
}

static void test_dictionaries(void **state)
{
    rows r;
    (void)state;
    rows_make(&r, "x=c{u}", "[[1],[0],[null],[2],[9]]");
    rows_set_dictionary(&r, 0, "[\"a\",\"b\",null]");
    assert_string_equal(texts_of(&r), "b\na\nNULL\nNULL\nNULL");
    rows_done(&r);
    rows_make(&r, "x=l{tdD}", "[[0]]");
    rows_set_dictionary(&r, 0, "[1]");
    assert_string_equal(texts_of(&r), "1970-01-02");
    rows_done(&r);
}

static void test_run_ends(void **state)
{
    rows r;
    (void)state;
    rows_make(&r, "x=+s(run_ends=i;values=u)", "[[[2,\"a\"]],[[3,null]],[[7,\"b\"]]]");
    /* A struct of ends and values has the shape of run ends, but for its own buffer. */
    const char *format = r.schema.children[0]->format;
    r.schema.children[0]->format = "+r";
    struct ArrowArray *array = r.batch.children[0];
    array->n_buffers = 0;
    array->length = 7;
    r.batch.length = 7;
    assert_string_equal(texts_of(&r), "a\na\nNULL\nb\nb\nb\nb");
    array->offset = 1;
    array->length = 6;
    r.batch.length = 6;
    assert_string_equal(texts_of(&r), "a\nNULL\nb\nb\nb\nb");
    r.schema.children[0]->format = format;
    array->n_buffers = 1;
    array->offset = 0;
    rows_done(&r);
}

static void test_extensions(void **state)
{
    (void)state;
    assert_string_equal(extension_text("w:16", "arrow.uuid", "",
                                       "[[\"000102030405060708090A0B0C0D0E0F\"],[null]]"),
                        "00010203-0405-0607-0809-0a0b0c0d0e0f\nNULL");
    assert_string_equal(extension_text("c", "arrow.bool8", "", "[[0],[2],[null]]"),
                        "false\ntrue\nNULL");
    assert_string_equal(extension_text("u", "arrow.json", "", "[[\"{\\\"a\\\": 1}\"]]"),
                        "{\"a\": 1}");
    static const char opaque[] = "arrow.opaque";
    assert_string_equal(
        extension_text("w:16", opaque, "{\"type_name\":\"hugeint\",\"vendor_name\":\"DuckDB\"}",
                       "[[\"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"],"
                       "[\"00000000000000000100000000000000\"]]"),
        "-1\n18446744073709551616");
    assert_string_equal(
        extension_text("w:16", opaque, "{\"vendor_name\": \"DuckDB\", \"type_name\": \"uhugeint\"}",
                       "[[\"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF\"]]"),
        "340282366920938463463374607431768211455");
    assert_string_equal(
        extension_text("z", opaque, "{\"type_name\":\"bit\",\"vendor_name\":\"DuckDB\"}",
                       "[[\"02EA\"],[\"00FF\"],[\"07FE80\"],[\"\"]]"),
        "101010\n11111111\n010000000\n");
    assert_string_equal(
        extension_text("z", opaque, "{\"type_name\":\"bignum\",\"vendor_name\":\"DuckDB\"}",
                       "[[\"80000100\"],[\"800001FF\"],[\"7FFFFE00\"],"
                       "[\"800009010000000000000000\"],[\"00\"]]"),
        "0\n255\n-255\n18446744073709551616\n0");
    /* 01:02:03.5 at -08, and at +05:30:15. */
    assert_string_equal(
        extension_text("w:8", opaque, "{\"type_name\":\"time_tz\",\"vendor_name\":\"DuckDB\"}",
                       "[[\"7F5101E019F0DD00\"],[\"989300E019F0DD00\"]]"),
        "01:02:03.5-08\n01:02:03.5+05:30:15");
}

static const char *variant_text(const char *metadata, const char *value)
{
    char values[4096];
    snprintf(values, sizeof(values), "[[[\"%s\",\"%s\"]]]", metadata, value);
    return extension_text("+s(metadata=z;value=z)", "arrow.parquet.variant", "", values);
}

static void test_variants(void **state)
{
    static const char names[] = "0101000161"; /* one name, "a" */
    (void)state;
    assert_string_equal(variant_text(names, "00"), "NULL");
    assert_string_equal(variant_text(names, "04"), "true");
    assert_string_equal(variant_text(names, "0C2A"), "42");
    assert_string_equal(variant_text(names, "2002D2040000"), "12.34");
    assert_string_equal(variant_text(names, "057A"), "z");
    assert_string_equal(variant_text(names, "40020000007A7A"), "zz");
    assert_string_equal(variant_text(names, "3C0200000000FF"), "\\x00\\xFF");
    assert_string_equal(variant_text(names, "02010000020C01"), "{'a': 1}");
    assert_string_equal(variant_text(names, "03020002030C0100"), "[1, NULL]");
    assert_string_equal(variant_text(names, "030100020520"), "[' ']");
}

/* Bytes that end too early, point outside, or say something unknown are shown as they are. */
static void test_broken_variants(void **state)
{
    static const char object[] = "02010000020C01";
    static const char names[] = "0101000161";
    char part[64];
    (void)state;
    for (size_t len = 0; len < sizeof(object) - 1; len += 2) {
        snprintf(part, sizeof(part), "%.*s", (int)len, object);
        assert_non_null(strstr(variant_text(names, part), "{'metadata': "));
    }
    for (size_t len = 0; len < sizeof(names) - 1; len += 2) {
        snprintf(part, sizeof(part), "%.*s", (int)len, names);
        assert_non_null(strstr(variant_text(part, object), "{'metadata': "));
    }
    static const char *const broken[] = {"FC", "54", "20FF00000000", "02010100020C01",
                                         "020100FFFF0C01", "40FFFFFFFF00", "13FFFFFFFF"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        assert_non_null(strstr(variant_text(names, broken[i]), "{'metadata': "));
    }
    /* Forty arrays in each other, each with its one item twice: 2^40 values in 200 bytes. */
    char bomb[1024] = "";
    for (int i = 40; i > 0; i--) {
        snprintf(bomb + strlen(bomb), 16, "03020000%02X", 5 * (i - 1) + 1);
    }
    strcat(bomb, "00");
    assert_non_null(strstr(variant_text(names, bomb), "{'metadata': "));
}

static const char *geometry_text(const char *wkb)
{
    char values[1024];
    snprintf(values, sizeof(values), "[[\"%s\"]]", wkb);
    return extension_text("z", "geoarrow.wkb", "{}", values);
}

static void test_geometries(void **state)
{
    static const char point[] = "0101000000000000000000F03F0000000000000040";
    char part[64];
    (void)state;
    assert_string_equal(geometry_text(point), "POINT (1 2)");
    assert_string_equal(geometry_text("00000000013FF00000000000004000000000000000"), "POINT (1 2)");
    /* PostGIS's SRID and Z; ISO's M and ZM. */
    assert_string_equal(geometry_text("01010000A0E6100000000000000000F03F"
                                      "00000000000000400000000000000840"),
                        "POINT Z (1 2 3)");
    assert_string_equal(geometry_text("01D1070000000000000000F03F"
                                      "00000000000000400000000000000840"),
                        "POINT M (1 2 3)");
    assert_string_equal(geometry_text("01BF0B000000000000"), "GEOMETRYCOLLECTION ZM EMPTY");
    assert_string_equal(geometry_text("010200000000000000"), "LINESTRING EMPTY");
    /* Cut short, unknown, too long: as bytes. */
    for (size_t len = 2; len < sizeof(point) - 1; len += 2) {
        snprintf(part, sizeof(part), "%.*s", (int)len, point);
        assert_memory_equal(geometry_text(part), "\\x01", 4);
    }
    assert_string_equal(geometry_text("0163000000"), "\\x01c\\x00\\x00\\x00");
    assert_memory_equal(geometry_text("01020000000000000000"), "\\x01", 4);
    assert_memory_equal(geometry_text("0102000000FFFFFFFF"), "\\x01", 4);
}

static void test_unknown_extensions_show_their_storage(void **state)
{
    (void)state;
    assert_string_equal(extension_text("i", "arrow.uuid", "", "[[1]]"), "1");
    assert_string_equal(extension_text("w:2", "arrow.opaque",
                                       "{\"type_name\":\"bit\",\"vendor_name\":\"Other\"}",
                                       "[[\"6162\"]]"),
                        "ab");
    assert_string_equal(extension_text("u", "arrow.opaque", "{\"vendor_name\"", "[[\"x\"]]"), "x");
    assert_string_equal(extension_text("u", "my.own", "", "[[\"x\"]]"), "x");
}

static void test_slices(void **state)
{
    rows r;
    (void)state;
    static const char *const types[] = {"i", "b", "u", "vu", "d:5,2", "+l(item=i)", "+w:1(item=i)",
                                        "+s(a=i)", "+ud:0,1(a=i;b=u)", "+us:0,1(a=i;b=u)"};
    static const char *const values[] = {
        "[[1],[2],[null],[4],[5]]",
        "[[true],[false],[null],[true],[false]]",
        "[[\"a\"],[\"b\"],[null],[\"d\"],[\"e\"]]",
        "[[\"a\"],[\"b\"],[null],[\"d\"],[\"e\"]]",
        "[[\"1.00\"],[\"2.00\"],[null],[\"4.00\"],[\"5.00\"]]",
        "[[[1]],[[2]],[null],[[4,4]],[[5]]]",
        "[[[1]],[[2]],[null],[[4]],[[5]]]",
        "[[[1]],[[2]],[null],[[4]],[[5]]]",
        "[[[0,1]],[[1,\"b\"]],[[0,null]],[[1,\"d\"]],[[0,5]]]",
        "[[[0,1]],[[1,\"b\"]],[[0,null]],[[1,\"d\"]],[[0,5]]]",
    };
    static const char *const expected[] = {
        "2\nNULL\n4",       "false\nNULL\ntrue",          "b\nNULL\nd", "b\nNULL\nd",
        "2.00\nNULL\n4.00", "[2]\nNULL\n[4, 4]",          "[2]\nNULL\n[4]",
        "{'a': 2}\nNULL\n{'a': 4}", "b\nNULL\nd", "b\nNULL\nd"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        char column[64];
        snprintf(column, sizeof(column), "x=%s", types[i]);
        rows_make(&r, column, values[i]);
        /* The column begins at its second row, then the batch does. */
        r.batch.children[0]->offset = 1;
        r.batch.children[0]->length = 3;
        r.batch.length = 3;
        assert_string_equal(texts_of(&r), expected[i]);
        r.batch.children[0]->offset = 0;
        r.batch.children[0]->length = 5;
        r.batch.offset = 1;
        assert_string_equal(texts_of(&r), expected[i]);
        r.batch.offset = 0;
        rows_done(&r);
    }
}

static const char *type_name(const char *type)
{
    static char text_of_type[256];
    char column[256];
    rows r;
    gbx__arena arena;
    gbx__column *columns;
    size_t count;
    gbx__buf out;
    snprintf(column, sizeof(column), "x=%s", type);
    rows_make(&r, column, "[]");
    gbx__arena_init(&arena);
    gbx__buf_init(&out, 0);
    assert_int_equal(gbx__columns_open(&arena, &r.schema, &columns, &count, NULL), GBX_OK);
    gbx__column_type_text(&columns[0], &out);
    snprintf(text_of_type, sizeof(text_of_type), "%s", out.data);
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
    rows_done(&r);
    return text_of_type;
}

static void test_type_names(void **state)
{
    static const char *const cases[][2] = {
        {"n", "null"},
        {"b", "bool"},
        {"c", "int8"},
        {"L", "uint64"},
        {"e", "float16"},
        {"g", "float64"},
        {"d:15,2", "decimal(15,2)"},
        {"u", "utf8"},
        {"vz", "binary"},
        {"w:4", "binary"},
        {"tdm", "date"},
        {"ttu", "time"},
        {"ttn", "time(ns)"},
        {"tss:", "timestamp(s)"},
        {"tsu:", "timestamp"},
        {"tsu:UTC", "timestamp(zone)"},
        {"tsn:UTC", "timestamp(ns, zone)"},
        {"tDm", "duration(ms)"},
        {"tin", "interval"},
        {"+l(item=i)", "list<int32>"},
        {"+w:3(item=g)", "array<float64, 3>"},
        {"+m(entries=+s(key=u;value=+l(item=i)))", "map<utf8, list<int32>>"},
        {"+s(a=i;b\"c=u)", "struct<\"a\": int32, \"b\"\"c\": utf8>"},
        {"+s(=i;=u)", "struct<int32, utf8>"},
        {"+us:0(n=i)", "union<\"n\": int32>"},
        {"C{u}", "enum"},
        {"+r(run_ends=i;values=u)", "utf8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(type_name(cases[i][0]), cases[i][1]);
    }
}

static gbx_status open_format(const char *format, int64_t n_children, gbx_error *err)
{
    struct ArrowSchema child = {.format = "i", .name = "c"};
    struct ArrowSchema *children[] = {&child, &child};
    struct ArrowSchema column = {
        .format = format, .name = "odd", .n_children = n_children, .children = children};
    struct ArrowSchema *columns[] = {&column};
    struct ArrowSchema schema = {.format = "+s", .n_children = 1, .children = columns};
    gbx__arena arena;
    gbx__column *out;
    size_t count;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__columns_open(&arena, &schema, &out, &count, err);
    gbx__arena_done(&arena);
    return status;
}

static void test_odd_schemas_are_refused(void **state)
{
    static const struct {
        const char *format;
        int64_t n_children;
        gbx_status status;
    } cases[] = {
        {"", 0, GBX_UNSUPPORTED},         {"q", 0, GBX_UNSUPPORTED},
        {"d:", 0, GBX_UNSUPPORTED},       {"d:10", 0, GBX_UNSUPPORTED},
        {"d:10,2,77", 0, GBX_UNSUPPORTED}, {"d:10,9999", 0, GBX_UNSUPPORTED},
        {"ts", 0, GBX_UNSUPPORTED},       {"tsq:", 0, GBX_UNSUPPORTED},
        {"tsu", 0, GBX_UNSUPPORTED},      {"w:", 0, GBX_UNSUPPORTED},
        {"w:-1", 0, GBX_UNSUPPORTED},     {"w:1x", 0, GBX_UNSUPPORTED},
        {"+us:0,1,2", 2, GBX_UNSUPPORTED}, {"+us:200", 1, GBX_UNSUPPORTED},
        {"+us:", 0, GBX_INVALID},         {"+l", 0, GBX_INVALID},
        {"+l", 2, GBX_INVALID},           {"i", 1, GBX_INVALID},
        {"+m", 1, GBX_INVALID},           {"+r", 1, GBX_INVALID},
        {"+s", -1, GBX_INVALID},          {"+r", 2, GBX_OK},
        {"+s", 0, GBX_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx_error err = {.message = "column \"odd\""};
        if (open_format(cases[i].format, cases[i].n_children, &err) != cases[i].status) {
            fail_msg("%s: %s", cases[i].format, err.message);
        }
        assert_non_null(strstr(err.message, "column \"odd\""));
    }
}

static void test_deep_nesting_is_refused(void **state)
{
    enum { DEPTH = 100 };
    struct ArrowSchema schemas[DEPTH];
    struct ArrowSchema *children[DEPTH];
    gbx__arena arena;
    gbx__column *out;
    size_t count;
    gbx_error err;
    (void)state;
    for (int i = 0; i < DEPTH; i++) {
        children[i] = i + 1 < DEPTH ? &schemas[i + 1] : NULL;
        schemas[i] = (struct ArrowSchema){.format = i == 0           ? "+s"
                                                    : i + 1 < DEPTH ? "+l"
                                                                    : "i",
                                          .name = "deep",
                                          .n_children = i + 1 < DEPTH,
                                          .children = &children[i]};
    }
    gbx__arena_init(&arena);
    assert_int_equal(gbx__columns_open(&arena, &schemas[0], &out, &count, &err), GBX_UNSUPPORTED);
    assert_non_null(strstr(err.message, "nested more than"));
    gbx__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_booleans_and_integers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_text_and_binary),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_timestamps),
        cmocka_unit_test(test_intervals_and_durations),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_structs_and_maps),
        cmocka_unit_test(test_unions),
        cmocka_unit_test(test_dictionaries),
        cmocka_unit_test(test_run_ends),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_variants),
        cmocka_unit_test(test_broken_variants),
        cmocka_unit_test(test_geometries),
        cmocka_unit_test(test_unknown_extensions_show_their_storage),
        cmocka_unit_test(test_slices),
        cmocka_unit_test(test_type_names),
        cmocka_unit_test(test_odd_schemas_are_refused),
        cmocka_unit_test(test_deep_nesting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
