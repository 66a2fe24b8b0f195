#include "plan/json_reader_priv.h"

#include <math.h>
#include <string.h>

/* Deeper places are told by their ends. */
#define PATH_MAX_STEPS 12

/* ---- failures -------------------------------------------------------------------------------- */

static void print_step(gbx__buf *out, const gbx__pj_path *step)
{
    if (step->key) {
        gbx__buf_printf(out, ".%s", step->key);
    } else {
        gbx__buf_printf(out, "[%zu]", step->index);
    }
}

static void print_path(gbx__buf *out, const gbx__pj_path *path)
{
    const gbx__pj_path *steps[PATH_MAX_STEPS];
    int n = 0;
    for (; path && n < PATH_MAX_STEPS; path = path->up) steps[n++] = path;
    gbx__buf_puts(out, path ? "$…" : "$");
    while (n > 0) print_step(out, steps[--n]);
}

gbx_status gbx__pj_fail(gbx__pj *r, gbx_status status, const gbx__pj_path *path, const char *key,
                        const char *format, ...)
{
    const gbx__pj_path member = {.up = path, .key = key};
    gbx__buf what;
    gbx__buf where;
    gbx__buf_init(&what, 0);
    gbx__buf_init(&where, 0);
    va_list args;
    va_start(args, format);
    gbx__buf_vprintf(&what, format, args);
    va_end(args);
    print_path(&where, key ? &member : path);
    if (what.failed || where.failed) {
        status = GBX_FAIL_NOMEM(r->err);
    } else {
        gbx__error_set(r->err, status, "plan JSON: %s at %s", what.data, where.data);
    }
    gbx__buf_done(&what);
    gbx__buf_done(&where);
    return status;
}

static gbx_status json_expected(gbx__pj *r, const gbx__pj_path *path, const char *key,
                                const char *what)
{
    return gbx__pj_fail(r, GBX_INVALID, path, key, "%s expected", what);
}

/* ---- objects --------------------------------------------------------------------------------- */

static size_t find_name(yyjson_val *key, const char *const *names, size_t n_names)
{
    size_t i = 0;
    while (i < n_names && !yyjson_equals_str(key, names[i])) i++;
    return i;
}

/* A key of a stranger may be long. */
#define KEY_ARG(key) (int)(yyjson_get_len(key) < 60 ? yyjson_get_len(key) : 60), yyjson_get_str(key)

gbx_status gbx__pj_object(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                          const char *const *names, size_t n_names, yyjson_val **out)
{
    memset(out, 0, n_names * sizeof(yyjson_val *));
    if (!yyjson_is_obj(val)) return json_expected(r, path, NULL, "an object");
    yyjson_obj_iter iter = yyjson_obj_iter_with(val);
    for (yyjson_val *key = yyjson_obj_iter_next(&iter); key; key = yyjson_obj_iter_next(&iter)) {
        const size_t i = find_name(key, names, n_names);
        if (i == n_names) {
            return gbx__pj_fail(r, GBX_INVALID, path, NULL, "unknown key '%.*s'", KEY_ARG(key));
        }
        if (out[i]) {
            return gbx__pj_fail(r, GBX_INVALID, path, NULL, "key '%s' comes twice", names[i]);
        }
        out[i] = yyjson_obj_iter_get_val(key);
    }
    return GBX_OK;
}

gbx_status gbx__pj_members(gbx__pj *r, const gbx__pj_path *path, const char *const *names,
                           size_t n_names, yyjson_val *const *members, uint64_t allowed,
                           uint64_t needed)
{
    for (size_t i = 0; i < n_names; i++) {
        const uint64_t bit = UINT64_C(1) << i;
        if (members[i] && !(allowed & bit)) {
            return gbx__pj_fail(r, GBX_INVALID, path, NULL, "key '%s' does not belong here",
                                names[i]);
        }
        if (!members[i] && needed & bit) {
            return gbx__pj_fail(r, GBX_INVALID, path, NULL, "key '%s' is missing", names[i]);
        }
    }
    return GBX_OK;
}

/* ---- scalars --------------------------------------------------------------------------------- */

gbx_status gbx__pj_bool(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        bool *out)
{
    if (!val) return GBX_OK;
    if (!yyjson_is_bool(val)) return json_expected(r, path, key, "true or false");
    *out = yyjson_get_bool(val);
    return GBX_OK;
}

