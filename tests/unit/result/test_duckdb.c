/*
 * DuckDB as the oracle: what it writes with COPY … TO '….csv', our CSV writer must write from its
 * Arrow stream, byte for byte. And Parquet, which it writes for us.
 */
#include "duck/duck.h"
#include "support/rows.h"
#include "support/temp.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct fixture {
    gbx__duck *duck;
    gbx__duck_conn *conn;
    char dir[TEMP_DIR_SIZE];
} fixture;

static void must(gbx_status status, const gbx_error *err)
{
    if (status != GBX_OK) fail_msg("%s: %s", gbx_status_name(status), err->message);
}

static int set_up(void **state)
{
    static fixture f;
    const gbx__duck_options options = {.threads = 2};
    gbx_error err;
    must(gbx__duck_open(&options, &f.duck, &err), &err);
    must(gbx__duck_connect(f.duck, &f.conn, &err), &err);
    temp_dir_make(f.dir);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    gbx__duck_disconnect(f->conn);
    gbx__duck_close(f->duck);
    temp_dir_remove(f->dir);
    return 0;
}

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    const long size = ftell(file);
    rewind(file);
    char *text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    text[size] = '\0';
    fclose(file);
    return text;
}

static const char *ours(fixture *f, const char *sql, gbx__format format)
{
    const gbx__write_options options = rows_options(format);
    struct ArrowArrayStream stream;
    gbx_error err = {0};
    const char *text;
    must(gbx__duck_query(f->conn, sql, 0, NULL, NULL, &stream, &err), &err);
    must(rows_write_stream(&stream, &options, &text, NULL, NULL, &err), &err);
    return text;
}

/* Says which line differs: whole files are too long to look at. */
static void compare(const char *sql, const char *got, const char *expected)
{
    int line = 1;
    while (*got && *expected) {
        const size_t got_len = strcspn(got, "\n");
        const size_t expected_len = strcspn(expected, "\n");
        if (got_len != expected_len || memcmp(got, expected, got_len) != 0) break;
        got += got_len + (got[got_len] == '\n');
        expected += expected_len + (expected[expected_len] == '\n');
        line++;
    }
    if (!*got && !*expected) return;
    fail_msg("%.200s\nline %d is   %.*s\nDuckDB's is  %.*s", sql, line, (int)strcspn(got, "\n"),
             got, (int)strcspn(expected, "\n"), expected);
}

static void check(fixture *f, const char *sql)
{
    char copy[16384];
    gbx_error err;
    const char *path = temp_path(f->dir, "duckdb.csv");
    snprintf(copy, sizeof(copy), "COPY (%s) TO '%s' (FORMAT csv)", sql, path);
    must(gbx__duck_exec(f->conn, copy, &err), &err);
    char *expected = read_all(path);
    compare(sql, ours(f, sql, GBX_FORMAT_CSV), expected);
    free(expected);
}

static void test_numbers(void **state)
{
    fixture *f = *state;
    check(f, "SELECT unnest([0, -128, 127])::TINYINT a, unnest([0, 255, 1])::UTINYINT b, "
             "unnest([-32768, 0, 32767])::SMALLINT c, unnest([0, 1, 65535])::USMALLINT d, "
             "unnest([0, 1, 4294967295])::UINTEGER e, "
             "unnest([0, 9223372036854775807, '-9223372036854775808'::BIGINT]) g, "
             "unnest([0, 1, 18446744073709551615])::UBIGINT h, true i, false j, NULL k");
    check(f, "SELECT unnest(['170141183460469231731687303715884105727', "
             "'-170141183460469231731687303715884105727', '0', '1', '-1', '18446744073709551616', "
             "'99999999999999999999'])::HUGEINT a, "
             "unnest(['340282366920938463463374607431768211455', '0', '18446744073709551615', "
             "'18446744073709551616', '10000000000000000000', '1', '2'])::UHUGEINT b");
    check(f, "SELECT unnest([0, 1, -1, 255, 256, -256, 123456789012345678901234567890, "
             "12345678901234567890123456789012345678901234567890, 1000000000]::BIGNUM[]) b");
    check(f, "SELECT a, a::DECIMAL(38,10) c, a::DECIMAL(9,3) d, a::DECIMAL(18,5) e, "
             "a::DECIMAL(4,4) g FROM (VALUES (0.1::DECIMAL(4,4)), (-0.5), (0), (0.9999), "
             "(-0.9999), (NULL)) t(a)");
    check(f, "SELECT i % 2 = 0 a, i % 3 = 0 b, if(i % 5 = 0, NULL, i % 7 = 0) c "
             "FROM range(5000) r(i)");
}

