#include "arrow/ipc_check_priv.h"

#define FIELD_DEPTH_MAX 64
#define FIELDS_MAX 1000000

enum { SCHEMA_FIELDS = 1, SCHEMA_METADATA = 2 };
enum { FIELD_TYPE = 3, FIELD_DICTIONARY = 4, FIELD_CHILDREN = 5, FIELD_METADATA = 6 };
enum { METADATA_KEY = 0, METADATA_VALUE = 1 };
enum { ENCODING_INDEX_TYPE = 1 };

static bool is_metadata_sane(const flat_bytes *flat, size_t table, unsigned index)
{
    size_t vector;
    const uint64_t n = flat_tables(flat, table, index, &vector);
    if (n > flat->len / 4) return false;
    for (uint64_t i = 0; i < n; i++) {
        const size_t pair = flat_table_at(flat, vector, i);
        if (!pair || !flat_table(flat, pair, METADATA_KEY)) return false;
        if (!flat_table(flat, pair, METADATA_VALUE)) return false;
    }
    return true;
}

static bool are_fields_sane(const flat_bytes *flat, size_t table, unsigned index, int depth,
                            int *n_left);

static bool is_field_sane(const flat_bytes *flat, size_t field, int depth, int *n_left)
{
    const size_t encoding = flat_table(flat, field, FIELD_DICTIONARY);
    if (--*n_left < 0 || !flat_table(flat, field, FIELD_TYPE)) return false;
    if (encoding && !flat_table(flat, encoding, ENCODING_INDEX_TYPE)) return false;
    return is_metadata_sane(flat, field, FIELD_METADATA) &&
           are_fields_sane(flat, field, FIELD_CHILDREN, depth, n_left);
}

/* The fields of a schema, or the children of one. Two may be one table, so they are counted. */
static bool are_fields_sane(const flat_bytes *flat, size_t table, unsigned index, int depth,
                            int *n_left)
{
    size_t vector;
    const uint64_t n = flat_tables(flat, table, index, &vector);
    if (depth > FIELD_DEPTH_MAX || n > flat->len / 4) return false;
    for (uint64_t i = 0; i < n; i++) {
        const size_t field = flat_table_at(flat, vector, i);
        if (!field || !is_field_sane(flat, field, depth + 1, n_left)) return false;
    }
    return true;
}

bool gbx__ipc_check_schema(const flat_bytes *flat, size_t schema)
{
    int n_left = FIELDS_MAX;
    return is_metadata_sane(flat, schema, SCHEMA_METADATA) &&
           are_fields_sane(flat, schema, SCHEMA_FIELDS, 0, &n_left);
}

/* Buffers are aligned; a longer array than 2^31 is nobody's. */
bool gbx__ipc_check_batch(const flat_bytes *flat, size_t batch, int64_t body_len,
                          uint64_t *n_nodes, uint64_t *n_buffers)
{
    flat_pairs nodes;
    flat_pairs buffers;
    int64_t a;
    int64_t b;
    if (!flat_find_pairs(flat, batch, BATCH_NODES, &nodes)) return false;
    if (!flat_find_pairs(flat, batch, BATCH_BUFFERS, &buffers)) return false;
    for (uint64_t i = 0; i < nodes.n; i++) {
        flat_pair(flat, &nodes, i, &a, &b);
        if (a < 0 || a > INT32_MAX || b < -1 || b > a) return false;
    }
    for (uint64_t i = 0; i < buffers.n; i++) {
        flat_pair(flat, &buffers, i, &a, &b);
        if (a < 0 || b < 0 || a > body_len || b > body_len - a) return false;
        if (b > 0 && a % 8 != 0) return false;
    }
    const int64_t rows = flat_i64(flat, batch, BATCH_LENGTH);
    *n_nodes = nodes.n;
    *n_buffers = buffers.n;
    return rows >= 0 && rows <= INT32_MAX;
}
