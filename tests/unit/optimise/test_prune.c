/*
 * What no SQL brings about: shared operators, row ids of files, plans at their limits.
 */
#include "optimise/optimise.h"
#include "support/plan_samples.h"
#include "support/sql.h"
#include "support/torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define NO_POS GBX_NO_POS

static gbx_plan *make(const gbx__node *(*build)(gbx__plan_builder *b))
{
    gbx_plan *plan = NULL;
    gbx_error err = {0};
    if (plan_sample_finish(build, &plan, &err) != GBX_OK) fail_msg("%s", err.message);
    return plan;
}

static gbx_plan *prune(gbx_plan *plan)
{
    gbx_plan *pruned = NULL;
    gbx_error err = {0};
    if (gbx__pass_prune_columns(plan, &pruned, &err) != GBX_OK) fail_msg("%s", err.message);
    gbx__plan_unref(plan);
    return pruned;
}

static void check(const gbx__node *(*build)(gbx__plan_builder *b), const char *tree)
{
    gbx_plan *plan = prune(make(build));
    assert_string_equal(sql_tree(plan), tree);
    gbx__plan_unref(plan);
}

static const gbx__node *count_rows(gbx__plan_builder *b, const gbx__node *input)
{
    const gbx__expr *count = sample_agg(b, "count_star", sample_int64(), 0);
    return gbx__node_aggregate(b, input, 0, NULL, 1, &count, 0, NULL, 0, NULL, NULL, NO_POS);
}

/* ---- row ids --------------------------------------------------------------------------------- */

/* A text, a small number, a folder's column, the file's name. */
static const gbx__node *scan_rowid(gbx__plan_builder *b, gbx__scan_format format, uint32_t n_fields)
{
    static gbx__field fields[4];
    fields[0] = (gbx__field){GBX_STR("text"), sample_utf8()};
    fields[1] = (gbx__field){GBX_STR("number"), sample_int64()};
    fields[2] = (gbx__field){GBX_STR("file"), sample_utf8()};
    fields[3] = (gbx__field){GBX_STR("flag"), sample_bool()};
    static gbx__scan scan;
    scan = (gbx__scan){.format = format,
                       .name = GBX_STR("x"),
                       .n_fields = n_fields,
                       .fields = fields,
                       .n_partitions = n_fields == 4 ? 1 : 0,
                       .filename_column = GBX_STR("file"),
                       .is_bounded = true,
                       .row_count = -1,
                       .size_bytes = -1};
    static const uint32_t rowid[] = {GBX_SCAN_ROWID};
    return gbx__node_scan(b, &scan, 1, rowid, NO_POS);
}

static const gbx__node *count_of_file(gbx__plan_builder *b)
{
    return count_rows(b, scan_rowid(b, GBX_SCAN_PARQUET, 4));
}

static const gbx__node *count_of_file_names(gbx__plan_builder *b)
{
    const gbx__node *scan = scan_rowid(b, GBX_SCAN_CSV, 4);
    gbx__scan *only_names = (gbx__scan *)(uintptr_t)scan->scan.scan;
    only_names->fields += 2;
    only_names->n_fields = 2;
    return count_rows(b, scan);
}

static const gbx__node *count_of_no_fields(gbx__plan_builder *b)
{
    return count_rows(b, scan_rowid(b, GBX_SCAN_CSV, 0));
}

static const gbx__node *count_of_table(gbx__plan_builder *b)
{
    return count_rows(b, scan_rowid(b, GBX_SCAN_TABLE, 4));
}

static const gbx__node *distinct_rowid(gbx__plan_builder *b)
{
    return gbx__node_distinct(b, scan_rowid(b, GBX_SCAN_CSV, 4), 0, NULL, 0, NULL, NO_POS);
}

static void test_files_have_no_row_ids(void **state)
{
    (void)state;
    check(count_of_file, "Aggregate #2 = count_star()\n└─ Scan x → number\n");
    check(count_of_file_names, "Aggregate #2 = count_star()\n└─ Scan x → file\n");
    check(count_of_no_fields, "Aggregate #2 = count_star()\n└─ Scan x → rowid\n");
    check(count_of_table, "Aggregate #2 = count_star()\n└─ Scan x → rowid\n");
    check(distinct_rowid, "Distinct\n└─ Scan x → rowid\n"); /* it is asked for */
}

/* ---- shared operators ------------------------------------------------------------------------ */

/* One filter is an arm of a union that needs one column, and a join's input that needs two. */
static const gbx__node *shared_arm(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__expr *late =
        sample_call(b, ">", sample_bool(), 2, sample_col(b, flights, 1), sample_int(b, 9));
    const gbx__node *shared = gbx__node_filter(b, flights, 1, &late, NO_POS);
    const gbx__node *arms[] = {shared, shared};
    const gbx__node *both = gbx__node_setop(b, GBX_SETOP_UNION, true, 2, arms, NO_POS);
    const gbx__node *join = gbx__node_join(b, GBX_JOIN_CROSS, false, both, shared, 0, NULL, NO_POS);
    if (!join) return NULL;
    const gbx__expr *exprs[] = {sample_col(b, both, 0), sample_col(b, shared, 2)};
    return gbx__node_project(b, join, 2, exprs, NULL, NO_POS);
}