static void test_floats(void **state)
{
    fixture *f = *state;
    check(f, "SELECT unnest([1e15, 1e16, 123456789012345678, 0.0001, 0.00001, -0.0, 'inf', '-inf', "
             "'nan', 5e-324, 0.1, 100, NULL, 1e300, 4.35]::DOUBLE[]) d, "
             "TRY_CAST(d AS FLOAT) e");
    check(f, "SELECT (hash(i) % 1000000007 / 1e3)::DOUBLE a, "
             "(hash(i + 1) % 10000019 / 1e7)::FLOAT b, "
             "(hash(i) / 1e19 * 10 ^ (i % 40 - 20))::DOUBLE c, "
             "(hash(i * 3) / 1e19 * 10 ^ (i % 40 - 20))::FLOAT d, (i * 0.01)::FLOAT e, "
             "i * 0.01::DOUBLE g, (-(hash(i) / 1e19) * 10 ^ (i % 300 - 150))::DOUBLE h "
             "FROM range(30000) r(i)");
}

static void test_dates_and_times(void **state)
{
    fixture *f = *state;
    check(f, "SELECT unnest(['infinity', '-infinity', '0001-01-01', '0001-01-01 (BC)', "
             "'5877642-06-25 (BC)', '5881580-07-10', '9999-12-31', '10000-01-01', '1970-01-01', "
             "'1969-12-31', '2000-02-29', '1900-03-01'])::DATE d");
    check(f, "SELECT DATE '1970-01-01' + (i * 37 - 300000)::INT d, TIMESTAMP '1970-01-01' + "
             "INTERVAL (i * 7919777 - 30000000000) MILLISECOND t, t::TIMESTAMPTZ z "
             "FROM range(20000) r(i)");
    check(f, "SELECT unnest(['infinity', '-infinity', '2013-01-01 05:00:00.5', "
             "'0044-03-15 (BC) 01:02:03', '10000-01-01 01:02:03', '290309-12-22 (BC) 00:00:00', "
             "'294247-01-10 04:00:54.775806', '1969-12-31 23:59:59.999999'])::TIMESTAMP t, "
             "t::TIMESTAMPTZ z");
    check(f, "SELECT unnest(['2013-01-01 05:00:00', '1969-12-31 23:59:59'])::TIMESTAMP_S a, "
             "'2013-01-01 05:00:00.120'::TIMESTAMP_MS b, unnest(['2013-01-01 05:00:00.123456789', "
             "'1677-09-22 00:00:00.5', 'infinity'])::TIMESTAMP_NS c, TIME '24:00:00' d, "
             "TIME '01:02:03.0405' e, '01:02:03.123456789'::TIME_NS g");
    check(f, "SELECT unnest(['1 year 2 months 3 days 04:05:06', '-1 year -2 months', '1 day', "
             "'0 days', '-04:05:06.000001', '100 hours', '1 microsecond', '14 months', "
             "'1 year -1 day', '-25 hours', '10000 hours'])::INTERVAL i");
    check(f, "SELECT unnest(['01:02:03+05:30', '01:02:03.5-15:59:59', '24:00:00-08', "
             "'00:00:00+00', '01:02:03+15:59:59'])::TIMETZ z");
}

