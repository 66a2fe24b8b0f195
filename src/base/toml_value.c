/*
 * Values: words (numbers, true, false), arrays, inline tables.
 */
#include "base/json.h"
#include "base/toml_priv.h"

#include <math.h>
#include <string.h>

/* ---- words ----------------------------------------------------------------------------------- */

/* What stands there up to a blank, a sign of the grammar or the end. */
static gbx__str read_word(toml_parser *p)
{
    const size_t start = p->pos;
    while (p->pos < p->text.len && !strchr(" \t\r\n#,=[]{}\"'", gbx__toml_peek(p, 0))) p->pos++;
    return (gbx__str){p->text.ptr + start, p->pos - start};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 1979-05-27 or 07:32 */
static bool is_time(gbx__str word)
{
    size_t n = 0;
    while (n < word.len && is_digit(word.ptr[n])) n++;
    if (n == word.len) return false;
    return (n == 4 && word.ptr[n] == '-') || (n == 2 && word.ptr[n] == ':');
}

static int digit_of(char c, int base)
{
    const int value = is_digit(c)              ? c - '0'
                      : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                      : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                               : base;
    return value < base ? value : -1;
}

/* Digits from word[*i], with single underscores between them, copied; false when there are none,
 * or an underscore is elsewhere. */
static bool copy_digits(gbx__str word, size_t *i, int base, gbx__buf *out)
{
    const size_t start = *i;
    for (; *i < word.len; (*i)++) {
        const char c = word.ptr[*i];
        if (digit_of(c, base) >= 0) {
            gbx__buf_putc(out, c);
            continue;
        }
        if (c != '_') break;
        if (*i == start || word.ptr[*i - 1] == '_') return false;
    }
    return *i > start && word.ptr[*i - 1] != '_';
}

/* Of the digits in `digits`; false beyond 64 bits. */
static bool integer_of(gbx__str digits, int base, bool is_negative, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        const int digit = digit_of(digits.ptr[i], base);
        if (__builtin_mul_overflow(value, (int64_t)base, &value)) return false;
        if (__builtin_add_overflow(value, is_negative ? -digit : digit, &value)) return false;
    }
    *out = value;
    return true;
}

typedef enum word_kind {
    WORD_OTHER,
    WORD_INTEGER,
    WORD_NUMBER
} word_kind;

/* A number in tens, as JSON has them, into `out`: without underscores and a leading +. */
static word_kind copy_number(gbx__str word, gbx__buf *out)
{
    size_t i = 0;
    if (word.ptr[0] == '-') gbx__buf_putc(out, '-');
    if (word.ptr[0] == '-' || word.ptr[0] == '+') i++;
    const size_t start = i;
    if (!copy_digits(word, &i, 10, out)) return WORD_OTHER;
    if (word.ptr[start] == '0' && i - start > 1) return WORD_OTHER;
    if (i == word.len) return WORD_INTEGER;
    if (word.ptr[i] == '.') {
        gbx__buf_putc(out, word.ptr[i++]);
        if (!copy_digits(word, &i, 10, out)) return WORD_OTHER;
    }
    if (i < word.len && (word.ptr[i] == 'e' || word.ptr[i] == 'E')) {
        gbx__buf_putc(out, word.ptr[i++]);
        if (i < word.len && (word.ptr[i] == '-' || word.ptr[i] == '+')) {
            gbx__buf_putc(out, word.ptr[i++]);
        }
        if (!copy_digits(word, &i, 10, out)) return WORD_OTHER;
    }
    return i == word.len ? WORD_NUMBER : WORD_OTHER;
}

/* The JSON reader's: it does not follow the locale, and rounds right. */
static gbx_status number_of(toml_parser *p, gbx__str digits, size_t start, double *out)
{
    yyjson_doc *doc = NULL;
    GBX_TRY(gbx__json_read(digits.ptr, digits.len, 0, &doc, p->err));
    yyjson_val *value = yyjson_doc_get_root(doc);
    const bool is_real = yyjson_is_real(value);
    if (is_real) *out = yyjson_get_real(value);
    gbx__json_free(doc);
    return is_real ? GBX_OK : gbx__toml_fail(p, start, "a number that is too large");
}

/* 0xff, 0o17, 0b1 */
static int base_of(gbx__str word)
{
    if (word.len < 3 || word.ptr[0] != '0') return 0;
    return word.ptr[1] == 'x' ? 16 : word.ptr[1] == 'o' ? 8 : word.ptr[1] == 'b' ? 2 : 0;
}

static bool is_special(gbx__str word, double *out)
{
    const bool is_signed = word.len == 4 && (word.ptr[0] == '+' || word.ptr[0] == '-');
    const gbx__str name = is_signed ? (gbx__str){word.ptr + 1, 3} : word;
    double value = 0;
    if (gbx__str_is(name, "inf")) {
        value = (double)INFINITY;
    } else if (gbx__str_is(name, "nan")) {
        value = (double)NAN;
    } else {
        return false;
    }
    *out = is_signed && word.ptr[0] == '-' ? -value : value;
    return true;
}

