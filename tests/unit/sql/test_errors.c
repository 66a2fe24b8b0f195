/*
 * Texts that are wrong, or no query: the status, the place in the user's own text, the message.
 */
#include "support/sql.h"
#include "support/temp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct setting {
    duck d;
    char dir[TEMP_DIR_SIZE];
    char before[4096];
} setting;

static int setting_open(void **state)
{
    static setting s;
    duck_open(&s.d, NULL);
    duck_exec(&s.d, "CREATE TABLE t (a INTEGER, b VARCHAR)");
    temp_dir_make(s.dir);
    temp_write(s.dir, "a.csv", "x,y\n1,one\n2,two\n");
    assert_non_null(getcwd(s.before, sizeof(s.before)));
    assert_int_equal(chdir(s.dir), 0);
    *state = &s;
    return 0;
}

static int setting_close(void **state)
{
    setting *s = *state;
    assert_int_equal(chdir(s->before), 0);
    temp_dir_remove(s->dir);
    duck_close(&s->d);
    return 0;
}

typedef struct wrong {
    const char *sql;
    gbx_status status;
    int line, column; /* 0: nowhere */
    const char *part; /* of the message */
} wrong;

static void check_all(void **state, const wrong *cases, size_t n)
{
    setting *s = *state;
    for (size_t i = 0; i < n; i++) {
        const wrong *c = &cases[i];
        gbx_error err = {0};
        const gbx_status status = sql_status(&s->d, c->sql, &err);
        if (status != c->status || err.line != c->line || err.column != c->column ||
            !strstr(err.message, c->part))
            fail_msg("%s\nwant %s at %d:%d: %s\ncame %s at %d:%d: %s", c->sql,
                     gbx_status_name(c->status), c->line, c->column, c->part,
                     gbx_status_name(status), err.line, err.column, err.message);
    }
}

#define CHECK_ALL(state, cases) check_all((state), (cases), sizeof(cases) / sizeof((cases)[0]))

/* ---- wrong queries --------------------------------------------------------------------------- */

static void test_syntax(void **state)
{
    static const wrong cases[] = {
        {"SELEC 1", GBX_PARSE, 1, 1, "syntax error at or near \"SELEC\""},
        {"SELECT a FROM t WHERE", GBX_PARSE, 1, 17, "syntax error"},
        {"SELECT a,\n  b\nFROM t WHERE a = = 1", GBX_PARSE, 3, 18, "syntax error at or near \"=\""},
        {"SELECT 'ü' ü ü FROM t", GBX_PARSE, 1, 14, "syntax error"},
        {"SELECT (a FROM t", GBX_PARSE, 1, 11, "syntax error"},
        {"SELECT \"a FROM t", GBX_PARSE, 1, 8, "unterminated quoted identifier"},
        {"SELECT\n'a FROM t", GBX_PARSE, 2, 1, "unterminated string literal"},
        {"SELECT a /* b FROM t", GBX_PARSE, 1, 10, "unterminated /* comment"},
    };
    CHECK_ALL(state, cases);
}

static void test_names(void **state)
{
    static const wrong cases[] = {
        {"SELECT nope FROM t", GBX_BIND, 1, 8, "\"nope\" not found"},
        {"SELECT a,\n       nope\nFROM t", GBX_BIND, 2, 8, "\"nope\" not found"},
        {"SELECT 'ü', nope FROM t", GBX_BIND, 1, 13, "\"nope\" not found"},
        {"SELECT t.c FROM t", GBX_BIND, 1, 8, "does not have a column named \"c\""},
        {"SELECT u.a FROM t", GBX_BIND, 1, 8, "Referenced table \"u\" not found"},
        {"SELECT\n  a\nFROM nope WHERE a > 1", GBX_NOT_FOUND, 3, 6, "no table 'nope'"},
        {"SELECT a FROM t JOIN nope USING (a)", GBX_NOT_FOUND, 1, 22, "no table 'nope'"},
        {"SELECT made_up(a) FROM t", GBX_BIND, 1, 8, "made_up does not exist"},
        {"SELECT * FROM made_up(1)", GBX_BIND, 1, 15, "made_up does not exist"},
        {"SELECT a FROM t x, t y", GBX_BIND, 1, 8, "Ambiguous reference"},
        {"SELECT a FROM t ORDER BY nope", GBX_BIND, 1, 26, "\"nope\" not found"},
        {"SELECT a FROM t WHERE a IN (SELECT nope FROM t)", GBX_BIND, 1, 36, "\"nope\""},
        {"WITH q AS (SELECT 1 AS x)\nSELECT y FROM q", GBX_BIND, 2, 8, "\"y\" not found"},
    };
    CHECK_ALL(state, cases);
}

