/*
 * An engine in another process that is none: tests/support/fake_host.py in the place of a host, in
 * folders of the test's own.
 */
#ifndef GBX_TESTS_HOSTS_FAKE_ENGINE_H
#define GBX_TESTS_HOSTS_FAKE_ENGINE_H

#include "engine/host/rows.h"
#include "support/rows.h"
#include "support/temp.h"

typedef struct fake {
    char dir[TEMP_DIR_SIZE];
    char spill[TEMP_PATH_SIZE];
    const gbx__engine_vtable *vtable; /* of polars */
    gbx__engine_config config;
    gbx__engine *engine;
    gbx_plan *plan; /* the rows of the stream `in`: a int64, b utf8 */
    rows input;     /* one batch of it */
    int n_batches;  /* that the stream gives */
    int errnum;     /* with which it ends */
} fake;

/* Everything but an open engine. Failures end the test. */
void fake_init(fake *f);
/* Checks that nothing is left: no process, no file. */
void fake_done(fake *f);
void fake_open(fake *f);
void fake_close(fake *f);
/* What the host is to do from its next job on (or its start), as JSON. */
void fake_command(fake *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Runs one job to its end. `out_rows` may be NULL. */
gbx_status fake_run(fake *f, gbx__cancel *cancel, int64_t *out_rows, gbx_error *err);
/* A prepared job, whose input is `stream`. */
gbx_status fake_prepare(fake *f, struct ArrowArrayStream *stream, gbx__job **out, gbx_error *err);
/* Reads all rows; what came must be the input's. */
gbx_status fake_drain(fake *f, gbx__job *job, struct ArrowArrayStream *stream, int64_t *out_rows,
                      gbx_error *err);

/* How many of the processes that hosts have noted are alive. */
int fake_alive(const fake *f);
/* How many hosts there have been. */
int fake_starts(const fake *f);
/* Fails unless there are no processes and no files of hosts within a moment. */
void fake_check_clean(const fake *f);

#endif
