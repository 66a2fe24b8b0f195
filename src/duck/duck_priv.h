/*
 * What the files of this folder share: DuckDB's functions, the handles behind the public names, and
 * how one of DuckDB's failures becomes ours.
 *
 *   gbx__duck_lib ── the functions that were found in the library, by name
 *   gbx__duck      ── instance, spill folder, streams that stand for tables     (counted)
 *   gbx__duck_conn ── connection; keeps its instance alive                      (counted)
 *   a result stream keeps its connection alive
 *
 * The second version of DuckDB's C API is used throughout: it streams by itself, fills whole Arrow
 * batches (half of the first version's processor time per row) and its errors carry a code. All
 * of it is declared unstable, which does no harm to a pinned version.
 */
#ifndef GBX_DUCK_DUCK_PRIV_H
#define GBX_DUCK_DUCK_PRIV_H

#include "duck/duck.h"

#include "base/arena.h"
#include "duck/spill.h"

#include <pthread.h>
#include <stdatomic.h>

#define DUCKDB_V2_API_ALLOW_UNSTABLE 1
#include <duckdb_v2.h>

/* ---- the library --------------------------------------------------------------------------- */

#define GBX_DUCK_FUNCTIONS(X)                                                                      \
    X(arrow_importer_append)                                                                       \
    X(arrow_importer_create)                                                                       \
    X(arrow_importer_destroy)                                                                      \
    X(arrow_importer_get_schema)                                                                   \
    X(arrow_importer_next_chunk)                                                                   \
    X(arrow_result_destroy)                                                                        \
    X(arrow_result_fetch_array)                                                                    \
    X(arrow_result_get_schema)                                                                     \
    X(config_set_option_text)                                                                      \
    X(connection_create)                                                                           \
    X(connection_destroy)                                                                          \
    X(connection_get_config)                                                                       \
    X(connection_get_factory)                                                                      \
    X(connection_interrupt)                                                                        \
    X(connection_progress_get)                                                                     \
    X(connection_register_table_function)                                                          \
    X(data_chunk_destroy)                                                                          \
    X(data_chunk_get_size)                                                                         \
    X(data_chunk_get_vector)                                                                       \
    X(data_chunk_get_vector_count)                                                                 \
    X(environment_create)                                                                          \
    X(environment_destroy)                                                                         \
    X(error_info_destroy)                                                                          \
    X(error_info_get_raw_text)                                                                     \
    X(error_info_set_code)                                                                         \
    X(error_info_set_text)                                                                         \
    X(factory_create_type_from_id)                                                                 \
    X(function_bind_get_arg_value)                                                                 \
    X(function_bind_get_user_data)                                                                 \
    X(function_bind_set_bind_data)                                                                 \
    X(function_signature_add_parameter)                                                            \
    X(instance_attach)                                                                             \
    X(instance_create_with_options)                                                                \
    X(instance_destroy)                                                                            \
    X(instance_get_config)                                                                         \
    X(logical_type_destroy)                                                                        \
    X(logical_type_to_text)                                                                        \
    X(parse_sql)                                                                                   \
    X(result_destroy)                                                                              \
    X(result_drain)                                                                                \
    X(result_fetch_chunk)                                                                          \
    X(schema_destroy)                                                                              \
    X(schema_get_count)                                                                            \
    X(schema_get_field)                                                                            \
    X(sql_statement_destroy)                                                                       \
    X(sql_statement_get_parameter_count)                                                           \
    X(sql_statement_get_parameter_name)                                                            \
    X(statement_bind)                                                                              \
    X(statement_execute)                                                                           \
    X(statement_execute_arrow)                                                                     \
    X(statement_iterator_destroy)                                                                  \
    X(statement_iterator_next)                                                                     \
    X(table_function_bind_add_result_column)                                                       \
    X(table_function_create)                                                                       \
    X(table_function_destroy)                                                                      \
    X(table_function_exec_get_bind_data)                                                           \
    X(table_function_exec_get_output_chunk)                                                        \
    X(table_function_get_signature)                                                                \
    X(table_function_set_bind_callback)                                                            \
    X(table_function_set_exec_callback)                                                            \
    X(table_function_set_name)                                                                     \
    X(table_function_set_user_data)                                                                \
    X(value_cast)                                                                                  \
    X(value_create_null)                                                                           \
    X(value_create_varchar)                                                                        \
    X(value_destroy)                                                                               \
    X(value_get_bigint)                                                                            \
    X(value_get_varchar)                                                                           \
    X(value_is_null)                                                                               \
    X(vector_get_value)                                                                            \
    X(vector_reference)                                                                            \
    X(vector_set_size)

typedef struct gbx__duck_functions {
#define GBX_DUCK_MEMBER(name) __typeof__(duckdb_v2_##name) *name;
    GBX_DUCK_FUNCTIONS(GBX_DUCK_MEMBER)
#undef GBX_DUCK_MEMBER
} gbx__duck_functions;

/* Filled by the first gbx__duck_library that succeeds, never changed or unloaded afterwards. */
extern gbx__duck_functions gbx__duck_lib;
gbx_status gbx__duck_library(gbx_error *err);

/* ---- handles ------------------------------------------------------------------------------- */

