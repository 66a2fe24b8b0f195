/*
 * A type's text from a stranger: refused, or a type that prints to a text which reads back equal.
 */
#include "source/source.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gbx_error err = {0};
    gbx__arena arena;
    gbx__buf text = {0};
    const gbx__type *type = NULL;
    const gbx__type *again = NULL;
    gbx__arena_init(&arena);
    const gbx__str given = {(const char *)data, size};
    const gbx_status status = gbx__duck_type_parse(&arena, given, &type, &err);
    if (status == GBX_OK) {
        gbx__duck_type_print(&text, type);
        must(!text.failed);
        must(gbx__duck_type_parse(&arena, gbx__buf_view(&text), &again, &err) == GBX_OK);
        must(gbx__type_equal(type, again));
    } else {
        must(status != GBX_INTERNAL && err.status == status && err.message[0]);
    }
    gbx__buf_done(&text);
    gbx__arena_done(&arena);
    return 0;
}
