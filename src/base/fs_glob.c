/*
 * Globs and walks. A pattern is first freed of its braces, then matched part by part:
 *
 *   braces    a/{b,c}?/x.csv  →  a/b?/x.csv and a/c?/x.csv
 *   part      a               →  appended to the path so far
 *   part      b?              →  the folder so far is read, each name that matches is a way on
 *   part      two stars       →  as above, for the folder so far and all below it
 *   the end   x.csv           →  looked at
 *
 * What was found goes into one set: two ways to one path give it once, and the limit counts files.
 */
#include "base/alloc.h"
#include "base/fs.h"
#include "base/fs_priv.h"
#include "base/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define GLOB_EXPANSIONS_MAX 4096
#define GLOB_FOLDERS_MAX 1000000
#define GLOB_PATTERN_MAX 4096

typedef struct glob_search {
    gbx__map found; /* a set of paths */
    gbx__buf path;  /* the folder so far, with its last slash */
    size_t max_paths;
    size_t expansions;
    size_t folders;      /* read so far: two linked loops in one folder double at every part */
    const char *pattern; /* as the caller wrote it, for messages */
    gbx_error *err;
} glob_search;

/* ---- one part against one name ------------------------------------------------------------- */

static size_t glob_skip_char(gbx__str s, size_t i)
{
    gbx__utf8_next(s.ptr, s.len, &i);
    return i;
}

/* The position behind the "]" of a set that begins at p[i] == '['; 0 when there is none. A "]" that
 * comes first stands for itself. */
static size_t glob_set_end(gbx__str p, size_t i)
{
    size_t j = i + 1;
    if (j < p.len && (p.ptr[j] == '!' || p.ptr[j] == '^')) j++;
    if (j < p.len && p.ptr[j] == ']') j++;
    while (j < p.len && p.ptr[j] != ']') j += p.ptr[j] == '\\' && j + 1 < p.len ? 2 : 1;
    return j < p.len ? j + 1 : 0;
}

static uint32_t glob_set_char(gbx__str p, size_t *j)
{
    if (p.ptr[*j] == '\\' && *j + 1 < p.len) (*j)++;
    return gbx__utf8_next(p.ptr, p.len, j);
}

/* Is `c` in the set p[i..end)? */
static bool glob_set_has(gbx__str p, size_t i, size_t end, uint32_t c)
{
    size_t j = i + 1;
    const bool is_negated = p.ptr[j] == '!' || p.ptr[j] == '^';
    bool is_in = false;
    j += is_negated;
    const gbx__str set = {p.ptr, end - 1}; /* without the "]" */
    do {
        const uint32_t first = glob_set_char(set, &j);
        uint32_t last = first;
        if (j + 1 < set.len && set.ptr[j] == '-') {
            j++;
            last = glob_set_char(set, &j);
        }
        is_in = is_in || (first <= c && c <= last);
    } while (j < set.len);
    return is_in != is_negated;
}

/* Matches one pattern item that is no "*" at p[*i] against the name at n[*j], moving both on. */
static bool glob_match_item(gbx__str p, size_t *i, gbx__str n, size_t *j)
{
    const char c = p.ptr[*i];
    const size_t set_end = c == '[' ? glob_set_end(p, *i) : 0;
    if (set_end) {
        const bool is_in = glob_set_has(p, *i, set_end, gbx__utf8_next(n.ptr, n.len, j));
        *i = set_end;
        return is_in;
    }
    if (c == '?') {
        *j = glob_skip_char(n, *j);
        (*i)++;
        return true;
    }
    if (c == '\\' && *i + 1 < p.len) (*i)++;
    return p.ptr[(*i)++] == n.ptr[(*j)++];
}

/* Linear in practice, quadratic at worst: only the last "*" is ever retried. */
static bool glob_match(gbx__str p, gbx__str n)
{
    size_t i = 0;
    size_t j = 0;
    size_t star = SIZE_MAX; /* behind the last "*" */
    size_t retry = 0;       /* where in the name that one stops next */
    while (j < n.len || i < p.len) {
        if (i < p.len && p.ptr[i] == '*') {
            star = ++i;
            retry = j;
            continue;
        }
        if (i < p.len && j < n.len && glob_match_item(p, &i, n, &j)) continue;
        if (star == SIZE_MAX || retry >= n.len) return false;
        retry = glob_skip_char(n, retry);
        i = star;
        j = retry;
    }
    return true;
}

