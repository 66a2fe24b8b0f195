/*
 * Classes of types in the rows of dialects, and what holds on any engine.
 */
#include "sql/host_priv.h"

#include <stdlib.h>
#include <string.h>

static bool class_signed(const gbx__type *type)
{
    return type->kind == GBX_TYPE_INT8 || type->kind == GBX_TYPE_INT16 ||
           type->kind == GBX_TYPE_INT32 || type->kind == GBX_TYPE_INT64;
}

static bool class_unsigned(const gbx__type *type)
{
    return type->kind == GBX_TYPE_UINT8 || type->kind == GBX_TYPE_UINT16 ||
           type->kind == GBX_TYPE_UINT32;
}

/* Types whose values are equal and ordered everywhere as the contract has it. */
static bool class_comparable(const gbx__type *type)
{
    switch (type->kind) {
    case GBX_TYPE_BOOL:
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_INT128:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_UINT64:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UTF8:
    case GBX_TYPE_BINARY:
    case GBX_TYPE_DATE:
    case GBX_TYPE_TIME:
    case GBX_TYPE_TIMESTAMP: return true;
    default: return false;
    }
}

static bool class_is_const(const gbx__expr *arg, int64_t least)
{
    return arg->kind == GBX_EX_CONST && !arg->value->is_null &&
           (class_signed(arg->type) || class_unsigned(arg->type)) && arg->value->i64 >= least &&
           arg->value->i64 <= INT32_MAX;
}

/* A pattern in which no character stands for another than it does for the contract. */
static bool class_is_pattern(const gbx__expr *arg)
{
    return arg->kind == GBX_EX_CONST && arg->type->kind == GBX_TYPE_UTF8 && !arg->value->is_null &&
           (arg->value->text.len == 0 ||
            memchr(arg->value->text.ptr, '\\', arg->value->text.len) == NULL);
}

bool gbx__host_class_is(const gbx__host_words *words, char class, const gbx__expr *arg)
{
    const gbx__type *type = arg->type;
    switch (class) {
    case 'b': return type->kind == GBX_TYPE_BOOL;
    case 'i': return class_signed(type);
    case 'w': return class_signed(type) && type->kind != GBX_TYPE_INT64;
    case 'l': return type->kind == GBX_TYPE_INT64;
    case 'u': return class_unsigned(type);
    case 'U': return type->kind == GBX_TYPE_UINT64;
    case 'f': return type->kind == GBX_TYPE_FLOAT64;
    case 'F': return gbx__type_is_float(type);
    case 's': /* a float that costs nothing to write again */
        while (arg->kind == GBX_EX_CAST) arg = arg->args[0];
        return type->kind == GBX_TYPE_FLOAT64 &&
               (arg->kind == GBX_EX_COLUMN || arg->kind == GBX_EX_CONST);
    case 'd': return type->kind == GBX_TYPE_DECIMAL;
    case 'e': /* a sum of which can't pass 38 digits */
        return type->kind == GBX_TYPE_DECIMAL && type->precision <= 28;
    case 't': return type->kind == GBX_TYPE_UTF8;
    case 'D': return type->kind == GBX_TYPE_DATE;
    case 'S':
        return type->kind == GBX_TYPE_TIMESTAMP && type->unit == GBX_UNIT_US && !type->has_zone;
    case 'B': return type->kind == GBX_TYPE_BINARY;
    case 'k': return class_comparable(type) && words->holds(type);
    case 'x': return words->holds(type);
    case 'P': return class_is_pattern(arg);
    case 'N': return class_is_const(arg, 0);
    case '1': return class_is_const(arg, 1);
    case 'O': return arg->kind == GBX_EX_CONST && arg->value->is_null;
    default: return false;
    }
}

bool gbx__host_is_key(const gbx__type *type)
{
    if (type->kind == GBX_TYPE_LIST || type->kind == GBX_TYPE_STRUCT) {
        for (uint32_t i = 0; i < type->n_fields; i++) {
            if (!gbx__host_is_key(type->fields[i].type) || gbx__type_is_float(type->fields[i].type))
                return false;
        }
        return true;
    }
    return class_comparable(type) || gbx__type_is_float(type) || type->kind == GBX_TYPE_UUID ||
           type->kind == GBX_TYPE_ENUM;
}

