/*
 * Operators over one input for engines in other processes, where these need other words.
 */
#include "sql/host_priv.h"

#include <stdio.h>
#include <string.h>

static bool node_holds(gbx__printer *p, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (p->dialect->words->holds(node->cols[i].type)) continue;
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__buf_init(&type, 0);
        gbx__type_print(&type, node->cols[i].type);
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a column of type %.*s on %s", (int)type.len,
                               type.data, p->dialect->name);
    }
    return true;
}

bool gbx__host_scan(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (!node_holds(p, node)) return false;
    const gbx__host_table table = {.name = gbx__print_table(p),
                                   .scan = node->scan.scan,
                                   .n_cols = node->n_cols,
                                   .cols = node->cols,
                                   .fields = node->scan.fields};
    if (!gbx__vec_push(&p->host->tables, table))
        return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->from = table.name;
    block->from_is_one = true;
    gbx__print_bind(p, table.name, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}

bool gbx__host_add_columns(gbx__printer *p, const gbx__node *node, gbx__block *block, uint32_t n,
                           const gbx__str *texts, gbx__col_id *ids)
{
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, node->n_cols + n, gbx__col);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < node->n_cols; i++) cols[i] = node->cols[i];
    for (uint32_t i = 0; i < n; i++) {
        ids[i] = gbx__host_col(p);
        cols[node->n_cols + i] = (gbx__col){.id = ids[i]};
        gbx__print_name(p, ids[i], texts[i]);
    }
    block->is_projected = true;
    const gbx__node more = {.n_cols = node->n_cols + n, .cols = cols};
    return gbx__block_wrap(p, block, &more);
}

/* --- rows that are written down -------------------------------------------------------------- */

static void values_row(gbx__printer *p, gbx__buf *text, const gbx__node *node,
                       const gbx__expr *const *row)
{
    gbx__buf_puts(text, "SELECT ");
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (i > 0) gbx__buf_puts(text, ", ");
        if (row != NULL)
            gbx__host_expr(p, text, row[i]);
        else
            gbx__host_expr(p, text, gbx__expr_null(&p->arena, node->cols[i].type, GBX_NO_POS));
        gbx__buf_printf(text, " AS c%u", node->cols[i].id);
    }
    if (node->n_cols == 0) gbx__buf_puts(text, "1 AS c0");
}

static bool values_are_constants(gbx__printer *p, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        for (uint32_t k = 0; k < node->n_cols; k++) {
            const gbx__expr *expr = node->values.rows[i][k];
            if (expr->kind != GBX_EX_CONST || !gbx__host_is_native(p, expr) ||
                !gbx__host_has_constant(p->dialect->words, expr->type, expr->value))
                return false;
        }
    }
    return node->n_cols > 0 && node->values.n_rows > 0;
}

static void values_list(gbx__printer *p, gbx__buf *text, const gbx__node *node)
{
    gbx__buf_puts(text, "VALUES ");
    for (uint32_t i = 0; i < node->values.n_rows; i++) {
        gbx__buf_puts(text, i > 0 ? ", (" : "(");
        gbx__print_list(p, text, node->values.rows[i], node->n_cols, ", ");
        gbx__buf_putc(text, ')');
    }
}

bool gbx__host_values(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (node->n_inputs > 0)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "values for each row on %s", p->dialect->name);
    if (!node_holds(p, node)) return false;
    const gbx__str table = gbx__print_table(p);
    const bool is_list = values_are_constants(p, node);
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, '(');
    if (is_list) {
        values_list(p, &text, node);
    } else if (node->values.n_rows == 0) {
        values_row(p, &text, node, NULL);
        gbx__buf_puts(&text, " WHERE FALSE");
    }
    for (uint32_t i = 0; !is_list && i < node->values.n_rows; i++) {
        gbx__buf_puts(&text, i > 0 ? " UNION ALL " : "");
        values_row(p, &text, node, node->values.rows[i]);
    }
    gbx__buf_printf(&text, ") AS %.*s", GBX_STR_ARG(table));
    for (uint32_t i = 0; is_list && i < node->n_cols; i++)
        gbx__buf_printf(&text, "%sc%u", i > 0 ? ", " : "(", node->cols[i].id);
    gbx__buf_puts(&text, is_list ? ")" : "");
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = true;
    gbx__print_bind(p, table, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}

