#include "command.h"
#include "help.h"
#include "report.h"
#include "text.h"

#include <stdio.h>

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
    if (info->cannot) printf("  cannot    %s\n", info->cannot);
    if (info->install_hint) printf("  install   %s\n", info->install_hint);
}

int cmd_engines(const command *self, settings *s)
{
    if (s->n_args > 0) {
        return report_usage("gearbox %s takes no argument '%.60s'", self->name, s->args[0]);
    }
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
