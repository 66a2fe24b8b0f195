#include "wire/message.h"

#include <string.h>

static const char *const type_texts[GBX_WIRE_TYPES] = {
    [GBX_WIRE_HELLO] = "hello",         [GBX_WIRE_READY] = "ready",
    [GBX_WIRE_PREPARED] = "prepared",   [GBX_WIRE_PULL] = "pull",
    [GBX_WIRE_HEARTBEAT] = "heartbeat", [GBX_WIRE_PROGRESS] = "progress",
    [GBX_WIRE_DONE] = "done",           [GBX_WIRE_FAILED] = "failed",
};

const char *gbx__wire_type_text(gbx__wire_type type)
{
    return (unsigned)type < GBX_WIRE_TYPES ? type_texts[type] : "?";
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct message_reader {
    yyjson_val *root;
    const char *type;
    gbx_error *err;
} message_reader;

static gbx_status reader_fail(const message_reader *r, const char *key)
{
    return GBX_FAIL(r->err, GBX_CORRUPT, "the message '%s' has no proper '%s'", r->type, key);
}

static gbx_status read_int(const message_reader *r, const char *key, int64_t min, int64_t max,
                           int64_t *out)
{
    yyjson_val *value = yyjson_obj_get(r->root, key);
    if (!yyjson_is_int(value)) return reader_fail(r, key);
    if (yyjson_is_uint(value) && yyjson_get_uint(value) > (uint64_t)max) return reader_fail(r, key);
    const int64_t number = yyjson_get_sint(value);
    if (number < min || number > max) return reader_fail(r, key);
    *out = number;
    return GBX_OK;
}

static gbx_status read_int_or(const message_reader *r, const char *key, int64_t otherwise,
                              int64_t *out)
{
    yyjson_val *value = yyjson_obj_get(r->root, key);
    *out = otherwise;
    return !value || yyjson_is_null(value) ? GBX_OK : read_int(r, key, 0, INT64_MAX, out);
}

static gbx_status read_number(const message_reader *r, const char *key, double *out)
{
    yyjson_val *value = yyjson_obj_get(r->root, key);
    if (!yyjson_is_num(value)) return reader_fail(r, key);
    *out = yyjson_get_num(value);
    return *out >= 0 ? GBX_OK : reader_fail(r, key);
}

static gbx_status read_text(const message_reader *r, const char *key, gbx__str *out)
{
    yyjson_val *value = yyjson_obj_get(r->root, key);
    if (!yyjson_is_str(value)) return reader_fail(r, key);
    *out = gbx__json_str(value);
    return GBX_OK;
}

static gbx_status read_text_or_none(const message_reader *r, const char *key, gbx__str *out)
{
    yyjson_val *value = yyjson_obj_get(r->root, key);
    *out = gbx__str_of("");
    return !value || yyjson_is_null(value) ? GBX_OK : read_text(r, key, out);
}

static gbx_status read_object(const message_reader *r, const char *key, yyjson_val **out)
{
    *out = yyjson_obj_get(r->root, key);
    return yyjson_is_obj(*out) ? GBX_OK : reader_fail(r, key);
}

/* Another version may be anything else, too. */
static gbx_status read_hello(const message_reader *r, gbx__wire_message *out)
{
    GBX_TRY(read_int(r, "protocol", 0, INT32_MAX, &out->hello.protocol));
    if (out->hello.protocol != GBX_WIRE_PROTOCOL) return GBX_OK;
    GBX_TRY(read_text(r, "token", &out->hello.token));
    GBX_TRY(read_text(r, "engine", &out->hello.engine));
    GBX_TRY(read_text_or_none(r, "host", &out->hello.host));
    GBX_TRY(read_object(r, "versions", &out->hello.versions));
    return read_object(r, "capabilities", &out->hello.capabilities);
}

static gbx_status status_of(gbx__str code)
{
    static const struct {
        const char *code;
        gbx_status status;
    } codes[] = {
        {"unsupported", GBX_UNSUPPORTED}, {"invalid", GBX_INVALID}, {"not_found", GBX_NOT_FOUND},
        {"corrupt", GBX_CORRUPT},         {"io", GBX_IO},           {"out_of_memory", GBX_NOMEM},
        {"cancelled", GBX_CANCELLED},
    };
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (gbx__str_is(code, codes[i].code)) return codes[i].status;
    return GBX_ENGINE; /* "engine", "protocol", and what a later host may say */
}

static gbx_status read_failed(const message_reader *r, gbx__wire_message *out)
{
    gbx__str code;
    GBX_TRY(read_text(r, "code", &code));
    GBX_TRY(read_text(r, "message", &out->failed.message));
    GBX_TRY(read_text_or_none(r, "detail", &out->failed.detail));
    out->failed.status = status_of(code);
    return GBX_OK;
}

static gbx_status read_pull(const message_reader *r, gbx__wire_message *out)
{
    int64_t stream = 0;
    GBX_TRY(read_int(r, "stream", 1, UINT16_MAX, &stream));
    out->pull.stream = (uint16_t)stream;
    return read_int(r, "n", 1, INT32_MAX, &out->pull.n);
}

static gbx_status read_done(const message_reader *r, gbx__wire_message *out)
{
    GBX_TRY(read_int(r, "rows", 0, INT64_MAX, &out->done.rows));
    GBX_TRY(read_number(r, "cpu_s", &out->done.cpu_s));
    return read_int_or(r, "peak_rss_bytes", 0, &out->done.peak_rss_bytes);
}

static gbx_status read_progress(const message_reader *r, gbx__wire_message *out)
{
    GBX_TRY(read_number(r, "fraction", &out->progress.fraction));
    if (out->progress.fraction > 1) out->progress.fraction = 1;
    return GBX_OK;
}

static gbx_status read_keys(const message_reader *r, gbx__wire_message *out)
{
    switch (out->type) {
    case GBX_WIRE_HELLO: return read_hello(r, out);
    case GBX_WIRE_PREPARED: return read_text_or_none(r, "shown", &out->prepared.shown);
    case GBX_WIRE_PULL: return read_pull(r, out);
    case GBX_WIRE_HEARTBEAT: return read_int_or(r, "rss_bytes", 0, &out->heartbeat.rss_bytes);
    case GBX_WIRE_PROGRESS: return read_progress(r, out);
    case GBX_WIRE_DONE: return read_done(r, out);
    case GBX_WIRE_FAILED: return read_failed(r, out);
    case GBX_WIRE_READY:
    case GBX_WIRE_TYPES: break;
    }
    return GBX_OK;
}

static bool needs_job(gbx__wire_type type)
{
    return type == GBX_WIRE_PREPARED || type == GBX_WIRE_PULL || type == GBX_WIRE_PROGRESS ||
           type == GBX_WIRE_DONE;
}

static gbx_status read_message(message_reader *r, gbx__wire_message *out)
{
    const gbx__str type = gbx__json_str(yyjson_obj_get(r->root, "type"));
    int kind = 0;
    while (kind < GBX_WIRE_TYPES && !gbx__str_is(type, type_texts[kind])) kind++;
    if (kind == GBX_WIRE_TYPES)
        return GBX_FAIL(r->err, GBX_CORRUPT, "a message of no known type: '%.*s'",
                        type.len < 40 ? (int)type.len : 40, type.ptr);
    out->type = (gbx__wire_type)kind;
    r->type = type_texts[kind];
    GBX_TRY(read_int_or(r, "job", GBX_WIRE_NO_JOB, &out->job));
    if (out->job == GBX_WIRE_NO_JOB && needs_job(out->type)) return reader_fail(r, "job");
    return read_keys(r, out);
}

gbx_status gbx__wire_message_read(const char *text, size_t len, gbx__wire_message *out,
                                  gbx_error *err)
{
    yyjson_doc *doc = NULL;
    gbx__wire_message message = {0};
    const gbx_status parsed = gbx__json_read(text, len, 0, &doc, err);
    if (parsed == GBX_NOMEM) return parsed;
    if (parsed != GBX_OK) return GBX_FAIL(err, GBX_CORRUPT, "a message that is no JSON");
    message_reader reader = {.root = yyjson_doc_get_root(doc), .err = err};
    const gbx_status status = read_message(&reader, &message);
    if (status != GBX_OK) {
        gbx__json_free(doc);
        return status;
    }
    *out = message;
    out->doc = doc;
    return GBX_OK;
}

void gbx__wire_message_done(gbx__wire_message *message)
{
    gbx__json_free(message->doc);
    message->doc = NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_text_or_null(gbx__buf *out, const char *key, const char *text)
{
    gbx__buf_printf(out, ",\"%s\":", key);
    if (text)
        gbx__json_write_str(out, gbx__str_of(text));
    else
        gbx__buf_puts(out, "null");
}

static void put_dirs(gbx__buf *out, const gbx__wire_configure *configure)
{
    if (!configure->allowed_dirs) {
        put_text_or_null(out, "allowed_dirs", NULL);
        return;
    }
    gbx__buf_puts(out, ",\"allowed_dirs\":[");
    for (size_t i = 0; i < configure->n_allowed_dirs; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        gbx__json_write_str(out, gbx__str_of(configure->allowed_dirs[i]));
    }
    gbx__buf_putc(out, ']');
}

static void put_options(gbx__buf *out, const gbx__wire_configure *configure)
{
    gbx__buf_puts(out, ",\"options\":{");
    for (size_t i = 0; i < configure->n_options; i++) {
        if (i > 0) gbx__buf_putc(out, ',');
        gbx__json_write_str(out, gbx__str_of(configure->options[i].name));
        gbx__buf_putc(out, ':');
        gbx__json_write_str(out, gbx__str_of(configure->options[i].value));
    }
    gbx__buf_putc(out, '}');
}

void gbx__wire_put_configure(gbx__buf *out, const gbx__wire_configure *configure)
{
    gbx__buf_printf(out, "{\"type\":\"configure\",\"memory_bytes\":%lld,\"threads\":%d",
                    (long long)configure->memory_bytes, configure->threads);
    put_text_or_null(out, "spill_dir", configure->spill_dir);
    put_dirs(out, configure);
    gbx__buf_printf(out, ",\"allow_calls\":%s", configure->allow_calls ? "true" : "false");
    put_options(out, configure);
    gbx__buf_putc(out, '}');
}

void gbx__wire_put_job(gbx__buf *out, const char *type, int64_t job)
{
    gbx__buf_printf(out, "{\"type\":\"%s\",\"job\":%lld}", type, (long long)job);
}

void gbx__wire_put_goodbye(gbx__buf *out)
{
    gbx__buf_puts(out, "{\"type\":\"goodbye\"}");
}

void gbx__wire_put_start(gbx__buf *out, const char *socket, const char *token, const char *engine)
{
    gbx__buf_printf(out, "{\"protocol\":%d,\"socket\":", GBX_WIRE_PROTOCOL);
    gbx__json_write_str(out, gbx__str_of(socket));
    put_text_or_null(out, "token", token);
    put_text_or_null(out, "engine", engine);
    gbx__buf_puts(out, "}\n");
}
