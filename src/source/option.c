/* What users write in a reader's call: read as the kind that it has to be, or refused by name. */
#include "source/source_priv.h"

static gbx_status option_fail(gbx__probe *probe, const gbx__scan_option *option,
                              const char *expected)
{
    return GBX_FAIL(probe->err, GBX_INVALID, "the option %.*s takes %s",
                    GBX_STR_ARG(option->name), expected);
}

gbx_status gbx__source_option_refuse(gbx__probe *probe, const gbx__scan_option *option,
                                     const char *why)
{
    const char *format = gbx__source_format_of(probe->scan->format)->name;
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED, "the option %.*s of %s files: %s",
                    GBX_STR_ARG(option->name), format, why);
}

gbx_status gbx__source_option_text(gbx__probe *probe, const gbx__scan_option *option, gbx__str *out)
{
    if (option->type->kind != GBX_TYPE_UTF8 || option->value.is_null) {
        return option_fail(probe, option, "a text");
    }
    *out = gbx__arena_str(probe->arena, option->value.text);
    return out->ptr ? GBX_OK : GBX_FAIL_NOMEM(probe->err);
}

static bool is_any_of(gbx__str text, const char *const *words)
{
    for (; *words; words++) {
        if (gbx__str_is_nocase(text, *words)) return true;
    }
    return false;
}

gbx_status gbx__source_option_bool(gbx__probe *probe, const gbx__scan_option *option, bool *out)
{
    static const char *const yes[] = {"true", "t", "1", "yes", "y", NULL};
    static const char *const no[] = {"false", "f", "0", "no", "n", NULL};
    const gbx__value *value = &option->value;
    const gbx__type_kind kind = option->type->kind;
    if (value->is_null) return option_fail(probe, option, "true or false");
    if (kind == GBX_TYPE_BOOL) {
        *out = value->boolean;
    } else if (kind == GBX_TYPE_INT32 || kind == GBX_TYPE_INT64) {
        *out = value->i64 != 0;
    } else if (kind == GBX_TYPE_UTF8 && is_any_of(value->text, yes)) {
        *out = true;
    } else if (kind == GBX_TYPE_UTF8 && is_any_of(value->text, no)) {
        *out = false;
    } else {
        return option_fail(probe, option, "true or false");
    }
    return GBX_OK;
}

static bool read_digits(gbx__str text, int64_t *out)
{
    const bool is_negative = text.len > 1 && text.ptr[0] == '-';
    int64_t number = 0;
    for (size_t i = is_negative; i < text.len; i++) {
        const char c = text.ptr[i];
        if (c < '0' || c > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, c - '0', &number)) {
            return false;
        }
    }
    *out = is_negative ? -number : number;
    return text.len > 0;
}

gbx_status gbx__source_option_int(gbx__probe *probe, const gbx__scan_option *option, int64_t *out)
{
    const gbx__value *value = &option->value;
    const gbx__type *type = option->type;
    if (value->is_null) return option_fail(probe, option, "a whole number");
    if (type->kind == GBX_TYPE_UTF8 && read_digits(value->text, out)) return GBX_OK;
    if (!gbx__type_is_integer(type) || type->kind == GBX_TYPE_INT128 ||
        type->kind == GBX_TYPE_UINT128 || type->kind == GBX_TYPE_UINT64) {
        return option_fail(probe, option, "a whole number");
    }
    *out = value->i64;
    return GBX_OK;
}

/* filename := true, or the name of the column. */
static gbx_status read_filename(gbx__probe *probe, const gbx__scan_option *option, gbx__str *out)
{
    bool is_wanted = false;
    if (option->type->kind == GBX_TYPE_UTF8) return gbx__source_option_text(probe, option, out);
    GBX_TRY(gbx__source_option_bool(probe, option, &is_wanted));
    *out = is_wanted ? GBX_STR("filename") : GBX_STR("");
    return GBX_OK;
}

gbx_status gbx__source_file_option(gbx__probe *probe, const gbx__scan_option *option,
                                   gbx__file_options *out, bool *is_taken)
{
    const gbx__str name = option->name;
    *is_taken = true;
    if (gbx__str_is_nocase(name, "filename")) {
        return read_filename(probe, option, &out->filename_column);
    }
    if (gbx__str_is_nocase(name, "union_by_name")) {
        return gbx__source_option_bool(probe, option, &out->union_by_name);
    }
    if (gbx__str_is_nocase(name, "hive_partitioning")) {
        out->has_hive = true;
        return gbx__source_option_bool(probe, option, &out->hive);
    }
    if (gbx__str_is_nocase(name, "hive_types")) {
        out->hive_types = option;
    } else if (gbx__str_is_nocase(name, "hive_types_autocast")) {
        out->hive_autocast = option;
    } else if (gbx__str_is_nocase(name, "file_row_number")) {
        return gbx__source_option_refuse(probe, option, "rows have no numbers here");
    } else if (gbx__str_is_nocase(name, "allow_empty") || gbx__str_is_nocase(name, "schema") ||
               gbx__str_is_nocase(name, "column_statistics")) {
        return gbx__source_option_refuse(probe, option, "not supported");
    } else {
        *is_taken = false;
    }
    return GBX_OK;
}

gbx_status gbx__source_keep_options(gbx__probe *probe, const gbx__scan_option *options, size_t n)
{
    gbx__arena *arena = probe->arena;
    gbx__scan_option *kept = GBX_ARENA_ARRAY(arena, n, gbx__scan_option);
    if (!kept) return GBX_FAIL_NOMEM(probe->err);
    for (size_t i = 0; i < n; i++) {
        kept[i].name = gbx__arena_str(arena, options[i].name);
        kept[i].type = gbx__type_copy(arena, options[i].type);
        if (!kept[i].name.ptr || !kept[i].type) return GBX_FAIL_NOMEM(probe->err);
        GBX_TRY(gbx__value_copy(arena, kept[i].type, &options[i].value, &kept[i].value,
                                probe->err));
    }
    probe->scan->options = kept;
    probe->scan->n_options = (uint32_t)n;
    return GBX_OK;
}
