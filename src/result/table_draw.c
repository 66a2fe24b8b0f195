/* Drawing a table with the light lines of Unicode's box-drawing block. */
#include "result/table_priv.h"

#define DRAW_LINE "\xE2\x94\x80"     /* ─ */
#define DRAW_UPRIGHT "\xE2\x94\x82"  /* │ */
#define DRAW_DIM "\x1b[2m"
#define DRAW_BOLD "\x1b[1m"
#define DRAW_RESET "\x1b[0m"

/* Calls `draw` for each column shown, with SIZE_MAX for the ellipsis between them. */
static void draw_columns(const result_drawing *drawing,
                         void (*draw)(const result_drawing *, size_t column, void *ctx), void *ctx)
{
    const result_layout *layout = drawing->layout;
    const size_t right = layout->n_columns - layout->n_right;
    for (size_t i = 0; i < layout->n_left; i++) draw(drawing, i, ctx);
    if (layout->n_left < right) draw(drawing, SIZE_MAX, ctx);
    for (size_t i = right > layout->n_left ? right : layout->n_left; i < layout->n_columns; i++) {
        draw(drawing, i, ctx);
    }
}

static void draw_repeat(gbx__buf *out, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++) gbx__buf_puts(out, text);
}

typedef struct draw_rule_state {
    const char *between;
    bool is_first;
} draw_rule_state;

static void draw_rule_part(const result_drawing *drawing, size_t column, void *ctx)
{
    draw_rule_state *state = ctx;
    if (!state->is_first) gbx__buf_puts(drawing->out, state->between);
    state->is_first = false;
    const size_t width = column == SIZE_MAX ? 1 : drawing->layout->widths[column];
    draw_repeat(drawing->out, DRAW_LINE, width + 2);
}

void result_draw_rule(const result_drawing *drawing, result_rule rule)
{
    static const char *const corners[][3] = {
        {"\xE2\x94\x8C", "\xE2\x94\xAC", "\xE2\x94\x90"}, /* ┌ ┬ ┐ */
        {"\xE2\x94\x9C", "\xE2\x94\xBC", "\xE2\x94\xA4"}, /* ├ ┼ ┤ */
        {"\xE2\x94\x94", "\xE2\x94\xB4", "\xE2\x94\x98"}, /* └ ┴ ┘ */
    };
    draw_rule_state state = {corners[rule][1], true};
    gbx__buf_puts(drawing->out, corners[rule][0]);
    draw_columns(drawing, draw_rule_part, &state);
    gbx__buf_puts(drawing->out, corners[rule][2]);
    gbx__buf_putc(drawing->out, '\n');
}

typedef struct draw_row_state {
    const result_row *row; /* NULL: the ellipsis row */
    result_style style;
} draw_row_state;

static const char *draw_color(const result_drawing *drawing, const draw_row_state *state,
                              size_t column)
{
    if (!drawing->color) return NULL;
    if (!state->row || column == SIZE_MAX || state->style == RESULT_STYLE_TYPES) return DRAW_DIM;
    if (state->style == RESULT_STYLE_NAMES) return DRAW_BOLD;
    return state->row->cells[column].is_null ? DRAW_DIM : NULL;
}

typedef struct draw_cell {
    gbx__str text;
    size_t width;
    bool is_cut;
} draw_cell;

static draw_cell draw_cell_of(const draw_row_state *state, size_t column, size_t room)
{
    if (!state->row || column == SIZE_MAX) return (draw_cell){GBX_STR(RESULT_ELLIPSIS), 1, false};
    draw_cell cell = {result_row_cell(state->row, column), state->row->cells[column].width, false};
    if (cell.width <= room) return cell;
    cell.is_cut = result_cut_text(cell.text, room, &cell.text);
    cell.width = gbx__utf8_width(cell.text.ptr, cell.text.len) + 1;
    return cell;
}

static void draw_row_part(const result_drawing *drawing, size_t column, void *ctx)
{
    const draw_row_state *state = ctx;
    gbx__buf *out = drawing->out;
    const bool is_right = column != SIZE_MAX && drawing->layout->is_right[column];
    const size_t room = column == SIZE_MAX ? 1 : drawing->layout->widths[column];
    const char *color = draw_color(drawing, state, column);
    const draw_cell cell = draw_cell_of(state, column, room);
    const size_t pad = cell.width < room ? room - cell.width : 0;

    gbx__buf_puts(out, DRAW_UPRIGHT " ");
    if (is_right) draw_repeat(out, " ", pad);
    if (color) gbx__buf_puts(out, color);
    gbx__buf_str(out, cell.text);
    if (cell.is_cut) gbx__buf_puts(out, RESULT_ELLIPSIS);
    if (color) gbx__buf_puts(out, DRAW_RESET);
    if (!is_right) draw_repeat(out, " ", pad);
    gbx__buf_putc(out, ' ');
}

void result_draw_row(const result_drawing *drawing, const result_row *row, result_style style)
{
    draw_row_state state = {row, style};
    draw_columns(drawing, draw_row_part, &state);
    gbx__buf_puts(drawing->out, DRAW_UPRIGHT "\n");
}
