/*
 * What a session may touch. Asked before a path is opened, and again for each plan.
 *
 *   path ─→ links resolved ─→ below a root? ─→ yes / DENIED
 */
#ifndef GBX_EXEC_POLICY_H
#define GBX_EXEC_POLICY_H

#include "gearbox/session.h"
#include "plan/plan.h"

typedef struct gbx__policy {
    bool is_restricted; /* false: all is allowed, and nothing below is set */
    gbx__arena arena;
    size_t n_readable;
    const char **readable; /* with links resolved */
    size_t n_writable;
    const char **writable;
    size_t n_roots;
    const char **roots; /* all of them, for the engine */
    bool network;
    bool opaque_sql;
    bool user_functions;
    bool all_engines;
    size_t n_engines;
    const char **engines;
} gbx__policy;

/* Fills a zeroed policy; on failure it stays zeroed. */
gbx_status gbx__policy_init(gbx__policy *policy, const gbx_policy *from, gbx_error *err);
void gbx__policy_done(gbx__policy *policy);

/* A gbx__source_may_read; ctx is the policy. */
gbx_status gbx__policy_may_read(void *ctx, const char *path, gbx_error *err);
gbx_status gbx__policy_may_write(const gbx__policy *policy, const char *path, gbx_error *err);
gbx_status gbx__policy_may_use(const gbx__policy *policy, const char *engine, gbx_error *err);
/* Every scan, sink and user's function of a plan. */
gbx_status gbx__policy_check(gbx__policy *policy, const gbx_plan *plan, gbx_error *err);

#endif
