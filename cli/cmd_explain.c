#include "command.h"
#include "help.h"
#include "job.h"

#include <stdio.h>
#include <string.h>

static gbx_explain_form form_of(const settings *s)
{
    return s->json ? GBX_EXPLAIN_JSON : s->sql_only ? GBX_EXPLAIN_SQL : GBX_EXPLAIN_TEXT;
}

static int explain(job *j, const settings *s)
{
    gbx_error err;
    char *text = NULL;
    if (gbx_frame_explain(j->frame, form_of(s), &text, &err) != GBX_OK) return job_failed(j, &err);
    const size_t len = strlen(text);
    fputs(text, stdout);
    if (len > 0 && text[len - 1] != '\n') fputc('\n', stdout);
    gbx_text_free(text);
    return stdout_done();
}

int cmd_explain(const command *self, settings *s)
{
    (void)self;
    job j = {0};
    gbx_error err;
    int code = job_open(&j, s, false, &err);
    if (code == EXIT_DONE) code = explain(&j, s);
    job_close(&j);
    return code;
}