/* --- rows of a function, rows of lists -------------------------------------------------------- */

/* For each row of the block as many as the list that `call` gives has: `first` … of the node's
 * columns are the fields g0 … of its items. */
static bool rows_of_list(gbx__printer *p, const gbx__node *node, gbx__block *block, gbx__str call,
                         uint32_t first)
{
    const gbx__host_words *words = p->dialect->words;
    const gbx__node none = {0};
    const gbx__node *input = node->n_inputs > 0 ? node->inputs[0] : &none;
    gbx__col_id id = 0;
    GBX_AUTO(gbx__buf_done) gbx__buf rows = {0};
    gbx__buf_init(&rows, 0);
    gbx__host_fill_text(&rows, words->unnest, call, GBX_STR(""));
    const gbx__str text = gbx__print_keep(p, &rows);
    if (!gbx__host_add_columns(p, input, block, 1, &text, &id)) return false;
    for (uint32_t i = first; i < node->n_cols; i++) {
        char name[16];
        GBX_AUTO(gbx__buf_done) gbx__buf field = {0};
        gbx__buf_init(&field, 0);
        snprintf(name, sizeof(name), "g%u", i - first);
        gbx__host_fill_text(&field, words->field, p->names[id], gbx__str_of(name));
        gbx__print_name(p, node->cols[i].id, gbx__print_keep(p, &field));
    }
    block->is_projected = true;
    return p->failed == GBX_OK;
}

static const gbx__type *rows_type(gbx__printer *p, const gbx__node *node, uint32_t first)
{
    const uint32_t n = node->n_cols - first;
    gbx__field *fields = GBX_ARENA_ARRAY(&p->arena, n + 1, gbx__field);
    const gbx__type *type = NULL;
    for (uint32_t i = 0; fields != NULL && i < n; i++) {
        char *name = gbx__arena_printf(&p->arena, "g%u", i);
        if (name == NULL) fields = NULL;
        if (name != NULL) fields[i] = (gbx__field){gbx__str_of(name), node->cols[first + i].type};
    }
    if (fields != NULL && n == 0)
        fields[0] = (gbx__field){GBX_STR("g0"), gbx__type_plain(GBX_TYPE_INT32)};
    if (fields != NULL) type = gbx__type_struct(&p->arena, fields, n == 0 ? 1 : n);
    if (type != NULL) type = gbx__type_list(&p->arena, type);
    if (type == NULL) gbx__print_fail(p, GBX_NOMEM, "out of memory");
    return type;
}

static gbx__str rows_call(gbx__printer *p, const gbx__host_args *args, const gbx__type *type,
                          gbx__buf *body)
{
    const uint32_t n = (uint32_t)args->columns.len;
    const gbx__type **types = GBX_ARENA_ARRAY(&p->arena, n + 1, const gbx__type *);
    GBX_AUTO(gbx__buf_done) gbx__buf call = {0};
    gbx__buf_init(&call, 0);
    const gbx__str kept = gbx__print_keep(p, body);
    if (types == NULL || type == NULL) {
        gbx__print_fail(p, GBX_NOMEM, "out of memory");
        return GBX_STR("");
    }
    for (uint32_t i = 0; i < n; i++) types[i] = args->columns.items[i]->type;
    gbx__buf_str(&call, gbx__host_kernel_add(p, n, types, type, kept));
    gbx__buf_putc(&call, '(');
    for (uint32_t i = 0; i < n; i++) {
        gbx__buf_puts(&call, i > 0 ? ", " : "");
        gbx__buf_str(&call, p->names[args->columns.items[i]->col]);
    }
    gbx__buf_putc(&call, ')');
    return gbx__print_keep(p, &call);
}

