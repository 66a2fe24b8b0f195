#include "judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const verdict_names[VERDICTS] = {"none",  "ok",       "wrong", "unsupported",
                                             "error", "declared", "broken"};

typedef const suite_case *const *case_list;

static judgement *judgement_of(const judge *j, const suite_case *c)
{
    return &j->judgements[c - j->suite->cases];
}

static void say(const judge *j, const suite_case *c, case_verdict verdict, const char *reason)
{
    judgement *to = judgement_of(j, c);
    to->verdict = verdict;
    free(to->reason);
    to->reason = reason && reason[0] ? strdup(reason) : NULL;
}

/* ---- one query on both sides ----------------------------------------------------------------- */

typedef struct pair {
    gbx_frame *frames[2]; /* the reference's, the engine's */
} pair;

static void pair_done(pair *p)
{
    gbx_frame_free(p->frames[0]);
    gbx_frame_free(p->frames[1]);
}

static gbx_status pair_open(const judge *j, case_list cases, size_t n, pair *out, gbx_error *err)
{
    gbx_session *const sessions[2] = {j->reference, j->engine};
    *out = (pair){{NULL, NULL}};
    for (int i = 0; i < 2; i++) {
        char *text = suite_query(cases, n, i == 1);
        const gbx_status status = gbx_session_sql(sessions[i], text, NULL, &out->frames[i], err);
        free(text);
        if (status == GBX_OK) continue;
        pair_done(out);
        return status;
    }
    return GBX_OK;
}

/* Why the engine would not take it, before anything runs; NULL: it would. To be freed. */
static char *veto_of(const gbx_frame *frame)
{
    static const char mark[] = "  but it can't run this: ";
    char *text = NULL;
    gbx_error err;
    if (gbx_frame_explain(frame, GBX_EXPLAIN_TEXT, &text, &err) != GBX_OK) return NULL;
    const char *at = strstr(text, mark);
    at = at ? at + strlen(mark) : NULL;
    char *out = at ? strndup(at, strcspn(at, "\n")) : NULL;
    gbx_text_free(text);
    return out;
}

/* ---- what must hold of a case on the reference ----------------------------------------------- */

static bool rows_are(const gbx_frame *frame, const char *want)
{
    gbx_result *result = NULL;
    gbx_error err;
    gbx_write_options options = GBX_WRITE_OPTIONS_INIT;
    options.format = GBX_FORMAT_KIND_CSV;
    const int fd = memfd_create("rows", MFD_CLOEXEC);
    if (fd < 0) return false;
    gbx_status status = gbx_frame_run(frame, NULL, &result, &err);
    if (status == GBX_OK) status = gbx_result_write_fd(result, fd, &options, &err);
    gbx_result_free(result);
    const off_t len = lseek(fd, 0, SEEK_END);
    char *have = len >= 0 ? calloc((size_t)len + 1, 1) : NULL;
    const bool is_read = have && pread(fd, have, (size_t)len, 0) == len;
    const bool is_same = status == GBX_OK && is_read && strcmp(have, want) == 0;
    free(have);
    close(fd);
    return is_same;
}

/* Is the case what it says, as far as that is seen without an engine? */
static bool case_holds(const judge *j, const suite_case *c, const gbx_frame *frame)
{
    gbx_error err;
    char *json = NULL;
    if (c->rows && !rows_are(frame, c->rows)) {
        say(j, c, VERDICT_BROKEN, "the reference gives other rows than those stated");
        return false;
    }
    if (!j->check_subjects) return true;
    const gbx_status status = gbx_frame_to_json(frame, &json, &err);
    const bool is_there = status == GBX_OK && suite_subject_is_in(c->subject, json);
    gbx_text_free(json);
    if (!is_there) say(j, c, VERDICT_BROKEN, "the plan has nothing of the case's subject");
    return is_there;
}

/* ---- one case -------------------------------------------------------------------------------- */

static void judge_outcomes(const judge *j, const suite_case *c, const gbx_outcome *ref,
                           const gbx_outcome *other)
{
    char reason[512];
    if (c->must_fail != (ref->status != GBX_OK)) {
        snprintf(reason, sizeof(reason), "the reference %s%s",
                 c->must_fail ? "should fail" : "fails: ", ref->message ? ref->message : "");
        say(j, c, VERDICT_BROKEN, reason);
    } else if (other->verdict == GBX_VERDICT_UNSUPPORTED) {
        say(j, c, VERDICT_UNSUPPORTED, other->message);
    } else if (c->must_fail && other->status == ref->status) {
        say(j, c, VERDICT_OK, NULL);
    } else if (other->verdict == GBX_VERDICT_EQUAL) {
        say(j, c, VERDICT_OK, NULL);
    } else if (other->verdict == GBX_VERDICT_LOOSE && ref->rows == other->rows) {
        say(j, c, VERDICT_OK, "as the question allows");
    } else if (other->status != GBX_OK) {
        say(j, c, VERDICT_ERROR, other->message);
    } else if (other->message) {
        say(j, c, VERDICT_WRONG, other->message);
    } else {
        snprintf(reason, sizeof(reason), "%lld rows differ", (long long)other->differing);
        say(j, c, VERDICT_WRONG, reason);
    }
}

static gbx_status compare(judge *j, const pair *p, gbx_outcome out[2], gbx_comparison **held,
                          gbx_error *err)
{
    const gbx_frame *const frames[2] = {p->frames[0], p->frames[1]};
    gbx_compare_options options = GBX_COMPARE_OPTIONS_INIT;
    options.timeout_ms = j->timeout_ms;
    j->n_comparisons++;
    const gbx_status status = gbx_frames_compare(2, frames, &options, held, err);
    for (size_t i = 0; i < 2 && status == GBX_OK; i++) {
        out[i] = (gbx_outcome)GBX_OUTCOME_INIT;
        gbx_comparison_outcome(*held, i, &out[i]);
    }
    return status;
}