static void test_types_and_places(void **state)
{
    static const wrong cases[] = {
        {"SELECT a + b FROM t", GBX_BIND, 1, 10, "+(INTEGER, VARCHAR)"},
        {"SELECT\n sum(b)\nFROM t", GBX_BIND, 2, 2, "sum(VARCHAR)"},
        {"SELECT upper(a, b) FROM t", GBX_BIND, 1, 8, "upper(INTEGER, VARCHAR)"},
        {"SELECT a FROM t WHERE sum(a) > 1", GBX_BIND, 1, 23, "cannot contain aggregates"},
        {"SELECT a FROM t ORDER BY 7", GBX_BIND, 1, 26, "out of range"},
        {"SELECT a FROM t LIMIT -1", GBX_BIND, 1, 23, "cannot be negative"},
        {"SELECT (SELECT a, b FROM t)", GBX_BIND, 1, 8, "2 columns"},
        {"SELECT a FROM t WHERE a IN (SELECT b, a FROM t)", GBX_BIND, 1, 28, "2 columns"},
        {"SELECT b, sum(a) FROM t", GBX_BIND, 1, 8, "must appear in the GROUP BY clause"},
        {"SELECT a FROM t UNION SELECT a, b FROM t", GBX_BIND, 0, 0, "number of result columns"},
    };
    CHECK_ALL(state, cases);
}

/* Paths and readers are replaced before binding: places are those of the text as written. */
static void test_places_behind_paths(void **state)
{
    static const wrong cases[] = {
        {"SELECT x FROM 'a.csv' WHERE nope > 1", GBX_BIND, 1, 29, "\"nope\" not found"},
        {"SELECT f.x,\n  nope\nFROM 'a.csv' AS f", GBX_BIND, 2, 3, "\"nope\" not found"},
        {"SELECT f.x\nFROM 'a.csv' AS f\nJOIN read_csv('a.csv', header = true) AS g\n"
         "  ON f.x = g.nope",
         GBX_BIND, 4, 12, "\"nope\""},
        {"SELECT f.x FROM 'a.csv' AS f, 'a.csv' AS g,\n  read_csv('a.csv') AS h WHERE h.x = "
         "nope(1)",
         GBX_BIND, 2, 38, "nope does not exist"},
        {"SELECT x\nFROM 'a.csv'\nWHERE x IN (1, 2) AND y = = 'x'", GBX_PARSE, 3, 27, "syntax"},
        {"SELECT x\n  FROM 'a.csv'\n WHERE x = CAST('é' AS INTEGER) AND ü = 1", GBX_BIND, 3, 37,
         "\"ü\" not found"},
        {"SELECT * FROM 'a.csv' JOIN nope USING (x)", GBX_NOT_FOUND, 1, 28, "no table 'nope'"},
    };
    CHECK_ALL(state, cases);
}

static void test_sources(void **state)
{
    static const wrong cases[] = {
        {"SELECT x FROM 'nope.csv'", GBX_NOT_FOUND, 1, 15, "no such file: 'nope.csv'"},
        {"SELECT x\nFROM read_csv('nope.csv')", GBX_NOT_FOUND, 2, 6, "no such file: 'nope.csv'"},
        {"SELECT x FROM 'b*.csv'", GBX_NOT_FOUND, 1, 15, "no files match 'b*.csv'"},
        {"SELECT * FROM 'a.nope'", GBX_NOT_FOUND, 1, 15, "no table 'a.nope'"},
        {"SELECT * FROM parquet_scan('a.csv')", GBX_CORRUPT, 1, 15, "is not a Parquet file"},
        {"SELECT x FROM read_csv('a.csv', nope = 1)", GBX_UNSUPPORTED, 1, 15, "the option nope"},
        {"SELECT x FROM read_csv('a.csv', delim = 1 + 1)", GBX_BIND, 1, 43, "must be a literal"},
        {"SELECT x FROM read_csv(x)", GBX_BIND, 1, 24, "must be a literal"},
        {"SELECT x FROM read_csv($p)", GBX_BIND, 1, 24, "has no value"},
        {"SELECT x FROM read_csv()", GBX_BIND, 0, 0, "needs a path"},
        {"SELECT x FROM read_csv([])", GBX_BIND, 1, 24, "a path or paths"},
        {"SELECT x FROM read_csv([1, 2])", GBX_BIND, 1, 24, "a path or paths"},
        {"SELECT x FROM read_csv(['a.csv', 1])", GBX_BIND, 1, 24, "of different types"},
        {"SELECT rowid FROM 'a.csv'", GBX_BIND, 0, 0, "a file has no column 'rowid'"},
        {"SELECT * FROM 'http://localhost:1/x.csv'", GBX_UNSUPPORTED, 1, 15, "http://"},
    };
    CHECK_ALL(state, cases);
}

