#include "base/fs.h"

#include "support/temp.h"
#include "support/torture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char glob_dir[TEMP_DIR_SIZE];
static int glob_before;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(glob_dir);
    glob_before = open(".", O_RDONLY | O_DIRECTORY);
    static const char *const files[] = {
        "a.csv",         "b.csv",         "c.txt",         ".hidden.csv", "d/a.csv",
        "d/e/a.csv",     "d/e/f/a.csv",   "d/.git/a.csv",  "x1.csv",      "x2.csv",
        "x10.csv",       "é.csv",         "[odd].csv",     "star*.csv",   "back\\slash.csv",
        "p/y=1/m=1/q.p", "p/y=1/m=2/q.p", "p/y=2/m=1/q.p", "p/_meta/q.p", "p/y=2/.tmp/q.p",
        "{z}.csv",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        temp_write(glob_dir, files[i], "");
    return chdir(glob_dir);
}

static int tear_down(void **state)
{
    (void)state;
    const int rc = fchdir(glob_before);
    close(glob_before);
    temp_dir_remove(glob_dir);
    return rc;
}

static void join(gbx__buf *out, const gbx__paths *paths)
{
    gbx__buf_puts(out, "");
    for (size_t i = 0; i < paths->len; i++) {
        gbx__buf_printf(out, "%s%s", i ? " " : "", paths->items[i]);
    }
}

static void check_glob(const char *pattern, const char *expected)
{
    gbx__arena arena;
    gbx__buf got;
    gbx__paths paths = {0};
    gbx_error err;
    gbx__arena_init(&arena);
    gbx__buf_init(&got, 0);
    if (gbx__fs_glob(&arena, pattern, 1000, &paths, &err) != GBX_OK) fail_msg("%s", err.message);
    join(&got, &paths);
    if (strcmp(got.data, expected) != 0) {
        fail_msg("'%s' gives '%s', not '%s'", pattern, got.data, expected);
    }
    gbx__buf_done(&got);
    gbx__arena_done(&arena);
}

static void test_is_glob(void **state)
{
    (void)state;
    assert_true(gbx__fs_is_glob("*") && gbx__fs_is_glob("a?") && gbx__fs_is_glob("[a]"));
    assert_true(gbx__fs_is_glob("{a,b}"));
    assert_false(gbx__fs_is_glob("") || gbx__fs_is_glob("a/b.csv") || gbx__fs_is_glob("a]b}"));
}

static void test_plain_paths_are_not_looked_at(void **state)
{
    (void)state;
    check_glob("nowhere/to/be found.csv", "nowhere/to/be found.csv");
    check_glob("a.csv", "a.csv");
    check_glob("{a,nope}.csv", "a.csv nope.csv");
}

static void test_star(void **state)
{
    (void)state;
    check_glob("*.txt", "c.txt");
    check_glob("x*.csv", "x1.csv x10.csv x2.csv");
    check_glob("*x*1*", "x1.csv x10.csv");
    check_glob("x*0.*v", "x10.csv");
    check_glob("d/*", "d/a.csv");
    check_glob("d//*", "d/a.csv");
    check_glob("./d/*", "./d/a.csv");
    check_glob("*/*.csv", "d/a.csv");
    check_glob("nope*", "");
    check_glob("nope/*", "");
    check_glob("a.csv/*", "");
    check_glob("*/nope.csv", "");
    check_glob("d/../d/*.csv", "d/../d/a.csv");
}

static void test_question_mark_is_one_character(void **state)
{
    (void)state;
    check_glob("x?.csv", "x1.csv x2.csv");
    check_glob("?.csv", "a.csv b.csv é.csv");
    check_glob("??.csv", "x1.csv x2.csv");
}

static void test_sets(void **state)
{
    (void)state;
    check_glob("[ab].csv", "a.csv b.csv");
    check_glob("[a-b].csv", "a.csv b.csv");
    check_glob("[!a].csv", "b.csv é.csv");
    check_glob("[^a-b].csv", "é.csv");
    check_glob("[à-ü].csv", "é.csv");
    check_glob("x[0-9].csv", "x1.csv x2.csv");
    check_glob("x[0-9][0-9].csv", "x10.csv");
    check_glob("[[]odd].csv", "[odd].csv");
    check_glob("[]a].csv", "a.csv");
    check_glob("[b-].csv", "b.csv");
    check_glob("[a", "");
    check_glob("[", "");
    check_glob("[]", "");
    check_glob("[!]*", "");
}

static void test_escapes(void **state)
{
    (void)state;
    check_glob("\\[odd\\]*", "[odd].csv");
    check_glob("star\\*.cs?", "star*.csv");
    check_glob("back\\\\slash*", "back\\slash.csv");
    check_glob("[\\[]odd*", "[odd].csv");
    check_glob("*\\", "");
    check_glob("\\{z}.c*", "{z}.csv");
}

