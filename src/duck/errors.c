/*
 * DuckDB's failures → ours. With errors_as_json each comes as
 *
 *   {"exception_type":"Binder","exception_message":"…","position":"7","type":"Table",…}
 *
 * so nothing has to be cut out of a text with a picture. A failure that another one was made of
 * stands at the end of its message in the same form, and says what it was. Failures of the C API
 * itself are plain text.
 */
#include "duck/duck_priv.h"

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

/* What a failure said. Texts are borrowed from the document or the info. */
typedef struct duck_failure {
    DUCKDB_V2_ERROR code;
    gbx__str message;
    gbx__str entry;   /* what kind of thing is missing from the catalog: "Table"; empty: nothing */
    int64_t position; /* bytes into the query; -1: unknown */
    int32_t errnum;   /* of the system call that failed; 0: none is known */
} duck_failure;

#define FAILURE_MAX_DEPTH 4 /* of failures inside of failures */

static gbx__str member(yyjson_val *object, const char *name)
{
    yyjson_val *value = yyjson_obj_get(object, name);
    return value ? gbx__json_str(value) : (gbx__str){NULL, 0};
}

static void failure_read(duck_failure *failure, yyjson_val *root)
{
    const gbx__str message = member(root, "exception_message");
    const gbx__str position = member(root, "position");
    const gbx__str errnum = member(root, "errno");
    if (message.ptr) failure->message = message;
    if (position.ptr) failure->position = strtoll(position.ptr, NULL, 10);
    if (errnum.ptr) failure->errnum = (int32_t)strtol(errnum.ptr, NULL, 10);
    if (gbx__str_is(member(root, "error_subtype"), "MISSING_ENTRY"))
        failure->entry = member(root, "type");
}

/* The failure in JSON that a text is, or ends with; an empty text when there is none. */
static gbx__str failure_json(gbx__str text)
{
    static const char begin[] = "{\"exception_type\":";
    const char *at = text.ptr ? memmem(text.ptr, text.len, begin, sizeof(begin) - 1) : NULL;
    return at ? (gbx__str){at, text.len - (size_t)(at - text.ptr)} : (gbx__str){NULL, 0};
}

/* Reads what `text` says, and what the failures inside say of it. The texts lie in the documents,
 * of which there are *n. */
static void failure_read_all(duck_failure *failure, gbx__str text,
                             yyjson_doc *docs[FAILURE_MAX_DEPTH], size_t *n)
{
    while (*n < FAILURE_MAX_DEPTH) {
        const gbx__str json = failure_json(text);
        if (json.len == 0 || gbx__json_read(json.ptr, json.len, 0, &docs[*n], NULL) != GBX_OK)
            return;
        failure_read(failure, yyjson_doc_get_root(docs[(*n)++]));
        text = failure->message;
    }
}

static bool contains(gbx__str text, const char *needle)
{
    return text.ptr && memmem(text.ptr, text.len, needle, strlen(needle)) != NULL;
}

/* ---- which status -------------------------------------------------------------------------- */

static gbx_status status_of_catalog(const duck_failure *failure)
{
    static const char *const relations[] = {"Table", "View", "Schema"};
    for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++)
        if (gbx__str_is(failure->entry, relations[i])) return GBX_NOT_FOUND;
    if (contains(failure->message, "does not exist because schema")) return GBX_NOT_FOUND;
    return contains(failure->message, "already exists") ? GBX_EXISTS : GBX_BIND;
}

static gbx_status status_of_file(const duck_failure *failure)
{
    if (contains(failure->message, "No files found that match")) return GBX_NOT_FOUND;
    if (contains(failure->message, "No such file or directory")) return GBX_NOT_FOUND;
    return GBX_IO;
}

