#include "support/inputs.h"

#include "base/fs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FILE_MAX 65536

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

static void run(const char *sql)
{
    if (gbx__duck_exec(in.conn, sql, &in.err) != GBX_OK) fail_msg("%s: %s", sql, in.err.message);
}

static void make(const char *select, const char *name)
{
    char sql[2048];
    char path[256];
    snprintf(path, sizeof(path), "%s", name);
    char *slash = strrchr(path, '/');
    if (slash) {
        *slash = '\0';
        assert_int_equal(gbx__fs_make_dirs(path, &in.err), GBX_OK);
    }
    snprintf(sql, sizeof(sql), "COPY (%s) TO '%s' (FORMAT parquet)", select, name);
    run(sql);
}

static void test_schema(void **state)
{
    (void)state;
    make("SELECT 1::TINYINT a, 2::USMALLINT b, 3::HUGEINT c, 1.5::FLOAT d, 2.5 e, 'x' f, "
         "'y'::BLOB g, DATE '2013-01-01' h, TIME '10:00:00' i, TIMESTAMP '2013-01-01 10:00:00' j, "
         "TIMESTAMP_NS '2013-01-01 10:00:00' k, TIMESTAMPTZ '2013-01-01 10:00:00+00' l, "
         "INTERVAL 1 DAY m, uuid() n, [1, 2] o, {'p': 1, 'q r': ['s']} p, MAP {'k': 1} q, true r, "
         "NULL::INTEGER s, 'z'::ENUM('z', 'w') t, 12.34::DECIMAL(20, 2) u",
         "types.parquet");
    const gbx__scan *scan = inputs_resolve(&in, "types.parquet", "");
    assert_int_equal(scan->format, GBX_SCAN_PARQUET);
    assert_int_equal(scan->row_count, 1);
    assert_true(scan->row_count_exact);
    assert_int_equal(scan->n_fields, 21);
    assert_null(scan->stats);
    inputs_check_equal(&in, "types.parquet", "");
    inputs_check_equal(&in, "types.parquet", "filename := true");
    inputs_check_equal(&in, "types.parquet", "binary_as_string := true");
}

static void test_no_rows(void **state)
{
    (void)state;
    make("SELECT 1 AS a WHERE false", "norows.parquet");
    const gbx__scan *scan = inputs_resolve(&in, "norows.parquet", "");
    assert_int_equal(scan->row_count, 0);
    assert_true(scan->row_count_exact);
    in.want_stats = true;
    inputs_resolve(&in, "norows.parquet", "");
    in.want_stats = false;
}

/* ---- statistics ------------------------------------------------------------------------------ */

static void test_stats(void **state)
{
    (void)state;
    make("SELECT (i - 5)::INTEGER AS n, CASE WHEN i % 10 = 0 THEN NULL ELSE i END AS m, "
         "DATE '1970-01-01' + i::INTEGER AS d, (i / 4)::DECIMAL(9, 2) AS c, i::DOUBLE AS f, "
         "'v' || (i % 3) AS t, make_timestamp(i) AS s, NULL::BIGINT AS e, [i] AS l, "
         "(i::UBIGINT << 40)::UBIGINT AS u, i > 3 AS b FROM range(1000) r(i)",
         "stats.parquet");
    in.want_stats = true;
    const gbx__scan *scan = inputs_resolve(&in, "stats.parquet", "filename := true");
    in.want_stats = false;
    const gbx__col_stats *s = scan->stats;
    assert_non_null(s);
    assert_true(s[0].has_min_max);
    assert_int_equal(s[0].null_count, 0);
    assert_int_equal(s[0].min.i64, -5);
    assert_int_equal(s[0].max.i64, 994);
    assert_int_equal(s[1].null_count, 100);
    assert_int_equal(s[1].min.i64, 1);
    assert_int_equal(s[2].min.i64, 0);
    assert_int_equal(s[2].max.i64, 999);
    assert_true(s[3].has_min_max);
    assert_int_equal(s[3].max.i128.lo, 24975);
    assert_true(s[4].max.f64 == 999.0);
    assert_true(s[5].has_min_max);
    assert_true(gbx__str_is(s[5].max.text, "v2"));
    assert_int_equal(s[6].max.i64, 999);
    assert_int_equal(s[7].null_count, 1000);
    assert_false(s[7].has_min_max);
    assert_int_equal(s[8].null_count, -1);
    assert_true(s[9].has_min_max);
    assert_int_equal(s[9].max.u64, UINT64_C(999) << 40);
    assert_true(s[10].has_min_max);
    assert_false(s[10].min.boolean);
    assert_true(s[10].max.boolean);
    assert_int_equal(s[11].null_count, -1); /* the file's name */
}

