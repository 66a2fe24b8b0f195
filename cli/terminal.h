/*
 * What is at the other end of a file descriptor.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>

bool terminal_is(int fd);
/* Columns: of the terminal, else COLUMNS, else 80. */
int terminal_width(int fd);
/* A terminal, and neither NO_COLOR nor TERM=dumb speaks against it. */
bool terminal_has_color(int fd);
/* Makes sure that 0, 1 and 2 are open, so that no other file takes their place. */
void terminal_guard(void);

#endif
