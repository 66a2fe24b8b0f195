/*
 * with_columns: a name that is there is replaced in its place, others come behind.
 */
#include "exec/compose.h"

static bool has_column(const gbx_frame *frame, gbx__str name)
{
    const gbx__node *root = frame->body->plan->root;
    for (uint32_t i = 0; name.ptr && i < root->n_cols; i++) {
        if (gbx__str_is_nocase(root->cols[i].name, name.ptr)) return true;
    }
    return false;
}

/* "* REPLACE (…)" of those that are there. */
static void put_replaced(gbx__compose *c, const gbx_frame *frame, const gbx__user_text *user,
                         const gbx__clause_items *items)
{
    bool is_first = true;
    gbx__compose_puts(c, "SELECT *");
    for (size_t i = 0; i < items->len; i++) {
        const gbx__clause_item *item = &items->items[i];
        if (item->is_column || !has_column(frame, item->name)) continue;
        gbx__compose_puts(c, is_first ? " REPLACE (" : ", ");
        gbx__compose_slice(c, user, item->start, item->end);
        is_first = false;
    }
    if (!is_first) gbx__compose_puts(c, ")");
}

static void put_new(gbx__compose *c, const gbx_frame *frame, const gbx__user_text *user,
                    const gbx__clause_items *items)
{
    for (size_t i = 0; i < items->len; i++) {
        const gbx__clause_item *item = &items->items[i];
        if (has_column(frame, item->name)) continue;
        gbx__compose_puts(c, ", ");
        gbx__compose_slice(c, user, item->start, item->end);
    }
}

static gbx_status with_columns(const gbx_frame *frame, const gbx__user_text *user,
                               gbx__arena *arena, gbx__clause_items *items, gbx_frame **out,
                               gbx_error *err)
{
    GBX_TRY(gbx__clause_split(arena, user, items, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    put_replaced(&c, frame, user, items);
    put_new(&c, frame, user, items);
    gbx__compose_puts(&c, " FROM frame");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_with_columns(const gbx_frame *frame, const char *columns, gbx_frame **out,
                                  gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_with_columns", err));
    if (!columns) return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_with_columns: the text is NULL");
    const gbx__user_text user = {NULL, gbx__str_of(columns)};
    GBX_TRY(gbx__clause_check(&user, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    gbx__clause_items items = {0};
    const gbx_status status = with_columns(frame, &user, &arena, &items, out, err);
    gbx__vec_done(&items);
    return status;
}
