/*
 * Which format a set of files has: the reader's, else that of the endings, else what the first
 * bytes say; and whether text is compressed, which the bytes say better than the name.
 */
#include "base/fs.h"
#include "source/source_priv.h"

#include <string.h>

/* The first bytes are looked at in so many files: a probe of ten thousand must not open all. */
#define FORMAT_LOOKED_MAX 64
#define FORMAT_HEAD_BYTES 512

typedef struct format_magic {
    const char *bytes;
    size_t len;
    gbx__scan_format format;
} format_magic;

static const format_magic magics[] = {
    {"PAR1", 4, GBX_SCAN_PARQUET},
    {"PARE", 4, GBX_SCAN_PARQUET},
    {"ARROW1", 6, GBX_SCAN_ARROW_IPC},
    {"\xff\xff\xff\xff", 4, GBX_SCAN_ARROW_IPC},
    {"SQLite format 3", 16, GBX_SCAN_SQLITE},
    {"PK\x03\x04", 4, GBX_SCAN_XLSX},
};

static bool begins(gbx__str head, const char *bytes, size_t len)
{
    return head.len >= len && memcmp(head.ptr, bytes, len) == 0;
}

static gbx__str compression_of(gbx__str head)
{
    if (begins(head, "\x1f\x8b", 2)) return GBX_STR("gzip");
    if (begins(head, "\x28\xb5\x2f\xfd", 4)) return GBX_STR("zstd");
    return GBX_STR("");
}

static bool has_control(gbx__str text)
{
    for (size_t i = 0; i < text.len; i++) {
        const unsigned char c = (unsigned char)text.ptr[i];
        if (c < ' ' && c != '\t' && c != '\n' && c != '\r') return true;
    }
    return false;
}

/* Text that begins a JSON document, other text as CSV, and nothing for other bytes. */
static const gbx__source_format *format_of_text(gbx__str head)
{
    const size_t valid = gbx__utf8_valid_prefix(head.ptr, head.len);
    if (head.len == 0 || valid + 3 < head.len || has_control(head)) return NULL;
    size_t i = begins(head, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (i < head.len && strchr(" \t\r\n", head.ptr[i])) i++;
    const bool is_json = i < head.len && (head.ptr[i] == '{' || head.ptr[i] == '[');
    return gbx__source_format_of(is_json ? GBX_SCAN_JSON : GBX_SCAN_CSV);
}

static const gbx__source_format *format_of_head(gbx__str head)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        if (begins(head, magics[i].bytes, magics[i].len)) {
            return gbx__source_format_of(magics[i].format);
        }
    }
    if (compression_of(head).len > 0) return gbx__source_format_of(GBX_SCAN_CSV);
    return format_of_text(head);
}

/* ---- one file -------------------------------------------------------------------------------- */

typedef struct format_guess {
    const gbx__source_format *format;
    gbx__str compression;
} format_guess;

static gbx_status guess(gbx__probe *probe, uint32_t index, format_guess *out)
{
    const gbx__str path = probe->scan->paths[index];
    out->format = probe->request->has_format ? gbx__source_format_of(probe->request->format)
                                             : gbx__source_format_by_ending(path);
    out->compression = gbx__source_compression_by_ending(path, NULL);
    if (index >= FORMAT_LOOKED_MAX || probe->files[index].size_bytes == 0) return GBX_OK;

    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    GBX_TRY(gbx__fs_read_head(path.ptr, FORMAT_HEAD_BYTES, &head, probe->err));
    out->compression = compression_of(gbx__buf_view(&head));
    if (!out->format) out->format = format_of_head(gbx__buf_view(&head));
    return GBX_OK;
}

static gbx_status fail_unknown(gbx__probe *probe, gbx__str path)
{
    return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                    "'%.*s': neither its ending nor its content says what format it has; name a "
                    "reader: read_csv('%.*s')",
                    GBX_STR_ARG(path), GBX_STR_ARG(path));
}

static bool is_text(const gbx__source_format *format)
{
    return format->format == GBX_SCAN_CSV || format->format == GBX_SCAN_JSON;
}

/* ---- all files ------------------------------------------------------------------------------- */

static gbx_status check_agree(gbx__probe *probe, uint32_t first, const format_guess *a,
                              uint32_t index, const format_guess *b)
{
    const gbx__str *paths = probe->scan->paths;
    if (b->format && a->format != b->format) {
        return GBX_FAIL(probe->err, GBX_INVALID, "'%.*s' is a %s file, '%.*s' a %s file",
                        GBX_STR_ARG(paths[first]), a->format->name, GBX_STR_ARG(paths[index]),
                        b->format->name);
    }
    if (!gbx__str_equal(a->compression, b->compression)) {
        const char *none = "not compressed";
        return GBX_FAIL(probe->err, GBX_INVALID, "'%.*s' is %s, '%.*s' is %s",
                        GBX_STR_ARG(paths[first]), a->compression.len ? a->compression.ptr : none,
                        GBX_STR_ARG(paths[index]), b->compression.len ? b->compression.ptr : none);
    }
    return GBX_OK;
}

gbx_status gbx__source_find_format(gbx__probe *probe)
{
    gbx__scan *scan = probe->scan;
    format_guess first = {0};
    uint32_t n_first = 0;
    while (n_first + 1 < scan->n_paths && probe->files[n_first].size_bytes == 0) n_first++;
    if (probe->files[n_first].size_bytes == 0) {
        return GBX_FAIL(probe->err, GBX_INVALID, "'%.*s': the file is empty",
                        GBX_STR_ARG(scan->paths[n_first]));
    }
    GBX_TRY(guess(probe, n_first, &first));
    if (!first.format) return fail_unknown(probe, scan->paths[n_first]);
    for (uint32_t i = n_first + 1; i < scan->n_paths; i++) {
        format_guess other;
        if (probe->files[i].size_bytes == 0) continue;
        GBX_TRY(guess(probe, i, &other));
        GBX_TRY(check_agree(probe, n_first, &first, i, &other));
    }
    if (first.compression.len > 0 && !is_text(first.format)) {
        return GBX_FAIL(probe->err, GBX_UNSUPPORTED,
                        "'%.*s': a %s file that is compressed as a whole; unpack it first",
                        GBX_STR_ARG(scan->paths[n_first]), first.format->name);
    }
    scan->format = first.format->format;
    scan->compression = first.compression;
    return GBX_OK;
}
