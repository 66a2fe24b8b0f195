/*
 * Inputs for the tests of source/: an engine, a folder of files, and what they resolve to.
 *
 *   inputs_open(&in);                                    cwd is the folder
 *   temp_write(in.dir, "a.csv", "x\n1\n");
 *   const gbx__scan *scan = inputs_resolve(&in, "a.csv", "");
 *   inputs_check_equal(&in, "a.csv", "");                rows are those of DuckDB alone
 *   inputs_close(&in);
 *
 * Options are written as SQL writes them, one kind of value each: "delim := ';', header := false,
 * skip := 2, nullstr := ['NA', '-'], columns := {'a': 'BIGINT'}".
 */
#ifndef GBX_TESTS_SUPPORT_INPUTS_H
#define GBX_TESTS_SUPPORT_INPUTS_H

#include "source/source.h"
#include "support/temp.h"

#define INPUTS_OPTIONS_MAX 16

typedef struct inputs {
    char dir[TEMP_DIR_SIZE];
    int before; /* the folder to go back to */
    gbx__duck *duck;
    gbx__duck_conn *conn;
    gbx__arena arena;
    gbx_error err;
    const char *reader; /* for the next resolve; NULL: none */
    bool want_stats;
    gbx__source_may_read *may_read;
    void *may_read_ctx;
} inputs;

void inputs_open(inputs *in);
void inputs_close(inputs *in);

/* Fails the test when it does not resolve. */
const gbx__scan *inputs_resolve(inputs *in, const char *location, const char *options);
/* Fails the test when it resolves to another status, or the message lacks a part ("" for none). */
void inputs_check_fails(inputs *in, const char *location, const char *options, gbx_status status,
                        const char *part);
gbx_status inputs_try(inputs *in, const char *location, const char *options,
                      const gbx__scan **out);

/* All rows and the columns with their types, as one text. */
gbx_status inputs_rows(inputs *in, const char *sql, gbx__buf *out);
/* What DuckDB alone reads by the format's reader with these options, and the scan's reader, are the
 * same rows, columns and types. */
void inputs_check_equal(inputs *in, const char *location, const char *options);

#endif
