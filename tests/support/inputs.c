#include "support/inputs.h"

#include "support/reader.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

void inputs_open(inputs *in)
{
    const gbx__duck_options options = {.threads = 1};
    memset(in, 0, sizeof(*in));
    temp_dir_make(in->dir);
    in->before = open(".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(chdir(in->dir), 0);
    gbx__arena_init(&in->arena);
    if (gbx__duck_open(&options, &in->duck, &in->err) != GBX_OK) fail_msg("%s", in->err.message);
    assert_int_equal(gbx__duck_connect(in->duck, &in->conn, &in->err), GBX_OK);
}

void inputs_close(inputs *in)
{
    gbx__duck_disconnect(in->conn);
    gbx__duck_close(in->duck);
    gbx__arena_done(&in->arena);
    assert_int_equal(fchdir(in->before), 0);
    close(in->before);
    temp_dir_remove(in->dir);
}

/* ---- options as text ------------------------------------------------------------------------- */

typedef struct option_reader {
    gbx__arena *arena;
    const char *at;
} option_reader;

static void skip_space(option_reader *r)
{
    while (*r->at == ' ') r->at++;
}

static gbx__str read_text(option_reader *r)
{
    char *text = gbx__arena_alloc(r->arena, strlen(r->at) + 1);
    size_t len = 0;
    assert_int_equal(*r->at++, '\'');
    while (*r->at && (*r->at != '\'' || r->at[1] == '\'')) {
        if (*r->at == '\'') r->at++;
        text[len++] = *r->at++;
    }
    assert_int_equal(*r->at++, '\'');
    return (gbx__str){text, len};
}

static void read_list(option_reader *r, gbx__scan_option *option, bool is_struct)
{
    gbx__value *items = GBX_ARENA_ARRAY(r->arena, INPUTS_OPTIONS_MAX, gbx__value);
    gbx__field *fields = GBX_ARENA_ARRAY(r->arena, INPUTS_OPTIONS_MAX, gbx__field);
    const gbx__type *text = gbx__type_plain(GBX_TYPE_UTF8);
    uint32_t n = 0;
    r->at++;
    for (skip_space(r); *r->at == '\''; skip_space(r)) {
        fields[n].type = text;
        if (is_struct) {
            fields[n].name = read_text(r);
            assert_int_equal(*r->at++, ':');
            skip_space(r);
        }
        items[n++].text = read_text(r);
        if (*r->at == ',') r->at++;
    }
    r->at++;
    option->value.items = items;
    option->value.n_items = n;
    option->type = is_struct ? gbx__type_struct(r->arena, fields, n)
                             : gbx__type_list(r->arena, text);
}

static void read_value(option_reader *r, gbx__scan_option *option)
{
    if (*r->at == '\'') {
        option->type = gbx__type_plain(GBX_TYPE_UTF8);
        option->value.text = read_text(r);
    } else if (*r->at == '[' || *r->at == '{') {
        read_list(r, option, *r->at == '{');
    } else if (*r->at == 't' || *r->at == 'f') {
        option->type = gbx__type_plain(GBX_TYPE_BOOL);
        option->value.boolean = *r->at == 't';
        while (*r->at >= 'a' && *r->at <= 'z') r->at++;
    } else {
        char *end;
        option->type = gbx__type_plain(GBX_TYPE_INT32);
        option->value.i64 = strtoll(r->at, &end, 10);
        assert_true(end > r->at);
        r->at = end;
    }
}

static uint32_t read_options(gbx__arena *arena, const char *text, gbx__scan_option *options)
{
    option_reader r = {arena, text};
    uint32_t n = 0;
    for (skip_space(&r); *r.at; skip_space(&r)) {
        const char *start = r.at;
        gbx__scan_option *option = &options[n++];
        assert_true(n < INPUTS_OPTIONS_MAX);
        memset(option, 0, sizeof(*option));
        while (*r.at && *r.at != ' ' && *r.at != ':') r.at++;
        option->name = (gbx__str){start, (size_t)(r.at - start)};
        while (*r.at == ' ' || *r.at == ':' || *r.at == '=') r.at++;
        read_value(&r, option);
        if (*r.at == ',') r.at++;
    }
    return n;
}

/* ---- resolving ------------------------------------------------------------------------------- */

gbx_status inputs_try(inputs *in, const char *location, const char *options, const gbx__scan **out)
{
    gbx__scan_option list[INPUTS_OPTIONS_MAX];
    const gbx__source_ctx ctx = {in->conn, &in->arena, in->may_read, in->may_read_ctx};
    gbx__source_request request = {.location = gbx__str_of(location),
                                   .reader = gbx__str_of(in->reader),
                                   .want_stats = in->want_stats,
                                   .options = list};
    if (in->reader) {
        request.has_format = gbx__source_reader_format(request.reader, &request.format);
        assert_true(request.has_format);
    }
    request.n_options = read_options(&in->arena, options, list);
    memset(&in->err, 0xAA, sizeof(in->err));
    return gbx__source_resolve(&ctx, &request, out, &in->err);
}

const gbx__scan *inputs_resolve(inputs *in, const char *location, const char *options)
{
    const gbx__scan *scan = NULL;
    const gbx_status status = inputs_try(in, location, options, &scan);
    if (status != GBX_OK) fail_msg("%s (%s): %s", location, options, in->err.message);
    return scan;
}

void inputs_check_fails(inputs *in, const char *location, const char *options, gbx_status expected,
                        const char *part)
{
    const gbx__scan *scan = NULL;
    const gbx_status status = inputs_try(in, location, options, &scan);
    if (status == GBX_OK) fail_msg("%s (%s) resolves", location, options);
    assert_null(scan);
    assert_int_equal(in->err.status, status);
    if (status != expected || !strstr(in->err.message, part)) {
        fail_msg("%s (%s): %s: %s", location, options, gbx_status_name(status), in->err.message);
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static gbx_status add_column(void *ctx, gbx__str name, gbx__str type, gbx_error *err)
{
    (void)err;
    gbx__buf_str(ctx, name);
    gbx__buf_putc(ctx, ' ');
    gbx__buf_str(ctx, type);
    gbx__buf_putc(ctx, '\n');
    return GBX_OK;
}

static gbx_status add_row(void *ctx, size_t n_cols, const gbx__str *cols, gbx_error *err)
{
    (void)err;
    for (size_t i = 0; i < n_cols; i++) {
        if (i) gbx__buf_putc(ctx, '|');
        if (cols[i].ptr) gbx__buf_str(ctx, cols[i]);
        else gbx__buf_puts(ctx, "NULL");
    }
    gbx__buf_putc(ctx, '\n');
    return GBX_OK;
}

gbx_status inputs_rows(inputs *in, const char *sql, gbx__buf *out)
{
    GBX_TRY(gbx__duck_describe(in->conn, sql, add_column, out, &in->err));
    gbx__buf_putc(out, '\n');
    return gbx__duck_rows(in->conn, sql, 0, NULL, add_row, out, &in->err);
}

static void check_rows(inputs *in, const char *sql, gbx__buf *out)
{
    if (inputs_rows(in, sql, out) != GBX_OK) fail_msg("%s\n%s", sql, in->err.message);
}

static const char *reader_of(gbx__scan_format format)
{
    return format == GBX_SCAN_CSV ? "read_csv" : format == GBX_SCAN_JSON ? "read_json"
                                                                         : "read_parquet";
}

void inputs_check_equal(inputs *in, const char *location, const char *options)
{
    const gbx__scan *scan = inputs_resolve(in, location, options);
    gbx__buf sql = {0};
    gbx__buf plain = {0};
    gbx__buf ours = {0};
    gbx__buf_printf(&sql, "FROM %s(", in->reader ? in->reader : reader_of(scan->format));
    gbx__duck_quote_text(&sql, gbx__str_of(location));
    gbx__buf_printf(&sql, "%s%s)", options[0] ? ", " : "", options);
    check_rows(in, sql.data, &plain);
    gbx__buf_clear(&sql);
    gbx__buf_puts(&sql, "FROM ");
    reader_print(&sql, scan);
    check_rows(in, sql.data, &ours);
    if (!gbx__str_equal(gbx__buf_view(&plain), gbx__buf_view(&ours))) {
        fail_msg("%s\nDuckDB alone:\n%s\nours:\n%s", sql.data, plain.data, ours.data);
    }
    gbx__buf_done(&sql);
    gbx__buf_done(&plain);
    gbx__buf_done(&ours);
}
