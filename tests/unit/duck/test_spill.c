#include "duck/spill.h"
#include "support/duck.h"
#include "support/temp.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_a_private_folder_that_goes(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill one = {0};
    gbx__spill two = {0};
    gbx_error err = {0};
    struct stat info;
    temp_dir_make(dir);
    const char *parent = temp_path(dir, "not/there/yet");
    assert_int_equal(gbx__spill_open(&one, parent, &err), GBX_OK);
    assert_int_equal(gbx__spill_open(&two, parent, &err), GBX_OK);
    assert_string_not_equal(one.path, two.path);
    assert_int_equal(temp_count(parent), 2);
    assert_int_equal(stat(one.path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    temp_write(one.path, "sub/x", "x");
    gbx__spill_close(&one);
    gbx__spill_close(&one);
    assert_int_equal(temp_count(parent), 1);
    gbx__spill_close(&two);
    assert_int_equal(temp_count(parent), 0);
    gbx__spill_close(&(gbx__spill){0});
    temp_dir_remove(dir);
}

static void test_where_it_cannot_be(void **state)
{
    (void)state;
    gbx__spill spill = {0};
    gbx_error err = {0};
    assert_int_not_equal(gbx__spill_open(&spill, "/dev/null/x", &err), GBX_OK);
    assert_non_null(strstr(err.message, "/dev/null"));
    assert_null(spill.path);
}

/* A process that makes a folder and is killed. */
static void make_and_die(const char *parent)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        gbx__spill spill = {0};
        if (gbx__spill_open(&spill, parent, NULL) != GBX_OK) _exit(1);
        kill(getpid(), SIGKILL);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFSIGNALED(how));
}

/* How a child ends that has two folders and closes one. */
static void make_and_end(const char *parent, void (*end)(int))
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static gbx__spill open_one, closed_one;
        if (gbx__spill_open(&open_one, parent, NULL) != GBX_OK) _exit(1);
        if (gbx__spill_open(&closed_one, parent, NULL) != GBX_OK) _exit(1);
        temp_write(open_one.path, "sub/x", "x");
        gbx__spill_close(&closed_one);
        end(0);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
}

static void test_a_program_that_ends_without_closing(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill mine = {0};
    temp_dir_make(dir);
    assert_int_equal(gbx__spill_open(&mine, dir, NULL), GBX_OK);
    make_and_end(dir, quick_exit);
    assert_int_equal(temp_count(dir), 1); /* the child of a fork leaves its parent's alone */
    gbx__spill_close(&mine);
    assert_int_equal(temp_count(dir), 0);
    temp_dir_remove(dir);
}

static void test_what_the_dead_left(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill spill = {0};
    gbx_error err = {0};
    temp_dir_make(dir);
    make_and_die(dir);
    assert_int_equal(temp_count(dir), 1);
    temp_write(dir, "gearbox-spill-notes/x", "x"); /* not ours */
    temp_write(dir, "gearbox-spill-1-7/x", "x");   /* process 1 lives */
    temp_write(dir, "other/x", "x");
    assert_int_equal(gbx__spill_open(&spill, dir, &err), GBX_OK);
    assert_int_equal(temp_count(dir), 4);
    gbx__spill_close(&spill);
    temp_dir_remove(dir);
}

/* In another container its process may look dead; the lock says that it is not. */
static void test_a_lock_protects(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill spill = {0};
    gbx_error err = {0};
    temp_dir_make(dir);
    temp_write(dir, "gearbox-spill-4194999-0/x", "x");
    const int fd = open(temp_path(dir, "gearbox-spill-4194999-0"), O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(gbx__spill_open(&spill, dir, &err), GBX_OK);
    assert_int_equal(temp_count(dir), 2);
    gbx__spill_close(&spill);
    close(fd);
    assert_int_equal(gbx__spill_open(&spill, dir, &err), GBX_OK);
    assert_int_equal(temp_count(dir), 1);
    gbx__spill_close(&spill);
    temp_dir_remove(dir);
}

/* Only root can make one of another user's here, and only root could remove it. */
static void test_folders_of_others_stay(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill spill = {0};
    temp_dir_make(dir);
    temp_write(dir, "gearbox-spill-4194999-0/x", "x");
    const bool is_root = geteuid() == 0;
    if (is_root) assert_int_equal(chown(temp_path(dir, "gearbox-spill-4194999-0"), 12345, 0), 0);
    assert_int_equal(gbx__spill_open(&spill, dir, NULL), GBX_OK);
    assert_int_equal(temp_count(dir), is_root ? 2 : 1);
    gbx__spill_close(&spill);
    temp_dir_remove(dir);
}

/* Many that start and end at once, over one that is abandoned: each has a folder as long as it
 * wants it. */
static void test_many_at_once(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    make_and_die(dir);
    pid_t children[8];
    for (size_t i = 0; i < 8; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] > 0) continue;
        for (int round = 0; round < 50; round++) {
            gbx__spill spill = {0};
            struct stat info;
            if (gbx__spill_open(&spill, dir, NULL) != GBX_OK) _exit(1);
            if (stat(spill.path, &info) != 0) _exit(2);
            gbx__spill_close(&spill);
        }
        _exit(0);
    }
    for (size_t i = 0; i < 8; i++) {
        int how;
        assert_int_equal(waitpid(children[i], &how, 0), children[i]);
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), 0);
    }
    assert_int_equal(temp_count(dir), 0);
    temp_dir_remove(dir);
}

