#include "base/alloc.h"
#include "exec/exec_priv.h"

#include <string.h>

gbx_status gbx__stream_source_new(gbx__str name, struct ArrowArrayStream *stream,
                                  gbx__stream_source **out, gbx_error *err)
{
    gbx__stream_source *source = gbx__alloc_zero(sizeof(*source));
    if (source) {
        atomic_init(&source->refs, 1);
        gbx__arena_init(&source->arena);
        source->name = gbx__arena_str(&source->arena, name);
    }
    if (!source || !source->name.ptr) {
        gbx__stream_source_unref(source);
        if (stream->release) stream->release(stream);
        stream->release = NULL;
        return GBX_FAIL_NOMEM(err);
    }
    source->stream = *stream;
    stream->release = NULL;
    *out = source;
    return GBX_OK;
}

gbx__stream_source *gbx__stream_source_ref(gbx__stream_source *source)
{
    atomic_fetch_add(&source->refs, 1);
    return source;
}

void gbx__stream_source_unref(gbx__stream_source *source)
{
    if (!source || atomic_fetch_sub(&source->refs, 1) != 1) return;
    if (source->stream.release) source->stream.release(&source->stream);
    gbx__arena_done(&source->arena);
    gbx__alloc_free(source);
}

/* --- the stream's columns without its rows ---------------------------------------------------- */

static int empty_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    gbx__stream_source *source = stream->private_data;
    return source->stream.get_schema(&source->stream, out);
}

static int empty_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    (void)stream;
    memset(out, 0, sizeof(*out));
    return 0;
}

static const char *empty_error(struct ArrowArrayStream *stream)
{
    gbx__stream_source *source = stream->private_data;
    return source->stream.get_last_error ? source->stream.get_last_error(&source->stream) : NULL;
}

static void empty_release(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

void gbx__stream_source_empty(gbx__stream_source *source, struct ArrowArrayStream *out)
{
    *out = (struct ArrowArrayStream){empty_schema, empty_next, empty_error, empty_release, source};
}

/* --- its scan: the engine says what the columns are ------------------------------------------- */

typedef struct column_list {
    gbx__arena *arena;
    GBX_VEC(gbx__field) fields;
} column_list;

static gbx_status column_add(void *ctx, gbx__str name, gbx__str type_text, gbx_error *err)
{
    column_list *list = ctx;
    gbx__field field = {.name = gbx__arena_str(list->arena, name), .type = NULL};
    if (!field.name.ptr) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__duck_type_parse(list->arena, type_text, &field.type, err));
    return gbx__vec_push(&list->fields, field) ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status scan_fill(gbx__stream_source *source, const column_list *list, gbx_error *err)
{
    const size_t n = list->fields.len;
    gbx__scan *scan = GBX_ARENA_NEW(&source->arena, gbx__scan);
    gbx__field *fields = GBX_ARENA_ARRAY(&source->arena, n, gbx__field);
    if (!scan || !fields) return GBX_FAIL_NOMEM(err);
    if (n > 0) memcpy(fields, list->fields.items, n * sizeof(*fields));
    scan->format = GBX_SCAN_STREAM;
    scan->name = source->name;
    scan->location = source->name;
    scan->n_fields = (uint32_t)n;
    scan->fields = fields;
    scan->is_bounded = true;
    scan->row_count = -1;
    scan->size_bytes = -1;
    source->scan = scan;
    return GBX_OK;
}

static gbx_status columns_ask(gbx__stream_source *source, gbx__duck_conn *conn, column_list *list,
                              gbx_error *err)
{
    static const char probe[] = "gbx_stream_probe";
    struct ArrowArrayStream empty;
    gbx__stream_source_empty(source, &empty);
    GBX_TRY(gbx__duck_add_stream(conn, probe, &empty, err));
    return gbx__duck_describe(conn, "FROM gbx_stream_probe", column_add, list, err);
}

gbx_status gbx__stream_source_resolve(gbx__stream_source *source, gbx_session *session,
                                      gbx_error *err)
{
    if (source->scan) return GBX_OK;
    if (!source->stream.release) {
        return GBX_FAIL(err, GBX_INVALID, "the stream '%.*s' was read already",
                        GBX_STR_ARG(source->name));
    }
    GBX_TRY(gbx__session_binder(session, err));
    /* A connection of its own: what it registers goes with it. */
    gbx__duck_conn *conn = NULL;
    GBX_TRY(gbx__session_connect(session, &conn, err));
    column_list list = {.arena = &source->arena};
    gbx_status status = columns_ask(source, conn, &list, err);
    gbx__duck_disconnect(conn);
    if (status == GBX_OK) status = scan_fill(source, &list, err);
    if (status != GBX_OK) gbx__error_prefix(err, "stream '%.*s'", GBX_STR_ARG(source->name));
    gbx__vec_done(&list.fields);
    return status;
}

/* --- lists ------------------------------------------------------------------------------------ */

gbx__stream_source *gbx__stream_list_find(const gbx__stream_list *list, gbx__str name)
{
    for (size_t i = 0; i < list->len; i++) {
        if (gbx__str_equal(list->items[i]->name, name)) return list->items[i];
    }
    return NULL;
}

bool gbx__stream_list_add(gbx__stream_list *list, gbx__stream_source *source)
{
    for (size_t i = 0; i < list->len; i++) {
        if (list->items[i] == source) return true;
    }
    if (!gbx__vec_push(list, source)) return false;
    gbx__stream_source_ref(source);
    return true;
}

bool gbx__stream_list_add_all(gbx__stream_list *list, const gbx__stream_list *from)
{
    for (size_t i = 0; i < from->len; i++) {
        if (!gbx__stream_list_add(list, from->items[i])) return false;
    }
    return true;
}

void gbx__stream_list_done(gbx__stream_list *list)
{
    for (size_t i = 0; i < list->len; i++) gbx__stream_source_unref(list->items[i]);
    gbx__vec_done(list);
}
