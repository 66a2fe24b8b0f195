#include "support/rows.h"

#include "base/alloc.h"
#include "base/json.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <nanoarrow/nanoarrow.h>

/* ---- schemas ---- */

static void rows_parse_type(const char **at, struct ArrowSchema *out);

static void rows_parse_name(const char **at, struct ArrowSchema *out)
{
    char name[256];
    const size_t len = strcspn(*at, "=");
    assert_true(len < sizeof(name) && (*at)[len] == '=');
    memcpy(name, *at, len);
    name[len] = '\0';
    assert_int_equal(ArrowSchemaSetName(out, name), 0);
    *at += len + 1;
}

static size_t rows_count_children(const char *at)
{
    size_t n = 1;
    int depth = 0;
    for (; *at && (depth > 0 || *at != ')'); at++) {
        if (*at == '(') depth++;
        if (*at == ')') depth--;
        if (*at == ';' && depth == 0) n++;
    }
    return n;
}

static void rows_parse_children(const char **at, struct ArrowSchema *out)
{
    const size_t n = **at == ')' || **at == '\0' ? 0 : rows_count_children(*at);
    assert_int_equal(ArrowSchemaAllocateChildren(out, (int64_t)n), 0);
    for (size_t i = 0; i < n; i++) {
        ArrowSchemaInit(out->children[i]);
        rows_parse_name(at, out->children[i]);
        rows_parse_type(at, out->children[i]);
        if (**at == ';') (*at)++;
    }
}

static void rows_parse_type(const char **at, struct ArrowSchema *out)
{
    char format[256];
    const size_t len = strcspn(*at, "();{}");
    assert_true(len < sizeof(format));
    memcpy(format, *at, len);
    format[len] = '\0';
    assert_int_equal(ArrowSchemaSetFormat(out, format), 0);
    *at += len;
    if (**at == '(') {
        (*at)++;
        rows_parse_children(at, out);
        (*at)++;
        if (strcmp(format, "+m") == 0) {
            out->children[0]->flags = 0;
            out->children[0]->children[0]->flags = 0;
        }
    } else if (**at == '{') {
        (*at)++;
        assert_int_equal(ArrowSchemaAllocateDictionary(out), 0);
        ArrowSchemaInit(out->dictionary);
        rows_parse_type(at, out->dictionary);
        (*at)++;
    }
}

/* ---- values ---- */

static void rows_append(struct ArrowArray *array, const struct ArrowSchema *schema, yyjson_val *v);

static void rows_append_text(struct ArrowArray *array, const struct ArrowSchema *schema,
                             yyjson_val *v)
{
    struct ArrowSchemaView view;
    unsigned char bytes[512];
    const char *text = yyjson_get_str(v);
    size_t n = 0;
    assert_int_equal(ArrowSchemaViewInit(&view, schema, NULL), 0);
    if (view.type == NANOARROW_TYPE_STRING || view.type == NANOARROW_TYPE_LARGE_STRING ||
        view.type == NANOARROW_TYPE_STRING_VIEW) {
        const struct ArrowStringView string = {text, (int64_t)yyjson_get_len(v)};
        assert_int_equal(ArrowArrayAppendString(array, string), 0);
        return;
    }
    if (schema->format[0] == 'd') {
        struct ArrowDecimal decimal;
        char digits[100];
        size_t len = 0;
        for (const char *p = text; *p; p++) {
            if (*p != '.') digits[len++] = *p;
        }
        digits[len] = '\0';
        ArrowDecimalInit(&decimal, view.decimal_bitwidth, view.decimal_precision,
                         view.decimal_scale);
        assert_int_equal(ArrowDecimalSetDigits(&decimal, ArrowCharView(digits)), 0);
        assert_int_equal(ArrowArrayAppendDecimal(array, &decimal), 0);
        return;
    }
    if (strchr("efg", schema->format[0])) {
        assert_int_equal(ArrowArrayAppendDouble(array, strtod(text, NULL)), 0);
        return;
    }
    for (; text[2 * n]; n++) {
        const char pair[3] = {text[2 * n], text[2 * n + 1], '\0'};
        assert_true(n < sizeof(bytes));
        bytes[n] = (unsigned char)strtoul(pair, NULL, 16);
    }
    const struct ArrowBufferView view_of = {.data.as_uint8 = bytes, .size_bytes = (int64_t)n};
    assert_int_equal(ArrowArrayAppendBytes(array, view_of), 0);
}

