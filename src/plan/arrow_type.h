/*
 * Types of a plan ↔ types of Arrow.
 *
 * What Arrow has no type for is an extension type, as DuckDB exports it:
 *
 *   uuid arrow.uuid · json arrow.json · variant arrow.parquet.variant · geometry geoarrow.wkb ·
 *   uint128, timetz, bit, bignum arrow.opaque, which names the type
 *
 * int128 is decimal128(38, 0), which reads back as that decimal. An enum is a dictionary; a schema
 * does not hold its labels, so a dictionary reads back as the type of its values.
 */
#ifndef GBX_PLAN_ARROW_TYPE_H
#define GBX_PLAN_ARROW_TYPE_H

#include "gearbox/arrow.h"
#include "plan/type.h"

/* UNSUPPORTED by name for a type that a plan can't hold without losing something: half floats,
 * decimals of more than 38 digits or of a negative scale, durations in nanoseconds; INVALID for a
 * schema that is no schema; too deep ones too. Extension types that are not known are what they are
 * stored as. */
gbx_status gbx__type_from_arrow(gbx__arena *arena, const struct ArrowSchema *schema,
                                const gbx__type **out, gbx_error *err);
/* `out` is the caller's to release. */
gbx_status gbx__type_to_arrow(const gbx__type *type, gbx__str name, struct ArrowSchema *out,
                              gbx_error *err);

#endif
