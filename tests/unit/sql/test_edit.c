#include "sql/edit.h"
#include "sql/this_table.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check_text(gbx__edits *edits, const char *old, const char *want)
{
    gbx__buf out = {0};
    gbx__edits_apply(edits, gbx__str_of(old), &out);
    assert_string_equal(out.len ? out.data : "", want);
    gbx__buf_done(&out);
}

static void test_pieces_are_replaced(void **state)
{
    (void)state;
    const char *old = "FROM 'x.csv' JOIN 'y.csv'";
    gbx__edits edits = {0};
    check_text(&edits, old, old);
    assert_true(gbx__edits_add(&edits, 18, 25, GBX_STR("\"b\"")));
    assert_true(gbx__edits_add(&edits, 5, 12, GBX_STR("\"a longer name\"")));
    check_text(&edits, old, "FROM \"a longer name\" JOIN \"b\"");
    check_text(&edits, old, "FROM \"a longer name\" JOIN \"b\""); /* again */
    gbx__edits_done(&edits);
    check_text(&edits, "", "");
    gbx__edits_done(&edits);
}

static void test_insertions_and_removals(void **state)
{
    (void)state;
    gbx__edits edits = {0};
    assert_true(gbx__edits_add(&edits, 3, 3, GBX_STR("+")));
    assert_true(gbx__edits_add(&edits, 0, 1, GBX_STR("")));
    assert_true(gbx__edits_add(&edits, 6, 6, GBX_STR("!")));
    check_text(&edits, "abcdef", "bc+def!");
    gbx__edits_done(&edits);
}

/* Positions in "SELECT [long name] AS x, y FROM [t]" for "SELECT 'a' AS x, y FROM 'b'". */
static void test_the_way_back(void **state)
{
    (void)state;
    const char *old = "SELECT 'a' AS x, y FROM 'b'";
    const char *new_text = "SELECT [long name] AS x, y FROM [t]";
    gbx__edits edits = {0};
    assert_true(gbx__edits_add(&edits, 7, 10, GBX_STR("[long name]")));
    assert_true(gbx__edits_add(&edits, 24, 27, GBX_STR("[t]")));
    check_text(&edits, old, new_text);
    for (size_t i = 0; i < strlen(new_text); i++) {
        const size_t back = gbx__edits_map_back(&edits, i);
        if (i >= 7 && i < 18)
            assert_int_equal(back, 7); /* within a piece: where it begins */
        else if (i >= 32)
            assert_int_equal(back, 24);
        else
            assert_int_equal(old[back], new_text[i]);
    }
    assert_int_equal(gbx__edits_map_back(&edits, strlen(new_text)), strlen(old));
    gbx__edits_done(&edits);
    assert_int_equal(gbx__edits_map_back(&edits, 42), 42);
}

static void test_positions_behind_insertions(void **state)
{
    (void)state;
    gbx__edits edits = {0};
    assert_true(gbx__edits_add(&edits, 8, 8, GBX_STR(" FROM \"table\"")));
    check_text(&edits, "SELECT 1 WHERE x", "SELECT 1 FROM \"table\" WHERE x");
    assert_int_equal(gbx__edits_map_back(&edits, 7), 7);
    assert_int_equal(gbx__edits_map_back(&edits, 10), 8);
    assert_int_equal(gbx__edits_map_back(&edits, 28), 15);
    gbx__edits_done(&edits);
}

/* ---- "this table" ---------------------------------------------------------------------------- */

static void check_this(const char *sql, const char *want)
{
    gbx__edits edits = {0};
    assert_true(gbx__this_table_edit(gbx__str_of(sql), &edits));
    check_text(&edits, sql, want);
    gbx__edits_done(&edits);
}

static void test_from_table(void **state)
{
    (void)state;
    check_this("SELECT a FROM table", "SELECT a FROM \"table\"");
    check_this("SELECT a FROM TABLE AS t JOIN table u",
               "SELECT a FROM \"table\" AS t JOIN \"table\" u");
    check_this("from table", "from \"table\"");
    check_this("SELECT * FROM (SELECT a FROM table)", "SELECT * FROM (SELECT a FROM \"table\")");
    check_this("SELECT 'FROM table' FROM t", "SELECT 'FROM table' FROM t");
    check_this("SELECT a FROM tables", "SELECT a FROM tables");
    check_this("SELECT a FROM \"table\"", "SELECT a FROM \"table\"");
}

static void test_no_from(void **state)
{
    (void)state;
    check_this("SELECT *", "SELECT * FROM \"table\"");
    check_this("SELECT * WHERE x > 5", "SELECT * FROM \"table\" WHERE x > 5");
    check_this("SELECT a, count(*) GROUP BY a", "SELECT a, count(*) FROM \"table\" GROUP BY a");
    check_this("SELECT a -- note\nORDER BY a;", "SELECT a FROM \"table\" -- note\nORDER BY a;");
    check_this("SELECT a LIMIT 1", "SELECT a FROM \"table\" LIMIT 1");
    check_this("SELECT a;", "SELECT a FROM \"table\";");
    check_this("SELECT a UNION SELECT b FROM t", "SELECT a FROM \"table\" UNION SELECT b FROM t");
    check_this("SELECT (SELECT max(x) FROM u) WHERE y",
               "SELECT (SELECT max(x) FROM u) FROM \"table\" WHERE y");
    check_this("SELECT [a, b], {'c': d}", "SELECT [a, b], {'c': d} FROM \"table\"");
    check_this("WITH x AS (SELECT 1) SELECT 2", "WITH x AS (SELECT 1) SELECT 2");
    check_this("SELECT (a", "SELECT (a"); /* for the parser to say */
    check_this("SELECT 'a", "SELECT FROM \"table\" 'a");
    check_this("", "");
}

static gbx_status edit_once(void *ctx, gbx_error *err)
{
    gbx__edits edits = {0};
    const char *sql = ctx;
    const bool is_ok = gbx__this_table_edit(gbx__str_of(sql), &edits);
    if (!is_ok) gbx__error_set(err, GBX_NOMEM, "out of memory");
    gbx__edits_done(&edits);
    return is_ok ? GBX_OK : GBX_NOMEM;
}

static void test_memory_runs_out(void **state)
{
    static char sql[] = "SELECT a, (SELECT b FROM table) FROM table JOIN table";
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, edit_once, sql) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_replaced),
        cmocka_unit_test(test_insertions_and_removals),
        cmocka_unit_test(test_the_way_back),
        cmocka_unit_test(test_positions_behind_insertions),
        cmocka_unit_test(test_from_table),
        cmocka_unit_test(test_no_from),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
