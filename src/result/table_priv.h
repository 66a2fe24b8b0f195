/*
 * A table on a terminal, in three steps: cells (values as text that fits on one line), layout
 * (which columns are shown and how wide), drawing.
 */
#ifndef GBX_RESULT_TABLE_PRIV_H
#define GBX_RESULT_TABLE_PRIV_H

#include "result/column.h"
#include "result/result.h"

typedef struct result_cell {
    size_t end;   /* in the row's text */
    size_t width; /* columns of the terminal */
    bool is_null;
} result_cell;

typedef struct result_row {
    gbx__buf text;
    result_cell *cells; /* NULL: nothing was made of the row yet */
} result_row;

/* How values become cells. */
typedef struct result_cell_rules {
    size_t max_width; /* of a cell; longer ones end in an ellipsis */
    bool escape_control;
} result_cell_rules;

/* Makes a row of the values at `row`, or of `texts`; false when memory is short. */
bool result_row_values(result_row *out, const gbx__column *columns, size_t n_columns, int64_t row,
                       const result_cell_rules *rules);
bool result_row_texts(result_row *out, const gbx__str *texts, size_t n_columns,
                      const result_cell_rules *rules);
void result_row_done(result_row *row);
gbx__str result_row_cell(const result_row *row, size_t column);

typedef struct result_layout {
    size_t n_columns;
    size_t n_left;  /* columns shown before the ellipsis; n_columns when all are shown */
    size_t n_right; /* and behind it */
    size_t *widths; /* of all columns */
    bool *is_right; /* numbers stand to the right */
} result_layout;

/* `layout->widths` holds what each column asks for; on return, what it gets. */
void result_layout_fit(result_layout *layout, size_t table_width);

typedef enum result_rule { RESULT_RULE_TOP, RESULT_RULE_MIDDLE, RESULT_RULE_BOTTOM } result_rule;
typedef enum result_style {
    RESULT_STYLE_PLAIN,
    RESULT_STYLE_NAMES,
    RESULT_STYLE_TYPES
} result_style;

typedef struct result_drawing {
    gbx__buf *out;
    const result_layout *layout;
    bool color;
} result_drawing;

void result_draw_rule(const result_drawing *drawing, result_rule rule);
/* A NULL row is the one that stands for those left out. */
void result_draw_row(const result_drawing *drawing, const result_row *row, result_style style);

/* The longest start of `text` that takes at most `width` columns, ellipsis included; true when
 * something was cut. */
bool result_cut_text(gbx__str text, size_t width, gbx__str *out);

#define RESULT_ELLIPSIS "\xE2\x80\xA6"

#endif