static void test_text_and_bytes(void **state)
{
    fixture *f = *state;
    check(f, "SELECT unnest(['', 'a,b', '#', 'a\"b', chr(10), chr(13), ' x ', 'NULL', 'null', 'é', "
             "'日本', NULL, '''', ';', chr(9), '\"\"']) s");
    check(f, "SELECT 'x' || chr(i::INT) || 'y' s, chr(i::INT) t FROM range(1, 300) r(i)");
    check(f, "SELECT unnest(['abc', '\\xAB\\x00 \\x7F', ',', '#', '', '\\x0A']::VARCHAR[])"
             "::BLOB b");
    check(f, "SELECT unnest(['101010', '0', '1', '11111111', '111111110'])::BIT b");
    check(f, "SELECT unnest(['00000000-0000-0000-0000-000000000001', "
             "'ffffffff-ffff-ffff-8fff-ffffffffffff', "
             "'80000000-0000-0000-0000-000000000000'])::UUID u");
    check(f, "SELECT 'a'::ENUM('a', 'b') e, ['a,b'::ENUM('a,b', ' c')] le, NULL::ENUM('x') n, "
             "unnest(['x', 'y,z', NULL])::ENUM('x', 'y,z') g");
    check(f, "SELECT '{\"a\": 1}'::JSON j, ['{\"a\": 1}'::JSON, NULL] lj, NULL::JSON nj");
    check(f, "SELECT 1 \"a,b\", 2 \"x#\", 3 \"a\"\"b\", 4 \" \"");
}

static void test_nested(void **state)
{
    fixture *f = *state;
    check(f, "SELECT ['a', 'b c', 'it''s', 'a,b', '', 'NULL', 'null', ' a', 'a ', '[x', '{x', "
             "'a\"b', 'a\\b', '(x)', 'a:b', 'a=b', NULL, chr(10), 'é'] l");
    check(f, "SELECT ['x' || chr(i::INT) || 'y', chr(i::INT), chr(i::INT) || 'y'] l, "
             "{'k': chr(i::INT)} s, map(['x' || chr(i::INT)], [chr(i::INT)]) m "
             "FROM range(1, 300) r(i)");
    check(f, "SELECT {'a': 1, 'b': 'x y', 'c': NULL} s, {'a b': [1, 2], 'it''s': ' x'} t, "
             "map([1, 2], ['a', 'b,c']) m, map([{'a': 'x, y'}], [' a']) n, [[1, 2], NULL, []] ll, "
             "[DATE '2020-01-01'] ld, [TIMESTAMP '2020-01-01 01:02:03'] lt, "
             "[INTERVAL '1 day 01:00:00'] li, [1.5::DOUBLE, 'nan'] lf, ['\\xAB'::BLOB] lb, "
             "[1, 2]::INT[2] arr, [['a,b'], [' c']]::VARCHAR[1][2] arr2");
    check(f, "SELECT [union_value(str := ' a,b')] lu, union_value(str := NULL::VARCHAR) u, "
             "union_value(num := 2) v, {'a': union_value(str := ' a,b')} w");
    check(f, "SELECT if(i % 7 = 0, NULL, [i, NULL, i * 2]) l, "
             "if(i % 5 = 0, NULL, {'a': if(i % 3 = 0, NULL, i), 'b': [i::VARCHAR]}) s, "
             "if(i % 11 = 0, NULL, map([i, i + 1], [NULL, i])) m FROM range(5000) r(i)");
}

