/*
 * The whole way through the public API, again and again, with failure 1, 2, 3 … injected:
 *
 *   open a session → name a CSV file → SQL over it → run → write a file → close
 *
 * After each: the status is the failure's, its message says something, a file that was promised is
 * whole and the same as without failures, one that was not is not there, nor is any part of it; no
 * spill folder and no descriptor is left. Leaks are for AddressSanitizer.
 *
 *   torture_session sample  every n-th failure, n growing with their number: a few hundred runs
 *   torture_session all     each one, for every format
 */
#include "gearbox/gearbox.h"

#include "base/fault.h"
#include "base/fs.h"
#include "support/temp.h"

#include <dirent.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLE_RUNS 40
#define RUNS_MAX 100000

#define TRY(call)                                                                                  \
    do {                                                                                           \
        const gbx_status try_status = (call);                                                      \
        if (try_status != GBX_OK) return try_status;                                               \
    } while (0)

typedef struct job {
    char dir[TEMP_DIR_SIZE];
    char table[TEMP_PATH_SIZE];
    char spill[TEMP_PATH_SIZE];
    char folder[TEMP_PATH_SIZE];
    char out[TEMP_PATH_SIZE];
    gbx_format format;
    const char *sql;
    char expected[4096]; /* what a clean run writes; empty: not compared */
    size_t expected_len;
    gbx_session *session;
    gbx_frame *frame;
    gbx_result *result;
    char *text;
} job;

typedef struct scenario {
    const char *name;
    const char *file;
    bool is_text; /* the same bytes each time */
    const char *sql;
} scenario;

static const char grouped[] = "SELECT b, sum(a) AS s FROM t WHERE a > 0 GROUP BY b ORDER BY b";

static const scenario scenarios[] = {
    {"csv", "out.csv", true, grouped},
    {"json", "out.json", true, "SELECT b, [a] AS l, {'k': d} AS r FROM t ORDER BY a"},
    {"table", "out.txt", true, "SELECT *, a * 2 AS twice FROM t ORDER BY a LIMIT 2"},
    {"arrow", "out.arrow", true, "SELECT a, b FROM t ORDER BY a"},
    {"parquet", "out.parquet", false, "SELECT a, row_number() OVER (ORDER BY a) AS n FROM t"},
    {"opaque", "out.jsonl", true, "SELECT b, a FROM t POSITIONAL JOIN (SELECT 1 AS z) ORDER BY a"},
};

static bool takes_all;

static gbx_status work(job *j, gbx_error *err)
{
    gbx_session_options options = GBX_SESSION_OPTIONS_INIT;
    gbx_write_options write = GBX_WRITE_OPTIONS_INIT;
    options.threads = 1;
    options.memory_bytes = INT64_C(2000000000);
    options.temp_dir = j->spill;
    write.format = j->format;
    TRY(gbx_session_open(&options, &j->session, err));
    TRY(gbx_session_add_table(j->session, "t", j->table, err));
    TRY(gbx_session_sql(j->session, j->sql, NULL, &j->frame, err));
    TRY(gbx_frame_run(j->frame, NULL, &j->result, err));
    TRY(gbx_result_write_file(j->result, j->out, &write, err));
    return GBX_OK;
}

static void work_done(job *j)
{
    gbx_text_free(j->text);
    gbx_result_free(j->result);
    gbx_frame_free(j->frame);
    gbx_session_close(j->session);
    j->text = NULL;
    j->result = NULL;
    j->frame = NULL;
    j->session = NULL;
}

static size_t count_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    size_t n = 0;
    assert_non_null(dir);
    while (readdir(dir)) n++;
    closedir(dir);
    return n;
}

static size_t read_out(const job *j, char *text, size_t size)
{
    FILE *file = fopen(j->out, "rb");
    if (!file) return 0;
    const size_t len = fread(text, 1, size, file);
    fclose(file);
    return len;
}

static void check_left(job *j, gbx_status status, const gbx_error *err, int64_t nth, bool is_spoilt)
{
    char text[sizeof(j->expected)];
    if (is_spoilt) {
        assert_int_equal(gbx__fs_remove_tree(j->spill, NULL), 0);
        assert_int_equal(gbx__fs_make_dirs(j->spill, NULL), 0);
    }
    if (temp_count(j->spill) != 0) fail_msg("fault %" PRId64 ": a spill folder is left", nth);
    const size_t n_files = temp_count(j->folder);
    /* renamed, and then the folder could not be synced: the message says so */
    const bool is_whole = status == GBX_IO && strstr(err->message, "is written, but");
    if (status != GBX_OK && !is_whole) {
        if (n_files != 0)
            fail_msg("fault %" PRId64 ": a failed run left a file: %s", nth, err->message);
        return;
    }
    if (n_files != 1) fail_msg("fault %" PRId64 ": %zu files", nth, n_files);
    const size_t len = read_out(j, text, sizeof(text));
    assert_true(len > 0);
    if (j->expected[0] && (len != j->expected_len || memcmp(text, j->expected, len) != 0))
        fail_msg("fault %" PRId64 ": OK, and other bytes", nth);
    assert_int_equal(remove(j->out), 0);
}

