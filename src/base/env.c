#include "base/env.h"

#include <stdlib.h>

const char *gbx__env_get(const char *name)
{
    const char *value = secure_getenv(name);
    return value && value[0] ? value : NULL;
}
