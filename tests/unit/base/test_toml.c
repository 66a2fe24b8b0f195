/*
 * What is read is compared as JSON: texts quoted, floats with a point or exponent, tables in the
 * order of the file. What is refused, with its place.
 */
#include "base/toml.h"

#include "base/json.h"
#include "support/torture.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void print(gbx__buf *out, const gbx__toml *node)
{
    switch (node->kind) {
    case GBX_TOML_TEXT: gbx__json_write_str(out, node->text); return;
    case GBX_TOML_INTEGER: gbx__buf_printf(out, "%lld", (long long)node->integer); return;
    case GBX_TOML_NUMBER: gbx__json_write_double(out, node->number); return;
    case GBX_TOML_BOOLEAN: gbx__buf_puts(out, node->boolean ? "true" : "false"); return;
    case GBX_TOML_ARRAY:
    case GBX_TOML_TABLE: break;
    }
    size_t n = 0;
    gbx__buf_putc(out, node->kind == GBX_TOML_ARRAY ? '[' : '{');
    for (const gbx__toml *m = node->members.first; m; m = m->next) {
        if (n++ > 0) gbx__buf_putc(out, ',');
        if (node->kind == GBX_TOML_TABLE) {
            gbx__json_write_str(out, m->key);
            gbx__buf_putc(out, ':');
        }
        print(out, m);
    }
    assert_int_equal(n, node->members.n);
    gbx__buf_putc(out, node->kind == GBX_TOML_ARRAY ? ']' : '}');
}

static void reads(const char *text, const char *expected)
{
    gbx_error err = {0};
    gbx__arena arena;
    gbx__buf out = {0};
    const gbx__toml *root = NULL;
    gbx__arena_init(&arena);
    if (gbx__toml_read(&arena, gbx__str_of(text), &root, &err) != GBX_OK)
        fail_msg("%s\n%d:%d: %s", text, err.line, err.column, err.message);
    print(&out, root);
    if (strcmp(out.data, expected) != 0) fail_msg("%s\ngives %s", text, out.data);
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
}

static void refuses(const char *text, int line, int column, const char *what)
{
    gbx_error err = {0};
    gbx__arena arena;
    const gbx__toml *root = NULL;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__toml_read(&arena, gbx__str_of(text), &root, &err);
    if (status != GBX_PARSE) fail_msg("%s\ngives status %d", text, (int)status);
    assert_null(root);
    if (err.line != line || err.column != column || !strstr(err.message, what))
        fail_msg("%s\nsays %d:%d: %s", text, err.line, err.column, err.message);
    gbx__arena_done(&arena);
}

static void test_lines_and_keys(void **state)
{
    (void)state;
    reads("", "{}");
    reads("\xEF\xBB\xBF# mark\n\r\n \t\n", "{}");
    reads("a = 1 # one\r\nb=2", "{\"a\":1,\"b\":2}");
    reads("a-b_9 = 1\n1 = 2\n\"x y\" = 3\n'z.z' = 4\n\"\" = 5",
          "{\"a-b_9\":1,\"1\":2,\"x y\":3,\"z.z\":4,\"\":5}");
    reads("a . \"b\".'c' = 1\na.b.d = 2\na.e = 3", "{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e\":3}}");
    reads("3.14 = 1", "{\"3\":{\"14\":1}}");
}

static void test_texts(void **state)
{
    (void)state;
    reads("a = \"x\\t\\\"\\\\\\b\\n\\f\\r\\u00e9\\U0001F600\"",
          "{\"a\":\"x\\t\\\"\\\\\\b\\n\\f\\r\xC3\xA9\xF0\x9F\x98\x80\"}");
    reads("a = 'C:\\x\"'\nb = ''\nc = \"\"", "{\"a\":\"C:\\\\x\\\"\",\"b\":\"\",\"c\":\"\"}");
    reads("a = \"\"\"\r\none\r\ntwo\"\"\"", "{\"a\":\"one\\ntwo\"}");
    reads("a = \"\"\"one \\  \n\n   two\\n\"\"\"", "{\"a\":\"one two\\n\"}");
    reads("a = \"\"\"\"\"x\"\" \"\"\"\"\"", "{\"a\":\"\\\"\\\"x\\\"\\\" \\\"\\\"\"}");
    reads("a = '''\nSELECT '\\d'\n'''''", "{\"a\":\"SELECT '\\\\d'\\n''\"}");
    reads("a = '''#'''# c", "{\"a\":\"#\"}");
}

