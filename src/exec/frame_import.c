/*
 * A text and what its names stand for → a frame: the one way in, for queries and for every step.
 */
#include "base/alloc.h"
#include "exec/exec_priv.h"
#include "exec/watch.h"

#include <string.h>

typedef GBX_VEC(gbx__relation) relation_list;
typedef GBX_VEC(gbx__duck_param) duck_param_list;

static gbx_status add_input(relation_list *relations, gbx__frame *frame, const gbx__input *input,
                            gbx_error *err)
{
    const gbx__frame *from = input->frame;
    if (!from->plan) {
        return GBX_FAIL(err, GBX_UNSUPPORTED, "nothing can be built on an opaque frame: %s",
                        from->why);
    }
    if (from->session != frame->session) {
        return GBX_FAIL(err, GBX_MISUSE, "the frames belong to different sessions");
    }
    GBX_TRY(gbx__params_add_all(&frame->params, &frame->arena, &from->params, err));
    const gbx__relation relation = {.name = gbx__str_of(input->name), .plan = from->plan};
    const bool is_added = gbx__stream_list_add_all(&frame->streams, &from->streams) &&
                          gbx__vec_push(relations, relation);
    return is_added ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status add_table(relation_list *relations, gbx__frame *frame, const gbx__table *table,
                            gbx_error *err)
{
    gbx__relation relation = {.name = gbx__str_of(table->name)};
    if (table->stream) {
        if (!table->stream->stream.release) return GBX_OK; /* read already: its name is gone */
        GBX_TRY(gbx__stream_source_resolve(table->stream, frame->session, err));
        relation.scan = table->stream->scan;
        if (!gbx__stream_list_add(&frame->streams, table->stream)) return GBX_FAIL_NOMEM(err);
    } else {
        relation.location = gbx__str_of(table->location);
    }
    return gbx__vec_push(relations, relation) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static bool has_relation(const relation_list *relations, const char *name)
{
    for (size_t i = 0; i < relations->len; i++) {
        if (gbx__str_is_nocase(relations->items[i].name, name)) return true;
    }
    return false;
}

static gbx_status add_relations(relation_list *relations, gbx__frame *frame,
                                const gbx__import_request *request, gbx_error *err)
{
    for (size_t i = 0; i < request->n_inputs; i++) {
        GBX_TRY(add_input(relations, frame, &request->inputs[i], err));
    }
    if (request->relation && !gbx__vec_push(relations, *request->relation)) {
        return GBX_FAIL_NOMEM(err);
    }
    if (request->stream && !gbx__stream_list_add(&frame->streams, request->stream)) {
        return GBX_FAIL_NOMEM(err);
    }
    const gbx_session *session = frame->session;
    for (size_t i = 0; request->with_tables && i < session->tables.len; i++) {
        const gbx__table *table = &session->tables.items[i];
        if (has_relation(relations, table->name)) continue; /* a frame's name goes before */
        GBX_TRY(add_table(relations, frame, table, err));
    }
    return GBX_OK;
}

static gbx_status add_params(duck_param_list *out, const gbx__param_list *params, gbx_error *err)
{
    for (size_t i = 0; i < params->len; i++) {
        const gbx__param_value *p = &params->items[i];
        const gbx__duck_param param = {.name = p->name, .text = p->text, .is_null = p->is_null};
        if (!gbx__vec_push(out, param)) return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

/* --- the streams that a plan reads ------------------------------------------------------------ */

typedef struct stream_walk {
    gbx__frame *frame;
    gbx__stream_list used;
    gbx_error *err;
    gbx_status status;
} stream_walk;

static bool stream_visit(const gbx__node *node, void *ctx)
{
    stream_walk *walk = ctx;
    if (node->kind != GBX_NODE_SCAN || node->scan.scan->format != GBX_SCAN_STREAM) return true;
    const gbx__str name = node->scan.scan->name;
    gbx__stream_source *source = gbx__stream_list_find(&walk->frame->streams, name);
    if (!source) {
        walk->status =
            GBX_FAIL(walk->err, GBX_NOT_FOUND, "there is no stream '%.*s'", GBX_STR_ARG(name));
    } else if (gbx__stream_list_find(&walk->used, name)) {
        walk->status =
            GBX_FAIL(walk->err, GBX_UNSUPPORTED,
                     "the stream '%.*s' would be read twice, which a stream can't: write it to a "
                     "file first",
                     GBX_STR_ARG(name));
    } else if (!gbx__stream_list_add(&walk->used, source)) {
        walk->status = GBX_FAIL_NOMEM(walk->err);
    }
    return walk->status == GBX_OK;
}

gbx_status gbx__frame_keep_streams(gbx__frame *frame, gbx_error *err)
{
    stream_walk walk = {.frame = frame, .err = err, .status = GBX_OK};
    gbx__plan_walk(frame->plan->root, stream_visit, &walk);
    if (walk.status != GBX_OK) {
        gbx__stream_list_done(&walk.used);
        return walk.status;
    }
    gbx__stream_list_done(&frame->streams);
    frame->streams = walk.used;
    return GBX_OK;
}

/* --- what came of it -------------------------------------------------------------------------- */

static gbx_status take_plan(gbx__frame *frame, gbx__sql_result *result, gbx_error *err)
{
    frame->plan = result->plan;
    result->plan = NULL;
    GBX_TRY(gbx__policy_check(&frame->session->policy, frame->plan, err));
    return gbx__frame_keep_streams(frame, err);
}

static gbx_status take_opaque(gbx__frame *frame, bool may_be_opaque, gbx__sql_result *result,
                              gbx_error *err)
{
    const gbx_session *session = frame->session;
    const gbx__policy *policy = &session->policy;
    const bool is_forbidden = policy->is_restricted && !policy->opaque_sql;
    const bool has_speaker = session->vtable->info.speaks_sql;
    if (!may_be_opaque || is_forbidden || session->options.no_opaque || !has_speaker ||
        !result->opaque_text) {
        if (err) {
            *err = result->why_not;
            err->status = GBX_UNSUPPORTED;
            if (!has_speaker) {
                gbx__error_prefix(err, "%s runs plans only, no SQL text",
                                  session->vtable->info.name);
            }
        }
        return GBX_UNSUPPORTED;
    }
    const char *why = result->why_not.message;
    frame->why = gbx__alloc_dup(why, strlen(why));
    if (!frame->why) return GBX_FAIL_NOMEM(err);
    frame->opaque_text = result->opaque_text;
    result->opaque_text = NULL;
    gbx__session_log(session, GBX_LOG_INFO, "opaque SQL: %s", why);
    return GBX_OK;
}

/* --- binding can be stopped too: a text may take minutes ------------------------------------- */

#define IMPORT_WATCH_MS 20

typedef struct import_watch {
    const gbx__cancel *token;
    gbx__duck_conn *conn;
} import_watch;

/* Again and again: each of the binder's statements begins uninterrupted. */
static void import_tick(void *ctx)
{
    const import_watch *w = ctx;
    if (gbx__cancel_check(w->token) != GBX_OK) gbx__duck_interrupt(w->conn);
}

static gbx_status import_watched(gbx_session *session, const gbx__sql_request *request,
                                 gbx__sql_result *out, gbx_error *err)
{
    gbx__cancel_slot *slot = gbx__cancel_slot_take(&session->slots);
    if (!slot) return GBX_FAIL_NOMEM(err);
    import_watch w = {&slot->token, session->binder};
    gbx__watch watch = {0};
    (void)gbx__watch_start(&watch, IMPORT_WATCH_MS, import_tick, &w);
    gbx_status status = gbx__sql_import(request, out, err);
    gbx__watch_stop(&watch);
    if (gbx__cancel_check(&slot->token) != GBX_OK) {
        gbx__sql_result_done(out);
        status = gbx__cancel_check_err(&slot->token, err);
    }
    gbx__cancel_slot_give(slot);
    return status;
}

static gbx_status frame_fill(gbx__frame *frame, relation_list *relations, duck_param_list *params,
                             const gbx__import_request *request, gbx_error *err)
{
    gbx_session *session = frame->session;
    GBX_TRY(gbx__session_binder(session, err));
    GBX_TRY(gbx__params_add_public(&frame->params, &frame->arena, request->params, err));
    GBX_TRY(add_relations(relations, frame, request, err));
    GBX_TRY(add_params(params, &frame->params, err));
    const gbx__sql_request sql = {
        .text = request->text,
        .conn = session->binder,
        .n_relations = relations->len,
        .relations = relations->items,
        .n_params = params->len,
        .params = params->items,
        .may_read = session->policy.is_restricted ? gbx__policy_may_read : NULL,
        .may_read_ctx = &session->policy,
    };
    gbx__sql_result result = {0};
    GBX_TRY(import_watched(session, &sql, &result, err));
    const gbx_status status = result.plan
                                  ? take_plan(frame, &result, err)
                                  : take_opaque(frame, request->may_be_opaque, &result, err);
    gbx__sql_result_done(&result);
    return status;
}

gbx_status gbx__frame_import(gbx_session *session, const gbx__import_request *request,
                             gbx__frame **out, gbx_error *err)
{
    gbx__frame *frame = gbx__frame_new(session);
    if (!frame) return GBX_FAIL_NOMEM(err);
    relation_list relations = {0};
    duck_param_list params = {0};
    const gbx_status status = frame_fill(frame, &relations, &params, request, err);
    gbx__vec_done(&relations);
    gbx__vec_done(&params);
    if (status != GBX_OK) {
        gbx__frame_unref(frame);
        return status;
    }
    *out = frame;
    return GBX_OK;
}
