#include "support/inputs.h"

#include <sqlite3.h>

#include <stdio.h>
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

static sqlite3 *make(const char *name, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s", message);
    return db;
}

static void make_closed(const char *name, const char *sql)
{
    sqlite3_close(make(name, sql));
}

static gbx_status read_rows(const gbx__scan *scan, const char *sql, gbx__buf *out)
{
    struct ArrowArrayStream stream;
    GBX_TRY(gbx__source_open_stream(scan, &stream, &in.err));
    GBX_TRY(gbx__duck_add_stream(in.conn, "s", &stream, &in.err));
    return inputs_rows(&in, sql, out);
}

static void check_rows(const char *name, const char *options, const char *expected)
{
    gbx__buf text = {0};
    const gbx__scan *scan = inputs_resolve(&in, name, options);
    if (read_rows(scan, "FROM s", &text) != GBX_OK) fail_msg("%s", in.err.message);
    assert_string_equal(text.data, expected);
    gbx__buf_done(&text);
}

static void check_unfit(const char *declared, const char *value, const char *part)
{
    char sql[512];
    gbx__buf text = {0};
    remove("unfit.db");
    snprintf(sql, sizeof(sql), "CREATE TABLE t(a INT, c %s); INSERT INTO t VALUES (1, NULL), "
             "(2, %s)", declared, value);
    make_closed("unfit.db", sql);
    const gbx__scan *scan = inputs_resolve(&in, "unfit.db", "");
    assert_int_equal(read_rows(scan, "FROM s", &text), GBX_INVALID);
    if (!strstr(in.err.message, "'unfit.db': table 't', column 'c', row 2: ") ||
        !strstr(in.err.message, part)) {
        fail_msg("%s %s: %s", declared, value, in.err.message);
    }
    gbx__buf_done(&text);
}

static void test_types(void **state)
{
    (void)state;
    make_closed("types.db",
                "CREATE TABLE t(i INTEGER PRIMARY KEY, b BIGINT, s VARCHAR(10), f DOUBLE, x BLOB, "
                "o BOOLEAN, d DATE, z DATETIME, n NUMERIC, u);"
                "INSERT INTO t VALUES (1, -9223372036854775808, 'é''', 1.5, x'00ff', 1, "
                "'2013-02-28', '2013-02-28 23:59:59.25', 7, 'p'), "
                "(2, NULL, 3, 2, 'text', 0, '2000-02-29', '1969-12-31T00:00Z', 2.5, NULL);"
                "INSERT INTO t(i) VALUES (3)");
    check_rows("types.db", "",
               "i BIGINT\nb BIGINT\ns VARCHAR\nf DOUBLE\nx BLOB\no BOOLEAN\nd DATE\nz TIMESTAMP\n"
               "n DOUBLE\nu VARCHAR\n\n"
               "1|-9223372036854775808|é'|1.5|\\x00\\xFF|true|2013-02-28|"
               "2013-02-28 23:59:59.25|7.0|p\n"
               "2|NULL|3|2.0|text|false|2000-02-29|1969-12-31 00:00:00|2.5|NULL\n"
               "3|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n");
    const gbx__scan *scan = inputs_resolve(&in, "types.db", "");
    assert_int_equal(scan->format, GBX_SCAN_SQLITE);
    assert_true(gbx__str_is(scan->inner_name, "t"));
    assert_int_equal(scan->row_count, 3);
    assert_false(scan->row_count_exact);
}

static void test_unfit(void **state)
{
    (void)state;
    check_unfit("INTEGER", "'text'", "'text' is no int64");
    check_unfit("INTEGER", "2.5", "'2.5' is no int64");
    check_unfit("BOOLEAN", "2", "'2' is no bool");
    check_unfit("TEXT", "x'00'", "a blob is no utf8");
    check_unfit("DATE", "'2013-02-29'", "'2013-02-29' is no date");
    check_unfit("DATE", "1361923200", "is no date");
    check_unfit("TIMESTAMP", "'2013-01-01 24:00'", "is no timestamp");
    check_unfit("TIMESTAMP", "'2013-01-01 10:00:00.1234567'", "is no timestamp");
    check_unfit("TIMESTAMP", "'2013-01-01 10:00:00+02'", "is no timestamp");
    check_unfit("DOUBLE", "'x'", "'x' is no float64");
    check_unfit("BLOB", "5", "'5' is no binary");
    make_closed("text.db", "CREATE TABLE t(a INT, d DATE);"
                           "INSERT INTO t VALUES (1, 17), ('x', 'y')");
    check_rows("text.db", "all_varchar := true", "a VARCHAR\nd VARCHAR\n\n1|17\nx|y\n");
}

