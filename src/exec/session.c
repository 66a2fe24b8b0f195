#include "base/alloc.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/fs.h"
#include "engine/duckdb/engine_duckdb.h"
#include "engine/host/rows.h"
#include "exec/exec_priv.h"
#include "exec/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of the memory that is free when a session opens without a limit. */
#define DEFAULT_MEMORY_SHARE 0.8
#define LOG_LINE_SIZE 512

/* So that a program with the archive in it has them: they register themselves. */
__attribute__((used)) static const gbx__engine_vtable *const other_engines = gbx__engine_hosts;

gbx_session *gbx__session_ref(gbx_session *session)
{
    atomic_fetch_add(&session->refs, 1);
    return session;
}

static void table_free(gbx__table *table)
{
    gbx__alloc_free(table->name);
    gbx__alloc_free(table->location);
    gbx__stream_source_unref(table->stream);
}

void gbx__session_unref(gbx_session *session)
{
    if (!session || atomic_fetch_sub(&session->refs, 1) != 1) return;
    for (size_t i = 0; i < session->tables.len; i++) table_free(&session->tables.items[i]);
    gbx__vec_done(&session->tables);
    if (session->binder) gbx__duck_disconnect(session->binder);
    if (session->engine && session->engine != session->duckdb) {
        session->vtable->close(session->engine);
    }
    if (session->duckdb) gbx__engine_duckdb.close(session->duckdb);
    gbx__policy_done(&session->policy);
    gbx__cancel_slots_done(&session->slots);
    gbx__engine_options_done(&session->engine_options);
    gbx__alloc_free(session->temp_dir);
    gbx__alloc_free(session);
}

/* --- opening ---------------------------------------------------------------------------------- */