static void test_each_reader_of_a_shared_operator_gets_its_own(void **state)
{
    (void)state;
    check(shared_arm,
          "Project carrier#7 = carrier#4, distance\n"
          "└─ Join cross\n"
          "   ├─ Union all → carrier#4\n"
          "   │  ├─ Select carrier#1\n"
          "   │  │  └─ Filter dep_delay > 9\n"
          "   │  │     └─ Scan flights.csv → carrier#1, dep_delay, distance, about 336776 rows\n"
          "   │  └─ Select carrier#1\n"
          "   │     └─ Filter dep_delay > 9 (as above)\n"
          "   └─ Select carrier#1, distance\n"
          "      └─ Filter dep_delay > 9 (as above)\n");
}

/* ---- what keeps all -------------------------------------------------------------------------- */

static const gbx__node *called(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    const gbx__field cols[] = {{GBX_STR("y"), sample_float64()}, {GBX_STR("z"), sample_utf8()}};
    gbx__node shape = {.kind = GBX_NODE_CALL};
    shape.call.language = GBX_STR("python");
    shape.call.entry = GBX_STR("models:predict");
    const gbx__node *call = gbx__node_call(b, flights, &shape, 2, cols, NO_POS);
    if (!call) return NULL;
    const gbx__expr *y = sample_col(b, call, 0);
    return gbx__node_project(b, call, 1, &y, NULL, NO_POS);
}

static const gbx__node *grouping_only(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const uint32_t both[] = {0, 1};
    const gbx__grouping_set masks[] = {{1, both}, {2, both}};
    const gbx__expr *groups[] = {sample_col(b, flights, 0), sample_col(b, flights, 1)};
    const gbx__expr *sum = sample_agg(b, "sum", sample_float64(), 1, sample_col(b, flights, 2));
    const gbx__node *node =
        gbx__node_aggregate(b, flights, 2, groups, 1, &sum, 2, masks, 2, masks, NULL, NO_POS);
    if (!node) return NULL;
    const gbx__expr *mask = sample_col(b, node, 4);
    return gbx__node_project(b, node, 1, &mask, NULL, NO_POS);
}

/* The rows of a lateral function are those of its arguments, used or not. */
static const gbx__node *lateral(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__field fields[] = {{GBX_STR("f"), sample_int64()}, {GBX_STR("g"), sample_int64()}};
    const uint32_t used[] = {0, 1};
    const gbx__expr *args[] = {sample_col(b, flights, 1)};
    gbx__node shape = {.kind = GBX_NODE_TABLE_FN};
    shape.table_fn.fn = gbx__function_find(GBX_FN_TABLE, GBX_STR("range"));
    shape.table_fn.n_args = 1;
    shape.table_fn.args = args;
    shape.table_fn.n_fields = 2;
    shape.table_fn.fields = fields;
    shape.table_fn.n_used = 2;
    shape.table_fn.used = used;
    const gbx__node *fn = gbx__node_table_fn(b, flights, &shape, NO_POS);
    if (!fn) return NULL;
    const gbx__expr *exprs[] = {sample_col(b, fn, 0), sample_col(b, fn, 4)};
    return gbx__node_project(b, fn, 2, exprs, NULL, NO_POS);
}

static const gbx__node *values_over_rows(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__field cols[] = {{GBX_STR("c"), sample_utf8()}, {GBX_STR("n"), sample_int64()}};
    const gbx__expr *row[] = {sample_col(b, flights, 0), sample_col(b, flights, 1)};
    const gbx__expr *const *const rows[] = {row, row};
    const gbx__node *values = gbx__node_values_of(b, flights, 2, cols, 2, rows, NO_POS);
    if (!values) return NULL;
    const gbx__expr *n = sample_col(b, values, 1);
    return gbx__node_project(b, values, 1, &n, NULL, NO_POS);
}

