/*
 * An Arrow stream as a table of one connection:
 *
 *   add_stream("t", stream)  →  CREATE TEMP VIEW "t" AS FROM gearbox_stream(17)
 *   gearbox_stream(17)       →  input 17 of the instance: schema at bind, batches at exec
 *
 * Binding looks at the schema only, so a query may be bound as often as it takes; the rows come
 * once. DuckDB calls from its own threads, one at a time for one scan.
 */
#include "duck/duck_priv.h"

#include "arrow/arrow.h"
#include "base/alloc.h"
#include "base/vec.h"

#include <string.h>

#define STREAM_FUNCTION "gearbox_stream"
#define STREAM_CHUNK_ROWS 2048 /* a vector of DuckDB's */

typedef struct gbx__duck_input {
    const gbx__duck_conn *conn; /* whose table it is */
    char *name;
    struct ArrowSchema schema;
    struct ArrowArrayStream stream; /* empty once a scan has begun */
} gbx__duck_input;

/* One scan: bind makes it, exec pulls it, DuckDB frees it, on whatever threads of its own, one at a
 * time. */
typedef struct input_scan {
    gbx__duck_input *input;
    gbx__duck_inputs *inputs;
    struct ArrowArrayStream stream;
    duckdb_v2_arrow_importer_handle importer;
    bool has_begun, is_done;
} input_scan;

/* ---- the inputs of an instance ------------------------------------------------------------- */

static void input_free(gbx__duck_input *input)
{
    if (!input) return;
    gbx__arrow_stream_done(&input->stream);
    gbx__arrow_schema_done(&input->schema);
    gbx__alloc_free(input->name);
    gbx__alloc_free(input);
}

/* Takes one such input from index `*at` on out of the list; NULL: there is none left. */
static gbx__duck_input *inputs_unlink(gbx__duck_inputs *inputs, const gbx__duck_conn *conn,
                                      const char *name, size_t before, size_t *at)
{
    gbx__duck_input *found = NULL;
    pthread_mutex_lock(&inputs->lock);
    for (; !found && *at < inputs->len && *at < before; ++*at) {
        gbx__duck_input *input = inputs->items[*at];
        if (!input || input->conn != conn) continue;
        if (name && strcmp(input->name, name) != 0) continue;
        found = input;
        inputs->items[*at] = NULL;
    }
    pthread_mutex_unlock(&inputs->lock);
    return found;
}

void gbx__duck_inputs_drop(gbx__duck_inputs *inputs, const gbx__duck_conn *conn, const char *name,
                           size_t before)
{
    size_t at = 0;
    for (;;) {
        gbx__duck_input *input = inputs_unlink(inputs, conn, name, before, &at);
        if (!input) return;
        /* Not under the lock: it may be a query of this very instance that is released here, and
         * with it the connection that it held, which comes by this way too. */
        input_free(input);
    }
}

void gbx__duck_inputs_init(gbx__duck_inputs *inputs)
{
    pthread_mutex_init(&inputs->lock, NULL);
    pthread_mutex_init(&inputs->registering, NULL);
}

void gbx__duck_inputs_done(gbx__duck_inputs *inputs)
{
    for (size_t i = 0; i < inputs->len; i++) input_free(inputs->items[i]);
    gbx__vec_done(inputs);
    pthread_mutex_destroy(&inputs->registering);
    pthread_mutex_destroy(&inputs->lock);
}

static gbx__duck_input *inputs_get(gbx__duck_inputs *inputs, int64_t id)
{
    pthread_mutex_lock(&inputs->lock);
    const bool is_there = id >= 0 && (uint64_t)id < inputs->len;
    gbx__duck_input *input = is_there ? inputs->items[id] : NULL;
    pthread_mutex_unlock(&inputs->lock);
    return input;
}

/* The stream changes hands: from the input to the scan that asks first. */
static bool inputs_take_stream(input_scan *scan)
{
    pthread_mutex_lock(&scan->inputs->lock);
    const bool is_there = scan->input->stream.release != NULL;
    if (is_there) gbx__arrow_stream_move(&scan->input->stream, &scan->stream);
    pthread_mutex_unlock(&scan->inputs->lock);
    return is_there;
}

/* DuckDB's own locks order its calls, but ThreadSanitizer can't see into it. This it sees. */
static void hand_over(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
}

/* ---- telling DuckDB of a failure ----------------------------------------------------------- */

