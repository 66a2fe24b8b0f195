/*
 * A file of cases, read and written (README.md says how it looks).
 */
#ifndef GBX_TESTS_SPEC_FILE_H
#define GBX_TESTS_SPEC_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* A text that grows; aborts when memory is short. */
typedef struct text {
    char *data; /* never NULL once something was added */
    size_t len;
} text;

void text_add(text *t, const char *bytes, size_t len);
void text_puts(text *t, const char *s);
__attribute__((format(printf, 2, 3))) void text_printf(text *t, const char *format, ...);
void text_done(text *t);
const char *text_get(const text *t); /* "" for an empty one */

typedef enum part_kind {
    PART_PLAN,
    PART_OPAQUE,
    PART_ROWS,
    PART_ERROR,
    PARTS
} part_kind;
extern const char *const part_names[PARTS];

typedef struct part {
    bool is_there;
    text head; /* behind the name: "2:3 bind" */
    text body;
} part;

typedef struct block {
    text before; /* notes and empty lines */
    text title;  /* behind "== " */
    text body;   /* of a case: options and the text to run */
    part parts[PARTS];
} block;

typedef struct spec_file {
    block *blocks;
    size_t n;
    text end; /* notes behind the last one */
} spec_file;

/* Says what is wrong on stderr and ends the program. */
void spec_read(const char *path, spec_file *out);
void spec_write(const char *path, const spec_file *file);
void spec_done(spec_file *file);

#endif
