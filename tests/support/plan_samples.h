/*
 * Plans for tests: between them they hold every kind of node, expression, type and constant.
 *
 *   for (size_t i = 0; i < plan_sample_count; i++) plan_sample_make(i, &plan, &err);
 *
 * And short forms for what tests build themselves: `sample_call(b, ">", bool, 2, x, y)`.
 */
#ifndef GBX_TESTS_SUPPORT_PLAN_SAMPLES_H
#define GBX_TESTS_SUPPORT_PLAN_SAMPLES_H

#include "plan/plan.h"

/* GBX_STR where an initialiser has to be constant. */
#define SAMPLE_STR(literal)                                                                        \
    {                                                                                              \
        ("" literal), sizeof(literal) - 1                                                          \
    }

typedef struct plan_sample {
    const char *name;
    const gbx__node *(*build)(gbx__plan_builder *b);
} plan_sample;

extern const plan_sample plan_samples[];
extern const size_t plan_sample_count;

/* The SQL that all samples say they come from. */
extern const char plan_sample_text[];

gbx_status plan_sample_make(size_t index, gbx_plan **out, gbx_error *err);
gbx_status plan_sample_finish(const gbx__node *(*build)(gbx__plan_builder *b), gbx_plan **out,
                              gbx_error *err);

/* ---- short forms ----------------------------------------------------------------------------- */

const gbx__type *sample_int64(void);
const gbx__type *sample_utf8(void);
const gbx__type *sample_bool(void);
const gbx__type *sample_float64(void);
/* By its text; in the builder's arena. */
const gbx__type *sample_type(gbx__plan_builder *b, const char *text);

/* flights.csv: carrier utf8, dep_delay int64, distance float64 */
const gbx__node *sample_flights(gbx__plan_builder *b);
/* airlines: carrier utf8, name utf8 */
const gbx__node *sample_airlines(gbx__plan_builder *b);

/* The i-th output column of a node; NULL when the node is. */
const gbx__expr *sample_col(gbx__plan_builder *b, const gbx__node *node, uint32_t i);
const gbx__expr *sample_int(gbx__plan_builder *b, int64_t value);
const gbx__expr *sample_text(gbx__plan_builder *b, const char *value);
/* Expressions follow the count. */
const gbx__expr *sample_call(gbx__plan_builder *b, const char *name, const gbx__type *type,
                             uint32_t n, ...);
gbx__expr *sample_agg(gbx__plan_builder *b, const char *name, const gbx__type *type, uint32_t n,
                      ...);
gbx__expr *sample_window(gbx__plan_builder *b, gbx__function_kind kind, const char *name,
                         const gbx__type *type, uint32_t n, ...);

#endif
