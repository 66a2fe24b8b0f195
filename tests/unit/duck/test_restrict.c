/* What an instance that may read one folder refuses; the escapes are those that one would try. */
#include "support/duck.h"
#include "support/temp.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static duck d;
static char folder[TEMP_DIR_SIZE];

static void link_to(const char *target, const char *name)
{
    assert_int_equal(symlink(temp_path(folder, target), temp_path(folder, name)), 0);
}

static int open_one(void **state)
{
    static char allowed[TEMP_PATH_SIZE];
    static const char *const dirs[] = {allowed};
    static char spill[TEMP_PATH_SIZE];
    (void)state;
    temp_dir_make(folder);
    temp_write(folder, "in/x.csv", "a,b\n1,2\n");
    temp_write(folder, "in/sub/z.csv", "a,b\n5,6\n");
    temp_write(folder, "out/y.csv", "a,b\n3,4\n");
    temp_write(folder, "in2/y.csv", "a,b\n3,4\n");
    link_to("out/y.csv", "in/link.csv");
    link_to("out", "in/dirlink");
    link_to("in", "inlink");
    snprintf(allowed, sizeof(allowed), "%s", temp_path(folder, "in"));
    snprintf(spill, sizeof(spill), "%s", temp_path(folder, "spill"));
    const gbx__duck_options options = {.allowed_dirs = dirs,
                                       .n_allowed_dirs = 1,
                                       .spill_dir = spill,
                                       .memory_limit_bytes = 100000000};
    duck_open(&d, &options);
    return 0;
}

static int close_one(void **state)
{
    (void)state;
    duck_close(&d);
    temp_dir_remove(folder);
    return 0;
}

/* `@` stands for the folder. */
static gbx_status status_of(const char *template_text, gbx_error *err)
{
    gbx__buf sql = {0};
    for (const char *c = template_text; *c; c++) {
        if (*c == '@')
            gbx__buf_puts(&sql, folder);
        else
            gbx__buf_putc(&sql, *c);
    }
    assert_false(sql.failed);
    const gbx_status status = duck_status(&d, sql.data, err);
    gbx__buf_done(&sql);
    return status;
}

static void test_allowed(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "FROM '@/in/x.csv'",
        "FROM '@/in/sub/z.csv'",
        "FROM '@/in/*.csv' WHERE a = 1",
        "FROM '@/in//x.csv'",
        "FROM '@/in/sub/../x.csv'",
        "FROM '@/inlink/x.csv'",
        "FROM glob('@/in/**')",
        "SELECT 1",
        "FROM range(10)",
        "SELECT count(*) FROM (SELECT i AS g, count(*) FROM range(10000000) t(i) GROUP BY g)",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gbx_error err = {0};
        const gbx_status status = status_of(texts[i], &err);
        /* a glob also meets the link that leads out, and may refuse all of it */
        const bool is_glob = strstr(texts[i], "*.csv") != NULL;
        if (status != GBX_OK && !(is_glob && status == GBX_DENIED))
            fail_msg("%s: %s: %s", texts[i], gbx_status_name(status), err.message);
    }
}

static void test_denied(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "FROM '@/out/y.csv'",
        "FROM '@/in2/y.csv'",
        "FROM '@/in/../out/y.csv'",
        "FROM '@/in/sub/../../out/y.csv'",
        "FROM '@/in/link.csv'",
        "FROM '@/in/dirlink/y.csv'",
        "FROM '@/in*/*.csv'",
        "FROM 'file:@/out/y.csv'",
        "FROM read_text('/etc/hostname')",
        "FROM read_blob('@/out/y.csv')",
        "FROM glob('@/out/*')",
        "FROM glob('/etc/*')",
        "FROM read_text('/proc/self/environ')",
        "FROM read_text('@/spill/*/*')",
        "FROM 'http://127.0.0.1:1/x.csv'",
        "COPY (SELECT 1) TO '@/out/new.csv'",
        "COPY (SELECT 1) TO '@/in/dirlink/new.csv'",
        "EXPORT DATABASE '@/out/db'",
        "ATTACH '@/out/new.duckdb'",
        "LOAD httpfs",
        "INSTALL httpfs",
        "SET lock_configuration = false",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET allowed_configs = ['memory_limit']",
        "SET memory_limit = '10GB'",
        "SET temp_directory = '@/out'",
        "SET file_search_path = '@/out'",
        "SET log_query_path = '@/out/log'",
        "SET GLOBAL threads = 64",
        "PRAGMA enable_profiling = 'json'",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        gbx_error err = {0};
        const gbx_status status = status_of(texts[i], &err);
        if (status != GBX_DENIED)
            fail_msg("%s: %s: %s", texts[i], gbx_status_name(status), err.message);
        assert_non_null(strstr(err.message, "access policy"));
    }
    assert_int_equal(temp_count(temp_path(folder, "out")), 1);
}

static void test_every_connection(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__duck_conn *conn = NULL;
    gbx__buf out = {0};
    assert_int_equal(gbx__duck_connect(d.instance, &conn, &err), GBX_OK);
    assert_int_equal(gbx__duck_text(conn, "SELECT content FROM read_text('/etc/hostname')", 0, NULL,
                                    &out, NULL, &err),
                     GBX_DENIED);
    gbx__buf_done(&out);
    gbx__duck_disconnect(conn);
}

static void test_no_folder_at_all(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    const gbx__duck_options nothing = {.allowed_dirs = none};
    const gbx__duck_options no_access = {.no_external_access = true};
    gbx_error err = {0};
    duck shut;
    duck_open(&shut, &nothing);
    assert_int_equal(duck_status(&shut, "FROM read_text('/etc/hostname')", &err), GBX_DENIED);
    assert_int_equal(duck_status(&shut, "SELECT 1", &err), GBX_OK);
    duck_close(&shut);
    duck_open(&shut, &no_access);
    assert_int_equal(duck_status(&shut, "FROM read_text('/etc/hostname')", &err), GBX_DENIED);
    assert_int_not_equal(duck_status(&shut, "SET enable_external_access = true", &err), GBX_OK);
    assert_int_equal(duck_status(&shut, "FROM read_text('/etc/hostname')", &err), GBX_DENIED);
    duck_close(&shut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_denied),
        cmocka_unit_test(test_every_connection),
        cmocka_unit_test(test_no_folder_at_all),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
