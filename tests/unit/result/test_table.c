#include "support/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *table(const char *columns, const char *values, int width)
{
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    rows r;
    options.table_width = width;
    rows_make(&r, columns, values);
    const char *text = rows_write(&r, &options);
    rows_done(&r);
    return text;
}

/* `[[0],[1],…]` */
static const char *numbers(int n)
{
    static char text[1 << 16];
    size_t len = 0;
    len += (size_t)snprintf(text, sizeof(text), "[");
    for (int i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s[%d]", i ? "," : "", i);
    }
    snprintf(text + len, sizeof(text) - len, "]");
    return text;
}

static void test_types_stand_under_the_names(void **state)
{
    (void)state;
    assert_string_equal(table("year=i;name=u", "[[2013,\"x\"],[1,null],[null,\"long name\"]]", 0),
                        "┌───────┬───────────┐\n"
                        "│  year │ name      │\n"
                        "│ int32 │ utf8      │\n"
                        "├───────┼───────────┤\n"
                        "│  2013 │ x         │\n"
                        "│     1 │ NULL      │\n"
                        "│  NULL │ long name │\n"
                        "└───────┴───────────┘\n"
                        "(3 rows, 2 columns)\n");
}

static void test_empty_results(void **state)
{
    (void)state;
    assert_string_equal(table("a=i", "[]", 0), "┌───────┐\n"
                                               "│     a │\n"
                                               "│ int32 │\n"
                                               "├───────┤\n"
                                               "└───────┘\n"
                                               "(0 rows, 1 column)\n");
    assert_string_equal(table("", "[[]]", 0), "(1 row, 0 columns)\n");
    assert_string_equal(table("=u;=u", "[[\"\",\"b\"]]", 0), "┌──────┬──────┐\n"
                                                            "│      │      │\n"
                                                            "│ utf8 │ utf8 │\n"
                                                            "├──────┼──────┤\n"
                                                            "│      │ b    │\n"
                                                            "└──────┴──────┘\n"
                                                            "(1 row, 2 columns)\n");
}

static void test_width_of_characters(void **state)
{
    (void)state;
    assert_string_equal(table("s=u", "[[\"日本\"],[\"é\"],[\"e\\u0301\"],[\"abcde\"]]", 0),
                        "┌───────┐\n"
                        "│ s     │\n"
                        "│ utf8  │\n"
                        "├───────┤\n"
                        "│ 日本  │\n"
                        "│ é     │\n"
                        "│ e\xcc\x81     │\n"
                        "│ abcde │\n"
                        "└───────┘\n"
                        "(4 rows, 1 column)\n");
}

static void test_long_text_is_cut(void **state)
{
    (void)state;
    assert_string_equal(table("s=u;n=l", "[[\"abcdefghijklmnopqrstuvwxyz\",1],[\"日本日本日本日本\",2]]",
                              24),
                        "┌──────────────┬───────┐\n"
                        "│ s            │     n │\n"
                        "│ utf8         │ int64 │\n"
                        "├──────────────┼───────┤\n"
                        "│ abcdefghijk… │     1 │\n"
                        "│ 日本日本日…  │     2 │\n"
                        "└──────────────┴───────┘\n"
                        "(2 rows, 2 columns)\n");
}

static void test_columns_in_the_middle_are_left_out(void **state)
{
    (void)state;
    assert_string_equal(table("a=i;b=i;c=i;d=i;e=i;f=i;g=i;h=i", "[[1,2,3,4,5,6,7,8]]", 40),
                        "┌───────┬───────┬───┬───────┬───────┐\n"
                        "│     a │     b │ … │     g │     h │\n"
                        "│ int32 │ int32 │ … │ int32 │ int32 │\n"
                        "├───────┼───────┼───┼───────┼───────┤\n"
                        "│     1 │     2 │ … │     7 │     8 │\n"
                        "└───────┴───────┴───┴───────┴───────┘\n"
                        "(1 row, 8 columns)\n");
    assert_string_equal(table("a=i;b=i", "[[1,2]]", 3), "┌───┬───┐\n"
                                                        "│ a │ … │\n"
                                                        "│ … │ … │\n"
                                                        "├───┼───┤\n"
                                                        "│ 1 │ … │\n"
                                                        "└───┴───┘\n"
                                                        "(1 row, 2 columns)\n");
}

