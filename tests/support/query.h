/*
 * Queries as a user of the public API makes them; failures end the test.
 *
 *   gbx_session *s = query_session();
 *   assert_string_equal(query_text(s, "SELECT 42 AS a"), "a\n42\n");
 *   gbx_session_close(s);
 */
#ifndef GBX_TESTS_SUPPORT_QUERY_H
#define GBX_TESTS_SUPPORT_QUERY_H

#include "gearbox/gearbox.h"

/* One thread, default limits. */
gbx_session *query_session(void);
gbx_frame *query_frame(gbx_session *session, const char *sql);
/* A frame's rows as CSV, in one of a few buffers that are used in turn; the frame stays. */
const char *query_rows(const gbx_frame *frame);
/* The same; the frame is freed. */
const char *query_take(gbx_frame *frame);
const char *query_text(gbx_session *session, const char *sql);

/* A stream of one column "x" of int64: 0, 1, 2 … `n_rows`, in batches of 2. */
void query_stream(int64_t n_rows, struct ArrowArrayStream *out);
/* How many of those streams and their batches are not released. */
int query_stream_count(void);

#endif
