/*
 * Small texts from strangers: types, sizes, durations, numbers, globs. The first byte says which.
 */
#include "support/fuzz.h"

#include "base/fs.h"
#include "base/size.h"

#include <stdio.h>
#include <string.h>

static void try_type(gbx__str text)
{
    gbx_error err = {0};
    gbx__arena arena;
    gbx__buf out = {0};
    const gbx__type *type = NULL;
    const gbx__type *again = NULL;
    gbx__arena_init(&arena);
    const gbx_status status = gbx__type_parse(&arena, text, &type, &err);
    if (status == GBX_OK) {
        gbx__type_print(&out, type);
        must(gbx__type_parse(&arena, gbx__buf_view(&out), &again, &err) == GBX_OK);
        must(gbx__type_equal(type, again));
    } else {
        must_tell(status, &err);
    }
    gbx__buf_done(&out);
    gbx__arena_done(&arena);
}

static void try_sizes(gbx__str text)
{
    gbx_error err = {0};
    gbx__buf out = {0};
    int64_t value = -1;
    gbx_status status = gbx__parse_bytes(text, &value, &err);
    if (status == GBX_OK) {
        must(value >= 0);
        gbx__format_bytes(&out, value);
    } else {
        must_tell(status, &err);
    }
    value = -1;
    status = gbx__parse_duration_ms(text, &value, &err);
    if (status == GBX_OK)
        must(value >= 0);
    else
        must_tell(status, &err);
    gbx__buf_done(&out);
}

static void try_numbers(gbx__str text)
{
    gbx__buf out = {0};
    gbx__int128 value;
    gbx__int128 again;
    if (gbx__int128_parse(text, &value)) {
        gbx__int128_print(&out, value);
        must(gbx__int128_parse(gbx__buf_view(&out), &again));
        must(again.hi == value.hi && again.lo == value.lo);
    }
    gbx__buf_clear(&out);
    if (gbx__uint128_parse(text, &value)) {
        gbx__uint128_print(&out, value);
        must(gbx__uint128_parse(gbx__buf_view(&out), &again));
        must(again.hi == value.hi && again.lo == value.lo);
    }
    for (int scale = 0; scale <= 38; scale += 19) {
        gbx__buf_clear(&out);
        if (!gbx__decimal_parse(text, 38, scale, &value)) continue;
        gbx__decimal_print(&out, value, scale);
        must(gbx__decimal_parse(gbx__buf_view(&out), 38, scale, &again));
        must(again.hi == value.hi && again.lo == value.lo);
    }
    gbx__buf_done(&out);
}

/* In the folder only: nothing that might lead out of it. */
static void try_glob(gbx__str text)
{
    static bool is_made;
    gbx_error err = {0};
    gbx__arena arena;
    gbx__paths paths = {0};
    char pattern[256];
    int n_dots = 0;
    if (!is_made) {
        gbx_error ignored;
        fuzz_write("a.csv", (const uint8_t *)"", 0);
        fuzz_write("b[1].csv", (const uint8_t *)"", 0);
        must(gbx__fs_make_dirs("d/e", &ignored) == GBX_OK);
        fuzz_write("d/e/c.csv", (const uint8_t *)"", 0);
        is_made = true;
    }
    for (size_t i = 0; i < text.len; i++) n_dots += text.ptr[i] == '.';
    if (n_dots > 1 || text.len > 120 || memchr(text.ptr, 0, text.len)) return;
    snprintf(pattern, sizeof(pattern), "%s/%.*s", fuzz_dir(), GBX_STR_ARG(text));
    gbx__arena_init(&arena);
    const gbx_status status = gbx__fs_glob(&arena, pattern, 1000, &paths, &err);
    if (status != GBX_OK) must(status != GBX_INTERNAL && err.message[0]);
    for (size_t i = 1; status == GBX_OK && i < paths.len; i++)
        must(strcmp(paths.items[i - 1], paths.items[i]) < 0);
    gbx__arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    const gbx__str text = {(const char *)data + 1, size - 1};
    switch (data[0]) {
    case 't': try_type(text); break;
    case 's': try_sizes(text); break;
    case 'n': try_numbers(text); break;
    case 'g': try_glob(text); break;
    default: break;
    }
    return 0;
}