static void test_geometries_and_variants(void **state)
{
    fixture *f = *state;
    check(f, "SELECT unnest(['POINT (1 2)', 'POINT (1.5 1e20)', 'POINT (0.1 -0.00001)', "
             "'POINT EMPTY', 'POINT Z (1 2 3)', 'POINT M (1 2 3)', 'POINT ZM (1 2 3 4)', "
             "'LINESTRING (1 2, 3 4)', 'LINESTRING EMPTY', "
             "'POLYGON ((0 0, 1 0, 1 1, 0 0), (0.2 0.2, 0.3 0.2, 0.3 0.3, 0.2 0.2))', "
             "'POLYGON EMPTY', 'MULTIPOINT (1 2, 3 4)', 'MULTIPOINT ((1 2), EMPTY)', "
             "'MULTILINESTRING ((1 2, 3 4), (5 6, 7 8))', "
             "'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((0 0, 1 0, 1 1, 0 0)))', "
             "'GEOMETRYCOLLECTION (POINT (1 2), LINESTRING (1 2, 3 4), POINT EMPTY)', "
             "'GEOMETRYCOLLECTION Z (POINT Z (1 2 3))', 'GEOMETRYCOLLECTION EMPTY', "
             "'MULTIPOLYGON Z EMPTY', 'MULTIPOINT ZM (1 2 3 4)'])::GEOMETRY g, "
             "['POINT (1 2)'::GEOMETRY] l");
    check(f, "SELECT 1.5::DOUBLE::VARIANT a, 1.50::DECIMAL(4,2)::VARIANT b, 'a b'::VARIANT c, "
             "'a,b'::VARIANT d, [1, 2]::VARIANT e, {'a': 1, 'b': 'x, y'}::VARIANT g, "
             "true::VARIANT h, DATE '2020-01-01'::VARIANT i, "
             "TIMESTAMP '2020-01-01 01:02:03.5'::VARIANT j, "
             "TIMESTAMPTZ '2020-01-01 01:02:03.5+00'::VARIANT k, 'abc'::BLOB::VARIANT l, "
             "UUID '00000000-0000-0000-0000-000000000001'::VARIANT m, ['x'::VARIANT] n, "
             "{'a': ' x'::VARIANT} o, {'a b': 1}::VARIANT p, {'it''s': 1}::VARIANT q, "
             "'{\"a\": [1, 2.5, \"x\", null, true]}'::JSON::VARIANT r, TIME '01:02:03'::VARIANT s, "
             "3000000000::BIGINT::VARIANT t, 1.5::FLOAT::VARIANT u, "
             "repeat('long ', 100)::VARIANT v, [[1], [2, 3]]::VARIANT w, NULL::VARIANT x, "
             "(-5)::SMALLINT::VARIANT y, "
             "123456789012345678901.5::DECIMAL(30,2)::VARIANT z, false::VARIANT za, "
             "TIMESTAMP_NS '2020-01-01 01:02:03.123456789'::VARIANT zb");
}

static void test_no_rows_and_many(void **state)
{
    fixture *f = *state;
    check(f, "SELECT 1 a, 'x' b WHERE false");
    check(f, "SELECT i, i * 1.5 d, 'text ' || i s FROM range(200000) r(i)");
}

