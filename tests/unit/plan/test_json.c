#include "support/plan_samples.h"

#include "base/alloc.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static gbx_plan *make(size_t i)
{
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    if (plan_sample_make(i, &plan, &err)) fail_msg("%s: %s", plan_samples[i].name, err.message);
    return plan;
}

static gbx_plan *read_back(const gbx__buf *json)
{
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    if (gbx__plan_from_json(gbx__buf_view(json), &plan, &err)) {
        fail_msg("%s\n%s", err.message, json->data);
    }
    return plan;
}

/* Not only an equal plan: the same ids, positions, statistics. */
static void test_samples_read_back(void **state)
{
    (void)state;
    gbx__buf first;
    gbx__buf second;
    gbx__buf_init(&first, 0);
    gbx__buf_init(&second, 0);
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = make(i);
        gbx__buf_clear(&first);
        gbx__buf_clear(&second);
        gbx__plan_to_json(&first, plan);
        gbx_plan *copy = read_back(&first);
        gbx__plan_to_json(&second, copy);
        assert_string_equal(first.data, second.data);
        assert_true(gbx__plan_equal(plan, copy));
        assert_int_equal(plan->determinism, copy->determinism);
        assert_true(gbx__str_is(copy->text, plan_sample_text));
        gbx__plan_unref(copy);
        gbx__plan_unref(plan);
    }
    gbx__buf_done(&first);
    gbx__buf_done(&second);
}

/* Every prefix of a plan, and every plan with one byte changed, is refused or read: no more. */
static void test_damaged_samples(void **state)
{
    (void)state;
    gbx__buf json;
    gbx__buf_init(&json, 0);
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = make(i);
        gbx__buf_clear(&json);
        gbx__plan_to_json(&json, plan);
        gbx__plan_unref(plan);
        for (size_t at = 0; at < json.len; at += 3) {
            gbx_error err = {0};
            gbx_plan *copy = NULL;
            const gbx__str prefix = {json.data, at};
            assert_int_equal(gbx__plan_from_json(prefix, &copy, &err), GBX_PARSE);
            const char was = json.data[at];
            json.data[at] = "0\"{z"[at % 4];
            const gbx_status status = gbx__plan_from_json(gbx__buf_view(&json), &copy, &err);
            json.data[at] = was;
            if (status != GBX_OK) {
                assert_true(status == GBX_PARSE || status == GBX_INVALID ||
                            status == GBX_UNSUPPORTED);
                assert_int_equal(err.status, status);
                assert_null(copy);
            }
            gbx__plan_unref(copy);
        }
    }
    gbx__buf_done(&json);
}

typedef struct wrong_json {
    const char *root;
    gbx_status status;
    const char *message;
} wrong_json;

#define COL "\"cols\":[{\"id\":1,\"type\":\"int64\"}]"
#define ONE "{\"ex\":\"const\",\"type\":\"int64\",\"value\":1}"
#define VALUES "{\"op\":\"values\"," COL ",\"rows\":[[" ONE "]]}"
#define PROJECT(expr)                                                                              \
    "{\"op\":\"project\",\"cols\":[{\"id\":2,\"type\":\"int64\"}],\"inputs\":[" VALUES             \
    "],\"exprs\":[" expr "]}"

