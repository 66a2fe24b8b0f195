/*
 * Judging: each case on one engine beside the reference, many expressions in one query.
 *
 *   cases of one shape ─→ what the engine refuses is taken out ─→ one query ─→ gbx_frames_compare
 *                                                                    │ equal: all are ok
 *                                                                    └ else: halves, down to one
 */
#ifndef GBX_TESTS_CONFORMANCE_JUDGE_H
#define GBX_TESTS_CONFORMANCE_JUDGE_H

#include "gearbox/gearbox.h"
#include "suite.h"

typedef enum case_verdict {
    VERDICT_NONE, /* not judged: left out by --only */
    VERDICT_OK,
    VERDICT_WRONG,       /* another answer, or an answer where the reference fails */
    VERDICT_UNSUPPORTED, /* the engine says that it can't */
    VERDICT_ERROR,       /* it fails */
    VERDICT_DECLARED,    /* another answer that differences.txt states */
    VERDICT_BROKEN,      /* the case itself: the reference does not do what it says */
    VERDICTS
} case_verdict;

extern const char *const verdict_names[VERDICTS];

typedef struct judgement {
    case_verdict verdict;
    char *reason; /* one line; NULL: nothing to say */
} judgement;

typedef struct judge {
    const suite *suite;
    gbx_session *reference, *engine;
    const char *engine_name;
    judgement *judgements; /* one for each case of the suite */
    const char *only;      /* part of an id; NULL: all */
    size_t batch_max;
    int64_t timeout_ms;
    bool check_subjects; /* the plan of each must have what its subject says */
    long n_comparisons;
} judge;

void judge_all(judge *j);

#endif
