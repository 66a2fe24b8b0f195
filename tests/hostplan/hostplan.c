/*
 * gearbox-hostplan: a query as the `prepare` message that a host would get (README.md).
 */
#include "base/alloc.h"
#include "base/vec.h"
#include "duck/duck.h"
#include "engine/host/prepare.h"
#include "optimise/fold.h"
#include "optimise/optimise.h"
#include "sql/sql.h"

#include <stdio.h>
#include <string.h>

#define ALL_PASSES UINT32_MAX

static const char usage[] =
    "usage: gearbox-hostplan 'SELECT …' [--table NAME=PATH]… [--speaks plan|datafusion|spark]\n"
    "       [--passes prune,push,joins,merge,null_safe|all|none] [--now US] [--seed N]\n";

typedef struct request {
    const char *sql;
    GBX_VEC(gbx__relation) tables;
    gbx__host_caps caps;
    uint32_t passes;
    gbx__fragment fragment;
} request;

static gbx_status read_passes(const char *text, uint32_t *out, gbx_error *err)
{
    static const struct {
        const char *name;
        uint32_t bits;
    } passes[] = {{"all", ALL_PASSES},
                  {"none", 0},
                  {"prune", GBX_PASS_PRUNE_COLUMNS},
                  {"merge", GBX_PASS_MERGE},
                  {"push", GBX_PASS_PUSH_FILTERS},
                  {"joins", GBX_PASS_JOIN_ORDER},
                  {"null_safe", GBX_PASS_NULL_SAFE}};
    *out = 0;
    while (*text != '\0') {
        const size_t len = strcspn(text, ",");
        size_t i = 0;
        const size_t n = sizeof(passes) / sizeof(passes[0]);
        while (i < n && !gbx__str_is((gbx__str){text, len}, passes[i].name)) i++;
        if (i == n) return GBX_FAIL(err, GBX_MISUSE, "no pass '%.*s'", (int)len, text);
        *out |= passes[i].bits;
        text += len + (text[len] == ',');
    }
    return GBX_OK;
}

static gbx_status read_table(request *r, const char *text, gbx_error *err)
{
    const char *equals = strchr(text, '=');
    if (!equals) return GBX_FAIL(err, GBX_MISUSE, "--table takes NAME=PATH");
    const gbx__relation table = {.name = {text, (size_t)(equals - text)},
                                 .location = gbx__str_of(equals + 1)};
    return gbx__vec_push(&r->tables, table) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status read_number(const char *text, int64_t *out, gbx_error *err)
{
    long long number = 0;
    int end = 0;
    if (sscanf(text, "%lld%n", &number, &end) != 1 || text[end] != '\0')
        return GBX_FAIL(err, GBX_MISUSE, "'%s' is no number", text);
    *out = number;
    return GBX_OK;
}

static gbx_status read_option(request *r, const char *name, const char *value, gbx_error *err)
{
    if (!value) return GBX_FAIL(err, GBX_MISUSE, "%s needs a value", name);
    if (strcmp(name, "--table") == 0) return read_table(r, value, err);
    if (strcmp(name, "--passes") == 0) return read_passes(value, &r->passes, err);
    if (strcmp(name, "--now") == 0) return read_number(value, &r->fragment.now_us, err);
    if (strcmp(name, "--seed") == 0) return read_number(value, &r->fragment.seed, err);
    if (strcmp(name, "--speaks") != 0) return GBX_FAIL(err, GBX_MISUSE, "no option %s", name);
    r->caps.speaks = value;
    return GBX_OK;
}

static gbx_status read_arguments(request *r, int argc, char **argv, gbx_error *err)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            GBX_TRY(read_option(r, argv[i], i + 1 < argc ? argv[i + 1] : NULL, err));
            i++;
        } else if (r->sql) {
            return GBX_FAIL(err, GBX_MISUSE, "one query at a time");
        } else {
            r->sql = argv[i];
        }
    }
    return r->sql ? GBX_OK : GBX_FAIL(err, GBX_MISUSE, "a query is missing");
}

