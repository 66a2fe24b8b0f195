/*
 * Small helpers over the Arrow C interfaces. The structs are the standard's (gearbox/arrow.h); what
 * takes more than a few lines is nanoarrow's.
 */
#ifndef GBX_ARROW_ARROW_H
#define GBX_ARROW_ARROW_H

#include "base/error.h"
#include "base/str.h"
#include "gearbox/arrow.h"

/* A deep copy, the caller's to release. */
gbx_status gbx__arrow_schema_copy(const struct ArrowSchema *schema, struct ArrowSchema *out,
                                  gbx_error *err);
/* How many values a row has at least: columns, with those of structs and lists counted through. */
int64_t gbx__arrow_schema_leaves(const struct ArrowSchema *schema);
/* The type for people: "int64", "decimal128(15, 2)", "list<item: string>". */
void gbx__arrow_schema_print(gbx__buf *out, const struct ArrowSchema *schema);

/* The extension type that the schema's metadata names, and its parameters; empty views when it is
 * a plain one. Borrowed from the schema. */
gbx__str gbx__arrow_extension(const struct ArrowSchema *schema, gbx__str *out_parameters);
/* Another label, for a schema that gbx__arrow_schema_copy or _make made. */
gbx_status gbx__arrow_schema_rename(struct ArrowSchema *schema, gbx__str name, gbx_error *err);
/* Another plain type for the same buffers, of a schema that gbx__arrow_schema_copy made. */
gbx_status gbx__arrow_schema_retype(struct ArrowSchema *schema, const char *format, gbx_error *err);

/*
 * Building a schema, parents first; on failure release what is there:
 *
 *   gbx__arrow_schema_make(&list, "+l", name, 1, err);
 *   gbx__arrow_schema_make(list.children[0], "i", GBX_STR("item"), 0, err);
 *
 * The children are empty until they are made; a schema with an empty child may only be released.
 */
gbx_status gbx__arrow_schema_make(struct ArrowSchema *out, const char *format, gbx__str name,
                                  int64_t n_children, gbx_error *err);
gbx_status gbx__arrow_schema_set_extension(struct ArrowSchema *schema, const char *name,
                                           const char *parameters, gbx_error *err);
/* Makes schema->dictionary of this format. */
gbx_status gbx__arrow_schema_set_dictionary(struct ArrowSchema *schema, const char *format,
                                            gbx_error *err);

/* Release what is there; nothing for NULL or an empty one. */
void gbx__arrow_schema_done(struct ArrowSchema *schema);
void gbx__arrow_array_done(struct ArrowArray *array);
void gbx__arrow_stream_done(struct ArrowArrayStream *stream);

/* `from` becomes empty. */
void gbx__arrow_schema_move(struct ArrowSchema *from, struct ArrowSchema *to);
void gbx__arrow_array_move(struct ArrowArray *from, struct ArrowArray *to);
void gbx__arrow_stream_move(struct ArrowArrayStream *from, struct ArrowArrayStream *to);

/* A stream that gives these batches, then ends. Takes schema and batches, also on failure. */
gbx_status gbx__arrow_stream_of(struct ArrowSchema *schema, size_t n_batches,
                                struct ArrowArray *batches, struct ArrowArrayStream *out,
                                gbx_error *err);
/* A stream without rows. Takes the schema, also on failure. */
gbx_status gbx__arrow_stream_empty(struct ArrowSchema *schema, struct ArrowArrayStream *out,
                                   gbx_error *err);

/* The next batch of any stream, its errno as a status: ENOMEM NOMEM, ECANCELED CANCELLED,
 * ETIMEDOUT TIMEOUT, EINVAL INVALID, the rest ENGINE; the message is the stream's own. At the end
 * of the stream `out` is empty. */
gbx_status gbx__arrow_stream_next(struct ArrowArrayStream *stream, struct ArrowArray *out,
                                  gbx_error *err);
gbx_status gbx__arrow_stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out,
                                    gbx_error *err);

#endif
