/*
 * One row per column. All figures are aggregates of one pass over the input; the one row that this
 * gives is then turned into a row for each column:
 *
 *   SELECT unnest of [{name, type, count, …}, …] FROM (SELECT count(a), …, count(b), … FROM frame)
 */
#include "exec/compose.h"

static const char *const figure_names[] = {"count", "nulls", "distinct", "min",
                                           "max",   "mean",  "stddev"};
#define N_FIGURES (sizeof(figure_names) / sizeof(figure_names[0]))

static bool is_number(const gbx__type *type)
{
    return gbx__type_is_integer(type) || gbx__type_is_float(type) || type->kind == GBX_TYPE_DECIMAL;
}

/* Maps, unions and the like have no order that means something. */
static bool has_order(const gbx__type *type)
{
    return !gbx__type_is_nested(type) && type->kind != GBX_TYPE_VARIANT &&
           type->kind != GBX_TYPE_GEOMETRY && type->kind != GBX_TYPE_JSON &&
           type->kind != GBX_TYPE_NULL;
}

static void put_call(gbx__compose *c, const char *before, gbx__str column, const char *behind)
{
    gbx__compose_puts(c, before);
    gbx__compose_ident(c, column);
    gbx__compose_puts(c, behind);
}

/* The aggregates of one column, named c<i>_<figure>. */
static void put_figures(gbx__compose *c, uint32_t i, const gbx__col *col)
{
    const bool number = is_number(col->type);
    const bool order = has_order(col->type);
    gbx__compose_puts(c, i == 0 ? "" : ", ");
    put_call(c, "count(", col->name, ")");
    gbx__buf_printf(&c->text, " AS c%u_count, ", i);
    put_call(c, "count(*) - count(", col->name, ")");
    gbx__buf_printf(&c->text, " AS c%u_nulls, ", i);
    put_call(c, "approx_count_distinct(", col->name, ")");
    gbx__buf_printf(&c->text, " AS c%u_distinct, ", i);
    order ? put_call(c, "CAST(min(", col->name, ") AS VARCHAR)")
          : gbx__compose_puts(c, "CAST(NULL AS VARCHAR)");
    gbx__buf_printf(&c->text, " AS c%u_min, ", i);
    order ? put_call(c, "CAST(max(", col->name, ") AS VARCHAR)")
          : gbx__compose_puts(c, "CAST(NULL AS VARCHAR)");
    gbx__buf_printf(&c->text, " AS c%u_max, ", i);
    number ? put_call(c, "avg(CAST(", col->name, " AS DOUBLE))")
           : gbx__compose_puts(c, "CAST(NULL AS DOUBLE)");
    gbx__buf_printf(&c->text, " AS c%u_mean, ", i);
    number ? put_call(c, "stddev_samp(CAST(", col->name, " AS DOUBLE))")
           : gbx__compose_puts(c, "CAST(NULL AS DOUBLE)");
    gbx__buf_printf(&c->text, " AS c%u_stddev", i);
}

/* {'name': 'a', 'type': 'int64', 'count': c0_count, …} */
static void put_row(gbx__compose *c, uint32_t i, const gbx__col *col)
{
    GBX_AUTO(gbx__buf_done) gbx__buf type = {0};
    gbx__type_print(&type, col->type);
    if (type.failed) c->text.failed = true;
    gbx__compose_puts(c, i == 0 ? "{'name': " : ", {'name': ");
    gbx__compose_literal(c, col->name);
    gbx__compose_puts(c, ", 'type': ");
    gbx__compose_literal(c, gbx__buf_view(&type));
    for (size_t f = 0; f < N_FIGURES; f++) {
        gbx__buf_printf(&c->text, ", '%s': c%u_%s", figure_names[f], i, figure_names[f]);
    }
    gbx__compose_puts(c, "}");
}

gbx_status gbx_frame_describe(const gbx_frame *frame, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_describe", err));
    const gbx__node *root = frame->body->plan->root;
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__compose_puts(&c, "SELECT d.name, d.type");
    for (size_t f = 0; f < N_FIGURES; f++) {
        gbx__compose_puts(&c, ", d.");
        gbx__compose_ident(&c, gbx__str_of(figure_names[f]));
    }
    gbx__compose_puts(&c, " FROM (SELECT unnest([");
    for (uint32_t i = 0; i < root->n_cols; i++) put_row(&c, i, &root->cols[i]);
    gbx__compose_puts(&c, "]) AS d FROM (SELECT ");
    for (uint32_t i = 0; i < root->n_cols; i++) put_figures(&c, i, &root->cols[i]);
    gbx__compose_puts(&c, " FROM frame))");
    return gbx__step_over(&c, frame, out, err);
}
