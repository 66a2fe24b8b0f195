/*
 * Constants as engines in other processes read them: with their type, as texts where the digits
 * alone would be read as a float.
 */
#include "sql/host_priv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define DAY_LEAST INT64_C(-719162) /* 0001-01-01 */
#define DAY_MOST INT64_C(2932896)  /* 9999-12-31 */
#define DAY_US INT64_C(86400000000)

bool gbx__host_has_constant(const gbx__host_words *words, const gbx__type *type,
                            const gbx__value *value)
{
    if (value->is_null) return words->has_type(type) || type->kind == GBX_TYPE_NULL;
    switch (type->kind) {
    case GBX_TYPE_BOOL:
    case GBX_TYPE_INT8:
    case GBX_TYPE_INT16:
    case GBX_TYPE_INT32:
    case GBX_TYPE_INT64:
    case GBX_TYPE_UINT8:
    case GBX_TYPE_UINT16:
    case GBX_TYPE_UINT32:
    case GBX_TYPE_UINT64:
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64:
    case GBX_TYPE_DECIMAL:
    case GBX_TYPE_UTF8:
    case GBX_TYPE_BINARY: return words->has_type(type);
    case GBX_TYPE_INT128: return gbx__decimal_fits(value->i128, 38);
    case GBX_TYPE_DATE: return value->i64 >= DAY_LEAST && value->i64 <= DAY_MOST;
    case GBX_TYPE_TIMESTAMP:
        return type->unit == GBX_UNIT_US && !type->has_zone && value->i64 >= DAY_LEAST * DAY_US &&
               value->i64 < (DAY_MOST + 1) * DAY_US;
    default: return false;
    }
}

static void constant_as(gbx__printer *p, gbx__buf *out, const gbx__type *type, const char *text)
{
    gbx__buf_printf(out, "CAST('%s' AS ", text);
    p->dialect->type(out, type);
    gbx__buf_putc(out, ')');
}

static void constant_integer(gbx__printer *p, gbx__buf *out, const gbx__type *type, int64_t value)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%" PRId64, value);
    if (value < 0 || value > INT32_MAX) {
        constant_as(p, out, type, digits);
        return;
    }
    gbx__buf_printf(out, "CAST(%s AS ", digits);
    p->dialect->type(out, type);
    gbx__buf_putc(out, ')');
}

static void constant_wide(gbx__printer *p, gbx__buf *out, const gbx__type *type, gbx__int128 value,
                          int scale)
{
    GBX_AUTO(gbx__buf_done) gbx__buf text = {0};
    gbx__buf_init(&text, 0);
    gbx__decimal_print(&text, value, scale);
    if (text.failed)
        out->failed = true;
    else
        constant_as(p, out, type, text.data);
}

static void constant_float(gbx__printer *p, gbx__buf *out, const gbx__type *type, double value)
{
    char text[40];
    if (isnan(value))
        snprintf(text, sizeof(text), "NaN");
    else if (isinf(value))
        snprintf(text, sizeof(text), "%s", value > 0 ? "Infinity" : "-Infinity");
    else
        snprintf(text, sizeof(text), "%.*g", type->kind == GBX_TYPE_FLOAT32 ? 9 : 17, value);
    constant_as(p, out, type, text);
}

/* Days since 1970-01-01 → 2013-01-31. */
static void constant_day(char *out, size_t size, int64_t days)
{
    days += 719468;
    const int64_t era = days / 146097;
    const int64_t doe = days - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    const int64_t month = mp < 10 ? mp + 3 : mp - 9;
    snprintf(out, size, "%04" PRId64 "-%02" PRId64 "-%02" PRId64,
             yoe + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1);
}

static void constant_timestamp(gbx__printer *p, gbx__buf *out, const gbx__type *type, int64_t value)
{
    int64_t days = value / DAY_US;
    int64_t rest = value % DAY_US;
    char day[32];
    char text[80];
    if (rest < 0) {
        rest += DAY_US;
        days--;
    }
    constant_day(day, sizeof(day), days);
    snprintf(text, sizeof(text), "%s %02d:%02d:%02d.%06d", day, (int)(rest / 3600000000),
             (int)(rest / 60000000 % 60), (int)(rest / 1000000 % 60), (int)(rest % 1000000));
    p->dialect->words->timestamp(out, type, text);
}

static void constant_bytes(gbx__buf *out, gbx__str bytes)
{
    gbx__buf_puts(out, "X'");
    for (size_t i = 0; i < bytes.len; i++)
        gbx__buf_printf(out, "%02X", (unsigned)(unsigned char)bytes.ptr[i]);
    gbx__buf_putc(out, '\'');
}

bool gbx__host_constant(gbx__printer *p, gbx__buf *out, const gbx__type *type,
                        const gbx__value *value, bool may_be_bare)
{
    (void)may_be_bare;
    char day[32];
    if (value->is_null) {
        gbx__buf_puts(out, type->kind == GBX_TYPE_NULL ? "NULL" : "CAST(NULL AS ");
        if (type->kind == GBX_TYPE_NULL) return true;
        p->dialect->type(out, type);
        gbx__buf_putc(out, ')');
        return true;
    }
    switch (type->kind) {
    case GBX_TYPE_BOOL: gbx__buf_puts(out, value->boolean ? "TRUE" : "FALSE"); return true;
    case GBX_TYPE_UINT64: constant_wide(p, out, type, (gbx__int128){value->u64, 0}, 0); return true;
    case GBX_TYPE_INT128:
    case GBX_TYPE_DECIMAL:
        constant_wide(p, out, type, value->i128, type->kind == GBX_TYPE_DECIMAL ? type->scale : 0);
        return true;
    case GBX_TYPE_FLOAT32:
    case GBX_TYPE_FLOAT64: constant_float(p, out, type, value->f64); return true;
    case GBX_TYPE_UTF8: p->dialect->quote_text(out, value->text); return true;
    case GBX_TYPE_BINARY: constant_bytes(out, value->text); return true;
    case GBX_TYPE_DATE:
        constant_day(day, sizeof(day), value->i64);
        gbx__buf_printf(out, "DATE '%s'", day);
        return true;
    case GBX_TYPE_TIMESTAMP: constant_timestamp(p, out, type, value->i64); return true;
    default: constant_integer(p, out, type, value->i64); return true;
    }
}
