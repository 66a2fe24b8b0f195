/*
 * gearbox-slt: runs sqllogictest files through the whole way and compares (see README.md).
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/vec.h"
#include "duck/duck.h"
#include "optimise/optimise.h"
#include "sql/sql.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUERY_SECONDS 20

/* Interrupts what has run for too long: a thread looks every 50 ms. */
static _Atomic(gbx__duck_conn *) watched;
static _Atomic int64_t watched_until;

static void *watch(void *arg)
{
    (void)arg;
    for (;;) {
        gbx__duck_conn *conn = atomic_load(&watched);
        if (conn != NULL && gbx__mono_ns() > atomic_load(&watched_until)) gbx__duck_interrupt(conn);
        usleep(50000);
    }
    return NULL;
}

static void watch_begin(gbx__duck_conn *conn)
{
    atomic_store(&watched_until, gbx__mono_ns() + (int64_t)QUERY_SECONDS * 1000000000);
    atomic_store(&watched, conn);
}

static void watch_end(void)
{
    atomic_store(&watched, NULL);
}

typedef struct tally {
    long equal, refused, error, differs, is_volatile, fails, files, skipped_files;
    gbx__map reasons; /* reason → count */
    bool verbose;
    bool strict; /* nothing may be refused or left out */
} tally;

typedef struct rows {
    gbx__buf text; /* one line a row, sorted on demand */
    size_t n;
    GBX_VEC(size_t) starts;
} rows;

static gbx_status rows_add(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    rows *r = ctx;
    if (!gbx__vec_push(&r->starts, r->text.len)) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n_cols; i++) {
        if (i > 0) gbx__buf_putc(&r->text, '\x1f');
        if (cols[i].ptr == NULL)
            gbx__buf_puts(&r->text, "\x1eNULL");
        else
            gbx__buf_append(&r->text, cols[i].ptr, cols[i].len);
    }
    gbx__buf_putc(&r->text, '\0');
    r->n++;
    return r->text.len > ((size_t)200 << 20) ? GBX_FAIL(err, GBX_INVALID, "too many rows") : GBX_OK;
}

static void rows_done(rows *r)
{
    gbx__buf_done(&r->text);
    gbx__vec_done(&r->starts);
}

static gbx_status rows_run(gbx__duck_conn *conn, const char *sql, rows *out, gbx_error *err)
{
    memset(out, 0, sizeof(*out));
    gbx__buf_init(&out->text, 0);
    watch_begin(conn);
    const gbx_status status = gbx__duck_rows(conn, sql, 0, NULL, rows_add, out, err);
    watch_end();
    return status;
}

