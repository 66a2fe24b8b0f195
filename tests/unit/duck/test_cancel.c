/* Whatever a query does, it ends soon after it is told to, and the connection goes on. */
#include "support/duck.h"
#include "support/temp.h"

#include "base/clock.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 300 ms are promised; the machine may have other work. */
#define CANCEL_MAX_NS duck_patience_ns(INT64_C(600000000))
#define CANCEL_AFTER_NS INT64_C(250000000)

static duck d;
static char folder[TEMP_DIR_SIZE];

/* Under valgrind one shape of query has to do. */
static bool is_crawling(void)
{
    return duck_patience_ns(1) > 10;
}

static int open_one(void **state)
{
    (void)state;
    temp_dir_make(folder);
    const gbx__duck_options options = {.spill_dir = folder};
    duck_open(&d, &options);
    gbx__buf sql = {0};
    gbx__buf_printf(&sql,
                    "COPY (SELECT i, 'text ' || i AS s, i / 3 AS f FROM range(%d) t(i)) "
                    "TO '%s/big.csv'",
                    is_crawling() ? 1000 : 4000000, folder);
    duck_exec(&d, sql.data);
    gbx__buf_clear(&sql);
    gbx__buf_printf(&sql,
                    "CREATE VIEW big AS FROM read_csv(['%s/big.csv', '%s/big.csv', "
                    "'%s/big.csv', '%s/big.csv'])",
                    folder, folder, folder, folder);
    duck_exec(&d, sql.data);
    gbx__buf_done(&sql);
    return 0;
}

static int close_one(void **state)
{
    (void)state;
    duck_close(&d);
    temp_dir_remove(folder);
    return 0;
}

static void sleep_ns(int64_t ns)
{
    const struct timespec time = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    nanosleep(&time, NULL);
}

typedef struct canceller {
    gbx__cancel token;
    gbx__duck_conn *conn; /* interrupted instead of the token when there is one */
    int64_t after_ns;
    int64_t fired_ns;
} canceller;

static void *cancel_later(void *arg)
{
    canceller *c = arg;
    sleep_ns(c->after_ns);
    c->fired_ns = gbx__mono_ns();
    if (c->conn)
        gbx__duck_interrupt(c->conn);
    else
        gbx__cancel_request(&c->token);
    return NULL;
}

/* Runs to the end or to the failure. */
static gbx_status run(const char *sql, gbx__cancel *token, gbx_error *err, int *code)
{
    struct ArrowArrayStream stream = {0};
    gbx_status status = gbx__duck_query(d.conn, sql, 0, NULL, token, &stream, err);
    *code = 0;
    if (status != GBX_OK) return status;
    for (;;) {
        struct ArrowArray batch = {0};
        *code = stream.get_next(&stream, &batch);
        if (*code != 0 || !batch.release) break;
        batch.release(&batch);
    }
    if (*code != 0) {
        *err = *gbx__duck_stream_error(&stream);
        status = err->status;
    }
    stream.release(&stream);
    return status;
}

static void check_cancel(const char *sql, gbx__duck_conn *conn)
{
    canceller c = {.conn = conn, .after_ns = CANCEL_AFTER_NS};
    pthread_t thread;
    gbx_error err = {0};
    int code = 0;
    gbx__cancel_init(&c.token);
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &c), 0);
    const gbx_status status = run(sql, conn ? NULL : &c.token, &err, &code);
    const int64_t end = gbx__mono_ns();
    pthread_join(thread, NULL);
    if (status != GBX_CANCELLED) fail_msg("%s: %s %s", sql, gbx_status_name(status), err.message);
    assert_string_equal(err.message, "cancelled");
    if (code != 0) assert_int_equal(code, ECANCELED);
    if (end - c.fired_ns > CANCEL_MAX_NS)
        fail_msg("%s: ended after %lld ms", sql, (long long)((end - c.fired_ns) / 1000000));
    assert_string_equal(duck_rows(&d, "SELECT 42"), "42\n");
}

static const char *const queries[] = {
    "SELECT h FROM (SELECT hash(i) AS h, i FROM range(300000000) t(i)) ORDER BY h",
    "SELECT count(*) FROM range(10000000) a, range(100000) b WHERE (a.range + b.range) % 3 = 1",
    "SELECT count(*) FROM big",
    "SELECT * FROM big",
    "SELECT s, count(*) FROM big GROUP BY s",
    "SELECT count(DISTINCT hash(i)) FROM range(1000000000) t(i)",
    "SELECT sum(x) OVER (PARTITION BY x % 1000 ORDER BY y) FROM "
    "(SELECT i AS x, hash(i) AS y FROM range(200000000) t(i))",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
    "SELECT count(*) FROM (SELECT unnest(range(1000)) FROM range(100000000))",
    "SELECT * FROM range(100000000000)",
    "SELECT max(regexp_replace(repeat('ab', 10000) || i, '(a+b)+c', 'x', 'g')) FROM "
    "range(10000000) t(i)",
    "PIVOT (SELECT i % 1000 AS a, i % 2000 AS b, i FROM range(300000000) t(i)) ON a USING sum(i) "
    "GROUP BY b",
};

static void test_cancel(void **state)
{
    (void)state;
    const size_t n = sizeof(queries) / sizeof(queries[0]);
    for (size_t i = 0; i < (is_crawling() ? 1 : n); i++) check_cancel(queries[i], NULL);
}

