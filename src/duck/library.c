/*
 * Finding and opening DuckDB's library, once for the process.
 *
 *   GEARBOX_DUCKDB_LIBRARY in the environment: that one and no other
 *   else beside the program or library that holds this code: ../lib/gearbox/, gearbox/
 *   else GBX_DUCKDB_LIBRARY_INSTALLED, below the prefix that the build was configured for: how a
 *        program with libgearbox.a in it finds it
 *   else GBX_DUCKDB_LIBRARY_DEFAULT: the copy that the build uses
 *
 * Of the usual places one with another version, of another Gearbox, is passed over.
 *
 * It is never closed: its threads and thread-local data do not survive that.
 */
#include "duck/duck_priv.h"

#include "base/alloc.h"
#include "base/env.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

gbx__duck_functions gbx__duck_lib;

static pthread_mutex_t library_lock = PTHREAD_MUTEX_INITIALIZER;
static bool library_is_open;
static char library_version[32];

typedef const char *version_function(void);

/* The folder of the program, or of the shared library, that this code is a part of. */
static bool library_own_folder(char out[PATH_MAX])
{
    Dl_info info;
    const bool is_found = dladdr(&gbx__duck_lib, &info) != 0 && info.dli_fname;
    const char *file =
        is_found && strstr(info.dli_fname, ".so") ? info.dli_fname : "/proc/self/exe";
    if (!realpath(file, out)) return false;
    char *slash = strrchr(out, '/');
    if (!slash) return false;
    *slash = '\0';
    return true;
}

static gbx_status library_check_version(void *handle, const char *path, gbx_error *err)
{
    void *symbol = dlsym(handle, "duckdb_library_version");
    if (!symbol) return GBX_FAIL(err, GBX_UNSUPPORTED, "'%s' is not DuckDB's library", path);
    version_function *version = NULL;
    memcpy(&version, &symbol, sizeof(version));
    const char *text = version();
    if (strcmp(text, GBX_DUCK_VERSION) != 0)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "'%s' is DuckDB %s, but Gearbox needs %s", path, text,
                        GBX_DUCK_VERSION);
    memcpy(library_version, text, strlen(text) + 1);
    return GBX_OK;
}

static gbx_status library_resolve(void *handle, const char *path, gbx_error *err)
{
    static const struct {
        const char *name;
        size_t offset;
    } functions[] = {
#define LIBRARY_ROW(name) {"duckdb_v2_" #name, offsetof(gbx__duck_functions, name)},
        GBX_DUCK_FUNCTIONS(LIBRARY_ROW)
#undef LIBRARY_ROW
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        void *symbol = dlsym(handle, functions[i].name);
        if (!symbol)
            return GBX_FAIL(err, GBX_UNSUPPORTED, "'%s' lacks %s", path, functions[i].name);
        memcpy((char *)&gbx__duck_lib + functions[i].offset, &symbol, sizeof(symbol));
    }
    return GBX_OK;
}

static gbx_status library_load(const char *path, gbx_error *err)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return GBX_FAIL(err, GBX_NOT_FOUND, "cannot open DuckDB's library: %s", dlerror());
    gbx_status status = library_check_version(handle, path, err);
    if (status == GBX_OK) status = library_resolve(handle, path, err);
    if (status != GBX_OK) dlclose(handle);
    return status;
}

/* A search through the usual places. */
typedef struct library_search {
    gbx__buf tried;     /* their paths, quoted */
    gbx_status refused; /* why the first that is there can't be used; GBX_OK: none is there */
    gbx_error why;
} library_search;

static bool library_try(library_search *search, const char *path)
{
    gbx__buf_printf(&search->tried, "%s'%s'", search->tried.len > 0 ? ", " : "", path);
    if (access(path, F_OK) != 0) return false;
    gbx_error why;
    const gbx_status status = library_load(path, &why);
    if (status == GBX_OK) return true;
    if (search->refused == GBX_OK) {
        search->refused = status;
        search->why = why;
    }
    return false;
}

static bool library_try_below(library_search *search, const char *folder, const char *place)
{
    GBX_AUTO(gbx__buf_done) gbx__buf path = {0};
    gbx__buf_printf(&path, "%s/%s/libduckdb.so", folder, place);
    return !path.failed && library_try(search, path.data);
}

static bool library_try_all(library_search *search)
{
    char folder[PATH_MAX];
    if (library_own_folder(folder)) {
        if (library_try_below(search, folder, "../" GBX_LIBDIR "/gearbox")) return true;
        if (library_try_below(search, folder, "gearbox")) return true;
    }
    return library_try(search, GBX_DUCKDB_LIBRARY_INSTALLED) ||
           library_try(search, GBX_DUCKDB_LIBRARY_DEFAULT);
}

static gbx_status library_find_and_load(gbx_error *err)
{
    const char *named = gbx__env_get("GEARBOX_DUCKDB_LIBRARY");
    if (named) {
        const gbx_status status = library_load(named, err);
        if (status == GBX_NOT_FOUND) gbx__error_prefix(err, "GEARBOX_DUCKDB_LIBRARY");
        return status;
    }
    library_search search = {.refused = GBX_OK};
    const bool is_open = library_try_all(&search);
    gbx_status status = search.refused;
    if (is_open) {
        status = GBX_OK;
    } else if (search.tried.failed) {
        status = GBX_FAIL_NOMEM(err);
    } else if (search.refused != GBX_OK) {
        if (err) *err = search.why;
    } else {
        status = GBX_FAIL(
            err, GBX_NOT_FOUND,
            "DuckDB's library is missing; looked for %s; GEARBOX_DUCKDB_LIBRARY names another",
            search.tried.data);
    }
    gbx__buf_done(&search.tried);
    return status;
}

gbx_status gbx__duck_library(gbx_error *err)
{
    pthread_mutex_lock(&library_lock);
    const gbx_status status = library_is_open ? GBX_OK : library_find_and_load(err);
    if (status == GBX_OK) library_is_open = true;
    pthread_mutex_unlock(&library_lock);
    return status;
}

gbx_status gbx__duck_version(const char **out, gbx_error *err)
{
    GBX_TRY(gbx__duck_library(err));
    *out = library_version;
    return GBX_OK;
}