static void test_numbers(void **state)
{
    (void)state;
    reads("a = [0, +7, -17, 1_000, 0xDead_Beef, 0o17, 0b101, -0]",
          "{\"a\":[0,7,-17,1000,3735928559,15,5,0]}");
    reads("a = [9223372036854775807, -9223372036854775808]",
          "{\"a\":[9223372036854775807,-9223372036854775808]}");
    setlocale(LC_ALL, "de_DE.UTF-8"); /* where it exists, the point stays a point */
    reads("a = [0.5, +1.0, -2.5e-3, 1e6, 6.26_5E+2, 5e00, 0e0, -0.0]",
          "{\"a\":[0.5,1.0,-0.0025,1000000.0,626.5,5.0,0.0,-0.0]}");
    setlocale(LC_ALL, "C");
    reads("a = [inf, -inf, +inf, nan, -nan, true, false]",
          "{\"a\":[\"Infinity\",\"-Infinity\",\"Infinity\",\"NaN\",\"NaN\",true,false]}");
    static const char *const bad[] = {"01",  "+",    "1_",   "_1",  "1__0", "0x",   "0x_1", "-0x1",
                                      "1.",  ".5",   "1.e5", "1e",  "1e+",  "1._5", "0b2",  "1.5.2",
                                      "0X1", "infx", "True", "yes", "1e5_", "00.5", "٣"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[64];
        snprintf(text, sizeof(text), "a = %s", bad[i]);
        refuses(text, 1, 5, "quotes");
    }
    refuses("a = 9223372036854775808", 1, 5, "beyond 64 bits");
    refuses("a = 0x8000000000000000", 1, 5, "beyond 64 bits");
    refuses("a = -1e999", 1, 5, "too large");
    refuses("a = 1979-05-27T07:32:00Z", 1, 5, "dates and times");
    refuses("a = 07:32:00", 1, 5, "dates and times");
}

static void test_arrays_and_inline_tables(void **state)
{
    (void)state;
    reads("a = [ ]\nb = [1, 'x', # c\n [2.5], {c = 1}\n,\n]",
          "{\"a\":[],\"b\":[1,\"x\",[2.5],{\"c\":1}]}");
    reads("a = {}\nb = { c.d = 1, c.e = [\n1], 'f' = {g = \"\"} }",
          "{\"a\":{},\"b\":{\"c\":{\"d\":1,\"e\":[1]},\"f\":{\"g\":\"\"}}}");
    refuses("a = [1 2]", 1, 8, "expected , or ]");
    refuses("a = [1,,2]", 1, 8, "expected a value");
    refuses("a = [", 1, 6, "expected a value");
    refuses("a = {b = 1,}", 1, 12, "expected a key");
    refuses("a = {b = 1\n}", 1, 11, "on the line");
    refuses("a = {b = 1, b = 2}", 1, 13, "'b' is there already, as a whole number in line 1");
    refuses("a = {b = {c = 1}, b.d = 2}", 1, 19, "'b' is there already, as a table");
}

static void test_tables(void **state)
{
    (void)state;
    reads("x = 1\n[a]\ny = 2\n[ b . 'c d' ]\nz = 3\n[b]\nw = 4",
          "{\"x\":1,\"a\":{\"y\":2},\"b\":{\"c d\":{\"z\":3},\"w\":4}}");
    reads("[[s]]\nn = 1\n[s.t]\nu = 2\n[[s]]\n[[s.v]]\n[[s.v]]\nw = 3",
          "{\"s\":[{\"n\":1,\"t\":{\"u\":2}},{\"v\":[{},{\"w\":3}]}]}");
    reads("a.b = 1\n[a.c]\nd = 2", "{\"a\":{\"b\":1,\"c\":{\"d\":2}}}");
    reads("[a.b.c]\nz = 9\n[a]\nb.x = 1", "{\"a\":{\"b\":{\"c\":{\"z\":9},\"x\":1}}}");
    refuses("a = 1\na = 2", 2, 1, "'a' is there already, as a whole number in line 1");
    refuses("[a]\n[a]", 2, 2, "'a' is there already, as a table in line 1");
    refuses("a.b = 1\n[a]", 2, 2, "already");
    refuses("a = {}\n[a.b]", 2, 2, "already");
    refuses("a = {}\na.b = 1", 2, 1, "already");
    refuses("a = 1\na.b = 1", 2, 1, "as a whole number");
    refuses("a = []\n[[a]]", 2, 3, "as a list");
    refuses("[[a]]\n[a]", 2, 2, "already");
    refuses("[a]\n[[a]]", 2, 3, "already");
    refuses("[a.b.c]\n[a]\nb.c.d = 1", 3, 3, "'c' is there already");
    refuses("[[a.b]]\n[a]\nb.c = 1", 3, 1, "already");
    refuses("[a", 1, 3, "expected ]");
    refuses("[[a]", 1, 4, "expected ]]");
    refuses("[]", 1, 2, "expected a key");
    refuses("[a] b = 1", 1, 5, "expected the end of the line");
}