static void test_interrupt(void **state)
{
    (void)state;
    check_cancel(queries[0], d.conn);
    check_cancel(queries[9], d.conn);
}

static void test_time_limit(void **state)
{
    (void)state;
    for (size_t i = 0; i < (is_crawling() ? 1 : 4); i++) {
        gbx__cancel token;
        gbx_error err = {0};
        int code = 0;
        gbx__cancel_init(&token);
        const int64_t deadline = gbx__mono_ns() + CANCEL_AFTER_NS;
        gbx__cancel_deadline(&token, deadline);
        assert_int_equal(run(queries[i], &token, &err, &code), GBX_TIMEOUT);
        const int64_t late = gbx__mono_ns() - deadline;
        assert_true(late >= 0 && late < CANCEL_MAX_NS);
        assert_string_equal(err.message, "the time limit was reached");
        if (code != 0) assert_int_equal(code, ETIMEDOUT);
    }
}

static void test_cancelled_before_it_begins(void **state)
{
    (void)state;
    gbx__cancel token;
    gbx_error err = {0};
    int code = 0;
    gbx__cancel_init(&token);
    gbx__cancel_request(&token);
    assert_int_equal(run("SELECT 1", &token, &err, &code), GBX_CANCELLED);
    gbx__cancel_init(&token);
    assert_int_equal(run("SELECT 1", &token, &err, &code), GBX_OK);
}

static void test_cancelled_between_two_batches(void **state)
{
    (void)state;
    gbx__cancel token;
    gbx_error err = {0};
    struct ArrowArrayStream stream;
    struct ArrowArray batch = {0};
    gbx__cancel_init(&token);
    assert_int_equal(gbx__duck_query(d.conn, "SELECT * FROM range(100000000000)", 0, NULL, &token,
                                     &stream, &err),
                     GBX_OK);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    batch.release(&batch);
    gbx__cancel_request(&token);
    assert_int_equal(stream.get_next(&stream, &batch), ECANCELED);
    assert_null(batch.release);
    assert_int_equal(gbx__duck_stream_error(&stream)->status, GBX_CANCELLED);
    stream.release(&stream);
    /* An interruption while nobody waits is not lost either. */
    assert_int_equal(
        gbx__duck_query(d.conn, "SELECT * FROM range(100000000000)", 0, NULL, NULL, &stream, &err),
        GBX_OK);
    assert_int_equal(stream.get_next(&stream, &batch), 0);
    batch.release(&batch);
    gbx__duck_interrupt(d.conn);
    int code = 0;
    for (int i = 0; i < 1000 && code == 0; i++) {
        code = stream.get_next(&stream, &batch);
        if (code == 0) batch.release(&batch);
    }
    assert_int_equal(code, ECANCELED);
    stream.release(&stream);
    assert_string_equal(duck_rows(&d, "SELECT 42"), "42\n");
}

/* ---- what is left ---------------------------------------------------------------------------- */

static size_t count_entries(const char *path)
{
    DIR *dir = opendir(path);
    size_t n = 0;
    assert_non_null(dir);
    while (readdir(dir)) n++;
    closedir(dir);
    return n - 2;
}

static void test_a_thread_only_with_a_token(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx__cancel token;
    struct ArrowArrayStream stream;
    int64_t n_rows;
    int64_t n_batches;
    gbx__cancel_init(&token);
    const size_t before = count_entries("/proc/self/task");
    duck_query(&d, "SELECT * FROM range(1000000)", &stream);
    assert_int_equal(count_entries("/proc/self/task"), before);
    stream.release(&stream);
    assert_int_equal(
        gbx__duck_query(d.conn, "SELECT * FROM range(1000000)", 0, NULL, &token, &stream, &err),
        GBX_OK);
    assert_int_equal(count_entries("/proc/self/task"), before + 1);
    assert_int_equal(duck_drain(&stream, &n_rows, &n_batches), GBX_OK);
    assert_int_equal(count_entries("/proc/self/task"), before); /* at the end, not at release */
    stream.release(&stream);
}

static void test_nothing_is_left_to_spill(void **state)
{
    (void)state;
    const gbx__duck_options options = {.spill_dir = folder, .memory_limit_bytes = 100000000};
    duck small;
    gbx_error err = {0};
    gbx__cancel token;
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
    const size_t before = temp_count(folder);
    duck_open(&small, &options);
    assert_int_equal(temp_count(folder), before + 1);
    gbx__cancel_init(&token);
    gbx__cancel_deadline(&token, gbx__mono_ns() + INT64_C(1500000000));
    assert_int_equal(gbx__duck_query(small.conn, queries[0], 0, NULL, &token, &stream, &err),
                     GBX_OK);
    assert_int_equal(stream.get_next(&stream, &batch), ETIMEDOUT);
    stream.release(&stream);
    duck_close(&small);
    assert_int_equal(temp_count(folder), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_time_limit),
        cmocka_unit_test(test_cancelled_before_it_begins),
        cmocka_unit_test(test_cancelled_between_two_batches),
        cmocka_unit_test(test_a_thread_only_with_a_token),
        cmocka_unit_test(test_nothing_is_left_to_spill),
    };
    return cmocka_run_group_tests(tests, open_one, close_one);
}
