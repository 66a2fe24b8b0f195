#include "base/fs.h"
#include "engine/host/host_priv.h"
#include "engine/host/place.h"

#include <unistd.h>

#define MANIFEST_MAX (8 * 1024 * 1024)
#define MANIFEST_VERSION 1

static gbx_status broken(const char *name, const char *what, gbx_error *err)
{
    return GBX_FAIL(err, GBX_ENGINE,
                    "the environment of %s is broken: %s: gearbox engines install %s", name, what,
                    name);
}

static gbx_status read_root(const char *name, yyjson_val *root, host_manifest *out, gbx_error *err)
{
    gbx_error why;
    const gbx__str engine = gbx__json_str(yyjson_obj_get(root, "engine"));
    const int64_t version = yyjson_get_sint(yyjson_obj_get(root, "gearbox_engine"));
    const int64_t protocol = yyjson_get_sint(yyjson_obj_get(root, "protocol"));
    const char *own = yyjson_get_str(yyjson_obj_get(yyjson_obj_get(root, "versions"), name));
    if (version != MANIFEST_VERSION || protocol != GBX_WIRE_PROTOCOL)
        return broken(name, "another version of Gearbox made it", err);
    if (!gbx__str_is(engine, name)) return broken(name, "it is another engine's", err);
    const gbx_status status =
        gbx__host_caps_read(yyjson_obj_get(root, "capabilities"), &out->caps, &why);
    if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    if (status != GBX_OK) return broken(name, why.message, err);
    out->version = gbx__arena_cstr(&out->arena, own ? own : "?");
    return out->version ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status read_file(const char *name, const char *path, host_manifest *out, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    yyjson_doc *doc = NULL;
    gbx_error why;
    const gbx_status read = gbx__fs_read(path, MANIFEST_MAX, &text, &why);
    if (read == GBX_NOT_FOUND)
        return GBX_FAIL(err, GBX_NOT_FOUND, "%s is not installed: gearbox engines install %s", name,
                        name);
    if (read == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    if (read != GBX_OK) return broken(name, why.message, err);
    const gbx_status parsed = gbx__json_read(text.data ? text.data : "", text.len, 0, &doc, &why);
    if (parsed == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    if (parsed != GBX_OK) return broken(name, "its gearbox-engine.json is no JSON", err);
    const gbx_status status = read_root(name, yyjson_doc_get_root(doc), out, err);
    gbx__json_free(doc);
    return status;
}

static gbx_status manifest_fill(const char *name, host_manifest *out, gbx_error *err)
{
    const char *folder = NULL;
    GBX_TRY(gbx__host_engines_dir(&out->arena, &folder, err));
    const char *path = gbx__arena_printf(&out->arena, "%s/%s/gearbox-engine.json", folder, name);
    out->python = gbx__arena_printf(&out->arena, "%s/%s/bin/python", folder, name);
    if (!path || !out->python) return GBX_FAIL_NOMEM(err);
    GBX_TRY(read_file(name, path, out, err));
    if (access(out->python, X_OK) != 0) return broken(name, "it has no bin/python", err);
    return gbx__host_file(&out->arena, "python/host.py", &out->program, err);
}

gbx_status gbx__host_manifest_read(const char *name, host_manifest *out, gbx_error *err)
{
    host_manifest manifest = {0};
    gbx__arena_init(&manifest.arena);
    const gbx_status status = manifest_fill(name, &manifest, err);
    if (status != GBX_OK) {
        gbx__host_manifest_done(&manifest);
        return status;
    }
    *out = manifest;
    return GBX_OK;
}

void gbx__host_manifest_done(host_manifest *manifest)
{
    gbx__host_caps_done(&manifest->caps);
    gbx__arena_done(&manifest->arena);
    *manifest = (host_manifest){0};
}
