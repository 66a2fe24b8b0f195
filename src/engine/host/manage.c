#include "engine/host/manage.h"

#include "base/json.h"
#include "base/program.h"
#include "engine/host/place.h"

#include <stdio.h>
#include <string.h>

#define LAST_WORDS 200
#define EXIT_BROKEN 1
#define EXIT_NOT_FOUND 4
#define EXIT_INTERRUPTED 7

typedef struct listener {
    gbx_engine_news_fn *news;
    void *ctx;
    bool has_failure;
    gbx_error failure;           /* the first engine's that failed */
    char last_words[LAST_WORDS]; /* of the program, where they are no news */
} listener;

static void remember_words(listener *l, gbx__str line)
{
    if (line.len == 0) return;
    snprintf(l->last_words, sizeof(l->last_words), "%.*s",
             line.len < LAST_WORDS ? (int)line.len : LAST_WORDS - 1, line.ptr);
}

static void tell(listener *l, yyjson_val *root)
{
    yyjson_val *ok = yyjson_obj_get(root, "ok");
    const gbx_engine_news news = {
        .kind = !ok                  ? GBX_ENGINE_STEP
                : yyjson_is_true(ok) ? GBX_ENGINE_DONE
                                     : GBX_ENGINE_BROKEN,
        .engine = yyjson_get_str(yyjson_obj_get(root, "engine")),
        .text = yyjson_get_str(yyjson_obj_get(root, "text")),
        .fix = yyjson_get_str(yyjson_obj_get(root, "fix")),
    };
    if (!news.engine || !news.text) return;
    if (news.kind == GBX_ENGINE_BROKEN && !l->has_failure) {
        l->has_failure = true;
        gbx__error_set(&l->failure, GBX_ENGINE, "%s%s%s", news.text, news.fix ? ": " : "",
                       news.fix ? news.fix : "");
    }
    if (l->news) l->news(l->ctx, &news);
}

static void hear(void *ctx, gbx__str line)
{
    listener *l = ctx;
    yyjson_doc *doc = NULL;
    if (line.len == 0 || line.ptr[0] != '{' ||
        gbx__json_read(line.ptr, line.len, 0, &doc, NULL) != GBX_OK) {
        remember_words(l, line);
        return;
    }
    tell(l, yyjson_doc_get_root(doc));
    gbx__json_free(doc);
}

/* What the program's end means. */
static gbx_status conclude(const listener *l, int exit_code, gbx_error *err)
{
    if (exit_code == 0) return GBX_OK;
    if (exit_code == EXIT_INTERRUPTED || exit_code == 130 || exit_code == 143) {
        return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
    }
    if (l->has_failure) {
        if (err) *err = l->failure;
        if (err && exit_code == EXIT_NOT_FOUND) err->status = GBX_NOT_FOUND;
        return exit_code == EXIT_NOT_FOUND ? GBX_NOT_FOUND : GBX_ENGINE;
    }
    return GBX_FAIL(err, GBX_ENGINE, "%s could not manage engines (status %d): %s",
                    gbx__host_python(), exit_code, l->last_words);
}

gbx_status gbx__host_manage(gbx_engine_verb verb, size_t n, const char *const *names,
                            gbx_engine_news_fn *news, void *ctx, gbx_error *err)
{
    static const char *const verbs[] = {"install", "remove", "doctor"};
    GBX_AUTO(gbx__arena_done) gbx__arena arena;
    gbx__arena_init(&arena);
    const char *script = NULL, *into = NULL;
    GBX_TRY(gbx__host_file(&arena, "python/install.py", &script, err));
    GBX_TRY(gbx__host_engines_dir(&arena, &into, err));
    for (size_t i = 0; i < n; i++) {
        if (*names[i] == '-' || *names[i] == '\0') { /* not an option of the program's */
            return GBX_FAIL(err, GBX_NOT_FOUND, "there is no engine '%s'", names[i]);
        }
    }
    const char **argv = GBX_ARENA_ARRAY(&arena, n + 8, const char *);
    if (!argv) return GBX_FAIL_NOMEM(err);
    const char *const head[] = {gbx__host_python(), "-I", script, verbs[verb], "--into", into};
    const size_t n_head = sizeof(head) / sizeof(head[0]);
    memcpy(argv, head, sizeof(head));
    for (size_t i = 0; i < n; i++) argv[n_head + i] = names[i];
    argv[n_head + n] = NULL;

    listener l = {.news = news, .ctx = ctx};
    int exit_code = 0;
    const gbx_status status = gbx__program_run(argv, hear, &l, &exit_code, err);
    if (status == GBX_NOT_FOUND) {
        return GBX_FAIL(err, GBX_NOT_FOUND,
                        "there is no '%s' to make environments with: apt-get install python3 "
                        "python3-pip, or set GEARBOX_PYTHON",
                        gbx__host_python());
    }
    return status == GBX_OK ? conclude(&l, exit_code, err) : status;
}
