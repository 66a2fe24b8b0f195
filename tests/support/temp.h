/*
 * A folder of a test's own. Failures end the test.
 *
 *   char dir[TEMP_DIR_SIZE];
 *   temp_dir_make(dir);
 *   temp_write(dir, "a/b.csv", "x\n1\n");
 *   temp_dir_remove(dir);
 */
#ifndef GBX_TESTS_SUPPORT_TEMP_H
#define GBX_TESTS_SUPPORT_TEMP_H

#include <stddef.h>

#define TEMP_DIR_SIZE 256
#define TEMP_PATH_SIZE 1024

void temp_dir_make(char dir[TEMP_DIR_SIZE]);
void temp_dir_remove(const char *dir);
/* dir/name; in one of a few buffers that are used in turn. */
const char *temp_path(const char *dir, const char *name);
/* Writes a file, and makes its folders. */
void temp_write(const char *dir, const char *name, const char *text);
/* The text of a small file, in one of a few buffers that are used in turn. */
const char *temp_read(const char *dir, const char *name);
/* Entries of the folder itself, hidden ones too. */
size_t temp_count(const char *dir);

#endif
