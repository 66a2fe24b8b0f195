/*
 * Bytes changed at random are seldom JSON, so most of the work on a format in JSON would end in its
 * reader. Here the value stays JSON: a subtree takes the place of another, goes, comes twice, or a
 * scalar changes.
 */
#include "support/fuzz.h"

#include <string.h>
#include <yyjson.h>

#define VALUES_MAX 4096

static unsigned state;

static unsigned dice(unsigned sides)
{
    state = state * 1664525u + 1013904223u;
    return sides ? (state >> 8) % sides : 0;
}

typedef struct places {
    yyjson_mut_val *values[VALUES_MAX];
    unsigned n;
} places;

static void collect(places *p, yyjson_mut_val *value, int depth)
{
    size_t i, max;
    yyjson_mut_val *key, *item;
    if (p->n == VALUES_MAX || depth > 200) return;
    p->values[p->n++] = value;
    if (yyjson_mut_is_arr(value)) {
        yyjson_mut_arr_foreach(value, i, max, item) collect(p, item, depth + 1);
    } else if (yyjson_mut_is_obj(value)) {
        yyjson_mut_obj_foreach(value, i, max, key, item) collect(p, item, depth + 1);
    }
}

/* The value itself, `next` left alone: it is a member of whatever holds it. */
static void overwrite(yyjson_mut_val *to, const yyjson_mut_val *from)
{
    to->tag = from->tag;
    to->uni = from->uni;
}

static void change_scalar(yyjson_mut_doc *doc, places *p, yyjson_mut_val *value)
{
    static const int64_t numbers[] = {0,         1,         -1,        2,        3,   38,
                                      39,        127,       250,       255,      256, 65536,
                                      INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    if (yyjson_mut_is_bool(value)) {
        yyjson_mut_set_bool(value, !yyjson_mut_get_bool(value));
    } else if (yyjson_mut_is_num(value)) {
        const unsigned which = dice(20);
        if (which < 16)
            yyjson_mut_set_sint(value, numbers[which]);
        else if (which < 18)
            yyjson_mut_set_uint(value, yyjson_mut_get_uint(value) + 1);
        else
            yyjson_mut_set_uint(value, UINT64_MAX);
    } else if (yyjson_mut_is_str(value)) {
        for (unsigned tries = 0; tries < 32; tries++) { /* another text of the same document */
            yyjson_mut_val *other = p->values[dice(p->n)];
            if (!yyjson_mut_is_str(other) || other == value) continue;
            overwrite(value, other);
            return;
        }
        yyjson_mut_set_str(value, "");
    } else {
        overwrite(value, yyjson_mut_int(doc, (int)dice(4)));
    }
}

static void mutate_once(yyjson_mut_doc *doc)
{
    static places p;
    p.n = 0;
    collect(&p, yyjson_mut_doc_get_root(doc), 0);
    yyjson_mut_val *value = p.values[dice(p.n)];
    yyjson_mut_val *other = p.values[dice(p.n)];
    switch (dice(8)) {
    case 0: /* a copy of another */
    case 1: {
        yyjson_mut_val *copy = yyjson_mut_val_mut_copy(doc, other);
        if (copy) overwrite(value, copy);
        break;
    }
    case 2:
        if (yyjson_mut_is_arr(value))
            yyjson_mut_arr_remove_first(value);
        else if (yyjson_mut_is_obj(value))
            yyjson_mut_obj_clear(value);
        break;
    case 3:
        if (yyjson_mut_is_arr(value))
            yyjson_mut_arr_append(value, yyjson_mut_val_mut_copy(doc, other));
        else
            yyjson_mut_set_null(value);
        break;
    default:
        for (unsigned tries = 0; tries < 32 && yyjson_mut_is_ctn(value); tries++)
            value = p.values[dice(p.n)];
        if (!yyjson_mut_is_ctn(value)) change_scalar(doc, &p, value);
    }
}

size_t fuzz_mutate_json(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    yyjson_doc *doc = yyjson_read((const char *)data, size, YYJSON_READ_ALLOW_INF_AND_NAN);
    yyjson_mut_doc *copy = doc ? yyjson_doc_mut_copy(doc, NULL) : NULL;
    size_t len = 0;
    state = seed;
    if (copy && yyjson_mut_doc_get_root(copy)) {
        for (unsigned n = 1 + dice(4); n > 0; n--) mutate_once(copy);
        char *text = yyjson_mut_write(copy, YYJSON_WRITE_ALLOW_INF_AND_NAN, &len);
        if (text && len <= max_size)
            memcpy(data, text, len);
        else
            len = 0;
        free(text);
    }
    yyjson_mut_doc_free(copy);
    yyjson_doc_free(doc);
    return len;
}
