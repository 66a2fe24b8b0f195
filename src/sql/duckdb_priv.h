/*
 * The parts of DuckDB's dialect.
 */
#ifndef GBX_SQL_DUCKDB_PRIV_H
#define GBX_SQL_DUCKDB_PRIV_H

#include "sql/print_priv.h"

bool gbx__duckdb_constant(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                          const gbx__value *value, bool may_be_bare);
bool gbx__duckdb_scan(gbx__printer *p, gbx__buf *out, const gbx__scan *scan);

#endif