/* What damaged files make the readers say; the kind of the failure is anything but telling. */
static bool is_damage(gbx__str message)
{
    static const char *const texts[] = {
        "ecompression failure",
        "Invalid string encoding found in Parquet",
        "Out of buffer",
        "TProtocolException",
        "don't know what type",
        "invalid TType",
        "Variable-length int over",
        "Could not read enough bytes from file",
        "No magic bytes found",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (contains(message, texts[i])) return true;
    return false;
}

static gbx_status status_of_input(const duck_failure *failure)
{
    if (contains(failure->message, "the configuration has been locked")) return GBX_DENIED;
    return GBX_INVALID;
}

static gbx_status status_of(const duck_failure *failure)
{
    switch ((int)failure->code) {
    case DUCKDB_V2_ERROR_RESOURCE_OUT_OF_MEMORY: return GBX_NOMEM;
    case DUCKDB_V2_ERROR_RUNTIME_INTERRUPT: return GBX_CANCELLED;
    case DUCKDB_V2_ERROR_RESOURCE_IN_USE: return GBX_MISUSE;
    case DUCKDB_V2_ERROR_CONFIGURATION_PERMISSION: return GBX_DENIED;
    case DUCKDB_V2_ERROR_QUERY_PARSER:
    case DUCKDB_V2_ERROR_QUERY_SYNTAX: return GBX_PARSE;
    case DUCKDB_V2_ERROR_QUERY_BINDER:
    case DUCKDB_V2_ERROR_QUERY_PARAMETER_NOT_RESOLVED:
    case DUCKDB_V2_ERROR_QUERY_PARAMETER_NOT_ALLOWED: return GBX_BIND;
    case DUCKDB_V2_ERROR_QUERY_NOT_IMPLEMENTED:
    case DUCKDB_V2_ERROR_INPUT_METADATA_DEFERRED:
    case DUCKDB_V2_ERROR_RESOURCE_MISSING_EXTENSION:
    case DUCKDB_V2_ERROR_RESOURCE_AUTOLOAD: return GBX_UNSUPPORTED;
    case DUCKDB_V2_ERROR_DATABASE_CATALOG: return status_of_catalog(failure);
    case DUCKDB_V2_ERROR_DATABASE_CONSTRAINT: return GBX_INVALID;
    case DUCKDB_V2_ERROR_IO_FILE_NOT_FOUND: return GBX_NOT_FOUND;
    default: break;
    }
    if (is_damage(failure->message)) return GBX_CORRUPT;
    switch ((int)failure->code / 1000) {
    case 1: return status_of_file(failure);
    case 2: return status_of_input(failure);
    case 4: return GBX_INVALID;
    case 7: return GBX_INVALID;
    default: return GBX_ENGINE;
    }
}

/* ---- the message --------------------------------------------------------------------------- */

/* Advice that speaks of DuckDB's own settings, pictures of the query, stack traces. */
static gbx__str message_core(gbx__str text)
{
    static const char *const tails[] = {
        " - file system operations are disabled",
        "\n\nUse \"SET ",
        "\nDatabase is launched in",
        "\nUnused blocks cannot be",
        "\n\nLINE ",
        "\n\nColumn ",
        "\n\nPossible ",
        "\nPossible ",
        "\n\nSee also ",
        "\n\nStack Trace:",
        "\nStack Trace:",
        "\n\nPlease try ",
        "\n  file = ",
        "\n\n  file = ",
        "\n\nThis error ",
        "\n\nFor more inf",
    };
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        const char *at = text.ptr ? memmem(text.ptr, text.len, tails[i], strlen(tails[i])) : NULL;
        if (at) text.len = (size_t)(at - text.ptr);
    }
    return text;
}

/* One line: each run of white space becomes one space. */
static void append_line(gbx__buf *out, gbx__str text)
{
    bool is_gap = false;
    for (size_t i = 0; i < text.len; i++) {
        const char c = text.ptr[i];
        const bool is_space = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!is_space && is_gap && out->len > 0) gbx__buf_putc(out, ' ');
        if (!is_space) gbx__buf_putc(out, c);
        is_gap = is_space;
    }
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
           (c & 0x80) != 0;
}

/* A shorter value that is a part of a word got there by chance. */
#define VALUE_LEN_ANYWHERE 4

/* Does `value` stand at text[at]? */
static bool is_value_at(gbx__str text, size_t at, gbx__str value)
{
    if (value.len > text.len - at) return false;
    if (strncasecmp(text.ptr + at, value.ptr, value.len) != 0) return false;
    if (value.len >= VALUE_LEN_ANYWHERE) return true;
    const size_t end = at + value.len;
    const bool joins_before = at > 0 && is_word(text.ptr[at - 1]) && is_word(value.ptr[0]);
    const bool joins_after =
        end < text.len && is_word(text.ptr[end]) && is_word(value.ptr[value.len - 1]);
    return !joins_before && !joins_after;
}

static const gbx__duck_param *param_at(const gbx__duck_about *about, gbx__str text, size_t at)
{
    const gbx__duck_param *longest = NULL;
    for (size_t i = 0; i < about->n_params; i++) {
        const gbx__duck_param *param = &about->params[i];
        if (param->is_null || param->text.len == 0) continue;
        if (longest && param->text.len <= longest->text.len) continue;
        if (is_value_at(text, at, param->text)) longest = param;
    }
    return longest;
}

