/*
 * A restricted session reads below its readable folders and writes below its writable ones, and no
 * text gets past that.
 */
#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SQL_SIZE 4096

/*
 *   in/t.csv in/link.csv → ../secret/s.csv   in/door → ../secret   in/ok.csv → t.csv
 *   secret/s.csv   out/   innocent/t.csv (begins like "in")
 */
typedef struct place {
    char dir[TEMP_DIR_SIZE];
    gbx_session *session;
} place;

static gbx_error err;

static void place_make(place *p)
{
    temp_dir_make(p->dir);
    temp_write(p->dir, "in/t.csv", "a\n1\n");
    temp_write(p->dir, "in/sub/t.csv", "a\n2\n");
    temp_write(p->dir, "secret/s.csv", "a\n42\n");
    temp_write(p->dir, "innocent/t.csv", "a\n43\n");
    temp_write(p->dir, "out/old.csv", "a\n7\n");
    assert_int_equal(symlink("../secret/s.csv", temp_path(p->dir, "in/link.csv")), 0);
    assert_int_equal(symlink("../secret", temp_path(p->dir, "in/door")), 0);
    assert_int_equal(symlink("t.csv", temp_path(p->dir, "in/ok.csv")), 0);
}

static void place_open(place *p, bool opaque)
{
    p->session = query_session();
    const char *readable[] = {temp_path(p->dir, "in")};
    const char *writable[] = {temp_path(p->dir, "out")};
    gbx_policy policy = GBX_POLICY_INIT;
    policy.readable = readable;
    policy.n_readable = 1;
    policy.writable = writable;
    policy.n_writable = 1;
    policy.opaque_sql = opaque;
    if (gbx_session_restrict(p->session, &policy, &err) != GBX_OK) fail_msg("%s", err.message);
}

static void place_done(place *p)
{
    gbx_session_close(p->session);
    temp_dir_remove(p->dir);
}

/* The text with each $D made the folder; the status of what comes of it. */
static gbx_status try_sql(const place *p, const char *text)
{
    char sql[SQL_SIZE];
    size_t len = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (c[0] == '$' && c[1] == 'D') {
            len += (size_t)snprintf(sql + len, sizeof(sql) - len, "%s", p->dir);
            c++;
        } else {
            sql[len++] = *c;
        }
        assert_true(len < sizeof(sql) - TEMP_DIR_SIZE);
    }
    sql[len] = '\0';
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_status status = gbx_session_sql(p->session, sql, NULL, &frame, &err);
    if (status == GBX_OK) status = gbx_frame_run(frame, NULL, &result, &err);
    if (status == GBX_OK) {
        const int fd = dup(2);
        close(fd);
        struct ArrowArrayStream rows;
        status = gbx_result_stream(result, &rows, &err);
        if (status == GBX_OK) {
            struct ArrowArray batch = {0};
            if (rows.get_next(&rows, &batch) != 0) status = gbx_result_error(result)->status;
            if (batch.release) batch.release(&batch);
            rows.release(&rows);
        }
    }
    gbx_result_free(result);
    gbx_frame_free(frame);
    return status;
}

static void test_allowed(void **state)
{
    (void)state;
    place p;
    place_make(&p);
    place_open(&p, false);
    static const char *const texts[] = {
        "FROM '$D/in/t.csv'",
        "FROM '$D/in/ok.csv'",
        "FROM '$D/in/sub/../t.csv'",
        "FROM '$D/in/sub/*.csv'",
        "FROM read_csv('$D/in/t.csv', header = true)",
        "SELECT 1",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const gbx_status status = try_sql(&p, texts[i]);
        if (status != GBX_OK) fail_msg("%s: %s", texts[i], err.message);
    }
    assert_int_equal(try_sql(&p, "FROM '$D/in/nope.csv'"), GBX_NOT_FOUND);
    place_done(&p);
}

static const char *const forbidden[] = {
    "FROM '$D/secret/s.csv'",
    "FROM '$D/in/../secret/s.csv'",
    "FROM '$D/in/link.csv'",
    "FROM '$D/in/door/s.csv'",
    "FROM '$D/in/*.csv'", /* link.csv is one of them */
    "FROM '$D/*/*.csv'",
    "FROM '$D/innocent/t.csv'",
    "FROM '$D/in/nope/../../secret/s.csv'",
    "FROM 'file://$D/secret/s.csv'",
    "FROM read_csv('$D/secret/s.csv')",
    "FROM read_csv(['$D/in/t.csv', '$D/secret/s.csv'])",
    "FROM read_text('$D/secret/s.csv')",
    "FROM read_text('/etc/passwd')",
    "FROM read_text('$D/in/link.csv')",
    "FROM read_text('$D/in/door/s.csv')",
    "FROM query('FROM read_text(''$D/in/link.csv'')')",
    "FROM read_blob('/etc/passwd')",
    "FROM glob('$D/secret/*')",
    "FROM '/etc/passwd'",
    "FROM 'http://127.0.0.1:9/x.csv'",
    "FROM 'https://127.0.0.1:9/x.parquet'",
    "FROM 's3://bucket/x.parquet'",
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "WITH w AS (FROM '$D/secret/s.csv') FROM w",
    "FROM parquet_metadata('$D/secret/s.csv')",
    "FROM sniff_csv('$D/secret/s.csv')",
    "FROM duckdb_secrets()",
    "COPY (SELECT 1) TO '$D/out/x.csv'",
    "COPY (SELECT 1) TO '$D/secret/x.csv'",
    "ATTACH '$D/out/x.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CREATE TABLE x (a INT)",
    "EXPORT DATABASE '$D/out/db'",
    "SELECT 1; COPY (SELECT 1) TO '$D/out/x.csv'",
};

