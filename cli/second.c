#include "second.h"

#include "command.h"
#include "report.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Evenly from 0 to 1; 1 when there is no chance to be had, so that nothing is verified then. */
static double draw(void)
{
    uint32_t bits = 0;
    if (getrandom(&bits, sizeof(bits), GRND_NONBLOCK) != sizeof(bits)) return 1;
    return bits / 4294967296.0;
}

static void warn(const char *engine, const gbx_outcome *outcome)
{
    fprintf(stderr, "gearbox: warning: %s and %s give different answers to this query: ", engine,
            outcome->engine);
    if (outcome->message) {
        fprintf(stderr, "%s", outcome->message);
    } else {
        fprintf(stderr, "%lld rows differ", (long long)outcome->differing);
    }
    fprintf(stderr, "; gearbox verify --engines %s,%s shows them\n", engine, outcome->engine);
}

/* Options that name no engine are meant for the first one. */
static settings settings_for_another(const settings *s, gbx_engine_option *room)
{
    settings other = *s;
    other.engine_options = (engine_option_list){room, 0};
    for (size_t i = 0; i < s->engine_options.n; i++) {
        const gbx_engine_option *item = &s->engine_options.items[i];
        if (item->engine) room[other.engine_options.n++] = *item;
    }
    return other;
}

/* True when the other engine had an opinion. */
static bool compare_with(const job *j, const settings *s, const char *engine, const char *other)
{
    job second = {0};
    gbx_comparison *comparison = NULL;
    gbx_error err = {.offset = -1};
    bool has_opinion = false;
    if (job_open_on(&second, j, s, other, &err) == EXIT_DONE) {
        const gbx_frame *const frames[] = {j->frame, second.frame};
        gbx_compare_options options = GBX_COMPARE_OPTIONS_INIT;
        options.timeout_ms = s->timeout_ms;
        const gbx_status status = gbx_frames_compare(2, frames, &options, &comparison, &err);
        has_opinion = true;
        if (status != GBX_OK) report_note("not verified: %s", err.message);
    }
    if (comparison) {
        gbx_outcome outcome = GBX_OUTCOME_INIT;
        gbx_comparison_outcome(comparison, 1, &outcome);
        has_opinion = outcome.verdict != GBX_VERDICT_UNSUPPORTED;
        if (outcome.verdict == GBX_VERDICT_DIFFERENT) warn(engine, &outcome);
        gbx_comparison_free(comparison);
    }
    job_close(&second);
    return has_opinion;
}

static bool ask_others(const job *j, const settings *s, const char *engine)
{
    for (size_t i = 0; i < gbx_engine_count(); i++) {
        gbx_engine_info info = GBX_ENGINE_INFO_INIT;
        if (gbx_engine_get(i, &info, NULL) != GBX_OK || strcmp(info.name, engine) == 0) continue;
        if (strcmp(info.status, "ready") != 0) continue;
        if (compare_with(j, s, engine, info.name)) return true;
    }
    return false;
}

void second_opinion(const job *j, const settings *s, const char *engine)
{
    if (draw() >= s->verify_share) return;
    gbx_engine_option *room = calloc(s->engine_options.n + 1, sizeof(*room));
    if (!room) return;
    const settings other = settings_for_another(s, room);
    if (!ask_others(j, &other, engine)) {
        report_note("not verified: no other engine that is here can run it");
    }
    free(room);
}
