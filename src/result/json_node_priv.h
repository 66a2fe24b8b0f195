/* What the JSON writer knows of each column: how its values are written, and under which key. */
#ifndef GBX_RESULT_JSON_NODE_PRIV_H
#define GBX_RESULT_JSON_NODE_PRIV_H

#include "result/column.h"

typedef enum result_json_form {
    RESULT_JSON_BARE,      /* put, as it is */
    RESULT_JSON_QUOTED,    /* put, in quotes */
    RESULT_JSON_FLOAT,     /* put; NaN and infinities are strings */
    RESULT_JSON_DECIMAL,   /* a number with a digit before its point */
    RESULT_JSON_TIMESTAMP, /* ISO 8601, in quotes */
    RESULT_JSON_TEXT,
    RESULT_JSON_EMBEDDED, /* JSON inside JSON */
    RESULT_JSON_HEX,
    RESULT_JSON_BARE_TEXT, /* column_text, as it is */
    RESULT_JSON_QUOTED_TEXT,
    RESULT_JSON_LIST,
    RESULT_JSON_MAP,
    RESULT_JSON_STRUCT,
    RESULT_JSON_VARIANT,
    RESULT_JSON_INDIRECT /* dictionaries, run ends, unions: a child's value */
} result_json_form;

typedef struct result_json_node result_json_node;

struct result_json_node {
    const gbx__column *column;
    result_json_form form;
    gbx__str key; /* `{"name":` or `,"name":`, escaped; different in one object */
    result_json_node *children; /* as the column's */
};

typedef struct result_json_rules {
    bool escape_control; /* DEL and U+0080..U+009F too, which JSON allows bare */
} result_json_rules;

/* One node for each of `n` columns, which are the members of one object. */
gbx_status result_json_nodes(gbx__arena *arena, const gbx__column *columns, size_t n,
                             const result_json_rules *rules, result_json_node **out,
                             gbx_error *err);

result_json_form result_json_form_of(const gbx__column *column);

/* Append to `out`: "text", escaped; a value; an object of the members' values. */
void result_json_string(gbx__str text, const result_json_rules *rules, gbx__buf *out);
void result_json_value(const result_json_rules *rules, const result_json_node *node, int64_t row,
                       gbx__buf *out);
void result_json_members(const result_json_rules *rules, const result_json_node *nodes, size_t n,
                         int64_t row, gbx__buf *out);

#endif