static void write_file(fixture *f, const char *name, const char *text)
{
    FILE *file = fopen(temp_path(f->dir, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* What our JSON says, read by DuckDB, is what was written. */
static void test_json_is_read_back(void **state)
{
    fixture *f = *state;
    static const char sql[] =
        "SELECT i, i * 0.5 d, (i * 1.25)::DOUBLE g, 'é \"' || chr((i % 100 + 1)::INT) s, "
        "[i, NULL] l, {'a': i, 'b': 'x'} st, TIMESTAMP '2020-01-01' + INTERVAL (i) MINUTE t "
        "FROM range(1000) r(i)";
    char query[1024];
    gbx_error err;
    static const gbx__format formats[] = {GBX_FORMAT_JSON, GBX_FORMAT_JSONL};
    for (size_t i = 0; i < 2; i++) {
        write_file(f, "ours.json", ours(f, sql, formats[i]));
        gbx__buf count;
        gbx__buf_init(&count, 0);
        snprintf(query, sizeof(query),
                 "SELECT count(*) FROM (%s) a JOIN read_json('%s') b ON a.i = b.i AND "
                 "a.d = b.d AND a.g = b.g AND a.s = b.s AND a.l = b.l AND "
                 "a.st = b.st AND a.t = b.t",
                 sql, temp_path(f->dir, "ours.json"));
        must(gbx__duck_text(f->conn, query, 0, NULL, &count, NULL, &err), &err);
        assert_string_equal(count.data, "1000");
        gbx__buf_done(&count);
    }
}

/* ---- Parquet ---- */

static gbx_status write_parquet(fixture *f, gbx__duck *duck, const char *sql, const char *path,
                                int64_t limit, gbx__cancel *cancel, gbx__write_stats *stats,
                                gbx_error *err)
{
    struct ArrowArrayStream stream;
    must(gbx__duck_query(f->conn, sql, 0, NULL, NULL, &stream, err), err);
    const gbx_status status =
        gbx__result_write_parquet(duck, &stream, path, limit, cancel, stats, err);
    assert_non_null(stream.release);
    stream.release(&stream);
    return status;
}

static void test_parquet(void **state)
{
    fixture *f = *state;
    static const char sql[] = "SELECT i, 'text ' || i s, [i] l, {'a': i} st, i::DECIMAL(12,2) d, "
                              "TIMESTAMPTZ '2020-01-01 00:00:00+00' z FROM range(50000) r(i)";
    const char *path = temp_path(f->dir, "it's ours.parquet");
    gbx__write_stats stats;
    gbx_error err;
    char query[512];
    must(write_parquet(f, NULL, sql, path, -1, NULL, &stats, &err), &err);
    assert_int_equal(stats.rows, 50000);
    assert_true(stats.bytes > 1000);
    snprintf(query, sizeof(query), "FROM '%s/it''s ours.parquet'", f->dir);
    char *expected = strdup(ours(f, sql, GBX_FORMAT_CSV));
    compare(query, ours(f, query, GBX_FORMAT_CSV), expected);
    free(expected);

    must(write_parquet(f, f->duck, sql, path, 10, NULL, &stats, &err), &err);
    assert_int_equal(stats.rows, 10);
    snprintf(query, sizeof(query), "SELECT count(*) n, max(i) m FROM '%s/it''s ours.parquet'",
             f->dir);
    assert_string_equal(ours(f, query, GBX_FORMAT_CSV), "n,m\n10,9\n");
}

static void test_parquet_that_fails_leaves_nothing(void **state)
{
    fixture *f = *state;
    const char *path = temp_path(f->dir, "kept.parquet");
    const size_t before = temp_count(f->dir);
    gbx__cancel cancel;
    gbx_error err;
    write_file(f, "kept.parquet", "as it was");
    assert_int_equal(write_parquet(f, f->duck,
                                   "SELECT if(i = 90000, error('boom'), i) FROM range(100000) r(i)",
                                   path, -1, NULL, NULL, &err),
                     GBX_ENGINE);
    assert_non_null(strstr(err.message, "boom"));
    gbx__cancel_init(&cancel);
    gbx__cancel_request(&cancel);
    assert_int_equal(write_parquet(f, f->duck, "SELECT 1", path, -1, &cancel, NULL, &err),
                     GBX_CANCELLED);
    assert_string_equal(temp_read(f->dir, "kept.parquet"), "as it was");
    assert_int_equal(temp_count(f->dir), before + 1);

    assert_int_equal(write_parquet(f, f->duck, "SELECT 1", "/dev/null", -1, NULL, NULL, &err),
                     GBX_MISUSE);
    assert_int_equal(write_parquet(f, f->duck, "SELECT 1", temp_path(f->dir, "no/such.parquet"), -1,
                                   NULL, NULL, &err),
                     GBX_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_floats),
        cmocka_unit_test(test_dates_and_times),
        cmocka_unit_test(test_text_and_bytes),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_geometries_and_variants),
        cmocka_unit_test(test_no_rows_and_many),
        cmocka_unit_test(test_json_is_read_back),
        cmocka_unit_test(test_parquet),
        cmocka_unit_test(test_parquet_that_fails_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
