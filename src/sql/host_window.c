/*
 * Windows for engines in other processes. When one of them has no words, all rows become one list
 * and come back from a kernel with the windows beside them.
 */
#include "sql/host_priv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The integer below casts of it. */
static const gbx__expr *bound_value(const gbx__expr *offset)
{
    while (offset != NULL && offset->kind == GBX_EX_CAST && gbx__type_is_integer(offset->type))
        offset = offset->args[0];
    return offset;
}

static bool bound_is_native(gbx__frame_unit unit, gbx__bound_kind kind, const gbx__expr *offset)
{
    if (kind != GBX_BOUND_PRECEDING && kind != GBX_BOUND_FOLLOWING) return true;
    offset = bound_value(offset);
    return unit == GBX_FRAME_ROWS && offset->kind == GBX_EX_CONST && !offset->value->is_null &&
           (offset->type->kind == GBX_TYPE_INT64 || offset->type->kind == GBX_TYPE_INT32) &&
           offset->value->i64 >= 0 && offset->value->i64 < INT32_MAX;
}

static bool keys_are_native(gbx__printer *p, const gbx__window_spec *spec)
{
    for (uint32_t i = 0; i < spec->n_partitions; i++) {
        if (!gbx__host_is_key(spec->partitions[i]->type)) return false;
    }
    for (uint32_t i = 0; i < spec->n_order; i++) {
        if (!gbx__host_is_sortable(spec->order[i].expr->type)) return false;
    }
    return p->failed == GBX_OK;
}

/* Frames say nothing to those that look at the order alone; some engines refuse them there. */
static bool window_has_frame(const gbx__expr *window)
{
    return window->fn->kind == GBX_FN_AGGREGATE || strstr(window->fn->name, "_value") != NULL;
}

static const gbx__native *window_row(gbx__printer *p, const gbx__expr *window)
{
    const gbx__host_words *words = p->dialect->words;
    const gbx__window_spec *spec = window->window;
    const gbx__native *row = gbx__host_find(words, words->windows, window);
    if (row == NULL && window->fn->kind == GBX_FN_AGGREGATE)
        row = gbx__host_find(words, words->aggs, window);
    if (row == NULL || strstr(row->text, "$o") == NULL || !words->holds(window->type) ||
        spec->distinct || spec->ignore_nulls || spec->filter != NULL || spec->n_arg_order > 0 ||
        spec->exclude != GBX_EXCLUDE_NO_OTHERS || !keys_are_native(p, spec))
        return NULL;
    if (window_has_frame(window) &&
        (spec->unit == GBX_FRAME_GROUPS ||
         !bound_is_native(spec->unit, spec->start, spec->start_offset) ||
         !bound_is_native(spec->unit, spec->end, spec->end_offset)))
        return NULL;
    for (uint32_t i = 0; i < window->n_args; i++) {
        if (!gbx__host_is_native(p, window->args[i])) return NULL;
    }
    return row;
}

static void window_bound(gbx__buf *out, gbx__bound_kind kind, const gbx__expr *offset)
{
    switch (kind) {
    case GBX_BOUND_UNBOUNDED_PRECEDING: gbx__buf_puts(out, "UNBOUNDED PRECEDING"); return;
    case GBX_BOUND_UNBOUNDED_FOLLOWING: gbx__buf_puts(out, "UNBOUNDED FOLLOWING"); return;
    case GBX_BOUND_CURRENT_ROW: gbx__buf_puts(out, "CURRENT ROW"); return;
    case GBX_BOUND_PRECEDING:
    case GBX_BOUND_FOLLOWING: break;
    }
    gbx__buf_printf(out, "%" PRId64 " %s", bound_value(offset)->value->i64,
                    kind == GBX_BOUND_PRECEDING ? "PRECEDING" : "FOLLOWING");
}

static void window_frame(gbx__buf *out, const gbx__window_spec *spec, bool is_ordered)
{
    if (!is_ordered && spec->unit == GBX_FRAME_RANGE) { /* all rows are peers */
        gbx__buf_puts(out, "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING");
        return;
    }
    gbx__buf_puts(out, spec->unit == GBX_FRAME_ROWS ? "ROWS BETWEEN " : "RANGE BETWEEN ");
    window_bound(out, spec->start, spec->start_offset);
    gbx__buf_puts(out, " AND ");
    window_bound(out, spec->end, spec->end_offset);
}

