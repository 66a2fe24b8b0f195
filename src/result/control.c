/* Control characters made visible, so that data cannot drive a terminal. */
#include "result/writer_priv.h"

#include <string.h>

static bool control_is_c0(unsigned char c)
{
    return c < 0x20 || c == 0x7F;
}

/* U+0080..U+009F, which terminals read as ESC and a letter, in UTF-8: C2 80..9F. */
static bool control_is_c1(gbx__str text, size_t i)
{
    const unsigned char *s = (const unsigned char *)text.ptr + i;
    return s[0] == 0xC2 && i + 1 < text.len && s[1] >= 0x80 && s[1] < 0xA0;
}

static bool control_is_kept(char c, const char *kept)
{
    return c && strchr(kept, c);
}

bool result_has_control(gbx__str text, const char *kept)
{
    for (size_t i = 0; i < text.len; i++) {
        if (control_is_c0((unsigned char)text.ptr[i]) && !control_is_kept(text.ptr[i], kept)) {
            return true;
        }
        if (control_is_c1(text, i)) return true;
    }
    return false;
}

static void control_write(unsigned char c, gbx__buf *out)
{
    switch (c) {
    case '\n': gbx__buf_puts(out, "\\n"); return;
    case '\r': gbx__buf_puts(out, "\\r"); return;
    case '\t': gbx__buf_puts(out, "\\t"); return;
    default: gbx__buf_printf(out, "\\x%02x", c); return;
    }
}

void result_escape_control(gbx__str text, const char *kept, gbx__buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (control_is_c0(c) && !control_is_kept(text.ptr[i], kept)) {
            control_write(c, out);
        } else if (control_is_c1(text, i)) {
            gbx__buf_printf(out, "\\u00%02x", (unsigned char)text.ptr[++i]);
        } else {
            gbx__buf_putc(out, (char)c);
        }
    }
}
