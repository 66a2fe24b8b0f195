/*
 * Numbers as text: no printf, no locale, no allocation.
 *
 * Each writes at `out`, without a NUL, and returns the byte behind; the room that it may need is
 * the constant beside it.
 *
 * Floats are the shortest text that reads back to the same value, laid out as DuckDB does: `1.0`,
 * `0.0001`, `1e-05`, `1.5e+16`, `inf`, `-inf`, `nan` (of either sign). Digits by Schubfach
 * (Raffaello Giulietti, "The Schubfach way to render doubles", 2020).
 */
#ifndef GBX_BASE_NUMBER_H
#define GBX_BASE_NUMBER_H

#include <stdint.h>

__extension__ typedef unsigned __int128 gbx__u128;
__extension__ typedef __int128 gbx__i128;

#define GBX_NUMBER_64_MAX 20
#define GBX_NUMBER_128_MAX 40
#define GBX_NUMBER_FLOAT_MAX 32

char *gbx__number_u64(char *out, uint64_t value);
char *gbx__number_i64(char *out, int64_t value);
char *gbx__number_u128(char *out, gbx__u128 value);
char *gbx__number_i128(char *out, gbx__i128 value);
/* Exactly `n_digits` of them (at most 19), with zeros before; larger values lose their front. */
char *gbx__number_padded(char *out, uint64_t value, int n_digits);
char *gbx__number_f64(char *out, double value);
char *gbx__number_f32(char *out, float value);

#endif
