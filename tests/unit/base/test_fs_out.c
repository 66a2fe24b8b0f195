#include "base/fs.h"

#include "support/temp.h"
#include "support/torture.h"

#include <errno.h>
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

static gbx_status write_file(const char *path, const char *text, gbx_error *err)
{
    gbx__fs_out out;
    GBX_TRY(gbx__fs_out_open(&out, path, err));
    const gbx_status status = gbx__fs_write_all(out.fd, text, strlen(text), path, err);
    if (status != GBX_OK) {
        gbx__fs_out_abort(&out);
        return status;
    }
    return gbx__fs_out_commit(&out, err);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void test_appears_at_commit(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    const char *path = temp_path(dir, "out.csv");
    gbx__fs_out out;
    gbx_error err;
    const mode_t mask = umask(027);
    assert_int_equal(gbx__fs_out_open(&out, path, &err), GBX_OK);
    umask(mask);
    assert_int_not_equal(access(path, F_OK), 0);
    char expected[TEMP_PATH_SIZE];
    snprintf(expected, sizeof(expected), "%s/.out.csv.gearbox-%ld-", dir, (long)getpid());
    assert_memory_equal(out.temp_path, expected, strlen(expected));
    assert_string_equal(out.temp_path + strlen(out.temp_path) - 4, ".tmp");
    assert_int_equal(gbx__fs_write_all(out.fd, "data", 4, path, &err), GBX_OK);
    assert_int_equal(gbx__fs_out_commit(&out, &err), GBX_OK);
    assert_int_equal(out.fd, -1);
    assert_int_equal(gbx__fs_out_commit(&out, &err), GBX_MISUSE);
    gbx__fs_out_abort(&out);
    gbx__fs_out_abort(NULL);
    assert_string_equal(temp_read(dir, "out.csv"), "data");
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(temp_count(dir), 1);
    temp_dir_remove(dir);
}

static void test_abort_leaves_the_old_file(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "old");
    gbx__fs_out out;
    gbx_error err;
    assert_int_equal(gbx__fs_out_open(&out, temp_path(dir, "x"), &err), GBX_OK);
    assert_int_equal(gbx__fs_write_all(out.fd, "new", 3, "x", &err), GBX_OK);
    gbx__fs_out_abort(&out);
    assert_string_equal(temp_read(dir, "x"), "old");
    assert_int_equal(temp_count(dir), 1);
    temp_dir_remove(dir);
}

static void test_replacing_keeps_the_mode(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "x", "old");
    assert_int_equal(chmod(temp_path(dir, "x"), 0600), 0);
    assert_int_equal(write_file(temp_path(dir, "x"), "new", NULL), GBX_OK);
    assert_string_equal(temp_read(dir, "x"), "new");
    assert_int_equal(mode_of(temp_path(dir, "x")), 0600);
    temp_dir_remove(dir);
}