static bool glob_has_wildcard(gbx__str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (memchr("*?[\\", s.ptr[i], 4)) return true;
    }
    return false;
}

bool gbx__fs_is_glob(const char *path)
{
    return path[strcspn(path, "*?[{")] != '\0';
}

/* ---- what was found ------------------------------------------------------------------------ */

static gbx_status glob_add(glob_search *search, gbx__str path)
{
    if (gbx__map_has(&search->found, path)) return GBX_OK;
    if (search->found.len >= search->max_paths) {
        return GBX_FAIL(search->err, GBX_INVALID, "'%s' matches more than %zu files",
                        search->pattern, search->max_paths);
    }
    if (!gbx__map_set(&search->found, path, NULL)) return GBX_FAIL_NOMEM(search->err);
    return GBX_OK;
}

static int glob_compare(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static gbx_status glob_take(glob_search *search, gbx__arena *arena, gbx__paths *out)
{
    const size_t len = search->found.len;
    const char **items = GBX_ARENA_ARRAY(arena, len, const char *);
    if (!items) return GBX_FAIL_NOMEM(search->err);
    for (size_t i = 0; i < len; i++) {
        items[i] = gbx__arena_str(arena, search->found.entries[i].key).ptr;
        if (!items[i]) return GBX_FAIL_NOMEM(search->err);
    }
    if (len > 1) qsort(items, len, sizeof(*items), glob_compare);
    *out = (gbx__paths){items, len};
    return GBX_OK;
}

static void glob_init(glob_search *search, const char *pattern, size_t max_paths, gbx_error *err)
{
    *search = (glob_search){.pattern = pattern, .max_paths = max_paths, .err = err};
    gbx__map_init(&search->found);
    gbx__buf_init(&search->path, 0);
}

static void glob_done(glob_search *search)
{
    gbx__map_done(&search->found);
    gbx__buf_done(&search->path);
}

/* ---- reading one folder -------------------------------------------------------------------- */

typedef enum glob_kind {
    GLOB_GONE,
    GLOB_DIR,
    GLOB_LINKED_DIR,
    GLOB_FILE,
    GLOB_OTHER
} glob_kind;

/* What lies at search->path. A link that leads nowhere counts as a file: who reads it can then say
 * so, where to skip it would be to lose rows without a word. */
static gbx_status glob_look(glob_search *search, glob_kind *out)
{
    const char *path = search->path.data;
    struct stat st;
    if (gbx__sys_stat_link(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR) {
            return gbx__error_errno(search->err, errno, "cannot look at '%s'", path);
        }
        *out = GLOB_GONE;
        return GBX_OK;
    }
    const bool is_link = S_ISLNK(st.st_mode);
    if (is_link && gbx__sys_stat(path, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
            return gbx__error_errno(search->err, errno, "cannot look at '%s'", path);
        }
        *out = GLOB_FILE;
        return GBX_OK;
    }
    *out = GLOB_OTHER;
    if (S_ISREG(st.st_mode)) *out = GLOB_FILE;
    if (S_ISDIR(st.st_mode)) *out = is_link ? GLOB_LINKED_DIR : GLOB_DIR;
    return GBX_OK;
}

/* `out` is NULL when there is no such folder, which is no failure. */
static gbx_status glob_open_dir(glob_search *search, DIR **out)
{
    const char *path = search->path.len ? search->path.data : ".";
    if (++search->folders > GLOB_FOLDERS_MAX) {
        return GBX_FAIL(search->err, GBX_INVALID, "'%s' leads into more than %d folders",
                        search->pattern, GLOB_FOLDERS_MAX);
    }
    *out = gbx__sys_open_dir(path);
    if (*out || errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return GBX_OK;
    return gbx__error_errno(search->err, errno, "cannot read the folder '%s'", path);
}

/* The name of the next entry; NULL at the end. */
static gbx_status glob_next_name(glob_search *search, DIR *dir, const char **out)
{
    const struct dirent *entry = gbx__sys_read_dir(dir);
    *out = entry ? entry->d_name : NULL;
    if (entry || errno == 0) return GBX_OK;
    return gbx__error_errno(search->err, errno, "cannot read the folder '%s'",
                            search->path.len ? search->path.data : ".");
}

static void glob_path_cut(glob_search *search, size_t len)
{
    search->path.len = len;
    if (search->path.data) search->path.data[len] = '\0';
}

static gbx_status glob_path_append(glob_search *search, gbx__str name, bool with_slash)
{
    gbx__buf_str(&search->path, name);
    if (with_slash) gbx__buf_putc(&search->path, '/');
    return search->path.failed ? GBX_FAIL_NOMEM(search->err) : GBX_OK;
}

static gbx_status glob_check_depth(const glob_search *search, int depth)
{
    if (depth <= GBX_FS_DEPTH_MAX) return GBX_OK;
    return GBX_FAIL(search->err, GBX_INVALID, "'%s': folders nest deeper than %d", search->pattern,
                    GBX_FS_DEPTH_MAX);
}

/* ---- a pattern without braces -------------------------------------------------------------- */

static gbx_status glob_expand(glob_search *search, gbx__str rest, int depth);

/* The parts of `rest` behind the first slash, all slashes there skipped. */
static gbx__str glob_split(gbx__str rest, gbx__str *part, bool *is_last, bool *wants_dir)
{
    const char *slash = memchr(rest.ptr, '/', rest.len);
    size_t end = slash ? (size_t)(slash - rest.ptr) : rest.len;
    *part = (gbx__str){rest.ptr, end};
    while (end < rest.len && rest.ptr[end] == '/') end++;
    *is_last = end == rest.len;
    *wants_dir = slash != NULL;
    return (gbx__str){rest.ptr + end, rest.len - end};
}

/* search->path names something that the pattern has led to: the end, or the way on. */
static gbx_status glob_reach(glob_search *search, gbx__str rest, bool is_last, bool wants_dir,
                             int depth)
{
    if (!is_last) {
        GBX_TRY(glob_path_append(search, GBX_STR(""), true));
        return glob_expand(search, rest, depth + 1);
    }
    glob_kind kind;
    GBX_TRY(glob_look(search, &kind));
    const bool is_dir = kind == GLOB_DIR || kind == GLOB_LINKED_DIR;
    if (kind == GLOB_GONE || is_dir != wants_dir) return GBX_OK;
    return glob_add(search, gbx__buf_view(&search->path));
}

/* Hidden names are matched only by a part that begins with the dot itself. */
static bool glob_part_matches(gbx__str part, const char *name)
{
    if (name[0] == '.' && part.ptr[0] != '.') return false;
    return glob_match(part, gbx__str_of(name));
}

static gbx_status glob_wildcard(glob_search *search, DIR *dir, gbx__str rest, int depth)
{
    gbx__str part;
    bool is_last;
    bool wants_dir;
    const gbx__str behind = glob_split(rest, &part, &is_last, &wants_dir);
    const size_t len = search->path.len;
    for (;;) {
        const char *name;
        GBX_TRY(glob_next_name(search, dir, &name));
        if (!name) return GBX_OK;
        if (!glob_part_matches(part, name)) continue;
        GBX_TRY(glob_path_append(search, gbx__str_of(name), false));
        GBX_TRY(glob_reach(search, behind, is_last, wants_dir, depth));
        glob_path_cut(search, len);
    }
}

/* "**" is no folder, or one folder and "**" again. Linked folders are not entered, so no loop. */
static gbx_status glob_deep(glob_search *search, DIR *dir, gbx__str rest, int depth)
{
    const size_t len = search->path.len;
    for (;;) {
        const char *name;
        GBX_TRY(glob_next_name(search, dir, &name));
        if (!name) return GBX_OK;
        if (name[0] == '.') continue;
        glob_kind kind;
        GBX_TRY(glob_path_append(search, gbx__str_of(name), false));
        GBX_TRY(glob_look(search, &kind));
        if (kind == GLOB_DIR) {
            GBX_TRY(glob_path_append(search, GBX_STR(""), true));
            GBX_TRY(glob_expand(search, rest, depth + 1));
        }
        glob_path_cut(search, len);
    }
}

static gbx_status glob_expand_deep(glob_search *search, gbx__str rest, int depth)
{
    gbx__str part;
    gbx__str next;
    bool is_last;
    bool wants_dir;
    gbx__str behind = glob_split(rest, &part, &is_last, &wants_dir);
    while (!is_last) { /* a second "**" says nothing new */
        const gbx__str after = glob_split(behind, &next, &is_last, &wants_dir);
        if (!gbx__str_is(next, "**")) break;
        behind = after;
    }
    if (behind.len == 0) behind = wants_dir ? GBX_STR("*/") : GBX_STR("*");
    GBX_TRY(glob_expand(search, behind, depth + 1));

    DIR *dir;
    GBX_TRY(glob_open_dir(search, &dir));
    if (!dir) return GBX_OK;
    const gbx_status status = glob_deep(search, dir, rest, depth);
    closedir(dir);
    return status;
}

/* What of `rest` lies below search->path, which is as before at the end unless this fails. */
static gbx_status glob_expand(glob_search *search, gbx__str rest, int depth)
{
    gbx__str part;
    bool is_last;
    bool wants_dir;
    const gbx__str behind = glob_split(rest, &part, &is_last, &wants_dir);
    const size_t len = search->path.len;
    GBX_TRY(glob_check_depth(search, depth));
    if (gbx__str_is(part, "**")) return glob_expand_deep(search, rest, depth);

    if (!glob_has_wildcard(part)) {
        GBX_TRY(glob_path_append(search, part, false));
        GBX_TRY(glob_reach(search, behind, is_last, wants_dir, depth));
        glob_path_cut(search, len);
        return GBX_OK;
    }
    DIR *dir;
    GBX_TRY(glob_open_dir(search, &dir));
    if (!dir) return GBX_OK;
    const gbx_status status = glob_wildcard(search, dir, rest, depth);
    closedir(dir);
    return status;
}

/* ---- braces -------------------------------------------------------------------------------- */

/* From s[i] on, where the alternative ends that begins there: at a "," or "}" of its own level. */
static size_t glob_alternative_end(gbx__str s, size_t i)
{
    int level = 0;
    for (; i < s.len; i++) {
        const char c = s.ptr[i];
        if (c == '\\') i++;
        if (level == 0 && (c == ',' || c == '}')) return i;
        level += (c == '{') - (c == '}');
    }
    return s.len;
}

/* The first "{a,b}", from the brace to behind its partner. One without a comma is plain text. */
static bool glob_find_braces(gbx__str s, size_t *out_start, size_t *out_end)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\\') i++;
        if (i >= s.len || s.ptr[i] != '{') continue;
        size_t end = glob_alternative_end(s, i + 1);
        bool has_comma = false;
        while (end < s.len && s.ptr[end] == ',') {
            has_comma = true;
            end = glob_alternative_end(s, end + 1);
        }
        if (end >= s.len || !has_comma) continue;
        *out_start = i;
        *out_end = end + 1;
        return true;
    }
    return false;
}

