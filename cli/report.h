/*
 * What goes to stderr: one line for each thing that went wrong or is worth knowing.
 *
 *   gearbox: what, where, what to do
 *   query:1:8: what, what to do            for a place in the query; on a terminal the line follows
 *   {"error":{"status":"bind",…}}          with --json
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "gearbox/gearbox.h"

/* How failures are told from now on. */
void report_init(bool json, bool quiet);
bool report_is_quiet(void);

/* A wrong command line; gives the exit code. */
int report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A failed call; gives the exit code. */
int report_error(const gbx_error *err);
/* The same for a query: `name` is what the text is called, `text` may be NULL. */
int report_query_error(const gbx_error *err, const char *name, const char *text);
/* Worth knowing; not with --quiet. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Fills an error of the command line's own. */
gbx_status fail(gbx_error *err, gbx_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* From errno: "cannot <what> '<path>': No such file or directory". */
gbx_status fail_errno(gbx_error *err, const char *what, const char *path);

#endif
