/*
 * The whole: {"error": false, "plans": […]} → plan.
 */
#include "sql/import_priv.h"

#include <string.h>

/* The output's labels are those of the statement; hidden sort keys have lost the projection's
 * own. */
static const gbx__node *plan_label(gbx__importer *im, const gbx__node *root, size_t n_names,
                                   const gbx__str *names)
{
    if (root == NULL) return NULL;
    if (n_names != root->n_cols)
        return gbx__import_refuse(im, GBX_NO_POS, "%zu columns for %u names",
                                  root->n_cols > 0 ? n_names : 0, root->n_cols);
    bool is_same = true;
    for (size_t i = 0; i < n_names; i++)
        is_same = is_same && gbx__str_equal(root->cols[i].name, names[i]);
    if (is_same) return root;
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&im->b->arena, n_names + 1, const gbx__expr *);
    if (exprs == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    for (size_t i = 0; i < n_names; i++) {
        exprs[i] =
            gbx__expr_column(&im->b->arena, root->cols[i].id, root->cols[i].type, GBX_NO_POS);
        if (exprs[i] == NULL) return gbx__plan_fail(im->b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    }
    /* a projection is labelled anew; over a sort or limit one of bare columns says the labels */
    if (root->kind == GBX_NODE_PROJECT)
        return gbx__node_project(im->b, root->inputs[0], root->n_cols, root->project.exprs, names,
                                 root->pos);
    return gbx__node_project(im->b, root, root->n_cols, exprs, names, GBX_NO_POS);
}

static bool plan_uses_rowid(const gbx__expr *expr, void *ctx)
{
    const gbx__col_id *id = ctx;
    return !(expr->kind == GBX_EX_COLUMN && expr->col == *id);
}

typedef struct rowid_search {
    const gbx__node *root;
    gbx__col_id id;
} rowid_search;

static bool plan_expr_uses(const gbx__expr *expr, void *ctx)
{
    return gbx__expr_walk(expr, plan_uses_rowid, ctx);
}

static bool plan_node_uses(const gbx__node *node, void *ctx)
{
    rowid_search *search = ctx;
    return gbx__node_exprs(node, plan_expr_uses, &search->id);
}

static bool plan_check_rowid(const gbx__node *node, void *ctx)
{
    rowid_search *search = ctx;
    if (node->kind != GBX_NODE_SCAN || node->scan.scan->format == GBX_SCAN_TABLE) return true;
    for (uint32_t i = 0; i < node->n_cols; i++) {
        if (node->scan.fields[i] != GBX_SCAN_ROWID) continue;
        search->id = node->cols[i].id;
        if (!gbx__plan_walk(search->root, plan_node_uses, search)) return false;
    }
    return true;
}

/* Files have no row ids: the binder's empty tables do, so a query that reads them is refused
 * here. */
static const gbx__node *plan_refuse_rowid(gbx__importer *im, const gbx__node *root)
{
    if (root == NULL) return NULL;
    rowid_search search = {root, 0};
    if (gbx__plan_walk(root, plan_check_rowid, &search)) return root;
    return gbx__plan_fail(im->b, GBX_BIND, GBX_NO_POS, "a file has no column 'rowid'");
}

gbx_status gbx__import_plan(gbx__importer *im, gbx__str json, gbx__str user_text, size_t n_names,
                            const gbx__str *names, gbx_plan **out, gbx_error *err)
{
    static const gbx__key keys[] = {
        {"error", GBX_KEY_EMPTY}, {"plans", GBX_KEY_USED}, {NULL, GBX_KEY_USED}};
    yyjson_doc *doc = NULL;
    gbx_status status = gbx__json_read(json.ptr, json.len, GBX_JSON_INF_NAN, &doc, err);
    if (status == GBX_NOMEM) return status;
    if (status != GBX_OK) return GBX_FAIL(err, GBX_UNSUPPORTED, "not in the plan: not JSON");
    yyjson_val *top = yyjson_doc_get_root(doc);
    yyjson_val *plans = yyjson_obj_get(top, "plans");
    const gbx__node *root = NULL;
    if (gbx__import_keys(im, top, keys, "the bound query")) {
        if (yyjson_arr_size(plans) != 1)
            gbx__import_refuse(im, GBX_NO_POS, "%zu statements", yyjson_arr_size(plans));
        else
            root = gbx__import_node(im, yyjson_arr_get_first(plans));
    }
    root = plan_refuse_rowid(im, plan_label(im, root, n_names, names));
    gbx__json_free(doc);
    return gbx__plan_finish(im->b, root, user_text, out, err);
}