static void test_what_others_compute(void **state)
{
    (void)state;
    check(called, "Project y\n"
                  "└─ Call python models:predict → y, z\n"
                  "   └─ Scan flights.csv → carrier, dep_delay, distance, about 336776 rows\n");
    check(grouping_only, "Project #9 = #8\n"
                         "└─ Aggregate by carrier, dep_delay sets (carrier), (carrier, dep_delay), "
                         "#8 = grouping(carrier, dep_delay)\n"
                         "   └─ Scan flights.csv → carrier, dep_delay, about 336776 rows\n");
    check(lateral, "Project carrier, g\n"
                   "└─ TableFn range(dep_delay) → g\n"
                   "   └─ Scan flights.csv → carrier, dep_delay, about 336776 rows\n");
    check(values_over_rows, "Project n\n"
                            "└─ Values 2 rows → n\n"
                            "   └─ Scan flights.csv → dep_delay, about 336776 rows\n");
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* So deep that one more operator is one too many. */
static const gbx__node *deepest(gbx__plan_builder *b)
{
    const gbx__node *flights = sample_flights(b);
    if (!flights) return NULL;
    const gbx__expr *late =
        sample_call(b, ">", sample_bool(), 2, sample_col(b, flights, 1), sample_int(b, 9));
    const gbx__node *node = gbx__node_filter(b, flights, 1, &late, NO_POS);
    const gbx__sort_key key = {.expr = sample_col(b, flights, 0)};
    node = gbx__node_sort(b, node, 1, &key, NO_POS);
    for (int i = 4; node && i < GBX_MAX_DEPTH; i++) {
        node = gbx__node_limit(b, node, sample_int(b, i), NULL, false, NO_POS);
    }
    const gbx__expr *carrier = sample_col(b, flights, 0);
    return gbx__node_project(b, node, 1, &carrier, NULL, NO_POS);
}

static void test_a_plan_at_its_limit_stays(void **state)
{
    (void)state;
    gbx_plan *plan = make(deepest);
    gbx_plan *pruned = NULL;
    gbx_error err = {0};
    assert_int_equal(plan->root->depth, GBX_MAX_DEPTH);
    assert_int_equal(gbx__pass_prune_columns(plan, &pruned, &err), GBX_OK);
    assert_ptr_equal(pruned, plan);
    gbx__plan_unref(pruned);
    gbx__plan_unref(plan);
}

#define WIDE 20000

/* A cte of many columns of which two references use every other one. */
static const gbx__node *wide(gbx__plan_builder *b)
{
    static gbx__field fields[WIDE];
    static uint32_t all[WIDE];
    static const gbx__expr *exprs[WIDE];
    static gbx__scan scan;
    for (uint32_t i = 0; i < WIDE; i++) {
        fields[i] = (gbx__field){GBX_STR("x"), sample_int64()};
        all[i] = i;
    }
    scan = (gbx__scan){.format = GBX_SCAN_PARQUET, .name = GBX_STR("wide"), .n_fields = WIDE};
    scan.fields = fields;
    scan.is_bounded = true;
    const uint32_t cte = gbx__plan_new_cte(b);
    const gbx__node *definition = gbx__node_scan(b, &scan, WIDE, all, NO_POS);
    const gbx__node *l = gbx__node_cte_ref(b, cte, WIDE, fields, all, NO_POS);
    const gbx__node *r = gbx__node_cte_ref(b, cte, WIDE, fields, all, NO_POS);
    const gbx__node *join = gbx__node_join(b, GBX_JOIN_CROSS, false, l, r, 0, NULL, NO_POS);
    for (uint32_t i = 0; join && i < WIDE; i++) exprs[i] = sample_col(b, i % 4 ? l : r, i / 2 * 2);
    const gbx__node *top = gbx__node_project(b, join, WIDE, exprs, NULL, NO_POS);
    return gbx__node_cte(b, cte, GBX_STR("w"), false, definition, top, NO_POS);
}

static void test_wide_plans(void **state)
{
    (void)state;
    gbx_plan *plan = prune(make(wide));
    const gbx__node *cte = plan->root;
    assert_int_equal(cte->inputs[0]->n_cols, WIDE / 2);
    assert_int_equal(cte->inputs[1]->n_cols, WIDE);
    assert_int_equal(cte->inputs[1]->inputs[0]->n_cols, WIDE / 2 + WIDE / 4);
    gbx__plan_unref(plan);
}

/* ---- every kind of operator ------------------------------------------------------------------ */

static void test_samples(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++) {
        gbx_plan *plan = NULL;
        gbx_plan *better = NULL;
        gbx_error err = {0};
        assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
        if (gbx__optimise(plan, UINT32_MAX, &better, &err) != GBX_OK)
            fail_msg("%s: %s", plan_samples[i].name, err.message);
        assert_int_equal(better->root->n_cols, plan->root->n_cols);
        for (uint32_t c = 0; c < plan->root->n_cols; c++)
            assert_int_equal(better->root->cols[c].id, plan->root->cols[c].id);
        gbx__plan_unref(plan);
        assert_int_equal(gbx__plan_validate(better, &err), GBX_OK);
        gbx__plan_unref(better);
    }
}

static gbx_status optimise_sample(void *ctx, gbx_error *err)
{
    const size_t *index = ctx;
    gbx_plan *plan = NULL;
    gbx_plan *better = NULL;
    gbx_status status = plan_sample_make(*index, &plan, err);
    if (status == GBX_OK) status = gbx__optimise(plan, UINT32_MAX, &better, err);
    gbx__plan_unref(plan);
    gbx__plan_unref(better);
    return status;
}

static void test_memory_runs_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < plan_sample_count; i++)
        assert_true(torture_run(GBX_FAULT_ALLOC, optimise_sample, &i) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_have_no_row_ids),
        cmocka_unit_test(test_each_reader_of_a_shared_operator_gets_its_own),
        cmocka_unit_test(test_what_others_compute),
        cmocka_unit_test(test_a_plan_at_its_limit_stays),
        cmocka_unit_test(test_wide_plans),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
