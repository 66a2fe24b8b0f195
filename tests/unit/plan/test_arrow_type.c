#include "plan/arrow_type.h"

#include "arrow/arrow.h"
#include "support/duck.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- there and back -------------------------------------------------------------------------- */

typedef struct round_case {
    const char *text;   /* of our type */
    const char *format; /* of Arrow's */
    const char *back;   /* NULL: the same */
} round_case;

static const round_case rounds[] = {
    {"null", "n", NULL},
    {"bool", "b", NULL},
    {"int8", "c", NULL},
    {"int16", "s", NULL},
    {"int32", "i", NULL},
    {"int64", "l", NULL},
    {"int128", "d:38,0", "decimal(38,0)"},
    {"uint8", "C", NULL},
    {"uint16", "S", NULL},
    {"uint32", "I", NULL},
    {"uint64", "L", NULL},
    {"uint128", "w:16", NULL},
    {"float32", "f", NULL},
    {"float64", "g", NULL},
    {"decimal(15,2)", "d:15,2", NULL},
    {"decimal(38,38)", "d:38,38", NULL},
    {"utf8", "u", NULL},
    {"binary", "z", NULL},
    {"date", "tdD", NULL},
    {"time", "ttu", NULL},
    {"time(ns)", "ttn", NULL},
    {"timetz", "w:8", NULL},
    {"timestamp(s)", "tss:", NULL},
    {"timestamp(ms)", "tsm:", NULL},
    {"timestamp(us)", "tsu:", NULL},
    {"timestamp(us, zone)", "tsu:UTC", NULL},
    {"timestamp(ns, zone)", "tsn:UTC", NULL},
    {"interval", "tin", NULL},
    {"uuid", "w:16", NULL},
    {"bit", "z", NULL},
    {"bignum", "z", NULL},
    {"json", "u", NULL},
    {"variant", "+s", NULL},
    {"geometry", "z", NULL},
    {"enum<'x', 'y'>", "C", "utf8"},
    {"list<int64>", "+l", NULL},
    {"list<list<bool>>", "+l", NULL},
    {"array<float64, 3>", "+w:3", NULL},
    {"struct<\"a\": int64, \"b\": utf8>", "+s", NULL},
    {"struct<int64, utf8>", "+s", "struct<\"element1\": int64, \"element2\": utf8>"},
    {"map<utf8, list<int32>>", "+m", NULL},
    {"union<\"n\": int64, \"t\": utf8>", "+us:0,1", NULL},
};

static void check_round(const round_case *c)
{
    gbx__arena arena;
    gbx_error err = {0};
    const gbx__type *type = NULL;
    const gbx__type *back = NULL;
    struct ArrowSchema schema = {0};
    gbx__buf text = {0};
    gbx__arena_init(&arena);
    if (gbx__type_parse(&arena, gbx__str_of(c->text), &type, &err) != GBX_OK)
        fail_msg("%s: %s", c->text, err.message);
    if (gbx__type_to_arrow(type, GBX_STR("col"), &schema, &err) != GBX_OK)
        fail_msg("%s: %s", c->text, err.message);
    assert_string_equal(schema.name, "col");
    assert_string_equal(schema.format, c->format);
    if (gbx__type_from_arrow(&arena, &schema, &back, &err) != GBX_OK)
        fail_msg("%s: %s", c->text, err.message);
    gbx__type_print(&text, back);
    if (!c->back && !gbx__type_equal(type, back)) fail_msg("%s → %s", c->text, text.data);
    if (c->back) {
        gbx__buf expected = {0};
        const gbx__type *other = NULL;
        assert_int_equal(gbx__type_parse(&arena, gbx__str_of(c->back), &other, &err), GBX_OK);
        if (!gbx__type_equal(other, back)) fail_msg("%s → %s", c->text, text.data);
        gbx__buf_done(&expected);
    }
    gbx__buf_done(&text);
    schema.release(&schema);
    gbx__arena_done(&arena);
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) check_round(&rounds[i]);
}

/* ---- what DuckDB exports --------------------------------------------------------------------- */

static const char *const exported[][2] = {
    {"1::HUGEINT", "decimal(38,0)"},
    {"1::UHUGEINT", "uint128"},
    {"uuid()", "uuid"},
    {"'10:00+01'::TIMETZ", "timetz"},
    {"'101'::BIT", "bit"},
    {"1::BIGNUM", "bignum"},
    {"'[1]'::JSON", "json"},
    {"1::VARIANT", "variant"},
    {"true", "bool"},
    {"INTERVAL 1 DAY", "interval"},
    {"TIMESTAMPTZ '2020-01-01'", "timestamp(us, zone)"},
    {"'2020-01-01'::TIMESTAMP_NS", "timestamp(ns)"},
    {"'10:00'::TIME", "time"},
    {"'a'::BLOB", "binary"},
    {"'a'::ENUM('a', 'b')", "utf8"},
    {"[1, 2]::INT[2]", "array<int32, 2>"},
    {"[[true]]", "list<list<bool>>"},
    {"{'a': 1, 'b': ['x']}", "struct<\"a\": int32, \"b\": list<utf8>>"},
    {"MAP {'k': 1::HUGEINT}", "map<utf8, decimal(38,0)>"},
    {"union_value(n := 1)::UNION(n INT, t VARCHAR)", "union<\"n\": int32, \"t\": utf8>"},
    {"1.5::DECIMAL(4,1)", "decimal(4,1)"},
    {"NULL", "null"},
    {"'POINT(1 2)'::GEOMETRY", "geometry"},
};

