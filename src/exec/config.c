#include "gearbox/config.h"

#include "base/alloc.h"
#include "base/fs.h"
#include "base/near.h"
#include "base/number.h"
#include "base/toml.h"
#include "base/vec.h"
#include "engine/duckdb/engine_duckdb.h"
#include "exec/options.h"

#include <string.h>

#define MAX_ENGINES 32

struct gbx_config {
    gbx__arena arena;
    GBX_VEC(gbx_setting) settings;
};

/* ---- what stands where ----------------------------------------------------------------------- */

/* A failure at a place. */
#define FAIL_AT(err, place, ...)                                                                   \
    (gbx__error_set((err), GBX_INVALID, __VA_ARGS__), gbx__toml_blame((err), (place)), GBX_INVALID)

static const char *integer_text(gbx__arena *arena, int64_t value)
{
    char text[GBX_NUMBER_64_MAX + 1];
    return gbx__arena_str(arena, (gbx__str){text, (size_t)(gbx__number_i64(text, value) - text)})
        .ptr;
}

static const char *number_text(gbx__arena *arena, double value)
{
    char text[GBX_NUMBER_FLOAT_MAX];
    return gbx__arena_str(arena, (gbx__str){text, (size_t)(gbx__number_f64(text, value) - text)})
        .ptr;
}

static gbx_status add_value(gbx_config *config, const char *engine, const char *name,
                            const gbx__toml *node, gbx_error *err)
{
    gbx_setting setting = GBX_SETTING_INIT;
    setting.engine = engine;
    setting.name = name;
    setting.line = node->key_at.line;
    setting.column = node->key_at.column;
    switch (node->kind) {
    case GBX_TOML_TEXT:
        setting.kind = GBX_SETTING_TEXT;
        setting.value = node->text.ptr;
        break;
    case GBX_TOML_INTEGER:
        setting.kind = GBX_SETTING_INTEGER;
        setting.value = integer_text(&config->arena, node->integer);
        break;
    case GBX_TOML_NUMBER:
        setting.kind = GBX_SETTING_NUMBER;
        setting.value = number_text(&config->arena, node->number);
        break;
    case GBX_TOML_BOOLEAN:
        setting.kind = GBX_SETTING_SWITCH;
        setting.value = node->boolean ? "true" : "false";
        break;
    case GBX_TOML_ARRAY:
    case GBX_TOML_TABLE:
        return FAIL_AT(err, node->at, "%s is %s: give it a text, a number, true or false", name,
                       gbx__toml_kind_text(node->kind));
    }
    if (!name || !setting.value || !gbx__vec_push(&config->settings, setting)) {
        return GBX_FAIL_NOMEM(err);
    }
    return GBX_OK;
}

static gbx_status add_defaults(gbx_config *config, const gbx__toml *table, gbx_error *err)
{
    for (const gbx__toml *m = table->members.first; m; m = m->next) {
        GBX_TRY(add_value(config, NULL, m->key.ptr, m, err));
    }
    return GBX_OK;
}

/* Tables in each other spell a name with points in it. */
static gbx_status add_options(gbx_config *config, const char *engine, const char *prefix,
                              const gbx__toml *table, gbx_error *err)
{
    for (const gbx__toml *m = table->members.first; m; m = m->next) {
        const char *name = m->key.ptr;
        if (*prefix != '\0') name = gbx__arena_printf(&config->arena, "%s.%s", prefix, name);
        if (!name) return GBX_FAIL_NOMEM(err);
        if (m->kind == GBX_TOML_TABLE) {
            GBX_TRY(add_options(config, engine, name, m, err));
        } else {
            GBX_TRY(add_value(config, engine, name, m, err));
        }
    }
    return GBX_OK;
}

/* The embedded one is named here, so that it is a part of a program that links nothing else. */
static bool is_engine(gbx__str name)
{
    return gbx__str_is(name, gbx__engine_duckdb.info.name) || gbx__engine_find(name);
}

