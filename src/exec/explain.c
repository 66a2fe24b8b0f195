/*
 * What would run, where, and why.
 */
#include "base/json.h"
#include "base/size.h"
#include "exec/exec_priv.h"

typedef struct explanation {
    const gbx__frame *frame;
    const gbx_session *session;
    gbx__run_plan plan; /* .whole is NULL: opaque */
    gbx__buf sql;       /* what the engine gets; empty: nothing to show */
} explanation;

static void explanation_done(explanation *e)
{
    gbx__run_plan_done(&e->plan);
    gbx__buf_done(&e->sql);
}

static gbx_status explanation_fill(explanation *e, const gbx__frame *frame, gbx_error *err)
{
    e->frame = frame;
    e->session = frame->session;
    GBX_TRY(gbx__session_engine(frame->session, err));
    GBX_TRY(gbx__run_plan_make(frame, frame->session->vtable, &e->plan, err));
    if (!e->plan.whole) {
        gbx__buf_puts(&e->sql, frame->opaque_text);
        return GBX_OK;
    }
    const gbx_plan *plan = e->plan.split.plan;
    const gbx_status status = e->session->vtable->show(e->session->engine, plan, &e->sql, err);
    if (status == GBX_OK || status == GBX_NOMEM) return status;
    gbx__buf_clear(&e->sql); /* what it can't take, it can't show: its veto says why */
    return GBX_OK;
}

/* NULL: the engine takes it. The reason is in `err`. */
static const char *engine_veto(const explanation *e, const gbx__engine_vtable *engine,
                               gbx_error *err)
{
    if (!e->plan.whole) {
        if (engine->info.speaks_sql) return NULL;
        gbx__error_set(err, GBX_UNSUPPORTED, "it does not speak SQL");
        return err->message;
    }
    if (engine != e->session->vtable) {
        gbx__error_set(err, GBX_UNSUPPORTED, "another one was asked for");
        return err->message;
    }
    const gbx_plan *plan = e->plan.split.plan;
    return engine->can(e->session->engine, plan, err) == GBX_OK ? NULL : err->message;
}

/* --- the inputs ------------------------------------------------------------------------------- */

typedef void source_put(void *ctx, const gbx__scan *scan);

typedef struct source_walk {
    source_put *put;
    void *ctx;
} source_walk;

static bool source_visit(const gbx__node *node, void *ctx)
{
    const source_walk *walk = ctx;
    if (node->kind == GBX_NODE_SCAN) walk->put(walk->ctx, node->scan.scan);
    return true;
}

static void each_source(const explanation *e, source_put *put, void *ctx)
{
    source_walk walk = {put, ctx};
    if (e->plan.whole) gbx__plan_walk(e->plan.whole->root, source_visit, &walk);
}

static const char *const format_names[] = {
    [GBX_SCAN_CSV] = "csv",         [GBX_SCAN_PARQUET] = "parquet", [GBX_SCAN_JSON] = "json",
    [GBX_SCAN_ARROW_IPC] = "arrow", [GBX_SCAN_STREAM] = "stream",   [GBX_SCAN_SQLITE] = "sqlite",
    [GBX_SCAN_XLSX] = "xlsx",       [GBX_SCAN_TABLE] = "table"};

static gbx__str source_place(const gbx__scan *scan)
{
    return scan->location.len > 0 ? scan->location : scan->name;
}

/* --- as text ---------------------------------------------------------------------------------- */

static void text_source(void *ctx, const gbx__scan *scan)
{
    gbx__buf *out = ctx;
    gbx__buf_puts(out, "  ");
    gbx__buf_str(out, source_place(scan));
    gbx__buf_printf(out, "  %s", format_names[scan->format]);
    if (scan->n_paths > 1) gbx__buf_printf(out, ", %u files", scan->n_paths);
    if (scan->row_count >= 0) {
        gbx__buf_printf(out, ", %s%lld rows", scan->row_count_exact ? "" : "about ",
                        (long long)scan->row_count);
    }
    if (scan->size_bytes >= 0) {
        gbx__buf_puts(out, ", ");
        gbx__format_bytes(out, scan->size_bytes);
    }
    gbx__buf_putc(out, '\n');
}

