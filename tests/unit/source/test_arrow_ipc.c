#include "support/inputs.h"

#include "arrow/build.h"
#include "base/fs.h"

#include <nanoarrow/nanoarrow_ipc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FILE_MAX 65536
#define COMPRESSED_ROW "\n120|6069|109|row 0|row 9|a|c|60|120|2024-04-29\n"

static inputs in;

static int set_up(void **state)
{
    (void)state;
    inputs_open(&in);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    inputs_close(&in);
    return 0;
}

/* ---- making files ---------------------------------------------------------------------------- */

static const gbx__arrow_column two_columns[] = {{"n", "l"}, {"t", "u"}};

static void make_batch(const struct ArrowSchema *schema, int64_t first, int64_t n,
                       struct ArrowArray *out)
{
    gbx__arrow_builder *builder = NULL;
    assert_int_equal(gbx__arrow_builder_new(schema, &builder, NULL), GBX_OK);
    for (int64_t i = first; i < first + n; i++) {
        char text[32];
        const int len = snprintf(text, sizeof(text), "x%d", (int)i);
        if (i % 4 == 3)
            gbx__arrow_builder_null(builder, 0, NULL);
        else
            gbx__arrow_builder_int(builder, 0, i, NULL);
        gbx__arrow_builder_bytes(builder, 1, (gbx__str){text, (size_t)len}, NULL);
        assert_int_equal(gbx__arrow_builder_end_row(builder, NULL), GBX_OK);
    }
    assert_int_equal(gbx__arrow_builder_finish(builder, out, NULL), GBX_OK);
    gbx__arrow_builder_free(builder);
}

static void write_batch(struct ArrowIpcWriter *writer, struct ArrowSchema *schema, int64_t first,
                        int64_t n)
{
    struct ArrowArray array;
    struct ArrowArrayView view;
    make_batch(schema, first, n, &array);
    assert_int_equal(ArrowArrayViewInitFromSchema(&view, schema, NULL), 0);
    assert_int_equal(ArrowArrayViewSetArray(&view, &array, NULL), 0);
    assert_int_equal(ArrowIpcWriterWriteArrayView(writer, &view, NULL), 0);
    ArrowArrayViewReset(&view);
    array.release(&array);
}

/* Two batches of rows `first`, first + 1 … first + 9. */
static void make(const char *name, bool is_file, const gbx__arrow_column *columns, int64_t first)
{
    struct ArrowSchema schema;
    struct ArrowIpcOutputStream output;
    struct ArrowIpcWriter writer;
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(gbx__arrow_schema_of(columns, 2, &schema, NULL), GBX_OK);
    assert_int_equal(ArrowIpcOutputStreamInitFile(&output, file, 1), 0);
    assert_int_equal(ArrowIpcWriterInit(&writer, &output), 0);
    if (is_file) assert_int_equal(ArrowIpcWriterStartFile(&writer, NULL), 0);
    assert_int_equal(ArrowIpcWriterWriteSchema(&writer, &schema, NULL), 0);
    write_batch(&writer, &schema, first, 4);
    write_batch(&writer, &schema, first + 4, 6);
    assert_int_equal(ArrowIpcWriterWriteArrayView(&writer, NULL, NULL), 0);
    if (is_file) assert_int_equal(ArrowIpcWriterFinalizeFile(&writer, NULL), 0);
    ArrowIpcWriterReset(&writer);
    schema.release(&schema);
}

/* ---- reading --------------------------------------------------------------------------------- */

static gbx_status read_rows(const gbx__scan *scan, gbx__buf *out)
{
    struct ArrowArrayStream stream;
    GBX_TRY(gbx__source_open_stream(scan, &stream, &in.err));
    GBX_TRY(gbx__duck_add_stream(in.conn, "s", &stream, &in.err));
    return inputs_rows(&in, "SELECT count(*), sum(n), count(n), min(t), max(t) FROM s", out);
}