/* One run; false when it had no fault to meet. */
static bool run(job *j, gbx__fault_kind kind, int64_t nth, int *n_failed)
{
    const gbx_status expected = kind == GBX_FAULT_ALLOC ? GBX_NOMEM : GBX_IO;
    gbx_error err = {0};
    const size_t before = count_descriptors();
    gbx__fault_arm(kind, nth);
    const gbx_status status = work(j, &err);
    /* what can't be removed stays: the disk's own fault, met while closing */
    const bool is_spoilt = kind == GBX_FAULT_IO && nth > gbx__fault_count(kind);
    work_done(j);
    const int64_t count = gbx__fault_count(kind);
    gbx__fault_arm(kind, 0);
    if (status != GBX_OK) {
        if (status != expected || err.status != status || !err.message[0])
            fail_msg("fault %" PRId64 ": %s: %s", nth, gbx_status_name(status), err.message);
        *n_failed += 1;
    }
    check_left(j, status, &err, nth, is_spoilt && nth <= count);
    if (count_descriptors() != before) fail_msg("fault %" PRId64 ": a descriptor is left", nth);
    if (count < nth && status != GBX_OK) fail_msg("a clean run fails: %s", err.message);
    return count >= nth;
}

static void job_init(job *j, const scenario *s)
{
    memset(j, 0, sizeof(*j));
    temp_dir_make(j->dir);
    temp_write(j->dir, "t.csv", "a,b,d\n1,x,2013-01-01\n2,y,\n-3,x,2013-01-03\n4,,2013-01-04\n");
    temp_write(j->dir, "spill/x", "");
    temp_write(j->dir, "folder/x", "");
    snprintf(j->table, sizeof(j->table), "%s", temp_path(j->dir, "t.csv"));
    snprintf(j->spill, sizeof(j->spill), "%s", temp_path(j->dir, "spill"));
    snprintf(j->folder, sizeof(j->folder), "%s", temp_path(j->dir, "folder"));
    snprintf(j->out, sizeof(j->out), "%s", temp_path(j->folder, s->file));
    assert_int_equal(remove(temp_path(j->spill, "x")), 0);
    assert_int_equal(remove(temp_path(j->folder, "x")), 0);
    j->format = gbx_format_of_path(j->out, GBX_FORMAT_KIND_TABLE);
    j->sql = s->sql;
}

static void torture(const scenario *s, gbx__fault_kind kind)
{
    job j;
    int n_failed = 0;
    int64_t n_runs = 0;
    int64_t n_faults = 0;
    gbx_error err = {0};
    job_init(&j, s);
    gbx__fault_arm(kind, INT64_MAX); /* counts */
    const gbx_status status = work(&j, &err);
    work_done(&j);
    n_faults = gbx__fault_count(kind);
    gbx__fault_arm(kind, 0);
    if (status != GBX_OK) fail_msg("%s: %s", s->name, err.message);
    if (s->is_text) {
        j.expected_len = read_out(&j, j.expected, sizeof(j.expected));
        assert_in_range(j.expected_len, 1, sizeof(j.expected) - 1);
    }
    assert_int_equal(remove(j.out), 0);

    const int64_t stride = takes_all ? 1 : n_faults / SAMPLE_RUNS + 1;
    bool is_met = true;
    for (int64_t nth = 1; is_met && nth < RUNS_MAX; nth += stride, n_runs++)
        is_met = run(&j, kind, nth, &n_failed);
    assert_false(is_met);
    assert_true(n_failed > 0);
    printf("%s: %" PRId64 " runs for %" PRId64 " %s, %d failed as they should\n", s->name, n_runs,
           n_faults, kind == GBX_FAULT_ALLOC ? "allocations" : "I/O calls", n_failed);
    temp_dir_remove(j.dir);
}

static void test_alloc(void **state)
{
    torture(*state, GBX_FAULT_ALLOC);
}

static void test_io(void **state)
{
    torture(*state, GBX_FAULT_IO);
}

int main(int argc, char **argv)
{
    takes_all = argc > 1 && strcmp(argv[1], "all") == 0;
    const size_t n = takes_all ? sizeof(scenarios) / sizeof(scenarios[0]) : 1;
    int status = 0;
    for (size_t i = 0; i < n; i++) {
        union {
            const scenario *s;
            void *state;
        } it = {.s = &scenarios[i]};
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(test_alloc, it.state),
            cmocka_unit_test_prestate(test_io, it.state),
        };
        status += cmocka_run_group_tests_name(scenarios[i].name, tests, NULL, NULL);
    }
    return status ? 1 : 0;
}