static int rows_compare_ptr(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Numbers equal to 1e-9 relative, other text to the letter. */
static bool rows_same_line(const char *a, const char *b)
{
    while (*a != '\0' || *b != '\0') {
        char *end_a = NULL;
        char *end_b = NULL;
        if (*a == *b) {
            a++;
            b++;
            continue;
        }
        while (a[-1] != '\0' && (isdigit((unsigned char)a[-1]) || strchr(".-e+", a[-1]) != NULL)) {
            a--;
            b--;
        }
        const double x = strtod(a, &end_a);
        const double y = strtod(b, &end_b);
        if (end_a == a || end_b == b) return false;
        const double scale = x > y ? (x > -y ? x : -y) : (y > -x ? y : -x);
        const double diff = x > y ? x - y : y - x;
        if (!(diff <= 1e-9 * (scale < 0 ? -scale : scale))) return false;
        a = end_a;
        b = end_b;
    }
    return true;
}

static const char **rows_lines(const rows *r)
{
    const char **lines = calloc(r->n + 1, sizeof(*lines));
    for (size_t i = 0; lines != NULL && i < r->n; i++) lines[i] = r->text.data + r->starts.items[i];
    return lines;
}

static bool rows_equal(const rows *a, const rows *b)
{
    if (a->n != b->n) return false;
    const char **x = rows_lines(a);
    const char **y = rows_lines(b);
    qsort(x, a->n, sizeof(*x), rows_compare_ptr);
    qsort(y, b->n, sizeof(*y), rows_compare_ptr);
    bool same = true;
    for (size_t i = 0; i < a->n && same; i++)
        same = strcmp(x[i], y[i]) == 0 || rows_same_line(x[i], y[i]);
    free(x);
    free(y);
    return same;
}

static void tally_reason(tally *t, const char *kind, const char *reason)
{
    char key[160];
    snprintf(key, sizeof(key), "%s %.120s", kind, reason);
    const gbx__str text = gbx__str_of(key);
    gbx__map_set(&t->reasons, text, (void *)((uintptr_t)gbx__map_get(&t->reasons, text) + 1));
}

static void show(const tally *t, const char *what, const char *file, const char *sql,
                 const char *printed, const char *detail)
{
    if (!t->verbose) return;
    printf("---- %s %s\n%s\n", what, file, sql);
    if (printed != NULL) printf("printed: %s\n", printed);
    if (detail != NULL) printf("%s\n", detail);
}

/* The plan, once through its JSON form, as SQL text. */
static gbx_status print_again(const gbx_plan *plan, gbx__buf *out, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf json = {0};
    gbx__buf_init(&json, 0);
    gbx_plan *again = NULL;
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx__plan_to_json(&json, plan);
    gbx_status status = gbx__plan_from_json(gbx__buf_view(&json), &again, err);
    if (status != GBX_OK) return GBX_FAIL(err, GBX_INTERNAL, "plan JSON: %.200s", err->message);
    if (!gbx__plan_equal(plan, again))
        status = GBX_FAIL(err, GBX_INTERNAL, "plan JSON: reads back to another plan");
    if (status == GBX_OK) status = gbx__sql_print(again, &options, out, err);
    gbx__plan_unref(again);
    return status;
}

static bool same_columns(const gbx_plan *a, const gbx_plan *b)
{
    bool is_same = a->root->n_cols == b->root->n_cols;
    for (uint32_t i = 0; is_same && i < a->root->n_cols; i++)
        is_same = gbx__str_equal(a->root->cols[i].name, b->root->cols[i].name);
    return is_same;
}

/* Through all passes first. */
static gbx_status print_plan(gbx_plan *plan, gbx__buf *out, gbx_error *err)
{
    gbx_plan *better = NULL;
    gbx_status status = gbx__optimise(plan, UINT32_MAX, &better, err);
    if (status != GBX_OK) return GBX_FAIL(err, GBX_INTERNAL, "optimise: %.200s", err->message);
    if (same_columns(plan, better))
        status = print_again(better, out, err);
    else
        status = GBX_FAIL(err, GBX_INTERNAL, "optimise: other columns");
    gbx__plan_unref(better);
    return status;
}

static void query_compare(tally *t, gbx__duck_conn *conn, const char *file, const char *sql,
                          gbx_plan *plan, const rows *want)
{
    gbx_error err = {0};
    rows got = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf printed = {0};
    gbx__buf_init(&printed, 0);
    const gbx_status status = print_plan(plan, &printed, &err);
    if (status == GBX_UNSUPPORTED) {
        t->refused++;
        tally_reason(t, "refused: print:", err.message);
        show(t, "REFUSED", file, sql, NULL, err.message);
        return;
    }
    if (status != GBX_OK || rows_run(conn, printed.data, &got, &err) != GBX_OK) {
        t->error++;
        tally_reason(t, "error:", err.message);
        show(t, "ERROR", file, sql, printed.data, err.message);
    } else if (!rows_equal(want, &got)) {
        t->differs++;
        show(t, "DIFFERS", file, sql, printed.data, NULL);
        if (t->verbose && want->n > 0 && got.n > 0)
            printf("want %zu rows: %.200s\ngot %zu rows: %.200s\n", want->n, want->text.data, got.n,
                   got.text.data);
    } else {
        t->equal++;
    }
    rows_done(&got);
}

static void query_plan(tally *t, gbx__duck_conn *conn, gbx__duck_conn *binder, const char *file,
                       const char *sql, const rows *want)
{
    gbx_error err = {0};
    gbx__sql_request request = {0};
    gbx__sql_result result = {0};
    request.text = gbx__str_of(sql);
    request.conn = binder;
    request.engine_tables = true;
    const gbx_status status = gbx__sql_import(&request, &result, &err);
    if (status == GBX_INVALID && strstr(err.message, "one SELECT") != NULL) { /* DML in a CTE */
        t->refused++;
        tally_reason(t, "refused:", err.message);
        return;
    }
    if (status != GBX_OK) {
        t->error++;
        tally_reason(t, "error: import:", err.message);
        show(t, "ERROR", file, sql, NULL, err.message);
        return;
    }
    if (result.plan == NULL) {
        t->refused++;
        tally_reason(t, "refused:", result.why_not.message);
        show(t, "REFUSED", file, sql, NULL, result.why_not.message);
    } else {
        query_compare(t, conn, file, sql, result.plan, want);
    }
    gbx__sql_result_done(&result);
}

static bool has_word(const char *sql, const char *word)
{
    return strcasestr(sql, word) != NULL;
}

/* Catalogs, settings and files are not what is compared here. */
static bool query_is_plain(const char *sql)
{
    static const char *const words[] = {"duckdb_",
                                        "pragma_",
                                        "information_schema",
                                        "sqlite_master",
                                        "pg_",
                                        "explain",
                                        "current_setting",
                                        "read_csv",
                                        "read_parquet",
                                        "read_json",
                                        ".csv",
                                        ".parquet",
                                        ".json"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (has_word(sql, words[i])) return false;
    }
    while (isspace((unsigned char)*sql)) sql++;
    return strncasecmp(sql, "select", 6) == 0 || strncasecmp(sql, "with", 4) == 0 ||
           strncasecmp(sql, "from", 4) == 0 || *sql == '(';
}

static void run_query(tally *t, gbx__duck_conn *conn, gbx__duck_conn *binder, const char *file,
                      const char *sql)
{
    rows want = {0};
    rows again = {0};
    gbx_error err = {0};
    if (!query_is_plain(sql)) return;
    if (rows_run(conn, sql, &want, &err) != GBX_OK) {
        t->fails++;
    } else if (rows_run(conn, sql, &again, &err) != GBX_OK || !rows_equal(&want, &again)) {
        t->is_volatile++;
    } else {
        query_plan(t, conn, binder, file, sql, &want);
    }
    rows_done(&want);
    rows_done(&again);
}

/* A file whose needs we can't meet, or that is a template. */
static bool file_is_out(const char *text)
{
    const char *p = text;
    if (strstr(text, "foreach ") != NULL || strstr(text, "loop ") != NULL) return true;
    while ((p = strstr(p, "require ")) != NULL) {
        const bool at_start = p == text || p[-1] == '\n';
        p += strlen("require ");
        if (at_start && strncmp(p, "skip_reload", 11) != 0 && strncmp(p, "vector_size", 11) != 0 &&
            strncmp(p, "noforcestorage", 14) != 0)
            return true;
    }
    return false;
}

/* One record: its first line says what it is, then SQL up to "----" or a blank line. */
static void run_record(tally *t, gbx__duck_conn *conn, gbx__duck_conn *binder, const char *file,
                       char *record)
{
    while (*record == '#' || *record == '\n') {
        char *end = strchr(record, '\n');
        if (end == NULL) return;
        record = end + 1;
    }
    char *body = strchr(record, '\n');
    if (body == NULL) return;
    *body++ = '\0';
    char *end = strstr(body, "\n----");
    if (end != NULL) *end = '\0';
    size_t len = strlen(body);
    while (len > 0 && (isspace((unsigned char)body[len - 1]) || body[len - 1] == ';'))
        body[--len] = '\0';
    if (strncmp(record, "statement", 9) == 0) {
        watch_begin(conn);
        (void)gbx__duck_exec(conn, body, NULL);
        watch_end();
    } else if (strncmp(record, "query", 5) == 0)
        run_query(t, conn, binder, file, body);
}

static void run_records(tally *t, gbx__duck_conn *conn, gbx__duck_conn *binder, const char *file,
                        char *text)
{
    char *p = text;
    while (*p != '\0') {
        char *end = strstr(p, "\n\n");
        char *next = end == NULL ? p + strlen(p) : end + 1;
        if (end != NULL) *end = '\0';
        while (*next == '\n') next++;
        run_record(t, conn, binder, file, p);
        p = next;
    }
}

static void run_file(tally *t, const char *path)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, (size_t)64 << 20);
    gbx__duck *duck = NULL;
    gbx__duck_conn *conn = NULL;
    gbx_error err = {0};
    const gbx__duck_options options = {.threads = 1};
    if (gbx__fs_read(path, (size_t)64 << 20, &text, &err) != GBX_OK || text.len == 0 ||
        file_is_out(text.data)) {
        t->skipped_files++;
        return;
    }
    if (gbx__duck_open(&options, &duck, &err) != GBX_OK ||
        gbx__duck_connect(duck, &conn, &err) != GBX_OK) {
        fprintf(stderr, "gearbox-slt: %s\n", err.message);
        exit(2);
    }
    /* one connection for all: temporary tables, settings and macros of the file are seen by both */
    run_records(t, conn, conn, path, text.data);
    gbx__duck_disconnect(conn);
    gbx__duck_close(duck);
    t->files++;
}