/* Each line of `text` two spaces in. */
static void text_indented(gbx__buf *out, gbx__str text)
{
    size_t start = 0;
    while (start < text.len) {
        size_t end = start;
        while (end < text.len && text.ptr[end] != '\n') end++;
        gbx__buf_puts(out, "  ");
        gbx__buf_append(out, text.ptr + start, end - start);
        gbx__buf_putc(out, '\n');
        start = end + 1;
    }
}

static void text_determinism(gbx__buf *out, const gbx_plan *plan)
{
    switch (plan->determinism) {
    case GBX_EXACT: gbx__buf_puts(out, "exact"); break;
    case GBX_ORDERED_UP_TO_TIES: gbx__buf_puts(out, "ordered up to ties"); break;
    case GBX_LOOSE:
        gbx__buf_puts(out, "loose: ");
        gbx__buf_str(out, plan->loose_reason);
        break;
    }
    gbx__buf_putc(out, '\n');
}

static void text_plan(gbx__buf *out, const gbx_plan *plan)
{
    GBX_AUTO(gbx__buf_done) gbx__buf tree = {0};
    gbx__plan_print(&tree, plan);
    if (tree.failed) out->failed = true;
    text_indented(out, gbx__buf_view(&tree));
}

static void text_feeds(gbx__buf *out, const gbx__split *split)
{
    for (size_t i = 0; i < split->n_feeds; i++) {
        gbx__buf_printf(out, "%.*s: read by duckdb\n", GBX_STR_ARG(split->feeds[i].name));
        text_plan(out, split->feeds[i].plan);
    }
}

