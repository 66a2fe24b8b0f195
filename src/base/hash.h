/*
 * A stable 128-bit hash of bytes (XXH3): the same on every machine and for ever. Not for secrets.
 */
#ifndef GBX_BASE_HASH_H
#define GBX_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct gbx__hash128 {
    uint64_t hi, lo;
} gbx__hash128;

gbx__hash128 gbx__hash_bytes(const void *bytes, size_t len);
void gbx__hash_hex(gbx__hash128 hash, char out[33]); /* 32 lower-case digits and a NUL */

#endif
