#include "gearbox/gearbox.h"

#include "base/str.h"
#include "support/temp.h"
#include "support/torture.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char dir[TEMP_DIR_SIZE];
static gbx_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(dir);
    return 0;
}

static gbx_status read_text(const char *text, gbx_config **out)
{
    temp_write(dir, "c.toml", text);
    return gbx_config_read(temp_path(dir, "c.toml"), out, &err);
}

/* "[engine] name=value (kind) line:column", one below the other. */
static void reads(const char *text, const char *expected)
{
    gbx_config *config = NULL;
    gbx__buf out = {0};
    gbx__buf_puts(&out, "");
    if (read_text(text, &config) != GBX_OK) fail_msg("%s", err.message);
    for (size_t i = 0; i < gbx_config_count(config); i++) {
        gbx_setting s = GBX_SETTING_INIT;
        assert_int_equal(gbx_config_get(config, i, &s, &err), GBX_OK);
        gbx__buf_printf(&out, "[%s] %s=%s (%d) %d:%d\n", s.engine ? s.engine : "", s.name, s.value,
                        (int)s.kind, s.line, s.column);
    }
    assert_string_equal(out.data, expected);
    gbx__buf_done(&out);
    gbx_config_free(config);
}

static void refuses(const char *text, gbx_status status, int line, int column, const char *what)
{
    gbx_config *config = NULL;
    assert_int_equal(read_text(text, &config), status);
    assert_null(config);
    if (err.line != line || err.column != column || !strstr(err.message, what))
        fail_msg("%s\nsays %d:%d: %s", text, err.line, err.column, err.message);
    assert_null(strstr(err.message, "hush"));
}

static void test_reads(void **state)
{
    (void)state;
    reads("", "");
    reads("[defaults]\nmemory = '4GB'\nthreads = 4\nx = -0.5\n  no-opaque = true\n[engines]\n",
          "[] memory=4GB (0) 2:1\n[] threads=4 (1) 3:1\n[] x=-0.5 (2) 4:1\n"
          "[] no-opaque=true (3) 5:3\n");
    reads("[engines.duckdb]\na.b.c = 1\n'a.b.d' = false\n[engines.duckdb.e]\nf = 'g'\n"
          "h = {i = 1e300}\n",
          "[duckdb] a.b.c=1 (1) 2:5\n[duckdb] a.b.d=false (3) 3:1\n[duckdb] e.f=g (0) 5:1\n"
          "[duckdb] e.h.i=1e+300 (2) 6:6\n");
    reads("defaults.n = -9223372036854775808\nengines.duckdb.x = inf\n",
          "[] n=-9223372036854775808 (1) 1:10\n[duckdb] x=inf (2) 2:16\n");
}

static void test_refuses(void **state)
{
    (void)state;
    refuses("a = ", GBX_PARSE, 1, 5, "expected a value");
    refuses("memory = 'hush'", GBX_INVALID, 1, 1, "'memory' is not known here");
    refuses("defaults = 'hush'", GBX_INVALID, 1, 1, "[defaults]");
    refuses("[pipeline]", GBX_INVALID, 1, 2, "'pipeline' is not known here");
    refuses("[[engines]]", GBX_INVALID, 1, 3, "[engines.NAME]");
    refuses("[default]", GBX_INVALID, 1, 2, "did you mean [defaults]?");
    refuses("[engine.duckdb]", GBX_INVALID, 1, 2, "did you mean [engines]?");
    refuses("[engines.duckbd]", GBX_INVALID, 1, 10, "did you mean duckdb?");
    refuses("[engines.sparc-station]", GBX_INVALID, 1, 10, "gearbox engines lists them");
    refuses("[engines]\nduckdb = 'hush'", GBX_INVALID, 2, 10, "engines.duckdb is a text");
    refuses("[defaults]\na = ['hush']", GBX_INVALID, 2, 5, "a is a list");
    refuses("[defaults.a]", GBX_INVALID, 1, 11, "a is a table");
    refuses("[engines.duckdb]\na.b = []", GBX_INVALID, 2, 7, "a.b is a list");
}

static void test_calls(void **state)
{
    (void)state;
    gbx_config *config = NULL;
    gbx_setting s = GBX_SETTING_INIT;
    assert_int_equal(gbx_config_read(temp_path(dir, "none"), &config, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_config_read(dir, &config, &err), GBX_IO);
    assert_int_equal(gbx_config_read(NULL, &config, &err), GBX_MISUSE);
    assert_int_equal(gbx_config_read(dir, NULL, &err), GBX_MISUSE);
    assert_int_equal(read_text("[defaults]\na = 1", &config), GBX_OK);
    assert_int_equal(gbx_config_get(config, 1, &s, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx_config_get(config, 0, NULL, &err), GBX_MISUSE);
    assert_int_equal(gbx_config_get(NULL, 0, &s, &err), GBX_MISUSE);
    s.struct_size = offsetof(gbx_setting, name); /* an older caller */
    s.name = "untouched";
    assert_int_equal(gbx_config_get(config, 0, &s, &err), GBX_OK);
    assert_string_equal(s.name, "untouched");
    assert_int_equal(gbx_config_count(NULL), 0);
    gbx_config_free(config);
    gbx_config_free(NULL);
}

static gbx_status config_work(void *ctx, gbx_error *e)
{
    gbx_config *config = NULL;
    const gbx_status status = gbx_config_read(ctx, &config, e);
    gbx_config_free(config);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    temp_write(dir, "t.toml",
               "[defaults]\na = 1\nb = 2.5\nc = 'x'\n[engines.duckdb]\nd.e = true\n");
    char path[TEMP_PATH_SIZE];
    snprintf(path, sizeof(path), "%s", temp_path(dir, "t.toml"));
    assert_true(torture_run(GBX_FAULT_ALLOC, config_work, path) > 3);
    assert_true(torture_run(GBX_FAULT_IO, config_work, path) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
