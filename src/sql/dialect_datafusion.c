/*
 * DataFusion's SQL (55): what it computes to the contract's answer, and in which words.
 *
 * It wraps integers, so these are computed in a wider type and cast back, which checks. It sorts
 * and groups NaN and zeros by their sign. It names a computed argument after the column in it: see
 * host_piece.c.
 */
#include "sql/host_priv.h"

#define WIDE(n) "CAST(" n " AS DECIMAL(19,0))"
#define LONG(n) "CAST(" n " AS BIGINT)"
/* One NaN and one zero: -0.0 + 0.0 is 0.0. */
#define ONE_FLOAT "nanvl(($1 + CAST(0 AS DOUBLE)), CAST('NaN' AS DOUBLE))"

/* Sorted by name; of one name the first that fits. */
static const gbx__native datafusion_calls[] = {
    {"!~~", "tP", "($1 NOT LIKE $2)"},
    {"%", "=ii", "($1 % $2)"},
    {"%", "=uu", "($1 % $2)"},
    {"*", "=ww", "CAST(" LONG("$1") " * " LONG("$2") " AS $t)"},
    {"*", "=ii", "CAST(" WIDE("$1") " * " WIDE("$2") " AS $t)"},
    {"*", "=uu", "CAST(" WIDE("$1") " * " WIDE("$2") " AS $t)"},
    {"*", "=FF", "($1 * $2)"},
    {"*", "dd", "CAST(($1 * $2) AS $t)"},
    {"+", "=ww", "CAST(" LONG("$1") " + " LONG("$2") " AS $t)"},
    {"+", "=ii", "CAST(" WIDE("$1") " + " WIDE("$2") " AS $t)"},
    {"+", "=uu", "CAST(" LONG("$1") " + " LONG("$2") " AS $t)"},
    {"+", "=FF", "($1 + $2)"},
    {"+", "dd", "CAST(($1 + $2) AS $t)"},
    {"-", "F", "(-$1)"},
    {"-", "d", "(-$1)"},
    {"-", "=ww", "CAST(" LONG("$1") " - " LONG("$2") " AS $t)"},
    {"-", "=ii", "CAST(" WIDE("$1") " - " WIDE("$2") " AS $t)"},
    {"-", "=uu", "CAST(" LONG("$1") " - " LONG("$2") " AS $t)"},
    {"-", "=FF", "($1 - $2)"},
    {"-", "dd", "CAST(($1 - $2) AS $t)"},
    {"-", "DD", "(CAST(CAST($1 AS INT) AS BIGINT) - CAST(CAST($2 AS INT) AS BIGINT))"},
    {"/", "=FF", "($1 / $2)"},
    {"//", "=ii", "CAST(($1 / $2) AS $t)"},
    {"//", "=uu", "($1 / $2)"},
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
    {"^@", "tt", "starts_with($1, $2)"},
    {"abs", "F", "abs($1)"},
    {"abs", "d", "abs($1)"},
    {"and", "b*", "($&)"},
    {"char_length", "t", "CAST(character_length($1) AS BIGINT)"},
    {"character_length", "t", "CAST(character_length($1) AS BIGINT)"},
    {"coalesce", "x*", "COALESCE($*)"},
    {"contains", "tt", "contains($1, $2)"},
    {"day", "D", "CAST(date_part('day', $1) AS BIGINT)"},
    {"in", "=k*", "($1 IN ($r))"},
    {"is_distinct_from", "=kk", "($1 IS DISTINCT FROM $2)"},
    {"is_distinct_from", "=FF", "(~1 IS DISTINCT FROM ~2)"},
    {"is_not_distinct_from", "=kk", "($1 IS NOT DISTINCT FROM $2)"},
    {"is_not_distinct_from", "=FF", "(~1 IS NOT DISTINCT FROM ~2)"},
    {"is_not_null", "x", "($1 IS NOT NULL)"},
    {"is_null", "x", "($1 IS NULL)"},
    {"left", "tN", "substr($1, 1, $#)"},
    {"len", "t", "CAST(character_length($1) AS BIGINT)"},
    {"length", "t", "CAST(character_length($1) AS BIGINT)"},
    {"month", "D", "CAST(date_part('month', $1) AS BIGINT)"},
    {"not", "b", "(NOT $1)"},
    {"not_in", "=k*", "($1 NOT IN ($r))"},
    {"or", "b*", "($|)"},
    {"prefix", "tt", "starts_with($1, $2)"},
    {"starts_with", "tt", "starts_with($1, $2)"},
    {"strlen", "t", "CAST(octet_length($1) AS BIGINT)"},
    {"substr", "t1N", "substr($1, $2, $3)"},
    {"substring", "t1N", "substr($1, $2, $3)"},
    {"suffix", "tt", "ends_with($1, $2)"},
    {"year", "D", "CAST(date_part('year', $1) AS BIGINT)"},
    {"||", "tt", "($1 || $2)"},
    {"~~", "tP", "($1 LIKE $2)"},
};

