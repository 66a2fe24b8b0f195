#include "plan/node.h"

static const char *const node_texts[GBX_NODE_KINDS] = {
#define NODE_TEXT(name, text) [GBX_NODE_##name] = (text),
    GBX_NODE_LIST(NODE_TEXT)
#undef NODE_TEXT
};

static const char *const join_texts[GBX_JOIN_KINDS] = {
    [GBX_JOIN_INNER] = "inner", [GBX_JOIN_LEFT] = "left",
    [GBX_JOIN_RIGHT] = "right", [GBX_JOIN_FULL] = "full",
    [GBX_JOIN_SEMI] = "semi",   [GBX_JOIN_ANTI] = "anti",
    [GBX_JOIN_CROSS] = "cross", [GBX_JOIN_SINGLE] = "single",
    [GBX_JOIN_MARK] = "mark",   [GBX_JOIN_POSITIONAL] = "positional",
};

static const char *const setop_texts[GBX_SETOP_KINDS] = {"union", "intersect", "except"};
static const char *const sample_texts[GBX_SAMPLE_METHODS] = {"system", "bernoulli", "reservoir"};
static const char *const format_texts[GBX_SCAN_FORMATS] = {"csv",    "parquet", "json", "arrow_ipc",
                                                           "stream", "sqlite",  "xlsx", "table"};

const char *gbx__node_kind_text(gbx__node_kind kind)
{
    return (unsigned)kind < GBX_NODE_KINDS ? node_texts[kind] : "?";
}

const char *gbx__join_kind_text(gbx__join_kind kind)
{
    return (unsigned)kind < GBX_JOIN_KINDS ? join_texts[kind] : "?";
}

const char *gbx__setop_kind_text(gbx__setop_kind kind)
{
    return (unsigned)kind < GBX_SETOP_KINDS ? setop_texts[kind] : "?";
}

const char *gbx__sample_method_text(gbx__sample_method method)
{
    return (unsigned)method < GBX_SAMPLE_METHODS ? sample_texts[method] : "?";
}

const char *gbx__scan_format_text(gbx__scan_format format)
{
    return (unsigned)format < GBX_SCAN_FORMATS ? format_texts[format] : "?";
}
