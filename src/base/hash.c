#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

gbx__hash128 gbx__hash_bytes(const void *bytes, size_t len)
{
    const XXH128_hash_t hash = XXH3_128bits(len ? bytes : "", len);
    return (gbx__hash128){.hi = hash.high64, .lo = hash.low64};
}

void gbx__hash_hex(gbx__hash128 hash, char out[33])
{
    for (int i = 0; i < 32; i++) {
        const uint64_t half = i < 16 ? hash.hi : hash.lo;
        out[i] = "0123456789abcdef"[half >> (60 - i % 16 * 4) & 15];
    }
    out[32] = '\0';
}
