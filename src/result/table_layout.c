/*
 * Which columns a table shows, and how wide: all of them as wide as they ask when that fits; else
 * the wide ones are narrowed alike; else columns in the middle are left out.
 *
 *   │ first │ second │ … │ last │
 */
#include "result/table_priv.h"

#define LAYOUT_FRAME ((size_t)3) /* of each column: a line and two spaces */

static bool layout_shows(const result_layout *layout, size_t column)
{
    return column < layout->n_left || column >= layout->n_columns - layout->n_right;
}

static bool layout_is_whole(const result_layout *layout)
{
    return layout->n_left + layout->n_right >= layout->n_columns;
}

static size_t layout_min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Columns of the terminal that the table takes when no column is wider than `cap`. */
static size_t layout_total(const result_layout *layout, size_t cap)
{
    size_t total = 1 + (layout_is_whole(layout) ? 0 : 1 + LAYOUT_FRAME);
    for (size_t i = 0; i < layout->n_columns; i++) {
        if (layout_shows(layout, i)) total += layout_min(layout->widths[i], cap) + LAYOUT_FRAME;
    }
    return total;
}

static bool layout_try(result_layout *layout, size_t *side, size_t table_width, size_t narrow)
{
    if (layout->n_left + layout->n_right + 1 >= layout->n_columns) return false;
    *side += 1;
    if (layout_total(layout, narrow) <= table_width) return true;
    *side -= 1;
    return false;
}

/* Keeps as many columns as fit, from both ends in turn; the first always. */
static void layout_elide(result_layout *layout, size_t table_width, size_t narrow)
{
    layout->n_left = 1;
    layout->n_right = 0;
    for (;;) {
        const bool is_right = layout->n_right < layout->n_left;
        size_t *first = is_right ? &layout->n_right : &layout->n_left;
        size_t *second = is_right ? &layout->n_left : &layout->n_right;
        if (!layout_try(layout, first, table_width, narrow) &&
            !layout_try(layout, second, table_width, narrow)) {
            return;
        }
    }
}

/* On a narrow terminal two columns that are cut say more than one that is whole. */
static void layout_choose(result_layout *layout, size_t table_width)
{
    static const size_t narrow[] = {22, 12, 6}; /* 22: a timestamp with its zone */
    for (size_t i = 0; i < sizeof(narrow) / sizeof(narrow[0]); i++) {
        layout->n_left = layout->n_columns;
        layout->n_right = 0;
        if (layout_total(layout, narrow[i]) <= table_width) return;
        layout_elide(layout, table_width, narrow[i]);
        if (layout->n_left + layout->n_right >= 2) return;
    }
}

static size_t layout_widest(const result_layout *layout)
{
    size_t widest = 1;
    for (size_t i = 0; i < layout->n_columns; i++) {
        if (layout_shows(layout, i) && layout->widths[i] > widest) widest = layout->widths[i];
    }
    return widest;
}

/* The largest cap under which the shown columns fit; 1 when none does. */
static size_t layout_cap(const result_layout *layout, size_t table_width)
{
    size_t low = 1;
    size_t high = layout_widest(layout);
    while (low < high) {
        const size_t middle = low + (high - low + 1) / 2;
        if (layout_total(layout, middle) <= table_width) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

void result_layout_fit(result_layout *layout, size_t table_width)
{
    layout->n_left = layout->n_columns;
    layout->n_right = 0;
    if (table_width == 0 || layout->n_columns == 0) return;
    if (layout->n_columns > 1) layout_choose(layout, table_width);
    const size_t cap = layout_cap(layout, table_width);
    for (size_t i = 0; i < layout->n_columns; i++) {
        layout->widths[i] = layout_min(layout->widths[i], cap);
    }
}
