/*
 * Steps that change what a row is: group_by, pivot, unpivot.
 */
#include "exec/compose.h"

static bool is_blank(const char *text)
{
    return !text || text[0] == '\0';
}

/* The words of grouping sets: such keys are named by the aggregates' list. */
static bool is_grouping_set(const gbx__user_text *user, const gbx__clause_item *item)
{
    static const char *const words[] = {"rollup", "cube", "grouping", "all"};
    const gbx__str text = user->text;
    size_t end = item->start;
    while (end < item->end && ((text.ptr[end] | 32) >= 'a' && (text.ptr[end] | 32) <= 'z')) end++;
    const gbx__str word = {text.ptr + item->start, end - item->start};
    const bool is_whole = end == item->end || text.ptr[end] == ' ' || text.ptr[end] == '(';
    for (size_t i = 0; is_whole && i < sizeof(words) / sizeof(words[0]); i++) {
        if (gbx__str_is_nocase(word, words[i])) return true;
    }
    return false;
}

static void put_keys(gbx__compose *c, const gbx__user_text *keys, const gbx__clause_items *items,
                     const char **separator)
{
    for (size_t i = 0; i < items->len; i++) {
        if (is_grouping_set(keys, &items->items[i])) continue;
        gbx__compose_puts(c, *separator);
        gbx__compose_slice(c, keys, items->items[i].start, items->items[i].end);
        *separator = ", ";
    }
}

static gbx_status group_by(const gbx_frame *frame, const gbx__user_text *keys,
                           const gbx__user_text *aggregates, const gbx__clause_items *items,
                           gbx_frame **out, gbx_error *err)
{
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    const char *separator = "SELECT ";
    put_keys(&c, keys, items, &separator);
    if (aggregates->text.len > 0) {
        gbx__compose_puts(&c, separator);
        gbx__compose_user(&c, aggregates);
    }
    gbx__compose_puts(&c, " FROM frame");
    for (size_t i = 0; i < items->len; i++) {
        gbx__compose_puts(&c, i == 0 ? " GROUP BY " : ", ");
        gbx__compose_slice(&c, keys, items->items[i].start, items->items[i].expr_end);
    }
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_group_by(const gbx_frame *frame, const char *keys, const char *aggregates,
                              gbx_frame **out, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_group_by", err));
    if (is_blank(keys) && is_blank(aggregates)) {
        return GBX_FAIL(err, GBX_PARSE, "gbx_frame_group_by: neither keys nor aggregates");
    }
    const gbx__user_text key_text = {"keys", gbx__str_of(keys)};
    const gbx__user_text aggregate_text = {"aggregates", gbx__str_of(aggregates)};
    if (!is_blank(aggregates)) GBX_TRY(gbx__clause_check(&aggregate_text, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    gbx__clause_items items = {0};
    gbx_status status = GBX_OK;
    if (!is_blank(keys)) status = gbx__clause_check(&key_text, GBX_CLAUSE_LIST, err);
    if (!is_blank(keys) && status == GBX_OK) {
        status = gbx__clause_split(&arena, &key_text, &items, err);
    }
    if (status == GBX_OK) status = group_by(frame, &key_text, &aggregate_text, &items, out, err);
    gbx__vec_done(&items);
    return status;
}

gbx_status gbx_frame_pivot(const gbx_frame *frame, const char *key, const char *values,
                           const char *aggregate, const char *keys, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_pivot", err));
    if (!key || !values || !aggregate) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_pivot: key, values or aggregate is NULL");
    }
    const gbx__user_text texts[] = {{"key", gbx__str_of(key)},
                                    {"values", gbx__str_of(values)},
                                    {"aggregate", gbx__str_of(aggregate)},
                                    {"keys", gbx__str_of(keys)}};
    const size_t n = is_blank(keys) ? 3 : 4;
    for (size_t i = 0; i < n; i++) {
        GBX_TRY(gbx__clause_check(&texts[i], GBX_CLAUSE_LIST, err));
    }
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    /* Without keys a constant one makes the one row. */
    gbx__compose_puts(&c, is_blank(keys)
                              ? "SELECT * EXCLUDE (gbx_one) FROM "
                                "(SELECT *, 1 AS gbx_one FROM frame) AS gbx_input PIVOT ("
                              : "SELECT * FROM frame PIVOT (");
    gbx__compose_user(&c, &texts[2]);
    gbx__compose_puts(&c, " FOR ");
    gbx__compose_user(&c, &texts[0]);
    gbx__compose_puts(&c, " IN (");
    gbx__compose_user(&c, &texts[1]);
    gbx__compose_puts(&c, ") GROUP BY ");
    if (is_blank(keys)) {
        gbx__compose_puts(&c, "gbx_one");
    } else {
        gbx__compose_user(&c, &texts[3]);
    }
    gbx__compose_puts(&c, ")");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_unpivot(const gbx_frame *frame, const char *columns, const char *name,
                             const char *value, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_unpivot", err));
    if (!columns || is_blank(name) || is_blank(value)) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_unpivot: columns, name or value is missing");
    }
    const gbx__user_text user = {NULL, gbx__str_of(columns)};
    GBX_TRY(gbx__clause_check(&user, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    /* No row is lost silently: NULLs stay. */
    gbx__compose_puts(&c, "SELECT * FROM frame UNPIVOT INCLUDE NULLS (");
    gbx__compose_ident(&c, gbx__str_of(value));
    gbx__compose_puts(&c, " FOR ");
    gbx__compose_ident(&c, gbx__str_of(name));
    gbx__compose_puts(&c, " IN (");
    gbx__compose_user(&c, &user);
    gbx__compose_puts(&c, "))");
    return gbx__step_over(&c, frame, out, err);
}
