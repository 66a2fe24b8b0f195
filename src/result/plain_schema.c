#include "result/plain_priv.h"

#include <string.h>

static void plain_schema_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static const char *plain_format(const char *format)
{
    static const char *const pairs[][2] = {
        {"vu", "u"}, {"vz", "z"}, {"+vl", "+l"}, {"+vL", "+L"}, {NULL, NULL}};
    for (size_t i = 0; pairs[i][0]; i++) {
        if (strcmp(pairs[i][0], format) == 0) return pairs[i][1];
    }
    return format;
}

/* The schema of the values that a dictionary or run ends stand for. */
static const struct ArrowSchema *plain_values(const struct ArrowSchema *schema)
{
    for (;;) {
        if (schema->dictionary) {
            schema = schema->dictionary;
        } else if (strcmp(schema->format, "+r") == 0 && schema->n_children == 2) {
            schema = schema->children[1];
        } else {
            return schema;
        }
    }
}

gbx_status result_plain_schema(gbx__arena *arena, const struct ArrowSchema *schema,
                               struct ArrowSchema *out, gbx_error *err)
{
    const struct ArrowSchema *values = plain_values(schema);
    const size_t n = (size_t)values->n_children;
    struct ArrowSchema **children = GBX_ARENA_ARRAY(arena, n, struct ArrowSchema *);
    struct ArrowSchema *items = GBX_ARENA_ARRAY(arena, n, struct ArrowSchema);
    if (!children || !items) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        children[i] = &items[i];
        GBX_TRY(result_plain_schema(arena, values->children[i], &items[i], err));
    }
    *out = (struct ArrowSchema){.format = plain_format(values->format),
                                .name = schema->name ? schema->name : "",
                                .metadata = schema->metadata ? schema->metadata : values->metadata,
                                .flags = schema->flags & ~(int64_t)ARROW_FLAG_DICTIONARY_ORDERED,
                                .n_children = values->n_children,
                                .children = children,
                                .release = plain_schema_release};
    if (values != schema) out->flags |= values->flags & ARROW_FLAG_MAP_KEYS_SORTED;
    return GBX_OK;
}
