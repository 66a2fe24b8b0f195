/*
 * Constants of every type as DuckDB's SQL: what DuckDB makes of the text is the value again, and of
 * the same type.
 */
#include "plan/plan.h"
#include "support/plan_samples.h"
#include "support/sql.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

typedef struct constant_case {
    const char *type;
    gbx__value value;
    const char *want; /* as DuckDB writes it */
} constant_case;

static const constant_case *current;
static const gbx__value *current_list; /* items of a list, with n of them */
static uint32_t current_n;

static const gbx__node *one_constant(gbx__plan_builder *b)
{
    gbx__value value = current->value;
    const gbx__type *type = sample_type(b, current->type);
    if (current_list) {
        value.items = current_list;
        value.n_items = current_n;
    }
    const gbx__field col = {GBX_STR("n"), type};
    const gbx__expr *cells[] = {gbx__expr_const(&b->arena, type, &value, GBX_NO_POS)};
    const gbx__expr *const *const rows[] = {cells};
    return gbx__node_values(b, 1, &col, 1, rows, GBX_NO_POS);
}

static gbx_status print_constant(const constant_case *c, gbx__buf *out, gbx_error *err)
{
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB};
    gbx_plan *plan = NULL;
    current = c;
    gbx_status status = plan_sample_finish(one_constant, &plan, err);
    if (status == GBX_OK) status = gbx__sql_print(plan, &options, out, err);
    gbx__plan_unref(plan);
    return status;
}

/* The value's text and the name of its type, as DuckDB has them. */
static void check_constant(duck *d, const constant_case *c)
{
    gbx__buf sql = {0};
    gbx__buf want = {0};
    gbx_error err = {0};
    gbx__buf_puts(&sql, "SELECT n::VARCHAR FROM (");
    if (print_constant(c, &sql, &err) != GBX_OK) fail_msg("%s: %s", c->type, err.message);
    gbx__buf_puts(&sql, ")");
    gbx__buf_printf(&want, "%s\n", c->want);
    const char *rows = duck_rows(d, sql.data);
    if (strcmp(rows, want.data) != 0) fail_msg("%s: %s\n%s", c->type, sql.data, rows);
    gbx__buf_done(&sql);
    gbx__buf_done(&want);
}

static void check_constants(duck *d, const constant_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) check_constant(d, &cases[i]);
}

#define CHECK(cases) check_constants(*state, cases, sizeof(cases) / sizeof((cases)[0]))

static void test_numbers(void **state)
{
    static const constant_case cases[] = {
        {"int8", {.i64 = INT8_MIN}, "-128"},
        {"int64", {.i64 = INT64_MIN}, "-9223372036854775808"},
        {"uint64", {.u64 = UINT64_MAX}, "18446744073709551615"},
        {"int128", {.i128 = {0, INT64_MIN}}, "-170141183460469231731687303715884105728"},
        {"uint128", {.i128 = {7, 0}}, "7"},
        {"uint128", {.i128 = {UINT64_MAX, -1}}, "340282366920938463463374607431768211455"},
        {"decimal(4,2)", {.i128 = {UINT64_MAX, -1}}, "-0.01"},
        {"decimal(4,2)", {.i128 = {1234, 0}}, "12.34"},
        {"decimal(4,0)", {.i128 = {12, 0}}, "12"},
        {"float64", {.f64 = (double)INFINITY}, "inf"},
        {"float64", {.f64 = (double)-INFINITY}, "-inf"},
        {"float64", {.f64 = (double)NAN}, "nan"},
        {"float64", {.f64 = -0.0}, "-0.0"},
        {"float64", {.f64 = 5e-324}, "5e-324"},
        {"float32", {.f64 = 0.1F}, "0.1"},
        {"float32", {.f64 = (double)-INFINITY}, "-inf"},
        {"bool", {.boolean = true}, "true"},
    };
    CHECK(cases);
}