static int reason_compare(const void *a, const void *b)
{
    const gbx__map_entry *x = a;
    const gbx__map_entry *y = b;
    return ((uintptr_t)x->value < (uintptr_t)y->value) -
           ((uintptr_t)x->value > (uintptr_t)y->value);
}

static void report(tally *t)
{
    const long all = t->equal + t->refused + t->error + t->differs;
    if (t->reasons.len > 0) /* qsort takes no NULL, not even for none */
        qsort(t->reasons.entries, t->reasons.len, sizeof(*t->reasons.entries), reason_compare);
    for (size_t i = 0; i < t->reasons.len && i < 60; i++)
        printf("%6lu  %s\n", (unsigned long)(uintptr_t)t->reasons.entries[i].value,
               t->reasons.entries[i].key.ptr);
    printf("files %ld (left out %ld), left out: %ld volatile, %ld that fail by themselves\n",
           t->files, t->skipped_files, t->is_volatile, t->fails);
    printf("SELECTs %ld: equal %ld (%.2f %%), refused %ld, error %ld, differs %ld\n", all, t->equal,
           all > 0 ? 100.0 * (double)t->equal / (double)all : 0.0, t->refused, t->error,
           t->differs);
}

static void run_path(tally *t, const char *path, unsigned part, unsigned n_parts)
{
    gbx__arena arena;
    gbx__paths paths = {0};
    gbx_error err = {0};
    gbx__file_info info;
    gbx__arena_init(&arena);
    if (gbx__fs_stat(path, &info, &err) != GBX_OK ||
        (info.is_dir && gbx__fs_walk(&arena, path, 1000000, &paths, &err) != GBX_OK)) {
        fprintf(stderr, "gearbox-slt: %s\n", err.message);
        exit(2);
    }
    if (!info.is_dir) run_file(t, path);
    for (size_t i = 0; i < paths.len; i++) {
        if (i % n_parts == part && gbx__str_ends_nocase(gbx__str_of(paths.items[i]), ".test")) {
            if (t->verbose) fprintf(stderr, "%s\n", paths.items[i]);
            run_file(t, paths.items[i]);
        }
    }
    gbx__arena_done(&arena);
}

