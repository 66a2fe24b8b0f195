/*
 * sql --verify: some jobs are run again on a second engine.
 */
#ifndef CLI_SECOND_H
#define CLI_SECOND_H

#include "job.h"

/* For the share of jobs that --verify names: does another engine that is here give the same rows? A
 * line on stderr when it does not, or when it can't be known. */
void second_opinion(const job *j, const settings *s, const char *engine);

#endif
