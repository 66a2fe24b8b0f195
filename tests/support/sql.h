/*
 * Plans from SQL by way of the real binder, and what becomes of them. Failures end the test. Texts
 * lie in a few buffers that are used in turn.
 *
 *   duck d;
 *   duck_open(&d, NULL);
 *   duck_exec(&d, "CREATE TABLE t (a INTEGER)");
 *   gbx_plan *plan = sql_plan(&d, "SELECT a FROM t");
 *   assert_string_equal(sql_tree(plan), "Project a = a\n└─ Scan …");
 */
#ifndef GBX_TESTS_SUPPORT_SQL_H
#define GBX_TESTS_SUPPORT_SQL_H

#include "sql/sql.h"
#include "support/duck.h"

/* Tables of the instance may stand in FROM. */
gbx_plan *sql_plan(duck *d, const char *text);
/* The same, by a request that the caller has filled; its text and connection are set here. */
gbx_plan *sql_plan_of(duck *d, gbx__sql_request *request, const char *text);
/* What sql_plan would say when the text is wrong (a status, with *err), or right but not in a plan
 * (GBX_UNSUPPORTED, *err is why not). GBX_OK: there is a plan. */
gbx_status sql_status(duck *d, const char *text, gbx_error *err);
gbx_status sql_status_of(duck *d, gbx__sql_request *request, const char *text, gbx_error *err);

/* As a tree, and as one line of DuckDB's SQL. */
const char *sql_tree(const gbx_plan *plan);
const char *sql_text(const gbx_plan *plan);

#endif
