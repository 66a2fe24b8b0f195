#include "engine/host/host.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/env.h"
#include "base/size.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICK_MS 20 /* how soon a request to stop is seen */
#define MS_NS INT64_C(1000000)
#define IOV_MAX_AT_ONCE 256
#define WAITING_MAX 64 /* frames that are kept while something is sent */
#define SOCKET_BYTES (4 * 1024 * 1024)

struct gbx__host {
    gbx__host_process *process;
    char *engine;
    int fd;
    bool is_broken;
    gbx__host_times times;
    gbx__frame_reader reader;
    GBX_VEC(gbx__frame_in) waiting; /* from `n_taken` on */
    size_t n_taken;
    gbx__host_caps caps;
    int64_t heard_ns;
};

gbx__host_times gbx__host_times_usual(void)
{
    gbx__host_times times = {.start_ms = 60000, .silence_ms = 30000, .cancel_ms = 2000};
    const char *silence = gbx__env_get("GEARBOX_HOST_SILENCE");
    int64_t ms = 0;
    if (silence && gbx__parse_duration_ms(gbx__str_of(silence), &ms, NULL) == GBX_OK && ms > 0)
        times.silence_ms = ms;
    return times;
}

bool gbx__host_is_usable(const gbx__host *host)
{
    return !host->is_broken;
}

const gbx__host_caps *gbx__host_caps_of(const gbx__host *host)
{
    return &host->caps;
}

const gbx__host_times *gbx__host_times_of(const gbx__host *host)
{
    return &host->times;
}

int64_t gbx__host_peak_rss_bytes(const gbx__host *host)
{
    return gbx__host_process_peak_rss_bytes(host->process);
}

gbx_status gbx__host_break(gbx__host *host, const char *what, gbx_error *err)
{
    host->is_broken = true;
    return gbx__host_process_why(host->process, what, err);
}

