/*
 * The environment of the process, read here and nowhere else.
 */
#ifndef GBX_BASE_ENV_H
#define GBX_BASE_ENV_H

/* NULL when unset or empty, and always in a program that runs with raised rights. Valid until the
 * environment changes: copy it to keep it. */
const char *gbx__env_get(const char *name);

#endif
