/*
 * What a command was asked to do: the values of its options, then its other arguments.
 *
 * Texts point into argv, the environment or a configuration file that was read, and are not owned.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "gearbox/gearbox.h"

typedef enum value_source {
    SOURCE_NONE,
    SOURCE_FILE,
    SOURCE_ENVIRONMENT,
    SOURCE_COMMAND_LINE
} value_source;

/* "name=value", cut in two; names are owned. */
typedef struct pair {
    char *name;
    const char *value;
} pair;

typedef struct pair_list {
    pair *items;
    size_t n;
} pair_list;

/* Those of files first, so that later ones go over them; names are owned. */
typedef struct engine_option_list {
    gbx_engine_option *items;
    size_t n;
} engine_option_list;

/* ./gearbox.toml and that of the user. */
#define MAX_CONFIGS 2

typedef struct settings {
    value_source source; /* of the option that is being set */
    const char *engine;
    const char *engines; /* verify: names with commas; NULL: all that are here */
    double tolerance;
    double verify_share; /* of sql jobs that are run on a second engine, too */
    int64_t memory_bytes;
    int threads;
    int64_t timeout_ms;
    pair_list params;
    pair_list tables;
    engine_option_list engine_options;
    gbx_format format;
    value_source format_source;
    const char *output; /* NULL: stdout */
    const char *file;   /* NULL: the query is an argument */
    const char *stats;
    const char *print; /* help --print */
    bool no_opaque;
    bool sql_only;
    bool quiet;
    bool json;
    bool help;
    size_t n_args;
    const char **args; /* owned array */
    gbx_config *configs[MAX_CONFIGS];
    const char *ignored_file; /* another user's, which was not read */
} settings;

void settings_done(settings *s);

/* NULL, or that there is no memory left. `engine` may be NULL. */
const char *settings_add_engine_option(settings *s, const char *engine, const char *name,
                                       const char *value);

/* The option tables' setters. A switch gets NULL, or "true" or "false" from a file. */
const char *set_engine(settings *s, const char *text);
const char *set_engines(settings *s, const char *text);
const char *set_verify(settings *s, const char *text);
const char *set_tolerance(settings *s, const char *text);
const char *set_memory(settings *s, const char *text);
const char *set_threads(settings *s, const char *text);
const char *set_timeout(settings *s, const char *text);
const char *set_param(settings *s, const char *text);
const char *set_table(settings *s, const char *text);
const char *set_engine_option(settings *s, const char *text);
const char *set_format(settings *s, const char *text);
const char *set_output(settings *s, const char *text);
const char *set_file(settings *s, const char *text);
const char *set_stats(settings *s, const char *text);
const char *set_print(settings *s, const char *text);
const char *set_no_opaque(settings *s, const char *text);
const char *set_sql_only(settings *s, const char *text);
const char *set_quiet(settings *s, const char *text);
const char *set_json(settings *s, const char *text);
const char *set_help(settings *s, const char *text);
const char *set_accepted(settings *s, const char *text); /* nothing to switch off yet */

#endif
