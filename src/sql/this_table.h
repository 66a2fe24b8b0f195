/*
 * The convention "FROM table": see this_table.c.
 */
#ifndef GBX_SQL_THIS_TABLE_H
#define GBX_SQL_THIS_TABLE_H

#include "sql/edit.h"

/* Edits that quote TABLE after FROM and JOIN, and add a FROM to a SELECT that has none. False when
 * memory is short. */
bool gbx__this_table_edit(gbx__str text, gbx__edits *edits);

#endif
