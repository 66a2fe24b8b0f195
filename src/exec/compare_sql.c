/*
 * The difference of two multisets of rows, as SQL.
 *
 *   side   each row with r, which run of equal sort keys it is in (where the plan orders), and k,
 *          which of its equals it is: among rows that agree in all but floats, by the floats' order
 *   d      both sides joined on everything exact, r and k; kept is what has no partner, or one
 *          whose floats are further away than the tolerance
 *
 * Rows that came in the right order but for ties have the same r on both sides, so order needs no
 * comparison of its own.
 */
#include "exec/compare_priv.h"

static bool is_float(const gbx__compared_col *col)
{
    return col->by == GBX_COMPARED_AS_FLOAT || col->by == GBX_COMPARED_AS_FLOAT32;
}

static double tolerance_of(const gbx__compare_request *request, const gbx__compared_col *col)
{
    const double float32 = 1e-6;
    const bool is_coarse = col->by == GBX_COMPARED_AS_FLOAT32 && request->tolerance < float32;
    return is_coarse ? float32 : request->tolerance;
}

/* ---- one side -------------------------------------------------------------------------------- */

static void put_exact(gbx__buf *out, const gbx__compared_col *col, size_t i)
{
    const bool as_text = col->by == GBX_COMPARED_AS_TEXT;
    gbx__buf_printf(out, as_text ? "CAST(c%zu AS VARCHAR)" : "c%zu", i);
}

/* Rows of the input, with r. */
static void put_runs(gbx__buf *out, const gbx__compare_request *request, const char *input)
{
    if (request->n_keys == 0) {
        gbx__buf_printf(out, "SELECT *, 0 AS r FROM %s", input);
        return;
    }
    gbx__buf_puts(out, "SELECT *, sum(CASE WHEN g THEN 1 ELSE 0 END) OVER (ORDER BY o ROWS BETWEEN "
                       "UNBOUNDED PRECEDING AND CURRENT ROW) AS r FROM (SELECT *, ");
    for (size_t i = 0; i < request->n_keys; i++) {
        gbx__buf_printf(out, "%sc%zu IS DISTINCT FROM lag(c%zu) OVER (ORDER BY o)",
                        i > 0 ? " OR " : "", request->keys[i], request->keys[i]);
    }
    gbx__buf_printf(out, " AS g FROM %s)", input);
}

static void put_side(gbx__buf *out, const gbx__compare_request *request, const char *side,
                     const char *input)
{
    gbx__buf_puts(out, "SELECT ");
    for (size_t i = 0; i < request->cols.n; i++)
        gbx__buf_printf(out, "c%zu AS %s%zu, ", i, side, i);
    gbx__buf_printf(out, "o AS %so, r AS %sr, row_number() OVER (PARTITION BY r", side, side);
    for (size_t i = 0; i < request->cols.n; i++) {
        if (is_float(&request->cols.items[i])) continue;
        gbx__buf_puts(out, ", ");
        put_exact(out, &request->cols.items[i], i);
    }
    gbx__buf_puts(out, " ORDER BY ");
    for (size_t i = 0; i < request->cols.n; i++) {
        if (is_float(&request->cols.items[i])) gbx__buf_printf(out, "c%zu, ", i);
    }
    gbx__buf_printf(out, "o) AS %sk FROM (", side);
    put_runs(out, request, input);
    gbx__buf_puts(out, ")");
}

/* ---- both ------------------------------------------------------------------------------------ */

static void put_same(gbx__buf *out, const gbx__compared_col *col, size_t i)
{
    const bool as_text = col->by == GBX_COMPARED_AS_TEXT;
    gbx__buf_printf(out,
                    as_text
                        ? " AND CAST(a%zu AS VARCHAR) IS NOT DISTINCT FROM CAST(b%zu AS VARCHAR)"
                        : " AND a%zu IS NOT DISTINCT FROM b%zu",
                    i, i);
}

static void put_far(gbx__buf *out, const gbx__compare_request *request, size_t i)
{
    gbx__buf_printf(out,
                    " OR (a%zu IS DISTINCT FROM b%zu AND NOT coalesce(isfinite(a%zu) AND "
                    "isfinite(b%zu) AND abs(a%zu - b%zu) <= %.17g * greatest(abs(a%zu), abs(b%zu)),"
                    " FALSE))",
                    i, i, i, i, i, i, tolerance_of(request, &request->cols.items[i]), i, i);
}

static void put_difference(gbx__buf *out, const gbx__compare_request *request)
{
    gbx__buf_puts(out, "WITH d AS (SELECT * FROM (");
    put_side(out, request, "a", "ref");
    gbx__buf_puts(out, ") FULL JOIN (");
    put_side(out, request, "b", "other");
    gbx__buf_puts(out, ") ON ar = br AND ak = bk");
    for (size_t i = 0; i < request->cols.n; i++) {
        if (!is_float(&request->cols.items[i])) put_same(out, &request->cols.items[i], i);
    }
    gbx__buf_puts(out, " WHERE ak IS NULL OR bk IS NULL");
    for (size_t i = 0; i < request->cols.n; i++) {
        if (is_float(&request->cols.items[i])) put_far(out, request, i);
    }
    gbx__buf_puts(out, ") ");
}

/* ---- the questions --------------------------------------------------------------------------- */

void gbx__compare_count_sql(const gbx__compare_request *request, gbx__compose *out)
{
    put_difference(&out->text, request);
    gbx__buf_puts(&out->text, "SELECT CAST(count(ak) + count(bk) AS BIGINT) AS n FROM d");
}

static void put_rows(gbx__compose *out, const gbx__compare_request *request, const char *side,
                     const char *engine)
{
    gbx__buf_puts(&out->text, "SELECT coalesce(ao, bo) AS o, ");
    gbx__compose_literal(out, gbx__str_of(engine));
    gbx__buf_printf(&out->text, " AS e, '%s' AS s", side);
    for (size_t i = 0; i < request->cols.n; i++) {
        gbx__buf_printf(&out->text, ", %s%zu AS c%zu", side, i, i);
    }
    gbx__buf_printf(&out->text, " FROM d WHERE %sk IS NOT NULL", side);
}

void gbx__compare_rows_sql(const gbx__compare_request *request, gbx__compose *out)
{
    put_difference(&out->text, request);
    gbx__buf_puts(&out->text, "SELECT e AS engine");
    for (size_t i = 0; i < request->cols.n; i++) {
        gbx__buf_printf(&out->text, ", c%zu AS ", i);
        const gbx__str label = request->cols.items[i].label;
        gbx__compose_ident(out, label.len > 0 ? label : GBX_STR(" "));
    }
    gbx__buf_puts(&out->text, " FROM (");
    put_rows(out, request, "a", request->ref_engine);
    gbx__buf_puts(&out->text, " UNION ALL ");
    put_rows(out, request, "b", request->other_engine);
    gbx__buf_puts(&out->text, ") ORDER BY o, s");
}
