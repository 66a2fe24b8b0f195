/*
 * Around the binder: the statement's kind, its errors, its empty tables.
 */
#ifndef GBX_SQL_BIND_PRIV_H
#define GBX_SQL_BIND_PRIV_H

#include "sql/relations_priv.h"

/* Fills err from an answer with "error": true. False: the binder's own limit, not the query's
 * fault. */
bool gbx__bind_error(yyjson_val *answer, gbx__str text, const gbx__edits *edits, gbx__str bound,
                     gbx_error *err);

#endif
