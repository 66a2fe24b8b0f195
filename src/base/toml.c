#include "base/toml_priv.h"

#include <string.h>

typedef struct toml_key {
    size_t n;
    gbx__str parts[GBX_TOML_DEPTH_MAX];
    size_t offsets[GBX_TOML_DEPTH_MAX];
    gbx__toml_place places[GBX_TOML_DEPTH_MAX];
} toml_key;

/* ---- the text -------------------------------------------------------------------------------- */

char gbx__toml_peek(const toml_parser *p, size_t n)
{
    return n < p->text.len - p->pos ? p->text.ptr[p->pos + n] : '\0';
}

gbx_status gbx__toml_fail(toml_parser *p, size_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    gbx__error_vset(p->err, GBX_PARSE, format, args);
    va_end(args);
    gbx__error_locate(p->err, p->text.ptr, p->text.len, offset);
    return GBX_PARSE;
}

gbx__toml_place gbx__toml_place_of(toml_parser *p, size_t offset)
{
    if (offset < p->counted) {
        p->counted = 0;
        p->place = (gbx__toml_place){1, 1};
    }
    for (; p->counted < offset; p->counted++) {
        const unsigned char c = (unsigned char)p->text.ptr[p->counted];
        if (c == '\n') {
            p->place.line++;
            p->place.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            p->place.column++;
        }
    }
    return p->place;
}

void gbx__toml_skip_blanks(toml_parser *p)
{
    while (gbx__toml_peek(p, 0) == ' ' || gbx__toml_peek(p, 0) == '\t') p->pos++;
}

static void skip_comment(toml_parser *p)
{
    if (gbx__toml_peek(p, 0) != '#') return;
    while (p->pos < p->text.len && gbx__toml_peek(p, 0) != '\n') p->pos++;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

void gbx__toml_skip_lines(toml_parser *p)
{
    for (;;) {
        gbx__toml_skip_blanks(p);
        skip_comment(p);
        if (!is_line_end(gbx__toml_peek(p, 0))) return;
        p->pos++;
    }
}

/* No line of TOML, also within quotes, holds another control character than a tab. */
static gbx_status check_bytes(toml_parser *p)
{
    const gbx__str text = p->text;
    if (text.len > GBX_TOML_BYTES_MAX) {
        return GBX_FAIL(p->err, GBX_INVALID, "%zu bytes are more than a TOML file may have, %zu",
                        text.len, GBX_TOML_BYTES_MAX);
    }
    const size_t valid = gbx__utf8_valid_prefix(text.ptr, text.len);
    for (size_t i = 0; i < valid; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (c == '\r' && i + 1 < text.len && text.ptr[i + 1] == '\n') continue;
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7F) {
            return gbx__toml_fail(p, i, "a control character (byte 0x%02x): remove it", c);
        }
    }
    if (valid == text.len) return GBX_OK;
    return gbx__toml_fail(p, valid, "a byte that is not UTF-8: save the file as UTF-8");
}

/* ---- nodes ----------------------------------------------------------------------------------- */

gbx_status gbx__toml_node(toml_parser *p, gbx__toml_kind kind, size_t offset, gbx__toml **out)
{
    gbx__toml *node = GBX_ARENA_NEW(p->arena, gbx__toml);
    if (!node) return GBX_FAIL_NOMEM(p->err);
    node->kind = kind;
    node->at = gbx__toml_place_of(p, offset);
    *out = node;
    return GBX_OK;
}

void gbx__toml_append(gbx__toml *parent, gbx__toml *member)
{
    if (parent->members.last) {
        parent->members.last->next = member;
    } else {
        parent->members.first = member;
    }
    parent->members.last = member;
    parent->members.n++;
}

gbx_status gbx__toml_enter(toml_parser *p, size_t levels, size_t offset)
{
    p->depth += levels;
    if (p->depth <= GBX_TOML_DEPTH_MAX) return GBX_OK;
    return gbx__toml_fail(p, offset, "nested more than %d deep", GBX_TOML_DEPTH_MAX);
}

static gbx__toml *find(const gbx__toml *table, gbx__str key)
{
    for (gbx__toml *m = table->members.first; m; m = m->next) {
        if (gbx__str_equal(m->key, key)) return m;
    }
    return NULL;
}

static gbx_status defined_already(toml_parser *p, const toml_key *key, size_t i,
                                  const gbx__toml *there)
{
    return gbx__toml_fail(p, key->offsets[i], "'%.*s' is there already, as %s in line %d",
                          GBX_STR_ARG(key->parts[i]), gbx__toml_kind_text(there->kind),
                          (int)there->key_at.line);
}

