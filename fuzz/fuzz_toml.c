/*
 * A configuration or pipeline file: read, or refused with a place in it. What was read is within
 * its limits, keys are there once, and each place is one of the text.
 */
#include "support/fuzz.h"

#include "base/toml.h"

typedef struct walk {
    size_t n_nodes;
    size_t depth;
    int32_t last_line;
} walk;

static void check_place(gbx__toml_place place, const walk *w)
{
    must(place.line >= 1 && place.line <= w->last_line);
    must(place.column >= 1);
}

static void check_text(gbx__str text)
{
    must(text.ptr && text.ptr[text.len] == '\0' && strlen(text.ptr) == text.len);
    must(gbx__utf8_valid_prefix(text.ptr, text.len) == text.len);
}

static void check_node(const gbx__toml *node, walk *w)
{
    check_place(node->at, w);
    w->n_nodes++;
    if (node->kind == GBX_TOML_TEXT) check_text(node->text);
    if (node->kind != GBX_TOML_ARRAY && node->kind != GBX_TOML_TABLE) return;
    size_t n = 0;
    must(++w->depth <= 2 * GBX_TOML_DEPTH_MAX + 2);
    for (const gbx__toml *m = node->members.first; m; m = m->next, n++) {
        if (node->kind == GBX_TOML_TABLE) {
            check_text(m->key);
            check_place(m->key_at, w);
            must(gbx__toml_get(node, m->key.ptr) == m);
        }
        must(m->next || node->members.last == m);
        check_node(m, w);
    }
    w->depth--;
    must(n == node->members.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__arena arena;
    const gbx__toml *root = NULL;
    walk w = {.last_line = 1};
    for (size_t i = 0; i < size; i++) w.last_line += data[i] == '\n';
    gbx__arena_init(&arena);
    const gbx_status status =
        gbx__toml_read(&arena, (gbx__str){(const char *)data, size}, &root, &err);
    if (status == GBX_OK) {
        check_node(root, &w);
        must(w.n_nodes <= size + 1);
    } else {
        must_tell(status, &err);
        must(!root && err.line >= (size <= GBX_TOML_BYTES_MAX) && err.line <= w.last_line);
    }
    gbx__arena_done(&arena);
    return 0;
}
