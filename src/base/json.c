#include "base/json.h"

#include "base/alloc.h"

#include <math.h>
#include <stdint.h>

static void *json_alloc(void *ctx, size_t size)
{
    (void)ctx;
    return gbx__alloc(size);
}

static void *json_resize(void *ctx, void *block, size_t old_size, size_t size)
{
    (void)ctx;
    (void)old_size;
    return gbx__alloc_resize(block, size);
}

static void json_free(void *ctx, void *block)
{
    (void)ctx;
    gbx__alloc_free(block);
}

gbx_status gbx__json_read(const char *text, size_t len, unsigned flags, yyjson_doc **out,
                          gbx_error *err)
{
    const yyjson_alc alc = {json_alloc, json_resize, json_free, NULL};
    const yyjson_read_flag read_flags =
        YYJSON_READ_BIGNUM_AS_RAW |
        (flags & GBX_JSON_INF_NAN ? YYJSON_READ_ALLOW_INF_AND_NAN : YYJSON_READ_NOFLAG);

    if (len == 0) {
        gbx__error_set(err, GBX_PARSE, "not JSON: the text is empty");
        gbx__error_locate(err, "", 0, 0);
        return GBX_PARSE;
    }
    /* The reader copies the text unless told to work in place. */
    yyjson_read_err detail;
    yyjson_doc *doc = yyjson_read_opts((char *)(uintptr_t)text, len, read_flags, &alc, &detail);
    if (doc) {
        *out = doc;
        return GBX_OK;
    }
    if (detail.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION) return GBX_FAIL_NOMEM(err);
    gbx__error_set(err, GBX_PARSE, "not JSON: %s at byte %zu", detail.msg, detail.pos);
    gbx__error_locate(err, text, len, detail.pos);
    return GBX_PARSE;
}

void gbx__json_free(yyjson_doc *doc)
{
    yyjson_doc_free(doc);
}

gbx__str gbx__json_str(yyjson_val *value)
{
    if (!yyjson_is_str(value)) return GBX_STR("");
    return (gbx__str){yyjson_get_str(value), yyjson_get_len(value)};
}

static void json_write_escape(gbx__buf *out, unsigned char c)
{
    switch (c) {
    case '"': gbx__buf_puts(out, "\\\""); break;
    case '\\': gbx__buf_puts(out, "\\\\"); break;
    case '\b': gbx__buf_puts(out, "\\b"); break;
    case '\f': gbx__buf_puts(out, "\\f"); break;
    case '\n': gbx__buf_puts(out, "\\n"); break;
    case '\r': gbx__buf_puts(out, "\\r"); break;
    case '\t': gbx__buf_puts(out, "\\t"); break;
    default: gbx__buf_printf(out, "\\u%04x", c); break;
    }
}

static bool json_is_plain(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\';
}

void gbx__json_write_str(gbx__buf *out, gbx__str text)
{
    gbx__buf_putc(out, '"');
    for (size_t i = 0; i < text.len;) {
        /* Runs of plain bytes go in one piece; what breaks a run is a stray byte or an escape. */
        const size_t valid = gbx__utf8_valid_prefix(text.ptr + i, text.len - i);
        const size_t end = i + valid;
        while (i < end) {
            const size_t start = i;
            while (i < end && json_is_plain((unsigned char)text.ptr[i])) i++;
            gbx__buf_append(out, text.ptr + start, i - start);
            if (i < end) json_write_escape(out, (unsigned char)text.ptr[i++]);
        }
        if (i < text.len) {
            gbx__buf_puts(out, "\xEF\xBF\xBD");
            i++;
        }
    }
    gbx__buf_putc(out, '"');
}

void gbx__json_write_double(gbx__buf *out, double value)
{
    if (isnan(value)) {
        gbx__buf_puts(out, "\"NaN\"");
        return;
    }
    if (isinf(value)) {
        gbx__buf_puts(out, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    /* Not printf: its decimal point follows the locale, and its shortest form needs three tries. */
    char pool[1024];
    yyjson_alc alc;
    yyjson_val val = {.tag = YYJSON_TYPE_NUM | YYJSON_SUBTYPE_REAL, .uni.f64 = value};
    size_t len = 0;
    const char *text = yyjson_alc_pool_init(&alc, pool, sizeof(pool))
                           ? yyjson_val_write_opts(&val, YYJSON_WRITE_NOFLAG, &alc, &len, NULL)
                           : NULL;
    if (text) {
        gbx__buf_append(out, text, len);
    } else {
        out->failed = true;
    }
}
