/*
 * Control messages, both ways (docs/host-protocol.md, Messages). What comes is checked: a key that
 * is missing or of the wrong type is a failure, unknown keys are left alone.
 */
#ifndef GBX_WIRE_MESSAGE_H
#define GBX_WIRE_MESSAGE_H

#include "base/json.h"

#define GBX_WIRE_PROTOCOL 1
#define GBX_WIRE_NO_JOB (-1)

typedef enum gbx__wire_type {
    GBX_WIRE_HELLO,
    GBX_WIRE_READY,
    GBX_WIRE_PREPARED,
    GBX_WIRE_PULL,
    GBX_WIRE_HEARTBEAT,
    GBX_WIRE_PROGRESS,
    GBX_WIRE_DONE,
    GBX_WIRE_FAILED,
    GBX_WIRE_TYPES
} gbx__wire_type;

typedef struct gbx__wire_message {
    gbx__wire_type type;
    int64_t job;     /* GBX_WIRE_NO_JOB: the message names none */
    yyjson_doc *doc; /* texts lie here */
    union {
        struct {
            int64_t protocol;
            gbx__str token, engine, host;
            yyjson_val *versions, *capabilities;
        } hello; /* only `protocol` is there when that is another */
        struct {
            gbx__str shown; /* empty: nothing to show */
        } prepared;
        struct {
            uint16_t stream;
            int64_t n;
        } pull;
        struct {
            int64_t rss_bytes; /* 0: not told */
        } heartbeat;
        struct {
            double fraction; /* 0 … 1 */
        } progress;
        struct {
            int64_t rows, peak_rss_bytes;
            double cpu_s;
        } done;
        struct {
            gbx_status status; /* never GBX_OK */
            gbx__str message, detail;
        } failed;
    };
} gbx__wire_message;

/* CORRUPT for what is no message of a host. */
gbx_status gbx__wire_message_read(const char *text, size_t len, gbx__wire_message *out,
                                  gbx_error *err);
void gbx__wire_message_done(gbx__wire_message *message);

/* "hello" and the like. */
const char *gbx__wire_type_text(gbx__wire_type type);

/* ---- what Gearbox says ----------------------------------------------------------------------- */

/* Of the engine itself, by its own names. */
typedef struct gbx__wire_option {
    const char *name;
    const char *value;
} gbx__wire_option;

typedef struct gbx__wire_configure {
    int64_t memory_bytes;            /* 0: no limit */
    int threads;                     /* 0: all */
    const char *spill_dir;           /* NULL: none */
    const char *const *allowed_dirs; /* NULL: all */
    size_t n_allowed_dirs;
    bool allow_calls;
    const gbx__wire_option *options; /* each name once */
    size_t n_options;
} gbx__wire_configure;

void gbx__wire_put_configure(gbx__buf *out, const gbx__wire_configure *configure);
/* The messages that have but a job: "run", "cancel". */
void gbx__wire_put_job(gbx__buf *out, const char *type, int64_t job);
void gbx__wire_put_goodbye(gbx__buf *out);
/* The line for the host's stdin. */
void gbx__wire_put_start(gbx__buf *out, const char *socket, const char *token, const char *engine);

#endif