static gbx_status not_a_value(toml_parser *p, gbx__str word, size_t start)
{
    if (word.len == 0) return gbx__toml_fail(p, start, "expected a value");
    if (is_time(word)) {
        return gbx__toml_fail(p, start, "dates and times are not supported: put quotes around it");
    }
    return gbx__toml_fail(p, start, "%s: put quotes around it",
                          is_digit(word.ptr[0]) || strchr("+-.", word.ptr[0])
                              ? "not a number, and a text needs quotes"
                              : "a text needs quotes");
}

static gbx_status read_number(toml_parser *p, gbx__str word, size_t start, gbx__toml *node)
{
    gbx__buf *digits = &p->scratch;
    gbx__buf_clear(digits);
    const int base = base_of(word);
    word_kind kind = WORD_OTHER;
    size_t i = 2;
    if (base == 0) {
        kind = copy_number(word, digits);
    } else if (copy_digits(word, &i, base, digits) && i == word.len) {
        kind = WORD_INTEGER;
    }
    if (digits->failed) return GBX_FAIL_NOMEM(p->err);
    if (kind == WORD_OTHER) return not_a_value(p, word, start);
    gbx__str text = gbx__buf_view(digits);
    if (kind == WORD_NUMBER) {
        node->kind = GBX_TOML_NUMBER;
        return number_of(p, text, start, &node->number);
    }
    const bool is_negative = text.ptr[0] == '-';
    if (is_negative) text = (gbx__str){text.ptr + 1, text.len - 1};
    if (integer_of(text, base ? base : 10, is_negative, &node->integer)) return GBX_OK;
    return gbx__toml_fail(p, start, "a whole number beyond 64 bits");
}

static gbx_status read_scalar(toml_parser *p, gbx__toml *node)
{
    const size_t start = p->pos;
    const gbx__str word = read_word(p);
    const bool is_true = gbx__str_is(word, "true");
    if (is_true || gbx__str_is(word, "false")) {
        node->kind = GBX_TOML_BOOLEAN;
        node->boolean = is_true;
        return GBX_OK;
    }
    double special = 0;
    if (is_special(word, &special)) {
        node->kind = GBX_TOML_NUMBER;
        node->number = special;
        return GBX_OK;
    }
    if (word.len == 0) return not_a_value(p, word, start);
    node->kind = GBX_TOML_INTEGER;
    return read_number(p, word, start, node);
}

/* ---- arrays and inline tables ---------------------------------------------------------------- */

static gbx_status read_array(toml_parser *p, gbx__toml *array)
{
    const size_t start = p->pos++;
    GBX_TRY(gbx__toml_enter(p, 1, start));
    for (;;) {
        gbx__toml *item = NULL;
        gbx__toml_skip_lines(p);
        if (gbx__toml_peek(p, 0) == ']') break;
        GBX_TRY(gbx__toml_value(p, &item));
        gbx__toml_append(array, item);
        gbx__toml_skip_lines(p);
        if (gbx__toml_peek(p, 0) == ']') break;
        if (gbx__toml_peek(p, 0) != ',') {
            return gbx__toml_fail(p, p->pos, "expected , or ] in a list");
        }
        p->pos++;
    }
    p->pos++;
    p->depth--;
    return GBX_OK;
}

static gbx_status read_inline_table(toml_parser *p, gbx__toml *table)
{
    const size_t start = p->pos++;
    GBX_TRY(gbx__toml_enter(p, 1, start));
    gbx__toml_skip_blanks(p);
    while (gbx__toml_peek(p, 0) != '}' || table->members.n > 0) {
        GBX_TRY(gbx__toml_assign(p, table));
        gbx__toml_skip_blanks(p);
        if (gbx__toml_peek(p, 0) == '}') break;
        if (gbx__toml_peek(p, 0) != ',') {
            return gbx__toml_fail(p, p->pos, "expected , or } on the line of an inline table");
        }
        p->pos++;
        gbx__toml_skip_blanks(p);
    }
    p->pos++;
    p->depth--;
    return GBX_OK;
}

gbx_status gbx__toml_value(toml_parser *p, gbx__toml **out)
{
    const char c = gbx__toml_peek(p, 0);
    const gbx__toml_kind kind = c == '['   ? GBX_TOML_ARRAY
                                : c == '{' ? GBX_TOML_TABLE
                                           : GBX_TOML_TEXT;
    GBX_TRY(gbx__toml_node(p, kind, p->pos, out));
    (*out)->origin = TOML_OF_VALUE;
    if (c == '[') return read_array(p, *out);
    if (c == '{') return read_inline_table(p, *out);
    if (c == '"' || c == '\'') return gbx__toml_text(p, false, &(*out)->text);
    return read_scalar(p, *out);
}
