/*
 * Plans cut into what an engine gets and what is read for it.
 */
#include "optimise/optimise.h"
#include "optimise/split.h"
#include "support/plan_samples.h"
#include "support/sql.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NO_POS GBX_NO_POS

typedef struct split_case {
    const char *sql;
    const char *left;
    const char *feeds; /* one after the other */
} split_case;

/* t is fed, u is not. */
/* clang-format off */
static const split_case cases[] = {
    {"SELECT k FROM u",
     "Project k\n"
     "└─ Scan \"memory\".\"main\".\"u\" → k\n",
     ""},
    {"SELECT a, b FROM t",
     "Project a, b\n"
     "└─ Scan 'gearbox input 1' → a, b\n",
     "Scan \"memory\".\"main\".\"t\" → c1, c2\n"},
    {"SELECT b FROM t WHERE a > 5",
     "Project b\n"
     "└─ Scan 'gearbox input 1' → b\n",
     "Select c2\n"
     "└─ Filter c1 > 5\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → c1, c2\n"},
    {"SELECT count(*) FROM t WHERE a > $limit",
     "Project \"count_star()\" = #2\n"
     "└─ Aggregate #2 = count_star()\n"
     "   └─ Scan 'gearbox input 1' → a\n",
     "Filter c1 > $limit\n"
     "└─ Scan \"memory\".\"main\".\"t\" → c1\n"},
    /* A filter that differs from row to row, or from day to day, stays. */
    {"SELECT b FROM t WHERE a > random()",
     "Project b\n"
     "└─ Filter cast(a as float64) > random()\n"
     "   └─ Scan 'gearbox input 1' → a, b\n",
     "Scan \"memory\".\"main\".\"t\" → c1, c2\n"},
    {"SELECT b FROM t WHERE d < current_date",
     "Project b\n"
     "└─ Filter d < current_date()\n"
     "   └─ Scan 'gearbox input 1' → d, b\n",
     "Scan \"memory\".\"main\".\"t\" → c1, c2\n"},
    {"SELECT DISTINCT b FROM t WHERE a > 1",
     "Distinct\n"
     "└─ Project b\n"
     "   └─ Scan 'gearbox input 1' → b\n",
     "Select c2\n"
     "└─ Filter c1 > 1\n"
     "   └─ Scan \"memory\".\"main\".\"t\" → c1, c2\n"},
    {"SELECT v, x.b, y.c FROM u JOIN t x ON k = x.a JOIN t y ON k = y.a WHERE y.b = 'q'",
     "Project v, b#9 = b#4, c\n"
     "└─ Filter b#6 = 'q'\n"
     "   └─ Join inner on k = a#5\n"
     "      ├─ Select k, v, b#4\n"
     "      │  └─ Join inner on k = a#3\n"
     "      │     ├─ Scan \"memory\".\"main\".\"u\" → k, v\n"
     "      │     └─ Scan 'gearbox input 1' → a#3, b#4\n"
     "      └─ Scan 'gearbox input 2' → a#5, b#6, c\n",
     "Scan \"memory\".\"main\".\"t\" → c3, c4\n"
     "Scan \"memory\".\"main\".\"t\" → c5, c6, c7\n"},
    {"SELECT a FROM t WHERE a > 1 UNION ALL SELECT k FROM u",
     "Union all → a#5\n"
     "├─ Project a#2 = a#1\n"
     "│  └─ Scan 'gearbox input 1' → a#1\n"
     "└─ Project k\n"
     "   └─ Scan \"memory\".\"main\".\"u\" → k\n",
     "Filter c1 > 1\n"
     "└─ Scan \"memory\".\"main\".\"t\" → c1\n"},
};
/* clang-format on */

static bool reads_u_only(void *ctx, const gbx__node *scan)
{
    (void)ctx;
    return strstr(scan->scan.scan->name.ptr, "\"u\"") != NULL;
}

static void check_case(duck *d, const split_case *c)
{
    gbx_plan *plan = sql_plan(d, c->sql);
    gbx_plan *pruned = NULL;
    gbx__split split = {0};
    gbx_error err = {0};
    assert_int_equal(gbx__optimise(plan, GBX_PASS_PRUNE_COLUMNS, &pruned, &err), GBX_OK);
    if (gbx__split_make(pruned, reads_u_only, NULL, &split, &err) != GBX_OK)
        fail_msg("%s: %s", c->sql, err.message);
    char feeds[2048] = "";
    for (size_t i = 0; i < split.n_feeds; i++)
        strncat(feeds, sql_tree(split.feeds[i].plan), sizeof(feeds) - strlen(feeds) - 1);
    assert_string_equal(sql_tree(split.plan), c->left);
    assert_string_equal(feeds, c->feeds);
    gbx__split_done(&split);
    gbx__plan_unref(pruned);
    gbx__plan_unref(plan);
}

