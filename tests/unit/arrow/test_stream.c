#include "arrow/arrow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int batches_alive;

static void batch_release(struct ArrowArray *self)
{
    batches_alive--;
    self->release = NULL;
}

static struct ArrowArray batch_of(int64_t n_rows)
{
    batches_alive++;
    return (struct ArrowArray){.length = n_rows, .release = batch_release};
}

static struct ArrowSchema schema_of_nothing(void)
{
    struct ArrowSchema schema = {0};
    assert_int_equal(gbx__arrow_schema_make(&schema, "+s", GBX_STR(""), 0, NULL), GBX_OK);
    return schema;
}

static void test_a_stream_of_batches(void **state)
{
    (void)state;
    struct ArrowSchema schema = schema_of_nothing();
    struct ArrowSchema told = {0};
    struct ArrowArray batches[] = {batch_of(1), batch_of(2), batch_of(3)};
    struct ArrowArray batch = {0};
    struct ArrowArrayStream stream;
    struct ArrowArrayStream moved;
    gbx_error err;
    assert_int_equal(gbx__arrow_stream_of(&schema, 3, batches, &stream, &err), GBX_OK);
    assert_null(schema.release);
    assert_null(batches[0].release);
    gbx__arrow_stream_move(&stream, &moved);
    assert_null(stream.release);
    assert_int_equal(gbx__arrow_stream_schema(&moved, &told, &err), GBX_OK);
    assert_string_equal(told.format, "+s");
    gbx__arrow_schema_done(&told);
    for (int64_t i = 1; i <= 2; i++) {
        assert_int_equal(gbx__arrow_stream_next(&moved, &batch, &err), GBX_OK);
        assert_int_equal(batch.length, i);
        gbx__arrow_array_done(&batch);
    }
    gbx__arrow_stream_done(&moved); /* the third was not pulled */
    assert_int_equal(batches_alive, 0);
    gbx__arrow_stream_done(&moved);
    gbx__arrow_stream_done(NULL);
    gbx__arrow_array_done(NULL);
}

static void test_an_empty_stream(void **state)
{
    (void)state;
    struct ArrowSchema schema = schema_of_nothing();
    struct ArrowArray batch = {.length = 7};
    struct ArrowArrayStream stream;
    gbx_error err;
    assert_int_equal(gbx__arrow_stream_empty(&schema, &stream, &err), GBX_OK);
    assert_int_equal(gbx__arrow_stream_next(&stream, &batch, &err), GBX_OK);
    assert_null(batch.release);
    assert_int_equal(gbx__arrow_stream_next(&stream, &batch, &err), GBX_OK);
    gbx__arrow_stream_done(&stream);
}

/* ---- failures -------------------------------------------------------------------------------- */

static int failing_code;
static const char *failing_text;

static int failing_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
    (void)self;
    (void)out;
    return failing_code;
}

static int failing_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
    (void)self;
    (void)out;
    return failing_code;
}

static const char *failing_last_error(struct ArrowArrayStream *self)
{
    (void)self;
    return failing_text;
}

static void test_errno_becomes_a_status(void **state)
{
    (void)state;
    static const struct {
        int code;
        gbx_status status;
    } cases[] = {{ENOMEM, GBX_NOMEM},   {ECANCELED, GBX_CANCELLED}, {ETIMEDOUT, GBX_TIMEOUT},
                 {EINVAL, GBX_INVALID}, {EIO, GBX_ENGINE},          {12345, GBX_ENGINE}};
    struct ArrowArrayStream stream = {.get_schema = failing_schema,
                                      .get_next = failing_next,
                                      .get_last_error = failing_last_error};
    struct ArrowArray batch = {.length = 7};
    struct ArrowSchema schema = {0};
    gbx_error err = {0};
    failing_text = "no luck";
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        failing_code = cases[i].code;
        assert_int_equal(gbx__arrow_stream_next(&stream, &batch, &err), cases[i].status);
        assert_string_equal(err.message, "no luck");
        assert_int_equal(gbx__arrow_stream_schema(&stream, &schema, &err), cases[i].status);
    }
    assert_int_equal(batch.length, 7);
    failing_text = NULL;
    assert_int_equal(gbx__arrow_stream_next(&stream, &batch, &err), GBX_ENGINE);
    assert_true(strlen(err.message) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_stream_of_batches),
        cmocka_unit_test(test_an_empty_stream),
        cmocka_unit_test(test_errno_becomes_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