static void test_hidden_files(void **state)
{
    (void)state;
    check_glob(".*.csv", ".hidden.csv");
    check_glob("d/.*/a.csv", "d/.git/a.csv");
    check_glob("?hidden.csv", "");
    check_glob("[.]hidden.csv", "");
}

static void test_braces(void **state)
{
    (void)state;
    check_glob("{b,a}.cs*", "a.csv b.csv");
    check_glob("{a,a,?}.csv", "a.csv b.csv é.csv");
    check_glob("x{1,{2,10}}.c*", "x1.csv x10.csv x2.csv");
    check_glob("{a.csv,d/e}*", "a.csv");
    check_glob("{d,d/e}/*.csv", "d/a.csv d/e/a.csv");
    check_glob("x{,1}0{,.csv}", "x0 x0.csv x10 x10.csv");
    check_glob("{z}.c*", "{z}.csv");
    check_glob("{{z},nope}.c*", "{z}.csv");
    check_glob("{a,b", "{a,b"); /* no wildcard at all */
    check_glob("a},{b*", "");
    check_glob("{a\\,b}*", "");
}

static void test_two_stars(void **state)
{
    (void)state;
    check_glob("d/**/a.csv", "d/a.csv d/e/a.csv d/e/f/a.csv");
    check_glob("d/**", "d/a.csv d/e/a.csv d/e/f/a.csv");
    check_glob("d/**/**/a.csv", "d/a.csv d/e/a.csv d/e/f/a.csv");
    check_glob("d/**/**", "d/a.csv d/e/a.csv d/e/f/a.csv");
    check_glob("d/**/e/**/a.csv", "d/e/a.csv d/e/f/a.csv");
    check_glob("**/f/*", "d/e/f/a.csv");
    check_glob("p/**/*.p", "p/_meta/q.p p/y=1/m=1/q.p p/y=1/m=2/q.p p/y=2/m=1/q.p");
    check_glob("p/y=*/**/q.p", "p/y=1/m=1/q.p p/y=1/m=2/q.p p/y=2/m=1/q.p");
    check_glob("**.txt", "c.txt"); /* inside a name, as one star */
    check_glob("nope/**", "");
}

static void test_folders_by_a_last_slash(void **state)
{
    (void)state;
    check_glob("*/", "d p");
    check_glob("d/**/", "d/e d/e/f");
    check_glob("p/*=1/", "p/y=1");
}

static void test_links(void **state)
{
    (void)state;
    assert_int_equal(mkdir("l", 0700), 0);
    temp_write(glob_dir, "l/real/one.csv", "");
    assert_int_equal(symlink("real", "l/dir"), 0);
    assert_int_equal(symlink(".", "l/loop"), 0);
    assert_int_equal(symlink("self", "l/self"), 0);
    assert_int_equal(symlink("real/one.csv", "l/file.csv"), 0);
    assert_int_equal(symlink("gone", "l/dangling.csv"), 0);
    check_glob("l/**/*.csv", "l/dangling.csv l/file.csv l/real/one.csv");
    check_glob("l/*/*.csv", "l/dir/one.csv l/loop/dangling.csv l/loop/file.csv l/real/one.csv");
    check_glob("l/**/loop/**/one.csv", "l/loop/real/one.csv");
}

static void test_absolute(void **state)
{
    (void)state;
    char pattern[TEMP_PATH_SIZE];
    char expected[TEMP_PATH_SIZE];
    snprintf(pattern, sizeof(pattern), "%s/c.*", glob_dir);
    snprintf(expected, sizeof(expected), "%s/c.txt", glob_dir);
    check_glob(pattern, expected);
}

static gbx_status glob_status(const char *pattern, size_t max_paths, gbx_error *err)
{
    gbx__arena arena;
    gbx__paths paths = {0};
    gbx__arena_init(&arena);
    const gbx_status status = gbx__fs_glob(&arena, pattern, max_paths, &paths, err);
    if (status != GBX_OK) assert_null(paths.items);
    gbx__arena_done(&arena);
    return status;
}

static void test_limits(void **state)
{
    (void)state;
    gbx_error err;
    assert_int_equal(glob_status("x*.csv", 3, &err), GBX_OK);
    assert_int_equal(glob_status("{x*.csv,x?.csv}", 3, &err), GBX_OK); /* each counts once */
    assert_int_equal(glob_status("x*.csv", 2, &err), GBX_INVALID);
    assert_string_equal(err.message, "'x*.csv' matches more than 2 files");

    char pattern[5000] = "";
    for (int i = 0; i < 20; i++) strcat(pattern, "{a,b}");
    assert_int_equal(glob_status(pattern, 1 << 30, &err), GBX_INVALID);
    memset(pattern, '*', sizeof(pattern) - 1);
    assert_int_equal(glob_status(pattern, 10, &err), GBX_INVALID);
    pattern[4000] = '\0';
    assert_int_equal(glob_status(pattern, 1000, &err), GBX_OK);
    memset(pattern, '{', 4000);
    assert_int_equal(glob_status(pattern, 1000, &err), GBX_OK);
    for (size_t i = 0; i < 4000; i += 2) memcpy(pattern + i, "*/", 2);
    assert_int_equal(glob_status(pattern, 1000, &err), GBX_OK);
}