static void test_stats_of_several(void **state)
{
    (void)state;
    make("SELECT i AS n FROM range(10) r(i)", "two/a.parquet");
    make("SELECT i AS n FROM range(100, 110) r(i)", "two/b.parquet");
    in.want_stats = true;
    const gbx__scan *scan = inputs_resolve(&in, "two", "");
    assert_int_equal(scan->row_count, 20);
    assert_int_equal(scan->stats[0].min.i64, 0);
    assert_int_equal(scan->stats[0].max.i64, 109);
    make("SELECT i AS o FROM range(10) r(i)", "two/c.parquet");
    scan = inputs_resolve(&in, "two", "union_by_name := true");
    assert_null(scan->stats);
    in.want_stats = false;
}

/* ---- several files --------------------------------------------------------------------------- */

static void test_several(void **state)
{
    (void)state;
    make("SELECT 1 AS a, 'x' AS b", "sev/a.parquet");
    make("SELECT 5 AS a, 'v' AS b", "sev/a2.parquet");
    assert_false(inputs_resolve(&in, "sev", "")->files_differ);
    make("SELECT 'y' AS b, 2 AS a", "sev/b.parquet");
    make("SELECT 3 AS A, 'z' AS B", "sev/c.parquet");
    inputs_check_equal(&in, "sev/*.parquet", "");
    assert_int_equal(inputs_resolve(&in, "sev", "")->row_count, 4);
    assert_true(inputs_resolve(&in, "sev", "")->files_differ);
    make("SELECT 4::BIGINT AS a, 'x' AS b", "sev/d.parquet");
    inputs_check_fails(&in, "sev", "", GBX_INVALID,
                       "the column 'a' is INTEGER in 'sev/a.parquet' and BIGINT in "
                       "'sev/d.parquet'");
    inputs_check_equal(&in, "sev/*.parquet", "union_by_name := true");
}

static void test_other_columns(void **state)
{
    (void)state;
    make("SELECT 1 AS a, 2 AS b", "oth/a.parquet");
    make("SELECT 1 AS a", "oth/b.parquet");
    make("SELECT 1 AS a, 2 AS b, 3 AS c", "oth/c.parquet");
    inputs_check_fails(&in, "oth/[ab]*", "", GBX_INVALID,
                       "'oth/b.parquet' has not the column 'b' of 'oth/a.parquet'");
    inputs_check_fails(&in, "oth/[ac]*", "", GBX_INVALID,
                       "'oth/a.parquet' has not the column 'c' of 'oth/c.parquet'");
    inputs_check_equal(&in, "oth/*.parquet", "union_by_name := true");
}

static void test_hive(void **state)
{
    (void)state;
    run("COPY (SELECT i AS a, i % 3 AS k, 'v w' AS s FROM range(9) r(i)) TO 'hive' "
        "(FORMAT parquet, PARTITION_BY (s, k))");
    inputs_check_equal(&in, "hive/**/*.parquet", "");
    const gbx__scan *scan = inputs_resolve(&in, "hive", "");
    assert_int_equal(scan->n_partitions, 2);
    assert_int_equal(scan->row_count, 9);
    assert_true(gbx__str_is(scan->fields[1].name, "k"));
    assert_int_equal(scan->fields[1].type->kind, GBX_TYPE_INT64);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static size_t read_bytes(const char *name, char *bytes)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    const size_t len = fread(bytes, 1, FILE_MAX, file);
    assert_in_range(len, 1, FILE_MAX - 1);
    fclose(file);
    return len;
}