/* The connection is gone: the process's end says more than that. */
static gbx_status host_gone(gbx__host *host, gbx_error *err)
{
    const bool is_cut = !gbx__frame_reader_is_empty(&host->reader);
    host->is_broken = true;
    gbx_error why;
    const gbx_status status = gbx__host_process_why(host->process, NULL, &why);
    if (is_cut && status == GBX_ENGINE) gbx__error_prefix(&why, "a message was cut short");
    if (err) *err = why;
    return status;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* Reads what there is of one frame, without waiting. */
static gbx_status read_frame(gbx__host *host, bool *out, gbx__frame_in *frame, gbx_error *err)
{
    *out = false;
    for (;;) {
        void *room = NULL;
        size_t wanted = 0;
        gbx_error why;
        const gbx_status status = gbx__frame_reader_want(&host->reader, &room, &wanted, &why);
        if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
        if (status != GBX_OK) return gbx__host_break(host, why.message, err);
        if (wanted == 0) {
            *frame = gbx__frame_reader_take(&host->reader);
            *out = true;
            return GBX_OK;
        }
        const ssize_t n = recv(host->fd, room, wanted, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return GBX_OK;
        if (n <= 0) return host_gone(host, err);
        gbx__frame_reader_got(&host->reader, (size_t)n);
        host->heard_ns = gbx__mono_ns();
    }
}

/* A frame that came is kept for later. */
static gbx_status keep_frame(gbx__host *host, bool *out, gbx_error *err)
{
    gbx__frame_in frame;
    *out = false;
    GBX_TRY(read_frame(host, out, &frame, err));
    if (!*out) return GBX_OK;
    if (gbx__vec_push(&host->waiting, frame)) return GBX_OK;
    gbx__alloc_free(frame.payload);
    return GBX_FAIL_NOMEM(err);
}

static bool has_waiting(const gbx__host *host)
{
    return host->n_taken < host->waiting.len;
}

static gbx__frame_in take_waiting(gbx__host *host)
{
    const gbx__frame_in frame = host->waiting.items[host->n_taken++];
    if (!has_waiting(host)) host->n_taken = host->waiting.len = 0;
    return frame;
}

static void drop_waiting(gbx__host *host)
{
    while (has_waiting(host)) {
        gbx__frame_in frame = take_waiting(host);
        gbx__alloc_free(frame.payload);
    }
}

gbx_status gbx__host_poll(gbx__host *host, bool *out, gbx_error *err)
{
    *out = has_waiting(host);
    return *out ? GBX_OK : keep_frame(host, out, err);
}

static void host_wait(const gbx__host *host, short events)
{
    struct pollfd fd = {.fd = host->fd, .events = events};
    (void)poll(&fd, 1, TICK_MS);
}

static gbx_status check_silence(gbx__host *host, int64_t since_ns, gbx_error *err)
{
    char what[80];
    const int64_t from = host->heard_ns > since_ns ? host->heard_ns : since_ns;
    if (gbx__mono_ns() - from < host->times.silence_ms * MS_NS) return GBX_OK;
    snprintf(what, sizeof(what), "it has said nothing for %g s",
             (double)host->times.silence_ms / 1000);
    return gbx__host_break(host, what, err);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Takes n bytes off the front. */
static void pieces_skip(gbx__pieces *pieces, size_t *first, size_t n)
{
    while (n > 0) {
        struct iovec *piece = &pieces->list.items[*first];
        const size_t part = n < piece->iov_len ? n : piece->iov_len;
        piece->iov_base = (char *)piece->iov_base + part;
        piece->iov_len -= part;
        n -= part;
        if (piece->iov_len == 0) (*first)++;
    }
}

/* Sends what goes without waiting; *first is behind the last piece at the end. */
static gbx_status send_some(gbx__host *host, gbx__pieces *pieces, size_t *first, bool *has_sent,
                            gbx_error *err)
{
    *has_sent = false;
    while (*first < pieces->list.len) {
        const size_t left = pieces->list.len - *first;
        const struct msghdr message = {.msg_iov = pieces->list.items + *first,
                                       .msg_iovlen =
                                           left < IOV_MAX_AT_ONCE ? left : IOV_MAX_AT_ONCE};
        const ssize_t n = sendmsg(host->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return GBX_OK;
        if (n < 0) return host_gone(host, err);
        pieces_skip(pieces, first, (size_t)n);
        *has_sent = true;
        while (*first < pieces->list.len && pieces->list.items[*first].iov_len == 0) (*first)++;
    }
    return GBX_OK;
}

gbx_status gbx__host_send(gbx__host *host, gbx__pieces *pieces, int64_t deadline_mono_ns,
                          gbx_error *err)
{
    size_t first = 0;
    int64_t moved_ns = gbx__mono_ns();
    for (;;) {
        bool has_sent = false;
        bool has_frame = false;
        GBX_TRY(send_some(host, pieces, &first, &has_sent, err));
        if (first >= pieces->list.len) return GBX_OK;
        const bool has_room = host->waiting.len - host->n_taken < WAITING_MAX;
        if (has_room) GBX_TRY(keep_frame(host, &has_frame, err));
        if (has_sent || has_frame) {
            moved_ns = gbx__mono_ns();
            continue;
        }
        if (deadline_mono_ns > 0 && gbx__mono_ns() > deadline_mono_ns)
            return gbx__host_break(host, "it did not read what was sent", err);
        GBX_TRY(check_silence(host, moved_ns, err));
        host_wait(host, has_room ? POLLIN | POLLOUT : POLLOUT);
    }
}

gbx_status gbx__host_send_text(gbx__host *host, const gbx__buf *text, int64_t deadline_mono_ns,
                               gbx_error *err)
{
    unsigned char head[GBX_FRAME_HEAD];
    if (text->failed) return GBX_FAIL_NOMEM(err);
    if (text->len > GBX_FRAME_CONTROL_MAX)
        return GBX_FAIL(err, GBX_UNSUPPORTED, "the plan is too large for %s", host->engine);
    gbx__frame_head(head, GBX_FRAME_KIND_CONTROL, 0, text->len);
    struct iovec both[2] = {{head, sizeof(head)}, {text->data, text->len}};
    gbx__pieces pieces = {.len = sizeof(head) + text->len};
    pieces.list.items = both;
    pieces.list.len = 2;
    return gbx__host_send(host, &pieces, deadline_mono_ns, err);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static gbx_status check_asked(const gbx__cancel *cancel, const atomic_bool *is_cancelled,
                              gbx_error *err)
{
    GBX_TRY(gbx__cancel_check_err(cancel, err));
    if (is_cancelled && atomic_load(is_cancelled)) return GBX_FAIL(err, GBX_CANCELLED, "cancelled");
    return GBX_OK;
}

gbx_status gbx__host_next(gbx__host *host, const gbx__cancel *cancel,
                          const atomic_bool *is_cancelled, int64_t deadline_mono_ns,
                          gbx__frame_in *out, gbx_error *err)
{
    const int64_t since_ns = gbx__mono_ns();
    for (;;) {
        bool has_frame = false;
        GBX_TRY(check_asked(cancel, is_cancelled, err));
        GBX_TRY(gbx__host_poll(host, &has_frame, err));
        if (has_frame) {
            *out = take_waiting(host);
            return GBX_OK;
        }
        if (deadline_mono_ns > 0 && gbx__mono_ns() > deadline_mono_ns)
            return GBX_FAIL(err, GBX_TIMEOUT, "%s did not answer in time", host->engine);
        GBX_TRY(check_silence(host, since_ns, err));
        host_wait(host, POLLIN);
    }
}

/* ---- the handshake --------------------------------------------------------------------------- */

/* Its environment does not fit: what to do about it. */
static gbx_status host_misfit(gbx__host *host, const char *what, gbx_error *err)
{
    char text[GBX_ERROR_MESSAGE_SIZE];
    snprintf(text, sizeof(text), "%s: gearbox engines install %s", what, host->engine);
    return gbx__host_break(host, text, err);
}

static gbx_status check_hello(gbx__host *host, const gbx__wire_message *hello, gbx_error *err)
{
    char what[GBX_ERROR_MESSAGE_SIZE];
    gbx_error why;
    if (hello->type != GBX_WIRE_HELLO) return gbx__host_break(host, "it did not say hello", err);
    if (hello->hello.protocol != GBX_WIRE_PROTOCOL) {
        snprintf(what, sizeof(what), "it speaks version %lld of the protocol, Gearbox version %d",
                 (long long)hello->hello.protocol, GBX_WIRE_PROTOCOL);
        return host_misfit(host, what, err);
    }
    if (!gbx__str_is(hello->hello.engine, host->engine))
        return host_misfit(host, "it is the host of another engine", err);
    const gbx_status status = gbx__host_caps_read(hello->hello.capabilities, &host->caps, &why);
    if (status == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
    return status == GBX_OK ? GBX_OK : host_misfit(host, why.message, err);
}

static gbx_status read_text(const gbx__frame_in *frame, gbx__wire_message *out, gbx_error *err)
{
    if (frame->kind != GBX_FRAME_KIND_CONTROL || !frame->payload) return GBX_CORRUPT;
    return gbx__wire_message_read(frame->payload, frame->len, out, err);
}

/* The first frame: a hello with the token, or this is not our host. */
static gbx_status hear_hello(gbx__host *host, const gbx__cancel *cancel, int64_t deadline_ns,
                             bool *is_ours, gbx_error *err)
{
    gbx__frame_in frame;
    gbx__wire_message hello;
    gbx_error why;
    GBX_TRY(gbx__host_next(host, cancel, NULL, deadline_ns, &frame, err));
    const gbx_status read = read_text(&frame, &hello, &why);
    if (read != GBX_OK) {
        gbx__alloc_free(frame.payload);
        if (read == GBX_NOMEM) return GBX_FAIL_NOMEM(err);
        return gbx__host_break(host, "it did not say hello", err);
    }
    const gbx__str token = hello.type == GBX_WIRE_HELLO && hello.hello.protocol == GBX_WIRE_PROTOCOL
                               ? hello.hello.token
                               : gbx__str_of("");
    const bool is_other_version =
        hello.type == GBX_WIRE_HELLO && hello.hello.protocol != GBX_WIRE_PROTOCOL;
    *is_ours = is_other_version || gbx__host_process_is_token(host->process, token.ptr, token.len);
    const gbx_status status = *is_ours ? check_hello(host, &hello, err) : GBX_OK;
    gbx__wire_message_done(&hello);
    gbx__alloc_free(frame.payload);
    return status;
}

static void drop_connection(gbx__host *host)
{
    if (host->fd >= 0) close(host->fd);
    host->fd = -1;
    gbx__frame_reader_done(&host->reader);
    drop_waiting(host);
}

static gbx_status connect_host(gbx__host *host, const gbx__cancel *cancel, gbx_error *err)
{
    const int64_t deadline_ns = gbx__mono_ns() + host->times.start_ms * MS_NS;
    const int bytes = SOCKET_BYTES;
    for (bool is_ours = false; !is_ours;) {
        drop_connection(host);
        GBX_TRY(gbx__host_process_accept(host->process, deadline_ns, cancel, &host->fd, err));
        (void)setsockopt(host->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
        const gbx_status status = hear_hello(host, cancel, deadline_ns, &is_ours, err);
        if (status == GBX_TIMEOUT && gbx__cancel_check(cancel) == GBX_OK)
            return gbx__host_break(host, "it did not say hello in time", err);
        if (status != GBX_OK) return status;
    }
    gbx__host_process_accepted(host->process);
    return GBX_OK;
}

static gbx_status hear_ready(gbx__host *host, const gbx__cancel *cancel, gbx_error *err)
{
    gbx__frame_in frame;
    gbx__wire_message message;
    gbx_error why;
    GBX_TRY(gbx__host_next(host, cancel, NULL, 0, &frame, err));
    const gbx_status read = read_text(&frame, &message, &why);
    gbx_status status = GBX_OK;
    if (read == GBX_NOMEM) {
        status = GBX_FAIL_NOMEM(err);
    } else if (read != GBX_OK) {
        status = gbx__host_break(host, "it did not get ready", err);
    } else if (message.type == GBX_WIRE_FAILED) {
        status = message.failed.status;
        gbx__error_set(err, status, "%s: %.*s", host->engine, GBX_STR_ARG(message.failed.message));
    } else if (message.type != GBX_WIRE_READY) {
        status = gbx__host_break(host, "it did not get ready", err);
    }
    if (read == GBX_OK) gbx__wire_message_done(&message);
    gbx__alloc_free(frame.payload);
    return status;
}

static gbx_status configure_host(gbx__host *host, const gbx__wire_configure *configure,
                                 const gbx__cancel *cancel, gbx_error *err)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__wire_configure own = *configure;
    own.spill_dir = gbx__host_process_spill_dir(host->process);
    gbx__wire_put_configure(&text, &own);
    GBX_TRY(gbx__host_send_text(host, &text, 0, err));
    return hear_ready(host, cancel, err);
}

static gbx_status host_fill(gbx__host *host, const gbx__host_launch *launch,
                            const gbx__wire_configure *configure, const gbx__cancel *cancel,
                            gbx_error *err)
{
    host->engine = gbx__alloc_dup(launch->engine, strlen(launch->engine));
    if (!host->engine) return GBX_FAIL_NOMEM(err);
    GBX_TRY(gbx__host_process_start(launch, &host->process, err));
    GBX_TRY(connect_host(host, cancel, err));
    return configure_host(host, configure, cancel, err);
}

gbx_status gbx__host_open(const gbx__host_launch *launch, const gbx__wire_configure *configure,
                          const gbx__host_times *times, const gbx__cancel *cancel, gbx__host **out,
                          gbx_error *err)
{
    gbx__host *host = gbx__alloc_zero(sizeof(*host));
    if (!host) return GBX_FAIL_NOMEM(err);
    host->fd = -1;
    host->times = *times;
    const gbx_status status = host_fill(host, launch, configure, cancel, err);
    if (status != GBX_OK) {
        host->is_broken = true;
        gbx__host_close(host);
        return status;
    }
    *out = host;
    return GBX_OK;
}

void gbx__host_close(gbx__host *host)
{
    if (!host) return;
    const bool is_usable = gbx__host_is_usable(host) && host->fd >= 0;
    if (is_usable) {
        GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
        gbx__wire_put_goodbye(&text);
        (void)!gbx__host_send_text(host, &text, gbx__mono_ns() + 100 * MS_NS, NULL);
    }
    drop_connection(host);
    gbx__host_process_end(host->process, is_usable);
    gbx__vec_done(&host->waiting);
    gbx__host_caps_done(&host->caps);
    gbx__alloc_free(host->engine);
    gbx__alloc_free(host);
}
