/*
 * What the binder might answer, from a stranger: a plan, or a refusal by name.
 *
 *   names of the output, with commas ⏎ {"error":false,"plans":[…]}
 *
 * The table `t` is a CSV file's, `v` a plan's; anything else is the engine's own.
 */
#include "support/fuzz.h"

#include "sql/import_priv.h"

#include <string.h>

#define NAMES_MAX 64

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#ifdef FUZZ_WITH_LIBFUZZER
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    const uint8_t *end = memchr(data, '\n', size);
    const size_t head = end ? (size_t)(end - data) + 1 : 0;
    size_t len = 0;
    if (seed % 8 != 0) len = fuzz_mutate_json(data + head, size - head, max_size - head, seed);
    return len ? head + len : LLVMFuzzerMutate(data, size, max_size);
}
#endif

static const char columns[] =
    "{\"gearbox_plan\":1,\"semantics\":1,\"root\":{\"op\":\"values\",\"cols\":["
    "{\"id\":1,\"type\":\"int64\",\"name\":\"a\"},{\"id\":2,\"type\":\"utf8\",\"name\":\"b\"}],"
    "\"rows\":[]}}";

static const gbx__scan *file_scan(gbx__arena *arena)
{
    gbx__scan *scan = GBX_ARENA_NEW(arena, gbx__scan);
    gbx__field *fields = GBX_ARENA_ARRAY(arena, 4, gbx__field);
    gbx__csv_dialect *csv = GBX_ARENA_NEW(arena, gbx__csv_dialect);
    gbx__str *path = GBX_ARENA_NEW(arena, gbx__str);
    must(scan && fields && csv && path);
    fields[0] = (gbx__field){GBX_STR("a"), gbx__type_plain(GBX_TYPE_INT64)};
    fields[1] = (gbx__field){GBX_STR("b"), gbx__type_plain(GBX_TYPE_UTF8)};
    fields[2] = (gbx__field){GBX_STR("c"), gbx__type_plain(GBX_TYPE_FLOAT64)};
    fields[3] = (gbx__field){GBX_STR("d"), gbx__type_plain(GBX_TYPE_DATE)};
    *path = GBX_STR("t.csv");
    strcpy(csv->delimiter, ",");
    csv->quote = '"';
    csv->has_header = true;
    scan->format = GBX_SCAN_CSV;
    scan->name = GBX_STR("t.csv");
    scan->paths = path;
    scan->n_paths = 1;
    scan->fields = fields;
    scan->n_fields = 4;
    scan->csv = csv;
    return scan;
}

static size_t split_names(gbx__str line, gbx__str *names)
{
    size_t n = 0;
    size_t start = 0;
    for (size_t i = 0; i <= line.len && line.len > 0 && n < NAMES_MAX; i++) {
        if (i < line.len && line.ptr[i] != ',') continue;
        names[n++] = (gbx__str){line.ptr + start, i - start};
        start = i + 1;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__plan_builder b;
    gbx__edits edits = {0};
    gbx__str names[NAMES_MAX];
    gbx_plan *plan = NULL;
    gbx_plan *shared = NULL;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    if (!end) return 0;
    const size_t head = (size_t)(end - data);
    const gbx__str line = {(const char *)data, head};
    if (gbx__utf8_valid_prefix(line.ptr, line.len) < line.len) return 0;
    gbx__plan_builder_init(&b);
    (void)gbx__plan_from_json(gbx__str_of(columns), &shared, &err);
    const gbx__binding bindings[] = {{GBX_STR("t"), file_scan(&b.arena), NULL},
                                     {GBX_STR("v"), NULL, shared}};
    gbx__importer im = {.b = &b,
                        .edits = &edits,
                        .n_bindings = shared ? 2 : 1,
                        .bindings = bindings,
                        .engine_tables = true};
    const gbx__str json = {(const char *)end + 1, size - head - 1};
    const gbx_status status = gbx__import_plan(&im, json, GBX_STR("SELECT 1"),
                                               split_names(line, names), names, &plan, &err);
    if (status == GBX_OK)
        fuzz_use_plan(plan);
    else if (status != GBX_INTERNAL)
        must_tell(status, &err); /* validation may say so: no binder
                                                                would write this */
    gbx__plan_unref(plan);
    gbx__vec_done(&im.ctes);
    gbx__vec_done(&im.tables);
    gbx__plan_builder_done(&b);
    gbx__plan_unref(shared);
    return 0;
}
