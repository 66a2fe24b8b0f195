/*
 * The label of an input: what people call it.
 *
 *   x/flights.csv.gz → flights      x/2013/ → 2013      x/part-*.parquet → part      x/[ab].csv → x
 */
#include "source/source_priv.h"

#include <string.h>

static gbx__str last_part(gbx__str path)
{
    while (path.len > 0 && path.ptr[path.len - 1] == '/') path.len--;
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/') start--;
    return (gbx__str){path.ptr + start, path.len - start};
}

static gbx__str without_ending(gbx__str name)
{
    gbx__source_compression_by_ending(name, &name);
    for (size_t i = name.len; i > 1; i--) {
        if (name.ptr[i - 1] == '.') return (gbx__str){name.ptr, i - 1};
    }
    return name;
}

static bool is_wild(char c)
{
    return c == '*' || c == '?' || c == '[' || c == '{';
}

/* The text before the first wildcard, or behind the last one, without what joins them. */
static gbx__str fixed_part(gbx__str name)
{
    size_t first = 0;
    while (first < name.len && !is_wild(name.ptr[first])) first++;
    if (first == name.len) return name;
    while (first > 0 && strchr("-_.=", name.ptr[first - 1])) first--;
    return (gbx__str){name.ptr, first};
}

static gbx__str name_of(gbx__str location)
{
    while (location.len > 0) {
        const gbx__str part = last_part(location);
        const gbx__str name = fixed_part(without_ending(part));
        if (name.len > 0) return name;
        if (part.ptr == location.ptr) break;
        location.len = (size_t)(part.ptr - location.ptr);
    }
    return GBX_STR("input");
}

gbx_status gbx__source_find_name(gbx__probe *probe)
{
    const gbx__str name =
        probe->request->name.len > 0 ? probe->request->name : name_of(probe->scan->location);
    probe->scan->name = gbx__arena_str(probe->arena, name);
    return probe->scan->name.ptr ? GBX_OK : GBX_FAIL_NOMEM(probe->err);
}
