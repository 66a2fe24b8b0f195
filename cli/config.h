/*
 * Configuration files: [defaults] for the options, [engines.NAME] for an engine's own.
 *
 *   flag  >  GEARBOX_* in the environment  >  ./gearbox.toml  >  ~/.config/gearbox/config.toml
 *
 * $GEARBOX_CONFIG names a file in place of both. A ./gearbox.toml that belongs to another user
 * (not root) is passed over with a note: an engine's options may name programs to be run.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "command.h"

/* Sets what the command takes; the files stay open in the settings. 0, or an exit code after a
 * line on stderr. */
int config_read_files(const command *cmd, settings *s);
void config_note_ignored(const char *path);

#endif
