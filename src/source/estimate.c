/* How many rows text files have, guessed from their first lines: to choose by, not for answers. */
#include "source/source_priv.h"

#define ESTIMATE_BYTES (64 * 1024)

uint32_t gbx__source_first_with_bytes(const gbx__probe *probe)
{
    uint32_t i = 0;
    while (i + 1 < probe->scan->n_paths && probe->files[i].size_bytes == 0) i++;
    return i;
}

gbx_status gbx__source_estimate_rows(gbx__probe *probe, uint32_t n_headers)
{
    gbx__scan *scan = probe->scan;
    if (scan->compression.len > 0) return GBX_OK;
    GBX_AUTO(gbx__buf_done) gbx__buf head = {0};
    const gbx__str path = scan->paths[gbx__source_first_with_bytes(probe)];
    GBX_TRY(gbx__fs_read_head(path.ptr, ESTIMATE_BYTES, &head, probe->err));
    if (head.len == 0) return GBX_OK;
    int64_t lines = head.data[head.len - 1] != '\n';
    for (size_t i = 0; i < head.len; i++) lines += head.data[i] == '\n';
    const double rows = (double)scan->size_bytes * (double)lines / (double)head.len;
    scan->row_count = (int64_t)rows - n_headers;
    if (scan->row_count < 0) scan->row_count = 0;
    return GBX_OK;
}
