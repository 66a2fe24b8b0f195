/*
 * A program that we started, with all that it has started: its resident set, and its end.
 *
 * To it belong its children and theirs, and who is of its session; at the end also who has its mark
 * in the environment, since a process may leave its session and its parents may die.
 */
#ifndef GBX_BASE_PROCESS_TREE_H
#define GBX_BASE_PROCESS_TREE_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef GBX_VEC(pid_t) gbx__pids;

/* Who belongs to `root` now: looks at every process of the machine. False when memory is short. */
bool gbx__process_tree_find(pid_t root, gbx__pids *out);
/* The resident sets of these together; those that are gone have none. */
int64_t gbx__process_rss_bytes(const pid_t *pids, size_t n);
/* Kills all of them, again and again until none is left; at most for a few seconds. `root` is a
 * child that has not been waited for, so that its number is not somebody else's. `mark`:
 * "NAME=value" in the environment; NULL: none. */
void gbx__process_tree_kill(pid_t root, const char *mark);

/* A name that no other process has or will have: its namespace, number and time of start. False
 * when it is gone. */
#define GBX_PROCESS_NAME_SIZE 80
bool gbx__process_name(pid_t pid, char out[GBX_PROCESS_NAME_SIZE]);
/* Kills whoever has "variable=<name>.…" in the environment, with the name of a process of this
 * namespace that is gone: what it had started and could not end. */
void gbx__process_tree_sweep(const char *variable);

#endif
