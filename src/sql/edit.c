#include "sql/edit.h"

#include <stdlib.h>

void gbx__edits_done(gbx__edits *edits)
{
    for (size_t i = 0; i < edits->list.len; i++) gbx__alloc_free(edits->list.items[i].replacement);
    gbx__vec_done(&edits->list);
}

bool gbx__edits_add(gbx__edits *edits, size_t start, size_t end, gbx__str replacement)
{
    char *copy = gbx__alloc_dup(replacement.ptr, replacement.len);
    if (copy == NULL) return false;
    const gbx__edit edit = {start, end, copy, replacement.len, 0};
    if (gbx__vec_push(&edits->list, edit)) return true;
    gbx__alloc_free(copy);
    return false;
}

static int edit_compare(const void *a, const void *b)
{
    const gbx__edit *x = a;
    const gbx__edit *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

void gbx__edits_apply(gbx__edits *edits, gbx__str old, gbx__buf *out)
{
    if (edits->list.len > 1)
        qsort(edits->list.items, edits->list.len, sizeof(gbx__edit), edit_compare);
    const size_t base = out->len;
    size_t done = 0;
    for (size_t i = 0; i < edits->list.len; i++) {
        gbx__edit *edit = &edits->list.items[i];
        gbx__buf_append(out, old.ptr + done, edit->start - done);
        edit->new_start = out->len - base;
        gbx__buf_append(out, edit->replacement, edit->len);
        done = edit->end;
    }
    gbx__buf_append(out, old.ptr + done, old.len - done);
}

size_t gbx__edits_map_back(const gbx__edits *edits, size_t new_pos)
{
    size_t shift_old = 0;
    size_t shift_new = 0;
    for (size_t i = 0; i < edits->list.len; i++) {
        const gbx__edit *edit = &edits->list.items[i];
        if (new_pos < edit->new_start) break;
        if (new_pos < edit->new_start + edit->len) return edit->start;
        shift_old = edit->end;
        shift_new = edit->new_start + edit->len;
    }
    return shift_old + (new_pos - shift_new);
}
