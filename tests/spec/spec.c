/*
 * gearbox-spec: runs the cases of a *.gbt file (README.md).
 */
#include "gearbox/gearbox.h"
#include "spec_file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PARAMS_MAX 8

typedef struct runner {
    gbx_session *session;
    bool update;
    int n_cases, n_failed;
} runner;

static void die(const char *what, const gbx_error *err)
{
    fprintf(stderr, "gearbox-spec: %s: %s\n", what, err->message);
    exit(2);
}

/* ---- running a text -------------------------------------------------------------------------- */

/* What a case came to. */
typedef struct outcome {
    part parts[PARTS];
} outcome;

static void outcome_error(outcome *o, const gbx_error *err)
{
    part *p = &o->parts[PART_ERROR];
    p->is_there = true;
    text_printf(&p->head, "%d:%d %s", err->line, err->column, gbx_status_name(err->status));
    text_puts(&p->body, err->message);
    text_puts(&p->body, "\n");
}

/* Of the explanation, the lines below "plan", without their indent. */
static void outcome_plan(outcome *o, const char *explained)
{
    part *p = &o->parts[PART_PLAN];
    const char *line = strstr(explained, "plan\n");
    p->is_there = true;
    if (!line) return;
    for (line += 5; strncmp(line, "  ", 2) == 0;) {
        const size_t len = strcspn(line, "\n");
        text_add(&p->body, line + 2, len - 2);
        text_puts(&p->body, "\n");
        line += len + (line[len] == '\n');
    }
}

static void outcome_rows(outcome *o, int fd)
{
    char bytes[4096];
    part *p = &o->parts[PART_ROWS];
    p->is_there = true;
    off_t at = 0;
    for (ssize_t n; (n = pread(fd, bytes, sizeof(bytes), at)) > 0; at += n)
        text_add(&p->body, bytes, (size_t)n);
}

static gbx_status write_rows(const gbx_frame *frame, int fd, gbx_error *err)
{
    gbx_result *result = NULL;
    gbx_write_options csv = GBX_WRITE_OPTIONS_INIT;
    csv.format = GBX_FORMAT_KIND_CSV;
    gbx_status status = gbx_frame_run(frame, NULL, &result, err);
    if (status == GBX_OK) status = gbx_result_write_fd(result, fd, &csv, err);
    gbx_result_free(result);
    return status;
}

static void run_frame(const gbx_frame *frame, outcome *o)
{
    gbx_error err = {0};
    char *explained = NULL;
    const int fd = memfd_create("rows", MFD_CLOEXEC);
    if (fd < 0) abort();
    if (strcmp(gbx_frame_via(frame), "opaque") == 0) {
        part *p = &o->parts[PART_OPAQUE];
        p->is_there = true;
        text_puts(&p->body, gbx_frame_why_opaque(frame));
        text_puts(&p->body, "\n");
    } else if (gbx_frame_explain(frame, GBX_EXPLAIN_TEXT, &explained, &err) == GBX_OK) {
        outcome_plan(o, explained);
    } else {
        outcome_error(o, &err);
    }
    if (write_rows(frame, fd, &err) == GBX_OK)
        outcome_rows(o, fd);
    else
        outcome_error(o, &err);
    gbx_text_free(explained);
    close(fd);
}

/* "@param name = value" lines; returns where the text begins. */
static const char *read_options(const char *body, char lines[PARAMS_MAX][256],
                                gbx_param items[PARAMS_MAX], size_t *n)
{
    *n = 0;
    while (strncmp(body, "@param ", 7) == 0 && *n < PARAMS_MAX) {
        const size_t len = strcspn(body, "\n");
        snprintf(lines[*n], sizeof(lines[*n]), "%.*s", (int)(len - 7), body + 7);
        char *sign = strstr(lines[*n], " = ");
        if (!sign) break;
        *sign = '\0';
        items[*n].name = lines[*n];
        items[*n].text = sign + 3;
        (*n)++;
        body += len + (body[len] == '\n');
    }
    return body;
}

