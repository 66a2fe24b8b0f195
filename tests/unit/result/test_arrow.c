/* Arrow IPC, read back by nanoarrow: the rows must have the same text as before. */
#include "support/rows.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <nanoarrow/nanoarrow.h>
#include <nanoarrow/nanoarrow_ipc.h>

static void read_back(const char *bytes, size_t len, struct ArrowArrayStream *out)
{
    struct ArrowBuffer buffer;
    struct ArrowIpcInputStream input;
    ArrowBufferInit(&buffer);
    assert_int_equal(ArrowBufferAppend(&buffer, bytes, (int64_t)len), 0);
    assert_int_equal(ArrowIpcInputStreamInitBuffer(&input, &buffer), 0);
    assert_int_equal(ArrowIpcArrayStreamReaderInit(out, &input, NULL), 0);
}

static char *jsonl_of(struct ArrowArrayStream *stream, int64_t row_limit)
{
    gbx__write_options options = rows_options(GBX_FORMAT_JSONL);
    gbx_error err = {0};
    const char *text;
    options.row_limit = row_limit;
    if (rows_write_stream(stream, &options, &text, NULL, NULL, &err)) fail_msg("%s", err.message);
    char *copy = strdup(text);
    assert_non_null(copy);
    return copy;
}

/* Writes the batch twice, reads both, and compares the text. */
static void check_rows(const rows *r, int64_t row_limit)
{
    gbx__write_options options = rows_options(GBX_FORMAT_ARROW);
    struct ArrowArrayStream stream;
    const char *bytes;
    size_t len;
    gbx_error err;
    options.row_limit = row_limit;
    rows_stream(r, 2, 0, &stream);
    if (rows_write_stream(&stream, &options, &bytes, &len, NULL, &err)) fail_msg("%s", err.message);
    read_back(bytes, len, &stream);
    char *after = jsonl_of(&stream, -1);
    rows_stream(r, 2, 0, &stream);
    char *before = jsonl_of(&stream, row_limit);
    assert_string_equal(after, before);
    free(after);
    free(before);
}

static void check(const char *columns, const char *values)
{
    rows r;
    rows_make(&r, columns, values);
    check_rows(&r, -1);
    check_rows(&r, 3);
    check_rows(&r, 0);
    /* A slice of the batch, and one of each column. */
    if (r.batch.length > 1) {
        r.batch.offset = 1;
        r.batch.length -= 1;
        check_rows(&r, -1);
        for (int64_t i = 0; i < r.batch.n_children; i++) {
            r.batch.children[i]->offset = 1;
            r.batch.children[i]->length -= 1;
        }
        r.batch.offset = 0;
        check_rows(&r, -1);
        for (int64_t i = 0; i < r.batch.n_children; i++) {
            r.batch.children[i]->offset = 0;
            r.batch.children[i]->length += 1;
        }
        r.batch.length += 1;
    }
    rows_done(&r);
}

static void test_plain_columns(void **state)
{
    (void)state;
    check("a=i;b=b;c=u;d=d:10,2;e=tsu:UTC;f=z;g=tin;h=n;i=w:2;j=U",
          "[[1,true,\"x\",\"1.00\",0,\"00\",[1,2,3],null,\"0102\",\"y\"],"
          "[null,null,null,null,null,null,null,null,null,null],"
          "[3,false,\"\",\"-0.01\",-1,\"\",[0,0,0],null,\"0000\",\"\"]]");
    check("a=i", "[]");
    check("", "[[],[]]");
}

static void test_nested_columns(void **state)
{
    (void)state;
    check("l=+l(item=u);L=+L(item=i);w=+w:2(item=i);s=+s(a=i;b=+l(item=b));"
          "m=+m(entries=+s(key=u;value=g))",
          "[[[\"a\",null],[1,2],[1,null],[1,[true,false]],[[\"k\",0.5]]],"
          "[null,null,null,null,null],"
          "[[],[],[3,4],[null,[]],[]],"
          "[[\"x\",\"y\",\"z\"],[9],[5,6],[2,[null]],[[\"a\",null],[\"b\",1.5]]]]");
}

static void test_views_become_offsets(void **state)
{
    (void)state;
    check("a=vu;b=vz;c=+vl(item=vu);d=+vL(item=i)",
          "[[\"short\",\"00\",[\"a text of more than twelve bytes\"],[1]],"
          "[\"a text of more than twelve bytes\",null,null,[]],"
          "[null,\"000102030405060708090A0B0C0D0E0F\",[],null]]");
}

static void test_unions(void **state)
{
    (void)state;
    check("d=+ud:0,1(n=i;s=u);s=+us:0,1(n=i;s=vu)",
          "[[[0,1],[0,1]],[[1,\"a\"],[1,\"b\"]],[[0,null],[1,null]],[[1,\"c\"],[0,4]]]");
}

static void test_dictionaries_become_values(void **state)
{
    rows r;
    (void)state;
    rows_make(&r, "e=C{u};t=i{tdD};l=s{+l(item=i)}",
              "[[0,0,0],[1,null,1],[2,1,null],[null,0,0],[0,7,1]]");
    rows_set_dictionary(&r, 0, "[\"a\",\"b\",null]");
    rows_set_dictionary(&r, 1, "[0,1]");
    rows_set_dictionary(&r, 2, "[[1,2],[]]");
    check_rows(&r, -1);
    check_rows(&r, 7);
    rows_done(&r);
}

static void test_dictionaries_of_unions_keep_nulls(void **state)
{
    rows r;
    (void)state;
    rows_make(&r, "u=i{+ud:0,1(n=i;s=u)};l=+l(item=+us:0,1(n=i;s=u))",
              "[[0,[[0,1],[1,\"x\"]]],[null,null],[1,[]]]");
    rows_set_dictionary(&r, 0, "[[1,\"v\"],[0,null]]");
    check_rows(&r, -1);
    rows_done(&r);
}

static void test_schema_is_kept(void **state)
{
    const gbx__write_options options = rows_options(GBX_FORMAT_ARROW);
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    const char *bytes;
    size_t len;
    rows r;
    (void)state;
    rows_make(&r, "id=w:16;id=tsn:UTC;e=C{U};=vu", "[]");
    rows_set_extension(&r, 0, "arrow.uuid", "");
    rows_stream(&r, 1, 0, &stream);
    assert_int_equal(rows_write_stream(&stream, &options, &bytes, &len, NULL, NULL), GBX_OK);
    read_back(bytes, len, &stream);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 4);
    assert_string_equal(schema.children[0]->name, "id");
    assert_string_equal(schema.children[0]->format, "w:16");
    struct ArrowStringView name;
    assert_int_equal(ArrowMetadataGetValue(schema.children[0]->metadata,
                                           ArrowCharView("ARROW:extension:name"), &name),
                     0);
    assert_memory_equal(name.data, "arrow.uuid", 10);
    assert_string_equal(schema.children[1]->format, "tsn:UTC");
    assert_string_equal(schema.children[2]->format, "U");
    assert_string_equal(schema.children[3]->format, "u");
    schema.release(&schema);
    stream.release(&stream);
    rows_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_columns),
        cmocka_unit_test(test_nested_columns),
        cmocka_unit_test(test_views_become_offsets),
        cmocka_unit_test(test_unions),
        cmocka_unit_test(test_dictionaries_become_values),
        cmocka_unit_test(test_dictionaries_of_unions_keep_nulls),
        cmocka_unit_test(test_schema_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
