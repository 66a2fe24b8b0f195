#include "base/fs.h"

#include "support/temp.h"
#include "support/torture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_stat(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "hello");
    gbx__file_info info;
    gbx_error err;
    assert_int_equal(gbx__fs_stat(temp_path(dir, "x"), &info, &err), GBX_OK);
    assert_int_equal(info.size_bytes, 5);
    assert_true(info.is_regular && !info.is_dir && info.mtime_ns > 0 && info.inode > 0);
    assert_int_equal(gbx__fs_stat(dir, &info, &err), GBX_OK);
    assert_true(info.is_dir && !info.is_regular);
    assert_int_equal(gbx__fs_stat(temp_path(dir, "y"), &info, &err), GBX_NOT_FOUND);
    assert_non_null(strstr(err.message, "/y': No such file"));
    assert_int_equal(gbx__fs_stat(temp_path(dir, "x/y"), &info, &err), GBX_IO);
    assert_int_equal(err.native_code, ENOTDIR);
    temp_dir_remove(dir);
}

static void test_read(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "0123456789");
    const char *path = temp_path(dir, "x");
    gbx__buf buf;
    gbx_error err;
    gbx__buf_init(&buf, 0);
    gbx__buf_puts(&buf, ">");
    assert_int_equal(gbx__fs_read_head(path, 4, &buf, &err), GBX_OK);
    assert_string_equal(buf.data, ">0123");
    assert_int_equal(gbx__fs_read_head(path, 400, &buf, &err), GBX_OK);
    assert_string_equal(buf.data, ">01230123456789");
    gbx__buf_clear(&buf);
    assert_int_equal(gbx__fs_read(path, 10, &buf, &err), GBX_OK);
    assert_string_equal(buf.data, "0123456789");
    assert_int_equal(gbx__fs_read(path, 9, &buf, &err), GBX_INVALID);
    assert_string_equal(buf.data, "0123456789");
    assert_int_equal(gbx__fs_read_at(path, 3, 4, &buf, &err), GBX_OK);
    assert_string_equal(buf.data, "01234567893456");
    assert_int_equal(gbx__fs_read_at(path, 8, 3, &buf, &err), GBX_CORRUPT);
    assert_int_equal(gbx__fs_read_at(path, -1, 3, &buf, &err), GBX_INVALID);
    assert_int_equal(gbx__fs_read_at(path, INT64_MAX, 3, &buf, &err), GBX_INVALID);
    assert_int_equal(gbx__fs_read_at(path, 10, 0, &buf, &err), GBX_OK);
    assert_int_equal(gbx__fs_read(temp_path(dir, "none"), 9, &buf, &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_read(dir, 9, &buf, &err), GBX_IO);
    assert_string_equal(buf.data, "01234567893456");
    gbx__buf_done(&buf);
    temp_dir_remove(dir);
}

static void test_read_what_has_no_size(void **state)
{
    (void)state;
    gbx__buf buf;
    gbx_error err;
    gbx__buf_init(&buf, 0);
    assert_int_equal(gbx__fs_read("/proc/self/status", 1 << 20, &buf, &err), GBX_OK);
    assert_non_null(strstr(buf.data, "VmHWM"));
    gbx__buf_clear(&buf);
    assert_int_equal(gbx__fs_read("/dev/zero", 200000, &buf, &err), GBX_INVALID);
    assert_int_equal(buf.len, 0);
    assert_int_equal(gbx__fs_read_head("/dev/zero", 200000, &buf, &err), GBX_OK);
    assert_int_equal(buf.len, 200000);
    gbx__buf_done(&buf);
}

static void test_read_takes_the_room_of_the_file(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "");
    const int fd = open(temp_path(dir, "x"), O_WRONLY);
    assert_int_equal(ftruncate(fd, 1000000), 0);
    close(fd);
    gbx__buf buf;
    gbx__buf_init(&buf, 0);
    assert_int_equal(gbx__fs_read(temp_path(dir, "x"), SIZE_MAX, &buf, NULL), GBX_OK);
    assert_int_equal(buf.len, 1000000);
    assert_true(buf.capacity < 1000100);
    gbx__buf_done(&buf);
    temp_dir_remove(dir);
}

