/*
 * The embedded engine: plan → optimised plan → SQL of DuckDB's dialect → duck/.
 */
#ifndef GBX_ENGINE_DUCKDB_ENGINE_DUCKDB_H
#define GBX_ENGINE_DUCKDB_ENGINE_DUCKDB_H

#include "duck/duck.h"
#include "engine/engine.h"

extern const gbx__engine_vtable gbx__engine_duckdb;

/* The instance, so that the front end can bind on it (a second open costs 15 ms). */
gbx__duck *gbx__engine_duckdb_instance(gbx__engine *engine);

/* The least memory limit with which it would start in this process now. */
int64_t gbx__engine_duckdb_least_bytes(int threads);

#endif
