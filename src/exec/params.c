#include "exec/exec_priv.h"

#include "base/vec.h"

/* Names are matched as the binder does: in any case. */
static gbx__param_value *params_find(const gbx__param_list *list, gbx__str name)
{
    for (size_t i = 0; i < list->len; i++) {
        if (gbx__str_is_nocase(name, list->items[i].name.ptr)) return &list->items[i];
    }
    return NULL;
}

bool gbx__params_has(const gbx__param_list *list, gbx__str name)
{
    return params_find(list, name) != NULL;
}

gbx_status gbx__params_add(gbx__param_list *list, gbx__arena *arena, gbx__str name, gbx__str text,
                           bool is_null, gbx_error *err)
{
    const gbx__param_value value = {
        .name = gbx__arena_str(arena, name),
        .text = gbx__arena_str(arena, text),
        .is_null = is_null,
    };
    if (!value.name.ptr || !value.text.ptr) return GBX_FAIL_NOMEM(err);
    const gbx__param_value *old = params_find(list, value.name);
    if (old && old->is_null == is_null && gbx__str_equal(old->text, text)) return GBX_OK;
    if (old) {
        return GBX_FAIL(err, GBX_CONFLICT, "the parameter $%.*s has two values: rename one",
                        GBX_STR_ARG(name));
    }
    return gbx__vec_push(list, value) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

gbx_status gbx__params_add_public(gbx__param_list *list, gbx__arena *arena,
                                  const gbx_params *params, gbx_error *err)
{
    for (size_t i = 0; params && i < params->n; i++) {
        const gbx_param *item = &params->items[i];
        if (!item->name || *item->name == '\0') {
            return GBX_FAIL(err, GBX_MISUSE, "a parameter has no name");
        }
        GBX_TRY(gbx__params_add(list, arena, gbx__str_of(item->name), gbx__str_of(item->text),
                                !item->text, err));
    }
    return GBX_OK;
}

gbx_status gbx__params_add_all(gbx__param_list *list, gbx__arena *arena,
                               const gbx__param_list *from, gbx_error *err)
{
    for (size_t i = 0; i < from->len; i++) {
        const gbx__param_value *item = &from->items[i];
        GBX_TRY(gbx__params_add(list, arena, item->name, item->text, item->is_null, err));
    }
    return GBX_OK;
}

/* --- does every $name have a value? ----------------------------------------------------------- */

typedef struct params_walk {
    const gbx__param_list *list;
    const gbx_plan *plan;
    gbx_error *err;
    gbx_status status;
} params_walk;

static bool params_visit_expr(const gbx__expr *expr, void *ctx)
{
    params_walk *walk = ctx;
    if (expr->kind != GBX_EX_PARAM || gbx__params_has(walk->list, expr->name)) return true;
    walk->status = GBX_FAIL(walk->err, GBX_BIND, "the parameter $%.*s has no value: give it one",
                            GBX_STR_ARG(expr->name));
    const gbx__str text = walk->plan->text;
    if (expr->pos.offset >= 0 && (size_t)expr->pos.offset < text.len) {
        gbx__error_locate(walk->err, text.ptr, text.len, (size_t)expr->pos.offset);
    }
    return false;
}

static bool params_visit_root(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, params_visit_expr, ctx);
}

static bool params_visit_node(const gbx__node *node, void *ctx)
{
    return gbx__node_exprs(node, params_visit_root, ctx);
}

gbx_status gbx__params_check(const gbx__param_list *list, const gbx_plan *plan, gbx_error *err)
{
    params_walk walk = {list, plan, err, GBX_OK};
    gbx__plan_walk(plan->root, params_visit_node, &walk);
    return walk.status;
}

/* --- what they are ---------------------------------------------------------------------------- */

typedef struct params_use {
    gbx__param_list *list;
    GBX_VEC(const gbx__expr *) used; /* one of each name and type */
    bool is_short;                   /* of memory */
} params_use;

static bool use_is_known(const params_use *use, const gbx__expr *expr)
{
    for (size_t i = 0; i < use->used.len; i++) {
        const gbx__expr *known = use->used.items[i];
        if (gbx__str_equal(known->name, expr->name) && gbx__type_equal(known->type, expr->type)) {
            return true;
        }
    }
    return false;
}

static bool use_visit_expr(const gbx__expr *expr, void *ctx)
{
    params_use *use = ctx;
    if (expr->kind != GBX_EX_PARAM || use_is_known(use, expr)) return true;
    if (!gbx__vec_push(&use->used, expr)) use->is_short = true;
    return true;
}

static bool use_visit_root(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, use_visit_expr, ctx);
}

static bool use_visit_node(const gbx__node *node, void *ctx)
{
    return gbx__node_exprs(node, use_visit_root, ctx);
}

/* CAST('text' AS type) */
static gbx__str param_text(gbx__arena *arena, const gbx__param_value *param, const gbx__type *type)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_puts(&text, "CAST(");
    if (param->is_null) {
        gbx__buf_puts(&text, "NULL");
    } else {
        gbx__duck_quote_text(&text, param->text);
    }
    gbx__buf_puts(&text, " AS ");
    gbx__duck_type_print(&text, type);
    gbx__buf_putc(&text, ')');
    return text.failed ? (gbx__str){0} : gbx__arena_str(arena, gbx__buf_view(&text));
}

/* A name with a second type has a second place in the list. */
static gbx_status param_set(gbx__param_list *list, const gbx__expr *expr, const gbx__expr *value,
                            gbx_error *err)
{
    gbx__param_value *param = params_find(list, expr->name);
    if (!value || !gbx__type_equal(value->type, expr->type)) {
        GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
        gbx__type_print(&type, expr->type);
        return GBX_FAIL(err, GBX_INVALID, "the value of the parameter $%.*s can't be taken as %s",
                        GBX_STR_ARG(expr->name), type.failed ? "its type" : type.data);
    }
    if (!param->type) {
        param->type = value->type;
        param->value = value->value;
        return GBX_OK;
    }
    gbx__param_value again = *param;
    again.type = value->type;
    again.value = value->value;
    return gbx__vec_push(list, again) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status use_compute(params_use *use, gbx__arena *arena, gbx__duck_conn *conn,
                              gbx_error *err)
{
    const size_t n = use->used.len;
    gbx__str *texts = GBX_ARENA_ARRAY(arena, n, gbx__str);
    const gbx__expr **values = GBX_ARENA_ARRAY(arena, n, const gbx__expr *);
    if (use->is_short || !texts || !values) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        const gbx__expr *expr = use->used.items[i];
        texts[i] = param_text(arena, params_find(use->list, expr->name), expr->type);
        if (!texts[i].ptr) return GBX_FAIL_NOMEM(err);
    }
    GBX_TRY(gbx__sql_constants(conn, arena, n, texts, values, err));
    for (size_t i = 0; i < n; i++) {
        GBX_TRY(param_set(use->list, use->used.items[i], values[i], err));
    }
    return GBX_OK;
}

gbx_status gbx__params_compute(gbx__param_list *list, gbx__arena *arena, const gbx_plan *plan,
                               gbx__duck_conn *conn, gbx_error *err)
{
    params_use use = {.list = list};
    gbx__plan_walk(plan->root, use_visit_node, &use);
    const gbx_status status = use_compute(&use, arena, conn, err);
    gbx__vec_done(&use.used);
    return status;
}
