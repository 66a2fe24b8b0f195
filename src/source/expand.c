/*
 * A location becomes files: a path, a glob, a folder (all data files below it).
 *
 *   location ─→ scheme, ~ ─→ policy ─→ a file that is there    ─→ itself
 *                                      a folder                ─→ its data files, sorted
 *                                      a glob                  ─→ what matches, sorted
 *
 * A file whose name has wildcards in it is found before the name is read as a glob, as DuckDB does.
 */
#include "base/env.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/vec.h"
#include "source/source_priv.h"

#include <string.h>

typedef struct expand_list {
    GBX_VEC(const char *) paths;
    GBX_VEC(gbx__file_info) files;
} expand_list;

static gbx_status ask(gbx__probe *probe, const char *path)
{
    const gbx__source_ctx *ctx = probe->ctx;
    return ctx->may_read ? ctx->may_read(ctx->may_read_ctx, path, probe->err) : GBX_OK;
}

static gbx_status add(gbx__probe *probe, expand_list *list, const char *path,
                      const gbx__file_info *info)
{
    if (!info->is_regular) {
        return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                        "'%s' is not a regular file: write it to one first", path);
    }
    if (list->paths.len >= GBX_SOURCE_PATHS_MAX) {
        return GBX_FAIL(probe->err, GBX_INVALID, "more than %d files", GBX_SOURCE_PATHS_MAX);
    }
    if (!gbx__vec_push(&list->paths, path) || !gbx__vec_push(&list->files, *info)) {
        return GBX_FAIL_NOMEM(probe->err);
    }
    return GBX_OK;
}

static gbx_status add_path(gbx__probe *probe, expand_list *list, const char *path)
{
    gbx__file_info info;
    GBX_TRY(ask(probe, path));
    GBX_TRY(gbx__fs_stat(path, &info, probe->err));
    return add(probe, list, path, &info);
}

/* ---- folders --------------------------------------------------------------------------------- */

static bool has_entry(gbx__probe *probe, const char *folder, const char *entry)
{
    gbx__file_info info;
    const char *path = gbx__arena_printf(probe->arena, "%s/%s", folder, entry);
    return path && gbx__fs_stat(path, &info, NULL) == GBX_OK;
}

/* Such a folder keeps files whose rows were deleted: only its log says which count. */
static gbx_status refuse_table_format(gbx__probe *probe, const char *folder)
{
    const char *name = has_entry(probe, folder, "_delta_log")                  ? "Delta Lake"
                       : has_entry(probe, folder, "metadata/version-hint.text") ? "Iceberg"
                       : has_entry(probe, folder, ".hoodie")                    ? "Hudi"
                                                                                : NULL;
    if (!name) return GBX_OK;
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                    "'%s' is a %s table: its files alone would bring deleted rows back", folder,
                    name);
}

static const gbx__source_format *format_in_folder(const gbx__probe *probe, const char *path)
{
    const gbx__source_format *format = gbx__source_format_by_ending(gbx__str_of(path));
    if (!format) return NULL;
    const gbx__source_request *request = probe->request;
    return request->has_format && format->format != request->format ? NULL : format;
}

static gbx_status add_folder(gbx__probe *probe, expand_list *list, const char *folder)
{
    gbx__paths found = {0};
    const gbx__source_format *first = NULL;
    const char *first_path = NULL;
    GBX_TRY(refuse_table_format(probe, folder));
    GBX_TRY(gbx__fs_walk(probe->arena, folder, GBX_SOURCE_PATHS_MAX, &found, probe->err));
    for (size_t i = 0; i < found.len; i++) {
        const gbx__source_format *format = format_in_folder(probe, found.items[i]);
        if (!format) continue;
        if (first && format != first) {
            return GBX_FAIL(probe->err, GBX_INVALID,
                            "the folder '%s' has %s and %s files ('%s', '%s'): name a glob", folder,
                            first->name, format->name, first_path, found.items[i]);
        }
        if (!first) first_path = found.items[i];
        first = format;
        GBX_TRY(add_path(probe, list, found.items[i]));
    }
    if (first) return GBX_OK;
    return GBX_FAIL(probe->err, GBX_NOT_FOUND, "the folder '%s' has no data files", folder);
}

/* ---- globs ----------------------------------------------------------------------------------- */

/* The folder that every match lies in: what stands before the first wildcard. */
static const char *glob_folder(gbx__probe *probe, const char *pattern)
{
    size_t len = strcspn(pattern, "*?[{\\");
    while (len > 0 && pattern[len - 1] != '/') len--;
    if (len == 0) return ".";
    return gbx__arena_printf(probe->arena, "%.*s", (int)len, pattern);
}

static gbx_status add_glob(gbx__probe *probe, expand_list *list, const char *pattern)
{
    gbx__paths found = {0};
    const char *folder = glob_folder(probe, pattern);
    if (!folder) return GBX_FAIL_NOMEM(probe->err);
    GBX_TRY(ask(probe, folder));
    GBX_TRY(gbx__fs_glob(probe->arena, pattern, GBX_SOURCE_PATHS_MAX, &found, probe->err));
    for (size_t i = 0; i < found.len; i++) GBX_TRY(add_path(probe, list, found.items[i]));
    if (found.len > 0) return GBX_OK;
    return GBX_FAIL(probe->err, GBX_NOT_FOUND, "no files match '%s'", pattern);
}

/* ---- one location ---------------------------------------------------------------------------- */

