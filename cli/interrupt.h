/*
 * Ctrl-C and SIGTERM: the first one ends the running job cleanly, the second one the program.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include "gearbox/gearbox.h"

void interrupt_install(void);
/* A session whose jobs a signal ends, one more of at most 32; NULL, before they are closed:
 * none any more. */
void interrupt_watch(gbx_session *session);
bool interrupt_seen(void);

#endif