static void expect_forbidden(bool opaque)
{
    place p;
    place_make(&p);
    place_open(&p, opaque);
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        const gbx_status status = try_sql(&p, forbidden[i]);
        if (status == GBX_OK) {
            const bool tells_nothing = opaque && strstr(forbidden[i], "duckdb_secrets");
            if (!tells_nothing) fail_msg("allowed: %s", forbidden[i]);
        }
    }
    assert_int_equal(temp_count(temp_path(p.dir, "out")), 1);
    assert_int_equal(temp_count(temp_path(p.dir, "secret")), 1);
    assert_int_equal(try_sql(&p, "FROM '$D/secret/s.csv'"), GBX_DENIED);
    place_done(&p);
}

static void test_forbidden(void **state)
{
    (void)state;
    expect_forbidden(false);
}

static void test_forbidden_with_opaque(void **state)
{
    (void)state;
    expect_forbidden(true);
}

static void test_scans_and_tables(void **state)
{
    (void)state;
    place p;
    place_make(&p);
    place_open(&p, false);
    gbx_frame *frame = NULL;
    const char *secret = temp_path(p.dir, "secret/s.csv");
    assert_int_equal(gbx_scan(p.session, secret, &frame, &err), GBX_DENIED);
    assert_int_equal(gbx_scan_csv(p.session, secret, 0, NULL, &frame, &err), GBX_DENIED);
    assert_int_equal(gbx_session_add_table(p.session, "s", secret, &err), GBX_OK);
    assert_int_equal(try_sql(&p, "FROM s"), GBX_DENIED);
    /* A plan from elsewhere is looked at too. */
    gbx_session *free_session = query_session();
    char *json = NULL;
    assert_int_equal(gbx_scan(free_session, secret, &frame, &err), GBX_OK);
    assert_int_equal(gbx_frame_to_json(frame, &json, &err), GBX_OK);
    gbx_frame_free(frame);
    frame = NULL;
    assert_int_equal(gbx_frame_from_json(p.session, json, strlen(json), &frame, &err), GBX_DENIED);
    gbx_text_free(json);
    gbx_session_close(free_session);
    place_done(&p);
}

static gbx_status write_to(gbx_session *s, const char *path, gbx_format format)
{
    gbx_frame *frame = query_frame(s, "SELECT 1 AS a");
    gbx_result *result = NULL;
    assert_int_equal(gbx_frame_run(frame, NULL, &result, &err), GBX_OK);
    gbx_frame_free(frame);
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = format;
    const gbx_status status = gbx_result_write_file(result, path, &options, &err);
    gbx_result_free(result);
    return status;
}

static void test_writing(void **state)
{
    (void)state;
    place p;
    place_make(&p);
    place_open(&p, false);
    static const gbx_format formats[] = {GBX_FORMAT_KIND_CSV, GBX_FORMAT_KIND_PARQUET};
    assert_int_equal(symlink("../secret", temp_path(p.dir, "out/door")), 0);
    assert_int_equal(symlink("../secret/new.csv", temp_path(p.dir, "out/new.csv")), 0);
    for (size_t i = 0; i < 2; i++) {
        gbx_session *s = p.session;
        if (write_to(s, temp_path(p.dir, "out/x"), formats[i]) != GBX_OK) {
            fail_msg("%s", err.message);
        }
        assert_int_equal(write_to(s, temp_path(p.dir, "in/x"), formats[i]), GBX_DENIED);
        assert_int_equal(write_to(s, temp_path(p.dir, "out/../in/x"), formats[i]), GBX_DENIED);
        assert_int_equal(write_to(s, temp_path(p.dir, "out/door/x"), formats[i]), GBX_DENIED);
        assert_int_equal(write_to(s, temp_path(p.dir, "out/new.csv"), formats[i]), GBX_DENIED);
    }
    assert_int_equal(temp_count(temp_path(p.dir, "secret")), 1);
    place_done(&p);
}

static void test_restrict(void **state)
{
    (void)state;
    gbx_session *s = query_session();
    gbx_policy policy = GBX_POLICY_INIT;
    const char *gone[] = {"/nowhere/at/all"};
    policy.readable = gone;
    policy.n_readable = 1;
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_NOT_FOUND);
    policy.n_readable = 0;
    assert_int_equal(gbx_session_restrict(s, NULL, &err), GBX_MISUSE);
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_OK);
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_CONFLICT);
    assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n");
    gbx_session_close(s);

    s = query_session();
    assert_string_equal(query_text(s, "SELECT 1 AS a"), "a\n1\n");
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_CONFLICT);
    gbx_session_close(s);

    s = query_session();
    static const char *const engines[] = {"pandas"};
    policy.engines = engines;
    policy.n_engines = 1;
    gbx_frame *frame = NULL;
    assert_int_equal(gbx_session_restrict(s, &policy, &err), GBX_OK);
    assert_int_equal(gbx_session_sql(s, "SELECT 1", NULL, &frame, &err), GBX_DENIED);
    gbx_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_forbidden),
        cmocka_unit_test(test_forbidden_with_opaque),
        cmocka_unit_test(test_scans_and_tables),
        cmocka_unit_test(test_writing),
        cmocka_unit_test(test_restrict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
