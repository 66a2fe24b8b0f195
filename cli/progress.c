#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_WIDTH 30
#define QUIET_MS 1000

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One write, so that a line is never seen half drawn. */
static void put(const char *text)
{
    const ssize_t n = write(2, text, strlen(text));
    (void)n;
}

void progress_start(progress_bar *bar)
{
    *bar = (progress_bar){.start_ms = now_ms(), .is_drawn = false};
}

void progress_clear(progress_bar *bar)
{
    if (bar->is_drawn) put("\r\x1b[K");
    bar->is_drawn = false;
}

void progress_show(void *ctx, double fraction)
{
    progress_bar *bar = ctx;
    const int64_t elapsed_ms = now_ms() - bar->start_ms;
    if (fraction >= 1.0) {
        progress_clear(bar);
        return;
    }
    if (elapsed_ms < QUIET_MS) return;

    char line[BAR_WIDTH + 64];
    const int seconds = (int)(elapsed_ms / 1000);
    if (fraction < 0) {
        snprintf(line, sizeof(line), "\r\x1b[Krunning, %d s", seconds);
    } else {
        char cells[BAR_WIDTH + 1];
        const int full = (int)(fraction * BAR_WIDTH);
        memset(cells, '-', BAR_WIDTH);
        memset(cells, '#', (size_t)full);
        cells[BAR_WIDTH] = '\0';
        snprintf(line, sizeof(line), "\r\x1b[K[%s] %3d %%, %d s", cells, (int)(fraction * 100),
                 seconds);
    }
    put(line);
    bar->is_drawn = true;
}
