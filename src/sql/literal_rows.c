#include "sql/literal_rows.h"

#include "base/vec.h"
#include "source/source.h"
#include "sql/lex.h"
#include "sql/literal.h"

#include <string.h>

#define ROWS_MAX_COLS 256
/* Digits for which a text and the literal are the same number whatever they are cast to. */
#define ROWS_INT_DIGITS 18
#define ROWS_DECIMAL_DIGITS 15
#define ROWS_DOUBLE_BYTES 24

typedef enum slot {
    SLOT_INT,
    SLOT_NEGATIVE,
    SLOT_DECIMAL, /* of the most digits before the point */
    SLOT_SCALE,   /* of the most behind it */
    SLOT_DOUBLE,
    SLOT_TEXT,
    SLOT_BOOL,
    SLOTS
} slot;

/* A column's literals that its type depends on. */
typedef struct column {
    gbx__literal widest[SLOTS];
    bool has[SLOTS];
} column;

typedef enum cell_kind {
    CELL_NONE,
    CELL_NULL,
    CELL_BOOL,
    CELL_LITERAL
} cell_kind;

/* --- reading ---------------------------------------------------------------------------------- */

static bool rows_is_sign(gbx__str text, gbx__token token, char c)
{
    return token.kind == GBX_TOKEN_PUNCT && text.ptr[token.start] == c;
}

static cell_kind rows_read_cell(gbx__str text, size_t *pos, gbx__literal *out)
{
    size_t behind = *pos;
    const gbx__token token = gbx__lex_next(text, &behind);
    if (token.kind != GBX_TOKEN_WORD)
        return gbx__literal_read(text, pos, out) ? CELL_LITERAL : CELL_NONE;
    *out = (gbx__literal){.text = gbx__token_text(text, token)};
    *pos = behind;
    if (gbx__str_is_nocase(out->text, "null")) return CELL_NULL;
    return gbx__str_is_nocase(out->text, "true") || gbx__str_is_nocase(out->text, "false")
               ? CELL_BOOL
               : CELL_NONE;
}

/* Is the number the same as its text cast to whatever type the column has? */
static bool rows_is_exact(const gbx__literal *lit)
{
    const size_t sign = lit->text.ptr[0] == '-' ? 1 : 0;
    const char *digits = lit->text.ptr + sign;
    const bool has_zero = lit->text.len > sign + 1 && digits[0] == '0' && digits[1] != '.';
    if (lit->is_text) return true;
    if (has_zero && !lit->is_double) return false;
    if (lit->is_double) return lit->text.len <= ROWS_DOUBLE_BYTES;
    if (lit->is_decimal)
        return lit->scale > 0 && lit->int_digits + lit->scale <= ROWS_DECIMAL_DIGITS;
    return lit->int_digits <= ROWS_INT_DIGITS;
}

/* Among numbers of one length the greater text is the greater number. */
static void column_widen(column *col, slot at, const gbx__literal *lit)
{
    const gbx__literal *old = &col->widest[at];
    const bool is_wider =
        lit->int_digits > old->int_digits ||
        (lit->int_digits == old->int_digits && gbx__str_compare(lit->text, old->text) > 0);
    if (col->has[at] && (at == SLOT_SCALE ? lit->scale <= old->scale : !is_wider)) return;
    col->has[at] = true;
    col->widest[at] = *lit;
}

static void column_add(column *col, cell_kind kind, const gbx__literal *lit)
{
    if (kind == CELL_NULL) return;
    if (kind == CELL_BOOL)
        column_widen(col, SLOT_BOOL, lit);
    else if (lit->is_text)
        col->widest[SLOT_TEXT] = *lit, col->has[SLOT_TEXT] = true;
    else if (lit->is_double)
        column_widen(col, SLOT_DOUBLE, lit);
    else if (!lit->is_decimal)
        column_widen(col, lit->text.ptr[0] == '-' ? SLOT_NEGATIVE : SLOT_INT, lit);
    else {
        column_widen(col, SLOT_DECIMAL, lit);
        column_widen(col, SLOT_SCALE, lit);
    }
}