static void test_plans_from_sql(void **state)
{
    duck d;
    (void)state;
    duck_open(&d, NULL);
    duck_exec(&d, "CREATE TABLE t (a INTEGER, b VARCHAR, c DOUBLE, d DATE)");
    duck_exec(&d, "CREATE TABLE u (k INTEGER, v VARCHAR, w BIGINT)");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) check_case(&d, &cases[i]);
    duck_close(&d);
}

/* An operator that two others read is fed once, and its filter, which only one of them wants, stays
 * with what is left. */
static const gbx__node *shared_scan(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__expr *late =
        sample_call(b, ">", sample_bool(), 2, sample_col(b, flights, 1), sample_int(b, 9));
    const gbx__node *arms[] = {gbx__node_filter(b, flights, 1, &late, NO_POS), flights};
    return gbx__node_setop(b, GBX_SETOP_UNION, true, 2, arms, NO_POS);
}

static bool reads_nothing(void *ctx, const gbx__node *scan)
{
    (void)ctx;
    (void)scan;
    return false;
}

static bool reads_all(void *ctx, const gbx__node *scan)
{
    (void)ctx;
    (void)scan;
    return true;
}

static void test_shared_scan(void **state)
{
    (void)state;
    gbx_plan *plan = NULL;
    gbx__split split = {0};
    gbx_error err = {0};
    assert_int_equal(plan_sample_finish(shared_scan, &plan, &err), GBX_OK);
    assert_int_equal(gbx__split_make(plan, reads_nothing, NULL, &split, &err), GBX_OK);
    assert_int_equal(split.n_feeds, 1);
    const gbx__node *filter = split.plan->root->inputs[0];
    assert_int_equal(filter->kind, GBX_NODE_FILTER);
    assert_ptr_equal(filter->inputs[0], split.plan->root->inputs[1]);
    assert_int_equal(filter->inputs[0]->scan.scan->format, GBX_SCAN_STREAM);
    assert_int_equal(split.feeds[0].plan->root->n_cols, plan->root->n_cols);
    gbx__split_done(&split);
    gbx__plan_unref(plan);
}

typedef struct scan_count {
    size_t files, streams;
} scan_count;

static bool count_scans(const gbx__node *node, void *ctx)
{
    scan_count *count = ctx;
    if (node->kind != GBX_NODE_SCAN) return true;
    if (node->scan.scan->format == GBX_SCAN_STREAM)
        count->streams++;
    else
        count->files++;
    return true;
}

/* Every operator over fed scans is a sound plan, and says the same of its columns. */
static void check_sample(const gbx_plan *plan, const gbx__split *split)
{
    scan_count count = {0};
    gbx__plan_walk(split->plan->root, count_scans, &count);
    assert_int_equal(count.files, 0);
    assert_int_equal(count.streams, split->n_feeds);
    assert_int_equal(split->plan->root->n_cols, plan->root->n_cols);
    for (uint32_t i = 0; i < plan->root->n_cols; i++) {
        assert_int_equal(split->plan->root->cols[i].id, plan->root->cols[i].id);
        assert_true(gbx__str_equal(split->plan->root->cols[i].name, plan->root->cols[i].name));
    }
    for (size_t i = 0; i < split->n_feeds; i++) {
        const gbx__node *root = split->feeds[i].plan->root;
        for (uint32_t k = 0; k < root->n_cols; k++)
            assert_int_equal(root->cols[k].name.ptr[0], 'c');
    }
}

static void test_samples(void **state)
{
    (void)state;
    gbx_error err = {0};
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = NULL;
        gbx__split split = {0};
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        if (gbx__split_make(plan, reads_nothing, NULL, &split, &err) != GBX_OK)
            fail_msg("%s: %s", plan_samples[i].name, err.message);
        check_sample(plan, &split);
        gbx__split_done(&split);
        assert_int_equal(gbx__split_make(plan, reads_all, NULL, &split, &err), GBX_OK);
        assert_ptr_equal(split.plan, plan);
        assert_int_equal(split.n_feeds, 0);
        gbx__split_done(&split);
        gbx__plan_unref(plan);
    }
}

static gbx_status split_sample(void *ctx, gbx_error *err)
{
    gbx__split split = {0};
    GBX_TRY(gbx__split_make(ctx, reads_nothing, NULL, &split, err));
    gbx__split_done(&split);
    return GBX_OK;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    gbx_error err = {0};
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = NULL;
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        assert_true(torture_run(GBX_FAULT_ALLOC, split_sample, plan) > 0);
        gbx__plan_unref(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans_from_sql),
        cmocka_unit_test(test_shared_scan),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