static void test_links_are_followed(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "far/x", "old");
    struct stat st;
    assert_int_equal(symlink("far/x", temp_path(dir, "link")), 0);
    assert_int_equal(symlink("far/new", temp_path(dir, "dangling")), 0);
    assert_int_equal(write_file(temp_path(dir, "link"), "1", NULL), GBX_OK);
    assert_int_equal(write_file(temp_path(dir, "dangling"), "2", NULL), GBX_OK);
    assert_string_equal(temp_read(dir, "far/x"), "1");
    assert_string_equal(temp_read(dir, "far/new"), "2");
    assert_int_equal(lstat(temp_path(dir, "link"), &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(temp_count(dir), 3);
    temp_dir_remove(dir);
}

static void test_refuses(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    gbx__fs_out out = {.fd = 77};
    gbx_error err;
    assert_int_equal(gbx__fs_out_open(&out, dir, &err), GBX_IO);
    assert_int_equal(err.native_code, EISDIR);
    assert_int_equal(gbx__fs_out_open(&out, temp_path(dir, "none/x"), &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_out_open(&out, "", &err), GBX_NOT_FOUND);
    assert_int_equal(gbx__fs_out_open(&out, temp_path(dir, "none/"), &err), GBX_IO);
    assert_int_equal(out.fd, 77); /* untouched */
    assert_int_equal(temp_count(dir), 0);
    temp_dir_remove(dir);
}

static void test_long_names(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(write_file(temp_path(dir, name), "x", NULL), GBX_OK);
    assert_string_equal(temp_read(dir, name), "x");
    temp_dir_remove(dir);
}

static void test_in_the_current_folder(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    const int before = open(".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(write_file("plain", "x", NULL), GBX_OK);
    assert_int_equal(fchdir(before), 0);
    close(before);
    assert_string_equal(temp_read(dir, "plain"), "x");
    assert_int_equal(temp_count(dir), 1);
    temp_dir_remove(dir);
}

static void test_devices_and_pipes_are_written_straight(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    gbx_error err;
    assert_int_equal(write_file("/dev/null", "x", &err), GBX_OK);

    const char *fifo = temp_path(dir, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const int reader = open(fifo, O_RDONLY | O_NONBLOCK);
    assert_int_equal(write_file(fifo, "through", &err), GBX_OK);
    char text[16] = "";
    assert_int_equal(read(reader, text, sizeof(text) - 1), 7);
    assert_string_equal(text, "through");
    close(reader);
    assert_int_equal(temp_count(dir), 1);
    temp_dir_remove(dir);
}

static void test_an_open_descriptor_keeps_its_place(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    /* As `{ echo head; gearbox -o /dev/stdout; } > file`: what is there must stay. */
    const int fd = open(temp_path(dir, "x"), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "head\n", 5), 5);
    char path[64];
    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    assert_int_equal(write_file(path, "body\n", NULL), GBX_OK);
    assert_int_equal(write(fd, "tail\n", 5), 5);
    close(fd);
    assert_string_equal(temp_read(dir, "x"), "head\nbody\ntail\n");
    gbx_error err;
    assert_int_equal(write_file("/dev/fd/9999", "x", &err), GBX_IO);
    assert_int_equal(err.native_code, EBADF);
    temp_dir_remove(dir);
}

typedef struct out_scene {
    const char *dir;
    const char *name;
    const char *before; /* NULL: no file */
} out_scene;

static gbx_status out_work(void *ctx, gbx_error *err)
{
    const out_scene *scene = ctx;
    if (scene->before) {
        temp_write(scene->dir, "x", scene->before);
    } else {
        unlink(temp_path(scene->dir, "x"));
    }
    const size_t entries = temp_count(scene->dir);
    const gbx_status status = write_file(temp_path(scene->dir, scene->name), "new", err);

    /* Old or new, never a part; and no temporary file. */
    const bool is_there = access(temp_path(scene->dir, "x"), F_OK) == 0;
    if (status == GBX_OK || (is_there && !scene->before)) {
        assert_string_equal(temp_read(scene->dir, "x"), "new");
    } else if (scene->before) {
        const char *text = temp_read(scene->dir, "x");
        assert_true(strcmp(text, "new") == 0 || strcmp(text, scene->before) == 0);
    }
    assert_int_equal(temp_count(scene->dir), entries + (!scene->before && is_there));
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    out_scene scenes[] = {{dir, "x", NULL}, {dir, "x", "old"}, {dir, "link", "old"}};
    assert_int_equal(symlink("x", temp_path(dir, "link")), 0);
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        assert_true(torture_run(GBX_FAULT_ALLOC, out_work, &scenes[i]) >= 3);
        assert_true(torture_run(GBX_FAULT_IO, out_work, &scenes[i]) >= 7);
    }
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appears_at_commit),
        cmocka_unit_test(test_abort_leaves_the_old_file),
        cmocka_unit_test(test_replacing_keeps_the_mode),
        cmocka_unit_test(test_links_are_followed),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_in_the_current_folder),
        cmocka_unit_test(test_devices_and_pipes_are_written_straight),
        cmocka_unit_test(test_an_open_descriptor_keeps_its_place),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