/* A row at *pos, which becomes its end; the number of its cells, 0 for anything else. */
static uint32_t rows_read_row(gbx__str text, size_t *pos, bool is_first, column *cols)
{
    uint32_t n = 0;
    gbx__token token = gbx__lex_next(text, pos);
    if (!rows_is_sign(text, token, '(')) return 0;
    for (;;) {
        gbx__literal lit;
        const cell_kind kind = rows_read_cell(text, pos, &lit);
        if (kind == CELL_NONE || n == ROWS_MAX_COLS) return 0;
        if (kind == CELL_LITERAL && !rows_is_exact(&lit)) return 0;
        if (is_first) memset(&cols[n], 0, sizeof(cols[n]));
        column_add(&cols[n++], kind, &lit);
        token = gbx__lex_next(text, pos);
        if (rows_is_sign(text, token, ')')) return n;
        if (!rows_is_sign(text, token, ',')) return 0;
    }
}

/* Is there one kind of literal in the column, of those whose common type is not in doubt? */
static bool column_is_plain(const column *col)
{
    bool has_number = false;
    for (slot i = SLOT_INT; i <= SLOT_DOUBLE; i++) has_number = has_number || col->has[i];
    return (int)has_number + (int)col->has[SLOT_TEXT] + (int)col->has[SLOT_BOOL] == 1;
}

/* The rows behind VALUES at *pos; *pos becomes their end. */
static bool rows_read(gbx__str text, size_t *pos, column *cols, gbx__literal_rows *out)
{
    size_t i = *pos;
    for (;;) {
        const uint32_t n = rows_read_row(text, &i, out->n_rows == 0, cols);
        if (n == 0 || (out->n_rows > 0 && n != out->n_cols)) return false;
        out->n_cols = n;
        out->n_rows++;
        *pos = i;
        const gbx__token token = gbx__lex_next(text, &i);
        if (!rows_is_sign(text, token, ',')) break;
    }
    for (uint32_t c = 0; c < out->n_cols; c++) {
        if (!column_is_plain(&cols[c])) return false;
    }
    return out->n_rows >= GBX_LITERAL_ROWS_MIN;
}

/* --- finding ---------------------------------------------------------------------------------- */

/* The next literal of a column that its type depends on; the first one again when there is none. */
static gbx__str column_sample(const column *col, int nth)
{
    gbx__str first = {NULL, 0};
    for (slot i = SLOT_INT; i < SLOTS; i++) {
        if (!col->has[i]) continue;
        if (first.ptr == NULL) first = col->widest[i].text;
        if (nth-- == 0) return col->widest[i].text;
    }
    return first;
}

/* VALUES with as many rows as a column may need. */
static bool rows_sample(gbx__arena *arena, const column *cols, gbx__literal_rows *rows)
{
    GBX_AUTO(gbx__buf_done) gbx__buf out = {0};
    gbx__buf_init(&out, 0);
    gbx__buf_puts(&out, "VALUES ");
    for (int r = 0; r < SLOTS; r++) {
        for (uint32_t c = 0; c < rows->n_cols; c++) {
            gbx__buf_puts(&out, c > 0 ? ", " : r > 0 ? "), (" : "(");
            gbx__buf_str(&out, column_sample(&cols[c], r));
        }
    }
    gbx__buf_putc(&out, ')');
    if (out.failed) return false;
    rows->sample = gbx__arena_str(arena, gbx__buf_view(&out));
    return rows->sample.ptr != NULL;
}

/* VALUES stands where a SELECT could. */
static bool rows_may_begin(gbx__str text, gbx__token before)
{
    static const char *const words[] = {"union", "all", "except", "intersect"};
    if (before.kind == GBX_TOKEN_END || rows_is_sign(text, before, '(')) return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (before.kind == GBX_TOKEN_WORD &&
            gbx__str_is_nocase(gbx__token_text(text, before), words[i]))
            return true;
    }
    return false;
}

