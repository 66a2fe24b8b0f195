/*
 * A text with pieces replaced, and the way back from a position in the new text to the old one.
 *
 *   old:  … FROM read_csv('x.csv') WHERE …          edits: [5, 22) → "\"gbx#1\""
 *   new:  … FROM "gbx#1" WHERE …
 */
#ifndef GBX_SQL_EDIT_H
#define GBX_SQL_EDIT_H

#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

typedef struct gbx__edit {
    size_t start, end; /* bytes of the old text */
    char *replacement; /* owned */
    size_t len;
    size_t new_start; /* where it stands in the new text, once applied */
} gbx__edit;

typedef struct gbx__edits {
    GBX_VEC(gbx__edit) list;
} gbx__edits;

void gbx__edits_done(gbx__edits *edits);
/* In any order; pieces must not overlap. False when memory is short. */
bool gbx__edits_add(gbx__edits *edits, size_t start, size_t end, gbx__str replacement);
/* Appends the new text; sorts the edits. */
void gbx__edits_apply(gbx__edits *edits, gbx__str old, gbx__buf *out);
/* A position in the new text (applied before) as one in the old. */
size_t gbx__edits_map_back(const gbx__edits *edits, size_t new_pos);

#endif