static gbx__str window_over(gbx__printer *p, const gbx__expr *window)
{
    const gbx__window_spec *spec = window->window;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf order = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_init(&order, 0);
    gbx__buf_puts(&text, " OVER (");
    for (uint32_t i = 0; i < spec->n_partitions; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf key = {0};
        gbx__buf_init(&key, 0);
        gbx__host_key(p, &key, spec->partitions[i]);
        gbx__buf_puts(&text, i > 0 ? ", " : "PARTITION BY ");
        gbx__host_piece(p, &text, gbx__print_keep(p, &key), false);
    }
    gbx__host_order(p, &order, spec->order, spec->n_order);
    if (order.len > 0) {
        gbx__buf_puts(&text, spec->n_partitions > 0 ? " ORDER BY " : "ORDER BY ");
        gbx__buf_str(&text, gbx__buf_view(&order));
    } else if (p->dialect->words->wants_window_order &&
               window->fn->kind != GBX_FN_AGGREGATE) { /* any order is as good */
        gbx__buf_puts(&text, spec->n_partitions > 0 ? " ORDER BY NULL" : "ORDER BY NULL");
    }
    if (window_has_frame(window)) {
        if (text.len > 0 && text.data[text.len - 1] != '(') gbx__buf_putc(&text, ' ');
        window_frame(&text, spec, order.len > 0);
    }
    gbx__buf_putc(&text, ')');
    return gbx__print_keep(p, &text);
}

static gbx__str window_text(gbx__printer *p, const gbx__expr *window, const gbx__native *row)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    const gbx__str over = window_over(p, window);
    const gbx__host_call call = {
        .expr = window, .distinct = "", .over = over.ptr, .in_pieces = true};
    if (p->failed == GBX_OK) gbx__host_fill(p, &text, row->text, &call);
    return gbx__print_keep(p, &text);
}

/* --- all rows as one list --------------------------------------------------------------------- */

