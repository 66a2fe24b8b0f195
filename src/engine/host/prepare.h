/*
 * The message `prepare`: a fragment as a host gets it (docs/host-protocol.md).
 */
#ifndef GBX_ENGINE_HOST_PREPARE_H
#define GBX_ENGINE_HOST_PREPARE_H

#include "engine/host/caps.h"

/* Appends the whole message. UNSUPPORTED for opaque SQL, and for what the host's dialect has no
 * words for. */
gbx_status gbx__host_prepare_json(const gbx__host_caps *caps, int64_t job,
                                  const gbx__fragment *fragment, gbx__buf *out, gbx_error *err);

#endif
