/*
 * What DuckDB 2.0.0 gets wrong and src/duck keeps it from. After an upgrade: is each still needed?
 */
#include "support/duck.h"
#include "support/temp.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *cast_rows(duck *d, const char *type, const char *path)
{
    char sql[1024];
    snprintf(sql, sizeof(sql), "SELECT TRY_CAST(x AS %s) FROM '%s'", type, path);
    return duck_rows(d, sql);
}

/* The optimizer "type_pushdown" makes it a CAST in the reader, which fails. */
static void test_try_cast_of_a_file(void **state)
{
    char dir[TEMP_DIR_SIZE];
    duck d;
    (void)state;
    temp_dir_make(dir);
    temp_write(dir, "x.csv", "x\n1\nNA\n2.5\n");
    duck_open(&d, NULL);
    const char *csv = temp_path(dir, "x.csv");
    assert_string_equal(cast_rows(&d, "INTEGER", csv), "1\nNULL\n3\n");
    assert_string_equal(cast_rows(&d, "DATE", csv), "NULL\nNULL\nNULL\n");
    duck_close(&d);
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_try_cast_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