static void test_a_full_buffer_is_nomem(void **state)
{
    (void)state;
    gbx__buf buf;
    gbx_error err;
    gbx__buf_init(&buf, 10);
    assert_int_equal(gbx__fs_read_head("/dev/zero", 100, &buf, &err), GBX_NOMEM);
    gbx__buf_done(&buf);
}

static void test_make_dirs(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    gbx_error err;
    struct stat st;
    const char *deep = temp_path(dir, "a//b/c/");
    assert_int_equal(gbx__fs_make_dirs(deep, &err), GBX_OK);
    assert_int_equal(gbx__fs_make_dirs(deep, &err), GBX_OK);
    assert_int_equal(stat(temp_path(dir, "a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    temp_write(dir, "file", "");
    assert_int_equal(gbx__fs_make_dirs(temp_path(dir, "file"), &err), GBX_IO);
    assert_int_equal(err.native_code, EEXIST);
    assert_int_equal(gbx__fs_make_dirs(temp_path(dir, "file/x"), &err), GBX_IO);
    assert_int_equal(gbx__fs_make_dirs("", &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_make_dirs("/", &err), GBX_OK);
    assert_int_equal(gbx__fs_make_dirs(".", &err), GBX_OK);
    temp_dir_remove(dir);
}

static void test_remove_tree_never_follows_links(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    gbx_error err;
    temp_write(dir, "keep/file", "kept");
    temp_write(dir, "tree/a/b/c", "x");
    temp_write(dir, "tree/.hidden", "x");
    assert_int_equal(symlink(temp_path(dir, "keep"), temp_path(dir, "tree/link")), 0);
    assert_int_equal(symlink("nowhere", temp_path(dir, "tree/a/dangling")), 0);
    assert_int_equal(mkfifo(temp_path(dir, "tree/fifo"), 0600), 0);
    assert_int_equal(gbx__fs_remove_tree(temp_path(dir, "tree"), &err), GBX_OK);
    assert_int_equal(temp_count(dir), 1);
    assert_string_equal(temp_read(dir, "keep/file"), "kept");
    assert_int_equal(gbx__fs_remove_tree(temp_path(dir, "tree"), &err), GBX_OK);
    assert_int_equal(symlink("keep", temp_path(dir, "top")), 0);
    assert_int_equal(gbx__fs_remove_tree(temp_path(dir, "top"), &err), GBX_OK);
    assert_string_equal(temp_read(dir, "keep/file"), "kept");
    assert_int_equal(gbx__fs_remove_tree(temp_path(dir, "keep/file"), &err), GBX_OK);
    assert_int_equal(temp_count(temp_path(dir, "keep")), 0);
    temp_dir_remove(dir);
}

static void check_real(const char *dir, const char *name, const char *expected)
{
    gbx__arena arena;
    gbx__arena_init(&arena);
    const char *real = NULL;
    gbx_error err;
    const gbx_status status = gbx__fs_real_path(&arena, temp_path(dir, name), &real, &err);
    if (status != GBX_OK) fail_msg("%s", err.message);
    assert_string_equal(real, expected[0] == '/' ? expected : temp_path(dir, expected));
    gbx__arena_done(&arena);
}

static void test_real_path(void **state)
{
    (void)state;
    char made[TEMP_DIR_SIZE];
    char dir[TEMP_PATH_SIZE * 8];
    temp_dir_make(made);
    assert_non_null(realpath(made, dir));
    temp_write(dir, "a/file", "");
    assert_int_equal(symlink("a", temp_path(dir, "link")), 0);
    assert_int_equal(symlink("../b/far", temp_path(dir, "a/dangling")), 0);
    assert_int_equal(symlink("/gearbox-none", temp_path(dir, "a/absolute")), 0);
    assert_int_equal(symlink("loop", temp_path(dir, "loop")), 0);
    temp_write(dir, "b/x", "");
    check_real(dir, "a/../a/./file", "a/file");
    check_real(dir, "link/file", "a/file");
    check_real(dir, "link/new", "a/new");
    check_real(dir, "link/../new//", "new");
    /* Whoever writes there makes b/far: that is what has to be asked about. */
    check_real(dir, "link/dangling", "b/far");
    check_real(dir, "a/absolute", "/gearbox-none");
    check_real("/", "", "/");
    check_real("/", "gearbox-none", "/gearbox-none");

    gbx__arena arena;
    gbx__arena_init(&arena);
    const char *real = NULL;
    gbx_error err;
    assert_int_equal(gbx__fs_real_path(&arena, temp_path(dir, "none/new"), &real, &err),
                     GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_real_path(&arena, temp_path(dir, "none/.."), &real, &err),
                     GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_real_path(&arena, temp_path(dir, "loop"), &real, &err), GBX_IO);
    assert_int_equal(gbx__fs_real_path(&arena, "", &real, &err), GBX_NOT_FOUND);
    assert_null(real);
    assert_int_equal(gbx__fs_real_path(&arena, "gearbox-new", &real, &err), GBX_OK);
    assert_int_equal(real[0], '/');
    gbx__arena_done(&arena);
    temp_dir_remove(dir);
}

static void test_write_all_names_a_broken_pipe(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    close(fds[0]);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    sigaction(SIGPIPE, &ignore, &before);
    gbx_error err;
    assert_int_equal(gbx__fs_write_all(fds[1], "x", 1, "standard output", &err), GBX_IO);
    assert_int_equal(err.native_code, EPIPE);
    assert_string_equal(err.message, "cannot write 'standard output': Broken pipe");
    assert_int_equal(gbx__fs_write_all(fds[1], NULL, 0, "x", &err), GBX_OK);
    sigaction(SIGPIPE, &before, NULL);
    close(fds[1]);
}

static gbx_status fs_work(void *ctx, gbx_error *err)
{
    const char *dir = ctx;
    gbx__buf buf;
    gbx__arena arena;
    gbx__file_info info;
    const char *real = NULL;
    gbx__buf_init(&buf, 0);
    gbx__arena_init(&arena);
    gbx_status status = gbx__fs_make_dirs(temp_path(dir, "t/u/v"), err);
    if (status == GBX_OK) status = gbx__fs_stat(temp_path(dir, "x"), &info, err);
    if (status == GBX_OK) status = gbx__fs_read(temp_path(dir, "x"), 100, &buf, err);
    if (status == GBX_OK) status = gbx__fs_read_at(temp_path(dir, "x"), 1, 3, &buf, err);
    if (status == GBX_OK) status = gbx__fs_real_path(&arena, temp_path(dir, "l/n"), &real, err);
    if (status == GBX_OK) status = gbx__fs_remove_tree(temp_path(dir, "t"), err);
    gbx__buf_done(&buf);
    gbx__arena_done(&arena);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "0123456789");
    temp_write(dir, "d/x", "");
    assert_int_equal(symlink("d", temp_path(dir, "l")), 0);
    assert_int_equal(symlink("e", temp_path(dir, "d/n")), 0);
    assert_true(torture_run(GBX_FAULT_ALLOC, fs_work, dir) >= 3);
    assert_true(torture_run(GBX_FAULT_IO, fs_work, dir) > 10);
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stat),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_what_has_no_size),
        cmocka_unit_test(test_read_takes_the_room_of_the_file),
        cmocka_unit_test(test_a_full_buffer_is_nomem),
        cmocka_unit_test(test_make_dirs),
        cmocka_unit_test(test_remove_tree_never_follows_links),
        cmocka_unit_test(test_real_path),
        cmocka_unit_test(test_write_all_names_a_broken_pipe),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