/* No line is wider than the terminal, whatever it is, down to what one column needs. */
static void test_lines_fit(void **state)
{
    (void)state;
    for (int width = 9; width < 140; width++) {
        const char *text = table("alpha=u;b=l;gamma delta=u;t=tsu:UTC;s=+s(a=i;b=u)",
                                 "[[\"some text that is long enough to be cut somewhere\",12345678,"
                                 "\"日本日本日本日本\",1357016400000000,[1,\"x y z\"]]]",
                                 width);
        const char *at = text;
        while (*at && *at != '(') {
            const size_t len = strcspn(at, "\n");
            if (gbx__utf8_width(at, len) > (size_t)width) fail_msg("%d: %s", width, text);
            at += len + 1;
        }
    }
}

static void test_rows_in_the_middle_are_left_out(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    rows r;
    (void)state;
    rows_make(&r, "n=i;s=+s(a=i)", "[[1,[1]],[2,[2]],[3,[3]],[4,[4]],[5,[5]],[6,[6]]]");
    options.table_max_rows = 3;
    assert_string_equal(rows_write(&r, &options), "┌───────┬────────────────────┐\n"
                                                  "│     n │ s                  │\n"
                                                  "│ int32 │ struct<\"a\": int32> │\n"
                                                  "├───────┼────────────────────┤\n"
                                                  "│     1 │ {'a': 1}           │\n"
                                                  "│     2 │ {'a': 2}           │\n"
                                                  "│     … │ …                  │\n"
                                                  "│     6 │ {'a': 6}           │\n"
                                                  "└───────┴────────────────────┘\n"
                                                  "(6 rows, 2 columns)\n");
    options.table_max_rows = 1;
    assert_non_null(strstr(rows_write(&r, &options), "│     1 │ {'a': 1}           │\n"
                                                     "│     … │ …                  │\n└"));
    options.table_max_rows = 6;
    assert_null(strstr(rows_write(&r, &options), "…"));
    options.table_max_rows = 5;
    assert_non_null(strstr(rows_write(&r, &options), "│     3 │ {'a': 3}           │\n"
                                                     "│     … │ …                  │\n"
                                                     "│     5 │ {'a': 5}           │\n"
                                                     "│     6 │"));
    rows_done(&r);
}

/* Rows shown of `total` ones that come in batches of `size`, as one line of numbers. */
static void check_shown(int total, int size, const char *expected)
{
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    struct ArrowArrayStream stream;
    char shown[256] = "";
    const char *text;
    rows r;
    /* Each batch is the same; the row limit makes the last one short. */
    rows_make(&r, "n=i", numbers(size));
    options.table_max_rows = 4;
    options.row_limit = total;
    rows_stream(&r, 1000, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, NULL, NULL), GBX_OK);
    text = strstr(text, "┤\n") + strlen("┤\n");
    while (strncmp(text, "└", strlen("└")) != 0) {
        const char *cell = text + strlen("│ ");
        while (*cell == ' ') cell++;
        strncat(shown, cell, strcspn(cell, " "));
        strcat(shown, " ");
        text += strcspn(text, "\n") + 1;
    }
    assert_string_equal(shown, expected);
    rows_done(&r);
}

static void test_the_ring_over_batches(void **state)
{
    (void)state;
    check_shown(0, 3, "");
    check_shown(1, 3, "0 ");
    check_shown(3, 3, "0 1 2 ");
    check_shown(4, 3, "0 1 2 0 ");
    check_shown(5, 3, "0 1 … 0 1 ");
    check_shown(5, 1, "0 0 … 0 0 ");
    check_shown(9, 3, "0 1 … 1 2 ");
    check_shown(100, 7, "0 1 … 0 1 ");
    check_shown(700, 7, "0 1 … 5 6 ");
    check_shown(1000, 1000, "0 1 … 998 999 ");
    check_shown(1001, 1000, "0 1 … 999 0 ");
}

static void test_forty_rows_unless_told(void **state)
{
    (void)state;
    assert_null(strstr(table("n=i", numbers(40), 0), "…"));
    const char *text = table("n=i", numbers(41), 0);
    assert_non_null(strstr(text, "│    19 │\n│     … │\n│    21 │\n"));
    assert_non_null(strstr(text, "(41 rows, 1 column)\n"));
}