#define AVG(sum) "(CAST(" sum " AS DOUBLE) / CAST(count($d$1)$f$o AS DOUBLE))"

/* Of groups, max and min start at the least and the greatest finite number, and compare so that no
 * NaN wins: what those hide is asked for beforehand. */
#define MAX_FLOAT                                                                                  \
    "CAST(CASE WHEN bool_or({isnan($1)})$f THEN CAST('NaN' AS DOUBLE) "                            \
    "WHEN bool_and({($1 = CAST('-inf' AS DOUBLE))})$f THEN CAST('-inf' AS DOUBLE) "                \
    "ELSE max($d~1)$f END AS $t)"
#define MIN_FLOAT                                                                                  \
    "CAST(CASE WHEN bool_and({isnan($1)})$f THEN CAST('NaN' AS DOUBLE) "                           \
    "WHEN bool_and({(isnan($1) OR ($1 = CAST('inf' AS DOUBLE)))})$f THEN CAST('inf' AS DOUBLE) "   \
    "ELSE min($d~1)$f END AS $t)"

static const gbx__native datafusion_aggs[] = {
    {"any_value", "x", "first_value($1) FILTER (WHERE {($1 IS NOT NULL)})"},
    {"arbitrary", "x", "first_value($1)$f"},
    {"avg", "w", AVG("sum($d{" LONG("$1") "})$f$o")},
    {"avg", "i", AVG("sum($d{" WIDE("$1") "})$f$o")},
    {"avg", "f", "avg($d$1)$f$o"},
    {"avg", "e", AVG("sum($d$1)$f$o")},
    {"avg", "n", AVG("sum($d{CAST($1 AS DECIMAL(66,0))})$f$o")},
    {"bool_and", "b", "bool_and($1)$f$o"},
    {"bool_or", "b", "bool_or($1)$f$o"},
    {"count", "", "count(*)$f$o"},
    {"count", "k", "count($d$1)$f$o"},
    {"count", "F", "count($d~1)$f$o"},
    {"count", "x", "count($1)$f$o"},
    {"count_if", "b", "CAST(count(CASE WHEN $1 THEN 1 END)$f$o AS DECIMAL(38,0))"},
    {"count_star", "", "count(*)$f$o"},
    {"countif", "b", "CAST(count(CASE WHEN $1 THEN 1 END)$f$o AS DECIMAL(38,0))"},
    {"first", "x", "first_value($1)$f"},
    {"max", "k", "max($d$1)$f$o"},
    {"max", "F", MAX_FLOAT},
    {"mean", "w", AVG("sum($d{" LONG("$1") "})$f$o")},
    {"mean", "i", AVG("sum($d{" WIDE("$1") "})$f$o")},
    {"mean", "f", "avg($d$1)$f$o"},
    {"mean", "e", AVG("sum($d$1)$f$o")},
    {"mean", "n", AVG("sum($d{CAST($1 AS DECIMAL(66,0))})$f$o")},
    {"min", "k", "min($d$1)$f$o"},
    {"min", "F", MIN_FLOAT},
    {"sum", "w", "sum($d{" LONG("$1") "})$f$o"},
    {"sum", "i", "CAST(sum($d{" WIDE("$1") "})$f$o AS BIGINT)"},
    {"sum", "u", "CAST(sum($d{" WIDE("$1") "})$f$o AS BIGINT)"},
    {"sum", "F", "sum($d{CAST($1 AS DOUBLE)})$f$o"},
    {"sum", "e", "CAST(sum($d$1)$f$o AS $t)"},
    /* 256 bits: the cast back checks what 128 would wrap */
    {"sum", "d", "CAST(sum($d{CAST($1 AS DECIMAL(66,$s))})$f$o AS $t)"},
    {"sum", "n", "CAST(sum($d{CAST($1 AS DECIMAL(66,0))})$f$o AS $t)"},
};

static const gbx__native datafusion_windows[] = {
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
    {"max", "F", "max(~1)$o"},
    {"min", "F", "min(~1)$o"},
    {"percent_rank", "", "percent_rank()$o"},
    {"rank", "", "CAST(rank()$o AS BIGINT)"},
    {"row_number", "", "CAST(row_number()$o AS BIGINT)"},
};