static void rows_append_interval(struct ArrowArray *array, const char *format, yyjson_val *v)
{
    struct ArrowInterval interval;
    const enum ArrowType type = format[2] == 'M'   ? NANOARROW_TYPE_INTERVAL_MONTHS
                                : format[2] == 'D' ? NANOARROW_TYPE_INTERVAL_DAY_TIME
                                                   : NANOARROW_TYPE_INTERVAL_MONTH_DAY_NANO;
    ArrowIntervalInit(&interval, type);
    interval.months = (int32_t)yyjson_get_sint(yyjson_arr_get(v, 0));
    interval.days = (int32_t)yyjson_get_sint(yyjson_arr_get(v, 1));
    interval.ns = yyjson_get_sint(yyjson_arr_get(v, 2));
    interval.ms = (int32_t)interval.ns;
    assert_int_equal(ArrowArrayAppendInterval(array, &interval), 0);
}

static void rows_append_map(struct ArrowArray *array, const struct ArrowSchema *schema,
                            yyjson_val *v)
{
    const size_t n = yyjson_arr_size(v);
    for (size_t i = 0; i < n; i++) {
        rows_append(array->children[0], schema->children[0], yyjson_arr_get(v, i));
    }
    assert_int_equal(ArrowArrayFinishElement(array), 0);
}

static void rows_append_array(struct ArrowArray *array, const struct ArrowSchema *schema,
                              yyjson_val *v)
{
    const char *format = schema->format;
    const size_t n = yyjson_arr_size(v);
    if (strncmp(format, "ti", 2) == 0) {
        rows_append_interval(array, format, v);
    } else if (strcmp(format, "+m") == 0) {
        rows_append_map(array, schema, v);
    } else if (strncmp(format, "+u", 2) == 0) {
        const int64_t id = yyjson_get_sint(yyjson_arr_get(v, 0));
        rows_append(array->children[id], schema->children[id], yyjson_arr_get(v, 1));
        assert_int_equal(ArrowArrayFinishUnionElement(array, (int8_t)id), 0);
    } else {
        for (size_t i = 0; i < n; i++) {
            const size_t child = strcmp(format, "+s") == 0 ? i : 0;
            rows_append(array->children[child], schema->children[child], yyjson_arr_get(v, i));
        }
        assert_int_equal(ArrowArrayFinishElement(array), 0);
    }
}

static void rows_append(struct ArrowArray *array, const struct ArrowSchema *schema, yyjson_val *v)
{
    if (yyjson_is_null(v)) {
        assert_int_equal(ArrowArrayAppendNull(array, 1), 0);
    } else if (yyjson_is_bool(v)) {
        assert_int_equal(ArrowArrayAppendInt(array, yyjson_get_bool(v)), 0);
    } else if (yyjson_is_real(v)) {
        assert_int_equal(ArrowArrayAppendDouble(array, yyjson_get_real(v)), 0);
    } else if (yyjson_is_uint(v)) {
        assert_int_equal(ArrowArrayAppendUInt(array, yyjson_get_uint(v)), 0);
    } else if (yyjson_is_sint(v)) {
        assert_int_equal(ArrowArrayAppendInt(array, yyjson_get_sint(v)), 0);
    } else if (yyjson_is_str(v)) {
        rows_append_text(array, schema, v);
    } else {
        rows_append_array(array, schema, v);
    }
}

static yyjson_doc *rows_parse_json(const char *text)
{
    yyjson_doc *doc = NULL;
    gbx_error err;
    if (gbx__json_read(text, strlen(text), 0, &doc, &err) != GBX_OK) fail_msg("%s", err.message);
    return doc;
}

void rows_make(rows *r, const char *columns, const char *values)
{
    struct ArrowError error;
    yyjson_doc *doc = rows_parse_json(values);
    yyjson_val *root = yyjson_doc_get_root(doc);
    const size_t n = yyjson_arr_size(root);
    ArrowSchemaInit(&r->schema);
    assert_int_equal(ArrowSchemaSetFormat(&r->schema, "+s"), 0);
    rows_parse_children(&columns, &r->schema);
    if (ArrowArrayInitFromSchema(&r->batch, &r->schema, &error)) fail_msg("%s", error.message);
    assert_int_equal(ArrowArrayStartAppending(&r->batch), 0);
    for (size_t i = 0; i < n; i++) {
        rows_append_array(&r->batch, &r->schema, yyjson_arr_get(root, i));
    }
    if (ArrowArrayFinishBuildingDefault(&r->batch, &error)) fail_msg("%s", error.message);
    gbx__json_free(doc);
}

