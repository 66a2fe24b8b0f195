/*
 * Each allocation fails once, on the way through the whole API: the answer is NOMEM or the right
 * rows, and nothing leaks.
 */
#include "gearbox/gearbox.h"

#include "support/query.h"
#include "support/temp.h"
#include "support/torture.h"

#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TRY(call)                                                                                  \
    do {                                                                                           \
        const gbx_status try_status = (call);                                                      \
        if (try_status != GBX_OK) return try_status;                                               \
    } while (0)

typedef struct torture_ctx {
    gbx_session *session;
    const char *path;
    gbx_frame *frames[4];
    gbx_result *result;
    char *text;
} torture_ctx;

static gbx_status frame_steps(torture_ctx *t, gbx_error *err)
{
    const gbx_param item = {"m", "1"};
    const gbx_params params = {1, &item};
    const char *sql = "SELECT a, b FROM t WHERE a >= CAST($m AS BIGINT)";
    TRY(gbx_session_sql(t->session, sql, &params, &t->frames[0], err));
    TRY(gbx_frame_with_columns(t->frames[0], "a + 1 AS c, upper(b) AS b", &t->frames[1], err));
    TRY(gbx_frame_group_by(t->frames[1], "b", "sum(c) AS s", &t->frames[2], err));
    TRY(gbx_frame_join(t->frames[0], t->frames[2], GBX_JOIN_KIND_CROSS, NULL, &t->frames[3], err));
    TRY(gbx_frame_explain(t->frames[3], GBX_EXPLAIN_JSON, &t->text, err));
    return GBX_OK;
}

static void frames_done(torture_ctx *t)
{
    for (size_t i = 0; i < 4; i++) {
        gbx_frame_free(t->frames[i]);
        t->frames[i] = NULL;
    }
    gbx_result_free(t->result);
    gbx_text_free(t->text);
    t->result = NULL;
    t->text = NULL;
}

static gbx_status work_steps(void *ctx, gbx_error *err)
{
    torture_ctx *t = ctx;
    const gbx_status status = frame_steps(t, err);
    frames_done(t);
    return status;
}

static gbx_status run_once(torture_ctx *t, gbx_error *err)
{
    TRY(gbx_session_sql(t->session, "SELECT a, b FROM t ORDER BY a", NULL, &t->frames[0], err));
    TRY(gbx_frame_run(t->frames[0], NULL, &t->result, err));
    gbx_write_options csv = GBX_WRITE_OPTIONS_INIT;
    csv.format = GBX_FORMAT_KIND_CSV;
    TRY(gbx_result_write_fd(t->result, STDOUT_FILENO, &csv, err));
    return gbx_result_stats_json(t->result, &t->text, err);
}

static gbx_status work_run(void *ctx, gbx_error *err)
{
    torture_ctx *t = ctx;
    const gbx_status status = run_once(t, err);
    frames_done(t);
    return status;
}

static gbx_status session_once(torture_ctx *t, gbx_error *err)
{
    TRY(gbx_session_open(NULL, &t->session, err));
    TRY(gbx_session_add_table(t->session, "t", t->path, err));
    struct ArrowArrayStream stream;
    query_stream(3, &stream);
    TRY(gbx_session_add_stream(t->session, "n", &stream, err));
    const char *readable[] = {t->path};
    gbx_policy policy = GBX_POLICY_INIT;
    policy.readable = readable;
    policy.n_readable = 1;
    TRY(gbx_session_restrict(t->session, &policy, err));
    return gbx_session_sql(t->session, "SELECT x FROM n", NULL, &t->frames[0], err);
}

static gbx_status work_session(void *ctx, gbx_error *err)
{
    torture_ctx *t = ctx;
    t->session = NULL;
    const gbx_status status = session_once(t, err);
    frames_done(t);
    gbx_session_close(t->session);
    assert_int_equal(query_stream_count(), 0);
    return status;
}

static void with_table(torture_work *work)
{
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a,b\n1,x\n2,y\n");
    torture_ctx t = {.session = query_session(), .path = temp_path(dir, "t.csv")};
    gbx_error err;
    assert_int_equal(gbx_session_add_table(t.session, "t", t.path, &err), GBX_OK);
    /* The engine starts outside: its own allocations are not ours to fail. */
    assert_string_equal(query_text(t.session, "SELECT 1 AS a"), "a\n1\n");
    assert_true(torture_run(GBX_FAULT_ALLOC, *work, &t) > 10);
    gbx_session_close(t.session);
    temp_dir_remove(dir);
}

static void test_steps(void **state)
{
    (void)state;
    torture_work work = work_steps;
    with_table(&work);
}

static void test_run(void **state)
{
    (void)state;
    torture_work work = work_run;
    with_table(&work);
}

static void test_session(void **state)
{
    (void)state;
    char dir[TEMP_DIR_SIZE];
    temp_dir_make(dir);
    temp_write(dir, "t.csv", "a,b\n1,x\n2,y\n");
    torture_ctx t = {.path = temp_path(dir, "t.csv")};
    assert_true(torture_run(GBX_FAULT_ALLOC, work_session, &t) > 10);
    temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
