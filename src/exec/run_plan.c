/*
 * What runs where: the optimised plan, cut into what the engine gets and what is read for it.
 *
 *   DuckDB         whole plan ─→ names for its streams ─→ one fragment
 *   other engines  constants ─→ whole plan ─→ split ─→ one fragment, and a feed for each source
 *                  computed                            that it does not read by itself
 */
#include "base/clock.h"
#include "engine/duckdb/engine_duckdb.h"
#include "exec/feed.h"
#include "exec/run_priv.h"
#include "optimise/fold.h"
#include "optimise/optimise.h"

void gbx__run_plan_done(gbx__run_plan *plan)
{
    gbx__split_done(&plan->split);
    gbx__plan_unref(plan->whole);
    *plan = (gbx__run_plan){0};
}

/* --- constants -------------------------------------------------------------------------------- */

typedef struct compute_ctx {
    gbx__duck_conn *conn;
    gbx_plan *plan;
    int64_t *now_us;
} compute_ctx;

static gbx_status compute(void *ctx, gbx__arena *arena, size_t n, const gbx__expr *const *exprs,
                          const gbx__expr **out, gbx_error *err)
{
    const compute_ctx *c = ctx;
    return gbx__sql_compute(c->conn, c->plan, arena, n, exprs, out, c->now_us, err);
}

/* --- the split -------------------------------------------------------------------------------- */

typedef struct reads_ctx {
    const gbx__engine_vtable *vtable;
    gbx__engine *engine;
} reads_ctx;

static bool engine_reads(void *ctx, const gbx__node *scan)
{
    const reads_ctx *r = ctx;
    return !r->vtable->reads || r->vtable->reads(r->engine, scan);
}

/* One fragment, all of it. */
static gbx_status split_none(gbx_plan *plan, gbx__split *out, gbx_error *err)
{
    *out = (gbx__split){0};
    return gbx__feed_names(plan, &out->plan, err);
}

/* Constants first: what may fail when it is computed is not moved by the passes. */
static gbx_status plan_for_other(const gbx__frame *frame, const gbx__engine_vtable *vtable,
                                 gbx__run_plan *out, gbx_error *err)
{
    const gbx_session *session = frame->session;
    compute_ctx constants = {session->binder, frame->plan, &out->now_us};
    reads_ctx reads = {vtable, session->engine};
    gbx_plan *folded = NULL;
    GBX_TRY(gbx__pass_fold(frame->plan, compute, &constants, &folded, err));
    /* What the engine does not need is neither sent to it nor asked of it. */
    const uint32_t passes = vtable->info.passes | GBX_PASS_PRUNE_COLUMNS;
    const gbx_status status = gbx__optimise(folded, passes, &out->whole, err);
    gbx__plan_unref(folded);
    if (status != GBX_OK) return status;
    return gbx__split_make(out->whole, engine_reads, &reads, &out->split, err);
}

static gbx_status plan_fill(const gbx__frame *frame, const gbx__engine_vtable *vtable,
                            gbx__run_plan *out, gbx_error *err)
{
    out->now_us = gbx__unix_us();
    if (!frame->plan) return GBX_OK;
    if (vtable != &gbx__engine_duckdb) return plan_for_other(frame, vtable, out, err);
    GBX_TRY(gbx__optimise(frame->plan, vtable->info.passes, &out->whole, err));
    return split_none(out->whole, &out->split, err);
}

gbx_status gbx__run_plan_make(const gbx__frame *frame, const gbx__engine_vtable *vtable,
                              gbx__run_plan *out, gbx_error *err)
{
    gbx__run_plan made = {0};
    const gbx_status status = plan_fill(frame, vtable, &made, err);
    if (status != GBX_OK) {
        gbx__run_plan_done(&made);
        return status;
    }
    *out = made;
    return GBX_OK;
}
