/*
 * DuckDB's SQL: names, types, which functions are operators. Constants are in duckdb_constant.c,
 * sources in duckdb_scan.c.
 */
#include "sql/duckdb_priv.h"

#include <stdlib.h>
#include <string.h>

/* Words that the grammar keeps from being the name of a function; sorted. */
static const char *const duckdb_reserved[] = {
    "all",           "analyse",    "analyze",      "and",       "anti",          "any",
    "array",         "as",         "asc",          "asof",      "asymmetric",    "at",
    "authorization", "between",    "bigint",       "binary",    "bit",           "boolean",
    "both",          "by",         "case",         "cast",      "char",          "character",
    "check",         "coalesce",   "collate",      "collation", "column",        "columns",
    "concurrently",  "constraint", "create",       "cross",     "dec",           "decimal",
    "default",       "deferrable", "desc",         "describe",  "distinct",      "do",
    "else",          "end",        "except",       "exists",    "extract",       "false",
    "fetch",         "float",      "for",          "foreign",   "freeze",        "from",
    "full",          "generated",  "glob",         "group",     "grouping",      "grouping_id",
    "having",        "ilike",      "in",           "initially", "inner",         "inout",
    "int",           "integer",    "intersect",    "interval",  "into",          "is",
    "isnull",        "join",       "lambda",       "lateral",   "leading",       "left",
    "like",          "limit",      "map",          "national",  "natural",       "nchar",
    "none",          "not",        "notnull",      "null",      "nullif",        "numeric",
    "offset",        "on",         "only",         "or",        "order",         "out",
    "outer",         "overlaps",   "overlay",      "pivot",     "pivot_longer",  "pivot_wider",
    "placing",       "position",   "positional",   "precision", "primary",       "qualify",
    "real",          "references", "returning",    "right",     "row",           "select",
    "semi",          "setof",      "show",         "similar",   "smallint",      "some",
    "struct",        "substring",  "summarize",    "symmetric", "table",         "tablesample",
    "then",          "time",       "timestamp",    "to",        "trailing",      "treat",
    "trim",          "true",       "try_cast",     "tuple",     "union",         "unique",
    "unpack",        "unpivot",    "using",        "values",    "varchar",       "variadic",
    "verbose",       "when",       "where",        "window",    "with",          "xmlattributes",
    "xmlconcat",     "xmlelement", "xmlexists",    "xmlforest", "xmlnamespaces", "xmlparse",
    "xmlpi",         "xmlroot",    "xmlserialize", "xmltable",
};

static int duckdb_compare(const void *key, const void *item)
{
    const gbx__str *word = key;
    return gbx__str_compare(*word, gbx__str_of(*(const char *const *)item));
}

static bool duckdb_is_reserved(gbx__str word)
{
    return bsearch(&word, duckdb_reserved, sizeof(duckdb_reserved) / sizeof(duckdb_reserved[0]),
                   sizeof(duckdb_reserved[0]), duckdb_compare) != NULL;
}

const gbx__dialect gbx__dialect_duckdb = {
    .name = "DuckDB",
    .quote_ident = gbx__duck_quote_ident,
    .quote_text = gbx__duck_quote_text,
    .is_reserved = duckdb_is_reserved,
    .type = gbx__duck_type_print,
    .constant = gbx__duckdb_constant,
    .scan = gbx__duckdb_scan,
    .infix =
        " = <> < > <= >= + - * / // % ** ^ || ~~ !~~ ~~* !~~* ~~~ & | << >> -> ->> <@ @> && ^@ "
        "<=> <-> !~ ~ ",
    .prefix = " - + ~ @ ",
    .integer_sum_is_wide = true,
    .decimals_widen = true,
    .has_semi_join = true,
    .has_nulls_order = true,
};
