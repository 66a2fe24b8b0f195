/*
 * Every option that there is, once; a command's table names those that it takes.
 */
#ifndef CLI_OPTION_TABLE_H
#define CLI_OPTION_TABLE_H

#include "command.h"

extern const option *const sql_options[];
extern const option *const explain_options[];
extern const option *const verify_options[];
extern const option *const engines_options[];
extern const option *const help_options[];

/* Those that a configuration file may set, of all commands. */
extern const option *const file_options[];

#endif
