#include "engine/engine.h"

#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define REGISTRY_MAX 32

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static const gbx__engine_vtable *registry[REGISTRY_MAX];
static size_t registry_len;

/* The name of the first function that is missing; NULL: none. */
static const char *registry_missing(const gbx__engine_vtable *engine)
{
    const struct {
        const char *name;
        bool is_there;
    } functions[] = {
        {"probe", engine->probe != NULL},
        {"open", engine->open != NULL},
        {"close", engine->close != NULL},
        {"can", engine->can != NULL},
        {"prepare", engine->prepare != NULL},
        {"run", engine->run != NULL},
        {"stream_error", engine->stream_error != NULL},
        {"progress", engine->progress != NULL},
        {"cancel", engine->cancel != NULL},
        {"job_close", engine->job_close != NULL},
        {"show", engine->show != NULL},
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (!functions[i].is_there) return functions[i].name;
    return NULL;
}

static const gbx__engine_vtable *registry_find(gbx__str name)
{
    for (size_t i = 0; i < registry_len; i++)
        if (gbx__str_is(name, registry[i]->info.name)) return registry[i];
    return NULL;
}

static gbx_status registry_add(const gbx__engine_vtable *engine, gbx_error *err)
{
    const gbx__engine_vtable *same = registry_find(gbx__str_of(engine->info.name));
    if (same == engine) return GBX_OK;
    if (same)
        return GBX_FAIL(err, GBX_EXISTS, "there is an engine '%s' already", engine->info.name);
    if (registry_len == REGISTRY_MAX)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "more than %d engines", REGISTRY_MAX);
    registry[registry_len++] = engine;
    return GBX_OK;
}

gbx_status gbx__engine_register(const gbx__engine_vtable *engine, gbx_error *err)
{
    if (!engine->info.name || !*engine->info.name)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "an engine needs a name");
    const char *missing = registry_missing(engine);
    if (missing)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "the engine '%s' lacks the function %s",
                        engine->info.name, missing);
    pthread_mutex_lock(&registry_lock);
    const gbx_status status = registry_add(engine, err);
    pthread_mutex_unlock(&registry_lock);
    return status;
}

const gbx__engine_vtable *gbx__engine_find(gbx__str name)
{
    pthread_mutex_lock(&registry_lock);
    const gbx__engine_vtable *engine = registry_find(name);
    pthread_mutex_unlock(&registry_lock);
    return engine;
}

size_t gbx__engine_count(void)
{
    pthread_mutex_lock(&registry_lock);
    const size_t n = registry_len;
    pthread_mutex_unlock(&registry_lock);
    return n;
}

const gbx__engine_vtable *gbx__engine_at(size_t index)
{
    pthread_mutex_lock(&registry_lock);
    const gbx__engine_vtable *engine = index < registry_len ? registry[index] : NULL;
    pthread_mutex_unlock(&registry_lock);
    return engine;
}
