/*
 * The environment of the process, read here and nowhere else.
 */
#ifndef GBX_BASE_ENV_H
#define GBX_BASE_ENV_H

#include "base/arena.h"

/* NULL when unset or empty, and always in a program that runs with raised rights. Valid until the
 * environment changes: copy it to keep it. */
const char *gbx__env_get(const char *name);

/* The environment for another program: of this process's the variables that `names` names ("LC_*":
 * all that begin so), then those of `more` ("NAME=value", which win); both end with NULL. In the
 * arena; NULL when memory is short. */
const char **gbx__env_select(gbx__arena *arena, const char *const *names, const char *const *more);

#endif
