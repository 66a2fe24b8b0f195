#include "plan/type.h"

#include "base/alloc.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const texts[] = {
    "null",
    "bool",
    "int128",
    "uint128",
    "float32",
    "utf8",
    "decimal(1,0)",
    "decimal(38,38)",
    "time(us)",
    "time(ns)",
    "timestamp(s)",
    "timestamp(ns, zone)",
    "timetz",
    "interval",
    "uuid",
    "bit",
    "bignum",
    "json",
    "variant",
    "geometry",
    "list<int64>",
    "list<list<decimal(4,2)>>",
    "array<float64, 3>",
    "struct<>",
    "struct<int64, utf8>",
    "struct<\"a\": int64, \"\": utf8>",
    "struct<\"say \"\"hi\"\"\": list<struct<\"b\": date>>>",
    "map<utf8, map<int8, uuid>>",
    "union<\"n\": int64, \"t\": utf8>",
    "enum<>",
    "enum<'small', 'it''s', '', 'ü, >'>",
};

static void assert_text(const gbx__type *type, const char *expected)
{
    gbx__buf out;
    gbx__buf_init(&out, 0);
    gbx__type_print(&out, type);
    assert_string_equal(out.data, expected);
    gbx__buf_done(&out);
}

static const gbx__type *parse(gbx__arena *arena, const char *text)
{
    gbx_error err;
    const gbx__type *type = NULL;
    if (gbx__type_parse(arena, gbx__str_of(text), &type, &err))
        fail_msg("%s: %s", text, err.message);
    return type;
}

static void test_texts_read_back(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena other;
    gbx__arena_init(&arena);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const gbx__type *type = parse(&arena, texts[i]);
        assert_text(type, texts[i]);
        gbx__arena_init(&other);
        const gbx__type *copy = gbx__type_copy(&other, type);
        assert_true(gbx__type_equal(type, copy));
        gbx__arena_done(&other);
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
            assert_int_equal(gbx__type_equal(type, parse(&arena, texts[j])), i == j);
        }
    }
    gbx__arena_done(&arena);
}

static void test_every_kind_has_a_text(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    for (int kind = 0; kind < GBX_TYPE_KINDS; kind++) {
        const gbx__type *type = gbx__type_plain((gbx__type_kind)kind);
        if (!type) continue;
        assert_int_equal(type->kind, kind);
        assert_ptr_equal(type, parse(&arena, gbx__type_kind_text((gbx__type_kind)kind)));
    }
    assert_null(gbx__type_plain(GBX_TYPE_LIST));
    assert_null(gbx__type_plain(GBX_TYPE_DECIMAL));
    assert_null(gbx__type_plain(GBX_TYPE_KINDS));
    assert_string_equal(gbx__type_kind_text(GBX_TYPE_KINDS), "?");
    gbx__arena_done(&arena);
}

static void test_spaces_and_short_forms(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    assert_text(parse(&arena, "time"), "time(us)");
    assert_text(parse(&arena, "timestamp"), "timestamp(us)");
    assert_text(parse(&arena, " map < utf8 ,decimal( 3 , 1 ) > "), "map<utf8, decimal(3,1)>");
    assert_text(parse(&arena, "struct<\"a\" :int8>"), "struct<\"a\": int8>");
    gbx__arena_done(&arena);
}

static void test_what_is_no_type(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t offset;
    } wrong[] = {
        {"", 0},
        {"int65", 0},
        {"INT64", 0},
        {"int64 int64", 6},
        {"decimal", 7},
        {"decimal(0,0)", 9},
        {"decimal(39,0)", 10},
        {"decimal(3,4)", 11},
        {"decimal(99999999999,0)", 19},
        {"time(s)", 7},
        {"timestamp(us, zones)", 19},
        {"list<int64", 10},
        {"list<>", 5},
        {"array<int64, x>", 14},
        {"array<int64, 4294967296>", 23},
        {"struct<int64,>", 13},
        {"struct<\"a\" int64>", 11},
        {"enum<'a", 6},
        {"enum<\"a\">", 5},
        {"enum<'a',>", 9},
        {"map<utf8>", 8},
    };
    gbx__arena arena;
    gbx__arena_init(&arena);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        gbx_error err = {0};
        const gbx__type *type = NULL;
        const gbx_status status = gbx__type_parse(&arena, gbx__str_of(wrong[i].text), &type, &err);
        if (status != GBX_PARSE || err.offset != wrong[i].offset) {
            fail_msg("'%s': status %d at %d: %s", wrong[i].text, status, (int)err.offset,
                     err.message);
        }
        assert_null(type);
    }
    gbx__arena_done(&arena);
}

/* Shells of list<…> around an int8. */
static gbx_status parse_nested(gbx__arena *arena, int depth, const gbx__type **out)
{
    gbx_error err;
    gbx__buf text;
    gbx__buf_init(&text, 0);
    for (int i = 1; i < depth; i++) gbx__buf_puts(&text, "list<");
    gbx__buf_puts(&text, "int8");
    for (int i = 1; i < depth; i++) gbx__buf_puts(&text, ">");
    const gbx_status status = gbx__type_parse(arena, gbx__buf_view(&text), out, &err);
    gbx__buf_done(&text);
    return status;
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    gbx__arena arena;
    const gbx__type *type = NULL;
    gbx__arena_init(&arena);
    assert_int_equal(parse_nested(&arena, GBX_TYPE_MAX_DEPTH, &type), GBX_OK);
    assert_int_equal(parse_nested(&arena, GBX_TYPE_MAX_DEPTH + 1, &type), GBX_PARSE);
    assert_int_equal(parse_nested(&arena, 100000, &type), GBX_PARSE);
    gbx__arena_done(&arena);
}

static void test_constructors_refuse(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx__field missing = {GBX_STR("a"), NULL};
    assert_null(gbx__type_decimal(&arena, 0, 0));
    assert_null(gbx__type_decimal(&arena, 39, 0));
    assert_null(gbx__type_decimal(&arena, 5, 6));
    assert_null(gbx__type_list(&arena, NULL));
    assert_null(gbx__type_struct(&arena, &missing, 1));
    assert_null(gbx__type_map(&arena, gbx__type_plain(GBX_TYPE_UTF8), NULL));
    assert_null(gbx__type_copy(&arena, NULL));
    assert_null(gbx__type_time(GBX_UNIT_S));
    gbx__arena_done(&arena);
}

static void test_groups_of_kinds(void **state)
{
    (void)state;
    gbx__arena arena;
    gbx__arena_init(&arena);
    assert_true(gbx__type_is_integer(gbx__type_plain(GBX_TYPE_INT8)));
    assert_true(gbx__type_is_integer(gbx__type_plain(GBX_TYPE_UINT128)));
    assert_false(gbx__type_is_integer(gbx__type_plain(GBX_TYPE_BOOL)));
    assert_false(gbx__type_is_integer(gbx__type_plain(GBX_TYPE_BIGNUM)));
    assert_true(gbx__type_is_float(gbx__type_plain(GBX_TYPE_FLOAT32)));
    assert_true(gbx__type_is_nested(parse(&arena, "struct<>")));
    assert_false(gbx__type_is_nested(parse(&arena, "enum<'a'>")));
    gbx__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_read_back),        cmocka_unit_test(test_every_kind_has_a_text),
        cmocka_unit_test(test_spaces_and_short_forms), cmocka_unit_test(test_what_is_no_type),
        cmocka_unit_test(test_depth_is_bounded),       cmocka_unit_test(test_constructors_refuse),
        cmocka_unit_test(test_groups_of_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
