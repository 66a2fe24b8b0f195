/*
 * {"error": true, "error_type": "binder", "error_message": …, "position": "7"} → status, message,
 * place.
 */
#include "sql/bind_priv.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *type;
    gbx_status status;
} error_types[] = {
    {"parser", GBX_PARSE},
    {"syntax", GBX_PARSE},
    {"binder", GBX_BIND},
    {"catalog", GBX_BIND},
    {"conversion", GBX_INVALID},
    {"out of range", GBX_INVALID},
    {"invalid input", GBX_INVALID},
    {"invalid type", GBX_BIND},
    {"mismatch type", GBX_BIND},
    {"divide by zero", GBX_INVALID},
    {"constraint", GBX_INVALID},
    {"io", GBX_IO},
    {"permission", GBX_DENIED},
    {"out of memory", GBX_NOMEM},
    {"parameter not allowed", GBX_BIND},
    {"parameter not resolved", GBX_BIND},
    {"expression", GBX_BIND},
    {"settings", GBX_INVALID},
};

#define BIND_TOO_DEEP "Max expression depth limit of 1000"

/* What DuckDB says, without its list of overloads; for a missing table, how one comes to be. */
static void bind_message(yyjson_val *answer, gbx_status status, const char *message, gbx_error *err)
{
    const char *name = yyjson_get_str(yyjson_obj_get(answer, "name"));
    const char *list = strstr(message, "Candidate functions:");
    if (status == GBX_NOT_FOUND && name != NULL) {
        gbx__error_set(err, status,
                       "there is no table '%s': a file is written in quotes ('%s.csv'), other "
                       "inputs are named first (--table %s=PATH)",
                       name, name, name);
        return;
    }
    size_t len = list != NULL ? (size_t)(list - message) : strlen(message);
    while (len > 0 && strchr(" \t\n", message[len - 1]) != NULL) len--;
    gbx__error_set(err, status, "%.*s", (int)len, message);
}

bool gbx__bind_error(yyjson_val *answer, gbx__str text, const gbx__edits *edits, gbx__str bound,
                     gbx_error *err)
{
    const char *type = yyjson_get_str(yyjson_obj_get(answer, "error_type"));
    const char *message = yyjson_get_str(yyjson_obj_get(answer, "error_message"));
    const char *position = yyjson_get_str(yyjson_obj_get(answer, "position"));
    const char *subtype = yyjson_get_str(yyjson_obj_get(answer, "error_subtype"));
    const char *entry = yyjson_get_str(yyjson_obj_get(answer, "type"));
    gbx_status status = GBX_UNSUPPORTED;
    for (size_t i = 0; type != NULL && i < sizeof(error_types) / sizeof(error_types[0]); i++) {
        if (strcmp(type, error_types[i].type) == 0) status = error_types[i].status;
    }
    /* An operator of the binder's that has no written form: the query is right all the same. */
    if (message != NULL && strstr(message, "does not support serialization") != NULL)
        status = GBX_UNSUPPORTED;
    if (subtype != NULL && strcmp(subtype, "MISSING_ENTRY") == 0 && entry != NULL &&
        strstr(entry, "Table") != NULL && strstr(entry, "Function") == NULL)
        status = GBX_NOT_FOUND;
    if (message == NULL) message = "the query can't be bound";
    if (strncmp(message, BIND_TOO_DEEP, strlen(BIND_TOO_DEEP)) == 0) {
        status = GBX_PARSE; /* its advice is a SET, which is not run here */
        message = "the query is nested more than 1000 deep";
    }
    bind_message(answer, status, message, err);
    size_t at = position != NULL ? strtoul(position, NULL, 10) : SIZE_MAX;
    if (at > bound.len) at = SIZE_MAX;
    if (at != SIZE_MAX) gbx__error_locate(err, text.ptr, text.len, gbx__edits_map_back(edits, at));
    return status != GBX_UNSUPPORTED;
}
