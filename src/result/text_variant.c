/* Text of VARIANTs: as of the list, struct or value that they hold. */
#include "result/text_priv.h"
#include "result/variant_priv.h"

static bool variant_text(const result_variant *variant, result_variant_walk *walk, gbx__buf *out);

static bool variant_text_inner(const result_variant *variant, result_variant_walk *walk,
                               gbx__buf *out)
{
    const size_t start = out->len;
    if (!variant_text(variant, walk, out)) return false;
    const bool is_plain = variant->kind == RESULT_VARIANT_SCALAR ||
                          variant->kind == RESULT_VARIANT_TEXT ||
                          variant->kind == RESULT_VARIANT_BINARY;
    if (is_plain) result_quote_inner(start, out);
    return true;
}

static bool variant_text_items(const result_variant *variant, result_variant_walk *walk,
                               gbx__buf *out)
{
    const bool is_object = variant->kind == RESULT_VARIANT_OBJECT;
    gbx__buf_putc(out, is_object ? '{' : '[');
    for (uint32_t i = 0; i < variant->count && !out->failed; i++) {
        result_variant item;
        gbx__str name;
        if (i) gbx__buf_puts(out, ", ");
        if (is_object) {
            if (!result_variant_name(variant, i, &name)) return false;
            result_quote_name(name, out);
            gbx__buf_puts(out, ": ");
        }
        if (!result_variant_item(variant, i, &item) || !result_variant_enter(walk)) return false;
        if (!variant_text_inner(&item, walk, out)) return false;
        result_variant_leave(walk);
    }
    gbx__buf_putc(out, is_object ? '}' : ']');
    return true;
}

static bool variant_text(const result_variant *variant, result_variant_walk *walk, gbx__buf *out)
{
    switch (variant->kind) {
    case RESULT_VARIANT_NULL: gbx__buf_puts(out, "NULL"); return true;
    case RESULT_VARIANT_SCALAR: gbx__column_text(&variant->scalar, 0, out); return true;
    case RESULT_VARIANT_TEXT: gbx__buf_str(out, variant->bytes); return true;
    case RESULT_VARIANT_BINARY: result_binary_text(variant->bytes, out); return true;
    case RESULT_VARIANT_OBJECT:
    case RESULT_VARIANT_ARRAY:
    default: return variant_text_items(variant, walk, out);
    }
}

bool result_variant_text(const gbx__column *column, int64_t row, gbx__buf *out)
{
    const size_t start = out->len;
    result_variant variant;
    if (!result_variant_at(column, row, &variant)) return false;
    result_variant_walk walk = result_variant_walk_of(&variant);
    if (variant_text(&variant, &walk, out)) return true;
    out->len = start;
    return false;
}
