#include "result/json_node_priv.h"

#include "base/map.h"

result_json_form result_json_form_of(const gbx__column *column)
{
    switch ((int)column->kind) {
    case GBX_COLUMN_FLOAT16:
    case GBX_COLUMN_FLOAT32:
    case GBX_COLUMN_FLOAT64: return RESULT_JSON_FLOAT;
    case GBX_COLUMN_DECIMAL: return RESULT_JSON_DECIMAL;
    case GBX_COLUMN_TIMESTAMP: return RESULT_JSON_TIMESTAMP;
    case GBX_COLUMN_UTF8: return RESULT_JSON_TEXT;
    case GBX_COLUMN_JSON: return RESULT_JSON_EMBEDDED;
    case GBX_COLUMN_BINARY: return RESULT_JSON_HEX;
    case GBX_COLUMN_BIGNUM: return RESULT_JSON_BARE_TEXT;
    case GBX_COLUMN_BIT:
    case GBX_COLUMN_GEOMETRY: return RESULT_JSON_QUOTED_TEXT;
    case GBX_COLUMN_LIST: return RESULT_JSON_LIST;
    case GBX_COLUMN_MAP: return RESULT_JSON_MAP;
    case GBX_COLUMN_STRUCT:
        return column->is_variant ? RESULT_JSON_VARIANT : RESULT_JSON_STRUCT;
    case GBX_COLUMN_DICTIONARY:
    case GBX_COLUMN_RUN_END:
    case GBX_COLUMN_UNION:
    case GBX_COLUMN_NULL: return RESULT_JSON_INDIRECT;
    default: break;
    }
    const bool is_bare = column->kind <= GBX_COLUMN_UINT128;
    return is_bare ? RESULT_JSON_BARE : RESULT_JSON_QUOTED;
}

static bool node_set_key(gbx__arena *arena, gbx__str name, char before,
                         const result_json_rules *rules, result_json_node *node)
{
    gbx__buf text;
    gbx__buf_init(&text, 0);
    gbx__buf_putc(&text, before);
    result_json_string(name, rules, &text);
    gbx__buf_putc(&text, ':');
    if (!text.failed) node->key = gbx__arena_str(arena, gbx__buf_view(&text));
    const bool is_set = !text.failed && node->key.ptr;
    gbx__buf_done(&text);
    return is_set;
}

/* The first of name, name_1, name_2, … that is neither taken nor another column's own name. */
static bool node_unique_name(const gbx__map *own, const gbx__map *taken, gbx__str name,
                             gbx__buf *out)
{
    for (unsigned i = 1;; i++) {
        gbx__buf_clear(out);
        gbx__buf_str(out, name);
        gbx__buf_printf(out, "_%u", i);
        if (out->failed) return false;
        const gbx__str candidate = gbx__buf_view(out);
        if (!gbx__map_has(own, candidate) && !gbx__map_has(taken, candidate)) return true;
    }
}

static bool node_name(gbx__arena *arena, const gbx__map *own, gbx__map *taken,
                      const result_json_rules *rules, result_json_node *node)
{
    gbx__str name = gbx__str_of(node->column->name);
    gbx__buf unique;
    gbx__buf_init(&unique, 0);
    bool is_good = true;
    if (gbx__map_has(taken, name)) {
        is_good = node_unique_name(own, taken, name, &unique);
        name = gbx__buf_view(&unique);
    }
    is_good = is_good && gbx__map_set(taken, name, NULL) &&
              node_set_key(arena, name, taken->len == 1 ? '{' : ',', rules, node);
    gbx__buf_done(&unique);
    return is_good;
}

static bool node_names(gbx__arena *arena, result_json_node *nodes, size_t n,
                       const result_json_rules *rules)
{
    gbx__map own;
    gbx__map taken;
    gbx__map_init(&own);
    gbx__map_init(&taken);
    bool is_good = true;
    for (size_t i = 0; i < n && is_good; i++) {
        is_good = gbx__map_set(&own, gbx__str_of(nodes[i].column->name), NULL);
    }
    for (size_t i = 0; i < n && is_good; i++) {
        is_good = node_name(arena, &own, &taken, rules, &nodes[i]);
    }
    gbx__map_done(&own);
    gbx__map_done(&taken);
    return is_good;
}

gbx_status result_json_nodes(gbx__arena *arena, const gbx__column *columns, size_t n,
                             const result_json_rules *rules, result_json_node **out, gbx_error *err)
{
    result_json_node *nodes = GBX_ARENA_ARRAY(arena, n, result_json_node);
    if (!nodes) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        nodes[i].column = &columns[i];
        nodes[i].form = result_json_form_of(&columns[i]);
        GBX_TRY(result_json_nodes(arena, columns[i].children, columns[i].n_children,
                                  rules, &nodes[i].children, err));
    }
    if (!node_names(arena, nodes, n, rules)) return GBX_FAIL_NOMEM(err);
    *out = nodes;
    return GBX_OK;
}
