#include "duck/duck.h"

static void quote(gbx__buf *out, gbx__str text, char mark)
{
    gbx__buf_putc(out, mark);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == mark) gbx__buf_putc(out, mark);
        gbx__buf_putc(out, text.ptr[i]);
    }
    gbx__buf_putc(out, mark);
}

void gbx__duck_quote_ident(gbx__buf *out, gbx__str name)
{
    quote(out, name, '"');
}

void gbx__duck_quote_text(gbx__buf *out, gbx__str text)
{
    quote(out, text, '\'');
}