static gbx_status unknown_engine(const gbx__toml *table, gbx_error *err)
{
    const char *names[MAX_ENGINES];
    size_t n = 0;
    while (n < gbx__engine_count() && n < MAX_ENGINES) {
        names[n] = gbx__engine_at(n)->info.name;
        n++;
    }
    const char *near = gbx__near(table->key, names, n);
    if (near) {
        return FAIL_AT(err, table->key_at, "there is no engine '%s': did you mean %s?",
                       table->key.ptr, near);
    }
    return FAIL_AT(err, table->key_at, "there is no engine '%s': gearbox engines lists them",
                   table->key.ptr);
}

static gbx_status add_engines(gbx_config *config, const gbx__toml *engines, gbx_error *err)
{
    for (const gbx__toml *m = engines->members.first; m; m = m->next) {
        if (m->kind != GBX_TOML_TABLE) {
            return FAIL_AT(err, m->at,
                           "engines.%s is %s: options of an engine stand below [engines.NAME]",
                           m->key.ptr, gbx__toml_kind_text(m->kind));
        }
        if (!is_engine(m->key)) return unknown_engine(m, err);
        GBX_TRY(add_options(config, m->key.ptr, "", m, err));
    }
    return GBX_OK;
}

static gbx_status add_section(gbx_config *config, const gbx__toml *section, gbx_error *err)
{
    static const char *const names[] = {"defaults", "engines"};
    const bool is_defaults = gbx__str_is(section->key, names[0]);
    const bool is_engines = gbx__str_is(section->key, names[1]);
    const bool is_table = section->kind == GBX_TOML_TABLE;
    const char *near = gbx__near(section->key, names, 2);
    if (is_table && is_defaults) return add_defaults(config, section, err);
    if (is_table && is_engines) return add_engines(config, section, err);
    if (is_table && near) {
        return FAIL_AT(err, section->key_at, "there is no table '%s': did you mean [%s]?",
                       section->key.ptr, near);
    }
    return FAIL_AT(err, section->key_at,
                   "'%s' is not known here: options stand below [defaults], an engine's own below "
                   "[engines.NAME]",
                   section->key.ptr);
}

static gbx_status config_fill(gbx_config *config, const char *path, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    const gbx__toml *root = NULL;
    GBX_TRY(gbx__fs_read(path, GBX_TOML_BYTES_MAX, &text, err));
    GBX_TRY(gbx__toml_read(&config->arena, gbx__buf_view(&text), &root, err));
    for (const gbx__toml *m = root->members.first; m; m = m->next) {
        GBX_TRY(add_section(config, m, err));
    }
    return GBX_OK;
}

/* ---- the public functions -------------------------------------------------------------------- */

gbx_status gbx_config_read(const char *path, gbx_config **out, gbx_error *err)
{
    if (!path || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_config_read: an argument is NULL");
    gbx_config *config = gbx__alloc_zero(sizeof(*config));
    if (!config) return GBX_FAIL_NOMEM(err);
    gbx__arena_init(&config->arena);
    const gbx_status status = config_fill(config, path, err);
    if (status != GBX_OK) {
        gbx_config_free(config);
        return status;
    }
    *out = config;
    return GBX_OK;
}

void gbx_config_free(gbx_config *config)
{
    if (!config) return;
    gbx__vec_done(&config->settings);
    gbx__arena_done(&config->arena);
    gbx__alloc_free(config);
}

size_t gbx_config_count(const gbx_config *config)
{
    return config ? config->settings.len : 0;
}

gbx_status gbx_config_get(const gbx_config *config, size_t index, gbx_setting *out, gbx_error *err)
{
    if (!config || !out) return GBX_FAIL(err, GBX_MISUSE, "gbx_config_get: an argument is NULL");
    if (index >= config->settings.len) {
        return GBX_FAIL(err, GBX_NOT_FOUND, "there is no setting number %zu", index);
    }
    gbx_setting setting = config->settings.items[index];
    setting.struct_size = out->struct_size;
    memcpy(out, &setting, gbx__options_writable(out->struct_size, sizeof(setting)));
    return GBX_OK;
}
