#include "support/plan_samples.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const trees[][2] = {
    {"query", "Select delay, name\n"
              "└─ Limit 10 offset 5\n"
              "   └─ Sort [delay desc]\n"
              "      └─ Aggregate by name, delay = sum(dep_delay)\n"
              "         └─ Join inner on carrier#1 = carrier#4\n"
              "            ├─ Filter dep_delay > 60\n"
              "            │  └─ Scan flights.csv → carrier#1, dep_delay, distance, about 336776 "
              "rows\n"
              "            └─ Scan airlines → carrier#4, name\n"},
    {"expressions",
     "Project carrier, #7 = cast(dep_delay as utf8), #8 = try_cast(carrier as decimal(10,3)), "
     "#9 = case when dep_delay is null then 0 when carrier in ('AA', 'it''s', '\\n') then $low "
     "else dep_delay end, #10 = list_transform(NULL, (#4, #5) -> (#4 + #5) + dep_delay), "
     "#11 = struct_pack(\"a\" := dep_delay, \"the \"\"c\"\"\" := carrier), "
     "#12 = (dep_delay is null) and (carrier in ('AA', 'it''s', '\\n')), "
     "#13 = not (dep_delay is null), #14 = carrier like 'A%', #15 = now()\n"
     "└─ Scan flights.csv → carrier, dep_delay, distance, about 336776 rows\n"},
    {"windows",
     "Window place = rank() over (partition by carrier order by dep_delay nulls first), "
     "near = sum(distinct distance order by dep_delay nulls first) filter (dep_delay > 0) over "
     "(rows between 3 preceding and 1 following exclude ties), before = lag(dep_delay, 1) ignore "
     "nulls over (order by dep_delay nulls first groups between current row and unbounded "
     "following)\n"
     "└─ Scan flights.csv → carrier, dep_delay, distance, about 336776 rows\n"},
    {"groups", "Aggregate by carrier, dep_delay sets (carrier, dep_delay), (carrier), (), "
               "#6 = list(distinct distance order by distance desc) filter (dep_delay > 0), "
               "#7 = count_star(), #8 = grouping(carrier, dep_delay)\n"
               "└─ Scan flights.csv → carrier, dep_delay, distance, about 336776 rows\n"},
    {"sets", "Limit 50.0%\n"
             "└─ TopN 3 offset 1 [name#10]\n"
             "   └─ Sample bernoulli 12.5%\n"
             "      └─ Sample reservoir 100 rows seed -7\n"
             "         └─ Distinct\n"
             "            └─ Distinct on carrier#9 [name#10]\n"
             "               └─ Except all → carrier#9, name#10\n"
             "                  ├─ Intersect → carrier#7, name#8\n"
             "                  │  ├─ Union all → carrier#3, name#4\n"
             "                  │  │  ├─ Scan airlines → carrier#1, name#2\n"
             "                  │  │  └─ Scan airlines → carrier#1, name#2 (as above)\n"
             "                  │  └─ Scan airlines → carrier#5, name#6\n"
             "                  └─ Union all → carrier#3, name#4 (as above)\n"},
    {"ctes", "Cte numbers #1 materialized\n"
             "├─ Recursive counter #2 union all → n#2\n"
             "│  ├─ Values (1) → n#1\n"
             "│  └─ Filter #4 < 10\n"
             "│     └─ Project #4 = n#3 + 1\n"
             "│        └─ CteRef counter #2 → n#3\n"
             "└─ Join cross\n"
             "   ├─ CteRef numbers #1 → n#5\n"
             "   └─ CteRef numbers #1 → n#6\n"},
    {"functions", "Call c 6 bytes of code → y#9\n"
                  "└─ Call python models:predict → y#8\n"
                  "   └─ Unnest item = unnest(l)\n"
                  "      └─ Values 3 rows → l, n\n"
                  "         └─ TableFn range(3, step := 2) with ordinality → range#3, "
                  "ordinality#4\n"
                  "            └─ TableFn range(3, step := 2) with ordinality → range#1, "
                  "ordinality#2\n"},
    {"pivot", "Pivot for '2013', 'it''s' → carrier#4, \"2013\", \"it's\"\n"
              "└─ Values 0 rows → carrier#1, keys, counts\n"},
    {"sink", "Sink parquet 'out/\\xfe.parquet'\n"
             "└─ Scan a/*.csv 'Sheet 1' (2 files) → b, rowid, 12 rows\n"},
};

static void test_trees(void **state)
{
    (void)state;
    size_t n_compared = 0;
    for (size_t i = 0; i < plan_sample_count; i++) {
        for (size_t j = 0; j < sizeof(trees) / sizeof(trees[0]); j++) {
            if (strcmp(trees[j][0], plan_samples[i].name) != 0) continue;
            gbx_error err;
            gbx_plan *plan = NULL;
            gbx__buf out;
            gbx__buf_init(&out, 0);
            assert_int_equal(plan_sample_make(i, &plan, &err), GBX_OK);
            gbx__plan_print(&out, plan);
            assert_string_equal(out.data, trees[j][1]);
            gbx__buf_done(&out);
            gbx__plan_unref(plan);
            n_compared++;
        }
    }
    assert_int_equal(n_compared, sizeof(trees) / sizeof(trees[0]));
}

/* Whatever is in names and texts: one line per node. */
static const gbx__node *with_strange_names(gbx__plan_builder *b)
{
    const gbx__field cols[] = {{GBX_STR("a\nb"), sample_int64()},
                               {GBX_STR("\x1b[2J"), sample_int64()},
                               {GBX_STR("\"quoted\""), sample_int64()},
                               {GBX_STR("two words"), sample_int64()},
                               {GBX_STR(""), sample_int64()}};
    const gbx__expr *one = sample_int(b, 1);
    const gbx__expr *const row[] = {one, one, one, one, one};
    const gbx__expr *const *const rows[] = {row};
    return gbx__node_values(b, 5, cols, 1, rows, GBX_NO_POS);
}

static void test_strange_names(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *plan = NULL;
    gbx__buf out;
    gbx__buf_init(&out, 0);
    assert_int_equal(plan_sample_finish(with_strange_names, &plan, &err), GBX_OK);
    gbx__plan_print(&out, plan);
    assert_string_equal(out.data, "Values (1, 1, 1, 1, 1) → \"a\\nb\", \"\\x1b[2J\", "
                                  "\"\"\"quoted\"\"\", \"two words\", #5\n");
    gbx__buf_done(&out);
    gbx__plan_unref(plan);
}

static void test_a_buffer_that_is_too_small(void **state)
{
    (void)state;
    gbx_error err;
    gbx_plan *plan = NULL;
    gbx__buf out;
    gbx__buf_init(&out, 20);
    assert_int_equal(plan_sample_make(0, &plan, &err), GBX_OK);
    gbx__plan_print(&out, plan);
    assert_true(out.failed);
    gbx__buf_clear(&out);
    gbx__plan_to_json(&out, plan);
    assert_true(out.failed);
    gbx__buf_done(&out);
    gbx__plan_unref(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_strange_names),
        cmocka_unit_test(test_a_buffer_that_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