static void test_stars_do_not_explode(void **state)
{
    (void)state;
    char name[256];
    memset(name, 'a', 250);
    name[250] = '\0';
    temp_write(glob_dir, name, "");
    check_glob("a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "");
    unlink(name);
}

static void test_folders_that_nest_too_deep(void **state)
{
    (void)state;
    char path[600] = "deep";
    for (int i = 0; i < 140; i++) {
        assert_int_equal(mkdir(path, 0700), 0);
        strcat(path, "/x");
    }
    gbx_error err;
    assert_int_equal(glob_status("deep/**", 1000, &err), GBX_INVALID);
    gbx__arena arena;
    gbx__paths paths;
    gbx__arena_init(&arena);
    assert_int_equal(gbx__fs_walk(&arena, "deep", 10, &paths, &err), GBX_INVALID);
    gbx__arena_done(&arena);
    assert_int_equal(gbx__fs_remove_tree("deep", &err), GBX_INVALID);
    assert_int_equal(gbx__fs_remove_tree("deep/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x", &err), GBX_OK);
    assert_int_equal(gbx__fs_remove_tree("deep", &err), GBX_OK);
}

static void test_unreadable_folders_are_failures(void **state)
{
    (void)state;
    if (geteuid() == 0) skip();
    assert_int_equal(mkdir("closed", 0), 0);
    gbx_error err;
    assert_int_equal(glob_status("closed/*", 10, &err), GBX_IO);
    assert_int_equal(glob_status("**/x", 10, &err), GBX_IO);
    assert_int_equal(rmdir("closed"), 0);
}

static void check_walk(const char *dir, const char *expected)
{
    gbx__arena arena;
    gbx__buf got;
    gbx__paths paths = {0};
    gbx_error err;
    gbx__arena_init(&arena);
    gbx__buf_init(&got, 0);
    if (gbx__fs_walk(&arena, dir, 1000, &paths, &err) != GBX_OK) fail_msg("%s", err.message);
    join(&got, &paths);
    assert_string_equal(got.data, expected);
    gbx__buf_done(&got);
    gbx__arena_done(&arena);
}

static void test_walk(void **state)
{
    (void)state;
    check_walk("p", "p/y=1/m=1/q.p p/y=1/m=2/q.p p/y=2/m=1/q.p");
    check_walk("p/y=1/", "p/y=1/m=1/q.p p/y=1/m=2/q.p");
    assert_int_equal(mkfifo("p/fifo", 0600), 0);
    assert_int_equal(symlink("..", "p/up"), 0);
    assert_int_equal(symlink("../a.csv", "p/link"), 0);
    check_walk("p", "p/link p/y=1/m=1/q.p p/y=1/m=2/q.p p/y=2/m=1/q.p");
    gbx__arena arena;
    gbx__paths paths;
    gbx_error err;
    gbx__arena_init(&arena);
    assert_int_equal(gbx__fs_walk(&arena, "nope", 10, &paths, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_walk(&arena, "a.csv", 10, &paths, &err), GBX_IO);
    assert_int_equal(gbx__fs_walk(&arena, "p", 3, &paths, &err), GBX_INVALID);
    gbx__arena_done(&arena);
}

static gbx_status glob_work(void *ctx, gbx_error *err)
{
    return glob_status(ctx, 1000, err);
}

static gbx_status walk_work(void *ctx, gbx_error *err)
{
    gbx__arena arena;
    gbx__paths paths;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__fs_walk(&arena, ctx, 1000, &paths, err);
    gbx__arena_done(&arena);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    static char patterns[][32] = {"{p,d}/**/[aq].*", "*", "x?.csv"};
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        assert_true(torture_run(GBX_FAULT_ALLOC, glob_work, patterns[i]) >= 4);
        assert_true(torture_run(GBX_FAULT_IO, glob_work, patterns[i]) >= 10);
    }
    static char dir[] = "p";
    assert_true(torture_run(GBX_FAULT_ALLOC, walk_work, dir) >= 4);
    assert_true(torture_run(GBX_FAULT_IO, walk_work, dir) >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_glob),
        cmocka_unit_test(test_plain_paths_are_not_looked_at),
        cmocka_unit_test(test_star),
        cmocka_unit_test(test_question_mark_is_one_character),
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_hidden_files),
        cmocka_unit_test(test_braces),
        cmocka_unit_test(test_two_stars),
        cmocka_unit_test(test_folders_by_a_last_slash),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_absolute),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_stars_do_not_explode),
        cmocka_unit_test(test_folders_that_nest_too_deep),
        cmocka_unit_test(test_unreadable_folders_are_failures),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
