/*
 * The folder that an instance may fill with what does not fit into memory.
 *
 *   <parent>/gearbox-spill-<pid>-<serial>/   mode 0700, held by a file lock while its owner lives
 *
 * It goes when the instance is closed, or when the program ends by exit or quick_exit without that.
 * What a killed process left behind goes when the next one of the same user starts below the same
 * parent: its process is gone and nobody holds the lock (a process number alone says nothing across
 * containers, and numbers are used again).
 */
#ifndef GBX_DUCK_SPILL_H
#define GBX_DUCK_SPILL_H

#include "base/error.h"

#include <sys/types.h>

typedef struct gbx__spill {
    char *path; /* NULL: none */
    int lock_fd;
    pid_t owner;
    struct gbx__spill *next; /* of all that are open */
} gbx__spill;

/* Removes abandoned folders below `parent`, then makes a fresh one; `parent` is made when absent.
 * The struct stays where it is until it is closed. */
gbx_status gbx__spill_open(gbx__spill *spill, const char *parent, gbx_error *err);
/* Removes the folder and all in it. Also for a zeroed one. */
void gbx__spill_close(gbx__spill *spill);

#endif
