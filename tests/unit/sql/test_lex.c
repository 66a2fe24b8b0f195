#include "sql/lex.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The kinds of tokens, one letter each: W word, I quoted name, S string, N number, P parameter,
 * U punctuation, O operator, ! what does not end. */
static const char kind_letters[] = {
    [GBX_TOKEN_END] = '.',    [GBX_TOKEN_WORD] = 'W',   [GBX_TOKEN_IDENT] = 'I',
    [GBX_TOKEN_STRING] = 'S', [GBX_TOKEN_NUMBER] = 'N', [GBX_TOKEN_PARAM] = 'P',
    [GBX_TOKEN_PUNCT] = 'U',  [GBX_TOKEN_OP] = 'O',     [GBX_TOKEN_BAD] = '!'};

/* "W:SELECT N:1 ." */
static const char *lexed(const char *sql)
{
    static char out[1024];
    gbx__buf buf = {0};
    const gbx__str text = gbx__str_of(sql);
    size_t pos = 0;
    for (;;) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END) break;
        assert_true(token.start < token.end && token.end <= text.len);
        gbx__buf_printf(&buf, "%c:%.*s ", kind_letters[token.kind],
                        GBX_STR_ARG(gbx__token_text(text, token)));
        if (token.kind == GBX_TOKEN_BAD) break;
        assert_int_equal(pos, token.end);
    }
    assert_true(buf.len < sizeof(out));
    memcpy(out, buf.len ? buf.data : "", buf.len + (buf.len == 0 ? 1 : 0));
    out[buf.len] = '\0';
    gbx__buf_done(&buf);
    return out;
}

static void check(const char *sql, const char *want)
{
    assert_string_equal(lexed(sql), want);
}

static void test_words_and_names(void **state)
{
    (void)state;
    check("", "");
    check("  \t\n\r\f\v ", "");
    check("SELECT a_1, b", "W:SELECT W:a_1 U:, W:b ");
    check("x\"y\"z", "W:x I:\"y\" W:z ");
    check("\"a \"\"b\"\"\"", "I:\"a \"\"b\"\"\" ");
    check("größe=1", "W:größe O:= N:1 ");
    check("e x b", "W:e W:x W:b "); /* prefixes of strings, alone */
    check("schema.\"t\".c", "W:schema U:. I:\"t\" U:. W:c ");
}

static void test_strings(void **state)
{
    (void)state;
    check("'it''s'", "S:'it''s' ");
    check("'a' 'b'", "S:'a' S:'b' ");
    check("'-- no comment'", "S:'-- no comment' ");
    check("'a\\'", "S:'a\\' "); /* a backslash is itself */
    check("E'a\\'b' x", "S:E'a\\'b' W:x ");
    check("e'\\\\'", "S:e'\\\\' ");
    check("x'ff' B'01'", "S:x'ff' S:B'01' ");
    check("$$a'b$$ c", "S:$$a'b$$ W:c ");
    check("$tag$ $$ ; $tag$", "S:$tag$ $$ ; $tag$ ");
    check("$1$2", "P:$1 P:$2 "); /* a tag does not begin with a digit */
}

static void test_numbers(void **state)
{
    (void)state;
    check("1 2.5 .5 1e5 1E-5 1e+5", "N:1 N:2.5 N:.5 N:1e5 N:1E-5 N:1e+5 ");
    check("1_000 0xFF", "N:1_000 N:0xFF ");
    check("-1", "O:- N:1 ");
    check("1+2", "N:1 O:+ N:2 ");
    check("t.1", "W:t N:.1 ");
    check("1,2", "N:1 U:, N:2 ");
}

static void test_parameters(void **state)
{
    (void)state;
    check("? ?1 $1 $name", "P:? P:? N:1 P:$1 P:$name ");
    check("a = $x;", "W:a O:= P:$x U:; ");
}

static void test_comments(void **state)
{
    (void)state;
    check("a -- b\nc", "W:a W:c ");
    check("a -- b\rc", "W:a W:c ");
    check("a -- b", "W:a ");
    check("a--b", "W:a ");
    check("a - -b", "W:a O:- O:- W:b ");
    check("a /* b */ c", "W:a W:c ");
    check("a /* b /* c */ d */ e", "W:a W:e "); /* they nest */
    check("/**/a", "W:a ");
    check("a / * b", "W:a O:/ O:* W:b ");
    check("'/*' a", "S:'/*' W:a ");
}

static void test_what_does_not_end(void **state)
{
    (void)state;
    check("a 'b", "W:a !:'b ");
    check("a \"b", "W:a !:\"b ");
    check("a /* b", "W:a !:/* b ");
    check("a /* b /* c */", "W:a !:/* b /* c */ ");
    check("$$a", "!:$$a ");
    check("$x$ a $y$", "!:$x$ a $y$ ");
    check("E'a\\'", "!:E'a\\' ");
    check("'a''", "!:'a'' ");
}

static void test_spaces_of_unicode(void **state)
{
    (void)state;
    check("a\xC2\xA0"
          "b",
          "W:a W:b "); /* no-break space */
    check("a\xE2\x80\x83"
          "b",
          "W:a W:b "); /* em space */
    check("a\xE3\x80\x80"
          "b",
          "W:a W:b ");                        /* ideographic space */
    check("\xEF\xBB\xBFSELECT", "W:SELECT "); /* byte order mark */
    check("1\xC2\xA0"
          "2",
          "N:1 N:2 ");
    check("\xE2\x82\xAC", "W:\xE2\x82\xAC "); /* the euro sign is none */
    check("\xE2\x80", "W:\xE2\x80 ");         /* a part of a character */
}

static void test_all_bytes_end(void **state)
{
    (void)state;
    char bytes[4];
    for (int a = 0; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            bytes[0] = (char)a;
            bytes[1] = (char)b;
            size_t pos = 0;
            for (int n = 0;; n++) {
                const gbx__token token = gbx__lex_next((gbx__str){bytes, 2}, &pos);
                assert_true(token.end <= 2 && n < 3);
                if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) break;
            }
        }
    }
}

static void check_group(const char *sql, const char *rest)
{
    const gbx__str text = gbx__str_of(sql);
    size_t pos = 1;
    if (rest) {
        assert_true(gbx__lex_skip_group(text, &pos));
        assert_string_equal(sql + pos, rest);
    } else {
        assert_false(gbx__lex_skip_group(text, &pos));
        assert_int_equal(pos, 1);
    }
}

static void test_groups(void **state)
{
    (void)state;
    check_group("() x", " x");
    check_group("(a, (b), [c, {d: 1}]) x", " x");
    check_group("(')', \")\", $$)$$ /* ) */ -- )\n) x", " x");
    check_group("(a", NULL);
    check_group("(a, (b)", NULL);
    check_group("(a 'b)", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_and_names),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_what_does_not_end),
        cmocka_unit_test(test_spaces_of_unicode),
        cmocka_unit_test(test_all_bytes_end),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
