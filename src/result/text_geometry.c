/*
 * Geometries (geoarrow.wkb) as well-known text: POINT (1 2), POLYGON Z ((…)), MULTIPOINT EMPTY.
 *
 * WKB, ISO's or PostGIS's: a byte for the byte order, a type, then points as doubles, each list
 * with its count before it; parts of a collection are WKB again. Source: OGC 06-103r4, clause 8.
 */
#include "result/text_priv.h"

#include "base/number.h"

#include <math.h>

#define WKB_MAX_DEPTH 32
#define WKB_HAS_Z 0x80000000u /* PostGIS's way to say it; ISO adds 1000, 2000 or 3000 */
#define WKB_HAS_M 0x40000000u
#define WKB_HAS_SRID 0x20000000u

enum { WKB_POINT = 1, WKB_LINE, WKB_POLYGON, WKB_POINTS, WKB_LINES, WKB_POLYGONS, WKB_COLLECTION };

typedef struct wkb_reader {
    const char *at;
    const char *end;
    gbx__buf *out;
    bool is_swapped; /* big-endian */
    bool has_z, has_m;
} wkb_reader;

static bool wkb_u32(wkb_reader *r, uint32_t *out)
{
    if (r->end - r->at < 4) return false;
    memcpy(out, r->at, 4);
    if (r->is_swapped) *out = __builtin_bswap32(*out);
    r->at += 4;
    return true;
}

static bool wkb_f64(wkb_reader *r, double *out)
{
    uint64_t bits;
    if (r->end - r->at < 8) return false;
    memcpy(&bits, r->at, 8);
    if (r->is_swapped) bits = __builtin_bswap64(bits);
    memcpy(out, &bits, 8);
    r->at += 8;
    return true;
}

static void wkb_put_number(wkb_reader *r, double value)
{
    char text[GBX_NUMBER_FLOAT_MAX];
    const char *end = gbx__number_f64(text, value);
    size_t len = (size_t)(end - text);
    if (len > 2 && memcmp(end - 2, ".0", 2) == 0) len -= 2;
    gbx__buf_append(r->out, text, len);
}

/* A point of NaNs is an empty one. */
static bool wkb_point(wkb_reader *r, bool has_brackets)
{
    double c[4];
    const int n = 2 + r->has_z + r->has_m;
    bool is_empty = true;
    for (int i = 0; i < n; i++) {
        if (!wkb_f64(r, &c[i])) return false;
        is_empty = is_empty && isnan(c[i]);
    }
    if (is_empty) {
        gbx__buf_puts(r->out, "EMPTY");
        return true;
    }
    if (has_brackets) gbx__buf_putc(r->out, '(');
    for (int i = 0; i < n; i++) {
        if (i) gbx__buf_putc(r->out, ' ');
        wkb_put_number(r, c[i]);
    }
    if (has_brackets) gbx__buf_putc(r->out, ')');
    return true;
}

static bool wkb_geometry(wkb_reader *r, bool has_name, int depth);

/* What the items of a list are: points, rings (lists of points), or geometries. */
typedef enum wkb_item { WKB_ITEM_POINT, WKB_ITEM_RING, WKB_ITEM_PART, WKB_ITEM_NAMED } wkb_item;

static bool wkb_list(wkb_reader *r, wkb_item item, int depth)
{
    uint32_t count;
    if (!wkb_u32(r, &count)) return false;
    if (count == 0) {
        gbx__buf_puts(r->out, "EMPTY");
        return true;
    }
    gbx__buf_putc(r->out, '(');
    for (uint32_t i = 0; i < count; i++) {
        bool is_good = false;
        if (i) gbx__buf_puts(r->out, ", ");
        switch (item) {
        case WKB_ITEM_POINT: is_good = wkb_point(r, false); break;
        case WKB_ITEM_RING: is_good = wkb_list(r, WKB_ITEM_POINT, depth); break;
        case WKB_ITEM_PART:
        case WKB_ITEM_NAMED:
        default: is_good = wkb_geometry(r, item == WKB_ITEM_NAMED, depth + 1); break;
        }
        if (!is_good || r->out->failed) return false;
    }
    gbx__buf_putc(r->out, ')');
    return true;
}

static bool wkb_header(wkb_reader *r, uint32_t *type)
{
    uint32_t srid;
    if (r->at == r->end) return false;
    r->is_swapped = *r->at++ == 0;
    if (!wkb_u32(r, type)) return false;
    r->has_z = *type & WKB_HAS_Z;
    r->has_m = *type & WKB_HAS_M;
    if (*type & WKB_HAS_SRID && !wkb_u32(r, &srid)) return false;
    *type &= 0x0FFFFFFFu;
    if (*type >= 4000) return false;
    r->has_z = r->has_z || *type / 1000 % 2 == 1;
    r->has_m = r->has_m || *type / 1000 >= 2;
    *type %= 1000;
    return *type >= WKB_POINT && *type <= WKB_COLLECTION;
}

static bool wkb_geometry(wkb_reader *r, bool has_name, int depth)
{
    static const char *const names[] = {"",           "POINT",           "LINESTRING",
                                        "POLYGON",    "MULTIPOINT",      "MULTILINESTRING",
                                        "MULTIPOLYGON", "GEOMETRYCOLLECTION"};
    uint32_t type;
    if (depth > WKB_MAX_DEPTH || !wkb_header(r, &type)) return false;
    if (has_name) {
        gbx__buf_puts(r->out, names[type]);
        gbx__buf_puts(r->out, r->has_z && r->has_m ? " ZM " : r->has_z ? " Z " : " ");
        if (r->has_m && !r->has_z) gbx__buf_puts(r->out, "M ");
    }
    switch (type) {
    case WKB_POINT: return wkb_point(r, has_name);
    case WKB_LINE: return wkb_list(r, WKB_ITEM_POINT, depth);
    case WKB_POLYGON: return wkb_list(r, WKB_ITEM_RING, depth);
    case WKB_COLLECTION: return wkb_list(r, WKB_ITEM_NAMED, depth);
    default: return wkb_list(r, WKB_ITEM_PART, depth);
    }
}

void result_geometry_text(gbx__str bytes, gbx__buf *out)
{
    const size_t start = out->len;
    wkb_reader r = {.at = bytes.ptr, .end = bytes.ptr + bytes.len, .out = out};
    if ((wkb_geometry(&r, true, 0) && r.at == r.end) || out->failed) return;
    out->len = start;
    result_binary_text(bytes, out);
}
