#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double score_of(const engine_report *e)
{
    return e->n_judged ? (double)e->counts[VERDICT_OK] / (double)e->n_judged : 0;
}

void report_count(const suite *s, engine_report *engine)
{
    memset(engine->counts, 0, sizeof(engine->counts));
    for (size_t i = 0; i < s->n_cases; i++) engine->counts[engine->judgements[i].verdict]++;
    engine->n_judged = s->n_cases - engine->counts[VERDICT_NONE];
}

/* ---- files of demands ------------------------------------------------------------------------ */

/* The next line that is no note; its first word's end is cut, the rest is at *rest. */
static char *next_entry(FILE *file, char **line, size_t *room, char **rest)
{
    for (ssize_t len; (len = getline(line, room, file)) >= 0;) {
        char *text = *line;
        while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) text[--len] = '\0';
        if (len == 0 || text[0] == '#') continue;
        char *space = strchr(text, ' ');
        *rest = space ? space + 1 + strspn(space + 1, " ") : text + len;
        if (space) *space = '\0';
        return text;
    }
    return NULL;
}

static FILE *open_or_end(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file) return file;
    perror(path);
    exit(2);
}

/* One line of the file: an engine, a case, why. */
static bool declare(const suite *s, engine_report *engine, char *id)
{
    char *bar = strstr(id, " | ");
    if (!bar) return false;
    *bar = '\0';
    for (size_t i = 0; i < s->n_cases; i++) {
        judgement *j = &engine->judgements[i];
        if (strcmp(s->cases[i].id, id) != 0) continue;
        if (j->verdict == VERDICT_NONE) return true;
        if (j->verdict != VERDICT_WRONG && j->verdict != VERDICT_ERROR) return false;
        j->verdict = VERDICT_DECLARED;
        return true;
    }
    return false;
}

int report_differences(const suite *s, engine_report *engine, const char *path, bool is_whole)
{
    FILE *file = open_or_end(path);
    char *line = NULL, *rest = NULL;
    size_t room = 0;
    int n_stale = 0;
    for (char *name; (name = next_entry(file, &line, &room, &rest));) {
        if (strcmp(name, engine->name) != 0 || declare(s, engine, rest) || !is_whole) continue;
        printf("%s: %s says that %s differs, but it does not\n", name, path, rest);
        n_stale++;
    }
    free(line);
    fclose(file);
    return n_stale;
}

bool report_floor_holds(const engine_report *engine, const char *path)
{
    FILE *file = open_or_end(path);
    char *line = NULL, *rest = NULL;
    size_t room = 0;
    double floor = 0;
    for (char *name; (name = next_entry(file, &line, &room, &rest));) {
        if (strcmp(name, engine->name) == 0) floor = strtod(rest, NULL);
    }
    free(line);
    fclose(file);
    if (100 * score_of(engine) >= floor) return true;
    printf("%s: %.2f %% is below its floor of %.2f %%\n", engine->name, 100 * score_of(engine),
           floor);
    return false;
}

/* ---- for people ------------------------------------------------------------------------------ */

void report_engine(const suite *s, const engine_report *engine, bool is_verbose)
{
    static const case_verdict order[] = {VERDICT_UNSUPPORTED, VERDICT_DECLARED, VERDICT_ERROR,
                                         VERDICT_WRONG, VERDICT_BROKEN};
    for (size_t k = is_verbose ? 0 : 2; k < sizeof(order) / sizeof(order[0]); k++) {
        for (size_t i = 0; i < s->n_cases; i++) {
            const judgement *j = &engine->judgements[i];
            if (j->verdict != order[k]) continue;
            printf("%s  %-11s  %s  %s\n", engine->name, verdict_names[j->verdict], s->cases[i].id,
                   j->reason ? j->reason : "");
        }
    }
    printf("%s %s: %zu of %zu cases (%.2f %%)", engine->name, engine->version,
           engine->counts[VERDICT_OK], engine->n_judged, 100 * score_of(engine));
    for (int v = VERDICT_WRONG; v < VERDICTS; v++) {
        if (engine->counts[v]) printf(", %zu %s", engine->counts[v], verdict_names[v]);
    }
    printf("; %ld comparisons, %.1f s\n", engine->n_comparisons, engine->wall_s);
    fflush(stdout);
}

/* ---- for programs ---------------------------------------------------------------------------- */

static void json_text(FILE *to, const char *text)
{
    putc('"', to);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fprintf(to, "\\%c", *c);
        } else if (*c < 0x20) {
            fprintf(to, "\\u%04x", *c);
        } else {
            putc(*c, to);
        }
    }
    putc('"', to);
}

static void json_engine(FILE *to, const engine_report *e)
{
    fputs("{\"name\":", to);
    json_text(to, e->name);
    fputs(",\"version\":", to);
    json_text(to, e->version);
    fprintf(to, ",\"cases\":%zu,\"score\":%.6f,\"wall_s\":%.3f", e->n_judged, score_of(e),
            e->wall_s);
    for (int v = VERDICT_OK; v < VERDICTS; v++) {
        fprintf(to, ",\"%s\":%zu", verdict_names[v], e->counts[v]);
    }
    putc('}', to);
}

static void json_case(FILE *to, const suite *s, size_t i, const engine_report *engines, size_t n)
{
    fputs("{\"id\":", to);
    json_text(to, s->cases[i].id);
    fputs(",\"subject\":", to);
    json_text(to, s->cases[i].subject);
    fprintf(to, ",\"kind\":\"%s\",\"verdicts\":{", s->cases[i].shape ? "expression" : "query");
    for (size_t k = 0; k < n; k++) {
        const judgement *j = &engines[k].judgements[i];
        if (k > 0) putc(',', to);
        json_text(to, engines[k].name);
        fprintf(to, ":{\"verdict\":\"%s\"", verdict_names[j->verdict]);
        if (j->reason) {
            fputs(",\"reason\":", to);
            json_text(to, j->reason);
        }
        putc('}', to);
    }
    fputs("}}", to);
}

bool report_json(const suite *s, const engine_report *engines, size_t n, const char *path)
{
    FILE *to = fopen(path, "w");
    if (!to) {
        perror(path);
        return false;
    }
    fputs("{\"engines\":[", to);
    for (size_t k = 0; k < n; k++) {
        if (k > 0) putc(',', to);
        json_engine(to, &engines[k]);
    }
    fputs("],\n\"cases\":[", to);
    for (size_t i = 0; i < s->n_cases; i++) {
        fputs(i > 0 ? ",\n" : "\n", to);
        json_case(to, s, i, engines, n);
    }
    fputs("\n]}\n", to);
    if (fclose(to) == 0) return true;
    perror(path);
    return false;
}
