#include "arrow/arrow.h"
#include "engine/host/host_priv.h"
#include "plan/arrow_type.h"

#include <string.h>

gbx_status gbx__host_schema_of(const gbx_plan *plan, struct ArrowSchema *out, gbx_error *err)
{
    const gbx__node *root = plan->root;
    struct ArrowSchema schema = {0};
    GBX_TRY(gbx__arrow_schema_make(&schema, "+s", GBX_STR(""), root->n_cols, err));
    for (uint32_t i = 0; i < root->n_cols; i++) {
        const gbx__col *col = &root->cols[i];
        const gbx_status status = gbx__type_to_arrow(col->type, col->name, schema.children[i], err);
        if (status == GBX_OK) continue;
        gbx__arrow_schema_done(&schema);
        return status;
    }
    *out = schema;
    return GBX_OK;
}

static bool text_equal(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* Names count in structs only: those of lists' items and maps' entries are anybody's. */
static bool schema_equal(const struct ArrowSchema *a, const struct ArrowSchema *b)
{
    if (!b->release || !text_equal(a->format, b->format) || a->n_children != b->n_children ||
        !a->dictionary != !b->dictionary)
        return false;
    if (!gbx__str_equal(gbx__arrow_extension(a, NULL), gbx__arrow_extension(b, NULL))) return false;
    const bool is_struct = text_equal(a->format, "+s");
    for (int64_t i = 0; i < a->n_children; i++) {
        if (!schema_equal(a->children[i], b->children[i])) return false;
        if (is_struct && !text_equal(a->children[i]->name, b->children[i]->name)) return false;
    }
    return !a->dictionary || schema_equal(a->dictionary, b->dictionary);
}

static gbx_status column_differs(const struct ArrowSchema *expected,
                                 const struct ArrowSchema *found, int64_t i, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf a = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf b = {0};
    gbx__arrow_schema_print(&a, expected);
    gbx__arrow_schema_print(&b, found);
    if (a.failed || b.failed) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(err, GBX_INVALID, "column %lld of its result is %s where the plan has %s",
                    (long long)i + 1, b.data ? b.data : "?", a.data ? a.data : "?");
}

gbx_status gbx__host_schema_check(const struct ArrowSchema *expected,
                                  const struct ArrowSchema *found, gbx_error *err)
{
    if (!text_equal(found->format, "+s") || found->n_children != expected->n_children)
        return GBX_FAIL(err, GBX_INVALID, "its result has %lld columns where the plan has %lld",
                        (long long)found->n_children, (long long)expected->n_children);
    for (int64_t i = 0; i < expected->n_children; i++)
        if (!schema_equal(expected->children[i], found->children[i]))
            return column_differs(expected->children[i], found->children[i], i, err);
    return GBX_OK;
}
