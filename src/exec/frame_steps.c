/*
 * Steps that keep the columns of their input: filter, sort, limit, distinct, sample; and select.
 */
#include "exec/compose.h"

static gbx_status one_text(const char *text, const char *function, gbx__user_text *out,
                           gbx__clause clause, gbx_error *err)
{
    if (!text) return GBX_FAIL(err, GBX_MISUSE, "%s: the text is NULL", function);
    *out = (gbx__user_text){NULL, gbx__str_of(text)};
    return gbx__clause_check(out, clause, err);
}

gbx_status gbx_frame_filter(const gbx_frame *frame, const char *predicate, gbx_frame **out,
                            gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_filter", err));
    gbx__user_text user;
    GBX_TRY(one_text(predicate, "gbx_frame_filter", &user, GBX_CLAUSE_EXPR, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__compose_puts(&c, "SELECT * FROM frame WHERE (");
    gbx__compose_user(&c, &user);
    gbx__compose_puts(&c, ")");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_select(const gbx_frame *frame, const char *columns, gbx_frame **out,
                            gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_select", err));
    gbx__user_text user;
    GBX_TRY(one_text(columns, "gbx_frame_select", &user, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__compose_puts(&c, "SELECT ");
    gbx__compose_user(&c, &user);
    gbx__compose_puts(&c, "FROM frame");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_window(const gbx_frame *frame, const char *columns, gbx_frame **out,
                            gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_window", err));
    gbx__user_text user;
    GBX_TRY(one_text(columns, "gbx_frame_window", &user, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__compose_puts(&c, "SELECT *, ");
    gbx__compose_user(&c, &user);
    gbx__compose_puts(&c, "FROM frame");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_sort(const gbx_frame *frame, const char *keys, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_sort", err));
    gbx__user_text user;
    GBX_TRY(one_text(keys, "gbx_frame_sort", &user, GBX_CLAUSE_LIST, err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__compose_puts(&c, "SELECT * FROM frame ORDER BY ");
    gbx__compose_user(&c, &user);
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_limit(const gbx_frame *frame, int64_t n_rows, int64_t offset, gbx_frame **out,
                           gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_limit", err));
    if (n_rows < 0 || offset < 0) {
        return GBX_FAIL(err, GBX_INVALID, "gbx_frame_limit: %s is negative",
                        n_rows < 0 ? "n_rows" : "offset");
    }
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__buf_printf(&c.text, "SELECT * FROM frame LIMIT %lld OFFSET %lld", (long long)n_rows,
                    (long long)offset);
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_distinct(const gbx_frame *frame, const char *columns, gbx_frame **out,
                              gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_distinct", err));
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__user_text user;
    gbx__compose_puts(&c, "SELECT DISTINCT ");
    if (columns) {
        GBX_TRY(one_text(columns, "gbx_frame_distinct", &user, GBX_CLAUSE_LIST, err));
        gbx__compose_puts(&c, "ON (");
        gbx__compose_user(&c, &user);
        gbx__compose_puts(&c, ") ");
    }
    gbx__compose_puts(&c, "* FROM frame");
    return gbx__step_over(&c, frame, out, err);
}

gbx_status gbx_frame_sample(const gbx_frame *frame, double percent, int64_t seed, gbx_frame **out,
                            gbx_error *err)
{
    GBX_TRY(gbx__step_begin(frame, out, "gbx_frame_sample", err));
    if (!(percent >= 0.0 && percent <= 100.0)) {
        return GBX_FAIL(err, GBX_INVALID, "gbx_frame_sample: percent is not between 0 and 100");
    }
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__buf_printf(&c.text, "SELECT * FROM frame USING SAMPLE %.17g PERCENT (bernoulli, %lld)",
                    percent, (long long)seed);
    return gbx__step_over(&c, frame, out, err);
}
