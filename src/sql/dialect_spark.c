/*
 * Spark's SQL (4.1 and later, ANSI mode): what it computes to the contract's answer, and in which
 * words.
 *
 * It has no unsigned integers: these lie in the next wider type, so only what can't leave their
 * range is computed there. A decimal whose sign it turns is rounded to 34 digits. Floats are
 * compared as computed values, since the statistics of a Parquet file, which know no NaN, would
 * else leave out rows.
 */
#include "sql/host_priv.h"

#define WIDE(n) "CAST(" n " AS DECIMAL(19,0))"
#define LONG(n) "CAST(" n " AS BIGINT)"

static const gbx__native spark_calls[] = {
    {"!~~", "tP", "($1 NOT LIKE $2)"},
    {"%", "=ii", "($1 % $2)"},
    {"*", "=ii", "($1 * $2)"},
    {"*", "=FF", "($1 * $2)"},
    {"*", "dd", "CAST(($1 * $2) AS $t)"},
    {"+", "=ii", "($1 + $2)"},
    {"+", "=FF", "($1 + $2)"},
    {"+", "dd", "CAST(($1 + $2) AS $t)"},
    {"-", "F", "(-$1)"},
    {"-", "e", "(-$1)"},
    {"-", "=ii", "($1 - $2)"},
    {"-", "=FF", "($1 - $2)"},
    {"-", "dd", "CAST(($1 - $2) AS $t)"},
    {"-", "DD", "CAST(datediff($1, $2) AS BIGINT)"},
    {"/", "ss",
     "CASE WHEN ($2 = 0.0D) THEN ($1 * CASE WHEN (CAST($2 AS STRING) = '-0.0') THEN "
     "CAST('-Infinity' AS DOUBLE) ELSE CAST('Infinity' AS DOUBLE) END) ELSE ($1 / $2) END"},
    {"//", "=ii", "CAST(($1 div $2) AS $t)"},
    {"<", "=kk", "($1 < $2)"},
    {"<", "=FF", "(~1 < ~2)"},
    {"<=", "=kk", "($1 <= $2)"},
    {"<=", "=FF", "(~1 <= ~2)"},
    {"<>", "=kk", "($1 <> $2)"},
    {"<>", "=FF", "(~1 <> ~2)"},
    {"=", "=kk", "($1 = $2)"},
    {"=", "=FF", "(~1 = ~2)"},
    {">", "=kk", "($1 > $2)"},
    {">", "=FF", "(~1 > ~2)"},
    {">=", "=kk", "($1 >= $2)"},
    {">=", "=FF", "(~1 >= ~2)"},
    {"^@", "tt", "startswith($1, $2)"},
    {"abs", "F", "abs($1)"},
    {"abs", "e", "abs($1)"},
    {"and", "b*", "($&)"},
    {"char_length", "t", "CAST(char_length($1) AS BIGINT)"},
    {"character_length", "t", "CAST(char_length($1) AS BIGINT)"},
    {"coalesce", "x*", "COALESCE($*)"},
    {"contains", "tt", "contains($1, $2)"},
    {"day", "D", "CAST(day($1) AS BIGINT)"},
    {"in", "=k*", "($1 IN ($r))"},
    {"is_distinct_from", "=kk", "($1 IS DISTINCT FROM $2)"},
    {"is_distinct_from", "=FF", "(~1 IS DISTINCT FROM ~2)"},
    {"is_not_distinct_from", "=kk", "($1 IS NOT DISTINCT FROM $2)"},
    {"is_not_distinct_from", "=FF", "(~1 IS NOT DISTINCT FROM ~2)"},
    {"is_not_null", "x", "($1 IS NOT NULL)"},
    {"is_null", "x", "($1 IS NULL)"},
    {"left", "tN", "substring($1, 1, $#)"},
    {"len", "t", "CAST(char_length($1) AS BIGINT)"},
    {"length", "t", "CAST(char_length($1) AS BIGINT)"},
    {"month", "D", "CAST(month($1) AS BIGINT)"},
    {"not", "b", "(NOT $1)"},
    {"not_in", "=k*", "($1 NOT IN ($r))"},
    {"or", "b*", "($|)"},
    {"prefix", "tt", "startswith($1, $2)"},
    {"starts_with", "tt", "startswith($1, $2)"},
    {"strlen", "t", "CAST(octet_length($1) AS BIGINT)"},
    {"substr", "t1N", "substring($1, CAST($2 AS INT), CAST($3 AS INT))"},
    {"substring", "t1N", "substring($1, CAST($2 AS INT), CAST($3 AS INT))"},
    {"suffix", "tt", "endswith($1, $2)"},
    {"year", "D", "CAST(year($1) AS BIGINT)"},
    {"||", "tt", "($1 || $2)"},
    {"~~", "tP", "($1 LIKE $2)"},
};

