#include "support/plan_samples.h"

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

static size_t index_of(const char *sample)
{
    size_t i = 0;
    while (i < plan_sample_count && strcmp(plan_samples[i].name, sample) != 0) i++;
    assert_true(i < plan_sample_count);
    return i;
}

static bool same_hash(const gbx_plan *a, const gbx_plan *b)
{
    const gbx__hash128 x = gbx__plan_hash(a);
    const gbx__hash128 y = gbx__plan_hash(b);
    return x.hi == y.hi && x.lo == y.lo;
}

/* For ever: a cache on disk may be keyed by them. What changes them raises GBX_SEMANTICS. */
static const char *const golden[][2] = {
    {"query", "c48c671e805ceff545c94583a811577b"},
    {"constants", "ec4c29fe36d0f181c60d55c8ac9ac620"},
    {"expressions", "a15d48f8b3d87b035027037009704df1"},
    {"windows", "d47d9e2887653b777efbe594788aa07b"},
    {"groups", "294230e406324ab43afb32917e62d13f"},
    {"joins", "aa88cbaf5255c55113aa93c8f81e0e29"},
    {"sets", "5bfa9717e96ccd8e63cb4d75e5a79175"},
    {"ctes", "c6b080e236636576d5b279af10b50ed8"},
    {"functions", "8b6fba2a45d19a3de00a5024c55c94a6"},
    {"pivot", "8965e6dca32357a049c3ac5c7623c6f4"},
    {"sink", "95bba41bc5a95a4a2be0aced471668c8"},
};

static void test_golden_values(void **state)
{
    (void)state;
    assert_int_equal(sizeof(golden) / sizeof(golden[0]), plan_sample_count);
    for (size_t i = 0; i < plan_sample_count; i++) {
        char hex[33];
        gbx_plan *plan = make(index_of(golden[i][0]));
        gbx__hash_hex(gbx__plan_hash(plan), hex);
        assert_string_equal(hex, golden[i][1]);
        gbx__plan_unref(plan);
    }
}

static void test_all_samples_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++) {
        for (size_t j = 0; j < plan_sample_count; j++) {
            gbx_plan *a = make(i);
            gbx_plan *b = make(j);
            assert_int_equal(same_hash(a, b), i == j);
            assert_int_equal(gbx__plan_equal(a, b), i == j);
            gbx__plan_unref(a);
            gbx__plan_unref(b);
        }
    }
}

typedef struct edit {
    const char *sample, *from, *to;
    bool is_same;
} edit;

/* Edits of the JSON form, and whether the question stays the same. */
static const edit edits[] = {
    {"query", "\"pos\":[38,13]", "\"pos\":[1,2]", true},
    {"query", "\"text\":\"SELECT", "\"text\":\"select", true},
    {"query", "\"row_count\":336776", "\"row_count\":7", true},
    {"query", "\"name\":\"flights\"", "\"name\":\"f\"", true},   /* the label of a file */
    {"query", "\"name\":\"airlines\"", "\"name\":\"a\"", false}, /* the name of a stream */
    {"query", "\"location\":\"flights.csv\"", "\"location\":\"f.csv\"", false},
    {"query", "\"value\":10}", "\"value\":11}", false},
    {"query", "\"fn\":\">\"", "\"fn\":\"<\"", false},
    {"query", "\"join\":\"inner\"", "\"join\":\"left\"", false},
    {"query", "\"desc\":true", "\"desc\":false", false},
    {"query", "\"desc\":true", "\"desc\":true,\"nulls_first\":true", false},
    {"query", "\"id\":7,\"name\":\"delay\"", "\"id\":7,\"name\":\"d\"", false}, /* at the root */
    {"query", "\"format\":\"csv\"", "\"format\":\"json\"", false},
    {"query", "\"fields\":[0,1,2]", "\"fields\":[0,1,2]", true},
    {"constants", "\"value\":\"NaN\"", "\"value\":\"Infinity\"", false},
    {"constants", "\"value\":-0.0", "\"value\":0.0", false},
    {"constants", "\"value\":[1,null]", "\"value\":[1,0]", false},
    {"expressions", "\"name\":\"low\"", "\"name\":\"high\"", false},
    {"expressions", "\"try\":true", "\"try\":false", false},
    {"expressions", "\"arg_names\":[\"a\"", "\"arg_names\":[\"b\"", false},
    {"windows", "\"exclude\":\"ties\"", "\"exclude\":\"group\"", false},
    {"windows", "\"unit\":\"groups\"", "\"unit\":\"range\"", false},
    {"windows", "\"ignore_nulls\":true", "\"ignore_nulls\":false", false},
    {"groups", "\"sets\":[[0,1],[0],[]]", "\"sets\":[[0,1],[1],[]]", false},
    {"groups", "\"distinct\":true", "\"distinct\":false", false},
    {"sets", "\"setop\":\"intersect\"", "\"setop\":\"union\"", false},
    {"sets", "\"seed\":-7", "\"seed\":7", false},
    {"ctes", "\"name\":\"numbers\"", "\"name\":\"n\"", true},
    {"ctes", "\"materialized\":true", "\"materialized\":false", false},
    {"functions", "models:predict", "models:train", false},
    {"functions", "\"name\":\"item\"", "\"name\":\"i\"", false}, /* a user's function sees it */
    {"functions", "\"name\":\"l\"", "\"name\":\"k\"", false},
    {"pivot", "\"labels\":[\"2013\"", "\"labels\":[\"2014\"", false},
    {"sink", "\"fingerprint\":\"abc\"", "\"fingerprint\":\"abd\"", true},
    {"sink", "\"min\":-5", "\"min\":-6", true},
    {"sink", "\"a/x.csv\"", "\"a/y.csv\"", true}, /* what the pattern stands for today */
    {"sink", "\"header\":true", "\"header\":false", false},
    {"sink", "\"NA\"", "\"na\"", false},
    {"sink", "\"value\":-1", "\"value\":-2", false},
    {"sink", "\"name\":\"b\",\"type\":\"int64\"}],\"part",
     "\"name\":\"c\",\"type\":\"int64\"}],\"part", false},
};