static void explain_text(const explanation *e, gbx__buf *out)
{
    gbx__buf_puts(out, "plan\n");
    if (e->plan.whole) {
        text_plan(out, e->plan.split.plan);
        text_feeds(out, &e->plan.split);
        gbx__buf_puts(out, "sources\n");
        each_source(e, text_source, out);
    } else {
        gbx__buf_printf(out, "  none, runs as opaque SQL: %s\n", e->frame->why);
    }
    gbx__buf_printf(out, "engine\n  %s: %s\n", e->session->vtable->info.name,
                    gbx__session_why(e->session));
    gbx_error err;
    const char *veto = engine_veto(e, e->session->vtable, &err);
    if (veto) gbx__buf_printf(out, "  but it can't run this: %s\n", veto);
    if (e->plan.whole) {
        gbx__buf_puts(out, "answer\n  ");
        text_determinism(out, e->plan.whole);
    }
    if (e->sql.len > 0) {
        gbx__buf_puts(out, "sql\n");
        text_indented(out, gbx__buf_view(&e->sql));
    }
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static void json_text(gbx__buf *out, const char *key, gbx__str text)
{
    gbx__json_write_str(out, gbx__str_of(key));
    gbx__buf_putc(out, ':');
    gbx__json_write_str(out, text);
}

static void json_text_or_null(gbx__buf *out, const char *key, const char *text)
{
    if (text) {
        json_text(out, key, gbx__str_of(text));
    } else {
        gbx__buf_printf(out, "\"%s\":null", key);
    }
}

static void json_int(gbx__buf *out, const char *key, int64_t value)
{
    gbx__buf_printf(out, ",\"%s\":", key);
    if (value >= 0) {
        gbx__buf_printf(out, "%lld", (long long)value);
    } else {
        gbx__buf_puts(out, "null");
    }
}

typedef struct json_list {
    gbx__buf *out;
    size_t n;
} json_list;

static void json_source(void *ctx, const gbx__scan *scan)
{
    json_list *list = ctx;
    gbx__buf_puts(list->out, list->n++ == 0 ? "{" : ",{");
    json_text(list->out, "source", source_place(scan));
    gbx__buf_putc(list->out, ',');
    json_text(list->out, "format", gbx__str_of(format_names[scan->format]));
    json_int(list->out, "files", scan->n_paths);
    json_int(list->out, "rows", scan->row_count);
    gbx__buf_printf(list->out, ",\"rows_exact\":%s", scan->row_count_exact ? "true" : "false");
    json_int(list->out, "bytes", scan->size_bytes);
    gbx__buf_putc(list->out, '}');
}

static void json_candidates(const explanation *e, gbx__buf *out)
{
    for (size_t i = 0; i < gbx__engine_count(); i++) {
        const gbx__engine_vtable *engine = gbx__engine_at(i);
        gbx_error err;
        gbx__buf_puts(out, i == 0 ? "{" : ",{");
        json_text(out, "engine", gbx__str_of(engine->info.name));
        gbx__buf_puts(out, ",\"estimate\":{\"wall_s\":null,\"peak_bytes\":null},");
        json_text_or_null(out, "veto", engine_veto(e, engine, &err));
        gbx__buf_putc(out, '}');
    }
}

static void json_determinism(gbx__buf *out, const gbx_plan *plan)
{
    static const char *const names[] = {[GBX_EXACT] = "exact",
                                        [GBX_ORDERED_UP_TO_TIES] = "ordered up to ties",
                                        [GBX_LOOSE] = "loose"};
    json_text_or_null(out, "answer", plan ? names[plan->determinism] : NULL);
    if (!plan || plan->determinism != GBX_LOOSE) {
        gbx__buf_puts(out, ",\"loose_reason\":null");
        return;
    }
    gbx__buf_putc(out, ',');
    json_text(out, "loose_reason", plan->loose_reason);
}

static void json_plan(gbx__buf *out, const gbx_plan *plan)
{
    if (plan) {
        gbx__plan_to_json(out, plan);
    } else {
        gbx__buf_puts(out, "null");
    }
}

static void json_feeds(gbx__buf *out, const gbx__split *split)
{
    for (size_t i = 0; i < split->n_feeds; i++) {
        gbx__buf_puts(out, i == 0 ? "{" : ",{");
        json_text(out, "name", split->feeds[i].name);
        gbx__buf_puts(out, ",\"engine\":\"duckdb\",\"plan\":");
        json_plan(out, split->feeds[i].plan);
        gbx__buf_putc(out, '}');
    }
}

static void explain_json(const explanation *e, gbx__buf *out)
{
    const gbx__str engine = gbx__str_of(e->session->vtable->info.name);
    gbx__buf_putc(out, '{');
    json_text(out, "engine", engine);
    gbx__buf_putc(out, ',');
    json_text(out, "why", gbx__str_of(gbx__session_why(e->session)));
    gbx__buf_puts(out, ",\"policy\":\"auto\",");
    json_text(out, "policy_engine", engine);
    gbx__buf_printf(out, ",\"via\":\"%s\",", e->plan.whole ? "plan" : "opaque");
    json_text_or_null(out, "why_opaque", e->plan.whole ? NULL : e->frame->why);
    gbx__buf_puts(out, ",\"plan\":");
    json_plan(out, e->plan.split.plan);
    gbx__buf_puts(out, ",\"feeds\":[");
    json_feeds(out, &e->plan.split);
    gbx__buf_puts(out, "],");
    json_determinism(out, e->plan.whole);
    gbx__buf_puts(out, ",\"sources\":[");
    json_list list = {out, 0};
    each_source(e, json_source, &list);
    gbx__buf_puts(out, "],\"candidates\":[");
    json_candidates(e, out);
    gbx__buf_puts(out, "],");
    if (e->sql.len > 0) {
        json_text(out, "sql", gbx__buf_view(&e->sql));
    } else {
        gbx__buf_puts(out, "\"sql\":null");
    }
    gbx__buf_putc(out, '}');
}

gbx_status gbx_frame_explain(const gbx_frame *frame, gbx_explain_form form, char **out,
                             gbx_error *err)
{
    if (!frame || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_explain: an argument is NULL");
    GBX_AUTO(explanation_done) explanation e = {0};
    GBX_TRY(explanation_fill(&e, frame->body, err));
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    switch (form) {
    case GBX_EXPLAIN_TEXT: explain_text(&e, &text); break;
    case GBX_EXPLAIN_JSON: explain_json(&e, &text); break;
    case GBX_EXPLAIN_SQL: gbx__buf_str(&text, gbx__buf_view(&e.sql)); break;
    default: return GBX_FAIL(err, GBX_MISUSE, "gbx_frame_explain: no form number %d", (int)form);
    }
    if (e.sql.failed) return GBX_FAIL_NOMEM(err);
    if (!text.data) gbx__buf_append(&text, "", 0);
    char *taken = gbx__buf_take(&text);
    if (!taken) return GBX_FAIL_NOMEM(err);
    *out = taken;
    return GBX_OK;
}
