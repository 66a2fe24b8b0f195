/*
 * The bar on stderr: only on a terminal, only after a second, gone when the job is.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct progress_bar {
    int64_t start_ms;
    bool is_drawn;
} progress_bar;

void progress_start(progress_bar *bar);
/* A gbx_progress_fn; ctx is a progress_bar. */
void progress_show(void *ctx, double fraction);
void progress_clear(progress_bar *bar);

#endif