static const wrong_json roots[] = {
    {"null", GBX_INVALID, "an object expected at $.root"},
    {"{}", GBX_INVALID, "key 'op' is missing at $.root"},
    {"{\"op\":\"fly\"}", GBX_INVALID, "unknown 'fly' at $.root.op"},
    {"{\"op\":1}", GBX_INVALID, "a text expected at $.root.op"},
    {"{\"op\":\"values\",\"speed\":1}", GBX_INVALID, "unknown key 'speed' at $.root"},
    {"{\"op\":\"values\",\"op\":\"scan\"}", GBX_INVALID, "key 'op' comes twice at $.root"},
    {"{\"op\":\"values\"}", GBX_INVALID, "key 'rows' is missing at $.root"},
    {"{\"op\":\"values\",\"rows\":[],\"exprs\":[]}", GBX_INVALID,
     "key 'exprs' does not belong here at $.root"},
    {"{\"op\":\"values\",\"rows\":{}}", GBX_INVALID, "an array expected at $.root.rows"},
    {"{\"op\":\"values\"," COL ",\"rows\":[[]]}", GBX_INVALID,
     "1 items expected at $.root.rows[0]"},
    {"{\"op\":\"values\"," COL ",\"rows\":[[7]]}", GBX_INVALID,
     "an object expected at $.root.rows[0][0]"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":0,\"type\":\"int64\"}],\"rows\":[]}", GBX_INVALID,
     "a number from 1 to 1048575 expected at $.root.cols[0].id"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":4294967295,\"type\":\"int64\"}],\"rows\":[]}",
     GBX_INVALID, "a number from 1 to 1048575 expected"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":1.5,\"type\":\"int64\"}],\"rows\":[]}", GBX_INVALID,
     "an integer expected"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":1,\"type\":\"int65\"}],\"rows\":[]}", GBX_INVALID,
     "not a type: the name of a type expected at $.root.cols[0].type"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":1}],\"rows\":[]}", GBX_INVALID,
     "key 'type' is missing at $.root.cols[0]"},
    {"{\"op\":\"values\",\"cols\":[{\"id\":1,\"type\":\"int8\"},{\"id\":1,\"type\":\"int8\"}],"
     "\"rows\":[]}",
     GBX_INVALID, "column #1 is made twice"},
    {"{\"op\":\"values\",\"pos\":[1],\"rows\":[]}", GBX_INVALID,
     "an offset and a length expected at $.root.pos"},
    {"{\"op\":\"filter\",\"conjuncts\":[]}", GBX_INVALID, "filter can't have 0 inputs at $.root"},
    {"{\"op\":\"filter\",\"conjuncts\":[],\"inputs\":[" VALUES "," VALUES "]}", GBX_INVALID,
     "filter can't have 2 inputs at $.root"},
    {"{\"op\":\"shared\",\"share\":1}", GBX_INVALID, "no operator before has the number"},
    {"{\"op\":\"shared\"}", GBX_INVALID, "key 'share' is missing at $.root"},
    {PROJECT("{\"ex\":\"column\",\"type\":\"int64\"}"), GBX_INVALID,
     "key 'col' is missing at $.root.exprs[0]"},
    {PROJECT("{\"ex\":\"column\",\"type\":\"int64\",\"col\":9}"), GBX_INVALID,
     "column #9 is not visible here"},
    {PROJECT("{\"ex\":\"column\",\"type\":\"int64\",\"col\":1,\"fn\":\"+\"}"), GBX_INVALID,
     "key 'fn' does not belong here at $.root.exprs[0]"},
    {PROJECT("{\"ex\":\"call\",\"type\":\"int64\",\"fn\":\"fly\"}"), GBX_UNSUPPORTED,
     "there is no function 'fly' here at $.root.exprs[0].fn"},
    {PROJECT("{\"ex\":\"call\",\"type\":\"int64\",\"fn\":\"sum\",\"args\":[" ONE "]}"),
     GBX_UNSUPPORTED, "no function 'sum' here"},
    {PROJECT("{\"ex\":\"call\",\"type\":\"int64\",\"fn\":\"-\",\"args\":[" ONE
             "],\"arg_names\":[]}"),
     GBX_INVALID, "one name for each argument expected at $.root.exprs[0].arg_names"},
    {PROJECT("{\"ex\":\"call\",\"type\":\"int64\",\"fn\":\"-\",\"args\":[[]]}"), GBX_INVALID,
     "an object expected at $.root.exprs[0].args[0]"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"int8\",\"value\":300}"), GBX_INVALID,
     "a value of int8 expected at $.root.exprs[0].value"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"int64\",\"value\":\"9223372036854775808\"}"),
     GBX_INVALID, "an integer expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"int64\",\"value\":99999999999999999999}"), GBX_INVALID,
     "an integer expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"list<int64>\",\"value\":[1,\"x\"]}"), GBX_INVALID,
     "an integer expected at $.root.exprs[0].value[1]"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"decimal(3,1)\",\"value\":\"1.23\"}"), GBX_INVALID,
     "a value of decimal(3,1) expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"binary\",\"value\":\"0g\"}"), GBX_INVALID,
     "pairs of hexadecimal digits expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"uuid\",\"value\":\"12\"}"), GBX_INVALID,
     "a value of uuid expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"float64\",\"value\":\"nan\"}"), GBX_INVALID,
     "a number expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"union<>\",\"value\":{\"tag\":0,\"value\":1}}"),
     GBX_INVALID, "a value of union<> expected"},
    {PROJECT("{\"ex\":\"const\",\"type\":\"enum<'a'>\",\"value\":\"b\"}"), GBX_INVALID,
     "a value of enum<'a'> expected"},
    {"{\"op\":\"call\",\"language\":\"c\",\"code\":\"00\",\"digest\":\"11\"}", GBX_INVALID,
     "the digest of the code expected at $.root.digest"},
    {"{\"op\":\"call\",\"language\":\"c\",\"code\":\"00\"}", GBX_INVALID, "the digest of the code"},
    {"{\"op\":\"table_fn\",\"fn\":\"fly\",\"fields\":[],\"used\":[]}", GBX_UNSUPPORTED,
     "there is no table function 'fly' at $.root.fn"},
    {"{\"op\":\"scan\",\"scan\":{\"format\":\"csv\",\"fields\":[]},\"fields\":[0]}", GBX_INVALID,
     "0 items expected at $.root.fields"},
    {"{\"op\":\"scan\",\"scan\":{\"format\":\"csv\",\"fields\":[],\"stats\":[{}]},\"fields\":[]}",
     GBX_INVALID, "one item for each field expected at $.root.scan.stats"},
    {"{\"op\":\"scan\",\"scan\":{\"format\":\"csv\",\"fields\":[],\"csv\":{\"quote\":\"\\\"\\\"\"}"
     "},\"fields\":[]}",
     GBX_INVALID, "one byte expected at $.root.scan.csv.quote"},
    {"{\"op\":\"cte_ref\",\"cte\":5,\"fields\":[]}", GBX_INVALID, "outside of its query"},
};

static gbx_status read_root(const char *root, gbx_plan **out, gbx_error *err)
{
    gbx__buf json;
    gbx__buf_init(&json, 0);
    gbx__buf_printf(&json, "{\"gearbox_plan\":1,\"semantics\":%d,\"root\":%s}", GBX_SEMANTICS,
                    root);
    const gbx_status status = gbx__plan_from_json(gbx__buf_view(&json), out, err);
    gbx__buf_done(&json);
    return status;
}

static void test_wrong_roots(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    assert_int_equal(read_root(VALUES, &plan, &err), GBX_OK);
    gbx__plan_unref(plan);
    plan = NULL;
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        const gbx_status status = read_root(roots[i].root, &plan, &err);
        if (status != roots[i].status || err.status != status ||
            !strstr(err.message, roots[i].message) ||
            strncmp(err.message, "plan JSON: ", 11) != 0) {
            fail_msg("%s\nstatus %d: %s", roots[i].root, status, err.message);
        }
        assert_null(plan);
        assert_int_equal(read_root(roots[i].root, &plan, NULL), status);
    }
}

static void test_wrong_documents(void **state)
{
    (void)state;
    static const wrong_json documents[] = {
        {"", GBX_PARSE, "empty"},
        {"{", GBX_PARSE, "not JSON"},
        {"[]", GBX_INVALID, "an object expected at $"},
        {"{\"semantics\":1,\"root\":{}}", GBX_INVALID, "key 'gearbox_plan' is missing at $"},
        {"{\"gearbox_plan\":1,\"root\":{}}", GBX_INVALID, "key 'semantics' is missing at $"},
        {"{\"gearbox_plan\":1,\"semantics\":1}", GBX_INVALID, "key 'root' is missing at $"},
        {"{\"gearbox_plan\":2,\"semantics\":1,\"root\":{}}", GBX_UNSUPPORTED,
         "version 1 expected at $.gearbox_plan"},
        {"{\"gearbox_plan\":1,\"semantics\":99,\"root\":{}}", GBX_UNSUPPORTED,
         "1 expected at $.semantics"},
        {"{\"gearbox_plan\":1,\"semantics\":1,\"root\":{},\"more\":1}", GBX_INVALID,
         "unknown key 'more' at $"},
    };
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        gbx_error err = {0};
        gbx_plan *plan = NULL;
        const gbx_status status = gbx__plan_from_json(gbx__str_of(documents[i].root), &plan, &err);
        if (status != documents[i].status || !strstr(err.message, documents[i].message)) {
            fail_msg("%s\nstatus %d: %s", documents[i].root, status, err.message);
        }
    }
}

typedef struct wrong_edit {
    const char *sample, *from, *to;
    const char *message;
} wrong_edit;