gbx_status gbx__literal_rows_find(gbx__arena *arena, gbx__str text, gbx__literal_rows **out,
                                  size_t *out_n, gbx_error *err)
{
    GBX_VEC(gbx__literal_rows) found = {0};
    column *cols = GBX_ARENA_ARRAY(arena, ROWS_MAX_COLS, column);
    bool ok = cols != NULL;
    size_t pos = 0;
    gbx__token before = {GBX_TOKEN_END, 0, 0};
    while (ok) {
        const gbx__token token = gbx__lex_next(text, &pos);
        if (token.kind == GBX_TOKEN_END || token.kind == GBX_TOKEN_BAD) break;
        const bool is_values = token.kind == GBX_TOKEN_WORD && rows_may_begin(text, before) &&
                               gbx__str_is_nocase(gbx__token_text(text, token), "values");
        before = token;
        if (!is_values) continue;
        gbx__literal_rows rows = {.start = token.start};
        size_t end = pos;
        if (!rows_read(text, &end, cols, &rows)) continue;
        rows.end = end;
        rows.text = (gbx__str){text.ptr + rows.start, end - rows.start};
        ok = rows_sample(arena, cols, &rows) && gbx__vec_push(&found, rows);
        pos = end;
    }
    gbx__literal_rows *copy = ok ? GBX_ARENA_ARRAY(arena, found.len + 1, gbx__literal_rows) : NULL;
    if (copy != NULL && found.len > 0) memcpy(copy, found.items, found.len * sizeof(*copy));
    *out_n = copy != NULL ? found.len : 0;
    *out = copy;
    gbx__vec_done(&found);
    return copy != NULL ? GBX_OK : GBX_FAIL_NOMEM(err);
}

/* --- the plan --------------------------------------------------------------------------------- */

typedef struct rows_types {
    gbx__arena *arena;
    uint32_t n;
    gbx__field cols[ROWS_MAX_COLS];
} rows_types;

static gbx_status rows_note_type(void *ctx, gbx__str name, gbx__str type_text, gbx_error *err)
{
    rows_types *types = ctx;
    if (types->n == ROWS_MAX_COLS) return GBX_FAIL(err, GBX_INTERNAL, "too many columns");
    gbx__field *field = &types->cols[types->n++];
    field->name = gbx__arena_str(types->arena, name);
    if (field->name.ptr == NULL) return GBX_FAIL_NOMEM(err);
    return gbx__duck_type_parse(types->arena, type_text, &field->type, err);
}

static bool rows_type_is_plain(const gbx__type *type)
{
    return gbx__type_is_integer(type) || type->kind == GBX_TYPE_FLOAT64 ||
           type->kind == GBX_TYPE_DECIMAL || type->kind == GBX_TYPE_UTF8 ||
           type->kind == GBX_TYPE_BOOL;
}

/* The texts of all cells, column by column. */
static bool rows_texts(gbx__arena *arena, const gbx__literal_rows *rows, gbx__value *items)
{
    const gbx__str text = gbx__arena_str(arena, rows->text);
    if (text.ptr == NULL) return false;
    size_t pos = 0;
    (void)gbx__lex_next(text, &pos); /* VALUES */
    for (uint32_t r = 0; r < rows->n_rows; r++) {
        (void)gbx__lex_next(text, &pos); /* ( */
        for (uint32_t c = 0; c < rows->n_cols; c++) {
            gbx__literal lit;
            gbx__value *item = &items[(size_t)c * rows->n_rows + r];
            *item = (gbx__value){.is_null = rows_read_cell(text, &pos, &lit) == CELL_NULL};
            if (!item->is_null)
                item->text = lit.is_text ? gbx__literal_unquote(arena, lit.text) : lit.text;
            if (!item->is_null && item->text.ptr == NULL) return false;
            (void)gbx__lex_next(text, &pos); /* , or ) */
        }
        (void)gbx__lex_next(text, &pos); /* , or what comes behind */
    }
    return true;
}

