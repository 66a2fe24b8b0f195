/*
 * function_data: what a function keeps from binding. Nearly all of it can be derived from the
 * arguments, which stay; each function is listed with the keys for which that is known. A
 * function that is not listed, or a new key, is refused.
 */
#include "sql/import_priv.h"

#include <string.h>

static const struct {
    const char *functions; /* separated by blanks, with one before and one behind */
    gbx__key keys[8];
} data_rules[] = {
    {" + - * ",
     {{"check_overflow", GBX_KEY_NOISE},
      {"return_type", GBX_KEY_NOISE},
      {"arguments", GBX_KEY_NOISE},
      {NULL, GBX_KEY_USED}}},
    {" row struct_pack struct_insert union_value struct_update struct_concat ",
     {{"variable_return_type", GBX_KEY_NOISE},
      {"field_indexes", GBX_KEY_NOISE},
      {NULL, GBX_KEY_USED}}},
    {" list_aggr list_aggregate array_aggr array_aggregate aggregate ",
     {{"bind_data", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}}},
    {" list_sort array_sort list_reverse_sort array_reverse_sort list_grade_up array_grade_up "
     "grade_up ",
     {{"order_type", GBX_KEY_NOISE},
      {"null_order", GBX_KEY_NOISE},
      {"return_type", GBX_KEY_NOISE},
      {"child_type", GBX_KEY_NOISE},
      {"is_grade_up", GBX_KEY_NOISE},
      {"sort_key", GBX_KEY_NOISE},
      {"default_collation", GBX_KEY_EMPTY},
      {NULL, GBX_KEY_USED}}},
    {" date_part datepart ",
     {{"stype", GBX_KEY_NOISE}, {"part_codes", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}}},
    {" string_agg group_concat listagg ", {{"separator", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}}},
    {" bitstring_agg ", {{"min", GBX_KEY_NOISE}, {"max", GBX_KEY_NOISE}, {NULL, GBX_KEY_USED}}},
    {" quantile quantile_cont quantile_disc percentile_cont percentile_disc median ",
     {{"quantiles", GBX_KEY_USED},
      {"order", GBX_KEY_NOISE},
      {"desc", GBX_KEY_USED},
      {NULL, GBX_KEY_USED}}},
    {" approx_quantile reservoir_quantile ",
     {{"quantiles", GBX_KEY_NOISE},
      {"sample_size", GBX_KEY_NOISE},
      {"decimal_type", GBX_KEY_NOISE},
      {NULL, GBX_KEY_USED}}},
    {" equi_width_bins ", {{NULL, GBX_KEY_USED}}},
};

static const gbx__key *data_find(gbx__str name)
{
    char padded[80];
    if (name.len + 3 > sizeof(padded)) return NULL;
    padded[0] = ' ';
    memcpy(padded + 1, name.ptr, name.len);
    memcpy(padded + 1 + name.len, " ", 2);
    for (size_t i = 0; i < sizeof(data_rules) / sizeof(data_rules[0]); i++) {
        if (strstr(data_rules[i].functions, padded) != NULL) return data_rules[i].keys;
    }
    return NULL;
}

static bool data_negate(const gbx__type *type, gbx__value *value)
{
    if (value->is_null) return false;
    if (type->kind == GBX_TYPE_FLOAT32 || type->kind == GBX_TYPE_FLOAT64) {
        value->f64 = -value->f64;
        return value->f64 < 0.0;
    }
    if (type->kind != GBX_TYPE_DECIMAL || (value->i128.hi == 0 && value->i128.lo == 0))
        return false;
    value->i128.lo = ~value->i128.lo + 1;
    value->i128.hi = ~value->i128.hi + (value->i128.lo == 0 ? 1 : 0);
    return true;
}

/* Quantiles from the top (ORDER BY … DESC, or a negative fraction): a negative fraction says so. */
static bool data_descending(gbx__importer *im, yyjson_val *data, gbx__pos pos,
                            const gbx__expr **args, uint32_t n_args)
{
    size_t n = 0;
    yyjson_val *list = gbx__import_array(im, data, "quantiles", &n);
    if (list == NULL || n_args < 2 || n != 1) {
        gbx__import_refuse(im, pos, "a list of quantiles from the top");
        return false;
    }
    gbx__value value;
    const gbx__type *type = NULL;
    if (!gbx__import_value(im, yyjson_arr_get_first(list), NULL, &type, &value)) return false;
    if (!data_negate(type, &value)) {
        gbx__import_refuse(im, pos, "this quantile from the top");
        return false;
    }
    args[1] = gbx__expr_const(&im->b->arena, type, &value, pos);
    return args[1] != NULL;
}

bool gbx__import_function_data(gbx__importer *im, yyjson_val *json, gbx__str name, gbx__pos pos,
                               const gbx__expr **args, uint32_t n_args)
{
    yyjson_val *data = yyjson_obj_get(json, "function_data");
    if (data == NULL || yyjson_is_null(data)) return true;
    const gbx__key *keys = data_find(name);
    if (keys == NULL) {
        gbx__import_refuse(im, pos, "the function %.*s, which keeps data of its own",
                           GBX_STR_ARG(name));
        return false;
    }
    if (!gbx__import_keys(im, data, keys, "a function's data")) return false;
    if (yyjson_is_true(yyjson_obj_get(data, "desc")))
        return data_descending(im, data, pos, args, n_args);
    return true;
}
