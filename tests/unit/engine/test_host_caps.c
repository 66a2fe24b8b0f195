#include "engine/host/caps.h"

#include "support/plan_samples.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- what is read ---------------------------------------------------------------------------- */

static gbx_status caps_of(const char *text, gbx__host_caps *out, gbx_error *err)
{
    yyjson_doc *doc = NULL;
    assert_int_equal(gbx__json_read(text, strlen(text), 0, &doc, err), GBX_OK);
    const gbx_status status = gbx__host_caps_read(yyjson_doc_get_root(doc), out, err);
    gbx__json_free(doc);
    return status;
}

static void a_whole_one_is_read(void **state)
{
    gbx__host_caps caps;
    gbx_error err;
    (void)state;
    assert_int_equal(caps_of("{\"semantics\":1,\"speaks\":\"plan\",\"operators\":[\"sort\","
                             "\"filter\"],\"functions\":{\"scalar\":[\"*\"],\"window\":[\"lag\"]},"
                             "\"streams_results\":true,\"best_for\":\"tests\",\"more\":1}",
                             &caps, &err),
                     GBX_OK);
    assert_string_equal(caps.speaks, "plan");
    assert_string_equal(caps.best_for, "tests");
    assert_null(caps.cannot);
    assert_true(caps.streams_results);
    assert_true(gbx__host_names_have(&caps.operators, GBX_STR("filter")));
    assert_true(gbx__host_names_have(&caps.operators, GBX_STR("sort")));
    assert_false(gbx__host_names_have(&caps.operators, GBX_STR("topn")));
    assert_false(gbx__host_names_have(&caps.types, GBX_STR("int64")));
    assert_true(gbx__host_names_have(&caps.functions[GBX_FN_SCALAR], GBX_STR("anything")));
    assert_false(gbx__host_names_have(&caps.functions[GBX_FN_WINDOW], GBX_STR("lead")));
    gbx__host_caps_done(&caps);
    gbx__host_caps_done(&caps);
}

