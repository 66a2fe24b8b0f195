/*
 * The engines that live in other processes.
 */
#ifndef GBX_ENGINE_HOST_ROWS_H
#define GBX_ENGINE_HOST_ROWS_H

#include "engine/engine.h"

#define GBX_HOST_ENGINES 6

/* pandas, polars, datafusion, dask, modin, spark. They register themselves. */
extern const gbx__engine_vtable gbx__engine_hosts[GBX_HOST_ENGINES];

#endif