static void tell(duckdb_v2_error_info_handle *info, gbx_status status, const char *text)
{
    DUCKDB_V2_ERROR code = DUCKDB_V2_ERROR_QUERY_EXECUTOR;
    if (status == GBX_NOMEM) code = DUCKDB_V2_ERROR_RESOURCE_OUT_OF_MEMORY;
    if (status == GBX_UNSUPPORTED) code = DUCKDB_V2_ERROR_QUERY_NOT_IMPLEMENTED;
    if (status == GBX_CANCELLED || status == GBX_TIMEOUT) code = DUCKDB_V2_ERROR_RUNTIME_INTERRUPT;
    if (status == GBX_INVALID || status == GBX_MISUSE) code = DUCKDB_V2_ERROR_INPUT_INVALID;
    const duckdb_v2_str message = gbx__duck_str(text, strlen(text));
    gbx__duck_lib.error_info_set_code(*info, code);
    gbx__duck_lib.error_info_set_text(*info, &message);
}

static void tell_about(duckdb_v2_error_info_handle *info, const input_scan *scan, gbx_error *err)
{
    gbx__error_prefix(err, "input '%s'", scan->input->name);
    tell(info, err->status, err->message);
}

/* ---- bind ---------------------------------------------------------------------------------- */

static void scan_free(void *data)
{
    input_scan *scan = data;
    hand_over();
    if (scan->importer) gbx__duck_lib.arrow_importer_destroy(&scan->importer);
    gbx__arrow_stream_done(&scan->stream);
    gbx__alloc_free(scan);
}

static gbx_status bind_columns(const input_scan *scan,
                               duckdb_v2_table_function_bind_info_handle result, gbx_error *err)
{
    duckdb_v2_schema_handle schema = NULL;
    idx_t n = 0;
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.arrow_importer_get_schema(scan->importer, &schema, &info));
    gbx__duck_info info = NULL;
    DUCKDB_V2_ERROR code = gbx__duck_lib.schema_get_count(schema, &n, &info);
    for (idx_t i = 0; i < n && code == DUCKDB_V2_ERROR_NONE; i++) {
        duckdb_v2_identifier_t name = {0};
        duckdb_v2_logical_type_handle type = NULL;
        code = gbx__duck_lib.schema_get_field(schema, i, &name, &type, &info);
        if (code != DUCKDB_V2_ERROR_NONE) break;
        code = gbx__duck_lib.table_function_bind_add_result_column(result, &name, type, &info);
    }
    gbx__duck_lib.schema_destroy(&schema);
    return code == DUCKDB_V2_ERROR_NONE ? GBX_OK : gbx__duck_error(code, &info, NULL, err);
}

static gbx_status bind_scan(input_scan *scan, duckdb_v2_function_bind_info_handle bind,
                            duckdb_v2_table_function_bind_info_handle result,
                            duckdb_v2_context_handle context, gbx_error *err)
{
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.arrow_importer_create(context, &scan->input->schema,
                                                     STREAM_CHUNK_ROWS, &scan->importer, &info));
    GBX_TRY(bind_columns(scan, result, err));
    duckdb_v2_opaque data = {.ptr = scan, .destroy = scan_free};
    GBX_DUCK_TRY(NULL, err, gbx__duck_lib.function_bind_set_bind_data(bind, &data, &info));
    return GBX_OK;
}

static gbx__duck_input *bind_input(duckdb_v2_function_bind_info_handle bind,
                                   gbx__duck_inputs *inputs)
{
    duckdb_v2_value_handle value = NULL;
    int64_t id = -1;
    if (gbx__duck_lib.function_bind_get_arg_value(bind, 0, &value, NULL) != DUCKDB_V2_ERROR_NONE)
        return NULL;
    gbx__duck_lib.value_get_bigint(value, &id, NULL);
    gbx__duck_lib.value_destroy(&value);
    return inputs_get(inputs, id);
}

static void on_bind(duckdb_v2_function_bind_info_handle bind,
                    duckdb_v2_table_function_bind_info_handle result,
                    duckdb_v2_context_handle context, duckdb_v2_error_info_handle *info)
{
    void *inputs = NULL;
    gbx__duck_lib.function_bind_get_user_data(bind, &inputs, NULL);
    gbx__duck_input *input = inputs ? bind_input(bind, inputs) : NULL;
    input_scan *scan = input ? gbx__alloc_zero(sizeof(*scan)) : NULL;
    if (!scan) {
        tell(info, input ? GBX_NOMEM : GBX_MISUSE, input ? "out of memory" : "no such stream");
        return;
    }
    gbx_error err = {0};
    scan->input = input;
    scan->inputs = inputs;
    if (bind_scan(scan, bind, result, context, &err) != GBX_OK) {
        tell_about(info, scan, &err);
        scan_free(scan);
    }
    hand_over();
}