static void a_wrong_one_is_refused(void **state)
{
    static const char *const cases[][2] = {
        {"[]", "there are no capabilities"},
        {"{}", "its semantics are version 0, Gearbox has 1"},
        {"{\"semantics\":2,\"speaks\":\"plan\"}", "its semantics are version 2, Gearbox has 1"},
        {"{\"semantics\":1}", "the capability 'speaks' is missing"},
        {"{\"semantics\":1,\"speaks\":7}", "the capability 'speaks' is no text"},
        {"{\"semantics\":1,\"speaks\":\"plan\",\"types\":\"int64\"}",
         "the capability 'types' is no list of names"},
        {"{\"semantics\":1,\"speaks\":\"plan\",\"functions\":{\"table\":[1]}}",
         "the capability 'table' is no list of names"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        gbx__host_caps caps;
        gbx_error err;
        assert_int_equal(caps_of(cases[i][0], &caps, &err), GBX_INVALID);
        assert_string_equal(err.message, cases[i][1]);
    }
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* What a plan needs, found by declaring whatever was missing. */
typedef struct needs {
    gbx__buf lists[6]; /* operators, types, then functions by kind: each name with a comma behind */
} needs;

static void needs_done(needs *n)
{
    for (size_t i = 0; i < 6; i++) gbx__buf_done(&n->lists[i]);
}

/* The list without the name `but` (NULL: all of it), as JSON. */
static void put_list(gbx__buf *out, const gbx__buf *list, const char *but)
{
    const char *at = list->data ? list->data : "";
    const char *comma = "";
    gbx__buf_putc(out, '[');
    while (*at) {
        const gbx__str name = {at, strcspn(at, ",")};
        at += name.len + 1;
        if (but && gbx__str_is(name, but)) continue;
        gbx__buf_puts(out, comma);
        gbx__json_write_str(out, name);
        comma = ",";
    }
    gbx__buf_putc(out, ']');
}

static gbx_status can(const needs *n, const gbx_plan *plan, int but_list, const char *but,
                      gbx_error *err)
{
    static const char *const keys[] = {
        "\"operators\":",  ",\"types\":",  ",\"functions\":{\"scalar\":",
        ",\"aggregate\":", ",\"window\":", ",\"table\":"};
    gbx__buf text = {0};
    gbx__host_caps caps;
    gbx__buf_puts(&text, "{\"semantics\":1,\"speaks\":\"plan\",");
    for (int i = 0; i < 6; i++) {
        gbx__buf_puts(&text, keys[i]);
        put_list(&text, &n->lists[i], i == but_list ? but : NULL);
    }
    gbx__buf_puts(&text, "}}");
    assert_int_equal(caps_of(text.data, &caps, err), GBX_OK);
    gbx__buf_done(&text);
    const gbx_status status = gbx__host_caps_can(&caps, "polars", plan, err);
    gbx__host_caps_done(&caps);
    return status;
}

static const char *const kinds[] = {"operator ",        "type ",          "function ", "aggregate ",
                                    "window function ", "table function "};
static const char prefix[] = "polars does not give the agreed answer for the ";

static void needs_of(needs *n, const gbx_plan *plan)
{
    gbx_error err;
    for (int round = 0; can(n, plan, -1, NULL, &err) != GBX_OK; round++) {
        assert_true(round < 1000);
        assert_int_equal(err.status, GBX_UNSUPPORTED);
        assert_int_equal(strncmp(err.message, prefix, strlen(prefix)), 0);
        const char *what = err.message + strlen(prefix);
        int kind = 0;
        while (kind < 6 && strncmp(what, kinds[kind], strlen(kinds[kind])) != 0) kind++;
        assert_true(kind < 6);
        gbx__buf_printf(&n->lists[kind], "%s,", what + strlen(kinds[kind]));
    }
}

static gbx_plan *sample(const char *name)
{
    gbx_plan *plan = NULL;
    gbx_error err;
    for (size_t i = 0; i < plan_sample_count; i++) {
        if (strcmp(plan_samples[i].name, name) != 0) continue;
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        return plan;
    }
    fail_msg("no sample %s", name);
    return NULL;
}

/* Without one of the names it is refused by that name. */
static void check_each_is_needed(const needs *n, const gbx_plan *plan)
{
    gbx_error err;
    for (int kind = 0; kind < 6; kind++) {
        const char *at = n->lists[kind].data ? n->lists[kind].data : "";
        for (size_t len; *at; at += len + 1) {
            char name[64];
            len = strcspn(at, ",");
            snprintf(name, sizeof(name), "%.*s", (int)len, at);
            assert_int_equal(can(n, plan, kind, name, &err), GBX_UNSUPPORTED);
            assert_string_equal(err.message + strlen(err.message) - len, name);
        }
    }
}

static void plans_need_what_is_in_them(void **state)
{
    static const char *const cases[][3] = {
        {"query", "filter,join.inner,aggregate,sort,limit,project,", ""},
        {"windows", "window,", "rank,sum,lag,"},
        {"groups", "aggregate,aggregate.sets,aggregate.distinct,aggregate.filter,aggregate.order,",
         ""},
        {"joins",
         "join.inner,join.left,join.right,join.full,join.semi,join.anti,join.cross,join.single,"
         "join.mark,join.positional,join.asof,",
         ""},
        {"sets",
         "setop.union,setop.intersect,setop.except,distinct.on,distinct,sample.reservoir,"
         "sample.bernoulli,topn,limit.percent,",
         ""},
        {"ctes", "values,cte,project,filter,recursive,join.cross,", ""},
        {"functions", "table_fn.lateral,values.correlated,unnest,call,", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        needs n = {0};
        gbx_plan *plan = sample(cases[i][0]);
        needs_of(&n, plan);
        assert_string_equal(n.lists[0].data, cases[i][1]);
        assert_string_equal(n.lists[4].data ? n.lists[4].data : "", cases[i][2]);
        check_each_is_needed(&n, plan);
        gbx__plan_unref(plan);
        needs_done(&n);
    }
}

/* The place is that of the text. */
static void a_refusal_has_a_place(void **state)
{
    gbx__host_caps caps;
    gbx_error err;
    (void)state;
    gbx_plan *plan = sample("query");
    assert_int_equal(caps_of("{\"semantics\":1,\"speaks\":\"plan\",\"types\":[\"*\"],"
                             "\"operators\":[\"*\"]}",
                             &caps, &err),
                     GBX_OK);
    assert_int_equal(gbx__host_caps_can(&caps, "dask", plan, &err), GBX_UNSUPPORTED);
    assert_true(err.line > 0);
    gbx__host_caps_done(&caps);
    gbx__plan_unref(plan);
}

/* ---- scans ----------------------------------------------------------------------------------- */

static void plain_files_of_known_types_are_read(void **state)
{
    const gbx__str path = GBX_STR("a.parquet");
    const gbx__type list = {
        .kind = GBX_TYPE_LIST, .n_fields = 1, .fields = &(gbx__field){GBX_STR("i"), sample_utf8()}};
    gbx__scan scan = {.format = GBX_SCAN_PARQUET, .n_paths = 1, .paths = &path};
    gbx__col col = {.type = sample_int64()};
    uint32_t field = 0;
    gbx__node node = {.kind = GBX_NODE_SCAN, .n_cols = 1, .cols = &col};
    gbx__host_caps caps;
    gbx_error err;
    (void)state;
    node.scan.scan = &scan;
    node.scan.fields = &field;
    assert_int_equal(caps_of("{\"semantics\":1,\"speaks\":\"plan\",\"scans\":[\"parquet\"],"
                             "\"scan_types\":[\"int64\",\"list\"]}",
                             &caps, &err),
                     GBX_OK);
    assert_true(gbx__host_caps_read_scan(&caps, &node));
    col.type = sample_utf8();
    assert_false(gbx__host_caps_read_scan(&caps, &node));
    col.type = &list;
    assert_false(gbx__host_caps_read_scan(&caps, &node)); /* for what is in it */
    col.type = sample_int64();
    field = GBX_SCAN_ROWID;
    assert_false(gbx__host_caps_read_scan(&caps, &node));
    field = 0;
    scan.n_partitions = 1;
    assert_false(gbx__host_caps_read_scan(&caps, &node));
    scan.n_partitions = 0;
    scan.files_differ = true;
    assert_false(gbx__host_caps_read_scan(&caps, &node));
    scan.files_differ = false;
    scan.format = GBX_SCAN_CSV;
    assert_false(gbx__host_caps_read_scan(&caps, &node));
    gbx__host_caps_done(&caps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one_is_read),
        cmocka_unit_test(a_wrong_one_is_refused),
        cmocka_unit_test(plans_need_what_is_in_them),
        cmocka_unit_test(a_refusal_has_a_place),
        cmocka_unit_test(plain_files_of_known_types_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
