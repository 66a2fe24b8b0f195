#include "help.h"
#include "report.h"
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct code_help {
    gbx_status status;
    const char *example;
    const char *fix;
} code_help;

static const code_help code_table[] = {
    {GBX_OK, "gearbox sql 'SELECT 42'", "nothing to do"},
    {GBX_NOMEM, "gearbox sql --memory 100MB 'SELECT …'",
     "raise --memory, or ask for fewer columns and rows at once"},
    {GBX_INVALID, "gearbox sql \"FROM 'empty.csv'\"",
     "look at the file or value that the message names; an empty file has no columns"},
    {GBX_MISUSE, "gearbox sql --memory 0 'SELECT 1'",
     "see gearbox help COMMAND for what is expected"},
    {GBX_NOT_FOUND, "gearbox sql \"FROM 'flihgts.csv'\"",
     "check the spelling; paths are relative to the folder that gearbox runs in"},
    {GBX_EXISTS, "gearbox sql --table t=a.csv --table t=b.csv 'FROM t'", "choose another name"},
    {GBX_UNSUPPORTED, "gearbox sql --no-opaque 'SUMMARIZE t'",
     "leave out --no-opaque, or write the query without what the message names"},
    {GBX_PARSE, "gearbox sql 'SELEC 1'",
     "the message has the line and column where the text goes wrong"},
    {GBX_BIND, "gearbox sql \"SELECT nmae FROM 'people.csv'\"",
     "see the columns with gearbox sql \"FROM 'people.csv' LIMIT 0\""},
    {GBX_IO, "gearbox sql 'SELECT 1' -o /read-only/x.csv",
     "check rights and free space of the path that the message names"},
    {GBX_CORRUPT, "gearbox sql \"FROM 'cut.parquet'\"", "fetch or write the file again"},
    {GBX_CONFLICT, "two writers of one thing at the same time", "try again"},
    {GBX_CANCELLED, "Ctrl-C during a query", "run it again when you want its rows"},
    {GBX_TIMEOUT, "gearbox sql --timeout 1s 'SELECT …'", "raise --timeout, or ask for less"},
    {GBX_ENGINE, "an engine that ends by itself",
     "the message has the engine's own words; try another engine with --engine"},
    {GBX_INTERNAL, "none that we know of", "please report it, with the command and the message"},
    {GBX_DENIED, "a service that forbids files outside its folder", "ask whoever runs the service"},
};

static const size_t code_count = sizeof(code_table) / sizeof(code_table[0]);

static void code_text(const code_help *c)
{
    printf("%s: %s (exit code %d)\n  example: %s\n  fix:     %s\n", gbx_status_name(c->status),
           gbx_status_meaning(c->status), gbx_status_exit_code(c->status), c->example, c->fix);
}

static void code_json(const code_help *c)
{
    fputs("{\"status\":", stdout);
    text_json(stdout, gbx_status_name(c->status));
    printf(",\"exit_code\":%d,\"meaning\":", gbx_status_exit_code(c->status));
    text_json(stdout, gbx_status_meaning(c->status));
    fputs(",\"example\":", stdout);
    text_json(stdout, c->example);
    fputs(",\"fix\":", stdout);
    text_json(stdout, c->fix);
    fputc('}', stdout);
}

/* "not-found", "NOT_FOUND" and "GBX_NOT_FOUND" are one. */
static bool name_fits(const char *typed, const char *name)
{
    if (strncmp(typed, "GBX_", 4) == 0) typed += 4;
    for (; *typed != '\0' && *name != '\0'; typed++, name++) {
        const int c = *typed == '_' ? '-' : tolower((unsigned char)*typed);
        if (c != *name) return false;
    }
    return *typed == *name;
}

static bool code_fits(const code_help *c, const char *typed)
{
    char *end = NULL;
    const long number = strtol(typed, &end, 10);
    if (end != typed && *end == '\0') return gbx_status_exit_code(c->status) == number;
    return name_fits(typed, gbx_status_name(c->status)) ||
           (c->status == GBX_NOMEM && name_fits(typed, "nomem"));
}

int help_code(const char *code, bool as_json)
{
    size_t found = 0;
    for (size_t i = 0; i < code_count; i++) {
        if (!code_fits(&code_table[i], code)) continue;
        if (as_json) {
            fputs(found == 0 ? "[" : ",\n ", stdout);
            code_json(&code_table[i]);
        } else {
            if (found > 0) fputc('\n', stdout);
            code_text(&code_table[i]);
        }
        found++;
    }
    if (found == 0 && strcmp(code, "1") == 0) {
        fputs("exit code 1: the job ran and its answer is \"no\"\n", stdout);
        return stdout_done();
    }
    if (found == 0) {
        return report_usage("'%.60s' is neither a command nor a status, see gearbox --help", code);
    }
    if (as_json) fputs("]\n", stdout);
    return stdout_done();
}
