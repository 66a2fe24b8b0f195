#include "arrow/arrow.h"
#include "support/torture.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* {a: list<item: decimal128(15, 2)>, u: uuid} */
static gbx_status sample(struct ArrowSchema *out, gbx_error *err)
{
    struct ArrowSchema *list;
    GBX_TRY(gbx__arrow_schema_make(out, "+s", GBX_STR(""), 2, err));
    list = out->children[0];
    GBX_TRY(gbx__arrow_schema_make(list, "+l", GBX_STR("a"), 1, err));
    GBX_TRY(gbx__arrow_schema_make(list->children[0], "d:15,2", GBX_STR("item"), 0, err));
    GBX_TRY(gbx__arrow_schema_make(out->children[1], "w:16", GBX_STR("u"), 0, err));
    return gbx__arrow_schema_set_extension(out->children[1], "arrow.uuid", "{}", err);
}

static void test_make(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    gbx__str parameters;
    assert_int_equal(sample(&schema, NULL), GBX_OK);
    assert_string_equal(schema.children[0]->name, "a");
    assert_string_equal(schema.children[0]->children[0]->format, "d:15,2");
    assert_int_equal(schema.children[0]->flags & ARROW_FLAG_NULLABLE, ARROW_FLAG_NULLABLE);
    assert_true(gbx__str_is(gbx__arrow_extension(schema.children[1], &parameters), "arrow.uuid"));
    assert_true(gbx__str_is(parameters, "{}"));
    assert_int_equal(gbx__arrow_extension(schema.children[0], &parameters).len, 0);
    assert_int_equal(parameters.len, 0);
    assert_int_equal(gbx__arrow_schema_leaves(&schema), 2);
    gbx__arrow_schema_done(&schema);
    gbx__arrow_schema_done(&schema);
    gbx__arrow_schema_done(NULL);
}

static void test_names_are_any_bytes_up_to_a_nul(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    assert_int_equal(gbx__arrow_schema_make(&schema, "l", (gbx__str){"a column", 1}, 0, NULL),
                     GBX_OK);
    assert_string_equal(schema.name, "a");
    gbx__arrow_schema_done(&schema);
    assert_int_equal(gbx__arrow_schema_make(&schema, "l", (gbx__str){NULL, 0}, 0, NULL), GBX_OK);
    assert_string_equal(schema.name, "");
    gbx__arrow_schema_done(&schema);
}

static void test_copy_and_retype(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    struct ArrowSchema copy = {0};
    struct ArrowSchema moved = {0};
    assert_int_equal(sample(&schema, NULL), GBX_OK);
    assert_int_equal(gbx__arrow_schema_copy(&schema, &copy, NULL), GBX_OK);
    gbx__arrow_schema_done(&schema);
    assert_int_equal(gbx__arrow_schema_retype(copy.children[1], "d:38,0", NULL), GBX_OK);
    assert_string_equal(copy.children[1]->format, "d:38,0");
    assert_string_equal(copy.children[1]->name, "u");
    assert_int_equal(gbx__arrow_extension(copy.children[1], NULL).len, 0);
    gbx__arrow_schema_move(&copy, &moved);
    assert_null(copy.release);
    gbx__arrow_schema_done(&moved);
}

static void test_dictionary(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    assert_int_equal(gbx__arrow_schema_make(&schema, "C", GBX_STR("e"), 0, NULL), GBX_OK);
    assert_int_equal(gbx__arrow_schema_set_dictionary(&schema, "u", NULL), GBX_OK);
    assert_string_equal(schema.dictionary->format, "u");
    gbx__arrow_schema_done(&schema);
}

static void test_print(void **state)
{
    (void)state;
    struct ArrowSchema schema = {0};
    gbx__buf out = {0};
    assert_int_equal(sample(&schema, NULL), GBX_OK);
    gbx__buf_puts(&out, "a: ");
    gbx__arrow_schema_print(&out, schema.children[0]);
    assert_string_equal(out.data, "a: list<item: decimal128(15, 2)>");
    gbx__buf_done(&out);
    gbx__arrow_schema_done(&schema);
}

static gbx_status tortured(void *ctx, gbx_error *err)
{
    struct ArrowSchema schema = {0};
    (void)ctx;
    const gbx_status status = sample(&schema, err);
    gbx__arrow_schema_done(&schema);
    return status;
}

static void test_torture(void **state)
{
    (void)state;
    assert_true(torture_run(GBX_FAULT_ALLOC, tortured, NULL) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_make),
        cmocka_unit_test(test_names_are_any_bytes_up_to_a_nul),
        cmocka_unit_test(test_copy_and_retype),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_torture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
