/*
 * The suite as data: tables and cases, read from their files (README.md says how they look).
 */
#ifndef GBX_TESTS_CONFORMANCE_SUITE_H
#define GBX_TESTS_CONFORMANCE_SUITE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct suite_table {
    char *name;
    char *formats; /* "parquet csv": the first is the one that NAME is read from */
    char *sql;
} suite_table;

typedef struct suite_case {
    char *id;      /* "numbers/scalar abs/plain": file, subject, name */
    char *subject; /* "scalar abs": what it is about */
    char *shape;   /* "SELECT id, {} FROM numbers"; NULL: `text` is a whole query */
    char *text;    /* an expression for the shape's {}, or a query */
    char *instead; /* what the engines get in its place, for tests of the runner; NULL: the same */
    char *rows;    /* what the reference must answer, as CSV; NULL: not stated */
    bool must_fail;
} suite_case;

typedef struct suite {
    suite_table *tables;
    size_t n_tables;
    suite_case *cases;
    size_t n_cases;
} suite;

/* Both add to what is there; they say what is wrong on stderr and end the program. */
void suite_read_tables(suite *s, const char *path);
void suite_read_cases(suite *s, const char *path);
void suite_done(suite *s);

/* The query of n cases of one shape; `for_engine`: with their `instead`. To be freed. */
char *suite_query(const suite_case *const *cases, size_t n, bool for_engine);
/* Does a plan, as JSON, have what the subject says? */
bool suite_subject_is_in(const char *subject, const char *plan_json);

#endif
