/*
 * Running another program to its end, and reading what it says.
 */
#ifndef GBX_BASE_PROGRAM_H
#define GBX_BASE_PROGRAM_H

#include "base/error.h"
#include "base/str.h"

/* One line of its output, without the line break; longer ones come in pieces of 64 KiB. */
typedef void gbx__program_line(void *ctx, gbx__str line);

/*
 * Runs argv[0], looked for in PATH, with this process's environment and an empty stdin; its stdout
 * and stderr come line by line. It stays in this process's group: Ctrl-C on a terminal reaches it.
 * @param[out] exit_code  what it ended with; 128 + n for signal n
 * @return GBX_OK when it ran, whatever its exit code; NOT_FOUND, IO or NOMEM when it did not
 */
gbx_status gbx__program_run(const char *const argv[], gbx__program_line *line, void *ctx,
                            int *exit_code, gbx_error *err);

#endif
