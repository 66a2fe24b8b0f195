#include "support/temp.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TEMP_BUFFERS 8
#define TEMP_TEXT_SIZE 4096

void temp_dir_make(char dir[TEMP_DIR_SIZE])
{
    const char *base = getenv("TMPDIR");
    snprintf(dir, TEMP_DIR_SIZE, "%s/gearbox-test-XXXXXX", base && *base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
}

static int temp_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)ftw;
    if (type == FTW_DNR) chmod(path, 0700);
    return remove(path);
}

void temp_dir_remove(const char *dir)
{
    assert_int_equal(nftw(dir, temp_remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *temp_path(const char *dir, const char *name)
{
    static char buffers[TEMP_BUFFERS][TEMP_PATH_SIZE];
    static size_t turn;
    char *path = buffers[turn++ % TEMP_BUFFERS];
    const int n = snprintf(path, TEMP_PATH_SIZE, "%s/%s", dir, name);
    assert_true(n > 0 && n < TEMP_PATH_SIZE);
    return path;
}

void temp_write(const char *dir, const char *name, const char *text)
{
    char path[TEMP_PATH_SIZE];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    for (char *slash = strchr(path + strlen(dir) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

const char *temp_read(const char *dir, const char *name)
{
    static char buffers[TEMP_BUFFERS][TEMP_TEXT_SIZE];
    static size_t turn;
    char *text = buffers[turn++ % TEMP_BUFFERS];
    FILE *file = fopen(temp_path(dir, name), "r");
    assert_non_null(file);
    const size_t len = fread(text, 1, TEMP_TEXT_SIZE - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

size_t temp_count(const char *dir)
{
    DIR *handle = opendir(dir);
    assert_non_null(handle);
    size_t n = 0;
    while (readdir(handle)) n++;
    closedir(handle);
    return n - 2;
}