/* Values of parameters may be secrets: $name stands for them wherever they show up. */
static void append_redacted(gbx__buf *out, gbx__str text, const gbx__duck_about *about)
{
    for (size_t i = 0; i < text.len;) {
        const gbx__duck_param *param = param_at(about, text, i);
        if (!param) {
            gbx__buf_putc(out, text.ptr[i++]);
            continue;
        }
        gbx__buf_putc(out, '$');
        gbx__buf_str(out, param->name);
        i += param->text.len;
    }
}

static void append_limit(gbx__buf *out, const gbx__duck *duck)
{
    gbx__buf_puts(out, "out of memory: ");
    if (duck && duck->memory_limit_bytes > 0)
        gbx__buf_printf(out, "DuckDB may use %lld MB",
                        (long long)(duck->memory_limit_bytes / 1000000));
    else
        gbx__buf_puts(out, "DuckDB's share of the machine is used up");
    gbx__buf_puts(out, duck && duck->spill.path ? ", and what is left cannot be spilled to disk"
                                                : ", and has no folder to spill to");
    gbx__buf_puts(out, "; raise the memory limit or use fewer threads (");
}

/* What stands between two marks; empty: they are not there. */
static gbx__str message_part(gbx__str text, const char *before, const char *behind)
{
    const char *at = text.ptr ? memmem(text.ptr, text.len, before, strlen(before)) : NULL;
    if (!at) return GBX_STR("");
    at += strlen(before);
    const char *end = memmem(at, (size_t)(text.ptr + text.len - at), behind, strlen(behind));
    return end ? (gbx__str){at, (size_t)(end - at)} : GBX_STR("");
}

/* ---- putting it together ------------------------------------------------------------------- */

static void message_write(gbx__buf *out, const duck_failure *failure, gbx_status status,
                          const gbx__duck_about *about)
{
    GBX_AUTO(gbx__buf_done) gbx__buf line = {0};
    append_line(&line, message_core(failure->message));
    /* An input that is out of memory (stream_in.c) has said so itself. */
    const bool is_ours = status == GBX_NOMEM && !gbx__str_starts(failure->message, "input '");
    if (is_ours) append_limit(out, about->duck);
    /* Of a CSV file DuckDB tells the name at the end, among its settings, and what to do there. */
    const gbx__str file = message_part(failure->message, "\n  file = ", "\n");
    const gbx__str types = message_part(failure->message, ", e.g., types={", "}\n");
    if (file.len > 0) gbx__buf_printf(out, "'%.*s': ", GBX_STR_ARG(file));
    append_redacted(out, gbx__buf_view(&line), about);
    if (types.len > 0)
        gbx__buf_printf(out, "; types := {%.*s} reads the column as text", GBX_STR_ARG(types));
    if (is_ours) gbx__buf_putc(out, ')');
    if (status == GBX_DENIED) gbx__buf_puts(out, ": the session's access policy forbids it");
}

static gbx_status failure_tell(const duck_failure *failure, const gbx__duck_about *about,
                               gbx_error *err)
{
    const gbx_status status = status_of(failure);
    if (status == GBX_CANCELLED) {
        GBX_TRY(gbx__cancel_check_err(about->cancel, err));
        return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
    }
    if (!err) return status;
    GBX_AUTO(gbx__buf_done) gbx__buf message = {0};
    message_write(&message, failure, status, about);
    gbx__error_set(err, status, "%s",
                   message.len > 0 && !message.failed ? message.data : "unknown");
    if (about->sql && failure->position >= 0)
        gbx__error_locate(err, about->sql, strlen(about->sql), (size_t)failure->position);
    err->native_code = failure->errnum > 0 ? failure->errnum : (int32_t)failure->code;
    return status;
}

gbx_status gbx__duck_error(DUCKDB_V2_ERROR code, gbx__duck_info *info, const gbx__duck_about *about,
                           gbx_error *err)
{
    static const gbx__duck_about nothing = {0};
    duckdb_v2_str text = {0};
    if (*info) gbx__duck_lib.error_info_get_raw_text(*info, &text);
    duck_failure failure = {.code = code, .message = {text.ptr, text.len}, .position = -1};
    yyjson_doc *docs[FAILURE_MAX_DEPTH];
    size_t n_docs = 0;
    failure_read_all(&failure, failure.message, docs, &n_docs);
    const gbx_status status = failure_tell(&failure, about ? about : &nothing, err);
    while (n_docs > 0) gbx__json_free(docs[--n_docs]);
    gbx__duck_lib.error_info_destroy(info);
    return status;
}