static void check(const char *location, int64_t rows, const char *expected)
{
    gbx__buf text = {0};
    const gbx__scan *scan = inputs_resolve(&in, location, "");
    assert_int_equal(scan->format, GBX_SCAN_ARROW_IPC);
    assert_int_equal(scan->row_count, rows);
    assert_true(scan->row_count_exact);
    assert_int_equal(scan->n_fields, 2);
    assert_int_equal(scan->fields[0].type->kind, GBX_TYPE_INT64);
    assert_int_equal(scan->fields[1].type->kind, GBX_TYPE_UTF8);
    if (read_rows(scan, &text) != GBX_OK) fail_msg("%s", in.err.message);
    assert_non_null(strstr(text.data, expected));
    gbx__buf_done(&text);
}

static void test_both_forms(void **state)
{
    (void)state;
    make("a.arrow", true, two_columns, 0);
    make("b.arrows", false, two_columns, 0);
    make("noending", true, two_columns, 0);
    check("a.arrow", 10, "\n10|35|8|x0|x9\n");
    check("b.arrows", 10, "\n10|35|8|x0|x9\n");
    check("noending", 10, "\n10|35|8|x0|x9\n");
}

/* By pyarrow 26 (which leaves some small buffers plain): 120 rows in two batches, one column
 * with a dictionary. */
static void test_compressed(void **state)
{
    static const char *const names[] = {"lz4.feather", "lz4.arrows", "zstd.feather"};
    (void)state;
    const char *source = getenv("GEARBOX_SOURCE_DIR");
    assert_non_null(source);
    for (size_t i = 0; i < 3; i++) {
        char path[FILENAME_MAX];
        gbx__buf text = {0};
        struct ArrowArrayStream stream;
        snprintf(path, sizeof(path), "%s/tests/data/arrow/%s", source, names[i]);
        const gbx__scan *scan = inputs_resolve(&in, path, "");
        assert_int_equal(scan->row_count, 120);
        assert_int_equal(gbx__source_open_stream(scan, &stream, &in.err), GBX_OK);
        assert_int_equal(gbx__duck_add_stream(in.conn, "s", &stream, &in.err), GBX_OK);
        if (inputs_rows(&in,
                        "SELECT count(*), sum(n), count(t), min(t), max(t), min(d), max(d), "
                        "count_if(b), sum(list_sum(l)), max(day) FROM s",
                        &text) != GBX_OK)
            fail_msg("%s", in.err.message);
        if (!strstr(text.data, COMPRESSED_ROW)) fail_msg("%s", text.data);
        gbx__buf_done(&text);
    }
}