static gbx_status glob_braces(glob_search *search, gbx__str pattern);

static gbx_status glob_one_alternative(glob_search *search, gbx__str before, gbx__str middle,
                                       gbx__str behind)
{
    GBX_AUTO(gbx__buf_done) gbx__buf pattern;
    gbx__buf_init(&pattern, 0);
    gbx__buf_str(&pattern, before);
    gbx__buf_str(&pattern, middle);
    gbx__buf_str(&pattern, behind);
    if (pattern.failed) return GBX_FAIL_NOMEM(search->err);
    return glob_braces(search, gbx__buf_view(&pattern));
}

static gbx_status glob_braces(glob_search *search, gbx__str pattern)
{
    if (++search->expansions > GLOB_EXPANSIONS_MAX) {
        return GBX_FAIL(search->err, GBX_INVALID, "'%s': the braces give more than %d patterns",
                        search->pattern, GLOB_EXPANSIONS_MAX);
    }
    size_t start;
    size_t end;
    if (!glob_find_braces(pattern, &start, &end)) {
        /* "{a,b}.csv" names two files: a missing one is for its reader to miss. */
        const bool is_glob = glob_has_wildcard(pattern);
        return is_glob ? glob_expand(search, pattern, 0) : glob_add(search, pattern);
    }
    const gbx__str before = {pattern.ptr, start};
    const gbx__str behind = {pattern.ptr + end, pattern.len - end};
    for (size_t i = start + 1; i < end;) {
        const size_t stop = glob_alternative_end(pattern, i);
        const gbx__str middle = {pattern.ptr + i, stop - i};
        GBX_TRY(glob_one_alternative(search, before, middle, behind));
        i = stop + 1;
    }
    return GBX_OK;
}

