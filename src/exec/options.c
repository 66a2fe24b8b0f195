#include "exec/options.h"

#include <string.h>

gbx_status gbx__options_read(void *to, size_t to_size, const void *from, gbx_error *err)
{
    if (!from) return GBX_OK;
    size_t size = 0;
    memcpy(&size, from, sizeof(size));
    if (size < sizeof(size)) {
        return GBX_FAIL(err, GBX_MISUSE, "struct_size is not set: start from GBX_..._INIT");
    }
    memcpy(to, from, size < to_size ? size : to_size);
    memcpy(to, &to_size, sizeof(to_size));
    return GBX_OK;
}

size_t gbx__options_writable(size_t struct_size, size_t known_size)
{
    return struct_size < known_size ? struct_size : known_size;
}
