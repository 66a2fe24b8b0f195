/*
 * What a host says that it can do (docs/host-protocol.md, Capabilities): read from the manifest
 * beside its environment, and again from its hello. What it does not declare it does not get.
 */
#ifndef GBX_ENGINE_HOST_CAPS_H
#define GBX_ENGINE_HOST_CAPS_H

#include "base/json.h"
#include "engine/engine.h"

/* Sorted by bytes. */
typedef struct gbx__host_names {
    size_t n;
    const gbx__str *items;
    bool is_all; /* "*" is among them */
} gbx__host_names;

typedef struct gbx__host_caps {
    gbx__arena arena;   /* holds the rest */
    const char *speaks; /* "plan", or the name of a dialect */
    gbx__host_names operators, scans, scan_types, types;
    gbx__host_names functions[GBX_FN_TABLE + 1]; /* by gbx__function_kind */
    bool streams_results;
    const char *best_for, *cannot; /* NULL: not said */
} gbx__host_caps;

/* Trusts nothing: INVALID with what is wrong, also for another version of the semantics. */
gbx_status gbx__host_caps_read(yyjson_val *json, gbx__host_caps *out, gbx_error *err);
void gbx__host_caps_done(gbx__host_caps *caps);

bool gbx__host_names_have(const gbx__host_names *names, gbx__str name);

/* UNSUPPORTED with the first operator, function or type that the engine `name` did not declare. */
gbx_status gbx__host_caps_can(const gbx__host_caps *caps, const char *name, const gbx_plan *plan,
                              gbx_error *err);
/* Does it read the scan's files by itself: its format, and each column that is read? Every other
 * source comes to it as a stream. */
bool gbx__host_caps_read_scan(const gbx__host_caps *caps, const gbx__node *scan);

#endif
