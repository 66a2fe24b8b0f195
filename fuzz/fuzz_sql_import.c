/*
 * A query from a stranger: refused with its place, opaque, or a plan.
 *
 * It may name t (a registered CSV file), 't.csv' by its path, and v (a plan). DuckDB, which parses
 * and binds, is not instrumented; what it is asked to read lies in one folder.
 */
#include "support/fuzz.h"

#include <string.h>

static const char csv[] = "a,b,c,d\n1,x,1.5,2013-01-01\n2,y,2.5,2013-01-02\n";

static gbx_status may_read(void *ctx, const char *path, gbx_error *err)
{
    (void)ctx;
    const bool is_here = strncmp(path, fuzz_dir(), strlen(fuzz_dir())) == 0 || path[0] != '/';
    if (is_here && !strstr(path, "..")) return GBX_OK;
    return GBX_FAIL(err, GBX_DENIED, "not in the folder");
}

static gbx_plan *make_view(void)
{
    gbx_error err;
    gbx__sql_result result = {0};
    const gbx__sql_request request = {.text = GBX_STR("SELECT 1 AS a, 'x' AS b"),
                                      .conn = fuzz_duck()};
    must(gbx__sql_import(&request, &result, &err) == GBX_OK && result.plan != NULL);
    return result.plan;
}

static gbx_plan *view;

static void view_unref(void)
{
    gbx__plan_unref(view);
}

static void check_place(const gbx_error *err, size_t size)
{
    must(err->line >= 0 && err->column >= 0);
    must(err->line == 0 || (err->offset >= 0 && (uint64_t)err->offset <= size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__sql_result result = {0};
    gbx__duck_conn *conn = fuzz_duck();
    if (!view) {
        fuzz_write("t.csv", (const uint8_t *)csv, sizeof(csv) - 1);
        view = make_view();
        must(atexit(view_unref) == 0);
    }
    const gbx__relation relations[] = {{GBX_STR("t"), GBX_STR("t.csv"), NULL, NULL},
                                       {GBX_STR("table"), GBX_STR("t.csv"), NULL, NULL},
                                       {GBX_STR("v"), {NULL, 0}, view, NULL}};
    const gbx__duck_param params[] = {{GBX_STR("p"), GBX_STR("7"), false},
                                      {GBX_STR("1"), GBX_STR("x"), false}};
    const gbx__sql_request request = {.text = {(const char *)data, size},
                                      .conn = conn,
                                      .n_relations = 3,
                                      .relations = relations,
                                      .n_params = 2,
                                      .params = params,
                                      .may_read = may_read};
    const gbx_status status = gbx__sql_import(&request, &result, &err);
    if (status != GBX_OK) {
        must_tell(status, &err);
        check_place(&err, size);
    } else if (result.plan != NULL) {
        fuzz_use_plan(result.plan);
    } else {
        must(result.why_not.message[0] != '\0');
        check_place(&result.why_not, size);
    }
    gbx__sql_result_done(&result);
    /* nothing is left on the connection */
    must(gbx__duck_exec(conn, "BEGIN TRANSACTION; ROLLBACK", &err) == GBX_OK);
    return 0;
}