/* (SELECT list(struct_pack(g0 := x.f0)) FROM range("a0") AS x(f0)) */
static void table_fn_body(gbx__printer *p, gbx__buf *body, const gbx__node *node,
                          const gbx__host_args *args)
{
    gbx__buf_puts(body, "(SELECT list(struct_pack(");
    for (uint32_t i = 0; i < node->table_fn.n_used; i++)
        gbx__buf_printf(body, "%sg%u := x.f%u", i > 0 ? ", " : "", i, node->table_fn.used[i]);
    if (node->table_fn.n_used == 0) gbx__buf_puts(body, "g0 := 1");
    gbx__buf_puts(body, ")) FROM ");
    const gbx__dialect *dialect = p->dialect;
    p->dialect = &gbx__dialect_duckdb;
    gbx__print_function_name(p, body, node->table_fn.fn->name);
    p->dialect = dialect;
    gbx__buf_putc(body, '(');
    for (uint32_t i = 0; i < node->table_fn.n_args; i++) {
        gbx__buf_puts(body, i > 0 ? ", " : "");
        if (node->table_fn.arg_names != NULL && node->table_fn.arg_names[i].len > 0) {
            gbx__dialect_duckdb.quote_ident(body, node->table_fn.arg_names[i]);
            gbx__buf_puts(body, " := ");
        }
        gbx__buf_str(body, gbx__host_duckdb(p, node->table_fn.args[i], args, "\"a"));
    }
    gbx__buf_puts(body, ") AS x(");
    for (uint32_t i = 0; i < node->table_fn.n_fields; i++)
        gbx__buf_printf(body, "%sf%u", i > 0 ? ", " : "", i);
    gbx__buf_puts(body, "))");
}

bool gbx__host_table_fn(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__host_args args = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__buf_init(&body, 0);
    if (node->table_fn.with_ordinality)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "WITH ORDINALITY on %s", p->dialect->name);
    if (!node_holds(p, node)) return false;
    if (node->n_inputs > 0 && !gbx__print_node(p, node->inputs[0], block)) return false;
    if (node->n_inputs > 0 && !gbx__block_is_from(block) &&
        !gbx__block_wrap(p, block, node->inputs[0]))
        return false;
    const uint32_t first = node->n_inputs > 0 ? node->inputs[0]->n_cols : 0;
    bool ok = true;
    for (uint32_t i = 0; ok && i < node->table_fn.n_args; i++)
        ok = gbx__host_args_of(p, &args, node->table_fn.args[i]);
    if (ok) {
        table_fn_body(p, &body, node, &args);
        ok = rows_of_list(p, node, block, rows_call(p, &args, rows_type(p, node, first), &body),
                          first);
    }
    gbx__host_args_done(&args);
    return ok;
}

/* One list that the engine holds: its own words. More: DuckDB's, which fill the shorter ones. */
static bool unnest_one(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__expr *list = node->window.exprs[0]->args[0];
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf rows = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_init(&rows, 0);
    gbx__host_expr(p, &text, list);
    gbx__host_fill_text(&rows, p->dialect->words->unnest, gbx__print_keep(p, &text), GBX_STR(""));
    gbx__print_name(p, node->cols[node->n_cols - 1].id, gbx__print_keep(p, &rows));
    block->is_projected = true;
    block->is_pinned = true;
    return p->failed == GBX_OK;
}

bool gbx__host_unnest(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    gbx__host_args args = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
    gbx__buf_init(&body, 0);
    const uint32_t n = node->window.n_exprs;
    if (!node_holds(p, node)) return false;
    if (n == 1 && node->window.exprs[0]->args[0]->type->kind == GBX_TYPE_LIST)
        return unnest_one(p, node, block);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) ok = gbx__host_args_of(p, &args, node->window.exprs[i]);
    if (ok) {
        gbx__buf_puts(&body, "(SELECT list(struct_pack(");
        for (uint32_t i = 0; i < n; i++)
            gbx__buf_printf(&body, "%sg%u := x.f%u", i > 0 ? ", " : "", i, i);
        gbx__buf_puts(&body, ")) FROM (SELECT ");
        for (uint32_t i = 0; i < n; i++) {
            const gbx__str text = gbx__host_duckdb(p, node->window.exprs[i], &args, "\"a");
            gbx__buf_printf(&body, "%s%.*s AS f%u", i > 0 ? ", " : "", GBX_STR_ARG(text), i);
        }
        gbx__buf_puts(&body, ") AS x)");
        const uint32_t first = node->inputs[0]->n_cols;
        ok = rows_of_list(p, node, block, rows_call(p, &args, rows_type(p, node, first), &body),
                          first);
    }
    gbx__host_args_done(&args);
    return ok;
}