static gbx_status glob_run(glob_search *search, gbx__arena *arena, gbx__paths *out)
{
    const gbx__str pattern = gbx__str_of(search->pattern);
    if (pattern.len > GLOB_PATTERN_MAX) {
        return GBX_FAIL(search->err, GBX_INVALID, "a pattern is longer than %d bytes",
                        GLOB_PATTERN_MAX);
    }
    if (gbx__fs_is_glob(search->pattern)) {
        GBX_TRY(glob_braces(search, pattern));
    } else {
        GBX_TRY(glob_add(search, pattern));
    }
    return glob_take(search, arena, out);
}

gbx_status gbx__fs_glob(gbx__arena *arena, const char *pattern, size_t max_paths, gbx__paths *out,
                        gbx_error *err)
{
    glob_search search;
    glob_init(&search, pattern, max_paths, err);
    const gbx_status status = glob_run(&search, arena, out);
    glob_done(&search);
    return status;
}

/* ---- walk ---------------------------------------------------------------------------------- */

static gbx_status walk_folder(glob_search *search, int depth);

static gbx_status walk_entry(glob_search *search, int depth)
{
    glob_kind kind;
    GBX_TRY(glob_look(search, &kind));
    if (kind == GLOB_FILE) return glob_add(search, gbx__buf_view(&search->path));
    if (kind != GLOB_DIR) return GBX_OK;
    GBX_TRY(glob_path_append(search, GBX_STR(""), true));
    return walk_folder(search, depth + 1);
}

