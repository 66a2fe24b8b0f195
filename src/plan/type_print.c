#include "plan/type.h"

static const char *const type_texts[GBX_TYPE_KINDS] = {
#define TYPE_TEXT(name, text) [GBX_TYPE_##name] = (text),
    GBX_TYPE_LIST(TYPE_TEXT)
#undef TYPE_TEXT
};

static const char *const unit_texts[] = {"s", "ms", "us", "ns"};

const char *gbx__type_kind_text(gbx__type_kind kind)
{
    return (unsigned)kind < GBX_TYPE_KINDS ? type_texts[kind] : "?";
}

const char *gbx__unit_text(gbx__unit unit)
{
    return (unsigned)unit <= GBX_UNIT_NS ? unit_texts[unit] : "?";
}

static void type_print_quoted(gbx__buf *out, gbx__str text, char quote)
{
    gbx__buf_putc(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote) gbx__buf_putc(out, quote);
        gbx__buf_putc(out, text.ptr[i]);
    }
    gbx__buf_putc(out, quote);
}

static bool type_has_names(const gbx__type *type)
{
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (type->fields[i].name.len) return true;
    }
    return type->kind == GBX_TYPE_UNION;
}

static void type_print_fields(gbx__buf *out, const gbx__type *type)
{
    const bool is_named = type_has_names(type);
    gbx__buf_putc(out, '<');
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (i) gbx__buf_puts(out, ", ");
        if (is_named) {
            type_print_quoted(out, type->fields[i].name, '"');
            gbx__buf_puts(out, ": ");
        }
        gbx__type_print(out, type->fields[i].type);
    }
    gbx__buf_putc(out, '>');
}

static void type_print_items(gbx__buf *out, const gbx__type *type)
{
    gbx__buf_putc(out, '<');
    for (uint32_t i = 0; i < type->n_fields; i++) {
        if (i) gbx__buf_puts(out, ", ");
        gbx__type_print(out, type->fields[i].type);
    }
    if (type->kind == GBX_TYPE_ARRAY) gbx__buf_printf(out, ", %u", type->array_size);
    gbx__buf_putc(out, '>');
}

static void type_print_values(gbx__buf *out, const gbx__type *type)
{
    gbx__buf_putc(out, '<');
    for (uint32_t i = 0; i < type->n_values; i++) {
        if (i) gbx__buf_puts(out, ", ");
        type_print_quoted(out, type->values[i], '\'');
    }
    gbx__buf_putc(out, '>');
}

void gbx__type_print(gbx__buf *out, const gbx__type *type)
{
    gbx__buf_puts(out, gbx__type_kind_text(type->kind));
    switch (type->kind) {
    case GBX_TYPE_DECIMAL: gbx__buf_printf(out, "(%d,%d)", type->precision, type->scale); break;
    case GBX_TYPE_TIME: gbx__buf_printf(out, "(%s)", gbx__unit_text(type->unit)); break;
    case GBX_TYPE_TIMESTAMP:
        gbx__buf_printf(out, "(%s%s)", gbx__unit_text(type->unit), type->has_zone ? ", zone" : "");
        break;
    case GBX_TYPE_LIST:
    case GBX_TYPE_ARRAY:
    case GBX_TYPE_MAP: type_print_items(out, type); break;
    case GBX_TYPE_STRUCT:
    case GBX_TYPE_UNION: type_print_fields(out, type); break;
    case GBX_TYPE_ENUM: type_print_values(out, type); break;
    default: break;
    }
}
