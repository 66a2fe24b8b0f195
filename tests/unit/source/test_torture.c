/* Each resolve again and again, with allocation n or read n failing. */
#include "support/inputs.h"
#include "support/torture.h"

#include <sqlite3.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct torture_case {
    inputs *in;
    const char *location;
    bool want_stats;
} torture_case;

static inputs in;

static int set_up(void **state)
{
    (void)state;
    inputs_open(&in);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inputs_close(&in);
    return 0;
}

static gbx_status drain(const gbx__scan *scan, gbx_error *err)
{
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    if (!gbx__source_has_stream(scan->format)) return GBX_OK;
    GBX_TRY(gbx__source_open_stream(scan, &stream, err));
    gbx_status status = GBX_OK;
    do {
        const int code = stream.get_next(&stream, &array);
        if (code != 0) {
            gbx__error_set(err, GBX_NOMEM, "%s", stream.get_last_error(&stream));
            status = GBX_NOMEM;
        } else if (array.release) {
            array.release(&array);
        } else {
            break;
        }
    } while (status == GBX_OK);
    stream.release(&stream);
    return status;
}

static gbx_status resolve(void *ctx, gbx_error *err)
{
    const torture_case *c = ctx;
    gbx__arena arena;
    const gbx__scan *scan = NULL;
    gbx__arena_init(&arena);
    const gbx__source_ctx source = {.conn = c->in->conn, .arena = &arena};
    const gbx__source_request request = {.location = gbx__str_of(c->location),
                                         .want_stats = c->want_stats};
    gbx_status status = gbx__source_resolve(&source, &request, &scan, err);
    if (status == GBX_OK) status = drain(scan, err);
    gbx__arena_done(&arena);
    return status;
}

static void torture(const char *location, bool want_stats)
{
    torture_case c = {&in, location, want_stats};
    assert_true(torture_run(GBX_FAULT_ALLOC, resolve, &c) > 5);
    torture_run(GBX_FAULT_IO, resolve, &c);
}

static void test_csv(void **state)
{
    (void)state;
    temp_write(in.dir, "k=1/a.csv", "x,y\n1,\"p, q\"\n");
    temp_write(in.dir, "k=2/b.csv", "x,y\n2,31\n");
    torture("k=1/a.csv", false);
    torture("k=*/*.csv", false);
}

static void test_parquet(void **state)
{
    (void)state;
    assert_int_equal(gbx__duck_exec(in.conn,
                                    "COPY (SELECT 1 AS a, 'x' AS b) TO 'p1.parquet';"
                                    "COPY (SELECT 'y' AS b, 2 AS a) TO 'p2.parquet'",
                                    &in.err),
                     GBX_OK);
    torture("p?.parquet", true);
}

static void test_json(void **state)
{
    (void)state;
    temp_write(in.dir, "a.json", "{\"a\": 1, \"b\": [\"x\"]}\n");
    torture("a.json", false);
}

static void test_sqlite(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open("a.db", &db), SQLITE_OK);
    sqlite3_exec(db, "CREATE TABLE t(i INT, s TEXT); INSERT INTO t VALUES (1, 'x')", NULL, NULL,
                 NULL);
    sqlite3_close(db);
    torture("a.db", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_parquet),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_sqlite),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
