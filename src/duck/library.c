/*
 * Finding and opening DuckDB's library, once for the process.
 *
 *   GEARBOX_DUCKDB_LIBRARY in the environment: that one and no other
 *   else beside the program or library that holds this code: ../lib/gearbox/, gearbox/
 *   else GBX_DUCKDB_LIBRARY_DEFAULT, which the build sets
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

/* The first of the usual places where the file is; all of them into `tried`. */
static bool library_find(gbx__buf *tried, char out[PATH_MAX])
{
    static const char *const beside[] = {"../lib/gearbox", "gearbox"};
    char folder[PATH_MAX];
    if (library_own_folder(folder)) {
        for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
            gbx__buf path = {0};
            gbx__buf_printf(&path, "%s/%s/libduckdb.so", folder, beside[i]);
            gbx__buf_printf(tried, "'%s', ", path.failed ? "" : path.data);
            const bool is_there =
                !path.failed && path.len < PATH_MAX && access(path.data, F_OK) == 0;
            if (is_there) memcpy(out, path.data, path.len + 1);
            gbx__buf_done(&path);
            if (is_there) return true;
        }
    }
    gbx__buf_printf(tried, "'%s'", GBX_DUCKDB_LIBRARY_DEFAULT);
    if (access(GBX_DUCKDB_LIBRARY_DEFAULT, F_OK) != 0) return false;
    memcpy(out, GBX_DUCKDB_LIBRARY_DEFAULT, sizeof(GBX_DUCKDB_LIBRARY_DEFAULT));
    return true;
}

static gbx_status library_find_and_load(gbx_error *err)
{
    const char *named = gbx__env_get("GEARBOX_DUCKDB_LIBRARY");
    if (named) {
        const gbx_status status = library_load(named, err);
        if (status == GBX_NOT_FOUND) gbx__error_prefix(err, "GEARBOX_DUCKDB_LIBRARY");
        return status;
    }
    GBX_AUTO(gbx__buf_done) gbx__buf tried = {0};
    char path[PATH_MAX];
    if (library_find(&tried, path)) return library_load(path, err);
    if (tried.failed) return GBX_FAIL_NOMEM(err);
    return GBX_FAIL(
        err, GBX_NOT_FOUND,
        "DuckDB's library is missing; looked for %s; GEARBOX_DUCKDB_LIBRARY names another",
        tried.data);
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