/* ---- exec ---------------------------------------------------------------------------------- */

/* Hands the next batch of the stream to the importer, or its end. */
static gbx_status scan_pull(input_scan *scan, gbx_error *err)
{
    struct ArrowArray array = {0};
    GBX_TRY(gbx__arrow_stream_next(&scan->stream, &array, err));
    scan->is_done = !array.release;
    if (scan->is_done) {
        gbx__arrow_stream_done(&scan->stream);
        return GBX_OK;
    }
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.arrow_importer_append(scan->importer, &array, true, true, &info);
    gbx__arrow_array_done(&array);
    return code == DUCKDB_V2_ERROR_NONE ? GBX_OK : gbx__duck_error(code, &info, NULL, err);
}

/* The next chunk that has rows; NULL at the end. */
static gbx_status scan_next(input_scan *scan, duckdb_v2_data_chunk_handle *out, gbx_error *err)
{
    while (!*out && !scan->is_done) {
        GBX_DUCK_TRY(NULL, err,
                     gbx__duck_lib.arrow_importer_next_chunk(scan->importer, out, &info));
        if (!*out) GBX_TRY(scan_pull(scan, err));
    }
    return GBX_OK;
}

static gbx_status chunk_reference(duckdb_v2_data_chunk_handle from, duckdb_v2_data_chunk_handle to,
                                  gbx_error *err)
{
    idx_t n_cols = 0;
    idx_t n_rows = 0;
    GBX_DUCK_TRY(NULL, err, gbx__duck_lib.data_chunk_get_vector_count(from, &n_cols, &info));
    GBX_DUCK_TRY(NULL, err, gbx__duck_lib.data_chunk_get_size(from, &n_rows, &info));
    for (idx_t i = 0; i < n_cols; i++) {
        duckdb_v2_vector_handle source = NULL;
        duckdb_v2_vector_handle target = NULL;
        GBX_DUCK_TRY(NULL, err, gbx__duck_lib.data_chunk_get_vector(from, i, &source, &info));
        GBX_DUCK_TRY(NULL, err, gbx__duck_lib.data_chunk_get_vector(to, i, &target, &info));
        GBX_DUCK_TRY(NULL, err, gbx__duck_lib.vector_reference(target, source, &info));
        GBX_DUCK_TRY(NULL, err, gbx__duck_lib.vector_set_size(target, n_rows, &info));
    }
    return GBX_OK;
}

static gbx_status scan_fill(input_scan *scan, duckdb_v2_data_chunk_handle out, gbx_error *err)
{
    if (!scan->has_begun && !inputs_take_stream(scan))
        return GBX_FAIL(err, GBX_INVALID, "its rows have been read already, and come only once");
    scan->has_begun = true;
    duckdb_v2_data_chunk_handle chunk = NULL;
    GBX_TRY(scan_next(scan, &chunk, err));
    if (!chunk) return GBX_OK;
    const gbx_status status = chunk_reference(chunk, out, err);
    gbx__duck_lib.data_chunk_destroy(&chunk);
    return status;
}

static void on_exec(duckdb_v2_table_function_exec_info_handle exec,
                    duckdb_v2_context_handle context, duckdb_v2_error_info_handle *info)
{
    (void)context;
    void *data = NULL;
    duckdb_v2_data_chunk_handle out = NULL;
    gbx__duck_lib.table_function_exec_get_bind_data(exec, &data, NULL);
    gbx__duck_lib.table_function_exec_get_output_chunk(exec, &out, NULL);
    gbx_error err = {0};
    hand_over();
    if (scan_fill(data, out, &err) != GBX_OK) tell_about(info, data, &err);
    hand_over();
}

/* ---- adding -------------------------------------------------------------------------------- */

