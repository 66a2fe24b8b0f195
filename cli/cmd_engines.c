#include "command.h"
#include "help.h"
#include "report.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* A key whose text may be missing: then null. */
static void key_json(const char *key, const char *text)
{
    printf("\"%s\":", key);
    if (text) {
        text_json(stdout, text);
    } else {
        fputs("null", stdout);
    }
}

static void engine_json(const gbx_engine_info *info)
{
    const struct {
        const char *key, *text;
    } rows[] = {{"name", info->name},
                {"version", info->version},
                {"status", info->status},
                {"best_for", info->best_for},
                {"memory_model", info->memory_model},
                {"scale", info->scale},
                {"learning_curve", info->learning_curve},
                {"cannot", info->cannot},
                {"install", info->install_hint}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        fputc(i == 0 ? '{' : ',', stdout);
        key_json(rows[i].key, rows[i].text);
    }
    fputc('}', stdout);
}

static void engine_text(const gbx_engine_info *info)
{
    printf("%s %s: %s\n", info->name, info->version ? info->version : "-", info->status);
    printf("  best for  %s\n", info->best_for);
    printf("  memory    %s\n", info->memory_model);
    printf("  scale     %s\n", info->scale);
    printf("  learning  %s\n", info->learning_curve);
    if (info->cannot) printf("  cannot    %s\n", info->cannot);
    if (info->install_hint) printf("  install   %s\n", info->install_hint);
}

static int list_engines(const settings *s)
{
    const size_t n = gbx_engine_count();
    if (s->json) fputc('[', stdout);
    for (size_t i = 0; i < n; i++) {
        gbx_error err;
        gbx_engine_info info = GBX_ENGINE_INFO_INIT;
        if (gbx_engine_get(i, &info, &err) != GBX_OK) return report_error(&err);
        if (s->json) {
            if (i > 0) fputs(",\n ", stdout);
            engine_json(&info);
        } else {
            engine_text(&info);
        }
    }
    if (s->json) fputs("]\n", stdout);
    return stdout_done();
}

/* ---- installing, removing, examining --------------------------------------------------------- */

typedef struct news_writer {
    bool json;
    bool is_doctor; /* what is broken is the answer, not a failure */
    size_t n_told, n_broken;
} news_writer;

static void news_json(news_writer *w, const gbx_engine_news *news)
{
    fputs(w->n_told++ > 0 ? ",\n " : "[", stdout);
    fputs("{", stdout);
    key_json("engine", news->engine);
    printf(",\"ok\":%s,", news->kind == GBX_ENGINE_DONE ? "true" : "false");
    key_json("text", news->text);
    fputc(',', stdout);
    key_json("fix", news->fix);
    fputc('}', stdout);
}

/* What is being done goes to stderr, what came out to stdout. */
static void news_tell(void *ctx, const gbx_engine_news *news)
{
    news_writer *w = ctx;
    if (news->kind == GBX_ENGINE_STEP) {
        report_note("%s: %s", news->engine, news->text);
        return;
    }
    w->n_broken += news->kind == GBX_ENGINE_BROKEN;
    if (w->json) {
        news_json(w, news);
    } else if (news->kind == GBX_ENGINE_BROKEN && !w->is_doctor) {
        fprintf(stderr, "gearbox: %s%s%s\n", news->text, news->fix ? ": " : "",
                news->fix ? news->fix : "");
    } else {
        printf("%s%s%s\n", news->text, news->fix ? ": " : "", news->fix ? news->fix : "");
        fflush(stdout);
    }
}

static int manage(gbx_engine_verb verb, const settings *s)
{
    if (s->n_args < 2 && verb != GBX_ENGINE_EXAMINE) {
        return report_usage("name an engine, such as gearbox engines %s polars", s->args[0]);
    }
    news_writer w = {.json = s->json, .is_doctor = verb == GBX_ENGINE_EXAMINE};
    gbx_error err = {.offset = -1};
    const gbx_status status =
        gbx_engines_manage(verb, s->n_args - 1, s->args + 1, news_tell, &w, &err);
    if (s->json && w.n_told > 0) fputs("]\n", stdout);
    const int written = stdout_done();
    if (status == GBX_OK) return written;
    if (w.n_broken == 0) return report_error(&err);
    return w.is_doctor ? EXIT_NO : gbx_status_exit_code(status);
}

int cmd_engines(const command *self, settings *s)
{
    static const struct {
        const char *word;
        gbx_engine_verb verb;
    } verbs[] = {{"install", GBX_ENGINE_INSTALL},
                 {"remove", GBX_ENGINE_REMOVE},
                 {"doctor", GBX_ENGINE_EXAMINE}};
    if (s->n_args == 0) return list_engines(s);
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(s->args[0], verbs[i].word) == 0) return manage(verbs[i].verb, s);
    }
    return report_usage("gearbox %s knows install, remove and doctor, not '%.60s'", self->name,
                        s->args[0]);
}
