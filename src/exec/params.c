#include "exec/exec_priv.h"

/* Names are matched as the binder does: in any case. */
static const gbx__param_value *params_find(const gbx__param_list *list, gbx__str name)
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