/* A member under part `i` of a key. */
static gbx_status put(toml_parser *p, gbx__toml *table, const toml_key *key, size_t i,
                      gbx__toml *member)
{
    if (++p->n_keys > GBX_TOML_KEYS_MAX) {
        gbx__error_set(p->err, GBX_INVALID, "more than %d keys in one file", GBX_TOML_KEYS_MAX);
        gbx__error_locate(p->err, p->text.ptr, p->text.len, key->offsets[i]);
        return GBX_INVALID;
    }
    member->key = key->parts[i];
    member->key_at = key->places[i];
    gbx__toml_append(table, member);
    return GBX_OK;
}

static gbx_status put_table(toml_parser *p, gbx__toml *table, const toml_key *key, size_t i,
                            uint8_t origin, gbx__toml **out)
{
    gbx__toml *made = NULL;
    GBX_TRY(gbx__toml_node(p, GBX_TOML_TABLE, key->offsets[i], &made));
    made->origin = origin;
    GBX_TRY(put(p, table, key, i, made));
    *out = made;
    return GBX_OK;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static bool is_bare(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static gbx_status read_part(toml_parser *p, gbx__str *out)
{
    const size_t start = p->pos;
    const char c = gbx__toml_peek(p, 0);
    if (c == '"' || c == '\'') return gbx__toml_text(p, true, out);
    while (is_bare(gbx__toml_peek(p, 0))) p->pos++;
    if (p->pos == start) {
        return gbx__toml_fail(p, start,
                              "expected a key: letters, digits, _ and -, others in quotes");
    }
    *out = gbx__arena_str(p->arena, (gbx__str){p->text.ptr + start, p->pos - start});
    return out->ptr ? GBX_OK : GBX_FAIL_NOMEM(p->err);
}

/* Dotted or not; blanks behind it are passed over. */
static gbx_status read_key(toml_parser *p, toml_key *out)
{
    for (out->n = 0; out->n < GBX_TOML_DEPTH_MAX;) {
        out->offsets[out->n] = p->pos;
        out->places[out->n] = gbx__toml_place_of(p, p->pos);
        GBX_TRY(read_part(p, &out->parts[out->n++]));
        gbx__toml_skip_blanks(p);
        if (gbx__toml_peek(p, 0) != '.') return GBX_OK;
        p->pos++;
        gbx__toml_skip_blanks(p);
    }
    return gbx__toml_fail(p, p->pos, "a key of more than %d parts", GBX_TOML_DEPTH_MAX);
}

/* ---- key = value ----------------------------------------------------------------------------- */

/* The table that the parts of a dotted key lead to, all but the last. */
static gbx_status follow_dots(toml_parser *p, gbx__toml *table, const toml_key *key,
                              gbx__toml **out)
{
    for (size_t i = 0; i + 1 < key->n; i++) {
        gbx__toml *next = find(table, key->parts[i]);
        if (!next) GBX_TRY(put_table(p, table, key, i, TOML_OF_DOTS, &next));
        const bool is_open = next->kind == GBX_TOML_TABLE &&
                             (next->origin == TOML_OF_DOTS || next->origin == TOML_OF_PATH);
        if (!is_open) return defined_already(p, key, i, next);
        next->origin = TOML_OF_DOTS;
        table = next;
    }
    *out = table;
    return GBX_OK;
}

gbx_status gbx__toml_assign(toml_parser *p, gbx__toml *table)
{
    toml_key key;
    GBX_TRY(read_key(p, &key));
    if (gbx__toml_peek(p, 0) != '=') {
        return gbx__toml_fail(p, p->pos, "expected = and a value behind the key '%.*s'",
                              GBX_STR_ARG(key.parts[key.n - 1]));
    }
    p->pos++;
    gbx__toml_skip_blanks(p);
    gbx__toml *value = NULL;
    GBX_TRY(gbx__toml_enter(p, key.n, key.offsets[0]));
    GBX_TRY(gbx__toml_value(p, &value));
    p->depth -= key.n;

    GBX_TRY(follow_dots(p, table, &key, &table));
    const gbx__toml *there = find(table, key.parts[key.n - 1]);
    if (there) return defined_already(p, &key, key.n - 1, there);
    return put(p, table, &key, key.n - 1, value);
}

/* ---- [table] and [[table]] ------------------------------------------------------------------- */

static bool is_array_of_tables(const gbx__toml *node)
{
    return node->kind == GBX_TOML_ARRAY && node->origin == TOML_OF_HEADER;
}

static gbx_status follow_path(toml_parser *p, const toml_key *key, gbx__toml **out)
{
    gbx__toml *table = p->root;
    for (size_t i = 0; i + 1 < key->n; i++) {
        gbx__toml *next = find(table, key->parts[i]);
        if (!next) GBX_TRY(put_table(p, table, key, i, TOML_OF_PATH, &next));
        if (is_array_of_tables(next)) {
            next = next->members.last;
        } else if (next->kind != GBX_TOML_TABLE || next->origin == TOML_OF_VALUE) {
            return defined_already(p, key, i, next);
        }
        table = next;
    }
    *out = table;
    return GBX_OK;
}

static gbx_status open_table(toml_parser *p, const toml_key *key)
{
    gbx__toml *parent = NULL;
    GBX_TRY(follow_path(p, key, &parent));
    const size_t last = key->n - 1;
    gbx__toml *there = find(parent, key->parts[last]);
    if (!there) return put_table(p, parent, key, last, TOML_OF_HEADER, &p->table);
    if (there->kind != GBX_TOML_TABLE || there->origin != TOML_OF_PATH) {
        return defined_already(p, key, last, there);
    }
    there->origin = TOML_OF_HEADER;
    there->key_at = there->at = key->places[last];
    p->table = there;
    return GBX_OK;
}

static gbx_status open_array_item(toml_parser *p, const toml_key *key)
{
    gbx__toml *parent = NULL, *item = NULL;
    GBX_TRY(follow_path(p, key, &parent));
    const size_t last = key->n - 1;
    gbx__toml *array = find(parent, key->parts[last]);
    if (!array) {
        GBX_TRY(gbx__toml_node(p, GBX_TOML_ARRAY, key->offsets[last], &array));
        array->origin = TOML_OF_HEADER;
        GBX_TRY(put(p, parent, key, last, array));
    }
    if (!is_array_of_tables(array)) return defined_already(p, key, last, array);
    GBX_TRY(gbx__toml_node(p, GBX_TOML_TABLE, key->offsets[last], &item));
    item->origin = TOML_OF_HEADER;
    gbx__toml_append(array, item);
    p->table = item;
    return GBX_OK;
}

static gbx_status read_header(toml_parser *p)
{
    toml_key key;
    const bool is_array = gbx__toml_peek(p, 1) == '[';
    p->pos += is_array ? 2 : 1;
    gbx__toml_skip_blanks(p);
    GBX_TRY(read_key(p, &key));
    if (gbx__toml_peek(p, 0) != ']' || (is_array && gbx__toml_peek(p, 1) != ']')) {
        return gbx__toml_fail(p, p->pos, "expected %s behind the name of the table",
                              is_array ? "]]" : "]");
    }
    p->pos += is_array ? 2 : 1;
    p->depth = 0;
    GBX_TRY(gbx__toml_enter(p, key.n, key.offsets[0]));
    return is_array ? open_array_item(p, &key) : open_table(p, &key);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static gbx_status read_line(toml_parser *p)
{
    if (gbx__toml_peek(p, 0) == '[') {
        GBX_TRY(read_header(p));
    } else {
        GBX_TRY(gbx__toml_assign(p, p->table));
    }
    gbx__toml_skip_blanks(p);
    skip_comment(p);
    if (p->pos == p->text.len || is_line_end(gbx__toml_peek(p, 0))) return GBX_OK;
    return gbx__toml_fail(p, p->pos, "expected the end of the line");
}

static gbx_status read_all(toml_parser *p)
{
    GBX_TRY(check_bytes(p));
    GBX_TRY(gbx__toml_node(p, GBX_TOML_TABLE, 0, &p->root));
    p->table = p->root;
    if (gbx__str_starts(p->text, "\xEF\xBB\xBF")) p->pos = 3;
    for (gbx__toml_skip_lines(p); p->pos < p->text.len; gbx__toml_skip_lines(p)) {
        GBX_TRY(read_line(p));
    }
    return GBX_OK;
}

gbx_status gbx__toml_read(gbx__arena *arena, gbx__str text, const gbx__toml **out, gbx_error *err)
{
    toml_parser p = {.arena = arena, .text = text, .place = {1, 1}, .err = err};
    const gbx_status status = read_all(&p);
    gbx__buf_done(&p.scratch);
    if (status == GBX_OK) *out = p.root;
    return status;
}

const gbx__toml *gbx__toml_get(const gbx__toml *table, const char *key)
{
    return table->kind == GBX_TOML_TABLE ? find(table, gbx__str_of(key)) : NULL;
}

const char *gbx__toml_kind_text(gbx__toml_kind kind)
{
    static const char *const texts[] = {"a text",        "a whole number", "a number",
                                        "true or false", "a list",         "a table"};
    return texts[kind];
}

void gbx__toml_blame(gbx_error *err, gbx__toml_place place)
{
    if (!err) return;
    err->line = place.line;
    err->column = place.column;
}
