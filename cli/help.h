/*
 * Texts for people, made from the tables. Each gives an exit code: a reader that has gone is no
 * failure.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "command.h"

int help_examples(void); /* bare `gearbox` */
int help_overview(void);
int help_version(void);
int help_command(const command *cmd);
/* A status by its name ("not-found") or an exit code ("4"); USAGE when it is neither. */
int help_code(const char *code, bool as_json);

/* "man", "bash", "zsh" or "fish". */
int help_print(const char *what, const command *cmd);

/* Flush stdout and tell what came of it. */
int stdout_done(void);

#endif