/* ---- no queries ------------------------------------------------------------------------------ */

static void test_other_statements(void **state)
{
    static const wrong cases[] = {
        {"COPY t TO 'x.csv'", GBX_INVALID, 1, 1, "this is COPY"},
        {"SET threads = 1", GBX_INVALID, 1, 1, "this is SET"},
        {"INSERT INTO t VALUES (1, 'x')", GBX_INVALID, 1, 1, "this is INSERT"},
        {"  -- note\n  UPDATE t SET a = 1", GBX_INVALID, 2, 3, "this is UPDATE"},
        {"DELETE FROM t", GBX_INVALID, 1, 1, "this is DELETE"},
        {"CREATE TABLE x AS SELECT 1", GBX_INVALID, 1, 1, "this is CREATE"},
        {"DROP TABLE t", GBX_INVALID, 1, 1, "this is DROP"},
        {"ATTACH 'x.db'", GBX_INVALID, 1, 1, "this is ATTACH"},
        {"INSTALL httpfs", GBX_INVALID, 1, 1, "this is INSTALL"},
        {"LOAD httpfs", GBX_INVALID, 1, 1, "this is LOAD"},
        {"PRAGMA version", GBX_INVALID, 1, 1, "this is PRAGMA"},
        {"CALL pragma_version()", GBX_INVALID, 1, 1, "this is CALL"},
        {"EXPLAIN SELECT 1", GBX_INVALID, 1, 1, "this is EXPLAIN"},
        {"PREPARE p AS SELECT 1", GBX_INVALID, 1, 1, "this is PREPARE"},
        {"EXECUTE p", GBX_INVALID, 1, 1, "this is EXECUTE"},
        {"BEGIN", GBX_INVALID, 1, 1, "this is BEGIN"},
        {"CHECKPOINT", GBX_INVALID, 1, 1, "this is CHECKPOINT"},
        {"EXPORT DATABASE 'x'", GBX_INVALID, 1, 1, "this is EXPORT"},
        {"WITH x AS (SELECT 1) INSERT INTO t SELECT 1, 'x' FROM x", GBX_INVALID, 1, 1,
         "one SELECT"},
        {"PIVOT t ON b USING sum(a)", GBX_UNSUPPORTED, 1, 1, "PIVOT needs the values"},
    };
    CHECK_ALL(state, cases);
}

/* What a WITH may not hold. Each of them would have been run by an engine that was given the
 * text. */
static void test_changes_within_a_query(void **state)
{
    static const wrong cases[] = {
        {"WITH x AS (COPY t TO 'f') SELECT 1", GBX_INVALID, 0, 0, "this has COPY in it"},
        {"WITH x AS (INSERT INTO t VALUES (1, 'x') RETURNING a) SELECT * FROM x", GBX_INVALID, 0, 0,
         "this has INSERT in it"},
        {"WITH x AS (DELETE FROM t RETURNING a) SELECT * FROM x", GBX_INVALID, 0, 0,
         "this has DELETE in it"},
        {"SELECT * FROM (WITH x AS (UPDATE t SET a = 2 RETURNING a) SELECT * FROM x)", GBX_INVALID,
         0, 0, "this has UPDATE in it"},
    };
    setting *s = *state;
    CHECK_ALL(state, cases);
    assert_string_equal(duck_rows(&s->d, "SELECT count(*) FROM t"), "0\n");
    assert_int_equal(temp_count("."), 1); /* a.csv */
}

static void test_none_or_many(void **state)
{
    static const wrong cases[] = {
        {"", GBX_INVALID, 1, 1, "the query is empty"},
        {" \n ", GBX_INVALID, 1, 1, "the query is empty"},
        {";", GBX_INVALID, 1, 1, "the query is empty"},
        {"-- only a note", GBX_INVALID, 1, 1, "the query is empty"},
        {"SELECT 1; SELECT 2", GBX_INVALID, 1, 9, "these are 2 statements"},
        {"SELECT 1;\nDROP TABLE t; SELECT 3", GBX_INVALID, 1, 9, "these are 3 statements"},
        {"SELECT x FROM 'a.csv'; SELECT 2", GBX_INVALID, 1, 22, "these are 2 statements"},
        {"SELECT ';' AS a -- ;\n; /* ; */ SET x = 1", GBX_INVALID, 2, 1, "these are 2 statements"},
        {"SELECT $1 + $x", GBX_INVALID, 0, 0, "named and positional parameters"},
    };
    CHECK_ALL(state, cases);
}

