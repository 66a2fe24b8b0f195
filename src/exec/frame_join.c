/*
 * Steps over two frames: join and the set operations.
 */
#include "exec/compose.h"

static gbx_status two_frames(const gbx_frame *left, const gbx_frame *right, gbx_frame *const *out,
                             const char *function, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(left, out, function, err));
    return gbx__step_begin(right, out, function, err);
}

/* "carrier, year": only names with commas between. */
static bool is_name_list(const gbx__clause_items *items)
{
    for (size_t i = 0; i < items->len; i++) {
        if (!items->items[i].is_column) return false;
    }
    return true;
}

static bool has_name(const gbx__node *node, gbx__str name)
{
    for (uint32_t i = 0; name.ptr && i < node->n_cols; i++) {
        if (gbx__str_is_nocase(node->cols[i].name, name.ptr)) return true;
    }
    return false;
}

/* name_1, or the first name_2, name_3 … that neither side has; empty when memory is short. */
static gbx__str fresh_name(gbx__arena *arena, const gbx__node *left, const gbx__node *right,
                           gbx__str name)
{
    for (unsigned n = 1;; n++) {
        const char *text = gbx__arena_printf(arena, "%.*s_%u", GBX_STR_ARG(name), n);
        const gbx__str fresh = gbx__str_of(text);
        if (!text || (!has_name(left, fresh) && !has_name(right, fresh))) return fresh;
    }
}

static bool is_key(const gbx__clause_items *keys, gbx__str name)
{
    for (size_t i = 0; keys && name.ptr && i < keys->len; i++) {
        if (gbx__str_is_nocase(keys->items[i].name, name.ptr)) return true;
    }
    return false;
}

/* All columns of both: a key of USING once, in its place on the left and without a side, since a
 * right or full join fills it from both; a name of the right that the left has gets "_1" behind. */
static void put_columns(gbx__compose *c, gbx__arena *arena, const gbx__node *left,
                        const gbx__node *right, const gbx__clause_items *keys)
{
    const char *separator = "SELECT ";
    for (uint32_t i = 0; i < left->n_cols; i++) {
        const gbx__str name = gbx__arena_str(arena, left->cols[i].name);
        gbx__compose_puts(c, separator);
        gbx__compose_puts(c, is_key(keys, name) ? "" : "l.");
        gbx__compose_ident(c, name);
        separator = ", ";
    }
    for (uint32_t i = 0; i < right->n_cols; i++) {
        const gbx__str name = gbx__arena_str(arena, right->cols[i].name);
        if (is_key(keys, name)) continue;
        gbx__compose_puts(c, separator);
        gbx__compose_puts(c, "r.");
        gbx__compose_ident(c, name);
        separator = ", ";
        if (!has_name(left, name)) continue;
        gbx__compose_puts(c, " AS ");
        gbx__compose_ident(c, fresh_name(arena, left, right, name));
    }
}

static const char *const join_words[] = {
    [GBX_JOIN_KIND_INNER] = " FROM l JOIN r",       [GBX_JOIN_KIND_LEFT] = " FROM l LEFT JOIN r",
    [GBX_JOIN_KIND_RIGHT] = " FROM l RIGHT JOIN r", [GBX_JOIN_KIND_FULL] = " FROM l FULL JOIN r",
    [GBX_JOIN_KIND_SEMI] = " FROM l SEMI JOIN r",   [GBX_JOIN_KIND_ANTI] = " FROM l ANTI JOIN r",
    [GBX_JOIN_KIND_CROSS] = " FROM l CROSS JOIN r",
};

static void put_select(gbx__compose *c, gbx__arena *arena, const gbx_frame *left,
                       const gbx_frame *right, gbx_join_kind kind, const gbx__clause_items *keys)
{
    const bool is_half = kind == GBX_JOIN_KIND_SEMI || kind == GBX_JOIN_KIND_ANTI;
    if (is_half) {
        gbx__compose_puts(c, "SELECT l.*");
    } else {
        put_columns(c, arena, left->body->plan->root, right->body->plan->root, keys);
    }
    gbx__compose_puts(c, join_words[kind]);
}

static gbx_status join_on(gbx__compose *c, gbx__arena *arena, const gbx_frame *left,
                          const gbx_frame *right, gbx_join_kind kind, const gbx__user_text *user,
                          gbx__clause_items *items, gbx_error *err)
{
    GBX_TRY(gbx__clause_check(user, GBX_CLAUSE_EXPR, err));
    GBX_TRY(gbx__clause_split(arena, user, items, err));
    const bool is_using = is_name_list(items);
    put_select(c, arena, left, right, kind, is_using ? items : NULL);
    gbx__compose_puts(c, is_using ? " USING (" : " ON (");
    gbx__compose_user(c, user);
    gbx__compose_puts(c, ")");
    return GBX_OK;
}

gbx_status gbx_frame_join(const gbx_frame *left, const gbx_frame *right, gbx_join_kind kind,
                          const char *on, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(two_frames(left, right, out, "gbx_frame_join", err));
    if (kind < GBX_JOIN_KIND_INNER || kind > GBX_JOIN_KIND_CROSS) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_join: there is no kind number %d", (int)kind);
    }
    const bool is_cross = kind == GBX_JOIN_KIND_CROSS;
    if (is_cross == (on != NULL)) {
        return GBX_FAIL(err, GBX_MISUSE,
                        is_cross ? "gbx_frame_join: a cross join takes no condition"
                                 : "gbx_frame_join: the condition is missing");
    }
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    const gbx__user_text user = {NULL, gbx__str_of(on)};
    if (is_cross) {
        put_select(&c, &arena, left, right, kind, NULL);
    } else {
        gbx__clause_items items = {0};
        const gbx_status status = join_on(&c, &arena, left, right, kind, &user, &items, err);
        gbx__vec_done(&items);
        if (status != GBX_OK) return status;
    }
    const gbx__input inputs[] = {{"l", left->body}, {"r", right->body}};
    return gbx__step_finish(&c, 2, inputs, out, err);
}

gbx_status gbx_frame_set(const gbx_frame *left, const gbx_frame *right, gbx_set_kind kind, bool all,
                         gbx_frame **out, gbx_error *err)
{
    static const char *const words[] = {
        [GBX_SET_UNION] = "UNION", [GBX_SET_INTERSECT] = "INTERSECT", [GBX_SET_EXCEPT] = "EXCEPT"};
    GBX_TRY(two_frames(left, right, out, "gbx_frame_set", err));
    if (kind < GBX_SET_UNION || kind > GBX_SET_EXCEPT) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_set: there is no kind number %d", (int)kind);
    }
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__buf_printf(&c.text, "SELECT * FROM l %s%s SELECT * FROM r", words[kind],
                    all ? " ALL" : "");
    const gbx__input inputs[] = {{"l", left->body}, {"r", right->body}};
    return gbx__step_finish(&c, 2, inputs, out, err);
}
