/*
 * Text: gbx__str is a view (pointer and length, not owned, not always NUL-terminated);
 * gbx__buf owns bytes and grows, up to a limit that its owner states.
 *
 * A buffer remembers the first failure (memory, limit): append as you like, ask `failed` once.
 */
#ifndef GBX_BASE_STR_H
#define GBX_BASE_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct gbx__str {
    const char *ptr;
    size_t len;
} gbx__str;

/* For printf: `"%.*s", GBX_STR_ARG(s)`. */
#define GBX_STR_ARG(s) (int)(s).len, (s).ptr
/* From a string literal. */
#define GBX_STR(literal) ((gbx__str){("" literal), sizeof(literal) - 1})

gbx__str gbx__str_of(const char *s); /* NULL gives an empty view */
bool gbx__str_equal(gbx__str a, gbx__str b);
bool gbx__str_is(gbx__str a, const char *b);
bool gbx__str_is_nocase(gbx__str a, const char *b); /* ASCII letters only */
bool gbx__str_starts(gbx__str s, const char *prefix);
bool gbx__str_ends_nocase(gbx__str s, const char *suffix);
int gbx__str_compare(gbx__str a, gbx__str b); /* by bytes, as strcmp */
/* The length of the valid UTF-8 at the start: == len when all of it is. */
size_t gbx__utf8_valid_prefix(const char *bytes, size_t len);
/* Code point at bytes[*i], advancing *i; U+FFFD and one byte for an invalid sequence. */
uint32_t gbx__utf8_next(const char *bytes, size_t len, size_t *i);
/* Columns of a terminal that the text takes (wide characters 2, combining ones 0). */
size_t gbx__utf8_width(const char *bytes, size_t len);

typedef struct gbx__buf {
    char *data; /* NUL-terminated once anything was appended */
    size_t len;
    size_t capacity;
    size_t max_len; /* 0: SIZE_MAX / 4 */
    bool failed;    /* memory or limit; further appends do nothing */
} gbx__buf;

void gbx__buf_init(gbx__buf *buf, size_t max_len);
void gbx__buf_done(gbx__buf *buf);
void gbx__buf_clear(gbx__buf *buf); /* keeps the memory and forgets a failure */
void gbx__buf_append(gbx__buf *buf, const char *bytes, size_t len);
void gbx__buf_str(gbx__buf *buf, gbx__str s);
void gbx__buf_puts(gbx__buf *buf, const char *s);
void gbx__buf_putc(gbx__buf *buf, char c);
void gbx__buf_printf(gbx__buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void gbx__buf_vprintf(gbx__buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Room for `len` bytes and a NUL at data + len; the caller writes them and adds to len. NULL on
 * failure. */
char *gbx__buf_reserve(gbx__buf *buf, size_t len);
/* The bytes become the caller's (gbx__alloc_free); NULL when the buffer failed. */
char *gbx__buf_take(gbx__buf *buf);
gbx__str gbx__buf_view(const gbx__buf *buf);

#endif
