#include "support/fuzz.h"

#include "base/fs.h"
#include "duck/duck.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

void must_tell(gbx_status status, const gbx_error *err)
{
    if (status == GBX_INTERNAL) fprintf(stderr, "%s\n", err->message);
    must(status != GBX_OK && status != GBX_INTERNAL && err->status == status && err->message[0]);
    must(gbx__utf8_valid_prefix(err->message, strlen(err->message)) == strlen(err->message));
}

static char dir[64];

static void dir_remove(void)
{
    if (chdir("/") == 0) (void)gbx__fs_remove_tree(dir, NULL);
}

const char *fuzz_dir(void)
{
    if (dir[0]) return dir;
    snprintf(dir, sizeof(dir), "/tmp/gearbox-fuzz-XXXXXX");
    must(mkdtemp(dir) != NULL && chdir(dir) == 0);
    must(atexit(dir_remove) == 0);
    return dir;
}

void fuzz_write(const char *name, const uint8_t *data, size_t size)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", fuzz_dir(), name);
    FILE *file = fopen(path, "wb");
    must(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static gbx__duck *instance;
static gbx__duck_conn *connection;

static void duck_close(void)
{
    gbx__duck_disconnect(connection);
    gbx__duck_close(instance);
}

gbx__duck_conn *fuzz_duck(void)
{
    gbx_error err;
    if (connection) return connection;
    const char *const allowed[] = {fuzz_dir()};
    const gbx__duck_options options = {.threads = 1,
                                       .memory_limit_bytes = INT64_C(300000000),
                                       .allowed_dirs = allowed,
                                       .n_allowed_dirs = 1};
    must(gbx__duck_open(&options, &instance, &err) == GBX_OK);
    must(gbx__duck_connect(instance, &connection, &err) == GBX_OK);
    must(atexit(duck_close) == 0);
    return connection;
}

static void use_sql(const gbx_plan *plan, bool pretty)
{
    gbx_error err = {0};
    gbx__buf out = {0};
    const gbx__print_options options = {.dialect = GBX_DIALECT_DUCKDB, .pretty = pretty};
    const gbx_status status = gbx__sql_print(plan, &options, &out, &err);
    if (status != GBX_OK) must_tell(status, &err);
    gbx__buf_done(&out);
}

void fuzz_use_plan(const gbx_plan *plan)
{
    gbx_error err = {0};
    gbx_plan *copy = NULL;
    gbx__buf out = {0};
    must(gbx__plan_validate(plan, &err) == GBX_OK);
    gbx__plan_print(&out, plan);
    gbx__buf_clear(&out);
    gbx__plan_to_json(&out, plan);
    must(!out.failed);
    const gbx_status status = gbx__plan_from_json(gbx__buf_view(&out), &copy, &err);
    if (status != GBX_OK) fprintf(stderr, "%s\n%s\n", err.message, out.data);
    must(status == GBX_OK);
    const gbx__hash128 a = gbx__plan_hash(plan);
    const gbx__hash128 b = gbx__plan_hash(copy);
    must(a.hi == b.hi && a.lo == b.lo && gbx__plan_equal(plan, copy));
    gbx__plan_unref(copy);
    gbx__buf_done(&out);
    use_sql(plan, false);
    use_sql(plan, true);
}
