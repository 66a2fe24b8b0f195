/*
 * What several fuzz targets share: must(), a folder for files, a plan put to everything that plans
 * are put to.
 */
#ifndef GBX_FUZZ_FUZZ_H
#define GBX_FUZZ_FUZZ_H

#include "plan/plan.h"
#include "sql/sql.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Also in builds without assertions; says what did not hold. */
#define must(holds)                                                                                \
    do {                                                                                           \
        if (!(holds)) fuzz_fail(__FILE__, __LINE__, #holds);                                       \
    } while (0)
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* A failure says what it is, and is none that only a mistake of ours brings about. */
void must_tell(gbx_status status, const gbx_error *err);

/* The folder of this process, made by the first call; the working folder is in it from then on.
 * It goes when the process ends, unless that ends by a finding. */
const char *fuzz_dir(void);
/* Writes a file there. */
void fuzz_write(const char *name, const uint8_t *data, size_t size);
/* One connection to one instance for all inputs: it reads what lies in fuzz_dir() only. */
gbx__duck_conn *fuzz_duck(void);
/* To JSON and back, printed as a tree and as SQL, hashed. */
void fuzz_use_plan(const gbx_plan *plan);

/* A piece of JSON put in the place of another, one dropped, one changed: for
 * LLVMFuzzerCustomMutator. */
size_t fuzz_mutate_json(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif
