#include "base/str.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

gbx__str gbx__str_of(const char *s)
{
    return s ? (gbx__str){s, strlen(s)} : (gbx__str){"", 0};
}

bool gbx__str_equal(gbx__str a, gbx__str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool gbx__str_is(gbx__str a, const char *b)
{
    return gbx__str_equal(a, gbx__str_of(b));
}

static unsigned char str_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool gbx__str_is_nocase(gbx__str a, const char *b)
{
    if (a.len != strlen(b)) return false;
    for (size_t i = 0; i < a.len; i++) {
        if (str_lower(a.ptr[i]) != str_lower(b[i])) return false;
    }
    return true;
}

bool gbx__str_starts(gbx__str s, const char *prefix)
{
    const size_t len = strlen(prefix);
    return s.len >= len && (len == 0 || memcmp(s.ptr, prefix, len) == 0);
}

bool gbx__str_ends_nocase(gbx__str s, const char *suffix)
{
    const size_t len = strlen(suffix);
    if (s.len < len) return false;
    if (len == 0) return true;
    return gbx__str_is_nocase((gbx__str){s.ptr + s.len - len, len}, suffix);
}

int gbx__str_compare(gbx__str a, gbx__str b)
{
    const size_t shared = a.len < b.len ? a.len : b.len;
    const int order = shared ? memcmp(a.ptr, b.ptr, shared) : 0;
    if (order != 0) return order < 0 ? -1 : 1;
    return (a.len > b.len) - (a.len < b.len);
}

void gbx__buf_init(gbx__buf *buf, size_t max_len)
{
    *buf = (gbx__buf){.max_len = max_len};
}

void gbx__buf_done(gbx__buf *buf)
{
    if (!buf) return;
    gbx__alloc_free(buf->data);
    gbx__buf_init(buf, buf->max_len);
}

void gbx__buf_clear(gbx__buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data) buf->data[0] = '\0';
}

static size_t buf_limit(const gbx__buf *buf)
{
    const size_t most = SIZE_MAX / 4;
    return buf->max_len == 0 || buf->max_len > most ? most : buf->max_len;
}

/* Doubles, but never past the limit: a buffer that may hold 1 GB does not ask for 2. */
static size_t buf_next_capacity(const gbx__buf *buf, size_t need)
{
    const size_t most = buf_limit(buf) + 1;
    size_t capacity = buf->capacity < 32 ? 64 : buf->capacity * 2;
    if (capacity < need) capacity = need;
    return capacity > most ? most : capacity;
}

char *gbx__buf_reserve(gbx__buf *buf, size_t len)
{
    if (buf->failed) return NULL;
    if (len > buf_limit(buf) - buf->len) {
        buf->failed = true;
        return NULL;
    }
    const size_t need = buf->len + len + 1;
    if (need > buf->capacity) {
        const size_t capacity = buf_next_capacity(buf, need);
        char *data = gbx__alloc_resize(buf->data, capacity);
        if (!data) {
            buf->failed = true;
            return NULL;
        }
        buf->data = data;
        buf->capacity = capacity;
        buf->data[buf->len] = '\0';
    }
    return buf->data + buf->len;
}

void gbx__buf_append(gbx__buf *buf, const char *bytes, size_t len)
{
    char *room = gbx__buf_reserve(buf, len);
    if (!room) return;
    if (len) memcpy(room, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void gbx__buf_str(gbx__buf *buf, gbx__str s)
{
    gbx__buf_append(buf, s.ptr, s.len);
}

void gbx__buf_puts(gbx__buf *buf, const char *s)
{
    gbx__buf_append(buf, s, strlen(s));
}

void gbx__buf_putc(gbx__buf *buf, char c)
{
    gbx__buf_append(buf, &c, 1);
}

void gbx__buf_vprintf(gbx__buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int len = vsnprintf(NULL, 0, format, args);
    char *room = len < 0 ? NULL : gbx__buf_reserve(buf, (size_t)len);
    if (room) {
        vsnprintf(room, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    } else {
        buf->failed = true;
    }
    va_end(again);
}

void gbx__buf_printf(gbx__buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gbx__buf_vprintf(buf, format, args);
    va_end(args);
}

char *gbx__buf_take(gbx__buf *buf)
{
    char *bytes = gbx__buf_reserve(buf, 0) ? buf->data : NULL;
    if (!bytes) return NULL;
    gbx__buf_init(buf, buf->max_len);
    return bytes;
}

gbx__str gbx__buf_view(const gbx__buf *buf)
{
    return (gbx__str){buf->data ? buf->data : "", buf->len};
}
