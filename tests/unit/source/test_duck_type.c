#include "source/source.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void check(const char *text, const char *expected)
{
    gbx__arena arena;
    gbx__buf printed = {0};
    gbx_error err = {0};
    const gbx__type *type = NULL;
    gbx__arena_init(&arena);
    if (gbx__duck_type_parse(&arena, gbx__str_of(text), &type, &err) != GBX_OK)
        fail_msg("%s: %s", text, err.message);
    gbx__duck_type_print(&printed, type);
    assert_string_equal(printed.data, expected);

    /* what is printed reads back to the same */
    const gbx__type *again = NULL;
    assert_int_equal(gbx__duck_type_parse(&arena, gbx__buf_view(&printed), &again, &err), GBX_OK);
    assert_true(gbx__type_equal(type, again));
    gbx__buf_done(&printed);
    gbx__arena_done(&arena);
}

static void check_same(const char *text)
{
    check(text, text);
}

static void check_fails(const char *text, gbx_status expected, const char *part)
{
    gbx__arena arena;
    gbx_error err = {0};
    const gbx__type *type = NULL;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__duck_type_parse(&arena, gbx__str_of(text), &type, &err);
    if (status != expected || !strstr(err.message, part)) fail_msg("%s: %s", text, err.message);
    assert_null(type);
    gbx__arena_done(&arena);
}

static void test_plain(void **state)
{
    (void)state;
    static const char *const names[] = {
        "BOOLEAN",   "TINYINT",      "SMALLINT",     "INTEGER",   "BIGINT",       "HUGEINT",
        "UTINYINT",  "USMALLINT",    "UINTEGER",     "UBIGINT",   "UHUGEINT",     "FLOAT",
        "DOUBLE",    "VARCHAR",      "BLOB",         "DATE",      "TIME",         "TIME_NS",
        "TIMESTAMP", "TIMESTAMP_S",  "TIMESTAMP_MS", "TIMESTAMP_NS", "INTERVAL",  "UUID",
        "BIT",       "BIGNUM",       "JSON",         "VARIANT",   "GEOMETRY",     "\"NULL\"",
        "TIME WITH TIME ZONE",       "TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS",
        "DECIMAL(1,0)",              "DECIMAL(15,2)",            "DECIMAL(38,38)",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) check_same(names[i]);
}

static void test_nested(void **state)
{
    (void)state;
    check_same("INTEGER[]");
    check_same("INTEGER[3][]");
    check_same("MAP(VARCHAR, DECIMAL(3,1)[])");
    check_same("TUPLE(INTEGER, VARCHAR)");
    check_same("UNION(\"num\" INTEGER, \"s t\" VARCHAR)");
    check_same("ENUM('a', 'b''c', 'd, e', '')");
    check_same("STRUCT(\"a\"\"b\" INTEGER, \"select\" STRUCT(\"x\" DATE[2])[])");
    check("STRUCT(a INTEGER, \"b c\" VARCHAR[])", "STRUCT(\"a\" INTEGER, \"b c\" VARCHAR[])");
    check("UNION(num INTEGER)", "UNION(\"num\" INTEGER)");
}

static void test_other_names(void **state)
{
    (void)state;
    check("int", "INTEGER");
    check(" text ", "VARCHAR");
    check("varchar(10)", "VARCHAR");
    check("character varying(3)", "VARCHAR");
    check("double precision", "DOUBLE");
    check("numeric", "DECIMAL(18,3)");
    check("dec(5)", "DECIMAL(5,0)");
    check("timestamptz", "TIMESTAMP WITH TIME ZONE");
    check("timestamp without time zone", "TIMESTAMP");
    check("timestamp(3)", "TIMESTAMP_MS");
    check("datetime", "TIMESTAMP");
    check("row(a int)", "STRUCT(\"a\" INTEGER)");
    check("\"INTEGER\"", "INTEGER");
}

static void test_refused(void **state)
{
    (void)state;
    check_fails("", GBX_PARSE, "expected a type");
    check_fails("INTEGER[", GBX_PARSE, "offset 8");
    check_fails("INTEGER[0]", GBX_PARSE, "at least 1");
    check_fails("INTEGER x", GBX_PARSE, "expected the end");
    check_fails("STRUCT()", GBX_PARSE, "a name");
    check_fails("STRUCT(\"a INTEGER", GBX_PARSE, "closing");
    check_fails("MAP(INTEGER)", GBX_PARSE, "a key and a value");
    check_fails("ENUM('a", GBX_PARSE, "closing");
    check_fails("DECIMAL(39,1)", GBX_PARSE, "smaller");
    check_fails("DECIMAL(3,4)", GBX_PARSE, "scale");
    check_fails("GEOMETRY('EPSG:4326')", GBX_UNSUPPORTED, "GEOMETRY");
    check_fails("AGGREGATE_STATE(x)", GBX_UNSUPPORTED, "AGGREGATE_STATE");
}

static void test_depth(void **state)
{
    (void)state;
    gbx__buf text = {0};
    for (int i = 0; i < 5000; i++) gbx__buf_puts(&text, "STRUCT(a ");
    check_fails(text.data, GBX_PARSE, "fewer levels");
    gbx__buf_clear(&text);
    gbx__buf_puts(&text, "INT");
    for (int i = 0; i < 5000; i++) gbx__buf_puts(&text, "[]");
    check_fails(text.data, GBX_PARSE, "fewer levels");
    gbx__buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),   cmocka_unit_test(test_nested),
        cmocka_unit_test(test_other_names), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