static void test_damaged_compression(void **state)
{
    (void)state;
    gbx__buf bytes = {0};
    gbx__buf text = {0};
    char path[FILENAME_MAX];
    snprintf(path, sizeof(path), "%s/tests/data/arrow/lz4.feather", getenv("GEARBOX_SOURCE_DIR"));
    assert_int_equal(gbx__fs_read_head(path, FILE_MAX, &bytes, &in.err), GBX_OK);
    char *frame = memmem(bytes.data, bytes.len, "\x04\x22\x4d\x18", 4);
    assert_non_null(frame);
    frame[0] = 'x';
    FILE *file = fopen("bad.feather", "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
    const gbx__scan *scan = inputs_resolve(&in, "bad.feather", "");
    struct ArrowArrayStream stream;
    assert_int_equal(gbx__source_open_stream(scan, &stream, &in.err), GBX_OK);
    assert_int_equal(gbx__duck_add_stream(in.conn, "s", &stream, &in.err), GBX_OK);
    assert_int_not_equal(inputs_rows(&in, "SELECT sum(n), max(t) FROM s", &text), GBX_OK);
    assert_non_null(strstr(in.err.message, "bad.feather"));
    gbx__buf_done(&text);
    gbx__buf_done(&bytes);
}

static void test_several(void **state)
{
    (void)state;
    assert_int_equal(gbx__fs_make_dirs("sev", &in.err), GBX_OK);
    make("sev/a.arrow", true, two_columns, 0);
    make("sev/b.arrow", false, two_columns, 20);
    check("sev", 20, "\n20|");
    static const gbx__arrow_column others[] = {{"n", "l"}, {"other", "u"}};
    make("sev/c.arrow", true, others, 0);
    inputs_check_fails(&in, "sev", "", GBX_INVALID,
                       "the column 2 ('other') of 'sev/c.arrow' is not that of 'sev/a.arrow'");
}

static void test_changed_since(void **state)
{
    (void)state;
    gbx__buf text = {0};
    assert_int_equal(gbx__fs_make_dirs("chg", &in.err), GBX_OK);
    make("chg/a.arrow", true, two_columns, 0);
    make("chg/b.arrow", true, two_columns, 0);
    const gbx__scan *scan = inputs_resolve(&in, "chg", "");
    static const gbx__arrow_column others[] = {{"n", "l"}, {"t", "z"}};
    make("chg/b.arrow", true, others, 0);
    assert_int_equal(read_rows(scan, &text), GBX_INVALID);
    assert_non_null(strstr(in.err.message, "'chg/b.arrow'"));
    gbx__buf_done(&text);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static size_t read_bytes(const char *name, char *bytes)
{
    FILE *file = fopen(name, "rb");
    assert_non_null(file);
    const size_t len = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    return len;
}

static void write_bytes(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void test_cut(void **state)
{
    (void)state;
    char *bytes = malloc(FILE_MAX);
    make("whole.arrow", true, two_columns, 0);
    const size_t len = read_bytes("whole.arrow", bytes);
    const size_t cuts[] = {1, 7, 9, 100, len / 2, len - 10, len - 1};
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        write_bytes("cut.arrow", bytes, cuts[i]);
        inputs_check_fails(&in, "cut.arrow", "", GBX_CORRUPT, "'cut.arrow'");
    }
    temp_write(in.dir, "text.arrow", "this is no Arrow file at all, but long enough\n");
    inputs_check_fails(&in, "text.arrow", "", GBX_CORRUPT, "'text.arrow'");
    free(bytes);
}

/* Flipped bits: told, or harmless; never a crash. */
static void test_flips(void **state)
{
    (void)state;
    char *bytes = malloc(FILE_MAX);
    int n_told = 0;
    make("good.arrows", false, two_columns, 0);
    const size_t len = read_bytes("good.arrows", bytes);
    for (size_t at = 0; at < len; at += 3) {
        const gbx__scan *scan = NULL;
        gbx__buf text = {0};
        bytes[at] = (char)(bytes[at] ^ (1 << (at % 8)));
        write_bytes("flip.arrows", bytes, len);
        bytes[at] = (char)(bytes[at] ^ (1 << (at % 8)));
        gbx_status status = inputs_try(&in, "flip.arrows", "", &scan);
        if (status == GBX_OK) status = scan->n_fields == 2 ? read_rows(scan, &text) : GBX_OK;
        if (status != GBX_OK) n_told++;
        gbx__buf_done(&text);
    }
    assert_true(n_told > 30);
    free(bytes);
}

static void test_options(void **state)
{
    (void)state;
    make("o.arrow", true, two_columns, 0);
    inputs_check_fails(&in, "o.arrow", "filename := true", GBX_UNSUPPORTED, "filename of Arrow");
    inputs_check_fails(&in, "o.arrow", "x := 1", GBX_UNSUPPORTED, "x of Arrow");
    inputs_resolve(&in, "o.arrow", "hive_partitioning := false");
    assert_int_equal(gbx__fs_make_dirs("h/k=1", &in.err), GBX_OK);
    assert_int_equal(gbx__fs_make_dirs("h/k=2", &in.err), GBX_OK);
    make("h/k=1/a.arrow", true, two_columns, 0);
    make("h/k=2/a.arrow", true, two_columns, 0);
    inputs_check_fails(&in, "h", "", GBX_UNSUPPORTED, "columns in folder names");
    inputs_resolve(&in, "h", "hive_partitioning := false");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_damaged_compression),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_changed_since),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_flips),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
