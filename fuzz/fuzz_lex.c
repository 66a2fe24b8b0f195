/*
 * The lexer and what is built on it, over any bytes: tokens tile the text, edits keep what they do
 * not replace, and a clause that passes its check splits.
 */
#include "support/fuzz.h"

#include "exec/compose.h"
#include "sql/import_priv.h"
#include "sql/lex.h"
#include "sql/this_table.h"

#include <string.h>

static void check_tokens(gbx__str text)
{
    size_t pos = 0;
    size_t before = 0;
    for (;;) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END) {
            must(token.start == text.len && token.end == text.len);
            break;
        }
        must(token.start >= before && token.start <= token.end && token.end <= text.len);
        if (token.kind == GBX_TOKEN_BAD) break;
        must(token.start < token.end && pos == token.end);
        before = token.end;
        if (text.ptr[token.start] == '(') {
            size_t group = pos;
            must(!gbx__lex_skip_group(text, &group) || (group > pos && group <= text.len));
        }
    }
}

/* Positions go back to where they came from, in order. */
static void check_edits(gbx__edits *edits, gbx__str text)
{
    gbx__buf out = {0};
    gbx__edits_apply(edits, text, &out);
    must(!out.failed);
    size_t last = 0;
    size_t end = 0;
    for (size_t i = 0; i < edits->list.len; i++) {
        const gbx__edit *edit = &edits->list.items[i];
        must(edit->start >= end && edit->start <= edit->end && edit->end <= text.len);
        end = edit->end;
    }
    for (size_t i = 0; i <= out.len; i++) {
        const size_t old = gbx__edits_map_back(edits, i);
        must(old >= last && old <= text.len);
        last = old;
    }
    gbx__buf_done(&out);
    gbx__edits_done(edits);
}

static void check_clause(gbx__arena *arena, gbx__str text, gbx__clause clause)
{
    const gbx__user_text user = {NULL, text};
    gbx__clause_items items = {0};
    gbx_error err = {0};
    const gbx_status status = gbx__clause_check(&user, clause, &err);
    if (status != GBX_OK) {
        must(status == GBX_PARSE && err.line > 0);
        must_tell(status, &err);
        return;
    }
    if (gbx__clause_split(arena, &user, &items, &err) == GBX_OK) must(items.len > 0);
    for (size_t i = 0; i < items.len; i++) {
        const gbx__clause_item *item = &items.items[i];
        must(item->start < item->expr_end && item->expr_end <= item->end && item->end <= text.len);
    }
    gbx__vec_done(&items);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__arena arena;
    gbx__edits lists = {0};
    gbx__edits table = {0};
    gbx__literal_list *list = NULL;
    size_t n_lists = 0;
    const gbx__str text = {(const char *)data, size};
    gbx__arena_init(&arena);
    check_tokens(text);
    must(gbx__literal_lists_lift(&arena, text, &lists, &list, &n_lists, &err) == GBX_OK);
    must(n_lists == lists.list.len);
    must(gbx__this_table_edit(text, &table));
    check_edits(&table, text);
    check_edits(&lists, text);
    /* both at once, as a query has them */
    must(gbx__literal_lists_lift(&arena, text, &lists, &list, &n_lists, &err) == GBX_OK);
    must(gbx__this_table_edit(text, &lists));
    check_edits(&lists, text);
    check_clause(&arena, text, GBX_CLAUSE_EXPR);
    check_clause(&arena, text, GBX_CLAUSE_LIST);
    gbx__arena_done(&arena);
    return 0;
}
