/*
 * Columns that stand in folder names: data/year=2013/month=1/x.parquet has year and month.
 *
 *   fields:  columns of the files │ filename │ partition columns, by name
 *
 * Values and types are DuckDB's affair (its describe gives both); here only the keys are found, as
 * it finds them, to know which of the columns are partitions. A key that is also a column of the
 * files is refused: DuckDB would show the folder's value, another engine the file's.
 */
#include "base/map.h"
#include "source/source_priv.h"

/* The keys of all key=value folders; such a folder has exactly one '='. False without memory. */
static bool hive_parse(gbx__str path, gbx__map *keys)
{
    size_t start = 0;
    size_t equals = 0;
    bool is_candidate = true;
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        if (c == '?' || c == '\n') is_candidate = false;
        if (c == '/' || c == '\\') {
            const gbx__str key = {path.ptr + start, equals > start ? equals - start : 0};
            if (is_candidate && key.len > 0 && !gbx__map_has(keys, key) &&
                !gbx__map_set(keys, key, NULL)) {
                return false;
            }
            start = i + 1;
            is_candidate = true;
        } else if (c == '=') {
            if (equals > start) is_candidate = false;
            equals = i;
        }
    }
    return true;
}

bool gbx__source_has_name_columns(const gbx__probe *probe, const gbx__file_options *options)
{
    gbx__map keys;
    if (options->filename_column.len > 0 || options->has_hive || options->hive_types) return true;
    gbx__map_init(&keys);
    const bool has_keys = !hive_parse(probe->scan->paths[0], &keys) || keys.len > 0;
    gbx__map_done(&keys);
    return has_keys;
}

/* Do all files have the keys of the first one, and no others? */
static gbx_status keys_agree(gbx__probe *probe, const gbx__map *first, bool *out)
{
    const gbx__scan *scan = probe->scan;
    *out = true;
    for (uint32_t i = 1; i < scan->n_paths && *out; i++) {
        gbx__map keys;
        gbx__map_init(&keys);
        const bool is_parsed = hive_parse(scan->paths[i], &keys);
        *out = keys.len == first->len;
        for (size_t k = 0; k < keys.len && *out; k++) {
            *out = gbx__map_has(first, keys.entries[k].key);
        }
        gbx__map_done(&keys);
        if (!is_parsed) return GBX_FAIL_NOMEM(probe->err);
    }
    return GBX_OK;
}

static gbx_status is_active(gbx__probe *probe, const gbx__file_options *options,
                            const gbx__map *keys, bool *out)
{
    *out = false;
    if (keys->len == 0 || (options->has_hive && !options->hive)) return GBX_OK;
    *out = true;
    if (options->has_hive || options->hive_types) return GBX_OK;
    return keys_agree(probe, keys, out);
}

static gbx_status check_override(gbx__probe *probe, const gbx__map *keys, const gbx__field *fields,
                                 uint32_t n_own)
{
    for (uint32_t i = 0; i < n_own; i++) {
        for (size_t k = 0; k < keys->len; k++) {
            if (!gbx__str_is_nocase(fields[i].name, keys->entries[k].key.ptr)) continue;
            return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                            "'%.*s': %.*s is a column of the file and a folder's name; say "
                            "hive_partitioning := false to read the column",
                            GBX_STR_ARG(probe->scan->paths[0]), GBX_STR_ARG(fields[i].name));
        }
    }
    return GBX_OK;
}

static gbx_status set_fields(gbx__probe *probe, const gbx__file_options *options,
                             const gbx__map *keys, const gbx__field *fields, uint32_t n_fields,
                             uint32_t n_own)
{
    gbx__scan *scan = probe->scan;
    bool has_keys = false;
    GBX_TRY(is_active(probe, options, keys, &has_keys));
    if (has_keys) GBX_TRY(check_override(probe, keys, fields, n_own));
    const uint32_t n_partitions = has_keys ? (uint32_t)keys->len : 0;
    const uint32_t n_filename = options->filename_column.len > 0;
    if (n_fields != n_own + n_filename + n_partitions) {
        return GBX_FAIL(probe->err, GBX_INTERNAL, "%u columns of %u and %u partitions",
                        (unsigned)n_fields, (unsigned)n_own, (unsigned)n_partitions);
    }
    scan->fields = fields;
    scan->n_fields = n_fields;
    scan->n_partitions = n_partitions;
    scan->hive_partitioning = n_partitions > 0;
    scan->filename_column = options->filename_column;
    scan->union_by_name = options->union_by_name;
    return GBX_OK;
}

gbx_status gbx__source_set_fields(gbx__probe *probe, const gbx__file_options *options,
                                  const gbx__field *fields, uint32_t n_fields, uint32_t n_own)
{
    gbx__map keys;
    gbx__map_init(&keys);
    gbx_status status = GBX_OK;
    if (!hive_parse(probe->scan->paths[0], &keys)) status = GBX_FAIL_NOMEM(probe->err);
    else status = set_fields(probe, options, &keys, fields, n_fields, n_own);
    gbx__map_done(&keys);
    return status;
}

gbx_status gbx__source_is_partitioned(gbx__probe *probe, const gbx__file_options *options,
                                      bool *out)
{
    gbx__map keys;
    gbx__map_init(&keys);
    gbx_status status = GBX_OK;
    if (!hive_parse(probe->scan->paths[0], &keys)) status = GBX_FAIL_NOMEM(probe->err);
    else status = is_active(probe, options, &keys, out);
    gbx__map_done(&keys);
    return status;
}
