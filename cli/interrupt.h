/*
 * Ctrl-C and SIGTERM: the first one ends the running job cleanly, the second one the program.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "gearbox/gearbox.h"

void interrupt_install(void);
/* The session whose jobs a signal ends; NULL before it is closed. */
void interrupt_watch(gbx_session *session);
bool interrupt_seen(void);

#endif
