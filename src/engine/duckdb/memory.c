/*
 * The limit that a user states is the resident set of the process. DuckDB's limit counts its
 * buffers.
 *
 *   memory_bytes = what is resident now          measured
 *                + the instance itself           28 MB measured
 *                + the margin                    threads' buffers, operators' own memory, code,
 * batches
 *                + DuckDB's limit                the rest
 *
 * The margin was found by looking at the peak of the resident set above DuckDB's limit, with 200 to
 * 800 MB of it, while grouping 10 million groups, sorting 621 MB of CSV and 13 million rows of
 * text, joining, counting distinct rows and over windows. Above the open instance it was at most
 *
 *   threads   1    2    4    8
 *   MB       44   74   90  125
 *
 * and 100 with two threads while 10 million groups of a 5 GB file were spilled to a slow disk. What
 * waits to be written is what differs from run to run. Writing Parquet takes more
 * (result/write_parquet.c).
 */
#include "engine/duckdb/duckdb_priv.h"

#include "base/clock.h"
#include "base/fs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_INSTANCE_BYTES INT64_C(30000000)
#define MEMORY_MARGIN_BYTES INT64_C(80000000)
#define MEMORY_MARGIN_BYTES_PER_THREAD INT64_C(16000000)
/* With less for each thread a sort can't even begin: 8 threads failed at 300 MB, 4 did not. */
#define MEMORY_LIMIT_BYTES_PER_THREAD INT64_C(64000000)
#define MEMORY_LIMIT_BYTES_MIN INT64_C(160000000)
/* What a reader of CSV takes at a time: DuckDB's own 32 MB where there is room for 16 of them for
 * each thread, and less under a tight limit. */
#define MEMORY_CSV_BUFFERS_PER_THREAD 16
#define MEMORY_CSV_BUFFER_BYTES_MIN INT64_C(8000000)
#define MEMORY_CSV_BUFFER_BYTES_MAX INT64_C(32000000)

/* Pages of the process that are in memory; 0 when nobody says. */
static int64_t memory_resident_bytes(void)
{
    gbx__buf text = {0};
    int64_t pages = 0;
    if (gbx__fs_read_head("/proc/self/statm", 256, &text, NULL) == GBX_OK && text.len > 0) {
        const char *second = strchr(text.data, ' ');
        if (second) pages = strtoll(second, NULL, 10);
    }
    gbx__buf_done(&text);
    return pages * sysconf(_SC_PAGESIZE);
}

static int64_t memory_left_for(int64_t memory_bytes, int threads)
{
    return memory_bytes - memory_resident_bytes() - MEMORY_INSTANCE_BYTES - MEMORY_MARGIN_BYTES -
           threads * MEMORY_MARGIN_BYTES_PER_THREAD;
}

static int64_t megabytes(int64_t bytes)
{
    return bytes / 1000000;
}

/* Threads that were asked for stay; otherwise fewer of them beat a query that can't begin. */
static int memory_threads_for(const gbx__engine_config *config)
{
    if (config->threads > 0) return config->threads;
    int threads = gbx__cpu_count();
    while (threads > 1 &&
           memory_left_for(config->memory_bytes, threads) < threads * MEMORY_LIMIT_BYTES_PER_THREAD)
        threads--;
    return threads;
}

static int64_t memory_csv_buffer(int64_t limit_bytes, int threads)
{
    const int64_t bytes = limit_bytes / (threads * MEMORY_CSV_BUFFERS_PER_THREAD);
    if (bytes < MEMORY_CSV_BUFFER_BYTES_MIN) return MEMORY_CSV_BUFFER_BYTES_MIN;
    return bytes < MEMORY_CSV_BUFFER_BYTES_MAX ? bytes : MEMORY_CSV_BUFFER_BYTES_MAX;
}

int64_t gbx__engine_duckdb_least_bytes(int threads)
{
    const char *version = NULL;
    (void)gbx__duck_version(&version, NULL); /* the library is loaded: it counts as resident */
    return MEMORY_LIMIT_BYTES_MIN - memory_left_for(0, threads);
}

gbx_status gbx__duckdb_share_memory(const gbx__engine_config *config, gbx__duckdb_share *out,
                                    gbx_error *err)
{
    if (config->memory_bytes <= 0) {
        *out = (gbx__duckdb_share){.threads = config->threads,
                                   .csv_buffer_bytes = MEMORY_CSV_BUFFER_BYTES_MAX};
        return GBX_OK;
    }
    const int threads = memory_threads_for(config);
    const int64_t left = memory_left_for(config->memory_bytes, threads);
    const int64_t lacking = MEMORY_LIMIT_BYTES_MIN - left;
    if (lacking > 0)
        return GBX_FAIL(err, GBX_NOMEM,
                        "a memory limit of %lld MB is too small for DuckDB: with %d thread%s it "
                        "needs %lld MB",
                        (long long)megabytes(config->memory_bytes), threads,
                        threads == 1 ? "" : "s",
                        (long long)megabytes(config->memory_bytes + lacking + 999999));
    *out = (gbx__duckdb_share){.limit_bytes = left,
                               .threads = threads,
                               .csv_buffer_bytes = memory_csv_buffer(left, threads)};
    return GBX_OK;
}
