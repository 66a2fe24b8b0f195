/*
 * What a query names in FROM, found in the parsed tree before anything is bound.
 */
#ifndef GBX_SQL_RELATIONS_PRIV_H
#define GBX_SQL_RELATIONS_PRIV_H

#include "sql/import_priv.h"

/* One thing to make known to the binder. */
typedef struct gbx__found {
    gbx__str table;    /* its name in the binder's catalog */
    size_t start, end; /* of the path or call in the user's text; 0, 0: the name stays */
    gbx__source_request source;
    const gbx__relation *relation; /* a registered one; NULL: a path or a reader's call */
} gbx__found;

typedef GBX_VEC(gbx__found) gbx__found_list;

/*
 * Walks json_serialize_sql's tree of `text` (the user's text after `edits`). Finds registered
 * relations by name, and paths and readers by where they stand, adding an edit for each of the
 * latter. All texts are copied into the arena.
 */
gbx_status gbx__relations_find(const gbx__sql_request *request, gbx__arena *arena, yyjson_val *tree,
                               gbx__str text, gbx__edits *lists, gbx__edits *edits,
                               gbx__found_list *out, gbx_error *err);

#endif
