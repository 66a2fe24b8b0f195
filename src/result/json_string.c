/* Strings of JSON. Most are plain ASCII, and copied whole. */
#include "result/json_node_priv.h"
#include "result/writer_priv.h"

#include "base/json.h"

#include <string.h>

static bool string_is_plain(gbx__str text)
{
    unsigned found = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        found |= (unsigned)(c < 0x20) | (unsigned)(c >= 0x7F) | (unsigned)(c == '"') |
                 (unsigned)(c == '\\');
    }
    return !found;
}

/* The characters that JSON allows bare and a terminal obeys: DEL and U+0080..U+009F. */
static void string_escape_rest(size_t start, gbx__buf *out)
{
    const gbx__str text = {out->data + start, out->len - start};
    if (out->failed || !result_has_control(text, "")) return;
    gbx__buf copy;
    gbx__buf_init(&copy, 0);
    for (size_t i = 0; i < text.len;) {
        const size_t from = i;
        const uint32_t c = gbx__utf8_next(text.ptr, text.len, &i);
        if (c >= 0x7F && c < 0xA0) {
            gbx__buf_printf(&copy, "\\u%04x", c);
        } else {
            gbx__buf_append(&copy, text.ptr + from, i - from);
        }
    }
    out->len = start;
    gbx__buf_str(out, gbx__buf_view(&copy));
    out->failed |= copy.failed;
    gbx__buf_done(&copy);
}

void result_json_string(gbx__str text, const result_json_rules *rules, gbx__buf *out)
{
    const size_t start = out->len;
    if (!string_is_plain(text)) {
        gbx__json_write_str(out, text);
        if (rules->escape_control) string_escape_rest(start, out);
        return;
    }
    char *p = gbx__buf_reserve(out, text.len + 2);
    if (!p) return;
    p[0] = '"';
    if (text.len) memcpy(p + 1, text.ptr, text.len);
    p[text.len + 1] = '"';
    out->len += text.len + 2;
}
