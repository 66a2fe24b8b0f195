#include "exec/compose.h"

void gbx__compose_done(gbx__compose *c)
{
    gbx__buf_done(&c->text);
    gbx__vec_done(&c->pieces);
}

void gbx__compose_puts(gbx__compose *c, const char *text)
{
    gbx__buf_puts(&c->text, text);
}

void gbx__compose_ident(gbx__compose *c, gbx__str name)
{
    if (!name.ptr) c->text.failed = true; /* a copy that memory was too short for */
    gbx__duck_quote_ident(&c->text, name);
}

void gbx__compose_literal(gbx__compose *c, gbx__str text)
{
    gbx__duck_quote_text(&c->text, text);
}

void gbx__compose_slice(gbx__compose *c, const gbx__user_text *user, size_t start, size_t end)
{
    const gbx__piece piece = {c->text.len, end - start, user, start};
    gbx__buf_append(&c->text, user->text.ptr + start, end - start);
    gbx__buf_putc(&c->text, '\n');
    if (!gbx__vec_push(&c->pieces, piece)) c->text.failed = true;
}

void gbx__compose_user(gbx__compose *c, const gbx__user_text *user)
{
    gbx__compose_slice(c, user, 0, user->text.len);
}

/* The piece that holds the place, else the last one before it; NULL when there is none at all. */
static const gbx__piece *piece_at(const gbx__compose *c, size_t offset)
{
    const gbx__piece *found = NULL;
    for (size_t i = 0; i < c->pieces.len; i++) {
        const gbx__piece *piece = &c->pieces.items[i];
        if (!found || piece->start <= offset) found = piece;
    }
    return found;
}

void gbx__compose_locate(const gbx__compose *c, gbx_error *err)
{
    if (!err || err->line == 0 || err->offset < 0) return;
    const size_t offset = (size_t)err->offset;
    const gbx__piece *piece = piece_at(c, offset);
    err->line = err->column = 0;
    err->offset = -1;
    if (!piece) return;
    const bool is_before = offset < piece->start;
    const bool is_behind = offset >= piece->start + piece->len;
    size_t in_piece = is_before ? 0 : offset - piece->start;
    if (is_behind) in_piece = piece->len;
    /* A word of ours where the user's text should have gone on says nothing to the user. */
    if (is_behind && err->status == GBX_PARSE) {
        gbx__error_set(err, GBX_PARSE, "the text ends too early");
    }
    if (piece->user->label) gbx__error_prefix(err, "%s", piece->user->label);
    gbx__error_locate(err, piece->user->text.ptr, piece->user->text.len,
                      piece->user_offset + in_piece);
}