static gbx_status choose_temp_dir(gbx_session *session, const char *asked, gbx_error *err)
{
    const char *path = asked ? asked : gbx__env_get("TMPDIR");
    if (!path) path = "/tmp";
    gbx__file_info info;
    const gbx_status status = gbx__fs_stat(path, &info, asked ? err : NULL);
    const bool is_dir = status == GBX_OK && info.is_dir;
    if (asked && status != GBX_OK && status != GBX_NOT_FOUND) return status;
    if (asked && !is_dir) {
        return GBX_FAIL(err, GBX_INVALID, "temp_dir '%s' is not a folder", path);
    }
    /* Without a place to spill a job still runs, as long as it fits into memory. */
    if (!asked && (!is_dir || access(path, W_OK) != 0)) return GBX_OK;
    session->temp_dir = gbx__alloc_dup(path, strlen(path));
    return session->temp_dir ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status choose_engine(gbx_session *session, const char *asked, gbx_error *err)
{
    session->is_engine_asked = asked && *asked != '\0' && strcmp(asked, "auto") != 0;
    const char *name = session->is_engine_asked ? asked : "duckdb";
    session->vtable = gbx__engine_find(gbx__str_of(name));
    if (session->vtable) return GBX_OK;
    return gbx__engine_unknown(name, err);
}

static gbx_status session_fill(gbx_session *session, const gbx_session_options *options,
                               gbx_error *err)
{
    if (options->memory_bytes < 0 || options->threads < 0) {
        return GBX_FAIL(err, GBX_INVALID, "%s is negative: give 0 for the default",
                        options->threads < 0 ? "threads" : "memory_bytes");
    }
    session->options = *options;
    session->options.engine = NULL;
    session->options.temp_dir = NULL;
    session->options.engine_options = NULL;
    if (options->memory_bytes == 0) {
        const int64_t available = gbx__memory_available_bytes();
        if (available > 0) {
            session->options.memory_bytes = (int64_t)((double)available * DEFAULT_MEMORY_SHARE);
        }
    }
    GBX_TRY(choose_engine(session, options->engine, err));
    GBX_TRY(gbx__engine_options_copy(&session->engine_options, options, err));
    return choose_temp_dir(session, options->temp_dir, err);
}

gbx_status gbx_session_open(const gbx_session_options *options, gbx_session **out, gbx_error *err)
{
    if (!out) return GBX_FAIL(err, GBX_MISUSE, "gbx_session_open: out is NULL");
    gbx_session_options all = GBX_SESSION_OPTIONS_INIT;
    GBX_TRY(GBX_OPTIONS_READ(&all, options, err));

    gbx_session *session = gbx__alloc_zero(sizeof(*session));
    if (!session) return GBX_FAIL_NOMEM(err);
    atomic_init(&session->refs, 1);
    const gbx_status status = session_fill(session, &all, err);
    if (status != GBX_OK) {
        gbx__session_unref(session);
        return status;
    }
    *out = session;
    return GBX_OK;
}

void gbx_session_close(gbx_session *session)
{
    gbx__session_unref(session);
}

void gbx_session_cancel(gbx_session *session)
{
    if (session) gbx__cancel_slots_request(&session->slots);
}

/* --- the engine ------------------------------------------------------------------------------- */

/* Beside another engine DuckDB binds and streams files: little memory, and few threads, since it is
 * the other one that has the work. */
#define READER_MEMORY_PART 8
#define READER_THREADS_PART 4
#define READER_MEMORY_SLACK_BYTES 16000000

static bool is_reader_only(const gbx_session *session)
{
    return session->vtable != &gbx__engine_duckdb;
}

static int reader_threads(const gbx_session *session)
{
    const int all = session->options.threads > 0 ? session->options.threads : gbx__cpu_count();
    return all < READER_THREADS_PART ? 1 : all / READER_THREADS_PART;
}

static int64_t reader_memory(const gbx_session *session)
{
    const int64_t part = session->options.memory_bytes / READER_MEMORY_PART;
    const int64_t least =
        gbx__engine_duckdb_least_bytes(reader_threads(session)) + READER_MEMORY_SLACK_BYTES;
    return part > least ? part : least;
}

/* For the engine of that vtable; lists lie in the arena. */
static gbx_status config_of(const gbx_session *session, const gbx__engine_vtable *vtable,
                            gbx__arena *arena, gbx__engine_config *out, gbx_error *err)
{
    const gbx__policy *policy = &session->policy;
    *out = (gbx__engine_config){
        .memory_bytes = session->options.memory_bytes,
        .threads = session->options.threads,
        .spill_dir = session->temp_dir,
        .allowed_dirs = policy->is_restricted ? policy->roots : NULL,
        .n_allowed_dirs = policy->n_roots,
        .restricted = policy->is_restricted,
    };
    return gbx__engine_options_of(&session->engine_options, vtable->info.name,
                                  vtable == session->vtable, arena, out, err);
}

static gbx_status duckdb_open(gbx_session *session, gbx_error *err)
{
    GBX_AUTO(gbx__arena_done) gbx__arena arena = {0};
    gbx__engine_config config;
    GBX_TRY(config_of(session, &gbx__engine_duckdb, &arena, &config, err));
    GBX_TRY(gbx__policy_may_use(&session->policy, session->vtable->info.name, err));
    if (is_reader_only(session)) {
        config.threads = reader_threads(session);
        if (config.memory_bytes > 0) {
            session->reader_bytes = reader_memory(session);
            config.memory_bytes = session->reader_bytes;
        }
    }
    return gbx__engine_duckdb.open(&gbx__engine_duckdb, &config, &session->duckdb, err);
}

static gbx_status engine_open(gbx_session *session, gbx_error *err)
{
    if (!is_reader_only(session)) {
        session->engine = session->duckdb;
        return GBX_OK;
    }
    GBX_AUTO(gbx__arena_done) gbx__arena arena = {0};
    gbx__engine_config config;
    GBX_TRY(config_of(session, session->vtable, &arena, &config, err));
    if (config.memory_bytes > 0) {
        const gbx__engine_info *info = &session->vtable->info;
        config.memory_bytes -= session->reader_bytes;
        if (config.memory_bytes <= info->floor_bytes) {
            return GBX_FAIL(err, GBX_NOMEM,
                            "a memory limit of %lld MB is too small for %s: it needs %lld MB",
                            (long long)(session->options.memory_bytes / 1000000), info->name,
                            (long long)((info->floor_bytes + session->reader_bytes) / 1000000 + 1));
        }
    }
    return session->vtable->open(session->vtable, &config, &session->engine, err);
}

gbx_status gbx__session_connect(gbx_session *session, gbx__duck_conn **out, gbx_error *err)
{
    return gbx__duck_connect(gbx__engine_duckdb_instance(session->duckdb), out, err);
}

gbx_status gbx__session_binder(gbx_session *session, gbx_error *err)
{
    if (!session->duckdb) GBX_TRY(duckdb_open(session, err));
    if (!session->binder) GBX_TRY(gbx__session_connect(session, &session->binder, err));
    return GBX_OK;
}

gbx_status gbx__session_engine(gbx_session *session, gbx_error *err)
{
    GBX_TRY(gbx__session_binder(session, err));
    return session->engine ? GBX_OK : engine_open(session, err);
}

const char *gbx__session_why(const gbx_session *session)
{
    return session->is_engine_asked ? "asked for by --engine" : "the embedded default";
}

/* --- what a session may touch ----------------------------------------------------------------- */

gbx_status gbx_session_restrict(gbx_session *session, const gbx_policy *policy, gbx_error *err)
{
    if (!session || !policy) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_session_restrict: an argument is NULL");
    }
    gbx_policy all = GBX_POLICY_INIT;
    GBX_TRY(GBX_OPTIONS_READ(&all, policy, err));
    if (session->policy.is_restricted) {
        return GBX_FAIL(err, GBX_CONFLICT, "the session is restricted already");
    }
    if (session->duckdb) {
        return GBX_FAIL(err, GBX_CONFLICT, "a query has run: restrict a session before the first");
    }
    return gbx__policy_init(&session->policy, &all, err);
}