static void judge_one(judge *j, const suite_case *c)
{
    pair p;
    gbx_error err;
    gbx_outcome outcomes[2];
    gbx_comparison *comparison = NULL;
    if (pair_open(j, &c, 1, &p, &err) != GBX_OK) {
        say(j, c, VERDICT_BROKEN, err.message);
        return;
    }
    if (j->check_subjects || case_holds(j, c, p.frames[0])) { /* it was looked at before */
        if (compare(j, &p, outcomes, &comparison, &err) == GBX_OK) {
            judge_outcomes(j, c, &outcomes[0], &outcomes[1]);
        } else {
            say(j, c, VERDICT_ERROR, err.message);
        }
    }
    gbx_comparison_free(comparison);
    pair_done(&p);
}

/* ---- many cases ------------------------------------------------------------------------------ */

/* All in one query; false: something is not as it should be with one of them. */
static bool are_all_ok(judge *j, case_list cases, size_t n)
{
    pair p;
    gbx_error err;
    gbx_outcome outcomes[2];
    gbx_comparison *comparison = NULL;
    if (pair_open(j, cases, n, &p, &err) != GBX_OK) return false;
    bool is_ok = compare(j, &p, outcomes, &comparison, &err) == GBX_OK;
    is_ok = is_ok && outcomes[0].status == GBX_OK && outcomes[1].verdict == GBX_VERDICT_EQUAL;
    gbx_comparison_free(comparison);
    pair_done(&p);
    return is_ok;
}

static void judge_some(judge *j, case_list cases, size_t n)
{
    if (n == 1) {
        judge_one(j, cases[0]);
    } else if (n > 1 && are_all_ok(j, cases, n)) {
        for (size_t i = 0; i < n; i++) say(j, cases[i], VERDICT_OK, NULL);
    } else if (n > 1) {
        judge_some(j, cases, n / 2);
        judge_some(j, cases + n / 2, n - n / 2);
    }
}

/* Texts and subjects, before anything runs: what does not hold is settled here. */
static bool is_sound(const judge *j, const suite_case *c)
{
    gbx_frame *frame = NULL;
    gbx_error err;
    char *text = suite_query(&c, 1, false);
    const gbx_status status = gbx_session_sql(j->reference, text, NULL, &frame, &err);
    free(text);
    if (status != GBX_OK) say(j, c, VERDICT_BROKEN, err.message);
    const bool is_good = status == GBX_OK && case_holds(j, c, frame);
    gbx_frame_free(frame);
    return is_good;
}

/* Why the engine would not take these; NULL: it would, or it is seen later. To be freed. */
static char *veto_of_some(const judge *j, case_list cases, size_t n)
{
    gbx_frame *frame = NULL;
    gbx_error err;
    char *text = suite_query(cases, n, true);
    char *veto = NULL;
    if (gbx_session_sql(j->engine, text, NULL, &frame, &err) == GBX_OK) veto = veto_of(frame);
    gbx_frame_free(frame);
    free(text);
    return veto;
}

/* Takes out what the engine refuses beforehand; returns how many are left. */
static size_t take_refused(const judge *j, const suite_case **cases, size_t n)
{
    char *veto = veto_of_some(j, cases, n);
    if (!veto) return n;
    if (n > 1) {
        const size_t n_first = take_refused(j, cases, n / 2);
        const size_t n_second = take_refused(j, cases + n / 2, n - n / 2);
        memmove(cases + n_first, cases + n / 2, n_second * sizeof(*cases));
        free(veto);
        return n_first + n_second;
    }
    say(j, cases[0], VERDICT_UNSUPPORTED, veto);
    free(veto);
    return 0;
}

static void judge_batch(judge *j, const suite_case **cases, size_t n)
{
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (!j->check_subjects || is_sound(j, cases[i])) cases[n_kept++] = cases[i];
    }
    if (n_kept > 0) judge_some(j, cases, take_refused(j, cases, n_kept));
}

static bool is_wanted(const judge *j, const suite_case *c)
{
    return !j->only || strstr(c->id, j->only);
}

/* The cases from `first` on that go into one query with it; they are settled then. */
static void judge_from(judge *j, size_t first, bool *settled, const suite_case **room)
{
    const suite_case *head = &j->suite->cases[first];
    size_t n = 0;
    for (size_t i = first; i < j->suite->n_cases && n < j->batch_max; i++) {
        const suite_case *c = &j->suite->cases[i];
        if (settled[i] || !is_wanted(j, c)) continue;
        const bool is_alone = !head->shape || head->must_fail;
        const bool fits = i == first || (!is_alone && c->shape && !c->must_fail &&
                                         strcmp(c->shape, head->shape) == 0);
        if (!fits) continue;
        room[n++] = c;
        settled[i] = true;
        if (is_alone) break;
    }
    judge_batch(j, room, n);
}

void judge_all(judge *j)
{
    bool *settled = calloc(j->suite->n_cases + 1, sizeof(*settled));
    const suite_case **room = calloc(j->batch_max, sizeof(const suite_case *));
    if (!settled || !room) abort();
    for (size_t i = 0; i < j->suite->n_cases; i++) {
        if (!settled[i] && is_wanted(j, &j->suite->cases[i])) judge_from(j, i, settled, room);
    }
    free(room);
    free(settled);
}
