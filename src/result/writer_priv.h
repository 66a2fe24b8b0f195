/* The writers, one per format: what they are given, and what they must answer. */
#ifndef GBX_RESULT_WRITER_PRIV_H
#define GBX_RESULT_WRITER_PRIV_H

#include "result/column.h"
#include "result/result.h"

/* Bytes on their way to a descriptor. */
typedef struct result_sink {
    int fd;
    gbx__buf buf;
    int64_t bytes; /* written so far */
} result_sink;

void result_sink_init(result_sink *sink, int fd);
void result_sink_done(result_sink *sink);
/* Writes what is there when it is enough for one write, or all of it. NOMEM when an append failed.
 * */
gbx_status result_sink_spill(result_sink *sink, gbx_error *err);
gbx_status result_sink_flush(result_sink *sink, gbx_error *err);

typedef struct result_writer result_writer;

/* `begin` sees the schema; `batch` the first `n_rows` rows of each batch; `end` closes the text.
 * All append to the sink. `end` and nothing more is called after the last batch; `done` always,
 * also when `begin` failed. `state` lies in the arena. */
typedef struct result_format {
    gbx_status (*begin)(result_writer *writer, const struct ArrowSchema *schema, gbx_error *err);
    gbx_status (*batch)(result_writer *writer, const struct ArrowArray *batch, int64_t n_rows,
                        gbx_error *err);
    gbx_status (*end)(result_writer *writer, gbx_error *err);
    void (*done)(result_writer *writer);
} result_format;

struct result_writer {
    const gbx__write_options *options;
    const result_format *format;
    gbx__arena arena; /* lives as long as the writer */
    result_sink sink;
    int64_t rows; /* of the batches before this one */
    void *state;
};

extern const result_format result_format_csv;
extern const result_format result_format_json; /* and jsonl: it looks at the options */
extern const result_format result_format_table;
extern const result_format result_format_arrow;

/* Appends text with control characters as \x1b or \u009b; `kept` (may be "") are left alone. */
void result_escape_control(gbx__str text, const char *kept, gbx__buf *out);
/* Whether the above would change the text. */
bool result_has_control(gbx__str text, const char *kept);

#endif