typedef struct compute_ctx {
    gbx__duck_conn *conn;
    gbx_plan *plan;
} compute_ctx;

static gbx_status compute(void *ctx, gbx__arena *arena, size_t n, const gbx__expr *const *exprs,
                          const gbx__expr **out, gbx_error *err)
{
    const compute_ctx *c = ctx;
    int64_t now_us = 0;
    return gbx__sql_compute(c->conn, c->plan, arena, n, exprs, out, &now_us, err);
}

/* As a run does it (exec/run_plan.c). */
static gbx_status improve(const request *r, gbx__duck_conn *conn, gbx_plan *plan, gbx_plan **out,
                          gbx_error *err)
{
    compute_ctx ctx = {conn, plan};
    gbx_plan *folded = NULL;
    GBX_TRY(gbx__pass_fold(plan, compute, &ctx, &folded, err));
    const gbx_status status = gbx__optimise(folded, r->passes, out, err);
    gbx__plan_unref(folded);
    return status;
}

static gbx_status make_plan(const request *r, gbx__duck_conn *conn, gbx_plan **out, gbx_error *err)
{
    const gbx__sql_request import = {.text = gbx__str_of(r->sql),
                                     .conn = conn,
                                     .n_relations = r->tables.len,
                                     .relations = r->tables.items};
    gbx__sql_result result = {0};
    GBX_TRY(gbx__sql_import(&import, &result, err));
    gbx_status status = GBX_OK;
    if (result.plan) {
        status = improve(r, conn, result.plan, out, err);
    } else {
        *err = result.why_not;
        status = GBX_UNSUPPORTED;
    }
    gbx__sql_result_done(&result);
    return status;
}

/* Streams of the plan as inputs: the numbers that a host gets. */
static bool add_input(const gbx__node *node, void *ctx)
{
    gbx__fragment *fragment = ctx;
    if (node->kind != GBX_NODE_SCAN || node->scan.scan->format != GBX_SCAN_STREAM) return true;
    fragment->inputs[fragment->n_inputs++].name = node->scan.scan->name;
    return true;
}

static gbx_status print_message(request *r, gbx__duck_conn *conn, gbx_error *err)
{
    gbx_plan *plan = NULL;
    GBX_TRY(make_plan(r, conn, &plan, err));
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    r->fragment.plan = plan;
    r->fragment.inputs = gbx__alloc_zero(plan->next_node * sizeof(*r->fragment.inputs));
    gbx_status status = GBX_FAIL_NOMEM(err);
    if (r->fragment.inputs && gbx__plan_walk(plan->root, add_input, &r->fragment))
        status = gbx__host_prepare_json(&r->caps, 1, &r->fragment, &out, err);
    if (status == GBX_OK) puts(out.data);
    gbx__alloc_free(r->fragment.inputs);
    gbx__plan_unref(plan);
    return status;
}

static gbx_status run(request *r, gbx_error *err)
{
    const gbx__duck_options options = {.threads = 1};
    gbx__duck *duck = NULL;
    gbx__duck_conn *conn = NULL;
    GBX_TRY(gbx__duck_open(&options, &duck, err));
    gbx_status status = gbx__duck_connect(duck, &conn, err);
    if (status == GBX_OK) status = print_message(r, conn, err);
    if (conn) gbx__duck_disconnect(conn);
    gbx__duck_close(duck);
    return status;
}

int main(int argc, char **argv)
{
    request r = {.caps = {.speaks = "plan"}, .passes = ALL_PASSES};
    gbx_error err = {0};
    gbx_status status = read_arguments(&r, argc, argv, &err);
    if (status == GBX_OK) status = run(&r, &err);
    gbx__vec_done(&r.tables);
    if (status == GBX_OK) return 0;
    fprintf(stderr, "gearbox-hostplan: %s\n%s", err.message, status == GBX_MISUSE ? usage : "");
    return status == GBX_MISUSE ? 2 : 1;
}
