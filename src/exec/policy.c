#include "exec/policy.h"

#include "base/fs.h"

#include <string.h>
#include <sys/stat.h>

static gbx_status roots_resolve(gbx__arena *arena, const char *const *from, size_t n,
                                const char ***out, gbx_error *err)
{
    const char **roots = GBX_ARENA_ARRAY(arena, n, const char *);
    if (!roots) return GBX_FAIL_NOMEM(err);
    for (size_t i = 0; i < n; i++) {
        gbx__file_info info;
        GBX_TRY(gbx__fs_stat(from[i], &info, err));
        GBX_TRY(gbx__fs_real_path(arena, from[i], &roots[i], err));
    }
    *out = roots;
    return GBX_OK;
}

static gbx_status policy_fill(gbx__policy *p, const gbx_policy *from, gbx_error *err)
{
    GBX_TRY(roots_resolve(&p->arena, from->readable, from->n_readable, &p->readable, err));
    GBX_TRY(roots_resolve(&p->arena, from->writable, from->n_writable, &p->writable, err));
    p->n_readable = from->n_readable;
    p->n_writable = from->n_writable;
    p->n_roots = p->n_readable + p->n_writable;
    p->roots = GBX_ARENA_ARRAY(&p->arena, p->n_roots, const char *);
    p->engines = GBX_ARENA_ARRAY(&p->arena, from->n_engines, const char *);
    if (!p->roots || !p->engines) return GBX_FAIL_NOMEM(err);
    memcpy(p->roots, p->readable, p->n_readable * sizeof(*p->roots));
    memcpy(p->roots + p->n_readable, p->writable, p->n_writable * sizeof(*p->roots));
    for (size_t i = 0; from->engines && i < from->n_engines; i++) {
        p->engines[i] = gbx__arena_cstr(&p->arena, from->engines[i]);
        if (!p->engines[i]) return GBX_FAIL_NOMEM(err);
    }
    p->n_engines = from->engines ? from->n_engines : 0;
    p->all_engines = !from->engines;
    p->network = from->network;
    p->opaque_sql = from->opaque_sql;
    p->user_functions = from->user_functions;
    p->is_restricted = true;
    return GBX_OK;
}

gbx_status gbx__policy_init(gbx__policy *policy, const gbx_policy *from, gbx_error *err)
{
    gbx__policy fresh = {0};
    gbx__arena_init(&fresh.arena);
    const gbx_status status = policy_fill(&fresh, from, err);
    if (status != GBX_OK) {
        gbx__arena_done(&fresh.arena);
        return status;
    }
    *policy = fresh;
    return GBX_OK;
}

void gbx__policy_done(gbx__policy *policy)
{
    if (policy->is_restricted) gbx__arena_done(&policy->arena);
}

static bool path_is_below(const char *path, const char *root)
{
    const size_t len = strlen(root);
    if (strncmp(path, root, len) != 0) return false;
    return path[len] == '\0' || path[len] == '/' || (len > 0 && root[len - 1] == '/');
}

static bool path_is_below_any(const char *path, size_t n, const char *const *roots)
{
    for (size_t i = 0; i < n; i++) {
        if (path_is_below(path, roots[i])) return true;
    }
    return false;
}

/* "http://…", "s3://…": letters, digits and "+-." before "://". */
static size_t scheme_len(const char *path)
{
    const size_t len = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                    "0123456789+-.");
    return strncmp(path + len, "://", 3) == 0 ? len : 0;
}

/* A part of a path that is not there says nothing of links, but ".." in it could lead anywhere. */
static bool has_dot_dot(const char *path)
{
    for (const char *p = path; *p != '\0';) {
        const size_t len = strcspn(p, "/");
        if (len == 2 && p[0] == '.' && p[1] == '.') return true;
        p += len;
        p += strspn(p, "/");
    }
    return false;
}