/* --- distinct, sample, limit, pivot ----------------------------------------------------------- */

static bool keys_are_keys(gbx__printer *p, const gbx__node *node)
{
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (!gbx__host_is_key(node->cols[i].type))
            return gbx__print_fail(p, GBX_UNSUPPORTED, "distinct rows with a %s on %s",
                                   gbx__type_kind_text(node->cols[i].type->kind), p->dialect->name);
    }
    return true;
}

/* Rows that are compared as a whole: each float as its key. */
static bool keys_of_columns(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const char *words = p->dialect->words->float_key;
    if (!keys_are_keys(p, node)) return false;
    for (uint32_t i = 0; words != NULL && i < node->n_cols; i++) {
        if (!gbx__type_is_float(node->cols[i].type)) continue;
        if (block->is_projected && !gbx__block_wrap(p, block, node)) return false;
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&text, 0);
        gbx__host_fill_text(&text, words, p->names[node->cols[i].id], GBX_STR(""));
        gbx__print_name(p, node->cols[i].id, gbx__print_keep(p, &text));
    }
    return p->failed == GBX_OK;
}

/* The first row of each group, by its number. */
static bool distinct_on(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf order = {0};
    gbx__col_id place = 0;
    gbx__buf_init(&text, 0);
    gbx__buf_init(&order, 0);
    p->host->pieces.len = 0;
    gbx__buf_puts(&text, "row_number() OVER (PARTITION BY ");
    for (uint32_t i = 0; i < node->distinct.n_on; i++) {
        GBX_AUTO(gbx__buf_done) gbx__buf key = {0};
        gbx__buf_init(&key, 0);
        if (!gbx__host_is_key(node->distinct.on[i]->type))
            return gbx__print_fail(p, GBX_UNSUPPORTED, "DISTINCT ON a %s on %s",
                                   gbx__type_kind_text(node->distinct.on[i]->type->kind),
                                   p->dialect->name);
        gbx__host_key(p, &key, node->distinct.on[i]);
        gbx__buf_puts(&text, i > 0 ? ", " : "");
        gbx__host_piece(p, &text, gbx__print_keep(p, &key), false);
    }
    gbx__host_order(p, &order, node->distinct.order, node->distinct.n_order);
    gbx__buf_puts(&text, " ORDER BY ");
    if (order.len > 0)
        gbx__buf_str(&text, gbx__buf_view(&order));
    else
        gbx__buf_puts(&text, "NULL");
    gbx__buf_putc(&text, ')');
    const gbx__str over = gbx__print_keep(p, &text);
    if (!gbx__host_pieces_flush(p, node->inputs[0], block)) return false;
    const gbx__str resolved = gbx__host_resolve(p, over);
    if (!gbx__host_add_columns(p, node, block, 1, &resolved, &place)) return false;
    char *where = gbx__arena_printf(&p->arena, "(%.*s = 1)", GBX_STR_ARG(p->names[place]));
    if (where == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    block->where = gbx__str_of(where);
    return p->failed == GBX_OK;
}

bool gbx__host_distinct(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    if (node->distinct.n_on > 0) return distinct_on(p, node, block);
    if (!keys_of_columns(p, node, block)) return false;
    block->distinct = GBX_STR("DISTINCT");
    return true;
}

bool gbx__host_sample(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const char *chance = p->dialect->words->chance;
    char *text =
        node->sample.is_percent
            ? gbx__arena_printf(&p->arena, "(%s * 100 < %.17g)", chance, node->sample.amount)
            : gbx__arena_printf(&p->arena, "LIMIT %.0f", node->sample.amount);
    if (text == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    if (node->sample.is_percent) {
        block->where = gbx__str_of(text);
        return true;
    }
    block->order = gbx__str_of(chance);
    block->limit = gbx__str_of(text);
    return true;
}

/* Rows are numbered in their order and compared with a limit that is no constant. */
bool gbx__host_limit(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__node *input = node->inputs[0];
    const bool has_order = block->order.len > 0;
    gbx__col_id ids[2];
    char *number = gbx__arena_printf(&p->arena, "row_number() OVER (ORDER BY %.*s)",
                                     (int)(has_order ? block->order.len : 4),
                                     has_order ? block->order.ptr : "NULL");
    const gbx__str texts[] = {gbx__str_of(number == NULL ? "" : number),
                              GBX_STR("count(*) OVER ()")};
    if (number == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    if (has_order && block->is_projected)
        return gbx__print_fail(p, GBX_UNSUPPORTED, "a limit that is computed, over such rows");
    block->order = GBX_STR("");
    if (!gbx__host_add_columns(p, input, block, 2, texts, ids)) return false;
    GBX_AUTO(gbx__buf_done) gbx__buf offset = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf limit = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&offset, 0);
    gbx__buf_init(&limit, 0);
    gbx__buf_init(&text, 0);
    gbx__buf_puts(&offset, "COALESCE(");
    if (node->sort.offset != NULL)
        gbx__host_expr(p, &offset, node->sort.offset);
    else
        gbx__buf_puts(&offset, "CAST(0 AS BIGINT)");
    gbx__buf_puts(&offset, ", CAST(0 AS BIGINT))");
    if (node->sort.limit != NULL) gbx__host_expr(p, &limit, node->sort.limit);
    const gbx__str place = p->names[ids[0]];
    gbx__buf_printf(&text, "(%.*s > %.*s)", GBX_STR_ARG(place), (int)offset.len, offset.data);
    if (limit.len > 0 && node->sort.is_percent)
        gbx__buf_printf(&text, " AND (%.*s - %.*s <= floor(CAST(%.*s AS DOUBLE) * %.*s / 100.0))",
                        GBX_STR_ARG(place), (int)offset.len, offset.data,
                        GBX_STR_ARG(p->names[ids[1]]), (int)limit.len, limit.data);
    else if (limit.len > 0)
        gbx__buf_printf(&text, " AND ((%.*s IS NULL) OR (%.*s - %.*s <= %.*s))", (int)limit.len,
                        limit.data, GBX_STR_ARG(place), (int)offset.len, offset.data,
                        (int)limit.len, limit.data);
    block->where = gbx__print_keep(p, &text);
    block->order = place;
    return p->failed == GBX_OK;
}

/* Each output column is a kernel over the lists of keys and of values. */
bool gbx__host_pivot(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    const gbx__node *input = node->inputs[0];
    const uint32_t n_groups = node->pivot.n_groups;
    if (!node_holds(p, node) || !node_holds(p, input)) return false;
    gbx__str *texts = GBX_ARENA_ARRAY(&p->arena, node->n_cols + 1, gbx__str);
    if (texts == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < n_groups; i++) texts[i] = p->names[input->cols[i].id];
    for (uint32_t i = n_groups; i < node->n_cols; i++) {
        const uint32_t label = (i - n_groups) / node->pivot.n_aggs;
        const uint32_t agg = (i - n_groups) % node->pivot.n_aggs;
        const gbx__col *keys = &input->cols[n_groups];
        const gbx__col *values = &input->cols[n_groups + 1 + agg];
        const gbx__type *types[] = {keys->type, values->type};
        GBX_AUTO(gbx__buf_done) gbx__buf body = {0};
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__buf_init(&body, 0);
        gbx__buf_init(&text, 0);
        gbx__buf_puts(&body, "CASE WHEN list_contains(\"a0\", ");
        gbx__dialect_duckdb.quote_text(&body, node->pivot.labels[label]);
        gbx__buf_puts(&body, ") THEN \"a1\"[list_position(\"a0\", ");
        gbx__dialect_duckdb.quote_text(&body, node->pivot.labels[label]);
        gbx__buf_puts(&body, ")] ELSE ");
        if (node->pivot.defaults != NULL) {
            const gbx__host_args none = {0};
            gbx__buf_str(&body, gbx__host_duckdb(p, node->pivot.defaults[agg], &none, "\"a"));
        } else {
            gbx__buf_puts(&body, "NULL");
        }
        gbx__buf_puts(&body, " END");
        const gbx__str kernel =
            gbx__host_kernel_add(p, 2, types, node->cols[i].type, gbx__print_keep(p, &body));
        gbx__buf_printf(&text, "%.*s(%.*s, %.*s)", GBX_STR_ARG(kernel),
                        GBX_STR_ARG(p->names[keys->id]), GBX_STR_ARG(p->names[values->id]));
        texts[i] = gbx__print_keep(p, &text);
    }
    for (uint32_t i = 0; i < node->n_cols; i++) gbx__print_name(p, node->cols[i].id, texts[i]);
    block->is_projected = true;
    return p->failed == GBX_OK;
}

/* --- set operations --------------------------------------------------------------------------- */

/* Where ALL does not count, equal rows are numbered and so made different. */
static bool setop_number(gbx__printer *p, const gbx__node *arm, gbx__block *block, gbx__buf *text)
{
    gbx__col_id number = 0;
    GBX_AUTO(gbx__buf_done) gbx__buf over = {0};
    gbx__buf_init(&over, 0);
    if (!gbx__block_is_from(block) && !gbx__block_wrap(p, block, arm)) return false;
    gbx__buf_puts(&over, "row_number() OVER (PARTITION BY ");
    for (uint32_t i = 0; i < arm->n_cols; i++)
        gbx__buf_printf(&over, "%s%.*s", i > 0 ? ", " : "", GBX_STR_ARG(p->names[arm->cols[i].id]));
    gbx__buf_putc(&over, ')');
    const gbx__str column = gbx__print_keep(p, &over);
    if (!gbx__host_add_columns(p, arm, block, 1, &column, &number)) return false;
    gbx__col *cols = GBX_ARENA_ARRAY(&p->arena, arm->n_cols + 1, gbx__col);
    if (cols == NULL) return gbx__print_fail(p, GBX_NOMEM, "out of memory");
    for (uint32_t i = 0; i < arm->n_cols; i++) cols[i] = arm->cols[i];
    cols[arm->n_cols] = (gbx__col){.id = number};
    const gbx__node more = {.n_cols = arm->n_cols + 1, .cols = cols};
    gbx__block_render(p, text, block, &more, false);
    return true;
}

static bool setop_arm(gbx__printer *p, const gbx__node *node, const gbx__node *arm, gbx__buf *text,
                      bool is_numbered)
{
    gbx__block block = {0};
    if (!gbx__print_node(p, arm, &block)) return false;
    const bool is_compared = node->setop.kind != GBX_SETOP_UNION || !node->setop.all;
    if (is_compared && !keys_are_keys(p, arm)) return false;
    if (is_compared) {
        if (!gbx__block_is_from(&block) && !gbx__block_wrap(p, &block, arm)) return false;
        if (!keys_of_columns(p, arm, &block)) return false;
        block.is_projected = true;
    }
    if (is_numbered) return setop_number(p, arm, &block, text);
    gbx__block_render(p, text, &block, arm, false);
    return p->failed == GBX_OK;
}

bool gbx__host_setop(gbx__printer *p, const gbx__node *node, gbx__block *block)
{
    static const char *const words[] = {" UNION ", " INTERSECT ", " EXCEPT "};
    const bool is_numbered =
        node->setop.all && node->setop.kind != GBX_SETOP_UNION && !p->dialect->words->has_setop_all;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, '(');
    for (uint32_t i = 0; i < node->n_inputs; i++) {
        if (i > 0) {
            gbx__buf_puts(&text, words[node->setop.kind]);
            if (node->setop.all && !is_numbered) gbx__buf_puts(&text, "ALL ");
        }
        gbx__buf_putc(&text, '(');
        if (!setop_arm(p, node, node->inputs[i], &text, is_numbered)) return false;
        gbx__buf_putc(&text, ')');
    }
    const gbx__str table = gbx__print_table(p);
    gbx__buf_printf(&text, ") AS %.*s(", GBX_STR_ARG(table));
    for (uint32_t i = 0; i < node->n_cols; i++)
        gbx__buf_printf(&text, "%sc%u", i > 0 ? ", " : "", node->cols[i].id);
    gbx__buf_puts(&text, is_numbered ? ", n)" : node->n_cols == 0 ? "c0)" : ")");
    block->from = gbx__print_keep(p, &text);
    block->from_is_one = true;
    gbx__print_bind(p, table, node->cols, node->n_cols);
    return p->failed == GBX_OK;
}
