/*
 * Files that engines do not read by themselves (Arrow, SQLite) reach them as streams, under the
 * name of their scan. The same file twice, or two files of one name, need a name each.
 */
#ifndef GBX_EXEC_FEED_H
#define GBX_EXEC_FEED_H

#include "plan/plan.h"

/* Is this scan's input a stream that the run opens? */
bool gbx__feed_is_file(const gbx__scan *scan);
/* Or a stream of the session? */
bool gbx__feed_is_fed(const gbx__scan *scan);

/* The same plan with a name of its own for each scan that is fed; a new reference to `plan` when
 * they have one already. */
gbx_status gbx__feed_names(gbx_plan *plan, gbx_plan **out, gbx_error *err);

#endif