/* A link to what is not there: opened for writing, it would make that. */
static bool is_dangling(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

/* The real path of the nearest ancestor that exists; NULL when ".." or a dangling link follows it,
 * or memory is short. */
static const char *nearest_real_path(gbx__arena *arena, const char *path)
{
    char *text = gbx__arena_cstr(arena, path);
    while (text) {
        const char *real = NULL;
        const char *place = *text == '\0' ? (*path == '/' ? "/" : ".") : text;
        gbx__file_info info;
        const bool is_there = gbx__fs_stat(place, &info, NULL) == GBX_OK;
        if (is_there && gbx__fs_real_path(arena, place, &real, NULL) == GBX_OK) {
            return has_dot_dot(path + strlen(text)) ? NULL : real;
        }
        if (*text == '\0' || is_dangling(text)) return NULL;
        char *slash = strrchr(text, '/');
        *(slash ? slash : text) = '\0';
    }
    return NULL;
}

static gbx_status policy_path(const gbx__policy *policy, const char *path, size_t n,
                              const char *const *roots, const char *what, gbx_error *err)
{
    if (!policy->is_restricted) return GBX_OK;
    const size_t scheme = scheme_len(path);
    const bool is_file = scheme == 4 && strncmp(path, "file", 4) == 0;
    if (scheme > 0 && !is_file) {
        if (policy->network) return GBX_OK;
        return GBX_FAIL(err, GBX_DENIED, "the policy of this session forbids the network: '%s'",
                        path);
    }
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    const char *real = nearest_real_path(&arena, is_file ? path + scheme + 3 : path);
    if (real && path_is_below_any(real, n, roots)) return GBX_OK;
    return GBX_FAIL(err, GBX_DENIED, "the policy of this session forbids to %s '%s'", what, path);
}

gbx_status gbx__policy_may_read(void *ctx, const char *path, gbx_error *err)
{
    const gbx__policy *policy = ctx;
    return policy_path(policy, path, policy->n_readable, policy->readable, "read", err);
}

gbx_status gbx__policy_may_write(const gbx__policy *policy, const char *path, gbx_error *err)
{
    return policy_path(policy, path, policy->n_writable, policy->writable, "write", err);
}

gbx_status gbx__policy_may_use(const gbx__policy *policy, const char *engine, gbx_error *err)
{
    if (!policy->is_restricted || policy->all_engines) return GBX_OK;
    for (size_t i = 0; i < policy->n_engines; i++) {
        if (strcmp(policy->engines[i], engine) == 0) return GBX_OK;
    }
    return GBX_FAIL(err, GBX_DENIED, "the policy of this session forbids the engine %s", engine);
}

typedef struct policy_walk {
    gbx__policy *policy;
    gbx_error *err;
    gbx_status status;
} policy_walk;

static gbx_status policy_scan(policy_walk *walk, const gbx__scan *scan)
{
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    if (scan->format == GBX_SCAN_TABLE) {
        return GBX_FAIL(walk->err, GBX_DENIED,
                        "the policy of this session forbids tables of the engine");
    }
    for (uint32_t i = 0; i < scan->n_paths; i++) {
        const gbx__str path = gbx__arena_str(&arena, scan->paths[i]);
        if (!path.ptr) return GBX_FAIL_NOMEM(walk->err);
        if (memchr(path.ptr, '\0', path.len)) {
            return GBX_FAIL(walk->err, GBX_DENIED, "a path holds a NUL byte");
        }
        GBX_TRY(gbx__policy_may_read(walk->policy, path.ptr, walk->err));
    }
    return GBX_OK;
}

static gbx_status policy_sink(policy_walk *walk, gbx__str path)
{
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    const gbx__str copy = gbx__arena_str(&arena, path);
    if (!copy.ptr) return GBX_FAIL_NOMEM(walk->err);
    return gbx__policy_may_write(walk->policy, copy.ptr, walk->err);
}

static bool policy_visit(const gbx__node *node, void *ctx)
{
    policy_walk *walk = ctx;
    if (node->kind == GBX_NODE_SCAN) {
        walk->status = policy_scan(walk, node->scan.scan);
    } else if (node->kind == GBX_NODE_SINK) {
        walk->status = policy_sink(walk, node->sink.path);
    } else if (node->kind == GBX_NODE_CALL && !walk->policy->user_functions) {
        walk->status =
            GBX_FAIL(walk->err, GBX_DENIED, "the policy of this session forbids users' functions");
    }
    return walk->status == GBX_OK;
}

gbx_status gbx__policy_check(gbx__policy *policy, const gbx_plan *plan, gbx_error *err)
{
    if (!policy->is_restricted) return GBX_OK;
    policy_walk walk = {policy, err, GBX_OK};
    gbx__plan_walk(plan->root, policy_visit, &walk);
    return walk.status;
}
