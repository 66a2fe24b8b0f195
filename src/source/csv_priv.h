/*
 * What the files about CSV share: the user's options, read once, and what a sniff finds.
 *
 *   csv.c ─→ csv_options.c  options → csv_reader
 *         ─→ csv_sniff.c    one file → csv_sniffed (sniff_csv)
 *         ─→ csv_suspect.c  was damage taken for data?
 *         ─→ csv_files.c    the other files agree with it
 */
#ifndef GBX_SOURCE_CSV_PRIV_H
#define GBX_SOURCE_CSV_PRIV_H

#include "base/vec.h"
#include "source/source_priv.h"

typedef struct gbx__csv_reader {
    gbx__probe *probe;
    gbx__file_options files;
    gbx__csv_dialect *dialect; /* first the user's part of it, then all of it */
    bool is_fixed;             /* nothing is detected: columns are given */
    bool has_delimiter, has_quote, has_header, has_date_format, has_timestamp_format;
    gbx__buf args;             /* all of the user's options that DuckDB shall know, as SQL */
    GBX_VEC(gbx__scan_option) passed; /* those that go on unchanged */
} gbx__csv_reader;

void gbx__csv_reader_init(gbx__csv_reader *reader, gbx__probe *probe);
void gbx__csv_reader_done(gbx__csv_reader *reader);
gbx_status gbx__csv_read_options(gbx__csv_reader *reader);

typedef struct gbx__csv_sniffed {
    gbx__csv_dialect dialect;
    gbx__field *fields;
    uint32_t n_fields;
} gbx__csv_sniffed;

/* `more`: further arguments, as ", delim := ';'"; may be empty. */
gbx_status gbx__csv_sniff(gbx__csv_reader *reader, gbx__str path, gbx__str more,
                          gbx__csv_sniffed *out);

/* INVALID for a file that can be sniffed only by taking its damage for data: rows of different
 * lengths, a quote without an end (csv_suspect.c). Looks at the start of plain files. */
gbx_status gbx__csv_suspect(gbx__csv_reader *reader, gbx__str path,
                            const gbx__csv_sniffed *sniffed);

/* Every other file can be read with the first one's dialect, which grows by what only they have
 * (quotes, comments); names are the same unless matched by name, and types fit `fields`. */
gbx_status gbx__csv_check_files(gbx__csv_reader *reader, uint32_t first, gbx__csv_sniffed *sniffed,
                                const gbx__field *fields, uint32_t n_fields);

#endif