static bool datafusion_has_type(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_BOOL:
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_UINT64:
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UTF8:
    case GBX_TYPE_BINARY:
    case GBX_TYPE_DATE: return true;
    case GBX_TYPE_TIMESTAMP: return !type->has_zone;
    default: return false;
    }
}

static bool datafusion_holds(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_TIME:
    case GBX_TYPE_UUID:
    case GBX_TYPE_JSON:
    case GBX_TYPE_INTERVAL:
    case GBX_TYPE_ENUM:
    case GBX_TYPE_NULL:
    case GBX_TYPE_TIMESTAMP: return true;
    case GBX_TYPE_LIST:
    case GBX_TYPE_MAP:
    case GBX_TYPE_STRUCT:
        for (uint32_t i = 0; i < type->n_fields; i++) {
            if (!datafusion_holds(type->fields[i].type)) return false;
        }
        return type->n_fields > 0;
    default: return datafusion_has_type(type);
    }
}

static void datafusion_type(gbx__buf *out, const gbx__type *type)
{
    static const char *const names[GBX_TYPE_KINDS] = {
        [GBX_TYPE_BOOL] = "BOOLEAN",
        [GBX_TYPE_INT8] = "TINYINT",
        [GBX_TYPE_INT16] = "SMALLINT",
        [GBX_TYPE_INT32] = "INT",
        [GBX_TYPE_INT64] = "BIGINT",
        [GBX_TYPE_INT128] = "DECIMAL(38,0)",
        [GBX_TYPE_UINT8] = "TINYINT UNSIGNED",
        [GBX_TYPE_UINT16] = "SMALLINT UNSIGNED",
        [GBX_TYPE_UINT32] = "INT UNSIGNED",
        [GBX_TYPE_UINT64] = "BIGINT UNSIGNED",
        [GBX_TYPE_FLOAT32] = "REAL",
        [GBX_TYPE_FLOAT64] = "DOUBLE",
        [GBX_TYPE_UTF8] = "VARCHAR",
        [GBX_TYPE_BINARY] = "BYTEA",
        [GBX_TYPE_DATE] = "DATE",
    };
    static const int digits[] = {0, 3, 6, 9};
    if (type->kind == GBX_TYPE_DECIMAL)
        gbx__buf_printf(out, "DECIMAL(%d,%d)", type->precision, type->scale);
    else if (type->kind == GBX_TYPE_TIMESTAMP)
        gbx__buf_printf(out, "TIMESTAMP(%d)", digits[type->unit]);
    else
        gbx__buf_puts(out, names[type->kind] == NULL ? "NULL" : names[type->kind]);
}

static void datafusion_text(gbx__buf *out, gbx__str text)
{
    gbx__buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'') gbx__buf_putc(out, '\'');
        gbx__buf_putc(out, text.ptr[i]);
    }
    gbx__buf_putc(out, '\'');
}

static void datafusion_timestamp(gbx__buf *out, const gbx__type *type, const char *iso)
{
    gbx__buf_printf(out, "CAST('%s' AS ", iso);
    datafusion_type(out, type);
    gbx__buf_putc(out, ')');
}

static void datafusion_ident(gbx__buf *out, gbx__str name)
{
    gbx__buf_putc(out, '"');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '"') gbx__buf_putc(out, '"');
        gbx__buf_putc(out, name.ptr[i]);
    }
    gbx__buf_putc(out, '"');
}

static bool datafusion_is_reserved(gbx__str word)
{
    (void)word;
    return false;
}

#define NATIVES(rows)                                                                              \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                   \
    }

static const gbx__host_words datafusion_words = {
    .calls = NATIVES(datafusion_calls),
    .aggs = NATIVES(datafusion_aggs),
    .windows = NATIVES(datafusion_windows),
    .has_type = datafusion_has_type,
    .holds = datafusion_holds,
    .casts = gbx__host_casts,
    .timestamp = datafusion_timestamp,
    .float_compared = ONE_FLOAT,
    .float_key = ONE_FLOAT,
    .list_agg = "array_agg",
    .field = "get_field($1, '$2')",
    .unnest = "unnest($1)",
    .chance = "random()",
    .row_number = {"row_number() OVER ()", 20},
    .try_cast = "TRY_CAST",
};

const gbx__dialect gbx__dialect_datafusion = {
    .name = "DataFusion",
    .quote_ident = datafusion_ident,
    .quote_text = datafusion_text,
    .is_reserved = datafusion_is_reserved,
    .type = datafusion_type,
    .constant = gbx__host_constant,
    .has_semi_join = true,
    .has_nulls_order = true,
    .words = &datafusion_words,
};