static gbx_status walk_entries(glob_search *search, DIR *dir, int depth)
{
    const size_t len = search->path.len;
    for (;;) {
        const char *name;
        GBX_TRY(glob_next_name(search, dir, &name));
        if (!name) return GBX_OK;
        if (name[0] == '.' || name[0] == '_') continue;
        GBX_TRY(glob_path_append(search, gbx__str_of(name), false));
        GBX_TRY(walk_entry(search, depth));
        glob_path_cut(search, len);
    }
}

static gbx_status walk_folder(glob_search *search, int depth)
{
    DIR *dir;
    GBX_TRY(glob_check_depth(search, depth));
    GBX_TRY(glob_open_dir(search, &dir));
    if (!dir && depth > 0) return GBX_OK;
    if (!dir) {
        return gbx__error_errno(search->err, errno, "cannot read the folder '%s'", search->pattern);
    }
    const gbx_status status = walk_entries(search, dir, depth);
    closedir(dir);
    return status;
}

static gbx_status walk_run(glob_search *search, gbx__arena *arena, gbx__paths *out)
{
    const gbx__str dir = gbx__str_of(search->pattern);
    const bool has_slash = dir.len > 0 && dir.ptr[dir.len - 1] == '/';
    GBX_TRY(glob_path_append(search, dir, !has_slash && dir.len > 0));
    GBX_TRY(walk_folder(search, 0));
    return glob_take(search, arena, out);
}

gbx_status gbx__fs_walk(gbx__arena *arena, const char *dir, size_t max_paths, gbx__paths *out,
                        gbx_error *err)
{
    glob_search search;
    glob_init(&search, dir, max_paths, err);
    const gbx_status status = walk_run(&search, arena, out);
    glob_done(&search);
    return status;
}
