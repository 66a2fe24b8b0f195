/*
 * What sql and explain share: the query's text, a session as the options say, and the frame.
 */
#ifndef CLI_JOB_H
#define CLI_JOB_H

#include "progress.h"
#include "settings.h"

typedef struct job {
    char *text;       /* the query */
    const char *name; /* what it is called in messages: "query", "stdin" or the file */
    gbx_session *session;
    gbx_frame *frame;
    progress_bar bar;
} job;

/* On this engine, whatever --engine says; with the text of `first` unless that is NULL. */
int job_open_on(job *j, const job *first, const settings *s, const char *engine, gbx_error *err);
/* 0, or an exit code after a line on stderr; job_close either way. `err` has the failure. */
int job_open(job *j, const settings *s, bool with_progress, gbx_error *err);
void job_close(job *j);
/* A line on stderr; the exit code. */
int job_failed(job *j, const gbx_error *err);

#endif