void rows_set_dictionary(rows *r, size_t column, const char *values)
{
    yyjson_doc *doc = rows_parse_json(values);
    yyjson_val *root = yyjson_doc_get_root(doc);
    const size_t n = yyjson_arr_size(root);
    struct ArrowArray *array = r->batch.children[column]->dictionary;
    const struct ArrowSchema *schema = r->schema.children[column]->dictionary;
    struct ArrowError error;
    for (size_t i = 0; i < n; i++) rows_append(array, schema, yyjson_arr_get(root, i));
    if (ArrowArrayFinishBuildingDefault(array, &error)) fail_msg("%s", error.message);
    gbx__json_free(doc);
}

void rows_set_extension(rows *r, size_t column, const char *name, const char *metadata)
{
    struct ArrowBuffer pairs;
    assert_int_equal(ArrowMetadataBuilderInit(&pairs, NULL), 0);
    assert_int_equal(ArrowMetadataBuilderAppend(&pairs, ArrowCharView("ARROW:extension:name"),
                                                ArrowCharView(name)),
                     0);
    assert_int_equal(ArrowMetadataBuilderAppend(&pairs, ArrowCharView("ARROW:extension:metadata"),
                                                ArrowCharView(metadata)),
                     0);
    assert_int_equal(
        ArrowSchemaSetMetadata(r->schema.children[column], (const char *)pairs.data), 0);
    ArrowBufferReset(&pairs);
}

void rows_done(rows *r)
{
    if (r->schema.release) r->schema.release(&r->schema);
    if (r->batch.release) r->batch.release(&r->batch);
}

/* ---- streams ---- */

typedef struct rows_source {
    const rows *rows;
    int left;
    int errnum;
} rows_source;

static void rows_keep_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void rows_keep_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static int rows_get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    const rows_source *source = stream->private_data;
    *out = source->rows->schema;
    out->release = rows_keep_schema;
    return 0;
}

static int rows_get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    rows_source *source = stream->private_data;
    if (source->left == 0) {
        out->release = NULL;
        return source->errnum;
    }
    source->left--;
    *out = source->rows->batch;
    out->release = rows_keep_array;
    return 0;
}

static const char *rows_get_error(struct ArrowArrayStream *stream)
{
    const rows_source *source = stream->private_data;
    return source->errnum ? "the engine fell over" : NULL;
}

static void rows_release_stream(struct ArrowArrayStream *stream)
{
    free(stream->private_data);
    stream->release = NULL;
}

void rows_stream(const rows *r, int times, int errnum, struct ArrowArrayStream *out)
{
    rows_source *source = malloc(sizeof(*source));
    assert_non_null(source);
    *source = (rows_source){r, times, errnum};
    *out = (struct ArrowArrayStream){rows_get_schema, rows_get_next, rows_get_error,
                                     rows_release_stream, source};
}

/* ---- writing ---- */

gbx__write_options rows_options(gbx__format format)
{
    return (gbx__write_options){.format = format, .row_limit = -1};
}

static const char *rows_read_back(int fd, size_t *len)
{
    static char *text;
    const off_t size = lseek(fd, 0, SEEK_END);
    free(text);
    text = malloc((size_t)size + 1);
    assert_non_null(text);
    assert_int_equal(pread(fd, text, (size_t)size, 0), size);
    text[size] = '\0';
    if (len) *len = (size_t)size;
    return text;
}

gbx_status rows_write_stream(struct ArrowArrayStream *stream, const gbx__write_options *options,
                             const char **text, size_t *len, gbx__write_stats *stats,
                             gbx_error *err)
{
    const int fd = memfd_create("rows", MFD_CLOEXEC);
    assert_true(fd >= 0);
    const gbx_status status = gbx__result_write(stream, fd, options, NULL, stats, err);
    if (text) *text = rows_read_back(fd, len);
    close(fd);
    stream->release(stream);
    return status;
}

const char *rows_write(const rows *r, const gbx__write_options *options)
{
    struct ArrowArrayStream stream;
    gbx__write_stats stats = {0};
    gbx_error err = {0};
    const char *text = NULL;
    size_t len = 0;
    rows_stream(r, 1, 0, &stream);
    if (rows_write_stream(&stream, options, &text, &len, &stats, &err) != GBX_OK) {
        fail_msg("%s: %s", gbx_status_name(err.status), err.message);
    }
    assert_int_equal(stats.bytes, len);
    return text;
}