static void test_refused(void **state)
{
    (void)state;
    refuses("a", 1, 2, "expected = and a value behind the key 'a'");
    refuses("= 1", 1, 1, "expected a key");
    refuses("a. = 1", 1, 4, "expected a key");
    refuses("\"\"\"a\"\"\" = 1", 1, 1, "three quotes");
    refuses("a =", 1, 4, "expected a value");
    refuses("a = 1 b = 2", 1, 7, "expected the end of the line");
    refuses("ä = 1", 1, 1, "expected a key");
    refuses("\"ä\" = 'ß' x", 1, 11, "expected the end of the line"); /* in characters */
    refuses("a = \"x\nb = 1", 1, 5, "does not end on its line");
    refuses("\na = '''x", 2, 5, "does not end");
    refuses("a = \"\\x41\"", 1, 6, "no such escape");
    refuses("a = \"\\u12g4\"", 1, 6, "4 hexadecimal digits");
    refuses("a = \"\\uD800\"", 1, 6, "no character");
    refuses("a = \"\\U00110000\"", 1, 6, "no character");
    refuses("a = \"\\u0000\"", 1, 6, "NUL");
    refuses("a = 'x\x01'", 1, 7, "control character (byte 0x01)");
    refuses("a = 1\rb = 2", 1, 6, "control character (byte 0x0d)");
    refuses("# \x7f", 1, 3, "control character");
    refuses("a = '\xff'", 1, 6, "not UTF-8");
}

static void test_limits(void **state)
{
    (void)state;
    gbx__buf text = {0};
    gbx__buf_puts(&text, "a = ");
    for (int i = 0; i < 31; i++) gbx__buf_putc(&text, '[');
    for (int i = 0; i < 31; i++) gbx__buf_putc(&text, ']');
    gbx__buf expected = {0};
    gbx__buf_printf(&expected, "{\"a\":%s}", text.data + 4);
    reads(text.data, expected.data);
    gbx__buf_done(&expected);
    gbx__buf_clear(&text);
    gbx__buf_puts(&text, "a = ");
    for (int i = 0; i < 32; i++) gbx__buf_putc(&text, '[');
    refuses(text.data, 1, 36, "nested more than 32 deep");
    gbx__buf_clear(&text);
    for (int i = 0; i < 33; i++) gbx__buf_puts(&text, "a.");
    refuses(text.data, 1, 65, "more than 32 parts");

    gbx_error err = {0};
    const gbx__toml *root = NULL;
    gbx__arena arena;
    gbx__arena_init(&arena);
    gbx__buf_clear(&text);
    for (int i = 0; i <= GBX_TOML_KEYS_MAX; i++) gbx__buf_printf(&text, "k%d=1\n", i);
    assert_int_equal(gbx__toml_read(&arena, gbx__buf_view(&text), &root, &err), GBX_INVALID);
    assert_int_equal(err.line, GBX_TOML_KEYS_MAX + 1);
    while (text.len <= GBX_TOML_BYTES_MAX) gbx__buf_puts(&text, "# more, more, more and more\n");
    assert_int_equal(gbx__toml_read(&arena, gbx__buf_view(&text), &root, &err), GBX_INVALID);
    gbx__arena_done(&arena);
    gbx__buf_done(&text);
}

static void test_places(void **state)
{
    (void)state;
    gbx_error err = {0};
    const gbx__toml *root = NULL;
    gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx__str text = GBX_STR("x = 1\n[b]\n\n  'ü' . c = [ 'ö', 2 ]\n[b.d]\n[a]\n");
    assert_int_equal(gbx__toml_read(&arena, text, &root, &err), GBX_OK);
    const gbx__toml *c = gbx__toml_get(gbx__toml_get(gbx__toml_get(root, "b"), "ü"), "c");
    assert_non_null(c);
    assert_int_equal(c->key_at.line, 4);
    assert_int_equal(c->key_at.column, 9);
    assert_int_equal(c->at.column, 13);
    assert_int_equal(c->members.last->at.line, 4);
    assert_int_equal(c->members.last->at.column, 20);
    const gbx__toml *a = gbx__toml_get(root, "a");
    assert_int_equal(a->at.line, 6);
    assert_int_equal(a->key_at.column, 2);
    assert_null(gbx__toml_get(root, "c"));
    assert_null(gbx__toml_get(gbx__toml_get(root, "x"), "c"));
    assert_string_equal(gbx__toml_kind_text(c->kind), "a list");
    (void)GBX_FAIL(&err, GBX_INVALID, "wrong");
    gbx__toml_blame(&err, c->at);
    assert_int_equal(err.line, 4);
    assert_int_equal(err.column, 13);
    gbx__toml_blame(NULL, c->at);
    gbx__arena_done(&arena);
}

static gbx_status toml_work(void *ctx, gbx_error *err)
{
    (void)ctx;
    const gbx__toml *root = NULL;
    gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__toml_read(
        &arena,
        GBX_STR("a.b = \"long enough to be there, as a text of its own\"\n[[c]]\nd = [1.5, {e = 2}]"
                "\nf = '''\nanother text, which is longer than the first one was, by far'''\n"),
        &root, err);
    gbx__arena_done(&arena);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, toml_work, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_and_keys), cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_arrays_and_inline_tables),
        cmocka_unit_test(test_tables),         cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),         cmocka_unit_test(test_places),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