static void test_links_are_not_followed(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    gbx__spill spill = {0};
    temp_dir_make(dir);
    temp_write(dir, "precious/x", "x");
    temp_write(dir, "spill/y", "y");
    assert_int_equal(
        symlink(temp_path(dir, "precious"), temp_path(dir, "spill/gearbox-spill-4194999-0")), 0);
    assert_int_equal(gbx__spill_open(&spill, temp_path(dir, "spill"), NULL), GBX_OK);
    assert_int_equal(temp_count(temp_path(dir, "precious")), 1);
    gbx__spill_close(&spill);
    temp_dir_remove(dir);
}

/* ---- of an instance -------------------------------------------------------------------------- */

static void test_a_query_larger_than_memory(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    duck d;
    int64_t n_rows;
    int64_t n_batches;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    temp_dir_make(dir);
    const gbx__duck_options options = {.spill_dir = dir, .memory_limit_bytes = 80000000};
    duck_open(&d, &options);
    duck_query(&d, "SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) t(i) ORDER BY h", &stream);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    batch.release(&batch);
    assert_int_equal(temp_count(dir), 1);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    stream.release(&stream);
    duck_close(&d);
    assert_int_equal(temp_count(dir), 0);
    temp_dir_remove(dir);
}

static void check_limit(const duck *d, const char *expected)
{
    gbx__buf text = {0};
    assert_int_equal(gbx__duck_text(d->conn, "SELECT current_setting('memory_limit')", 0, NULL,
                                    &text, NULL, NULL),
                     GBX_OK);
    assert_string_equal(text.data, expected);
    gbx__buf_done(&text);
}

static void test_a_reserve(void **state)
{
    (void)state;
    duck d;
    duck_open(&d, &(gbx__duck_options){.memory_limit_bytes = INT64_C(400) << 20});
    check_limit(&d, "400.0 MiB");
    assert_int_equal(gbx__duck_reserve(d.instance, INT64_C(50) << 20), INT64_C(50) << 20);
    check_limit(&d, "350.0 MiB");
    assert_int_equal(gbx__duck_reserve(d.instance, INT64_C(800) << 20), INT64_C(100) << 20);
    check_limit(&d, "250.0 MiB");
    assert_int_equal(gbx__duck_reserve(d.instance, -(INT64_C(150) << 20)), -(INT64_C(150) << 20));
    check_limit(&d, "400.0 MiB");
    duck_close(&d);
    gbx__duck *unlimited = NULL;
    assert_int_equal(gbx__duck_open(&(gbx__duck_options){.threads = 1}, &unlimited, NULL), GBX_OK);
    assert_int_equal(gbx__duck_reserve(unlimited, 1000000), 0);
    gbx__duck_close(unlimited);
}

static void test_without_a_folder(void **state)
{
    (void)state;
    const gbx__duck_options options = {.memory_limit_bytes = 80000000};
    duck d;
    gbx_error err = {0};
    duck_open(&d, &options);
    assert_int_equal(duck_status(&d,
                                 "SELECT i, md5(i::VARCHAR) AS h FROM range(3000000) t(i) "
                                 "ORDER BY h",
                                 &err),
                     GBX_NOMEM);
    assert_non_null(strstr(err.message, "no folder to spill to"));
    assert_int_not_equal(access(".tmp", F_OK), 0); /* DuckDB's own default */
    duck_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_private_folder_that_goes),
        cmocka_unit_test(test_where_it_cannot_be),
        cmocka_unit_test(test_a_program_that_ends_without_closing),
        cmocka_unit_test(test_what_the_dead_left),
        cmocka_unit_test(test_a_lock_protects),
        cmocka_unit_test(test_folders_of_others_stay),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_links_are_not_followed),
        cmocka_unit_test(test_a_query_larger_than_memory),
        cmocka_unit_test(test_a_reserve),
        cmocka_unit_test(test_without_a_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
