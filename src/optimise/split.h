/*
 * One plan for two engines: what the first does not read by itself is read by the second, and
 * reaches it as a stream.
 *
 *   Aggregate by #1              Aggregate by #1                          the plan that is left
 *   └─ Filter #2 > 9       ═→    └─ Scan stream "gearbox input 1" → #1
 *      └─ Scan x.csv → #1, #2
 *                                Select #1                                a feed
 *                                └─ Filter #2 > 9
 *                                   └─ Scan x.csv → #1, #2
 *
 * A feed takes the filter directly above its scan along, unless that differs from call to call, and
 * has the columns that the rest uses. Its columns are labelled "c<id>", as the stream's fields are.
 */
#ifndef GBX_OPTIMISE_SPLIT_H
#define GBX_OPTIMISE_SPLIT_H

#include "plan/plan.h"

/* Does the first engine read this scan? */
typedef bool gbx__split_reads(void *ctx, const gbx__node *scan);

typedef struct gbx__split_feed {
    gbx__str name;  /* of the stream; lives as long as the plan that is left */
    gbx_plan *plan; /* one reference */
} gbx__split_feed;

typedef struct gbx__split {
    gbx_plan *plan; /* what is left; the same plan when nothing is fed */
    size_t n_feeds;
    gbx__split_feed *feeds; /* in the order in which the scans stand in the plan */
} gbx__split;

gbx_status gbx__split_make(gbx_plan *plan, gbx__split_reads *reads, void *ctx, gbx__split *out,
                           gbx_error *err);
void gbx__split_done(gbx__split *split);

#endif