static void write_bytes(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void test_cut(void **state)
{
    (void)state;
    char *bytes = malloc(FILE_MAX);
    make("SELECT i AS a, 'x' || i AS b FROM range(100) r(i)", "whole.parquet");
    const size_t len = read_bytes("whole.parquet", bytes);
    const size_t cuts[] = {1, 4, 7, 11, 12, len / 2, len - 9, len - 4, len - 1};
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        write_bytes("cut.parquet", bytes, cuts[i]);
        inputs_check_fails(&in, "cut.parquet", "", GBX_CORRUPT, "'cut.parquet'");
    }
    make("SELECT 1::BIGINT AS a, 'x' AS b", "dam/a.parquet");
    write_bytes("dam/b.parquet", bytes, len - 1);
    inputs_check_fails(&in, "dam", "", GBX_CORRUPT, "'dam/b.parquet'");
    temp_write(in.dir, "text.parquet", "this is text, and long enough to hold a footer\n");
    inputs_check_fails(&in, "text.parquet", "", GBX_CORRUPT, "is not a Parquet file");
    temp_write(in.dir, "secret.parquet", "PARE and what follows is a secret PARE");
    inputs_check_fails(&in, "secret.parquet", "", GBX_UNSUPPORTED, "encrypted");
    temp_write(in.dir, "none.parquet", "");
    inputs_check_fails(&in, "none.parquet", "", GBX_INVALID, "is empty");
    free(bytes);
}

/* Each flipped bit of a footer is told as damage of that file, or changes nothing that counts. */
static void test_flips(void **state)
{
    (void)state;
    char *bytes = malloc(FILE_MAX);
    int n_told = 0;
    make("SELECT i AS a, 'x' || i AS b FROM range(100) r(i)", "good.parquet");
    const size_t len = read_bytes("good.parquet", bytes);
    unsigned char footer[4];
    memcpy(footer, bytes + len - 8, 4);
    const size_t footer_len = footer[0] | (size_t)footer[1] << 8;
    in.want_stats = true;
    for (size_t at = len - 8 - footer_len; at < len; at++) {
        const gbx__scan *scan = NULL;
        bytes[at] = (char)(bytes[at] ^ (1 << (at % 8)));
        write_bytes("flip.parquet", bytes, len);
        bytes[at] = (char)(bytes[at] ^ (1 << (at % 8)));
        const gbx_status status = inputs_try(&in, "flip.parquet", "", &scan);
        if (status == GBX_OK) {
            assert_true(scan->row_count == 100 || scan->n_fields > 0);
            continue;
        }
        n_told++;
        if (status == GBX_UNSUPPORTED) continue; /* a type or a codec that does not exist */
        if (status != GBX_CORRUPT) {
            fail_msg("byte %zu: %s: %s", at, gbx_status_name(status), in.err.message);
        }
        assert_non_null(strstr(in.err.message, "flip.parquet"));
    }
    in.want_stats = false;
    assert_true(n_told > 20);
    free(bytes);
}

static void test_options(void **state)
{
    (void)state;
    make("SELECT 1 AS a", "opt.parquet");
    inputs_resolve(&in, "opt.parquet", "can_have_nan := true");
    inputs_check_fails(&in, "opt.parquet", "encryption_config := {'k': 'v'}", GBX_UNSUPPORTED,
                       "encryption_config of Parquet files");
    inputs_check_fails(&in, "opt.parquet", "file_row_number := true", GBX_UNSUPPORTED,
                       "file_row_number");
    inputs_check_fails(&in, "opt.parquet", "filename := 'a'", GBX_BIND, "filename");
    assert_int_equal(in.err.offset, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schema),        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_stats),         cmocka_unit_test(test_stats_of_several),
        cmocka_unit_test(test_several),       cmocka_unit_test(test_other_columns),
        cmocka_unit_test(test_hive),          cmocka_unit_test(test_cut),
        cmocka_unit_test(test_flips),         cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
