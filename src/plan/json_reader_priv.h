/*
 * Reading plan JSON as a stranger's: what the readers of values, expressions, scans and nodes
 * share.
 *
 *   object ─ gbx__pj_object ─→ members by index, unknown and double keys refused
 *   member ─ gbx__pj_bool, gbx__pj_str, … ─→ C, absent ones leave `out` as it is
 *
 * Everything is copied into the builder's arena: the JSON may go away.
 */
#ifndef GBX_PLAN_JSON_READER_PRIV_H
#define GBX_PLAN_JSON_READER_PRIV_H

#include "base/error.h"
#include "base/json.h"
#include "base/map.h"
#include "plan/plan_priv.h"

typedef struct gbx__pj {
    gbx__plan_builder b;
    gbx_error *err;
    gbx__map types;  /* text → type: most columns have one of a few */
    gbx__map shares; /* number, as text → node */
    int depth;       /* of expressions */
} gbx__pj;

/* Where we are, for messages: a member of `up` or, with key NULL, an item. */
typedef struct gbx__pj_path {
    const struct gbx__pj_path *up;
    const char *key;
    size_t index;
} gbx__pj_path;

/* Sets the error with the place and returns `status`; `key` may be NULL: the place itself. */
gbx_status gbx__pj_fail(gbx__pj *r, gbx_status status, const gbx__pj_path *path, const char *key,
                        const char *format, ...) GBX_PRINTF(5, 6);

/* The members of an object by the index of their names; absent ones are NULL. At most 64 names. */
gbx_status gbx__pj_object(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val,
                          const char *const *names, size_t n_names, yyjson_val **out);
/* Of those members only the ones in `allowed` (bits by index) may be there, and `needed` are. */
gbx_status gbx__pj_members(gbx__pj *r, const gbx__pj_path *path, const char *const *names,
                           size_t n_names, yyjson_val *const *members, uint64_t allowed,
                           uint64_t needed);

/* A member's value; NULL leaves `out`. */
gbx_status gbx__pj_bool(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        bool *out);
gbx_status gbx__pj_int(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       int64_t least, int64_t most, int64_t *out);
gbx_status gbx__pj_u32(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       uint32_t least, uint32_t most, uint32_t *out);
gbx_status gbx__pj_double(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          double *out);
gbx_status gbx__pj_str(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       gbx__str *out);
gbx_status gbx__pj_char(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        char *out);
gbx_status gbx__pj_hex(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                       gbx__str *out);
gbx_status gbx__pj_type(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__type **out);
gbx_status gbx__pj_pos(gbx__pj *r, const gbx__pj_path *path, yyjson_val *val, gbx__pos *out);
/* One of n texts, as its number. */
typedef const char *gbx__pj_text_of(int number);
gbx_status gbx__pj_enum(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        int n, gbx__pj_text_of *text_of, int *out);

/* An array: its length, and room in the arena for as many items of `size`. NULL `val`: none. */
gbx_status gbx__pj_array(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                         size_t size, uint32_t *out_n, void *out_items);
gbx_status gbx__pj_strs(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t *out_n, const gbx__str **out);
gbx_status gbx__pj_u32s(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t most, uint32_t *out_n, const uint32_t **out);
gbx_status gbx__pj_fields(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          uint32_t *out_n, const gbx__field **out);

/* A column's id, which the builder counts from now on. */
gbx_status gbx__pj_col_id(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                          gbx__col_id *out);

/* json_read_value.c, json_read_expr.c, json_read_scan.c */
gbx_status gbx__pj_value(gbx__pj *r, const gbx__pj_path *path, const char *key,
                         const gbx__type *type, yyjson_val *val, gbx__value *out);
gbx_status gbx__pj_expr(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__expr **out); /* NULL when absent */
gbx_status gbx__pj_exprs(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                         uint32_t *out_n, const gbx__expr *const **out);
gbx_status gbx__pj_keys(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        uint32_t *out_n, const gbx__sort_key **out);
gbx_status gbx__pj_scan(gbx__pj *r, const gbx__pj_path *path, const char *key, yyjson_val *val,
                        const gbx__scan **out);

#endif