/* Integers past 2^53 come as texts. */
static bool parse_int(yyjson_val *val, int64_t *out)
{
    gbx__int128 wide;
    if (yyjson_is_sint(val)) {
        *out = yyjson_get_sint(val);
        return true;
    }
    if (yyjson_is_uint(val)) {
        const uint64_t number = yyjson_get_uint(val);
        *out = (int64_t)number;
        return number <= INT64_MAX;
    }
    if (!yyjson_is_str(val)) return false;
    const gbx__str text = {yyjson_get_str(val), yyjson_get_len(val)};
    if (!gbx__int128_parse(text, &wide)) return false;
    const bool is_negative = wide.lo > INT64_MAX;
    *out = is_negative ? -(int64_t)(UINT64_MAX - wide.lo) - 1 : (int64_t)wide.lo;
    return wide.hi == (is_negative ? -1 : 0);
}

gbx_status gbx__pj_int(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       int64_t least, int64_t most, int64_t *out)
{
    int64_t number;
    if (!val) return GBX_OK;
    if (!parse_int(val, &number)) return json_expected(r, path, key, "an integer");
    if (number < least || number > most) {
        return gbx__pj_fail(r, GBX_INVALID, path, key, "a number from %lld to %lld expected",
                            (long long)least, (long long)most);
    }
    *out = number;
    return GBX_OK;
}

gbx_status gbx__pj_u32(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       uint32_t least, uint32_t most, uint32_t *out)
{
    int64_t number = *out;
    GBX_TRY(gbx__pj_int(r, path, key, val, least, most, &number));
    *out = (uint32_t)number;
    return GBX_OK;
}

gbx_status gbx__pj_double(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          double *out)
{
    if (!val) return GBX_OK;
    if (yyjson_is_num(val)) {
        *out = yyjson_get_num(val);
    } else if (yyjson_equals_str(val, "NaN")) {
        *out = (double)NAN;
    } else if (yyjson_equals_str(val, "Infinity")) {
        *out = (double)INFINITY;
    } else if (yyjson_equals_str(val, "-Infinity")) {
        *out = (double)-INFINITY;
    } else {
        return json_expected(r, path, key, "a number");
    }
    return GBX_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

gbx_status gbx__pj_hex(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       gbx__str *out)
{
    if (!val) return GBX_OK;
    const char *text = yyjson_get_str(val);
    const size_t len = text ? yyjson_get_len(val) : 0;
    if (!text || len % 2) return json_expected(r, path, key, "pairs of hexadecimal digits");
    char *bytes = gbx__arena_alloc(&r->b.arena, len / 2 + 1);
    if (!bytes) return GBX_FAIL_NOMEM(r->err);
    for (size_t i = 0; i < len; i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return json_expected(r, path, key, "pairs of hexadecimal digits");
        bytes[i / 2] = (char)(unsigned char)(high << 4 | low);
    }
    *out = (gbx__str){bytes, len / 2};
    return GBX_OK;
}

gbx_status gbx__pj_str(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       gbx__str *out)
{
    if (!val) return GBX_OK;
    if (yyjson_is_obj(val)) { /* bytes that are not UTF-8 */
        static const char *const names[] = {"hex"};
        const gbx__pj_path member = {.up = path, .key = key};
        yyjson_val *hex;
        GBX_TRY(gbx__pj_object(r, &member, val, names, 1, &hex));
        GBX_TRY(gbx__pj_members(r, &member, names, 1, &hex, 1, 1));
        return gbx__pj_hex(r, &member, "hex", hex, out);
    }
    if (!yyjson_is_str(val)) return json_expected(r, path, key, "a text");
    const gbx__str text = {yyjson_get_str(val), yyjson_get_len(val)};
    *out = gbx__arena_str(&r->b.arena, text);
    return out->ptr ? GBX_OK : GBX_FAIL_NOMEM(r->err);
}

gbx_status gbx__pj_char(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        char *out)
{
    gbx__str text = {out, 1};
    if (!val) return GBX_OK;
    GBX_TRY(gbx__pj_str(r, path, key, val, &text));
    if (text.len != 1 || text.ptr[0] == '\0') return json_expected(r, path, key, "one byte");
    *out = text.ptr[0];
    return GBX_OK;
}

gbx_status gbx__pj_type(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__type **out)
{
    gbx_error why = {0};
    if (!val) return GBX_OK;
    if (!yyjson_is_str(val)) return json_expected(r, path, key, "the text of a type");
    const gbx__str text = {yyjson_get_str(val), yyjson_get_len(val)};
    const gbx__type *type = gbx__map_get(&r->types, text);
    if (!type) {
        const gbx_status status = gbx__type_parse(&r->b.arena, text, &type, &why);
        if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(r->err);
        if (status != GBX_OK) return gbx__pj_fail(r, GBX_INVALID, path, key, "%s", why.message);
        /* The map holds it for reading only. */
        if (!gbx__map_set(&r->types, text, (void *)(uintptr_t)type)) return GBX_FAIL_NOMEM(r->err);
    }
    *out = type;
    return GBX_OK;
}

gbx_status gbx__pj_pos(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, gbx__pos *out)
{
    if (!val) return GBX_OK;
    if (!yyjson_is_arr(val) || yyjson_arr_size(val) != 2) {
        return json_expected(r, path, "pos", "an offset and a length");
    }
    GBX_TRY(gbx__pj_int(r, path, "pos", yyjson_arr_get(val, 0), 0, INT64_MAX, &out->offset));
    return gbx__pj_int(r, path, "pos", yyjson_arr_get(val, 1), 0, INT64_MAX, &out->len);
}

gbx_status gbx__pj_enum(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        int n, gbx__pj_text_of *text_of, int *out)
{
    if (!val) return GBX_OK;
    for (int i = 0; i < n; i++) {
        if (!yyjson_equals_str(val, text_of(i))) continue;
        *out = i;
        return GBX_OK;
    }
    if (!yyjson_is_str(val)) return json_expected(r, path, key, "a text");
    return gbx__pj_fail(r, GBX_INVALID, path, key, "unknown '%.*s'", KEY_ARG(val));
}

gbx_status gbx__pj_col_id(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          gbx__col_id *out)
{
    GBX_TRY(gbx__pj_u32(r, path, key, val, 1, GBX_MAX_IDS - 1, out));
    if (val && *out >= r->b.next_col) r->b.next_col = *out + 1;
    return GBX_OK;
}

/* ---- arrays ---------------------------------------------------------------------------------- */

gbx_status gbx__pj_array(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                         size_t size, uint32_t *out_n, void *out_items)
{
    void *items = NULL;
    *out_n = 0;
    memcpy(out_items, &items, sizeof(items));
    if (!val) return GBX_OK;
    if (!yyjson_is_arr(val)) return json_expected(r, path, key, "an array");
    const size_t n = yyjson_arr_size(val);
    if (n >= UINT32_MAX) return gbx__pj_fail(r, GBX_INVALID, path, key, "too many items");
    items = gbx__arena_array(&r->b.arena, n, size);
    if (!items) return GBX_FAIL_NOMEM(r->err);
    *out_n = (uint32_t)n;
    memcpy(out_items, &items, sizeof(items));
    return GBX_OK;
}

gbx_status gbx__pj_strs(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t *out_n, const gbx__str **out)
{
    gbx__str *texts;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = key}};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*texts), out_n, &texts));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        GBX_TRY(gbx__pj_str(r, &item, NULL, yyjson_arr_iter_next(&iter), &texts[item.index]));
    }
    *out = texts;
    return GBX_OK;
}

