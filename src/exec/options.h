/*
 * Structs of options that grow: the caller's struct_size says which members it knows.
 */
#ifndef GBX_EXEC_OPTIONS_H
#define GBX_EXEC_OPTIONS_H

#include "base/error.h"

/* Copies what `from` (NULL: nothing) has over the defaults in `to`; both begin with struct_size.
 * MISUSE when that is smaller than itself. */
gbx_status gbx__options_read(void *to, size_t to_size, const void *from, gbx_error *err);

/* How many bytes of a struct that the caller gave to be filled may be written. */
size_t gbx__options_writable(size_t struct_size, size_t known_size);

#define GBX_OPTIONS_READ(to, from, err) gbx__options_read((to), sizeof(*(to)), (from), (err))

#endif
