/*
 * What the files about SQLite share.
 *
 *   sqlite.c         which table, its columns; the probe
 *   sqlite_type.c    declared types → ours; values that do not fit are told by name
 *   sqlite_stream.c  rows → Arrow batches
 */
#ifndef GBX_SOURCE_SQLITE_PRIV_H
#define GBX_SOURCE_SQLITE_PRIV_H

#include "arrow/build.h"
#include "source/source_priv.h"

#include <sqlite3.h>

/* Opened for reading only. */
gbx_status gbx__sqlite_open(const char *path, sqlite3 **out, gbx_error *err);
/* `SELECT * FROM table`. */
gbx_status gbx__sqlite_select(sqlite3 *db, const char *path, gbx__str table, sqlite3_stmt **out,
                              gbx_error *err);
/* What SQLite says of its last failure, as ours. */
gbx_status gbx__sqlite_fail(sqlite3 *db, const char *path, gbx_error *err);

/* The type that a declared one promises; NULL when it promises nothing ("", NUMERIC, made-up ones):
 * then the values say. */
const gbx__type *gbx__sqlite_declared_type(const char *declared);
/* The type of a value, and the one that holds both. */
const gbx__type *gbx__sqlite_value_type(int sqlite_type);
const gbx__type *gbx__sqlite_join_types(const gbx__type *a, const gbx__type *b);
/* The Arrow format of those types. */
const char *gbx__sqlite_arrow_format(const gbx__type *type);

/* Appends column `index` of the statement's row; INVALID, without a place, when it does not fit. */
gbx_status gbx__sqlite_append(sqlite3_stmt *stmt, int index, const gbx__type *type,
                              gbx__arrow_builder *builder, gbx_error *err);

#endif
