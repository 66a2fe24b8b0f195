#include "engine/host/place.h"

#include "base/env.h"
#include "base/str.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the program, or of the shared library, that this code is a part of. */
static bool own_folder(char out[PATH_MAX])
{
    static const char here = 0;
    Dl_info info;
    const bool is_found = dladdr(&here, &info) != 0 && info.dli_fname;
    const bool is_library = is_found && strstr(info.dli_fname, ".so");
    if (!realpath(is_library ? info.dli_fname : "/proc/self/exe", out)) return false;
    char *slash = strrchr(out, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

/* NULL when it is not there; `tried` gets the folder. */
static const char *look_in(gbx__arena *arena, const char *folder, const char *name, gbx__buf *tried)
{
    gbx__buf_printf(tried, "%s'%s'", tried->len > 0 ? ", " : "", folder);
    const char *path = gbx__arena_printf(arena, "%s/%s", folder, name);
    return path && access(path, R_OK) == 0 ? path : NULL;
}

static const char *look_everywhere(gbx__arena *arena, const char *name, gbx__buf *tried)
{
    const char *named = gbx__env_get("GEARBOX_HOSTS_DIR");
    if (named) return look_in(arena, named, name, tried);
    static const char *const places[] = {"../" GBX_LIBDIR "/gearbox/hosts", "gearbox/hosts"};
    char own[PATH_MAX];
    const bool has_own = own_folder(own);
    for (size_t i = 0; has_own && i < sizeof(places) / sizeof(places[0]); i++) {
        const char *folder = gbx__arena_printf(arena, "%s/%s", own, places[i]);
        const char *path = folder ? look_in(arena, folder, name, tried) : NULL;
        if (path) return path;
    }
    const char *path = look_in(arena, GBX_HOSTS_INSTALLED, name, tried);
    return path ? path : look_in(arena, GBX_HOSTS_SOURCE, name, tried);
}

gbx_status gbx__host_file(gbx__arena *arena, const char *name, const char **out, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf tried = {0};
    const char *path = look_everywhere(arena, name, &tried);
    if (tried.failed) return GBX_FAIL_NOMEM(err);
    if (!path) {
        return GBX_FAIL(err, GBX_NOT_FOUND,
                        "the host program %s is missing; looked in %s; GEARBOX_HOSTS_DIR names "
                        "another folder",
                        name, tried.data);
    }
    *out = path;
    return GBX_OK;
}

gbx_status gbx__host_engines_dir(gbx__arena *arena, const char **out, gbx_error *err)
{
    static const struct {
        const char *variable, *below;
    } places[] = {{"GEARBOX_ENGINES_DIR", ""},
                  {"XDG_DATA_HOME", "/gearbox/engines"},
                  {"HOME", "/.local/share/gearbox/engines"}};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        const char *base = gbx__env_get(places[i].variable);
        if (!base) continue;
        const char *path = gbx__arena_printf(arena, "%s%s", base, places[i].below);
        if (!path) return GBX_FAIL_NOMEM(err);
        *out = path;
        return GBX_OK;
    }
    return GBX_FAIL(err, GBX_NOT_FOUND,
                    "no folder for engines: set GEARBOX_ENGINES_DIR, XDG_DATA_HOME or HOME");
}

const char *gbx__host_python(void)
{
    const char *named = gbx__env_get("GEARBOX_PYTHON");
    return named ? named : "python3";
}