static void test_tables(void **state)
{
    (void)state;
    make_closed("two.db", "CREATE TABLE a(x INT); CREATE TABLE \"b c\"(y INT);"
                          "INSERT INTO \"b c\" VALUES (5);"
                          "CREATE VIEW v AS SELECT x + 1 AS w FROM a; INSERT INTO a VALUES (1)");
    make_closed("zero.db", "CREATE TABLE a(x INT); DROP TABLE a");
    inputs_check_fails(&in, "two.db", "", GBX_INVALID, "has 3 tables (a, b c, v)");
    check_rows("two.db", "table := 'b c'", "y BIGINT\n\n5\n");
    check_rows("two.db", "table_name := 'v'", "w BIGINT\n\n2\n");
    inputs_check_fails(&in, "two.db", "table := 'none'", GBX_INVALID, "no such table: none");
    inputs_check_fails(&in, "two.db", "tabel := 'a'", GBX_UNSUPPORTED, "tabel");
    inputs_check_fails(&in, "zero.db", "", GBX_NOT_FOUND, "has no tables");
    in.reader = "sqlite_scan";
    check_rows("two.db", "table := 'a'", "x BIGINT\n\n1\n");
    in.reader = NULL;
}

static void test_many_rows(void **state)
{
    (void)state;
    gbx__buf text = {0};
    make_closed("many.db", "CREATE TABLE t(i INT, s TEXT); WITH RECURSIVE r(i) AS (SELECT 0 "
                           "UNION ALL SELECT i + 1 FROM r WHERE i < 19999) "
                           "INSERT INTO t SELECT i, 'v' || i FROM r");
    const gbx__scan *scan = inputs_resolve(&in, "many.db", "");
    assert_int_equal(
        read_rows(scan, "SELECT count(*), sum(i), max(length(s)) FROM s", &text), GBX_OK);
    assert_non_null(strstr(text.data, "\n20000|199990000|6\n"));
    gbx__buf_done(&text);
}

static void test_damage(void **state)
{
    (void)state;
    temp_write(in.dir, "text.db", "this is no database, but it is long enough to look like one");
    inputs_check_fails(&in, "text.db", "", GBX_CORRUPT, "'text.db'");
    inputs_check_fails(&in, "text.db", "table := 't'", GBX_CORRUPT, "'text.db'");
}

static void test_locked(void **state)
{
    (void)state;
    sqlite3 *db = make("locked.db", "CREATE TABLE t(i INT); BEGIN EXCLUSIVE; "
                                    "INSERT INTO t VALUES (1)");
    inputs_check_fails(&in, "locked.db", "", GBX_IO, "another program has locked the database");
    sqlite3_close(db);
}

/* Changes in the log beside the file are changes of the input. */
static void test_log(void **state)
{
    (void)state;
    sqlite3 *db = make("wal.db", "PRAGMA journal_mode = WAL; CREATE TABLE t(i INT); "
                                 "INSERT INTO t VALUES (1)");
    const gbx__str before = inputs_resolve(&in, "wal.db", "")->fingerprint;
    assert_int_equal(sqlite3_exec(db, "INSERT INTO t VALUES (2)", NULL, NULL, NULL), SQLITE_OK);
    const gbx__str after = inputs_resolve(&in, "wal.db", "")->fingerprint;
    assert_false(gbx__str_equal(before, after));
    check_rows("wal.db", "", "i BIGINT\n\n1\n2\n");
    sqlite3_close(db);
}

static void test_changed_since(void **state)
{
    (void)state;
    gbx__buf text = {0};
    make_closed("chg.db", "CREATE TABLE t(i INT)");
    const gbx__scan *scan = inputs_resolve(&in, "chg.db", "");
    make_closed("chg.db", "ALTER TABLE t RENAME COLUMN i TO j");
    assert_int_equal(read_rows(scan, "FROM s", &text), GBX_INVALID);
    assert_non_null(strstr(in.err.message, "the columns of 't' have changed"));
    gbx__buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),     cmocka_unit_test(test_unfit),
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_damage),    cmocka_unit_test(test_locked),
        cmocka_unit_test(test_log),       cmocka_unit_test(test_changed_since),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
