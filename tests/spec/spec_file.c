#include "spec_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const part_names[PARTS] = {"plan", "opaque", "rows", "error"};

/* ---- texts ----------------------------------------------------------------------------------- */

void text_add(text *t, const char *bytes, size_t len)
{
    char *data = realloc(t->data, t->len + len + 1);
    if (!data) abort();
    if (len > 0) memcpy(data + t->len, bytes, len);
    t->data = data;
    t->len += len;
    t->data[t->len] = '\0';
}

void text_puts(text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_printf(text *t, const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    if (n > 0) text_add(t, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void text_done(text *t)
{
    free(t->data);
    *t = (text){0};
}

const char *text_get(const text *t)
{
    return t->data ? t->data : "";
}

/* ---- reading --------------------------------------------------------------------------------- */

static void slurp(const char *path, text *out)
{
    char bytes[4096];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;) text_add(out, bytes, n);
    fclose(file);
}

static block *add_block(spec_file *file)
{
    block *blocks = realloc(file->blocks, (file->n + 1) * sizeof(*blocks));
    if (!blocks) abort();
    file->blocks = blocks;
    blocks[file->n] = (block){0};
    return &blocks[file->n++];
}

/* "--- error 2:3 bind" → the part, its head set; NULL for another line. */
static part *open_part(block *b, const char *line, size_t len)
{
    for (int i = 0; i < PARTS; i++) {
        const size_t n = strlen(part_names[i]);
        if (len < 4 + n || strncmp(line, "--- ", 4) != 0) continue;
        if (strncmp(line + 4, part_names[i], n) != 0) continue;
        if (len > 4 + n && line[4 + n] != ' ') continue;
        b->parts[i].is_there = true;
        if (len > 5 + n) text_add(&b->parts[i].head, line + 5 + n, len - 5 - n);
        return &b->parts[i];
    }
    return NULL;
}

/* Empty lines at the end of a block, and notes, belong to what follows. */
static void move_tail(text *from, text *to)
{
    size_t at = from->len;
    while (at > 0) {
        size_t start = at - 1;
        while (start > 0 && from->data[start - 1] != '\n') start--;
        if (from->data[start] != '\n' && from->data[start] != '#') break;
        at = start;
    }
    if (at == from->len) return;
    text_add(to, from->data + at, from->len - at);
    from->len = at;
    from->data[at] = '\0';
}

void spec_read(const char *path, spec_file *out)
{
    text all = {0};
    text notes = {0};
    block *b = NULL;
    text *to = &notes;
    slurp(path, &all);
    for (const char *line = text_get(&all); *line;) {
        const size_t len = strcspn(line, "\n");
        const size_t whole = len + (line[len] == '\n');
        part *opened = b ? open_part(b, line, len) : NULL;
        if (strncmp(line, "== ", 3) == 0) {
            if (b) move_tail(to, &notes);
            b = add_block(out);
            b->before = notes;
            notes = (text){0};
            text_add(&b->title, line + 3, len - 3);
            to = &b->body;
        } else if (opened) {
            to = &opened->body;
        } else {
            text_add(to, line, whole);
        }
        line += whole;
    }
    if (b) move_tail(to, &notes);
    out->end = notes;
    text_done(&all);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put(FILE *file, const text *t)
{
    fwrite(text_get(t), 1, t->len, file);
}

static void put_part(FILE *file, int kind, const part *p)
{
    if (!p->is_there) return;
    fprintf(file, "--- %s%s%s\n", part_names[kind], p->head.len ? " " : "", text_get(&p->head));
    put(file, &p->body);
}

void spec_write(const char *path, const spec_file *spec)
{
    FILE *file = fopen(path, "wb");
    if (!file) {
        perror(path);
        exit(2);
    }
    for (size_t i = 0; i < spec->n; i++) {
        const block *b = &spec->blocks[i];
        put(file, &b->before);
        fprintf(file, "== %s\n", text_get(&b->title));
        put(file, &b->body);
        for (int k = 0; k < PARTS; k++) put_part(file, k, &b->parts[k]);
    }
    put(file, &spec->end);
    if (fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

void spec_done(spec_file *file)
{
    for (size_t i = 0; i < file->n; i++) {
        block *b = &file->blocks[i];
        text_done(&b->before);
        text_done(&b->title);
        text_done(&b->body);
        for (int k = 0; k < PARTS; k++) {
            text_done(&b->parts[k].head);
            text_done(&b->parts[k].body);
        }
    }
    free(file->blocks);
    text_done(&file->end);
}
