/*
 * "did you mean": the nearest of some names to one that is not there.
 */
#ifndef GBX_BASE_NEAR_H
#define GBX_BASE_NEAR_H

#include "base/str.h"

/* Levenshtein's distance, without regard to ASCII case; SIZE_MAX past 255 bytes. */
size_t gbx__near_distance(gbx__str a, gbx__str b);
/* Up to this distance a name is meant, not another one. */
size_t gbx__near_limit(gbx__str typed);
/* NULL when none is near. */
const char *gbx__near(gbx__str typed, const char *const *names, size_t n);

#endif