/* --- names for FROM --------------------------------------------------------------------------- */

static gbx_status name_is_free(const gbx_session *session, const char *name, gbx_error *err)
{
    if (*name == '\0') return GBX_FAIL(err, GBX_INVALID, "a table needs a name");
    for (size_t i = 0; i < session->tables.len; i++) {
        const gbx__str taken = gbx__str_of(session->tables.items[i].name);
        if (gbx__str_is_nocase(taken, name)) {
            return GBX_FAIL(err, GBX_EXISTS, "the table name '%s' is taken", name);
        }
    }
    return GBX_OK;
}

static gbx_status table_add(gbx_session *session, const char *name, const char *location,
                            gbx__stream_source *stream, gbx_error *err)
{
    gbx__table table = {gbx__alloc_dup(name, strlen(name)), NULL, NULL};
    if (location) table.location = gbx__alloc_dup(location, strlen(location));
    const bool is_whole = table.name && (table.location || stream);
    if (!is_whole || !gbx__vec_push(&session->tables, table)) {
        table_free(&table);
        return GBX_FAIL_NOMEM(err);
    }
    session->tables.items[session->tables.len - 1].stream = stream; /* the reference is taken */
    return GBX_OK;
}

gbx_status gbx_session_add_table(gbx_session *session, const char *name, const char *location,
                                 gbx_error *err)
{
    if (!session || !name || !location) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_session_add_table: an argument is NULL");
    }
    if (*location == '\0') return GBX_FAIL(err, GBX_INVALID, "the table '%s' has no path", name);
    GBX_TRY(name_is_free(session, name, err));
    return table_add(session, name, location, NULL, err);
}

static gbx_status stream_add(gbx_session *session, const char *name, gbx__stream_source *source,
                             gbx_error *err)
{
    if (!session || !name) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_session_add_stream: an argument is NULL");
    }
    GBX_TRY(name_is_free(session, name, err));
    return table_add(session, name, NULL, source, err);
}

gbx_status gbx_session_add_stream(gbx_session *session, const char *name,
                                  struct ArrowArrayStream *stream, gbx_error *err)
{
    if (!stream || !stream->release) {
        return GBX_FAIL(err, GBX_MISUSE, "gbx_session_add_stream: the stream is empty");
    }
    gbx__stream_source *source = NULL;
    GBX_TRY(gbx__stream_source_new(gbx__str_of(name), stream, &source, err));
    const gbx_status status = stream_add(session, name, source, err);
    if (status != GBX_OK) gbx__stream_source_unref(source);
    return status;
}

/* --- telling ---------------------------------------------------------------------------------- */

void gbx__session_log(const gbx_session *session, gbx_log_level level, const char *format, ...)
{
    if (!session->options.log) return;
    char line[LOG_LINE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    session->options.log(session->options.log_ctx, level, line);
}