/* Shapes that no builder call makes: a stranger's JSON may have them. */
static const wrong_edit wrong_edits[] = {
    {"query", "\"id\":2,\"name\":\"dep_delay\",\"type\":\"int64\"",
     "\"id\":2,\"name\":\"dep_delay\",\"type\":\"int32\"", "another type than its field"},
    {"query", "\"op\":\"limit\"", "\"op\":\"limit\",\"cols\":[{\"id\":99,\"type\":\"int8\"}]",
     "makes no columns"},
    {"groups", "\"grouping\":[[0,1]],", "", "too many or too few columns"},
    {"groups", "{\"id\":8,\"type\":\"int64\"}", "{\"id\":8,\"type\":\"int32\"}",
     "grouping() gives an int64"},
    {"joins", "{\"id\":22,\"type\":\"bool\"}", "{\"id\":22,\"type\":\"int64\"}",
     "ends in its boolean mark"},
    {"sets", "\"limit\":{\"ex\":\"const\",\"type\":\"float64\",\"value\":50.0}",
     "\"offset\":{\"ex\":\"const\",\"type\":\"int64\",\"value\":5}",
     "only a limit can be a percentage"},
    {"windows", ",{\"id\":6,\"name\":\"before\",\"type\":\"int64\"}", "",
     "one column for each function"},
    {"pivot", "\"n_aggs\":1", "\"n_aggs\":0", "0 items expected"},
    {"pivot", "\"name\":\"2013\",\"type\":\"int64\"", "\"name\":\"2013\",\"type\":\"utf8\"",
     "another type than its values"},
    {"pivot", "\"defaults\":[{\"ex\":\"const\",\"type\":\"int64\"",
     "\"defaults\":[{\"ex\":\"const\",\"type\":\"int32\"", "a constant of the values' type"},
    {"functions", "\"fn\":\"range\"", "\"fn\":\"unnest\"", "unnest does not take 2 arguments"},
    {"functions", "\"used\":[1]", "\"used\":[0]", "does not fit its field"},
    {"functions", "\"ordinality\":true", "\"ordinality\":false", "too many or too few columns"},
    {"functions", "\"name\":\"ordinality\",\"type\":\"int64\"",
     "\"name\":\"ordinality\",\"type\":\"int32\"", "an ordinality is an int64"},
    {"sink", "\"name\":\"rows\",\"type\":\"int64\"", "\"name\":\"rows\",\"type\":\"int32\"",
     "one count of rows"},
};

static void test_wrong_shapes(void **state)
{
    (void)state;
    gbx__buf json;
    gbx__buf edited;
    gbx__buf_init(&json, 0);
    gbx__buf_init(&edited, 0);
    for (size_t i = 0; i < sizeof(wrong_edits) / sizeof(wrong_edits[0]); i++) {
        const wrong_edit *e = &wrong_edits[i];
        size_t sample = 0;
        while (strcmp(plan_samples[sample].name, e->sample) != 0) sample++;
        gbx_plan *plan = make(sample);
        gbx__buf_clear(&json);
        gbx__plan_to_json(&json, plan);
        gbx__plan_unref(plan);

        const char *at = strstr(json.data, e->from);
        if (!at) fail_msg("no %s in %s", e->from, json.data);
        gbx__buf_clear(&edited);
        gbx__buf_append(&edited, json.data, (size_t)(at - json.data));
        gbx__buf_puts(&edited, e->to);
        gbx__buf_puts(&edited, at + strlen(e->from));
        gbx_error err = {0};
        plan = NULL;
        const gbx_status status = gbx__plan_from_json(gbx__buf_view(&edited), &plan, &err);
        if (status != GBX_INVALID || !strstr(err.message, e->message)) {
            fail_msg("%s → %s: %d %s", e->from, e->to, status, err.message);
        }
    }
    gbx__buf_done(&edited);
    gbx__buf_done(&json);
}

/* A failure of validation is told with the place in the SQL. */
static void test_places_in_the_text(void **state)
{
    (void)state;
    static const char json[] =
        "{\"gearbox_plan\":1,\"semantics\":1,\"text\":\"SELECT a\\nFROM b\",\"root\":" PROJECT(
            "{\"ex\":\"column\",\"type\":\"int64\",\"col\":9,\"pos\":[11,4]}") "}";
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    assert_int_equal(gbx__plan_from_json(gbx__str_of(json), &plan, &err), GBX_INVALID);
    assert_int_equal(err.offset, 11);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 3);
}

/* `n` times `open`, then `middle`, then `n` times `close`. */
static gbx_status read_deep(const char *open, const char *middle, const char *close, int n,
                            gbx_error *err)
{
    gbx_plan *plan = NULL;
    gbx__buf root;
    gbx__buf_init(&root, 0);
    for (int i = 0; i < n; i++) gbx__buf_puts(&root, open);
    gbx__buf_puts(&root, middle);
    for (int i = 0; i < n; i++) gbx__buf_puts(&root, close);
    const gbx_status status = read_root(root.data, &plan, err);
    gbx__buf_done(&root);
    gbx__plan_unref(plan);
    return status;
}

