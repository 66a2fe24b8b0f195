/*
 * Strictness: what the binder says and the importer does not know is never passed over in silence.
 */
#include "sql/import_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool gbx__import_failed(const gbx__importer *im)
{
    return im->b->failed != GBX_OK;
}

void *gbx__import_refuse(gbx__importer *im, gbx__pos pos, const char *format, ...)
{
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    return gbx__plan_fail(im->b, GBX_UNSUPPORTED, pos, "not in the plan: %s", what);
}

bool gbx__import_enter(gbx__importer *im)
{
    if (++im->depth <= GBX_MAX_DEPTH) return true;
    gbx__import_refuse(im, GBX_NO_POS, "nesting deeper than %d", GBX_MAX_DEPTH);
    return false;
}

void gbx__import_leave(gbx__importer *im)
{
    im->depth--;
}

static bool key_is_empty(yyjson_val *value)
{
    if (yyjson_is_null(value)) return true;
    if (yyjson_is_str(value)) return yyjson_get_len(value) == 0;
    if (yyjson_is_arr(value) || yyjson_is_obj(value)) return yyjson_get_len(value) == 0;
    if (yyjson_is_bool(value)) return !yyjson_get_bool(value);
    if (yyjson_is_uint(value))
        return yyjson_get_uint(value) == 0 || yyjson_get_uint(value) == GBX_IMPORT_UNSET;
    return false;
}

static bool key_check(gbx__importer *im, yyjson_val *value, const gbx__key *key, const char *what)
{
    if (key->rule == GBX_KEY_EMPTY && !key_is_empty(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "%s with %s", what, key->name);
        return false;
    }
    if (key->rule == GBX_KEY_TRUE && !yyjson_is_true(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "%s without %s", what, key->name);
        return false;
    }
    return true;
}

bool gbx__import_keys(gbx__importer *im, yyjson_val *object, const gbx__key *keys, const char *what)
{
    if (!yyjson_is_obj(object)) {
        gbx__import_refuse(im, GBX_NO_POS, "%s that is not an object", what);
        return false;
    }
    yyjson_obj_iter iter = yyjson_obj_iter_with(object);
    yyjson_val *name = NULL;
    while ((name = yyjson_obj_iter_next(&iter)) != NULL) {
        const gbx__key *key = keys;
        while (key->name != NULL && !yyjson_equals_str(name, key->name)) key++;
        if (key->name == NULL) {
            gbx__import_refuse(im, GBX_NO_POS, "%s with unknown key '%s'", what,
                               yyjson_get_str(name));
            return false;
        }
        if (!key_check(im, yyjson_obj_iter_get_val(name), key, what)) return false;
    }
    return true;
}

yyjson_val *gbx__import_member(gbx__importer *im, yyjson_val *object, const char *key)
{
    yyjson_val *value = yyjson_obj_get(object, key);
    if (value == NULL) gbx__import_refuse(im, GBX_NO_POS, "an object without '%s'", key);
    return value;
}

gbx__str gbx__import_text(gbx__importer *im, yyjson_val *object, const char *key)
{
    yyjson_val *value = gbx__import_member(im, object, key);
    if (value != NULL && !yyjson_is_str(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "'%s' that is not a text", key);
        value = NULL;
    }
    if (value == NULL) return GBX_STR("");
    return gbx__json_str(value);
}

bool gbx__import_bool(gbx__importer *im, yyjson_val *object, const char *key, bool *out)
{
    yyjson_val *value = gbx__import_member(im, object, key);
    if (value == NULL) return false;
    if (!yyjson_is_bool(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "'%s' that is not true or false", key);
        return false;
    }
    *out = yyjson_get_bool(value);
    return true;
}

bool gbx__import_index(gbx__importer *im, yyjson_val *object, const char *key, uint64_t *out)
{
    yyjson_val *value = gbx__import_member(im, object, key);
    if (value == NULL) return false;
    if (!yyjson_is_uint(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "'%s' that is not a number", key);
        return false;
    }
    *out = yyjson_get_uint(value);
    return true;
}

yyjson_val *gbx__import_array(gbx__importer *im, yyjson_val *object, const char *key, size_t *n)
{
    *n = 0;
    yyjson_val *value = gbx__import_member(im, object, key);
    if (value == NULL) return NULL;
    if (!yyjson_is_arr(value)) {
        gbx__import_refuse(im, GBX_NO_POS, "'%s' that is not a list", key);
        return NULL;
    }
    *n = yyjson_arr_size(value);
    return value;
}
