#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_THREADS 1024

static void pairs_free(pair_list *list)
{
    for (size_t i = 0; i < list->n; i++) free(list->items[i].name);
    free(list->items);
}

static void engine_option_free(const gbx_engine_option *option)
{
    free((char *)(uintptr_t)option->engine);
    free((char *)(uintptr_t)option->name);
}

void settings_done(settings *s)
{
    pairs_free(&s->params);
    pairs_free(&s->tables);
    for (size_t i = 0; i < s->engine_options.n; i++) {
        engine_option_free(&s->engine_options.items[i]);
    }
    free(s->engine_options.items);
    for (size_t i = 0; i < MAX_CONFIGS; i++) gbx_config_free(s->configs[i]);
    free(s->args);
}

static bool is_on(const char *text)
{
    return !text || strcmp(text, "false") != 0;
}

const char *set_engine(settings *s, const char *text)
{
    if (*text == '\0') return "expected an engine's name, or auto";
    s->engine = text;
    return NULL;
}

const char *set_engines(settings *s, const char *text)
{
    if (*text == '\0') return "expected engines' names with commas between, such as duckdb,polars";
    s->engines = text;
    return NULL;
}

const char *set_verify(settings *s, const char *text)
{
    char *end = NULL;
    errno = 0;
    const double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value >= 0 && value <= 1)) {
        return "expected a share from 0 to 1, such as 0.05";
    }
    s->verify_share = value;
    return NULL;
}

const char *set_tolerance(settings *s, const char *text)
{
    char *end = NULL;
    errno = 0;
    const double value = strtod(text, &end);
    if (errno != 0 || end == text || *end != '\0' || !(value > 0 && value < 1)) {
        return "expected a number above 0 and below 1, such as 1e-9";
    }
    s->tolerance = value;
    return NULL;
}

const char *set_memory(settings *s, const char *text)
{
    int64_t bytes = 0;
    if (gbx_parse_bytes(text, &bytes, NULL) != GBX_OK || bytes <= 0) {
        return "expected a size above zero, such as 4GB or 512MiB";
    }
    s->memory_bytes = bytes;
    return NULL;
}

const char *set_threads(settings *s, const char *text)
{
    char *end = NULL;
    errno = 0;
    const long n = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || n < 1 || n > MAX_THREADS) {
        return "expected a whole number from 1 to 1024";
    }
    s->threads = (int)n;
    return NULL;
}

const char *set_timeout(settings *s, const char *text)
{
    int64_t ms = 0;
    if (gbx_parse_duration_ms(text, &ms, NULL) != GBX_OK || ms <= 0) {
        return "expected a duration above zero, such as 30s or 500ms";
    }
    s->timeout_ms = ms;
    return NULL;
}

static const char *pair_add(pair_list *list, const char *text, const char *expected)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) return expected;
    pair *items = realloc(list->items, (list->n + 1) * sizeof(*items));
    if (!items) return "there is no memory left";
    list->items = items;
    char *name = strndup(text, (size_t)(equals - text));
    if (!name) return "there is no memory left";
    items[list->n++] = (pair){name, equals + 1};
    return NULL;
}

const char *set_param(settings *s, const char *text)
{
    return pair_add(&s->params, text, "expected name=value, such as year=2013");
}

const char *set_table(settings *s, const char *text)
{
    static const char expected[] = "expected NAME=PATH, such as flights=flights.csv";
    const char *equals = strchr(text, '=');
    if (equals && equals[1] == '\0') return expected;
    return pair_add(&s->tables, text, expected);
}

static const char *add_engine_option(settings *s, const char *engine, size_t engine_len,
                                     const char *name, size_t name_len, const char *value)
{
    engine_option_list *list = &s->engine_options;
    gbx_engine_option *items = realloc(list->items, (list->n + 1) * sizeof(*items));
    if (!items) return "there is no memory left";
    list->items = items;
    const gbx_engine_option option = {engine ? strndup(engine, engine_len) : NULL,
                                      strndup(name, name_len), value};
    if (option.name && (option.engine || !engine)) {
        items[list->n++] = option;
        return NULL;
    }
    engine_option_free(&option);
    return "there is no memory left";
}

const char *settings_add_engine_option(settings *s, const char *engine, const char *name,
                                       const char *value)
{
    return add_engine_option(s, engine, engine ? strlen(engine) : 0, name, strlen(name), value);
}

/* KEY=VALUE, ENGINE:KEY=VALUE */
const char *set_engine_option(settings *s, const char *text)
{
    const char *equals = strchr(text, '=');
    const char *colon = memchr(text, ':', equals ? (size_t)(equals - text) : 0);
    const char *name = colon ? colon + 1 : text;
    if (!equals || equals == name || colon == text) {
        return "expected KEY=VALUE or ENGINE:KEY=VALUE, such as spark.executor.memory=2g";
    }
    return add_engine_option(s, colon ? text : NULL, colon ? (size_t)(colon - text) : 0, name,
                             (size_t)(equals - name), equals + 1);
}

const char *set_format(settings *s, const char *text)
{
    if (gbx_format_parse(text, &s->format, NULL) != GBX_OK) {
        return "expected table, csv, json, jsonl, arrow or parquet";
    }
    s->format_source = s->source;
    return NULL;
}

const char *set_output(settings *s, const char *text)
{
    if (*text == '\0') return "expected a path, or - for stdout";
    s->output = strcmp(text, "-") == 0 ? NULL : text;
    return NULL;
}

const char *set_file(settings *s, const char *text)
{
    if (*text == '\0') return "expected the path of a file that holds a query";
    s->file = text;
    return NULL;
}

const char *set_stats(settings *s, const char *text)
{
    if (*text == '\0') return "expected a path";
    s->stats = text;
    return NULL;
}

const char *set_print(settings *s, const char *text)
{
    s->print = text;
    return NULL;
}

const char *set_no_opaque(settings *s, const char *text)
{
    s->no_opaque = is_on(text);
    return NULL;
}

const char *set_sql_only(settings *s, const char *text)
{
    s->sql_only = is_on(text);
    return NULL;
}

const char *set_quiet(settings *s, const char *text)
{
    s->quiet = is_on(text);
    return NULL;
}

const char *set_json(settings *s, const char *text)
{
    s->json = is_on(text);
    return NULL;
}

const char *set_help(settings *s, const char *text)
{
    s->help = is_on(text);
    return NULL;
}

const char *set_accepted(settings *s, const char *text)
{
    (void)s;
    (void)text;
    return NULL;
}