static void test_deep_nesting(void **state)
{
    (void)state;
    static const char node[] = "{\"op\":\"distinct\",\"inputs\":[";
    static const char call[] = "{\"ex\":\"call\",\"type\":\"int64\",\"fn\":\"-\",\"args\":[";
    static const char project[] = "{\"op\":\"project\",\"cols\":[{\"id\":2,\"type\":\"int64\"}],"
                                  "\"inputs\":[" VALUES "],\"exprs\":[";
    gbx_error err = {0};
    assert_int_equal(read_deep(node, VALUES, "]}", 999, &err), GBX_OK);
    assert_int_equal(read_deep(node, VALUES, "]}", 1000, &err), GBX_INVALID);
    assert_non_null(strstr(err.message, "nested more than 1000 deep at $…"));
    assert_int_equal(read_deep(node, VALUES, "]}", 10000, &err), GBX_INVALID);
    assert_int_equal(read_deep("[", "", "]", 100000, &err), GBX_INVALID);

    gbx__buf exprs;
    gbx__buf_init(&exprs, 0);
    for (int n = 999; n <= 9990; n += 8991) {
        gbx__buf_clear(&exprs);
        gbx__buf_puts(&exprs, project);
        for (int i = 0; i < n; i++) gbx__buf_puts(&exprs, call);
        gbx__buf_puts(&exprs, ONE);
        for (int i = 0; i < n; i++) gbx__buf_puts(&exprs, "]}");
        gbx__buf_puts(&exprs, "]}");
        gbx_plan *plan = NULL;
        assert_int_equal(read_root(exprs.data, &plan, &err), n == 999 ? GBX_OK : GBX_INVALID);
        gbx__plan_unref(plan);
    }
    gbx__buf_done(&exprs);
}

/* A tower of nodes that each read the one below twice: 2^60 paths to its foot. */
static const gbx__node *build_tower(gbx__plan_builder *b)
{
    const gbx__node *node = sample_airlines(b);
    for (int i = 0; i < 60; i++) {
        const gbx__node *const both[] = {node, node};
        node = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, both, GBX_NO_POS);
    }
    return node;
}

static void test_shared_towers(void **state)
{
    (void)state;
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    assert_int_equal(plan_sample_finish(build_tower, &plan, &err), GBX_OK);
    gbx__plan_to_json(&out, plan);
    assert_true(out.len < 20000);
    gbx_plan *copy = read_back(&out);
    assert_true(gbx__plan_equal(plan, copy));
    const gbx__hash128 a = gbx__plan_hash(plan);
    const gbx__hash128 b = gbx__plan_hash(copy);
    assert_true(a.hi == b.hi && a.lo == b.lo);
    gbx__buf_clear(&out);
    gbx__plan_print(&out, plan);
    assert_true(out.len < 50000);
    gbx__buf_done(&out);
    gbx__plan_unref(copy);
    gbx__plan_unref(plan);
}

/* What programs that keep numbers as doubles can't hold is written as text. */
static void test_large_integers_are_texts(void **state)
{
    (void)state;
    gbx__buf json;
    gbx__buf_init(&json, 0);
    gbx_plan *plan = make(1);
    gbx__plan_to_json(&json, plan);
    assert_non_null(strstr(json.data, "\"value\":9007199254740992}"));
    assert_non_null(strstr(json.data, "\"value\":\"9223372036854775807\"}"));
    assert_non_null(strstr(json.data, "\"value\":\"18446744073709551615\"}"));
    assert_non_null(strstr(json.data, "\"value\":\"-0.05\"}"));
    assert_non_null(strstr(json.data, "\"value\":\"NaN\"}"));
    assert_non_null(strstr(json.data, "\"value\":\"00ff7f\"}"));
    gbx__plan_unref(plan);
    gbx__buf_done(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples_read_back),
        cmocka_unit_test(test_damaged_samples),
        cmocka_unit_test(test_wrong_roots),
        cmocka_unit_test(test_wrong_documents),
        cmocka_unit_test(test_wrong_shapes),
        cmocka_unit_test(test_places_in_the_text),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_shared_towers),
        cmocka_unit_test(test_large_integers_are_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