static gbx_status function_set_up(gbx__duck_conn *conn, duckdb_v2_table_function_handle function,
                                  duckdb_v2_logical_type_handle id_type, gbx_error *err)
{
    const duckdb_v2_str name = gbx__duck_str(STREAM_FUNCTION, strlen(STREAM_FUNCTION));
    const duckdb_v2_str arg = gbx__duck_str("id", 2);
    duckdb_v2_function_signature_handle signature = NULL;
    duckdb_v2_opaque inputs = {.ptr = &conn->duck->inputs};
    GBX_DUCK_TRY(NULL, err, gbx__duck_lib.table_function_set_name(function, &name, &info));
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.table_function_get_signature(function, &signature, &info));
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.function_signature_add_parameter(
                     signature, &arg, id_type, NULL,
                     DUCKDB_V2_FUNCTION_PARAMETER_KIND_POSITIONAL_ONLY, &info));
    GBX_DUCK_TRY(NULL, err, gbx__duck_lib.table_function_set_user_data(function, &inputs, &info));
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.table_function_set_bind_callback(function, on_bind, &info));
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.table_function_set_exec_callback(function, on_exec, &info));
    GBX_DUCK_TRY(NULL, err,
                 gbx__duck_lib.connection_register_table_function(conn->handle, function, &info));
    return GBX_OK;
}

static gbx_status function_register(gbx__duck_conn *conn, gbx_error *err)
{
    duckdb_v2_table_function_handle function = NULL;
    duckdb_v2_logical_type_handle id_type = NULL;
    GBX_TRY(gbx__duck_plain_type(conn, DUCKDB_V2_LOGICAL_TYPE_ID_BIGINT, &id_type, err));
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.table_function_create(conn->factory, &function, &info);
    gbx_status status = code == DUCKDB_V2_ERROR_NONE ? function_set_up(conn, function, id_type, err)
                                                     : gbx__duck_error(code, &info, NULL, err);
    if (function) gbx__duck_lib.table_function_destroy(&function);
    gbx__duck_lib.logical_type_destroy(&id_type);
    return status;
}

/* Gives DuckDB the function that knows the inputs, once for an instance. */
static gbx_status inputs_register(gbx__duck_conn *conn, gbx_error *err)
{
    gbx__duck_inputs *inputs = &conn->duck->inputs;
    gbx_status status = GBX_OK;
    pthread_mutex_lock(&inputs->registering);
    if (!inputs->is_registered) status = function_register(conn, err);
    inputs->is_registered = status == GBX_OK;
    pthread_mutex_unlock(&inputs->registering);
    return status;
}

/* Gives the input an id. */
static gbx_status inputs_add(gbx__duck_conn *conn, gbx__duck_input *input, size_t *id,
                             gbx_error *err)
{
    gbx__duck_inputs *inputs = &conn->duck->inputs;
    GBX_TRY(inputs_register(conn, err));
    pthread_mutex_lock(&inputs->lock);
    *id = inputs->len;
    const bool is_in = gbx__vec_push(inputs, input);
    pthread_mutex_unlock(&inputs->lock);
    return is_in ? GBX_OK : GBX_FAIL_NOMEM(err);
}

static gbx_status input_new(const gbx__duck_conn *conn, const char *name,
                            struct ArrowArrayStream *stream, gbx__duck_input **out, gbx_error *err)
{
    gbx__duck_input *input = gbx__alloc_zero(sizeof(*input));
    if (input) {
        gbx__arrow_stream_move(stream, &input->stream);
        input->conn = conn;
        input->name = gbx__alloc_dup(name, strlen(name));
    }
    gbx_status status = input && input->name ? GBX_OK : GBX_FAIL_NOMEM(err);
    if (status == GBX_OK) status = gbx__arrow_stream_schema(&input->stream, &input->schema, err);
    if (status != GBX_OK) input_free(input);
    if (status == GBX_OK) *out = input;
    return status;
}

static gbx_status input_name(gbx__duck_conn *conn, const char *name, size_t id, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf sql = {0};
    gbx__buf_puts(&sql, "CREATE OR REPLACE TEMP VIEW ");
    gbx__duck_quote_ident(&sql, gbx__str_of(name));
    gbx__buf_printf(&sql, " AS FROM " STREAM_FUNCTION "(%zu)", id);
    if (sql.failed) return GBX_FAIL_NOMEM(err);
    return gbx__duck_exec(conn, sql.data, err);
}

gbx_status gbx__duck_add_stream(gbx__duck_conn *conn, const char *name,
                                struct ArrowArrayStream *stream, gbx_error *err)
{
    gbx__duck_input *input = NULL;
    size_t id = 0;
    const gbx_status status = input_new(conn, name, stream, &input, err);
    gbx__arrow_stream_done(stream);
    if (status != GBX_OK) return status;
    const gbx_status added = inputs_add(conn, input, &id, err);
    if (added != GBX_OK) {
        input_free(input);
        return added;
    }
    GBX_TRY(input_name(conn, name, id, err));
    /* The name stands for the new one now, and no query is running on the connection. */
    gbx__duck_inputs_drop(&conn->duck->inputs, conn, name, id);
    return GBX_OK;
}
