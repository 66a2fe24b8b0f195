/*
 * Starting another program: the leader of a session of its own, with the environment that it is
 * given and no descriptor but the three that everybody has. It gets SIGTERM when the thread that
 * started it ends, so that thread has to live as long as it is wanted.
 */
#ifndef GBX_BASE_SUBPROCESS_H
#define GBX_BASE_SUBPROCESS_H

#include "base/error.h"

#include <sys/types.h>

typedef struct gbx__subprocess {
    const char *const *argv; /* argv[0] is a path; NULL at the end */
    const char *const *env;  /* "NAME=value"; NULL at the end */
    int stdin_fd, stderr_fd; /* stdout goes to /dev/null */
    int64_t data_bytes; /* most that it may have of private memory (RLIMIT_DATA); 0: no limit */
} gbx__subprocess;

/* NOT_FOUND or IO with the reason when the program can't be started. The child is the caller's to
 * wait for. */
gbx_status gbx__subprocess_start(const gbx__subprocess *how, pid_t *out, gbx_error *err);

#endif
