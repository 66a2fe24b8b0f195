/*
 * Reads a command line by the tables: --name value, --name=value, -n value, -nvalue; "--" ends the
 * options, "-" is an argument, and so is SQL that begins with a comment.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "command.h"

/* Files' values first, then the environment's, then argv's. 0, or an exit code after a line on
 * stderr. */
int options_read(const command *cmd, int argc, char **argv, settings *s);

/* The nearest of `names` (NULL at the end) to what was typed; NULL when none is near. */
const char *nearest_name(const char *typed, const char *const *names);

#endif