#define AVG(sum) "(CAST(" sum " AS DOUBLE) / CAST(nullif(count($d$1)$f$o, 0) AS DOUBLE))"

static const gbx__native spark_aggs[] = {
    {"any_value", "x", "first($1, TRUE)$f"},
    {"arbitrary", "x", "first($1)$f"},
    {"avg", "w", AVG("sum($d{" LONG("$1") "})$f$o")},
    {"avg", "i", AVG("sum($d{" WIDE("$1") "})$f$o")},
    {"avg", "f", "avg($d$1)$f$o"},
    {"avg", "e", AVG("sum($d$1)$f$o")},
    {"avg", "n", AVG("sum($d$1)$f$o")},
    {"bool_and", "b", "bool_and($1)$f$o"},
    {"bool_or", "b", "bool_or($1)$f$o"},
    {"count", "", "count(*)$f$o"},
    {"count", "k", "count($d$1)$f$o"},
    {"count", "F", "count($d$1)$f$o"},
    {"count", "x", "count($1)$f$o"},
    {"count_if", "b", "CAST(count(CASE WHEN $1 THEN 1 END)$f$o AS DECIMAL(38,0))"},
    {"count_star", "", "count(*)$f$o"},
    {"countif", "b", "CAST(count(CASE WHEN $1 THEN 1 END)$f$o AS DECIMAL(38,0))"},
    {"first", "x", "first($1)$f"},
    {"max", "k", "max($d$1)$f$o"},
    {"max", "F", "max($d$1)$f$o"},
    {"mean", "w", AVG("sum($d{" LONG("$1") "})$f$o")},
    {"mean", "i", AVG("sum($d{" WIDE("$1") "})$f$o")},
    {"mean", "f", "avg($d$1)$f$o"},
    {"mean", "e", AVG("sum($d$1)$f$o")},
    {"mean", "n", AVG("sum($d$1)$f$o")},
    {"min", "k", "min($d$1)$f$o"},
    {"min", "F", "min($d$1)$f$o"},
    {"sum", "w", "sum($d{" LONG("$1") "})$f$o"},
    {"sum", "i", "CAST(sum($d{" WIDE("$1") "})$f$o AS BIGINT)"},
    {"sum", "u", "CAST(sum($d{" WIDE("$1") "})$f$o AS BIGINT)"},
    {"sum", "F", "sum($d{CAST($1 AS DOUBLE)})$f$o"},
    {"sum", "d", "CAST(sum($d$1)$f$o AS $t)"},
    {"sum", "n", "CAST(sum($d$1)$f$o AS $t)"},
};

static const gbx__native spark_windows[] = {
    {"cume_dist", "", "cume_dist()$o"},
    {"dense_rank", "", "CAST(dense_rank()$o AS BIGINT)"},
    {"first_value", "x", "first_value($1)$o"},
    {"lag", "x", "lag($1, 1)$o"},
    {"lag", "xN", "lag($1, $#)$o"},
    {"lag", "xNO", "lag($1, $#)$o"},
    {"last_value", "x", "last_value($1)$o"},
    {"lead", "x", "lead($1, 1)$o"},
    {"lead", "xN", "lead($1, $#)$o"},
    {"lead", "xNO", "lead($1, $#)$o"},
    {"percent_rank", "", "percent_rank()$o"},
    {"rank", "", "CAST(rank()$o AS BIGINT)"},
    {"row_number", "", "CAST(row_number()$o AS BIGINT)"},
};