typedef struct gbx__duck_inputs {
    pthread_mutex_t registering;    /* held while DuckDB is called, and never by what it calls */
    pthread_mutex_t lock;           /* of the list: no call goes out while it is held */
    struct gbx__duck_input **items; /* by id; NULL where the stream is gone */
    size_t len, capacity;
    bool is_registered; /* the table function that reads them */
} gbx__duck_inputs;

struct gbx__duck {
    _Atomic uint32_t refs;
    duckdb_v2_environment_handle env;
    duckdb_v2_instance_handle instance;
    int64_t memory_limit_bytes;     /* 0: DuckDB's default */
    _Atomic int64_t reserved_bytes; /* of the limit */
    gbx__spill spill;
    gbx__duck_inputs inputs;
};

struct gbx__duck_conn {
    _Atomic uint32_t refs;
    gbx__duck *duck;
    duckdb_v2_connection_handle handle;
    duckdb_v2_factory_handle factory; /* borrowed from the connection */
};

gbx__duck *gbx__duck_ref(gbx__duck *duck);
gbx__duck_conn *gbx__duck_conn_ref(gbx__duck_conn *conn);
void gbx__duck_conn_unref(gbx__duck_conn *conn);
/* A type without parameters, the caller's to destroy. */
gbx_status gbx__duck_plain_type(const gbx__duck_conn *conn, DUCKDB_V2_LOGICAL_TYPE_ID id,
                                duckdb_v2_logical_type_handle *out, gbx_error *err);

/* ---- errors -------------------------------------------------------------------------------- */

typedef duckdb_v2_error_info_handle gbx__duck_info;

/* What a failing call was about. All may be NULL or 0. */
typedef struct gbx__duck_about {
    const gbx__duck *duck;
    const char *sql; /* positions point here */
    size_t n_params; /* their values never get into a message */
    const gbx__duck_param *params;
    const gbx__cancel *cancel; /* says whether an interruption was a time limit */
} gbx__duck_about;

/* Makes our error of DuckDB's and destroys `*info`. */
gbx_status gbx__duck_error(DUCKDB_V2_ERROR code, gbx__duck_info *info, const gbx__duck_about *about,
                           gbx_error *err);

/* Calls a function of the library, whose last argument is &info, and passes its failure on. */
#define GBX_DUCK_TRY(about, err, call)                                                             \
    do {                                                                                           \
        gbx__duck_info info = NULL;                                                                \
        const DUCKDB_V2_ERROR gbx_duck_code_ = (call);                                             \
        if (gbx_duck_code_ != DUCKDB_V2_ERROR_NONE)                                                \
            return gbx__duck_error(gbx_duck_code_, &info, (about), (err));                         \
    } while (0)

/* ---- statements ---------------------------------------------------------------------------- */

/* One parsed statement with values for its parameters. Zeroed is empty. */
typedef struct gbx__duck_stmt {
    duckdb_v2_sql_statement_handle handle;
    idx_t n_params;
    duckdb_v2_identifier_t *names;
    duckdb_v2_value_handle *values;
} gbx__duck_stmt;

/* Exactly one statement of `about->sql`, with those of `about->params` that it names. */
gbx_status gbx__duck_stmt_init(gbx__duck_stmt *stmt, gbx__duck_conn *conn,
                               const gbx__duck_about *about, gbx_error *err);
/* As above without values for its parameters. */
gbx_status gbx__duck_stmt_parse(gbx__duck_stmt *stmt, gbx__duck_conn *conn,
                                const gbx__duck_about *about, gbx_error *err);
void gbx__duck_stmt_done(gbx__duck_stmt *stmt);

/* ---- schemas -------------------------------------------------------------------------------- */

/* A copy of what DuckDB exports, with our types for those that it keeps to itself (schema.c). */
gbx_status gbx__duck_schema_of(const struct ArrowSchema *exported, struct ArrowSchema *out,
                               gbx_error *err);
/* Bytes to bits in an array of such a schema; false when memory is short. */
bool gbx__duck_pack_booleans(const struct ArrowSchema *schema, struct ArrowArray *array);

/* ---- watching ------------------------------------------------------------------------------ */

/* A thread that interrupts the connection once the token says so; none without a token. */
typedef struct gbx__duck_watch {
    bool is_running;
    bool must_end;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    gbx__duck_conn *conn;
    const gbx__cancel *cancel;
} gbx__duck_watch;

gbx_status gbx__duck_watch_start(gbx__duck_watch *watch, gbx__duck_conn *conn,
                                 const gbx__cancel *cancel, gbx_error *err);
void gbx__duck_watch_stop(gbx__duck_watch *watch); /* also when it never started */

/* ---- streams as tables --------------------------------------------------------------------- */

void gbx__duck_inputs_init(gbx__duck_inputs *inputs);
void gbx__duck_inputs_done(gbx__duck_inputs *inputs);
/* Frees those of a connection with an id below `before`, and with this name unless it is NULL. */
void gbx__duck_inputs_drop(gbx__duck_inputs *inputs, const gbx__duck_conn *conn, const char *name,
                           size_t before);

/* ---- views of text ------------------------------------------------------------------------- */

static inline duckdb_v2_str gbx__duck_str(const char *text, size_t len)
{
    return (duckdb_v2_str){.ptr = text, .len = len};
}

#endif