static void test_dates(void **state)
{
    static const constant_case cases[] = {
        {"date", {.i64 = 0}, "1970-01-01"},         {"date", {.i64 = -1}, "1969-12-31"},
        {"date", {.i64 = 11016}, "2000-02-29"},     {"date", {.i64 = -719163}, "0001-12-31 (BC)"},
        {"date", {.i64 = 2932897}, "10000-01-01"},  {"date", {.i64 = INT32_MAX}, "infinity"},
        {"date", {.i64 = -INT32_MAX}, "-infinity"},
    };
    CHECK(cases);
}

static void test_times(void **state)
{
    static const constant_case cases[] = {
        {"time(us)", {.i64 = 0}, "00:00:00"},
        {"time(us)", {.i64 = 86399999999}, "23:59:59.999999"},
        {"time(us)", {.i64 = 86400000000}, "24:00:00"},
        {"time(ns)", {.i64 = 1}, "00:00:00.000000001"},
        {"timestamp(s)", {.i64 = -1}, "1969-12-31 23:59:59"},
        {"timestamp(ms)", {.i64 = -1}, "1969-12-31 23:59:59.999"},
        {"timestamp(us)", {.i64 = 1500}, "1970-01-01 00:00:00.0015"},
        {"timestamp(us)", {.i64 = -62135596800000001}, "0001-12-31 (BC) 23:59:59.999999"},
        {"timestamp(ns)", {.i64 = 1000000001}, "1970-01-01 00:00:01.000000001"},
        {"timestamp(ns)", {.i64 = -1}, "1969-12-31 23:59:59.999999999"},
        {"timestamp(us, zone)", {.i64 = 951829200000000}, "2000-02-29 13:00:00+00"},
        {"timestamp(us)", {.i64 = INT64_MAX}, "infinity"},
        {"timestamp(us, zone)", {.i64 = -INT64_MAX}, "-infinity"},
        {"timestamp(ns)", {.i64 = INT64_MAX}, "infinity"},
        {"timestamp(s)", {.i64 = -INT64_MAX}, "-infinity"},
        {"interval", {.interval = {14, -3, 1}}, "1 year 2 months -3 days 00:00:00.000001"},
        {"interval", {.interval = {0, 0, -1}}, "-00:00:00.000001"},
    };
    CHECK(cases);
}

/* GBX_STR where an initialiser has to be constant. */
#define TEXT(literal)                                                                              \
    {                                                                                              \
        .text = {("" literal), sizeof(literal) - 1 }                                               \
    }

static void test_texts(void **state)
{
    static const constant_case cases[] = {
        {"utf8", TEXT("it's"), "it's"},
        {"utf8", TEXT(""), ""},
        {"json", TEXT("{\"a\": \"it's\"}"), "{\"a\": \"it's\"}"},
        {"enum<'a', 'it''s'>", TEXT("it's"), "it's"},
        {"binary", TEXT("a'\0\xff"), "a\\x27\\x00\\xFF"},
        {"binary", TEXT(""), ""},
    };
    CHECK(cases);
}