static gbx_status fail_missing(gbx__probe *probe, const char *path)
{
    GBX_AUTO(gbx__buf_done) gbx__buf hint = {0};
    gbx__source_near(probe, path, &hint);
    return GBX_FAIL(probe->err, GBX_NOT_FOUND, "no such file: '%s'%s", path,
                    hint.data ? hint.data : "");
}

/* Takes off file:// and refuses other schemes by name. */
static gbx_status read_scheme(gbx__probe *probe, gbx__str *location)
{
    if (gbx__str_starts(*location, "file://")) {
        *location = (gbx__str){location->ptr + 7, location->len - 7};
        return GBX_OK;
    }
    size_t len = 0;
    while (len < location->len && location->ptr[len] != ':' && location->ptr[len] != '/') len++;
    if (len == 0 || len + 3 > location->len || memcmp(location->ptr + len, "://", 3) != 0) {
        return GBX_OK;
    }
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                    "'%.*s': locations that begin with %.*s:// cannot be read",
                    GBX_STR_ARG(*location), (int)len, location->ptr);
}

/* A NUL-terminated path in the arena, with ~ replaced. */
static gbx_status read_path(gbx__probe *probe, gbx__str location, const char **out)
{
    GBX_TRY(read_scheme(probe, &location));
    if (location.len == 0) return GBX_FAIL(probe->err, GBX_INVALID, "an input's path is empty");
    if (memchr(location.ptr, '\0', location.len)) {
        return GBX_FAIL(probe->err, GBX_INVALID, "an input's path has a NUL byte");
    }
    const char *home = NULL;
    const bool is_home = location.ptr[0] == '~' && (location.len == 1 || location.ptr[1] == '/');
    if (is_home) home = gbx__env_get("HOME");
    if (is_home && !home) {
        return GBX_FAIL(probe->err, GBX_NOT_FOUND, "'%.*s': HOME is not set",
                        GBX_STR_ARG(location));
    }
    *out = home ? gbx__arena_printf(probe->arena, "%s%.*s", home, (int)location.len - 1,
                                    location.ptr + 1)
                : gbx__arena_str(probe->arena, location).ptr;
    return *out ? GBX_OK : GBX_FAIL_NOMEM(probe->err);
}

static gbx_status add_location(gbx__probe *probe, expand_list *list, gbx__str location)
{
    gbx__file_info info;
    gbx_error error;
    const char *path = NULL;
    GBX_TRY(read_path(probe, location, &path));
    const bool is_glob = gbx__fs_is_glob(path);
    if (!is_glob) GBX_TRY(ask(probe, path));
    const gbx_status status = gbx__fs_stat(path, &info, &error);
    if (status == GBX_NOT_FOUND) {
        return is_glob ? add_glob(probe, list, path) : fail_missing(probe, path);
    }
    if (status != GBX_OK) {
        if (probe->err) *probe->err = error;
        return status;
    }
    if (is_glob) GBX_TRY(ask(probe, path));
    return info.is_dir ? add_folder(probe, list, path) : add(probe, list, path, &info);
}

/* ---- all ------------------------------------------------------------------------------------- */

static gbx_status add_all(gbx__probe *probe, expand_list *list)
{
    const gbx__source_request *request = probe->request;
    if (request->n_locations == 0) return add_location(probe, list, request->location);
    for (uint32_t i = 0; i < request->n_locations; i++) {
        GBX_TRY(add_location(probe, list, request->locations[i]));
    }
    return GBX_OK;
}

/* Anything that a change of the files would change: their names, sizes, times and identities. */
static gbx_status find_fingerprint(gbx__probe *probe)
{
    gbx__scan *scan = probe->scan;
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        const gbx__file_info *file = &probe->files[i];
        gbx__buf_str(&text, scan->paths[i]);
        gbx__buf_putc(&text, '\0');
        gbx__buf_printf(&text, "%lld %lld %llu\n", (long long)file->size_bytes,
                        (long long)file->mtime_ns, (unsigned long long)file->inode);
    }
    char *hex = gbx__arena_alloc(probe->arena, 33);
    if (text.failed || !hex) return GBX_FAIL_NOMEM(probe->err);
    gbx__hash_hex(gbx__hash_bytes(text.data, text.len), hex);
    scan->fingerprint = (gbx__str){hex, 32};
    return GBX_OK;
}

static gbx_status keep(gbx__probe *probe, const expand_list *list)
{
    gbx__scan *scan = probe->scan;
    const size_t n = list->paths.len;
    gbx__str *paths = GBX_ARENA_ARRAY(probe->arena, n, gbx__str);
    gbx__file_info *files = GBX_ARENA_ARRAY(probe->arena, n, gbx__file_info);
    if (!paths || !files) return GBX_FAIL_NOMEM(probe->err);
    scan->size_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        paths[i] = gbx__str_of(list->paths.items[i]);
        files[i] = list->files.items[i];
        scan->size_bytes += files[i].size_bytes;
    }
    scan->paths = paths;
    scan->n_paths = (uint32_t)n;
    probe->files = files;
    return find_fingerprint(probe);
}

gbx_status gbx__source_expand(gbx__probe *probe)
{
    const gbx__source_request *request = probe->request;
    const gbx__str location = request->n_locations ? request->locations[0] : request->location;
    expand_list list = {0};
    probe->scan->location = gbx__arena_str(probe->arena, location);
    if (!probe->scan->location.ptr) return GBX_FAIL_NOMEM(probe->err);
    gbx_status status = add_all(probe, &list);
    if (status == GBX_OK) status = keep(probe, &list);
    gbx__vec_done(&list.paths);
    gbx__vec_done(&list.files);
    return status;
}