static const char *spark_name(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_BOOL: return "BOOLEAN";
    case GBX_TYPE_INT8: return "TINYINT";
    case GBX_TYPE_INT16:
    case GBX_TYPE_UINT8: return "SMALLINT";
    case GBX_TYPE_INT32:
    case GBX_TYPE_UINT16: return "INT";
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT32: return "BIGINT";
    case GBX_TYPE_UINT64: return "DECIMAL(20,0)";
    case GBX_TYPE_INT128: return "DECIMAL(38,0)";
    case GBX_TYPE_FLOAT32: return "FLOAT";
    case GBX_TYPE_FLOAT64: return "DOUBLE";
    case GBX_TYPE_UTF8: return "STRING";
    case GBX_TYPE_BINARY: return "BINARY";
    case GBX_TYPE_DATE: return "DATE";
    case GBX_TYPE_TIMESTAMP:
        return type->unit == GBX_UNIT_NS ? NULL : type->has_zone ? "TIMESTAMP" : "TIMESTAMP_NTZ";
    default: return NULL;
    }
}

static bool spark_has_type(const gbx__type *type)
{
    return type->kind == GBX_TYPE_DECIMAL || spark_name(type) != NULL;
}

static bool spark_holds(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_JSON:
    case GBX_TYPE_NULL: return true;
    case GBX_TYPE_LIST:
    case GBX_TYPE_STRUCT:
        for (uint32_t i = 0; i < type->n_fields; i++) {
            if (!spark_holds(type->fields[i].type)) return false;
        }
        return type->n_fields > 0;
    default: return spark_has_type(type);
    }
}

static void spark_type(gbx__buf *out, const gbx__type *type)
{
    const char *name = spark_name(type);
    if (type->kind == GBX_TYPE_DECIMAL)
        gbx__buf_printf(out, "DECIMAL(%d,%d)", type->precision, type->scale);
    else
        gbx__buf_puts(out, name == NULL ? "VOID" : name);
}

/* Its casts, but those to types that it has not: they would not check the range. */
static bool spark_casts(const gbx__type *from, const gbx__type *to, bool is_try)
{
    if (to->kind == GBX_TYPE_TIMESTAMP && to->unit != GBX_UNIT_US) return false;
    return gbx__host_casts(from, to, is_try);
}

static void spark_text(gbx__buf *out, gbx__str text)
{
    gbx__buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'' || text.ptr[i] == '\\') gbx__buf_putc(out, '\\');
        if (text.ptr[i] == '\0')
            gbx__buf_puts(out, "\\u0000");
        else
            gbx__buf_putc(out, text.ptr[i]);
    }
    gbx__buf_putc(out, '\'');
}

static void spark_timestamp(gbx__buf *out, const gbx__type *type, const char *iso)
{
    (void)type;
    gbx__buf_printf(out, "TIMESTAMP_NTZ '%s'", iso);
}

static void spark_ident(gbx__buf *out, gbx__str name)
{
    gbx__buf_putc(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`') gbx__buf_putc(out, '`');
        gbx__buf_putc(out, name.ptr[i]);
    }
    gbx__buf_putc(out, '`');
}

static bool spark_is_reserved(gbx__str word)
{
    (void)word;
    return false;
}

#define NATIVES(rows)                                                                              \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                   \
    }

static const gbx__host_words spark_words = {
    .calls = NATIVES(spark_calls),
    .aggs = NATIVES(spark_aggs),
    .windows = NATIVES(spark_windows),
    .has_type = spark_has_type,
    .holds = spark_holds,
    .casts = spark_casts,
    .timestamp = spark_timestamp,
    .float_compared = "(CAST($1 AS DOUBLE) + 0.0D)",
    .list_agg = "collect_list",
    .field = "$1.$2",
    .unnest = "explode($1)",
    .chance = "rand()",
    .row_number = {"monotonically_increasing_id()", 29},
    .try_cast = "TRY_CAST",
    .has_setop_all = true,
    .loses_empty_set = true,
    .recursion_is_plain = true,
    .wants_window_order = true,
};

const gbx__dialect gbx__dialect_spark = {
    .name = "Spark",
    .quote_ident = spark_ident,
    .quote_text = spark_text,
    .is_reserved = spark_is_reserved,
    .type = spark_type,
    .constant = gbx__host_constant,
    .has_semi_join = true,
    .has_nulls_order = true,
    .words = &spark_words,
};