/* A NUL byte can't stand in SQL. */
static void test_texts_with_nul(void **state)
{
    static const struct {
        gbx__value value;
        const char *hex;
    } cases[] = {
        {TEXT("a\0b"), "610062\n"},
        {TEXT("\0"), "00\n"},
        {TEXT("\0\0'"), "000027\n"},
        {TEXT("x\0"), "7800\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const constant_case one = {"utf8", cases[i].value, NULL};
        gbx__buf sql = {0};
        gbx_error err = {0};
        gbx__buf_puts(&sql, "SELECT hex(n) FROM (");
        assert_int_equal(print_constant(&one, &sql, &err), GBX_OK);
        gbx__buf_puts(&sql, ")");
        assert_string_equal(duck_rows(*state, sql.data), cases[i].hex);
        gbx__buf_done(&sql);
    }
}

static void test_lists(void **state)
{
    static const gbx__value ints[] = {{.i64 = 1}, {.is_null = true}, {.i64 = -3}};
    static const gbx__value pair[] = {TEXT("k"), {.i64 = 7}};
    static const constant_case cases[] = {
        {"list<int64>", {0}, "[1, NULL, -3]"},
        {"array<int64, 3>", {0}, "[1, NULL, -3]"},
        {"list<timestamp(s)>", {0}, "['1970-01-01 00:00:01', NULL, '1969-12-31 23:59:57']"},
    };
    static const constant_case pairs[] = {
        {"struct<\"it's\": utf8, \"say \"\"n\"\"\": int64>", {0}, "{'it\\'s': k, 'say \"n\"': 7}"},
        {"struct<utf8, int64>", {0}, "(k, 7)"},
        {"map<utf8, int64>", {0}, "{k=7}"},
    };
    current_list = ints;
    current_n = 3;
    CHECK(cases);
    current_list = pair;
    current_n = 2;
    CHECK(pairs);
    current_list = NULL;
}

/* Long lists of texts take another way. */
static void test_long_lists(void **state)
{
    static gbx__value texts[200];
    static const constant_case list = {"list<utf8>", {0}, NULL};
    static const gbx__value samples[] = {TEXT("it's"), TEXT(""), TEXT("\"\\\n"), TEXT("\xc3\xa9"),
                                         TEXT("a\0b")};
    gbx__buf sql = {0};
    gbx_error err = {0};
    for (size_t i = 0; i < 200; i++) texts[i] = samples[i % 5];
    current_list = texts;
    current_n = 200;
    gbx__buf_puts(&sql, "SELECT len(n), hex(n[1]), hex(n[2]), hex(n[3]), hex(n[4]), hex(n[200]), "
                        "len(list_distinct(n)) FROM (");
    assert_int_equal(print_constant(&list, &sql, &err), GBX_OK);
    gbx__buf_puts(&sql, ")");
    current_list = NULL;
    assert_string_equal(duck_rows(*state, sql.data), "200|69742773||225C0A|C3A9|610062|5\n");
    gbx__buf_done(&sql);
}

static void test_nulls_keep_their_type(void **state)
{
    static const struct {
        const char *type;
        const char *name;
    } cases[] = {
        {"int8", "TINYINT"},
        {"uint128", "UHUGEINT"},
        {"timestamp(ms)", "TIMESTAMP_MS"},
        {"uuid", "UUID"},
        {"union<\"a\": int32, \"b\": utf8>", "UNION(a INTEGER, b VARCHAR)"},
        {"struct<\"a\": int32>", "STRUCT(a INTEGER)"},
        {"list<list<bool>>", "BOOLEAN[][]"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const constant_case one = {cases[i].type, {.is_null = true}, NULL};
        gbx__buf sql = {0};
        gbx__buf want = {0};
        gbx_error err = {0};
        gbx__buf_puts(&sql, "SELECT n IS NULL, typeof([n]) FROM (");
        if (print_constant(&one, &sql, &err) != GBX_OK) fail_msg("%s", err.message);
        gbx__buf_puts(&sql, ")");
        gbx__buf_printf(&want, "true|%s[]\n", cases[i].name);
        const char *rows = duck_rows(*state, sql.data);
        if (strcmp(rows, want.data) != 0) fail_msg("%s\n%s", sql.data, rows);
        gbx__buf_done(&sql);
        gbx__buf_done(&want);
    }
}

static int open_duck(void **state)
{
    static duck d;
    duck_open(&d, NULL);
    *state = &d;
    return 0;
}

static int close_duck(void **state)
{
    duck_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_times),          cmocka_unit_test(test_texts),
        cmocka_unit_test(test_texts_with_nul), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_long_lists),     cmocka_unit_test(test_nulls_keep_their_type),
    };
    return cmocka_run_group_tests(tests, open_duck, close_duck);
}