static void run_case(runner *r, const block *b, outcome *o)
{
    char lines[PARAMS_MAX][256];
    gbx_param items[PARAMS_MAX] = {0};
    gbx_params params = {.items = items};
    gbx_frame *frame = NULL;
    gbx_error err = {0};
    const char *sql = read_options(text_get(&b->body), lines, items, &params.n);
    if (gbx_session_sql(r->session, sql, &params, &frame, &err) == GBX_OK)
        run_frame(frame, o);
    else
        outcome_error(o, &err);
    gbx_frame_free(frame);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Line by line; "<*>" at a place stands for the rest of its line. */
static bool is_like(const char *want, const char *came)
{
    while (*want || *came) {
        if (strncmp(want, "<*>", 3) == 0) {
            want += 3;
            came += strcspn(came, "\n");
        } else if (*want != *came) {
            return false;
        } else {
            want++;
            came++;
        }
    }
    return true;
}

static bool is_same_part(const part *want, const part *came)
{
    return came->is_there && is_like(text_get(&want->head), text_get(&came->head)) &&
           is_like(text_get(&want->body), text_get(&came->body));
}

static void show(const char *what, int kind, const part *p)
{
    printf("  %s %s %s\n%s", what, part_names[kind], text_get(&p->head), text_get(&p->body));
}

static void take_part(part *want, part *came)
{
    text_done(&want->head);
    text_done(&want->body);
    *want = *came;
    *came = (part){0};
}

static void compare(runner *r, block *b, outcome *o)
{
    bool has_parts = false;
    bool is_ok = true;
    for (int i = 0; i < PARTS; i++) has_parts = has_parts || b->parts[i].is_there;
    for (int i = 0; i < PARTS; i++) {
        part *want = &b->parts[i];
        part *came = &o->parts[i];
        /* a failure that nobody asked for is told, too */
        const bool is_asked = want->is_there || !has_parts || (i == PART_ERROR && came->is_there);
        if (!is_asked || (want->is_there ? is_same_part(want, came) : !came->is_there)) continue;
        if (!r->update) show("came", i, came);
        if (r->update) take_part(want, came);
        is_ok = false;
    }
    if (!is_ok && !r->update) {
        printf("not ok: %s\n", text_get(&b->title));
        r->n_failed++;
    }
}

/* ---- what the cases stand on ----------------------------------------------------------------- */

static void make_file(const char *path, const text *body)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(text_get(body), 1, body->len, file) != body->len || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
}

static void make_parquet(runner *r, const char *path, const text *body)
{
    gbx_frame *frame = NULL;
    gbx_result *result = NULL;
    gbx_error err = {0};
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_PARQUET;
    if (gbx_session_sql(r->session, text_get(body), NULL, &frame, &err) != GBX_OK ||
        gbx_frame_run(frame, NULL, &result, &err) != GBX_OK ||
        gbx_result_write_file(result, path, &options, &err) != GBX_OK)
        die(path, &err);
    gbx_result_free(result);
    gbx_frame_free(frame);
}

static void make_table(runner *r, const char *definition)
{
    char name[256];
    gbx_error err = {0};
    const char *sign = strstr(definition, " = ");
    if (!sign || (size_t)(sign - definition) >= sizeof(name)) {
        fprintf(stderr, "gearbox-spec: a table is NAME = PATH: %s\n", definition);
        exit(2);
    }
    snprintf(name, sizeof(name), "%.*s", (int)(sign - definition), definition);
    if (gbx_session_add_table(r->session, name, sign + 3, &err) != GBX_OK) die(name, &err);
}

static void run_block(runner *r, block *b)
{
    const char *title = text_get(&b->title);
    if (strncmp(title, "file ", 5) == 0) {
        make_file(title + 5, &b->body);
    } else if (strncmp(title, "parquet ", 8) == 0) {
        make_parquet(r, title + 8, &b->body);
    } else if (strncmp(title, "table ", 6) == 0) {
        make_table(r, title + 6);
    } else {
        outcome o = {0};
        run_case(r, b, &o);
        compare(r, b, &o);
        r->n_cases++;
        for (int i = 0; i < PARTS; i++) {
            text_done(&o.parts[i].head);
            text_done(&o.parts[i].body);
        }
    }
}

static int remove_one(const char *path, const struct stat *info, int flag, struct FTW *ftw)
{
    (void)info;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void run_all(runner *r, spec_file *file)
{
    char dir[] = "/tmp/gearbox-spec-XXXXXX";
    char before[4096];
    gbx_error err = {0};
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    options.threads = 1;
    if (!mkdtemp(dir) || !getcwd(before, sizeof(before)) || chdir(dir) != 0) {
        perror(dir);
        exit(2);
    }
    if (gbx_session_open(&options, &r->session, &err) != GBX_OK) die("session", &err);
    for (size_t i = 0; i < file->n; i++) run_block(r, &file->blocks[i]);
    gbx_session_close(r->session);
    if (chdir(before) != 0) perror(before);
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    runner r = {.update = argc == 3 && strcmp(argv[1], "--update") == 0};
    spec_file file = {0};
    if (argc != 2 && !r.update) {
        fprintf(stderr, "usage: gearbox-spec [--update] FILE.gbt\n");
        return 2;
    }
    const char *path = argv[argc - 1];
    spec_read(path, &file);
    run_all(&r, &file);
    if (r.update) spec_write(path, &file);
    printf("%d cases, %d failed\n", r.n_cases, r.n_failed);
    spec_done(&file);
    return r.n_failed > 0;
}