static gbx_plan *read_edited(const gbx__buf *json, const edit *e)
{
    gbx_error err = {0};
    gbx_plan *plan = NULL;
    gbx__buf edited;
    const char *at = strstr(json->data, e->from);
    if (!at) fail_msg("no %s in %s", e->from, json->data);
    gbx__buf_init(&edited, 0);
    gbx__buf_append(&edited, json->data, (size_t)(at - json->data));
    gbx__buf_puts(&edited, e->to);
    gbx__buf_puts(&edited, at + strlen(e->from));
    if (gbx__plan_from_json(gbx__buf_view(&edited), &plan, &err)) {
        fail_msg("%s → %s: %s", e->from, e->to, err.message);
    }
    gbx__buf_done(&edited);
    return plan;
}

static void test_what_counts(void **state)
{
    (void)state;
    gbx__buf json;
    gbx__buf_init(&json, 0);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        gbx_plan *plan = make(index_of(edits[i].sample));
        gbx__buf_clear(&json);
        gbx__plan_to_json(&json, plan);
        gbx_plan *edited = read_edited(&json, &edits[i]);
        if (same_hash(plan, edited) != edits[i].is_same ||
            gbx__plan_equal(plan, edited) != edits[i].is_same) {
            fail_msg("%s: %s → %s", edits[i].sample, edits[i].from, edits[i].to);
        }
        gbx__plan_unref(edited);
        gbx__plan_unref(plan);
    }
    gbx__buf_done(&json);
}

/* The same union, of one node twice and of two alike. */
static const gbx__node *union_of(gbx__plan_builder *b, bool is_shared)
{
    const gbx__node *first = sample_airlines(b);
    const gbx__node *const both[] = {first, is_shared ? first : sample_airlines(b)};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 2, both, GBX_NO_POS);
}

static const gbx__node *shared_union(gbx__plan_builder *b)
{
    return union_of(b, true);
}

static const gbx__node *unshared_union(gbx__plan_builder *b)
{
    return union_of(b, false);
}

static void test_sharing_does_not_count(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *a = NULL;
    gbx_plan *b = NULL;
    assert_int_equal(plan_sample_finish(shared_union, &a, &err), GBX_OK);
    assert_int_equal(plan_sample_finish(unshared_union, &b, &err), GBX_OK);
    assert_true(same_hash(a, b));
    assert_true(gbx__plan_equal(a, b));
    assert_true(gbx__plan_equal(b, a));
    gbx__plan_unref(a);
    gbx__plan_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_values),
        cmocka_unit_test(test_all_samples_differ),
        cmocka_unit_test(test_what_counts),
        cmocka_unit_test(test_sharing_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
