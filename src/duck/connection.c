#include "duck/duck_priv.h"

#include "base/alloc.h"

/* Progress is published only while DuckDB believes that it shows a bar; it prints none. What runs
 * ahead of the reader is memory that does nothing. */
static gbx_status connection_set_up(gbx__duck_conn *conn, gbx_error *err)
{
    static const char *const settings[][2] = {
        {"enable_progress_bar", "true"},
        {"enable_progress_bar_print", "false"},
        {"progress_bar_time", "0"},
        {"TimeZone", "UTC"},              /* answers do not depend on where they are computed */
        {"streaming_buffer_size", "4MB"}, /* 10 MB by itself, and no faster */
    };
    const gbx__duck_about about = {.duck = conn->duck};
    duckdb_v2_config_handle config = NULL;
    GBX_DUCK_TRY(&about, err, gbx__duck_lib.connection_get_config(conn->handle, &config, &info));
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        const duckdb_v2_str name = gbx__duck_str(settings[i][0], gbx__str_of(settings[i][0]).len);
        const duckdb_v2_str value = gbx__duck_str(settings[i][1], gbx__str_of(settings[i][1]).len);
        GBX_DUCK_TRY(&about, err,
                     gbx__duck_lib.config_set_option_text(config, &name, &value,
                                                          DUCKDB_V2_SETTING_SCOPE_SESSION, &info));
    }
    return GBX_OK;
}

static gbx_status connection_open(gbx__duck_conn *conn, gbx_error *err)
{
    const gbx__duck_about about = {.duck = conn->duck};
    GBX_DUCK_TRY(&about, err,
                 gbx__duck_lib.connection_create(conn->duck->instance, &conn->handle, &info));
    GBX_DUCK_TRY(&about, err,
                 gbx__duck_lib.connection_get_factory(conn->handle, &conn->factory, &info));
    return connection_set_up(conn, err);
}

gbx_status gbx__duck_connect(gbx__duck *duck, gbx__duck_conn **out, gbx_error *err)
{
    gbx__duck_conn *conn = gbx__alloc_zero(sizeof(*conn));
    if (!conn) return GBX_FAIL_NOMEM(err);
    conn->refs = 1;
    conn->duck = gbx__duck_ref(duck);
    const gbx_status status = connection_open(conn, err);
    if (status != GBX_OK) {
        gbx__duck_disconnect(conn);
        return status;
    }
    *out = conn;
    return GBX_OK;
}

gbx__duck_conn *gbx__duck_conn_ref(gbx__duck_conn *conn)
{
    atomic_fetch_add(&conn->refs, 1);
    return conn;
}

void gbx__duck_conn_unref(gbx__duck_conn *conn)
{
    if (!conn || atomic_fetch_sub(&conn->refs, 1) != 1) return;
    if (conn->handle) gbx__duck_lib.connection_destroy(&conn->handle);
    gbx__duck_inputs_drop(&conn->duck->inputs, conn, NULL, SIZE_MAX);
    gbx__duck_close(conn->duck);
    gbx__alloc_free(conn);
}

gbx_status gbx__duck_plain_type(const gbx__duck_conn *conn, DUCKDB_V2_LOGICAL_TYPE_ID id,
                                duckdb_v2_logical_type_handle *out, gbx_error *err)
{
    GBX_DUCK_TRY(
        NULL, err,
        gbx__duck_lib.factory_create_type_from_id(conn->factory, id, NULL, NULL, 0, out, &info));
    return GBX_OK;
}

void gbx__duck_disconnect(gbx__duck_conn *conn)
{
    gbx__duck_conn_unref(conn);
}

void gbx__duck_interrupt(gbx__duck_conn *conn)
{
    gbx__duck_info info = NULL;
    gbx__duck_lib.connection_interrupt(conn->handle, &info);
    gbx__duck_lib.error_info_destroy(&info);
}

double gbx__duck_progress(gbx__duck_conn *conn)
{
    double percent = -1;
    uint64_t done = 0;
    uint64_t total = 0;
    gbx__duck_info info = NULL;
    const DUCKDB_V2_ERROR code =
        gbx__duck_lib.connection_progress_get(conn->handle, &percent, &done, &total, &info);
    gbx__duck_lib.error_info_destroy(&info);
    if (code != DUCKDB_V2_ERROR_NONE || percent < 0) return -1;
    return percent < 100 ? percent / 100 : 1;
}
