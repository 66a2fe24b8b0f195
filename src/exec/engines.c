#include "engine/engine.h"
#include "exec/options.h"
#include "gearbox/session.h"

#include <pthread.h>
#include <string.h>

#define MAX_ENGINES 32

/* What was found at the first look; its texts live as long as the program. */
typedef struct engine_row {
    bool is_known;
    gbx__engine_info info;
    gbx_error error;
} engine_row;

static engine_row engine_rows[MAX_ENGINES];
static pthread_mutex_t engine_lock = PTHREAD_MUTEX_INITIALIZER;

size_t gbx_engine_count(void)
{
    const size_t n = gbx__engine_count();
    return n < MAX_ENGINES ? n : MAX_ENGINES;
}

static void engine_look(engine_row *row, const gbx__engine_vtable *vtable)
{
    row->info = vtable->info;
    row->error.status = GBX_OK;
    const gbx_status status = vtable->probe(vtable, &row->info, &row->error);
    if (status != GBX_OK) row->info.version = NULL;
    row->error.status = status;
    row->is_known = true;
}

gbx_status gbx_engine_get(size_t index, gbx_engine_info *out, gbx_error *err)
{
    if (!out) return GBX_FAIL(err, GBX_MISUSE, "gbx_engine_get: out is NULL");
    if (index >= gbx_engine_count()) {
        return GBX_FAIL(err, GBX_NOT_FOUND, "there is no engine number %zu", index);
    }
    engine_row *row = &engine_rows[index];
    pthread_mutex_lock(&engine_lock);
    if (!row->is_known) engine_look(row, gbx__engine_at(index));
    pthread_mutex_unlock(&engine_lock);

    const gbx_engine_info info = {
        .struct_size = out->struct_size,
        .name = row->info.name,
        .version = row->info.version,
        .status = row->error.status == GBX_OK ? "ready" : row->error.message,
        .best_for = row->info.best_for,
        .memory_model = row->info.memory_model,
        .scale = row->info.scale,
        .learning_curve = row->info.learning,
        .cannot = row->info.cannot,
        .install_hint = row->info.install_hint,
    };
    memcpy(out, &info, gbx__options_writable(out->struct_size, sizeof(info)));
    return GBX_OK;
}
