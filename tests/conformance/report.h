/*
 * What came out: for people on stdout, as JSON for tools/gen_engines_doc.py; and what is demanded
 * of it (differences.txt, floors.txt).
 */
#ifndef GBX_TESTS_CONFORMANCE_REPORT_H
#define GBX_TESTS_CONFORMANCE_REPORT_H

#include "judge.h"

typedef struct engine_report {
    const char *name;
    char version[64];
    judgement *judgements;
    size_t n_judged;
    size_t counts[VERDICTS];
    long n_comparisons;
    double wall_s;
} engine_report;

/* Wrong answers that the file states become DECLARED; lines that no wrong answer is stated by any
 * more are said on stdout. Returns how many of those there are. */
int report_differences(const suite *s, engine_report *engine, const char *path, bool is_whole);
void report_count(const suite *s, engine_report *engine);
/* Prints; with is_verbose what is unsupported, too. */
void report_engine(const suite *s, const engine_report *engine, bool is_verbose);
/* Is the score at least what the file asks for? Says so when not. */
bool report_floor_holds(const engine_report *engine, const char *path);
bool report_json(const suite *s, const engine_report *engines, size_t n, const char *path);

#endif
