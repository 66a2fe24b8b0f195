#include "source/chain_priv.h"

#include "arrow/arrow.h"
#include "base/alloc.h"

#include <errno.h>
#include <string.h>

typedef struct chain {
    const gbx__scan *scan;
    gbx__chain_opener *opener;
    uint32_t next; /* path to be opened next */
    struct ArrowSchema schema;
    struct ArrowArrayStream current; /* empty between two files */
    gbx_error error;
} chain;

/* ---- columns agree --------------------------------------------------------------------------- */

static bool is_same_column(const struct ArrowSchema *a, const struct ArrowSchema *b)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text_a = {0};
    GBX_AUTO(gbx__buf_done) gbx__buf text_b = {0};
    gbx__arrow_schema_print(&text_a, a);
    gbx__arrow_schema_print(&text_b, b);
    return !text_a.failed && !text_b.failed &&
           gbx__str_equal(gbx__buf_view(&text_a), gbx__buf_view(&text_b)) &&
           gbx__str_equal(gbx__arrow_extension(a, NULL), gbx__arrow_extension(b, NULL)) &&
           strcmp(a->name ? a->name : "", b->name ? b->name : "") == 0;
}

static gbx_status compare(const gbx__scan *scan, uint32_t index, const struct ArrowSchema *first,
                          const struct ArrowSchema *other, gbx_error *err)
{
    const gbx__str first_path = scan->paths[0];
    const gbx__str path = scan->paths[index];
    for (int64_t i = 0; i < first->n_children && i < other->n_children; i++) {
        if (is_same_column(first->children[i], other->children[i])) continue;
        return GBX_FAIL(err, GBX_INVALID,
                        "the column %lld ('%s') of '%.*s' is not that of '%.*s' ('%s')",
                        (long long)i + 1, other->children[i]->name, GBX_STR_ARG(path),
                        GBX_STR_ARG(first_path), first->children[i]->name);
    }
    if (first->n_children == other->n_children) return GBX_OK;
    return GBX_FAIL(err, GBX_INVALID, "'%.*s' has %lld columns, '%.*s' has %lld",
                    GBX_STR_ARG(path), (long long)other->n_children, GBX_STR_ARG(first_path),
                    (long long)first->n_children);
}

/* Opens a path; its columns must be those of `first`, unless that is empty: then it is set. */
static gbx_status open_path(const gbx__scan *scan, gbx__chain_opener *opener, uint32_t index,
                            struct ArrowSchema *first, struct ArrowArrayStream *out,
                            gbx_error *err)
{
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema schema = {0};
    GBX_TRY(opener(scan->paths[index].ptr, &stream, err));
    gbx_status status = gbx__arrow_stream_schema(&stream, &schema, err);
    if (status == GBX_OK && first->release) status = compare(scan, index, first, &schema, err);
    if (status == GBX_OK && !first->release) gbx__arrow_schema_move(&schema, first);
    gbx__arrow_schema_done(&schema);
    if (status == GBX_OK) gbx__arrow_stream_move(&stream, out);
    else gbx__arrow_stream_done(&stream);
    return status;
}

gbx_status gbx__chain_check(const gbx__scan *scan, gbx__chain_opener *opener, gbx_error *err)
{
    struct ArrowSchema first = {0};
    gbx_status status = GBX_OK;
    for (uint32_t i = 0; i < scan->n_paths && status == GBX_OK; i++) {
        struct ArrowArrayStream stream = {0};
        status = open_path(scan, opener, i, &first, &stream, err);
        gbx__arrow_stream_done(&stream);
    }
    gbx__arrow_schema_done(&first);
    return status;
}

/* ---- the stream ------------------------------------------------------------------------------ */

static int errno_of(gbx_status status)
{
    switch ((int)status) {
    case GBX_OK: return 0;
    case GBX_NOMEM: return ENOMEM;
    case GBX_CANCELLED: return ECANCELED;
    case GBX_TIMEOUT: return ETIMEDOUT;
    case GBX_UNSUPPORTED: return ENOTSUP;
    case GBX_IO: return EIO;
    default: return EINVAL;
    }
}

/* What the file's own stream says, with its path. */
static int fail_inside(chain *c, int errnum)
{
    const char *text = c->current.get_last_error(&c->current);
    gbx__error_set(&c->error, errnum == ENOMEM ? GBX_NOMEM : GBX_CORRUPT, "'%.*s': %s",
                   GBX_STR_ARG(c->scan->paths[c->next - 1]), text ? text : strerror(errnum));
    return errnum;
}

static int chain_get_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    chain *c = stream->private_data;
    memset(out, 0, sizeof(*out));
    for (;;) {
        if (!c->current.release) {
            if (c->next == c->scan->n_paths) return 0;
            const gbx_status status = open_path(c->scan, c->opener, c->next, &c->schema,
                                                &c->current, &c->error);
            if (status != GBX_OK) return errno_of(status);
            c->next++;
        }
        const int errnum = c->current.get_next(&c->current, out);
        if (errnum != 0) return fail_inside(c, errnum);
        if (out->release) return 0;
        gbx__arrow_stream_done(&c->current);
    }
}

static int chain_get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    chain *c = stream->private_data;
    return errno_of(gbx__arrow_schema_copy(&c->schema, out, &c->error));
}

static const char *chain_get_last_error(struct ArrowArrayStream *stream)
{
    chain *c = stream->private_data;
    return c->error.message[0] ? c->error.message : NULL;
}

static void chain_free(chain *c)
{
    gbx__arrow_stream_done(&c->current);
    gbx__arrow_schema_done(&c->schema);
    gbx__alloc_free(c);
}

static void chain_release(struct ArrowArrayStream *stream)
{
    chain_free(stream->private_data);
    stream->release = NULL;
}

gbx_status gbx__chain_open(const gbx__scan *scan, gbx__chain_opener *opener,
                           struct ArrowArrayStream *out, gbx_error *err)
{
    chain *c = gbx__alloc_zero(sizeof(*c));
    if (!c) return GBX_FAIL_NOMEM(err);
    c->scan = scan;
    c->opener = opener;
    const gbx_status status = open_path(scan, opener, 0, &c->schema, &c->current, err);
    if (status != GBX_OK) {
        chain_free(c);
        return status;
    }
    c->next = 1;
    *out = (struct ArrowArrayStream){.get_schema = chain_get_schema,
                                     .get_next = chain_get_next,
                                     .get_last_error = chain_get_last_error,
                                     .release = chain_release,
                                     .private_data = c};
    return GBX_OK;
}