static void check_exported(duck *d, const char *sql, const char *text)
{
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    gbx__arena arena;
    gbx_error err = {0};
    const gbx__type *type = NULL;
    const gbx__type *expected = NULL;
    gbx__buf query = {0};
    gbx__arena_init(&arena);
    gbx__buf_printf(&query, "SELECT %s AS c", sql);
    duck_query(d, query.data, &stream);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    if (gbx__type_from_arrow(&arena, schema.children[0], &type, &err) != GBX_OK)
        fail_msg("%s: %s", sql, err.message);
    assert_int_equal(gbx__type_parse(&arena, gbx__str_of(text), &expected, &err), GBX_OK);
    if (!gbx__type_equal(type, expected)) {
        gbx__buf_clear(&query);
        gbx__type_print(&query, type);
        fail_msg("%s: %s, not %s", sql, query.data, text);
    }
    schema.release(&schema);
    stream.release(&stream);
    gbx__buf_done(&query);
    gbx__arena_done(&arena);
}

static void test_what_duckdb_exports(void **state)
{
    (void)state;
    duck d;
    duck_open(&d, NULL);
    for (size_t i = 0; i < sizeof(exported) / sizeof(exported[0]); i++)
        check_exported(&d, exported[i][0], exported[i][1]);
    duck_close(&d);
}

/* ---- other formats, and refusals ------------------------------------------------------------- */

typedef struct format_case {
    const char *format;
    const char *text; /* NULL: UNSUPPORTED; "": INVALID */
    int n_children;   /* of int32 */
} format_case;

static const format_case formats[] = {
    {"U", "utf8", 0},
    {"vu", "utf8", 0},
    {"Z", "binary", 0},
    {"vz", "binary", 0},
    {"w:7", "binary", 0},
    {"tdm", "date", 0},
    {"tts", "time(us)", 0},
    {"ttm", "time(us)", 0},
    {"tDs", "interval", 0},
    {"tDu", "interval", 0},
    {"tiM", "interval", 0},
    {"tsu:Europe/Paris", "timestamp(us, zone)", 0},
    {"d:9,2,32", "decimal(9,2)", 0},
    {"+L", "list<int32>", 1},
    {"+vl", "list<int32>", 1},
    {"+r", "int32", 2},
    {"+ud:0,1", "union<\"c\": int32, \"c\": int32>", 2},
    {"+s", "struct<>", 0},
    {"e", NULL, 0},
    {"d:76,2,256", NULL, 0},
    {"d:39,2", NULL, 0},
    {"d:9,-2", NULL, 0},
    {"d:9", NULL, 0},
    {"d:x", NULL, 0},
    {"tDn", NULL, 0},
    {"+w:0", NULL, 1},
    {"+w:x", NULL, 1},
    {"+q", NULL, 0},
    {"?", NULL, 0},
    {"", NULL, 0},
    {"+l", "", 0},
    {"+m", "", 1},
    {"+r", "", 1},
};

static void check_format(const format_case *c)
{
    struct ArrowSchema schema = {0};
    gbx__arena arena;
    gbx_error err = {0};
    const gbx__type *type = NULL;
    gbx__arena_init(&arena);
    assert_int_equal(gbx__arrow_schema_make(&schema, c->format, GBX_STR("x"), c->n_children, NULL),
                     GBX_OK);
    for (int i = 0; i < c->n_children; i++)
        assert_int_equal(gbx__arrow_schema_make(schema.children[i], "i", GBX_STR("c"), 0, NULL),
                         GBX_OK);
    const gbx_status expected = !c->text ? GBX_UNSUPPORTED : *c->text ? GBX_OK : GBX_INVALID;
    const gbx_status status = gbx__type_from_arrow(&arena, &schema, &type, &err);
    if (status != expected) fail_msg("%s: %s %s", c->format, gbx_status_name(status), err.message);
    if (status == GBX_OK) {
        gbx__buf text = {0};
        gbx__type_print(&text, type);
        assert_string_equal(text.data, c->text);
        gbx__buf_done(&text);
    } else {
        assert_true(strlen(err.message) > 0);
    }
    schema.release(&schema);
    gbx__arena_done(&arena);
}

static void test_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) check_format(&formats[i]);
}

static void test_depth_is_bounded(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    struct ArrowSchema *at = &schema;
    gbx__arena arena;
    gbx_error err = {0};
    const gbx__type *type = NULL;
    gbx__arena_init(&arena);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(gbx__arrow_schema_make(at, "+l", GBX_STR("l"), 1, NULL), GBX_OK);
        at = at->children[0];
    }
    assert_int_equal(gbx__type_from_arrow(&arena, &schema, &type, &err), GBX_INVALID);
    schema.release(&schema);
    assert_int_equal(gbx__type_from_arrow(&arena, &schema, &type, &err), GBX_INVALID);
    gbx__arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_duckdb_exports),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_depth_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