static void test_bytes_that_are_no_text(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int line, column;
        const char *part;
    } cases[] = {
        {"SELECT\0 1", 9, 1, 7, "the query has a NUL byte"},
        {"SELECT 1\0", 9, 1, 9, "the query has a NUL byte"},
        {"SELECT\n '\xff'", 10, 2, 3, "the query is not UTF-8"},
        {"SELECT '\xc3", 9, 1, 9, "the query is not UTF-8"},
        {"SELECT '\xed\xa0\x80'", 12, 1, 9, "the query is not UTF-8"}, /* half of a pair */
        {"\xff\0", 2, 1, 1, "the query is not UTF-8"},
        {"\0\xff", 2, 1, 1, "the query has a NUL byte"},
    };
    setting *s = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__sql_request request = {.text = {cases[i].bytes, cases[i].len}, .conn = s->d.conn};
        gbx__sql_result result = {0};
        gbx_error err = {0};
        assert_int_equal(gbx__sql_import(&request, &result, &err), GBX_PARSE);
        assert_string_equal(err.message, cases[i].part);
        assert_int_equal(err.line, cases[i].line);
        assert_int_equal(err.column, cases[i].column);
        assert_int_equal(gbx__sql_import(&request, &result, NULL), GBX_PARSE);
    }
}

/* ---- depth ----------------------------------------------------------------------------------- */

/* before, `open` n times, middle, `close` n times, after */
static gbx_status try_nested(setting *s, int n, const char *const parts[5], gbx_error *err)
{
    gbx__buf sql = {0};
    gbx__buf_puts(&sql, parts[0]);
    for (int i = 0; i < n; i++) gbx__buf_puts(&sql, parts[1]);
    gbx__buf_puts(&sql, parts[2]);
    for (int i = 0; i < n; i++) gbx__buf_puts(&sql, parts[3]);
    gbx__buf_puts(&sql, parts[4]);
    const gbx_status status = sql_status(&s->d, sql.data, err);
    gbx__buf_done(&sql);
    return status;
}

static void test_nesting(void **state)
{
    static const char *const forms[][5] = {
        {"SELECT ", "(", "1", ")", ""},
        {"SELECT ", "NOT ", "TRUE", "", ""},
        {"SELECT ", "- ", "1", "", ""},
        {"SELECT ", "CASE WHEN a = 1 THEN ", "1", " END", " FROM t"},
        {"SELECT * FROM ", "(SELECT * FROM ", "t", ")", ""},
        {"SELECT ", "(SELECT ", "1", ")", ""},
        {"SELECT ", "upper(", "b", ")", " FROM t"},
        {"SELECT ", "[", "1", "]", ""},
        {"SELECT b", "", "", " || b", " FROM t"},
        {"SELECT 1 FROM t WHERE a", " IN (1)", "", "", ""},
    };
    setting *s = *state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        gbx_error err = {0};
        const gbx_status some = try_nested(s, 100, forms[i], &err);
        if (some != GBX_OK) fail_msg("%s: %s", forms[i][1], err.message);
        const gbx_status many = try_nested(s, 10000, forms[i], &err);
        if (many != GBX_PARSE || (!strstr(err.message, "nested more than 1000 deep") &&
                                  !strstr(err.message, "the query has more than ")))
            fail_msg("%s: %s", forms[i][1], err.message);
    }
}

/* Long, but not deep: many fit, and more of them are refused before they are parsed. */
static void test_chains(void **state)
{
    static const char *const forms[][5] = {
        {"SELECT 1 FROM t WHERE a = 0", " AND a = 1", "", "", ""},
        {"SELECT 1 FROM t WHERE a = 0", " OR a = 1", "", "", ""},
        {"SELECT 1", " UNION ALL SELECT 1", "", "", ""},
        {"SELECT 1", ", a", "", "", " FROM t"},
    };
    setting *s = *state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        gbx_error err = {0};
        const gbx_status some = try_nested(s, i == 2 ? 1000 : 4500, forms[i], &err);
        if (some != GBX_OK) fail_msg("%s: %s", forms[i][1], err.message);
        const gbx_status many = try_nested(s, 50000, forms[i], &err);
        if (many != GBX_PARSE || !strstr(err.message, "the query has more than "))
            fail_msg("%s: %s", forms[i][1], err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_types_and_places),
        cmocka_unit_test(test_places_behind_paths),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_other_statements),
        cmocka_unit_test(test_changes_within_a_query),
        cmocka_unit_test(test_none_or_many),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_chains),
    };
    return cmocka_run_group_tests(tests, setting_open, setting_close);
}