int main(int argc, char **argv)
{
    tally t = {0};
    unsigned part = 0;
    unsigned n_parts = 1;
    bool any = false;
    gbx__map_init(&t.reasons);
    pthread_t watcher;
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) return 2;
    pthread_detach(watcher);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0)
            t.verbose = true;
        else if (strcmp(argv[i], "--strict") == 0)
            t.strict = true;
        else if (strcmp(argv[i], "--part") == 0 && i + 1 < argc) {
            char *slash = NULL;
            part = (unsigned)strtoul(argv[++i], &slash, 10);
            n_parts = *slash == '/' ? (unsigned)strtoul(slash + 1, NULL, 10) : 0;
            if (n_parts == 0 || part >= n_parts) {
                fprintf(stderr, "gearbox-slt: --part wants I/N with I < N\n");
                return 2;
            }
        }
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--part") == 0)
            i++;
        else if (strncmp(argv[i], "--", 2) != 0) {
            run_path(&t, argv[i], part, n_parts);
            any = true;
        }
    }
    if (!any) {
        fprintf(stderr, "usage: gearbox-slt DIR… [--part I/N] [--strict] [--verbose]\n");
        return 2;
    }
    report(&t);
    gbx__map_done(&t.reasons);
    const long left_out = t.refused + t.is_volatile + t.fails + t.skipped_files;
    return t.error + t.differs > 0 || (t.strict && left_out > 0) ? 1 : 0;
}
