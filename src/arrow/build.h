/*
 * Batches of a few plain column types, built value by value: for sources that give rows.
 *
 *   new → (value … value, end_row) … → finish ─→ a batch, and the builder is empty again → free
 */
#ifndef GBX_ARROW_BUILD_H
#define GBX_ARROW_BUILD_H

#include "base/error.h"
#include "base/str.h"
#include "gearbox/arrow.h"

typedef struct gbx__arrow_column {
    const char *name;
    const char *format; /* "b", "l", "g", "u", "z", "tdD", "tsu:" */
} gbx__arrow_column;

gbx_status gbx__arrow_schema_of(const gbx__arrow_column *columns, size_t n_columns,
                                struct ArrowSchema *out, gbx_error *err);

typedef struct gbx__arrow_builder gbx__arrow_builder;

/* The schema is read now. */
gbx_status gbx__arrow_builder_new(const struct ArrowSchema *schema, gbx__arrow_builder **out,
                                  gbx_error *err);
void gbx__arrow_builder_free(gbx__arrow_builder *builder);

/* The next value of a column; integers also for booleans, dates and timestamps. */
gbx_status gbx__arrow_builder_null(gbx__arrow_builder *builder, size_t column, gbx_error *err);
gbx_status gbx__arrow_builder_int(gbx__arrow_builder *builder, size_t column, int64_t value,
                                  gbx_error *err);
gbx_status gbx__arrow_builder_double(gbx__arrow_builder *builder, size_t column, double value,
                                     gbx_error *err);
gbx_status gbx__arrow_builder_bytes(gbx__arrow_builder *builder, size_t column, gbx__str bytes,
                                    gbx_error *err);
/* Each column has got one value since the last call. */
gbx_status gbx__arrow_builder_end_row(gbx__arrow_builder *builder, gbx_error *err);

int64_t gbx__arrow_builder_rows(const gbx__arrow_builder *builder);
/* How many bytes of text and binary values there are. */
int64_t gbx__arrow_builder_bytes_len(const gbx__arrow_builder *builder);
gbx_status gbx__arrow_builder_finish(gbx__arrow_builder *builder, struct ArrowArray *out,
                                     gbx_error *err);

#endif
