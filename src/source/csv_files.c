/*
 * Several CSV files are read as one: with one dialect, their columns in one order.
 *
 *   a file whose first line is byte for byte the first file's, and whose beginning has no quote,
 *   escape or comment that the dialect does not know yet ─→ fine, without asking DuckDB
 *   any other ─→ sniffed by itself: its columns are compared, its dialect is joined to ours
 *
 * DuckDB by itself tries the first file's dialect on each file, and sniffs it again when the
 * columns do not fit. Here quotes that any file has hold for all (DuckDB keeps them as text where
 * the first file has none), and a file that needs another dialect is refused, by name: engines
 * get only one.
 */
#include "source/csv_priv.h"

#include <string.h>

#define FILES_HEAD_BYTES (64 * 1024)

typedef struct csv_check {
    gbx__csv_reader *reader;
    gbx__csv_dialect *dialect;
    gbx__str main_path;
    const gbx__field *names; /* of the first file */
    uint32_t n_names;
    const gbx__field *fields; /* of all */
    uint32_t n_fields;
    gbx__buf main_head; /* the first file's first line with its end; empty: no short cut */
} csv_check;

/* ---- the short cut --------------------------------------------------------------------------- */

static bool has_short_cut(const gbx__csv_reader *r, const gbx__csv_dialect *d)
{
    return r->probe->scan->compression.len == 0 && d->encoding.len == 0 && d->has_header &&
           d->skip_rows == 0 && d->comment == '\0' && d->date_format.len == 0 &&
           d->timestamp_format.len == 0 && !r->files.union_by_name;
}

static gbx_status read_main_head(csv_check *check)
{
    gbx__csv_reader *r = check->reader;
    gbx__buf *head = &check->main_head;
    if (!has_short_cut(r, check->dialect)) return GBX_OK;
    GBX_TRY(gbx__fs_read_head(check->main_path.ptr, FILES_HEAD_BYTES, head, r->probe->err));
    const char *end = head->len ? memchr(head->data, '\n', head->len) : NULL;
    head->len = end ? (size_t)(end - head->data) + 1 : 0;
    if (memchr(head->data, '"', head->len) || memchr(head->data, '\'', head->len)) head->len = 0;
    return GBX_OK;
}

/* Does the text have a byte that a sniffer could take for a part of the dialect? */
static bool is_suspicious(gbx__str text, const gbx__csv_dialect *d)
{
    static const char marks[] = {'"', '\'', '\\'};
    for (size_t i = 0; i < sizeof marks; i++) {
        if (marks[i] == d->quote || marks[i] == d->escape) continue;
        if (memchr(text.ptr, marks[i], text.len)) return true;
    }
    return memmem(text.ptr, text.len, "\n#", 2) != NULL;
}