static void test_all_rows_while_they_come(void **state)
{
    enum { TIMES = 13, SIZE = 1000 };
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    struct ArrowArrayStream stream;
    const char *text;
    size_t lines = 0;
    rows r;
    (void)state;
    rows_make(&r, "n=i", numbers(SIZE));
    options.table_max_rows = -1;
    rows_stream(&r, TIMES, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &text, NULL, NULL, NULL), GBX_OK);
    for (const char *p = text; *p; p++) lines += *p == '\n';
    assert_int_equal(lines, TIMES * SIZE + 6);
    assert_null(strstr(text, "…"));
    assert_non_null(strstr(text, "│   999 │\n└───────┘\n(13000 rows, 1 column)\n"));
    rows_done(&r);
}

static void test_control_characters(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    rows r;
    (void)state;
    rows_make(&r, "a\tb=u", "[[\"x\\ny\\r\\tz\"],[\"\\u001b[1m\"]]");
    assert_string_equal(rows_write(&r, &options), "┌───────────┐\n"
                                                  "│ a\\tb      │\n"
                                                  "│ utf8      │\n"
                                                  "├───────────┤\n"
                                                  "│ x\\ny\\r\\tz │\n"
                                                  "│ \x1b[1m       │\n"
                                                  "└───────────┘\n"
                                                  "(2 rows, 1 column)\n");
    options.escape_control = true;
    assert_non_null(strstr(rows_write(&r, &options), "│ \\x1b[1m   │\n"));
    rows_done(&r);
}

static void test_invalid_utf8_is_replaced(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    rows r;
    (void)state;
    rows_make(&r, "b=z", "[[\"61FF62\"]]");
    const char *format = r.schema.children[0]->format;
    r.schema.children[0]->format = "u";
    assert_non_null(strstr(rows_write(&r, &options), "│ a\xef\xbf\xbd"
                                                     "b  │\n"));
    r.schema.children[0]->format = format;
    rows_done(&r);
}

static void test_color(void **state)
{
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    rows r;
    (void)state;
    options.color = true;
    rows_make(&r, "a=u;b=i", "[[null,null],[\"NULL\",1]]");
    const char *text = rows_write(&r, &options);
    assert_non_null(strstr(text, "│ \x1b[1ma\x1b[0m    │     \x1b[1mb\x1b[0m │\n"));
    assert_non_null(strstr(text, "│ \x1b[2mutf8\x1b[0m │ \x1b[2mint32\x1b[0m │\n"));
    assert_non_null(strstr(text, "│ \x1b[2mNULL\x1b[0m │  \x1b[2mNULL\x1b[0m │\n"));
    assert_non_null(strstr(text, "│ NULL │     1 │\n"));
    rows_done(&r);
}

static void test_memory_does_not_grow_with_text(void **state)
{
    /* A cell keeps what can be shown of it, not a megabyte. */
    enum { LEN = 1 << 20 };
    gbx__write_options options = rows_options(GBX_FORMAT_TABLE);
    char *bytes = malloc(LEN);
    const int32_t offsets[] = {0, LEN};
    const void *buffers[] = {NULL, offsets, bytes};
    rows r;
    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', LEN);
    rows_make(&r, "s=u", "[[\"\"]]");
    const void **kept = r.batch.children[0]->buffers;
    r.batch.children[0]->buffers = buffers;
    assert_true(strlen(rows_write(&r, &options)) < 150000);
    options.table_width = 20;
    assert_non_null(strstr(rows_write(&r, &options), "│ xxxxxxxxxxxxxxx… │\n"));
    r.batch.children[0]->buffers = kept;
    rows_done(&r);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types_stand_under_the_names),
        cmocka_unit_test(test_empty_results),
        cmocka_unit_test(test_width_of_characters),
        cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_columns_in_the_middle_are_left_out),
        cmocka_unit_test(test_lines_fit),
        cmocka_unit_test(test_rows_in_the_middle_are_left_out),
        cmocka_unit_test(test_the_ring_over_batches),
        cmocka_unit_test(test_forty_rows_unless_told),
        cmocka_unit_test(test_all_rows_while_they_come),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_invalid_utf8_is_replaced),
        cmocka_unit_test(test_color),
        cmocka_unit_test(test_memory_does_not_grow_with_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