bool gbx__host_is_sortable(const gbx__type *type)
{
    return class_comparable(type) || gbx__type_is_float(type) || type->kind == GBX_TYPE_NULL;
}

static bool class_fits(const gbx__host_words *words, const char *classes, const gbx__expr *call)
{
    const bool same = *classes == '=';
    const char *at = same ? classes + 1 : classes;
    for (uint32_t i = 0; i < call->n_args; i++) {
        if (*at == '\0') return false;
        if (!gbx__host_class_is(words, *at, call->args[i])) return false;
        if (same && !gbx__type_equal(call->args[i]->type, call->args[0]->type)) return false;
        if (at[1] != '*') at++;
    }
    return *at == '\0' || at[1] == '*';
}

static int class_compare(const void *name, const void *row)
{
    return strcmp(name, ((const gbx__native *)row)->name);
}

const gbx__native *gbx__host_find(const gbx__host_words *words, gbx__natives rows,
                                  const gbx__expr *call)
{
    const gbx__native *found =
        bsearch(call->fn->name, rows.rows, rows.n, sizeof(rows.rows[0]), class_compare);
    if (found == NULL) return NULL;
    while (found > rows.rows && strcmp(found[-1].name, call->fn->name) == 0) found--;
    for (; found < rows.rows + rows.n && strcmp(found->name, call->fn->name) == 0; found++) {
        if (class_fits(words, found->args, call)) return found;
    }
    return NULL;
}

/* Bits of an integer, the sign's among them for a signed one; 0: it is none. */
static int class_bits(const gbx__type *type, bool *is_signed)
{
    *is_signed = class_signed(type);
    switch (type->kind) {
    case GBX_TYPE_INT8:
    case GBX_TYPE_UINT8: return 8;
    case GBX_TYPE_INT16:
    case GBX_TYPE_UINT16: return 16;
    case GBX_TYPE_INT32:
    case GBX_TYPE_UINT32: return 32;
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT64: return 64;
    default: return 0;
    }
}

static int class_digits(int bits)
{
    return bits == 8 ? 3 : bits == 16 ? 5 : bits == 32 ? 10 : 20;
}

static bool cast_of_integer(const gbx__type *from, const gbx__type *to, bool is_try)
{
    bool from_signed = false;
    bool to_signed = false;
    const int from_bits = class_bits(from, &from_signed);
    const int to_bits = class_bits(to, &to_signed);
    if (to_bits > 0)
        return (from_signed == to_signed ? to_bits > from_bits
                                         : to_signed && to_bits > from_bits) ||
               (!is_try && from_signed && to_signed);
    if (to->kind == GBX_TYPE_INT128 || to->kind == GBX_TYPE_FLOAT64) return true;
    if (to->kind == GBX_TYPE_DECIMAL) return to->precision - to->scale >= class_digits(from_bits);
    return to->kind == GBX_TYPE_UTF8;
}

static bool cast_of_decimal(const gbx__type *from, const gbx__type *to, bool is_try)
{
    if (to->kind == GBX_TYPE_FLOAT64) return from->precision <= 15;
    if (to->kind != GBX_TYPE_DECIMAL || to->scale < from->scale) return false;
    return !is_try || to->precision - to->scale >= from->precision - from->scale;
}

bool gbx__host_casts(const gbx__type *from, const gbx__type *to, bool is_try)
{
    bool is_signed = false;
    if (from->kind == GBX_TYPE_NULL) return true;
    if (class_bits(from, &is_signed) > 0) return cast_of_integer(from, to, is_try);
    switch (from->kind) {
    case GBX_TYPE_INT128: return to->kind == GBX_TYPE_INT64 && !is_try;
    case GBX_TYPE_DECIMAL: return cast_of_decimal(from, to, is_try);
    case GBX_TYPE_FLOAT32: return to->kind == GBX_TYPE_FLOAT64;
    case GBX_TYPE_BOOL: return to->kind == GBX_TYPE_UTF8;
    case GBX_TYPE_DATE:
        return to->kind == GBX_TYPE_TIMESTAMP && to->unit == GBX_UNIT_US && !to->has_zone &&
               !is_try;
    default: return false;
    }
}
