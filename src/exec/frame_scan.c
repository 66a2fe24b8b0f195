/*
 * Frames that read something: files by location, readers with options, Arrow streams.
 */
#include "exec/compose.h"
#include "sql/lex.h"

static gbx_status scan_check(gbx_session *session, const char *location, gbx_frame *const *out,
                             const char *function, gbx_error *err)
{
    if (!session || !location || !out) {
        return GBX_FAIL(err, GBX_MISUSE, "%s: an argument is NULL", function);
    }
    if (*location == '\0') return GBX_FAIL(err, GBX_INVALID, "%s: the path is empty", function);
    return GBX_OK;
}

gbx_status gbx_scan(gbx_session *session, const char *location, gbx_frame **out, gbx_error *err)
{
    GBX_TRY(scan_check(session, location, out, "gbx_scan", err));
    const gbx__relation relation = {.name = GBX_STR("frame"), .location = gbx__str_of(location)};
    const gbx__import_request request = {.text = GBX_STR("SELECT * FROM frame"),
                                         .relation = &relation};
    gbx__frame *body = NULL;
    GBX_TRY(gbx__frame_import(session, &request, &body, err));
    return gbx__frame_publish(body, out, err);
}

/* --- options as SQL --------------------------------------------------------------------------- */

/* Number, true, false, NULL, a whole string, one pair of brackets: it goes on as it is. */
static bool is_literal(gbx__str text)
{
    size_t pos = 0;
    gbx__token token = gbx__lex_next(text, &pos);
    const gbx__str first = gbx__token_text(text, token);
    if (token.kind == GBX_TOKEN_OP && gbx__str_is(first, "-")) {
        token = gbx__lex_next(text, &pos);
        if (token.kind != GBX_TOKEN_NUMBER) return false;
    }
    const bool is_word = gbx__str_is_nocase(first, "true") || gbx__str_is_nocase(first, "false") ||
                         gbx__str_is_nocase(first, "null");
    if (token.kind == GBX_TOKEN_PUNCT) {
        const bool opens = gbx__str_is(first, "[") || gbx__str_is(first, "{");
        if (!opens || !gbx__lex_skip_group(text, &pos)) return false;
    } else if (token.kind == GBX_TOKEN_NUMBER) {
        /* 1.5 but not 1x */
        for (size_t i = token.start; i < token.end; i++) {
            if (!((text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '.')) return false;
        }
    } else if (token.kind != GBX_TOKEN_STRING && !is_word) {
        return false;
    }
    return gbx__lex_next(text, &pos).kind == GBX_TOKEN_END;
}

static bool is_option_name(const char *name)
{
    if (!name || *name == '\0') return false;
    for (; *name != '\0'; name++) {
        const char c = *name;
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(c >= '0' && c <= '9')) return false;
    }
    return true;
}

static gbx_status put_option(gbx__compose *c, const gbx_option *option, gbx_error *err)
{
    if (!is_option_name(option->name)) {
        return GBX_FAIL(err, GBX_INVALID, "'%s' is not the name of an option",
                        option->name ? option->name : "");
    }
    const gbx__str value = gbx__str_of(option->value);
    gbx__buf_printf(&c->text, ", %s = ", option->name);
    if (is_literal(value)) {
        gbx__buf_str(&c->text, value);
        gbx__buf_putc(&c->text, '\n');
    } else {
        gbx__compose_literal(c, value);
    }
    return GBX_OK;
}

static gbx_status scan_reader(gbx_session *session, const char *reader, const char *location,
                              size_t n_options, const gbx_option *options, gbx_frame **out,
                              gbx_error *err)
{
    GBX_TRY(scan_check(session, location, out, reader, err));
    if (n_options > 0 && !options) return GBX_FAIL(err, GBX_MISUSE, "%s: options is NULL", reader);
    GBX_AUTO(gbx__compose_done) gbx__compose c = {0};
    gbx__buf_printf(&c.text, "SELECT * FROM %s(", reader);
    gbx__compose_literal(&c, gbx__str_of(location));
    for (size_t i = 0; i < n_options; i++) GBX_TRY(put_option(&c, &options[i], err));
    gbx__compose_puts(&c, ")");
    if (c.text.failed) return GBX_FAIL_NOMEM(err);
    const gbx__import_request request = {.text = gbx__buf_view(&c.text)};
    gbx__frame *body = NULL;
    const gbx_status status = gbx__frame_import(session, &request, &body, err);
    if (status != GBX_OK) {
        gbx__compose_locate(&c, err); /* a place in a text that nobody wrote is no help */
        return status;
    }
    return gbx__frame_publish(body, out, err);
}

gbx_status gbx_scan_csv(gbx_session *session, const char *location, size_t n_options,
                        const gbx_option *options, gbx_frame **out, gbx_error *err)
{
    return scan_reader(session, "read_csv", location, n_options, options, out, err);
}

gbx_status gbx_scan_parquet(gbx_session *session, const char *location, size_t n_options,
                            const gbx_option *options, gbx_frame **out, gbx_error *err)
{
    return scan_reader(session, "read_parquet", location, n_options, options, out, err);
}

gbx_status gbx_scan_json(gbx_session *session, const char *location, size_t n_options,
                         const gbx_option *options, gbx_frame **out, gbx_error *err)
{
    return scan_reader(session, "read_json", location, n_options, options, out, err);
}

/* --- streams ---------------------------------------------------------------------------------- */

static gbx_status scan_source(gbx_session *session, gbx__stream_source *source, gbx_frame **out,
                              gbx_error *err)
{
    GBX_TRY(gbx__stream_source_resolve(source, session, err));
    const gbx__relation relation = {.name = GBX_STR("frame"), .scan = source->scan};
    const gbx__import_request request = {
        .text = GBX_STR("SELECT * FROM frame"), .relation = &relation, .stream = source};
    gbx__frame *body = NULL;
    GBX_TRY(gbx__frame_import(session, &request, &body, err));
    return gbx__frame_publish(body, out, err);
}

gbx_status gbx_scan_stream(gbx_session *session, struct ArrowArrayStream *stream, gbx_frame **out,
                           gbx_error *err)
{
    if (!stream || !stream->release) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_scan_stream: the stream is empty");
    }
    /* '#' is in no name that a query would write without quotes. */
    GBX_AUTO(gbx__buf_done) gbx__buf name = {0};
    gbx__buf_printf(&name, "stream#%u", session ? ++session->n_streams : 0);
    gbx__stream_source *source = NULL;
    GBX_TRY(gbx__stream_source_new(gbx__buf_view(&name), stream, &source, err));
    gbx_status status = GBX_MISUSE;
    if (session && out) {
        status = scan_source(session, source, out, err);
    } else {
        gbx__error_set(err, GBX_MISUSE, "gbx_scan_stream: an argument is NULL");
    }
    gbx__stream_source_unref(source);
    return status;
}
