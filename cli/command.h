/*
 * A command is a row of the table in main.c; an option is a row of option_table.c that its command
 * names. The tables are all there is to know: parsing, --help, the manual pages and the shells'
 * completions are made from them.
 *
 *   files, environment, argv ─→ find the command ─→ its options into settings ─→ command->run
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "settings.h"

/* Checks the text (NULL for a switch that is there) and stores it; NULL, or what was expected. */
typedef const char *option_set(settings *s, const char *text);

typedef struct option {
    const char *name;  /* without its dashes */
    char letter;       /* 0: none */
    const char *value; /* as help names it; NULL: a switch */
    const char *help;
    const char *variable; /* of the environment that gives a default; NULL: none */
    const char *choices;  /* the values that there are, with spaces between; NULL: any */
    bool may_be_number;   /* in a file, without quotes */
    option_set *set;
} option;

typedef struct command {
    const char *name;
    const char *summary;          /* one line */
    const char *arguments;        /* as usage shows them */
    const char *detail;           /* examples; lines end in \n */
    const option *const *options; /* ends in NULL */
    bool takes_files;             /* [defaults] of configuration files are for it */
    int (*run)(const struct command *self, settings *s);
} command;

/* Exit codes that the command line decides by itself; gbx_status_exit_code gives the others. */
#define EXIT_DONE 0
#define EXIT_NO 1 /* the job ran, and its answer is "no" */
#define EXIT_USAGE 2

/* All commands; the last one has no name. */
extern const command commands[];
const command *command_find(const char *name);

int cmd_sql(const command *self, settings *s);
int cmd_explain(const command *self, settings *s);
int cmd_verify(const command *self, settings *s);
int cmd_engines(const command *self, settings *s);
int cmd_help(const command *self, settings *s);

#endif