/* One row that nobody reads. */
static const gbx__node *rows_one(gbx__plan_builder *b)
{
    const gbx__field col = {GBX_STR(""), gbx__type_plain(GBX_TYPE_INT32)};
    const gbx__expr *null = gbx__expr_null(&b->arena, col.type, GBX_NO_POS);
    if (null == NULL) return NULL;
    const gbx__expr *const *row = &null;
    return gbx__node_values(b, 1, &col, 1, &row, GBX_NO_POS);
}

static const gbx__expr *rows_unnest(gbx__plan_builder *b, const gbx__type *type, uint32_t n,
                                    const gbx__value *items)
{
    const gbx__type *texts = gbx__type_list(&b->arena, gbx__type_plain(GBX_TYPE_UTF8));
    const gbx__type *target = gbx__type_list(&b->arena, type);
    const gbx__value list = {.n_items = n, .items = items};
    if (texts == NULL || target == NULL) return NULL;
    const gbx__expr *constant = gbx__expr_const(&b->arena, texts, &list, GBX_NO_POS);
    const gbx__expr *cast =
        constant != NULL ? gbx__expr_cast(&b->arena, constant, target, false, GBX_NO_POS) : NULL;
    if (cast == NULL) return NULL;
    return gbx__expr_new(&b->arena, GBX_EX_UNNEST, type, GBX_NO_POS, 1, &cast);
}

static const gbx__node *rows_node(gbx__plan_builder *b, const gbx__literal_rows *rows,
                                  const rows_types *types)
{
    const size_t n_cells = (size_t)rows->n_rows * rows->n_cols;
    gbx__value *items = GBX_ARENA_ARRAY(&b->arena, n_cells, gbx__value);
    const gbx__expr **exprs = GBX_ARENA_ARRAY(&b->arena, rows->n_cols, const gbx__expr *);
    gbx__str *names = GBX_ARENA_ARRAY(&b->arena, rows->n_cols, gbx__str);
    uint32_t *behind = GBX_ARENA_ARRAY(&b->arena, rows->n_cols, uint32_t);
    bool ok = items != NULL && exprs != NULL && names != NULL && behind != NULL &&
              rows_texts(&b->arena, rows, items);
    for (uint32_t c = 0; ok && c < rows->n_cols; c++) {
        names[c] = types->cols[c].name;
        behind[c] = c + 1;
        exprs[c] =
            rows_unnest(b, types->cols[c].type, rows->n_rows, items + (size_t)c * rows->n_rows);
        ok = exprs[c] != NULL;
    }
    if (!ok) return gbx__plan_fail(b, GBX_NOMEM, GBX_NO_POS, "out of memory");
    const gbx__node *node =
        gbx__node_unnest(b, rows_one(b), rows->n_cols, exprs, names, GBX_NO_POS);
    return gbx__node_select(b, node, rows->n_cols, behind);
}

gbx_status gbx__literal_rows_plan(gbx__duck_conn *conn, const gbx__literal_rows *rows,
                                  gbx_plan **out, gbx_error *err)
{
    gbx__plan_builder b;
    gbx__plan_builder_init(&b);
    rows_types *types = gbx__arena_alloc(&b.arena, sizeof(*types));
    gbx_status status = types != NULL ? GBX_OK : GBX_FAIL_NOMEM(err);
    if (status == GBX_OK) {
        types->arena = &b.arena;
        types->n = 0;
        status = gbx__duck_describe(conn, rows->sample.ptr, rows_note_type, types, err);
    }
    bool is_plain = status == GBX_OK && types->n == rows->n_cols;
    for (uint32_t c = 0; is_plain && c < rows->n_cols; c++)
        is_plain = rows_type_is_plain(types->cols[c].type);
    if (is_plain) status = gbx__plan_finish(&b, rows_node(&b, rows, types), GBX_STR(""), out, err);
    gbx__plan_builder_done(&b);
    return status;
}
