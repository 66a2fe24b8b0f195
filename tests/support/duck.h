/*
 * A DuckDB instance with one connection, and what statements give. Failures end the test, unless
 * the status is what the caller asks for.
 */
#ifndef GBX_TESTS_SUPPORT_DUCK_H
#define GBX_TESTS_SUPPORT_DUCK_H

#include "duck/duck.h"

typedef struct duck {
    gbx__duck *instance;
    gbx__duck_conn *conn;
} duck;

/* 2 threads and 300 MB where the options say nothing; NULL: all defaults. */
void duck_open(duck *d, const gbx__duck_options *options);
void duck_close(duck *d);
void duck_exec(duck *d, const char *sql);
/* All rows as text: "1|x\n2|NULL\n"; in one of a few buffers that are used in turn. */
const char *duck_rows(duck *d, const char *sql);
/* A stream of the rows, without parameters. */
void duck_query(duck *d, const char *sql, struct ArrowArrayStream *out);
/* Pulls to the end, or to the failure, and counts; the stream stays the caller's. */
gbx_status duck_drain(struct ArrowArrayStream *stream, int64_t *n_rows, int64_t *n_batches);
/* What the query gives when it is run and pulled to its end: the first failure, or GBX_OK. */
gbx_status duck_status(duck *d, const char *sql, gbx_error *err);

/* A limit of time, made longer where everything is slower: under sanitizers and valgrind. */
int64_t duck_patience_ns(int64_t ns);

#endif
