/*
 * Where the hosts' programs and the engines' environments lie.
 *
 *   programs       GEARBOX_HOSTS_DIR, that one and no other; else beside the program or library
 *                  that holds this code: ../lib/gearbox/hosts, gearbox/hosts; else below the prefix
 *                  that the build was configured for; else the tree that it was built from
 *   environments   GEARBOX_ENGINES_DIR, else $XDG_DATA_HOME/gearbox/engines, else
 *                  ~/.local/share/gearbox/engines
 */
#ifndef GBX_ENGINE_HOST_PLACE_H
#define GBX_ENGINE_HOST_PLACE_H

#include "base/arena.h"
#include "base/error.h"

/* The path of a file below the hosts' folder: "python/host.py". NOT_FOUND names the places. */
gbx_status gbx__host_file(gbx__arena *arena, const char *name, const char **out, gbx_error *err);
/* NOT_FOUND when neither of the variables nor HOME says where. The folder need not be there. */
gbx_status gbx__host_engines_dir(gbx__arena *arena, const char **out, gbx_error *err);
/* The Python that makes environments: GEARBOX_PYTHON, else "python3". */
const char *gbx__host_python(void);

#endif