static bool window_type(gbx__printer *p, const gbx__node *node, const gbx__type **out)
{
    gbx__field *fields = GBX_ARENA_ARRAY(&p->arena, node->n_cols + 1, gbx__field);
    if (fields == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < node->n_cols; i++) {
        char *name = gbx__arena_printf(&p->arena, "g%u", i);
        if (name == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
        if (!p->dialect->words->holds(node->cols[i].type))
            return gbx__print_fail(p, GBX_UNSUPPORTED, "a column of type %s on %s",
                                   gbx__type_kind_text(node->cols[i].type->kind), p->dialect->name);
        fields[i] = (gbx__field){gbx__str_of(name), node->cols[i].type};
    }
    const gbx__type *row = gbx__type_struct(&p->arena, fields, node->n_cols);
    *out = row == NULL ? NULL : gbx__type_list(&p->arena, row);
    return *out != NULL || gbx__print_fail(p, GBX_NOMEM, "out of memory");
}

static bool window_columns(gbx__printer *p, const gbx__node *input, gbx__host_args *args)
{
    for (uint32_t i = 0; i < input->n_cols; i++) {
        const gbx__expr *column =
            gbx__expr_column(&p->arena, input->cols[i].id, input->cols[i].type, GBX_NO_POS);
        if (column == NULL || !gbx__vec_push(&args->columns, column))
            return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    }
    return true;
}

/* (SELECT list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := sum(u.f0) OVER (…)) AS s FROM …)) */
static gbx__str window_body(gbx__printer *p, const gbx__node *node, const gbx__host_args *args)
{
    const uint32_t n_input = node->inputs[0]->n_cols;
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__buf_init(&body, 0);
    gbx__buf_puts(&body, "(SELECT list(s) FROM (SELECT struct_pack(");
    for (uint32_t i = 0; i < n_input; i++) gbx__buf_printf(&body, "g%u := u.f%u, ", i, i);
    for (uint32_t i = 0; i < node->window.n_exprs; i++) {
        const gbx__str text = gbx__host_duckdb(p, node->window.exprs[i], args, "u.f");
        gbx__buf_printf(&body, "%sg%u := %.*s", i > 0 ? ", " : "", n_input + i, GBX_STR_ARG(text));
    }
    gbx__buf_puts(&body, ") AS s FROM (SELECT unnest(\"a0\") AS u)))");
    return gbx__print_keep(p, &body);
}

static bool window_rows(gbx__printer *p, const gbx__node *node, gbx__block *block, gbx__str kernel,
                        gbx__str list)
{
    const gbx__host_words *words = p->dialect->words;
    char *one = gbx__arena_printf(&p->arena, "%s(%.*s)", words->list_agg, GBX_STR_ARG(list));
    gbx__col col = {.id = gbx__host_col(p)};
    const gbx__node holder = {.n_cols = 1, .cols = &col};
    if (one == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    gbx__print_name(p, col.id, gbx__str_of(one));
    block->is_grouped = true;
    if (!gbx__block_wrap(p, block, &holder)) return false;
    char *call = gbx__arena_printf(&p->arena, "%.*s(%.*s)", GBX_STR_ARG(kernel),
                                   GBX_STR_ARG(p->names[col.id]));
    if (call == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    gbx__print_name(p, col.id, gbx__str_of(call));
    if (!gbx__block_wrap(p, block, &holder)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf rows = {0};
    gbx__buf_init(&rows, 0);
    gbx__host_fill_text(&rows, words->unnest, p->names[col.id], GBX_STR(""));
    gbx__print_name(p, col.id, gbx__print_keep(p, &rows));
    block->is_projected = true;
    if (!gbx__block_wrap(p, block, &holder)) return false;
    const gbx__str row = p->names[col.id];
    for (uint32_t i = 0; i < node->n_cols; i++) {
        char name[16];
        GBX_AUTO(gbx__buf_done) gbx__buf field = {0};
        gbx__buf_init(&field, 0);
        snprintf(name, sizeof(name), "g%u", i);
        gbx__host_fill_text(&field, words->field, row, gbx__str_of(name));
        gbx__print_name(p, node->cols[i].id, gbx__print_keep(p, &field));
    }
    block->is_projected = true;
    return p->failed == GBX_OK;
}

static bool window_by_kernel(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__host_args args = {0};
    const gbx__type *out_type = NULL;
    GBX_AUTO(gbx__buf_done) gbx__buf list = {0};
    gbx__buf_init(&list, 0);
    bool ok = window_type(p, node, &out_type) && window_columns(p, node->inputs[0], &args);
    if (ok) {
        const gbx__type *row = gbx__host_struct(p, &list, &args, false);
        const gbx__type *type = row == NULL ? NULL : gbx__type_list(&p->arena, row);
        const gbx__str body = window_body(p, node, &args);
        ok = type != NULL && p->failed == GBX_OK;
        if (ok)
            ok = window_rows(p, node, block, gbx__host_kernel_add(p, 1, &type, out_type, body),
                             gbx__buf_view(&list));
    }
    gbx__host_args_done(&args);
    return ok || gbx__print_fail(p, GBX_NOMEM, "out of memory");
}

bool gbx__host_window(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const uint32_t n = node->window.n_exprs;
    const uint32_t n_input = node->inputs[0]->n_cols;
    const gbx__native **rows = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__native *);
    gbx__str *texts = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__str);
    if (rows == NULL || texts == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    if (block->from.len == 0 && !gbx__block_wrap(p, block, node->inputs[0])) return false;
    for (uint32_t i = 0; i < n; i++) {
        rows[i] = window_row(p, node->window.exprs[i]);
        if (rows[i] == NULL) return window_by_kernel(p, node, block);
    }
    p->host->pieces.len = 0;
    for (uint32_t i = 0; i < n; i++) texts[i] = window_text(p, node->window.exprs[i], rows[i]);
    if (!gbx__host_pieces_flush(p, node->inputs[0], block)) return false;
    for (uint32_t i = 0; i < n; i++)
        gbx__print_name(p, node->cols[n_input + i].id, gbx__host_resolve(p, texts[i]));
    block->is_projected = true;
    return p->failed == GBX_OK;
}
