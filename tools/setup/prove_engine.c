/*
 * Set-up's proof that an engine library can be used: opens it as Gearbox does (RTLD_LOCAL, every
 * symbol bound at once), compares its version, and opens and closes a database in memory.
 *
 *   prove_engine LIBRARY VERSION
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

typedef const char *(*version_fn)(void);
typedef int (*open_fn)(const char *path, void **out);
typedef void (*close_fn)(void **database);

static void *symbol(void *library, const char *name)
{
    void *address = dlsym(library, name);
    if (address == NULL) {
        fprintf(stderr, "%s\n", dlerror());
    }
    return address;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: prove_engine LIBRARY VERSION\n");
        return 2;
    }
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    version_fn version = (version_fn)symbol(library, "duckdb_library_version");
    open_fn open_database = (open_fn)symbol(library, "duckdb_open");
    close_fn close_database = (close_fn)symbol(library, "duckdb_close");
    if (version == NULL || open_database == NULL || close_database == NULL) {
        return 1;
    }
    if (strcmp(version(), argv[2]) != 0) {
        fprintf(stderr, "the engine is DuckDB %s, wanted %s\n", version(), argv[2]);
        return 1;
    }
    void *database = NULL;
    if (open_database(NULL, &database) != 0) {
        fprintf(stderr, "a database in memory does not open\n");
        return 1;
    }
    close_database(&database);
    return 0;
}
