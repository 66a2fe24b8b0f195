/*
 * x IN (1, 2, … 100,000 literals): the binder sees a few representatives that settle the type as
 * the whole list would; the whole list is one constant of the plan, a list of the literals' texts
 * cast to that type: in_list(x, cast(['1', '2', …] as list<int64>)).
 *
 *   text   x IN (5, -7, 123456789012, …)      representatives: the longest of each kind of number,
 *   bound  x IN (-7, 123456789012)            or the first text
 */
#include "sql/import_priv.h"
#include "sql/lex.h"
#include "sql/literal.h"

#include <string.h>

/* Which literals stand for all: one per thing that a type may depend on. */
typedef struct representatives {
    gbx__literal widest[4]; /* int digits of positives and negatives; scale; a double */
    bool has[4];
    bool is_text;
    size_t count;
} representatives;

static void representatives_add(representatives *r, const gbx__literal *lit)
{
    size_t slot = lit->text.ptr[0] == '-' ? 1 : 0;
    r->count++;
    if (lit->is_text) {
        if (!r->has[0]) r->widest[0] = *lit;
        r->has[0] = r->is_text = true;
        return;
    }
    if (lit->is_double) slot = 3;
    /* among numbers of one length the greater text is the greater number */
    const gbx__literal *old = &r->widest[slot];
    if (!r->has[slot] || lit->int_digits > old->int_digits ||
        (lit->int_digits == old->int_digits && gbx__str_compare(lit->text, old->text) > 0)) {
        r->widest[slot] = *lit;
        r->has[slot] = true;
    }
    if (lit->is_decimal && !lit->is_double && (!r->has[2] || lit->scale > r->widest[2].scale)) {
        r->widest[2] = *lit;
        r->has[2] = true;
    }
}

/* A list that begins behind the parenthesis at *pos; moves *pos behind its end when it is one. */
static bool list_read(gbx__str text, size_t *pos, representatives *r)
{
    size_t i = *pos;
    memset(r, 0, sizeof(*r));
    for (;;) {
        gbx__literal lit;
        if (!gbx__literal_read(text, &i, &lit)) return false;
        if (r->count > 0 && lit.is_text != r->is_text) return false;
        representatives_add(r, &lit);
        const gbx__token token = gbx__lex_next(text, &i);
        if (token.kind != GBX_TOKEN_PUNCT) return false;
        if (text.ptr[token.start] == ')') break;
        if (text.ptr[token.start] != ',') return false;
    }
    *pos = i;
    return true;
}

static bool list_edit(gbx__edits *edits, size_t start, size_t end, const representatives *r)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, '(');
    for (size_t i = 0; i < 4; i++) {
        if (!r->has[i]) continue;
        if (text.len > 1) gbx__buf_putc(&text, ',');
        gbx__buf_str(&text, r->widest[i].text);
    }
    gbx__buf_putc(&text, ')');
    return !text.failed && gbx__edits_add(edits, start, end, gbx__buf_view(&text));
}

gbx_status gbx__literal_lists_lift(gbx__arena *arena, gbx__str text, gbx__edits *edits,
                                   gbx__literal_list **out, size_t *out_n, gbx_error *err)
{
    GBX_VEC(gbx__literal_list) lists = {0};
    bool ok = true;
    size_t pos = 0;
    bool behind_in = false;
    for (;;) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) break;
        const bool opens = token.kind == GBX_TOKEN_PUNCT && text.ptr[token.start] == '(';
        representatives r;
        size_t end = pos;
        if (behind_in && opens && list_read(text, &end, &r) && r.count >= GBX_LITERAL_LIST_MIN) {
            const gbx__literal_list list = {
                token.start, end, {text.ptr + token.start, end - token.start}, false};
            ok = gbx__vec_push(&lists, list) && list_edit(edits, token.start, end, &r);
            pos = end;
            if (!ok) break;
        }
        behind_in =
            token.kind == GBX_TOKEN_WORD && gbx__str_is_nocase(gbx__token_text(text, token), "in");
    }
    gbx__literal_list *copy = GBX_ARENA_ARRAY(arena, lists.len + 1, gbx__literal_list);
    ok = ok && copy != NULL;
    if (ok && lists.len > 0) memcpy(copy, lists.items, lists.len * sizeof(*copy));
    *out_n = ok ? lists.len : 0;
    *out = copy;
    gbx__vec_done(&lists);
    return ok ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* All texts of a list, as values in the arena. */
static bool list_texts(gbx__importer *im, gbx__str list, gbx__value *out)
{
    GBX_VEC(gbx__value) items = {0};
    bool ok = true;
    size_t at = 1;
    while (ok && at < list.len) {
        gbx__literal lit;
        gbx__value value = {0};
        ok = gbx__literal_read(list, &at, &lit);
        if (ok && lit.is_text)
            value.text = gbx__literal_unquote(&im->b->arena, lit.text);
        else if (ok)
            value.text = gbx__arena_str(&im->b->arena, lit.text);
        ok = ok && value.text.ptr != NULL && gbx__vec_push(&items, value);
        (void)gbx__lex_next(list, &at); /* the comma or the end */
    }
    gbx__value *copy = ok ? GBX_ARENA_ARRAY(&im->b->arena, items.len + 1, gbx__value) : NULL;
    if (copy != NULL && items.len > 0) memcpy(copy, items.items, items.len * sizeof(*copy));
    out->items = copy;
    out->n_items = (uint32_t)items.len;
    gbx__vec_done(&items);
    if (copy == NULL) gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    return copy != NULL;
}

static gbx__literal_list *list_at(const gbx__importer *im, gbx__pos pos)
{
    for (size_t i = 0; i < im->n_lists; i++) {
        if ((int64_t)im->lists[i].start == pos.offset &&
            (int64_t)im->lists[i].end == pos.offset + pos.len)
            return &im->lists[i];
    }
    return NULL;
}

bool gbx__literal_lists_are_back(const gbx__importer *im)
{
    bool all = true;
    for (size_t i = 0; i < im->n_lists; i++) all = all && im->lists[i].is_expanded;
    return im->n_lists == 0 || (all && !im->lost_list);
}

const gbx__expr *gbx__literal_lists_expand(gbx__importer *im, gbx__pos pos,
                                           const gbx__expr *const *args, uint32_t n_args)
{
    gbx__literal_list *list = list_at(im, pos);
    if (pos.offset < 0) im->lost_list = true;
    if (list == NULL || n_args < 2) return NULL;
    list->is_expanded = true;
    const gbx__type *target = gbx__type_list(&im->b->arena, args[1]->type);
    const gbx__type *texts = gbx__type_list(&im->b->arena, gbx__type_plain(GBX_TYPE_UTF8));
    gbx__value value = {0};
    if (target == NULL || texts == NULL)
        return gbx__plan_fail(im->b, GBX_NOMEM, pos, "out of memory");
    if (!list_texts(im, list->text, &value)) return NULL;
    const gbx__expr *constant = gbx__expr_const(&im->b->arena, texts, &value, pos);
    const gbx__expr *both[] = {args[0], gbx__import_cast(im, constant, target, false, pos)};
    if (both[1] == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, pos, "out of memory");
    return gbx__import_call(im, "in_list", gbx__type_plain(GBX_TYPE_BOOL), pos, 2, both);
}