gbx_status gbx__pj_u32s(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t most, uint32_t *out_n, const uint32_t **out)
{
    uint32_t *numbers;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = key}};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*numbers), out_n, &numbers));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        yyjson_val *number = yyjson_arr_iter_next(&iter);
        GBX_TRY(gbx__pj_u32(r, &item, NULL, number, 0, most, &numbers[item.index]));
    }
    *out = numbers;
    return GBX_OK;
}

static gbx_status read_field(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, gbx__field *out)
{
    static const char *const names[] = {"name", "type"};
    yyjson_val *members[2];
    GBX_TRY(gbx__pj_object(r, path, val, names, 2, members));
    GBX_TRY(gbx__pj_members(r, path, names, 2, members, 3, 3));
    GBX_TRY(gbx__pj_str(r, path, "name", members[0], &out->name));
    return gbx__pj_type(r, path, "type", members[1], &out->type);
}

gbx_status gbx__pj_fields(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          uint32_t *out_n, const gbx__field **out)
{
    gbx__field *fields;
    gbx__pj_path item = {.up = &(gbx__pj_path){.up = path, .key = key}};
    GBX_TRY(gbx__pj_array(r, path, key, val, sizeof(*fields), out_n, &fields));
    yyjson_arr_iter iter = yyjson_arr_iter_with(val);
    for (; item.index < *out_n; item.index++) {
        GBX_TRY(read_field(r, &item, yyjson_arr_iter_next(&iter), &fields[item.index]));
    }
    *out = fields;
    return GBX_OK;
}