static gbx_status looks_alike(csv_check *check, gbx__str path, bool *out)
{
    const gbx__str main = gbx__buf_view(&check->main_head);
    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    *out = false;
    if (main.len == 0) return GBX_OK;
    GBX_TRY(gbx__fs_read_head(path.ptr, FILES_HEAD_BYTES, &head, check->reader->probe->err));
    *out = head.len >= main.len && memcmp(head.data, main.ptr, main.len) == 0 &&
           !is_suspicious(gbx__buf_view(&head), check->dialect);
    return GBX_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

static gbx_status fail_columns(csv_check *check, gbx__str path, gbx__str column, const char *what)
{
    return GBX_FAIL(check->reader->probe->err, GBX_INVALID,
                    "'%.*s' %s the column '%.*s' of '%.*s'; union_by_name := true reads files "
                    "with different columns",
                    GBX_STR_ARG(path), what, GBX_STR_ARG(column), GBX_STR_ARG(check->main_path));
}

static gbx_status check_names(csv_check *check, gbx__str path, const gbx__csv_sniffed *other)
{
    for (uint32_t i = 0; i < check->n_names; i++) {
        const gbx__str name = check->names[i].name;
        if (i >= other->n_fields) return fail_columns(check, path, name, "has not");
        if (gbx__str_is_nocase(other->fields[i].name, name.ptr)) continue;
        return GBX_FAIL(check->reader->probe->err, GBX_INVALID,
                        "'%.*s' has the column '%.*s' where '%.*s' has '%.*s'; "
                        "union_by_name := true matches columns by name",
                        GBX_STR_ARG(path), GBX_STR_ARG(other->fields[i].name),
                        GBX_STR_ARG(check->main_path), GBX_STR_ARG(name));
    }
    if (other->n_fields == check->n_names) return GBX_OK;
    return GBX_FAIL(check->reader->probe->err, GBX_INVALID,
                    "'%.*s' has the column '%.*s', which '%.*s' has not; union_by_name := true "
                    "reads files with different columns",
                    GBX_STR_ARG(path), GBX_STR_ARG(other->fields[check->n_names].name),
                    GBX_STR_ARG(check->main_path));
}

static int number_rank(gbx__type_kind kind)
{
    switch ((int)kind) {
    case GBX_TYPE_INT8: return 1;
    case GBX_TYPE_INT16: return 2;
    case GBX_TYPE_INT32: return 3;
    case GBX_TYPE_INT64: return 4;
    case GBX_TYPE_DECIMAL: return 5;
    case GBX_TYPE_INT128: return 6;
    case GBX_TYPE_BIGNUM: return 7;
    case GBX_TYPE_FLOAT32: return 8;
    case GBX_TYPE_FLOAT64: return 9;
    default: return 0;
    }
}

/* Can every text that was found to be of type `from` be read as `to`? A column without values is
 * found as text, too, so of text nothing is said: who reads it will see. */
static bool fits(const gbx__type *from, const gbx__type *to)
{
    if (to->kind == GBX_TYPE_UTF8 || from->kind == GBX_TYPE_UTF8) return true;
    if (gbx__type_equal(from, to)) return true;
    const int rank = number_rank(from->kind);
    return rank > 0 && rank < number_rank(to->kind);
}

static gbx_status check_types(csv_check *check, gbx__str path, const gbx__csv_sniffed *other)
{
    gbx_error *err = check->reader->probe->err;
    for (uint32_t i = 0; i < other->n_fields && i < check->n_fields; i++) {
        const gbx__field *found = &other->fields[i];
        const gbx__field *field = &check->fields[i];
        if (fits(found->type, field->type)) continue;
        GBX_AUTO(gbx__buf_done) gbx__buf types = {0};
        gbx__duck_type_print(&types, found->type);
        gbx__buf_puts(&types, ", where other files have ");
        gbx__duck_type_print(&types, field->type);
        return GBX_FAIL(err, GBX_INVALID,
                        "the column '%.*s' of '%.*s' is %s (as '%.*s'); give its type: types := "
                        "{'%.*s': 'VARCHAR'}",
                        GBX_STR_ARG(field->name), GBX_STR_ARG(path),
                        types.data ? types.data : "of another type",
                        GBX_STR_ARG(check->main_path), GBX_STR_ARG(field->name));
    }
    return GBX_OK;
}

/* ---- dialects -------------------------------------------------------------------------------- */

static gbx_status fail_dialect(csv_check *check, gbx__str path, const char *what)
{
    return GBX_FAIL(check->reader->probe->err, GBX_INVALID,
                    "'%.*s' has another %s than '%.*s'; read them one by one",
                    GBX_STR_ARG(path), what, GBX_STR_ARG(check->main_path));
}

/* What only one of both has is taken; two different ones are refused. */
static bool join_byte(char *ours, char theirs)
{
    if (*ours == '\0') *ours = theirs;
    return theirs == '\0' || *ours == theirs;
}

static bool join_text(gbx__str *ours, gbx__str theirs)
{
    if (ours->len == 0) *ours = theirs;
    return theirs.len == 0 || gbx__str_equal(*ours, theirs);
}

static bool has_type(const gbx__csv_sniffed *sniffed, gbx__type_kind kind)
{
    for (uint32_t i = 0; i < sniffed->n_fields; i++) {
        if (sniffed->fields[i].type->kind == kind) return true;
    }
    return false;
}

static gbx_status join_formats(csv_check *check, gbx__str path, const gbx__csv_sniffed *other)
{
    gbx__csv_dialect *d = check->dialect;
    if (has_type(other, GBX_TYPE_DATE) &&
        !gbx__str_equal(d->date_format, other->dialect.date_format)) {
        return fail_dialect(check, path, "form of dates");
    }
    if (has_type(other, GBX_TYPE_TIMESTAMP) &&
        !gbx__str_equal(d->timestamp_format, other->dialect.timestamp_format)) {
        return fail_dialect(check, path, "form of times");
    }
    return GBX_OK;
}

static gbx_status join_dialect(csv_check *check, gbx__str path, const gbx__csv_sniffed *other)
{
    gbx__csv_dialect *d = check->dialect;
    const gbx__csv_dialect *o = &other->dialect;
    if (other->n_fields > 1 && strcmp(d->delimiter, o->delimiter) != 0) {
        return fail_dialect(check, path, "delimiter");
    }
    if (d->has_header != o->has_header) return fail_dialect(check, path, "header");
    if (d->skip_rows != o->skip_rows) {
        return fail_dialect(check, path, "number of lines before its data");
    }
    if (!join_byte(&d->quote, o->quote)) return fail_dialect(check, path, "quote");
    if (!join_byte(&d->escape, o->escape)) return fail_dialect(check, path, "escape");
    if (!join_byte(&d->comment, o->comment)) return fail_dialect(check, path, "comment sign");
    if (!join_text(&d->newline, o->newline)) d->newline = GBX_STR("");
    return join_formats(check, path, other);
}

/* ---- one file -------------------------------------------------------------------------------- */

/* What the first file settled is not to be found again. */
static void more_args(const csv_check *check, gbx__buf *out)
{
    const gbx__csv_reader *r = check->reader;
    if (r->files.union_by_name) return;
    if (!r->has_delimiter) {
        gbx__buf_puts(out, ", delim := ");
        gbx__duck_quote_text(out, gbx__str_of(check->dialect->delimiter));
    }
    if (!r->has_header) {
        gbx__buf_printf(out, ", header := %s", check->dialect->has_header ? "true" : "false");
    }
}

static gbx_status check_file(csv_check *check, gbx__str path)
{
    bool is_alike = false;
    GBX_TRY(looks_alike(check, path, &is_alike));
    if (is_alike) return GBX_OK;

    gbx__csv_sniffed other = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf more = {0};
    more_args(check, &more);
    GBX_TRY(gbx__source_sql_check(check->reader->probe, &more));
    GBX_TRY(gbx__csv_sniff(check->reader, path, gbx__buf_view(&more), &other));
    if (!check->reader->files.union_by_name) {
        GBX_TRY(check_names(check, path, &other));
        GBX_TRY(check_types(check, path, &other));
    }
    return join_dialect(check, path, &other);
}

static gbx_status check_all(csv_check *check, uint32_t first)
{
    const gbx__probe *probe = check->reader->probe;
    GBX_TRY(read_main_head(check));
    for (uint32_t i = first + 1; i < probe->scan->n_paths; i++) {
        if (probe->files[i].size_bytes == 0) continue;
        GBX_TRY(check_file(check, probe->scan->paths[i]));
    }
    return GBX_OK;
}

gbx_status gbx__csv_check_files(gbx__csv_reader *reader, uint32_t first, gbx__csv_sniffed *sniffed,
                                const gbx__field *fields, uint32_t n_fields)
{
    csv_check check = {.reader = reader,
                       .dialect = &sniffed->dialect,
                       .main_path = reader->probe->scan->paths[first],
                       .names = sniffed->fields,
                       .n_names = sniffed->n_fields,
                       .fields = fields,
                       .n_fields = n_fields};
    gbx__buf_init(&check.main_head, 0);
    const gbx_status status = check_all(&check, first);
    gbx__buf_done(&check.main_head);
    return status;
}
